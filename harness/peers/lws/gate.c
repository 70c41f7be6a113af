#include "gate.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { VALUE_MAX = 8192, ANSWER_MAX = 1024 };

struct answer {
    const char *status;     /* "404 Not Found" */
    const char *fields;     /* whole lines of its own */
    const char *connection; /* NULL: "close" */
    const char *body;
};

static const struct answer bad_request = {
    .status = "400 Bad Request", .fields = "", .body = "not an opening handshake\n"};
static const struct answer unauthorized = {
    .status = "401 Unauthorized",
    .fields = "WWW-Authenticate: Basic realm=\"" WSP_SITE_REALM "\"\r\n"
              "WWW-Authenticate: Bearer realm=\"" WSP_SITE_REALM "\"\r\n",
    .body = "credentials, please\n"};
static const struct answer moved = {
    .status = "302 Found", .fields = "Location: /\r\n", .body = "it has moved\n"};
static const struct answer forbidden = {
    .status = "403 Forbidden", .fields = "", .body = "not for pages of that site\n"};
static const struct answer not_found = {
    .status = "404 Not Found", .fields = "", .body = "nobody here\n"};
static const struct answer not_allowed = {
    .status = "405 Method Not Allowed", .fields = "Allow: GET, HEAD\r\n", .body = "GET, please\n"};
static const struct answer upgrade_required = {
    .status = "426 Upgrade Required",
    .fields = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    .connection = "close, upgrade",
    .body = "this is a WebSocket: version 13, please\n"};
static const struct answer welcome = {
    .status = "200 OK", .fields = "", .body = "wsproof-lws: an echo server for WebSocket\n"};

static bool has(struct lws *wsi, enum lws_token_indexes token)
{
    return lws_hdr_total_length(wsi, token) > 0;
}

/* The length of the value without white space behind it, 0 when it is absent or too long for the
 * buffer. */
static size_t value(struct lws *wsi, enum lws_token_indexes token, char out[VALUE_MAX])
{
    int n = lws_hdr_copy(wsi, out, VALUE_MAX, token);

    while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\t'))
        out[--n] = '\0';
    return n > 0 ? (size_t)n : 0;
}

static int send_answer(struct lws *wsi, const struct answer *answer)
{
    char buffer[LWS_PRE + ANSWER_MAX], *text = buffer + LWS_PRE;
    const char *body = has(wsi, WSI_TOKEN_HEAD_URI) ? "" : answer->body;
    int n = snprintf(text, ANSWER_MAX,
                     "HTTP/1.1 %s\r\n%sConnection: %s\r\nContent-Type: text/plain\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     answer->status, answer->fields,
                     answer->connection ? answer->connection : "close", strlen(answer->body), body);

    if (n < 0 || n >= ANSWER_MAX)
        return -1;
    return lws_write(wsi, (unsigned char *)text, (size_t)n, LWS_WRITE_HTTP_HEADERS) == n ? 0 : -1;
}

static int refuse(struct lws *wsi, const struct answer *answer)
{
    return send_answer(wsi, answer) == 0 ? 1 : -1;
}

bool wsp_lws_gate_place(struct lws *wsi, struct wsp_place *place)
{
    static const enum lws_token_indexes methods[] = {WSI_TOKEN_GET_URI, WSI_TOKEN_HEAD_URI};
    char target[VALUE_MAX];

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t n = value(wsi, methods[i], target);

        if (n > 0)
            return wsp_site_find(target, n, place);
    }
    return false;
}

/* A `name=value` out of a list. */
static bool lists_pair(struct lws *wsi, enum lws_token_indexes token, const char *separators,
                       const char *pair)
{
    char list[VALUE_MAX], *rest;

    if (value(wsi, token, list) == 0)
        return false;
    for (char *item = strtok_r(list, separators, &rest); item;
         item = strtok_r(NULL, separators, &rest))
        if (strcmp(item, pair) == 0)
            return true;
    return false;
}

/* By Authorization, a cookie or the query. */
static bool admitted(struct lws *wsi)
{
    char credentials[VALUE_MAX];

    return wsp_site_admits(credentials, value(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, credentials)) ||
           lists_pair(wsi, WSI_TOKEN_HTTP_COOKIE, "; ", "session=" WSP_SITE_TOKEN) ||
           lists_pair(wsi, WSI_TOKEN_HTTP_URI_ARGS, "&", "token=" WSP_SITE_TOKEN);
}

static bool is_welcome(struct lws *wsi)
{
    char origin[VALUE_MAX];

    return wsp_site_welcomes(origin, value(wsi, WSI_TOKEN_ORIGIN, origin));
}

/* What stands between anybody and the place; NULL: nothing. */
static const struct answer *turn_away(struct lws *wsi, const struct wsp_place *place)
{
    if (place->moved_to)
        return &moved;
    return place->guarded && !admitted(wsi) ? &unauthorized : NULL;
}

static bool is_http_1_1(struct lws *wsi)
{
    char version[VALUE_MAX];

    return value(wsi, WSI_TOKEN_HTTP, version) > 0 && strcmp(version, "HTTP/1.1") == 0;
}

static bool has_one_host(struct lws *wsi)
{
    return has(wsi, WSI_TOKEN_HOST) && lws_hdr_fragment_length(wsi, WSI_TOKEN_HOST, 1) == 0;
}

/* A key is the base64 of 16 bytes: 22 characters and two for padding. */
static bool has_key(struct lws *wsi)
{
    char key[VALUE_MAX];
    size_t n = value(wsi, WSI_TOKEN_KEY, key);

    return n == 24 &&
           strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") == 22 &&
           strcmp(key + 22, "==") == 0;
}

static bool has_version_13(struct lws *wsi)
{
    char version[VALUE_MAX];

    return value(wsi, WSI_TOKEN_VERSION, version) > 0 && strcmp(version, "13") == 0;
}

/* Is one of the words an element of the list? */
static bool lists(struct lws *wsi, enum lws_token_indexes token, const char *const *words,
                  int (*compare)(const char *, const char *))
{
    char list[VALUE_MAX], *rest;

    if (value(wsi, token, list) == 0)
        return false;
    for (char *item = strtok_r(list, ", \t", &rest); item; item = strtok_r(NULL, ", \t", &rest))
        for (size_t i = 0; words[i]; i++)
            if (compare(item, words[i]) == 0)
                return true;
    return false;
}

static bool wants_upgrade(struct lws *wsi)
{
    static const char *const option[] = {"upgrade", NULL};

    return lists(wsi, WSI_TOKEN_CONNECTION, option, strcasecmp);
}

/* The library hangs up without a word when it knows none of the names offered. */
static bool protocol_known(struct lws *wsi)
{
    return !has(wsi, WSI_TOKEN_PROTOCOL) ||
           lists(wsi, WSI_TOKEN_PROTOCOL, wsp_site_protocols, strcmp);
}

/* The library would read the content as frames. */
static bool has_content(struct lws *wsi)
{
    return has(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) || has(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING);
}

int wsp_lws_gate_upgrade(struct lws *wsi)
{
    const struct answer *refusal;
    struct wsp_place place;

    if (!has(wsi, WSI_TOKEN_GET_URI))
        return refuse(wsi, &not_allowed);
    if (!is_http_1_1(wsi) || !has_one_host(wsi) || has_content(wsi))
        return refuse(wsi, &bad_request);
    if (!wsp_lws_gate_place(wsi, &place))
        return refuse(wsi, &not_found);
    if (!has_version_13(wsi))
        return refuse(wsi, &upgrade_required);
    if (!wants_upgrade(wsi) || !has_key(wsi) || !protocol_known(wsi))
        return refuse(wsi, &bad_request);
    if (!is_welcome(wsi))
        return refuse(wsi, &forbidden);
    refusal = turn_away(wsi, &place);
    return refusal ? refuse(wsi, refusal) : 0;
}

static const struct answer *plain_answer(struct lws *wsi)
{
    const struct answer *refusal;
    struct wsp_place place;

    if (!has(wsi, WSI_TOKEN_GET_URI) && !has(wsi, WSI_TOKEN_HEAD_URI))
        return &not_allowed;
    if (!has_one_host(wsi) && is_http_1_1(wsi))
        return &bad_request;
    if (!wsp_lws_gate_place(wsi, &place))
        return &not_found;
    refusal = turn_away(wsi, &place);
    if (refusal)
        return refusal;
    return place.greeting || place.close_code || place.guarded ? &upgrade_required : &welcome;
}

int wsp_lws_gate_plain(struct lws *wsi)
{
    send_answer(wsi, plain_answer(wsi));
    return -1;
}
