/* Mutants of clients. */
#include <wsc/handshake.h>

#include "registry.h"

static bool is_answer(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return filter->client && wsp_is_status(event, WSP_IN, 101);
}

static bool is_asking(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return filter->client && wsp_is_request(event, WSP_OUT);
}

bool wsp_client_accept_any_accept(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *request = wsp_request(filter);
    const struct wsc_header *key = request ? wsc_head_field(request, "Sec-WebSocket-Key", 0) : NULL;
    const struct wsc_header *field;
    char accept[WSC_ACCEPT_LEN + 1];

    if (!is_answer(filter, event) || !key)
        return false;
    wsc_accept(key->value, accept);
    field = wsc_head_field(&event->head->head, "Sec-WebSocket-Accept", 0);
    if (field && wsc_text_is(field->value, accept))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Sec-WebSocket-Accept", accept);
    return false;
}

bool wsp_client_accept_no_upgrade(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_answer(filter, event) || wsc_head_field(&event->head->head, "Upgrade", 0))
        return false;
    wsp_fire(filter);
    wsp_edit_add(event->head, "Upgrade", "websocket");
    return false;
}

bool wsp_client_accept_any_extension(struct wsp_filter *filter, struct wsp_event *event)
{
    if (is_answer(filter, event) && wsp_edit_drop(event->head, "Sec-WebSocket-Extensions"))
        wsp_fire(filter);
    return false;
}

bool wsp_client_accept_masked(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!filter->client || event->kind != WSP_FRAME || event->way != WSP_IN ||
        !event->piece->frame.masked)
        return false;
    if (event->piece->first)
        wsp_fire(filter);
    event->piece->frame.masked = false;
    return false;
}

bool wsp_client_unmasked(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!filter->client || event->kind != WSP_FRAME || event->way != WSP_OUT)
        return false;
    if (event->piece->first)
        wsp_fire(filter);
    event->piece->frame.masked = false;
    return false;
}

bool wsp_client_no_version(struct wsp_filter *filter, struct wsp_event *event)
{
    if (is_asking(filter, event) && wsp_edit_drop(event->head, "Sec-WebSocket-Version"))
        wsp_fire(filter);
    return false;
}

bool wsp_client_short_key(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_asking(filter, event))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Sec-WebSocket-Key", "YWJj");
    return false;
}

bool wsp_client_early_frame(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char early[] = "\x89\x80\x01\x01\x01\x01"; /* an empty ping, masked */

    if (!is_asking(filter, event))
        return false;
    wsp_fire(filter);
    wsp_edit_splice(event->head, wsp_bytes_len(&event->head->text), 0, early, sizeof early - 1);
    return false;
}
