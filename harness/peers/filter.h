/* wsp/filter.h - a station between an endpoint and the wire that sees, and may change, both
 * streams.
 *
 * A filter knows nothing of the endpoint: it reads both streams itself (heads of HTTP until a 101
 * has passed, frames from there on), shows each head and each frame to one function, and passes on
 * what the function leaves alone, byte for byte.  So it serves a peer of ours as well as a proxy
 * before any server.
 *
 *     wsp_filter_receive(f, way, bytes, n);  wsp_filter_ended(f, way, reset);
 *     while (wsp_filter_step(f, way, now)) …move wsp_filter_output(f, way) on…
 */
#ifndef WSP_FILTER_H
#define WSP_FILTER_H

#include <wsc/check.h>
#include <wsc/deflate.h>
#include <wsc/http.h>
#include <wsp/peer.h>

#include "bytes.h"
#include "edit.h"

/* IN: from the wire to the endpoint.  OUT: from the endpoint to the wire. */
enum wsp_way { WSP_IN, WSP_OUT };

enum wsp_event_kind {
    WSP_HEAD,      /* of a request or a response: event->head, to be changed at will */
    WSP_FRAME,     /* a frame, or a piece of one: event->piece */
    WSP_CUT,       /* bytes arrived in a segment of their own: event->data, before they are read */
    WSP_ENDED,     /* the stream ended: event->reset */
    WSP_TICK,      /* filter->wake has come */
    WSP_TLS_FAILED /* the TLS handshake failed over event->data; true: goes on in clear from ->len
                    */
};

struct wsp_event {
    enum wsp_event_kind kind;
    enum wsp_way way;
    struct wsp_edit *head;
    struct wsc_piece *piece; /* unmasked; may be changed, alike in all pieces of a frame */
    const uint8_t *data;
    size_t len;
    bool reset;
};

struct wsp_filter;

/* True: the event is dealt with, and nothing of it is passed on. */
typedef bool wsp_filter_function(struct wsp_filter *filter, struct wsp_event *event);

/* Frames of at most so many bytes are shown whole in the ways that the kind of filter gathers. */
enum { WSP_GATHER_MAX = 64 << 10 };

/* Named for what is awaited. */
enum wsp_stage {
    WSP_AWAIT_HEAD,
    WSP_AWAIT_BODY,   /* content of the message whose head has passed */
    WSP_AWAIT_ANSWER, /* the request has passed: what follows it depends on the response */
    WSP_AWAIT_FRAME,
    WSP_AWAIT_NOTHING /* not to be followed any more: passed on as it is */
};

struct wsp_stream {
    enum wsp_stage stage;
    struct wsp_bytes in;       /* not yet read */
    size_t looked;             /* bytes of a head at hand that were read already, in vain */
    struct wsp_bytes out;      /* passed on */
    struct wsp_bytes later;    /* frames of our own, until the frame at hand is complete */
    struct wsp_bytes gathered; /* payload of the frame at hand, when it is shown whole */
    struct wsc_body body;
    struct wsc_scan scan;
    struct wsc_check check; /* what the sender has broken so far */
    bool gathers;           /* shows small frames whole */
    bool mid_frame;         /* a piece has passed and its frame goes on */
    uint8_t message;   /* type of the message that was open before the frame at hand, 0: none */
    bool closing;      /* a Close was seen on this way before the frame at hand */
    bool ended, reset; /* the end has come in … */
    bool end_passed;   /* … and went on */
};

struct wsp_recode;

struct wsp_filter {
    const struct wsp_filter_info *info;
    wsp_filter_function *function; /* NULL: idle */
    bool client;                   /* the part that the endpoint plays */
    size_t max_message;            /* bytes that it takes as one message */
    struct wsp_world *world;
    uint64_t now;
    struct wsp_stream ways[2];
    struct wsp_edit request; /* the last one that passed, as it came */
    bool have_request;
    bool deflate;                    /* a 101 has agreed to permessage-deflate … */
    struct wsc_deflate_terms agreed; /* … with these terms, as the endpoint wrote them */
    bool heard_out_end, told_in_end; /* the chain's own notes */
    bool stirred[2];                 /* … and what may have something to do */
    bool dead;                       /* the filter has ended the connection by itself */
    uint64_t random;

    /* At the function's disposal, zeroed at the start. */
    unsigned state;
    uint64_t count;
    struct wsp_bytes kept;
    struct wsp_recode *recode; /* of recode.h; made when needed */
    uint64_t wake;             /* UINT64_MAX: never */
    uint64_t hold_until; /* output to the wire is held back until then; UINT64_MAX: for ever */
    size_t segment;      /* bytes of a segment to the wire; 0: as they come */
    unsigned below;      /* bits of enum wsp_below */
};

/* False when memory ends. */
bool wsp_filter_open(struct wsp_filter *filter, const struct wsp_filter_info *info,
                     wsp_filter_function *function, const struct wsp_config *config, uint64_t seed);
void wsp_filter_free(struct wsp_filter *filter);

void wsp_filter_receive(struct wsp_filter *filter, enum wsp_way way, const uint8_t *data,
                        size_t len, uint64_t now);
void wsp_filter_ended(struct wsp_filter *filter, enum wsp_way way, bool reset, uint64_t now);
void wsp_filter_tick(struct wsp_filter *filter, uint64_t now);

bool wsp_filter_tls_failed(struct wsp_filter *filter, const uint8_t *data, size_t len,
                           size_t *from);

/* Deals with one head, one frame or one end; false: nothing to do. */
bool wsp_filter_step(struct wsp_filter *filter, enum wsp_way way);

/* What has passed; NULL while it is held back or there is nothing. */
struct wsp_bytes *wsp_filter_output(struct wsp_filter *filter, enum wsp_way way);

/* The end of the way has passed, and all before it was taken. */
enum wsp_end wsp_filter_end(const struct wsp_filter *filter, enum wsp_way way);
bool wsp_filter_broken(const struct wsp_filter *filter);
uint64_t wsp_filter_deadline(const struct wsp_filter *filter);

/* For the functions. */

/* The filter has done its deed. */
void wsp_fire(struct wsp_filter *filter);
/* The same for a frame that may come in pieces: at the first. */
void wsp_fire_once(struct wsp_filter *filter, const struct wsp_event *event);

/* A frame as the sender on that way would write it: FIN, masked if it is a client's. */
struct wsc_frame wsp_frame(struct wsp_filter *filter, enum wsp_way way, uint8_t opcode, size_t len);

/* Writes a whole frame between the frames that pass. */
void wsp_put(struct wsp_filter *filter, enum wsp_way way, const struct wsc_frame *frame,
             const uint8_t *payload);
void wsp_put_simple(struct wsp_filter *filter, enum wsp_way way, uint8_t opcode,
                    const uint8_t *payload, size_t len);
/* Writes bytes where the stream stands. */
void wsp_put_text(struct wsp_filter *filter, enum wsp_way way, const char *text);

/* Writes this payload in a frame like the one at hand; true. */
bool wsp_replace(struct wsp_filter *filter, const struct wsp_event *event, const void *payload,
                 size_t len);
/* Writes a Close of that code alone in place of the one at hand; true. */
bool wsp_close_with(struct wsp_filter *filter, const struct wsp_event *event, uint16_t code);

/* Passes this piece now (the function then returns true). */
void wsp_pass(struct wsp_filter *filter, enum wsp_way way, const struct wsc_piece *piece);

/* Writes the pong whose payload is in `kept`, if `state` says that one waits there. */
void wsp_let_pong_go(struct wsp_filter *filter);

/* Another status, the same fields.  True: it was such a response (`from` 0: any) on its way out. */
bool wsp_restate(struct wsp_filter *filter, struct wsp_event *event, unsigned from, const char *line);

/* Passes it into a store instead of the stream. */
void wsp_pass_into(struct wsp_bytes *store, const struct wsc_piece *piece);

/* Ends the connection on both sides once what was written has left; nothing passes any more. */
void wsp_end_connection(struct wsp_filter *filter, bool reset);

/* Answers in the endpoint's place and ends the connection; the function then returns true. */
bool wsp_answer(struct wsp_filter *filter, const char *text);

/* The same with this status and no content. */
bool wsp_decline(struct wsp_filter *filter, const char *status);

/* Writes a Close and ends the connection; true. */
bool wsp_fail(struct wsp_filter *filter, uint16_t code);

/* Has the endpoint's partner broken a rule that fails connections? */
bool wsp_provoked(const struct wsp_filter *filter);

/* Is the connection established, and has nobody begun to end it? */
bool wsp_is_open(const struct wsp_filter *filter);

/* The last request that passed, as it came; NULL: none. */
const struct wsc_head *wsp_request(const struct wsp_filter *filter);

/* Questions about events and heads. */
const struct wsc_head *wsp_request_in(const struct wsp_event *event); /* NULL: it is none */
bool wsp_has(const struct wsc_head *head, const char *name);
/* Does the request look like an opening handshake at all? */
bool wsp_means_websocket(const struct wsc_head *head);
bool wsp_is_request(const struct wsp_event *event, enum wsp_way way);
bool wsp_is_status(const struct wsp_event *event, enum wsp_way way, unsigned status); /* 0: any */
bool wsp_is_data(const struct wsp_event *event, enum wsp_way way);
bool wsp_is_opcode(const struct wsp_event *event, enum wsp_way way, uint8_t opcode);
bool wsp_is_frame(const struct wsp_event *event, enum wsp_way way);
bool wsp_is_whole(const struct wsp_event *event);

#endif
