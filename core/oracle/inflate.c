#include <stdlib.h>
#include <string.h>
#include <wsf/inflate.h>

/* The message, its tail behind it, and what is known of it. */
struct reading {
    struct wsf_inflate *all;
    struct wsf_inflated *seen;
    const uint8_t *payload;
    size_t size, at; /* at: in bits */
    size_t begin, limit;
    bool bad;
};

static unsigned bit(struct reading *r)
{
    static const uint8_t tail[4] = {0, 0, 0xff, 0xff};
    size_t byte = r->at / 8;
    unsigned value;

    if (byte >= r->size + 4) {
        r->bad = true;
        return 0;
    }
    value = byte < r->size ? r->payload[byte] : tail[byte - r->size];
    return value >> (r->at++ % 8) & 1;
}

static unsigned number(struct reading *r, unsigned bits)
{
    unsigned value = 0;

    for (unsigned i = 0; i < bits; i++)
        value |= bit(r) << i;
    return value;
}

static void put(struct reading *r, uint8_t byte)
{
    r->bad = r->bad || r->all->out.n - r->begin >= r->limit;
    if (!r->bad)
        wsf_log_put(&r->all->out, &byte, 1);
}

/* A set of codes; a symbol is found by comparing with each. */
struct table {
    uint8_t lengths[288];
    uint16_t codes[288];
    unsigned count;
};

/* Section 3.2.2: codes of one length in the order of their symbols, behind all shorter ones.  zlib
 * takes a set that is complete, or has one code of one bit at most; of the lengths' code only a
 * complete one. */
static bool fill(struct table *table, const uint8_t *lengths, unsigned count, bool strict)
{
    unsigned next = 0, longest = 0;

    memcpy(table->lengths, lengths, count);
    table->count = count;
    for (unsigned len = 1; len < 16; len++) {
        next <<= 1;
        for (unsigned i = 0; i < count; i++) {
            if (lengths[i] != len)
                continue;
            longest = len;
            table->codes[i] = (uint16_t)next++;
        }
        if (next > 1u << len)
            return false;
    }
    return next == 1u << 15 || (longest <= 1 && !strict) || longest == 0;
}

static unsigned symbol(struct reading *r, const struct table *table)
{
    unsigned code = 0;

    for (unsigned len = 1; len < 16 && !r->bad; len++) {
        code = code << 1 | bit(r);
        for (unsigned i = 0; i < table->count; i++) {
            if (table->lengths[i] == len && table->codes[i] == code)
                return i;
        }
    }
    r->bad = true;
    return 0;
}

static void copy(struct reading *r, unsigned length, unsigned distance)
{
    struct wsf_log *out = &r->all->out;
    size_t message = out->n - r->begin;

    r->bad = r->bad || distance > out->n;
    r->seen->beyond_window = r->seen->beyond_window || distance > r->all->window;
    r->seen->beyond_message =
        r->seen->beyond_message || (r->all->alone && r->begin > 0 && distance > message);
    for (unsigned i = 0; i < length && !r->bad; i++)
        put(r, out->p[out->n - distance]);
}

/* Base values and extra bits grow by a rule; the last length is the exception. */
static unsigned length_of(struct reading *r, unsigned code)
{
    unsigned bits = code < 8 || code == 28 ? 0 : code / 4 - 1;
    unsigned least = code < 8 ? 3 + code : 3 + ((4 + code % 4) << bits);

    return code == 28 ? 258 : least + number(r, bits);
}

static unsigned distance_of(struct reading *r, unsigned code)
{
    unsigned bits = code < 4 ? 0 : code / 2 - 1;
    unsigned least = code < 4 ? 1 + code : 1 + ((2 + code % 2) << bits);

    return least + number(r, bits);
}

static void read_symbols(struct reading *r, const struct table *literals,
                         const struct table *distances)
{
    while (!r->bad) {
        unsigned value = symbol(r, literals), length;

        if (r->bad || value == 256)
            return;
        if (value < 256) {
            put(r, (uint8_t)value);
            continue;
        }
        r->bad = value > 285;
        length = r->bad ? 0 : length_of(r, value - 257);
        value = symbol(r, distances);
        r->bad = r->bad || value > 29;
        if (!r->bad)
            copy(r, length, distance_of(r, value));
    }
}

static void read_fixed(struct reading *r)
{
    struct table literals, distances;
    uint8_t lengths[288];

    for (unsigned i = 0; i < 288; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    fill(&literals, lengths, 288, false);
    memset(lengths, 5, 32);
    fill(&distances, lengths, 32, false);
    read_symbols(r, &literals, &distances);
}

static void read_dynamic(struct reading *r)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct table literals, distances;
    uint8_t lengths[320] = {0}, codes[19] = {0};
    unsigned nlit = number(r, 5) + 257, ndist = number(r, 5) + 1, ncode = number(r, 4) + 4, at = 0;

    for (unsigned i = 0; i < ncode; i++)
        codes[order[i]] = (uint8_t)number(r, 3);
    r->bad = r->bad || nlit > 286 || ndist > 30 || !fill(&literals, codes, 19, true);
    while (!r->bad && at < nlit + ndist) {
        unsigned value = symbol(r, &literals);
        unsigned n = value < 16    ? 1
                     : value == 16 ? 3 + number(r, 2)
                     : value == 17 ? 3 + number(r, 3)
                                   : 11 + number(r, 7);

        r->bad = r->bad || at + n > nlit + ndist || (value == 16 && at == 0);
        if (!r->bad)
            memset(lengths + at, value < 16 ? (int)value : value == 16 ? lengths[at - 1] : 0, n);
        at += n;
    }
    if (r->bad || lengths[256] == 0 || !fill(&literals, lengths, nlit, false) ||
        !fill(&distances, lengths + nlit, ndist, false))
        r->bad = true;
    else
        read_symbols(r, &literals, &distances);
}

static void align(struct reading *r)
{
    r->at = (r->at + 7) / 8 * 8;
}

static void read_stored(struct reading *r)
{
    unsigned length, check;

    align(r);
    /* The message ends here, and its tail is the rest of this block. */
    r->seen->whole = r->at == r->size * 8;
    length = number(r, 16);
    check = number(r, 16);
    r->bad = r->bad || (length ^ check) != 0xffff;
    for (unsigned i = 0; i < length && !r->bad; i++)
        put(r, (uint8_t)number(r, 8));
}

static void read_block(struct reading *r)
{
    bool last = bit(r);
    unsigned type = number(r, 2);

    if (type == 0)
        read_stored(r);
    else if (type == 1)
        read_fixed(r);
    else if (type == 2)
        read_dynamic(r);
    else
        r->bad = true;
    if (last)
        align(r);
}

struct wsf_inflated wsf_inflate_message(struct wsf_inflate *inflate, const uint8_t *payload,
                                        size_t size, size_t limit)
{
    struct wsf_inflated seen = {0};
    struct reading r = {.all = inflate,
                        .seen = &seen,
                        .payload = payload,
                        .size = size,
                        .begin = inflate->out.n,
                        .limit = limit};

    while (!r.bad && !seen.whole)
        read_block(&r);
    seen.whole = seen.whole && !r.bad && size > 0;
    seen.len = inflate->out.n - r.begin;
    seen.data = seen.len > 0 ? inflate->out.p + r.begin : NULL;
    return seen;
}

void wsf_inflate_drop(struct wsf_inflate *inflate)
{
    wsf_log_drop(&inflate->out);
}
