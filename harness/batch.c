#include <wsh/batch.h>

enum { DEATH_MS = 50 }; /* how long a target may take to die */

static void on_done(struct wsh_task *task, struct wss_outcome *outcome)
{
    struct wsh_batch_item *item = task->owner;
    item->outcome = *outcome;
    item->done = true;
}

void wsh_batch_run(struct wsh_loop *loop, struct wsh_batch_item *items, size_t count,
                   const bool *interrupted)
{
    size_t running = 0;
    for (size_t i = 0; i < count; i++) {
        items[i].task.done = on_done;
        items[i].task.owner = &items[i];
        items[i].done = false;
        loop->start(loop, &items[i].task);
    }
    do {
        running = 0;
        for (size_t i = 0; i < count; i++) {
            if (items[i].task.attempt && interrupted && *interrupted)
                loop->abort(loop, &items[i].task, "interrupted");
            running += items[i].task.attempt != NULL;
        }
        if (running > 0)
            loop->turn(loop, loop->now(loop) + 1000);
    } while (running > 0);
}

bool wsh_batch_killed(struct wsh_loop *loop, struct wsh_target *target)
{
    if (!target)
        return false;
    uint64_t until = loop->now(loop) + DEATH_MS;
    while (!target->dead(target) && loop->now(loop) < until)
        loop->turn(loop, until);
    return target->dead(target);
}

void wsh_batch_pause(struct wsh_loop *loop, uint64_t ms)
{
    uint64_t until = loop->now(loop) + ms;
    while (loop->now(loop) < until)
        loop->turn(loop, until);
}
