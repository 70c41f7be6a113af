/* wsp/bytes.h - a queue of bytes that grows up to a ceiling.
 *
 * A zeroed queue with its ceiling set is ready.  What passes the ceiling, or finds no memory,
 * breaks the queue for good: it takes nothing more, and the owner ends the connection.
 */
#ifndef WSP_BYTES_H
#define WSP_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wsc/deflate.h>

extern const struct wsc_memory wsp_heap; /* malloc and free */

struct wsp_bytes {
    uint8_t *memory;
    size_t at, end, room; /* the bytes are memory[at..end) */
    size_t ceiling;
    bool broken;
};

static inline uint8_t *wsp_bytes_data(const struct wsp_bytes *bytes)
{
    return bytes->memory ? bytes->memory + bytes->at : NULL;
}

static inline size_t wsp_bytes_len(const struct wsp_bytes *bytes)
{
    return bytes->end - bytes->at;
}

/* False when it is, or becomes, broken. */
bool wsp_bytes_add(struct wsp_bytes *bytes, const void *data, size_t len);
bool wsp_bytes_add_text(struct wsp_bytes *bytes, const char *text);

/* Does a line end behind the first *looked bytes?  Sets it to all that is there: what comes byte by
 * byte need not be read anew with each. */
bool wsp_bytes_line_ends(const struct wsp_bytes *bytes, size_t *looked);

/* Forgets the first len bytes. */
void wsp_bytes_take(struct wsp_bytes *bytes, size_t len);
void wsp_bytes_clear(struct wsp_bytes *bytes);

/* Moves all of `from` behind what `to` holds. */
void wsp_bytes_move(struct wsp_bytes *to, struct wsp_bytes *from);

void wsp_bytes_free(struct wsp_bytes *bytes);

#endif
