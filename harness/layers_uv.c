#include "uv_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/http.h>

enum { ANSWER_MAX = 16 << 10, PIECE_MAX = 65536 };

static void receive_tls(struct wsh_conn *conn, uint8_t *data, size_t len);

/* ---- upwards ---- */

static void connected(struct wsh_conn *conn)
{
    conn->stage = WSH_AWAIT_DATA;
    wss_connected(conn->attempt->run, conn->id, wsh_uv_now());
}

static bool wants_tls(const struct wsh_conn *conn)
{
    return conn->how.transport == WSS_AS_TARGET ? conn->attempt->uv->tls_wanted
                                                : conn->how.transport == WSS_TLS;
}

static void begin_tls(struct wsh_conn *conn)
{
    struct wsh_tls_context *context = conn->attempt->uv->tls;
    if (!context) {
        wsh_conn_refused(conn, WSS_UNREACHABLE, "TLS is only spoken with a wss:// target");
        return;
    }
    conn->tls = wsh_tls_new(context, &conn->how);
    conn->stage = WSH_AWAIT_TLS;
    if (!conn->tls || wsh_tls_state(conn->tls) == WSH_TLS_FAILED)
        wsh_conn_refused(conn, WSS_UNREACHABLE,
                         conn->tls ? wsh_tls_why(conn->tls) : "out of memory");
}

static void behind_proxy(struct wsh_conn *conn)
{
    if (wants_tls(conn))
        begin_tls(conn);
    else
        connected(conn);
}

void wsh_layers_begin(struct wsh_conn *conn)
{
    if (conn->attempt->uv->proxy_request)
        conn->stage = WSH_AWAIT_PROXY;
    else
        behind_proxy(conn);
}

/* ---- the proxy ---- */

static void proxy_says_no(struct wsh_conn *conn, const struct wsc_head *head)
{
    char why[120];
    snprintf(why, sizeof why, "the proxy answered %u", head->status);
    wsh_conn_refused(conn, WSS_UNREACHABLE, why);
}

static void receive_proxy(struct wsh_conn *conn, uint8_t *data, size_t len)
{
    struct wsc_head head;
    char *grown = realloc(conn->answer, conn->answer_length + len);
    if (!grown) {
        wsh_conn_refused(conn, WSS_UNREACHABLE, "out of memory");
        return;
    }
    size_t before = conn->answer_length;
    memcpy(grown + before, data, len);
    conn->answer = grown;
    conn->answer_length += len;
    wss_moved(conn->attempt->run, wsh_uv_now());
    enum wsc_http result = wsc_http_response((const uint8_t *)conn->answer, conn->answer_length,
                                             ANSWER_MAX, &head, NULL);
    if (result == WSC_HTTP_MORE)
        return;
    if (result != WSC_HTTP_DONE) {
        wsh_conn_refused(conn, WSS_UNREACHABLE, "the proxy's answer is no HTTP");
    } else if (head.status < 200 || head.status > 299) {
        proxy_says_no(conn, &head);
    } else {
        size_t used = head.length - before;
        behind_proxy(conn);
        if (conn->attempt && used < len)
            wsh_layers_receive(conn, data + used, len - used);
    }
}

/* ---- TLS ---- */

static void garbled(struct wsh_conn *conn)
{
    conn->failed = conn->garbled = true;
    wss_garbled(conn->attempt->run, conn->id, wsh_tls_why(conn->tls), wsh_uv_now());
}

static void tell_renewal(struct wsh_conn *conn)
{
    enum wsh_tls_renewal renewal =
        conn->renegotiating ? wsh_tls_renewal(conn->tls) : WSH_TLS_AWAITED;
    if (renewal == WSH_TLS_AWAITED)
        return;
    bool declined = renewal == WSH_TLS_DECLINED;
    conn->renegotiating = false;
    conn->failed = conn->garbled = declined; /* the library is done with it */
    wss_renegotiated(conn->attempt->run, conn->id, declined ? WSS_DECLINED : WSS_RENEWED,
                     wsh_tls_why(conn->tls), wsh_uv_now());
}

static void read_tls(struct wsh_conn *conn)
{
    struct wsh_uv *uv = conn->attempt->uv;
    uint8_t *plain = (uint8_t *)uv->read_buffer; /* TLS has its own copy of what came */
    size_t n;
    while ((n = wsh_tls_read(conn->tls, plain, sizeof uv->read_buffer)) > 0) {
        conn->heard = true;
        wss_received(conn->attempt->run, conn->id, plain, n, wsh_uv_now());
    }
    tell_renewal(conn);
    if (wsh_tls_state(conn->tls) != WSH_TLS_FAILED || conn->garbled)
        return;
    if (wsh_tls_refused(conn->tls) && !conn->heard)
        wsh_conn_refused(conn, WSS_DENIED, wsh_tls_why(conn->tls));
    else
        garbled(conn);
}

static void receive_tls(struct wsh_conn *conn, uint8_t *data, size_t len)
{
    wsh_tls_receive(conn->tls, data, len);
    if (conn->stage == WSH_AWAIT_TLS) {
        wss_moved(conn->attempt->run, wsh_uv_now());
        switch (wsh_tls_shake(conn->tls)) {
        case WSH_TLS_SHAKING:
            return;
        case WSH_TLS_FAILED:
            wsh_conn_refused(conn, wsh_tls_untrusted(conn->tls) ? WSS_UNTRUSTED : WSS_DENIED,
                             wsh_tls_why(conn->tls));
            return;
        case WSH_TLS_OPEN:
            connected(conn);
            break;
        }
    }
    read_tls(conn);
}

void wsh_layers_receive(struct wsh_conn *conn, uint8_t *data, size_t len)
{
    if (conn->stage == WSH_AWAIT_PROXY)
        receive_proxy(conn, data, len);
    else if (conn->tls)
        receive_tls(conn, data, len);
    else
        wss_received(conn->attempt->run, conn->id, data, len, wsh_uv_now());
}

void wsh_layers_ended(struct wsh_conn *conn, bool reset)
{
    enum wss_ending ending = reset ? WSS_RST : WSS_FIN;
    if (conn->stage == WSH_AWAIT_PROXY) {
        wsh_conn_refused(conn, WSS_UNREACHABLE, "the proxy ended the connection");
    } else if (conn->stage == WSH_AWAIT_TLS) {
        wsh_conn_refused(conn, WSS_DENIED, "the peer ended the connection in the TLS handshake");
    } else {
        if (conn->tls && !wsh_tls_closed(conn->tls) && !reset)
            ending = WSS_CUT;
        wss_ended(conn->attempt->run, conn->id, ending, wsh_uv_now());
    }
}

/* ---- downwards ---- */

static size_t output_tls(struct wsh_conn *conn, const uint8_t *plain, size_t len,
                         const uint8_t **bytes)
{
    size_t n = wsh_tls_output(conn->tls, bytes);
    if (n > 0 || conn->stage != WSH_AWAIT_DATA || len == 0)
        return n;
    conn->sealed = wsh_tls_write(conn->tls, plain, len < PIECE_MAX ? len : PIECE_MAX);
    return wsh_tls_output(conn->tls, bytes);
}

size_t wsh_layers_output(struct wsh_conn *conn, const uint8_t *plain, size_t len,
                         const uint8_t **bytes)
{
    if (conn->stage == WSH_AWAIT_PROXY) {
        const char *request = conn->attempt->uv->proxy_request;
        *bytes = (const uint8_t *)request + conn->asked;
        return strlen(request) - conn->asked;
    }
    if (conn->tls)
        return output_tls(conn, plain, len, bytes);
    *bytes = plain;
    return conn->stage == WSH_AWAIT_DATA ? len : 0;
}

size_t wsh_layers_sent(struct wsh_conn *conn, size_t len)
{
    const uint8_t *left;
    if (conn->stage == WSH_AWAIT_PROXY) {
        conn->asked += len;
        return 0;
    }
    if (!conn->tls)
        return len;
    wsh_tls_sent(conn->tls, len);
    if (wsh_tls_output(conn->tls, &left) > 0)
        return 0;
    size_t done = conn->sealed;
    conn->sealed = 0;
    return done;
}

void wsh_layers_renegotiate(struct wsh_conn *conn)
{
    struct wss_run *run = conn->attempt->run;
    if (!conn->tls)
        wss_renegotiated(run, conn->id, WSS_IN_CLEAR, NULL, wsh_uv_now());
    else if (wsh_tls_renegotiate(conn->tls))
        conn->renegotiating = true;
    else
        wss_renegotiated(run, conn->id, WSS_DECLINED, "TLS 1.3 knows none", wsh_uv_now());
}

void wsh_layers_shut(struct wsh_conn *conn)
{
    if (conn->tls)
        wsh_tls_close(conn->tls);
}

void wsh_layers_free(struct wsh_conn *conn)
{
    wsh_tls_free(conn->tls);
    free(conn->answer);
}
