/* wss/stepper.h - run one case: a pure state machine between a script and a transport.
 *
 * Events go in (connected, received, ended, written, time), actions come out (connect, write, end
 * …), and at the end there is a transcript and a verdict.  No sockets, clocks or files: a loop owns
 * those.  Time is milliseconds on any clock that never goes back.
 *
 *     run = wss_start(&setup, now);
 *     do {
 *         while (wss_next(run, &action)) …perform it…
 *         …wait for I/O until wss_deadline(run), report it…
 *         …only after a pass that found nothing to read: wss_tick(run, now)…
 *     } while (!wss_done(run));
 *     wss_finish(run, &outcome);  …drop all its connections…
 */
#ifndef WSS_STEPPER_H
#define WSS_STEPPER_H

#include <wsq/result.h>
#include <wss/plan.h>

/* A message that the target sends of its own accord: its greeting and its pushes, learnt by the
 * probe. */
struct wss_message {
    uint8_t opcode; /* WSC_TEXT or WSC_BINARY */
    const uint8_t *data;
    size_t len;
};

/* What is known of the target. */
struct wss_profile {
    const char *host;           /* for $host */
    unsigned port;              /* for $port */
    const char *authority;      /* value of Host: "127.0.0.1:9001", without a default port */
    const char *path;           /* for $path and `> GET`: path and query, at least "/" */
    const char *const *headers; /* "Name: value" lines added to every upgrade request (--header) */
    size_t header_count;
    const struct wss_message *unasked; /* greeting and pushes */
    size_t unasked_count;
};

/* What many runs at once are made to keep, for a ceiling over all of them. */
struct wss_budget {
    size_t held, limit; /* bytes */
};

struct wss_setup {
    const struct wss_case *test;
    const struct wss_profile *profile;
    uint64_t seed; /* of the run; the case and each connection draw from their own streams */
    uint64_t
        patience_ms;    /* 2000, more for slow targets; three times that in a calm second attempt */
    uint64_t cap_ms;    /* of the case, when its script sets none */
    uint64_t breath_ms; /* from the end of a connection to the next one, for targets that hang up on
                           one too many */
    size_t max_message; /* payload bytes buffered for one message; 0: 32 MiB */
    struct wss_budget *budget; /* shared; NULL: none */
};

enum wss_action_kind {
    WSS_CONNECT,     /* open a connection to the target, TLS included; TCP_NODELAY */
    WSS_ACCEPT,      /* we play the server: give this connection the next client that comes */
    WSS_WRITE,       /* write bytes in one call of their own, after all earlier writes */
    WSS_SHUT,        /* FIN behind what was written; go on reading */
    WSS_RESET,       /* RST now */
    WSS_RENEGOTIATE, /* ask for a new TLS handshake; wss_renegotiated tells what came of it */
    WSS_STOP_READING,
    WSS_START_READING,
    WSS_DROP,          /* the connection is not needed any more: close it */
    WSS_STOP_TARGET,   /* ask the target's process to end; `connection` means nothing */
    WSS_RESTART_TARGET /* start it, after ending one that still runs; wss_target tells how it went
                        */
};

/* How to connect, as `connect` said. */
enum wss_transport { WSS_AS_TARGET, WSS_PLAIN, WSS_TLS };
struct wss_how {
    enum wss_transport transport;
    const char *sni;  /* the name that TLS asks for; NULL: the target's */
    const char *alpn; /* the protocols that TLS offers, commas between them; NULL: http/1.1 */
    unsigned max_tls; /* 10 to 13: TLS 1.0 to 1.3; 0: as the run says */
};

struct wss_action {
    enum wss_action_kind kind;
    unsigned connection;  /* 0, 1, … in the order of their first use */
    const uint8_t *bytes; /* WRITE: valid until wss_written has covered them all */
    size_t len;
    const struct wss_how *how; /* CONNECT */
};

enum wss_connect_failure {
    WSS_REFUSED,     /* by the peer: TCP */
    WSS_DENIED,      /* by the peer: the TLS handshake */
    WSS_UNREACHABLE, /* by something between */
    WSS_UNTRUSTED    /* by us: its certificate is not accepted */
};

enum wss_ending {
    WSS_FIN, /* over TLS: behind the closure alert */
    WSS_RST,
    WSS_CUT /* the FIN of TCP without the closure alert of TLS */
};

struct wss_run; /* private */

/* NULL when memory ends.  Everything in setup must outlive the run. */
struct wss_run *wss_start(const struct wss_setup *setup, uint64_t now);

/* The next thing to do; false: nothing for now. */
bool wss_next(struct wss_run *run, struct wss_action *action);

void wss_connected(struct wss_run *run, unsigned connection, uint64_t now);
/* `why` is copied: "connection refused". */
void wss_connect_failed(struct wss_run *run, unsigned connection, enum wss_connect_failure failure,
                        const char *why, uint64_t now);
/* The bytes are changed (unmasked in place). */
void wss_received(struct wss_run *run, unsigned connection, uint8_t *data, size_t len,
                  uint64_t now);
/* The end of what the peer sends.  At most once a connection. */
void wss_ended(struct wss_run *run, unsigned connection, enum wss_ending ending, uint64_t now);
/* Over TLS: what came is no TLS any more.  Nothing else can come; `why` is copied. */
void wss_garbled(struct wss_run *run, unsigned connection, const char *why, uint64_t now);
/* Bytes moved that are not the script's: those of the TLS handshake. */
void wss_moved(struct wss_run *run, uint64_t now);
enum wss_renewal {
    WSS_RENEWED,  /* the peer has begun the new handshake */
    WSS_DECLINED, /* it will not: by an alert, or it speaks a TLS that has none (`why`, copied) */
    WSS_IN_CLEAR  /* there is no TLS on this connection */
};
/* Behind WSS_DECLINED nothing more can be written. */
void wss_renegotiated(struct wss_run *run, unsigned connection, enum wss_renewal renewal,
                      const char *why, uint64_t now);
/* The kernel (or the pipe) took this many bytes of what was to be written. */
void wss_written(struct wss_run *run, unsigned connection, size_t len, uint64_t now);
/* Writing failed (EPIPE, ECONNRESET): nothing more can be written; reading goes on. */
void wss_write_failed(struct wss_run *run, unsigned connection, uint64_t now);

enum wss_target_news { WSS_TARGET_EXITED, WSS_TARGET_STARTED, WSS_TARGET_MUTE, WSS_TARGET_LOST };
/* What became of the target's process, for cases that `moves_target`: it ended; restarted, it
 * answers, or does not (`why`, copied); or it cannot be started by us (`why`). */
void wss_target(struct wss_run *run, enum wss_target_news news, const char *why, uint64_t now);

/* When wss_tick is due; UINT64_MAX: never. */
uint64_t wss_deadline(const struct wss_run *run);
/* A deadline has passed and a read pass after it found nothing. */
void wss_tick(struct wss_run *run, uint64_t now);
/* Our own loop ran late by this much: every deadline moves; the cap no farther than to twice its
 * length, since it may be a flood of the peer's that keeps us. */
void wss_late(struct wss_run *run, uint64_t ms);
/* When the case's cap is reached, whatever still moves: wss_tick is due without a read pass. */
uint64_t wss_cap(const struct wss_run *run);
/* The run must end now for a reason that is not the peer's (interrupted, target died): verdict
 * error. */
void wss_abort(struct wss_run *run, const char *why, uint64_t now);
/* The loop has no memory for what the run wants: nothing that follows is the peer's doing. */
void wss_starve(struct wss_run *run, uint64_t now);

bool wss_done(const struct wss_run *run);

/* Text of what happened since the last call, for -v: lines of the transcript, secrets that the case
 * captures among them.  NULL if none; valid
 * until the next call. */
const char *wss_news(struct wss_run *run);

/* What the peer was seen to do; strings and data belong to the outcome. */
struct wss_facts {
    bool heard;                  /* the peer sent anything at all */
    unsigned status;             /* of the first response, 0 if none */
    size_t upgraded;             /* connections that had a 101 */
    char *protocol;              /* Sec-WebSocket-Protocol of the first 101, or NULL */
    char *extensions;            /* Sec-WebSocket-Extensions of the first 101, or NULL */
    char *server;                /* Server field, or NULL */
    uint64_t round_trip_ms;      /* the slowest answer seen */
    struct wss_message *unasked; /* messages that no step asked for, at most 16, 4 KiB each */
    size_t unasked_count;
};

/* A value that the case captured and that no report may show. */
struct wss_secret {
    char *value;
    size_t length;
};

struct wss_outcome {
    struct wsq_case result; /* all but attempts, slow, replay, started_ms, expectation */
    bool unseen;            /* the verdict rests on something that did not come: try again, calm */
    bool
        needs_control; /* a fault of a refused handshake: holds only if the plain one is accepted */
    bool no_connection; /* error: TCP was refused or reset before anything was answered */
    bool untrusted;     /* error: the peer's certificate is not accepted */
    bool garbled;       /* error: what came over TLS is no TLS any more */
    bool starved;       /* error: memory ended */
    bool too_slow;      /* error: the cap was reached while bytes still moved, or the budget of all
                           runs was: try again, calm */
    struct wss_secret *secrets; /* they stand in the result: take them out before it is told */
    size_t secret_count;
    struct wss_facts facts;
};

/* Moves the result out and frees the run (done or not).  If memory ended at any time, its verdict
 * is `error` and it tells nothing of what was said. */
void wss_finish(struct wss_run *run, struct wss_outcome *outcome);
void wss_outcome_drop(struct wss_outcome *outcome);

/* The result of a case before it has any: what it is called and about; of a watch, that too.  False
 * when memory ends: some of it is then missing. */
bool wss_name_result(struct wsq_case *result, const struct wss_case *test);

/* Judges the watches of the plan from what all conversations showed; appends one result a watch
 * case to the run.  False when memory ends: then some are missing.  (SCRIPT.md, Watches.) */
bool wss_judge_watches(const struct wss_plan *plan, struct wsq_run *run);

#endif
