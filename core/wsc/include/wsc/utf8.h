/* wsc/utf8.h - incremental UTF-8 validation, RFC 3629.
 *
 * Zeroed means ready.  Surrogates, overlong forms and code points above U+10FFFF are invalid;
 * noncharacters, NUL and U+FEFF are valid.
 */
#ifndef WSC_UTF8_H
#define WSC_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wsc_utf8 {
    uint8_t state; /* 0: between characters; others are private */
};

/* Returns the number of bytes that are good: len if all are; else the index of the first byte that
 * cannot follow (the state is then stuck).  An unfinished character at the end is good so far. */
size_t wsc_utf8_feed(struct wsc_utf8 *utf8, const uint8_t *data, size_t len);

/* True when the text may end here. */
static inline bool wsc_utf8_complete(const struct wsc_utf8 *utf8)
{
    return utf8->state == 0;
}

/* The whole text at once. */
bool wsc_utf8_valid(const uint8_t *data, size_t len);

#endif
