/* wsq/text.h - text that grows, and reading UTF-8 that may not be any.
 *
 * Reports and journals are built in one of these.  A failed allocation is remembered, not reported at each
 * step: the one check is what wsq_text_take returns.
 */
#ifndef WSQ_TEXT_H
#define WSQ_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed means ready. */
struct wsq_text {
    char *p;
    size_t n, size;
    bool failed;
};
void wsq_text_add(struct wsq_text *text, const char *p, size_t n);
void wsq_text_puts(struct wsq_text *text, const char *s);
void wsq_text_printf(struct wsq_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The text, terminated, to be freed by the caller; NULL if an allocation failed.  The buffer is ready for
 * anew.  `length` may be NULL. */
char *wsq_text_take(struct wsq_text *text, size_t *length);
void wsq_text_drop(struct wsq_text *text);

/* Reads one code point at p, n > 0 bytes of which may be read; returns the bytes it took.  A byte that is no
 * part of valid UTF-8 (surrogates and overlong forms are not) reads as U+FFFD and takes 1. */
size_t wsq_utf8_next(const char *p, size_t n, uint32_t *point);

/* Is the terminated string valid UTF-8? */
bool wsq_utf8_valid(const char *s);

/* Appends s with each byte that is not valid UTF-8 as U+FFFD. */
void wsq_text_utf8(struct wsq_text *text, const char *s);

/* Is it nothing to be seen, or could it change how its line reads?  Controls, marks of direction, line
 * separators, tags and what Unicode will never assign. */
bool wsq_hidden(uint32_t point);

/* Appends s on one line for a terminal: control characters as \x1b, bad bytes as \xff, what else is hidden as
 * \u{202e}. */
void wsq_text_visible(struct wsq_text *text, const char *s, size_t n);

#endif
