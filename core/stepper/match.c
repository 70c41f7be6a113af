/* match.c - does what came meet what was expected? */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool wss_match_codes(const struct wss_step *step, unsigned code)
{
    for (size_t i = 0; i < step->code_count; i++) {
        if (code >= step->codes[i].lo && code <= step->codes[i].hi)
            return true;
    }
    return false;
}

/* Tells the run what was in the way of a trial. */
static bool tried(struct wss_run *run, const struct wss_trial *trial, bool met)
{
    if (trial->failed)
        wss_run_error(run, "%s", trial->failed);
    return met;
}

static bool payload_meets(struct wss_run *run, const struct open_step *open, bool text,
                          const uint8_t *data, size_t len, const char **why)
{
    if (open->payload) {
        *why = "the payload is another";
        return open->payload_len == len && (!len || memcmp(open->payload, data, len) == 0);
    }
    if (!wss_payload_pattern(&open->bound))
        return true;
    struct wss_trial trial = {.starved = &run->starved};
    bool met = wss_pattern_meets(&trial, &open->bound.terms[0], text, data, len);
    *why = trial.why;
    return tried(run, &trial, met);
}

/* The index of our ping with that payload, the latest before `limit`; 0 if there is none, else
 * index + 1. */
static size_t ping_index(const struct lane *lane, const uint8_t *data, size_t len, size_t limit)
{
    for (size_t i = limit; i > lane->sent_base; i--) {
        const struct sent *sent = wss_sent_at(lane, i - 1);
        if (sent->opcode == WSC_PING && sent->len == len &&
            (!len || memcmp(sent->data, data, len) == 0))
            return i;
    }
    return 0;
}

/* A pong may answer a later ping of ours, and so stands for the earlier ones too (section 5.5.3).
 */
static bool pong_meets(struct wss_run *run, const struct lane *lane, const struct open_step *open,
                       const struct event *event, const char **why)
{
    if (payload_meets(run, open, false, event->data, event->len, why))
        return true;
    if (!open->payload)
        return false;
    size_t ours = ping_index(lane, open->payload, open->payload_len, lane->sent_count);
    size_t theirs = ping_index(lane, event->data, event->len, event->sent);
    return ours && theirs > ours;
}

bool wss_match_message(struct thread *thread, const struct open_step *open,
                       const struct event *event, const char **why)
{
    const struct lane *lane = &thread->run->lanes[open->step->lane];
    *why = NULL;
    if (event->kind == EVENT_PONG)
        return pong_meets(thread->run, lane, open, event, why);
    if (event->kind == EVENT_PING)
        return payload_meets(thread->run, open, false, event->data, event->len, why);
    if (event->opcode != open->opcode) {
        *why = event->opcode == WSC_TEXT ? "the message is text" : "the message is binary";
        return false;
    }
    return payload_meets(thread->run, open, open->opcode == WSC_TEXT, event->data, event->len, why);
}

static bool mask_meets(const struct wss_modifiers *m, const struct wsc_frame *frame)
{
    if (m->masking == WSS_MASK_NONE || !frame->masked)
        return frame->masked == (m->masking != WSS_MASK_NONE);
    return memcmp(frame->key, m->key, sizeof m->key) == 0;
}

bool wss_match_frame(struct thread *thread, const struct open_step *open, const struct event *event,
                     const char **why)
{
    const struct wss_step *step = open->step;
    const struct wss_modifiers *m = &step->modifiers;
    *why = "the frame is another";
    if ((!step->any_opcode && event->opcode != step->opcode) ||
        (step->fin_set && event->frame.fin != m->fin) ||
        (step->rsv_set && event->frame.rsv != m->rsv) ||
        (step->mask_set && !mask_meets(m, &event->frame)) ||
        (m->length_set && (event->frame.form != m->form || event->frame.length != m->length)))
        return false;
    return payload_meets(thread->run, open, false, event->data, event->len, why);
}

bool wss_match_close(struct thread *thread, const struct lane *lane, const struct open_step *open,
                     const struct event *event, const char **why)
{
    const struct wss_step *step = open->step;
    *why = NULL;
    if (step->code_count) {
        *why = "the code is another";
        if (event->len < 2 || !wss_match_codes(step, event->code))
            return false; /* no code is not the code 0 */
        if (!step->ast->reason.present)
            return true;
        *why = "the reason is another";
        const char *detail;
        return payload_meets(thread->run, open, true, event->data + 2, event->len - 2, &detail);
    }
    if (event->bad) {
        *why = "its body is not legal";
        return false;
    }
    bool odd = lane->sent_close && event->code != lane->close_code &&
               (event->code == 1002 || event->code == 1007);
    if (odd)
        *why = "it answers a legal Close with an error code";
    return !odd;
}

/* ---- the deeper lines of an answer ---- */

static bool some_value(struct wss_run *run, const struct wsc_head *head, const char *name,
                       const char *value, size_t n)
{
    struct wsn_buffer joined = {0};
    const struct wsc_header *field;
    bool found = false;
    for (size_t i = 0; (field = wsc_head_field(head, name, i)) && !found; i++) {
        found = field->value.n == n && memcmp(field->value.p, value, n) == 0;
        wsn_printf(&joined, "%s%.*s", i ? ", " : "", (int)field->value.n, field->value.p);
    }
    found = found || (joined.n == n && n && memcmp(joined.p, value, n) == 0);
    run->starved = run->starved || joined.full;
    wsn_buffer_drop(&joined);
    return found;
}

static bool some_match(struct wss_run *run, const struct wsc_head *head, const char *name,
                       const char *pattern, size_t n)
{
    const struct wsc_header *field;
    struct wss_trial trial = {.starved = &run->starved};
    bool met = false;
    for (size_t i = 0; (field = wsc_head_field(head, name, i)) && !met; i++)
        met = wss_regex_meets(&trial, false, pattern, n, field->value.p, field->value.n);
    return tried(run, &trial, met);
}

/* Splits "name; a; b=1" at semicolons; *rest moves on. */
static struct wsc_text next_part(struct wsc_text *rest)
{
    size_t n = 0;
    bool quoted = false;
    while (n < rest->n && (quoted || rest->p[n] != ';')) {
        quoted ^= rest->p[n] == '"';
        n++;
    }
    struct wsc_text part = {rest->p, n};
    size_t skip = n < rest->n ? n + 1 : n;
    rest->p += skip;
    rest->n -= skip;
    while (part.n && (*part.p == ' ' || *part.p == '\t')) {
        part.p++;
        part.n--;
    }
    while (part.n && (part.p[part.n - 1] == ' ' || part.p[part.n - 1] == '\t'))
        part.n--;
    return part;
}

static bool value_in(struct wsc_text value, const char *want)
{
    unsigned lo, hi, got = 0;
    char end;
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        value = (struct wsc_text){value.p + 1, value.n - 2};
    if (sscanf(want, "%u..%u%c", &lo, &hi, &end) != 2)
        return wsc_text_is(value, want);
    for (size_t i = 0; i < value.n && i < 6; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
        got = got * 10 + (unsigned)(value.p[i] - '0');
    }
    return value.n && got >= lo && got <= hi;
}

static bool param_meets(struct wss_run *run, struct wsc_text element, const struct wsn_param *param)
{
    const char *name = wss_plain(&run->arena, &param->name, NULL);
    bool found = false;
    next_part(&element);
    while (element.n) {
        struct wsc_text part = next_part(&element), key = part, value = {0};
        const char *equals = part.n ? memchr(part.p, '=', part.n) : NULL;
        if (equals) {
            key.n = (size_t)(equals - part.p);
            value = (struct wsc_text){equals + 1, part.n - key.n - 1};
        }
        if (!wsc_text_is(key, name))
            continue;
        found =
            !param->value.present || value_in(value, wss_plain(&run->arena, &param->value, NULL));
    }
    return found != param->absent;
}

static bool extension_meets(struct wss_run *run, const struct wsc_head *head,
                            const struct wsn_line *line)
{
    const char *name = wss_plain(&run->arena, &line->name, NULL);
    struct wsc_list cursor = {0};
    struct wsc_text element;
    while (wsc_head_list(head, "Sec-WebSocket-Extensions", &cursor, &element)) {
        struct wsc_text rest = element;
        if (!wsc_text_is(next_part(&rest), name))
            continue;
        if (line->kind == WSN_LINE_NO_EXTENSION)
            return false;
        bool all = true;
        for (size_t i = 0; i < line->param_count; i++)
            all = all && param_meets(run, element, &line->params[i]);
        return all;
    }
    return line->kind == WSN_LINE_NO_EXTENSION;
}

static bool body_meets(struct wss_run *run, const struct wsn_line *line, const struct event *event)
{
    struct wss_trial trial = {.starved = &run->starved};
    size_t n;
    if (wss_payload_pattern(&line->payload)) {
        bool met =
            wss_pattern_meets(&trial, &line->payload.terms[0], true, event->data, event->len);
        return tried(run, &trial, met);
    }
    const uint8_t *want = wss_payload_bytes(&run->arena, &line->payload, run->draw, &n);
    return want && n == event->len && (!n || memcmp(want, event->data, n) == 0);
}

static bool line_meets(struct wss_run *run, const struct wsn_line *line, const struct event *event)
{
    const struct wsc_head *head = event->head;
    const char *name = wss_plain(&run->arena, &line->name, NULL);
    size_t n;
    const char *value = wss_plain(&run->arena, &line->value, &n);
    switch (line->kind) {
    case WSN_LINE_SET:
        return some_value(run, head, name, value, n);
    case WSN_LINE_ANY:
        return wsc_head_field(head, name, 0) != NULL;
    case WSN_LINE_MATCH:
        return some_match(run, head, name, value, n);
    case WSN_LINE_ABSENT:
        return wsc_head_field(head, name, 0) == NULL;
    case WSN_LINE_EXTENSION:
    case WSN_LINE_NO_EXTENSION:
        return extension_meets(run, head, line);
    case WSN_LINE_BODY:
    case WSN_LINE_ADD:
    case WSN_LINE_REMOVE:
    case WSN_LINE_RAW:
    case WSN_LINE_COMMENT:
        break;
    }
    return true;
}

static const char *describe_line(struct wss_run *run, const struct wsn_line *line)
{
    struct wsn_buffer out = {0};
    struct wsn_line copy = *line;
    copy.charge = (struct wsn_text){0};
    copy.comment = NULL;
    struct wsn_step step = {.kind = WSN_EXPECT_STATUS, .lines = &copy, .line_count = 1};
    wsn_print_step(&step, 0, &out);
    const char *text = strchr(wss_keep(run, &out), '\n'); /* behind the step's own line */
    text = text ? text + 1 + strspn(text + 1, " ") : "";
    const char *kept = wsn_copy(&run->arena, text, strcspn(text, "\n"));
    return kept ? kept : "";
}

static const char *describe_field(struct wss_run *run, const struct wsn_line *line,
                                  const struct event *event)
{
    if (line->kind == WSN_LINE_BODY)
        return wss_describe_event(run, event);
    bool extension = line->kind == WSN_LINE_EXTENSION || line->kind == WSN_LINE_NO_EXTENSION;
    const char *name =
        extension ? "Sec-WebSocket-Extensions" : wss_plain(&run->arena, &line->name, NULL);
    const struct wsc_header *field = wsc_head_field(event->head, name, 0);
    struct wsn_buffer out = {0};
    if (!field) {
        wsn_printf(&out, "no %s field", name);
    } else {
        wsn_printf(&out, "%s: ", name);
        wsn_print_bytes((const uint8_t *)field->value.p,
                        field->value.n < 200 ? field->value.n : 200, &out);
        if (field->value.n > 200)
            wsn_puts(&out, " …");
    }
    return wss_keep(run, &out);
}

static bool is_refusal(const struct wss_step *step, unsigned status)
{
    return status >= 200 && (!step->code_count || wss_match_codes(step, status));
}

/* The answer that a body belongs to; NULL when it is forgotten. */
static const struct event *answer_of(const struct lane *lane, const struct event *body)
{
    for (size_t i = body->index; i > lane->event_base; i--)
        if (wss_event_at(lane, i - 1)->kind == EVENT_STATUS)
            return wss_event_at(lane, i - 1);
    return NULL;
}

/* An answer and all that the deeper lines say of it; of its body when that is in. */
static bool is_answer(struct thread *thread, const struct wss_step *step, const struct lane *lane,
                      const struct event *event)
{
    const struct event *answer = event->kind == EVENT_BODY ? answer_of(lane, event) : event;
    if ((event->kind != EVENT_STATUS && event->kind != EVENT_BODY) || !answer ||
        !(step->kind == WSN_EXPECT_REFUSE ? is_refusal(step, answer->head->status)
                                          : wss_match_codes(step, answer->head->status)))
        return false;
    struct wss_run *run = thread->run;
    struct run_scope scope;
    struct wss_env env = wss_run_env(&scope, run, lane, wss_thread_round(thread));
    const struct wsn_step *bound = wss_bind_steps(&run->arena, &env, step->ast, 1);
    bool all = bound != NULL, body = false;
    for (size_t i = 0; bound && i < bound->line_count && all; i++) {
        const struct wsn_line *line = &bound->lines[i];
        body = body || line->kind == WSN_LINE_BODY;
        if (line->kind != WSN_LINE_BODY)
            all = line_meets(run, line, answer);
        else
            all = event->kind == EVENT_BODY && body_meets(run, line, event);
    }
    return all && body == (event->kind == EVENT_BODY);
}

bool wss_match_never(struct thread *thread, const struct open_step *open, const struct event *event)
{
    const struct wss_step *step = open->step;
    const struct lane *lane = &thread->run->lanes[step->lane];
    const char *why;
    switch ((int)step->kind) { /* the rest is refused by the compiler */
    case WSN_EXPECT_MESSAGE:
        if (wsc_is_control(step->opcode)) {
            enum event_kind kind = step->opcode == WSC_PING ? EVENT_PING : EVENT_PONG;
            return event->kind == kind &&
                   payload_meets(thread->run, open, false, event->data, event->len, &why);
        }
        return event->kind == EVENT_MESSAGE && event->opcode == step->opcode &&
               payload_meets(thread->run, open, step->opcode == WSC_TEXT, event->data, event->len,
                             &why);
    case WSN_EXPECT_FRAME:
        return event->kind == EVENT_FRAME && wss_match_frame(thread, open, event, &why);
    case WSN_EXPECT_CLOSE:
        return event->kind == EVENT_CLOSE &&
               (!step->code_count || wss_match_close(thread, NULL, open, event, &why));
    case WSN_EXPECT_EOF:
        return event->kind == EVENT_EOF;
    case WSN_EXPECT_STATUS:
    case WSN_EXPECT_REFUSE:
        return is_answer(thread, step, lane, event);
    default:
        return false;
    }
}

void wss_match_lines(struct thread *thread, const struct lane *lane, const struct wss_step *step,
                     const struct event *event)
{
    struct wss_run *run = thread->run;
    struct run_scope scope;
    struct wss_env env = wss_run_env(&scope, run, lane, wss_thread_round(thread));
    const struct wsn_step *bound = wss_bind_steps(&run->arena, &env, step->ast, 1);
    for (size_t i = 0; bound && i < bound->line_count && thread->state == THREAD_RUNNING; i++) {
        const struct wsn_line *line = &bound->lines[i];
        bool body = line->kind == WSN_LINE_BODY;
        if (body != (event->kind == EVENT_BODY))
            continue;
        if (body ? body_meets(run, line, event) : line_meets(run, line, event))
            continue;
        struct fault_text text = {.expected = describe_line(run, line),
                                  .saw = describe_field(run, line, event)};
        wss_thread_unmet(thread, step, step->line_charges[i], true, text);
    }
}
