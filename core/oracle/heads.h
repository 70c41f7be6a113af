/* heads.h - what the files that read heads share; private to the oracle. */
#ifndef WSO_HEADS_PRIVATE_H
#define WSO_HEADS_PRIVATE_H

#include <wso/heads.h>

/* Words. */
bool wso_is(struct wso_span span, const char *word);        /* exactly */
bool wso_is_nocase(struct wso_span span, const char *word); /* ASCII letters of either case */
bool wso_same(struct wso_span a, struct wso_span b);
bool wso_same_nocase(struct wso_span a, struct wso_span b);
bool wso_begins(struct wso_span span, const char *word); /* case ignored */
bool wso_is_token(struct wso_span span);
bool wso_is_number(struct wso_span span);
bool wso_is_quoted(struct wso_span span);   /* a whole quoted-string */
bool wso_in(uint8_t byte, const char *set); /* "a-z" is not a range here */
bool wso_alpha(uint8_t byte);
bool wso_digit(uint8_t byte);
bool wso_white(uint8_t byte); /* SP, HTAB, and the line ends within a folded value */
struct wso_span wso_trim(struct wso_span span);

/* Fields. */
const struct wso_field *wso_field(const struct wso_head *head, const char *name, size_t nth);
size_t wso_line(const struct wso_head *head, const char *name, size_t nth); /* 0: there is none */

/* The nth element that is not empty, over all lines of that name; *line: of its field. */
bool wso_element(const struct wso_head *head, const char *name, size_t nth,
                 struct wso_span *element, size_t *line);
bool wso_lists(const struct wso_head *head, const char *name, const char *word); /* case ignored */

/* Notes. */
void wso_note(struct wso_head *head, const char *rule, const char *requirement, unsigned code,
              size_t at);
bool wso_fatal(const struct wso_head *head); /* one of them has a code */

/* Reads the lines and judges them. */
void wso_read_head(const uint8_t *data, size_t len, bool response, struct wso_head *head);

/* What requests and responses have in common. */
void wso_judge_once(struct wso_head *head, const char *const *names, size_t count);
void wso_judge_list(struct wso_head *head, const char *name, bool (*right)(struct wso_span));
void wso_judge_upgrade_list(struct wso_head *head);

/* One element of Sec-WebSocket-Extensions. */
struct wso_extension {
    struct wso_span name;
    bool grammar;       /* it is one */
    bool quoted_oddity; /* a quoted value is no token */
};
struct wso_extension wso_extension(struct wso_span element);

/* Its name, and then its parameters one by one; a quoted value without its quotes, as written. */
struct wso_parameter {
    struct wso_span name, value;
    bool has_value, value_is_token;
};
enum wso_found { WSO_FOUND, WSO_NO_MORE, WSO_NO_GRAMMAR };
struct wso_span wso_extension_name(struct wso_span element, struct wso_span *rest);
enum wso_found wso_parameter(struct wso_span *rest, struct wso_parameter *parameter);

/* permessage-deflate, RFC 7692, sections 5 and 7: what a request offers, and what a 101 agrees to
 * (`request` NULL: unknown). */
void wso_judge_offers(struct wso_head *head);
void wso_judge_agreement(struct wso_head *head, const struct wso_head *request);

/* SHA-1 (FIPS 180-4) and base64 (RFC 4648) of 20 bytes. */
void wso_accept(struct wso_span key, char accept[28]);

#endif
