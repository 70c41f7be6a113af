/* Mutants that refuse opening handshakes which are in order. */
#include <string.h>

#include "registry.h"

static const struct wsc_head *handshake_in(const struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head && wsc_head_has(head, "Upgrade", "websocket") ? head : NULL;
}

static bool refuse(struct wsp_filter *filter)
{
    return wsp_answer(filter,
                      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

static bool field_is(const struct wsc_head *head, const char *name, const char *value)
{
    const struct wsc_header *field = wsc_head_field(head, name, 0);

    return field && wsc_text_is(field->value, value);
}

bool wsp_case_sensitive_upgrade(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    return head && !field_is(head, "Upgrade", "websocket") && refuse(filter);
}

bool wsp_connection_is_no_list(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);
    const struct wsc_header *field = head ? wsc_head_field(head, "Connection", 0) : NULL;

    return field && !wsc_text_is_nocase(field->value, "upgrade") && refuse(filter);
}

bool wsp_first_connection_line(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);
    const struct wsc_header *field = head ? wsc_head_field(head, "Connection", 0) : NULL;

    return field && wsc_head_field(head, "Connection", 1) &&
           !wsc_text_is_nocase(field->value, "upgrade") && refuse(filter);
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t';
}

static bool has_empty_element(struct wsc_text list)
{
    bool empty = true;

    for (size_t i = 0; i < list.n; i++) {
        if (list.p[i] == ',' && empty)
            return true;
        empty = list.p[i] == ',' || (empty && is_white(list.p[i]));
    }
    return empty;
}

bool wsp_no_empty_elements(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);
    const struct wsc_header *field = head ? wsc_head_field(head, "Connection", 0) : NULL;

    return field && has_empty_element(field->value) && refuse(filter);
}

bool wsp_host_first(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    return head && head->count > 0 && !wsc_text_is_nocase(head->headers[0].name, "Host") &&
           refuse(filter);
}

static bool is_known(struct wsc_text name)
{
    static const char *const known[] = {"Host", "Upgrade", "Connection", "Origin", "Authorization"};
    static const char ours[] = "Sec-WebSocket-";
    static const char *const ends[] = {"Key", "Version", "Protocol", "Extensions"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (wsc_text_is_nocase(name, known[i]))
            return true;
    if (name.n < strlen(ours))
        return false;
    name.p += strlen(ours);
    name.n -= strlen(ours);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (wsc_text_is_nocase(name, ends[i]))
            return true;
    return false;
}

bool wsp_no_unknown_headers(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    for (size_t i = 0; head && i < head->count; i++)
        if (!is_known(head->headers[i].name))
            return refuse(filter);
    return false;
}

bool wsp_case_sensitive_names(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char *const names[] = {"Upgrade", "Connection", "Sec-WebSocket-Key",
                                        "Sec-WebSocket-Version"};
    const struct wsc_head *head = handshake_in(event);

    for (size_t i = 0; head && i < sizeof names / sizeof *names; i++) {
        const struct wsc_header *field = wsc_head_field(head, names[i], 0);

        if (field && !wsc_text_is(field->name, names[i]))
            return refuse(filter);
    }
    return false;
}

/* ":" SP, and then the value at once. */
static bool is_spaced(const struct wsc_header *field)
{
    return field->value.n == 0 || field->value.p == field->name.p + field->name.n + 2;
}

bool wsp_one_space(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    for (size_t i = 0; head && i < head->count; i++)
        if (!is_spaced(&head->headers[i]))
            return refuse(filter);
    return false;
}

bool wsp_no_absolute_form(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    return head && head->target.n > 0 && head->target.p[0] != '/' && refuse(filter);
}

/* Lists. */

static bool two_lines(struct wsp_filter *filter, const struct wsp_event *event, const char *name)
{
    const struct wsc_head *head = handshake_in(event);

    return head && wsc_head_field(head, name, 1) && refuse(filter);
}

bool wsp_one_extension_line(struct wsp_filter *filter, struct wsp_event *event)
{
    return two_lines(filter, event, "Sec-WebSocket-Extensions");
}

bool wsp_one_protocol_line(struct wsp_filter *filter, struct wsp_event *event)
{
    return two_lines(filter, event, "Sec-WebSocket-Protocol");
}

static bool begins(struct wsc_text text, const char *word)
{
    return text.n >= strlen(word) && memcmp(text.p, word, strlen(word)) == 0;
}

bool wsp_no_unknown_extensions(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);
    struct wsc_list cursor = {0};
    struct wsc_text element;

    while (head && wsc_head_list(head, "Sec-WebSocket-Extensions", &cursor, &element))
        if (!begins(element, "permessage-deflate"))
            return refuse(filter);
    return false;
}

static const struct wsc_header *extensions_in(const struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    return head ? wsc_head_field(head, "Sec-WebSocket-Extensions", 0) : NULL;
}

bool wsp_no_quoted_parameters(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *field = extensions_in(event);

    return field && field->value.n && memchr(field->value.p, '"', field->value.n) && refuse(filter);
}

bool wsp_no_space_in_extensions(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_header *field = extensions_in(event);

    for (size_t i = 1; field && i < field->value.n; i++)
        if (field->value.p[i] == ';' && is_white(field->value.p[i - 1]))
            return refuse(filter);
    return false;
}

/* Bytes and sizes. */

bool wsp_ascii_only(struct wsp_filter *filter, struct wsp_event *event)
{
    const uint8_t *data;

    if (!handshake_in(event))
        return false;
    data = wsp_bytes_data(&event->head->text);
    for (size_t i = 0; i < wsp_bytes_len(&event->head->text); i++)
        if (data[i] >= 0x80)
            return refuse(filter);
    return false;
}

bool wsp_no_empty_line_first(struct wsp_filter *filter, struct wsp_event *event)
{
    return handshake_in(event) && wsp_bytes_data(&event->head->text)[0] == '\r' && refuse(filter);
}

bool wsp_short_request_line(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    return head && head->target.n > 4096 && refuse(filter);
}

bool wsp_long_target_is_bad(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = handshake_in(event);

    return head && head->target.n > 64 << 10 && refuse(filter);
}
