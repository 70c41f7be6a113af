#include <string.h>

#include "deflate_walk.h"

/* Named for what is awaited.  Each takes its bits at once or waits until they are there. */
enum awaited {
    BLOCK,
    STORED_LENGTH,
    STORED,
    COUNTS,
    CODE_LENGTHS,
    LENGTHS,
    REPEATS,
    LITERAL,
    LENGTH_BITS,
    DISTANCE,
    DISTANCE_BITS,
    LOST
};

enum { NONE = -1, END_OF_BLOCK = 256 };

static void drop(struct wsc_walk *w, unsigned n)
{
    w->hold >>= n;
    w->bits = (uint8_t)(w->bits - n);
}

/* True and the next n bits, or false while they are not there. */
static bool take(struct wsc_walk *w, unsigned n, unsigned *value)
{
    if (w->bits < n)
        return false;
    *value = (unsigned)(w->hold & ((UINT64_C(1) << n) - 1));
    drop(w, n);
    return true;
}

/* Canonical codes, section 3.2.2.  False: over-subscribed, or incomplete and not the one code of
 * one bit that may stand alone. */
static bool build(struct wsc_huffman *h, const uint8_t *lengths, unsigned n)
{
    uint16_t first[16];
    int left = 1;
    bool single = true;
    memset(h->count, 0, sizeof h->count);
    for (unsigned i = 0; i < n; i++)
        h->count[lengths[i]]++;
    h->count[0] = 0;
    first[0] = first[1] = 0;
    for (unsigned len = 1; len < 16; len++) {
        left = 2 * left - h->count[len];
        if (left < 0)
            return false;
        single = single && (len == 1 || h->count[len] == 0);
        if (len < 15)
            first[len + 1] = (uint16_t)(first[len] + h->count[len]);
    }
    for (unsigned i = 0; i < n; i++)
        if (lengths[i] != 0)
            h->symbol[first[lengths[i]]++] = (uint16_t)i;
    return left == 0 || single;
}

/* The next symbol; NONE when bits are missing, or when there is no such code and all is lost. Codes
 * of each length follow on those of the length before. */
static int decode(struct wsc_walk *w, const struct wsc_huffman *h)
{
    unsigned code = 0, first = 0, index = 0;
    for (unsigned len = 1; len < 16; len++) {
        if (w->bits < len)
            return NONE;
        code |= (unsigned)(w->hold >> (len - 1) & 1);
        if (code - first < h->count[len]) {
            drop(w, len);
            return h->symbol[index + code - first];
        }
        index += h->count[len];
        first = (first + h->count[len]) << 1;
        code <<= 1;
    }
    w->state = LOST;
    return NONE;
}

static bool lose(struct wsc_walk *w)
{
    w->state = LOST;
    return false;
}

static bool await(struct wsc_walk *w, enum awaited state)
{
    w->state = (uint8_t)state;
    return true;
}

static bool end_block(struct wsc_walk *w)
{
    if (w->last)
        drop(w, w->bits % 8);
    return await(w, BLOCK);
}

static bool begin_fixed(struct wsc_walk *w)
{
    for (unsigned i = 0; i < 288; i++)
        w->lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    build(&w->literal, w->lengths, 288);
    memset(w->lengths, 5, 32);
    build(&w->distance, w->lengths, 32);
    return await(w, LITERAL);
}

static bool begin_block(struct wsc_walk *w)
{
    unsigned head;
    if (!take(w, 3, &head))
        return false;
    w->last = (head & 1) != 0;
    switch (head >> 1) {
    case 0:
        drop(w, w->bits % 8);
        return await(w, STORED_LENGTH);
    case 1:
        return begin_fixed(w);
    case 2:
        return await(w, COUNTS);
    default:
        return lose(w);
    }
}

static bool begin_stored(struct wsc_walk *w)
{
    unsigned length;
    if (!take(w, 32, &length))
        return false;
    w->stored = (uint16_t)length;
    if ((length ^ length >> 16 ^ 0xffff) & 0xffff)
        return lose(w);
    return w->stored != 0 ? await(w, STORED) : end_block(w);
}

static bool follow_stored(struct wsc_walk *w)
{
    unsigned byte;
    if (!take(w, 8, &byte))
        return false;
    w->message++;
    if (--w->stored == 0)
        end_block(w);
    return true;
}

/* The header of a dynamic block, section 3.2.7. */
static bool begin_dynamic(struct wsc_walk *w)
{
    unsigned counts;
    if (!take(w, 14, &counts))
        return false;
    w->literals = (uint16_t)((counts & 31) + 257);
    w->distances = (uint16_t)((counts >> 5 & 31) + 1);
    w->codes = (uint16_t)((counts >> 10) + 4);
    w->at = 0;
    memset(w->lengths, 0, sizeof w->lengths);
    return w->literals > 286 || w->distances > 30 ? lose(w) : await(w, CODE_LENGTHS);
}

static bool read_code_length(struct wsc_walk *w)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    unsigned length;
    if (w->at == w->codes) {
        w->at = 0;
        return build(&w->distance, w->lengths, 19) ? await(w, LENGTHS) : lose(w);
    }
    if (!take(w, 3, &length))
        return false;
    w->lengths[order[w->at++]] = (uint8_t)length;
    return true;
}

static bool end_lengths(struct wsc_walk *w)
{
    bool good = w->lengths[END_OF_BLOCK] != 0 && build(&w->literal, w->lengths, w->literals) &&
                build(&w->distance, w->lengths + w->literals, w->distances);
    return good ? await(w, LITERAL) : lose(w);
}

/* While they are read, the code of the lengths is in `distance`. */
static bool read_length(struct wsc_walk *w)
{
    if (w->at == w->literals + w->distances)
        return end_lengths(w);
    int symbol = decode(w, &w->distance);
    if (symbol == NONE)
        return false;
    w->symbol = (uint16_t)symbol;
    if (symbol >= 16)
        return await(w, REPEATS);
    w->lengths[w->at++] = (uint8_t)symbol;
    return true;
}

static bool repeat_length(struct wsc_walk *w)
{
    static const uint8_t bits[3] = {2, 3, 7}, least[3] = {3, 3, 11};
    unsigned which = w->symbol - 16u, n;
    if (!take(w, bits[which], &n))
        return false;
    n += least[which];
    if ((which == 0 && w->at == 0) || w->at + n > (unsigned)w->literals + w->distances)
        return lose(w);
    memset(w->lengths + w->at, which == 0 ? w->lengths[w->at - 1] : 0, n);
    w->at = (uint16_t)(w->at + n);
    return await(w, LENGTHS);
}

static bool follow_literal(struct wsc_walk *w)
{
    int symbol = decode(w, &w->literal);
    if (symbol == NONE)
        return false;
    if (symbol == END_OF_BLOCK)
        return end_block(w);
    if (symbol < END_OF_BLOCK) {
        w->message++;
        return true;
    }
    w->symbol = (uint16_t)(symbol - 257);
    return w->symbol > 28 ? lose(w) : await(w, LENGTH_BITS);
}

/* Returns the length; it is counted when its distance has been judged. */
static bool read_length_bits(struct wsc_walk *w)
{
    static const uint16_t least[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                       67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t bits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                     2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    unsigned more;
    if (!take(w, bits[w->symbol], &more))
        return false;
    w->stored = (uint16_t)(least[w->symbol] + more);
    return await(w, DISTANCE);
}

static bool read_distance(struct wsc_walk *w)
{
    int symbol = decode(w, &w->distance);
    if (symbol == NONE)
        return false;
    w->symbol = (uint16_t)symbol;
    return symbol > 29 ? lose(w) : await(w, DISTANCE_BITS);
}

/* Distances 1 to 4 have codes of their own; from there on each pair of codes has one extra bit
 * more. */
static bool judge_distance(struct wsc_walk *w, unsigned *reach)
{
    unsigned bits = w->symbol < 4 ? 0 : w->symbol / 2 - 1u, more;
    if (!take(w, bits, &more))
        return false;
    uint32_t distance = 1 + more + (w->symbol < 4 ? w->symbol : (2u + w->symbol % 2) << bits);
    if (distance > w->window)
        *reach |= WSC_REACH_WINDOW;
    if (distance > w->message)
        *reach |= WSC_REACH_MESSAGE;
    w->message += w->stored;
    return await(w, LITERAL);
}

/* True when there may be more to do with the bits at hand. */
static bool step(struct wsc_walk *w, unsigned *reach)
{
    switch ((enum awaited)w->state) {
    case BLOCK:
        return begin_block(w);
    case STORED_LENGTH:
        return begin_stored(w);
    case STORED:
        return follow_stored(w);
    case COUNTS:
        return begin_dynamic(w);
    case CODE_LENGTHS:
        return read_code_length(w);
    case LENGTHS:
        return read_length(w);
    case REPEATS:
        return repeat_length(w);
    case LITERAL:
        return follow_literal(w);
    case LENGTH_BITS:
        return read_length_bits(w);
    case DISTANCE:
        return read_distance(w);
    case DISTANCE_BITS:
        return judge_distance(w, reach);
    case LOST:
        break;
    }
    return false;
}

void wsc_walk_reset(struct wsc_walk *walk)
{
    walk->state = BLOCK;
    walk->bits = 0;
    walk->hold = 0;
    walk->last = false;
}

unsigned wsc_walk_byte(struct wsc_walk *walk, uint8_t byte)
{
    unsigned reach = 0;
    walk->hold |= (uint64_t)byte << walk->bits;
    walk->bits = (uint8_t)(walk->bits + 8);
    while (step(walk, &reach))
        continue;
    if (walk->state == LOST)
        walk->bits = 0;
    return reach;
}
