#include "desk.h"

#include <stdio.h>
#include <string.h>
#include <wsc/handshake.h>

#include "date.h"

struct page {
    const char *status; /* "404 Not Found" */
    const char *fields; /* whole lines */
    bool upgrade;       /* Connection says so */
    const char *body;
};

static const struct page welcome = {"200 OK", "", false, "an echo server for WebSocket\n"};
static const struct page moved = {"302 Found", "Location: /\r\n", false, "it has moved\n"};
static const struct page bad_request = {"400 Bad Request", "", false, "this is no valid request\n"};
static const struct page unauthorized = {"401 Unauthorized",
                                         "WWW-Authenticate: Basic realm=\"" WSP_SITE_REALM "\"\r\n"
                                         "WWW-Authenticate: Bearer realm=\"" WSP_SITE_REALM
                                         "\"\r\n",
                                         false, "credentials, please\n"};
static const struct page forbidden = {"403 Forbidden", "", false, "not for pages of that site\n"};
static const struct page not_found = {"404 Not Found", "", false, "nobody here\n"};
static const struct page not_allowed = {"405 Method Not Allowed", "Allow: GET, HEAD\r\n", false,
                                        "GET, please\n"};
static const struct page too_long = {"414 URI Too Long", "", false, "a shorter target, please\n"};
static const struct page upgrade_required = {"426 Upgrade Required",
                                             "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                                             true, "this is a WebSocket: version 13, please\n"};
static const struct page too_large = {"431 Request Header Fields Too Large", "", false,
                                      "fewer fields, please\n"};
static const struct page not_implemented = {"501 Not Implemented", "", false,
                                            "this is not known here\n"};

void wsp_desk_open(struct wsp_desk *desk)
{
    *desk = (struct wsp_desk){.in = {.ceiling = 4 * WSP_HEAD_MAX},
                              .out = {.ceiling = 4 * WSP_HEAD_MAX}};
}

void wsp_desk_free(struct wsp_desk *desk)
{
    wsp_bytes_free(&desk->in);
    wsp_bytes_free(&desk->out);
}

/* The line of Date, empty without a clock (RFC 9110, section 6.6.1). */
static const char *date_line(const struct wsp_desk *desk, char out[64])
{
    char date[WSP_DATE_LEN + 1] = "";

    out[0] = '\0';
    if (desk->time == 0)
        return out;
    wsp_date(desk->time, date);
    snprintf(out, 64, "Date: %s\r\n", date);
    return out;
}

/* Writes an answer; `request` is NULL when it cannot be read.  Not to `keep` ends the dialogue. */
static void answer(struct wsp_desk *desk, const struct wsc_head *request, const struct page *page,
                   bool keep)
{
    bool head_only = request && wsc_text_is(request->method, "HEAD");
    char text[1024], date[64];
    int n =
        snprintf(text, sizeof text,
                 "HTTP/1.1 %s\r\n%s%sConnection: %s%s\r\nContent-Type: text/plain\r\n"
                 "Content-Length: %zu\r\n\r\n%s",
                 page->status, date_line(desk, date), page->fields, keep ? "keep-alive" : "close",
                 page->upgrade ? ", upgrade" : "", strlen(page->body), head_only ? "" : page->body);

    if (n > 0 && (size_t)n < sizeof text)
        wsp_bytes_add(&desk->out, text, (size_t)n);
    desk->done = !keep;
}

static bool has(const struct wsc_head *head, const char *name)
{
    return wsc_head_field(head, name, 0) != NULL;
}

static bool is_http_1_1(const struct wsc_head *head)
{
    return head->major == 1 && head->minor >= 1;
}

/* Upgrade means nothing in HTTP/1.0 (RFC 9110, section 7.8). */
static bool asks_for_websocket(const struct wsc_head *head)
{
    return is_http_1_1(head) && wsc_head_has(head, "Upgrade", "websocket");
}

/* Transfer-Encoding that we cannot follow, or that may be an attempt at smuggling (RFC
 * 9112, 6.1, 6.3). */
static const struct page *refuse_coding(const struct wsc_head *head)
{
    struct wsc_list cursor = {0};
    struct wsc_text coding;
    bool chunked = false, unknown = false;

    if (!has(head, "Transfer-Encoding"))
        return NULL;
    if (!is_http_1_1(head) || has(head, "Content-Length"))
        return &bad_request;
    while (wsc_head_list(head, "Transfer-Encoding", &cursor, &coding)) {
        unknown = unknown || chunked || !wsc_text_is_nocase(coding, "chunked");
        chunked = wsc_text_is_nocase(coding, "chunked");
    }
    if (!chunked)
        return &bad_request;
    return unknown ? &not_implemented : NULL;
}

/* Content-Length that leaves in doubt where the content ends. */
static bool unclear_length(const struct wsc_head *head)
{
    struct wsc_body body;

    wsc_body_of_request(&body, head);
    return body.broken;
}

/* What makes any request unfit, whatever it asks for. */
static const struct page *refuse_message(const struct wsc_head *head)
{
    const struct page *refusal;

    if (head->broken.rule != WSC_RULE_NONE && wsc_rule_info(head->broken.rule)->close_code != 0)
        return &bad_request;
    if (wsc_head_field(head, "Host", 1) || (is_http_1_1(head) && !has(head, "Host")))
        return &bad_request;
    refusal = refuse_coding(head);
    return refusal || !unclear_length(head) ? refusal : &bad_request;
}

static bool known_method(struct wsc_text method)
{
    static const char *const methods[] = {"POST",    "PUT",   "DELETE", "CONNECT",
                                          "OPTIONS", "TRACE", "PATCH"};

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (wsc_text_is(method, methods[i]))
            return true;
    return false;
}

static bool admitted(const struct wsc_head *head)
{
    const struct wsc_header *field = wsc_head_field(head, "Authorization", 0);

    return field && wsp_site_admits(field->value.p, field->value.n);
}

/* What stands between anybody and the place; NULL: nothing. */
static const struct page *turn_away(const struct wsc_head *head, const struct wsp_place *place)
{
    if (place->moved_to)
        return &moved;
    return place->guarded && !admitted(head) ? &unauthorized : NULL;
}

static bool is_welcome(const struct wsc_head *head)
{
    const struct wsc_header *origin = wsc_head_field(head, "Origin", 0);

    return !origin || wsp_site_welcomes(origin->value.p, origin->value.n);
}

static const struct page *plain_page(const struct wsc_head *head)
{
    const struct page *refusal;
    struct wsp_place place;

    if (!wsc_text_is(head->method, "GET") && !wsc_text_is(head->method, "HEAD"))
        return known_method(head->method) ? &not_allowed : &not_implemented;
    if (!wsp_site_find(head->target.p, head->target.n, &place))
        return &not_found;
    refusal = turn_away(head, &place);
    if (refusal)
        return refusal;
    return place.guarded || place.greeting || place.close_code ? &upgrade_required : &welcome;
}

/* A client that expects 100-continue may hold its content back for ever, so such a connection ends.
 */
static bool stays(const struct wsc_head *head)
{
    return is_http_1_1(head) && !wsc_head_has(head, "Connection", "close") && !has(head, "Expect");
}

static void answer_plain(struct wsp_desk *desk, const struct wsc_head *head)
{
    bool keep = stays(head);

    wsc_body_of_request(&desk->body, head);
    desk->in_body = desk->body.kind != WSC_BODY_NONE && !desk->body.done;
    answer(desk, head, plain_page(head), keep);
}

/* A head of the core's, with Date behind its status line. */
static void put_dated(struct wsp_desk *desk, const char *head, size_t len)
{
    const char *line_end = memchr(head, '\n', len);
    size_t first = line_end ? (size_t)(line_end - head) + 1 : len;
    char date[64];

    wsp_bytes_add(&desk->out, head, first);
    wsp_bytes_add_text(&desk->out, date_line(desk, date));
    wsp_bytes_add(&desk->out, head + first, len - first);
}

/* The answers that the core writes; a refusal of it says Connection: close. */
static void answer_handshake(struct wsp_desk *desk, const struct wsc_head *head,
                             const struct wsc_findings *findings)
{
    static const struct wsc_deflate_terms wish;
    struct wsc_answer choice;
    char text[1024], extensions[WSC_DEFLATE_TEXT];
    size_t n;

    wsc_server_answer(head, findings, wsp_site_protocols, &choice);
    desk->deflate = choice.status == 101 && wsc_deflate_choose(head, &wish, &desk->agreed);
    if (desk->deflate && wsc_deflate_write(&desk->agreed, extensions, sizeof extensions) > 0)
        choice.extensions = extensions;
    n = wsc_answer_write(&choice, head, text, sizeof text);
    if (n == 0) {
        answer(desk, head, &bad_request, false);
        return;
    }
    put_dated(desk, text, n);
    desk->upgraded = choice.status == 101;
    desk->done = !desk->upgraded;
}

static void answer_upgrade(struct wsp_desk *desk, const struct wsc_head *head)
{
    struct wsc_findings findings = {0};
    const struct page *refusal = NULL;

    if (!wsc_request_check(head, &findings))
        answer_handshake(desk, head, &findings);
    else if (!wsp_site_find(head->target.p, head->target.n, &desk->place))
        refusal = &not_found;
    else if (!is_welcome(head))
        refusal = &forbidden;
    else if (!(refusal = turn_away(head, &desk->place)))
        answer_handshake(desk, head, &findings);
    if (refusal)
        answer(desk, head, refusal, false);
}

static void answer_request(struct wsp_desk *desk, const struct wsc_head *head)
{
    const struct page *refusal = refuse_message(head);

    if (refusal)
        answer(desk, head, refusal, false);
    else if (asks_for_websocket(head))
        answer_upgrade(desk, head);
    else
        answer_plain(desk, head);
}

/* Both return true when they made progress. */
static bool skip_body(struct wsp_desk *desk)
{
    struct wsc_text content;
    size_t used =
        wsc_body_read(&desk->body, wsp_bytes_data(&desk->in), wsp_bytes_len(&desk->in), &content);

    wsp_bytes_take(&desk->in, used);
    if (desk->body.broken)
        desk->done = true; /* the end of this request cannot be found */
    if (desk->body.done)
        desk->in_body = false;
    return used > 0 || desk->body.done || desk->body.broken;
}

/* Does the request line end within what we read? */
static bool is_line_in(const uint8_t *data, size_t len)
{
    return memchr(data, '\n', len < WSP_HEAD_MAX ? len : WSP_HEAD_MAX) != NULL;
}

static bool read_head(struct wsp_desk *desk)
{
    const uint8_t *data = wsp_bytes_data(&desk->in);
    size_t len = wsp_bytes_len(&desk->in);
    struct wsc_head head;

    if (len <= WSP_HEAD_MAX && !wsp_bytes_line_ends(&desk->in, &desk->looked))
        return false;
    switch (wsc_http_request(data, len, WSP_HEAD_MAX, &head, NULL)) {
    case WSC_HTTP_MORE:
        return false;
    case WSC_HTTP_BROKEN:
        answer(desk, NULL, &bad_request, false);
        return true;
    case WSC_HTTP_LARGE:
        answer(desk, NULL, is_line_in(data, len) ? &too_large : &too_long, false);
        return true;
    case WSC_HTTP_DONE:
        answer_request(desk, &head);
        wsp_bytes_take(&desk->in, head.length);
        desk->looked = 0;
        return true;
    }
    return false;
}

void wsp_desk_receive(struct wsp_desk *desk, const uint8_t *data, size_t len)
{
    bool more = true;

    if (desk->done)
        return;
    wsp_bytes_add(&desk->in, data, len);
    while (more && !desk->done && !desk->upgraded)
        more = desk->in_body ? skip_body(desk) : read_head(desk);
    if (desk->done)
        wsp_bytes_clear(&desk->in);
}

void wsp_desk_ended(struct wsp_desk *desk)
{
    if (!desk->done && !desk->upgraded && !desk->in_body && wsp_bytes_len(&desk->in) > 0)
        answer(desk, NULL, &bad_request, false);
    desk->done = true;
}
