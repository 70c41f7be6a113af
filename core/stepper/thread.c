/* thread.c - follow the script: the case itself, and the branches of an `either`. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the script stands ---- */

void wss_thread_push(struct thread *thread, const struct wss_block *block, uint64_t rounds)
{
    if (thread->depth == DEPTH_MAX) {
        wss_run_error(thread->run, "the script's blocks are nested too deep");
        return;
    }
    thread->stack[thread->depth++] = (struct frame_of){.block = block, .left = rounds};
}

static void pause_for(struct thread *thread, uint64_t ms)
{
    wss_lanes_seal(thread->run);
    if (ms)
        thread->wait_until = thread->run->now + ms;
}

/* Between the rounds of a repeat: the transcript, which has no repeat, waits instead. */
static void pause_between(struct thread *thread, uint64_t ms)
{
    char text[40];
    snprintf(text, sizeof text, "wait %llums", (unsigned long long)ms);
    wss_note_text(thread->run, text);
    pause_for(thread, ms);
}

/* The step at hand, NULL at the end.  A repeat begins its next round here. */
static const struct wss_step *at_hand(struct thread *thread)
{
    while (thread->depth) {
        struct frame_of *top = &thread->stack[thread->depth - 1];
        if (top->left && top->next < top->block->count)
            return &top->block->steps[top->next];
        if (top->left > 1) {
            top->left = top->block->count ? top->left - 1 : 0;
            top->round++;
            top->next = 0;
            if (top->pause_ms)
                pause_between(thread, top->pause_ms);
        } else {
            thread->depth--;
        }
    }
    return NULL;
}

static void step_on(struct thread *thread, size_t n)
{
    thread->stack[thread->depth - 1].next += n;
}

uint64_t wss_thread_round(const struct thread *thread)
{
    for (size_t i = thread->depth; i > 0; i--) {
        if (thread->stack[i - 1].left > 1 || thread->stack[i - 1].round)
            return thread->stack[i - 1].round;
    }
    return thread->parent ? wss_thread_round(thread->parent) : 0;
}

/* A branch sends only when no other could object: it is the uppermost that is alive. */
static bool may_send(const struct thread *thread)
{
    const struct thread *parent = thread->parent;
    if (!parent)
        return true;
    for (size_t i = 0; i < parent->child_count; i++) {
        const struct thread *child = &parent->children[i];
        if (child == thread)
            return may_send(parent);
        if (child->state == THREAD_RUNNING)
            return false;
    }
    return true;
}

/* ---- steps ---- */

void wss_thread_tell(struct thread *thread, const struct wsn_step *step)
{
    if (!thread->parent) {
        wss_note_step(thread->run, step);
        return;
    }
    const struct wsn_step **list =
        wss_more(thread->run, (void *)thread->untold, thread->untold_count, &thread->untold_room,
                 sizeof *list);
    if (!list)
        return;
    thread->untold = list;
    thread->untold[thread->untold_count++] = step;
}

static bool more_nevers(struct thread *thread)
{
    size_t room = 2 * thread->never_count + 1;
    if (thread->never_count < thread->never_room)
        return true;
    struct never *grown = wsn_alloc(&thread->run->arena, room * sizeof *grown);
    if (!grown) {
        wss_run_error(thread->run, "too much: the case's own steps need too much memory");
        return false;
    }
    if (thread->never_count)
        memcpy(grown, thread->nevers, thread->never_count * sizeof *grown);
    thread->nevers = grown;
    thread->never_room = room;
    return true;
}

static void begin_never(struct thread *thread, const struct wss_step *step)
{
    if (!step->block_count || !step->blocks[0].count || !more_nevers(thread))
        return;
    const struct wss_step *pattern = &step->blocks[0].steps[0];
    struct never *never = &thread->nevers[thread->never_count++];
    *never = (struct never){.pattern = {.step = pattern, .opcode = pattern->opcode},
                            .at = thread->readers[pattern->lane].at};
    wss_step_resolve(thread, &never->pattern, &thread->run->arena);
    wss_thread_tell(thread, step->ast);
}

static void check_never(struct thread *thread, struct never *never)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = never->pattern.step;
    const struct lane *lane = &run->lanes[step->lane];
    while (!never->over && never->at < lane->event_count) {
        const struct event *event = wss_event_at(lane, never->at++);
        if (!wss_match_never(thread, &never->pattern, event))
            continue;
        struct fault_text text = {.expected = "this never", .saw = wss_describe_event(run, event)};
        never->over = true;
        wss_note_event(run, lane, event, NULL);
        wss_thread_unmet(thread, step, step->charge, true, text);
    }
}

static void check_nevers(struct thread *thread)
{
    for (size_t i = 0; i < thread->never_count && thread->state == THREAD_RUNNING; i++)
        check_never(thread, &thread->nevers[i]);
}

static void begin_alive(struct thread *thread, const struct wss_step *step)
{
    struct wss_run *run = thread->run;
    struct lane *lane = &run->lanes[step->lane];
    char ping[40];
    snprintf(ping, sizeof ping, "alive-%08llx-%llu",
             (unsigned long long)(wss_draw(&lane->draw) & 0xffffffffu),
             (unsigned long long)++run->serial);
    wss_lane_open(run, lane);
    wss_send_ping(run, lane, (const uint8_t *)ping, strlen(ping));
    wss_note_step(run, step->ast);
    wss_group_begin_alive(thread, step, (const uint8_t *)ping, strlen(ping));
}

static size_t run_of_expectations(const struct frame_of *top)
{
    size_t n = 0;
    while (top->next + n < top->block->count && wsn_expects(top->block->steps[top->next + n].kind))
        n++;
    return n;
}

static void listen_to(struct thread *thread, const struct wss_step *step, bool deaf)
{
    struct lane *lane = &thread->run->lanes[step->lane];
    lane->want_deaf = deaf;
    wss_note_step(thread->run, step->ast);
}

static void begin_repeat(struct thread *thread, const struct wss_step *step)
{
    if (!step->count || !step->block_count)
        return;
    wss_thread_push(thread, &step->blocks[0], step->count);
    thread->stack[thread->depth - 1].pause_ms = step->modifiers.pause_ms;
}

/* Can the step at hand send?  Not while it has no right to, or too much is waiting to leave. */
static bool can_send(struct thread *thread, const struct wss_step *step)
{
    const struct lane *lane = &thread->run->lanes[step->lane];
    if (!may_send(thread))
        return false;
    thread->stalled = lane->queued > QUEUE_LIMIT && !lane->write_dead;
    return !thread->stalled;
}

/* Carries out the step at hand; false when it has to wait for something else first. */
static bool begin_step(struct thread *thread, const struct wss_step *step)
{
    struct wss_run *run = thread->run;
    switch (step->kind) {
    case WSN_SEND_REQUEST:
    case WSN_SEND_RESPONSE:
    case WSN_SEND_FRAME:
    case WSN_SEND_RAW:
    case WSN_SEND_FIN:
    case WSN_SEND_RESET:
        if (!can_send(thread, step))
            return false;
        wss_send_step(run, step, wss_thread_round(thread));
        break;
    case WSN_ALIVE:
        if (!can_send(thread, step))
            return false;
        begin_alive(thread, step);
        break;
    case WSN_RENEGOTIATE:
        if (!can_send(thread, step))
            return false;
        wss_renewal_begin(thread, step);
        break;
    case WSN_EXPECT_REQUEST:
    case WSN_EXPECT_STATUS:
    case WSN_EXPECT_REFUSE:
    case WSN_EXPECT_REFUSED:
    case WSN_EXPECT_MESSAGE:
    case WSN_EXPECT_ECHO:
    case WSN_EXPECT_FRAME:
    case WSN_EXPECT_CLOSE:
    case WSN_EXPECT_FAIL:
    case WSN_EXPECT_EOF: {
        size_t n = run_of_expectations(&thread->stack[thread->depth - 1]);
        wss_group_begin(thread, step, n);
        step_on(thread, n);
        return true;
    }
    case WSN_SILENT:
        wss_thread_tell(thread, step->ast);
        wss_group_begin(thread, step, 1);
        break;
    case WSN_NEVER:
        begin_never(thread, step);
        break;
    case WSN_WAIT:
        wss_thread_tell(thread, step->ast);
        pause_for(thread, step->ms);
        break;
    case WSN_DEAF:
    case WSN_HEAR:
        listen_to(thread, step, step->kind == WSN_DEAF);
        break;
    case WSN_REPEAT:
        step_on(thread, 1);
        begin_repeat(thread, step);
        return true;
    case WSN_EITHER:
        wss_either_begin(thread, step);
        break;
    case WSN_LET:
        wss_capture(thread, step);
        break;
    case WSN_CONNECT:
        wss_thread_tell(thread, step->ast);
        run->lanes[step->lane].how = step->how;
        break;
    case WSN_EXITS:
    case WSN_STOP:
    case WSN_RESTART:
        wss_target_begin(thread, step);
        break;
    case WSN_REACHABLE: /* compiled to steps of their own */
    case WSN_CLIENTS:
    case WSN_USE:
    case WSN_COMMENT:
        break;
    }
    step_on(thread, 1);
    return true;
}

static void close_group(struct thread *thread)
{
    thread->group_open = false;
    thread->group_count = 0;
    if (thread->memory.used > SCRATCH_KEPT)
        wsn_arena_drop(&thread->memory);
    for (size_t i = 0; i < thread->run->lane_count; i++)
        thread->readers[i].since = thread->run->lanes[i].sent_count;
}

void wss_thread_advance(struct thread *thread)
{
    struct wss_run *run = thread->run;
    thread->stalled = false;
    while (thread->state == THREAD_RUNNING && !wss_stuck(run)) {
        check_nevers(thread);
        if (thread->state != THREAD_RUNNING)
            return;
        if (thread->group_open) {
            wss_group_feed(thread);
            if (thread->state != THREAD_RUNNING || wss_stuck(run) || !wss_group_met(thread))
                return;
            close_group(thread);
            continue;
        }
        if (thread->wait_until || (thread->awaited && !wss_target_met(thread)))
            return;
        if (thread->either) {
            if (!wss_either_run(thread))
                return;
            continue;
        }
        const struct wss_step *step = at_hand(thread);
        if (thread->wait_until)
            return;
        if (!step) {
            thread->state = THREAD_DONE;
            return;
        }
        if (!begin_step(thread, step))
            return;
    }
}

/* ---- the case ---- */

/* The first step there that waits for a message on this connection, in whatever branch. */
static const struct wss_step *message_step(const struct wss_block *block, unsigned lane)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct wss_step *step = &block->steps[i], *found = NULL;
        bool waits = step->kind == WSN_EXPECT_ECHO || step->kind == WSN_EXPECT_FRAME ||
                     (step->kind == WSN_EXPECT_MESSAGE && !wsc_is_control(step->opcode));
        if (waits && step->lane == lane)
            return step;
        for (size_t k = 0; step->kind != WSN_NEVER && k < step->block_count && !found; k++)
            found = message_step(&step->blocks[k], lane);
        if (found)
            return found;
    }
    return NULL;
}

/* Messages that no step wanted, in a case that knows what it wants.  Where it has met none, they
 * may be the words of a refusal; the law of an author says so itself. */
static void judge_held(struct wss_run *run)
{
    struct thread *main = &run->main;
    const struct wss_program *program = run->test->program;
    for (unsigned i = 0; i < run->lane_count; i++) {
        const struct reader *reader = &main->readers[i];
        const struct wss_step *step = reader->last_message;
        if (!reader->held_count && !reader->lost)
            continue;
        if (!step && !program->law)
            step = message_step(&program->body, i);
        if (!step)
            continue;
        if (reader->lost) {
            wss_run_error(run, "too much: more messages came unasked than are kept");
            return;
        }
        const struct event *event = wss_event_at(&run->lanes[i], reader->held[0]);
        struct fault_text text = {.expected = "no other message",
                                  .saw = wss_describe_event(run, event),
                                  .why = "a message came that no step asked for"};
        wss_note_event(run, &run->lanes[i], event, NULL);
        wss_thread_unmet(main, step, step->charge, true, text);
    }
}

/* A connection that was refused while no step was there to see it. */
static void judge_refused(struct wss_run *run)
{
    for (size_t i = 0; i < run->lane_count; i++) {
        const struct lane *lane = &run->lanes[i];
        bool unread = run->main.readers[i].at < lane->event_count;
        if (!unread || wss_event_at(lane, lane->event_count - 1)->kind != EVENT_REFUSED)
            continue;
        run->no_connection = true;
        wss_run_error(run, "no connection: %s",
                      (const char *)wss_event_at(lane, lane->event_count - 1)->data);
    }
}

/* A script that ends with sends is through when they have left. */
static bool draining(const struct wss_run *run)
{
    for (size_t i = 0; i < run->lane_count; i++) {
        const struct lane *lane = &run->lanes[i];
        bool open = lane->state == LANE_UP || lane->state == LANE_CONNECTING;
        bool unsent = lane->segment_at < lane->segment_count || (lane->want_shut && !lane->shut) ||
                      lane->want_reset;
        if (open && unsent && !lane->write_dead)
            return run->now < run->moved + run->setup->patience_ms;
    }
    return false;
}

void wss_thread_pump(struct wss_run *run)
{
    if (run->done)
        return;
    wss_thread_advance(&run->main);
    if (wss_stuck(run) || run->main.state == THREAD_DEAD ||
        (run->main.state == THREAD_DONE && !draining(run))) {
        if (run->main.state == THREAD_DONE && !run->error) {
            judge_refused(run);
            judge_held(run);
        }
        run->done = true;
    }
}

uint64_t wss_deadline_of(const struct thread *thread)
{
    if (thread->state != THREAD_RUNNING)
        return UINT64_MAX;
    if (thread->group_open)
        return wss_group_deadline(thread);
    if (thread->wait_until)
        return thread->wait_until;
    if (thread->awaited)
        return wss_target_deadline(thread);
    if (thread->stalled)
        return thread->run->moved + thread->run->setup->patience_ms;
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < thread->child_count; i++) {
        uint64_t at = wss_deadline_of(&thread->children[i]);
        if (at < first)
            first = at;
    }
    return first;
}

uint64_t wss_thread_deadline(const struct wss_run *run)
{
    if (run->main.state == THREAD_DONE) /* draining */
        return run->moved + run->setup->patience_ms;
    return wss_deadline_of(&run->main);
}

static void stall(struct wss_run *run)
{
    run->too_slow = true;
    wss_run_error(run,
                  "too slow to judge: the peer does not read what the script still has to send");
}

void wss_thread_expire(struct thread *thread)
{
    if (thread->group_open)
        wss_group_expire(thread);
    else if (thread->wait_until)
        thread->wait_until = 0;
    else if (thread->awaited)
        wss_target_expire(thread);
    else if (thread->stalled)
        stall(thread->run);
    else if (thread->either)
        wss_either_expire(thread);
}

/* Whoever is still being connected to cannot be judged by what it does not say. */
static bool is_unconnected(const struct wss_run *run)
{
    if (run->test->server_role || run->now < run->moved + run->setup->patience_ms)
        return false;
    for (size_t i = 0; i < run->lane_count; i++)
        if (run->lanes[i].state == LANE_CONNECTING)
            return true;
    return false;
}

void wss_thread_tick(struct wss_run *run)
{
    if (run->done || run->now < wss_deadline_of(&run->main))
        return;
    if (is_unconnected(run)) {
        run->no_connection = true;
        wss_run_error(run, "no connection: it is not established within %llu ms",
                      (unsigned long long)run->setup->patience_ms);
    } else {
        wss_thread_expire(&run->main);
    }
}

void wss_thread_free(struct thread *thread)
{
    for (size_t i = 0; i < thread->child_count; i++)
        wss_thread_free(&thread->children[i]);
    for (size_t i = 0; i < thread->fault_count; i++) {
        struct wsq_fault *fault = &thread->faults[i];
        free(fault->requirement);
        free(fault->step);
        free(fault->expected);
        free(fault->saw);
        free(fault->why);
    }
    for (size_t i = 0; thread->readers && i < thread->run->lane_count; i++)
        free(thread->readers[i].held);
    wsn_arena_drop(&thread->memory);
    free(thread->faults);
    free(thread->untold);
    free(thread->readers);
    free(thread->children);
}
