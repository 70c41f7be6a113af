#include "heads.h"

/* RFC 7692, section 7.1: the parameters, in the order of the rules on their values. */
enum { SERVER_TAKEOVER, CLIENT_TAKEOVER, SERVER_BITS, CLIENT_BITS, UNKNOWN };

static unsigned which(struct wso_span name)
{
    static const char *const names[] = {"server_no_context_takeover", "client_no_context_takeover",
                                        "server_max_window_bits", "client_max_window_bits"};
    unsigned i = 0;

    while (i < UNKNOWN && !wso_is(name, names[i]))
        i++;
    return i;
}

/* Sections 7.1.2.1 and 7.1.2.2: a decimal number from 8 to 15 without leading zeros, which may be
 * quoted.  0: it is none. */
static unsigned bits_of(struct wso_span value)
{
    static const char *const numbers[] = {"8", "9", "10", "11", "12", "13", "14", "15"};
    uint8_t said[3];
    size_t n = 0;

    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\\' && i + 1 < value.n)
            i++;
        if (n == sizeof said)
            return 0;
        said[n++] = value.p[i];
    }
    for (unsigned i = 0; i < 8; i++) {
        if (wso_is((struct wso_span){said, n}, numbers[i]))
            return 8 + i;
    }
    return 0;
}

/* One element of the list, as far as its grammar holds. */
struct terms {
    bool takeover_given_up[2]; /* by the server, by the client */
    unsigned bits[2];          /* of the server, of the client; 0: not said, or not rightly */
    bool asks_bits;            /* client_max_window_bits stands there, with a good value or none */
    const uint8_t *wrong[4];   /* the first parameter of that name with a wrong value */
    const uint8_t *unknown, *repeated;
};

static void take_value(struct terms *t, unsigned name, bool offer, const struct wso_parameter *p)
{
    bool flag = name == SERVER_TAKEOVER || name == CLIENT_TAKEOVER;
    unsigned bits = !flag && p->has_value ? bits_of(p->value) : 0;
    bool bare = name == CLIENT_BITS && offer && !p->has_value;

    if (flag ? p->has_value : bits == 0 && !bare)
        t->wrong[name] = p->name.p;
    else if (flag)
        t->takeover_given_up[name] = true;
    else
        t->bits[name - SERVER_BITS] = bits;
    t->asks_bits = t->asks_bits || bare || (name == CLIENT_BITS && bits > 0);
}

/* False: it is another extension. */
static bool read_terms(struct wso_span element, bool offer, struct terms *t)
{
    struct wso_parameter p;
    struct wso_span rest;
    bool seen[UNKNOWN] = {false};

    *t = (struct terms){.asks_bits = false};
    if (!wso_is(wso_extension_name(element, &rest), "permessage-deflate"))
        return false;
    while (wso_parameter(&rest, &p) == WSO_FOUND) {
        unsigned name = which(p.name);

        if (name == UNKNOWN) {
            t->unknown = t->unknown ? t->unknown : p.name.p;
        } else if (seen[name]) {
            t->repeated = t->repeated ? t->repeated : p.name.p;
        } else {
            seen[name] = true;
            take_value(t, name, offer, &p);
        }
    }
    return true;
}

struct name_and_row {
    const char *rule, *requirement;
};

static void note_each(struct wso_head *head, const struct terms *t, unsigned code,
                      const struct name_and_row rules[6])
{
    const uint8_t *const places[] = {t->unknown,  t->repeated, t->wrong[0],
                                     t->wrong[1], t->wrong[2], t->wrong[3]};

    for (unsigned i = 0; i < 6; i++) {
        if (places[i])
            wso_note(head, rules[i].rule, rules[i].requirement, code,
                     (size_t)(places[i] - head->data));
    }
}

/* Section 7.1, for a client: an offer may be wrong without spoiling the request, for a server
 * declines it. */
void wso_judge_offers(struct wso_head *head)
{
    static const struct name_and_row rules[] = {
        {"request.extension-parameter", "6455-9.1-5"},
        {"request.deflate-repeated", "7692-7-11"},
        {"request.deflate-server-takeover", "7692-7.1.1.1-1"},
        {"request.deflate-client-takeover", "7692-7.1.1.2-1"},
        {"request.deflate-server-bits", "7692-7.1.2.1-1"},
        {"request.deflate-client-bits", "7692-7.1.2.2-1"}};
    struct wso_span element;
    struct terms offer;
    size_t line;

    for (size_t i = 0; wso_element(head, "Sec-WebSocket-Extensions", i, &element, &line); i++) {
        if (read_terms(element, true, &offer))
            note_each(head, &offer, 0, rules);
    }
}

/* What is wrong with an answer as the answer to one offer (sections 7 and 7.1). */
enum { DROPS, EXCEEDS, UNASKED, ODD_UNKNOWN, ODD_VALUE, ODD_REPEATED, ODDS };

static unsigned compare(const struct terms *offer, const struct terms *answer, bool odd[ODDS])
{
    unsigned window = answer->bits[0] > 0 ? answer->bits[0] : 15, count = 0;

    odd[DROPS] = offer->takeover_given_up[0] && !answer->takeover_given_up[0] &&
                 !answer->wrong[SERVER_TAKEOVER];
    odd[EXCEEDS] = offer->bits[0] > 0 && window > offer->bits[0] && !answer->wrong[SERVER_BITS];
    odd[UNASKED] = !offer->asks_bits && answer->bits[1] > 0;
    odd[ODD_UNKNOWN] = offer->unknown;
    odd[ODD_VALUE] = offer->wrong[0] || offer->wrong[1] || offer->wrong[2] || offer->wrong[3];
    odd[ODD_REPEATED] = offer->repeated;
    for (unsigned i = 0; i < ODDS; i++)
        count += odd[i];
    return count;
}

/* The answer does not say which offer it accepts: it is the first that it fits best. */
static void judge_fit(struct wso_head *head, const struct wso_head *request,
                      const struct terms *answer, size_t at)
{
    static const struct {
        struct name_and_row rule;
        unsigned code;
    } rules[ODDS] = {{{"response.deflate-takeover-dropped", "7692-7.1.1.1-2"}, 1002},
                     {{"response.deflate-window-exceeded", "7692-7.1.2.1-3"}, 1002},
                     {{"response.deflate-client-bits-unasked", "7692-7.1.2.2-3"}, 1002},
                     {{"response.deflate-offer-unknown", "7692-7-1"}, 0},
                     {{"response.deflate-offer-value", "7692-7-2"}, 0},
                     {{"response.deflate-offer-repeated", "7692-7-3"}, 0}};
    unsigned least = ODDS + 1;
    struct wso_span element;
    struct terms offer;
    bool best[ODDS] = {false}, odd[ODDS];
    size_t line;

    for (size_t i = 0; wso_element(request, "Sec-WebSocket-Extensions", i, &element, &line); i++) {
        unsigned count = read_terms(element, true, &offer) ? compare(&offer, answer, odd) : least;

        for (unsigned k = 0; k < ODDS && count < least; k++)
            best[k] = odd[k];
        least = count < least ? count : least;
    }
    for (unsigned k = 0; k < ODDS; k++) {
        if (best[k])
            wso_note(head, rules[k].rule.rule, rules[k].rule.requirement, rules[k].code, at);
    }
}

void wso_judge_agreement(struct wso_head *head, const struct wso_head *request)
{
    static const struct name_and_row rules[] = {
        {"response.extension-parameter", "6455-9.1-5"},
        {"response.deflate-repeated", "7692-7-10"},
        {"response.deflate-server-takeover", "7692-7.1.1.1-7"},
        {"response.deflate-client-takeover", "7692-7.1.1.2-5"},
        {"response.deflate-server-bits", "7692-7.1.2.1-4"},
        {"response.deflate-client-bits", "7692-7.1.2.2-5"}};
    struct wso_span element;
    struct terms answer;
    size_t line, count = 0;

    for (size_t i = 0; wso_element(head, "Sec-WebSocket-Extensions", i, &element, &line); i++) {
        size_t at = (size_t)(element.p - head->data);

        if (!read_terms(element, false, &answer))
            continue;
        if (count++ > 0)
            wso_note(head, "response.deflate-twice", "7692-5-8", 1002, at);
        note_each(head, &answer, 1002, rules);
        if (request)
            judge_fit(head, request, &answer, at);
    }
}
