/* wsh/loop.h - what performs the actions of a run: the one interface of both loops.
 *
 * loop_uv.h drives runs over TCP; loop_sim.h over pipes in memory, with a clock of its own.  The
 * runner knows neither.  A loop runs many tasks at once; each is one attempt at one case.
 */
#ifndef WSH_LOOP_H
#define WSH_LOOP_H

#include <wss/stepper.h>

struct wsh_task {
    struct wss_setup setup;
    /* Called once, from within start, turn or abort; it may only take note: no call of the loop
     * from here.  The outcome is handed over. */
    void (*done)(struct wsh_task *task, struct wss_outcome *outcome);
    void (*news)(struct wsh_task *task,
                 const char *text); /* lines of the transcript; may be NULL */
    /* The script wants the target's process stopped or restarted: WSS_STOP_TARGET or
     * WSS_RESTART_TARGET.  As `done`, it may only take note.  NULL: that cannot be done. */
    void (*order)(struct wsh_task *task, enum wss_action_kind kind);
    void *owner;
    void *attempt; /* the loop's; NULL unless it runs */
};

struct wsh_loop {
    /* Milliseconds that never go back. */
    uint64_t (*now)(struct wsh_loop *loop);
    /* Begins a task.  0, or -1 when memory ends (then `done` is not called). */
    int (*start)(struct wsh_loop *loop, struct wsh_task *task);
    /* Waits until something happens, at the latest until the clock shows `until`, and handles it.
     */
    void (*turn)(struct wsh_loop *loop, uint64_t until);
    /* Ends a running task with the verdict `error: why`. */
    void (*abort)(struct wsh_loop *loop, struct wsh_task *task, const char *why);
    /* Tells a running task what became of the target's process; `why` for WSS_TARGET_LOST. */
    void (*tell)(struct wsh_loop *loop, struct wsh_task *task, enum wss_target_news news,
                 const char *why);
};

/* A target whose process is ours to start.  The runner finds out itself when it answers. */
struct wsh_target {
    int (*launch)(struct wsh_target *target, char *error,
                  size_t size);              /* 0 or -1; anew after a death */
    bool (*dead)(struct wsh_target *target); /* it ended of its own accord since the last launch */
    const char *(*last_words)(struct wsh_target *target); /* the end of its output; never NULL */
    void (*stop)(struct wsh_target *target);              /* SIGTERM; `dead` says when it obeyed */
    void (*end)(struct wsh_target *target);               /* it is dead on return */
};

#endif
