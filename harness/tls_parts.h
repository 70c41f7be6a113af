/* tls_parts.h - what the files behind wsh/tls.h share.
 *
 * tls_context.c reads the options and files; tls.c carries a connection; tls_words.c says what went
 * wrong; tls_own.c makes a certificate.
 */
#ifndef WSH_TLS_PARTS_H
#define WSH_TLS_PARTS_H

#include <openssl/ssl.h>
#include <wsh/tls.h>

struct wsh_tls_context {
    SSL_CTX *ctx;
    bool server;
    char *name, *sni; /* copies */
    bool address;
};

enum { WSH_TLS_WHY = 700, WSH_TLS_BEGIN = 5 };

struct wsh_tls {
    SSL *ssl;
    BIO *in, *out; /* the SSL's */
    enum wsh_tls_state state;
    uint8_t *cipher; /* to be sent: [at, n) */
    size_t at, n, room;
    uint8_t begin[WSH_TLS_BEGIN]; /* the first bytes that came */
    size_t begin_length;
    bool closing, closed, untrusted, refused, renewed;
    char why[WSH_TLS_WHY];
};

/* tls_words.c */
int wsh_tls_verify(int good, X509_STORE_CTX *store); /* the library's callback */
int wsh_tls_index(void);                             /* of the struct wsh_tls in an SSL */
/* The failure at hand, from the library's error queue, which is empty then. */
void wsh_tls_explain(struct wsh_tls *tls);
void wsh_tls_library_error(char *out, size_t size);

/* tls_own.c: a key and a certificate for localhost that signs itself; false when it cannot. */
bool wsh_tls_own_certificate(SSL_CTX *ctx);

#endif
