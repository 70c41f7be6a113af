/* sent.c - the log of what we sent: our own checker reads along, in the place of a strict peer. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

static void remember_message(struct lane *lane, uint8_t opcode, const struct kept *content)
{
    wss_leave(lane->said.slab);
    lane->said = wss_share(content);
    lane->said_opcode = opcode;
}

static struct sent *log_sent(struct wss_run *run, struct lane *lane, uint8_t opcode, bool message,
                             struct kept content)
{
    struct sent *list = wss_more(run, lane->sent, lane->sent_count - lane->sent_base,
                                 &lane->sent_room, sizeof *list);
    if (!list) {
        wss_leave(content.slab);
        return NULL;
    }
    lane->sent = list;
    struct sent *entry = wss_sent_at(lane, lane->sent_count);
    *entry = (struct sent){.opcode = opcode,
                           .message = message,
                           .step = lane->step_serial,
                           .unasked = lane->unasked,
                           .cut = lane->cutting,
                           .data = content.p,
                           .len = content.n,
                           .slab = content.slab,
                           .asked_before = lane->sent_asked};
    lane->sent_bytes += content.n;
    lane->sent_count++;
    if (!lane->unasked)
        lane->sent_asked = lane->sent_count;
    if (message && (opcode == WSC_TEXT || opcode == WSC_BINARY))
        remember_message(lane, opcode, &content);
    return entry;
}

static void forget_message(struct lane *lane)
{
    wss_leave(lane->own_whole.slab);
    lane->own_whole = (struct kept){0};
    lane->own_message.n = 0;
}

/* One more fragment.  Those of one step lie in a row: they are the message as they stand. */
static void add_fragment(struct wss_run *run, struct lane *lane, const struct kept *part)
{
    struct kept *whole = &lane->own_whole;
    bool joined = lane->own_message.n > 0;
    if (!whole->p && !joined) {
        *whole = wss_share(part);
    } else if (!joined && whole->slab == part->slab && whole->p + whole->n == part->p) {
        whole->n += part->n;
    } else {
        if (!joined)
            wss_grow_add(run, &lane->own_message, whole->p, whole->n);
        wss_grow_add(run, &lane->own_message, part->p, part->n);
    }
}

static struct kept whole_message(struct wss_run *run, struct lane *lane, bool compressed)
{
    const struct grow *joined = compressed ? &lane->own_inflated : &lane->own_message;
    return compressed || joined->n ? wss_kept_copy(run, joined->p, joined->n)
                                   : wss_share(&lane->own_whole);
}

static void own_frame_done(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                           const struct kept *payload, uint8_t message)
{
    bool data = frame->opcode <= WSC_BINARY;
    bool whole = wsc_is_control(frame->opcode) || (frame->fin && frame->opcode != WSC_CONT);
    bool compressed = !wsc_is_control(frame->opcode) && lane->own_check.compressed;
    struct sent *entry =
        log_sent(run, lane, frame->opcode, whole,
                 compressed && whole ? whole_message(run, lane, true) : wss_share(payload));
    if (frame->opcode == WSC_CLOSE) {
        lane->sent_close = true;
        lane->close_code = wsc_close_code(payload->p, payload->n);
        lane->check.answered = payload->n >= 2;
        lane->check.answered_code = lane->close_code;
        if (entry)
            entry->code = lane->close_code;
    }
    if (data && frame->opcode != WSC_CONT)
        forget_message(lane);
    if (data && !whole) {
        add_fragment(run, lane, payload);
        if (frame->fin) {
            log_sent(run, lane, message, true, whole_message(run, lane, compressed));
            forget_message(lane);
        }
    }
}

/* What our own checker says of the bytes at hand. */
struct verdict {
    size_t first; /* the entries of the log that it is about */
    bool undone;  /* compressed, and the peer cannot undo it */
};

static struct verdict begin_reading(struct lane *lane)
{
    lane->own_check.broken = (struct wsc_violation){0};
    lane->own_check.answered = false;
    return (struct verdict){.first = lane->sent_count};
}

static void read_piece(struct wss_run *run, struct lane *lane, const struct wsc_piece *piece,
                       const struct kept *payload, struct verdict *verdict)
{
    uint8_t message = lane->own_check.message;
    wsc_check_piece(&lane->own_check, piece, NULL);
    if (lane->own_check.compressed && !wsc_is_control(piece->frame.opcode))
        verdict->undone = !wss_deflate_own(run, lane, piece) || verdict->undone;
    if (piece->last)
        own_frame_done(run, lane, &piece->frame, payload,
                       lane->own_check.message ? lane->own_check.message : message);
}

static void end_reading(struct wss_run *run, struct lane *lane, const struct verdict *verdict,
                        uint8_t opcode)
{
    enum wsc_rule rule = lane->own_check.broken.rule;
    bool broken = verdict->undone || rule != WSC_RULE_NONE;
    if (lane->sent_count == verdict->first) /* a frame begun: the step must be known all the same */
        log_sent(run, lane, broken ? opcode : WSC_CONT, false,
                 wss_kept_copy(run, wss_store_at(&lane->own_bytes),
                               broken ? wss_store_open(&lane->own_bytes) : 0));
    if (!broken)
        return;
    for (size_t i = verdict->first; i < lane->sent_count; i++) {
        struct sent *sent = wss_sent_at(lane, i);
        sent->offence = true;
        sent->bad_text = rule == WSC_RULE_TEXT_UTF8 || rule == WSC_RULE_TEXT_CUT;
    }
    lane->silent = true;
}

/* A piece of what was not made as one frame: its bytes are kept until the frame is whole. */
static void collect_piece(struct wss_run *run, struct lane *lane, const struct wsc_piece *piece,
                          struct verdict *verdict)
{
    struct kept payload = {0};
    if (piece->first)
        wss_store_undo(&lane->own_bytes);
    wss_store_add(run, &lane->own_bytes, piece->data, piece->len);
    if (piece->last)
        payload = wss_store_close(run, &lane->own_bytes);
    read_piece(run, lane, piece, &payload, verdict);
    wss_leave(payload.slab);
}

/* Reads our own bytes as the peer will, and notes what it may take offence at. */
void wss_read_along(struct wss_run *run, struct lane *lane, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = wss_got(run, malloc(len + 1)), *p = copy;
    struct wsc_piece piece = {0};
    size_t used;
    if (!copy)
        return;
    memcpy(copy, bytes, len);
    struct verdict verdict = begin_reading(lane);
    while (len) {
        bool got = wsc_scan_next(&lane->own_scan, p, len, &used, &piece);
        p += used;
        len -= used;
        if (got)
            collect_piece(run, lane, &piece, &verdict);
    }
    end_reading(run, lane, &verdict, piece.frame.opcode);
    free(copy);
}

/* The same of a whole frame that is not masked yet, without looking for where it ends. */
void wss_read_frame(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                    uint8_t *bytes, size_t head, const struct kept *payload)
{
    size_t len = payload->n;
    struct wsc_piece piece = {.frame = *frame,
                              .at = lane->own_scan.offset,
                              .data = bytes + head,
                              .len = len,
                              .first = true,
                              .last = true};
    piece.frame.form = len < 126 ? 7 : len < 65536 ? 16 : 64;
    struct verdict verdict = begin_reading(lane);
    lane->own_scan.offset += head + len;
    wss_store_undo(&lane->own_bytes);
    read_piece(run, lane, &piece, payload, &verdict);
    end_reading(run, lane, &verdict, frame->opcode);
}
