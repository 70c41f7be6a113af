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
static size_t read_head(struct wsc_frame *frame, const uint8_t *head)
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
static size_t gather_head(struct wsc_scan *scan, const uint8_t *in, size_t len, bool *whole)
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
        read_head(&scan->frame, scan->head);
        scan->head_len = 0;
    }
    return used;
}

/* Begins a frame in scan->frame.  A header that lies whole in the input is read where it lies. */
static size_t begin_frame(struct wsc_scan *scan, const uint8_t *in, size_t len, bool *whole)
{
    if (scan->head_len == 0) {
        scan->at = scan->offset;
        if (len >= 2 && len >= head_size(in)) {
            *whole = true;
            return read_head(&scan->frame, in);
        }
    }
    return gather_head(scan, in, len, whole);
}

/* The last step for a piece that is whole but for its mask, so that nothing has to be kept
 * meanwhile.
 */
WSC_ASIDE static bool unmask_many(struct wsc_piece *piece, uint32_t key)
{
    piece->ascii = wsc_kernels()->mask(piece->data, piece->len, key);
    return true;
}

static inline bool unmask(struct wsc_piece *piece, uint8_t *data, size_t n, uint32_t key)
{
    if (n > WSC_FEW)
        return unmask_many(piece, key);
    piece->ascii = wsc_mask_few(data, n, key);
    return true;
}

/* What the input has, behind the header, of the payload of the frame in scan->frame. */
static inline bool take_payload(struct wsc_scan *scan, uint8_t *in, size_t len, size_t header,
                                size_t *used, struct wsc_piece *piece)
{
    uint64_t done = scan->done, left = scan->frame.length - done;
    size_t n = len < left ? len : (size_t)left;
    *used = header + n;
    piece->frame = scan->frame;
    piece->at = scan->at;
    piece->done = done;
    piece->data = in;
    piece->len = n;
    piece->first = header != 0;
    piece->last = n == left;
    piece->plain = piece->ascii = false;
    scan->in_payload = n != left;
    scan->offset += n;
    scan->done = done + n;
    if (!WSC_LIKELY(scan->frame.masked))
        return true;
    uint32_t key;
    memcpy(&key, scan->frame.key, 4);
    key = wsc_key_turn(key, done);
    if (n != 1)
        return unmask(piece, in, n, key);
    *in ^= wsc_key_first(key); /* one byte a read is what takes longest */
    piece->ascii = *in < 0x80;
    return true;
}

WSC_ASIDE static bool begin_in_steps(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                                     struct wsc_piece *piece)
{
    bool whole = false;
    size_t header = len != 0 ? begin_frame(scan, in, len, &whole) : 0;
    scan->offset += header;
    *used = header;
    if (!whole)
        return false;
    scan->done = 0;
    return take_payload(scan, in + header, len - header, header, used, piece);
}

static inline bool go_on(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                         struct wsc_piece *piece)
{
    if (len == 0) {
        *used = 0;
        return false;
    }
    return take_payload(scan, in, len, 0, used, piece);
}

/* The piece that nearly all are: a whole message in one frame, its length in one or three bytes.
 * Saving a register costs more than any of these steps, so as little as can be is kept in one. */
static inline bool take_plain(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                              struct wsc_piece *piece)
{
    if (in[0] != 0x81 && in[0] != 0x82)
        return begin_in_steps(scan, in, len, used, piece);
    size_t n = in[1] & 0x7f, size = 2;
    piece->frame.form = 7;
    if (n > 125) {
        if (n == 127 || (in[2] == 0 && in[3] <= 125))
            return begin_in_steps(scan, in, len, used, piece);
        n = (size_t)in[2] << 8 | in[3];
        size = 4;
        piece->frame.form = 16;
    }
    piece->frame.masked = in[1] >= 0x80;
    piece->frame.length = n;
    piece->len = n;
    size += n + (in[1] >> 5 & 4);
    if (size > len)
        return begin_in_steps(scan, in, len, used, piece);
    piece->frame.fin = true;
    piece->frame.rsv = 0;
    piece->frame.opcode = in[0] & 15;
    piece->at = scan->offset;
    piece->done = 0;
    piece->first = piece->last = piece->plain = true;
    piece->ascii = false;
    scan->offset += size;
    *used = size;
    bool masked = in[1] >= 0x80;
    in += size - n;
    piece->data = in;
    uint32_t key = 0;
    if (WSC_LIKELY(masked))
        memcpy(&key, in - 4, 4);
    memcpy(piece->frame.key, &key, 4);
    if (!masked)
        return true;
    return unmask(piece, in, n, key);
}

bool wsc_scan_next(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                   struct wsc_piece *piece)
{
    if (scan->in_payload)
        return go_on(scan, in, len, used, piece);
    if (scan->head_len != 0 || len < WSC_HEAD_MAX)
        return begin_in_steps(scan, in, len, used, piece);
    return take_plain(scan, in, len, used, piece);
}

bool wsc_scan_idle(const struct wsc_scan *scan)
{
    return !scan->in_payload && scan->head_len == 0;
}
