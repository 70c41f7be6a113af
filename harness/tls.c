#include "tls_parts.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void failed(struct wsh_tls *tls)
{
    tls->state = WSH_TLS_FAILED;
    wsh_tls_explain(tls);
}

/* Does the library only want more bytes? */
static bool goes_on(struct wsh_tls *tls, int result)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return true;
    case SSL_ERROR_ZERO_RETURN:
        tls->closed = true;
        wsh_tls_close(tls); /* RFC 5246, section 7.2.1: the other side answers with its own */
        return true;
    default:
        failed(tls);
        return false;
    }
}

void wsh_tls_receive(struct wsh_tls *tls, const uint8_t *data, size_t len)
{
    size_t want = sizeof tls->begin - tls->begin_length;
    if (want > len)
        want = len;
    memcpy(tls->begin + tls->begin_length, data, want);
    tls->begin_length += want;
    if (tls->state != WSH_TLS_FAILED && BIO_write(tls->in, data, (int)len) != (int)len)
        failed(tls);
}

enum wsh_tls_state wsh_tls_shake(struct wsh_tls *tls)
{
    if (tls->state != WSH_TLS_SHAKING)
        return tls->state;
    ERR_clear_error();
    int result = SSL_do_handshake(tls->ssl);
    if (result == 1)
        tls->state = WSH_TLS_OPEN;
    else
        goes_on(tls, result);
    return tls->state;
}

enum wsh_tls_state wsh_tls_state(const struct wsh_tls *tls)
{
    return tls->state;
}

size_t wsh_tls_read(struct wsh_tls *tls, uint8_t *out, size_t size)
{
    size_t n = 0;
    if (tls->state != WSH_TLS_OPEN || tls->closed)
        return 0;
    ERR_clear_error();
    int result = SSL_read_ex(tls->ssl, out, size, &n);
    if (result != 1)
        goes_on(tls, result);
    return result == 1 ? n : 0;
}

size_t wsh_tls_write(struct wsh_tls *tls, const uint8_t *data, size_t len)
{
    size_t n = 0;
    if (tls->state != WSH_TLS_OPEN || tls->closing)
        return 0;
    ERR_clear_error();
    int result = SSL_write_ex(tls->ssl, data, len, &n);
    if (result != 1)
        goes_on(tls, result);
    return result == 1 ? n : 0;
}

/* The library's callback for each message of a handshake. */
static void watch(int sent, int version, int type, const void *message, size_t n, SSL *ssl,
                  void *tls)
{
    (void)version;
    (void)ssl;
    if (!sent && type == SSL3_RT_HANDSHAKE && n &&
        *(const uint8_t *)message == SSL3_MT_SERVER_HELLO)
        ((struct wsh_tls *)tls)->renewed = true;
}

bool wsh_tls_renegotiate(struct wsh_tls *tls)
{
    if (tls->state != WSH_TLS_OPEN || SSL_version(tls->ssl) >= TLS1_3_VERSION)
        return false;
    ERR_clear_error();
    SSL_set_msg_callback(tls->ssl, watch);
    SSL_set_msg_callback_arg(tls->ssl, tls);
    SSL_renegotiate(tls->ssl);
    int result = SSL_do_handshake(tls->ssl);
    if (result != 1)
        goes_on(tls, result);
    return true;
}

enum wsh_tls_renewal wsh_tls_renewal(const struct wsh_tls *tls)
{
    return tls->renewed                                   ? WSH_TLS_RENEWED
           : tls->state == WSH_TLS_FAILED && tls->refused ? WSH_TLS_DECLINED
                                                          : WSH_TLS_AWAITED;
}

void wsh_tls_close(struct wsh_tls *tls)
{
    if (tls->closing || tls->state != WSH_TLS_OPEN)
        return;
    tls->closing = true;
    ERR_clear_error();
    SSL_shutdown(tls->ssl); /* what it says does not matter: the peer's end shows in reading */
    ERR_clear_error();
}

bool wsh_tls_closed(const struct wsh_tls *tls)
{
    return tls->closed;
}

static bool refill(struct wsh_tls *tls)
{
    size_t n = BIO_ctrl_pending(tls->out);
    if (n == 0)
        return false;
    if (n > tls->room) {
        uint8_t *grown = realloc(tls->cipher, n);
        if (grown) {
            tls->cipher = grown;
            tls->room = n;
        }
    }
    if (n > tls->room) /* the rest when this was sent: what we say may not be lost */
        n = tls->room;
    int got = BIO_read(tls->out, tls->cipher, (int)n);
    tls->at = 0;
    tls->n = got > 0 ? (size_t)got : 0;
    return got > 0;
}

size_t wsh_tls_output(struct wsh_tls *tls, const uint8_t **bytes)
{
    if (tls->at == tls->n && !refill(tls))
        return 0;
    *bytes = tls->cipher + tls->at;
    return tls->n - tls->at;
}

void wsh_tls_sent(struct wsh_tls *tls, size_t len)
{
    tls->at += len < tls->n - tls->at ? len : tls->n - tls->at;
}

const char *wsh_tls_why(const struct wsh_tls *tls)
{
    return tls->why;
}

bool wsh_tls_refused(const struct wsh_tls *tls)
{
    return tls->refused;
}

bool wsh_tls_untrusted(const struct wsh_tls *tls)
{
    return tls->untrusted;
}
