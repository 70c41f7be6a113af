/* wsh/run.h - from a plan to results: probe, first pass, calm phase, watches.
 *
 * Runs on any loop.  A case's result is handed on the moment it is known; nothing that was judged
 * is lost when the run is cut short.
 */
#ifndef WSH_RUN_H
#define WSH_RUN_H

#include <wsh/loop.h>
#include <wsh/redact.h>

struct wsh_progress {
    size_t known, selected; /* cases */
    size_t running;
    bool calm;
};

/* Who is told.  Every function may be NULL. */
struct wsh_audience {
    void *context;
    void (*begun)(void *context, const struct wsq_run *run); /* the probe is done */
    void (*result)(void *context, const struct wsq_case *c);
    void (*news)(void *context, const char *id, const char *text);
    void (*progress)(void *context, const struct wsh_progress *progress);
    /* A case captured a secret, which was told of others before: it is taken out of all that `run`
     * has, and what was kept of it elsewhere is to be written anew. */
    void (*retold)(void *context, const struct wsq_run *run);
    void (*looking)(void *context, const char *what); /* for this limit: "largest message" */
};

struct wsh_options {
    struct wss_profile profile; /* the target; the probe completes it */
    const bool *selected;       /* one a case of the plan; NULL: all */
    unsigned jobs;              /* cases at once; 0: 32 */
    uint64_t seed;
    uint64_t cap_ms;        /* of a case whose script sets none; 0: 60 s */
    size_t max_message;     /* as in wss_setup */
    const char *const *has; /* capabilities that the user declares */
    size_t has_count;
    const struct wss_settings *settings; /* those given: they meet a need of their name */
    bool tls;                            /* the target is reached over TLS */
    bool own_target;                     /* floods and limits may run */
    uint64_t limits_ms; /* look for the target's limits, and wait so long for its timeouts; 0: no */
    unsigned connections;              /* that we may open at once; 0: 1000 */
    bool plays_server;                 /* clients come to us: cases with `role server` may run */
    const char *replay;                /* a command up to `--only`; NULL: none is written */
    const struct wsh_secrets *secrets; /* NULL: none */
    /* Asked once the probe has learnt a sub-protocol that the target chooses: the same plan with
     * the setting `subprotocol`, or NULL for the old one.  May be NULL. */
    const struct wss_plan *(*replan)(void *context, const char *subprotocol);
    void *replan_context;
    const bool *interrupted; /* set while running: end with what is judged.  NULL: never */
};

enum wsh_end {
    WSH_COMPLETE,
    WSH_INCOMPLETE, /* run->incomplete says why */
    WSH_UNREACHABLE /* it cannot be connected to, or answers nothing; run->incomplete says how */
};

/* Fills seed, jobs, profile, server, planned, cases, complaints, ms, complete, incomplete of `run`;
 * its other fields are the caller's.  `target` may be NULL: a target that runs on its own. */
enum wsh_end wsh_run(const struct wss_plan *plan, const struct wsh_options *options,
                     struct wsh_loop *loop, struct wsh_target *target,
                     const struct wsh_audience *audience, struct wsq_run *run);

/* Memory ended where no case can say so: the run is incomplete. */
void wsh_run_starve(struct wsq_run *run);

#endif
