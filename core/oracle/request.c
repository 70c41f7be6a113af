#include "heads.h"

enum { TWINS = 64 }; /* subprotocols that are compared with those before them, as the core says */

/* How many bytes of the front are letters, digits or in `more`. */
static size_t run_of(struct wso_span span, const char *more)
{
    size_t n = 0;

    while (n < span.n && (wso_alpha(span.p[n]) || wso_digit(span.p[n]) || wso_in(span.p[n], more)))
        n++;
    return n;
}

static bool hex(uint8_t byte)
{
    return wso_digit(byte) || wso_in(byte, "abcdefABCDEF");
}

/* RFC 3986, section 3.2.2: reg-name.  An IPv4 address is one too. */
static bool is_name(struct wso_span span)
{
    if (run_of(span, "-._~%!$&'()*+,;=") != span.n)
        return false;
    for (size_t i = 0; i < span.n; i++) {
        if (span.p[i] == '%' && (span.n - i < 3 || !hex(span.p[i + 1]) || !hex(span.p[i + 2])))
            return false;
    }
    return true;
}

/* host [ ":" port ].  What stands between brackets is only looked at for its letters. */
static bool is_host(struct wso_span span)
{
    size_t host = 0;

    if (span.n > 0 && span.p[0] == '[') {
        host = 1 + run_of((struct wso_span){span.p + 1, span.n - 1}, ":.-_~");
        if (host == 1 || host == span.n || span.p[host] != ']')
            return false;
        host++;
    } else {
        while (host < span.n && span.p[host] != ':')
            host++;
        if (!is_name((struct wso_span){span.p, host}))
            return false;
    }
    if (host == span.n)
        return true;
    return span.p[host] == ':' &&
           (host + 1 == span.n ||
            wso_is_number((struct wso_span){span.p + host + 1, span.n - host - 1}));
}

/* RFC 6454, section 7.1: scheme "://" host [ ":" port ]. */
static bool is_serialized(struct wso_span span)
{
    size_t scheme = run_of(span, "+-.");
    struct wso_span rest = {span.p + scheme, span.n - scheme};

    return scheme > 0 && wso_alpha(span.p[0]) && wso_begins(rest, "://") &&
           is_host((struct wso_span){rest.p + 3, rest.n - 3});
}

static bool is_origin(struct wso_span span)
{
    if (wso_is(span, "null"))
        return true;
    for (size_t at = 0; at <= span.n;) {
        size_t end = at;

        while (end < span.n && span.p[end] != ' ')
            end++;
        if (!is_serialized((struct wso_span){span.p + at, end - at}))
            return false;
        at = end + 1;
    }
    return true;
}

static void judge_target(struct wso_head *head)
{
    struct wso_span target = head->target;
    bool odd = false, fragment = false;
    bool absolute = wso_begins(target, "http://") || wso_begins(target, "https://");

    for (size_t i = 0; i < target.n; i++) {
        odd = odd || target.p[i] < 0x21 || target.p[i] > 0x7e;
        fragment = fragment || target.p[i] == '#';
    }
    if (absolute)
        wso_note(head, "request.target-form", "9112-3.2.1-1", 0, 0);
    else if (target.p[0] != '/')
        wso_note(head, "request.target", "6455-4.1-18", 400, 0);
    if (odd)
        wso_note(head, "request.target-bytes", "6455-11.1-2", 400, 0);
    if (fragment)
        wso_note(head, "request.target-fragment", "6455-3-6", 400, 0);
}

/* RFC 9112, section 3.2: what an absolute target names, without userinfo and without the port that
 * its scheme has anyway. */
static struct wso_span plain_authority(struct wso_span span, bool secure)
{
    const char *port = secure ? ":443" : ":80";
    size_t n = 0, user = 0, digits = secure ? 4 : 3;

    while (n < span.n && !wso_in(span.p[n], "/?#"))
        n++;
    for (size_t i = 0; i < n; i++)
        user = span.p[i] == '@' ? i + 1 : user;
    span = (struct wso_span){span.p + user, n - user};
    if (span.n >= digits && wso_is((struct wso_span){span.p + span.n - digits, digits}, port))
        span.n -= digits;
    return span;
}

static bool names_host(struct wso_span target, struct wso_span host)
{
    bool secure = wso_begins(target, "https://");
    size_t scheme = secure ? 8 : 7;
    struct wso_span rest = {target.p + scheme, target.n - scheme};
    const char *port = secure ? ":443" : ":80";
    size_t n = secure ? 4 : 3;

    if (host.n >= n && wso_is((struct wso_span){host.p + host.n - n, n}, port))
        host.n -= n;
    return wso_same_nocase(plain_authority(rest, secure), host);
}

/* Section 3.2.3. */
static bool is_host_and_port(struct wso_span span)
{
    size_t colon = span.n;

    while (colon > 0 && span.p[colon - 1] != ':')
        colon--;
    return colon > 1 && colon < span.n && is_host(span) &&
           wso_is_number((struct wso_span){span.p + colon, span.n - colon});
}

static void judge_host(struct wso_head *head)
{
    const struct wso_field *host = wso_field(head, "Host", 0);

    if (!host && head->minor > 0)
        wso_note(head, "request.host", "6455-4.1-19", 400, 0);
    if (host && !is_host(host->value))
        wso_note(head, "request.host-value", "6455-4.1-19", 400, host->line);
    if (wso_field(head, "Host", 1))
        wso_note(head, "request.host-repeated", "9110-5.3-2", 400, wso_line(head, "Host", 1));
    if (host && host != head->fields)
        wso_note(head, "request.host-first", "9110-7.2-2", 0, host->line);
    if (host && (wso_begins(head->target, "http://") || wso_begins(head->target, "https://")) &&
        !names_host(head->target, host->value))
        wso_note(head, "request.host-other", "9112-3.2-2", 0, host->line);
    if (wso_is(head->method, "CONNECT") && !is_host_and_port(head->target))
        wso_note(head, "request.connect-target", "9112-3.2.3-1", 400, 0);
}

static struct wso_span without_zeros(struct wso_span number)
{
    while (number.n > 0 && number.p[0] == '0') {
        number.p++;
        number.n--;
    }
    return number;
}

/* RFC 9112, section 6.3, for a request without a transfer coding: one number, however often it is
 * said. *zero: it is 0. */
static bool has_length(const struct wso_head *head, bool *zero)
{
    struct wso_span first, other;
    size_t line;

    if (!wso_element(head, "Content-Length", 0, &first, &line))
        return false;
    *zero = without_zeros(first).n == 0;
    for (size_t i = 0; wso_element(head, "Content-Length", i, &other, &line); i++) {
        if (!wso_is_number(other) || !wso_same(without_zeros(first), without_zeros(other)))
            return false;
    }
    return true;
}

static void judge_content(struct wso_head *head)
{
    const struct wso_field *first = wso_field(head, "Content-Length", 0), *one;
    const struct wso_field *coding = wso_field(head, "Transfer-Encoding", 0);
    bool zero = false, length = has_length(head, &zero), differ = false;
    bool content = coding || (length && !zero);

    for (size_t i = 0; (one = wso_field(head, "Content-Length", i)); i++) {
        differ = differ || !wso_same(first->value, one->value);
        if (!wso_is_number(one->value))
            wso_note(head, "request.length-syntax", "9110-2.2-1", 400, one->line);
    }
    if (differ)
        wso_note(head, "request.length-differs", "9110-5.3-2", 400,
                 wso_line(head, "Content-Length", 1));
    if (first && coding)
        wso_note(head, "request.length-coding", "9112-6.2-1", 400, coding->line);
    if (wso_is(head->method, "GET") && content)
        wso_note(head, "request.content", "9110-9.3.1-1", 400, coding ? coding->line : first->line);
    if (wso_is(head->method, "GET") && !content && length)
        wso_note(head, "request.length", "9110-8.6-2", 0, first->line);
    if (!content && wso_lists(head, "Expect", "100-continue"))
        wso_note(head, "request.expect", "9110-10.1.1-2", 0, wso_line(head, "Expect", 0));
}

/* The request wants a WebSocket, however wrongly it asks. */
static bool asks(const struct wso_head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        if (wso_begins(head->fields[i].name, "Sec-WebSocket-"))
            return true;
    }
    return wso_lists(head, "Upgrade", "websocket");
}

/* Base64 of 16 bytes: 22 letters and two pads.  What the last letter's spare bits say is left open
 * (RFC 4648, section 3.5; erratum 3150). */
static bool is_key(struct wso_span key)
{
    return key.n == 24 && run_of((struct wso_span){key.p, 22}, "+/") == 22 && key.p[22] == '=' &&
           key.p[23] == '=';
}

static void judge_key(struct wso_head *head)
{
    const struct wso_field *key = wso_field(head, "Sec-WebSocket-Key", 0);

    if (!key)
        wso_note(head, "request.key", "6455-4.1-22", 400, 0);
    else if (!is_key(key->value))
        wso_note(head, "request.key-value", "6455-4.1-23", 400, key->line);
    if (wso_field(head, "Sec-WebSocket-Key", 1))
        wso_note(head, "request.key-repeated", "6455-11.3.1-1", 400,
                 wso_line(head, "Sec-WebSocket-Key", 1));
}

static void judge_version(struct wso_head *head)
{
    const struct wso_field *version = wso_field(head, "Sec-WebSocket-Version", 0);

    if (!version || !wso_is(version->value, "13"))
        wso_note(head, "request.version", "6455-4.1-28", 426, version ? version->line : 0);
    if (wso_field(head, "Sec-WebSocket-Version", 1))
        wso_note(head, "request.version-repeated", "6455-11.3.5-2", 400,
                 wso_line(head, "Sec-WebSocket-Version", 1));
}

static void judge_protocols(struct wso_head *head)
{
    const char *name = "Sec-WebSocket-Protocol";
    struct wso_span one, earlier;
    size_t count = 0, line, first = wso_line(head, name, 0);
    bool tokens = true, twice = false;

    if (!wso_field(head, name, 0))
        return;
    for (; wso_element(head, name, count, &one, &line); count++) {
        tokens = tokens && wso_is_token(one);
        for (size_t i = 0; i < count && count < TWINS; i++) {
            wso_element(head, name, i, &earlier, &line);
            twice = twice || wso_same(one, earlier);
        }
    }
    if (count == 0 || !tokens)
        wso_note(head, "request.protocol", "6455-4.1-30", 400, first);
    if (twice)
        wso_note(head, "request.protocol-twice", "6455-4.1-31", 0, first);
}

static void judge_extensions(struct wso_head *head)
{
    const char *name = "Sec-WebSocket-Extensions";
    struct wso_span element;
    size_t count = 0, line;

    for (; wso_element(head, name, count, &element, &line); count++) {
        struct wso_extension e = wso_extension(element);

        if (!e.grammar)
            wso_note(head, "request.extensions", "6455-4.1-32", 400, line);
        if (e.quoted_oddity)
            wso_note(head, "http.extension-value", "6455-4.3-3", 400, line);
    }
    if (count == 0 && wso_field(head, name, 0))
        wso_note(head, "request.extensions", "6455-4.1-32", 400, wso_line(head, name, 0));
}

/* RFC 6455, section 4.1, for what asks for a WebSocket. */
static void judge_handshake(struct wso_head *head)
{
    const struct wso_field *origin = wso_field(head, "Origin", 0);

    if (!wso_is(head->method, "GET"))
        wso_note(head, "request.method", "6455-4.1-16", 405, 0);
    if (head->minor < 1)
        wso_note(head, "request.http-version", "6455-4.1-17", 400, 0);
    judge_target(head);
    if (!wso_lists(head, "Upgrade", "websocket"))
        wso_note(head, "request.upgrade", "6455-4.1-20", 426, wso_line(head, "Upgrade", 0));
    if (!wso_lists(head, "Connection", "upgrade"))
        wso_note(head, "request.connection", "6455-4.1-21", 426, wso_line(head, "Connection", 0));
    judge_version(head);
    judge_key(head);
    judge_protocols(head);
    judge_extensions(head);
    wso_judge_offers(head);
    if (origin && !is_origin(origin->value))
        wso_note(head, "request.origin", "6455-4.1-27", 0, origin->line);
}

void wso_request(const uint8_t *data, size_t len, struct wso_head *head)
{
    static const char *const once[] = {
        "Authorization",     "Content-Length",        "Host",      "Origin",
        "Sec-WebSocket-Key", "Sec-WebSocket-Version", "User-Agent"};

    wso_read_head(data, len, false, head);
    if (head->state != WSO_WHOLE)
        return;
    judge_host(head);
    judge_content(head);
    wso_judge_once(head, once, sizeof once / sizeof *once);
    wso_judge_upgrade_list(head);
    if (asks(head))
        judge_handshake(head);
    else
        wso_note(head, "request.no-upgrade", "6455-4.2.1-7", 426, 0);
    head->good = !wso_fatal(head);
}

bool wso_may_refuse(const struct wso_head *request, unsigned status)
{
    for (size_t i = 0; i < request->note_count && i < WSO_NOTES_MAX; i++) {
        if (request->notes[i].code == status && status != 0)
            return true;
    }
    return false;
}
