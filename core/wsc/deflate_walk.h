/* deflate_walk.h - follow the symbols of a DEFLATE stream for how far back they reach; private to
 * the core.
 *
 * RFC 1951.  zlib inflates, but it keeps no window smaller than its own buffers, so what a sender
 * was allowed to refer to is checked here.  Nothing is decompressed: only lengths are counted.
 * Plain and resumable at any byte; data that zlib calls invalid end the walk without a word.
 */
#ifndef WSC_DEFLATE_WALK_H
#define WSC_DEFLATE_WALK_H

#include <stdbool.h>
#include <stdint.h>

enum { WSC_REACH_WINDOW = 1, WSC_REACH_MESSAGE = 2 };

struct wsc_huffman {
    uint16_t count[16];   /* codes of each length */
    uint16_t symbol[288]; /* in the order of their codes */
};

struct wsc_walk {
    uint32_t window;  /* the largest distance allowed */
    uint64_t message; /* bytes that the message has so far */
    uint8_t state;    /* the rest is private */
    bool last;        /* the block at hand has BFINAL */
    uint8_t bits;     /* in hold, the next one lowest */
    uint64_t hold;
    uint16_t stored; /* bytes of a stored block still to come */
    uint16_t symbol; /* a length, a distance or a repeat, its extra bits missing */
    uint16_t literals, distances, codes; /* lengths in the header of a dynamic block */
    uint16_t at;                         /* how many of them are known */
    uint8_t lengths[320];
    struct wsc_huffman literal, distance;
};

/* An empty window, between two blocks. */
void wsc_walk_reset(struct wsc_walk *walk);

/* Follows one byte.  Which limits a distance exceeds that ends in it: more than the window, more
 * than the message has. */
unsigned wsc_walk_byte(struct wsc_walk *walk, uint8_t byte);

#endif
