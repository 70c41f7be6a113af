/* Liberties in the opening handshake. */
#include <stdio.h>
#include <string.h>

#include "registry.h"

static bool is_refusal(const struct wsp_event *event)
{
    return wsp_is_status(event, WSP_OUT, 0) && event->head->head.status >= 400;
}

/* Another status, the same fields. */
static bool restate(struct wsp_filter *filter, struct wsp_event *event, unsigned from,
                    const char *line)
{
    if (!wsp_is_status(event, WSP_OUT, from))
        return false;
    wsp_fire(filter);
    wsp_edit_start_line(event->head, line);
    return false;
}

bool wsp_refuse_with_403(struct wsp_filter *filter, struct wsp_event *event)
{
    return restate(filter, event, 400, "HTTP/1.1 403 Forbidden");
}

bool wsp_refuse_with_400(struct wsp_filter *filter, struct wsp_event *event)
{
    return restate(filter, event, 426, "HTTP/1.1 400 Bad Request");
}

bool wsp_other_reason_phrase(struct wsp_filter *filter, struct wsp_event *event)
{
    return restate(filter, event, 101, "HTTP/1.1 101 Web Socket Protocol Handshake");
}

bool wsp_empty_reason_phrase(struct wsp_filter *filter, struct wsp_event *event)
{
    char line[32];

    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    snprintf(line, sizeof line, "HTTP/1.1 %03u ", event->head->head.status);
    return restate(filter, event, 0, line);
}

bool wsp_refuse_without_answer(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_refusal(event))
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, false);
    return true;
}

/* The server behind says nothing more, but the connection lasts until the client ends it. */
bool wsp_refuse_and_stay(struct wsp_filter *filter, struct wsp_event *event)
{
    if (is_refusal(event) && wsc_head_has(&event->head->head, "Connection", "close") &&
        !wsc_head_has(&event->head->head, "Connection", "upgrade")) {
        wsp_fire(filter);
        wsp_edit_drop(event->head, "Connection");
        filter->state = 1;
    }
    if (event->kind != WSP_ENDED || filter->state == 0)
        return false;
    if (event->way == WSP_IN)
        wsp_end_connection(filter, false);
    return event->way == WSP_OUT;
}

/* Where the value of a field ends, its name begins at name.p; the text may be changed in place. */
bool wsp_lower_case_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    uint8_t *text;

    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    wsp_fire(filter);
    text = wsp_bytes_data(&event->head->text);
    for (size_t i = 0; i < event->head->head.count; i++) {
        const struct wsc_header *field = &event->head->head.headers[i];

        for (size_t k = 0; k < field->name.n; k++) {
            uint8_t *c = text + field->at + k;

            if (*c >= 'A' && *c <= 'Z')
                *c = (uint8_t)(*c + ('a' - 'A'));
        }
    }
    return false;
}

static void append_field(struct wsp_bytes *to, const struct wsc_header *field)
{
    wsp_bytes_add(to, field->name.p, field->name.n);
    wsp_bytes_add_text(to, ": ");
    wsp_bytes_add(to, field->value.p, field->value.n);
    wsp_bytes_add_text(to, "\r\n");
}

bool wsp_reversed_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsp_bytes turned = {.ceiling = WSP_EDIT_MAX};
    struct wsp_edit *edit = event->head;

    if (!wsp_is_status(event, WSP_OUT, 0) || edit->head.count == 0)
        return false;
    wsp_fire(filter);
    wsp_bytes_add(&turned, wsp_bytes_data(&edit->text), edit->head.headers[0].at);
    for (size_t i = edit->head.count; i-- > 0;)
        append_field(&turned, &edit->head.headers[i]);
    wsp_bytes_add_text(&turned, "\r\n");
    if (!turned.broken)
        wsp_edit_splice(edit, 0, wsp_bytes_len(&edit->text), (const char *)wsp_bytes_data(&turned),
                        wsp_bytes_len(&turned));
    wsp_bytes_free(&turned);
    return false;
}

bool wsp_extra_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_add(event->head, "Server", "wsproof");
    wsp_edit_add(event->head, "Set-Cookie", "a=1; Path=/");
    wsp_edit_add(event->head, "Set-Cookie", "b=2; Path=/");
    wsp_edit_add(event->head, "Sec-WebSocket-Origin", "*");
    wsp_edit_add(event->head, "X-Empty", "");
    return false;
}

bool wsp_connection_list(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Connection", "keep-alive, Upgrade");
    wsp_edit_set(event->head, "Upgrade", "WebSocket");
    return false;
}

bool wsp_no_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_status(event, WSP_OUT, 101) && wsp_edit_drop(event->head, "Sec-WebSocket-Protocol"))
        wsp_fire(filter);
    return false;
}

bool wsp_early_hints(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_put_text(filter, WSP_OUT, "HTTP/1.1 103 Early Hints\r\n\r\n");
    return false;
}
