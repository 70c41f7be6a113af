/* transcript.c - what happened, in the notation; and the bytes on the wire. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* Keeps the first and the last lines; those between are counted. */
static void keep_line(struct wss_run *run, const struct wsn_buffer *line)
{
    if (!line->p)
        return;
    if (run->news.n < TRANSCRIPT_LIMIT)
        wsn_put(&run->news, line->p, line->n);
    if (run->line_count < STEPS_FIRST) {
        wsn_put(&run->transcript, line->p, line->n);
    } else {
        struct wsn_buffer *slot = &run->tail[run->line_count % STEPS_FIRST];
        slot->n = 0;
        wsn_put(slot, line->p, line->n);
    }
    run->line_count++;
}

/* A long payload is kept as its beginning; the comment tells its size and digest. */
static bool shorten(struct wss_run *run, struct wsn_payload *payload, struct wsn_buffer *comment)
{
    size_t n;
    const uint8_t *p =
        payload->present ? wss_payload_bytes(&run->arena, payload, run->draw, &n) : NULL;
    if (!p || n <= WIRE_KEPT || payload->count == 1)
        return false;
    uint64_t digest = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        digest = (digest ^ p[i]) * 0x100000001b3u;
    wsn_printf(comment, " # %zu bytes in all, FNV-1a %016llx", n, (unsigned long long)digest);
    return true;
}

void wss_note_sent(struct wss_run *run, const struct lane *lane, const struct wsn_step *step)
{
    struct wsn_buffer line = {0}, comment = {0};
    struct wsn_step plain = *step;
    plain.comment = NULL;
    shorten(run, &plain.payload, &comment);
    wsn_print_step(&plain, 2, &line);
    if (lane->write_dead && line.p)
        wsn_puts(&line, "  # not sent: the peer has ended\n");
    keep_line(run, &line);
    wsn_buffer_drop(&line);
    wsn_buffer_drop(&comment);
}

static void put_payload(struct wsn_buffer *out, const uint8_t *data, size_t len)
{
    wsn_puts(out, " ");
    wsn_print_bytes(data, len < WIRE_KEPT ? len : WIRE_KEPT, out);
    if (len <= WIRE_KEPT)
        return;
    uint64_t digest = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ data[i]) * 0x100000001b3u;
    wsn_printf(out, "  # the first of %zu bytes, FNV-1a %016llx", len, (unsigned long long)digest);
}

/* Header lines are the peer's to order: comments. */
static void put_head(struct wsn_buffer *out, const struct event *event)
{
    const struct wsc_head *head = event->head;
    if (!head)
        return;
    if (head->response)
        wsn_printf(out, "%u", head->status);
    else
        wsn_printf(out, "%.*s", (int)(head->method.n < 20 ? head->method.n : 20), head->method.p);
    for (size_t i = 0; i < head->count && i < 24; i++) {
        struct wsn_buffer field = {0};
        const struct wsc_header *h = &head->headers[i];
        wsn_print_bytes((const uint8_t *)h->value.p, h->value.n < 200 ? h->value.n : 200, &field);
        wsn_printf(out, "\n  #   %.*s: %s", (int)(h->name.n < 60 ? h->name.n : 60), h->name.p,
                   field.p ? field.p : "");
        wsn_buffer_drop(&field);
    }
}

static bool put_event(struct wsn_buffer *out, const struct event *event)
{
    switch (event->kind) {
    case EVENT_STATUS:
    case EVENT_REQUEST:
        put_head(out, event);
        return true;
    case EVENT_MESSAGE:
        wsn_puts(out, event->opcode == WSC_TEXT ? "text" : "binary");
        put_payload(out, event->data, event->len);
        return true;
    case EVENT_PING:
    case EVENT_PONG:
        wsn_puts(out, event->kind == EVENT_PING ? "ping" : "pong");
        if (event->len)
            put_payload(out, event->data, event->len);
        return true;
    case EVENT_CLOSE:
        wsn_puts(out, "close");
        if (event->len >= 2)
            wsn_printf(out, " %u", event->code);
        if (event->len > 2)
            put_payload(out, event->data + 2, event->len - 2);
        return true;
    case EVENT_EOF:
        wsn_puts(out, event->reset ? "eof  # RST" : "eof");
        return true;
    case EVENT_REFUSED:
        wsn_puts(out, "refused");
        return true;
    case EVENT_BODY:
    case EVENT_EARLY:
    case EVENT_FRAME:
    case EVENT_BLOCKED:
        break;
    }
    return false;
}

void wss_note_event(struct wss_run *run, const struct lane *lane, const struct event *event,
                    bool passed_over)
{
    struct wsn_buffer line = {0};
    if (lane->events[event->index].noted)
        return;
    lane->events[event->index].noted = true;
    wsn_printf(&line, "  %s%s< ", passed_over ? "# " : "", lane->name ? lane->name : "");
    if (put_event(&line, event)) {
        wsn_puts(&line, "\n");
        keep_line(run, &line);
    }
    wsn_buffer_drop(&line);
}

void wss_note_text(struct wss_run *run, const char *text)
{
    struct wsn_buffer line = {0};
    wsn_printf(&line, "  %s\n", text);
    keep_line(run, &line);
    wsn_buffer_drop(&line);
}

void wss_note_wire(struct wss_run *run, struct lane *lane, bool sent, const uint8_t *bytes,
                   size_t len, uint64_t whole, const char *what)
{
    uint64_t *offset = sent ? &lane->wire_out : &lane->wire_in;
    uint64_t at = *offset;
    *offset += whole;
    size_t kept = len < WIRE_KEPT ? len : WIRE_KEPT;
    if (run->wire_kept + kept > WIRE_LIMIT || run->wire_count > 1000)
        return;
    if (run->wire_count == run->wire_room) {
        size_t room = run->wire_room ? run->wire_room * 2 : 16;
        struct wsq_wire *grown = realloc(run->wire, room * sizeof *grown);
        if (!grown)
            return;
        run->wire = grown;
        run->wire_room = room;
    }
    struct wsq_wire *chunk = &run->wire[run->wire_count++];
    *chunk = (struct wsq_wire){.sent = sent,
                               .connection = wsq_dup(lane->name),
                               .at_ms = run->now - run->started,
                               .offset = at,
                               .bytes = malloc(kept + 1),
                               .length = whole,
                               .what = wsq_dup(what)};
    if (chunk->bytes && kept) {
        memcpy(chunk->bytes, bytes, kept);
        chunk->kept = kept;
    }
    run->wire_kept += kept;
}

char *wss_transcript_take(struct wss_run *run)
{
    const struct wss_case *test = run->test;
    struct wsn_buffer out = {0};
    wsn_printf(&out, "case %s\n  title  %s\n", test->id, test->title);
    if (test->server_role)
        wsn_puts(&out, "  role   server\n");
    for (size_t i = 0; i < test->cite_count; i++)
        wsn_printf(&out, "%s%s", i ? " " : "  cites  ", test->cites[i]);
    wsn_puts(&out, test->cite_count ? "\n\n" : "\n");
    if (run->transcript.n)
        wsn_put(&out, run->transcript.p, run->transcript.n);
    size_t tail = run->line_count > STEPS_FIRST ? run->line_count - STEPS_FIRST : 0;
    if (tail > STEPS_FIRST)
        wsn_printf(&out, "  # … %zu lines left out …\n", tail - STEPS_FIRST);
    size_t from = tail > STEPS_FIRST ? run->line_count - STEPS_FIRST : STEPS_FIRST;
    for (size_t i = from; i < run->line_count; i++)
        wsn_put(&out, run->tail[i % STEPS_FIRST].p, run->tail[i % STEPS_FIRST].n);
    char *text = wsq_dup(out.p ? out.p : "");
    wsn_buffer_drop(&out);
    return text;
}
