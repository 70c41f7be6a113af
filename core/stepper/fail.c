/* fail.c - the peer fails the connection: `< fail`.
 *
 * RFC 6455, section 7.1.7.  The offence is the first step since the last met expectation that our
 * own checker calls a violation, else the last step of ours.
 */
#include "run.h"

#include <string.h>

enum { AWAIT_CLOSE, AWAIT_END, AFTER_OUR_FIN };
enum { COMPARED = 64 << 20 }; /* bytes, for one message */

struct offence {
    uint64_t step; /* serial; 0: nothing was sent as a frame */
    size_t last;   /* of its entries in the sent log */
    bool bad_text; /* its only fault is that it is no UTF-8 */
};

static struct offence find_offence(const struct lane *lane, size_t since)
{
    struct offence found = {0};
    bool broken = false;
    for (size_t i = since; i < lane->sent_count; i++) {
        const struct sent *sent = wss_sent_at(lane, i);
        if (sent->unasked)
            continue;
        if (sent->step != found.step) {
            if (broken)
                break;
            found = (struct offence){.step = sent->step};
        }
        found.last = i;
        broken = broken || sent->offence;
        found.bad_text = found.bad_text || sent->bad_text;
    }
    return found;
}

/* Did we write anything behind the offence, or behind its first piece?  Then an RST may have eaten
 * the peer's Close. */
static bool wrote_after(const struct lane *lane, const struct offence *offence)
{
    return lane->sent_count && (wss_sent_at(lane, lane->sent_count - 1)->step > offence->step ||
                                wss_sent_at(lane, offence->last)->cut);
}

/* What was compared comes out of the budget: a peer that sends ours over and over, but for the last
 * byte, is not looked at for ever. */
static bool holds(const struct event *event, const struct sent *sent, size_t *budget)
{
    enum { TELLING = 4 }; /* shorter payloads could be found anywhere */
    if (event->len < sent->len || sent->len == 0)
        return false;
    if (event->len == sent->len)
        return memcmp(event->data, sent->data, sent->len) == 0;
    if (sent->len < TELLING || event->kind != EVENT_MESSAGE)
        return false;
    for (size_t i = 0; i + sent->len <= event->len && *budget; i++) {
        if (event->data[i] != sent->data[0])
            continue;
        if (memcmp(event->data + i, sent->data, sent->len) == 0)
            return true;
        *budget -= sent->len < *budget ? sent->len : *budget;
    }
    return false;
}

/* A pong that is the beginning of an offending ping's payload. */
static bool answers_ping(const struct event *event, const struct sent *sent)
{
    return event->kind == EVENT_PONG && sent->opcode == WSC_PING && event->len &&
           event->len <= sent->len && memcmp(event->data, sent->data, event->len) == 0;
}

/* Which of our steps does this answer?  The earliest exact one, else any that it holds. */
static const struct sent *answered(const struct lane *lane, const struct event *event)
{
    const struct sent *held = NULL;
    size_t budget = COMPARED;
    for (size_t i = lane->sent_base; i < lane->sent_count; i++) {
        const struct sent *sent = wss_sent_at(lane, i);
        bool same_kind = (event->kind == EVENT_PONG) == (sent->opcode == WSC_PING);
        if (!same_kind || sent->unasked)
            continue;
        bool found = holds(event, sent, &budget);
        if (sent->len == event->len && found)
            return sent;
        if (found || answers_ping(event, sent))
            held = sent;
    }
    return held;
}

static void judge_answer(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = &run->lanes[open->step->lane];
    struct offence offence = find_offence(lane, thread->readers[open->step->lane].since);
    const struct sent *sent = answered(lane, event);
    if (!sent || !offence.step || sent->step < offence.step) {
        wss_note_noise(run, lane, event);
        return;
    }
    bool later = sent->step > offence.step;
    struct fault_text text = {.expected = wss_describe_step(run, open->step),
                              .saw = wss_describe_event(run, event),
                              .why = later ? "data that we sent after the offence was processed"
                                           : "the offending data was processed"};
    wss_note_event(run, lane, event, NULL);
    const struct wsq_requirement *charge =
        later && open->step->charge ? wss_row("6455-7.1.7-6") : open->step->charge;
    wss_step_over(thread, open, STEP_UNMET);
    wss_thread_unmet(thread, open->step, charge, true, text);
}

/* Codes that name a fault of the other side, if not this one. */
static bool names_a_fault(uint16_t code)
{
    return code == 1003 || (code >= 1007 && code <= 1009) || code == 1011;
}

static void judge_code(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = open->step;
    const struct lane *lane = &run->lanes[step->lane];
    bool vague = event->code == 0 || event->code == 1000 || event->code == 1001;
    if (step->code_count ? wss_match_codes(step, event->code) : !vague && !event->bad)
        return;
    struct offence offence = find_offence(lane, thread->readers[step->lane].since);
    bool text = offence.bad_text && step->code_count && wss_match_codes(step, 1007);
    struct fault_text words = {
        .expected = wss_describe_step(run, step),
        .saw = wss_describe_event(run, event),
        .why = event->bad ? "the connection is failed, with a code that no Close may carry"
                          : "the connection is failed, with another code"};
    enum wsq_verdict verdict = !text && names_a_fault(event->code) ? WSQ_INFO : WSQ_WARN;
    if (event->bad)
        verdict = WSQ_WARN;
    wss_thread_remark(thread, step, wss_row(text ? "6455-7.4.1-10" : "6455-7.4.1-8"), verdict, true,
                      words);
}

static void close_came(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    struct lane *lane = &run->lanes[open->step->lane];
    wss_note_event(run, lane, event, open->step);
    if (open->phase != AWAIT_CLOSE)
        return;
    judge_code(thread, open, event);
    open->phase = AWAIT_END;
    open->deadline_from = run->now;
    wss_send_close(run, lane, event->code);
    if (run->test->server_role)
        lane->want_shut = true;
}

static void slow_end(struct thread *thread, struct open_step *open, bool ended)
{
    struct wss_run *run = thread->run;
    const char *id = run->test->server_role ? "6455-7.1.7-1" : "6455-7.1.7-2";
    struct fault_text text = {.expected = "the end of the connection behind the failing Close",
                              .saw = "the connection stays open",
                              .why = ended ? "it ended when we had sent our FIN"
                                           : "it did not even end when we had sent our FIN"};
    wss_step_over(thread, open, STEP_UNMET);
    wss_thread_unmet(thread, open->step, open->step->charge ? wss_row(id) : NULL, false, text);
}

static void end_came(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = &run->lanes[open->step->lane];
    wss_note_event(run, lane, event, open->step);
    if (open->phase == AFTER_OUR_FIN && lane->sent_count && !run->test->server_role) {
        slow_end(thread, open, true);
        return;
    }
    wss_step_over(thread, open, STEP_MET);
    if (open->phase != AWAIT_CLOSE || lane->sent_count == 0)
        return;
    struct offence offence = find_offence(lane, thread->readers[open->step->lane].since);
    if (wrote_after(lane, &offence))
        return; /* a Close may have been lost */
    struct fault_text text = {.expected = "a Close frame before the end",
                              .saw = wss_describe_event(run, event),
                              .why = "the connection is failed without a Close frame"};
    wss_thread_remark(thread, open->step, wss_row("6455-7.1.7-4"), WSQ_WARN, true, text);
}

void wss_fail_event(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = &run->lanes[open->step->lane];
    bool handshake = lane->sent_count == 0; /* our answer to the request was the offence */
    if (event->kind == EVENT_CLOSE && !handshake) {
        close_came(thread, open, event);
    } else if (event->kind == EVENT_EOF) {
        end_came(thread, open, event);
    } else if (event->kind == EVENT_FRAME && handshake) {
        struct fault_text text = {.expected = "no frame: the handshake is to be failed",
                                  .saw = wss_describe_event(run, event)};
        wss_step_over(thread, open, STEP_UNMET);
        wss_thread_unmet(thread, open->step, open->step->charge, true, text);
    } else if (event->kind == EVENT_MESSAGE || event->kind == EVENT_PONG) {
        judge_answer(thread, open, event);
    } else if (event->kind == EVENT_PING) {
        wss_note_noise(run, lane, event);
    }
}

/* Only to learn whether that helps; in a handshake it is our part of the end. */
static void send_fin(struct thread *thread, struct open_step *open, struct lane *lane)
{
    const struct wsn_step fin = {.kind = WSN_SEND_FIN, .connection = lane->name};
    open->phase = AFTER_OUR_FIN;
    open->deadline_from = thread->run->now;
    wss_note_sent(thread->run, lane, &fin, NULL);
    lane->want_shut = true;
}

void wss_fail_expired(struct thread *thread, struct open_step *open)
{
    struct wss_run *run = thread->run;
    struct lane *lane = &run->lanes[open->step->lane];
    bool handshake = lane->sent_count == 0;
    if (open->phase == (handshake ? AWAIT_CLOSE : AWAIT_END) && !lane->want_shut) {
        send_fin(thread, open, lane);
        return;
    }
    if (open->phase != AWAIT_CLOSE && !handshake) {
        slow_end(thread, open, false);
        return;
    }
    struct fault_text text = {.expected = wss_describe_step(run, open->step),
                              .saw = "neither a Close nor the end of the connection"};
    wss_step_over(thread, open, STEP_UNMET);
    wss_thread_unmet(thread, open->step, open->step->charge, false, text);
}
