/* fake.h - a loop that only pretends: no stepper runs, a test decides how each task ends. */
#ifndef FAKE_H
#define FAKE_H

#include <wsh/run.h>

enum { TASKS = 300, CASES = 80 };

/* A loop in which every task takes 10 ms (5 s if it moves the target) and ends as the test's
 * `decide` says. */
struct fake {
    struct wsh_loop base;
    struct wsh_target target;
    uint64_t now;
    struct wsh_task *tasks[TASKS];
    uint64_t ends[TASKS];
    size_t count;
    size_t most, calm_most; /* tasks at once; those with a longer patience */
    int (*start)(struct wsh_loop *loop, struct wsh_task *task); /* NULL: start */
    void (*decide)(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome);
    unsigned tries[CASES]; /* by the number behind "c/" */
    unsigned launches;
    bool dead, refuse_all, will_not_start;
    uint64_t slow_ms;          /* as one test has it: the round trip of a first probe */
    enum wss_target_news news; /* the last that a task was told, and how many */
    unsigned told;
    bool interrupted;
    size_t results;
    char last_results[4096];
};

/* Sets up its loop and its target; what is zero in it stays so. */
void fake_ready(struct fake *fake);
/* How it starts a task when `start` does not say otherwise. */
int fake_start(struct wsh_loop *loop, struct wsh_task *task);

/* The number behind "c/", and whether the task is none of the plan's. */
unsigned number_of(const struct wsh_task *task);
bool is_probe(const struct wsh_task *task);

#endif
