/* request.c - the opening handshake that a step asks for: a valid head, changed line by line. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>

struct field {
    const char *name; /* NULL: `value` is a verbatim line */
    const char *value;
    size_t length;
};
struct fields {
    struct field *list;
    size_t count, room;
};

static void add(struct wsn_arena *arena, struct fields *fields, struct field field)
{
    if (fields->count == fields->room) {
        size_t room = fields->room ? fields->room * 2 : 16;
        struct field *grown = wsn_alloc(arena, room * sizeof *grown);
        if (!grown)
            return;
        if (fields->count)
            memcpy(grown, fields->list, fields->count * sizeof *grown);
        fields->list = grown;
        fields->room = room;
    }
    fields->list[fields->count++] = field;
}

static void add_text(struct wsn_arena *arena, struct fields *fields, const char *name,
                     const char *value)
{
    add(arena, fields, (struct field){name, value, strlen(value)});
}

static bool is_named(const struct field *field, const char *name)
{
    return field->name &&
           wsc_text_is_nocase((struct wsc_text){field->name, strlen(field->name)}, name);
}

/* Takes every field of that name out; returns where the first one stood. */
static size_t take_out(struct fields *fields, const char *name)
{
    size_t kept = 0, first = fields->count;
    for (size_t i = 0; i < fields->count; i++) {
        if (!is_named(&fields->list[i], name))
            fields->list[kept++] = fields->list[i];
        else if (first == fields->count)
            first = kept;
    }
    first = first < kept ? first : kept;
    fields->count = kept;
    return first;
}

static void set(struct wsn_arena *arena, struct fields *fields, struct field field)
{
    size_t before = fields->count, at = take_out(fields, field.name);
    bool replaced = fields->count < before;
    add(arena, fields, field);
    if (!replaced)
        return;
    memmove(&fields->list[at + 1], &fields->list[at], (fields->count - 1 - at) * sizeof field);
    fields->list[at] = field;
}

static void apply_line(struct wss_run *run, struct fields *fields, const struct wsn_line *line)
{
    struct wsn_arena *arena = &run->scratch;
    struct field field = {.name = wss_plain(arena, &line->name, NULL)};
    field.value = wss_plain(arena, &line->value, &field.length);
    switch (line->kind) {
    case WSN_LINE_SET:
        set(arena, fields, field);
        break;
    case WSN_LINE_ADD:
        add(arena, fields, field);
        break;
    case WSN_LINE_REMOVE:
        take_out(fields, field.name);
        break;
    case WSN_LINE_RAW:
        field.name = NULL;
        field.value =
            (const char *)wss_payload_bytes(arena, &line->payload, run->draw, &field.length);
        if (field.value)
            add(arena, fields, field);
        break;
    case WSN_LINE_BODY:
    case WSN_LINE_ANY:
    case WSN_LINE_MATCH:
    case WSN_LINE_ABSENT:
    case WSN_LINE_EXTENSION:
    case WSN_LINE_NO_EXTENSION:
    case WSN_LINE_COMMENT:
        break;
    }
}

void wss_new_key(struct lane *lane)
{
    uint8_t nonce[16];
    wss_draw_bytes(&lane->draw, nonce, sizeof nonce);
    wsc_key(nonce, lane->key);
    wsc_accept((struct wsc_text){lane->key, strlen(lane->key)}, lane->accept);
}

static void request_fields(struct wss_run *run, struct lane *lane, const struct wsn_step *bound,
                           struct fields *fields)
{
    const struct wss_profile *profile = run->setup->profile;
    struct wsn_arena *arena = &run->scratch;
    add_text(arena, fields, "Host", profile->authority);
    if (!bound->plain) {
        add_text(arena, fields, "Upgrade", "websocket");
        add_text(arena, fields, "Connection", "Upgrade");
        add_text(arena, fields, "Sec-WebSocket-Key", lane->key);
        add_text(arena, fields, "Sec-WebSocket-Version", "13");
    }
    for (size_t i = 0; i < profile->header_count; i++) {
        const char *line = profile->headers[i], *colon = strchr(line, ':');
        if (!colon)
            continue;
        const char *value = colon + 1 + strspn(colon + 1, " \t");
        const char *name = wsn_copy(arena, line, (size_t)(colon - line));
        if (name)
            set(arena, fields, (struct field){name, value, strlen(value)});
    }
}

static void response_fields(struct wss_run *run, const struct lane *lane, unsigned status,
                            struct fields *fields)
{
    if (status == 101) {
        add_text(&run->scratch, fields, "Upgrade", "websocket");
        add_text(&run->scratch, fields, "Connection", "Upgrade");
        add_text(&run->scratch, fields, "Sec-WebSocket-Accept", lane->accept);
    } else {
        add_text(&run->scratch, fields, "Connection", "close");
        add_text(&run->scratch, fields, "Content-Length", "0");
    }
}

static const char *phrase(unsigned status)
{
    switch (status) {
    case 101:
        return "Switching Protocols";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 426:
        return "Upgrade Required";
    default:
        return "Status";
    }
}

static void put_start(struct wss_run *run, const struct wss_step *step,
                      const struct wsn_step *bound, struct wsn_buffer *out)
{
    struct wsn_arena *arena = &run->scratch;
    const struct wss_modifiers *m = &step->modifiers;
    if (bound->payload.present) {
        size_t n;
        const uint8_t *p = wss_payload_bytes(arena, &bound->payload, run->draw, &n);
        if (p)
            wsn_put(out, (const char *)p, n);
        return;
    }
    if (step->kind == WSN_SEND_RESPONSE) {
        unsigned status = step->code_count ? step->codes[0].lo : 101;
        wsn_printf(out, "HTTP/1.1 %u %s", status, phrase(status));
    } else {
        const char *method = wss_plain(arena, &bound->verb, NULL);
        const char *target = bound->target.present ? wss_plain(arena, &bound->target, NULL)
                                                   : run->setup->profile->path;
        const char *version =
            bound->version.present ? wss_plain(arena, &bound->version, NULL) : "HTTP/1.1";
        wsn_printf(out, "%s %s %s", method, target, version);
    }
    wsn_put(out, m->eol, m->eol_len);
}

static void put_body(struct wss_run *run, const struct wsn_step *bound, struct wsn_buffer *out)
{
    for (size_t i = 0; i < bound->line_count; i++) {
        if (bound->lines[i].kind != WSN_LINE_BODY)
            continue;
        size_t n;
        const uint8_t *p =
            wss_payload_bytes(&run->scratch, &bound->lines[i].payload, run->draw, &n);
        if (p)
            wsn_put(out, (const char *)p, n);
    }
}

/* Our last head is read back by our own reader, however it was written: a 101 is judged against it.
 */
void wss_remember_request(struct wss_run *run, struct lane *lane, const uint8_t *bytes, size_t len)
{
    lane->request_read = false;
    lane->request_upgrades = false;
    lane->bodiless = false;
    if (run->test->server_role || lane->request.n > HEAD_LIMIT ||
        !wss_grow_add(run, &lane->request, bytes, len))
        return;
    lane->request_read = wsc_http_request(lane->request.p, lane->request.n, HEAD_LIMIT,
                                          &lane->request_head, NULL) == WSC_HTTP_DONE;
    if (!lane->request_read)
        return;
    lane->request_upgrades = wsc_head_has(&lane->request_head, "Upgrade", "websocket");
    const struct wsc_header *key = wsc_head_field(&lane->request_head, "Sec-WebSocket-Key", 0);
    if (key)
        wsc_accept(key->value, lane->accept);
}

/* Our own 101 may agree to the client's offer. */
static void agree(struct wss_run *run, struct lane *lane, const uint8_t *bytes, size_t len)
{
    struct wsc_head *response = wss_got(run, malloc(sizeof *response));
    if (response && wsc_http_response(bytes, len, HEAD_LIMIT, response, NULL) == WSC_HTTP_DONE)
        wss_deflate_agree(run, lane, lane->last_head, response);
    free(response);
}

void wss_send_head(struct wss_run *run, const struct wss_step *step, const struct wsn_step *bound)
{
    struct lane *lane = &run->lanes[step->lane];
    struct wsn_buffer out = {0};
    struct fields fields = {0};
    bool request = step->kind == WSN_SEND_REQUEST;
    if (lane->websocket) {
        wss_run_error(run, "the script sends a head on a connection that speaks WebSocket already");
        return;
    }
    if (request) {
        request_fields(run, lane, bound, &fields);
    } else {
        response_fields(run, lane, step->code_count ? step->codes[0].lo : 101, &fields);
    }
    for (size_t i = 0; i < bound->line_count; i++)
        apply_line(run, &fields, &bound->lines[i]);
    put_start(run, step, bound, &out);
    for (size_t i = 0; i < fields.count; i++) {
        if (fields.list[i].name) {
            wsn_printf(&out, "%s: ", fields.list[i].name);
            wsn_put(&out, fields.list[i].value, fields.list[i].length);
            wsn_put(&out, step->modifiers.eol, step->modifiers.eol_len);
        } else {
            wsn_put(&out, fields.list[i].value, fields.list[i].length);
        }
    }
    if (!bound->open)
        wsn_put(&out, step->modifiers.eol, step->modifiers.eol_len);
    put_body(run, bound, &out);
    run->starved = run->starved || out.full;
    lane->request.n = 0;
    if (out.p)
        wss_remember_request(run, lane, (uint8_t *)out.p, out.n);
    if (out.p && !lane->write_dead) {
        wss_note_wire(run, lane, true, (uint8_t *)out.p, out.n < WIRE_KEPT ? out.n : WIRE_KEPT,
                      out.n, request ? "request" : "response");
        wss_lane_queue(run, lane, (uint8_t *)out.p, out.n, &step->modifiers);
    }
    if (!request && (!step->code_count || step->codes[0].lo == 101)) {
        lane->websocket = true;
        if (out.p)
            agree(run, lane, (uint8_t *)out.p, out.n);
    } else if (!request && step->codes[0].lo >= 200) {
        lane->asked = false; /* the client may ask again */
    }
    wsn_buffer_drop(&out);
}
