/* Mutants that upgrade, or go on after, requests which a server must refuse: the filter repairs
 * them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

static void put_method(struct wsp_event *event)
{
    struct wsc_text method = event->head->head.method;

    wsp_edit_splice(event->head, wsp_edit_at(event->head, method.p), method.n, "GET", 3);
}

bool wsp_accept_post(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || !wsc_text_is(head->method, "POST") || !wsp_means_websocket(head))
        return false;
    wsp_fire(filter);
    put_method(event);
    return false;
}

bool wsp_accept_lower_case_get(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || wsc_text_is(head->method, "GET") || !wsc_text_is_nocase(head->method, "get"))
        return false;
    wsp_fire(filter);
    put_method(event);
    return false;
}

bool wsp_accept_http_1_0(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    char line[1024];

    if (!head || head->major != 1 || head->minor != 0 || !wsp_means_websocket(head) ||
        head->target.n > 900)
        return false;
    wsp_fire(filter);
    snprintf(line, sizeof line, "GET %.*s HTTP/1.1", (int)head->target.n, head->target.p);
    wsp_edit_start_line(event->head, line);
    return false;
}

static const char some_key[] = "AAAAAAAAAAAAAAAAAAAAAA==";

/* Adds a field that is missing; true if it did. */
static bool supply(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                   const char *value)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || wsp_has(head, name) || !wsp_means_websocket(head))
        return false;
    wsp_fire(filter);
    wsp_edit_add(event->head, name, value);
    return true;
}

bool wsp_accept_no_host(struct wsp_filter *filter, struct wsp_event *event)
{
    supply(filter, event, "Host", "localhost");
    return false;
}

bool wsp_accept_no_upgrade(struct wsp_filter *filter, struct wsp_event *event)
{
    supply(filter, event, "Upgrade", "websocket");
    return false;
}

bool wsp_accept_no_connection(struct wsp_filter *filter, struct wsp_event *event)
{
    supply(filter, event, "Connection", "Upgrade");
    return false;
}

bool wsp_accept_missing_key(struct wsp_filter *filter, struct wsp_event *event)
{
    supply(filter, event, "Sec-WebSocket-Key", some_key);
    return false;
}

bool wsp_accept_missing_version(struct wsp_filter *filter, struct wsp_event *event)
{
    supply(filter, event, "Sec-WebSocket-Version", "13");
    return false;
}

/* Puts a value that is right in place of a wrong one. */
static bool correct(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                    bool (*wrong)(struct wsc_text), const char *right)
{
    const struct wsc_head *head = wsp_request_in(event);
    const struct wsc_header *field = head ? wsc_head_field(head, name, 0) : NULL;

    if (!field || !wrong(field->value))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, name, right);
    return false;
}

bool wsp_accept_no_key_no_version(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || wsp_has(head, "Sec-WebSocket-Version"))
        return false;
    if (!supply(filter, event, "Sec-WebSocket-Key", some_key))
        return false;
    wsp_edit_add(event->head, "Sec-WebSocket-Version", "13");
    return false;
}

static bool is_bad_key(struct wsc_text value)
{
    return !wsc_key_valid(value);
}

bool wsp_accept_bad_key(struct wsp_filter *filter, struct wsp_event *event)
{
    return correct(filter, event, "Sec-WebSocket-Key", is_bad_key, some_key);
}

static bool is_odd_key(struct wsc_text value)
{
    return value.n == WSC_KEY_LEN && is_bad_key(value);
}

bool wsp_accept_odd_key(struct wsp_filter *filter, struct wsp_event *event)
{
    return correct(filter, event, "Sec-WebSocket-Key", is_odd_key, some_key);
}

static bool is_empty(struct wsc_text value)
{
    return value.n == 0;
}

bool wsp_accept_empty_key(struct wsp_filter *filter, struct wsp_event *event)
{
    return correct(filter, event, "Sec-WebSocket-Key", is_empty, some_key);
}

static bool is_other_version(struct wsc_text value)
{
    return !wsc_text_is(value, "13");
}

bool wsp_accept_any_version(struct wsp_filter *filter, struct wsp_event *event)
{
    return correct(filter, event, "Sec-WebSocket-Version", is_other_version, "13");
}

static bool is_8(struct wsc_text value)
{
    return wsc_text_is(value, "8");
}

bool wsp_accept_version_8(struct wsp_filter *filter, struct wsp_event *event)
{
    return correct(filter, event, "Sec-WebSocket-Version", is_8, "13");
}

/* As JavaScript's Number would have it. */
static bool is_13_misspelt(struct wsc_text value)
{
    char text[16], *end;

    if (!is_other_version(value) || value.n == 0 || value.n >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)value.n, value.p);
    return strtod(text, &end) == 13 && *end == '\0';
}

bool wsp_accept_misspelt_version(struct wsp_filter *filter, struct wsp_event *event)
{
    return correct(filter, event, "Sec-WebSocket-Version", is_13_misspelt, "13");
}

/* Takes the first line of that name for the only one. */
static bool first_of(struct wsp_filter *filter, struct wsp_event *event, const char *name)
{
    if (wsp_request_in(event) && wsp_edit_drop_others(event->head, name))
        wsp_fire(filter);
    return false;
}

bool wsp_accept_two_hosts(struct wsp_filter *filter, struct wsp_event *event)
{
    return first_of(filter, event, "Host");
}

bool wsp_accept_two_keys(struct wsp_filter *filter, struct wsp_event *event)
{
    return first_of(filter, event, "Sec-WebSocket-Key");
}

bool wsp_accept_two_versions(struct wsp_filter *filter, struct wsp_event *event)
{
    return first_of(filter, event, "Sec-WebSocket-Version");
}

static bool lists_tokens(const struct wsc_head *head, const char *name)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    size_t count = 0;

    for (; wsc_head_list(head, name, &cursor, &element); count++)
        if (!wsc_is_token(element))
            return false;
    return count > 0;
}

bool wsp_accept_bad_protocols(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || !wsp_has(head, "Sec-WebSocket-Protocol") ||
        lists_tokens(head, "Sec-WebSocket-Protocol"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Sec-WebSocket-Protocol");
    return false;
}

/* Is this the one offer that the mutant understands? */
static bool offers_deflate(const struct wsc_head *head)
{
    const struct wsc_header *field = wsc_head_field(head, "Sec-WebSocket-Extensions", 0);

    return field && wsc_text_is(field->value, "permessage-deflate");
}

/* Agrees to a good offer, and passes over all others. */
bool wsp_accept_bad_extensions(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event), *asked = wsp_request(filter);

    if (head && !offers_deflate(head) && wsp_edit_drop(event->head, "Sec-WebSocket-Extensions"))
        wsp_fire(filter);
    if (wsp_is_status(event, WSP_OUT, 101) && asked && offers_deflate(asked))
        wsp_edit_set(event->head, "Sec-WebSocket-Extensions", "permessage-deflate");
    return false;
}

static bool holds_websocket(struct wsc_text value)
{
    static const char name[] = "websocket";

    for (size_t i = 0; i + strlen(name) <= value.n; i++)
        if (memcmp(value.p + i, name, strlen(name)) == 0)
            return true;
    return false;
}

bool wsp_accept_other_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    const struct wsc_header *upgrade = head ? wsc_head_field(head, "Upgrade", 0) : NULL;

    if (!upgrade || wsc_head_has(head, "Upgrade", "websocket") || !holds_websocket(upgrade->value))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Upgrade", "websocket");
    return false;
}
