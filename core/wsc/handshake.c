#include <string.h>

#include <openssl/evp.h>

#include <wsc/handshake.h>

#include "head_rules.h"

void wsc_key(const uint8_t nonce[16], char out[WSC_KEY_LEN + 1])
{
    EVP_EncodeBlock((unsigned char *)out, nonce, 16);
}

/* CR, LF and NUL inside a value count as SP (RFC 9110, section 5.5). */
static bool update(EVP_MD_CTX *ctx, struct wsc_text key)
{
    char part[64];
    bool good = true;
    for (size_t at = 0, n; good && at < key.n; at += n) {
        n = key.n - at < sizeof part ? key.n - at : sizeof part;
        for (size_t i = 0; i < n; i++) {
            char c = key.p[at + i];
            part[i] = c;
            if (c == '\0' || c == '\r' || c == '\n')
                part[i] = ' ';
        }
        good = EVP_DigestUpdate(ctx, part, n) == 1;
    }
    return good;
}

/* SHA-1 of the key and the GUID; false when libcrypto has no memory or no SHA-1. */
static bool digest(struct wsc_text key, unsigned char sum[20])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 && update(ctx, key) &&
                EVP_DigestUpdate(ctx, guid, sizeof guid - 1) == 1 &&
                EVP_DigestFinal_ex(ctx, sum, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

void wsc_accept(struct wsc_text key, char out[WSC_ACCEPT_LEN + 1])
{
    unsigned char sum[20];
    out[0] = '\0';
    if (digest(key, sum))
        EVP_EncodeBlock((unsigned char *)out, sum, sizeof sum);
}

bool wsc_key_valid(struct wsc_text key)
{
    unsigned char bytes[WSC_KEY_LEN / 4 * 3];
    char again[WSC_KEY_LEN + 1];
    if (key.n != WSC_KEY_LEN ||
        EVP_DecodeBlock(bytes, (const unsigned char *)key.p, WSC_KEY_LEN) < 0)
        return false;
    wsc_key(bytes, again);
    return wsc_text_is(key, again);
}

/* Text into a buffer of a given size; what does not fit is remembered, not written. */
struct writer {
    char *out;
    size_t size, at;
    bool full;
};

static void put(struct writer *w, const char *text, size_t n)
{
    if (n > w->size - w->at)
        w->full = true;
    if (w->full)
        return;
    memcpy(w->out + w->at, text, n);
    w->at += n;
}

static void put_string(struct writer *w, const char *text)
{
    put(w, text, strlen(text));
}

/* Nothing when the value is NULL. */
static void put_field(struct writer *w, const char *name, const char *value)
{
    if (value == NULL)
        return;
    put_string(w, name);
    put_string(w, ": ");
    put_string(w, value);
    put_string(w, "\r\n");
}

static size_t finish(struct writer *w)
{
    put_string(w, "\r\n");
    return w->full ? 0 : w->at;
}

size_t wsc_request_write(const struct wsc_request *request, char *out, size_t size)
{
    struct writer w = {.out = out, .size = size};
    put_string(&w, request->method != NULL ? request->method : "GET");
    put_string(&w, " ");
    put_string(&w, request->target);
    put_string(&w, " HTTP/1.1\r\n");
    put_field(&w, "Host", request->host);
    put_field(&w, "Upgrade", "websocket");
    put_field(&w, "Connection", "Upgrade");
    put_field(&w, "Sec-WebSocket-Key", request->key);
    put_field(&w, "Sec-WebSocket-Version", "13");
    put_field(&w, "Origin", request->origin);
    put_field(&w, "Sec-WebSocket-Protocol", request->protocols);
    put_field(&w, "Sec-WebSocket-Extensions", request->extensions);
    return finish(&w);
}

/* The first offered subprotocol that the server has. */
static const char *choose(const struct wsc_head *request, const char *const *protocols)
{
    struct wsc_list cursor = {0};
    struct wsc_text offer;
    while (protocols != NULL && wsc_head_list(request, "Sec-WebSocket-Protocol", &cursor, &offer))
        for (size_t i = 0; protocols[i] != NULL; i++)
            if (wsc_text_is(offer, protocols[i]))
                return protocols[i];
    return NULL;
}

static const char *reason_of(unsigned status)
{
    return status == 405   ? "Method Not Allowed"
           : status == 426 ? "Upgrade Required"
                           : "Bad Request";
}

static enum wsc_rule first_refusal(const struct wsc_head *request,
                                   const struct wsc_findings *findings)
{
    for (size_t i = 0; findings != NULL && i < findings->count; i++)
        if (wsc_rule_info(findings->list[i].rule)->close_code != 0)
            return findings->list[i].rule;
    return wsc_judge_request(request, NULL, NULL);
}

void wsc_server_answer(const struct wsc_head *request, const struct wsc_findings *findings,
                       const char *const *protocols, struct wsc_answer *answer)
{
    enum wsc_rule rule = first_refusal(request, findings);
    memset(answer, 0, sizeof *answer);
    if (rule == WSC_RULE_NONE) {
        answer->status = 101;
        answer->reason = "Switching Protocols";
        answer->protocol = choose(request, protocols);
        return;
    }
    answer->status = wsc_rule_info(rule)->close_code;
    answer->reason = reason_of(answer->status);
}

static void put_accepted(struct writer *w, const struct wsc_answer *answer,
                         const struct wsc_head *request)
{
    char accept[WSC_ACCEPT_LEN + 1];
    const struct wsc_header *key = wsc_head_field(request, "Sec-WebSocket-Key", 0);
    wsc_accept(key != NULL ? key->value : (struct wsc_text){"", 0}, accept);
    put_field(w, "Upgrade", "websocket");
    put_field(w, "Connection", "Upgrade");
    put_field(w, "Sec-WebSocket-Accept", accept);
    put_field(w, "Sec-WebSocket-Protocol", answer->protocol);
    put_field(w, "Sec-WebSocket-Extensions", answer->extensions);
}

static void put_refused(struct writer *w, const struct wsc_answer *answer)
{
    bool upgrade = answer->status == 426;
    put_field(w, "Connection", upgrade ? "Upgrade, close" : "close");
    put_field(w, "Content-Length", "0");
    put_field(w, "Allow", answer->status == 405 ? "GET" : NULL);
    put_field(w, "Upgrade", upgrade ? "websocket" : NULL);
    put_field(w, "Sec-WebSocket-Version", upgrade ? "13" : NULL);
}

size_t wsc_answer_write(const struct wsc_answer *answer, const struct wsc_head *request, char *out,
                        size_t size)
{
    struct writer w = {.out = out, .size = size};
    char status[] = {(char)('0' + answer->status / 100 % 10),
                     (char)('0' + answer->status / 10 % 10), (char)('0' + answer->status % 10), ' ',
                     '\0'};
    put_string(&w, "HTTP/1.1 ");
    put_string(&w, status);
    put_string(&w, answer->reason);
    put_string(&w, "\r\n");
    if (answer->status == 101)
        put_accepted(&w, answer, request);
    else
        put_refused(&w, answer);
    return finish(&w);
}
