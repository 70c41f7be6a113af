#include <string.h>

#include "deflate_parts.h"
#include "deflate_walk.h"

enum {
    CHUNK = 32768,     /* also a whole window, when a final block is passed */
    RUN_MAX = 1 << 30, /* zlib counts in unsigned int */
    UNUSED_BITS = 63,
    LAST_BLOCK = 64,
    BLOCK_END = 128 /* in zlib's data_type */
};

/* Named for what is awaited. */
enum awaited {
    INPUT,   /* the next piece, or the end of the message */
    OUTPUT,  /* zlib has more to say about what it was given */
    RESTART, /* a block with BFINAL has ended: the stream begins anew, with the old window */
    REFUSAL, /* zlib calls the data invalid; what came before is out */
    STARVED, /* zlib got no memory */
    OVER     /* the next message: `result` is said until then */
};

struct wsc_inflate {
    struct wsc_memory memory;
    z_stream z;
    enum wsc_role sender;
    bool observing, takeover, walking;
    bool clean; /* zlib stands between two messages */
    enum awaited state;
    enum wsc_inflated result;
    struct wsc_violation broken;
    /* The message. */
    uint64_t at, limit;
    uint64_t total, history; /* bytes that came out of it; of those before it */
    uint64_t taken;          /* bytes of its payload */
    uint8_t end[4];          /* the last of them, the latest first */
    bool boundary;           /* they end with a block and a byte */
    bool final;              /* a block had BFINAL … */
    bool fresh;              /* … and nothing came behind it yet */
    bool text, text_broken;
    struct wsc_utf8 utf8;
    /* The piece. */
    const uint8_t *piece, *in;
    size_t left;
    uint64_t piece_at, frame_at; /* in the stream */
    bool last;                   /* of the message */
    /* The walk goes ahead of zlib, up to a byte that reaches too far. */
    struct wsc_walk walk;
    unsigned reach, reached; /* that byte does; the message did before */
    uint8_t out[CHUNK];
};

voidpf wsc_zalloc(voidpf opaque, uInt items, uInt size)
{
    const struct wsc_memory *memory = opaque;
    return memory->allocate(memory->context, (size_t)items * size);
}

void wsc_zfree(voidpf opaque, voidpf p)
{
    const struct wsc_memory *memory = opaque;
    memory->release(memory->context, p);
}

unsigned wsc_deflate_bits(const struct wsc_deflate_terms *agreed, enum wsc_role sender)
{
    unsigned bits =
        sender == WSC_SERVER ? agreed->server_max_window_bits : agreed->client_max_window_bits;
    return bits >= 8 ? bits : 15;
}

bool wsc_deflate_takeover(const struct wsc_deflate_terms *agreed, enum wsc_role sender)
{
    return !(sender == WSC_SERVER ? agreed->server_no_context_takeover
                                  : agreed->client_no_context_takeover);
}

/* zlib's window has its full size: a smaller one is checked by the walk, and alike at any cut. */
struct wsc_inflate *wsc_inflate_new(const struct wsc_memory *memory, enum wsc_role sender,
                                    const struct wsc_deflate_terms *agreed,
                                    enum wsc_inflate_use use)
{
    struct wsc_inflate *f = memory->allocate(memory->context, sizeof *f);
    if (f == NULL)
        return NULL;
    memset(f, 0, offsetof(struct wsc_inflate, out));
    f->memory = *memory;
    f->z.zalloc = wsc_zalloc;
    f->z.zfree = wsc_zfree;
    f->z.opaque = &f->memory;
    if (inflateInit2(&f->z, -15) != Z_OK) {
        memory->release(memory->context, f);
        return NULL;
    }
    unsigned bits = wsc_deflate_bits(agreed, sender);
    f->sender = sender;
    f->observing = use == WSC_INFLATE_OBSERVE;
    f->takeover = wsc_deflate_takeover(agreed, sender);
    f->walking = bits < 15 || (f->observing && !f->takeover);
    f->walk.window = UINT32_C(1) << bits;
    f->clean = true;
    f->state = OVER;
    f->result = WSC_INFLATE_END;
    return f;
}

void wsc_inflate_free(struct wsc_inflate *inflate)
{
    if (inflate == NULL)
        return;
    struct wsc_memory memory = inflate->memory;
    inflateEnd(&inflate->z);
    memory.release(memory.context, inflate);
}

const struct wsc_violation *wsc_inflate_broken(const struct wsc_inflate *inflate)
{
    return &inflate->broken;
}

static void over(struct wsc_inflate *f, enum wsc_inflated result)
{
    f->state = OVER;
    f->result = result;
}

/* Every violation leaves through here; one that has a code ends the message for an endpoint. */
static void broke(struct wsc_inflate *f, enum wsc_rule rule, uint64_t at,
                  struct wsc_findings *findings)
{
    bool fatal = wsc_rule_info(rule)->close_code != 0;
    if (fatal && f->broken.rule == WSC_RULE_NONE)
        f->broken = (struct wsc_violation){rule, at};
    wsc_findings_note(findings, rule, at);
    if (fatal && !f->observing)
        over(f, WSC_INFLATE_BROKEN);
}

static void judge(struct wsc_inflate *f, enum wsc_rule rule, bool broken, uint64_t at,
                  struct wsc_findings *findings)
{
    if (broken)
        broke(f, rule, at, findings);
    else
        wsc_findings_occasion(findings, rule);
}

static enum wsc_rule window_rule(const struct wsc_inflate *f)
{
    return f->sender == WSC_SERVER ? WSC_RULE_DEFLATE_SERVER_WINDOW
                                   : WSC_RULE_DEFLATE_CLIENT_WINDOW;
}

static enum wsc_rule takeover_rule(const struct wsc_inflate *f)
{
    return f->sender == WSC_SERVER ? WSC_RULE_DEFLATE_SERVER_TAKEOVER
                                   : WSC_RULE_DEFLATE_CLIENT_TAKEOVER;
}

/* Input. */

void wsc_inflate_begin(struct wsc_inflate *f, uint8_t opcode, uint64_t at, uint64_t limit)
{
    f->history += f->total;
    f->at = at;
    f->limit = limit;
    f->total = f->taken = f->walk.message = 0;
    f->boundary = f->final = f->fresh = false;
    f->text = opcode == WSC_TEXT;
    f->text_broken = false;
    f->utf8 = (struct wsc_utf8){0};
    f->left = 0;
    f->last = false;
    f->reach = f->reached = 0;
    if (!f->takeover && (!f->clean || !f->observing)) {
        inflateReset(&f->z);
        wsc_walk_reset(&f->walk);
        f->clean = true;
    }
    if (f->clean)
        f->state = INPUT;
    else
        over(f, WSC_INFLATE_BROKEN);
}

void wsc_inflate_feed(struct wsc_inflate *f, const struct wsc_piece *piece)
{
    f->piece = f->in = piece->data;
    f->left = piece->len;
    f->piece_at = wsc_piece_at(piece);
    f->frame_at = piece->at;
    f->last = piece->last && piece->frame.fin;
}

static void give(struct wsc_inflate *f, const uint8_t *data, size_t n)
{
    f->z.next_in = data;
    f->z.avail_in = (uInt)n;
    f->state = OUTPUT;
}

static void give_run(struct wsc_inflate *f, size_t n)
{
    for (size_t i = n < 4 ? 0 : n - 4; i < n; i++) {
        memmove(f->end + 1, f->end, 3);
        f->end[0] = f->in[i];
    }
    give(f, f->in, n);
    f->in += n;
    f->left -= n;
    f->taken += n;
    f->clean = f->fresh = false;
}

/* Walks up to the first byte that reaches too far in a way that the message did not before. */
static size_t walk_ahead(struct wsc_inflate *f)
{
    unsigned judged =
        f->takeover || f->history == 0 ? WSC_REACH_WINDOW : WSC_REACH_WINDOW | WSC_REACH_MESSAGE;
    size_t n = 0;
    while (n < f->left && f->reach == 0)
        f->reach = wsc_walk_byte(&f->walk, f->in[n++]) & judged & ~f->reached;
    return f->reach != 0 ? n - 1 : n;
}

static void note_reach(struct wsc_inflate *f, struct wsc_findings *findings)
{
    uint64_t at = f->piece_at + (uint64_t)(f->in - f->piece);
    if (f->reach & WSC_REACH_WINDOW)
        broke(f, window_rule(f), at, findings);
    if (f->reach & WSC_REACH_MESSAGE)
        broke(f, takeover_rule(f), at, findings);
    f->reached |= f->reach;
    f->reach = 0;
}

/* Gives zlib what it may have of the piece: all of it, or what lies before a byte that reaches too
 * far, or that byte when it has been noted. */
static void give_more(struct wsc_inflate *f, struct wsc_findings *findings)
{
    size_t n = f->left < RUN_MAX ? f->left : RUN_MAX;
    if (f->reach != 0) {
        note_reach(f, findings);
        if (f->state == OVER)
            return;
        n = 1;
    } else if (f->walking) {
        n = walk_ahead(f);
    }
    if (n != 0)
        give_run(f, n);
}

/* Output. */

/* One call of zlib, which stops at the end of each block. */
static size_t call_zlib(struct wsc_inflate *f, size_t room)
{
    f->z.next_out = f->out;
    f->z.avail_out = (uInt)room;
    int status = inflate(&f->z, Z_BLOCK);
    unsigned where = (unsigned)f->z.data_type;
    bool block_end = (where & BLOCK_END) != 0, aligned = (where & UNUSED_BITS) == 0;
    f->boundary = block_end && aligned && f->z.avail_in == 0;
    if (status == Z_MEM_ERROR)
        f->state = STARVED;
    else if (status != Z_OK && status != Z_BUF_ERROR)
        f->state = REFUSAL;
    else if (block_end && (where & LAST_BLOCK) != 0)
        f->state = RESTART;
    else if (f->z.avail_out != 0 && (!block_end || f->boundary))
        f->state = INPUT;
    return room - f->z.avail_out;
}

/* Only what the limit leaves; behind it one byte is enough to know. */
static size_t produce(struct wsc_inflate *f)
{
    if (f->limit == 0 || f->limit - f->total >= CHUNK)
        return call_zlib(f, CHUNK);
    if (f->limit != f->total)
        return call_zlib(f, (size_t)(f->limit - f->total));
    if (call_zlib(f, 1) != 0)
        over(f, WSC_INFLATE_LIMIT);
    return 0;
}

/* How many of the bytes may go out. */
static size_t judge_text(struct wsc_inflate *f, size_t n, struct wsc_findings *findings)
{
    if (!f->text || f->text_broken || n == 0)
        return n;
    size_t good = wsc_utf8_feed(&f->utf8, f->out, n);
    judge(f, WSC_RULE_TEXT_UTF8, good < n, f->at, findings);
    f->text_broken = good < n;
    return f->observing ? n : good;
}

/* Offset of the last byte that zlib took. */
static uint64_t taken_at(const struct wsc_inflate *f)
{
    return f->piece_at + (uint64_t)(f->z.next_in - f->piece) - 1;
}

/* What is left of the byte in which a final block ends (section 7.2.1). */
static void judge_padding(struct wsc_inflate *f, struct wsc_findings *findings)
{
    unsigned unused = (unsigned)f->z.data_type & UNUSED_BITS;
    judge(f, WSC_RULE_DEFLATE_PADDING, f->z.next_in[-1] >> (8 - unused) != 0, taken_at(f),
          findings);
}

/* To zlib a final block ends all; the window goes on over it by way of the buffer, which is free.
 */
static void restart(struct wsc_inflate *f)
{
    uInt n = 0;
    inflateGetDictionary(&f->z, f->out, &n);
    inflateReset(&f->z);
    inflateSetDictionary(&f->z, f->out, n);
    f->final = true;
    f->fresh = f->boundary = f->z.avail_in == 0;
    f->state = f->fresh ? INPUT : OUTPUT;
}

/* An endpoint drops the window between messages: what refers to it shows as a distance too large.
 */
static void refuse(struct wsc_inflate *f, struct wsc_findings *findings)
{
    bool too_far = f->z.msg != NULL && strcmp(f->z.msg, "invalid distance too far back") == 0;
    bool kept = too_far && !f->observing && !f->takeover && f->history != 0;
    broke(f, kept ? takeover_rule(f) : WSC_RULE_DEFLATE_DATA, taken_at(f), findings);
    over(f, WSC_INFLATE_BROKEN);
}

/* The end of the message. */

/* Section 7.2.2: with its tail the payload ends with an empty stored block, and nothing more comes
 * out. */
static void add_tail(struct wsc_inflate *f, struct wsc_findings *findings)
{
    static const uint8_t tail[4] = {0, 0, 0xff, 0xff};
    for (size_t i = 0; i < 4 && f->walking; i++)
        wsc_walk_byte(&f->walk, tail[i]);
    give(f, tail, 4);
    bool good = call_zlib(f, CHUNK) == 0 && f->boundary;
    judge(f, WSC_RULE_DEFLATE_CUT, !good, f->frame_at, findings);
    if (!good)
        over(f, WSC_INFLATE_BROKEN);
    else if (f->state == RESTART)
        restart(f);
}

static void end_payload(struct wsc_inflate *f, struct wsc_findings *findings)
{
    static const uint8_t kept[4] = {0xff, 0xff, 0, 0};
    bool tail = f->taken >= 4 && f->boundary && memcmp(f->end, kept, 4) == 0;
    if (f->total == 0)
        judge(f, WSC_RULE_DEFLATE_EMPTY, f->taken == 0, f->frame_at, findings);
    if (f->final)
        judge(f, WSC_RULE_DEFLATE_END, f->fresh, f->frame_at, findings);
    judge(f, WSC_RULE_DEFLATE_TAIL, tail, f->frame_at, findings);
    if (f->taken != 0 && !f->fresh && !tail)
        add_tail(f, findings);
}

static void end_message(struct wsc_inflate *f, struct wsc_findings *findings)
{
    end_payload(f, findings);
    if (f->state == OVER)
        return;
    wsc_findings_occasion(findings, WSC_RULE_DEFLATE_DATA);
    if (f->walking && f->walk.message > f->walk.window)
        wsc_findings_occasion(findings, window_rule(f));
    if (!f->takeover && f->history != 0)
        wsc_findings_occasion(findings, takeover_rule(f));
    if (f->text && !f->text_broken)
        judge(f, WSC_RULE_TEXT_CUT, !wsc_utf8_complete(&f->utf8), f->at, findings);
    f->clean = true;
    if (f->state != OVER)
        over(f, WSC_INFLATE_END);
}

enum wsc_inflated wsc_inflate_next(struct wsc_inflate *f, const uint8_t **data, size_t *len,
                                   struct wsc_findings *findings)
{
    for (;;) {
        switch (f->state) {
        case INPUT:
            if (f->left != 0)
                give_more(f, findings);
            else if (f->last)
                end_message(f, findings);
            else
                return WSC_INFLATE_HUNGRY;
            break;
        case OUTPUT:
            *len = judge_text(f, produce(f), findings);
            f->total += *len;
            *data = f->out;
            if (*len != 0)
                return WSC_INFLATED;
            break;
        case RESTART:
            judge_padding(f, findings);
            restart(f);
            break;
        case REFUSAL:
            refuse(f, findings);
            break;
        case STARVED:
            over(f, WSC_INFLATE_NO_MEMORY);
            break;
        case OVER:
            return f->result;
        }
    }
}
