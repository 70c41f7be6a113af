/* wso/inflate.h - a second opinion on compressed messages: RFC 1951; RFC 7692, section 7.2.
 *
 * DEFLATE read in the plainest way, from its text alone: a message lies in memory from its
 * beginning, and is read one bit at a time along trees of codes.  Where the text leaves open when
 * data are invalid it follows zlib, with which all endpoints read.
 */
#ifndef WSO_INFLATE_H
#define WSO_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WSO_WINDOW_MAX = 32768 };

/* What can be wrong with a message. */
enum wso_fault {
    WSO_FAULT_DATA,     /* it is not valid DEFLATE: nothing more comes out of it */
    WSO_FAULT_LARGE,    /* it has more bytes than the limit: nothing more comes out of it */
    WSO_FAULT_WINDOW,   /* the first reference farther back than the window agreed to */
    WSO_FAULT_TAKEOVER, /* the first one into an earlier message, without context takeover */
    WSO_FAULT_UTF8,     /* a text: the first byte that makes it bad */
    WSO_FAULT_PADDING,  /* each block with BFINAL: bits behind it are not zero */
    /* Of its end: */
    WSO_FAULT_EMPTY,   /* no byte of payload at all */
    WSO_FAULT_END,     /* a block with BFINAL is the last one */
    WSO_FAULT_TAIL,    /* 00 00 ff ff stands behind the last block */
    WSO_FAULT_CUT,     /* with its tail it does not end with a block */
    WSO_FAULT_TEXT_CUT /* a text ends inside a character */
};

/* The sender's side of the extension.  `window` in bytes, `alone` (no context takeover) and `room`,
 * for WSO_WINDOW_MAX bytes and the longest message, are given; the rest begins zeroed. */
struct wso_inflate {
    uint32_t window;
    bool alone;
    uint8_t *room;
    size_t history; /* how much of the room messages before this one left */
    bool earlier;   /* a message came before that was not empty */
    bool lost;      /* the window is: nothing can be read any more */
};

/* A compressed message, or the beginning of one. */
struct wso_packed {
    const uint8_t *payload;
    size_t size;
    bool text, whole;
    size_t limit; /* bytes that may come out */
};

struct wso_inflated {
    const uint8_t *data; /* in the room; until the next call */
    size_t len;
    bool good;       /* all of the payload could be followed; a whole one: to its end */
    unsigned faults; /* bits 1 << enum wso_fault */
};

/* Reads it.  Each fault is noted with the byte of the payload that shows it, faults of the end with
 * the payload's size; `note` may be NULL. */
struct wso_inflated wso_inflate(const struct wso_inflate *inflate, const struct wso_packed *packed,
                                void (*note)(void *context, enum wso_fault fault, size_t at),
                                void *context);

/* The message was the last that wso_inflate read, and nothing more comes of it: the next one
 * begins. */
void wso_inflate_next(struct wso_inflate *inflate, const struct wso_packed *packed,
                      const struct wso_inflated *seen);

#endif
