/* Mutants that take what HTTP makes a server refuse, whoever asks: the filter repairs the request.
 */
#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "registry.h"

/* White space between the name of this field and its colon. */
static bool close_gap(struct wsp_edit *edit, const struct wsc_header *field)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t at = wsp_edit_at(edit, field->name.p) + field->name.n, n = 0;

    while (at + n < wsp_bytes_len(&edit->text) && (data[at + n] == ' ' || data[at + n] == '\t'))
        n++;
    if (n == 0)
        return false;
    wsp_edit_splice(edit, at, n, "", 0);
    return true;
}

bool wsp_accept_space_before_colon(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_request_in(event))
        return false;
    for (size_t i = 0; event->head->readable && i < event->head->head.count; i++)
        if (close_gap(event->head, &event->head->head.headers[i]))
            wsp_fire(filter);
    return false;
}

static bool is_number(struct wsc_text value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
    return value.n > 0;
}

bool wsp_accept_bad_length(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    const struct wsc_header *length = head ? wsc_head_field(head, "Content-Length", 0) : NULL;

    if (!length || is_number(length->value))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Content-Length");
    return false;
}

bool wsp_accept_unchunked_coding(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    struct wsc_list cursor = {0};
    struct wsc_text coding = {0};

    if (!head || !wsp_has(head, "Transfer-Encoding"))
        return false;
    while (wsc_head_list(head, "Transfer-Encoding", &cursor, &coding))
        continue;
    if (coding.n > 0 && wsc_text_is_nocase(coding, "chunked"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Transfer-Encoding");
    return false;
}

bool wsp_body_parsed_as_frames(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || !wsp_means_websocket(head) || !wsp_has(head, "Content-Length"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Content-Length");
    return false;
}

bool wsp_ignore_close_option(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || !wsc_head_has(head, "Connection", "close"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Connection");
    return false;
}

/* Lines. */

/* Index of the line behind the one at `at`. */
static size_t next_line(const struct wsp_edit *edit, size_t at)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);
    size_t len = wsp_bytes_len(&edit->text);
    const uint8_t *end = at < len ? memchr(data + at, '\n', len - at) : NULL;

    return end ? (size_t)(end - data) + 1 : len;
}

static bool is_indented(const struct wsp_edit *edit, size_t at)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);

    return at < wsp_bytes_len(&edit->text) && (data[at] == ' ' || data[at] == '\t');
}

/* Takes the white space away that begins the line; false if there was none. */
static bool outdent(struct wsp_edit *edit, size_t at)
{
    size_t n = 0;

    while (is_indented(edit, at + n))
        n++;
    wsp_edit_splice(edit, at, n, "", 0);
    return n > 0;
}

bool wsp_accept_indented_field(struct wsp_filter *filter, struct wsp_event *event)
{
    if (wsp_request_in(event) && outdent(event->head, next_line(event->head, 0)))
        wsp_fire(filter);
    return false;
}

bool wsp_split_folded_field(struct wsp_filter *filter, struct wsp_event *event)
{
    size_t at;

    if (!wsp_request_in(event))
        return false;
    at = next_line(event->head, next_line(event->head, 0));
    for (; at < wsp_bytes_len(&event->head->text); at = next_line(event->head, at))
        if (outdent(event->head, at))
            wsp_fire(filter);
    return false;
}

static bool is_bare_cr(const struct wsp_edit *edit, size_t at)
{
    const uint8_t *data = wsp_bytes_data(&edit->text);

    return data[at] == '\r' && data[at + 1] != '\n';
}

bool wsp_bare_cr_ends_line(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_request_in(event))
        return false;
    for (size_t at = 0; at + 1 < wsp_bytes_len(&event->head->text); at++)
        if (is_bare_cr(event->head, at)) {
            wsp_fire(filter);
            wsp_edit_splice(event->head, at, 1, "\r\n", 2);
        }
    return false;
}

bool wsp_nul_ends_value(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_request_in(event))
        return false;
    for (size_t i = 0; event->head->readable && i < event->head->head.count; i++) {
        struct wsc_text value = event->head->head.headers[i].value;
        const char *nul = value.n ? memchr(value.p, '\0', value.n) : NULL;

        if (!nul)
            continue;
        wsp_fire(filter);
        wsp_edit_splice(event->head, wsp_edit_at(event->head, nul),
                        value.n - (size_t)(nul - value.p), "", 0);
    }
    return false;
}

bool wsp_accept_bad_names(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_request_in(event))
        return false;
    for (size_t i = event->head->head.count; i-- > 0 && event->head->readable;) {
        const struct wsc_header *field = &event->head->head.headers[i];
        size_t at = field->at;

        if (wsc_is_token(field->name))
            continue;
        wsp_fire(filter);
        wsp_edit_splice(event->head, at, next_line(event->head, at) - at, "", 0);
    }
    return false;
}

/* The request line. */

static void ask_for(struct wsp_event *event, struct wsc_text target)
{
    char line[1024];

    snprintf(line, sizeof line, "GET %.*s HTTP/1.1", (int)(target.n < 900 ? target.n : 900),
             target.p);
    wsp_edit_start_line(event->head, line);
}

bool wsp_accept_misspelt_http(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    const char *version = head ? head->target.p + head->target.n + 1 : NULL;

    if (!version || strncmp(version, "http/1.1", 8) != 0)
        return false;
    wsp_fire(filter);
    ask_for(event, head->target);
    return false;
}

bool wsp_accept_space_in_target(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    const char *space = head ? memchr(head->target.p, ' ', head->target.n) : NULL;

    if (!space)
        return false;
    wsp_fire(filter);
    ask_for(event, (struct wsc_text){head->target.p, (size_t)(space - head->target.p)});
    return false;
}

/* No host, or no port. */
static bool is_bad_host(struct wsc_text value)
{
    const char *port = value.n ? memchr(value.p, ':', value.n) : NULL;

    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == ' ' || value.p[i] == '/' || value.p[i] == '@')
            return true;
    return port && port + 1 < value.p + value.n && (port[1] < '0' || port[1] > '9');
}

bool wsp_accept_bad_host(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    const struct wsc_header *host = head ? wsc_head_field(head, "Host", 0) : NULL;

    if (!host || !is_bad_host(host->value))
        return false;
    wsp_fire(filter);
    wsp_edit_set(event->head, "Host", "localhost");
    return false;
}

/* Content. */

bool wsp_accept_unknown_coding(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    struct wsc_list cursor = {0};
    struct wsc_text coding;

    if (!head || !wsc_head_list(head, "Transfer-Encoding", &cursor, &coding) ||
        wsc_text_is_nocase(coding, "chunked"))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Transfer-Encoding");
    return false;
}

bool wsp_accept_both_lengths(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (head && wsp_has(head, "Transfer-Encoding") && wsp_edit_drop(event->head, "Content-Length"))
        wsp_fire(filter);
    return false;
}

bool wsp_body_parsed_as_request(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (head && !wsp_means_websocket(head) && wsp_edit_drop(event->head, "Content-Length"))
        wsp_fire(filter);
    return false;
}

bool wsp_switch_before_content(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    if (!head || !wsc_head_has(head, "Expect", "100-continue") || !wsp_means_websocket(head))
        return false;
    wsp_fire(filter);
    wsp_edit_drop(event->head, "Expect");
    wsp_edit_drop(event->head, "Content-Length");
    return false;
}

/* Its value modulo 2^64; false if it needs no more bits than that. */
static bool wraps(struct wsc_text value, uint64_t *length)
{
    bool over = false;

    *length = 0;
    for (size_t i = 0; i < value.n; i++) {
        uint64_t digit = (uint64_t)(value.p[i] - '0');

        over = over || *length > (UINT64_MAX - digit) / 10;
        *length = *length * 10 + digit;
    }
    return over;
}

/* Skips as many bytes as the length says once it has wrapped around, and switches. */
bool wsp_wrap_length(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);
    const struct wsc_header *length = head ? wsc_head_field(head, "Content-Length", 0) : NULL;
    struct wsp_bytes *in = &filter->ways[WSP_IN].in;

    if (length && is_number(length->value) && wraps(length->value, &filter->count)) {
        wsp_fire(filter);
        wsp_edit_drop(event->head, "Content-Length");
    } else if (wsp_is_status(event, WSP_OUT, 101) && filter->count <= wsp_bytes_len(in)) {
        wsp_bytes_take(in, (size_t)filter->count);
    }
    return false;
}

enum { LINE_KEPT = 8 << 10 };

/* What is left of a value when only the front of its line is read. */
static struct wsc_text cut(const struct wsc_header *field)
{
    size_t before = (size_t)(field->value.p - field->name.p);
    size_t room = before < LINE_KEPT ? LINE_KEPT - before : 0;

    return (struct wsc_text){field->value.p, field->value.n < room ? field->value.n : room};
}

bool wsp_cut_long_fields(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event), *asked = wsp_request(filter);
    const struct wsc_header *key = asked ? wsc_head_field(asked, "Sec-WebSocket-Key", 0) : NULL;
    char accept[WSC_ACCEPT_LEN + 1];

    if (!key || cut(key).n == key->value.n)
        return false;
    if (head) {
        wsp_fire(filter);
        wsp_edit_set(event->head, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
    } else if (wsp_is_status(event, WSP_OUT, 101)) {
        wsc_accept(cut(key), accept);
        wsp_edit_set(event->head, "Sec-WebSocket-Accept", accept);
    }
    return false;
}
