/* fences.c - heads, frames, Closes and ends against the fence at hand. */
#include "run.h"

#include <stdio.h>
#include <string.h>

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

/* The status is right: of several branches, this one has come farther than those that it is wrong
 * for. */
static void answer_lines(struct thread *thread, struct open_step *open, const struct event *event)
{
    thread->progress++;
    wss_match_lines(thread, wss_lane_of(thread, open), open->step, event);
    if (thread->state != THREAD_RUNNING)
        return;
    if (wants_body(open->step) && event->kind != EVENT_BODY)
        open->phase = 1;
    else
        wss_step_met(thread, open, event);
}

static void judge_101(struct thread *thread, struct open_step *open, const struct event *event)
{
    const char *why = NULL;
    if (event->head->status == 101 && open->step->validated)
        why = wss_fault_of_101(thread->run, wss_lane_of(thread, open), open->step, event);
    if (why) {
        thread->progress++;
        wss_step_unmet(thread, open, event, why);
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
        wss_step_unmet(thread, open, event, NULL);
    }
}

static void refuse_came(struct thread *thread, struct open_step *open, const struct event *event)
{
    const struct wss_step *step = open->step;
    unsigned status = event->head->status;
    if (not_final(event))
        return;
    if (status == 101) {
        wss_step_unmet(thread, open, event, "the request had to be refused");
        return;
    }
    struct fault_text text = {.expected = wss_describe_step(thread->run, step),
                              .saw = wss_describe_event(thread->run, event)};
    if (step->code_count && !wss_match_codes(step, status)) {
        if (status >= 400) {
            text.why = "refused, with another status";
            wss_thread_remark(thread, step, step->charge, WSQ_INFO, true, text);
        } else if (wss_lane_of(thread, open)->request_upgrades) {
            text.why = "answered as if it were an ordinary request";
            wss_thread_remark(thread, step, step->charge, WSQ_WARN, true, text);
        }
    } else if (!step->code_count && status < 400 && wss_lane_of(thread, open)->request_upgrades) {
        text.why = "answered as if it were an ordinary request";
        wss_thread_remark(thread, step, step->charge, WSQ_WARN, true, text);
    }
    answer_lines(thread, open, event);
}

/* The method, the target and the version, as far as they are named. */
static bool request_meets(struct wss_run *run, const struct wsn_step *ast,
                          const struct wsc_head *head)
{
    char version[16];
    snprintf(version, sizeof version, "HTTP/%u.%u", head->major & 255u, head->minor & 255u);
    return wsc_text_is(head->method, wss_plain(&run->arena, &ast->verb, NULL)) &&
           (!ast->target.present ||
            wsc_text_is(head->target, wss_plain(&run->arena, &ast->target, NULL))) &&
           (!ast->version.present ||
            strcmp(version, wss_plain(&run->arena, &ast->version, NULL)) == 0);
}

static void request_came(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct wss_run *run = thread->run;
    const struct wss_step *step = open->step;
    const struct wsc_text target = event->head->target;
    if (request_meets(run, step->ast, event->head))
        answer_lines(thread, open, event);
    else if (step->charge && !step->ast->charge.present && !thread->parent)
        wss_run_error(run, "no connection: the client asked for %.*s",
                      (int)(target.n < 80 ? target.n : 80), target.p);
    else
        wss_step_unmet(thread, open, event, "it asks for something else");
}

static void head_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct open_step *open = wss_first_open(thread, index);
    if (!open) {
        wss_pass_over(thread, &thread->run->lanes[index], event);
        return;
    }
    bool met =
        open->step->kind == WSN_EXPECT_REQUEST || wss_match_codes(open->step, event->head->status);
    wss_note_event(thread->run, wss_lane_of(thread, open), event, met ? open->step : NULL);
    switch ((int)open->step->kind) {
    case WSN_EXPECT_STATUS:
        status_came(thread, open, event);
        break;
    case WSN_EXPECT_REFUSE:
        refuse_came(thread, open, event);
        break;
    case WSN_EXPECT_REQUEST:
        if (event->kind == EVENT_REQUEST)
            request_came(thread, open, event);
        break;
    default:
        wss_step_unmet(thread, open, event, NULL);
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
    struct open_step *fence = wss_fence_of(thread, index);
    struct lane *lane = &thread->run->lanes[index];
    const char *why;
    if (fence && fence->step->kind == WSN_EXPECT_FAIL) {
        if (wss_clear_to(thread, fence, event))
            wss_fail_event(thread, fence, event);
        return;
    }
    bool met = fence && fence->step->kind == WSN_EXPECT_CLOSE;
    wss_note_event(thread->run, lane, event, met ? fence->step : NULL);
    if (fence && fence->step->kind == WSN_EXPECT_EOF && wss_first_open(thread, index) == fence) {
        answer_close(thread, lane, event, false);
        return;
    }
    if (fence && !wss_clear_to(thread, fence, event))
        return;
    if (fence && fence->step->kind == WSN_EXPECT_CLOSE) {
        answer_close(thread, lane, event, fence->step->answered);
        if (wss_match_close(thread, lane, fence, event, &why))
            wss_step_met(thread, fence, event);
        else
            wss_step_unmet(thread, fence, event, why);
        return;
    }
    struct open_step *open;
    while (thread->state == THREAD_RUNNING && (open = wss_first_open(thread, index)))
        wss_step_unmet(thread, open, event, NULL);
}

static void refused_by_end(struct thread *thread, struct open_step *open, const struct event *event)
{
    struct fault_text text = {.expected = wss_describe_step(thread->run, open->step),
                              .saw = wss_describe_event(thread->run, event),
                              .why = "the request is refused without an HTTP answer"};
    wss_note_event(thread->run, wss_lane_of(thread, open), event, open->step);
    wss_thread_remark(thread, open->step, wss_row("6455-10.7-4"),
                      event->ending == WSS_RST ? WSQ_INFO : WSQ_WARN, true, text);
    wss_step_met(thread, open, event);
}

/* An RST may have eaten the Close that was on its way when we still wrote behind our own. */
static bool close_may_be_lost(const struct lane *lane, const struct event *event)
{
    size_t last = lane->sent_count;
    return event->ending == WSS_RST && lane->sent_close && last &&
           wss_sent_at(lane, last - 1)->opcode != WSC_CLOSE;
}

/* RFC 9112, section 9.8: only a step that cites it asks for the closure alert of TLS, which an RST
 * may have eaten. */
static void end_met(struct thread *thread, struct open_step *open, const struct event *event)
{
    const struct wsq_requirement *charge = open->step->charge;
    struct fault_text text = {.expected = "a closure alert before the end",
                              .saw = wss_describe_event(thread->run, event)};
    bool alert = charge && strcmp(charge->id, "9112-9.8-1") == 0;
    if (alert && event->ending == WSS_CUT) {
        wss_step_unmet(thread, open, event, "no closure alert of TLS came before it");
        return;
    }
    if (alert && event->ending == WSS_RST)
        wss_thread_remark(thread, open->step, charge, WSQ_INFO, true, text);
    wss_step_met(thread, open, event);
}

static void end_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct wss_run *run = thread->run;
    struct lane *lane = &run->lanes[index];
    struct open_step *open = wss_first_open(thread, index);
    struct open_step *fence = wss_fence_of(thread, index);
    if (fence && !wss_clear_to(thread, fence, event))
        return;
    open = wss_first_open(thread, index);
    while (open && thread->state == THREAD_RUNNING && !wss_stuck(run)) {
        enum wsn_step_kind kind = open->step->kind;
        if (kind == WSN_EXPECT_EOF) {
            wss_note_event(run, lane, event, open->step);
            end_met(thread, open, event);
            return;
        }
        if (kind == WSN_EXPECT_FAIL) {
            wss_fail_event(thread, open, event);
            return;
        }
        if (kind == WSN_EXPECT_REFUSE && open->phase == 0) {
            refused_by_end(thread, open, event);
            return;
        }
        if (kind == WSN_EXPECT_CLOSE && close_may_be_lost(lane, event)) {
            wss_step_met(thread, open, event);
        } else if (open->step->precondition && !thread->parent) {
            run->no_connection = true;
            wss_run_error(run, "no connection: the server ended it without an answer");
        } else {
            wss_note_event(run, lane, event, NULL);
            wss_step_unmet(thread, open, event, NULL);
        }
        open = wss_first_open(thread, index);
    }
}

/* TCP is refused, or TLS.  Before anything else this is no connection; behind a connection that was
 * had, it is what the peer did; and so it is if the author of a scenario says how TLS is to be
 * spoken. */
static void refused_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct wss_run *run = thread->run;
    struct open_step *open = wss_first_open(thread, index);
    bool had_one = event->denied && open && !open->step->charge;
    for (size_t i = 0; i < run->lane_count; i++)
        had_one = had_one || run->lanes[i].wire_in > 0;
    wss_note_event(run, &run->lanes[index], event, open ? open->step : NULL);
    if (open && open->step->kind == WSN_EXPECT_REFUSED) {
        wss_step_met(thread, open, event);
    } else if (open && had_one && !open->step->precondition) {
        wss_step_unmet(thread, open, event, event->denied ? NULL : "no new connection can be had");
    } else if (open) {
        run->no_connection = true;
        wss_run_error(run, "no connection: %s", event->len ? (const char *)event->data : "refused");
    }
}

/* Behind the TLS handshake came what is no TLS.  A fault only of the sentence that says so (RFC
 * 6455, section 4.2.2); else the case cannot be judged. */
static void garbled_came(struct thread *thread, unsigned index, const struct event *event)
{
    struct open_step *open = wss_first_open(thread, index);
    const struct wsq_requirement *charge = open ? open->step->charge : NULL;
    if (charge && strcmp(charge->id, "6455-4.2.2-1") == 0) {
        wss_step_unmet(thread, open, event, "everything has to run through the tunnel");
        thread->run->control = false; /* no handshake was refused */
    } else if (open) {
        wss_run_error(thread->run, "TLS failed: %.*s", (int)event->len, (const char *)event->data);
    }
}

static void frame_came(struct thread *thread, unsigned index, size_t at, const struct event *event)
{
    struct open_step *fence = wss_fence_of(thread, index), *open = wss_first_open(thread, index);
    const char *why;
    if (fence && fence->step->kind == WSN_EXPECT_FAIL) {
        wss_fail_event(thread, fence, event);
        return;
    }
    if (!open || open->step->kind != WSN_EXPECT_FRAME)
        return;
    if (wss_match_frame(thread, open, event, &why)) {
        thread->readers[index].frame_matched = at + 1;
        wss_note_event(thread->run, wss_lane_of(thread, open), event, open->step);
        wss_step_met(thread, open, event);
    } else if (!wsc_is_control(event->opcode)) {
        wss_step_unmet(thread, open, event, why);
    }
}

static bool breaks_silence(const struct thread *thread, const struct event *event)
{
    if (event->kind == EVENT_MESSAGE)
        return thread->run->test->hears_messages && !wss_is_unasked(thread->run, event);
    if (event->kind == EVENT_FRAME) /* of what may yet become a greeting, nothing can be said */
        return thread->run->test->hears_messages && !event->frame.fin &&
               thread->run->setup->profile->unasked_count == 0;
    return event->kind == EVENT_EARLY || event->kind == EVENT_CLOSE || event->kind == EVENT_EOF ||
           event->kind == EVENT_STATUS;
}

static void silent_event(struct thread *thread, struct open_step *open, const struct event *event)
{
    bool broken = breaks_silence(thread, event);
    if (event->kind == EVENT_FRAME && !broken)
        return;
    if (!broken) {
        wss_pass_over(thread, wss_lane_of(thread, open), event);
        return;
    }
    wss_note_event(thread->run, wss_lane_of(thread, open), event, NULL);
    wss_step_unmet(thread, open, event, NULL);
}

/* ---- events ---- */

void wss_feed(struct thread *thread, unsigned index, size_t at)
{
    const struct lane *lane = &thread->run->lanes[index];
    if (wss_event_at(lane, at)->kind == EVENT_FRAME && !thread->group_fenced)
        return; /* only fences look at frames */
    const struct event copy = *wss_event_at(lane, at),
                       *event = &copy; /* sending may move the log */
    struct open_step *open = wss_first_open(thread, index);
    bool failing = open && open->step->kind == WSN_EXPECT_FAIL;
    if (open && open->step->kind == WSN_SILENT) {
        silent_event(thread, open, event);
        return;
    }
    if (open && open->step->kind == WSN_RENEGOTIATE && wss_renewal_event(thread, open, event))
        return;
    switch (event->kind) {
    case EVENT_STATUS:
    case EVENT_REQUEST:
        head_came(thread, index, event);
        break;
    case EVENT_BODY:
        if (open && open->phase == 1 && open->step->kind != WSN_EXPECT_FAIL)
            answer_lines(thread, open, event);
        break;
    case EVENT_CONTENT:
        if (open)
            wss_step_unmet(thread, open, event, "an answer to HEAD has no content");
        break;
    case EVENT_FRAME:
        frame_came(thread, index, at, event);
        break;
    case EVENT_MESSAGE:
        if (thread->readers[index].frame_matched > event->first_frame)
            break;
        if (failing)
            wss_fail_event(thread, open, event);
        else
            wss_message_came(thread, index, at, event);
        break;
    case EVENT_PING:
    case EVENT_PONG:
        if (thread->readers[index].frame_matched > event->first_frame)
            break;
        if (failing)
            wss_fail_event(thread, open, event);
        else
            wss_control_came(thread, index, event);
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
    case EVENT_GARBLED:
        garbled_came(thread, index, event);
        break;
    case EVENT_RENEWED:
    case EVENT_DECLINED:
    case EVENT_EARLY:
    case EVENT_BLOCKED:
        break;
    }
}
