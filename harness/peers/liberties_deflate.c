/* Liberties of permessage-deflate: RFC 7692. */
#include <stdlib.h>
#include <string.h>

#include "recode.h"
#include "registry.h"

static const char field[] = "Sec-WebSocket-Extensions";

bool wsp_decline_deflate(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_request_in(event) && wsp_edit_drop(event->head, field))
        wsp_fire(filter);
    return false;
}

/* ---- what the answer says of its own accord ---- */

static bool announce(struct wsp_filter *filter, struct wsp_event *event,
                     const struct wsc_deflate_terms *terms)
{
    char text[WSC_DEFLATE_TEXT];

    if (!wsp_is_status(event, WSP_OUT, 101) || !filter->deflate)
        return false;
    wsp_fire(filter);
    if (wsc_deflate_write(terms, text, sizeof text) > 0)
        wsp_edit_set(event->head, field, text);
    return true;
}

bool wsp_own_server_window(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    if (terms.server_max_window_bits == 0 || terms.server_max_window_bits > 9)
        terms.server_max_window_bits = 9;
    return !announce(filter, event, &terms) && wsp_recode(filter, event, &terms, 6);
}

bool wsp_own_server_takeover(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    terms.server_no_context_takeover = true;
    return !announce(filter, event, &terms) && wsp_recode(filter, event, &terms, 6);
}

bool wsp_own_client_takeover(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    terms.client_no_context_takeover = true;
    announce(filter, event, &terms);
    return false;
}

/* With several offers it is not told which was taken. */
static bool only_offer_has(const struct wsp_filter *filter, const char *word)
{
    const struct wsc_head *asked = wsp_request(filter);
    const struct wsc_header *offer = asked ? wsc_head_field(asked, field, 0) : NULL;
    size_t n = strlen(word);

    if (!offer || memchr(offer->value.p, ',', offer->value.n))
        return false;
    for (size_t i = 0; i + n <= offer->value.n; i++)
        if (memcmp(offer->value.p + i, word, n) == 0)
            return true;
    return false;
}

bool wsp_own_client_window(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    terms.client_max_window_bits = 9;
    if (only_offer_has(filter, "client_max_window_bits"))
        announce(filter, event, &terms);
    return false;
}

/* ---- how messages are written ---- */

bool wsp_never_take_over(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    terms.server_no_context_takeover = true;
    return wsp_recode(filter, event, &terms, 6);
}

bool wsp_stored_blocks(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_recode(filter, event, wsp_agreed(filter), 0);
}

bool wsp_send_uncompressed(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsp_bytes *message;
    struct wsc_frame frame;

    if (!wsp_is_compressed(filter, event, WSP_OUT))
        return false;
    if (!wsp_take_out(filter, event))
        return true;
    wsp_fire(filter);
    message = wsp_unpacked_message(filter);
    frame = wsp_frame(filter, WSP_OUT, (uint8_t)filter->state, wsp_bytes_len(message));
    wsp_put(filter, WSP_OUT, &frame, wsp_bytes_data(message));
    return true;
}

/* Each message is one final block and the empty one behind it: RFC 7692, 7.2.3.4. */
bool wsp_final_blocks(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { BLOCK = 65535 };
    struct wsp_bytes *message;
    struct wsc_frame frame;
    size_t len;
    uint8_t *block;

    if (!wsp_is_compressed(filter, event, WSP_OUT))
        return false;
    if (!wsp_take_out(filter, event))
        return true;
    message = wsp_unpacked_message(filter);
    len = wsp_bytes_len(message);
    block = len <= BLOCK ? malloc(len + 6) : NULL;
    if (!block) {
        frame = wsp_frame(filter, WSP_OUT, (uint8_t)filter->state, len);
        wsp_put(filter, WSP_OUT, &frame, wsp_bytes_data(message));
        return true;
    }
    wsp_fire(filter);
    block[0] = 1;
    block[1] = (uint8_t)len;
    block[2] = (uint8_t)(len >> 8);
    block[3] = (uint8_t)~block[1];
    block[4] = (uint8_t)~block[2];
    if (len)
        memcpy(block + 5, wsp_bytes_data(message), len);
    block[len + 5] = 0;
    frame = wsp_frame(filter, WSP_OUT, (uint8_t)filter->state, len + 6);
    frame.rsv = WSC_RSV1;
    wsp_put(filter, WSP_OUT, &frame, block);
    free(block);
    return true;
}
