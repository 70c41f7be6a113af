/* Follows what client and server say, and writes it as steps. */
#include "record_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- life ---- */

struct wsh_record *wsh_record_new(const struct wsh_record_setup *setup)
{
    struct wsh_record *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    assert(setup->settings.count <= RECORD_SETTINGS_MAX);
    record->setup = *setup;
    for (size_t i = 0; i < setup->settings.count; i++)
        if (!wsh_secrets_add(&record->forms, setup->settings.list[i].value,
                             setup->settings.list[i].length)) {
            wsh_record_free(record);
            return NULL;
        }
    return record;
}

static void drop_side(struct record_side *side)
{
    wsn_buffer_drop(&side->head);
    wsh_record_forget(&side->content);
    wsh_record_forget(&side->message);
    wsh_record_forget(&side->control);
    for (size_t i = 0; i < side->ping_count; i++)
        wsn_buffer_drop(&side->pings[i]);
}

static void drop_conn(struct record_conn *conn)
{
    drop_side(&conn->client);
    drop_side(&conn->server);
    while (conn->asked)
        wsh_record_answered(conn);
    wsh_record_forget(&conn->said);
    free(conn);
}

void wsh_record_free(struct wsh_record *record)
{
    if (!record)
        return;
    while (record->conns) {
        struct record_conn *conn = record->conns;
        record->conns = conn->next;
        drop_conn(conn);
    }
    for (size_t i = 0; i < record->step_count; i++) {
        free(record->steps[i].first);
        free(record->steps[i].lines);
    }
    free(record->steps);
    wsh_secrets_drop(&record->forms);
    free(record);
}

unsigned wsh_record_open(struct wsh_record *record, uint64_t now)
{
    struct record_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        record->failed = true;
        return 0;
    }
    conn->id = ++record->opened;
    conn->last_asked = &conn->asked;
    conn->client.framewise = conn->server.framewise = record->setup.frames;
    conn->next = record->conns;
    record->conns = conn;
    if (record->open++ == 0 && record->setup.split) {
        record->part++;
        record->part_steps = 0;
    }
    if (record->step_count == 0)
        record->step_at = now;
    return conn->id;
}

static struct record_conn *find(const struct wsh_record *record, unsigned id)
{
    struct record_conn *conn = record->conns;
    while (conn && conn->id != id)
        conn = conn->next;
    return conn;
}

void wsh_record_close(struct wsh_record *record, unsigned id)
{
    struct record_conn **at = &record->conns;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    struct record_conn *conn = *at;
    if (!conn)
        return;
    *at = conn->next;
    record->open--;
    drop_conn(conn);
}

/* ---- both sides ---- */

static void lose(struct wsh_record *record, struct record_conn *conn, const char *what)
{
    wsh_record_leave_out(record, conn, "%s", what);
    conn->client.state = conn->server.state = RECORD_NOTHING;
}

/* Takes bytes of a body; how many.  The body may be done. */
static size_t read_body(struct record_side *side, const uint8_t *data, size_t len)
{
    struct wsc_text content;
    size_t all = 0;
    while (all < len && !side->body.done && !side->body.broken) {
        size_t used = wsc_body_read(&side->body, data + all, len - all, &content);
        if (content.n)
            wsh_record_collect(&side->content, (const uint8_t *)content.p, content.n,
                               RECORD_KEPT_MAX);
        if (used == 0)
            break;
        all += used;
    }
    return all;
}

/* How many bytes of data the head took; SIZE_MAX: all, and it is not whole yet or never will be. */
static size_t read_head(struct wsh_record *record, struct record_conn *conn, bool sent,
                        const uint8_t *data, size_t len, struct wsc_head *head)
{
    struct record_side *side = wsh_record_side(conn, sent);
    struct wsn_buffer *bytes = &side->head;
    size_t before = bytes->n;
    bytes->limit = 2 * (size_t)RECORD_HEAD_MAX + RECORD_READ_MAX;
    wsn_put(bytes, (const char *)data, len);
    const uint8_t *p = (const uint8_t *)bytes->p;
    enum wsc_http result = sent ? wsc_http_request(p, bytes->n, RECORD_HEAD_MAX, head, NULL)
                                : wsc_http_response(p, bytes->n, RECORD_HEAD_MAX, head, NULL);
    if (result == WSC_HTTP_MORE && !bytes->full)
        return SIZE_MAX;
    if (result != WSC_HTTP_DONE || head->length <= before || (!sent && !conn->asked)) {
        lose(record, conn,
             sent ? "what the client sent in place of HTTP"
                  : "what the server sent in place of HTTP");
        return SIZE_MAX;
    }
    return head->length - before;
}

void wsh_record_server(struct wsh_record *record, unsigned id, const uint8_t *data, size_t len,
                       uint64_t now)
{
    struct record_conn *conn = find(record, id);
    while (conn && len > 0) {
        struct record_side *side = &conn->server;
        struct wsc_head head;
        size_t used = len;
        switch (side->state) {
        case RECORD_HEAD:
            used = read_head(record, conn, false, data, len, &head);
            if (used == SIZE_MAX)
                return;
            wsh_record_response(record, conn, &head, now);
            wsn_buffer_drop(&side->head);
            side->head = (struct wsn_buffer){0};
            break;
        case RECORD_BODY:
            used = read_body(side, data, len);
            if (side->body.broken)
                lose(record, conn, "an answer's body that cannot be followed");
            break;
        case RECORD_FRAMES:
            wsh_record_frames(record, conn, false, data, len, now);
            break;
        case RECORD_ANSWER:
        case RECORD_NOTHING:
            return;
        }
        data += used;
        len -= used;
        if (side->state == RECORD_BODY && side->body.done)
            wsh_record_response_done(record, conn);
        if (conn->upgraded && conn->client.head.n > 0) { /* what the client sent meanwhile */
            struct wsn_buffer early = conn->client.head;
            conn->client.head = (struct wsn_buffer){0};
            wsh_record_frames(record, conn, true, (const uint8_t *)early.p, early.n, now);
            wsn_buffer_drop(&early);
        }
    }
}

/* Before the answer to a request to upgrade nobody knows what they are. */
static void keep_early(struct wsh_record *record, struct record_conn *conn, const uint8_t *data,
                       size_t len)
{
    struct wsn_buffer *early = &conn->client.head;
    early->limit = RECORD_HEAD_MAX;
    wsn_put(early, (const char *)data, len);
    if (early->full)
        lose(record, conn, "what the client sent before it was answered");
}

void wsh_record_client(struct wsh_record *record, unsigned id, const uint8_t *data, size_t len,
                       uint64_t now, struct wsn_buffer *forward)
{
    struct record_conn *conn = find(record, id);
    while (conn && len > 0) {
        struct record_side *side = &conn->client;
        struct wsc_head head;
        size_t used = len;
        switch (side->state) {
        case RECORD_HEAD:
            used = read_head(record, conn, true, data, len, &head);
            if (used == SIZE_MAX && side->state == RECORD_NOTHING) {
                wsn_put(forward, side->head.p, side->head.n);
                return;
            }
            if (used == SIZE_MAX)
                return;
            wsh_record_request(record, conn, &head, now, forward);
            wsn_buffer_drop(&side->head);
            side->head = (struct wsn_buffer){0};
            break;
        case RECORD_BODY:
            used = read_body(side, data, len);
            wsn_put(forward, (const char *)data, used);
            if (side->body.broken)
                lose(record, conn, "a request's body that cannot be followed");
            break;
        case RECORD_ANSWER:
            keep_early(record, conn, data, len);
            wsn_put(forward, (const char *)data, len);
            break;
        case RECORD_FRAMES:
            wsh_record_frames(record, conn, true, data, len, now);
            wsn_put(forward, (const char *)data, len);
            break;
        case RECORD_NOTHING:
            wsn_put(forward, (const char *)data, len);
            break;
        }
        data += used;
        len -= used;
        if (side->state == RECORD_BODY && side->body.done)
            wsh_record_request_done(record, conn);
    }
}

/* ---- ends ---- */

enum { AT_ONCE_MS = 1000 };

static bool is_cut(const struct record_side *side)
{
    return side->state == RECORD_FRAMES && !wsc_scan_idle(&side->scan);
}

void wsh_record_client_ended(struct wsh_record *record, unsigned id, bool reset, uint64_t now)
{
    struct record_conn *conn = find(record, id);
    if (!conn || conn->client.ended)
        return;
    conn->client.ended = true;
    bool frames = conn->client.state == RECORD_FRAMES;
    wsh_record_cut(record, conn, now);
    if (conn->upgraded && !conn->server.ended && !conn->server.closed && frames)
        wsh_record_word(record, conn, reset ? "> reset" : "> fin", false, now);
    if (reset)
        conn->over = true;
}

/* A connection that is kept alive for a next request may end or not. */
void wsh_record_server_ended(struct wsh_record *record, unsigned id, uint64_t now)
{
    struct record_conn *conn = find(record, id);
    if (!conn || conn->server.ended)
        return;
    struct record_side *side = &conn->server;
    bool body = side->state == RECORD_BODY && side->body.kind == WSC_BODY_TO_END;
    if (side->state == RECORD_BODY && !body)
        wsh_record_leave_out(record, conn, "an answer that was cut");
    if (body)
        wsh_record_response_done(record, conn);
    wsh_record_cut(record, conn, now);
    side->ended = true;
    if (is_cut(side))
        wsh_record_leave_out(record, conn, "a frame that the server did not finish");
    bool at_once = now - record->step_at < AT_ONCE_MS && !conn->client.ended;
    bool told = conn->upgraded || conn->asked || at_once || body;
    if (told && side->state != RECORD_NOTHING)
        wsh_record_word(record, conn, "< eof", true, now);
    conn->over = true;
}

void wsh_record_lost(struct wsh_record *record, unsigned id, const char *why)
{
    struct record_conn *conn = find(record, id);
    if (!conn)
        return;
    wsh_record_leave_out(record, conn, "a connection: %s", why);
    conn->over = true;
}

/* ---- figures ---- */

size_t wsh_record_steps(const struct wsh_record *record)
{
    return record->step_count;
}

size_t wsh_record_left_out(const struct wsh_record *record)
{
    return record->left_out;
}

const char *wsh_record_path(const struct wsh_record *record)
{
    return record->path[0] ? record->path : "/";
}

const char *wsh_record_secret(const struct wsh_record *record)
{
    return record->secret[0] ? record->secret : NULL;
}
