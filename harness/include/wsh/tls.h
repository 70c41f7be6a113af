/* wsh/tls.h - TLS over bytes that somebody else carries.
 *
 * One connection's cipher stream on one side, its plain stream on the other, and no socket: what
 * came is handed in, what is to be sent is asked for.  How the transport or the peer's records cut
 * the streams changes nothing.
 *
 *     wsh_tls_receive(tls, bytes, n);
 *     if (wsh_tls_shake(tls) == WSH_TLS_OPEN)
 *         while ((n = wsh_tls_read(tls, plain, sizeof plain)) > 0) …
 *     while ((n = wsh_tls_output(tls, &bytes)) > 0) …send some, then wsh_tls_sent(tls, some)…
 */
#ifndef WSH_TLS_H
#define WSH_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wss/stepper.h>

struct wsh_tls_setup {
    const char *ca;   /* file of certificates to trust, in place of the system's; NULL */
    bool insecure;    /* accept any certificate */
    const char *name; /* to ask for, and to expect in the certificate */
    bool address;     /* name is an IP address: expected, not asked for (RFC 6066, section 3) */
    const char *sni;  /* to ask for and to expect in place of name; NULL */
    const char *certificate, *key; /* files, PEM: ours; NULL: none */
    unsigned min, max;             /* 10 to 13: TLS 1.0 to 1.3; 0: the library's choice */
};

struct wsh_tls_context; /* what the connections of a side share */

/* NULL, and a sentence in error that says which file or option is wrong and why. */
struct wsh_tls_context *wsh_tls_client(const struct wsh_tls_setup *setup, char *error, size_t size);
/* `certificate` NULL: one is made, for localhost, and signs itself. */
struct wsh_tls_context *wsh_tls_server(const char *certificate, const char *key, char *error,
                                       size_t size);
void wsh_tls_context_free(struct wsh_tls_context *context);

struct wsh_tls;

/* A connection of that side, which has something to send if it is the client's.  What `how` says
 * goes before the setup; NULL: nothing.  NULL when memory ends. */
struct wsh_tls *wsh_tls_new(struct wsh_tls_context *context, const struct wss_how *how);
void wsh_tls_free(struct wsh_tls *tls);

enum wsh_tls_state { WSH_TLS_SHAKING, WSH_TLS_OPEN, WSH_TLS_FAILED };

/* Bytes of the peer; copied. */
void wsh_tls_receive(struct wsh_tls *tls, const uint8_t *data, size_t len);
/* Goes on with the handshake as far as the bytes reach. */
enum wsh_tls_state wsh_tls_shake(struct wsh_tls *tls);
enum wsh_tls_state wsh_tls_state(const struct wsh_tls *tls);
/* Plain bytes; 0: none for now, or for ever: it may have failed. */
size_t wsh_tls_read(struct wsh_tls *tls, uint8_t *out, size_t size);
/* Takes so many plain bytes; 0: none for now (the peer is renegotiating), or it has failed. */
size_t wsh_tls_write(struct wsh_tls *tls, const uint8_t *data, size_t len);
/* Our closure alert, once. */
void wsh_tls_close(struct wsh_tls *tls);
/* The peer's closure alert has come: nothing follows it, and no more is to be written. */
bool wsh_tls_closed(const struct wsh_tls *tls);

/* Asks the server for a new handshake on the open connection; false: TLS 1.3 knows none. */
bool wsh_tls_renegotiate(struct wsh_tls *tls);
enum wsh_tls_renewal {
    WSH_TLS_AWAITED, /* nothing speaks for the one or the other yet */
    WSH_TLS_RENEWED, /* the server has begun it */
    WSH_TLS_DECLINED /* by an alert: the library then gives the connection up */
};
enum wsh_tls_renewal wsh_tls_renewal(const struct wsh_tls *tls);

/* What is to be sent; it stays where it is until it was sent. */
size_t wsh_tls_output(struct wsh_tls *tls, const uint8_t **bytes);
void wsh_tls_sent(struct wsh_tls *tls, size_t len);

/* After a failure: a sentence without a full stop. */
const char *wsh_tls_why(const struct wsh_tls *tls);
/* The failure is the peer's alert.  With TLS 1.3 it may refuse us when the handshake is done for
 * us.
 */
bool wsh_tls_refused(const struct wsh_tls *tls);
/* The failure is ours: the peer's certificate is not accepted. */
bool wsh_tls_untrusted(const struct wsh_tls *tls);

#endif
