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

/* The piece that nearly all are: a whole frame, its length in one or three bytes.  False: it is
 * another one, and nothing has happened. */
static inline bool take_whole(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                              struct wsc_piece *piece)
{
    if (len < WSC_HEAD_MAX || in[1] % 128 == 127)
        return false;
    bool masked = in[1] >= 128, longer = in[1] % 128 == 126;
    size_t n = longer ? (size_t)in[2] << 8 | in[3] : in[1] % 128u;
    uint8_t *key = in + (longer ? 4 : 2), *data = key + (masked ? 4 : 0);
    size_t size = (size_t)(data - in) + n;
    if (size > len)
        return false;
    piece->frame = (struct wsc_frame){.fin = in[0] >= 128,
                                      .rsv = in[0] >> 4 & 7,
                                      .opcode = in[0] & 15,
                                      .masked = masked,
                                      .form = longer ? 16 : 7,
                                      .length = n};
    piece->at = scan->at = scan->offset;
    piece->done = 0;
    piece->data = data;
    piece->len = n;
    piece->first = piece->last = true;
    piece->ascii = false;
    if (masked) {
        uint32_t word;
        memcpy(&word, key, 4);
        memcpy(piece->frame.key, &word, 4);
        piece->ascii = n == 0 || wsc_kernels()->mask(data, n, word);
    }
    scan->offset += size;
    scan->done = n;
    *used = size;
    return true;
}

/* A few bytes, for which a call takes longer than the work. */
static inline bool unmask(uint8_t *data, size_t n, const uint8_t key[4], uint64_t done)
{
    if (n > 4)
        return wsc_mask(data, n, key, done);
    unsigned seen = 0;
    for (size_t i = 0; i < n; i++)
        seen |= data[i] ^= key[(done + i) % 4];
    return seen < 0x80;
}

/* What the input has of the frame's payload, `done` bytes of which have been taken. */
static inline void take_payload(struct wsc_scan *scan, uint8_t *in, size_t len, uint64_t done,
                                struct wsc_piece *piece)
{
    uint64_t left = piece->frame.length - done;
    size_t n = len < left ? len : (size_t)left;
    piece->at = scan->at;
    piece->done = done;
    piece->data = in;
    piece->len = n;
    piece->last = n == left;
    piece->ascii = piece->frame.masked && unmask(in, n, piece->frame.key, done);
    scan->offset += n;
    scan->done = done + n;
    scan->in_payload = !piece->last;
}

WSC_ASIDE static bool begin_in_steps(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                                     struct wsc_piece *piece)
{
    bool whole = false;
    size_t taken = len != 0 ? begin_frame(scan, piece, in, len, &whole) : 0;
    scan->offset += taken;
    *used = taken;
    if (!whole)
        return false;
    piece->first = true;
    take_payload(scan, in + taken, len - taken, 0, piece);
    *used += piece->len;
    if (scan->in_payload)
        scan->frame = piece->frame;
    return true;
}

bool wsc_scan_next(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                   struct wsc_piece *piece)
{
    if (!scan->in_payload)
        return (scan->head_len == 0 && take_whole(scan, in, len, used, piece)) ||
               begin_in_steps(scan, in, len, used, piece);
    if (len == 0) {
        *used = 0;
        return false;
    }
    piece->frame = scan->frame;
    piece->first = false;
    take_payload(scan, in, len, scan->done, piece);
    *used = piece->len;
    return true;
}

bool wsc_scan_idle(const struct wsc_scan *scan)
{
    return !scan->in_payload && scan->head_len == 0;
}
