#include <string.h>

#include <wsc/handshake.h>

#include "head_rules.h"

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* reg-name, RFC 3986, section 3.2.2: how long the longest one at the front of `text` is. */
static size_t name_span(struct wsc_text text)
{
    size_t n = wsc_span(text, WSC_HOST), at = 0;
    const char *escape;
    while (at < n && (escape = memchr(text.p + at, '%', n - at)) != NULL) {
        at = (size_t)(escape - text.p);
        if (n - at < 3 || !is_hex(escape[1]) || !is_hex(escape[2]))
            return at;
        at += 3;
    }
    return n;
}

/* uri-host [ ":" port ], RFC 3986, section 3.2.2; an empty host is one. */
static bool is_authority(struct wsc_text text)
{
    size_t n;
    if (text.n != 0 && text.p[0] == '[') {
        struct wsc_text rest = {text.p + 1, text.n - 1};
        n = 1 + wsc_span(rest, WSC_LITERAL);
        if (n == 1 || n == text.n || text.p[n] != ']')
            return false;
        n++;
    } else {
        n = name_span(text);
    }
    if (n < text.n && text.p[n] == ':')
        for (n++; n < text.n && text.p[n] >= '0' && text.p[n] <= '9'; n++)
            continue;
    return n == text.n;
}

static bool begins(struct wsc_text text, const char *word)
{
    size_t n = strlen(word);
    return text.n >= n && wsc_text_is_nocase((struct wsc_text){text.p, n}, word);
}

/* "null", or origins parted by SP, each scheme://host[:port] (RFC 6454, section 7.1). */
static bool is_origin(struct wsc_text text)
{
    if (wsc_text_is(text, "null"))
        return true;
    for (;;) {
        const char *space = text.n != 0 ? memchr(text.p, ' ', text.n) : NULL;
        struct wsc_text one = {text.p, space != NULL ? (size_t)(space - text.p) : text.n};
        size_t scheme = wsc_span(one, WSC_SCHEME);
        struct wsc_text rest = {one.p + scheme, one.n - scheme};
        bool letter = scheme != 0 && (one.p[0] | 0x20) >= 'a'; /* of WSC_SCHEME, only letters */
        if (!letter || rest.n < 3 || memcmp(rest.p, "://", 3) != 0 ||
            !is_authority((struct wsc_text){rest.p + 3, rest.n - 3}))
            return false;
        if (space == NULL)
            return true;
        text.n -= one.n + 1;
        text.p = space + 1;
    }
}

static bool is_absolute(struct wsc_text target)
{
    return begins(target, "http://") || begins(target, "https://");
}

/* What stands between the scheme and the path of an absolute target, without userinfo. */
static struct wsc_text authority_of(struct wsc_text target)
{
    struct wsc_text authority = {(const char *)memchr(target.p, ':', target.n) + 3, 0};
    const char *end = target.p + target.n, *p = authority.p;
    while (p < end && *p != '/' && *p != '?' && *p != '#')
        if (*p++ == '@')
            authority.p = p;
    authority.n = (size_t)(p - authority.p);
    return authority;
}

/* Both spellings of the scheme's own port are the same. */
static struct wsc_text without_port(struct wsc_text authority, const char *port)
{
    size_t n = strlen(port);
    if (authority.n >= n && memcmp(authority.p + authority.n - n, port, n) == 0)
        authority.n -= n;
    return authority;
}

static void judge_host_of_target(struct wsc_judge *j, const struct wsc_header *host)
{
    struct wsc_text target = j->head->target;
    if (!is_absolute(target))
        return;
    const char *port = begins(target, "https") ? ":443" : ":80";
    bool same = wsc_text_same_nocase(without_port(host->value, port),
                                     without_port(authority_of(target), port));
    wsc_judge_rule(j, WSC_RULE_REQUEST_HOST_OTHER, !same, host->at);
}

/* Its target is authority-form: a host and a port, both of them. */
static void judge_connect(struct wsc_judge *j)
{
    struct wsc_text target = j->head->target;
    size_t n = target.n;
    if (!wsc_text_is(j->head->method, "CONNECT"))
        return;
    while (n != 0 && target.p[n - 1] >= '0' && target.p[n - 1] <= '9')
        n--;
    bool port = n > 1 && n < target.n && target.p[n - 1] == ':';
    wsc_judge_rule(j, WSC_RULE_REQUEST_CONNECT_TARGET, !port || !is_authority(target), 0);
}

static void judge_target(struct wsc_judge *j)
{
    struct wsc_text target = j->head->target;
    bool bytes = false, fragment = false;
    for (size_t i = wsc_span(target, WSC_TARGET); i < target.n; i++) {
        bytes = bytes || target.p[i] <= ' ' || target.p[i] > '~';
        fragment = fragment || target.p[i] == '#';
    }
    bool path = target.n != 0 && target.p[0] == '/';
    bool absolute = !path && is_absolute(target);
    wsc_judge_rule(j, WSC_RULE_REQUEST_TARGET, !path && !absolute, 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_TARGET_FORM, absolute, 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_TARGET_BYTES, bytes, 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_TARGET_FRAGMENT, fragment, 0);
}

static void judge_host(struct wsc_judge *j)
{
    const struct wsc_head *head = j->head;
    const struct wsc_header *host = wsc_fields_line(&j->fields, WSC_FIELD_HOST, 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_HOST, host == NULL && head->minor >= 1, 0);
    if (host == NULL)
        return;
    wsc_judge_rule(j, WSC_RULE_REQUEST_HOST_VALUE, !is_authority(host->value), host->at);
    wsc_judge_once(j, WSC_RULE_REQUEST_HOST_REPEATED, WSC_FIELD_HOST);
    wsc_judge_rule(j, WSC_RULE_REQUEST_HOST_FIRST, host != head->headers, host->at);
    judge_host_of_target(j, host);
}

/* Where the content ends is then in doubt, so it cannot be skipped (RFC 9112, section 6.3). */
static bool lengths_differ(const struct wsc_judge *j)
{
    const enum wsc_field field = WSC_FIELD_CONTENT_LENGTH;
    const struct wsc_header *first = wsc_fields_line(&j->fields, field, 0), *other;
    for (size_t n = 1; (other = wsc_fields_line(&j->fields, field, n)) != NULL; n++)
        if (!wsc_text_same_nocase(first->value, other->value))
            return true;
    return false;
}

/* A GET with content is legal to refuse, and refusing it is the sure way never to read its content
 * as frames. */
static void judge_content(struct wsc_judge *j)
{
    const struct wsc_head *head = j->head;
    bool coded = wsc_fields_has(&j->fields, WSC_FIELD_TRANSFER_ENCODING);
    bool length = wsc_fields_has(&j->fields, WSC_FIELD_CONTENT_LENGTH);
    uint64_t at = wsc_fields_at(&j->fields,
                                coded ? WSC_FIELD_TRANSFER_ENCODING : WSC_FIELD_CONTENT_LENGTH, 0);
    struct wsc_body body = {.kind = WSC_BODY_NONE};
    if (coded || length)
        wsc_body_of_request(&body, head);
    bool content = body.kind != WSC_BODY_NONE && !body.done;
    wsc_judge_length(j, WSC_RULE_REQUEST_LENGTH_SYNTAX, WSC_RULE_REQUEST_LENGTH_CODING);
    wsc_judge_rule(j, WSC_RULE_REQUEST_LENGTH_DIFFERS, lengths_differ(j),
                   wsc_fields_at(&j->fields, WSC_FIELD_CONTENT_LENGTH, 1));
    if (wsc_text_is(head->method, "GET")) {
        wsc_judge_rule(j, WSC_RULE_REQUEST_CONTENT, content, at);
        wsc_judge_rule(j, WSC_RULE_REQUEST_LENGTH,
                       length && body.kind == WSC_BODY_LENGTH && !content, at);
    }
    if (!content)
        wsc_judge_rule(j, WSC_RULE_REQUEST_EXPECT,
                       wsc_fields_list_has(&j->fields, WSC_FIELD_EXPECT, "100-continue"),
                       wsc_fields_at(&j->fields, WSC_FIELD_EXPECT, 0));
}

static void judge_http(struct wsc_judge *j)
{
    static const enum wsc_field once[] = {
        WSC_FIELD_HOST,           WSC_FIELD_KEY,        WSC_FIELD_VERSION,      WSC_FIELD_ORIGIN,
        WSC_FIELD_CONTENT_LENGTH, WSC_FIELD_USER_AGENT, WSC_FIELD_AUTHORIZATION};
    judge_host(j);
    judge_connect(j);
    judge_content(j);
    wsc_judge_singletons(j, once, sizeof once / sizeof *once);
    wsc_judge_connection(j);
}

/* Does it ask for a WebSocket at all, however wrongly? */
static bool asks(const struct wsc_judge *j)
{
    if (j->websocket)
        return true;
    for (size_t i = 0; i < j->head->count; i++)
        if (begins(j->head->headers[i].name, "Sec-WebSocket-"))
            return true;
    return false;
}

static void judge_upgrade(struct wsc_judge *j)
{
    wsc_judge_rule(j, WSC_RULE_REQUEST_UPGRADE, !j->websocket,
                   wsc_fields_at(&j->fields, WSC_FIELD_UPGRADE, 0));
    wsc_judge_rule(j, WSC_RULE_REQUEST_CONNECTION, !j->upgrade,
                   wsc_fields_at(&j->fields, WSC_FIELD_CONNECTION, 0));
}

static void judge_version(struct wsc_judge *j)
{
    const struct wsc_header *version = wsc_fields_line(&j->fields, WSC_FIELD_VERSION, 0);
    bool right = version != NULL && wsc_text_is(version->value, "13");
    wsc_judge_rule(j, WSC_RULE_REQUEST_VERSION, !right, version != NULL ? version->at : 0);
    wsc_judge_once(j, WSC_RULE_REQUEST_VERSION_REPEATED, WSC_FIELD_VERSION);
}

/* The form alone: pad bits that are not zero are no ground to refuse (erratum 3150: the RFC's own
 * example has them). */
static bool is_key(struct wsc_text value)
{
    return value.n == WSC_KEY_LEN && wsc_span((struct wsc_text){value.p, 22}, WSC_BASE64) == 22 &&
           value.p[22] == '=' && value.p[23] == '=';
}

static void judge_key(struct wsc_judge *j)
{
    const struct wsc_header *key = wsc_fields_line(&j->fields, WSC_FIELD_KEY, 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_KEY, key == NULL, 0);
    if (key == NULL)
        return;
    wsc_judge_rule(j, WSC_RULE_REQUEST_KEY_VALUE, !is_key(key->value), key->at);
    wsc_judge_once(j, WSC_RULE_REQUEST_KEY_REPEATED, WSC_FIELD_KEY);
}

static bool listed_before(const struct wsc_judge *j, struct wsc_text name)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    while (wsc_fields_list(&j->fields, WSC_FIELD_PROTOCOL, &cursor, &element) &&
           element.p != name.p)
        if (element.n == name.n && memcmp(element.p, name.p, name.n) == 0)
            return true;
    return false;
}

enum { PROTOCOLS_COMPARED = 64 }; /* a longer list is not searched for twins */

static void judge_protocols(struct wsc_judge *j)
{
    const enum wsc_field field = WSC_FIELD_PROTOCOL;
    if (!wsc_fields_has(&j->fields, field))
        return;
    struct wsc_list cursor = {0};
    struct wsc_text element;
    bool tokens = true, twice = false;
    size_t count = 0;
    while (wsc_fields_list(&j->fields, field, &cursor, &element)) {
        tokens = tokens && wsc_is_token(element);
        twice = twice || (count < PROTOCOLS_COMPARED && listed_before(j, element));
        count++;
    }
    uint64_t at = wsc_fields_at(&j->fields, field, 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_PROTOCOL, count == 0 || !tokens, at);
    wsc_judge_rule(j, WSC_RULE_REQUEST_PROTOCOL_TWICE, twice, at);
}

static void judge_extensions(struct wsc_judge *j)
{
    const enum wsc_field field = WSC_FIELD_EXTENSIONS;
    if (!wsc_fields_has(&j->fields, field))
        return;
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_extension offer;
    size_t count = 0;
    bool faulty = false;
    while (wsc_fields_list(&j->fields, field, &cursor, &element)) {
        uint64_t at = wsc_fields_at(&j->fields, field, cursor.line);
        wsc_judge_rule(j, WSC_RULE_REQUEST_EXTENSIONS, !wsc_extension_read(element, &offer), at);
        wsc_judge_rule(j, WSC_RULE_HTTP_EXTENSION_VALUE, offer.bad_value, at);
        faulty = faulty || wsc_deflate_offer_faulty(element);
        count++;
    }
    if (faulty || j->findings != NULL) /* occasions are for an observer only */
        wsc_judge_deflate_offers(j);
    wsc_judge_rule(j, WSC_RULE_REQUEST_EXTENSIONS, count == 0, wsc_fields_at(&j->fields, field, 0));
}

/* In the order in which a server finds its reason to refuse. */
static void judge_handshake(struct wsc_judge *j)
{
    const struct wsc_head *head = j->head;
    wsc_judge_rule(j, WSC_RULE_REQUEST_METHOD, !wsc_text_is(head->method, "GET"), 0);
    wsc_judge_rule(j, WSC_RULE_REQUEST_HTTP_VERSION, head->minor < 1, 0);
    judge_target(j);
    judge_upgrade(j);
    judge_version(j);
    judge_key(j);
    judge_protocols(j);
    judge_extensions(j);
    const struct wsc_header *origin = wsc_fields_line(&j->fields, WSC_FIELD_ORIGIN, 0);
    if (origin != NULL)
        wsc_judge_rule(j, WSC_RULE_REQUEST_ORIGIN, !is_origin(origin->value), origin->at);
}

enum wsc_rule wsc_judge_request(const struct wsc_head *request, struct wsc_findings *findings,
                                bool *others)
{
    struct wsc_judge j;
    wsc_judge_init(&j, request, findings);
    j.first = request->broken.rule;
    judge_http(&j);
    if (asks(&j))
        judge_handshake(&j);
    else
        wsc_judge_rule(&j, WSC_RULE_REQUEST_NO_UPGRADE, true, 0);
    if (others != NULL)
        *others = j.others;
    return j.first;
}

bool wsc_request_check(const struct wsc_head *request, struct wsc_findings *findings)
{
    return wsc_judge_request(request, findings, NULL) == WSC_RULE_NONE;
}
