/* group.c - the `<` steps between two steps of other kinds, met by events in two lanes and at
 * fences.
 *
 * Messages are matched in their order, pings and pongs in theirs; the RFC does not order the two
 * against each other.  A fence (status, Close, failure, end, frame) is met only when all above it
 * is.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

static bool is_fence(const struct wss_step *step)
{
    return step->kind != WSN_EXPECT_MESSAGE && step->kind != WSN_EXPECT_ECHO &&
           step->kind != WSN_ALIVE;
}

static enum event_kind awaited(const struct wss_step *step)
{
    if (step->kind == WSN_ALIVE || (step->kind == WSN_EXPECT_MESSAGE && step->opcode == WSC_PONG))
        return EVENT_PONG;
    return step->kind == WSN_EXPECT_MESSAGE && step->opcode == WSC_PING ? EVENT_PING
                                                                        : EVENT_MESSAGE;
}

struct lane *wss_lane_of(struct thread *thread, const struct open_step *open)
{
    return &thread->run->lanes[open->step->lane];
}

/* ---- opening ---- */

void wss_step_resolve(struct thread *thread, struct open_step *open, struct wsn_arena *arena)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = open->step;
    struct run_scope scope;
    uint64_t round = wss_thread_round(thread);
    struct wss_env env = wss_run_env(&scope, run, wss_lane_of(thread, open), round);
    const struct wsn_payload *source =
        step->kind == WSN_EXPECT_CLOSE ? &step->ast->reason : &step->ast->payload;
    if (!source->present)
        return;
    open->bound = wss_bind_payload(arena, &env, source);
    if (wss_payload_pattern(&open->bound))
        return;
    open->payload = wss_payload_bytes(arena, &open->bound, run->draw, &open->payload_len);
    if (!open->payload)
        wss_run_error(run, "too much: an expected payload needs too much memory");
}

/* Nothing is sent while the case itself waits; but where a branch does, another may go on. */
static void resolve_echo(struct thread *thread, struct open_step *open)
{
    const struct lane *lane = wss_lane_of(thread, open);
    const struct kept *said = &lane->said;
    if (!lane->said_opcode) {
        wss_run_error(thread->run, "the script expects an echo but has sent no message");
        return;
    }
    open->opcode = lane->said_opcode;
    open->payload_len = said->n;
    open->payload = !thread->parent ? said->p
                                    : (const uint8_t *)wsn_copy(&thread->memory,
                                                                (const char *)said->p, said->n);
}

static void group_start(struct thread *thread, size_t count)
{
    wss_lanes_seal(thread->run);
    thread->group = wsn_alloc(&thread->memory, count * sizeof *thread->group);
    thread->group_count = thread->group ? count : 0;
    thread->group_first = 0;
    thread->group_fenced = false;
    thread->group_open = true;
    thread->group_from = thread->run->now;
    thread->group_late = 0;
    if (!thread->group)
        wss_run_error(thread->run, "too much: the case's own steps need too much memory");
}

void wss_group_begin(struct thread *thread, const struct wss_step *steps, size_t count)
{
    group_start(thread, count);
    for (size_t i = 0; i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        open->step = &steps[i];
        open->opcode = steps[i].opcode;
        thread->group_fenced = thread->group_fenced || is_fence(&steps[i]);
        wss_lane_open(thread->run, wss_lane_of(thread, open));
        if (steps[i].kind == WSN_EXPECT_ECHO)
            resolve_echo(thread, open);
        else
            wss_step_resolve(thread, open, &thread->memory);
    }
}

void wss_group_begin_alive(struct thread *thread, const struct wss_step *step, const uint8_t *ping,
                           size_t len)
{
    group_start(thread, 1);
    if (!thread->group_count)
        return;
    thread->group[0].step = step;
    thread->group[0].opcode = WSC_PONG;
    thread->group[0].payload = (uint8_t *)wsn_copy(&thread->memory, (const char *)ping, len);
    thread->group[0].payload_len = len;
}

/* ---- what is open ---- */

/* Steps are met from above, most of the time: where the first is that still waits. */
static size_t first_open(struct thread *thread)
{
    while (thread->group_first < thread->group_count &&
           thread->group[thread->group_first].state != STEP_OPEN)
        thread->group_first++;
    return thread->group_first;
}

struct open_step *wss_first_open(struct thread *thread, unsigned lane)
{
    for (size_t i = first_open(thread); i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        if (open->state == STEP_OPEN && open->step->lane == lane)
            return open;
    }
    return NULL;
}

struct open_step *wss_fence_of(struct thread *thread, unsigned lane)
{
    for (size_t i = first_open(thread); thread->group_fenced && i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        if (open->state == STEP_OPEN && open->step->lane == lane && is_fence(open->step))
            return open;
    }
    return NULL;
}

/* The next open step before the fence that waits for this kind of event. */
struct open_step *wss_next_open(struct thread *thread, unsigned lane, enum event_kind kind,
                                const struct open_step *after)
{
    for (size_t i = first_open(thread); i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        if (open->state != STEP_OPEN || open->step->lane != lane)
            continue;
        if (is_fence(open->step))
            break;
        if ((!after || open > after) && awaited(open->step) == kind)
            return open;
    }
    return NULL;
}

bool wss_can_be_skipped(const struct thread *thread, const struct open_step *open)
{
    return !thread->parent && wss_fault_verdict(open->step->charge) != WSQ_FAIL;
}

/* What stands above the connection is for the watches: a precondition is met by any 101. */
static const char *rule_broken(const struct wss_step *step, const struct event *event)
{
    uint64_t any = 0;
    for (size_t i = 0; i < WSC_RULE_WORDS; i++)
        any |= event->broke[i];
    if (!any || !step->charge || step->precondition)
        return NULL;
    for (int rule = 1; rule < WSC_RULE_COUNT; rule++) {
        const struct wsc_rule_info *info = wsc_rule_info((enum wsc_rule)rule);
        if (event->broke[rule / 64] >> rule % 64 & 1 &&
            strcmp(info->requirement, step->charge->id) == 0)
            return info->sentence;
    }
    return NULL;
}

/* Its distance from the event before is at most this: what our own loop was late by may be missing
 * at either end. */
static const char *too_early(struct thread *thread, const struct wss_step *step,
                             const struct event *event)
{
    struct wss_run *run = thread->run;
    uint64_t came = run->started + event->at + 2 * thread->group_late;
    uint64_t after = came > thread->group_from ? came - thread->group_from : 0;
    if (!step->after_ms || after >= step->after_ms)
        return NULL;
    struct wsn_buffer out = {0};
    wsn_printf(&out, "%llu ms after the one before, expected %llu to %llu ms",
               (unsigned long long)after, (unsigned long long)step->after_ms,
               (unsigned long long)step->within_ms);
    return wss_keep(run, &out);
}

void wss_step_over(struct thread *thread, struct open_step *open, enum step_state state)
{
    open->state = state;
    open->over_at = thread->run->now;
}

void wss_step_met(struct thread *thread, struct open_step *open, const struct event *event)
{
    const char *broken = rule_broken(open->step, event);
    if (!broken)
        broken = too_early(thread, open->step, event);
    if (broken) {
        wss_step_unmet(thread, open, event, broken);
        return;
    }
    struct reader *reader = &thread->readers[open->step->lane];
    wss_step_over(thread, open, STEP_MET);
    thread->progress++;
    thread->run->moved = thread->run->now;
    if (event->kind == EVENT_MESSAGE)
        reader->last_message = open->step;
    if (event->kind == EVENT_MESSAGE || event->kind == EVENT_FRAME || event->kind == EVENT_BODY)
        reader->last_content = event->index + 1;
}

void wss_step_unmet(struct thread *thread, struct open_step *open, const struct event *event,
                    const char *why)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = wss_lane_of(thread, open);
    const struct wsq_requirement *charge = open->step->charge;
    bool bare_end = event->kind == EVENT_EOF || event->kind == EVENT_REFUSED;
    struct fault_text text = {.expected = wss_describe_step(run, open->step),
                              .saw = wss_describe_event(run, event),
                              .why = why};
    if (open->step->kind == WSN_EXPECT_CLOSE && bare_end && lane->sent_close && charge &&
        !open->step->ast->charge.present)
        charge = wss_row("6455-5.5.1-9");
    if (open->step->validated && open->step->charge && open->step->kind == WSN_EXPECT_STATUS)
        run->control = true;
    wss_step_over(thread, open, STEP_UNMET);
    thread->unconnected = open->step->precondition;
    thread->unanswered = bare_end;
    wss_thread_unmet(thread, open->step, charge, !bare_end, text);
    if (open->step->kind == WSN_EXPECT_STATUS)
        thread->state = THREAD_DEAD; /* whatever its grade, nothing can be said behind it */
}

bool wss_clear_to(struct thread *thread, const struct open_step *fence, const struct event *event)
{
    struct open_step *open;
    while ((open = wss_first_open(thread, fence->step->lane)) && open != fence) {
        if (event->kind == EVENT_EOF || event->kind == EVENT_CLOSE ||
            wss_can_be_skipped(thread, open))
            wss_step_unmet(thread, open, event, NULL);
        else
            return false;
        if (thread->state != THREAD_RUNNING)
            return false;
    }
    return true;
}

/* What was put aside by an earlier group may be what this one waits for. */
static void feed_held(struct thread *thread, unsigned index)
{
    struct reader *reader = &thread->readers[index];
    size_t count = reader->held_count, *held = reader->held;
    if (!wss_next_open(thread, index, EVENT_MESSAGE, NULL))
        return;
    if (reader->lost) {
        wss_run_error(thread->run, "too much: more messages came unasked than are kept");
        return;
    }
    reader->held_count = reader->held_room = 0;
    reader->held = NULL;
    for (size_t i = 0; i < count && thread->state == THREAD_RUNNING; i++)
        wss_feed(thread, index, held[i]);
    free(held);
}

/* The end stays: a step that waits for it meets it also when another has seen it before. */
static void feed_end_again(struct thread *thread, unsigned index)
{
    const struct lane *lane = &thread->run->lanes[index];
    if (thread->state == THREAD_RUNNING && lane->ended &&
        thread->readers[index].at == lane->event_count && wss_first_open(thread, index) &&
        wss_event_at(lane, lane->event_count - 1)->kind == EVENT_EOF)
        wss_feed(thread, index, lane->event_count - 1);
}

void wss_group_feed(struct thread *thread)
{
    struct wss_run *run = thread->run;
    for (unsigned i = 0; i < run->lane_count; i++) {
        struct reader *reader = &thread->readers[i];
        if (reader->held_count || reader->lost)
            feed_held(thread, i);
        while (thread->state == THREAD_RUNNING && !wss_stuck(run) &&
               reader->at < run->lanes[i].event_count && wss_first_open(thread, i))
            wss_feed(thread, i, reader->at++);
        feed_end_again(thread, i);
    }
}

bool wss_group_met(struct thread *thread)
{
    return first_open(thread) == thread->group_count;
}

/* ---- time ---- */

/* The end of TCP behind the Closes: no server is at fault before 10 s, which is five thirds of what
 * anything else gets in a calm attempt. */
static uint64_t patience_for(const struct thread *thread, const struct open_step *open)
{
    const struct wss_run *run = thread->run;
    const struct lane *lane = &run->lanes[open->step->lane];
    uint64_t patience = run->setup->patience_ms;
    bool end = open->step->kind == WSN_EXPECT_EOF || open->step->kind == WSN_EXPECT_FAIL;
    bool behind = !run->test->server_role && lane->got_close && lane->sent_close;
    return end && behind ? patience * 5 / 3 : patience;
}

/* When the last step above it on its connection was met, or given up; UINT64_MAX: one is open. */
static uint64_t turn_of(const struct thread *thread, const struct open_step *open)
{
    uint64_t from = thread->group_from;
    for (const struct open_step *above = open; above-- > thread->group;) {
        if (above->step->lane != open->step->lane)
            continue;
        if (above->state == STEP_OPEN)
            return UINT64_MAX;
        from = above->over_at > from ? above->over_at : from;
    }
    return from;
}

static uint64_t step_deadline(const struct thread *thread, const struct open_step *open)
{
    const struct wss_run *run = thread->run;
    if (open->step->kind == WSN_SILENT)
        return thread->group_from + open->step->ms;
    if (open->step->within_ms && !open->deadline_from) {
        uint64_t turn = turn_of(thread, open);
        return turn == UINT64_MAX ? turn : turn + open->step->within_ms;
    }
    if (run->test->server_role && run->lanes[open->step->lane].state == LANE_CONNECTING)
        return thread->group_from + ACCEPT_MS;
    uint64_t from = run->moved > thread->group_from ? run->moved : thread->group_from;
    if (open->deadline_from > from)
        from = open->deadline_from;
    return from + patience_for(thread, open);
}

uint64_t wss_group_deadline(const struct thread *thread)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = thread->group_first; i < thread->group_count; i++) {
        const struct open_step *open = &thread->group[i];
        uint64_t at = open->state == STEP_OPEN ? step_deadline(thread, open) : UINT64_MAX;
        if (at < first)
            first = at;
    }
    return first;
}

static const char *nothing_within(struct wss_run *run, uint64_t ms)
{
    struct wsn_buffer out = {0};
    wsn_printf(&out, "nothing within %llu ms", (unsigned long long)ms);
    return wss_keep(run, &out);
}

static void expire(struct thread *thread, struct open_step *open)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = open->step;
    const struct lane *lane = wss_lane_of(thread, open);
    const struct wsq_requirement *charge = step->charge;
    uint64_t waited = step->within_ms ? step->within_ms : patience_for(thread, open);
    struct fault_text text = {.expected = wss_describe_step(run, step),
                              .saw = nothing_within(run, waited)};
    if (step->kind == WSN_SILENT || step->kind == WSN_RENEGOTIATE) {
        wss_step_over(thread, open, STEP_MET);
        return;
    }
    if (step->kind == WSN_EXPECT_FAIL) {
        wss_fail_expired(thread, open);
        return;
    }
    if (step->precondition && !thread->parent) {
        run->no_connection = true;
        wss_run_error(run, "no connection: the server did not answer the handshake");
        return;
    }
    if (step->kind == WSN_EXPECT_REQUEST) {
        wss_run_error(run, "no connection: no client came");
        return;
    }
    wss_step_over(thread, open, STEP_UNMET);
    if (step->kind == WSN_EXPECT_REFUSE) {
        text.why = "a server may leave such a request unanswered, yet should not";
        wss_thread_remark(thread, step, charge, WSQ_WARN, false, text);
        thread->state = THREAD_DONE; /* what follows speaks of an answer that did not come */
        return;
    }
    thread->unconnected = thread->unanswered = step->precondition;
    if (step->kind == WSN_EXPECT_STATUS && step->validated && step->charge)
        run->control = true;
    if (step->kind == WSN_EXPECT_CLOSE && lane->sent_close && charge && !step->ast->charge.present)
        charge = wss_row("6455-5.5.1-9");
    wss_thread_unmet(thread, step, charge, false, text);
    if (step->kind == WSN_EXPECT_STATUS && thread->state == THREAD_RUNNING)
        thread->state = THREAD_DONE; /* what follows speaks to a server that has answered */
}

void wss_group_expire(struct thread *thread)
{
    struct wss_run *run = thread->run;
    for (unsigned i = 0; i < run->lane_count; i++) {
        struct open_step *open = NULL;
        for (size_t k = 0; k < thread->group_count && thread->state == THREAD_RUNNING; k++) {
            open = &thread->group[k];
            if (open->state == STEP_OPEN && open->step->lane == i &&
                run->now >= step_deadline(thread, open)) {
                expire(thread, open);
                if (open->state == STEP_OPEN)
                    break; /* it goes on waiting, in another phase */
            }
        }
    }
}
