/* Mutants that answer a handshake as nobody may. */
#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

/* Removes a field from answers of this status. */
static bool drop(struct wsp_filter *filter, struct wsp_event *event, unsigned status,
                 const char *name)
{
    if (wsp_is_status(event, WSP_OUT, status) && wsp_edit_drop(event->head, name))
        wsp_fire(filter);
    return false;
}

static bool set_in_101(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                       const char *value)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, name, value);
    return false;
}

static bool offered(const struct wsp_filter *filter, const char *name)
{
    const struct wsc_head *request = wsp_request(filter);

    return request && wsc_head_field(request, name, 0);
}

bool wsp_wrong_accept(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *field;
    char value[64];

    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    field = wsc_head_field(&event->head->head, "Sec-WebSocket-Accept", 0);
    if (!field || field->value.n == 0 || field->value.n >= sizeof value)
        return false;
    snprintf(value, sizeof value, "%.*s", (int)field->value.n, field->value.p);
    value[0] = value[0] == 'A' ? 'B' : 'A';
    return set_in_101(filter, event, "Sec-WebSocket-Accept", value);
}

bool wsp_unpadded_accept(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *field;
    size_t end;

    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    field = wsc_head_field(&event->head->head, "Sec-WebSocket-Accept", 0);
    if (!field || field->value.n == 0 || field->value.p[field->value.n - 1] != '=')
        return false;
    wsp_fire(filter);
    end = wsp_edit_at(event->head, field->value.p) + field->value.n;
    wsp_edit_splice(event->head, end - 1, 1, "", 0);
    return false;
}

/* What stands between the space behind the colon and the end of the line. */
static struct wsc_text untrimmed(const struct wsc_header *field)
{
    const char *p = field->name.p + field->name.n + 2;
    size_t n = 0;

    while (p[n] != '\r' && p[n] != '\n')
        n++;
    return (struct wsc_text){p, n};
}

bool wsp_untrimmed_key(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *asked = wsp_request(filter);
    const struct wsc_header *key = asked ? wsc_head_field(asked, "Sec-WebSocket-Key", 0) : NULL;
    char accept[WSC_ACCEPT_LEN + 1];

    if (!wsp_is_status(event, WSP_OUT, 101) || !key || untrimmed(key).n <= key->value.n)
        return false;
    wsc_accept(untrimmed(key), accept);
    return set_in_101(filter, event, "Sec-WebSocket-Accept", accept);
}

bool wsp_no_accept(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 101, "Sec-WebSocket-Accept");
}

bool wsp_no_upgrade_header(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 101, "Upgrade");
}

bool wsp_no_connection_header(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 101, "Connection");
}

bool wsp_unasked_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    return !offered(filter, "Sec-WebSocket-Protocol") &&
           set_in_101(filter, event, "Sec-WebSocket-Protocol", "chat");
}

bool wsp_foreign_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    return offered(filter, "Sec-WebSocket-Protocol") &&
           set_in_101(filter, event, "Sec-WebSocket-Protocol", "x-wsproof-foreign");
}

bool wsp_empty_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    return offered(filter, "Sec-WebSocket-Protocol") &&
           set_in_101(filter, event, "Sec-WebSocket-Protocol", "");
}

/* The value of that field of the request, up to a comma if `one`. */
static bool choose_offered(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                           bool one)
{
    const struct wsc_head *asked = wsp_request(filter);
    const struct wsc_header *offer = asked ? wsc_head_field(asked, name, 0) : NULL;
    const char *comma;
    char value[128];
    size_t n;

    if (!offer || offer->value.n == 0 || offer->value.n >= sizeof value)
        return false;
    comma = one ? memchr(offer->value.p, ',', offer->value.n) : NULL;
    n = comma ? (size_t)(comma - offer->value.p) : offer->value.n;
    snprintf(value, sizeof value, "%.*s", (int)n, offer->value.p);
    return set_in_101(filter, event, name, value);
}

bool wsp_first_protocol(struct wsp_filter *filter, struct wsp_event *event)
{
    return choose_offered(filter, event, "Sec-WebSocket-Protocol", true);
}

bool wsp_whole_protocol_list(struct wsp_filter *filter, struct wsp_event *event)
{
    return choose_offered(filter, event, "Sec-WebSocket-Protocol", false);
}

/* Passes over white space inside the quotes of a parameter. */
bool wsp_squeeze_quoted(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char offer[] = "permessage-deflate; server_max_window_bits=\"1 0\"";
    const struct wsc_head *head = wsp_request_in(event), *asked = wsp_request(filter);
    const struct wsc_header *field =
        asked ? wsc_head_field(asked, "Sec-WebSocket-Extensions", 0) : NULL;

    if (!field || !wsc_text_is(field->value, offer))
        return false;
    if (head)
        wsp_edit_drop(event->head, "Sec-WebSocket-Extensions");
    return set_in_101(filter, event, "Sec-WebSocket-Extensions",
                      "permessage-deflate; server_max_window_bits=10");
}

bool wsp_unasked_extension(struct wsp_filter *filter, struct wsp_event *event)
{
    return !offered(filter, "Sec-WebSocket-Extensions") &&
           set_in_101(filter, event, "Sec-WebSocket-Extensions", "permessage-deflate");
}

bool wsp_unknown_parameter(struct wsp_filter *filter, struct wsp_event *event)
{
    return offered(filter, "Sec-WebSocket-Extensions") &&
           set_in_101(filter, event, "Sec-WebSocket-Extensions", "permessage-deflate; level=9");
}

bool wsp_empty_extensions(struct wsp_filter *filter, struct wsp_event *event)
{
    return offered(filter, "Sec-WebSocket-Extensions") &&
           set_in_101(filter, event, "Sec-WebSocket-Extensions", "");
}

bool wsp_length_in_101(struct wsp_filter *filter, struct wsp_event *event)
{
    return set_in_101(filter, event, "Content-Length", "0");
}

bool wsp_coding_in_101(struct wsp_filter *filter, struct wsp_event *event)
{
    return set_in_101(filter, event, "Transfer-Encoding", "chunked");
}

/* Adds another line. */
static bool add_to_101(struct wsp_filter *filter, struct wsp_event *event, const char *name,
                       const char *value)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_add(event->head, name, value);
    return false;
}

bool wsp_accept_line_twice(struct wsp_filter *filter, struct wsp_event *event)
{
    return add_to_101(filter, event, "Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

bool wsp_protocol_twice(struct wsp_filter *filter, struct wsp_event *event)
{
    return choose_offered(filter, event, "Sec-WebSocket-Protocol", true) ||
           (offered(filter, "Sec-WebSocket-Protocol") &&
            add_to_101(filter, event, "Sec-WebSocket-Protocol", "chat"));
}

bool wsp_date_twice(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";

    return set_in_101(filter, event, "Date", date) || add_to_101(filter, event, "Date", date);
}

bool wsp_name_with_space(struct wsp_filter *filter, struct wsp_event *event)
{
    return add_to_101(filter, event, "X Wsproof", "1");
}

bool wsp_folded_field(struct wsp_filter *filter, struct wsp_event *event)
{
    return add_to_101(filter, event, "X-Wsproof", "a\r\n b");
}

bool wsp_empty_element(struct wsp_filter *filter, struct wsp_event *event)
{
    return set_in_101(filter, event, "Connection", ", Upgrade");
}

static bool start_line(struct wsp_filter *filter, struct wsp_event *event, const char *line)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_start_line(event->head, line);
    return false;
}

bool wsp_old_101(struct wsp_filter *filter, struct wsp_event *event)
{
    return start_line(filter, event, "HTTP/1.0 101 Switching Protocols");
}

bool wsp_short_status_line(struct wsp_filter *filter, struct wsp_event *event)
{
    return start_line(filter, event, "HTTP/1.1 101");
}

bool wsp_ok_for_101(struct wsp_filter *filter, struct wsp_event *event)
{
    return start_line(filter, event, "HTTP/1.1 200 OK");
}

bool wsp_line_behind_101(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 101))
        return false;
    wsp_fire(filter);
    wsp_edit_splice(event->head, wsp_bytes_len(&event->head->text), 0, "\r\n", 2);
    return false;
}

bool wsp_line_feeds(struct wsp_filter *filter, struct wsp_event *event)
{
    const uint8_t *cr;

    if (!wsp_is_status(event, WSP_OUT, 0))
        return false;
    wsp_fire(filter);
    while ((cr = memchr(wsp_bytes_data(&event->head->text), '\r',
                        wsp_bytes_len(&event->head->text))) != NULL)
        wsp_edit_splice(event->head, (size_t)(cr - wsp_bytes_data(&event->head->text)), 1, "", 0);
    return false;
}

bool wsp_no_version_list(struct wsp_filter *filter, struct wsp_event *event)
{
    return !wsp_is_status(event, WSP_OUT, 101) && drop(filter, event, 0, "Sec-WebSocket-Version");
}

bool wsp_no_allow(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 405, "Allow");
}

bool wsp_no_upgrade_in_426(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 426, "Upgrade");
}

bool wsp_no_location(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 302, "Location");
}

bool wsp_upgrade_without_option(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_status(event, WSP_OUT, 426))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Connection", "close");
    return false;
}

bool wsp_no_date_in_refusal(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_status(event, WSP_OUT, 0) && event->head->head.status >= 400 &&
           drop(filter, event, 0, "Date");
}

bool wsp_echo_version(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *asked = wsp_request(filter);
    const struct wsc_header *version =
        asked ? wsc_head_field(asked, "Sec-WebSocket-Version", 0) : NULL;
    char value[16];

    if (!version || version->value.n >= sizeof value || !wsp_is_status(event, WSP_OUT, 0) ||
        !wsp_has(&event->head->head, "Sec-WebSocket-Version"))
        return false;
    wsp_fire(filter);
    snprintf(value, sizeof value, "%.*s", (int)version->value.n, version->value.p);
    wsp_edit_set(event->head, "Sec-WebSocket-Version", value);
    return false;
}
