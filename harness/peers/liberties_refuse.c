/* Liberties in refusing a handshake, and in answering requests that ask for none. */
#include <stdio.h>
#include <string.h>

#include "registry.h"

static bool is_refusal(const struct wsp_event *event)
{
    return wsp_is_status(event, WSP_OUT, 0) && event->head->head.status >= 400;
}

/* The server has nothing more to say behind it. */
static bool is_last(const struct wsp_event *event)
{
    return is_refusal(event) && wsc_head_has(&event->head->head, "Connection", "close");
}

bool wsp_refuse_with_403(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 400, "HTTP/1.1 403 Forbidden");
    return false;
}

bool wsp_refuse_with_404(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 400, "HTTP/1.1 404 Not Found");
    return false;
}

bool wsp_refuse_with_400(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 426, "HTTP/1.1 400 Bad Request");
    return false;
}

static void ask_for_upgrade(struct wsp_edit *edit, const char *connection)
{
    wsp_edit_set(edit, "Connection", connection);
    wsp_edit_set(edit, "Upgrade", "websocket");
    wsp_edit_set(edit, "Sec-WebSocket-Version", "13");
}

bool wsp_refuse_with_426(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_restate(filter, event, 400, "HTTP/1.1 426 Upgrade Required"))
        ask_for_upgrade(event->head, "close, Upgrade");
    return false;
}

bool wsp_refuse_as_http_1_0(struct wsp_filter *filter, struct wsp_event *event)
{
    char line[64];

    if (!is_last(event))
        return false;
    snprintf(line, sizeof line, "HTTP/1.0 %03u Refused", event->head->head.status);
    wsp_restate(filter, event, 0, line);
    return false;
}

bool wsp_versions_in_two_lines(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_refusal(event) || !wsc_head_field(&event->head->head, "Sec-WebSocket-Version", 0))
        return false;
    wsp_fire(filter);
    wsp_edit_add(event->head, "Sec-WebSocket-Version", "8, 7");
    return false;
}

/* No answer. */

static bool end_instead(struct wsp_filter *filter, const struct wsp_event *event, bool reset)
{
    if (!is_refusal(event))
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, reset);
    return true;
}

bool wsp_refuse_without_answer(struct wsp_filter *filter, struct wsp_event *event)
{
    return end_instead(filter, event, false);
}

bool wsp_refuse_by_reset(struct wsp_filter *filter, struct wsp_event *event)
{
    return end_instead(filter, event, true);
}

/* The form of the content. */

/* The answer at hand with this field in place of Content-Length and this content, then the end. */
static bool answer_with(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                        const char *value, const char *content)
{
    struct wsp_bytes *out = &filter->ways[WSP_OUT].out;
    const struct wsc_head *request = wsp_request(filter);
    bool head_only = request && wsc_text_is(request->method, "HEAD");

    wsp_fire(filter);
    wsp_edit_drop(event->head, "Content-Length");
    if (name)
        wsp_edit_add(event->head, name, value);
    wsp_bytes_move(out, &event->head->text);
    if (!head_only)
        wsp_bytes_add_text(out, content);
    wsp_end_connection(filter, false);
    return true;
}

bool wsp_refusal_in_chunks(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *request = wsp_request(filter);

    return is_last(event) && request && request->minor > 0 &&
           answer_with(filter, event, "Transfer-Encoding", "chunked",
                       "7;why=not\r\nrefused\r\n1\r\n\n\r\n0\r\nX-Trailer: 1\r\n\r\n");
}

bool wsp_refusal_until_the_end(struct wsp_filter *filter, struct wsp_event *event)
{
    return is_last(event) && answer_with(filter, event, NULL, NULL, "refused\n");
}

/* The connection behind a refusal. */

/* Nothing obliges the server to end it. */
static bool may_stay(const struct wsp_filter *filter, const struct wsp_event *event)
{
    const struct wsc_head *request = wsp_request(filter);
    struct wsc_body body;

    if (!is_last(event) || !request || request->minor == 0 ||
        wsc_head_has(request, "Connection", "close") ||
        (wsp_has(request, "Transfer-Encoding") && wsp_has(request, "Content-Length")))
        return false;
    wsc_body_of_request(&body, request);
    return !body.broken;
}

static bool stay(struct wsp_filter *filter, struct wsp_event *event)
{
    if (may_stay(filter, event)) {
        wsp_fire(filter);
        wsp_edit_set(event->head, "Connection",
                     wsc_head_field(&event->head->head, "Upgrade", 0) ? "Upgrade" : "keep-alive");
        filter->state = 1;
    }
    if (event->kind != WSP_ENDED || filter->state == 0)
        return false;
    if (event->way == WSP_IN)
        wsp_end_connection(filter, false);
    return event->way == WSP_OUT;
}

/* The server behind says nothing more, but the connection lasts until the client ends it. */
bool wsp_refuse_and_stay(struct wsp_filter *filter, struct wsp_event *event)
{
    return stay(filter, event);
}

bool wsp_refuse_and_go_on(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_request(event, WSP_IN) || filter->state == 0)
        return stay(filter, event);
    wsp_put_text(filter, WSP_OUT, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return true;
}

/* What is not served. */

bool wsp_refuse_later_http(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_request(event, WSP_IN) && event->head->head.minor > 1 &&
           wsp_decline(filter, "505 HTTP Version Not Supported");
}

/* Upgrade with several protocols is ignored. */
bool wsp_ignore_upgrade_lists(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *field =
        wsp_is_request(event, WSP_IN) ? wsc_head_field(&event->head->head, "Upgrade", 0) : NULL;

    if (field && memchr(field->value.p, ',', field->value.n)) {
        wsp_fire(filter);
        wsp_edit_drop(event->head, "Upgrade");
    }
    return false;
}

bool wsp_demand_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char name[] = "Sec-WebSocket-Protocol";

    return wsp_is_request(event, WSP_IN) && wsc_head_field(&event->head->head, name, 0) &&
           !wsc_head_has(&event->head->head, name, "chat") &&
           !wsc_head_has(&event->head->head, name, "echo") &&
           wsp_decline(filter, "400 Bad Request");
}

/* Requests that ask for no upgrade. */

bool wsp_plain_404(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 200, "HTTP/1.1 404 Not Found");
    return false;
}

bool wsp_plain_426(struct wsp_filter *filter, struct wsp_event *event)
{
    bool last = wsp_is_status(event, WSP_OUT, 200) &&
                wsc_head_has(&event->head->head, "Connection", "close");

    if (wsp_restate(filter, event, 200, "HTTP/1.1 426 Upgrade Required"))
        ask_for_upgrade(event->head, last ? "close, Upgrade" : "keep-alive, Upgrade");
    return false;
}

bool wsp_plain_redirect(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_restate(filter, event, 200, "HTTP/1.1 302 Found"))
        wsp_edit_add(event->head, "Location", "/index.html");
    return false;
}

/* Each plain request is the last of its connection. */
bool wsp_no_persistence(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_request(event, WSP_IN) || wsc_head_field(&event->head->head, "Upgrade", 0))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Connection", "close");
    return false;
}
