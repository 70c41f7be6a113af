#include "relay_parts.h"

#include <stdio.h>
#include <string.h>
#include <wsc/http.h>

enum { ANSWER_MAX = 16 << 10 };

static void try_next(struct wsh_pair *pair, int status);

static void on_connect(uv_connect_t *request, int status)
{
    struct wsh_end *end = request->handle->data;
    struct wsh_pair *pair = end->pair;
    if (pair->over)
        return;
    if (status != 0) {
        try_next(pair, status);
        return;
    }
    pair->relay->uv->good_address = pair->address;
    if (end->uv.handle.type == UV_TCP)
        uv_tcp_nodelay(&end->uv.tcp, 1);
    wsh_pair_joined(pair);
}

void wsh_pair_connect(struct wsh_pair *pair)
{
    const struct wsh_uv *uv = pair->relay->uv;
    if (uv->socket_path) {
        uv_pipe_connect(&pair->connect, &pair->server.uv.pipe, uv->socket_path, on_connect);
        return;
    }
    const struct sockaddr *address = (const struct sockaddr *)&uv->addresses[pair->address];
    pair->tried++;
    int status = uv_tcp_connect(&pair->connect, &pair->server.uv.tcp, address, on_connect);
    if (status != 0)
        wsh_pair_lose(pair, uv_strerror(status));
}

/* libuv takes a second try on the same handle only once it has no socket. */
static void on_closed_for_next(uv_handle_t *handle)
{
    struct wsh_end *end = handle->data;
    struct wsh_pair *pair = end->pair;
    pair->relay->handles--;
    pair->handles--;
    end->closing = false;
    if (pair->over) {
        if (pair->handles == 0)
            wsh_pair_free(pair);
        return;
    }
    if (wsh_end_init(pair, end, end->other))
        wsh_pair_connect(pair);
    else
        wsh_pair_lose(pair, "out of memory or file descriptors");
}

static void try_next(struct wsh_pair *pair, int status)
{
    const struct wsh_uv *uv = pair->relay->uv;
    if (uv->socket_path || pair->tried >= uv->address_count) {
        wsh_pair_lose(pair, uv_strerror(status));
        return;
    }
    pair->address = (pair->address + 1) % uv->address_count;
    pair->server.closing = true;
    uv_close(&pair->server.uv.handle, on_closed_for_next);
}

/* ---- the proxy ---- */

size_t wsh_pair_ask(const struct wsh_pair *pair, const uint8_t **bytes)
{
    const char *left = pair->relay->uv->proxy_request + pair->asked;
    *bytes = (const uint8_t *)left;
    return strlen(left);
}

void wsh_pair_answered(struct wsh_pair *pair, const char *bytes, size_t n)
{
    struct wsc_head head;
    char why[60];
    size_t before = pair->answer.n;
    wsn_put(&pair->answer, bytes, n);
    if (pair->answer.full) {
        wsh_pair_lose(pair, "out of memory");
        return;
    }
    enum wsc_http result =
        wsc_http_response((const uint8_t *)pair->answer.p, pair->answer.n, ANSWER_MAX, &head, NULL);
    if (result == WSC_HTTP_MORE)
        return;
    if (result != WSC_HTTP_DONE || head.status < 200 || head.status > 299) {
        if (result == WSC_HTTP_DONE)
            snprintf(why, sizeof why, "the proxy answered %u", head.status);
        wsh_pair_lose(pair, result == WSC_HTTP_DONE ? why : "the proxy's answer is no HTTP");
        return;
    }
    size_t used = head.length - before;
    pair->asking = false;
    wsh_end_flush(&pair->server); /* what waited until now */
    if (!pair->over && used < n)
        wsh_end_said(&pair->server, bytes + used, n - used);
}
