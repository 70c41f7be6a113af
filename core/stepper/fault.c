/* fault.c - what went wrong, in words. */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct wsq_requirement *wss_row(const char *id)
{
    return wsq_requirement(id);
}

enum wsq_verdict wss_fault_verdict(const struct wsq_requirement *charge)
{
    if (!charge)
        return WSQ_FAIL;
    switch (wsq_requirement_judged(charge)->grade) {
    case WSQ_GRADE_FAIL:
        return WSQ_FAIL;
    case WSQ_GRADE_WARN:
        return WSQ_WARN;
    case WSQ_GRADE_INFO:
    case WSQ_GRADE_NA:
    case WSQ_GRADE_DUP:
        break;
    }
    return WSQ_INFO;
}

void wss_run_error(struct wss_run *run, const char *format, ...)
{
    if (run->error)
        return;
    va_list args;
    va_start(args, format);
    if (run->starved)
        snprintf(run->reason, REASON_SIZE, "out of memory");
    else
        vsnprintf(run->reason, REASON_SIZE, format, args);
    va_end(args);
    run->error = true;
}

static const char *step_source(struct wss_run *run, const struct wss_step *step)
{
    struct wsn_buffer out = {0};
    struct wsn_step plain = *step->ast;
    plain.charge = (struct wsn_text){0};
    plain.comment = NULL;
    wsn_print_step(&plain, 0, &out);
    out.n = out.p ? strcspn(out.p, "\n") : 0; /* its first line */
    return wss_keep(run, &out);
}

void wss_fault_add(struct thread *thread, const struct wss_step *step,
                   const struct wsq_requirement *charge, enum wsq_verdict verdict, bool seen,
                   struct fault_text text)
{
    struct wss_run *run = thread->run;
    if (thread->fault_count >= FAULTS_KEPT && verdict != WSQ_FAIL)
        return;
    struct wsq_fault *grown =
        wss_got(run, realloc(thread->faults, (thread->fault_count + 1) * sizeof *grown));
    if (!grown)
        return;
    thread->faults = grown;
    grown[thread->fault_count++] =
        (struct wsq_fault){.requirement = wss_dup(run, charge ? charge->id : NULL),
                           .verdict = verdict,
                           .seen = seen,
                           .line = step->line,
                           .step = wss_dup(run, step_source(run, step)),
                           .expected = wss_dup(run, text.expected),
                           .saw = wss_dup(run, text.saw),
                           .why = wss_dup(run, text.why)};
}

void wss_thread_unmet(struct thread *thread, const struct wss_step *step,
                      const struct wsq_requirement *charge, bool seen, struct fault_text text)
{
    enum wsq_verdict verdict = wss_fault_verdict(charge);
    wss_fault_add(thread, step, charge, verdict, seen, text);
    if (thread->parent || verdict == WSQ_FAIL)
        thread->state = THREAD_DEAD;
}

void wss_thread_remark(struct thread *thread, const struct wss_step *step,
                       const struct wsq_requirement *charge, enum wsq_verdict verdict, bool seen,
                       struct fault_text text)
{
    enum wsq_verdict highest = wss_fault_verdict(charge);
    wss_fault_add(thread, step, charge, verdict < highest ? verdict : highest, seen, text);
}

/* ---- descriptions, in the run's arena ---- */

static void put_payload(struct wsn_buffer *out, const uint8_t *data, size_t len)
{
    enum { SHOWN = 120 };
    wsn_print_bytes(data, len < SHOWN ? len : SHOWN, out);
    if (len > SHOWN)
        wsn_printf(out, " … (%zu bytes)", len);
}

static void put_head(struct wsn_buffer *out, const struct event *event)
{
    const struct wsc_head *head = event->head;
    if (!head)
        return;
    if (head->response)
        wsn_printf(out, "%u %.*s", head->status, (int)(head->reason.n < 60 ? head->reason.n : 60),
                   head->reason.p ? head->reason.p : "");
    else
        wsn_printf(out, "%.*s", (int)(head->method.n < 20 ? head->method.n : 20), head->method.p);
}

bool wss_is_piece(const struct event *event)
{
    return event->kind == EVENT_EARLY ||
           (event->kind == EVENT_FRAME &&
            (!event->frame.fin || event->opcode == WSC_CONT || (event->frame.rsv & WSC_RSV1)));
}

static void put_event(struct wss_run *run, struct wsn_buffer *out, const struct event *event)
{
    bool piece = run->test->has_secrets && wss_is_piece(event);
    switch (event->kind) {
    case EVENT_STATUS:
    case EVENT_REQUEST:
        put_head(out, event);
        break;
    case EVENT_BODY:
        wsn_printf(out, "a body of %llu bytes, ", (unsigned long long)event->whole);
        put_payload(out, event->data, event->len);
        break;
    case EVENT_CONTENT:
        wsn_puts(out, "content"); /* how much came at once is the network's choice */
        break;
    case EVENT_FRAME:
        wsn_printf(out, "a frame: opcode %u, fin %d, rsv %u, %zu bytes ", event->opcode,
                   event->frame.fin, event->frame.rsv, event->len);
        if (!piece)
            put_payload(out, event->data, event->len);
        break;
    case EVENT_MESSAGE:
        wsn_puts(out, event->opcode == WSC_TEXT ? "text " : "binary ");
        put_payload(out, event->data, event->len);
        break;
    case EVENT_PING:
    case EVENT_PONG:
        wsn_puts(out, event->kind == EVENT_PING ? "ping " : "pong ");
        put_payload(out, event->data, event->len);
        break;
    case EVENT_CLOSE:
        wsn_puts(out, "close");
        if (event->len >= 2)
            wsn_printf(out, " %u", event->code);
        if (event->len > 2) {
            wsn_puts(out, " ");
            put_payload(out, event->data + 2, event->len - 2);
        } else if (event->len == 1) {
            wsn_printf(out, " with a body of one byte, %02x", event->data[0]);
        }
        break;
    case EVENT_EOF:
        wsn_printf(out, "the end of the connection (%s)",
                   event->ending == WSS_RST   ? "RST"
                   : event->ending == WSS_CUT ? "FIN, without the closure alert of TLS"
                                              : "FIN");
        break;
    case EVENT_EARLY:
        wsn_puts(out, "bytes ahead of our answer, ");
        if (!piece)
            put_payload(out, event->data, event->len);
        break;
    case EVENT_REFUSED:
        wsn_puts(out, "a refused connection");
        if (event->denied)
            wsn_printf(out, " (%.*s)", (int)event->len, (const char *)event->data);
        break;
    case EVENT_RENEWED:
        wsn_puts(out, "a new TLS handshake");
        break;
    case EVENT_DECLINED:
        wsn_printf(out, "no new TLS handshake (%.*s)", (int)event->len, (const char *)event->data);
        break;
    case EVENT_BLOCKED:
        wsn_puts(out, "bytes that cannot be followed");
        break;
    case EVENT_GARBLED:
        wsn_printf(out, "what is no TLS (%.*s)", (int)event->len, (const char *)event->data);
        break;
    }
}

const char *wss_describe_event(struct wss_run *run, const struct event *event)
{
    struct wsn_buffer out = {0};
    put_event(run, &out, event);
    return wss_keep(run, &out);
}

static void put_codes(struct wsn_buffer *out, const struct wss_step *step)
{
    for (size_t i = 0; i < step->code_count; i++) {
        if (step->codes[i].lo != step->codes[i].hi)
            wsn_printf(out, "%s%uxx", i ? " or " : " ", step->codes[i].lo / 100);
        else
            wsn_printf(out, "%s%u", i ? " or " : " ", step->codes[i].lo);
    }
}

const char *wss_describe_step(struct wss_run *run, const struct wss_step *step)
{
    struct wsn_buffer out = {0};
    switch ((int)step->kind) { /* only these wait for something */
    case WSN_EXPECT_STATUS:
        wsn_puts(&out, "status");
        put_codes(&out, step);
        break;
    case WSN_EXPECT_REFUSE:
        wsn_puts(&out, "a refusal: any final status but 101");
        break;
    case WSN_EXPECT_REFUSED:
        wsn_puts(&out, "a refused connection");
        break;
    case WSN_EXPECT_ECHO:
        wsn_puts(&out, "our last message back, same type and bytes");
        break;
    case WSN_EXPECT_CLOSE:
        wsn_puts(&out, "a Close frame");
        put_codes(&out, step);
        break;
    case WSN_EXPECT_FAIL:
        wsn_puts(&out, "the connection failed: Close");
        put_codes(&out, step);
        wsn_puts(&out, ", then the end");
        break;
    case WSN_EXPECT_EOF:
        wsn_puts(&out, "the end of the connection");
        break;
    case WSN_ALIVE:
        wsn_puts(&out, "a pong to our ping");
        break;
    case WSN_SILENT:
        wsn_puts(&out, "silence");
        break;
    case WSN_RENEGOTIATE:
        wsn_puts(&out, "no new TLS handshake on this connection");
        break;
    case WSN_RESTART:
        wsn_puts(&out, "that the target starts anew and answers");
        break;
    case WSN_EXITS:
        wsn_puts(&out, "the end of the target's process");
        break;
    default: {
        const char *source = step_source(run, step);
        wsn_puts(&out, source[0] == '<' ? source + 2 : source);
    }
    }
    return wss_keep(run, &out);
}
