/* lane_head.c - what the peer says in HTTP: heads, and the content behind them. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>

void wss_lane_body_done(struct wss_run *run, struct lane *lane)
{
    struct event *event =
        wss_lane_event(run, lane, EVENT_BODY, lane->body_kept.p, lane->body_kept.n);
    event->whole = lane->body_len;
    lane->body_kept.n = 0;
    lane->in_body = false;
}

size_t wss_lane_body(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len)
{
    struct wsc_text content;
    size_t used = wsc_body_read(&lane->body, data, len, &content);
    lane->body_len += content.n;
    size_t room = BODY_KEPT - lane->body_kept.n;
    wss_grow_add(run, &lane->body_kept, (const uint8_t *)content.p,
                 content.n < room ? content.n : room);
    if (lane->body.done)
        wss_lane_body_done(run, lane);
    if (lane->body.broken)
        return len;
    return used;
}

static void remember_field(struct wss_run *run, char **out, const struct wsc_head *head,
                           const char *name)
{
    const struct wsc_header *field = wsc_head_field(head, name, 0);
    if (field && !*out)
        *out = wss_got(run, wsq_format("%.*s", (int)(field->value.n < 200 ? field->value.n : 200),
                                       field->value.p));
}

static void learn_from(struct wss_run *run, const struct event *event)
{
    bool interim = event->head->status < 200 && event->head->status != 101;
    if (!run->facts.status && !interim)
        run->facts.status = event->head->status;
    remember_field(run, &run->facts.server, event->head, "Server");
    if (event->head->status == 101) {
        remember_field(run, &run->facts.protocol, event->head, "Sec-WebSocket-Protocol");
        remember_field(run, &run->facts.extensions, event->head, "Sec-WebSocket-Extensions");
    }
}

static void response_came(struct wss_run *run, struct lane *lane, struct event *event)
{
    event->valid = wsc_response_check(lane->request_read ? &lane->request_head : NULL, event->head,
                                      &run->occasions);
    wss_take_violations(run, lane, &run->occasions);
    memcpy(event->broke, lane->broke, sizeof event->broke);
    learn_from(run, event);
    if (event->head->status == 101) {
        run->facts.upgraded += !lane->websocket;
        lane->websocket = true;
        wsc_check_init(&lane->check, WSC_SERVER);
        wss_deflate_agree(run, lane, lane->request_read ? &lane->request_head : NULL, event->head);
        return;
    }
    struct wsc_text method =
        lane->request_read ? lane->request_head.method : (struct wsc_text){"GET", 3};
    wsc_body_of_response(&lane->body, event->head, method);
    lane->bodiless = event->head->status >= 200 && wsc_text_is(method, "HEAD");
    lane->body_len = 0;
    lane->in_body = true;
    if (lane->body.done)
        wss_lane_body_done(run, lane);
}

static void request_came(struct wss_run *run, struct lane *lane, struct event *event)
{
    lane->asked = true;
    event->valid = wsc_request_check(event->head, &run->occasions);
    wss_take_violations(run, lane, &run->occasions);
    memcpy(event->broke, lane->broke, sizeof event->broke);
    const struct wsc_header *key = wsc_head_field(event->head, "Sec-WebSocket-Key", 0);
    if (key) {
        snprintf(lane->key, sizeof lane->key, "%.*s", (int)(key->value.n < 31 ? key->value.n : 31),
                 key->value.p);
        wsc_accept(key->value, lane->accept);
    }
}

/* The head's spans point into the bytes that it was read from: it is read anew from the event's
 * own. */
static struct wsc_head *head_of(struct wss_run *run, struct event *event, bool response)
{
    struct wsc_head *head = wss_got(run, malloc(sizeof *head));
    if (head && response)
        wsc_http_response(event->data, event->len, HEAD_LIMIT, head, &run->occasions);
    else if (head)
        wsc_http_request(event->data, event->len, HEAD_LIMIT, head, &run->occasions);
    return head;
}

static void no_head(struct wss_run *run, struct lane *lane, enum wsc_http result, bool response)
{
    if (response && !lane->request_read) { /* what was no request may be answered in any words */
        wss_note_wire(run, lane, false, lane->head.p, lane->head.n, lane->head.n, "no HTTP");
        lane->head.n = 0;
        lane->body = (struct wsc_body){.kind = WSC_BODY_TO_END};
        lane->in_body = true;
        return;
    }
    struct wsc_head *head = wss_got(run, malloc(sizeof *head));
    if (head && response)
        wsc_http_response(lane->head.p, lane->head.n, HEAD_LIMIT, head, &run->occasions);
    free(head);
    wss_take_violations(run, lane, &run->occasions);
    lane->blocked = true;
    wss_note_wire(run, lane, false, lane->head.p, lane->head.n, lane->head.n, "no HTTP");
    wss_lane_event(run, lane, EVENT_BLOCKED, lane->head.p, lane->head.n < 64 ? lane->head.n : 64);
    if (result == WSC_HTTP_LARGE)
        wss_run_error(run, "too much: a head of more than %d bytes", HEAD_LIMIT);
    else
        wss_run_error(run, "blocked by the watch of 9112-4-1: what came is no HTTP/1.x head");
}

/* May the bytes from `from` on have ended the first line, or the head with an empty one?  Else it
 * need not be read again: a head may come byte by byte. */
static bool head_may_end(struct lane *lane, size_t from, bool response)
{
    const uint8_t *p = lane->head.p;
    size_t n = lane->head.n;
    if (!memchr(p + from, '\n', n - from))
        return false;
    while (!response && lane->head_blank < n &&
           (p[lane->head_blank] == '\r' || p[lane->head_blank] == '\n'))
        lane->head_blank++;
    size_t begin = lane->head_blank, at = from > begin ? from : begin;
    if (!memchr(p + begin, '\n', at - begin))
        return memchr(p + at, '\n', n - at) != NULL;
    for (size_t i = at; i < n; i++) {
        size_t end = p[i] == '\n' && p[i - 1] == '\r' ? i - 1 : i;
        if (p[i] == '\n' && p[end - 1] == '\n')
            return true;
    }
    return false;
}

/* Content where none may be: the first of it is an event, the rest is passed over. */
static void content_received(struct wss_run *run, struct lane *lane, const uint8_t *data,
                             size_t len)
{
    wss_note_wire(run, lane, false, data, len < WIRE_KEPT ? len : WIRE_KEPT, len, "content");
    if (!lane->body_len)
        wss_lane_event(run, lane, EVENT_CONTENT, NULL, 0);
    lane->body_len += len;
}

size_t wss_lane_head(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len)
{
    if (lane->bodiless) {
        content_received(run, lane, data, len);
        return len;
    }
    bool response = !run->test->server_role;
    size_t before = lane->head.n;
    if (!wss_grow_add(run, &lane->head, data, len))
        return len;
    if (lane->head.n <= HEAD_LIMIT && !head_may_end(lane, before, response))
        return len;
    struct wsc_head *probe = wss_got(run, malloc(sizeof *probe));
    if (!probe)
        return len;
    enum wsc_http result =
        response ? wsc_http_response(lane->head.p, lane->head.n, HEAD_LIMIT, probe, NULL)
                 : wsc_http_request(lane->head.p, lane->head.n, HEAD_LIMIT, probe, NULL);
    size_t length = probe->length;
    free(probe);
    if (result == WSC_HTTP_MORE)
        return len;
    if (result != WSC_HTTP_DONE) {
        no_head(run, lane, result, response);
        return len;
    }
    wss_note_wire(run, lane, false, lane->head.p, length, length,
                  response ? "response" : "request");
    struct event *event =
        wss_lane_event(run, lane, response ? EVENT_STATUS : EVENT_REQUEST, lane->head.p, length);
    lane->head.n = lane->head_blank = 0;
    memset(lane->broke, 0, sizeof lane->broke);
    if (run->starved) /* the event may be nobody's */
        return len;
    event->head = head_of(run, event, response);
    if (event->head) {
        wss_hold(run, sizeof *event->head);
        lane->last_head = event->head;
        wss_take_violations(run, lane, &run->occasions);
        if (response)
            response_came(run, lane, event);
        else
            request_came(run, lane, event);
    }
    return length - before;
}
