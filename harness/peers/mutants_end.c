/* Mutants that close, fail or end a connection in the wrong way. */
#include "registry.h"

bool wsp_no_close_answer(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) || !filter->ways[WSP_IN].closing)
        return false;
    wsp_fire(filter);
    return true;
}

bool wsp_no_close_behind_an_echo(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_data(event, WSP_OUT))
        filter->state = 1;
    return filter->state && wsp_no_close_answer(filter, event);
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

/* Its own Close has gone, and the other side's has not come. */
bool wsp_echo_while_closing(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_data(event, WSP_IN) && wsp_is_whole(event) && filter->ways[WSP_OUT].closing &&
           !filter->ways[WSP_IN].closing && !wsp_provoked(filter) && reply(filter, event->piece);
}

/* The frame that fails the connection is itself not answered: the one behind it is the first. */
bool wsp_keep_processing_after_fail(struct wsp_filter *filter, struct wsp_event *event)
{
    bool failed = filter->state != 0;

    if (!wsp_is_frame(event, WSP_IN))
        return false;
    filter->state = wsp_provoked(filter);
    return failed && wsp_is_whole(event) && reply(filter, event->piece);
}

static bool both_closed(const struct wsp_filter *filter)
{
    return filter->ways[WSP_IN].closing && filter->ways[WSP_OUT].closing;
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
    return hold_end(filter, event, both_closed(filter));
}

bool wsp_fail_without_tcp_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return hold_end(filter, event, wsp_provoked(filter));
}

/* Ends TCP only so long after the endpoint did, or when the other side has. */
static bool delay_end(struct wsp_filter *filter, struct wsp_event *event, bool wanted,
                      unsigned milliseconds, bool reset)
{
    if (event->kind == WSP_TICK)
        wsp_end_connection(filter, reset);
    if (!hold_end(filter, event, wanted))
        return false;
    filter->wake = filter->now + milliseconds;
    return true;
}

bool wsp_end_8_seconds_late(struct wsp_filter *filter, struct wsp_event *event)
{
    return delay_end(filter, event, wsp_provoked(filter), 8000, false);
}

bool wsp_reset_behind_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return delay_end(filter, event, both_closed(filter), 1, true);
}

static uint16_t code_of(const struct wsp_stream *stream)
{
    return wsc_close_code(stream->check.control, stream->check.control_len);
}

/* Its own Close went first, and it awaits that one back. */
bool wsp_await_own_code(struct wsp_filter *filter, struct wsp_event *event)
{
    return hold_end(filter, event,
                    both_closed(filter) &&
                        code_of(&filter->ways[WSP_IN]) != code_of(&filter->ways[WSP_OUT]));
}

/* Says nothing more for so long, or until the other side ends. */
static bool fall_silent(struct wsp_filter *filter, uint64_t until)
{
    wsp_fire(filter);
    filter->hold_until = until;
    return false;
}

static void speak_at_the_end(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (event->kind == WSP_ENDED && event->way == WSP_IN)
        filter->hold_until = filter->now;
}

bool wsp_close_30_seconds_late(struct wsp_filter *filter, struct wsp_event *event)
{
    speak_at_the_end(filter, event);
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && filter->ways[WSP_IN].closing &&
           fall_silent(filter, filter->now + 30000);
}

/* Echoes of more than so many messages at once do not fit a buffer that is emptied only when all
 * has been read. */
bool wsp_stop_when_unread(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { LIMIT = 16 };

    speak_at_the_end(filter, event);
    if (event->kind == WSP_CUT && event->way == WSP_IN)
        filter->count = 0;
    return wsp_is_data(event, WSP_IN) && event->piece->first && ++filter->count == LIMIT &&
           fall_silent(filter, UINT64_MAX);
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

/* Takes the payload out of the fragments that are too much. */
bool wsp_no_message_limit(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_IN) || !wsp_is_whole(event))
        return false;
    if (event->piece->frame.opcode != WSC_CONT)
        filter->count = 0;
    filter->count += event->piece->len;
    if (filter->count <= filter->max_message)
        return false;
    wsp_fire(filter);
    event->piece->frame.length = event->piece->len = 0;
    return false;
}

/* Reads nothing behind a refusal, and so does not see that the client ends. */
bool wsp_deaf_after_refusal(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { FOR_MILLISECONDS = 30000 };

    if (event->kind == WSP_TICK)
        wsp_end_connection(filter, false);
    if (wsp_is_status(event, WSP_OUT, 0) && event->head->head.status >= 400) {
        wsp_fire(filter);
        filter->state = 1;
    }
    if (filter->state == 0)
        return false;
    if (event->kind == WSP_ENDED && event->way == WSP_IN)
        filter->wake = filter->now + FOR_MILLISECONDS;
    return event->kind == WSP_ENDED || (event->kind == WSP_CUT && event->way == WSP_IN);
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
