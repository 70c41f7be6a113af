/* feed.h - give bytes to a decoder in every way that TCP may cut them.
 *
 * Each piece lies in a buffer that ends right at a PROT_NONE page, so one byte read too far ends
 * the test.
 */
#ifndef FEED_H
#define FEED_H

#include <stddef.h>
#include <stdint.h>

struct feed {
    void (*begin)(void *context);
    void (*piece)(void *context, uint8_t *bytes, size_t len); /* the bytes may be changed */
    void (*end)(void *context, const char *how);              /* how they were cut, for messages */
    void *context;
};

/* Runs the whole again and again: whole, byte by byte, cut once at (at most 64) places, and in
 * pieces of 2, 3, 7 and 126 bytes. */
void feed(const struct feed *f, const uint8_t *bytes, size_t len);

/* A copy of the bytes whose end is the guard page; valid until the next call. */
uint8_t *guarded(const uint8_t *bytes, size_t len);

#endif
