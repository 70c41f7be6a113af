/* Mutants that take frames which a strict endpoint refuses: the filter makes them legal on their
 * way in. */
#include "registry.h"

bool wsp_accept_unmasked(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_FRAME || event->way != WSP_IN || event->piece->frame.masked ||
        filter->client)
        return false;
    if (event->piece->first)
        wsp_fire(filter);
    event->piece->frame.masked = true; /* with a key of zeros, which changes nothing */
    return false;
}

static bool clear_bits(struct wsp_filter *filter, struct wsp_event *event, uint8_t bits)
{
    if (event->kind != WSP_FRAME || event->way != WSP_IN || !(event->piece->frame.rsv & bits))
        return false;
    if (event->piece->first)
        wsp_fire(filter);
    event->piece->frame.rsv &= (uint8_t)~bits;
    return false;
}

bool wsp_ignore_rsv1(struct wsp_filter *filter, struct wsp_event *event)
{
    return clear_bits(filter, event, WSC_RSV1);
}
