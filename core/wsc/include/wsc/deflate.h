/* wsc/deflate.h - permessage-deflate: its terms, and messages compressed and decompressed by zlib.
 *
 * RFC 7692, sections 5 to 7.  It stands between scan and check above and the application below: the
 * checker, told that the extension is agreed to (check->deflate), says which messages are compressed;
 * their payload goes through an inflater, which judges what only the compressed bytes show.
 * Memory: a compressor, an inflater and zlib's own state come from the caller's allocator; nothing else
 * is allocated.
 */
#ifndef WSC_DEFLATE_H
#define WSC_DEFLATE_H

#include <wsc/check.h>
#include <wsc/http.h>

/* The terms. */

enum { WSC_BITS_ASKED = 1 }; /* client_max_window_bits without a value, which only an offer may have */

/* What an element "permessage-deflate; …" says: one offer, or the agreement that answers it. */
struct wsc_deflate_terms {
    bool server_no_context_takeover, client_no_context_takeover;
    uint8_t server_max_window_bits; /* 8..15, 0: not there */
    uint8_t client_max_window_bits; /* 8..15, 0: not there; WSC_BITS_ASKED */
};

/* Reads one element of Sec-WebSocket-Extensions.  True: it is permessage-deflate and all its parameters are
 * as section 7.1 has them, so an offer need not be declined for its form.  Otherwise *terms has what could
 * be read; what is wrong is what wsc_request_check and wsc_response_check name. */
bool wsc_deflate_read(struct wsc_text element, bool answer, struct wsc_deflate_terms *terms);

/* Writes "permessage-deflate; …", terminated.  Its length, or 0 when out is too small. */
enum { WSC_DEFLATE_TEXT = 160 }; /* is enough */
size_t wsc_deflate_write(const struct wsc_deflate_terms *terms, char *out, size_t size);

/* A server chooses: the first offer of the request that it may accept.  `wish` are limits that it sets on
 * its own: takeover of either side, its own largest window, and the client's, which is limited only where
 * the offer allows it.  False: no offer can be accepted, so the extension is declined. */
bool wsc_deflate_choose(const struct wsc_head *request, const struct wsc_deflate_terms *wish,
                        struct wsc_deflate_terms *agreed);

/* What a 101 agrees to: the terms of its first element permessage-deflate, as far as they can be read.
 * False: there is none. */
bool wsc_deflate_agreed(const struct wsc_head *response, struct wsc_deflate_terms *agreed);

/* Memory. */

/* `allocate` returns memory for any type, or NULL; `release` is never given NULL. */
struct wsc_memory {
    void *(*allocate)(void *context, size_t size);
    void (*release)(void *context, void *memory);
    void *context;
};

/* Decompression of what one side sends. */

struct wsc_inflate;

enum wsc_inflate_use {
    WSC_INFLATE_STRICT, /* an endpoint: stops at the first violation */
    WSC_INFLATE_OBSERVE /* goes on as far as the bytes can be followed: with a window of 32768 bytes that is
                         * kept between messages, whatever was agreed */
};

/* About 60 KiB: zlib's window and tables, and a buffer.  NULL when there is no memory. */
struct wsc_inflate *wsc_inflate_new(const struct wsc_memory *memory, enum wsc_role sender,
                                    const struct wsc_deflate_terms *agreed, enum wsc_inflate_use use);
void wsc_inflate_free(struct wsc_inflate *inflate); /* NULL: does nothing */

/* Begins a compressed message, the first frame of which is at that offset of the stream.  The message may
 * have `limit` bytes (0: no limit).  What the one before left unread is dropped. */
void wsc_inflate_begin(struct wsc_inflate *inflate, uint8_t opcode, uint64_t at, uint64_t limit);

/* Lends a piece of its payload, which must stay until wsc_inflate_next has said HUNGRY. */
void wsc_inflate_feed(struct wsc_inflate *inflate, const struct wsc_piece *piece);

enum wsc_inflated {
    WSC_INFLATED,        /* *data has *len bytes of the message, more than none; valid until the next call */
    WSC_INFLATE_HUNGRY,  /* feed the next piece */
    WSC_INFLATE_END,     /* the message is complete */
    WSC_INFLATE_LIMIT,   /* it is larger than the limit; exactly the limit came out before */
    WSC_INFLATE_BROKEN,  /* it cannot be followed any more: the reason is noted */
    WSC_INFLATE_NO_MEMORY
};

/* What comes out next.  The last three are said again and again until the next message begins, and then
 * too if the window is lost that it may need.  Text goes out up to its first bad byte, as it came; an observer
 * hears of it and gets the rest too.  `findings` may be NULL. */
enum wsc_inflated wsc_inflate_next(struct wsc_inflate *inflate, const uint8_t **data, size_t *len,
                                   struct wsc_findings *findings);

/* The first violation with a close code; sticky. */
const struct wsc_violation *wsc_inflate_broken(const struct wsc_inflate *inflate);

/* Compression of what we send. */

struct wsc_deflate;

/* Terms as agreed.  `level` is zlib's, 0 to 9.  A window of 256 bytes, which zlib does not have, is kept to
 * by matching runs of one byte only.  About 268 KiB with the largest window.  NULL when there is no memory. */
struct wsc_deflate *wsc_deflate_new(const struct wsc_memory *memory, enum wsc_role sender,
                                    const struct wsc_deflate_terms *agreed, int level);
void wsc_deflate_free(struct wsc_deflate *deflate);

/* The most that wsc_deflate_part makes of so many bytes. */
size_t wsc_deflate_bound(struct wsc_deflate *deflate, size_t len);

/* Compresses the next part of a message, each the payload of a frame of its own; the tail is removed from
 * the last one.  `out` has room for wsc_deflate_bound bytes, less than 4 GiB; returns how many it took. */
size_t wsc_deflate_part(struct wsc_deflate *deflate, const uint8_t *data, size_t len, bool last,
                        uint8_t *out, size_t size);

#endif
