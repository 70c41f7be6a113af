/* payload.c - the bytes that a payload stands for. */
#include "program.h"

#include <stdlib.h>
#include <string.h>

static bool generated_size(struct wsn_arena *arena, const struct wsn_text *text, size_t *n)
{
    size_t length;
    uint64_t value;
    const char *p = wss_plain(arena, text, &length);
    bool valid = wsn_number(p, length, WSN_MAX_PAYLOAD, &value);
    *n = valid ? (size_t)value : 0;
    return valid;
}

bool wss_size_valid(struct wsn_arena *arena, const struct wsn_text *text)
{
    size_t n;
    return generated_size(arena, text, &n);
}

/* Fills out[0..n) with as many whole pieces as fit and pads the rest, so that the text is valid
 * UTF-8 and has exactly n bytes. */
static void fill(uint8_t *out, size_t n, const char *const *pieces, size_t count, uint64_t *state,
                 char pad)
{
    size_t at = 0;
    for (;;) {
        const char *piece = pieces[wss_draw(state) % count];
        size_t length = strlen(piece);
        if (at + length > n)
            break;
        memcpy(out + at, piece, length);
        at += length;
    }
    memset(out + at, pad, n - at);
}

static void prose(uint8_t *out, size_t n, uint64_t *state)
{
    static const char *const words[] = {
        "the ",  "peer ",    "answers ", "every ", "frame ",  "with ",    "care, ",
        "and ",  "nothing ", "is ",      "lost. ", "Ein ",    "schöner ", "Größe ",
        "über ", "naïve ",   "façade ",  "소켓 ",  "메시지 ", "프레임 ",  "연결 "};
    fill(out, n, words, sizeof words / sizeof *words, state, ' ');
}

static void json(uint8_t *out, size_t n, uint64_t *state)
{
    static const char *const members[] = {
        "{\"id\":17,\"ok\":true},",      "{\"name\":\"alice\",\"n\":null},",
        "{\"list\":[1,2,3],\"x\":0.5},", "{\"text\":\"안녕\",\"to\":\"bob\"},",
        "{\"a\":{\"b\":{\"c\":[]}}},",   "{\"event\":\"join\",\"data\":{}},"};
    if (n < 4) { /* the only JSON that fits is a number */
        memset(out, '1', n);
        return;
    }
    out[0] = '[';
    fill(out + 1, n - 3, members, sizeof members / sizeof *members, state, ' ');
    out[n - 2] = '0'; /* closes the list behind the last comma */
    out[n - 1] = ']';
}

static void generate(enum wsn_term_kind kind, uint64_t draw, uint8_t *out, size_t n)
{
    uint64_t state = draw;
    if (kind == WSN_TERM_RANDOM)
        wss_draw_bytes(&state, out, n);
    else if (kind == WSN_TERM_JSON)
        json(out, n, &state);
    else
        prose(out, n, &state);
}

/* A term, and how often it stands there. */
struct measure {
    const char *text; /* NULL: generated */
    size_t n, times;
};

/* False: it has no bytes, or memory has ended. */
static bool measure(struct wsn_arena *arena, const struct wsn_term *term, struct measure *m)
{
    *m = (struct measure){.times = 1};
    if (term->times.present && !generated_size(arena, &term->times, &m->times))
        return false;
    switch (term->kind) {
    case WSN_TERM_TEXT:
    case WSN_TERM_HEX:
    case WSN_TERM_BASE64:
    case WSN_TERM_FILE:
        m->text = wss_plain(arena, &term->text, &m->n);
        return m->text != NULL;
    case WSN_TERM_RANDOM:
    case WSN_TERM_JSON:
    case WSN_TERM_PROSE:
        return generated_size(arena, &term->text, &m->n);
    case WSN_TERM_REGEX:
    case WSN_TERM_VALUE:
        break;
    }
    return false;
}

/* All terms; NULL likewise. */
static struct measure *measure_all(struct wsn_arena *arena, const struct wsn_payload *payload,
                                   size_t *length)
{
    struct measure *list = wsn_alloc(arena, (payload->count + 1) * sizeof *list);
    *length = 0;
    for (size_t i = 0; i < payload->count && list; i++) {
        struct measure *m = &list[i];
        if (!measure(arena, &payload->terms[i], m) ||
            (m->n && m->times > (WSN_MAX_PAYLOAD - *length) / m->n))
            return NULL;
        *length += m->n * m->times;
    }
    return list;
}

bool wss_payload_length(struct wsn_arena *arena, const struct wsn_payload *payload, size_t *length)
{
    return measure_all(arena, payload, length) != NULL;
}

static void write_terms(const struct wsn_payload *payload, const struct measure *list,
                        uint64_t draw, uint8_t *out)
{
    for (size_t i = 0; i < payload->count; i++) {
        const struct measure *m = &list[i];
        if (m->text && m->times)
            memcpy(out, m->text, m->n);
        else if (m->times)
            generate(payload->terms[i].kind, draw, out, m->n);
        for (size_t k = 1; k < m->times && m->n; k++)
            memcpy(out + k * m->n, out, m->n);
        out += m->n * m->times;
    }
}

bool wss_payload_write(struct wsn_arena *arena, const struct wsn_payload *payload, uint64_t draw,
                       uint8_t *out, size_t length)
{
    size_t whole;
    const struct measure *list = measure_all(arena, payload, &whole);
    bool good = list && whole == length;
    if (good)
        write_terms(payload, list, draw, out);
    return good;
}

uint8_t *wss_payload_bytes(struct wsn_arena *arena, const struct wsn_payload *payload,
                           uint64_t draw, size_t *length)
{
    const struct measure *list = measure_all(arena, payload, length);
    uint8_t *out = list ? wsn_alloc(arena, *length + 1) : NULL;
    if (out)
        write_terms(payload, list, draw, out);
    return out;
}

bool wss_payload_pattern(const struct wsn_payload *payload)
{
    return payload->count == 1 &&
           (payload->terms[0].kind == WSN_TERM_REGEX || payload->terms[0].kind == WSN_TERM_VALUE);
}

bool wss_payload_constant(const struct wsn_payload *payload)
{
    for (size_t i = 0; i < payload->count; i++) {
        if (wss_has_variable(&payload->terms[i].text) || wss_has_variable(&payload->terms[i].times))
            return false;
    }
    return !wss_payload_pattern(payload);
}
