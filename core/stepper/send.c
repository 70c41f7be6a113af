/* send.c - steps become bytes, and our own checker reads along. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <wsc/frame.h>
#include <wsc/mask.h>

/* ---- the sent log ---- */

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
static void read_along(struct wss_run *run, struct lane *lane, const uint8_t *bytes, size_t len)
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
static void read_frame(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
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

/* ---- the queue ---- */

enum { BATCH_MIN = 1 << 10, SPARE_MAX = 64 << 10 };

static struct segment *new_segment(struct wss_run *run, struct lane *lane)
{
    if (lane->segment_at == lane->segment_count && lane->segment_at) { /* all are through */
        for (size_t i = 0; i < lane->segment_count; i++)
            free(lane->segments[i].bytes);
        lane->segment_count = lane->segment_at = 0;
    }
    struct segment *list =
        wss_more(run, lane->segments, lane->segment_count, &lane->segment_room, sizeof *list);
    if (!list)
        return NULL;
    lane->segments = list;
    struct segment *segment = &lane->segments[lane->segment_count++];
    *segment = (struct segment){.unasked = true};
    return segment;
}

/* The segment that the batch at hand goes on in; NULL: none yet. */
static struct segment *open_segment(struct lane *lane)
{
    struct segment *last =
        lane->segment_count > lane->segment_at ? &lane->segments[lane->segment_count - 1] : NULL;
    return last && !last->sealed && !last->offered ? last : NULL;
}

static void segment_add(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len,
                        bool alone, uint64_t pause)
{
    struct segment *last = alone ? NULL : open_segment(lane);
    if (!last)
        last = new_segment(run, lane);
    struct grow grow = last ? (struct grow){last->bytes, last->len, last->room} : (struct grow){0};
    if (alone && last && (grow.p = wss_got(run, malloc(len))) != NULL)
        grow.room = len; /* no more: there may be one for each byte */
    if (!last || !wss_grow_add(run, &grow, data, len))
        return;
    last->bytes = grow.p;
    last->len = grow.n;
    last->room = grow.room;
    last->sealed = alone;
    last->unasked = last->unasked && lane->unasked;
    last->pause_ms = alone ? pause : 0;
    lane->queued += len;
}

/* Room for so many bytes at the end of the batch; NULL: nothing can leave any more. */
static uint8_t *batch_room(struct wss_run *run, struct lane *lane, size_t len)
{
    struct segment *last = open_segment(lane);
    if (!last)
        last = new_segment(run, lane);
    if (!last)
        return NULL;
    if (!last->bytes && lane->spare.room >= len) {
        last->bytes = lane->spare.p;
        last->room = lane->spare.room;
        lane->spare = (struct grow){0};
    }
    if (last->len + len > last->room) {
        size_t room = last->len ? 2 * (last->len + len) : len > BATCH_MIN ? len : BATCH_MIN;
        uint8_t *grown = wss_got(run, realloc(last->bytes, room));
        if (!grown)
            return NULL;
        last->bytes = grown;
        last->room = room;
    }
    return last->bytes + last->len;
}

/* So many bytes were written there. */
static void batch_add(struct lane *lane, size_t len)
{
    struct segment *last = open_segment(lane);
    last->len += len;
    last->unasked = last->unasked && lane->unasked;
    lane->queued += len;
}

void wss_segment_done(struct lane *lane)
{
    struct segment *segment = &lane->segments[lane->segment_at++];
    if (!lane->spare.p && segment->room <= SPARE_MAX)
        lane->spare = (struct grow){.p = segment->bytes, .room = segment->room};
    else
        free(segment->bytes);
    segment->bytes = NULL;
}

static size_t piece_end(const struct wss_modifiers *m, size_t from, size_t len)
{
    size_t end = len;
    if (m->chop && from + m->chop < end)
        end = from + m->chop;
    for (size_t i = 0; i < m->cut_count; i++) {
        if (m->cuts[i] > from && m->cuts[i] < end)
            end = (size_t)m->cuts[i];
    }
    return end;
}

void wss_lane_queue(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len,
                    const struct wss_modifiers *m)
{
    bool cut = m && (m->chop || m->cut_count || m->pause_ms);
    if (lane->write_dead || lane->want_shut || lane->want_reset || !len)
        return;
    if (!cut) {
        segment_add(run, lane, data, len, false, 0);
        return;
    }
    for (size_t from = 0; from < len;) {
        size_t end = piece_end(m, from, len);
        segment_add(run, lane, data + from, end - from, true,
                    from || !(m->chop || m->cut_count) ? m->pause_ms : 0);
        from = end;
    }
}

void wss_lanes_seal(struct wss_run *run)
{
    for (size_t i = 0; i < run->lane_count; i++) {
        struct lane *lane = &run->lanes[i];
        if (lane->segment_count > lane->segment_at)
            lane->segments[lane->segment_count - 1].sealed = true;
    }
}

/* ---- frames ---- */

static void choose_header(struct wss_run *run, struct lane *lane, struct wsc_frame *frame,
                          size_t len, const struct wss_modifiers *m)
{
    bool client = !run->test->server_role;
    frame->masked = m && m->masking != WSS_MASK_OWN ? m->masking == WSS_MASK_KEY : client;
    if (m && m->masking == WSS_MASK_KEY)
        memcpy(frame->key, m->key, 4);
    else
        wss_draw_bytes(&lane->draw, frame->key, 4);
    frame->length = m && m->length_set ? m->length : len;
    frame->form = m && m->length_set ? m->form : 0;
}

/* Writes the frame there, reads it along and notes what leaves. */
static size_t make_frame(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                         const struct kept *payload, const struct wss_modifiers *m, uint8_t *bytes)
{
    size_t n = wsc_frame_write(frame, bytes), len = payload->n;
    if (len)
        memcpy(bytes + n, payload->p, len);
    bool whole = !(m && m->length_set) && wsc_scan_idle(&lane->own_scan);
    lane->cutting = m && (m->chop || m->cut_count);
    if (whole)
        read_frame(run, lane, frame, bytes, n, payload);
    if (frame->masked)
        wsc_mask(bytes + n, len, frame->key, 0);
    struct wsq_wire *chunk = wss_note_wire(
        run, lane, true, bytes, n + len < WIRE_KEPT ? n + len : WIRE_KEPT, n + len, "frame");
    if (chunk)
        chunk->head = n;
    if (!whole)
        read_along(run, lane, bytes, n + len);
    lane->cutting = false;
    if (lane->unasked) /* the peer decides how many, and whether it reads them */
        wss_hold(run, 2 * (n + len) + sizeof *lane->sent);
    return n + len;
}

/* Nothing that is sent from now on leaves. */
static bool is_over(const struct lane *lane)
{
    return lane->write_dead || lane->want_shut || lane->want_reset;
}

static void queue_frame(struct wss_run *run, struct lane *lane, struct wsc_frame *frame,
                        const struct kept *payload, const struct wss_modifiers *m)
{
    size_t room = WSC_HEAD_MAX + payload->n;
    bool batched = !is_over(lane) && !(m && (m->chop || m->cut_count || m->pause_ms));
    choose_header(run, lane, frame, payload->n, m);
    if (lane->write_dead)
        return;
    uint8_t *bytes = batched ? batch_room(run, lane, room) : wss_got(run, malloc(room));
    if (!bytes)
        return;
    size_t n = make_frame(run, lane, frame, payload, m, bytes);
    if (batched) {
        batch_add(lane, n);
        return;
    }
    wss_lane_queue(run, lane, bytes, n, m);
    free(bytes);
}

/* Keeps what the log will tell of, unless it is kept anyway. */
static struct kept keep_payload(struct wss_run *run, struct lane *lane, const struct again *again,
                                const uint8_t *data, size_t len)
{
    if (lane->write_dead || (again && (data == again->payload || data == again->packed)))
        return (struct kept){.p = data, .n = len};
    return wsc_scan_idle(&lane->own_scan) ? wss_store_put(run, &lane->own_bytes, data, len)
                                          : wss_kept_copy(run, data, len);
}

static void send_frames(struct wss_run *run, const struct wss_step *step, struct again *again,
                        const uint8_t *payload, size_t len)
{
    struct lane *lane = &run->lanes[step->lane];
    const struct wss_modifiers *m = &step->modifiers;
    uint8_t rsv = m->rsv;
    if (m->deflated.on) {
        payload = wss_deflate_part(run, lane, step, again, payload, len, &len);
        rsv |= step->opcode != WSC_CONT ? WSC_RSV1 : 0;
    }
    if (!payload) {
        wss_run_error(run, "out of memory for a payload");
        return;
    }
    size_t size = m->fragment && m->fragment < len ? (size_t)m->fragment : len;
    size_t at = 0;
    struct kept kept = keep_payload(run, lane, again, payload, len);
    bool more = !run->starved;
    while (more) {
        size_t n = len - at < size ? len - at : size;
        struct kept part = {.slab = kept.slab, .p = kept.p + at, .n = n};
        struct wsc_frame frame = {.fin = at + n == len ? m->fin : false,
                                  .rsv = at ? 0 : rsv,
                                  .opcode = at ? WSC_CONT : step->opcode};
        queue_frame(run, lane, &frame, &part, m);
        at += n;
        more = at < len;
    }
    wss_leave(kept.slab);
    lane->deflating = lane->repacked = false;
}

static uint8_t *close_payload(struct wss_run *run, const struct wss_step *step,
                              const struct wsn_step *bound, size_t *len)
{
    size_t n = 0;
    const uint8_t *reason = wss_payload_bytes(&run->scratch, &bound->reason, run->draw, &n);
    uint8_t *out = wsn_alloc(&run->scratch, n + 2);
    *len = 0;
    if (!out || !reason || !step->code_count)
        return out;
    out[0] = (uint8_t)(step->codes[0].lo >> 8);
    out[1] = (uint8_t)step->codes[0].lo;
    memcpy(out + 2, reason, n);
    *len = n + 2;
    return out;
}

static void send_payload(struct wss_run *run, const struct wss_step *step,
                         const struct wsn_step *bound)
{
    size_t len;
    bool close = step->kind == WSN_SEND_FRAME && step->opcode == WSC_CLOSE && step->any_payload;
    const uint8_t *payload =
        close ? close_payload(run, step, bound, &len)
              : wss_payload_bytes(&run->scratch, &bound->payload, run->draw, &len);
    if (!payload) {
        wss_run_error(run, "out of memory for a payload");
        return;
    }
    struct lane *lane = &run->lanes[step->lane];
    if (step->kind == WSN_SEND_FRAME) {
        send_frames(run, step, NULL, payload, len);
    } else if (!lane->write_dead) {
        wss_note_wire(run, lane, true, payload, len < WIRE_KEPT ? len : WIRE_KEPT, len, "raw");
        lane->cutting = step->modifiers.chop || step->modifiers.cut_count;
        if (lane->websocket)
            read_along(run, lane, payload, len);
        else
            wss_remember_request(run, lane, payload, len);
        lane->cutting = false;
        wss_lane_queue(run, lane, payload, len, &step->modifiers);
    }
}

static void send_bound(struct wss_run *run, const struct wss_step *step,
                       const struct wsn_step *bound)
{
    struct lane *lane = &run->lanes[step->lane];
    if (step->kind == WSN_SEND_REQUEST || step->kind == WSN_SEND_RESPONSE)
        wss_send_head(run, step, bound);
    else if (step->kind == WSN_SEND_FIN)
        lane->want_shut = true;
    else if (step->kind == WSN_SEND_RESET)
        lane->want_reset = true;
    else
        send_payload(run, step, bound);
}

static void send_anew(struct wss_run *run, const struct wss_step *step, uint64_t round)
{
    struct lane *lane = &run->lanes[step->lane];
    struct run_scope scope;
    if (step->kind == WSN_SEND_REQUEST)
        wss_new_key(lane);
    struct wss_env env = wss_run_env(&scope, run, lane, round);
    const struct wsn_step *bound = wss_bind_steps(&run->scratch, &env, step->ast, 1);
    if (!bound) {
        wss_run_error(run, "too much: the case's own steps need too much memory");
        return;
    }
    wss_lane_open(run, lane);
    lane->step_serial = ++run->serial;
    wss_note_sent(run, lane, bound, NULL);
    send_bound(run, step, bound);
}

void wss_send_step(struct wss_run *run, const struct wss_step *step, uint64_t round)
{
    struct lane *lane = &run->lanes[step->lane];
    struct again *again = wss_again(run, step, round);
    if (again) {
        wss_lane_open(run, lane);
        lane->step_serial = ++run->serial;
        wss_note_sent(run, lane, step->ast, again);
        send_frames(run, step, again, again->payload, again->len);
    } else {
        send_anew(run, step, round);
    }
    if (run->scratch.used > SCRATCH_KEPT)
        wsn_arena_drop(&run->scratch);
}

static void send_control(struct wss_run *run, struct lane *lane, uint8_t opcode,
                         const uint8_t *data, size_t len)
{
    struct wsc_frame frame = {.fin = true, .opcode = opcode};
    lane->step_serial = ++run->serial;
    lane->unasked = opcode != WSC_PING;
    struct kept kept = keep_payload(run, lane, NULL, data, len);
    queue_frame(run, lane, &frame, &kept, NULL);
    wss_leave(kept.slab);
    lane->unasked = false;
}

void wss_send_ping(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len)
{
    send_control(run, lane, WSC_PING, data, len);
}

void wss_send_pong(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len)
{
    send_control(run, lane, WSC_PONG, data, len < WSC_CONTROL_MAX ? len : WSC_CONTROL_MAX);
}

void wss_send_close(struct wss_run *run, struct lane *lane, uint16_t code)
{
    uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    if (!lane->sent_close)
        send_control(run, lane, WSC_CLOSE, payload, wsc_close_code_sendable(code) ? 2 : 0);
    lane->sent_close = true;
}
