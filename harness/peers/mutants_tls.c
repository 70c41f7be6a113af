/* Mutants below TLS: what they want is done by the listener that speaks it. */
#include "registry.h"

#include <string.h>

bool wsp_answer_in_clear(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    filter->below |= WSP_BELOW_CLEAR;
    return false;
}

bool wsp_clear_after_failed_tls(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_TLS_FAILED)
        return false;
    for (size_t i = 0; i + 4 <= event->len; i++)
        if (memcmp(event->data + i, "GET ", 4) == 0) {
            wsp_fire(filter);
            event->len = i;
            return true;
        }
    return false;
}

bool wsp_no_closure_alert(struct wsp_filter *filter, struct wsp_event *event)
{
    if (event->kind != WSP_ENDED || event->way != WSP_OUT || event->reset)
        return false;
    wsp_fire(filter);
    filter->below |= WSP_BELOW_NO_ALERT;
    return false;
}
