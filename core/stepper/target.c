/* target.c - the steps about the target's process: exits, stop, restart. */
#include "run.h"

void wss_target_begin(struct thread *thread, const struct wss_step *step)
{
    struct wss_run *run = thread->run;

    wss_lanes_seal(run);
    wss_thread_tell(thread, step->ast);
    if (step->kind == WSN_STOP) {
        run->want_stop = true;
        return;
    }
    run->want_restart = run->restarting = step->kind == WSN_RESTART;
    thread->group_from = run->now;
    thread->awaited = step;
}

bool wss_target_met(struct thread *thread)
{
    const struct wss_run *run = thread->run;
    bool met = thread->awaited->kind == WSN_RESTART ? !run->restarting : run->exited;

    if (met)
        thread->awaited = NULL;
    return met;
}

/* A restart takes its time; the harness says when it failed. */
uint64_t wss_target_deadline(const struct thread *thread)
{
    const struct wss_run *run = thread->run;
    const struct wss_step *step = thread->awaited;
    uint64_t from = thread->group_from > run->moved ? thread->group_from : run->moved;

    if (step->kind == WSN_RESTART)
        return UINT64_MAX;
    return step->within_ms ? thread->group_from + step->within_ms : from + run->setup->patience_ms;
}

void wss_target_expire(struct thread *thread)
{
    const struct wss_step *step = thread->awaited;
    struct fault_text text = {.expected = wss_describe_step(thread->run, step),
                              .saw = "that it still runs"};

    thread->awaited = NULL;
    wss_thread_unmet(thread, step, step->charge, false, text);
}

/* That it does not come back is its fault where the author of a scenario says that it does. */
void wss_target_gone(struct wss_run *run, enum wss_target_news news, const char *why)
{
    struct thread *thread = &run->main;
    const struct wss_step *step = thread->awaited;

    if (news == WSS_TARGET_LOST || !step || step->kind != WSN_RESTART || step->charge) {
        wss_run_error(run, "the target cannot be restarted: %s", why);
        return;
    }
    thread->awaited = NULL;
    wss_thread_unmet(thread, step, NULL, true,
                     (struct fault_text){.expected = wss_describe_step(run, step), .saw = why});
}

bool wss_target_next(struct wss_run *run, struct wss_action *action)
{
    if (run->want_stop) {
        run->want_stop = false;
        *action = (struct wss_action){.kind = WSS_STOP_TARGET};
    } else if (run->want_restart) {
        run->want_restart = false;
        *action = (struct wss_action){.kind = WSS_RESTART_TARGET};
    } else {
        return false;
    }
    return true;
}
