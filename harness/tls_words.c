#include "tls_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

int wsh_tls_index(void)
{
    static int index = -1;
    if (index < 0)
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

/* Names in certificates are the peer's text: only what can be seen goes into a sentence. */
static void make_visible(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text == 0x7f)
            *text = '?';
}

static void name_of(const X509_NAME *name, char *out, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int n = 0;
    if (bio && name &&
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0)
        n = BIO_read(bio, out, (int)size - 1);
    out[n > 0 ? n : 0] = '\0';
    make_visible(out);
    BIO_free(bio);
}

static void date_of(const ASN1_TIME *time, char *out, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int n = 0;
    if (bio && ASN1_TIME_print(bio, time))
        n = BIO_read(bio, out, (int)size - 1);
    out[n > 0 ? n : 0] = '\0';
    BIO_free(bio);
}

/* "a.test, b.test, 127.0.0.1", as much as there is room for. */
static void names_of(const X509 *certificate, char *out, size_t size)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    size_t at = 0;
    out[0] = '\0';
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && at < size; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const char *comma = at ? ", " : "";
        if (name->type == GEN_DNS)
            at += (size_t)snprintf(out + at, size - at, "%s%.*s", comma, name->d.dNSName->length,
                                   (const char *)name->d.dNSName->data);
        else if (name->type == GEN_IPADD && name->d.iPAddress->length == 4)
            at += (size_t)snprintf(out + at, size - at, "%s%u.%u.%u.%u", comma,
                                   name->d.iPAddress->data[0], name->d.iPAddress->data[1],
                                   name->d.iPAddress->data[2], name->d.iPAddress->data[3]);
        else if (name->type == GEN_IPADD)
            at += (size_t)snprintf(out + at, size - at, "%san IPv6 address", comma);
    }
    GENERAL_NAMES_free(names);
    make_visible(out);
}

static void expected_name(SSL *ssl, char *out, size_t size)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    char *ip = X509_VERIFY_PARAM_get1_ip_asc(param);
    const char *host = X509_VERIFY_PARAM_get0_host(param, 0);
    snprintf(out, size, "%s", ip ? ip : host ? host : "the target");
    OPENSSL_free(ip);
}

static void say_untrusted(struct wsh_tls *tls, X509_STORE_CTX *store)
{
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    int code = X509_STORE_CTX_get_error(store), depth = X509_STORE_CTX_get_error_depth(store);
    char subject[160] = "", issuer[160] = "", detail[320] = "", date[40] = "";
    const char *whose = depth > 0 ? "the certificate that signed it" : "the certificate";
    if (certificate) {
        name_of(X509_get_subject_name(certificate), subject, sizeof subject);
        name_of(X509_get_issuer_name(certificate), issuer, sizeof issuer);
    }
    if (code == X509_V_ERR_CERT_HAS_EXPIRED && certificate) {
        date_of(X509_get0_notAfter(certificate), date, sizeof date);
        snprintf(detail, sizeof detail, "%s has expired on %s", whose, date);
    } else if (code == X509_V_ERR_CERT_NOT_YET_VALID && certificate) {
        date_of(X509_get0_notBefore(certificate), date, sizeof date);
        snprintf(detail, sizeof detail, "%s is not valid before %s", whose, date);
    } else if ((code == X509_V_ERR_HOSTNAME_MISMATCH || code == X509_V_ERR_IP_ADDRESS_MISMATCH) &&
               certificate) {
        char names[160], wanted[128];
        names_of(certificate, names, sizeof names);
        expected_name(tls->ssl, wanted, sizeof wanted);
        snprintf(detail, sizeof detail, "it is not for %s but for %s", wanted,
                 *names ? names : "no name");
    } else if (code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
        snprintf(detail, sizeof detail, "it is signed by itself, and not one that we trust");
    } else if (code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
               code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
               code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN) {
        snprintf(detail, sizeof detail, "its issuer %s is unknown to us", issuer);
    } else {
        snprintf(detail, sizeof detail, "%s", X509_verify_cert_error_string(code));
    }
    tls->untrusted = true;
    snprintf(tls->why, sizeof tls->why, "the certificate of %s is not accepted: %s", subject,
             detail);
}

int wsh_tls_verify(int good, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct wsh_tls *tls = ssl ? SSL_get_ex_data(ssl, wsh_tls_index()) : NULL;
    if (!good && tls && !tls->untrusted)
        say_untrusted(tls, store);
    return good;
}

/* What the library says of a file that holds something else, or nothing that it can open. */
static const char *about_a_file(unsigned long code)
{
    if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_BAD_PASSWORD_READ)
        return "the key is encrypted: expected one without a pass phrase";
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == ERR_R_PEM_LIB)
        return "what is expected of it is not in it, as PEM";
    return NULL;
}

void wsh_tls_library_error(char *out, size_t size)
{
    unsigned long code = ERR_peek_last_error(), first = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code), *plain = about_a_file(code);
    if (ERR_GET_LIB(first) == ERR_LIB_SYS)
        snprintf(out, size, "%s", strerror(ERR_GET_REASON(first)));
    else if (plain)
        snprintf(out, size, "%s", plain);
    else if (reason)
        snprintf(out, size, "%s", reason);
    else
        snprintf(out, size, "unknown error %lx", code);
    ERR_clear_error();
}

/* A record of TLS begins with its type, 20 to 24, and version 3. */
static bool began_with_tls(const struct wsh_tls *tls)
{
    return tls->begin_length < 3 ||
           (tls->begin[0] >= 20 && tls->begin[0] <= 24 && tls->begin[1] == 3);
}

static void quote_begin(const struct wsh_tls *tls, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < tls->begin_length && at + 5 < size; i++) {
        uint8_t byte = tls->begin[i];
        bool seen = byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';
        at += (size_t)snprintf(out + at, size - at, seen ? "%c" : "\\x%02x", byte);
    }
    out[at] = '\0';
}

/* Two of TLS 1.3 that the library has no words for. */
static const char *alert_name(int alert)
{
    return alert == SSL_AD_CERTIFICATE_REQUIRED ? "certificate required"
           : alert == SSL_AD_MISSING_EXTENSION  ? "missing extension"
                                                : SSL_alert_desc_string_long(alert);
}

void wsh_tls_explain(struct wsh_tls *tls)
{
    unsigned long code = ERR_peek_error();
    int reason = ERR_GET_REASON(code);
    char text[200];
    if (tls->untrusted) {
        ERR_clear_error();
        return;
    }
    if (!began_with_tls(tls)) {
        quote_begin(tls, text, sizeof text);
        snprintf(tls->why, sizeof tls->why, "what came is no TLS: it begins with \"%s\"", text);
    } else if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET) {
        snprintf(tls->why, sizeof tls->why, "the peer sent the alert \"%s\"",
                 alert_name(reason - SSL_AD_REASON_OFFSET));
        tls->refused = true;
    } else if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason == SSL_R_NO_RENEGOTIATION) {
        snprintf(tls->why, sizeof tls->why, "the peer sent the alert \"no renegotiation\"");
        tls->refused = true;
    } else if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason == SSL_R_WRONG_VERSION_NUMBER) {
        snprintf(tls->why, sizeof tls->why, "what came is no record of TLS");
        ERR_clear_error();
    } else {
        wsh_tls_library_error(tls->why, sizeof tls->why);
    }
    ERR_clear_error();
}
