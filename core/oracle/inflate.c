#include <string.h>
#include <wso/inflate.h>
#include <wso/oracle.h>

/* A message, its tail behind it if wanted, and what is known of it. */
struct reading {
    const struct wso_inflate *all;
    const struct wso_packed *packed;
    bool tail;
    size_t at;            /* in bits */
    bool stopped;         /* invalid, too large, or all bits are read */
    bool final, last;     /* a block had BFINAL; the latest one had */
    uint8_t *out;         /* what comes out */
    size_t len, complete; /* its bytes; text up to here is whole characters */
    unsigned faults;
    void (*note)(void *context, enum wso_fault fault, size_t at);
    void *context;
};

static size_t size_of(const struct reading *r)
{
    return r->packed->size + (r->tail ? 4 : 0);
}

static bool has(const struct reading *r, enum wso_fault fault)
{
    return (r->faults & 1u << fault) != 0;
}

static void fault(struct reading *r, enum wso_fault fault, size_t at)
{
    r->faults |= 1u << fault;
    if (r->note)
        r->note(r->context, fault, at);
}

/* The byte that was read last. */
static size_t here(const struct reading *r)
{
    return (r->at - 1) / 8;
}

static void invalid(struct reading *r)
{
    if (!r->stopped)
        fault(r, WSO_FAULT_DATA, here(r));
    r->stopped = true;
}

static unsigned bit(struct reading *r)
{
    static const uint8_t tail[4] = {0, 0, 0xff, 0xff};
    size_t byte = r->at / 8;
    unsigned value;

    r->stopped = r->stopped || byte == size_of(r);
    if (r->stopped)
        return 0;
    value = byte < r->packed->size ? r->packed->payload[byte] : tail[byte - r->packed->size];
    return value >> (r->at++ % 8) & 1;
}

static unsigned number(struct reading *r, unsigned bits)
{
    unsigned value = 0;

    for (unsigned i = 0; i < bits; i++)
        value |= bit(r) << i;
    return value;
}

static void judge_text(struct reading *r)
{
    bool whole;
    size_t n = r->len - r->complete;

    if (!r->packed->text || has(r, WSO_FAULT_UTF8))
        return;
    if (wso_utf8(r->out + r->complete, n, &whole) < n)
        fault(r, WSO_FAULT_UTF8, here(r));
    else if (whole)
        r->complete = r->len;
}

static void put(struct reading *r, unsigned byte)
{
    if (r->stopped)
        return;
    if (r->len == r->packed->limit) {
        fault(r, WSO_FAULT_LARGE, here(r));
        r->stopped = true;
        return;
    }
    r->out[r->len++] = (uint8_t)byte;
    judge_text(r);
}

/* A set of codes as a tree: at each knot a bit leads to another one, or to a symbol. */
enum { NOTHING = 0, LEAF = 1000, NO_SYMBOL = 999 };

struct tree {
    uint16_t next[2 * 288][2]; /* a knot; LEAF and more: a symbol */
    unsigned knots;
};

static void plant(struct tree *tree, unsigned code, unsigned length, unsigned symbol)
{
    unsigned knot = 0;

    while (length-- > 1) {
        uint16_t *next = &tree->next[knot][code >> length & 1];

        if (*next == NOTHING)
            *next = (uint16_t)tree->knots++;
        knot = *next;
    }
    tree->next[knot][code & 1] = (uint16_t)(LEAF + symbol);
}

/* Section 3.2.2: codes of one length in the order of their symbols, behind all shorter ones.  zlib
 * takes a set that is complete, or has one code of one bit at most; of the lengths' code only a
 * complete one, or an empty one. */
static bool fill(struct tree *tree, const uint8_t *lengths, unsigned count, bool strict)
{
    unsigned codes[16] = {0}, next = 0, longest = 0;

    memset(tree, 0, sizeof *tree);
    tree->knots = 1;
    for (unsigned len = 1; len < 16; len++) {
        next <<= 1;
        codes[len] = next;
        for (unsigned i = 0; i < count; i++)
            next += lengths[i] == len;
        if (next > 1u << len)
            return false;
        longest = next > codes[len] ? len : longest;
    }
    if (next != 1u << 15 && longest != 0 && (longest > 1 || strict))
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (lengths[i] > 0)
            plant(tree, codes[lengths[i]]++, lengths[i], i);
    }
    return true;
}

/* Stops at the first bit with which no code begins. */
static unsigned symbol(struct reading *r, const struct tree *tree)
{
    unsigned knot = 0;

    do {
        unsigned next = tree->next[knot][bit(r)];

        if (next >= LEAF && !r->stopped)
            return next - LEAF;
        knot = next;
    } while (knot != NOTHING && !r->stopped);
    return NO_SYMBOL;
}

static void copy(struct reading *r, unsigned length, unsigned distance)
{
    if (r->stopped)
        return;
    if (distance > r->all->window && !has(r, WSO_FAULT_WINDOW))
        fault(r, WSO_FAULT_WINDOW, here(r));
    if (r->all->alone && r->all->earlier && distance > r->len && !has(r, WSO_FAULT_TAKEOVER))
        fault(r, WSO_FAULT_TAKEOVER, here(r));
    if (distance > r->all->history + r->len)
        invalid(r);
    for (unsigned i = 0; i < length && !r->stopped; i++)
        put(r, (r->out + r->len)[-(ptrdiff_t)distance]);
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

static void read_symbols(struct reading *r, const struct tree *literals,
                         const struct tree *distances)
{
    while (!r->stopped) {
        unsigned value = symbol(r, literals), length;

        if (value == 256)
            return;
        if (value < 256) {
            put(r, value);
            continue;
        }
        length = value > 285 ? 0 : length_of(r, value - 257);
        value = value > 285 ? NO_SYMBOL : symbol(r, distances);
        if (value > 29)
            invalid(r);
        else
            copy(r, length, distance_of(r, value));
    }
}

static void read_fixed(struct reading *r)
{
    struct tree literals, distances;
    uint8_t lengths[288];

    for (unsigned i = 0; i < 288; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    fill(&literals, lengths, 288, false);
    memset(lengths, 5, 32);
    fill(&distances, lengths, 32, false);
    read_symbols(r, &literals, &distances);
}

/* The lengths of `count` codes, themselves in a code.  zlib takes any bit for a zero where that
 * code has no symbol. */
static void read_lengths(struct reading *r, const struct tree *codes, uint8_t *lengths,
                         unsigned count)
{
    unsigned at = 0;

    while (!r->stopped && at < count) {
        unsigned value = symbol(r, codes), n;

        if (value == NO_SYMBOL)
            value = 0;
        n = value < 16    ? 1
            : value == 16 ? 3 + number(r, 2)
            : value == 17 ? 3 + number(r, 3)
                          : 11 + number(r, 7);
        if (at + n > count || (value == 16 && at == 0))
            invalid(r);
        if (!r->stopped)
            memset(lengths + at, value < 16 ? (int)value : value == 16 ? lengths[at - 1] : 0, n);
        at += n;
    }
}

static void read_dynamic(struct reading *r)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct tree literals, distances;
    uint8_t lengths[320] = {0}, codes[19] = {0};
    unsigned nlit = number(r, 5) + 257, ndist = number(r, 5) + 1, ncode = number(r, 4) + 4;

    if (nlit > 286 || ndist > 30)
        invalid(r);
    for (unsigned i = 0; i < ncode; i++)
        codes[order[i]] = (uint8_t)number(r, 3);
    if (!fill(&literals, codes, 19, true))
        invalid(r);
    read_lengths(r, &literals, lengths, nlit + ndist);
    if (lengths[256] == 0 || !fill(&literals, lengths, nlit, false) ||
        !fill(&distances, lengths + nlit, ndist, false))
        invalid(r);
    read_symbols(r, &literals, &distances);
}

static void align(struct reading *r)
{
    while (r->at % 8 != 0)
        bit(r);
}

static void read_stored(struct reading *r)
{
    unsigned length, check;

    align(r);
    length = number(r, 16);
    check = number(r, 16);
    if ((length ^ check) != 0xffff)
        invalid(r);
    for (unsigned i = 0; i < length && !r->stopped; i++)
        put(r, number(r, 8));
}

/* Section 7.2.1 of RFC 7692 has a final block padded with zeros. */
static void read_padding(struct reading *r)
{
    size_t byte = here(r);

    if (number(r, (8 - r->at % 8) % 8) != 0)
        fault(r, WSO_FAULT_PADDING, byte);
}

static void read_block(struct reading *r)
{
    unsigned type;

    r->last = bit(r);
    type = number(r, 2);
    if (type == 0)
        read_stored(r);
    else if (type == 1)
        read_fixed(r);
    else if (type == 2)
        read_dynamic(r);
    else
        invalid(r);
    if (r->last && !r->stopped)
        read_padding(r);
    r->final = r->final || (r->last && !r->stopped);
}

/* True: the last block ends where the payload does. */
static bool read_blocks(struct reading *r)
{
    while (!r->stopped && r->at < 8 * size_of(r))
        read_block(r);
    return !r->stopped;
}

static bool ends_with_tail(const struct wso_packed *packed)
{
    return packed->size >= 4 && memcmp(packed->payload + packed->size - 4, "\0\0\xff\xff", 4) == 0;
}

/* Section 7.2.2: with 00 00 ff ff behind it, it is a sequence of blocks. */
static bool completes(const struct reading *r)
{
    struct reading again = {.all = r->all, .packed = r->packed, .tail = true, .out = r->out};

    return read_blocks(&again) && again.len == r->len;
}

static void judge_end(struct reading *r, bool ended)
{
    size_t size = r->packed->size;
    bool fresh = ended && r->last, tail = ended && ends_with_tail(r->packed);

    if (size == 0)
        fault(r, WSO_FAULT_EMPTY, size);
    if (fresh)
        fault(r, WSO_FAULT_END, size);
    if (tail)
        fault(r, WSO_FAULT_TAIL, size);
    if (size > 0 && !fresh && !tail && !completes(r))
        fault(r, WSO_FAULT_CUT, size);
    else if (r->packed->text && !has(r, WSO_FAULT_UTF8) && r->complete < r->len)
        fault(r, WSO_FAULT_TEXT_CUT, size);
}

struct wso_inflated wso_inflate(const struct wso_inflate *inflate, const struct wso_packed *packed,
                                void (*note)(void *context, enum wso_fault fault, size_t at),
                                void *context)
{
    struct reading r = {.all = inflate,
                        .packed = packed,
                        .out = inflate->room + inflate->history,
                        .note = note,
                        .context = context};
    bool ended = !inflate->lost && read_blocks(&r), followed;

    followed = !inflate->lost && !has(&r, WSO_FAULT_DATA) && !has(&r, WSO_FAULT_LARGE);
    if (followed && packed->whole)
        judge_end(&r, ended);
    return (struct wso_inflated){.data = r.out,
                                 .len = r.len,
                                 .good = followed && !has(&r, WSO_FAULT_CUT),
                                 .faults = r.faults};
}

/* What cannot be followed to its end leaves no window behind. */
void wso_inflate_next(struct wso_inflate *inflate, const struct wso_packed *packed,
                      const struct wso_inflated *seen)
{
    size_t all = inflate->history + seen->len, kept = all < WSO_WINDOW_MAX ? all : WSO_WINDOW_MAX;
    bool whole = seen->good && (packed->whole || packed->size == 0);

    inflate->earlier = inflate->earlier || seen->len > 0;
    inflate->lost = inflate->lost || (!whole && !inflate->alone);
    inflate->history = whole ? kept : 0;
    memmove(inflate->room, inflate->room + all - kept, kept);
}
