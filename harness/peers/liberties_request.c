/* Liberties in how a request is read: what HTTP leaves to the reader, taken the other way than the
 * clean peer takes it. */
#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

/* Rewrites some bytes of a request; false when there is nothing to do. */
typedef bool repair(struct wsp_edit *edit, size_t at);

static bool repair_all(struct wsp_filter *filter, struct wsp_event *event, repair *at_byte)
{
    if (!wsp_request_in(event))
        return false;
    for (size_t at = 0; at < wsp_bytes_len(&event->head->text); at++)
        if (at_byte(event->head, at))
            wsp_fire(filter);
    return false;
}

static int byte_at(const struct wsp_edit *edit, size_t at)
{
    return at < wsp_bytes_len(&edit->text) ? wsp_bytes_data(&edit->text)[at] : -1;
}

static bool is_blank(int byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_start_line(const struct wsp_edit *edit, size_t at)
{
    return !memchr(wsp_bytes_data(&edit->text), '\n', at);
}

/* Lines. */

/* What is folded behind the start line is no field, and is taken out. */
static bool join_fold(struct wsp_edit *edit, size_t at)
{
    size_t end = byte_at(edit, at) == '\r' ? at + 1 : at, n = 0;

    if (byte_at(edit, end) != '\n' || !is_blank(byte_at(edit, end + 1)))
        return false;
    if (is_start_line(edit, at)) {
        while (byte_at(edit, end + n) != -1 && (n == 0 || byte_at(edit, end + n) != '\n'))
            n++;
        wsp_edit_splice(edit, end, n, "", 0);
    } else {
        wsp_edit_splice(edit, at, end + 1 - at, "  ", 2);
    }
    return true;
}

bool wsp_join_folds(struct wsp_filter *filter, struct wsp_event *event)
{
    return repair_all(filter, event, join_fold);
}

/* NUL and bare CR, in values only. */
static bool blank_control(struct wsp_edit *edit, size_t at)
{
    int byte = byte_at(edit, at);
    size_t begin = at;

    if (byte != '\0' && !(byte == '\r' && byte_at(edit, at + 1) != '\n'))
        return false;
    while (begin > 0 && byte_at(edit, begin - 1) != '\n')
        begin--;
    if (is_start_line(edit, at) || !memchr(wsp_bytes_data(&edit->text) + begin, ':', at - begin))
        return false;
    wsp_edit_splice(edit, at, 1, " ", 1);
    return true;
}

bool wsp_blank_controls(struct wsp_filter *filter, struct wsp_event *event)
{
    return repair_all(filter, event, blank_control);
}

static bool squeeze_blank(struct wsp_edit *edit, size_t at)
{
    size_t n = 0;

    if (byte_at(edit, at) != ' ' || !is_start_line(edit, at))
        return false;
    while (byte_at(edit, at + n + 1) == ' ')
        n++;
    if (n == 0)
        return false;
    wsp_edit_splice(edit, at, n, "", 0);
    return true;
}

bool wsp_squeeze_request_line(struct wsp_filter *filter, struct wsp_event *event)
{
    return repair_all(filter, event, squeeze_blank);
}

bool wsp_refuse_line_feeds(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_request_in(event))
        return false;
    for (size_t at = 1; at < wsp_bytes_len(&event->head->text); at++)
        if (byte_at(event->head, at) == '\n' && byte_at(event->head, at - 1) != '\r')
            return wsp_decline(filter, "400 Bad Request");
    return false;
}

/* Limits: RFC 9112, section 3, asks for 8000 octets of a request line. */

bool wsp_limit_heads(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (head && head->target.n > 8100)
        return wsp_decline(filter, "414 URI Too Long");
    if (head && wsp_bytes_len(&event->head->text) > 9000)
        return wsp_decline(filter, "431 Request Header Fields Too Large");
    return false;
}

/* Versions of the protocol: 7 and 8 say the same on the wire. */

static bool is_older(const struct wsc_head *head)
{
    const struct wsc_header *field = head ? wsc_head_field(head, "Sec-WebSocket-Version", 0) : NULL;

    return field && !wsc_head_field(head, "Sec-WebSocket-Version", 1) &&
           (wsc_text_is(field->value, "7") || wsc_text_is(field->value, "8"));
}

bool wsp_older_versions(struct wsp_filter *filter, struct wsp_event *event)
{
    if (is_older(wsp_request_in(event))) {
        wsp_fire(filter);
        wsp_edit_set(event->head, "Sec-WebSocket-Version", "13");
    } else if (wsp_is_status(event, WSP_OUT, 0) &&
               wsp_has(&event->head->head, "Sec-WebSocket-Version")) {
        wsp_fire(filter);
        wsp_edit_set(event->head, "Sec-WebSocket-Version", "13, 8, 7");
    }
    return false;
}

/* Answers. */

bool wsp_no_clock(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_is_status(event, WSP_OUT, 0) && wsp_edit_drop(event->head, "Date"))
        wsp_fire(filter);
    return false;
}
