#include <string.h>

#include "deflate_terms.h"
#include "head_rules.h"

/* The text of a token, quoted pairs undone: 8 to 15 without leading zeros, or 0. */
static uint8_t read_bits(struct wsc_text value)
{
    unsigned n = 0;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\') /* the grammar has another one behind it */
            c = value.p[++i];
        if (c < '0' || c > '9' || (c == '0' && n == 0))
            return 0;
        n = n * 10 + (unsigned)(c - '0');
        if (n > 15)
            return 0;
    }
    return n >= 8 ? (uint8_t)n : 0;
}

static const char *const names[] = {"server_no_context_takeover", "client_no_context_takeover",
                                    "server_max_window_bits", "client_max_window_bits"};
enum { SERVER_TAKEOVER, CLIENT_TAKEOVER, SERVER_BITS, CLIENT_BITS, NAMES };

/* Notes the first of each kind. */
static void blame(struct wsc_terms_read *read, unsigned fault, struct wsc_text name)
{
    read->faulty = true;
    if (read->faults[fault] == NULL)
        read->faults[fault] = name.p;
}

static void take_flag(struct wsc_terms_read *read, const struct wsc_parameter *p, unsigned fault,
                      bool *flag)
{
    if (p->has_value)
        blame(read, fault, p->name);
    else
        *flag = true;
}

static void take_bits(struct wsc_terms_read *read, const struct wsc_parameter *p, unsigned fault,
                      bool bare, uint8_t *bits)
{
    *bits = p->has_value ? read_bits(p->value) : bare ? WSC_BITS_ASKED : 0;
    if (*bits == 0)
        blame(read, fault, p->name);
}

static void take_parameter(struct wsc_terms_read *read, const struct wsc_parameter *p, bool answer,
                           unsigned *seen)
{
    struct wsc_deflate_terms *terms = &read->terms;
    unsigned which = 0;
    while (which < NAMES && !wsc_text_is(p->name, names[which]))
        which++;
    if (which == NAMES) {
        blame(read, WSC_TERMS_UNKNOWN, p->name);
        return;
    }
    if (*seen & 1u << which) {
        blame(read, WSC_TERMS_REPEATED, p->name);
        return;
    }
    *seen |= 1u << which;
    if (which == SERVER_TAKEOVER)
        take_flag(read, p, WSC_TERMS_SERVER_TAKEOVER, &terms->server_no_context_takeover);
    else if (which == CLIENT_TAKEOVER)
        take_flag(read, p, WSC_TERMS_CLIENT_TAKEOVER, &terms->client_no_context_takeover);
    else if (which == SERVER_BITS)
        take_bits(read, p, WSC_TERMS_SERVER_BITS, false, &terms->server_max_window_bits);
    else
        take_bits(read, p, WSC_TERMS_CLIENT_BITS, !answer, &terms->client_max_window_bits);
}

bool wsc_terms_read(struct wsc_text element, bool answer, struct wsc_terms_read *read)
{
    struct wsc_extension extension;
    struct wsc_parameter parameter;
    unsigned seen = 0;
    memset(read, 0, sizeof *read);
    if (!wsc_extension_begin(element, &extension) ||
        !wsc_text_is(extension.name, "permessage-deflate"))
        return false;
    while (wsc_extension_next(&extension, &parameter))
        take_parameter(read, &parameter, answer, &seen);
    read->faulty = read->faulty || extension.broken;
    return true;
}

bool wsc_deflate_read(struct wsc_text element, bool answer, struct wsc_deflate_terms *terms)
{
    struct wsc_terms_read read;
    bool named = wsc_terms_read(element, answer, &read);
    *terms = read.terms;
    return named && !read.faulty;
}

/* A window of 15 bits holds without being confirmed. */
unsigned wsc_terms_compare(const struct wsc_deflate_terms *offer,
                           const struct wsc_deflate_terms *answer)
{
    unsigned unmet = 0;
    unsigned bits = answer->server_max_window_bits != 0 ? answer->server_max_window_bits : 15;
    if (offer->server_no_context_takeover && !answer->server_no_context_takeover)
        unmet |= WSC_TERMS_DROPS_TAKEOVER;
    if (offer->server_max_window_bits != 0 && bits > offer->server_max_window_bits)
        unmet |= WSC_TERMS_EXCEEDS_WINDOW;
    if (offer->client_max_window_bits == 0 && answer->client_max_window_bits != 0)
        unmet |= WSC_TERMS_UNASKED_BITS;
    return unmet;
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* The answer to one offer: its demands and our wishes; its hints are taken. */
static void answer_offer(const struct wsc_deflate_terms *offer,
                         const struct wsc_deflate_terms *wish, struct wsc_deflate_terms *answer)
{
    uint8_t own = wish->server_max_window_bits != 0 ? wish->server_max_window_bits : 15;
    uint8_t client = wish->client_max_window_bits >= 8 ? wish->client_max_window_bits : 15;
    uint8_t hint = offer->client_max_window_bits >= 8 ? offer->client_max_window_bits : 15;
    *answer = (struct wsc_deflate_terms){
        .server_no_context_takeover =
            offer->server_no_context_takeover || wish->server_no_context_takeover,
        .client_no_context_takeover =
            offer->client_no_context_takeover || wish->client_no_context_takeover};
    if (offer->server_max_window_bits != 0)
        answer->server_max_window_bits = smaller(own, offer->server_max_window_bits);
    else if (own < 15)
        answer->server_max_window_bits = own;
    if (offer->client_max_window_bits != 0 && smaller(client, hint) < 15)
        answer->client_max_window_bits = smaller(client, hint);
}

bool wsc_deflate_choose(const struct wsc_head *request, const struct wsc_deflate_terms *wish,
                        struct wsc_deflate_terms *agreed)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_deflate_terms offer;
    while (wsc_head_list(request, "Sec-WebSocket-Extensions", &cursor, &element))
        if (wsc_deflate_read(element, false, &offer)) {
            answer_offer(&offer, wish, agreed);
            return true;
        }
    return false;
}

bool wsc_deflate_agreed(const struct wsc_head *response, struct wsc_deflate_terms *agreed)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    struct wsc_terms_read read;
    while (wsc_head_list(response, "Sec-WebSocket-Extensions", &cursor, &element))
        if (wsc_terms_read(element, true, &read)) {
            *agreed = read.terms;
            return true;
        }
    return false;
}

/* Text into a buffer of a given size. */
struct writer {
    char *out;
    size_t size, at;
};

static void put(struct writer *w, const char *text)
{
    for (; *text != '\0'; text++, w->at++)
        if (w->at < w->size)
            w->out[w->at] = *text;
}

static void put_parameter(struct writer *w, const char *name, unsigned bits)
{
    char digits[] = {'=', (char)('0' + bits / 10), (char)('0' + bits % 10), '\0'};
    put(w, "; ");
    put(w, name);
    if (bits >= 10)
        put(w, digits);
    else if (bits >= 8)
        put(w, bits == 8 ? "=8" : "=9");
}

size_t wsc_deflate_write(const struct wsc_deflate_terms *terms, char *out, size_t size)
{
    struct writer w = {out, size, 0};
    put(&w, "permessage-deflate");
    if (terms->server_no_context_takeover)
        put_parameter(&w, names[SERVER_TAKEOVER], 0);
    if (terms->client_no_context_takeover)
        put_parameter(&w, names[CLIENT_TAKEOVER], 0);
    if (terms->server_max_window_bits != 0)
        put_parameter(&w, names[SERVER_BITS], terms->server_max_window_bits);
    if (terms->client_max_window_bits != 0)
        put_parameter(&w, names[CLIENT_BITS], terms->client_max_window_bits);
    if (w.at >= size)
        return 0;
    out[w.at] = '\0';
    return w.at;
}
