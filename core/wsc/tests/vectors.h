/* vectors.h - the vectors of corpus/vectors, read into memory; the format is described there. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wsc/check.h>

enum vector_kind { VECTOR_FRAMES, VECTOR_REQUEST, VECTOR_RESPONSE };

struct vector {
    enum vector_kind kind;
    char name[80];
    enum wsc_role from; /* frames */
    uint8_t *bytes;     /* frames, or the head under test */
    size_t len;
    uint8_t *request; /* response: the head that it answers */
    size_t request_len;
    char agreed[160];    /* frames: "permessage-deflate; …", or nothing */
    uint64_t limit;      /* frames: of a message; 0: none */
    bool has_breaks;
    char breaks[256]; /* "frame.rsv@0 text.utf8@5" */
    char events[320]; /* one line an event */
    bool has_events;
    char output[64]; /* hex, no blanks */
    bool has_output;
    int verdict; /* request: the answer's status; response: 1 when it establishes; -1: not said */
};

/* All vectors of all files, in order; the count in *count.  Errors end the program with a message.
 */
const struct vector *vectors_load(size_t *count);

#endif
