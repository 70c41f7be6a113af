/* shape.h - how a struct of the model is built, so that one description writes, reads and frees it.
 *
 * A field that is added to a table of model.c is at once in the journal, in the JSON report, read
 * back, and freed.
 */
#ifndef WSQ_SHAPE_H
#define WSQ_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum wsq_kind {
    WSQ_TEXT,    /* char *, null when NULL */
    WSQ_NAME,    /* char *, must be there and not be empty */
    WSQ_FLAG,    /* bool */
    WSQ_VERDICT, /* enum wsq_verdict */
    WSQ_GRADED,  /* enum wsq_verdict: fail, warn or info */
    WSQ_UINT,    /* unsigned */
    WSQ_SIZE,    /* size_t */
    WSQ_U64,     /* uint64_t, written up to INT64_MAX */
    WSQ_SEED,    /* uint64_t, as a string: JSON's numbers are not that exact */
    WSQ_BYTES,   /* uint8_t * and size_t, as base64 */
    WSQ_TEXTS,   /* char ** and size_t */
    WSQ_LIST     /* structs and size_t */
};

struct wsq_field {
    const char *name;
    enum wsq_kind kind;
    size_t at, count_at;
    const struct wsq_shape *items; /* of WSQ_LIST */
};
struct wsq_shape {
    const struct wsq_field *fields;
    size_t count;
    size_t size; /* of the struct */
};

extern const struct wsq_shape wsq_case_shape;
extern const struct wsq_shape wsq_limit_shape;
extern const struct wsq_shape wsq_run_shape; /* what a journal's first line says of a run */
extern const struct wsq_shape wsq_end_shape; /* what its last line says */

/* A new object, or NULL when memory ends.  `into` may be an object to add to, or NULL. */
json_t *wsq_shape_write(const struct wsq_shape *shape, const void *from, json_t *into);

/* Reads into a zeroed struct.  0, or -1 with "faults[2].line: expected …, found …" in error; what
 * was read until then is still to be dropped. */
int wsq_shape_read(const struct wsq_shape *shape, json_t *from, void *into, char *error,
                   size_t size);

/* Frees what the fields own. */
void wsq_shape_drop(const struct wsq_shape *shape, void *of);

/* A JSON string of s, bytes that are not UTF-8 replaced; null for NULL. */
json_t *wsq_json_text(const char *s);

#endif
