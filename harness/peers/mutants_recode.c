/* Mutants that write compressed messages as nobody may: RFC 7692, sections 6 and 7.2. */
#include <string.h>

#include "recode.h"
#include "registry.h"

static bool begins_compressed(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_compressed(filter, event, WSP_OUT) && event->piece->first &&
           event->piece->frame.opcode != WSC_CONT;
}

/* ---- RSV1 and opcodes ---- */

bool wsp_rsv1_on_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    if (filter->deflate && wsp_is_opcode(event, WSP_OUT, WSC_PONG)) {
        wsp_fire(filter);
        event->piece->frame.rsv = WSC_RSV1;
    }
    return false;
}

bool wsp_rsv1_on_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_piece *piece = event->piece;
    struct wsc_frame frame;

    if (!begins_compressed(filter, event) || !wsp_is_whole(event) || piece->len == 0)
        return false;
    wsp_fire(filter);
    frame = wsp_frame(filter, WSP_OUT, piece->frame.opcode, piece->len - 1);
    frame.rsv = WSC_RSV1;
    frame.fin = false;
    wsp_put(filter, WSP_OUT, &frame, piece->data);
    frame = wsp_frame(filter, WSP_OUT, WSC_CONT, 1);
    frame.rsv = WSC_RSV1;
    frame.fin = piece->frame.fin;
    wsp_put(filter, WSP_OUT, &frame, piece->data + piece->len - 1);
    return true;
}

bool wsp_compress_as_binary(struct wsp_filter *filter, struct wsp_event *event)
{
    if (begins_compressed(filter, event) && event->piece->frame.opcode == WSC_TEXT) {
        wsp_fire(filter);
        event->piece->frame.opcode = WSC_BINARY;
    }
    return false;
}

bool wsp_unmarked_compression(struct wsp_filter *filter, struct wsp_event *event)
{
    if (begins_compressed(filter, event)) {
        wsp_fire(filter);
        event->piece->frame.rsv = 0;
    }
    return false;
}

bool wsp_compress_undeclared(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_deflate_terms terms = {0};
    const struct wsc_head *asked = wsp_request(filter);

    if (filter->deflate || !asked || !wsp_has(asked, "Sec-WebSocket-Extensions") ||
        !wsp_is_data(event, WSP_OUT) || !wsp_is_whole(event) || !event->piece->frame.fin)
        return false;
    wsp_fire(filter);
    wsp_bytes_clear(&filter->kept);
    wsp_bytes_add(&filter->kept, event->piece->data, event->piece->len);
    wsp_send_packed(filter, event->piece->frame.opcode, &filter->kept, &terms, 6);
    return true;
}

/* ---- the ends of messages ---- */

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

static bool is_compressed_message(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return begins_compressed(filter, event) && wsp_is_whole(event) && event->piece->frame.fin;
}

bool wsp_keep_tail(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t tail[] = {0, 0, 0xff, 0xff};

    if (!is_compressed_message(filter, event))
        return false;
    wsp_bytes_clear(&filter->kept);
    wsp_bytes_add(&filter->kept, event->piece->data, event->piece->len);
    wsp_bytes_add(&filter->kept, tail, sizeof tail);
    return replace(filter, event, wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));
}

bool wsp_empty_compressed(struct wsp_filter *filter, struct wsp_event *event)
{
    return is_compressed_message(filter, event) && event->piece->len == 1 &&
           replace(filter, event, NULL, 0);
}

/* The message of RFC 7692, 7.2.3.4, without its last byte. */
bool wsp_end_at_final(struct wsp_filter *filter, struct wsp_event *event)
{
    return is_compressed_message(filter, event) && event->piece->len > 1 &&
           replace(filter, event, "\xf3\x48\xcd\xc9\xc9\x07\x00", 7);
}

/* Its final block ends inside a byte, the rest of which is ones. */
bool wsp_pad_with_ones(struct wsp_filter *filter, struct wsp_event *event)
{
    return is_compressed_message(filter, event) && event->piece->len > 1 &&
           replace(filter, event, "\xf3\x48\xcd\xc9\xc9\x07\xfc\x00", 8);
}

/* ---- windows ---- */

bool wsp_keep_server_window(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    if (!terms.server_no_context_takeover)
        return false;
    terms.server_no_context_takeover = false;
    return wsp_recode(filter, event, &terms, 6);
}

bool wsp_exceed_server_window(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    if (!terms.server_max_window_bits)
        return false;
    terms.server_max_window_bits = 15;
    return wsp_recode(filter, event, &terms, 6);
}
