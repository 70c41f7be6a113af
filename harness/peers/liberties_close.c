/* Liberties in closing, failing and ending a connection, and in the use of TCP. */
#include <string.h>

#include "registry.h"

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

bool wsp_answer_with_4000(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers(filter, event) && close_with(filter, 4000, "");
}

bool wsp_answer_empty(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers(filter, event) && close_with(filter, 0, "");
}

/* The code of the Close that came in stays in `count`, `state` bytes of it so far. */
static bool remember_code(struct wsp_filter *filter, const struct wsp_event *event)
{
    const struct wsc_piece *piece = event->piece;

    if (wsp_is_opcode(event, WSP_IN, WSC_CLOSE))
        for (size_t i = 0; i < piece->len && filter->state < 2; i++, filter->state++)
            filter->count = filter->count << 8 | piece->data[i];
    return is_close(event) && filter->state == 2;
}

/* 1005, 1006 and 1015 alone must never be written. */
bool wsp_echo_undefined_codes(struct wsp_filter *filter, struct wsp_event *event)
{
    uint16_t code;

    if (!remember_code(filter, event))
        return false;
    code = (uint16_t)filter->count;
    return !wsc_close_code_sendable(code) && code != 1005 && code != 1006 && code != 1015 &&
           close_with(filter, code, "");
}

/* How to take a code that nobody has defined is nowhere said. */
bool wsp_take_undefined_codes(struct wsp_filter *filter, struct wsp_event *event)
{
    return remember_code(filter, event) && !wsc_close_code_sendable((uint16_t)filter->count) &&
           close_with(filter, 1000, "");
}

bool wsp_refuse_later_codes(struct wsp_filter *filter, struct wsp_event *event)
{
    return remember_code(filter, event) && filter->count >= 1012 && filter->count <= 1014 &&
           close_with(filter, 1002, "");
}

/* The answer waits for 200 ms, and pings are answered meanwhile. */
bool wsp_late_close(struct wsp_filter *filter, struct wsp_event *event)
{
    bool waits = filter->wake != UINT64_MAX;

    if (waits && wsp_is_opcode(event, WSP_IN, WSC_PING) && wsp_is_whole(event) &&
        event->piece->len <= WSC_CONTROL_MAX)
        wsp_put_simple(filter, WSP_OUT, WSC_PONG, event->piece->data, event->piece->len);
    if (event->kind == WSP_TICK) {
        wsp_bytes_move(&filter->ways[WSP_OUT].out, &filter->kept);
        wsp_end_connection(filter, false);
    }
    if (event->kind == WSP_ENDED && event->way == WSP_OUT && waits)
        return true;
    if (!answers(filter, event))
        return false;
    wsp_fire(filter);
    wsp_pass_into(&filter->kept, event->piece);
    filter->wake = filter->now + 200;
    return true;
}

/* A message of the server's own may still go out before its Close. */
bool wsp_last_words(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!answers(filter, event) || filter->ways[WSP_OUT].message)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_TEXT, (const uint8_t *)"farewell", 8);
    return false;
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

bool wsp_fail_with_1011(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails_with(filter, event, 1002) && close_with(filter, 1011, "");
}

/* A length beyond every limit is a message too big as much as a wrong frame. */
bool wsp_fail_lengths_with_1009(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails_with(filter, event, 1002) &&
           filter->ways[WSP_IN].check.broken.rule == WSC_RULE_FRAME_LENGTH_TOP &&
           close_with(filter, 1009, "");
}

/* One byte is no code, and so the answer has none. */
bool wsp_one_byte_as_none(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails_with(filter, event, 1002) &&
           filter->ways[WSP_IN].check.broken.rule == WSC_RULE_CLOSE_ONE_BYTE &&
           close_with(filter, 0, "");
}

bool wsp_fail_empty(struct wsp_filter *filter, struct wsp_event *event)
{
    return is_close(event) && wsp_provoked(filter) && close_with(filter, 0, "");
}

bool wsp_fail_text_with_1003(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails_with(filter, event, 1007) && close_with(filter, 1003, "");
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

bool wsp_fail_by_reset(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_close(event) || !wsp_provoked(filter))
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, true);
    return true;
}

/* Behind a failing Close the other side has 5 s to answer. */
bool wsp_fail_and_wait(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK ||
        (filter->state && (wsp_is_opcode(event, WSP_IN, WSC_CLOSE) || event->kind == WSP_ENDED)))
        wsp_end_connection(filter, false);
    if (event->kind != WSP_ENDED || event->way != WSP_OUT || event->reset || filter->state ||
        !wsp_provoked(filter) || filter->ways[WSP_IN].closing || filter->ways[WSP_IN].ended)
        return false;
    wsp_fire(filter);
    filter->state = 1;
    filter->wake = filter->now + 5000;
    return true;
}

/* A reset may take away what was sent before it and not yet read. */
enum { READ_MS = 20 };

bool wsp_close_by_reset(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK)
        wsp_end_connection(filter, true);
    if (event->kind != WSP_ENDED || event->way != WSP_OUT || event->reset ||
        !filter->ways[WSP_IN].closing || wsp_provoked(filter))
        return false;
    wsp_fire(filter);
    filter->wake = filter->now + READ_MS;
    return true;
}

/* Nothing forbids control frames behind an own Close: pings are answered for 300 ms more. */
bool wsp_pong_behind_close(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { LINGER_MS = 300 };

    if (event->kind == WSP_TICK)
        wsp_end_connection(filter, false);
    if (filter->state && wsp_is_opcode(event, WSP_IN, WSC_PING) && wsp_is_whole(event) &&
        event->piece->len <= WSC_CONTROL_MAX) {
        wsp_fire(filter);
        wsp_put_simple(filter, WSP_OUT, WSC_PONG, event->piece->data, event->piece->len);
    }
    if (event->kind != WSP_ENDED || event->way != WSP_OUT || event->reset ||
        !filter->ways[WSP_IN].closing || wsp_provoked(filter))
        return false;
    filter->state = 1;
    filter->wake = filter->now + LINGER_MS;
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

/* Behind the first KiB of a connection in larger pieces: nobody has hours. */
bool wsp_byte_at_a_time(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_CUT || event->way != WSP_OUT)
        return false;
    if (filter->segment == 0)
        wsp_fire(filter);
    filter->count += event->len;
    filter->segment = filter->count < (1u << 10) ? 1 : 1000;
    return false;
}

/* A reset must not overtake what is held: it comes when that has been read. */
static bool holds_reset(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (event->kind != WSP_ENDED || event->way != WSP_OUT || !event->reset ||
        filter->now >= filter->hold_until || wsp_bytes_len(&filter->ways[WSP_OUT].out) == 0)
        return false;
    filter->wake = filter->hold_until + READ_MS;
    return true;
}

bool wsp_slow(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_TICK)
        wsp_end_connection(filter, true);
    if (holds_reset(filter, event))
        return true;
    if (event->kind != WSP_CUT || event->way != WSP_OUT || filter->now < filter->hold_until)
        return false;
    wsp_fire(filter);
    filter->hold_until = filter->now + 300;
    return false;
}
