/* Liberties of permessage-deflate: RFC 7692. */
#include <stdio.h>
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

static bool has_word(struct wsc_text text, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, word, n) == 0)
            return true;
    return false;
}

/* With several offers it is not told which was taken. */
static bool only_offer_has(const struct wsp_filter *filter, const char *word)
{
    const struct wsc_head *asked = wsp_request(filter);
    const struct wsc_header *offer = asked ? wsc_head_field(asked, field, 0) : NULL;

    return offer && !memchr(offer->value.p, ',', offer->value.n) && has_word(offer->value, word);
}

bool wsp_own_client_window(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_deflate_terms terms = *wsp_agreed(filter);

    terms.client_max_window_bits = 9;
    if (only_offer_has(filter, "client_max_window_bits"))
        announce(filter, event, &terms);
    return false;
}

/* How long `client_max_window_bits=N` is behind its name, where N is a number that may be offered;
 * 0: it is none. */
static size_t hint(const char *p, size_t n)
{
    if (n >= 2 && p[0] == '=' && (p[1] == '8' || p[1] == '9') &&
        (n == 2 || p[2] < '0' || p[2] > '9'))
        return 2;
    if (n >= 3 && p[0] == '=' && p[1] == '1' && p[2] >= '0' && p[2] <= '5' &&
        (n == 3 || p[3] < '0' || p[3] > '9'))
        return 3;
    return 0;
}

/* What the client says of its own window is a hint, and passed over. */
bool wsp_ignore_client_window(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char word[] = "client_max_window_bits";
    enum { WORD = sizeof word - 1 };
    const struct wsc_header *offer =
        wsp_request_in(event) ? wsc_head_field(&event->head->head, field, 0) : NULL;
    char text[WSC_DEFLATE_TEXT];

    for (size_t i = 0; offer && offer->value.n < sizeof text && i + WORD < offer->value.n; i++) {
        size_t rest = offer->value.n - i - WORD, cut;

        if (memcmp(offer->value.p + i, word, WORD) != 0 ||
            (cut = hint(offer->value.p + i + WORD, rest)) == 0)
            continue;
        snprintf(text, sizeof text, "%.*s%.*s", (int)(i + WORD), offer->value.p, (int)(rest - cut),
                 offer->value.p + i + WORD + cut);
        wsp_fire(filter);
        wsp_edit_set(event->head, field, text);
        return false;
    }
    return false;
}

/* zlib cannot write for a window of 256 bytes. */
bool wsp_decline_smallest_window(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *offer =
        wsp_request_in(event) ? wsc_head_field(&event->head->head, field, 0) : NULL;

    if (offer && !memchr(offer->value.p, ',', offer->value.n) &&
        has_word(offer->value, "server_max_window_bits=8")) {
        wsp_fire(filter);
        wsp_edit_drop(event->head, field);
    }
    return false;
}

/* What a compressed message without a byte means is nowhere said. */
bool wsp_fail_empty_compressed(struct wsp_filter *filter, struct wsp_event *event)
{
    return filter->deflate && wsp_is_data(event, WSP_IN) && wsp_is_open(filter) &&
           event->piece->frame.fin && event->piece->frame.length == 0 &&
           event->piece->frame.rsv == WSC_RSV1 && wsp_fail(filter, 1007);
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
