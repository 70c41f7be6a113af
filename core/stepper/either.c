/* either.c - several readings of the script at once.
 *
 * All branches watch the same events and are compared whole.  A branch dies at its first mismatch;
 * the first with nothing left is chosen, the upper on a tie.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* A branch has messages of its own put aside. */
static void copy_readers(struct thread *child, const struct thread *thread)
{
    size_t count = thread->run->lane_count;
    child->readers = wss_got(thread->run, calloc(count + 1, sizeof *child->readers));
    if (!child->readers)
        return;
    memcpy(child->readers, thread->readers, count * sizeof *child->readers);
    for (size_t i = 0; i < count; i++) {
        struct reader *reader = &child->readers[i];
        size_t *held = reader->held_count
                           ? wss_got(thread->run, malloc(reader->held_count * sizeof *held))
                           : NULL;
        if (held)
            memcpy(held, reader->held, reader->held_count * sizeof *held);
        else
            reader->held_count = 0;
        reader->held = held;
        reader->held_room = reader->held_count;
    }
}

static void take_readers(struct thread *thread, struct thread *child)
{
    for (size_t i = 0; i < thread->run->lane_count; i++) {
        free(thread->readers[i].held);
        thread->readers[i] = child->readers[i];
        child->readers[i].held = NULL;
    }
}

void wss_either_begin(struct thread *thread, const struct wss_step *step)
{
    struct wss_run *run = thread->run;
    thread->children = wss_got(run, calloc(step->block_count + 1, sizeof *thread->children));
    if (!thread->children)
        return;
    wss_lanes_seal(run);
    thread->child_count = step->block_count;
    thread->either = step;
    for (size_t i = 0; i < step->block_count; i++) {
        struct thread *child = &thread->children[i];
        child->run = run;
        child->parent = thread;
        child->memory.failed = &run->starved;
        copy_readers(child, thread);
        wss_thread_push(child, &step->blocks[i], 1);
    }
}

static void take_faults(struct thread *thread, struct thread *child)
{
    size_t total = thread->fault_count + child->fault_count;
    struct wsq_fault *grown =
        wss_got(thread->run, realloc(thread->faults, (total + 1) * sizeof *grown));
    if (!grown)
        return;
    if (child->fault_count)
        memcpy(grown + thread->fault_count, child->faults, child->fault_count * sizeof *grown);
    thread->faults = grown;
    thread->fault_count = total;
    child->fault_count = 0;
}

static void take_nevers(struct thread *thread, const struct thread *child)
{
    struct never *joined = wsn_alloc(
        &thread->run->arena, (thread->never_count + child->never_count + 1) * sizeof *joined);
    if (!joined || !child->never_count)
        return;
    if (thread->never_count)
        memcpy(joined, thread->nevers, thread->never_count * sizeof *joined);
    memcpy(joined + thread->never_count, child->nevers, child->never_count * sizeof *joined);
    thread->nevers = joined;
    thread->never_count += child->never_count;
    thread->never_room = thread->never_count;
}

static void end_either(struct thread *thread)
{
    for (size_t i = 0; i < thread->child_count; i++)
        wss_thread_free(&thread->children[i]);
    free(thread->children);
    thread->children = NULL;
    thread->child_count = 0;
    thread->either = NULL;
}

/* Only because something did not come to a branch above: that is to be confirmed. */
static bool is_by_absence(const struct thread *thread, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        const struct thread *child = &thread->children[i];
        if (child->state == THREAD_DEAD && child->fault_count > 0 &&
            !child->faults[child->fault_count - 1].seen)
            return true;
    }
    return false;
}

static void choose(struct thread *thread, size_t index)
{
    struct thread *child = &thread->children[index];
    const struct wss_block *block = &thread->either->blocks[index];
    const struct wss_step *either = thread->either;
    bool warns = block->grade == WSN_GRADE_WARN, seen = !warns || !is_by_absence(thread, index);
    take_readers(thread, child);
    thread->progress += child->progress;
    take_faults(thread, child);
    take_nevers(thread, child);
    for (size_t i = 0; i < child->untold_count; i++)
        wss_thread_tell(thread, child->untold[i]);
    if (block->grade != WSN_GRADE_NONE) {
        struct fault_text text = {
            .expected = "the first branch", .saw = block->why, .why = "the script allows this too"};
        wss_thread_remark(thread, either, either->charge, warns ? WSQ_WARN : WSQ_INFO, seen, text);
    }
    end_either(thread);
}

/* The branch that came farthest had no connection to judge by, and so the case has none. */
static void lose_connection(struct thread *thread, const struct thread *child)
{
    const char *saw = child->fault_count ? child->faults[child->fault_count - 1].saw : NULL;
    thread->unconnected = true;
    thread->unanswered = child->unanswered;
    if (thread->parent)
        return;
    thread->run->no_connection = thread->run->no_connection || child->unanswered;
    wss_run_error(thread->run, "no connection: the answer to the handshake was %s",
                  saw ? saw : "another");
}

/* No branch is left: the one that came farthest says what was wrong. */
static void fail_either(struct thread *thread)
{
    size_t best = 0;
    for (size_t i = 1; i < thread->child_count; i++) {
        if (thread->children[i].progress > thread->children[best].progress)
            best = i;
    }
    if (thread->children[best].unconnected)
        lose_connection(thread, &thread->children[best]);
    take_faults(thread, &thread->children[best]);
    bool fatal = thread->parent != NULL;
    for (size_t i = 0; i < thread->fault_count; i++)
        fatal = fatal || thread->faults[i].verdict == WSQ_FAIL;
    take_readers(thread, &thread->children[best]);
    end_either(thread);
    if (fatal)
        thread->state = THREAD_DEAD;
    else if (!wss_reads_on(thread))
        wss_run_error(thread->run, "too much: more came since the script went astray than is kept");
}

/* True when the either is decided.  With a branch that is through, those below it go no farther:
 * they would send. */
bool wss_either_run(struct thread *thread)
{
    bool alive = false;
    for (size_t i = 0; i < thread->child_count; i++) {
        if (thread->children[i].state == THREAD_RUNNING)
            wss_thread_advance(&thread->children[i]);
        if (wss_stuck(thread->run))
            return false;
        if (thread->children[i].state == THREAD_DONE) {
            choose(thread, i);
            return true;
        }
        alive = alive || thread->children[i].state == THREAD_RUNNING;
    }
    if (!alive)
        fail_either(thread);
    return !alive;
}

/* The uppermost branch that is left is at fault. */
void wss_either_expire(struct thread *thread)
{
    size_t upper = thread->child_count;
    for (size_t i = thread->child_count; i > 0; i--) {
        struct thread *child = &thread->children[i - 1];
        if (child->state != THREAD_RUNNING || wss_deadline_of(child) > thread->run->now)
            continue;
        wss_thread_expire(child);
        upper = i - 1;
    }
    if (upper == thread->child_count || thread->children[upper].state != THREAD_DEAD)
        return;
    for (size_t i = 0; i < thread->child_count; i++) {
        if (thread->children[i].state == THREAD_RUNNING || thread->children[i].state == THREAD_DONE)
            return; /* another branch still has a chance */
    }
    thread->children[upper].progress = UINT64_MAX;
}
