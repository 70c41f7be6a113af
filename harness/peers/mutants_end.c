/* Mutants that close, fail or end a connection in the wrong way. */
#include "registry.h"

bool wsp_no_close_answer(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) || !filter->ways[WSP_IN].closing)
        return false;
    wsp_fire(filter);
    return true;
}

bool wsp_two_closes(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_CLOSE))
        return false;
    wsp_fire(filter);
    wsp_pass(filter, WSP_OUT, event->piece);
    wsp_pass(filter, WSP_OUT, event->piece);
    return true;
}

bool wsp_data_after_close(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_CLOSE))
        return false;
    wsp_fire(filter);
    wsp_pass(filter, WSP_OUT, event->piece);
    wsp_put_simple(filter, WSP_OUT, WSC_TEXT, (const uint8_t *)"one thing more", 14);
    return true;
}

/* What a plain echo server would say to this frame. */
static bool reply(struct wsp_filter *filter, const struct wsc_piece *piece)
{
    uint8_t opcode = piece->frame.opcode;

    if (opcode == WSC_PING)
        opcode = WSC_PONG;
    else if (opcode != WSC_TEXT && opcode != WSC_BINARY)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, opcode, piece->data, piece->len);
    return true;
}

bool wsp_echo_after_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_data(event, WSP_IN) && wsp_is_whole(event) && filter->ways[WSP_IN].closing &&
           reply(filter, event->piece);
}

/* The frame that fails the connection is itself not answered: the one behind it is the first. */
bool wsp_keep_processing_after_fail(struct wsp_filter *filter, struct wsp_event *event)
{
    bool failed = filter->state != 0;

    if (event->kind != WSP_FRAME || event->way != WSP_IN)
        return false;
    filter->state = wsp_provoked(filter);
    return failed && wsp_is_whole(event) && reply(filter, event->piece);
}

/* Keeps the end of TCP back until the other side ends it. */
static bool hold_end(struct wsp_filter *filter, struct wsp_event *event, bool wanted)
{
    if (event->kind != WSP_ENDED)
        return false;
    if (event->way == WSP_IN) {
        if (filter->state)
            wsp_end_connection(filter, false);
        return false;
    }
    if (!wanted || event->reset)
        return false;
    wsp_fire(filter);
    filter->state = 1;
    return true;
}

bool wsp_hold_tcp_open(struct wsp_filter *filter, struct wsp_event *event)
{
    return hold_end(filter, event, filter->ways[WSP_IN].closing && filter->ways[WSP_OUT].closing);
}

bool wsp_fail_without_tcp_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return hold_end(filter, event, wsp_provoked(filter));
}

bool wsp_die_of_huge_length(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_FRAME || event->way != WSP_IN ||
        event->piece->frame.length < UINT64_C(1) << 40)
        return false;
    wsp_fire(filter);
    if (filter->world)
        filter->world->dead = true;
    wsp_end_connection(filter, true);
    return true;
}

enum { MESSAGE_MAX = 16 << 20 }; /* the clean peer's, WSP_MESSAGE_MAX */

/* Takes the payload out of the fragments that are too much. */
bool wsp_no_message_limit(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_IN) || !wsp_is_whole(event))
        return false;
    if (event->piece->frame.opcode != WSC_CONT)
        filter->count = 0;
    filter->count += event->piece->len;
    if (filter->count <= MESSAGE_MAX)
        return false;
    wsp_fire(filter);
    event->piece->frame.length = event->piece->len = 0;
    return false;
}

bool wsp_handshake_in_one_read(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsp_stream *in = &filter->ways[WSP_IN];

    if (event->kind != WSP_CUT || event->way != WSP_IN || in->stage != WSP_AWAIT_HEAD ||
        wsp_bytes_len(&in->in) == 0)
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, false);
    return true;
}
