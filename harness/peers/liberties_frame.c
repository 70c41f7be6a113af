/* Liberties of an established connection: messages, pings and pongs. */
#include <wsc/frame.h>

#include "registry.h"

/* The first fragment keeps the opcode, the last the FIN; the middle one is empty. */
static bool cut(struct wsp_filter *filter, const struct wsp_event *event, bool controls)
{
    const struct wsc_piece *piece = event->piece;
    struct wsc_frame frame;
    size_t half;

    if (!wsp_is_data(event, WSP_OUT) || !wsp_is_whole(event))
        return false;
    wsp_fire(filter);
    half = piece->len / 2;
    frame = wsp_frame(filter, WSP_OUT, piece->frame.opcode, half);
    frame.fin = false;
    frame.rsv = piece->frame.rsv;
    wsp_put(filter, WSP_OUT, &frame, piece->data);
    if (controls)
        wsp_put_simple(filter, WSP_OUT, WSC_PING, (const uint8_t *)"in between", 10);
    frame = wsp_frame(filter, WSP_OUT, WSC_CONT, 0);
    frame.fin = false;
    wsp_put(filter, WSP_OUT, &frame, NULL);
    frame = wsp_frame(filter, WSP_OUT, WSC_CONT, piece->len - half);
    frame.fin = piece->frame.fin;
    wsp_put(filter, WSP_OUT, &frame, piece->len > half ? piece->data + half : NULL);
    return true;
}

bool wsp_fragment_echo(struct wsp_filter *filter, struct wsp_event *event)
{
    return cut(filter, event, false);
}

bool wsp_control_between_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    return cut(filter, event, true);
}

bool wsp_greeting(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_TEXT, (const uint8_t *)"welcome", 7);
    return false;
}

/* The same frame every so many milliseconds, between messages. */
static bool recur(struct wsp_filter *filter, struct wsp_event *event, uint8_t opcode, uint64_t ms)
{
    const struct wsp_stream *out = &filter->ways[WSP_OUT];

    if (wsp_is_status(event, WSP_OUT, 101))
        filter->wake = filter->now + ms;
    if (event->kind != WSP_TICK || !wsp_is_open(filter))
        return false;
    filter->wake = filter->now + ms;
    if (out->message || out->mid_frame)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, opcode, (const uint8_t *)"once more", 9);
    return false;
}

bool wsp_push(struct wsp_filter *filter, struct wsp_event *event)
{
    return recur(filter, event, WSC_TEXT, 100);
}

bool wsp_heartbeat(struct wsp_filter *filter, struct wsp_event *event)
{
    return recur(filter, event, WSC_PING, 100);
}

/* Frames in `kept` wait up to 20 ms. */
static void release(struct wsp_filter *filter)
{
    wsp_bytes_move(&filter->ways[WSP_OUT].out, &filter->kept);
    filter->wake = UINT64_MAX;
}

static bool hold(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (!wsp_is_whole(event) || event->piece->len >= 512u << 10)
        return false;
    if (wsp_bytes_len(&filter->kept) >= 512u << 10)
        release(filter);
    wsp_fire(filter);
    wsp_pass_into(&filter->kept, event->piece);
    filter->wake = filter->now + 20;
    return true;
}

static bool is_end(const struct wsp_event *event)
{
    return event->kind == WSP_TICK || (event->kind == WSP_ENDED && event->way == WSP_OUT) ||
           wsp_is_opcode(event, WSP_OUT, WSC_CLOSE);
}

/* Pongs overtake messages; a Close does not. */
bool wsp_pongs_first(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_data(event, WSP_OUT) && hold(filter, event))
        return true;
    if (is_end(event) || wsp_is_data(event, WSP_OUT))
        release(filter);
    return false;
}

/* What was to be sent is dropped when the connection fails. */
bool wsp_lose_pending(struct wsp_filter *filter, struct wsp_event *event)
{
    bool close = wsp_is_opcode(event, WSP_OUT, WSC_CLOSE);

    if (event->kind == WSP_FRAME && event->way == WSP_OUT && !close && hold(filter, event))
        return true;
    if (close && wsp_provoked(filter))
        wsp_bytes_clear(&filter->kept);
    if (is_end(event) || (event->kind == WSP_FRAME && event->way == WSP_OUT))
        release(filter);
    return false;
}

/* The receiver of such a length may do as it likes. */
bool wsp_refuse_long_lengths(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t protocol_error[] = {0x03, 0xea};
    const struct wsc_frame *frame = event->kind == WSP_FRAME ? &event->piece->frame : NULL;

    if (!frame || event->way != WSP_IN || !event->piece->first || !wsp_is_open(filter) ||
        frame->form == wsc_length_form(frame->length))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_CLOSE, protocol_error, sizeof protocol_error);
    wsp_end_connection(filter, false);
    return true;
}

/* A text message waits in `kept` until its last frame has come.  Whatever fails the connection for
 * another reason than its characters goes in at once. */
bool wsp_late_utf_8(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsp_stream *in = &filter->ways[WSP_IN];
    enum wsc_rule broken = in->check.broken.rule;
    bool begins = wsp_is_opcode(event, WSP_IN, WSC_TEXT) && event->piece->first && !in->message;

    if (!wsp_is_data(event, WSP_IN))
        return false;
    if (begins)
        filter->state = 1;
    if (filter->state == 0)
        return false;
    wsp_pass_into(&filter->kept, event->piece);
    if (event->piece->last && event->piece->frame.fin && event->piece->frame.length > 0)
        wsp_fire(filter);
    if ((event->piece->last && event->piece->frame.fin) ||
        wsp_bytes_len(&filter->kept) >= 512u << 10 ||
        (broken != WSC_RULE_NONE && broken != WSC_RULE_TEXT_UTF8 && broken != WSC_RULE_TEXT_CUT)) {
        wsp_bytes_move(&filter->ways[WSP_IN].out, &filter->kept);
        filter->ways[WSP_IN].mid_frame = !event->piece->last;
        filter->state = 0;
    }
    return true;
}

/* After the handshake, and in front of each message. */
static bool is_occasion(const struct wsp_event *event)
{
    bool begins = wsp_is_data(event, WSP_OUT) && event->piece->first &&
                  event->piece->frame.opcode != WSC_CONT;

    return begins || wsp_is_status(event, WSP_OUT, 101);
}

static bool interject(struct wsp_filter *filter, struct wsp_event *event, uint8_t opcode)
{
    if (!is_occasion(event))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, opcode, (const uint8_t *)"unasked", 7);
    return false;
}

bool wsp_unsolicited_ping(struct wsp_filter *filter, struct wsp_event *event)
{
    return interject(filter, event, WSC_PING);
}

bool wsp_unsolicited_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    return interject(filter, event, WSC_PONG);
}

/* A pong waits 20 ms for a newer one. */
bool wsp_last_ping_only(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK || (event->kind == WSP_ENDED && event->way == WSP_OUT) ||
        wsp_is_opcode(event, WSP_OUT, WSC_CLOSE))
        wsp_let_pong_go(filter);
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG) || !wsp_is_whole(event))
        return false;
    if (filter->state)
        wsp_fire(filter);
    filter->state = 1;
    filter->wake = filter->now + 20;
    wsp_bytes_clear(&filter->kept);
    wsp_bytes_add(&filter->kept, event->piece->data, event->piece->len);
    return true;
}
