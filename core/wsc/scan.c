#include <string.h>

#include <wsc/mask.h>
#include <wsc/scan.h>

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

static void read_head(struct wsc_frame *frame, const uint8_t *head)
{
    frame->fin = (head[0] & 0x80) != 0;
    frame->rsv = head[0] >> 4 & 7;
    frame->opcode = head[0] & 15;
    frame->masked = (head[1] & 0x80) != 0;
    unsigned length = head[1] & 0x7f;
    head += 2;
    if (length < 126) {
        frame->form = 7;
        frame->length = length;
    } else if (length == 126) {
        frame->form = 16;
        frame->length = read_number(head, 2);
        head += 2;
    } else {
        frame->form = 64;
        frame->length = read_number(head, 8);
        head += 8;
    }
    if (frame->masked)
        memcpy(frame->key, head, 4);
    else
        memset(frame->key, 0, 4);
}

/* Completes the header from the front of the input.  Returns the bytes taken and says whether it is
 * whole; a header that lies whole in the input is read where it lies. */
static size_t take_head(struct wsc_scan *scan, const uint8_t *in, size_t len, bool *whole)
{
    if (scan->head_len == 0 && len >= 2 && len >= head_size(in)) {
        read_head(&scan->frame, in);
        *whole = true;
        return head_size(in);
    }
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

bool wsc_scan_next(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                   struct wsc_piece *piece)
{
    size_t taken = 0;
    bool first = false;
    *used = 0;
    if (len == 0)
        return false;
    if (!scan->in_payload) {
        if (scan->head_len == 0)
            scan->at = scan->offset;
        taken = take_head(scan, in, len, &first);
        if (!first) {
            scan->offset += taken;
            *used = taken;
            return false;
        }
        scan->done = 0;
    }

    uint64_t left = scan->frame.length - scan->done;
    size_t n = len - taken < left ? len - taken : (size_t)left;
    if (scan->frame.masked)
        wsc_mask(in + taken, n, scan->frame.key, scan->done);
    piece->frame = scan->frame;
    piece->at = scan->at;
    piece->done = scan->done;
    piece->data = in + taken;
    piece->len = n;
    piece->first = first;
    piece->last = n == left;

    scan->done += n;
    scan->in_payload = !piece->last;
    *used = taken + n;
    scan->offset += *used;
    return true;
}

bool wsc_scan_idle(const struct wsc_scan *scan)
{
    return !scan->in_payload && scan->head_len == 0;
}
