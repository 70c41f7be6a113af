#include "recode.h"

#include <stdlib.h>

struct wsp_recode {
    struct wsc_inflate *inflate;
    struct wsc_deflate *deflate;
    struct wsp_bytes plain;
};

static struct wsp_recode *recode_of(struct wsp_filter *filter)
{
    if (!filter->recode && (filter->recode = calloc(1, sizeof *filter->recode)))
        filter->recode->plain.ceiling = WSP_PLAIN_MAX;
    return filter->recode;
}

void wsp_recode_free(struct wsp_recode *recode)
{
    if (!recode)
        return;
    wsc_inflate_free(recode->inflate);
    wsc_deflate_free(recode->deflate);
    wsp_bytes_free(&recode->plain);
    free(recode);
}

static enum wsc_role sender(const struct wsp_filter *filter, enum wsp_way way)
{
    return (way == WSP_OUT) == filter->client ? WSC_CLIENT : WSC_SERVER;
}

const struct wsc_deflate_terms *wsp_agreed(const struct wsp_filter *filter)
{
    return &filter->agreed;
}

bool wsp_is_compressed(const struct wsp_filter *filter, const struct wsp_event *event,
                       enum wsp_way way)
{
    return wsp_is_data(event, way) && filter->ways[way].check.compressed;
}

static bool begin(struct wsp_filter *filter, struct wsp_recode *recode,
                  const struct wsp_event *event, const struct wsc_deflate_terms *terms, bool alone)
{
    if (alone) {
        wsc_inflate_free(recode->inflate);
        recode->inflate = NULL;
    }
    if (!recode->inflate)
        recode->inflate =
            wsc_inflate_new(&wsp_heap, sender(filter, event->way), terms, WSC_INFLATE_STRICT);
    wsp_bytes_clear(&recode->plain);
    if (recode->inflate)
        /* Whether text is UTF-8 is not the question here. */
        wsc_inflate_begin(recode->inflate, WSC_BINARY, event->piece->at, 0);
    return recode->inflate != NULL;
}

enum wsp_unpacked wsp_unpack(struct wsp_filter *filter, const struct wsp_event *event,
                             const struct wsc_deflate_terms *terms, bool alone)
{
    struct wsp_recode *recode = recode_of(filter);
    const struct wsc_piece *piece = event->piece;
    const uint8_t *data;
    size_t len;
    enum wsc_inflated said;

    if (!recode || (piece->first && piece->frame.opcode != WSC_CONT &&
                    !begin(filter, recode, event, terms, alone)))
        return WSP_UNPACKED_BROKEN;
    if (!recode->inflate)
        return WSP_UNPACKED_MORE;
    wsc_inflate_feed(recode->inflate, piece);
    while ((said = wsc_inflate_next(recode->inflate, &data, &len, NULL)) == WSC_INFLATED)
        wsp_bytes_add(&recode->plain, data, len);
    if (said == WSC_INFLATE_HUNGRY)
        return WSP_UNPACKED_MORE;
    return said == WSC_INFLATE_END ? WSP_UNPACKED_WHOLE : WSP_UNPACKED_BROKEN;
}

struct wsp_bytes *wsp_unpacked_message(struct wsp_filter *filter)
{
    return &recode_of(filter)->plain;
}

void wsp_send_packed(struct wsp_filter *filter, uint8_t opcode, const struct wsp_bytes *message,
                     const struct wsc_deflate_terms *terms, int level)
{
    struct wsp_recode *recode = recode_of(filter);
    size_t len = wsp_bytes_len(message), bound;
    uint8_t *packed = NULL;
    struct wsc_frame frame;

    if (recode && !recode->deflate)
        recode->deflate = wsc_deflate_new(&wsp_heap, sender(filter, WSP_OUT), terms, level);
    if (!recode || !recode->deflate)
        return;
    bound = wsc_deflate_bound(recode->deflate, len);
    packed = malloc(bound);
    if (!packed)
        return;
    len = wsc_deflate_part(recode->deflate, wsp_bytes_data(message), len, true, packed, bound);
    frame = wsp_frame(filter, WSP_OUT, opcode, len);
    frame.rsv = WSC_RSV1;
    wsp_put(filter, WSP_OUT, &frame, packed);
    free(packed);
}

bool wsp_take_out(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (event->piece->first && event->piece->frame.opcode != WSC_CONT)
        filter->state = event->piece->frame.opcode;
    return wsp_unpack(filter, event, wsp_agreed(filter), false) == WSP_UNPACKED_WHOLE;
}

bool wsp_recode(struct wsp_filter *filter, const struct wsp_event *event,
                const struct wsc_deflate_terms *terms, int level)
{
    if (!wsp_is_compressed(filter, event, WSP_OUT))
        return false;
    if (wsp_take_out(filter, event)) {
        wsp_fire(filter);
        wsp_send_packed(filter, (uint8_t)filter->state, wsp_unpacked_message(filter), terms, level);
    }
    return true;
}
