/* wsc/handshake.h - the opening handshake, both roles.
 *
 * RFC 6455, section 4.  Writes the plain valid request and the answers of a strict server, and names the
 * rules that a request or a response breaks.
 */
#ifndef WSC_HANDSHAKE_H
#define WSC_HANDSHAKE_H

#include <wsc/http.h>

enum { WSC_KEY_LEN = 24, WSC_ACCEPT_LEN = 28 };

/* base64 of 16 random bytes given by the caller; terminated. */
void wsc_key(const uint8_t nonce[16], char out[WSC_KEY_LEN + 1]);

/* Sec-WebSocket-Accept for a key of any length, as received and trimmed (section 4.2.2, 5.4); terminated.
 * CR, LF and NUL inside it count as SP (RFC 9110, section 5.5).  Empty when libcrypto has no memory or no SHA-1. */
void wsc_accept(struct wsc_text key, char out[WSC_ACCEPT_LEN + 1]);

/* Does the value decode (canonical base64) to 16 bytes?  wsc_request_check asks for the form only: pad bits
 * that are not zero, as in the RFC's own example (erratum 3150), are no ground to refuse. */
bool wsc_key_valid(struct wsc_text key);

struct wsc_request {
    const char *method;     /* NULL: GET */
    const char *target;     /* "/chat?x=1" */
    const char *host;       /* "server:8080" */
    const char *key;
    const char *protocols;  /* NULL: none */
    const char *extensions; /* NULL: none */
    const char *origin;     /* NULL: none */
};

/* Writes the request with its empty line; returns its length, or 0 when out is too small. */
size_t wsc_request_write(const struct wsc_request *request, char *out, size_t size);

/* Section 4.2.1: is this an opening handshake that a server may accept?  Returns true if so; else the
 * violations are in `findings` (may be NULL), those apart that wsc_http_request noted: they are in
 * request->broken and in its findings, which may be the same ones.  Rules without a code are noted and do not
 * refuse.  A request that asks for no WebSocket in any way is judged as plain HTTP, and refused as such. */
bool wsc_request_check(const struct wsc_head *request, struct wsc_findings *findings);

/* What a strict server answers: the code of the first violation that has one, in `findings` (may be NULL) or
 * else in the request, or 101.  `protocols` is NULL or a NULL-terminated list in order of preference;
 * the first offered one that the list has is chosen. */
struct wsc_answer {
    unsigned status;     /* 101, or the refusal: 400, 405, 426 */
    const char *reason;  /* phrase */
    const char *protocol; /* 101: the chosen one, or NULL */
    const char *extensions; /* 101: what the caller agrees to, or NULL (wsc_server_answer says NULL) */
};
void wsc_server_answer(const struct wsc_head *request, const struct wsc_findings *findings,
                       const char *const *protocols, struct wsc_answer *answer);

/* Writes the answer's head: 101 with its Accept, or the refusal with Connection: close, an empty body and
 * the fields that its status demands (405: Allow, 426: Upgrade; a version refusal: Sec-WebSocket-Version).
 * Only a 101 needs the request.  Returns its length, or 0 when out is too small. */
size_t wsc_answer_write(const struct wsc_answer *answer, const struct wsc_head *request, char *out,
                        size_t size);

/* Section 4.1: judges any response to `request` (NULL when the request cannot be read back): the rules of
 * a 101 when it is one (Upgrade, Connection, Accept, protocol, extensions), those of its status otherwise
 * (401, 405, 426, …).  Returns true when it is a 101 that establishes the connection.  What the RFCs leave in
 * doubt is passed over: other protocols beside websocket in Upgrade, the letter case of a subprotocol. */
bool wsc_response_check(const struct wsc_head *request, const struct wsc_head *response,
                        struct wsc_findings *findings);

#endif
