/* transcript.c - what happened, in the notation; and the bytes on the wire. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/utf8.h>
#include <zlib.h>

enum { TOLD_MAX = 1 << 20 };

/* Keeps the first and the last lines; those between are counted. */
static void keep_line(struct wss_run *run, const struct wsn_buffer *line)
{
    run->starved = run->starved || line->full;
    if (!line->p)
        return;
    if (run->news.n < TRANSCRIPT_LIMIT)
        wsn_put(&run->news, line->p, line->n);
    bool first = run->first_lines == run->line_count && run->line_count < STEPS_FIRST &&
                 run->transcript.n + line->n <= TRANSCRIPT_LIMIT / 2;
    if (first) {
        wsn_put(&run->transcript, line->p, line->n);
        run->starved = run->starved || run->transcript.full;
        run->first_lines++;
    } else {
        struct wsn_buffer *slot = &run->tail[run->line_count % STEPS_FIRST];
        slot->n = 0;
        wsn_put(slot, line->p, line->n);
        run->starved = run->starved || slot->full;
    }
    run->line_count++;
}

/* What stands for a payload that is too long to be kept. */
static void put_digest(struct wsn_buffer *out, const uint8_t *data, size_t len)
{
    wsn_printf(out, "  # %zu bytes, CRC-32 %08lx, beginning ", len, crc32_z(0, data, len));
    wsn_print_bytes(data, WIRE_KEPT, out);
    wsn_puts(out, " …");
}

/* A step that spells out more than a transcript keeps is told in a comment. */
static void shorten(struct wss_run *run, const struct wsn_step *step, struct wsn_buffer *line)
{
    size_t n;
    const uint8_t *p = step->payload.present
                           ? wss_payload_bytes(&run->scratch, &step->payload, run->draw, &n)
                           : NULL;
    if (!p || n <= WIRE_KEPT)
        return;
    struct wsn_step plain = *step;
    plain.payload = (struct wsn_payload){0};
    line->n = 0;
    wsn_puts(line, "  # left out: ");
    wsn_print_step(&plain, 0, line);
    if (line->n && line->p[line->n - 1] == '\n')
        line->n--;
    put_digest(line, p, n);
    wsn_puts(line, "\n");
}

/* A value from a row may hold bytes that only a string can, and stand where there is none. */
static bool is_script(const struct wsn_buffer *line)
{
    for (size_t i = 0; i < line->n; i++) {
        unsigned char byte = (unsigned char)line->p[i];
        if ((byte < ' ' && byte != '\n') || byte == 0x7f)
            return false;
    }
    return !line->n || wsc_utf8_valid((const uint8_t *)line->p, line->n);
}

static void quote(struct wsn_buffer *line)
{
    struct wsn_buffer comment = {0};
    wsn_puts(&comment, "  # left out: ");
    wsn_print_bytes((const uint8_t *)line->p, line->n < WIRE_KEPT ? line->n : WIRE_KEPT, &comment);
    wsn_puts(&comment, "\n");
    wsn_buffer_drop(line);
    *line = comment;
}

static void print_step(struct wss_run *run, const struct wsn_step *step, struct wsn_buffer *line)
{
    struct wsn_step plain = *step;
    plain.comment = NULL;
    wsn_print_step(&plain, 2, line);
    if (line->n > 8 * WIRE_KEPT)
        shorten(run, &plain, line);
    if (!is_script(line))
        quote(line);
}

void wss_note_sent(struct wss_run *run, const struct lane *lane, const struct wsn_step *step,
                   struct again *again)
{
    struct wsn_buffer own = {0}, *line = again ? &again->line : &own;
    if (!line->p)
        print_step(run, step, line);
    size_t n = line->n;
    if (lane->write_dead && n)
        wsn_puts(line, "  # not sent: the peer has ended\n");
    keep_line(run, line);
    line->n = n;
    wsn_buffer_drop(&own);
}

void wss_note_step(struct wss_run *run, const struct wsn_step *step)
{
    struct wsn_buffer line = {0};
    print_step(run, step, &line);
    keep_line(run, &line);
    wsn_buffer_drop(&line);
}

/* ---- events ---- */

/* A line in two parts: what is said, and a comment behind the requirement. */
struct line {
    struct wsn_buffer text, comment;
    bool guarded;   /* the case has secrets */
    bool unchecked; /* a 101 need not be a valid one: the case cites nothing */
};

static void put_payload(struct line *line, const uint8_t *data, size_t len)
{
    if (len > WIRE_KEPT) {
        put_digest(&line->comment, data, len);
        return;
    }
    wsn_puts(&line->text, " ");
    wsn_print_bytes(data, len, &line->text);
}

/* A field's name may hold any bytes; a comment may not. */
static void put_name(struct wsn_buffer *out, struct wsc_text name)
{
    enum { SHOWN = 60 };
    for (size_t i = 0; i < name.n && i < SHOWN; i++) {
        unsigned char byte = (unsigned char)name.p[i];
        wsn_printf(out, byte > ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
}

/* Header lines are the peer's to order: comments.  `101` is checked in a case that cites nothing,
 * so one that establishes nothing is told as one of its class. */
static void put_head(struct line *line, const struct event *event)
{
    const struct wsc_head *head = event->head;
    if (!head)
        return;
    if (head->response && head->status == 101 && !event->valid && line->unchecked)
        wsn_puts(&line->text, "1xx");
    else if (head->response)
        wsn_printf(&line->text, "%u", head->status);
    else
        wsn_printf(&line->text, "%.*s", (int)(head->method.n < 20 ? head->method.n : 20),
                   head->method.p);
    for (size_t i = 0; i < head->count && i < 24; i++) {
        const struct wsc_header *h = &head->headers[i];
        wsn_puts(&line->comment, "\n  #   ");
        put_name(&line->comment, h->name);
        wsn_puts(&line->comment, ": ");
        wsn_print_bytes((const uint8_t *)h->value.p, h->value.n < 200 ? h->value.n : 200,
                        &line->comment);
        if (h->value.n > 200)
            wsn_puts(&line->comment, " …");
    }
}

static void put_close(struct line *line, const struct event *event)
{
    wsn_puts(&line->text, "close");
    if (event->len >= 2)
        wsn_printf(&line->text, " %u", event->code);
    if (event->len > 2)
        put_payload(line, event->data + 2, event->len - 2);
}

/* As `< frame` asks for it; masks are left out. */
static void put_frame(struct line *line, const struct event *event)
{
    static const char *const names[] = {"cont", "text", "binary", [WSC_CLOSE] = "close",
                                        "ping", "pong"};
    const char *name = event->opcode <= WSC_PONG ? names[event->opcode] : NULL;
    wsn_puts(&line->text, "frame ");
    if (name)
        wsn_puts(&line->text, name);
    else
        wsn_printf(&line->text, "opcode=%u", event->opcode);
    if (!line->guarded || !wss_is_piece(event))
        put_payload(line, event->data, event->len);
    if (!event->frame.fin)
        wsn_puts(&line->text, " fin=0");
    if (event->frame.rsv)
        wsn_printf(&line->text, " rsv=%s%s%s", event->frame.rsv & WSC_RSV1 ? "1" : "",
                   event->frame.rsv & WSC_RSV2 ? "2" : "", event->frame.rsv & WSC_RSV3 ? "3" : "");
}

static bool put_event(struct line *line, const struct event *event, bool as_frame)
{
    switch (event->kind) {
    case EVENT_STATUS:
    case EVENT_REQUEST:
        put_head(line, event);
        return true;
    case EVENT_MESSAGE:
        wsn_puts(&line->text, event->opcode == WSC_TEXT ? "text" : "binary");
        put_payload(line, event->data, event->len);
        return true;
    case EVENT_PING:
    case EVENT_PONG:
        wsn_puts(&line->text, event->kind == EVENT_PING ? "ping" : "pong");
        if (event->len)
            put_payload(line, event->data, event->len);
        return true;
    case EVENT_CLOSE:
        put_close(line, event);
        return true;
    case EVENT_EOF:
        wsn_puts(&line->text, "eof");
        wsn_puts(&line->comment, event->ending == WSS_RST   ? "  # RST"
                                 : event->ending == WSS_CUT ? "  # no closure alert of TLS"
                                                            : "");
        return true;
    case EVENT_REFUSED:
        wsn_puts(&line->text, "refused");
        return true;
    case EVENT_FRAME:
        if (as_frame)
            put_frame(line, event);
        return as_frame;
    case EVENT_BODY:
    case EVENT_CONTENT:
    case EVENT_EARLY:
    case EVENT_BLOCKED:
    case EVENT_GARBLED:
    case EVENT_RENEWED:
    case EVENT_DECLINED:
        break;
    }
    return false;
}

/* Rounds of a period become one group.  What `fail` waits for has several limits, one behind the
 * other: none is told. */
static void put_within(struct line *line, const struct wss_step *met)
{
    uint64_t ms = !met ? 0 : met->lasting_ms ? met->lasting_ms : met->within_ms;
    if (ms && met->kind != WSN_EXPECT_FAIL)
        wsn_printf(&line->text, " within %llums", (unsigned long long)ms);
}

/* Do these steps give an event the same line? */
static bool tells_alike(const struct wss_step *a, const struct wss_step *b)
{
    return a == b ||
           (a->kind == b->kind && a->within_ms == b->within_ms && a->lasting_ms == b->lasting_ms &&
            a->charge == b->charge && a->ast->charge.present == b->ast->charge.present);
}

/* The line that was told of the last message, if this one is the same. */
static const struct wsn_buffer *told_before(const struct wss_run *run, const struct lane *lane,
                                            const struct event *event, const struct wss_step *met)
{
    const struct told *told = &run->told;
    bool same = met && told->line.n && event->kind == EVENT_MESSAGE && told->lane == lane &&
                tells_alike(told->met, met) && told->opcode == event->opcode &&
                told->content.n == event->len &&
                (!event->len || memcmp(told->content.p, event->data, event->len) == 0);
    return same ? &told->line : NULL;
}

static void remember(struct wss_run *run, const struct lane *lane, const struct event *event,
                     const struct wss_step *met, const struct wsn_buffer *line)
{
    struct told *told = &run->told;
    const struct kept content = {.slab = event->slab, .p = event->data, .n = event->len};
    if (!met || event->kind != EVENT_MESSAGE || event->len > TOLD_MAX)
        return;
    wss_leave(told->content.slab);
    told->content = wss_share(&content);
    told->lane = lane;
    told->met = met;
    told->opcode = event->opcode;
    told->line.n = 0;
    wsn_put(&told->line, line->p, line->n);
    run->starved = run->starved || told->line.full;
}

/* An event in the notation; empty: it has no line of its own. */
static void put_line(struct wss_run *run, const struct lane *lane, const struct event *event,
                     const struct wss_step *met, const char *prefix, struct wsn_buffer *out)
{
    struct line line = {.guarded = run->test->has_secrets, .unchecked = run->test->cite_count == 0};
    wsn_printf(&line.text, "  %s%s< ", prefix, lane->name ? lane->name : "");
    if (put_event(&line, event, met != NULL)) {
        put_within(&line, met);
        if (met && met->ast->charge.present && met->charge)
            wsn_printf(&line.text, "  @%s", met->charge->id);
        wsn_put(&line.text, line.comment.p ? line.comment.p : "", line.comment.n);
        wsn_puts(&line.text, "\n");
        run->starved = run->starved || line.text.full || line.comment.full;
        *out = line.text;
    } else {
        wsn_buffer_drop(&line.text);
    }
    wsn_buffer_drop(&line.comment);
}

static void note(struct wss_run *run, const struct lane *lane, const struct event *event,
                 const struct wss_step *met, const char *prefix)
{
    struct event *logged = wss_event_at(lane, event->index);
    bool begun = event->first_frame >= lane->event_base && /* its frames may be forgotten */
                 wss_event_at(lane, event->first_frame)->noted;
    if (logged->noted || begun)
        return;
    struct wsn_buffer line = {0};
    const struct wsn_buffer *before = told_before(run, lane, event, met);
    if (!before) {
        put_line(run, lane, event, met, prefix, &line);
        if (line.p)
            remember(run, lane, event, met, &line);
        before = &line;
    }
    if (before->p) {
        logged->noted = true;
        keep_line(run, before);
    }
    wsn_buffer_drop(&line);
}

void wss_note_event(struct wss_run *run, const struct lane *lane, const struct event *event,
                    const struct wss_step *met)
{
    note(run, lane, event, met, "");
}

void wss_note_noise(struct wss_run *run, const struct lane *lane, const struct event *event)
{
    note(run, lane, event, NULL, "# ");
}

void wss_note_text(struct wss_run *run, const char *text)
{
    struct wsn_buffer line = {0};
    wsn_printf(&line, "  %s\n", text);
    keep_line(run, &line);
    wsn_buffer_drop(&line);
}

bool wss_wire_full(const struct wss_run *run)
{
    return run->wire_kept >= WIRE_LIMIT || run->wire_count > 1000;
}

struct wsq_wire *wss_note_wire(struct wss_run *run, struct lane *lane, bool sent,
                               const uint8_t *bytes, size_t len, uint64_t whole, const char *what)
{
    uint64_t *offset = sent ? &lane->wire_out : &lane->wire_in;
    uint64_t at = *offset;
    *offset += whole;
    size_t kept = len < WIRE_KEPT ? len : WIRE_KEPT;
    if (run->wire_kept + kept > WIRE_LIMIT || run->wire_count > 1000)
        return NULL;
    struct wsq_wire *list =
        wss_more(run, run->wire, run->wire_count, &run->wire_room, sizeof *list);
    if (!list)
        return NULL;
    run->wire = list;
    struct wsq_wire *chunk = &run->wire[run->wire_count++];
    *chunk = (struct wsq_wire){.sent = sent,
                               .connection = wss_dup(run, lane->name),
                               .at_ms = run->now - run->started,
                               .offset = at,
                               .bytes = wss_got(run, malloc(kept + 1)),
                               .length = whole,
                               .what = wss_dup(run, what)};
    if (chunk->bytes && kept) {
        memcpy(chunk->bytes, bytes, kept);
        chunk->kept = kept;
    }
    run->wire_kept += kept;
    return chunk;
}

static struct wsn_text text_of(struct wss_run *run, const char *p)
{
    struct wsn_text text = {.present = true};
    text.parts = wsn_alloc(&run->arena, sizeof *text.parts);
    if (text.parts) {
        *text.parts = (struct wsn_part){.p = p, .n = strlen(p)};
        text.count = 1;
    }
    return text;
}

static struct wsn_clause clause_of(struct wss_run *run, enum wsn_clause_kind kind,
                                   const char *const *words, size_t count)
{
    struct wsn_clause clause = {.kind = kind};
    clause.words = wsn_alloc(&run->arena, (count + 1) * sizeof *clause.words);
    for (size_t i = 0; clause.words && i < count; i++)
        clause.words[clause.word_count++] = text_of(run, words[i]);
    return clause;
}

/* Can it stand in a line as it is?  Else it is written in quotes. */
static bool is_bare(const char *p)
{
    size_t n = strlen(p);
    for (size_t i = 0; i < n; i++) {
        if ((uint8_t)p[i] < ' ' || p[i] == 127)
            return false;
    }
    return n && p[0] != '"' && p[0] != ' ' && p[n - 1] != ' ' && !strstr(p, "  #") &&
           wsc_utf8_valid((const uint8_t *)p, n);
}

/* The lines above the steps, as far as they shape what is sent and judged. */
static void put_clauses(struct wss_run *run, struct wsn_buffer *out)
{
    static const char *const server = "server";
    const struct wss_case *test = run->test;
    char timeout[32];
    struct wsn_clause list[4];
    struct wsn_case clauses = {.id = text_of(run, test->id), .clauses = list};
    list[clauses.clause_count] = (struct wsn_clause){.kind = WSN_CLAUSE_TITLE};
    list[clauses.clause_count].text = text_of(run, test->title);
    list[clauses.clause_count++].text.quoted = !is_bare(test->title);
    if (test->server_role)
        list[clauses.clause_count++] = clause_of(run, WSN_CLAUSE_ROLE, &server, 1);
    if (test->cite_count)
        list[clauses.clause_count++] =
            clause_of(run, WSN_CLAUSE_CITES, test->cites, test->cite_count);
    if (test->timeout_ms) {
        snprintf(timeout, sizeof timeout, "%llums", (unsigned long long)test->timeout_ms);
        list[clauses.clause_count] = (struct wsn_clause){.kind = WSN_CLAUSE_TIMEOUT};
        list[clauses.clause_count++].text = text_of(run, timeout);
    }
    wsn_print_case(&clauses, out);
    wsn_puts(out, "\n");
}

/* The last lines that fit. */
static void put_tail(struct wss_run *run, struct wsn_buffer *out)
{
    size_t from = run->line_count, room = TRANSCRIPT_LIMIT / 2;
    while (from > run->first_lines && run->line_count - from < STEPS_FIRST &&
           run->tail[(from - 1) % STEPS_FIRST].n <= room)
        room -= run->tail[--from % STEPS_FIRST].n;
    if (from > run->first_lines)
        wsn_printf(out, "  # … %zu lines left out …\n", from - run->first_lines);
    for (; from < run->line_count; from++)
        wsn_put(out, run->tail[from % STEPS_FIRST].p, run->tail[from % STEPS_FIRST].n);
}

void wss_transcript_free(struct wss_run *run)
{
    for (size_t i = 0; i < STEPS_FIRST; i++)
        wsn_buffer_drop(&run->tail[i]);
    wsn_buffer_drop(&run->transcript);
    wsn_buffer_drop(&run->news);
    wsn_buffer_drop(&run->told.line);
    wss_leave(run->told.content.slab);
}

char *wss_transcript_take(struct wss_run *run)
{
    struct wsn_buffer out = {0};
    put_clauses(run, &out);
    if (run->transcript.n)
        wsn_put(&out, run->transcript.p, run->transcript.n);
    put_tail(run, &out);
    run->starved = run->starved || out.full;
    char *text = wss_dup(run, out.p ? out.p : "");
    wsn_buffer_drop(&out);
    return text;
}
