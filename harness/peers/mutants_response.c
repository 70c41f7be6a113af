/* Mutants that answer a handshake as nobody may. */
#include <stdio.h>
#include <string.h>

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

bool wsp_unasked_extension(struct wsp_filter *filter, struct wsp_event *event)
{
    return !offered(filter, "Sec-WebSocket-Extensions") &&
           set_in_101(filter, event, "Sec-WebSocket-Extensions", "permessage-deflate");
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

bool wsp_no_challenge(struct wsp_filter *filter, struct wsp_event *event)
{
    return drop(filter, event, 401, "WWW-Authenticate");
}
