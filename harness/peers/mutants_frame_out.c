/* Mutants that write frames which nobody may send. */
#include <string.h>

#include "registry.h"

static bool goes_out(const struct wsp_event *event)
{
    return event->kind == WSP_FRAME && event->way == WSP_OUT;
}

static void fire_once(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (event->piece->first)
        wsp_fire(filter);
}

bool wsp_mask_frames(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t key[4] = {0x57, 0x53, 0x50, 0x46};

    if (!goes_out(event) || event->piece->frame.masked)
        return false;
    fire_once(filter, event);
    event->piece->frame.masked = true;
    memcpy(event->piece->frame.key, key, sizeof key);
    return false;
}

bool wsp_set_rsv(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT))
        return false;
    fire_once(filter, event);
    event->piece->frame.rsv |= WSC_RSV1;
    return false;
}

/* Messages that begin go out with another opcode. */
static bool begin_with(struct wsp_filter *filter, struct wsp_event *event, uint8_t opcode)
{
    if (!wsp_is_data(event, WSP_OUT) || event->piece->frame.opcode == WSC_CONT)
        return false;
    fire_once(filter, event);
    event->piece->frame.opcode = opcode;
    return false;
}

bool wsp_send_reserved_opcode(struct wsp_filter *filter, struct wsp_event *event)
{
    return begin_with(filter, event, 3);
}

bool wsp_send_orphan_continuation(struct wsp_filter *filter, struct wsp_event *event)
{
    return begin_with(filter, event, WSC_CONT);
}

bool wsp_change_type(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_TEXT) && begin_with(filter, event, WSC_BINARY);
}

bool wsp_long_lengths(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT) || event->piece->frame.form == 64)
        return false;
    fire_once(filter, event);
    event->piece->frame.form = 64;
    return false;
}

bool wsp_fragment_control(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG))
        return false;
    fire_once(filter, event);
    event->piece->frame.fin = false;
    return false;
}

/* The frame goes out with another payload. */
static bool replace(struct wsp_filter *filter, const struct wsp_event *event, const void *payload,
                    size_t len)
{
    struct wsc_frame frame = event->piece->frame;

    wsp_fire(filter);
    frame.length = len;
    frame.form = 0;
    wsp_put(filter, WSP_OUT, &frame, payload);
    return true;
}

bool wsp_long_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t payload[WSC_CONTROL_MAX + 1];

    return wsp_is_opcode(event, WSP_OUT, WSC_PONG) &&
           replace(filter, event, payload, sizeof payload);
}

bool wsp_empty_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_PONG) && event->piece->len > 0 &&
           replace(filter, event, NULL, 0);
}

bool wsp_no_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG))
        return false;
    fire_once(filter, event);
    return true;
}

bool wsp_answer_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_PONG) || !wsp_is_whole(event) ||
        event->piece->len > WSC_CONTROL_MAX)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_PONG, event->piece->data, event->piece->len);
    return false;
}

bool wsp_send_invalid_text(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_TEXT) || !wsp_is_whole(event))
        return false;
    filter->kept.broken = false;
    wsp_bytes_clear(&filter->kept);
    wsp_bytes_add(&filter->kept, event->piece->data, event->piece->len);
    wsp_bytes_add(&filter->kept, "\xff", 1);
    return replace(filter, event, wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));
}

bool wsp_one_byte_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && replace(filter, event, "\x03", 1);
}

/* Closes that answer one. */

static bool answers_close(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && filter->ways[WSP_IN].closing;
}

/* The code that came in: 0 if the Close was empty. */
static uint16_t code_received(const struct wsp_filter *filter)
{
    const struct wsc_check *check = &filter->ways[WSP_IN].check;

    return wsc_close_code(check->control, check->control_len);
}

static bool close_with(struct wsp_filter *filter, const struct wsp_event *event, uint16_t code)
{
    const uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};

    return replace(filter, event, payload, sizeof payload);
}

bool wsp_close_1005(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && code_received(filter) == 0 &&
           close_with(filter, event, 1005);
}

bool wsp_echo_1006(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && code_received(filter) == 1006 &&
           close_with(filter, event, 1006);
}

bool wsp_echo_1015(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && code_received(filter) == 1015 &&
           close_with(filter, event, 1015);
}

bool wsp_close_5000(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && close_with(filter, event, 5000);
}

bool wsp_refuse_legal_codes(struct wsp_filter *filter, struct wsp_event *event)
{
    uint16_t code = code_received(filter);

    return answers_close(filter, event) && code > 1000 && code <= 1011 && code != 1002 &&
           code != 1007 && wsc_close_code_sendable(code) && close_with(filter, event, 1002);
}
