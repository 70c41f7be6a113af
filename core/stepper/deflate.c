/* deflate.c - permessage-deflate on a lane: what was agreed, the peer's messages and ours. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(void *run, size_t size)
{
    return wss_got(run, malloc(size));
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static struct wsc_memory heap_of(struct wss_run *run)
{
    return (struct wsc_memory){allocate, release, run};
}

static enum wsc_role our_role(const struct wss_run *run)
{
    return run->test->server_role ? WSC_SERVER : WSC_CLIENT;
}

static enum wsc_role peer_role(const struct wss_run *run)
{
    return run->test->server_role ? WSC_CLIENT : WSC_SERVER;
}

void wss_deflate_free(struct lane *lane)
{
    wsc_inflate_free(lane->inflate);
    wsc_inflate_free(lane->own_inflate);
    wsc_deflate_free(lane->deflate);
    lane->inflate = lane->own_inflate = NULL;
    lane->deflate = NULL;
    wss_grow_clear(&lane->inflated);
    wss_grow_clear(&lane->own_inflated);
}

static bool offered(const struct wsc_head *request)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    while (wsc_head_list(request, "Sec-WebSocket-Extensions", &cursor, &element)) {
        struct wsc_text name = {element.p, strlen("permessage-deflate")};
        if (element.n >= name.n && wsc_text_is(name, "permessage-deflate"))
            return true;
    }
    return false;
}

void wss_deflate_agree(struct wss_run *run, struct lane *lane, const struct wsc_head *request,
                       const struct wsc_head *response)
{
    if (!request || !offered(request) || !wsc_deflate_agreed(response, &lane->terms))
        return;
    struct wsc_memory heap = heap_of(run);
    wss_deflate_free(lane);
    lane->inflate = wsc_inflate_new(&heap, peer_role(run), &lane->terms, WSC_INFLATE_OBSERVE);
    lane->own_inflate = wsc_inflate_new(&heap, our_role(run), &lane->terms, WSC_INFLATE_OBSERVE);
    if (!lane->inflate || !lane->own_inflate)
        return;
    lane->check.deflate = lane->own_check.deflate = true;
    lane->agreed_twice =
        lane->broke[WSC_RULE_RESPONSE_DEFLATE_TWICE / 64] >> WSC_RULE_RESPONSE_DEFLATE_TWICE % 64 &
        1;
}

/* ---- in ---- */

/* Reads a piece of a compressed message on; what comes out goes behind `out`. */
static enum wsc_inflated read_piece(struct wss_run *run, struct wsc_inflate *inflate,
                                    const struct wsc_piece *piece, uint64_t limit, struct grow *out,
                                    struct wsc_findings *findings)
{
    const uint8_t *data;
    size_t len;
    enum wsc_inflated said;
    if (piece->first && piece->frame.opcode != WSC_CONT) {
        out->n = 0;
        wsc_inflate_begin(inflate, piece->frame.opcode, piece->at, limit);
    }
    wsc_inflate_feed(inflate, piece);
    while ((said = wsc_inflate_next(inflate, &data, &len, findings)) == WSC_INFLATED) {
        if (!wss_grow_add(run, out, data, len))
            return WSC_INFLATE_NO_MEMORY;
    }
    return said;
}

enum wsc_inflated wss_deflate_came(struct wss_run *run, struct lane *lane,
                                   const struct wsc_piece *piece, uint64_t limit)
{
    return read_piece(run, lane->inflate, piece, limit, &lane->inflated, &lane->findings);
}

bool wss_deflate_own(struct wss_run *run, struct lane *lane, const struct wsc_piece *piece)
{
    if (lane->repacked) /* the content of the last message is that of this one */
        return true;
    if (!lane->deflating)
        lane->deflated = NULL;
    struct wsc_findings findings = {0};
    enum wsc_inflated said =
        read_piece(run, lane->own_inflate, piece, 0, &lane->own_inflated, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        if (wsc_rule_info(findings.list[i].rule)->close_code)
            return false;
    }
    return said == WSC_INFLATE_HUNGRY || said == WSC_INFLATE_END;
}

/* ---- out ---- */

/* A compressor with these parameters; the one at hand if it has them, with its window. */
static bool compressor(struct wss_run *run, struct lane *lane, const struct wss_deflated *how,
                       bool begins)
{
    enum wsc_role role = our_role(run);
    unsigned bits = how->bits;
    struct wsc_deflate_terms terms = lane->inflate ? lane->terms : (struct wsc_deflate_terms){0};
    if (bits && role == WSC_CLIENT)
        terms.client_max_window_bits = (uint8_t)bits;
    else if (bits)
        terms.server_max_window_bits = (uint8_t)bits;
    bool same = lane->deflate && lane->deflate_level == how->level && lane->deflate_bits == bits;
    if (same && (!how->fresh || !begins))
        return true;
    struct wsc_memory heap = heap_of(run);
    wsc_deflate_free(lane->deflate);
    lane->deflate = wsc_deflate_new(&heap, role, &terms, how->level);
    lane->deflate_level = how->level;
    lane->deflate_bits = bits;
    return lane->deflate != NULL;
}

/* Stored blocks, the last with BFINAL, and the empty block that must follow one (RFC
 * 7692, 7.2.3.4). */
static uint8_t *store_final(struct wsn_arena *arena, const uint8_t *data, size_t len, size_t *out)
{
    enum { BLOCK = 65535, HEAD = 5 };
    size_t n = 0, at = 0;
    uint8_t *bytes = wsn_alloc(arena, len + (len / BLOCK + 1) * HEAD + 1);
    if (!bytes)
        return NULL;
    do {
        size_t part = len - at < BLOCK ? len - at : BLOCK;
        bytes[n++] = at + part == len;
        bytes[n++] = (uint8_t)part;
        bytes[n++] = (uint8_t)(part >> 8);
        bytes[n++] = (uint8_t)~part;
        bytes[n++] = (uint8_t)(~part >> 8);
        if (part)
            memcpy(bytes + n, data + at, part);
        n += part;
        at += part;
    } while (at < len);
    bytes[n++] = 0;
    *out = n;
    return bytes;
}

static uint8_t *compress(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len,
                         bool last, size_t *out)
{
    size_t bound = wsc_deflate_bound(lane->deflate, len);
    uint8_t *bytes = wsn_alloc(&run->scratch, bound + 4);
    if (bytes)
        *out = wsc_deflate_part(lane->deflate, data, len, last, bytes, bound);
    return bytes;
}

/* Once the window holds nothing but copies of this message, compressing it anew would change
 * nothing, neither the bytes nor what either side knows. */
static bool is_steady(const struct lane *lane, const struct wss_step *step)
{
    enum { WINDOW = 32768 };
    return lane->deflated == step && lane->deflated_len >= WINDOW;
}

static const uint8_t *keep_packed(struct wss_run *run, struct again *again, const uint8_t *bytes,
                                  size_t len)
{
    again->packed = wss_got(run, malloc(len + 1));
    if (again->packed && len)
        memcpy(again->packed, bytes, len);
    again->packed_len = len;
    return bytes;
}

const uint8_t *wss_deflate_part(struct wss_run *run, struct lane *lane, const struct wss_step *step,
                                struct again *again, const uint8_t *data, size_t len, size_t *out)
{
    static const uint8_t tail[4] = {0, 0, 0xff, 0xff};
    const struct wss_deflated *how = &step->modifiers.deflated;
    bool last = step->modifiers.fin;
    bool steady = again && last && !how->final && is_steady(lane, step);
    uint8_t *bytes = NULL;
    lane->deflating = true;
    if (steady && again->packed) {
        lane->repacked = true;
        *out = again->packed_len;
        return again->packed;
    }
    lane->deflated_len = lane->deflated == step ? lane->deflated_len + len : len;
    lane->deflated = step;
    if (how->final) {
        bytes = store_final(&run->scratch, data, len, out);
        wsc_deflate_free(lane->deflate); /* it does not know what the peer's window has now */
        lane->deflate = NULL;
    } else if (compressor(run, lane, how, step->opcode != WSC_CONT)) {
        bytes = compress(run, lane, data, len, last, out);
    }
    if (bytes && how->keep_tail && last) {
        memcpy(bytes + *out, tail, sizeof tail);
        *out += sizeof tail;
    }
    return steady && bytes ? keep_packed(run, again, bytes, *out) : bytes;
}
