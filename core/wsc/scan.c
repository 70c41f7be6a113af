#include <string.h>

#include <wsc/mask.h>
#include <wsc/scan.h>

#include "kernels.h"

/* The size of the header that begins with these two bytes. */
static size_t head_size(const uint8_t *head)
{
    unsigned form = head[1] & 0x7f;
    return 2u + (form == 126 ? 2u : form == 127 ? 8u : 0u) + ((head[1] & 0x80) != 0 ? 4u : 0u);
}

static uint64_t read_number(const uint8_t *in, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | in[i];
    return value;
}

/* Returns the size of the header. */
static inline size_t read_head(struct wsc_frame *frame, const uint8_t *head)
{
    frame->fin = (head[0] & 0x80) != 0;
    frame->rsv = head[0] >> 4 & 7;
    frame->opcode = head[0] & 15;
    frame->masked = (head[1] & 0x80) != 0;
    unsigned length = head[1] & 0x7f;
    size_t size = 2;
    if (length < 126) {
        frame->form = 7;
        frame->length = length;
    } else if (length == 126) {
        frame->form = 16;
        frame->length = read_number(head + 2, 2);
        size = 4;
    } else {
        frame->form = 64;
        frame->length = read_number(head + 2, 8);
        size = 10;
    }
    if (!frame->masked) {
        memset(frame->key, 0, 4);
        return size;
    }
    memcpy(frame->key, head + size, 4);
    return size + 4;
}

/* Gathers a header that the input cuts.  Returns the bytes taken and says whether it is whole. */
WSC_ASIDE static size_t gather_head(struct wsc_scan *scan, struct wsc_frame *frame,
                                    const uint8_t *in, size_t len, bool *whole)
{
    size_t used = 0;
    size_t need = scan->head_len < 2 ? 2 : head_size(scan->head);
    while (used < len && scan->head_len < need) {
        scan->head[scan->head_len++] = in[used++];
        if (scan->head_len == 2)
            need = head_size(scan->head);
    }
    *whole = scan->head_len == need;
    if (*whole) {
        read_head(frame, scan->head);
        scan->head_len = 0;
    }
    return used;
}

/* Begins a frame in piece->frame.  A header that lies whole in the input is read where it lies. */
static size_t begin_frame(struct wsc_scan *scan, struct wsc_piece *piece, const uint8_t *in,
                          size_t len, bool *whole)
{
    if (scan->head_len == 0) {
        scan->at = scan->offset;
        if (len >= 2 && len >= head_size(in)) {
            *whole = true;
            return read_head(&piece->frame, in);
        }
    }
    return gather_head(scan, &piece->frame, in, len, whole);
}

bool wsc_scan_next(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                   struct wsc_piece *piece)
{
    size_t taken = 0;
    uint64_t done = 0;
    *used = 0;
    if (len == 0)
        return false;
    piece->first = !scan->in_payload;
    if (piece->first) {
        bool whole;
        taken = begin_frame(scan, piece, in, len, &whole);
        if (!whole) {
            scan->offset += taken;
            *used = taken;
            return false;
        }
    } else {
        piece->frame = scan->frame;
        done = scan->done;
    }

    uint64_t left = piece->frame.length - done;
    size_t n = len - taken < left ? len - taken : (size_t)left;
    piece->at = scan->at;
    piece->done = done;
    piece->data = in + taken;
    piece->len = n;
    piece->last = n == left;
    piece->ascii = piece->frame.masked && wsc_mask(in + taken, n, piece->frame.key, done);

    *used = taken + n;
    scan->offset += *used;
    scan->done = done + n;
    scan->in_payload = !piece->last;
    if (piece->first && scan->in_payload)
        scan->frame = piece->frame;
    return true;
}

bool wsc_scan_idle(const struct wsc_scan *scan)
{
    return !scan->in_payload && scan->head_len == 0;
}
