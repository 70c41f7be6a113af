#include <string.h>
#include <wsc/check.h>
#include <wsc/mask.h>

#include "printer.h"

/* A frame in the bytes, or the beginning of one: its head is whole. */
struct raised {
    struct wsc_frame frame;
    const uint8_t *data; /* its payload as it lies there, masked … */
    size_t len;          /* … as far as it came */
    size_t size;         /* of head and payload together */
};

/* False: the head is cut. */
static bool read_frame(const uint8_t *bytes, size_t len, struct raised *raised)
{
    uint8_t head[WSC_HEAD_MAX] = {0};
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    size_t used, n = len < sizeof head ? len : sizeof head;

    memcpy(head, bytes, n);
    if (!wsc_scan_next(&scan, head, n, &used, &piece))
        return false;
    n = (size_t)wsc_piece_at(&piece);
    *raised = (struct raised){.frame = piece.frame, .data = bytes + n, .len = len - n};
    if (raised->len > piece.frame.length)
        raised->len = (size_t)piece.frame.length;
    raised->size = n + raised->len;
    return true;
}

static bool is_shortest(const struct wsc_frame *frame)
{
    return frame->form == (frame->length < 126 ? 7 : frame->length < 65536 ? 16 : 64);
}

/* How many frames from here on are one message in fragments of the same size, and nothing else;
 * fewer than two are none. */
static size_t read_message(const uint8_t *bytes, size_t len, const struct raised *first)
{
    struct raised next = *first;
    size_t at = 0, count = 1;

    if (first->frame.opcode != WSC_TEXT && first->frame.opcode != WSC_BINARY)
        return 0;
    for (;; count++) {
        const struct wsc_frame *f = &next.frame;
        bool alike = f->masked == first->frame.masked &&
                     (!f->masked || memcmp(f->key, first->frame.key, 4) == 0);

        if (count > 1 && (f->opcode != WSC_CONT || f->rsv != 0))
            return 0;
        if (!alike || !is_shortest(f) || next.len < f->length || next.len == 0 ||
            next.len > first->len || (!f->fin && next.len < first->len))
            return 0;
        at += next.size;
        if (f->fin)
            return count > 1 ? count : 0;
        if (!read_frame(bytes + at, len - at, &next))
            return 0;
    }
}

static void put_unmasked(const struct raised *raised, struct wsn_buffer *out)
{
    for (size_t i = 0; i < raised->len; i += WSC_CONTROL_MAX) {
        uint8_t part[WSC_CONTROL_MAX];
        size_t n = raised->len - i < sizeof part ? raised->len - i : sizeof part;

        memcpy(part, raised->data + i, n);
        if (raised->frame.masked)
            wsc_mask(part, n, raised->frame.key, i);
        wsn_put(out, (const char *)part, n);
    }
}

static void put_bytes(const struct wsn_buffer *payload, struct wsn_buffer *out)
{
    if (payload->n == 0)
        return;
    wsn_puts(out, " ");
    wsn_print_bytes((const uint8_t *)payload->p, payload->n, out);
}

/* The verb and the payload; a Close by its code where its reason is text. */
static void put_payload(uint8_t opcode, const struct wsn_buffer *payload, struct wsn_buffer *out)
{
    static const char *const verbs[16] = {
        [WSC_CONT] = "cont",   [WSC_TEXT] = "text", [WSC_BINARY] = "binary",
        [WSC_CLOSE] = "close", [WSC_PING] = "ping", [WSC_PONG] = "pong"};
    const uint8_t *p = (const uint8_t *)payload->p;
    struct wsn_buffer reason = {.limit = out->limit};
    bool text = true;

    if (opcode == WSC_CLOSE && payload->n > 2)
        wsn_print_bytes(p + 2, payload->n - 2, &reason);
    text = payload->n != 1 && (reason.n == 0 || reason.p[0] == '"');
    if (!verbs[opcode] || (opcode == WSC_CLOSE && !text)) {
        wsn_printf(out, "frame opcode=%u", opcode);
        put_bytes(payload, out);
    } else if (opcode == WSC_CLOSE && payload->n >= 2) {
        wsn_printf(out, "close %u", p[0] * 256u + p[1]);
        if (reason.n > 0) {
            wsn_puts(out, " ");
            wsn_put(out, reason.p, reason.n);
        }
    } else {
        wsn_puts(out, verbs[opcode]);
        put_bytes(payload, out);
    }
    wsn_drop_part(&reason, out);
}

static void put_rsv(uint8_t rsv, struct wsn_buffer *out)
{
    if (rsv != 0)
        wsn_printf(out, " rsv=%s%s%s", rsv & WSC_RSV1 ? "1" : "", rsv & WSC_RSV2 ? "2" : "",
                   rsv & WSC_RSV3 ? "3" : "");
}

static void put_mask(const struct wsc_frame *frame, bool client, struct wsn_buffer *out)
{
    const uint8_t *key = frame->key;

    if (!frame->masked && client)
        wsn_puts(out, " mask=none");
    else if (frame->masked && (key[0] | key[1] | key[2] | key[3]) == 0)
        wsn_puts(out, " mask=zero");
    else if (frame->masked)
        wsn_printf(out, " mask=0x%02x%02x%02x%02x", key[0], key[1], key[2], key[3]);
}

static void put_frame(const struct raised *raised, bool client, struct wsn_buffer *out)
{
    const struct wsc_frame *f = &raised->frame;
    struct wsn_buffer payload = {.limit = out->limit};

    wsn_puts(out, "  > ");
    put_unmasked(raised, &payload);
    put_payload(f->opcode, &payload, out);
    if (!f->fin)
        wsn_puts(out, " fin=0");
    put_rsv(f->rsv, out);
    put_mask(f, client, out);
    if (!is_shortest(f) || raised->len < f->length)
        wsn_printf(out, " len=%u:%llu", f->form, (unsigned long long)f->length);
    wsn_puts(out, "\n");
    wsn_drop_part(&payload, out);
}

/* The frames of a message, which has that many. */
static size_t put_message(const uint8_t *bytes, size_t len, size_t frames, bool client,
                          struct wsn_buffer *out)
{
    struct wsn_buffer payload = {.limit = out->limit};
    struct raised first, next;
    size_t at = 0;

    read_frame(bytes, len, &first);
    for (size_t i = 0; i < frames && read_frame(bytes + at, len - at, &next); i++) {
        put_unmasked(&next, &payload);
        at += next.size;
    }
    wsn_puts(out, "  > ");
    put_payload(first.frame.opcode, &payload, out);
    put_rsv(first.frame.rsv, out);
    put_mask(&first.frame, client, out);
    wsn_printf(out, " fragment=%zu\n", first.len);
    wsn_drop_part(&payload, out);
    return at;
}

void wsn_raise(const uint8_t *bytes, size_t len, bool client, struct wsn_buffer *out)
{
    struct raised raised;

    for (size_t at = 0; at < len && !out->full;) {
        size_t frames;

        if (!read_frame(bytes + at, len - at, &raised)) {
            wsn_puts(out, "  > raw ");
            wsn_print_bytes(bytes + at, len - at, out);
            wsn_puts(out, "\n");
            return;
        }
        frames = read_message(bytes + at, len - at, &raised);
        if (frames > 1) {
            at += put_message(bytes + at, len - at, frames, client, out);
            continue;
        }
        put_frame(&raised, client, out);
        at += raised.size;
    }
}
