#include <string.h>

#include <wsc/handshake.h>

#include "head_rules.h"

/* A response under judgement, and its request if that can be read back. */
struct answer {
    struct wsc_judge judge;
    const struct wsc_head *request; /* NULL: unknown */
};

static bool has(const struct answer *a, enum wsc_field field)
{
    return wsc_fields_has(&a->judge.fields, field);
}

/* Is there a line of that field with something in it? */
static bool filled(const struct answer *a, enum wsc_field field)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    return wsc_fields_list(&a->judge.fields, field, &cursor, &element);
}

static bool any_element(struct wsc_text text)
{
    (void)text;
    return true;
}

/* 0 to 255 without leading zeros. */
static bool is_version(struct wsc_text text)
{
    unsigned n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || i == 3)
            return false;
        n = n * 10 + (unsigned)(text.p[i] - '0');
    }
    return text.n != 0 && n <= 255 && (text.n == 1 || text.p[0] != '0');
}

static void judge_versions(struct answer *a)
{
    const enum wsc_field field = WSC_FIELD_VERSION;
    if (!has(a, field))
        return;
    struct wsc_list cursor = {0};
    struct wsc_text element;
    bool good = filled(a, field);
    while (wsc_fields_list(&a->judge.fields, field, &cursor, &element))
        good = good && is_version(element);
    wsc_judge_rule(&a->judge, WSC_RULE_RESPONSE_VERSION_LIST, !good,
                   wsc_fields_at(&a->judge.fields, field, 0));
}

/* Is its version the only ground on which the request may be refused? */
static bool only_version_wrong(const struct wsc_head *request)
{
    bool others;
    return wsc_judge_request(request, NULL, &others) == WSC_RULE_REQUEST_VERSION && !others;
}

/* Was the request refused for its version?  Sure only when nothing else is wrong with it and the
 * status speaks of the request.  What is no number from 0 to 255 is no version. */
static bool version_refused(const struct answer *a)
{
    unsigned status = a->judge.head->status;
    return a->request != NULL && (status == 400 || status == 426) &&
           is_version(wsc_field_only(a->request, "Sec-WebSocket-Version")) &&
           only_version_wrong(a->request);
}

/* Statuses without content: 1xx, 204, and 2xx to CONNECT. */
static void judge_framing(struct answer *a)
{
    struct wsc_judge *j = &a->judge;
    const struct wsc_head *head = j->head;
    bool connect = a->request != NULL && wsc_text_is(a->request->method, "CONNECT");
    wsc_judge_length(j, WSC_RULE_RESPONSE_LENGTH_SYNTAX, WSC_RULE_RESPONSE_LENGTH_CODING);
    if ((head->status >= 100 && head->status < 200) || head->status == 204 ||
        (connect && head->status >= 200 && head->status < 300)) {
        wsc_judge_rule(j, WSC_RULE_RESPONSE_NO_LENGTH, has(a, WSC_FIELD_CONTENT_LENGTH),
                       wsc_fields_at(&j->fields, WSC_FIELD_CONTENT_LENGTH, 0));
        wsc_judge_rule(j, WSC_RULE_RESPONSE_NO_CODING, has(a, WSC_FIELD_TRANSFER_ENCODING),
                       wsc_fields_at(&j->fields, WSC_FIELD_TRANSFER_ENCODING, 0));
    }
    if (a->request != NULL && a->request->minor == 0) {
        wsc_judge_rule(j, WSC_RULE_RESPONSE_CODING_1_0, has(a, WSC_FIELD_TRANSFER_ENCODING),
                       wsc_fields_at(&j->fields, WSC_FIELD_TRANSFER_ENCODING, 0));
        wsc_judge_rule(j, WSC_RULE_RESPONSE_INTERIM_1_0, head->status / 100 == 1, 0);
    }
}

static void judge_status(struct answer *a)
{
    struct wsc_judge *j = &a->judge;
    unsigned status = j->head->status;
    if (status == 405)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_ALLOW, !has(a, WSC_FIELD_ALLOW), 0);
    if (status == 426)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_UPGRADE_REQUIRED, !filled(a, WSC_FIELD_UPGRADE), 0);
    if (status == 301 || status == 302 || status == 307 || status == 308)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_LOCATION, !has(a, WSC_FIELD_LOCATION), 0);
    if (version_refused(a))
        wsc_judge_rule(j, WSC_RULE_RESPONSE_VERSION_REFUSED, !filled(a, WSC_FIELD_VERSION), 0);
}

static void judge_any(struct answer *a)
{
    static const enum wsc_field once[] = {
        WSC_FIELD_ACCEPT,       WSC_FIELD_PROTOCOL, WSC_FIELD_DATE,  WSC_FIELD_CONTENT_LENGTH,
        WSC_FIELD_CONTENT_TYPE, WSC_FIELD_LOCATION, WSC_FIELD_SERVER};
    wsc_judge_singletons(&a->judge, once, sizeof once / sizeof *once);
    wsc_judge_connection(&a->judge);
    wsc_judge_list(&a->judge, WSC_FIELD_ALLOW, wsc_is_token);
    wsc_judge_list(&a->judge, WSC_FIELD_VARY, any_element);
    wsc_judge_challenges(&a->judge);
    judge_framing(a);
    judge_versions(a);
    judge_status(a);
}

/* Upgrade may name more protocols than websocket: doubtful, but nothing that a strict reading of
 * HTTP forbids, so it is passed over. */
static void judge_upgrade(struct answer *a)
{
    struct wsc_judge *j = &a->judge;
    uint64_t at = wsc_fields_at(&j->fields, WSC_FIELD_UPGRADE, 0);
    wsc_judge_rule(j, WSC_RULE_RESPONSE_UPGRADE, !j->websocket, at);
    wsc_judge_rule(j, WSC_RULE_RESPONSE_CONNECTION, !j->upgrade,
                   wsc_fields_at(&j->fields, WSC_FIELD_CONNECTION, 0));
    if (a->request != NULL)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_SWITCH,
                       j->websocket && !wsc_head_has(a->request, "Upgrade", "websocket"), at);
}

static bool is_accept(struct wsc_text value)
{
    return value.n == WSC_ACCEPT_LEN && wsc_span(value, WSC_BASE64) == WSC_ACCEPT_LEN - 1 &&
           value.p[WSC_ACCEPT_LEN - 1] == '=';
}

static bool accept_matches(struct wsc_text key, struct wsc_text value)
{
    char right[WSC_ACCEPT_LEN + 1];
    wsc_accept(key, right);
    return wsc_text_is(value, right);
}

/* The one key of the request.  More than one is a fault of the request, and what the Accept is made
 * from is then open. */
static struct wsc_text key_of(const struct answer *a)
{
    if (a->request == NULL)
        return (struct wsc_text){NULL, 0};
    return wsc_field_only(a->request, "Sec-WebSocket-Key");
}

static void judge_accept(struct answer *a)
{
    struct wsc_judge *j = &a->judge;
    const struct wsc_header *accept = wsc_fields_line(&j->fields, WSC_FIELD_ACCEPT, 0);
    wsc_judge_rule(j, WSC_RULE_RESPONSE_ACCEPT, accept == NULL, 0);
    if (accept == NULL)
        return;
    wsc_judge_once(j, WSC_RULE_RESPONSE_ACCEPT_REPEATED, WSC_FIELD_ACCEPT);
    wsc_judge_rule(j, WSC_RULE_RESPONSE_ACCEPT_SYNTAX, !is_accept(accept->value), accept->at);
    struct wsc_text key = key_of(a);
    if (key.p != NULL)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_ACCEPT_VALUE, !accept_matches(key, accept->value),
                       accept->at);
}

/* Whoever sends the right Accept has accepted; only 101 says so (RFC 6455, section 4.2.2). */
static void judge_success(struct answer *a)
{
    const struct wsc_header *accept = wsc_fields_line(&a->judge.fields, WSC_FIELD_ACCEPT, 0);
    struct wsc_text key = key_of(a);
    if (key.p != NULL && accept != NULL)
        wsc_judge_rule(&a->judge, WSC_RULE_RESPONSE_STATUS, accept_matches(key, accept->value), 0);
}

/* Letter case is left open by the RFC: a variant is passed over. */
static bool offered(const struct wsc_head *request, struct wsc_text name)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    while (wsc_head_list(request, "Sec-WebSocket-Protocol", &cursor, &element))
        if (wsc_text_same_nocase(element, name))
            return true;
    return false;
}

static bool offers_any(const struct wsc_head *request)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    return wsc_head_list(request, "Sec-WebSocket-Protocol", &cursor, &element);
}

static void judge_protocol(struct answer *a)
{
    const enum wsc_field field = WSC_FIELD_PROTOCOL;
    struct wsc_judge *j = &a->judge;
    const struct wsc_header *protocol = wsc_fields_line(&j->fields, field, 0);
    bool asked = a->request != NULL && offers_any(a->request);
    if (a->request != NULL && !asked)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_PROTOCOL_UNASKED, protocol != NULL,
                       wsc_fields_at(&j->fields, field, 0));
    if (protocol == NULL) {
        wsc_findings_occasion(j->findings, WSC_RULE_RESPONSE_PROTOCOL_EMPTY);
        return;
    }
    wsc_judge_once(j, WSC_RULE_RESPONSE_PROTOCOL_REPEATED, field);
    wsc_judge_rule(j, WSC_RULE_RESPONSE_PROTOCOL_EMPTY, protocol->value.n == 0, protocol->at);
    if (protocol->value.n == 0)
        return;
    wsc_judge_rule(j, WSC_RULE_RESPONSE_PROTOCOL_TOKEN, !wsc_is_token(protocol->value),
                   protocol->at);
    if (asked)
        wsc_judge_rule(j, WSC_RULE_RESPONSE_PROTOCOL_OTHER, !offered(a->request, protocol->value),
                       protocol->at);
}

/* Is this the name of an extension that the request offers? */
static bool extension_offered(const struct wsc_head *request, struct wsc_text name)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_extension offer;
    while (wsc_head_list(request, "Sec-WebSocket-Extensions", &cursor, &element)) {
        wsc_extension_begin(element, &offer);
        if (offer.name.n == name.n && memcmp(offer.name.p, name.p, name.n) == 0)
            return true;
    }
    return false;
}

static void judge_extensions(struct answer *a)
{
    const enum wsc_field field = WSC_FIELD_EXTENSIONS;
    struct wsc_judge *j = &a->judge;
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_extension answer;
    wsc_judge_rule(j, WSC_RULE_RESPONSE_EXTENSIONS_EMPTY, has(a, field) && !filled(a, field),
                   wsc_fields_at(&j->fields, field, 0));
    if (!has(a, field))
        wsc_findings_occasion(j->findings, WSC_RULE_RESPONSE_EXTENSIONS_OTHER);
    while (wsc_fields_list(&j->fields, field, &cursor, &element)) {
        uint64_t at = wsc_fields_at(&j->fields, field, cursor.line);
        bool good = wsc_extension_read(element, &answer);
        wsc_judge_rule(j, WSC_RULE_RESPONSE_EXTENSIONS_SYNTAX, !good, at);
        wsc_judge_rule(j, WSC_RULE_HTTP_EXTENSION_VALUE, answer.bad_value, at);
        if (a->request != NULL)
            wsc_judge_rule(j, WSC_RULE_RESPONSE_EXTENSIONS_OTHER,
                           !extension_offered(a->request, answer.name), at);
    }
    wsc_judge_deflate_answer(j, a->request);
}

static void judge_101(struct answer *a)
{
    const struct wsc_head *head = a->judge.head;
    wsc_judge_rule(&a->judge, WSC_RULE_RESPONSE_VALID, head->broken.rule != WSC_RULE_NONE,
                   head->broken.at);
    wsc_judge_rule(&a->judge, WSC_RULE_RESPONSE_HTTP_VERSION, head->minor == 0, 0);
    judge_upgrade(a);
    judge_accept(a);
    judge_protocol(a);
    judge_extensions(a);
}

bool wsc_response_check(const struct wsc_head *request, const struct wsc_head *response,
                        struct wsc_findings *findings)
{
    struct answer a = {.request = request};
    wsc_judge_init(&a.judge, response, findings);
    judge_any(&a);
    if (response->status == 101)
        judge_101(&a);
    else if (response->status >= 200 && response->status < 300)
        judge_success(&a);
    return response->status == 101 && a.judge.first == WSC_RULE_NONE;
}
