/* lane.h - one connection of a running case: what was sent on it, and the log of events that the
 * peer caused.
 *
 * Both logs tell of bytes that are kept once: an entry is a user of the slab that has them.  They
 * forget what no thread can look at any more, so an index counts from the beginning of the
 * connection and is looked up with wss_event_at and wss_sent_at.
 */
#ifndef WSS_LANE_H
#define WSS_LANE_H

#include "program.h"

#include <wsc/check.h>
#include <wsc/deflate.h>
#include <wsc/http.h>
#include <wss/stepper.h>

struct again;
struct thread;

enum event_kind {
    EVENT_STATUS,  /* a response head */
    EVENT_REQUEST, /* a request head, when we play the server */
    EVENT_BODY,    /* the body of a response came to its end */
    EVENT_CONTENT, /* content behind an answer that has none, to HEAD */
    EVENT_FRAME,   /* one frame */
    EVENT_MESSAGE,
    EVENT_PING,
    EVENT_PONG,
    EVENT_CLOSE,
    EVENT_EOF,
    EVENT_EARLY,    /* a client's bytes behind its request, before our answer */
    EVENT_REFUSED,  /* TCP was refused, or TLS */
    EVENT_RENEWED,  /* a new TLS handshake has begun that we had asked for */
    EVENT_DECLINED, /* … is refused */
    EVENT_GARBLED,  /* the bytes are no TLS any more */
    EVENT_BLOCKED   /* the bytes cannot be followed any more */
};

/* Memory that the entries of the logs share: it goes with the last that has bytes in it. */
struct slab {
    size_t users, used, room;
    uint8_t bytes[];
};

/* Bytes of a slab, a user of it; without one, of somebody who outlives the logs. */
struct kept {
    struct slab *slab;
    const uint8_t *p;
    size_t n;
};

/* Where bytes are added until they are an entry: the slab's last, from `from` on. */
struct store {
    struct slab *slab;
    size_t from;
};

struct event {
    enum event_kind kind;
    const uint8_t *data; /* payload, head or body; of the slab */
    size_t len;
    struct slab *slab;
    uint64_t whole;                 /* BODY: its full length */
    uint8_t opcode;                 /* MESSAGE, FRAME */
    struct wsc_frame frame;         /* FRAME, and of control frames */
    struct wsc_head *head;          /* STATUS, REQUEST: over data; owned */
    bool valid;                     /* STATUS: a 101 that establishes the connection */
    uint64_t broke[WSC_RULE_WORDS]; /* the rules that its bytes break */
    uint16_t code;                  /* CLOSE */
    bool bad;                       /* CLOSE: no legal body */
    enum wss_ending ending;         /* EOF */
    bool denied;                    /* REFUSED: TLS, as `connect tls` had asked for it */
    size_t first_frame;             /* MESSAGE, control: index of its first FRAME event */
    size_t sent;                    /* entries of the lane's sent log at that time */
    uint64_t at;                    /* milliseconds since the case began */
    size_t index;                   /* in the lane's log */
    size_t nth;                     /* MESSAGE: how many came before it on this connection */
    bool noted;                     /* it stands in the transcript; a message also by its frame */
};

/* One thing that we sent: a frame's payload or a message's, and whether it broke a rule. */
struct sent {
    uint8_t opcode;
    bool message;        /* complete, from all of its fragments; else one frame */
    bool offence;        /* our own checker calls it a violation */
    bool bad_text;       /* … of UTF-8 */
    bool unasked;        /* no step asked for it: a pong, the answer to a Close */
    bool cut;            /* it left in several writes: the peer may have ended before the last */
    uint64_t step;       /* serial of the send step */
    const uint8_t *data; /* of the slab */
    size_t len;
    struct slab *slab;
    uint16_t code;       /* of a Close */
    size_t asked_before; /* the entries up to the last one before that a step asked for */
};

struct segment {
    uint8_t *bytes; /* owned */
    size_t len, room, written;
    uint64_t pause_ms; /* before it */
    bool sealed;       /* nothing may be joined to it */
    bool offered;      /* its WRITE action is out */
    bool unasked;      /* no step's: nothing but pongs, or the answer to a Close */
};

enum lane_state { LANE_NEW, LANE_CONNECTING, LANE_UP, LANE_GONE };

struct grow { /* growing bytes */
    uint8_t *p;
    size_t n, room;
};

struct lane {
    const char *name;
    struct wss_how how;
    enum lane_state state;
    bool want_open, want_shut, shut, want_reset, want_deaf, deaf, want_renewal;
    bool write_dead; /* writing failed, or the peer has ended */
    bool ended;      /* the peer's FIN or RST has come */
    bool websocket;  /* frames now, both ways */
    bool silent;     /* an offence was made: nothing unasked but one Close */
    bool sent_close, got_close;
    bool echoed_close; /* the peer's Close answered ours, as far as can be told: it has its code */
    bool clean_end;    /* nothing that the peer had not read could turn its FIN into an RST */
    uint16_t close_code; /* ours */
    uint64_t draw;       /* random stream: masks, keys */
    /* out */
    struct segment *segments;
    size_t segment_count, segment_room, segment_at;
    struct grow spare;          /* the memory of one that is through, for the next */
    uint64_t queued;            /* bytes not yet written */
    uint64_t written_at;        /* when the last segment was done */
    uint64_t shut_at;           /* when we ended our side */
    uint64_t wire_out, wire_in; /* bytes so far */
    struct wsc_scan own_scan;
    struct wsc_check own_check;
    struct store own_bytes;  /* what was sent; the frame that is being read along */
    struct kept own_whole;   /* the message that is being sent: one piece of what is kept … */
    struct grow own_message; /* … unless its fragments do not lie in a row */
    struct sent *sent;       /* read through wss_sent_at; those before sent_base are forgotten */
    size_t sent_count, sent_room, sent_base, sent_bytes;
    size_t sent_asked;    /* the same for the whole log */
    struct kept said;     /* the last message, which an `echo` is of … */
    uint8_t said_opcode;  /* … text or binary; 0: none yet */
    uint64_t step_serial; /* of the last send step */
    bool unasked;         /* what is being sent now is no step's */
    bool cutting;         /* … leaves in several writes */
    /* our last head */
    struct grow request;
    struct wsc_head request_head;
    bool request_read;     /* request_head is good */
    bool request_upgrades; /* it asks for websocket */
    char key[32];          /* $key */
    char accept[32];       /* $accept */
    /* in */
    struct grow head;
    size_t head_blank; /* the empty lines before it */
    struct grow early; /* a client's bytes behind its request: frames once we have said 101 */
    bool asked;        /* the client's request is in */
    struct wsc_body body;
    bool in_body;
    bool bodiless; /* the last answer was to HEAD: what comes now is content that may not be */
    struct grow body_kept;
    size_t buffered; /* the most that frame, message and inflated held at once */
    uint64_t body_len;
    struct wsc_scan scan;
    struct wsc_check check;
    struct wsc_findings findings;
    struct store bytes;             /* what was seen; the frame that comes */
    struct grow message;            /* of several frames */
    size_t messages;                /* that came to their end */
    uint64_t broke[WSC_RULE_WORDS]; /* rules, by the frame or head at hand */
    uint64_t message_broke[WSC_RULE_WORDS];
    size_t message_first; /* index of the FRAME event that began the message */
    /* permessage-deflate; NULL: not agreed to */
    struct wsc_deflate_terms terms;
    bool agreed_twice; /* what the terms are, and how often they count, cannot be told */
    struct wsc_inflate *inflate, *own_inflate;
    struct grow inflated, own_inflated; /* what came out of the message at hand */
    struct wsc_deflate *deflate;        /* of `deflated` steps, made when needed */
    int deflate_level;
    unsigned deflate_bits;
    const struct wss_step
        *deflated;            /* the last messages that were compressed are all this step's … */
    uint64_t deflated_len;    /* … and were so long before compression */
    bool deflating, repacked; /* its message leaves now; with the bytes that it had before */
    bool blocked;
    const struct wsc_head *last_head; /* of the last response (or request, as server) */
    struct event *events; /* read through wss_event_at; those before event_base are forgotten */
    size_t event_count, event_room, event_base, event_bytes;
    struct event spoken; /* forgotten, but for last_head */
    uint64_t asked_at;   /* when our last bytes were written, for the round trip; 0: none */
};

/* lane.c */
void wss_lane_open(struct wss_run *run, struct lane *lane);
void wss_lane_received(struct wss_run *run, struct lane *lane, uint8_t *data, size_t len);
/* Reads the client's early bytes, if we have answered meanwhile. */
void wss_lane_early(struct wss_run *run, struct lane *lane);
void wss_lane_ended(struct wss_run *run, struct lane *lane, enum wss_ending ending);
struct event *wss_lane_event(struct wss_run *run, struct lane *lane, enum event_kind kind,
                             const uint8_t *data, size_t len);
/* The sightings of rules: violations leave the findings, occasions stay. */
void wss_take_violations(struct wss_run *run, struct lane *lane, struct wsc_findings *findings);
/* So many bytes more are held for what the peer sent, or for what we owe it: too many end the run.
 */
void wss_hold(struct wss_run *run, size_t len);
void wss_let_go(struct wss_run *run, size_t len);
void wss_lane_free(struct lane *lane);

/* lane_head.c: how many of the bytes belonged to the head (or to what precedes it), to the body */
size_t wss_lane_head(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len);
size_t wss_lane_body(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len);
void wss_lane_body_done(struct wss_run *run, struct lane *lane);

/* store.c.  Nothing that it gives is there when memory has ended. */
struct kept wss_share(const struct kept *kept);         /* one user more … */
void wss_leave(struct slab *slab);                      /* … and one less; may be NULL */
size_t wss_store_open(const struct store *store);       /* bytes that no entry has yet … */
const uint8_t *wss_store_at(const struct store *store); /* … and where they are */
void wss_store_undo(struct store *store);               /* forgets them */
/* So many bytes more, to be written by the caller at once. */
uint8_t *wss_store_more(struct wss_run *run, struct store *store, size_t len);
bool wss_store_add(struct wss_run *run, struct store *store, const uint8_t *data, size_t len);
struct kept wss_store_close(struct wss_run *run, struct store *store);
/* An entry of just these bytes. */
struct kept wss_store_put(struct wss_run *run, struct store *store, const uint8_t *data,
                          size_t len);
struct kept wss_kept_copy(struct wss_run *run, const uint8_t *data, size_t len);
void wss_store_drop(struct store *store);

/* log.c */
void wss_event_free(struct event *event);
static inline struct event *wss_event_at(const struct lane *lane, size_t index)
{
    return &lane->events[index - lane->event_base];
}

static inline struct sent *wss_sent_at(const struct lane *lane, size_t index)
{
    return &lane->sent[index - lane->sent_base];
}

/* Long logs lose what no thread can look at any more, so that a case may go on for as long as it
 * likes.  Only while no event is being read. */
void wss_logs_forget(struct wss_run *run);
/* Is all still there that the thread may look at?  A branch that died long ago is not waited for.
 */
bool wss_reads_on(const struct thread *thread);

/* sent.c: reads our own bytes as the peer will; what it may take offence at goes to the log. */
void wss_read_along(struct wss_run *run, struct lane *lane, const uint8_t *bytes, size_t len);
/* The same of a whole frame, the payload not masked yet. */
void wss_read_frame(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                    uint8_t *bytes, size_t head, const struct kept *payload);

/* queue.c: what waits to be written */
/* Nothing that is sent from now on leaves. */
bool wss_is_over(const struct lane *lane);
/* Room for so many bytes at the end of the batch, to be written there and then added; NULL when
 * memory ends. */
uint8_t *wss_batch_room(struct wss_run *run, struct lane *lane, size_t len);
void wss_batch_add(struct lane *lane, size_t len);
void wss_lane_queue(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len,
                    const struct wss_modifiers *modifiers);
/* The first segment is written: the next one is at hand. */
void wss_segment_done(struct lane *lane);
/* What is queued leaves in a write of its own: the batch ends. */
void wss_lanes_seal(struct wss_run *run);

/* deflate.c */
/* Has this answer to that request agreed to permessage-deflate?  Then both directions are inflated
 * from here on. */
void wss_deflate_agree(struct wss_run *run, struct lane *lane, const struct wsc_head *request,
                       const struct wsc_head *response);
/* A piece of a compressed message of the peer; its content goes to lane->inflated. */
enum wsc_inflated wss_deflate_came(struct wss_run *run, struct lane *lane,
                                   const struct wsc_piece *piece, uint64_t limit);
/* The same of ours; false when a strict peer takes offence. */
bool wss_deflate_own(struct wss_run *run, struct lane *lane, const struct wsc_piece *piece);
/* The payload of a `deflated` step, compressed as it says; memory comes from run->scratch, NULL
 * without. */
const uint8_t *wss_deflate_part(struct wss_run *run, struct lane *lane, const struct wss_step *step,
                                struct again *again, const uint8_t *data, size_t len, size_t *out);
void wss_deflate_free(struct lane *lane);
/* request.c */
void wss_new_key(struct lane *lane);
void wss_remember_request(struct wss_run *run, struct lane *lane, const uint8_t *bytes, size_t len);
void wss_send_head(struct wss_run *run, const struct wss_step *step, const struct wsn_step *bound);

#endif
