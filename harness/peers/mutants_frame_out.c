/* Mutants that write frames which nobody may send. */
#include <string.h>

#include "registry.h"

bool wsp_mask_frames(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t key[4] = {0x57, 0x53, 0x50, 0x46};

    if (!wsp_is_frame(event, WSP_OUT) || event->piece->frame.masked)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.masked = true;
    memcpy(event->piece->frame.key, key, sizeof key);
    return false;
}

bool wsp_set_rsv(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT))
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.rsv |= WSC_RSV1;
    return false;
}

/* Messages that begin go out with another opcode. */
static bool begin_with(struct wsp_filter *filter, struct wsp_event *event, uint8_t opcode)
{
    if (!wsp_is_data(event, WSP_OUT) || event->piece->frame.opcode == WSC_CONT)
        return false;
    wsp_fire_once(filter, event);
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

bool wsp_always_binary(struct wsp_filter *filter, struct wsp_event *event)
{
    return begin_with(filter, event, WSC_BINARY);
}

bool wsp_long_lengths(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT) || event->piece->frame.form == 64)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.form = 64;
    return false;
}

bool wsp_top_bit(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT) || event->piece->frame.form != 64)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.length |= UINT64_C(1) << 63;
    return false;
}

bool wsp_never_final(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT))
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.fin = false;
    return false;
}

bool wsp_payload_alone(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT))
        return false;
    wsp_fire_once(filter, event);
    wsp_bytes_add(&filter->ways[WSP_OUT].out, event->piece->data, event->piece->len);
    return true;
}

bool wsp_fragment_control(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG))
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.fin = false;
    return false;
}

bool wsp_long_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t payload[WSC_CONTROL_MAX + 1];

    return wsp_is_opcode(event, WSP_OUT, WSC_PONG) &&
           wsp_replace(filter, event, payload, sizeof payload);
}

bool wsp_empty_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_PONG) && event->piece->len > 0 &&
           wsp_replace(filter, event, NULL, 0);
}

bool wsp_no_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_OUT, WSC_PONG))
        return false;
    wsp_fire_once(filter, event);
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
    return wsp_replace(filter, event, wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));
}

/* Two messages, mixed: the second half of one waits in `kept` until the first half of the next has
 * gone, at most 20 ms. */

static void put_half(struct wsp_filter *filter, uint8_t opcode, bool fin, const uint8_t *data,
                     size_t len)
{
    struct wsc_frame frame = wsp_frame(filter, WSP_OUT, opcode, len);

    frame.fin = fin;
    wsp_put(filter, WSP_OUT, &frame, data);
}

static void put_kept(struct wsp_filter *filter)
{
    if (filter->state == 0)
        return;
    put_half(filter, WSC_CONT, true, wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));
    wsp_bytes_clear(&filter->kept);
    filter->state = 0;
    filter->wake = UINT64_MAX;
}

static bool is_message(const struct wsp_event *event)
{
    return wsp_is_data(event, WSP_OUT) && wsp_is_whole(event) && event->piece->frame.fin &&
           event->piece->frame.opcode != WSC_CONT && event->piece->len <= WSP_GATHER_MAX;
}

bool wsp_interleave(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_piece *piece = event->piece;
    bool second = filter->state == 1;
    size_t half;

    if (event->kind == WSP_TICK || wsp_is_opcode(event, WSP_OUT, WSC_CLOSE))
        put_kept(filter);
    if (!is_message(event))
        return false;
    half = piece->len / 2;
    put_half(filter, piece->frame.opcode, false, piece->data, half);
    put_kept(filter);
    if (second) {
        wsp_fire(filter);
        put_half(filter, WSC_CONT, true, piece->data + half, piece->len - half);
        return true;
    }
    wsp_bytes_add(&filter->kept, piece->data + half, piece->len - half);
    filter->state = 1;
    filter->wake = filter->now + 20;
    return true;
}
