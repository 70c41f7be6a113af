/* schedule.h - which case runs when.
 *
 * First pass: up to `jobs` cases at once, fewer when the target refuses connections.  Calm phase:
 * at most four, with three times the patience.  When a target that we started dies, every case
 * under way is void and runs again alone, so that the one that kills it is known.  The cases that
 * stop or restart it themselves come last, one by one; what it dies of then is their business.
 */
#ifndef WSH_SCHEDULE_H
#define WSH_SCHEDULE_H

#include <wsh/evidence.h>
#include <wsh/probe.h>
#include <wsh/run.h>

enum wsh_stage {
    WSH_WAITING, /* for its turn in the first pass */
    WSH_LATER,   /* for the calm phase */
    WSH_ALONE,   /* for a time when nothing else runs */
    WSH_LAST,    /* for the end, since it moves the target */
    WSH_RUNNING,
    WSH_HELD,   /* ended; kept back a moment, since the target may be dying of it */
    WSH_ASKING, /* for its control */
    WSH_KNOWN
};

struct wsh_schedule;

struct wsh_ledger {
    struct wsh_schedule *schedule;
    const struct wss_case *test;
    enum wsh_stage stage;
    bool calm;      /* the present attempt is a calm one */
    bool alone;     /* the target died while it ran: from now on nothing else runs meanwhile */
    bool control;   /* the task at hand is the control */
    bool capturing; /* no attempt has ended yet of a case that captures secrets */
    bool killer;    /* the target died of it alone */
    size_t death;   /* of the target: the one that made it run alone; 0: none */
    size_t died;    /* the one that it is guilty of alone */
    unsigned epoch; /* of `jobs`, when the attempt began */
    uint64_t began_ms, held_until;
    enum wss_action_kind order; /* what its script wants of the target */
    bool has_order;
    struct wsh_task task;
    struct wss_outcome outcome; /* of the task, until it is dealt with */
    bool has_outcome;
    struct wsh_evidence evidence;
};

struct wsh_schedule {
    const struct wsh_options *options;
    const struct wsh_probe *probe;
    struct wsh_loop *loop;
    struct wsh_target *target;
    const struct wsh_audience *audience;
    struct wsq_run *run;
    uint64_t began_ms;
    struct wsh_ledger *list;
    size_t count, known, running;
    uint64_t free_at;         /* nothing is started before */
    size_t open;              /* connections that the running ones may have, all together */
    size_t in[WSH_KNOWN + 1]; /* ledgers by stage */
    size_t ended;             /* ledgers with an outcome to deal with */
    size_t capturing;         /* ledgers that are: the others wait for them */
    size_t first_waiting;     /* none waits before it */
    size_t deaths;            /* of the target, by nobody's order */
    char *words;              /* its last ones, then */
    unsigned jobs, epoch;
    struct wsh_secrets captured; /* by any case: what one keeps secret no other tells */
    struct wss_budget budget;    /* of all cases under way */
    bool calm;
    struct wsh_ledger *mover; /* the case that moves the target, while it runs */
    bool launched;            /* the last launch made a process, whether it answers or not */
    bool mover_told;          /* it knows that the target has ended */
    bool starved;             /* memory ended where no case says so */
    bool moved;               /* the target is not as it was: it must be started anew */
};

/* Adds one case that is to run. */
void wsh_schedule_add(struct wsh_schedule *schedule, const struct wss_case *test);
/* Runs until every case is known or the run must end; false: run->incomplete says why. */
bool wsh_schedule_run(struct wsh_schedule *schedule);
/* The target has ended, by nobody's order: that is told at the end.  What ran is void, and it is
 * started anew; false: run->incomplete says why not. */
bool wsh_schedule_revive(struct wsh_schedule *schedule);
void wsh_schedule_drop(struct wsh_schedule *schedule);

/* run.c */
/* Starts the target (again) and waits until it answers; false: run->incomplete says why. */
bool wsh_run_launch(struct wsh_schedule *schedule);
/* A case is known: redacts it, appends it to the run, tells the audience.  Takes `c` over. */
void wsh_run_publish(struct wsh_schedule *schedule, struct wsq_case *c);
bool wsh_run_interrupted(const struct wsh_schedule *schedule);

#endif
