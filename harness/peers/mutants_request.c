/* Mutants that upgrade, or go on after, requests which a server must refuse: the filter repairs
 * them. */
#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

static const struct wsc_head *request_in(const struct wsp_event *event)
{
    return wsp_is_request(event, WSP_IN) ? &event->head->head : NULL;
}

static bool has(const struct wsc_head *head, const char *name)
{
    return wsc_head_field(head, name, 0) != NULL;
}

/* Does the request look like an opening handshake at all? */
static bool means_websocket(const struct wsc_head *head)
{
    return has(head, "Sec-WebSocket-Key") || has(head, "Sec-WebSocket-Version") ||
           wsc_head_has(head, "Upgrade", "websocket");
}

static size_t offset(const struct wsp_edit *edit, const char *at)
{
    return (size_t)((const uint8_t *)at - wsp_bytes_data(&edit->text));
}

static void put_method(struct wsp_event *event)
{
    struct wsc_text method = event->head->head.method;

    wsp_edit_splice(event->head, offset(event->head, method.p), method.n, "GET", 3);
}

bool wsp_accept_post(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);

    if (!head || !wsc_text_is(head->method, "POST") || !means_websocket(head))
        return false;
    wsp_fire(filter);
    put_method(event);
    return false;
}

bool wsp_accept_lower_case_get(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);

    if (!head || wsc_text_is(head->method, "GET") || !wsc_text_is_nocase(head->method, "get"))
        return false;
    wsp_fire(filter);
    put_method(event);
    return false;
}

bool wsp_accept_http_1_0(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);
    char line[1024];

    if (!head || head->major != 1 || head->minor != 0 || !means_websocket(head) ||
        head->target.n > 900)
        return false;
    wsp_fire(filter);
    snprintf(line, sizeof line, "GET %.*s HTTP/1.1", (int)head->target.n, head->target.p);
    wsp_edit_start_line(event->head, line);
    return false;
}

/* Adds a field that is missing. */
static bool supply(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                   const char *value)
{
    const struct wsc_head *head = request_in(event);

    if (!head || has(head, name) || !means_websocket(head))
        return false;
    wsp_fire(filter);
    wsp_edit_add(event->head, name, value);
    return false;
}

bool wsp_accept_no_host(struct wsp_filter *filter, struct wsp_event *event)
{
    return supply(filter, event, "Host", "localhost");
}

bool wsp_accept_no_upgrade(struct wsp_filter *filter, struct wsp_event *event)
{
    return supply(filter, event, "Upgrade", "websocket");
}

bool wsp_accept_no_connection(struct wsp_filter *filter, struct wsp_event *event)
{
    return supply(filter, event, "Connection", "Upgrade");
}

bool wsp_accept_missing_key(struct wsp_filter *filter, struct wsp_event *event)
{
    return supply(filter, event, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
}

bool wsp_accept_missing_version(struct wsp_filter *filter, struct wsp_event *event)
{
    return supply(filter, event, "Sec-WebSocket-Version", "13");
}

bool wsp_accept_bad_key(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);
    const struct wsc_header *key = head ? wsc_head_field(head, "Sec-WebSocket-Key", 0) : NULL;

    if (!key || wsc_key_valid(key->value))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
    return false;
}

bool wsp_accept_any_version(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);
    const struct wsc_header *version =
        head ? wsc_head_field(head, "Sec-WebSocket-Version", 0) : NULL;

    if (!version || wsc_text_is(version->value, "13"))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Sec-WebSocket-Version", "13");
    return false;
}

bool wsp_accept_two_hosts(struct wsp_filter *filter, struct wsp_event *event)
{
    if (request_in(event) && wsp_edit_drop_others(event->head, "Host"))
        wsp_fire(filter);
    return false;
}

static bool holds_websocket(struct wsc_text value)
{
    static const char name[] = "websocket";

    for (size_t i = 0; i + strlen(name) <= value.n; i++)
        if (memcmp(value.p + i, name, strlen(name)) == 0)
            return true;
    return false;
}

bool wsp_accept_other_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);
    const struct wsc_header *upgrade = head ? wsc_head_field(head, "Upgrade", 0) : NULL;

    if (!upgrade || wsc_head_has(head, "Upgrade", "websocket") || !holds_websocket(upgrade->value))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Upgrade", "websocket");
    return false;
}

/* White space between the name of this field and its colon. */
static bool close_gap(struct wsp_edit *edit, const struct wsc_header *field)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t at = offset(edit, field->name.p) + field->name.n, n = 0;

    while (at + n < wsp_bytes_len(&edit->text) && (data[at + n] == ' ' || data[at + n] == '\t'))
        n++;
    if (n == 0)
        return false;
    wsp_edit_splice(edit, at, n, "", 0);
    return true;
}

bool wsp_accept_space_before_colon(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!request_in(event))
        return false;
    for (size_t i = 0; event->head->readable && i < event->head->head.count; i++)
        if (close_gap(event->head, &event->head->head.headers[i]))
            wsp_fire(filter);
    return false;
}

static bool is_number(struct wsc_text value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
    return value.n > 0;
}

bool wsp_accept_bad_length(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);
    const struct wsc_header *length = head ? wsc_head_field(head, "Content-Length", 0) : NULL;

    if (!length || is_number(length->value))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Content-Length");
    return false;
}

bool wsp_accept_unchunked_coding(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);
    struct wsc_list cursor = {0};
    struct wsc_text coding = {0};

    if (!head || !has(head, "Transfer-Encoding"))
        return false;
    while (wsc_head_list(head, "Transfer-Encoding", &cursor, &coding))
        continue;
    if (coding.n > 0 && wsc_text_is_nocase(coding, "chunked"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Transfer-Encoding");
    return false;
}

bool wsp_body_parsed_as_frames(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);

    if (!head || !means_websocket(head) || !has(head, "Content-Length"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Content-Length");
    return false;
}

bool wsp_ignore_close_option(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = request_in(event);

    if (!head || !wsc_head_has(head, "Connection", "close"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Connection");
    return false;
}
