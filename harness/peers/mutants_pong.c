/* Mutants that answer pings late, in the wrong order or in the wrong place. */
#include "registry.h"

/* A pong waits in `kept` while a message is open on the way in. */
bool wsp_late_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsp_stream *out = &filter->ways[WSP_OUT];
    const struct wsc_piece *piece = event->piece;

    if (wsp_is_data(event, WSP_IN) && piece->last && piece->frame.fin)
        wsp_bytes_move(out->mid_frame ? &out->later : &out->out, &filter->kept);
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG) || !filter->ways[WSP_IN].message)
        return false;
    wsp_fire_once(filter, event);
    wsp_pass_into(&filter->kept, piece);
    return true;
}

/* A pong waits 20 ms for the one behind it, and goes after it. */
bool wsp_swap_pongs(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK || (event->kind == WSP_ENDED && event->way == WSP_OUT) ||
        wsp_is_opcode(event, WSP_OUT, WSC_CLOSE))
        wsp_let_pong_go(filter);
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG) || !wsp_is_whole(event))
        return false;
    if (filter->state) {
        wsp_fire(filter);
        wsp_pass(filter, WSP_OUT, event->piece);
        wsp_let_pong_go(filter);
        return true;
    }
    filter->state = 1;
    filter->wake = filter->now + 20;
    wsp_bytes_clear(&filter->kept);
    wsp_bytes_add(&filter->kept, event->piece->data, event->piece->len);
    return true;
}

/* One pong at a time is under way, and a ping that comes meanwhile is lost. */
bool wsp_first_ping_only(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK) {
        filter->state = 0;
        filter->wake = UINT64_MAX;
    }
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG) || !wsp_is_whole(event))
        return false;
    if (filter->state == 0) {
        filter->state = 1;
        filter->wake = filter->now + 20;
        return false;
    }
    wsp_fire(filter);
    return true;
}

bool wsp_deliver_pings(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_PING) || !wsp_is_whole(event))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_BINARY, event->piece->data, event->piece->len);
    return false;
}

/* The message behind a ping is dropped. */
bool wsp_lose_message_behind_ping(struct wsp_filter *filter, struct wsp_event *event)
{
    bool dropped = filter->state == 1;

    if (wsp_is_opcode(event, WSP_IN, WSC_PING))
        filter->state = 1;
    if (!wsp_is_data(event, WSP_OUT) || !dropped)
        return false;
    wsp_fire_once(filter, event);
    if (event->piece->last && event->piece->frame.fin)
        filter->state = 0;
    return true;
}
