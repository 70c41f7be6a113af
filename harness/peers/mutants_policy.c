/* Mutants that let in, or turn away, as their own rules do not say: RFC 6455, sections 4.2.2
 * and 10.2, RFC 9110, section 11. */
#include <stdio.h>
#include <string.h>

#include "registry.h"
#include "site.h"

static const struct wsc_header *in_request(const struct wsp_event *event, const char *name)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head ? wsc_head_field(head, name, 0) : NULL;
}

static bool is_foreign(const struct wsc_header *origin)
{
    return origin && !wsp_site_welcomes(origin->value.p, origin->value.n);
}

bool wsp_switch_then_1008(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t policy[] = {0x03, 0xf0};

    if (is_foreign(in_request(event, "Origin"))) {
        wsp_fire(filter);
        wsp_edit_drop(event->head, "Origin");
        wsp_put_simple(filter, WSP_OUT, WSC_CLOSE, policy, sizeof policy);
    }
    return false;
}

/* Is the own site's name somewhere in there? */
static bool holds_own_site(struct wsc_text origin)
{
    static const char own[] = "good.example";

    for (size_t i = 0; i + strlen(own) <= origin.n; i++)
        if (memcmp(origin.p + i, own, strlen(own)) == 0)
            return true;
    return false;
}

bool wsp_origin_by_substring(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *origin = in_request(event, "Origin");

    if (!is_foreign(origin) || !holds_own_site(origin->value))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Origin");
    return false;
}

bool wsp_any_path(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    struct wsp_place place;

    if (!head || wsp_site_find(head->target.p, head->target.n, &place))
        return false;
    wsp_fire(filter);
    wsp_edit_splice(event->head, wsp_edit_at(event->head, head->target.p), head->target.n, "/", 1);
    return false;
}

bool wsp_404_for_origin(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 403, "HTTP/1.1 404 Not Found");
    return false;
}

bool wsp_403_for_credentials(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 401, "HTTP/1.1 403 Forbidden");
    return false;
}

bool wsp_case_sensitive_scheme(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *field = in_request(event, "Authorization");
    struct wsc_text scheme = field ? field->value : (struct wsc_text){0};

    if (scheme.n < 5 || !wsc_text_is_nocase((struct wsc_text){scheme.p, 5}, "Basic") ||
        memcmp(scheme.p, "Basic", 5) == 0)
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Authorization");
    return false;
}

static bool challenge(struct wsp_filter *filter, struct wsp_event *event, const char *value)
{
    if (!wsp_is_status(event, WSP_OUT, 401))
        return false;
    wsp_fire(filter);
    if (value)
        wsp_edit_set(event->head, "WWW-Authenticate", value);
    else
        wsp_edit_drop(event->head, "WWW-Authenticate");
    return false;
}

bool wsp_no_challenge(struct wsp_filter *filter, struct wsp_event *event)
{
    return challenge(filter, event, NULL);
}

bool wsp_realm_twice(struct wsp_filter *filter, struct wsp_event *event)
{
    return challenge(filter, event, "Basic realm=\"one\", Realm=\"two\"");
}

bool wsp_bare_realm(struct wsp_filter *filter, struct wsp_event *event)
{
    return challenge(filter, event, "Basic realm=" WSP_SITE_REALM);
}
