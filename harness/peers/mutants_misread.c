/* Mutants that misread legal frames: their lengths, their keys, their place in the stream. */
#include <wsc/mask.h>

#include "registry.h"

/* Lengths.  What the endpoint behind reads is the header that the mutant believes to have read. */

static bool believe(struct wsp_filter *filter, struct wsp_event *event, uint64_t length)
{
    wsp_fire_once(filter, event);
    event->piece->frame.length = length;
    return false;
}

static bool has_form(const struct wsp_event *event, uint8_t form)
{
    return wsp_is_frame(event, WSP_IN) && event->piece->frame.form == form;
}

bool wsp_long_form_from_125(struct wsp_filter *filter, struct wsp_event *event)
{
    /* 126 in a header of the short form: what follows is taken for a length of 16 bits */
    return has_form(event, 7) && event->piece->frame.length == 125 && believe(filter, event, 126);
}

bool wsp_little_endian(struct wsp_filter *filter, struct wsp_event *event)
{
    uint64_t length;

    if (!has_form(event, 16))
        return false;
    length = event->piece->frame.length;
    return believe(filter, event, (length & 0xff) << 8 | length >> 8);
}

bool wsp_low_16_bits(struct wsp_filter *filter, struct wsp_event *event)
{
    return has_form(event, 64) && believe(filter, event, event->piece->frame.length & 0xffff);
}

bool wsp_ignore_top_bit(struct wsp_filter *filter, struct wsp_event *event)
{
    return has_form(event, 64) && event->piece->frame.length >> 63 &&
           believe(filter, event, event->piece->frame.length & ~(UINT64_C(1) << 63));
}

bool wsp_key_is_payload(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { KEY = sizeof event->piece->frame.key };

    return wsp_is_frame(event, WSP_IN) && event->piece->frame.masked &&
           event->piece->frame.length >= KEY &&
           believe(filter, event, event->piece->frame.length - KEY);
}

/* Keys. */

bool wsp_no_key_of_empty(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_frame *frame;

    if (!wsp_is_frame(event, WSP_IN))
        return false;
    frame = &event->piece->frame;
    if (!frame->masked || frame->length > 0)
        return false;
    wsp_fire(filter);
    wsp_pass(filter, WSP_IN, event->piece);
    wsp_bytes_add(&filter->ways[WSP_IN].out, frame->key, sizeof frame->key);
    return true;
}

/* `count` is the payload of all frames before this one. */
bool wsp_carry_mask_phase(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_piece *piece = event->piece;

    if (!wsp_is_frame(event, WSP_IN) || !piece->frame.masked)
        return false;
    if (filter->count % 4 > 0 && piece->len > 0) {
        wsp_fire_once(filter, event);
        wsc_mask(piece->data, piece->len, piece->frame.key, piece->done);
        wsc_mask(piece->data, piece->len, piece->frame.key, piece->done + filter->count);
    }
    if (piece->last)
        filter->count += piece->frame.length;
    return false;
}

/* The key of the last frame that came in lies in `count`. */
bool wsp_echo_masked(struct wsp_filter *filter, struct wsp_event *event)
{
    uint8_t key[4];

    if (wsp_is_data(event, WSP_IN) && event->piece->frame.masked)
        for (size_t i = 0; i < sizeof key; i++)
            filter->count = filter->count << 8 | event->piece->frame.key[i];
    if (!wsp_is_data(event, WSP_OUT) || (uint32_t)filter->count == 0)
        return false;
    wsp_fire_once(filter, event);
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(filter->count >> (24 - 8 * i));
    wsc_mask(event->piece->data, event->piece->len, key, event->piece->done);
    return false;
}

/* Frames in the stream. */

bool wsp_end_on_empty_frame(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_frame(event, WSP_IN) || event->piece->frame.length > 0)
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, false);
    return true;
}

/* `state` counts the frames that have begun in the segment at hand, `count` is how many of them
 * were before the present one. */
bool wsp_one_frame_a_read(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind == WSP_CUT && event->way == WSP_IN)
        filter->state = 0;
    if (!wsp_is_frame(event, WSP_IN))
        return false;
    if (event->piece->first)
        filter->count = filter->state++;
    if (filter->count == 0)
        return false;
    wsp_fire_once(filter, event);
    return true;
}

/* Fragments. */

static bool is_continuation(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_IN, WSC_CONT) && wsp_is_whole(event) &&
           filter->ways[WSP_IN].message;
}

static void keep(struct wsp_filter *filter, const struct wsc_piece *piece)
{
    wsp_bytes_add(&filter->kept, piece->data, piece->len);
}

/* `kept` is all that came before. */
bool wsp_join_messages(struct wsp_filter *filter, struct wsp_event *event)
{
    bool behind = wsp_bytes_len(&filter->kept) > 0;

    if (!wsp_is_data(event, WSP_IN) || !wsp_is_whole(event))
        return false;
    keep(filter, event->piece);
    return behind && event->piece->frame.opcode != WSC_CONT && !filter->kept.broken &&
           wsp_replace(filter, event, wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));
}

bool wsp_await_second_frame(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_IN) || event->piece->frame.opcode == WSC_CONT ||
        !event->piece->frame.fin)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.fin = false;
    return false;
}

/* A continuation waits in `kept` for the next one, which goes first. */
bool wsp_swap_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_frame frame;

    if (!is_continuation(filter, event))
        return false;
    if (filter->state == 0) {
        filter->state = !event->piece->frame.fin;
        if (filter->state)
            keep(filter, event->piece);
        return filter->state;
    }
    frame = wsp_frame(filter, WSP_IN, WSC_CONT, event->piece->len);
    frame.fin = false;
    wsp_put(filter, WSP_IN, &frame, event->piece->data);
    wsp_replace(filter, event, wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));
    wsp_bytes_clear(&filter->kept);
    filter->state = 0;
    return true;
}

bool wsp_type_of_last_fragment(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_opcode(event, WSP_IN, WSC_TEXT) || event->piece->frame.fin)
        return false;
    wsp_fire_once(filter, event);
    event->piece->frame.opcode = WSC_BINARY; /* the last one is 0, and so no text */
    return false;
}
