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

static struct lane *lane_of(struct thread *thread, const struct open_step *open)
{
    return &thread->run->lanes[open->step->lane];
}

/* ---- opening ---- */

static void resolve_payload(struct thread *thread, struct open_step *open)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = open->step;
    struct run_scope scope;
    uint64_t round = thread->depth ? thread->stack[thread->depth - 1].round : 0;
    struct wss_env env = wss_run_env(&scope, run, lane_of(thread, open), round);
    const struct wsn_payload *source =
        step->kind == WSN_EXPECT_CLOSE ? &step->ast->reason : &step->ast->payload;
    if (!source->present)
        return;
    struct wsn_payload bound = wss_bind_payload(&run->arena, &env, source);
    if (!wss_payload_pattern(&bound))
        open->payload = wss_payload_bytes(&run->arena, &bound, run->draw, &open->payload_len);
}

static void resolve_echo(struct thread *thread, struct open_step *open)
{
    const struct lane *lane = lane_of(thread, open);
    for (size_t i = lane->sent_count; i > 0; i--) {
        const struct sent *sent = &lane->sent[i - 1];
        if (sent->message && (sent->opcode == WSC_TEXT || sent->opcode == WSC_BINARY)) {
            open->opcode = sent->opcode;
            open->payload = sent->data;
            open->payload_len = sent->len;
            return;
        }
    }
    wss_run_error(thread->run, "the script expects an echo but has sent no message");
}

static void group_start(struct thread *thread, size_t count)
{
    wss_lanes_seal(thread->run);
    thread->group = wsn_alloc(&thread->run->arena, count * sizeof *thread->group);
    thread->group_count = thread->group ? count : 0;
    thread->group_open = true;
    thread->group_from = thread->run->now;
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
        wss_lane_open(thread->run, lane_of(thread, open));
        if (steps[i].kind == WSN_EXPECT_ECHO)
            resolve_echo(thread, open);
        else
            resolve_payload(thread, open);
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
    thread->group[0].payload = (uint8_t *)wsn_copy(&thread->run->arena, (const char *)ping, len);
    thread->group[0].payload_len = len;
}

/* ---- what is open ---- */

static struct open_step *first_open(struct thread *thread, unsigned lane)
{
    for (size_t i = 0; i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        if (open->state == STEP_OPEN && open->step->lane == lane)
            return open;
    }
    return NULL;
}

static struct open_step *fence_of(struct thread *thread, unsigned lane)
{
    for (size_t i = 0; i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        if (open->state == STEP_OPEN && open->step->lane == lane && is_fence(open->step))
            return open;
    }
    return NULL;
}

/* The next open step before the fence that waits for this kind of event. */
static struct open_step *next_open(struct thread *thread, unsigned lane, enum event_kind kind,
                                   const struct open_step *after)
{
    const struct open_step *fence = fence_of(thread, lane);
    for (size_t i = after ? (size_t)(after - thread->group) + 1 : 0; i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        if (open == fence)
            break;
        if (open->state == STEP_OPEN && open->step->lane == lane && awaited(open->step) == kind)
            return open;
    }
    return NULL;
}

static bool can_be_skipped(const struct thread *thread, const struct open_step *open)
{
    return !thread->parent && wss_fault_verdict(open->step->charge) != WSQ_FAIL;
}

static void met(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct reader *reader = &thread->readers[open->step->lane];
    open->state = STEP_MET;
    thread->progress++;
    if (event->kind == EVENT_MESSAGE)
        reader->last_message = open->step;
}

static void unmet(struct thread *thread, struct open_step *open, const struct event *event,
                  const char *why)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = lane_of(thread, open);
    const struct wsq_requirement *charge = open->step->charge;
    bool bare_end = event->kind == EVENT_EOF;
    struct fault_text text = {.expected = wss_describe_step(run, open->step),
                              .saw = wss_describe_event(run, event),
                              .why = why};
    if (open->step->kind == WSN_EXPECT_CLOSE && bare_end && lane->sent_close && charge &&
        !open->step->ast->charge.present)
        charge = wss_row("6455-5.5.1-9");
    if (open->step->validated && open->step->charge && open->step->kind == WSN_EXPECT_STATUS)
        run->control = true;
    open->state = STEP_UNMET;
    wss_thread_unmet(thread, open->step, charge, !bare_end, text);
}

static bool clear_to(struct thread *thread, const struct open_step *fence,
                     const struct event *event)
{
    struct open_step *open;
    while ((open = first_open(thread, fence->step->lane)) && open != fence) {
        if (event->kind == EVENT_EOF || event->kind == EVENT_CLOSE || can_be_skipped(thread, open))
            unmet(thread, open, event, NULL);
        else
            return false;
        if (thread->state != THREAD_RUNNING)
            return false;
    }
    return true;
}

/* ---- messages, pings, pongs ---- */

static bool is_unasked(const struct wss_run *run, const struct event *event)
{
    const struct wss_profile *profile = run->setup->profile;
    for (size_t i = 0; i < profile->unasked_count; i++) {
        const struct wss_message *m = &profile->unasked[i];
        if (m->opcode == event->opcode && m->len == event->len &&
            (!m->len || memcmp(m->data, event->data, m->len) == 0))
            return true;
    }
    return false;
}

static void learn_unasked(struct wss_run *run, const struct event *event)
{
    enum { KEEP = 16, LARGEST = 4096 };
    struct wss_facts *facts = &run->facts;
    if (facts->unasked_count == KEEP || event->len > LARGEST)
        return;
    struct wss_message *grown = realloc(facts->unasked, (facts->unasked_count + 1) * sizeof *grown);
    uint8_t *data = malloc(event->len + 1);
    if (grown)
        facts->unasked = grown;
    if (!grown || !data) {
        free(data);
        return;
    }
    if (event->len)
        memcpy(data, event->data, event->len);
    grown[facts->unasked_count++] =
        (struct wss_message){.opcode = event->opcode, .data = data, .len = event->len};
}

static void pass_over(struct thread *thread, const struct lane *lane, const struct event *event)
{
    if (!thread->parent)
        wss_note_event(thread->run, lane, event, true);
    if (event->kind == EVENT_MESSAGE && !thread->parent)
        learn_unasked(thread->run, event);
}

static void hold(struct thread *thread, unsigned lane, size_t at)
{
    struct reader *reader = &thread->readers[lane];
    size_t *grown = wsn_alloc(&thread->run->arena, (reader->held_count + 1) * sizeof *grown);
    if (!grown)
        return;
    if (reader->held_count)
        memcpy(grown, reader->held, reader->held_count * sizeof *grown);
    grown[reader->held_count++] = at;
    reader->held = grown;
}

/* No step before the fence waits for a message. */
static void stray_message(struct thread *thread, unsigned index, size_t at,
                          const struct event *event)
{
    const struct lane *lane = &thread->run->lanes[index];
    if (!thread->run->test->expects_message || is_unasked(thread->run, event))
        pass_over(thread, lane, event);
    else
        hold(thread, index, at);
}

static void meet(struct thread *thread, struct open_step *open, const struct event *event)
{
    wss_note_event(thread->run, lane_of(thread, open), event, false);
    met(thread, open, event);
}

static void message_came(struct thread *thread, unsigned index, size_t at,
                         const struct event *event)
{
    struct open_step *first = next_open(thread, index, EVENT_MESSAGE, NULL), *open = first;
    const char *why = NULL, *first_why = NULL;
    if (!first) {
        stray_message(thread, index, at, event);
        return;
    }
    for (; open; open = next_open(thread, index, EVENT_MESSAGE, open)) {
        if (wss_match_message(thread, open, event, &why))
            break;
        first_why = first_why ? first_why : why;
        if (!can_be_skipped(thread, open)) {
            open = NULL;
            break;
        }
    }
    if (open) {
        for (struct open_step *skipped = first; skipped != open;
             skipped = next_open(thread, index, EVENT_MESSAGE, skipped))
            unmet(thread, skipped, event, first_why);
        meet(thread, open, event);
    } else if (is_unasked(thread->run, event)) {
        pass_over(thread, &thread->run->lanes[index], event);
    } else {
        wss_note_event(thread->run, &thread->run->lanes[index], event, false);
        unmet(thread, first, event, first_why);
    }
}

static void control_came(struct thread *thread, unsigned index, const struct event *event)
{
    const char *why;
    bool noted = false;
    for (struct open_step *open = next_open(thread, index, event->kind, NULL); open;
         open = next_open(thread, index, event->kind, open)) {
        if (!wss_match_message(thread, open, event, &why))
            continue;
        if (!noted && open->step->kind != WSN_ALIVE)
            wss_note_event(thread->run, lane_of(thread, open), event, false);
        noted = true;
        met(thread, open, event);
        if (event->kind == EVENT_PING)
            return;
    }
    if (!noted)
        pass_over(thread, &thread->run->lanes[index], event);
}

/* ---- fences ---- */

static bool not_final(const struct event *event)
{
    return event->head && event->head->status < 200 && event->head->status != 101;
}

static bool wants_body(const struct wss_step *step)
{
    for (size_t i = 0; i < step->ast->line_count; i++) {
        if (step->ast->lines[i].kind == WSN_LINE_BODY)
            return true;
    }
    return false;
}

static void answer_lines(struct thread *thread, struct open_step *open, const struct event *event)
{
    wss_match_lines(thread, lane_of(thread, open), open->step, event);
    if (thread->state != THREAD_RUNNING)
        return;
    if (wants_body(open->step) && event->kind != EVENT_BODY)
        open->phase = 1;
    else
        met(thread, open, event);
}

static void judge_101(struct thread *thread, struct open_step *open, const struct event *event)
{
    if (event->head->status == 101 && open->step->validated && !event->valid) {
        const char *why = "it is no valid 101 for our request";
        size_t n = thread->run->violation_count;
        if (n)
            why = thread->run->violations[n - 1].sentence;
        unmet(thread, open, event, why);
        return;
    }
    answer_lines(thread, open, event);
}

static void status_came(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    unsigned status = event->head->status;
    if (wss_match_codes(open->step, status)) {
        judge_101(thread, open, event);
    } else if (not_final(event)) {
        return;
    } else if (open->step->precondition && !thread->parent) {
        wss_run_error(run, "no connection: the server answered %u", status);
    } else {
        unmet(thread, open, event, NULL);
    }
}

static void refuse_came(struct thread *thread, struct open_step *open, const struct event *event)
{
    const struct wss_step *step = open->step;
    unsigned status = event->head->status;
    if (not_final(event))
        return;
    if (status == 101) {
        unmet(thread, open, event, "the request had to be refused");
        return;
    }
    struct fault_text text = {.expected = wss_describe_step(thread->run, step),
                              .saw = wss_describe_event(thread->run, event)};
    if (step->code_count && !wss_match_codes(step, status)) {
        if (status >= 400) {
            text.why = "refused, with another status";
            wss_thread_remark(thread, step, step->charge, WSQ_INFO, true, text);
        } else if (lane_of(thread, open)->request_upgrades) {
            text.why = "answered as if it were an ordinary request";
            wss_thread_remark(thread, step, step->charge, WSQ_WARN, true, text);
        }
    } else if (!step->code_count && status < 400 && lane_of(thread, open)->request_upgrades) {
        text.why = "answered as if it were an ordinary request";
        wss_thread_remark(thread, step, step->charge, WSQ_WARN, true, text);
    }
    answer_lines(thread, open, event);
}

static void head_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct open_step *open = first_open(thread, index);
    if (!open) {
        pass_over(thread, &thread->run->lanes[index], event);
        return;
    }
    wss_note_event(thread->run, lane_of(thread, open), event, false);
    switch ((int)open->step->kind) {
    case WSN_EXPECT_STATUS:
        status_came(thread, open, event);
        break;
    case WSN_EXPECT_REFUSE:
        refuse_came(thread, open, event);
        break;
    case WSN_EXPECT_REQUEST:
        if (event->kind == EVENT_REQUEST)
            answer_lines(thread, open, event);
        break;
    default:
        unmet(thread, open, event, NULL);
    }
}

static void answer_close(struct thread *thread, struct lane *lane, const struct event *event,
                         bool by_script)
{
    if (!by_script)
        wss_send_close(thread->run, lane, event->code);
    if (thread->run->test->server_role && lane->sent_close)
        lane->want_shut = true;
}

static void close_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct open_step *fence = fence_of(thread, index);
    struct lane *lane = &thread->run->lanes[index];
    const char *why;
    if (fence && fence->step->kind == WSN_EXPECT_FAIL) {
        if (clear_to(thread, fence, event))
            wss_fail_event(thread, fence, event);
        return;
    }
    wss_note_event(thread->run, lane, event, false);
    if (fence && fence->step->kind == WSN_EXPECT_EOF && first_open(thread, index) == fence) {
        answer_close(thread, lane, event, false);
        return;
    }
    if (fence && !clear_to(thread, fence, event))
        return;
    if (fence && fence->step->kind == WSN_EXPECT_CLOSE) {
        answer_close(thread, lane, event, fence->step->answered);
        if (wss_match_close(thread, lane, fence, event, &why))
            met(thread, fence, event);
        else
            unmet(thread, fence, event, why);
        return;
    }
    struct open_step *open;
    while (thread->state == THREAD_RUNNING && (open = first_open(thread, index)))
        unmet(thread, open, event, NULL);
}

static void refused_by_end(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct fault_text text = {.expected = wss_describe_step(thread->run, open->step),
                              .saw = wss_describe_event(thread->run, event),
                              .why = "the request is refused without an HTTP answer"};
    wss_note_event(thread->run, lane_of(thread, open), event, false);
    wss_thread_remark(thread, open->step, wss_row("6455-10.7-4"),
                      event->reset ? WSQ_INFO : WSQ_WARN, true, text);
    met(thread, open, event);
}

/* An RST may have eaten the Close that was on its way when we still wrote behind our own. */
static bool close_may_be_lost(const struct lane *lane, const struct event *event)
{
    size_t last = lane->sent_count;
    return event->reset && lane->sent_close && last && lane->sent[last - 1].opcode != WSC_CLOSE;
}

static void end_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct wss_run *run = thread->run;
    struct lane *lane = &run->lanes[index];
    struct open_step *open = first_open(thread, index);
    struct open_step *fence = fence_of(thread, index);
    if (fence && !clear_to(thread, fence, event))
        return;
    open = first_open(thread, index);
    while (open && thread->state == THREAD_RUNNING && !run->error) {
        enum wsn_step_kind kind = open->step->kind;
        if (kind == WSN_EXPECT_EOF) {
            wss_note_event(run, lane, event, false);
            met(thread, open, event);
            return;
        }
        if (kind == WSN_EXPECT_FAIL) {
            wss_fail_event(thread, open, event);
            return;
        }
        if (kind == WSN_EXPECT_REFUSE) {
            refused_by_end(thread, open, event);
            return;
        }
        if (kind == WSN_EXPECT_CLOSE && close_may_be_lost(lane, event)) {
            met(thread, open, event);
        } else if (open->step->precondition && !thread->parent) {
            run->no_connection = true;
            wss_run_error(run, "no connection: the server ended it without an answer");
        } else {
            wss_note_event(run, lane, event, false);
            unmet(thread, open, event, NULL);
        }
        open = first_open(thread, index);
    }
}

static void refused_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct open_step *open = first_open(thread, index);
    wss_note_event(thread->run, &thread->run->lanes[index], event, false);
    if (open && open->step->kind == WSN_EXPECT_REFUSED) {
        met(thread, open, event);
    } else if (open) {
        thread->run->no_connection = true;
        wss_run_error(thread->run, "no connection: %s",
                      event->len ? (const char *)event->data : "refused");
    }
}

static void frame_came(struct thread *thread, unsigned index, size_t at, const struct event *event)
{
    struct open_step *fence = fence_of(thread, index), *open = first_open(thread, index);
    const char *why;
    if (fence && fence->step->kind == WSN_EXPECT_FAIL) {
        wss_fail_event(thread, fence, event);
        return;
    }
    if (!open || open->step->kind != WSN_EXPECT_FRAME)
        return;
    if (wss_match_frame(thread, open, event, &why)) {
        thread->readers[index].frame_matched = at + 1;
        met(thread, open, event);
    } else if (!wsc_is_control(event->opcode)) {
        unmet(thread, open, event, why);
    }
}

static bool breaks_silence(const struct thread *thread, const struct event *event)
{
    if (event->kind == EVENT_MESSAGE)
        return thread->run->test->expects_message && !is_unasked(thread->run, event);
    return event->kind == EVENT_CLOSE || event->kind == EVENT_EOF || event->kind == EVENT_STATUS;
}

static void silent_event(struct thread *thread, struct open_step *open, const struct event *event)
{
    if (event->kind == EVENT_FRAME)
        return;
    wss_note_event(thread->run, lane_of(thread, open), event, !breaks_silence(thread, event));
    if (breaks_silence(thread, event))
        unmet(thread, open, event, NULL);
}

/* ---- events ---- */

static void feed(struct thread *thread, unsigned index, size_t at)
{
    const struct lane *lane = &thread->run->lanes[index];
    const struct event copy = lane->events[at], *event = &copy; /* sending may move the log */
    struct open_step *open = first_open(thread, index), *fence = fence_of(thread, index);
    bool failing = fence && fence == open && fence->step->kind == WSN_EXPECT_FAIL;
    if (open && open->step->kind == WSN_SILENT) {
        silent_event(thread, open, event);
        return;
    }
    switch (event->kind) {
    case EVENT_STATUS:
    case EVENT_REQUEST:
        head_came(thread, index, event);
        break;
    case EVENT_BODY:
        if (open && open->phase == 1 && is_fence(open->step))
            answer_lines(thread, open, event);
        break;
    case EVENT_FRAME:
        frame_came(thread, index, at, event);
        break;
    case EVENT_MESSAGE:
        if (thread->readers[index].frame_matched > event->first_frame)
            break;
        if (failing)
            wss_fail_event(thread, fence, event);
        else
            message_came(thread, index, at, event);
        break;
    case EVENT_PING:
    case EVENT_PONG:
        if (failing)
            wss_fail_event(thread, fence, event);
        else
            control_came(thread, index, event);
        break;
    case EVENT_CLOSE:
        close_came(thread, index, event);
        break;
    case EVENT_EOF:
        end_came(thread, index, event);
        break;
    case EVENT_REFUSED:
        refused_came(thread, index, event);
        break;
    case EVENT_BLOCKED:
        break;
    }
}

/* What was put aside by an earlier group may be what this one waits for. */
static void feed_held(struct thread *thread, unsigned index)
{
    struct reader *reader = &thread->readers[index];
    size_t count = reader->held_count, *held = reader->held;
    if (!next_open(thread, index, EVENT_MESSAGE, NULL))
        return;
    reader->held_count = 0;
    reader->held = NULL;
    for (size_t i = 0; i < count && thread->state == THREAD_RUNNING; i++)
        feed(thread, index, held[i]);
}

void wss_group_feed(struct thread *thread)
{
    struct wss_run *run = thread->run;
    for (unsigned i = 0; i < run->lane_count; i++) {
        struct reader *reader = &thread->readers[i];
        if (reader->held_count)
            feed_held(thread, i);
        while (thread->state == THREAD_RUNNING && !run->error && first_open(thread, i) &&
               reader->at < run->lanes[i].event_count)
            feed(thread, i, reader->at++);
    }
}

bool wss_group_met(const struct thread *thread)
{
    for (size_t i = 0; i < thread->group_count; i++) {
        if (thread->group[i].state == STEP_OPEN)
            return false;
    }
    return true;
}

/* ---- time ---- */

static uint64_t step_deadline(const struct thread *thread, const struct open_step *open)
{
    const struct wss_run *run = thread->run;
    if (open->step->kind == WSN_SILENT)
        return thread->group_from + open->step->ms;
    if (open->step->within_ms)
        return thread->group_from + open->step->within_ms;
    uint64_t from = run->moved > thread->group_from ? run->moved : thread->group_from;
    if (open->deadline_from > from)
        from = open->deadline_from;
    return from + run->setup->patience_ms;
}

uint64_t wss_group_deadline(const struct thread *thread)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < thread->group_count; i++) {
        uint64_t at = step_deadline(thread, &thread->group[i]);
        if (thread->group[i].state == STEP_OPEN && at < first)
            first = at;
    }
    return first;
}

static const char *nothing_within(struct wss_run *run, uint64_t ms)
{
    struct wsn_buffer out = {0};
    wsn_printf(&out, "nothing within %llu ms", (unsigned long long)ms);
    const char *text = wsn_copy(&run->arena, out.p, out.n);
    wsn_buffer_drop(&out);
    return text;
}

static void expire(struct thread *thread, struct open_step *open)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = open->step;
    const struct lane *lane = lane_of(thread, open);
    const struct wsq_requirement *charge = step->charge;
    uint64_t waited = step->within_ms ? step->within_ms : run->setup->patience_ms;
    struct fault_text text = {.expected = wss_describe_step(run, step),
                              .saw = nothing_within(run, waited)};
    if (step->kind == WSN_SILENT) {
        open->state = STEP_MET;
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
    open->state = STEP_UNMET;
    if (step->kind == WSN_EXPECT_REFUSE) {
        text.why = "a server may leave such a request unanswered, yet should not";
        wss_thread_remark(thread, step, charge, WSQ_WARN, false, text);
        return;
    }
    if (step->kind == WSN_EXPECT_STATUS && step->validated && step->charge)
        run->control = true;
    if (step->kind == WSN_EXPECT_CLOSE && lane->sent_close && charge && !step->ast->charge.present)
        charge = wss_row("6455-5.5.1-9");
    wss_thread_unmet(thread, step, charge, false, text);
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
