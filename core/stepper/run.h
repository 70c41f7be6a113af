/* run.h - the running state of a case.
 *
 * A lane is one connection: what was sent on it, and the log of events that the peer caused.  A
 * thread is one reading of the script against those logs: the case itself, or a branch of an
 * `either`.  Lanes never know threads; threads only read lanes, and send through them.
 */
#ifndef WSS_RUN_H
#define WSS_RUN_H

#include "lane.h"

enum {
    HEAD_LIMIT = 256 << 10, /* bytes of a response head */
    BODY_KEPT = 64 << 10,   /* bytes of a body that `body ~/…/` sees */
    QUEUE_LIMIT = 1 << 20,  /* a repeat of sends waits while more is queued */
    TRANSCRIPT_LIMIT = 64 << 10,
    WIRE_KEPT = 1 << 10,   /* bytes of one chunk */
    WIRE_LIMIT = 64 << 10, /* of all chunks of a case */
    STEPS_FIRST = 50,      /* transcript lines kept at either end */
    FAULTS_KEPT = 100,     /* of a thread */
    AGAINS = 32,
    REASON_SIZE = 300,
    SCRATCH_KEPT = 1 << 20, /* of a step's or a group's memory, for the next one */
    ACCEPT_MS = 30000,      /* how long a client may take to come */
    DEPTH_MAX = 40
};

/* A send step of a repeat whose bytes are the same in every round. */
struct again {
    const struct wss_step *step; /* NULL: not in use */
    uint8_t *payload;            /* owned; NULL: too long to be kept */
    size_t len;
    uint8_t *packed; /* the payload compressed, NULL: not yet, or not for ever; owned */
    size_t packed_len;
    struct wsn_buffer line; /* of the transcript */
};

/* The line of the last message in the transcript: the next one is often the same. */
struct told {
    const struct lane *lane;
    const struct wss_step *met;
    uint8_t opcode;
    struct kept content;
    struct wsn_buffer line; /* empty: none yet */
};

enum step_state { STEP_OPEN, STEP_MET, STEP_UNMET };

/* A step of the group at hand. */
struct open_step {
    const struct wss_step *step;
    enum step_state state;
    unsigned phase; /* FAIL: 0 for a Close, 1 for the end, 2 after our FIN; STATUS with body: 1 */
    uint64_t deadline_from;   /* FAIL behind phase 0: when the phase began */
    uint64_t over_at;         /* when it was met, or given up */
    struct wsn_payload bound; /* the expected payload, its variables replaced */
    const uint8_t *payload;   /* its bytes, NULL for a pattern or any */
    size_t payload_len;
    uint8_t opcode;
};

struct never {
    struct open_step pattern;
    size_t at; /* next event */
    bool over; /* it came: one fault is enough */
};

struct frame_of { /* a block being run */
    const struct wss_block *block;
    size_t next;
    uint64_t left; /* rounds of a repeat */
    uint64_t round;
    uint64_t pause_ms; /* between rounds */
};

enum thread_state { THREAD_RUNNING, THREAD_DONE, THREAD_DEAD };

struct reader {   /* a thread's place in one lane */
    size_t at;    /* next event */
    size_t *held; /* messages put aside for a later group; owned */
    size_t held_count, held_room;
    bool lost;                           /* some that were put aside are forgotten */
    size_t since;                        /* sent log at the last met expectation */
    const struct wss_step *last_message; /* the last message step that was met */
    size_t last_content;  /* index + 1 of the last event with content that met a step; 0: none */
    size_t frame_matched; /* events whose frame a `frame` step took: index + 1 of the last FRAME */
};

struct thread {
    enum thread_state state;
    struct wss_run *run;
    struct thread *parent;
    struct frame_of stack[DEPTH_MAX];
    size_t depth;
    struct reader *readers;  /* one a lane */
    struct wsn_arena memory; /* of the group at hand */
    struct open_step *group;
    size_t group_count;
    size_t group_first; /* no step before it is open */
    bool group_fenced;  /* it has a fence */
    bool group_open;
    bool stalled; /* the step at hand waits until more of the queue has left */
    uint64_t group_from;
    uint64_t group_late; /* what was given back since, and in the pass that it began in */
    uint64_t wait_until; /* WAIT; 0: none */
    const struct wss_step *awaited; /* EXITS, RESTART: until the target's process has done it */
    struct never *nevers;
    size_t never_count, never_room;
    struct wsq_fault *faults;
    size_t fault_count;
    struct thread *children; /* branches of the EITHER at hand */
    size_t child_count;
    const struct wss_step *either;
    bool unconnected;  /* it died of a handshake that only was to lead to what it judges … */
    bool unanswered;   /* … and that got no answer */
    uint64_t progress; /* steps met, and statuses, to tell which branch came farthest */
    const struct wsn_step **untold; /* a branch's steps, told when it is chosen; owned */
    size_t untold_count, untold_room;
};

struct wss_run {
    const struct wss_setup *setup;
    const struct wss_case *test;
    struct wsn_arena arena;
    struct wsn_arena scratch; /* of the send step at hand */
    struct again agains[AGAINS];
    size_t again_next; /* the one behind that which was asked for last */
    struct told told;
    struct lane *lanes;
    size_t lane_count;
    struct thread main;
    uint64_t now, started, moved; /* the last byte that brought the case on, on either side */
    uint64_t given_back;
    uint64_t free_at; /* not before that is a connection opened */
    uint64_t draw;    /* of random(N), json(N), prose(N) */
    uint64_t serial;
    size_t kept; /* bytes that the peer makes us hold, see wss_hold */
    bool done;
    bool starved; /* memory has ended somewhere: see wss_stuck */
    bool error;   /* verdict error: */
    char *reason; /* REASON_SIZE bytes from the start */
    bool no_connection, untrusted, garbled, too_slow, control;
    bool want_stop, want_restart; /* of the target's process */
    bool restarting, exited;
    struct wss_binding captures[WSS_CAPTURES];
    size_t capture_count;
    struct wsn_buffer transcript, news, tail[STEPS_FIRST];
    size_t line_count, first_lines; /* how many there were; how many of them `transcript` holds */
    struct wss_secret *secrets;     /* captured: their values are owned */
    size_t secret_count;
    struct wsq_wire *wire;
    size_t wire_count, wire_room, wire_kept;
    struct wsq_case result; /* what is known of it from the start */
    struct wss_facts facts;
    struct wsc_findings occasions; /* of heads; frames keep theirs in the lane */
    struct wsq_sighting *violations;
    size_t violation_count;
};

/* The first one stands. */
void wss_run_error(struct wss_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* memory.c */
/* The memory that was asked for; NULL starves the run.  All that the stepper takes goes through
 * here, or through an arena or a buffer that says the same. */
void *wss_got(struct wss_run *run, void *p);
char *wss_dup(struct wss_run *run, const char *text); /* NULL stays NULL */
/* A text in the run's arena, never NULL; the buffer is dropped. */
const char *wss_keep(struct wss_run *run, struct wsn_buffer *text);
/* Has the run an error?  It has one as soon as memory has ended. */
static inline bool wss_stuck(struct wss_run *run)
{
    if (run->starved)
        wss_run_error(run, "out of memory");
    return run->error;
}
/* The list of `count` entries with room for one more, which may have moved; NULL when memory ends:
 * then it is as it was. */
void *wss_more(struct wss_run *run, void *list, size_t count, size_t *room, size_t size);
bool wss_grow_add(struct wss_run *run, struct grow *grow, const uint8_t *data, size_t len);
void wss_grow_clear(struct grow *grow);

/* outcome.c */
void wss_run_free(struct wss_run *run);

/* again.c */
/* What is known of this step from its last round; NULL in its first ones, and of a step whose bytes
 * may change. */
struct again *wss_again(struct wss_run *run, const struct wss_step *step, uint64_t round);
void wss_again_free(struct wss_run *run);

/* send.c */
void wss_send_step(struct wss_run *run, const struct wss_step *step, uint64_t round);
void wss_send_ping(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len);
void wss_send_pong(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len);
void wss_send_close(struct wss_run *run, struct lane *lane, uint16_t code);

struct fault_text {
    const char *expected, *saw, *why; /* copied */
};

/* capture.c: `let`, from the head or the message that was seen last */
void wss_capture(struct thread *thread, const struct wss_step *step);

/* renewal.c: the step `renegotiate` */
void wss_renewal_begin(struct thread *thread, const struct wss_step *step);
/* False: the event is none of its business. */
bool wss_renewal_event(struct thread *thread, struct open_step *open, const struct event *event);
bool wss_renewal_next(struct lane *lane, struct wss_action *action);

/* thread.c */
void wss_thread_pump(struct wss_run *run);
void wss_thread_tick(struct wss_run *run);
uint64_t wss_thread_deadline(const struct wss_run *run);
void wss_thread_free(struct thread *thread);
/* Puts a step that shows on no connection into the transcript; that of a branch when it is chosen.
 */
void wss_thread_tell(struct thread *thread, const struct wsn_step *step);

void wss_thread_push(struct thread *thread, const struct wss_block *block, uint64_t rounds);
void wss_thread_advance(struct thread *thread);
void wss_thread_expire(struct thread *thread);
uint64_t wss_deadline_of(const struct thread *thread);
uint64_t wss_thread_round(const struct thread *thread); /* $i */

/* target.c */
void wss_target_begin(struct thread *thread, const struct wss_step *step);
bool wss_target_met(struct thread *thread); /* what is awaited has happened */
uint64_t wss_target_deadline(const struct thread *thread);
void wss_target_expire(struct thread *thread);
void wss_target_gone(struct wss_run *run, enum wss_target_news news, const char *why);
bool wss_target_next(struct wss_run *run, struct wss_action *action);

/* either.c */
void wss_either_begin(struct thread *thread, const struct wss_step *step);
bool wss_either_run(struct thread *thread); /* true when it is decided */
void wss_either_expire(struct thread *thread);

/* Where run-time variables get their values. */
struct run_scope {
    struct wss_run *run;
    const struct lane *lane;
    char round[24], port[8]; /* $i, $port */
};
struct wss_env wss_run_env(struct run_scope *scope, struct wss_run *run, const struct lane *lane,
                           uint64_t round);
/* A step was not met, or (remark) was met in a way that the catalogue grades lower. */
void wss_thread_unmet(struct thread *thread, const struct wss_step *step,
                      const struct wsq_requirement *charge, bool seen, struct fault_text text);
void wss_thread_remark(struct thread *thread, const struct wss_step *step,
                       const struct wsq_requirement *charge, enum wsq_verdict verdict, bool seen,
                       struct fault_text text);

/* group.c */
void wss_group_begin(struct thread *thread, const struct wss_step *steps, size_t count);
void wss_group_begin_alive(struct thread *thread, const struct wss_step *step, const uint8_t *ping,
                           size_t len);
void wss_group_feed(struct thread *thread);
bool wss_group_met(struct thread *thread);
void wss_group_expire(struct thread *thread);
uint64_t wss_group_deadline(const struct thread *thread);

/* Puts values into the step's expected payload; memory comes from `arena`. */
void wss_step_resolve(struct thread *thread, struct open_step *open, struct wsn_arena *arena);
struct lane *wss_lane_of(struct thread *thread, const struct open_step *open);
struct open_step *wss_first_open(struct thread *thread, unsigned lane);
struct open_step *wss_fence_of(struct thread *thread, unsigned lane);
/* The next open step before the fence that waits for this kind of event. */
struct open_step *wss_next_open(struct thread *thread, unsigned lane, enum event_kind kind,
                                const struct open_step *after);
/* Met, unless its bytes break the very rule that the step is charged to. */
void wss_step_met(struct thread *thread, struct open_step *open, const struct event *event);
void wss_step_over(struct thread *thread, struct open_step *open, enum step_state state);
void wss_step_unmet(struct thread *thread, struct open_step *open, const struct event *event,
                    const char *why);
bool wss_can_be_skipped(const struct thread *thread, const struct open_step *open);
/* Everything above the fence is met, or unmet now and skipped. */
bool wss_clear_to(struct thread *thread, const struct open_step *fence, const struct event *event);

/* messages.c */
void wss_message_came(struct thread *thread, unsigned lane, size_t at, const struct event *event);
void wss_control_came(struct thread *thread, unsigned lane, const struct event *event);
void wss_pass_over(struct thread *thread, const struct lane *lane, const struct event *event);
bool wss_is_unasked(const struct wss_run *run, const struct event *event);
/* Has it the payload of something that a step of ours sent? */
bool wss_answers_ours(const struct lane *lane, const struct event *event);

/* established.c: what a 101 lacks of that which the step asks for, a sentence; NULL: nothing */
const char *wss_fault_of_101(const struct wss_run *run, const struct lane *lane,
                             const struct wss_step *step, const struct event *event);

/* fences.c: gives the event at that place of the lane's log to the group */
void wss_feed(struct thread *thread, unsigned lane, size_t at);

/* fail.c: the step `< fail` */
void wss_fail_event(struct thread *thread, struct open_step *open, const struct event *event);
void wss_fail_expired(struct thread *thread, struct open_step *open);

/* match.c: does the event meet the step?  `why` gets a sentence when not. */
bool wss_match_message(struct thread *thread, const struct open_step *open,
                       const struct event *event, const char **why);
bool wss_match_frame(struct thread *thread, const struct open_step *open, const struct event *event,
                     const char **why);
bool wss_match_close(struct thread *thread, const struct lane *lane, const struct open_step *open,
                     const struct event *event, const char **why);
bool wss_match_codes(const struct wss_step *step, unsigned code);
/* The deeper lines of an answer; each unmet one is a fault. */
void wss_match_lines(struct thread *thread, const struct lane *lane, const struct wss_step *step,
                     const struct event *event);
bool wss_match_never(struct thread *thread, const struct open_step *open,
                     const struct event *event);

/* fault.c */
void wss_fault_add(struct thread *thread, const struct wss_step *step,
                   const struct wsq_requirement *charge, enum wsq_verdict verdict, bool seen,
                   struct fault_text text);
enum wsq_verdict wss_fault_verdict(const struct wsq_requirement *charge);
/* A part of a message, or masked bytes: a secret in there could not be found, and so it is not told
 * in cases that have some. */
bool wss_is_piece(const struct event *event);
const char *wss_describe_event(struct wss_run *run, const struct event *event);
const char *wss_describe_step(struct wss_run *run, const struct wss_step *step);
const struct wsq_requirement *wss_row(const char *id);

/* transcript.c */
/* `again`: keeps the line, or gives it; may be NULL. */
void wss_note_sent(struct wss_run *run, const struct lane *lane, const struct wsn_step *step,
                   struct again *again);
/* A step that neither sends nor waits for an event: `wait`, `silent`, `never` … */
void wss_note_step(struct wss_run *run, const struct wsn_step *step);
/* Once an event, however many threads read it.  `met`: the step that it meets, NULL if none. */
void wss_note_event(struct wss_run *run, const struct lane *lane, const struct event *event,
                    const struct wss_step *met);
/* What no step waits for, and no fault either: a comment. */
void wss_note_noise(struct wss_run *run, const struct lane *lane, const struct event *event);
void wss_note_text(struct wss_run *run, const char *text);
bool wss_wire_full(const struct wss_run *run); /* no more bytes are kept, only counted */
struct wsq_wire *wss_note_wire(struct wss_run *run, struct lane *lane, bool sent,
                               const uint8_t *bytes, size_t len, uint64_t whole, const char *what);
char *wss_transcript_take(struct wss_run *run);
void wss_transcript_free(struct wss_run *run);

#endif
