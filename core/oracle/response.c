#include "heads.h"

static bool has(const struct wso_head *head, const char *name)
{
    return wso_field(head, name, 0) != NULL;
}

static bool filled(const struct wso_head *head, const char *name)
{
    struct wso_span element;
    size_t line;

    return wso_element(head, name, 0, &element, &line);
}

/* A field that stands alone, or none. */
static const struct wso_field *only(const struct wso_head *head, const char *name)
{
    return wso_field(head, name, 1) ? NULL : wso_field(head, name, 0);
}

/* RFC 6455, section 4.3: 0 to 255, no zero in front. */
static bool is_version(struct wso_span span)
{
    unsigned value = 0;

    if (!wso_is_number(span) || span.n > 3 || (span.n > 1 && span.p[0] == '0'))
        return false;
    for (size_t i = 0; i < span.n; i++)
        value = value * 10 + span.p[i] - 48u;
    return value < 256;
}

static void judge_versions(struct wso_head *head)
{
    const char *name = "Sec-WebSocket-Version";
    struct wso_span element;
    size_t line;
    bool right = filled(head, name);

    for (size_t i = 0; wso_element(head, name, i, &element, &line); i++)
        right = right && is_version(element);
    if (has(head, name) && !right)
        wso_note(head, "response.version-list", "6455-4.3-5", 0, wso_line(head, name, 0));
}

/* The request may be refused for its version and for nothing else. */
static bool wrong_version_only(const struct wso_head *request)
{
    const struct wso_field *version = only(request, "Sec-WebSocket-Version");

    if (!version || !is_version(version->value) || wso_is(version->value, "13"))
        return false;
    for (size_t i = 0; i < request->note_count && i < WSO_NOTES_MAX; i++) {
        const struct wso_violation *note = &request->notes[i];

        if (note->code != 0 && !(note->rule[8] == 'v' && note->code == 426))
            return false;
    }
    return true;
}

/* RFC 9110, section 8.6; RFC 9112, section 6. */
static void judge_framing(struct wso_head *head, const struct wso_head *request)
{
    const struct wso_field *length, *coding = wso_field(head, "Transfer-Encoding", 0);
    bool tunnel = request && wso_is(request->method, "CONNECT") && head->status / 100 == 2;

    for (size_t i = 0; (length = wso_field(head, "Content-Length", i)); i++) {
        if (!wso_is_number(length->value))
            wso_note(head, "response.length-syntax", "9110-2.2-1", 0, length->line);
    }
    length = wso_field(head, "Content-Length", 0);
    if (length && coding)
        wso_note(head, "response.length-coding", "9112-6.2-1", 0, coding->line);
    if (head->status / 100 == 1 || head->status == 204 || tunnel) {
        if (length)
            wso_note(head, "response.no-length", "9110-8.6-1", 0, length->line);
        if (coding)
            wso_note(head, "response.no-coding", "9112-6.1-1", 0, coding->line);
    }
    if (coding && request && request->minor == 0)
        wso_note(head, "response.coding-1.0", "9112-6.1-4", 0, coding->line);
    if (head->status / 100 == 1 && request && request->minor == 0)
        wso_note(head, "response.interim-1.0", "6455-4.2.1-3", 0, 0);
}

/* RFC 9110, section 11.2: token BWS "=" BWS ( token / quoted-string ), told from the padding of a
 * token68. */
static bool split_parameter(struct wso_span text, struct wso_span *name, struct wso_span *value)
{
    size_t n = 0;

    while (n < text.n && text.p[n] != '=')
        n++;
    if (n == text.n)
        return false;
    *name = wso_trim((struct wso_span){text.p, n});
    *value = wso_trim((struct wso_span){text.p + n + 1, text.n - n - 1});
    return wso_is_token(*name) && value->n > 0 && value->p[0] != '=';
}

struct challenge {
    struct wso_span names[32]; /* that later ones are compared with, as the core says */
    size_t count;
};

static void read_parameter(struct wso_head *head, struct challenge *challenge, struct wso_span name,
                           struct wso_span value, size_t line)
{
    bool twice = false;

    for (size_t i = 0; i < challenge->count; i++)
        twice = twice || wso_same_nocase(challenge->names[i], name);
    if (twice)
        wso_note(head, "response.challenge-twice", "9110-11.2-1", 0, line);
    else if (challenge->count < 32)
        challenge->names[challenge->count++] = name;
    if (wso_is_nocase(name, "realm") && !wso_is_quoted(value))
        wso_note(head, "response.realm", "9110-11.5-1", 0, line);
}

static void judge_challenges(struct wso_head *head)
{
    const char *field = "WWW-Authenticate";
    struct challenge challenge = {.count = 0};
    struct wso_span element, name, value;
    size_t line, challenges = 0;

    for (size_t i = 0; wso_element(head, field, i, &element, &line); i++) {
        struct wso_span scheme = element;

        if (challenges > 0 && split_parameter(element, &name, &value)) {
            read_parameter(head, &challenge, name, value, line);
            continue;
        }
        scheme.n = 0;
        while (scheme.n < element.n && !wso_white(element.p[scheme.n]))
            scheme.n++;
        if (!wso_is_token(scheme))
            continue;
        challenges++;
        challenge.count = 0;
        element = (struct wso_span){element.p + scheme.n, element.n - scheme.n};
        if (split_parameter(element, &name, &value))
            read_parameter(head, &challenge, name, value, line);
    }
    if (head->status == 401 && challenges == 0)
        wso_note(head, "response.challenge", "9110-11.6.1-1", 0, wso_line(head, field, 0));
}

static void judge_status(struct wso_head *head, const struct wso_head *request)
{
    unsigned s = head->status;

    if (s == 405 && !has(head, "Allow"))
        wso_note(head, "response.allow", "9110-10.2.1-1", 0, 0);
    if (s == 426 && !filled(head, "Upgrade"))
        wso_note(head, "response.upgrade-required", "9110-7.8-6", 0, 0);
    if ((s == 301 || s == 302 || s == 307 || s == 308) && !has(head, "Location"))
        wso_note(head, "response.location", "9110-15.4-3", 0, 0);
    if ((s == 400 || s == 426) && request && wrong_version_only(request) &&
        !filled(head, "Sec-WebSocket-Version"))
        wso_note(head, "response.version-refused", "6455-4.2.2-7", 0, 0);
}

static void judge_upgrade(struct wso_head *head, const struct wso_head *request)
{
    size_t line = wso_line(head, "Upgrade", 0);

    if (!wso_lists(head, "Upgrade", "websocket"))
        wso_note(head, "response.upgrade", "6455-4.2.2-17", 1002, line);
    else if (request && !wso_lists(request, "Upgrade", "websocket"))
        wso_note(head, "response.switch", "9110-7.8-5", 1002, line);
    if (!wso_lists(head, "Connection", "upgrade"))
        wso_note(head, "response.connection", "6455-4.2.2-18", 1002,
                 wso_line(head, "Connection", 0));
}

/* Base64 of 20 bytes: 27 letters and a pad. */
static bool is_accept(struct wso_span span)
{
    if (span.n != 28 || span.p[27] != '=')
        return false;
    for (size_t i = 0; i < 27; i++) {
        if (!wso_alpha(span.p[i]) && !wso_digit(span.p[i]) && !wso_in(span.p[i], "+/"))
            return false;
    }
    return true;
}

/* The request has one key, and this is what comes of it.  With two of them it is open which one
 * counts.
 */
static bool is_right(const struct wso_head *request, struct wso_span accept, bool *known)
{
    const struct wso_field *key = request ? only(request, "Sec-WebSocket-Key") : NULL;
    char right[28];

    *known = key != NULL;
    if (key)
        wso_accept(key->value, right);
    return key && wso_same(accept, (struct wso_span){(const uint8_t *)right, sizeof right});
}

/* Section 4.2.2 has only 101 for whoever accepts, and the right Accept is what accepts. */
static void judge_success(struct wso_head *head, const struct wso_head *request)
{
    const struct wso_field *accept = wso_field(head, "Sec-WebSocket-Accept", 0);
    bool known;

    if (head->status / 100 == 2 && accept && is_right(request, accept->value, &known))
        wso_note(head, "response.status", "6455-4.2.2-16", 1002, 0);
}

static void judge_accept(struct wso_head *head, const struct wso_head *request)
{
    const char *name = "Sec-WebSocket-Accept";
    const struct wso_field *accept = wso_field(head, name, 0);
    bool known, right;

    if (!accept) {
        wso_note(head, "response.accept", "6455-4.2.2-26", 1002, 0);
        return;
    }
    if (wso_field(head, name, 1))
        wso_note(head, "response.accept-repeated", "6455-11.3.3-1", 1002, wso_line(head, name, 1));
    if (!is_accept(accept->value))
        wso_note(head, "response.accept-syntax", "6455-4.2.2-21", 1002, accept->line);
    right = is_right(request, accept->value, &known);
    if (known && !right)
        wso_note(head, "response.accept-value", "6455-4.2.2-19", 1002, accept->line);
}

/* Subprotocols are compared like the core does, in any letter case: the RFC is silent. */
static bool offers_protocol(const struct wso_head *request, struct wso_span wanted)
{
    struct wso_span element;
    size_t line;

    for (size_t i = 0; wso_element(request, "Sec-WebSocket-Protocol", i, &element, &line); i++) {
        if (wso_same_nocase(element, wanted))
            return true;
    }
    return false;
}

static void judge_protocol(struct wso_head *head, const struct wso_head *request)
{
    const char *name = "Sec-WebSocket-Protocol";
    const struct wso_field *chosen = wso_field(head, name, 0);

    if (!chosen)
        return;
    if (request && !filled(request, name))
        wso_note(head, "response.protocol-unasked", "6455-4.2.2-10", 1002, chosen->line);
    if (wso_field(head, name, 1))
        wso_note(head, "response.protocol-repeated", "6455-11.3.4-2", 1002,
                 wso_line(head, name, 1));
    if (chosen->value.n == 0) {
        wso_note(head, "response.protocol-empty", "6455-4.2.2-12", 1002, chosen->line);
        return;
    }
    if (!wso_is_token(chosen->value))
        wso_note(head, "response.protocol-token", "6455-4.2.2-13", 1002, chosen->line);
    if (request && filled(request, name) && !offers_protocol(request, chosen->value))
        wso_note(head, "response.protocol-other", "6455-4.2.2-9", 1002, chosen->line);
}

static bool offers_extension(const struct wso_head *request, struct wso_span name)
{
    struct wso_span element;
    size_t line;

    for (size_t i = 0; wso_element(request, "Sec-WebSocket-Extensions", i, &element, &line); i++) {
        if (wso_same(wso_extension(element).name, name))
            return true;
    }
    return false;
}

static void judge_extensions(struct wso_head *head, const struct wso_head *request)
{
    const char *name = "Sec-WebSocket-Extensions";
    struct wso_span element;
    size_t line;

    if (has(head, name) && !filled(head, name))
        wso_note(head, "response.extensions-empty", "6455-4.2.2-15", 1002, wso_line(head, name, 0));
    for (size_t i = 0; wso_element(head, name, i, &element, &line); i++) {
        struct wso_extension e = wso_extension(element);

        if (!e.grammar)
            wso_note(head, "response.extensions-syntax", "9110-2.2-1", 1002, line);
        if (e.quoted_oddity)
            wso_note(head, "http.extension-value", "6455-4.3-3", 400, line);
        if (request && !offers_extension(request, e.name))
            wso_note(head, "response.extensions-other", "6455-4.2.2-14", 1002, line);
    }
}

static void judge_101(struct wso_head *head, const struct wso_head *request)
{
    for (size_t i = 0; i < head->note_count && i < WSO_NOTES_MAX; i++) {
        if (head->notes[i].code != 0) {
            wso_note(head, "response.valid", "6455-4.2.2-16", 1002, (size_t)head->notes[i].at);
            break;
        }
    }
    if (head->minor == 0)
        wso_note(head, "response.http-version", "9110-6.2-3", 0, 0);
    judge_upgrade(head, request);
    judge_accept(head, request);
    judge_protocol(head, request);
    judge_extensions(head, request);
    wso_judge_agreement(head, request);
}

void wso_response(const uint8_t *data, size_t len, const struct wso_head *request,
                  struct wso_head *head)
{
    static const char *const once[] = {
        "Content-Length",       "Content-Type",           "Date",  "Location",
        "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Server"};

    wso_read_head(data, len, true, head);
    if (head->state != WSO_WHOLE)
        return;
    wso_judge_once(head, once, sizeof once / sizeof *once);
    wso_judge_upgrade_list(head);
    wso_judge_list(head, "Allow", wso_is_token);
    wso_judge_list(head, "Vary", NULL);
    judge_challenges(head);
    judge_framing(head, request);
    judge_versions(head);
    judge_status(head, request);
    judge_success(head, request);
    if (head->status == 101)
        judge_101(head, request);
    head->good = head->status == 101 && !wso_fatal(head);
}
