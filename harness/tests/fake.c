#include "fake.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned number_of(const struct wsh_task *task)
{
    return (unsigned)atoi(task->setup.test->id + 2);
}

bool is_probe(const struct wsh_task *task)
{
    return strncmp(task->setup.test->id, "probe/", 6) == 0;
}

static uint64_t now(struct wsh_loop *loop)
{
    return ((struct fake *)loop)->now;
}

int fake_start(struct wsh_loop *loop, struct wsh_task *task)
{
    struct fake *fake = (struct fake *)loop;
    ck_assert_uint_lt(fake->count, TASKS);
    fake->tasks[fake->count] = task;
    fake->ends[fake->count++] = fake->now + (task->setup.test->moves_target ? 5000 : 10);
    task->attempt = fake;
    if (is_probe(task))
        return 0;
    size_t calm = 0;
    for (size_t i = 0; i < fake->count; i++)
        calm += fake->tasks[i]->setup.patience_ms > 2000;
    fake->most = fake->count > fake->most ? fake->count : fake->most;
    fake->calm_most = calm > fake->calm_most ? calm : fake->calm_most;
    return 0;
}

static void finish(struct fake *fake, size_t i, enum wsq_verdict verdict, const char *reason)
{
    struct wsh_task *task = fake->tasks[i];
    struct wss_outcome outcome = {.result = {.id = wsq_dup(task->setup.test->id),
                                             .title = wsq_dup("t"),
                                             .suite = wsq_dup("c"),
                                             .verdict = verdict,
                                             .reason = wsq_dup(reason)},
                                  .facts = {.heard = true, .status = 101, .round_trip_ms = 1}};
    fake->count--;
    memmove(fake->tasks + i, fake->tasks + i + 1, (fake->count - i) * sizeof fake->tasks[0]);
    memmove(fake->ends + i, fake->ends + i + 1, (fake->count - i) * sizeof fake->ends[0]);
    if (fake->refuse_all || (fake->dead && !reason && !task->setup.test->moves_target)) {
        outcome.no_connection = true;
        outcome.facts.heard = false;
        outcome.facts.status = 0;
        outcome.result.verdict = WSQ_ERROR;
    } else if (!reason) {
        if (!is_probe(task))
            fake->tries[number_of(task)]++;
        fake->decide(fake, task, &outcome);
    }
    task->attempt = NULL;
    task->done(task, &outcome);
}

static void turn(struct wsh_loop *loop, uint64_t until)
{
    struct fake *fake = (struct fake *)loop;
    size_t first = 0;
    for (size_t i = 1; i < fake->count; i++)
        if (fake->ends[i] < fake->ends[first])
            first = i;
    if (fake->count == 0 || fake->ends[first] > until) {
        fake->now = until;
        return;
    }
    fake->now = fake->ends[first];
    finish(fake, first, WSQ_PASS, NULL);
}

static void abort_task(struct wsh_loop *loop, struct wsh_task *task, const char *why)
{
    struct fake *fake = (struct fake *)loop;
    for (size_t i = 0; i < fake->count; i++)
        if (fake->tasks[i] == task) {
            finish(fake, i, WSQ_ERROR, why);
            return;
        }
}

/* As the stepper does: a restart that failed is the end of the case. */
static void tell(struct wsh_loop *loop, struct wsh_task *task, enum wss_target_news news,
                 const char *why)
{
    struct fake *fake = (struct fake *)loop;
    if (!task->attempt)
        return;
    fake->news = news;
    fake->told++;
    if (news == WSS_TARGET_LOST)
        abort_task(loop, task, why);
}

static struct fake *of_target(struct wsh_target *target)
{
    return (struct fake *)(void *)((char *)target - offsetof(struct fake, target));
}

static int launch(struct wsh_target *target, char *error, size_t size)
{
    if (of_target(target)->will_not_start) {
        snprintf(error, size, "no such file");
        return -1;
    }
    of_target(target)->dead = false;
    of_target(target)->launches++;
    return 0;
}

static bool dead(struct wsh_target *target)
{
    return of_target(target)->dead;
}

static const char *last_words(struct wsh_target *target)
{
    (void)target;
    return "Aborted";
}

static void stop(struct wsh_target *target)
{
    of_target(target)->dead = true;
}

void fake_ready(struct fake *fake)
{
    fake->base = (struct wsh_loop){.now = now,
                                   .start = fake->start ? fake->start : fake_start,
                                   .turn = turn,
                                   .abort = abort_task,
                                   .tell = tell};
    fake->target = (struct wsh_target){
        .launch = launch, .dead = dead, .last_words = last_words, .stop = stop, .end = stop};
}
