/* Liberties in the answer that accepts a handshake. */
#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

bool wsp_other_reason_phrase(struct wsp_filter *filter, struct wsp_event *event)
{
    wsp_restate(filter, event, 101, "HTTP/1.1 101 Web Socket Protocol Handshake");
    return false;
}

bool wsp_empty_reason_phrase(struct wsp_filter *filter, struct wsp_event *event)
{
    char line[32];

    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    snprintf(line, sizeof line, "HTTP/1.1 %03u ", event->head->head.status);
    wsp_restate(filter, event, 0, line);
    return false;
}

/* The bytes of a name may be changed in place; where it begins is field->at. */
static void turn_case(struct wsp_edit *edit, char first, int distance)
{
    uint8_t *text = wsp_bytes_data(&edit->text);

    for (size_t i = 0; i < edit->head.count; i++) {
        const struct wsc_header *field = &edit->head.headers[i];

        for (size_t k = 0; k < field->name.n; k++) {
            uint8_t *c = text + field->at + k;

            if (*c >= first && *c <= first + ('Z' - 'A'))
                *c = (uint8_t)(*c + distance);
        }
    }
}

bool wsp_lower_case_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    wsp_fire(filter);
    turn_case(event->head, 'A', 'a' - 'A');
    return false;
}

bool wsp_upper_case_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    wsp_fire(filter);
    turn_case(event->head, 'a', 'A' - 'a');
    return false;
}

static void append_field(struct wsp_bytes *to, const struct wsc_header *field, const char *before,
                         const char *behind)
{
    wsp_bytes_add(to, field->name.p, field->name.n);
    wsp_bytes_add_text(to, before);
    wsp_bytes_add(to, field->value.p, field->value.n);
    wsp_bytes_add_text(to, behind);
}

static void replace(struct wsp_edit *edit, struct wsp_bytes *text)
{
    wsp_bytes_add_text(text, "\r\n");
    if (!text->broken)
        wsp_edit_splice(edit, 0, wsp_bytes_len(&edit->text), (const char *)wsp_bytes_data(text),
                        wsp_bytes_len(text));
    wsp_bytes_free(text);
}

bool wsp_reversed_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsp_bytes turned = {.ceiling = WSP_EDIT_MAX};
    struct wsp_edit *edit = event->head;

    if (!wsp_is_status(event, WSP_OUT, 0) || edit->head.count == 0)
        return false;
    wsp_fire(filter);
    wsp_bytes_add(&turned, wsp_bytes_data(&edit->text), edit->head.headers[0].at);
    for (size_t i = edit->head.count; i-- > 0;)
        append_field(&turned, &edit->head.headers[i], ": ", "\r\n");
    replace(edit, &turned);
    return false;
}

bool wsp_odd_white_space(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsp_bytes spaced = {.ceiling = WSP_EDIT_MAX};
    struct wsp_edit *edit = event->head;

    if (!wsp_is_status(event, WSP_OUT, 0) || edit->head.count == 0)
        return false;
    wsp_fire(filter);
    wsp_bytes_add(&spaced, wsp_bytes_data(&edit->text), edit->head.headers[0].at);
    for (size_t i = 0; i < edit->head.count; i++)
        append_field(&spaced, &edit->head.headers[i], i % 2 ? ":" : ":\t ",
                     i % 3 ? " \t\r\n" : "\r\n");
    replace(edit, &spaced);
    return false;
}

bool wsp_extra_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Date", "Mon, 12 Dec 2011 08:00:00 GMT");
    wsp_edit_set(event->head, "Server", "wsproof");
    wsp_edit_add(event->head, "Set-Cookie", "a=1; Path=/");
    wsp_edit_add(event->head, "Set-Cookie", "b=2; Path=/");
    wsp_edit_add(event->head, "Sec-WebSocket-Origin", "*");
    wsp_edit_add(event->head, "X-Empty", "");
    return false;
}

static bool spell(struct wsp_filter *filter, struct wsp_event *event, const char *connection,
                  const char *upgrade)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Connection", connection);
    wsp_edit_set(event->head, "Upgrade", upgrade);
    return true;
}

bool wsp_connection_list(struct wsp_filter *filter, struct wsp_event *event)
{
    spell(filter, event, "keep-alive, Upgrade", "WebSocket");
    return false;
}

bool wsp_upper_case_upgrade(struct wsp_filter *filter, struct wsp_event *event)
{
    spell(filter, event, "UPGRADE", "WEBSOCKET");
    return false;
}

bool wsp_two_connection_lines(struct wsp_filter *filter, struct wsp_event *event)
{
    if (spell(filter, event, "keep-alive", "websocket"))
        wsp_edit_add(event->head, "Connection", "Upgrade");
    return false;
}

bool wsp_no_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_status(event, WSP_OUT, 101) && wsp_edit_drop(event->head, "Sec-WebSocket-Protocol"))
        wsp_fire(filter);
    return false;
}

/* The first that was offered, whatever it means. */
bool wsp_any_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_list cursor = {0};
    struct wsc_text offered;
    char name[64];

    if (!wsp_is_status(event, WSP_OUT, 101) || !wsp_request(filter) ||
        !wsc_head_list(wsp_request(filter), "Sec-WebSocket-Protocol", &cursor, &offered) ||
        offered.n >= sizeof name)
        return false;
    wsp_fire(filter);
    snprintf(name, sizeof name, "%.*s", (int)offered.n, offered.p);
    wsp_edit_set(event->head, "Sec-WebSocket-Protocol", name);
    return false;
}

/* A text of printable characters that is no key. */
static bool is_odd_key(struct wsc_text key)
{
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] < '!' || key.p[i] > '~')
            return false;
    return key.n > 0 && !wsc_key_valid(key);
}

/* A key of any form is taken as text: its Accept is right. */
bool wsp_any_key(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request(filter);
    const struct wsc_header *key = head ? wsc_head_field(head, "Sec-WebSocket-Key", 0) : NULL;
    char accept[WSC_ACCEPT_LEN + 1];

    if (!key || !is_odd_key(key->value) || wsc_head_field(head, "Sec-WebSocket-Key", 1))
        return false;
    if (wsp_is_request(event, WSP_IN)) {
        wsp_fire(filter);
        wsp_edit_set(event->head, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
    } else if (wsp_is_status(event, WSP_OUT, 101)) {
        wsc_accept(key->value, accept);
        wsp_edit_set(event->head, "Sec-WebSocket-Accept", accept);
    }
    return false;
}

bool wsp_early_hints(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_put_text(filter, WSP_OUT, "HTTP/1.1 103 Early Hints\r\n\r\n");
    return false;
}
