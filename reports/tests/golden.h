/* golden.h - compare with what was written before.
 *
 * A test program that is called with --bless writes its goldens anew instead.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

extern bool golden_bless;

/* Fails the Check test at hand, saying at which line the texts part. */
void golden_check(const char *name, const char *text, size_t length);

/* The whole file, terminated; NULL if it cannot be read. */
char *golden_read(const char *path, size_t *length);

#endif
