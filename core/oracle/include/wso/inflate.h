/* wsf/inflate.h - DEFLATE read in the plainest way, for the core to be compared with.
 *
 * RFC 1951, from its text alone: a whole message in memory, one bit at a time, codes looked up by
 * walking the table of their lengths.
 */
#ifndef WSF_INFLATE_H
#define WSF_INFLATE_H

#include <wsf/fuzz.h>

/* What came before.  `window` and `alone` (no context takeover) are given; the rest begins zeroed.
 */
struct wsf_inflate {
    uint32_t window;
    bool alone;
    bool lost;          /* for the owner: what follows cannot be compared any more */
    struct wsf_log out; /* of all messages */
};

struct wsf_inflated {
    bool whole; /* with its tail, the payload is a sequence of blocks that ends with the tail's */
    bool beyond_window, beyond_message; /* a distance reached farther than was agreed */
    const uint8_t *data;                /* of the message; until the next call */
    size_t len;
};

/* Stops with whole == false at more than `limit` bytes. */
struct wsf_inflated wsf_inflate_message(struct wsf_inflate *inflate, const uint8_t *payload,
                                        size_t size, size_t limit);
void wsf_inflate_drop(struct wsf_inflate *inflate);

#endif
