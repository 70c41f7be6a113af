/* wsc/conn.h - the strict endpoint of an established connection.
 *
 * RFC 6455, sections 5 to 8: answers pings, follows messages, runs both sides of the closing handshake
 * and fails the connection on the first violation.  With permessage-deflate (RFC 7692) every message is
 * sent compressed.  No I/O, no clock, no randomness: the caller lends input, an output buffer, masking keys
 * and the two halves of the extension.
 *
 *     wsc_conn_feed(&c, bytes, n);
 *     while (wsc_conn_next(&c, &event)) { … }       // may stop early when the output buffer is full
 *     n = wsc_conn_output(&c, &p);  …write…;  wsc_conn_written(&c, n);
 *     if (wsc_conn_finished(&c)) …close TCP…
 */
#ifndef WSC_CONN_H
#define WSC_CONN_H

#include <wsc/deflate.h>

enum wsc_event_kind {
    WSC_EVENT_DATA,  /* a piece of a message */
    WSC_EVENT_PING,  /* already answered */
    WSC_EVENT_PONG,
    WSC_EVENT_CLOSE, /* the peer's Close; already answered if we had not sent ours */
    WSC_EVENT_FAIL   /* the connection was failed: the Close is in the output */
};

struct wsc_event {
    enum wsc_event_kind kind;
    uint8_t opcode;      /* DATA: WSC_TEXT or WSC_BINARY, the message's type */
    bool first, last;    /* DATA: of the message */
    const uint8_t *data; /* DATA: the bytes; PING, PONG: the payload; CLOSE: the reason */
    size_t len;          /* valid until the next call on this connection */
    uint16_t code;       /* CLOSE: the peer's code, 0 if none; FAIL: ours */
    struct wsc_violation violation; /* FAIL: why; rule NONE: message larger than the limit (1009),
                                     * or no memory to decompress it (1011) */
};

struct wsc_conn_config {
    enum wsc_role role;     /* the part that this endpoint plays */
    uint64_t max_message;   /* bytes, decompressed; a larger message is failed with 1009.  0: no limit */
    void (*key)(void *context, uint8_t key[4]); /* masking keys; required for a client */
    void *context;
    /* permessage-deflate, both or none; lent.  A strict inflater of the peer's messages, a compressor of ours. */
    struct wsc_inflate *inflate;
    struct wsc_deflate *deflate;
};

struct wsc_conn {
    struct wsc_conn_config config;
    struct wsc_scan scan;
    struct wsc_check check;
    uint8_t *in; /* lent input not yet taken */
    size_t in_len;
    uint8_t *out; /* lent output buffer */
    size_t out_size, out_at, out_len;
    uint64_t message_len; /* of the message being received */
    /* The compressed message being received: */
    bool inflating;      /* the inflater has more to say */
    bool begun;          /* it has made an event */
    uint8_t opcode;      /* its type */
    uint64_t message_at; /* where it began */
    bool sent_close, got_close, failed;
    uint8_t sending; /* opcode of our own open fragmented message, 0 if none */
};

/* The output buffer must hold at least 256 bytes; it is lent until the connection is dropped. */
void wsc_conn_init(struct wsc_conn *conn, const struct wsc_conn_config *config, uint8_t *out,
                   size_t out_size);

/* Lends input, which must stay until wsc_conn_next has returned false with wsc_conn_hungry true.
 * Only when hungry.  The bytes are changed (unmasked in place). */
void wsc_conn_feed(struct wsc_conn *conn, uint8_t *in, size_t len);
bool wsc_conn_hungry(const struct wsc_conn *conn);

/* The next event.  False: input is used up, or the output buffer lacks the room for an answer (write out
 * and call again), or the connection failed or closed: what comes then is discarded (section 7.1.7). */
bool wsc_conn_next(struct wsc_conn *conn, struct wsc_event *event);

/* Queues one frame of a message (opcode WSC_TEXT or WSC_BINARY; fragments go on with the same opcode and
 * are written as continuations), a ping or a pong.  0, or -1 when the buffer lacks the room (nothing is
 * written; under permessage-deflate that is the bound of wsc_deflate_bound and 14 bytes more) or no data may be sent any more (after our Close, or failed).  UTF-8 is the caller's duty. */
int wsc_conn_send(struct wsc_conn *conn, uint8_t opcode, bool fin, const uint8_t *data, size_t len);

/* Queues our Close (once; later calls do nothing).  code 0: empty.  Asserts that the code may be sent and
 * that the reason is at most 123 bytes.  0, or -1 when the buffer lacks the room. */
int wsc_conn_close(struct wsc_conn *conn, uint16_t code, const char *reason, size_t len);

/* What to write next: its size, 0 if nothing. */
size_t wsc_conn_output(const struct wsc_conn *conn, const uint8_t **bytes);
void wsc_conn_written(struct wsc_conn *conn, size_t len);

/* Nothing more will be sent or read.  A server closes TCP now; a client waits for the server's end
 * (section 7.1.1).  True only when the output has been written. */
bool wsc_conn_finished(const struct wsc_conn *conn);

#endif
