/* wsc/scan.h - cut a byte stream into frames, judging nothing.
 *
 * RFC 6455, section 5.2.  Every bit is reported as it arrived, so one scanner serves the strict
 * endpoint, the transcript and the mutants.  It never fails: any bytes are some frames.
 * Memory: none allocated; zeroed means ready; no inner pointers, so a plain copy is a checkpoint.
 */
#ifndef WSC_SCAN_H
#define WSC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsc_opcode {
    WSC_CONT = 0x0,
    WSC_TEXT = 0x1,
    WSC_BINARY = 0x2,
    WSC_CLOSE = 0x8,
    WSC_PING = 0x9,
    WSC_PONG = 0xA
};

enum { WSC_RSV1 = 4, WSC_RSV2 = 2, WSC_RSV3 = 1, WSC_HEAD_MAX = 14, WSC_CONTROL_MAX = 125 };

/* A frame's header, any bits. */
struct wsc_frame {
    bool fin;
    uint8_t rsv;      /* WSC_RSV1 | WSC_RSV2 | WSC_RSV3 */
    uint8_t opcode;   /* 0..15 */
    bool masked;
    uint8_t key[4];   /* meaningful when masked */
    uint8_t form;     /* bits that carry the length: 7, 16 or 64 */
    uint64_t length;  /* as written; the top bit of a 64-bit length is kept */
};

static inline bool wsc_is_control(uint8_t opcode)
{
    return (opcode & 8) != 0;
}

/* A piece of one frame: whatever of it this call saw.  A frame that lies whole in the input is one
 * piece that is first and last. */
struct wsc_piece {
    struct wsc_frame frame; /* complete in every piece */
    uint64_t at;            /* offset of the frame's first byte in the stream */
    uint64_t done;          /* payload bytes of this frame that came before this piece */
    uint8_t *data;          /* payload of this piece, unmasked in place; points into the input */
    size_t len;
    bool first;             /* the frame's header was completed by this call */
    bool last;              /* the frame ends with this piece */
    bool ascii;             /* all of it is ASCII for certain: seen while unmasking */
    bool plain;             /* for certain a whole text or binary message, its RSV bits clear and its
                             * length in the shortest form: so wsc_check_piece has little to do.  Who
                             * changes `frame` clears it */
};

/* Offset in the stream of data[0]. */
static inline uint64_t wsc_piece_at(const struct wsc_piece *piece)
{
    const struct wsc_frame *f = &piece->frame;
    return piece->at + 2u + (f->form == 16 ? 2u : f->form == 64 ? 8u : 0u) + (f->masked ? 4u : 0u) +
           piece->done;
}

struct wsc_scan {
    struct wsc_frame frame;     /* while in_payload: the frame at hand, … */
    uint64_t at;                /* … where it began … */
    uint64_t done;              /* … and its payload bytes consumed */
    uint64_t offset;            /* bytes consumed so far */
    uint8_t head[WSC_HEAD_MAX]; /* a header cut by the end of the input */
    uint8_t head_len;
    bool in_payload;
};

/* Reads from in[0..len) and stores in *used how many bytes it took.  True: *piece is a piece (its data
 * stays valid as long as the input does).  False: all input is taken and more is needed; *piece is none.
 * Bytes of the payload are unmasked in place. */
bool wsc_scan_next(struct wsc_scan *scan, uint8_t *in, size_t len, size_t *used,
                   struct wsc_piece *piece);

/* True between frames: an end of the stream here cuts no frame. */
bool wsc_scan_idle(const struct wsc_scan *scan);

#endif
