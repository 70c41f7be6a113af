#include "registry.h"

bool wsp_unsolicited_pong(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_PONG, (const uint8_t *)"unasked", 7);
    return false;
}
