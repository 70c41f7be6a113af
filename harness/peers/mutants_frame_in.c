/* Mutants that take frames which must fail the connection, or lose legal ones. */
#include <wsc/utf8.h>

#include "registry.h"

bool wsp_accept_unmasked(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_frame(event, WSP_IN) || event->piece->frame.masked || filter->client)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.masked = true; /* with a key of zeros, which changes nothing */
    for (size_t i = 0; i < sizeof event->piece->frame.key; i++)
        event->piece->frame.key[i] = 0;
    return false;
}

static void clear_bits(struct wsp_filter *filter, struct wsp_event *event, uint8_t bits)
{
    if (!(event->piece->frame.rsv & bits))
        return;
    wsp_fire_once(filter, event);
    event->piece->frame.rsv &= (uint8_t)~bits;
}

bool wsp_ignore_rsv1(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_data(event, WSP_IN))
        clear_bits(filter, event, WSC_RSV1);
    return false;
}

bool wsp_ignore_rsv2_rsv3(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_data(event, WSP_IN))
        clear_bits(filter, event, WSC_RSV2 | WSC_RSV3);
    return false;
}

bool wsp_ignore_rsv_on_control(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_frame(event, WSP_IN) && wsc_is_control(event->piece->frame.opcode))
        clear_bits(filter, event, WSC_RSV1 | WSC_RSV2 | WSC_RSV3);
    return false;
}

bool wsp_accept_reserved_opcode(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_IN) || event->piece->frame.opcode <= WSC_BINARY)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.opcode = WSC_BINARY;
    return false;
}

bool wsp_ignore_reserved_control_opcode(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_frame(event, WSP_IN) || event->piece->frame.opcode <= WSC_PONG)
        return false;
    wsp_fire_once(filter, event);
    return true;
}

bool wsp_accept_orphan_continuation(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_CONT) || filter->ways[WSP_IN].message)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.opcode = WSC_BINARY;
    return false;
}

bool wsp_accept_interleaved_message(struct wsp_filter *filter, struct wsp_event *event)
{
    bool begins =
        wsp_is_opcode(event, WSP_IN, WSC_TEXT) || wsp_is_opcode(event, WSP_IN, WSC_BINARY);

    if (!begins || !filter->ways[WSP_IN].message || !wsp_is_whole(event))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, event->piece->frame.opcode, event->piece->data,
                   event->piece->len);
    return true;
}

bool wsp_accept_fragmented_control(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_frame(event, WSP_IN) || !wsc_is_control(event->piece->frame.opcode) ||
        event->piece->frame.fin)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.fin = true;
    return false;
}

bool wsp_accept_long_ping(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_PING) || event->piece->frame.length <= WSC_CONTROL_MAX)
        return false;
    wsp_fire_once(filter, event);
    if (wsp_is_whole(event))
        wsp_put_simple(filter, WSP_OUT, WSC_PONG, event->piece->data, event->piece->len);
    return true;
}

bool wsp_ignore_one_byte_close(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_CLOSE) || event->piece->frame.length != 1)
        return false;
    wsp_fire_once(filter, event);
    return true;
}

bool wsp_deliver_cut_message(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_CLOSE) || !filter->ways[WSP_IN].message ||
        !event->piece->first)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_IN, WSC_CONT, NULL, 0);
    return false;
}

bool wsp_ignore_zero_key(struct wsp_filter *filter, struct wsp_event *event)
{
    const uint8_t *key;

    if (!wsp_is_frame(event, WSP_IN) || !event->piece->frame.masked)
        return false;
    key = event->piece->frame.key;
    if (key[0] | key[1] | key[2] | key[3])
        return false;
    wsp_fire_once(filter, event);
    return true;
}

/* The frame comes in without its payload. */
static bool empty(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_frame frame = event->piece->frame;

    wsp_fire_once(filter, event);
    frame.length = 0;
    frame.form = 0;
    if (event->piece->last)
        wsp_put(filter, WSP_IN, &frame, NULL);
    return true;
}

bool wsp_lose_continuation(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_CONT) || !filter->ways[WSP_IN].message)
        return false;
    return empty(filter, event);
}

bool wsp_lose_message_on_ping(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_opcode(event, WSP_IN, WSC_PING) && filter->ways[WSP_IN].message)
        filter->state = 1;
    if (!wsp_is_data(event, WSP_IN))
        return false;
    if (!filter->ways[WSP_IN].message)
        filter->state = 0;
    return filter->state == 1 && empty(filter, event);
}
