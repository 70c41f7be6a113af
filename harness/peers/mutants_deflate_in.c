/* Mutants that take compressed messages wrongly, or those that are not compressed: RFC 7692,
 * sections 6 and 7.2. */
#include <string.h>
#include <wsc/utf8.h>

#include "recode.h"
#include "registry.h"

/* The first frame of a message of that kind. */
static bool begins(const struct wsp_filter *filter, const struct wsp_event *event, bool compressed)
{
    return filter->deflate && wsp_is_data(event, WSP_IN) && event->piece->first &&
           event->piece->frame.opcode != WSC_CONT &&
           ((event->piece->frame.rsv & WSC_RSV1) != 0) == compressed;
}

static bool close_with(struct wsp_filter *filter, uint16_t code)
{
    const uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};

    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_CLOSE, payload, sizeof payload);
    wsp_end_connection(filter, false);
    return true;
}

/* ---- RSV1 ---- */

bool wsp_deliver_compressed(struct wsp_filter *filter, struct wsp_event *event)
{
    if (begins(filter, event, true)) {
        wsp_fire(filter);
        event->piece->frame.rsv = 0;
    }
    return false;
}

/* Marks messages as compressed that are not; only those in fragments, or only the others. */
static bool mark(struct wsp_filter *filter, struct wsp_event *event, bool in_fragments)
{
    if (begins(filter, event, false) && event->piece->frame.fin != in_fragments) {
        wsp_fire(filter);
        event->piece->frame.rsv = WSC_RSV1;
    }
    return false;
}

bool wsp_inflate_everything(struct wsp_filter *filter, struct wsp_event *event)
{
    return mark(filter, event, false);
}

bool wsp_inflate_plain_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    return mark(filter, event, true);
}

bool wsp_ignore_rsv1_on_continuation(struct wsp_filter *filter, struct wsp_event *event)
{
    if (filter->deflate && wsp_is_opcode(event, WSP_IN, WSC_CONT) &&
        event->piece->frame.rsv == WSC_RSV1) {
        wsp_fire(filter);
        event->piece->frame.rsv = 0;
    }
    return false;
}

bool wsp_inflate_each_fragment(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_frame *frame =
        wsp_is_compressed(filter, event, WSP_IN) ? &event->piece->frame : NULL;

    if (!frame || (frame->fin && frame->opcode != WSC_CONT))
        return false;
    if (frame->opcode != WSC_CONT)
        filter->state = frame->opcode;
    else if (event->piece->first)
        wsp_fire(filter);
    frame->opcode = (uint8_t)filter->state;
    frame->rsv = WSC_RSV1;
    frame->fin = true;
    return false;
}

/* ---- messages are not taken ---- */

bool wsp_close_on_compressed(struct wsp_filter *filter, struct wsp_event *event)
{
    return begins(filter, event, true) && close_with(filter, 1003);
}

bool wsp_fixed_blocks_only(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { TYPE = 6, FIXED = 2 };

    return begins(filter, event, true) && event->piece->len > 1 &&
           (event->piece->data[0] & TYPE) != FIXED && close_with(filter, 1007);
}

bool wsp_await_the_tail(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_compressed(filter, event, WSP_IN))
        return false;
    if (event->piece->first)
        wsp_fire(filter);
    return true;
}

bool wsp_stop_at_final(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_compressed(filter, event, WSP_IN))
        return false;
    if (filter->state) {
        wsp_fire(filter);
        return true;
    }
    filter->state =
        begins(filter, event, true) && event->piece->len > 0 && event->piece->data[0] & 1;
    return false;
}

/* Messages that cannot be read under terms of the mutant's own fail the connection. */
static bool insist(struct wsp_filter *filter, const struct wsp_event *event,
                   const struct wsc_deflate_terms *terms, bool alone)
{
    return wsp_is_compressed(filter, event, WSP_IN) &&
           wsp_unpack(filter, event, terms, alone) == WSP_UNPACKED_BROKEN &&
           close_with(filter, 1007);
}

bool wsp_forget_window(struct wsp_filter *filter, struct wsp_event *event)
{
    return insist(filter, event, wsp_agreed(filter), true);
}

bool wsp_forget_both_windows(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_deflate_terms *agreed = wsp_agreed(filter);

    return agreed->server_no_context_takeover && insist(filter, event, agreed, true);
}

bool wsp_forget_window_on_plain(struct wsp_filter *filter, struct wsp_event *event)
{
    bool alone = filter->state;

    if (begins(filter, event, false))
        filter->state = 1;
    if (begins(filter, event, true))
        filter->state = 0;
    return insist(filter, event, wsp_agreed(filter), alone);
}

bool wsp_small_client_window(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_deflate_terms small = {.client_max_window_bits = 9};

    return insist(filter, event, &small, false);
}

/* ---- messages are taken that must not be ---- */

bool wsp_take_broken_for_empty(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_compressed(filter, event, WSP_IN) || !wsp_is_whole(event) ||
        wsp_unpack(filter, event, wsp_agreed(filter), false) != WSP_UNPACKED_BROKEN)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_TEXT, NULL, 0);
    return true;
}

bool wsp_count_compressed_bytes(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_compressed(filter, event, WSP_IN) || !wsp_is_whole(event) ||
        wsp_unpack(filter, event, wsp_agreed(filter), false) != WSP_UNPACKED_WHOLE ||
        wsp_bytes_len(wsp_unpacked_message(filter)) <= filter->max_message)
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_TEXT, (const uint8_t *)"taken", 5);
    return true;
}

/* ---- UTF-8 ---- */

bool wsp_utf8_of_compressed(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_utf8 utf8 = {0};
    const struct wsc_piece *piece = event->piece;

    return begins(filter, event, true) && piece->frame.opcode == WSC_TEXT &&
           wsc_utf8_feed(&utf8, piece->data, piece->len) < piece->len && close_with(filter, 1007);
}

/* Text goes in as binary, and comes out as text. */
bool wsp_take_inflated_for_text(struct wsp_filter *filter, struct wsp_event *event)
{
    if (begins(filter, event, true) && event->piece->frame.opcode == WSC_TEXT) {
        wsp_fire(filter);
        filter->state = 1;
        event->piece->frame.opcode = WSC_BINARY;
    } else if (filter->state && wsp_is_opcode(event, WSP_OUT, WSC_BINARY)) {
        event->piece->frame.opcode = WSC_TEXT;
    }
    return false;
}
