/* Liberties of an established connection. */
#include <string.h>

#include "registry.h"

/* The first fragment keeps the opcode, the last the FIN; the middle one is empty. */
bool wsp_fragment_echo(struct wsp_filter *filter, struct wsp_event *event)
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
    frame = wsp_frame(filter, WSP_OUT, WSC_CONT, 0);
    frame.fin = false;
    wsp_put(filter, WSP_OUT, &frame, NULL);
    frame = wsp_frame(filter, WSP_OUT, WSC_CONT, piece->len - half);
    frame.fin = piece->frame.fin;
    wsp_put(filter, WSP_OUT, &frame, piece->len > half ? piece->data + half : NULL);
    return true;
}

bool wsp_greeting(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_TEXT, (const uint8_t *)"welcome", 7);
    return false;
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

static void let_go(struct wsp_filter *filter)
{
    if (filter->state == 0)
        return;
    filter->state = 0;
    filter->wake = UINT64_MAX;
    wsp_put_simple(filter, WSP_OUT, WSC_PONG, wsp_bytes_data(&filter->kept),
                   wsp_bytes_len(&filter->kept));
}

/* A pong waits 20 ms for a newer one. */
bool wsp_last_ping_only(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK || (event->kind == WSP_ENDED && event->way == WSP_OUT) ||
        wsp_is_opcode(event, WSP_OUT, WSC_CLOSE))
        let_go(filter);
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

/* Closes. */

static bool is_close(const struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && wsp_is_whole(event);
}

static bool close_with(struct wsp_filter *filter, uint16_t code, const char *reason)
{
    uint8_t payload[WSC_CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};
    size_t len = strlen(reason);

    wsp_fire(filter);
    memcpy(payload + 2, reason, len);
    wsp_put_simple(filter, WSP_OUT, WSC_CLOSE, payload, code ? 2 + len : 0);
    return true;
}

static bool answers(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return is_close(event) && filter->ways[WSP_IN].closing && !wsp_provoked(filter);
}

bool wsp_answer_with_1000(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers(filter, event) && close_with(filter, 1000, "");
}

bool wsp_answer_empty(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers(filter, event) && close_with(filter, 0, "");
}

bool wsp_close_with_reason(struct wsp_filter *filter, struct wsp_event *event)
{
    uint16_t code;

    if (!is_close(event) || event->piece->len != 2)
        return false;
    code = wsc_close_code(event->piece->data, event->piece->len);
    return close_with(filter, code, "because it is allowed: \xe2\x98\xae");
}

static bool fails_with(const struct wsp_filter *filter, const struct wsp_event *event,
                       uint16_t code)
{
    return is_close(event) && wsp_provoked(filter) &&
           wsc_close_code(event->piece->data, event->piece->len) == code;
}

bool wsp_fail_with_1008(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails_with(filter, event, 1002) && close_with(filter, 1008, "");
}

bool wsp_fail_text_with_1002(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails_with(filter, event, 1007) && close_with(filter, 1002, "");
}

bool wsp_fail_without_close(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_close(event) || !wsp_provoked(filter))
        return false;
    wsp_fire(filter);
    return true;
}

bool wsp_late_fin(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK)
        wsp_end_connection(filter, false);
    if (event->kind != WSP_ENDED || event->way != WSP_OUT || event->reset)
        return false;
    wsp_fire(filter);
    filter->wake = filter->now + 300;
    return true;
}

/* TCP. */

bool wsp_byte_at_a_time(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_CUT || event->way != WSP_OUT)
        return false;
    if (filter->segment == 0)
        wsp_fire(filter);
    filter->segment = 1;
    return false;
}

bool wsp_slow(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_CUT || event->way != WSP_OUT || filter->now < filter->hold_until)
        return false;
    wsp_fire(filter);
    filter->hold_until = filter->now + 300;
    return false;
}
