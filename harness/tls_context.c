#include "tls_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int version_of(unsigned version)
{
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    return version >= 10 && version <= 13 ? versions[version - 10] : 0;
}

static struct wsh_tls_context *context_new(bool server)
{
    struct wsh_tls_context *context = calloc(1, sizeof *context);
    if (!context)
        return NULL;
    context->server = server;
    context->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!context->ctx) {
        free(context);
        return NULL;
    }
    SSL_CTX_set_mode(context->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context->ctx, SSL_SESS_CACHE_OFF);
    return context;
}

void wsh_tls_context_free(struct wsh_tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ctx);
    free(context->name);
    free(context->sni);
    free(context);
}

static struct wsh_tls_context *wrong(struct wsh_tls_context *context, const char *what,
                                     const char *file, char *error, size_t size)
{
    char why[200];
    wsh_tls_library_error(why, sizeof why);
    snprintf(error, size, "%s%s%s: %s", what, file ? " " : "", file ? file : "", why);
    wsh_tls_context_free(context);
    return NULL;
}

static bool trust(struct wsh_tls_context *context, const struct wsh_tls_setup *setup)
{
    SSL_CTX_set_verify(context->ctx, setup->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                       setup->insecure ? NULL : wsh_tls_verify);
    if (setup->ca)
        return SSL_CTX_load_verify_file(context->ctx, setup->ca) == 1;
    return setup->insecure || SSL_CTX_set_default_verify_paths(context->ctx) == 1;
}

/* What is older than TLS 1.2 is signed with SHA-1, which the library only speaks at level 0. */
static bool limit_versions(struct wsh_tls_context *context, const struct wsh_tls_setup *setup)
{
    unsigned oldest = setup->min ? setup->min : setup->max;
    if (oldest && oldest < 12)
        SSL_CTX_set_security_level(context->ctx, 0);
    int min = setup->min || oldest < 12 ? version_of(oldest) : 0;
    return (!min || SSL_CTX_set_min_proto_version(context->ctx, min) == 1) &&
           (!setup->max ||
            SSL_CTX_set_max_proto_version(context->ctx, version_of(setup->max)) == 1);
}

/* Nobody is asked for a pass phrase: a gate has nobody who would answer. */
static int no_pass_phrase(char *out, int size, int writing, void *asked)
{
    (void)out;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static bool use_key(SSL_CTX *ctx, const char *key)
{
    bool asked = false;
    SSL_CTX_set_default_passwd_cb(ctx, no_pass_phrase);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, &asked);
    bool good = SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
                SSL_CTX_check_private_key(ctx) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
    if (!good && asked)
        ERR_raise(ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ);
    return good;
}

/* The file that cannot be used; NULL: both can. */
static const char *own(struct wsh_tls_context *context, const char *certificate, const char *key)
{
    if (SSL_CTX_use_certificate_chain_file(context->ctx, certificate) != 1)
        return certificate;
    return use_key(context->ctx, key) ? NULL : key;
}

static char *copy(const char *text)
{
    size_t n = text ? strlen(text) + 1 : 0;
    char *out = n ? malloc(n) : NULL;
    return out ? memcpy(out, text, n) : NULL;
}

struct wsh_tls_context *wsh_tls_client(const struct wsh_tls_setup *setup, char *error, size_t size)
{
    static const unsigned char alpn[] = "\x08http/1.1";
    ERR_clear_error();
    struct wsh_tls_context *context = context_new(false);
    if (!context)
        return wrong(NULL, "TLS cannot be set up", NULL, error, size);
    context->name = copy(setup->name);
    context->sni = copy(setup->sni);
    context->address = setup->address;
    if (!trust(context, setup))
        return wrong(context, "the certificates to trust cannot be read from",
                     setup->ca ? setup->ca : "the system's folder", error, size);
    if (!limit_versions(context, setup))
        return wrong(context, "the library does not speak these versions of TLS", NULL, error,
                     size);
    const char *bad = setup->certificate ? own(context, setup->certificate, setup->key) : NULL;
    if (bad)
        return wrong(context, "our certificate and key cannot be used:", bad, error, size);
    SSL_CTX_set_alpn_protos(context->ctx, alpn, sizeof alpn - 1);
    return context;
}

/* Whoever does not offer http/1.1 gets no ALPN: the library's default. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *length,
                           const unsigned char *in, unsigned in_length, void *unused)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;
    (void)ssl;
    (void)unused;
    if (SSL_select_next_proto(&chosen, length, ours, sizeof ours - 1, in, in_length) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

struct wsh_tls_context *wsh_tls_server(const char *certificate, const char *key, char *error,
                                       size_t size)
{
    ERR_clear_error();
    struct wsh_tls_context *context = context_new(true);
    if (!context)
        return wrong(NULL, "TLS cannot be set up", NULL, error, size);
    const char *bad = certificate                             ? own(context, certificate, key)
                      : wsh_tls_own_certificate(context->ctx) ? NULL
                                                              : "our own";
    if (bad)
        return wrong(context, "the certificate and key cannot be used:", bad, error, size);
    SSL_CTX_set_alpn_select_cb(context->ctx, choose_protocol, NULL);
    return context;
}

/* ---- a connection of it ---- */

static void expect_name(struct wsh_tls_context *context, SSL *ssl, const char *sni)
{
    const char *name = context->sni ? context->sni : context->name;
    char *asked = copy(sni ? sni : name); /* the library's macro wants it unqualified */
    if (asked && (sni || !context->address || context->sni))
        SSL_set_tlsext_host_name(ssl, asked);
    free(asked);
    if (context->address && !context->sni)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
    else
        SSL_set1_host(ssl, name);
    if (sni && (!context->address || context->sni))
        SSL_add1_host(ssl, sni); /* the one or the other: which it chose is its own affair */
}

/* `h2,http/1.1`, as TLS writes it: a length before each name. */
static void offer(SSL *ssl, const char *names)
{
    unsigned char *list = malloc(strlen(names) + 1);
    size_t at = 0;
    for (const char *p = names; list;) {
        size_t n = strcspn(p, ",");
        list[at] = (unsigned char)n;
        memcpy(list + at + 1, p, n);
        if (!p[n]) {
            SSL_set_alpn_protos(ssl, list, (unsigned)(at + 1 + n));
            break;
        }
        at += n + 1;
        p += n + 1;
    }
    free(list);
}

static void prepare(struct wsh_tls_context *context, SSL *ssl, const struct wss_how *how)
{
    const char *sni = how ? how->sni : NULL;
    unsigned max = how ? how->max_tls : 0;
    if (context->server) {
        SSL_set_accept_state(ssl);
        return;
    }
    SSL_set_connect_state(ssl);
    if (context->name)
        expect_name(context, ssl, sni);
    if (how && how->alpn)
        offer(ssl, how->alpn);
    if (max && max < 12) {
        SSL_set_security_level(ssl, 0);
        SSL_set_min_proto_version(ssl, version_of(max));
    }
    if (max)
        SSL_set_max_proto_version(ssl, version_of(max));
}

struct wsh_tls *wsh_tls_new(struct wsh_tls_context *context, const struct wss_how *how)
{
    enum { ROOM = 1024 }; /* of what is to be sent, at least */
    struct wsh_tls *tls = calloc(1, sizeof *tls);
    if (!tls)
        return NULL;
    tls->ssl = SSL_new(context->ctx);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    tls->cipher = malloc(ROOM);
    tls->room = ROOM;
    if (!tls->ssl || !tls->in || !tls->out || !tls->cipher) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        SSL_free(tls->ssl);
        free(tls->cipher);
        free(tls);
        return NULL;
    }
    BIO_set_mem_eof_return(tls->in, -1); /* empty is not the end */
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_ex_data(tls->ssl, wsh_tls_index(), tls);
    prepare(context, tls->ssl, how);
    if (!context->server)
        wsh_tls_shake(tls);
    return tls;
}

void wsh_tls_free(struct wsh_tls *tls)
{
    if (!tls)
        return;
    SSL_free(tls->ssl);
    free(tls->cipher);
    free(tls);
}
