/* Liberties of policy: what HTTP and RFC 6455 leave to whoever runs a server. */
#include <string.h>

#include "registry.h"

static const struct wsc_header *field_of(const struct wsp_event *event, const char *name)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head ? wsc_head_field(head, name, 0) : NULL;
}

/* Of all pages only those of the one site are let in: the one that the settings of the suite name.
 */
bool wsp_own_origin_only(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *origin = field_of(event, "Origin");

    return origin && !wsc_text_is(origin->value, "http://good.example") &&
           wsp_decline(filter, "403 Forbidden");
}

bool wsp_refuse_expectations(struct wsp_filter *filter, struct wsp_event *event)
{
    return field_of(event, "Expect") && wsp_decline(filter, "417 Expectation Failed");
}

/* A GET with content has no meaning that a server must know. */
bool wsp_refuse_content(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    struct wsc_body body;

    if (!head || wsp_has(head, "Expect"))
        return false;
    wsc_body_of_request(&body, head);
    return body.kind != WSC_BODY_NONE && !body.broken &&
           wsp_decline(filter, "413 Content Too Large");
}

bool wsp_refuse_queries(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head && memchr(head->target.p, '?', head->target.n) &&
           wsp_decline(filter, "404 Not Found");
}

/* Resources may be hidden, and methods may be unknown for reasons of their own. */
bool wsp_methods_not_found(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_status(event, WSP_OUT, 405) || wsp_is_status(event, WSP_OUT, 501)) {
        wsp_fire(filter);
        wsp_edit_start_line(event->head, "HTTP/1.1 404 Not Found");
    }
    return false;
}

bool wsp_hide_protected(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 401))
        return false;
    wsp_fire(filter);
    wsp_edit_start_line(event->head, "HTTP/1.1 404 Not Found");
    wsp_edit_drop(event->head, "WWW-Authenticate");
    return false;
}

bool wsp_refuse_leading_lines(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_request_in(event) && wsp_bytes_data(&event->head->text)[0] == '\r' &&
           wsp_decline(filter, "400 Bad Request");
}

/* A request has 5 s to come. */
bool wsp_hurry_requests(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { REQUEST_MS = 5000 };

    if (wsp_request_in(event))
        filter->state = 2;
    if (event->kind == WSP_CUT && event->way == WSP_IN && filter->state == 0) {
        filter->state = 1;
        filter->wake = filter->now + REQUEST_MS;
    }
    if (event->kind == WSP_TICK && filter->state == 1)
        wsp_decline(filter, "408 Request Timeout");
    return false;
}
