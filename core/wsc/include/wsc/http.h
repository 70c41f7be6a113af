/* wsc/http.h - read the head of an HTTP/1.x message and name the rules that it breaks.
 *
 * RFC 9112, sections 2 to 6, and RFC 9110, section 5.  The reader is tolerant where bytes can still be
 * followed and notes each violation with its offset from the start of the head; it never copies: names
 * and values are spans of the caller's buffer.  Field values have their outer SP and HTAB left out.
 */
#ifndef WSC_HTTP_H
#define WSC_HTTP_H

#include <string.h>

#include <wsc/rules.h>

enum { WSC_HEADERS_MAX = 256 };

struct wsc_text {
    const char *p; /* not terminated; NULL: absent */
    size_t n;
};

struct wsc_header {
    struct wsc_text name, value;
    uint32_t at; /* offset of the line */
};

struct wsc_head {
    bool response;
    struct wsc_text method, target; /* request */
    unsigned status;                /* response: 0..999 */
    struct wsc_text reason;         /* response */
    unsigned major, minor;          /* HTTP-version */
    size_t count;
    struct wsc_header headers[WSC_HEADERS_MAX]; /* the first `count` are set */
    size_t length; /* bytes of the head, its empty line included */
    struct wsc_violation broken; /* the first that a strict receiver refuses (its rule has a code) */
};

enum wsc_http {
    WSC_HTTP_DONE,   /* the head is complete: head->length bytes of it */
    WSC_HTTP_MORE,   /* cut: call again with more bytes, from the same start */
    WSC_HTTP_BROKEN, /* this is not HTTP/1.x: the start line cannot be followed */
    WSC_HTTP_LARGE   /* more than `limit` bytes, or more than WSC_HEADERS_MAX lines */
};

/* Reads a head from data[0..len).  `findings` may be NULL; nothing is noted before the answer is other
 * than MORE, so a head that comes in pieces is noted once.  A lenient reader: bare LF ends a line, leading
 * empty lines are skipped (requests), white space before a colon is no part of the name, a line without
 * a colon is left out, a folded value spans its line ends (which count as white space everywhere here), and
 * what is odd is noted. */
enum wsc_http wsc_http_request(const uint8_t *data, size_t len, size_t limit, struct wsc_head *head,
                               struct wsc_findings *findings);
enum wsc_http wsc_http_response(const uint8_t *data, size_t len, size_t limit, struct wsc_head *head,
                                struct wsc_findings *findings);

static inline bool wsc_text_is(struct wsc_text text, const char *word) /* exact */
{
    return text.p != NULL && text.n == strlen(word) && memcmp(text.p, word, text.n) == 0;
}
bool wsc_text_is_nocase(struct wsc_text text, const char *word); /* ASCII case ignored */

/* The n-th line (from 0) of that name, case ignored; NULL if there are fewer. */
const struct wsc_header *wsc_head_field(const struct wsc_head *head, const char *name, size_t n);

/* Walks the elements of a comma-separated list over all lines of that name, empty elements left out,
 * quoted strings respected, outer white space left out.  Start with a zeroed cursor; false at the end. */
struct wsc_list {
    size_t line, at;
};
bool wsc_head_list(const struct wsc_head *head, const char *name, struct wsc_list *cursor,
                   struct wsc_text *element);
/* Is this token an element of the list?  ASCII case ignored. */
bool wsc_head_has(const struct wsc_head *head, const char *name, const char *token);

bool wsc_is_token(struct wsc_text text); /* 1*tchar, RFC 9110, 5.6.2 */

/* How the content after a head ends (RFC 9112, section 6.3). */
struct wsc_body {
    enum { WSC_BODY_NONE, WSC_BODY_LENGTH, WSC_BODY_CHUNKED, WSC_BODY_TO_END } kind;
    uint64_t left;     /* LENGTH: bytes; CHUNKED: of the present chunk */
    uint8_t state;     /* CHUNKED: private */
    bool done, broken; /* broken: the chunked coding cannot be followed */
};

/* For a response: `method` is that of its request (HEAD has no content, CONNECT and 1xx/204/304 neither). */
void wsc_body_of_response(struct wsc_body *body, const struct wsc_head *head, struct wsc_text method);
void wsc_body_of_request(struct wsc_body *body, const struct wsc_head *head);

/* Takes bytes of the body; returns how many were used and the span of content among them
 * (*content may be empty while *used is not).  Stops at the body's end: look at body->done. */
size_t wsc_body_read(struct wsc_body *body, const uint8_t *data, size_t len, struct wsc_text *content);

#endif
