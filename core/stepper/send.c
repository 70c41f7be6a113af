/* send.c - steps become bytes. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <wsc/frame.h>
#include <wsc/mask.h>

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
        wss_read_frame(run, lane, frame, bytes, n, payload);
    if (frame->masked)
        wsc_mask(bytes + n, len, frame->key, 0);
    struct wsq_wire *chunk = wss_note_wire(
        run, lane, true, bytes, n + len < WIRE_KEPT ? n + len : WIRE_KEPT, n + len, "frame");
    if (chunk)
        chunk->head = n;
    if (!whole)
        wss_read_along(run, lane, bytes, n + len);
    lane->cutting = false;
    if (lane->unasked) /* the peer decides how many, and whether it reads them */
        wss_hold(run, 2 * (n + len) + sizeof *lane->sent);
    return n + len;
}

static void queue_frame(struct wss_run *run, struct lane *lane, struct wsc_frame *frame,
                        const struct kept *payload, const struct wss_modifiers *m)
{
    size_t room = WSC_HEAD_MAX + payload->n;
    bool batched = !wss_is_over(lane) && !(m && (m->chop || m->cut_count || m->pause_ms));
    choose_header(run, lane, frame, payload->n, m);
    if (lane->write_dead)
        return;
    uint8_t *bytes = batched ? wss_batch_room(run, lane, room) : wss_got(run, malloc(room));
    if (!bytes)
        return;
    size_t n = make_frame(run, lane, frame, payload, m, bytes);
    if (batched) {
        wss_batch_add(lane, n);
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

/* The payload in one frame or in fragments. */
static void send_parts(struct wss_run *run, const struct wss_step *step, const struct kept *payload,
                       uint8_t rsv)
{
    const struct wss_modifiers *m = &step->modifiers;
    size_t len = payload->n, at = 0;
    size_t size = m->fragment && m->fragment < len ? (size_t)m->fragment : len;
    bool more = !run->starved;
    while (more) {
        size_t n = len - at < size ? len - at : size;
        struct kept part = {.slab = payload->slab, .p = payload->p + at, .n = n};
        struct wsc_frame frame = {.fin = at + n == len ? m->fin : false,
                                  .rsv = at ? 0 : rsv,
                                  .opcode = at ? WSC_CONT : step->opcode};
        queue_frame(run, &run->lanes[step->lane], &frame, &part, m);
        at += n;
        more = at < len;
    }
}

static void send_frames(struct wss_run *run, const struct wss_step *step, struct again *again,
                        const uint8_t *payload, size_t len)
{
    struct lane *lane = &run->lanes[step->lane];
    uint8_t rsv = step->modifiers.rsv;
    if (step->modifiers.deflated.on) {
        payload = wss_deflate_part(run, lane, step, again, payload, len, &len);
        rsv |= step->opcode != WSC_CONT ? WSC_RSV1 : 0;
    }
    if (!payload) {
        wss_run_error(run, "out of memory for a payload");
        return;
    }
    struct kept kept = keep_payload(run, lane, again, payload, len);
    send_parts(run, step, &kept, rsv);
    wss_leave(kept.slab);
    lane->deflating = lane->repacked = false;
}

/* Makes the payload where it is kept.  False: it has to be made elsewhere. */
static bool send_where_kept(struct wss_run *run, const struct wss_step *step,
                            const struct wsn_payload *payload)
{
    struct lane *lane = &run->lanes[step->lane];
    size_t len;
    if (step->modifiers.deflated.on || lane->write_dead || !wsc_scan_idle(&lane->own_scan) ||
        !wss_payload_length(&run->scratch, payload, &len))
        return false;
    wss_store_undo(&lane->own_bytes);
    uint8_t *out = wss_store_more(run, &lane->own_bytes, len);
    if (!out || !wss_payload_write(&run->scratch, payload, run->draw, out, len))
        return false;
    struct kept kept = wss_store_close(run, &lane->own_bytes);
    send_parts(run, step, &kept, step->modifiers.rsv);
    wss_leave(kept.slab);
    return true;
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
    if (step->kind == WSN_SEND_FRAME && !close && send_where_kept(run, step, &bound->payload))
        return;
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
            wss_read_along(run, lane, payload, len);
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
