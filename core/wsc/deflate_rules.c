#include "deflate_terms.h"
#include "head_rules.h"

static const char field[] = "Sec-WebSocket-Extensions";

/* Offset of a place in a value of the list's line. */
static uint64_t offset_of(const struct wsc_judge *judge, size_t line, const char *place)
{
    const struct wsc_header *header = wsc_fields_line(&judge->fields, WSC_FIELD_EXTENSIONS, line);
    return header->at + (uint64_t)(place - header->name.p);
}

/* Each fault of an element has its rule. */
static void judge_faults(struct wsc_judge *judge, const struct wsc_terms_read *read, size_t line,
                         const enum wsc_rule rules[WSC_TERMS_FAULTS])
{
    for (size_t i = 0; i < WSC_TERMS_FAULTS; i++) {
        if (read->faults[i] != NULL)
            wsc_judge_broken(judge, rules[i], offset_of(judge, line, read->faults[i]));
        else
            wsc_findings_occasion(judge->findings, rules[i]);
    }
}

bool wsc_deflate_offer_faulty(struct wsc_text element)
{
    struct wsc_terms_read offer;
    return wsc_terms_read(element, false, &offer) && offer.faulty;
}

void wsc_judge_deflate_offers(struct wsc_judge *judge)
{
    static const enum wsc_rule rules[WSC_TERMS_FAULTS] = {
        [WSC_TERMS_UNKNOWN] = WSC_RULE_REQUEST_EXTENSION_PARAMETER,
        [WSC_TERMS_REPEATED] = WSC_RULE_REQUEST_DEFLATE_REPEATED,
        [WSC_TERMS_SERVER_TAKEOVER] = WSC_RULE_REQUEST_DEFLATE_SERVER_TAKEOVER,
        [WSC_TERMS_CLIENT_TAKEOVER] = WSC_RULE_REQUEST_DEFLATE_CLIENT_TAKEOVER,
        [WSC_TERMS_SERVER_BITS] = WSC_RULE_REQUEST_DEFLATE_SERVER_BITS,
        [WSC_TERMS_CLIENT_BITS] = WSC_RULE_REQUEST_DEFLATE_CLIENT_BITS};
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_terms_read offer;
    while (wsc_fields_list(&judge->fields, WSC_FIELD_EXTENSIONS, &cursor, &element))
        if (wsc_terms_read(element, false, &offer))
            judge_faults(judge, &offer, cursor.line, rules);
}

/* How badly an accepted offer fits: what the answer to it lacks, and why it had to be declined. */
struct fit {
    unsigned unmet;
    bool unknown, value, repeated;
};

static unsigned weight(const struct fit *fit)
{
    unsigned n = (unsigned)fit->unknown + fit->value + fit->repeated;
    for (unsigned bits = fit->unmet; bits != 0; bits >>= 1)
        n += bits & 1;
    return n;
}

static struct fit compare(const struct wsc_terms_read *offer, const struct wsc_terms_read *answer)
{
    const char *const *faults = offer->faults;
    struct fit fit = {.unmet = wsc_terms_compare(&offer->terms, &answer->terms),
                      .unknown = faults[WSC_TERMS_UNKNOWN] != NULL,
                      .repeated = faults[WSC_TERMS_REPEATED] != NULL};
    for (size_t i = WSC_TERMS_SERVER_TAKEOVER; i < WSC_TERMS_FAULTS; i++)
        fit.value = fit.value || faults[i] != NULL;
    if (answer->faults[WSC_TERMS_SERVER_BITS] != NULL)
        fit.unmet &= ~(unsigned)WSC_TERMS_EXCEEDS_WINDOW;
    if (answer->faults[WSC_TERMS_SERVER_TAKEOVER] != NULL)
        fit.unmet &= ~(unsigned)WSC_TERMS_DROPS_TAKEOVER;
    return fit;
}

/* An answer does not say which offer it accepts: it is held to the one that it fits best. */
static bool best_fit(const struct wsc_head *request, const struct wsc_terms_read *answer,
                     struct fit *best)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_terms_read offer;
    bool found = false;
    while (wsc_head_list(request, field, &cursor, &element)) {
        if (!wsc_terms_read(element, false, &offer))
            continue;
        struct fit fit = compare(&offer, answer);
        if (!found || weight(&fit) < weight(best))
            *best = fit;
        found = true;
    }
    return found;
}

static void note(struct wsc_judge *judge, enum wsc_rule rule, bool broken, uint64_t at)
{
    if (broken)
        wsc_judge_rule(judge, rule, true, at);
}

static void judge_fit(struct wsc_judge *judge, const struct wsc_head *request,
                      const struct wsc_terms_read *answer, uint64_t at)
{
    struct fit fit;
    if (request == NULL || !best_fit(request, answer, &fit))
        return;
    note(judge, WSC_RULE_RESPONSE_DEFLATE_TAKEOVER_DROPPED, fit.unmet & WSC_TERMS_DROPS_TAKEOVER,
         at);
    note(judge, WSC_RULE_RESPONSE_DEFLATE_WINDOW_EXCEEDED, fit.unmet & WSC_TERMS_EXCEEDS_WINDOW,
         at);
    note(judge, WSC_RULE_RESPONSE_DEFLATE_CLIENT_BITS_UNASKED, fit.unmet & WSC_TERMS_UNASKED_BITS,
         at);
    note(judge, WSC_RULE_RESPONSE_DEFLATE_OFFER_UNKNOWN, fit.unknown, at);
    note(judge, WSC_RULE_RESPONSE_DEFLATE_OFFER_VALUE, fit.value, at);
    note(judge, WSC_RULE_RESPONSE_DEFLATE_OFFER_REPEATED, fit.repeated, at);
}

static void chance(struct wsc_judge *judge, enum wsc_rule rule, bool given)
{
    if (given)
        wsc_findings_occasion(judge->findings, rule);
}

/* What an offer gives to do wrong; who declines it has done right. */
static void note_chances(struct wsc_judge *judge, const struct wsc_head *request)
{
    static const struct wsc_terms_read none;
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_terms_read offer;
    while (wsc_head_list(request, field, &cursor, &element)) {
        if (!wsc_terms_read(element, false, &offer))
            continue;
        const struct wsc_deflate_terms *terms = &offer.terms;
        struct fit fit = compare(&offer, &none);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_TWICE, true);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_TAKEOVER_DROPPED,
               terms->server_no_context_takeover);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_WINDOW_EXCEEDED,
               terms->server_max_window_bits != 0);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_CLIENT_BITS_UNASKED,
               terms->client_max_window_bits == 0);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_OFFER_UNKNOWN, fit.unknown);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_OFFER_VALUE, fit.value);
        chance(judge, WSC_RULE_RESPONSE_DEFLATE_OFFER_REPEATED, fit.repeated);
    }
}

void wsc_judge_deflate_answer(struct wsc_judge *judge, const struct wsc_head *request)
{
    static const enum wsc_rule rules[WSC_TERMS_FAULTS] = {
        [WSC_TERMS_UNKNOWN] = WSC_RULE_RESPONSE_EXTENSION_PARAMETER,
        [WSC_TERMS_REPEATED] = WSC_RULE_RESPONSE_DEFLATE_REPEATED,
        [WSC_TERMS_SERVER_TAKEOVER] = WSC_RULE_RESPONSE_DEFLATE_SERVER_TAKEOVER,
        [WSC_TERMS_CLIENT_TAKEOVER] = WSC_RULE_RESPONSE_DEFLATE_CLIENT_TAKEOVER,
        [WSC_TERMS_SERVER_BITS] = WSC_RULE_RESPONSE_DEFLATE_SERVER_BITS,
        [WSC_TERMS_CLIENT_BITS] = WSC_RULE_RESPONSE_DEFLATE_CLIENT_BITS};
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_terms_read answer;
    size_t count = 0;
    if (request != NULL)
        note_chances(judge, request);
    while (wsc_fields_list(&judge->fields, WSC_FIELD_EXTENSIONS, &cursor, &element)) {
        if (!wsc_terms_read(element, true, &answer))
            continue;
        uint64_t at = offset_of(judge, cursor.line, element.p);
        note(judge, WSC_RULE_RESPONSE_DEFLATE_TWICE, count++ != 0, at);
        judge_faults(judge, &answer, cursor.line, rules);
        judge_fit(judge, request, &answer, at);
    }
}
