/* lane.c - one connection: the peer's bytes become events.
 *
 * The script reads along event by event: what it has no more use for is not even looked at, so how
 * TCP cut the stream changes nothing.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/frame.h>
#include <wsc/handshake.h>
#include <wsc/mask.h>

static size_t message_limit(const struct wss_run *run)
{
    return run->setup->max_message ? run->setup->max_message : 32u << 20;
}

enum { OVERHEAD = 32 }; /* of an allocation */

void wss_let_go(struct wss_run *run, size_t len)
{
    run->kept -= len + OVERHEAD;
    if (run->setup->budget)
        run->setup->budget->held -= len + OVERHEAD;
}

void wss_hold(struct wss_run *run, size_t len)
{
    struct wss_budget *budget = run->setup->budget;
    run->kept += len + OVERHEAD;
    if (budget)
        budget->held += len + OVERHEAD;
    if (run->kept > 4 * message_limit(run)) { /* in frames and in one, as events and on the way */
        wss_run_error(run, "too much: the peer makes a case keep more than %zu bytes",
                      4 * message_limit(run));
    } else if (budget && budget->held > budget->limit) {
        run->too_slow = true;
        wss_run_error(run, "too much: the peer makes the cases keep more than %zu bytes at once",
                      budget->limit);
    }
}

/* An event with bytes that are kept already. */
static struct event *add_event(struct wss_run *run, struct lane *lane, enum event_kind kind,
                               struct kept content)
{
    static struct event lost; /* written to when memory ends: the run is over then */
    struct event *list = wss_more(run, lane->events, lane->event_count - lane->event_base,
                                  &lane->event_room, sizeof *list);
    if (!list) {
        wss_leave(content.slab);
        return &lost;
    }
    lane->events = list;
    struct event *event = wss_event_at(lane, lane->event_count++);
    *event = (struct event){.kind = kind,
                            .data = content.p,
                            .len = content.n,
                            .slab = content.slab,
                            .sent = lane->sent_count,
                            .at = run->now - run->started,
                            .first_frame = lane->event_count - 1,
                            .index = lane->event_count - 1};
    lane->event_bytes += event->len;
    wss_hold(run, event->len + sizeof *event);
    return event;
}

/* A copy of the bytes, with a zero behind them.  TLS may have something to say in the midst of a
 * frame: what is there of that stays. */
struct event *wss_lane_event(struct wss_run *run, struct lane *lane, enum event_kind kind,
                             const uint8_t *data, size_t len)
{
    struct store apart = {0}, *store = wss_store_open(&lane->bytes) ? &apart : &lane->bytes;
    struct kept content = {0};
    wss_store_undo(store);
    if (wss_store_add(run, store, data, len) && wss_store_add(run, store, (const uint8_t *)"", 1)) {
        content = wss_store_close(run, store);
        content.n = len;
    }
    wss_store_drop(&apart);
    return add_event(run, lane, kind, content);
}

static void add_violation(struct wss_run *run, const struct lane *lane, const char *requirement,
                          uint64_t at, const char *sentence)
{
    enum { KEEP = 64 };
    if (run->violation_count == KEEP)
        return;
    struct wsq_sighting *grown =
        wss_got(run, realloc(run->violations, (run->violation_count + 1) * sizeof *grown));
    if (!grown)
        return;
    run->violations = grown;
    struct wsq_sighting sighting = {.requirement = wss_dup(run, requirement),
                                    .connection = wss_dup(run, lane->name),
                                    .at = at,
                                    .sentence = wss_dup(run, sentence)};
    if (sighting.requirement && sighting.sentence && (sighting.connection || !lane->name)) {
        grown[run->violation_count++] = sighting;
        return;
    }
    free(sighting.requirement);
    free(sighting.connection);
    free(sighting.sentence);
}

void wss_take_violations(struct wss_run *run, struct lane *lane, struct wsc_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct wsc_rule_info *rule = wsc_rule_info(findings->list[i].rule);
        lane->broke[findings->list[i].rule / 64] |= (uint64_t)1 << findings->list[i].rule % 64;
        add_violation(run, lane, rule->requirement, findings->list[i].at, rule->sentence);
    }
    findings->count = 0;
}

/* ---- frames ---- */

static void wire_frame(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                       const struct kept *payload)
{
    uint8_t bytes[WSC_HEAD_MAX + WIRE_KEPT];
    size_t n = wsc_frame_write(frame, bytes);
    static const char *const names[16] = {"continuation", "text",      "binary",    "opcode 3",
                                          "opcode 4",     "opcode 5",  "opcode 6",  "opcode 7",
                                          "close",        "ping",      "pong",      "opcode 11",
                                          "opcode 12",    "opcode 13", "opcode 14", "opcode 15"};
    size_t keep = payload->n < WIRE_KEPT - WSC_HEAD_MAX ? payload->n : WIRE_KEPT - WSC_HEAD_MAX;
    if (keep && !wss_wire_full(run)) {
        memcpy(bytes + n, payload->p, keep);
        if (frame->masked)
            wsc_mask(bytes + n, keep, frame->key, 0);
    }
    struct wsq_wire *chunk =
        wss_note_wire(run, lane, false, bytes, n + keep, n + payload->n, names[frame->opcode & 15]);
    if (chunk)
        chunk->head = n;
}

static void answer_ping(struct wss_run *run, struct lane *lane, const struct kept *payload)
{
    if (!lane->silent && !lane->sent_close && !lane->got_close)
        wss_send_pong(run, lane, payload->p, payload->n);
}

static void close_came(struct lane *lane, struct event *event)
{
    event->code = wsc_close_code(event->data, event->len);
    event->bad = event->len == 1 ||
                 (event->len >= 2 && !wsc_close_code_sendable(event->code) &&
                  event->code != lane->close_code) ||
                 (event->len > 2 && !wsc_utf8_valid(event->data + 2, event->len - 2));
    lane->echoed_close =
        lane->sent_close && !lane->queued && !lane->silent && event->code == lane->close_code;
    lane->got_close = true;
}

static void control_came(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                         const struct kept *payload, size_t at)
{
    enum event_kind kind = frame->opcode == WSC_PING   ? EVENT_PING
                           : frame->opcode == WSC_PONG ? EVENT_PONG
                                                       : EVENT_CLOSE;
    if (frame->opcode > WSC_PONG)
        return;
    struct event *event = add_event(run, lane, kind, wss_share(payload));
    event->frame = *frame;
    event->first_frame = at;
    memcpy(event->broke, lane->broke, sizeof event->broke);
    if (kind == EVENT_PING)
        answer_ping(run, lane, payload);
    if (kind == EVENT_CLOSE)
        close_came(lane, event);
}

/* What a message says: inflated, its only frame, or all of them. */
static struct kept content_of(struct wss_run *run, struct lane *lane, const struct kept *payload,
                              bool alone)
{
    const struct grow *joined = lane->check.compressed ? &lane->inflated : &lane->message;
    if (alone && !lane->check.compressed)
        return wss_share(payload);
    return wss_store_put(run, &lane->bytes, joined->p, joined->n);
}

static void data_came(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                      const struct kept *payload, uint8_t message, size_t at)
{
    if (frame->opcode != WSC_CONT || lane->message.n == 0)
        lane->message_first = frame->opcode != WSC_CONT ? at : lane->message_first;
    if (frame->opcode != WSC_CONT) {
        lane->message.n = 0;
        memset(lane->message_broke, 0, sizeof lane->message_broke);
    }
    for (size_t i = 0; i < WSC_RULE_WORDS; i++)
        lane->message_broke[i] |= lane->broke[i];
    bool alone = frame->fin && frame->opcode != WSC_CONT;
    if (lane->message.n + payload->n > message_limit(run) ||
        (!alone && !wss_grow_add(run, &lane->message, payload->p, payload->n))) {
        wss_run_error(run, "too much: a message of more than %zu bytes", message_limit(run));
        return;
    }
    if (!frame->fin)
        return;
    struct event *event =
        add_event(run, lane, EVENT_MESSAGE, content_of(run, lane, payload, alone));
    event->nth = lane->messages++;
    event->opcode = frame->opcode == WSC_CONT ? message : frame->opcode;
    event->frame = *frame;
    event->first_frame = lane->message_first;
    memcpy(event->broke, lane->message_broke, sizeof event->broke);
    lane->message.n = 0;
}

static void frame_came(struct wss_run *run, struct lane *lane, const struct wsc_frame *frame,
                       uint8_t message)
{
    struct kept payload = wss_store_close(run, &lane->bytes);
    wire_frame(run, lane, frame, &payload);
    size_t at = lane->event_count;
    struct event *event = add_event(run, lane, EVENT_FRAME, wss_share(&payload));
    event->opcode = frame->opcode;
    event->frame = *frame;
    memcpy(event->broke, lane->broke, sizeof event->broke);
    if (wsc_is_control(frame->opcode))
        control_came(run, lane, frame, &payload, at);
    else if (frame->opcode <= WSC_BINARY)
        data_came(run, lane, frame, &payload, message, at);
    wss_leave(payload.slab);
}

static void cannot_follow(struct wss_run *run, struct lane *lane, const char *watch,
                          const char *why)
{
    lane->blocked = true;
    wss_lane_event(run, lane, EVENT_BLOCKED, NULL, 0);
    wss_run_error(run, "blocked by the watch of %s: %s", watch, why);
}

/* A piece of a compressed message.  False when it cannot be followed any more. */
static bool inflate_piece(struct wss_run *run, struct lane *lane, const struct wsc_piece *piece)
{
    if (lane->agreed_twice) { /* compressed once, or once for each?  Nothing says so */
        cannot_follow(run, lane, "7692-5-8", "permessage-deflate was accepted twice");
        return false;
    }
    switch (wss_deflate_came(run, lane, piece, message_limit(run))) {
    case WSC_INFLATED:
    case WSC_INFLATE_HUNGRY:
    case WSC_INFLATE_END:
        return true;
    case WSC_INFLATE_LIMIT:
        wss_run_error(run, "too much: a message of more than %zu bytes", message_limit(run));
        return false;
    case WSC_INFLATE_NO_MEMORY:
        return false;
    case WSC_INFLATE_BROKEN:
        break;
    }
    cannot_follow(run, lane, "7692-7.2.1-1", "a message cannot be decompressed");
    return false;
}

/* The buffers of a message under way count at their largest: the next one has them too. */
static void hold_buffers(struct wss_run *run, struct lane *lane)
{
    size_t n = wss_store_open(&lane->bytes) + lane->message.n + lane->inflated.n;
    if (n <= lane->buffered)
        return;
    wss_hold(run, n - lane->buffered);
    lane->buffered = n;
}

static void frames_received(struct wss_run *run, struct lane *lane, uint8_t *data, size_t len)
{
    struct wsc_piece piece;
    size_t used;
    while (len && !lane->blocked && !run->done && !run->starved) {
        bool got = wsc_scan_next(&lane->scan, data, len, &used, &piece);
        data += used;
        len -= used;
        if (!got)
            continue;
        if (piece.first) {
            memset(lane->broke, 0, sizeof lane->broke);
            wss_store_undo(&lane->bytes);
        }
        if (piece.frame.length >> 63)
            piece.len = 0; /* how much of it came along is the kernel's choice */
        uint8_t message = lane->check.message;
        wsc_check_piece(&lane->check, &piece, &lane->findings);
        bool good = !lane->check.compressed || wsc_is_control(piece.frame.opcode) ||
                    inflate_piece(run, lane, &piece);
        wss_take_violations(run, lane, &lane->findings);
        if (!good)
            return;
        if (piece.frame.length >> 63) {
            cannot_follow(run, lane, "6455-5.2-12", "a frame's length has its top bit set");
            return;
        }
        if (wss_store_open(&lane->bytes) + piece.len > message_limit(run) ||
            !wss_store_add(run, &lane->bytes, piece.data, piece.len)) {
            wss_run_error(run, "too much: a frame of more than %zu bytes", message_limit(run));
            return;
        }
        hold_buffers(run, lane);
        if (wss_stuck(run))
            return;
        if (piece.last) {
            uint8_t open = lane->check.message ? lane->check.message : message;
            frame_came(run, lane, &piece.frame, open);
            wss_thread_pump(run); /* what stands behind it is read only if the script goes on */
        }
    }
}

/* RFC 6455, section 4.1: a client sends nothing between its request and our answer. */
static void early_received(struct wss_run *run, struct lane *lane, const uint8_t *data, size_t len)
{
    if (lane->early.n == 0)
        wss_lane_event(run, lane, EVENT_EARLY, data, len < 64 ? len : 64);
    if (lane->early.n + len > HEAD_LIMIT || !wss_grow_add(run, &lane->early, data, len))
        wss_run_error(run, "too much: the client sends on before it has an answer");
}

static void measure(struct wss_run *run, struct lane *lane)
{
    if (lane->asked_at && run->now - lane->asked_at + 1 > run->facts.round_trip_ms)
        run->facts.round_trip_ms = run->now - lane->asked_at + 1;
    lane->asked_at = 0;
}

/* No head begins like this, but a frame does: who sends frames behind a refusal speaks WebSocket
 * all the same.  In the midst of content that may not be there nothing begins. */
static bool is_half_open(const struct wss_run *run, const struct lane *lane, uint8_t first)
{
    bool content = lane->in_body || (lane->bodiless && lane->body_len != 0);
    return !run->test->server_role && !content && lane->head.n == 0 && lane->last_head &&
           lane->last_head->status >= 200 && first >= 0x80;
}

static void bytes_received(struct wss_run *run, struct lane *lane, uint8_t *data, size_t len)
{
    while (len && !lane->blocked && !run->done && !wss_stuck(run)) {
        lane->websocket = lane->websocket || is_half_open(run, lane, data[0]);
        if (lane->websocket) {
            frames_received(run, lane, data, len);
            return;
        }
        if (lane->asked) {
            early_received(run, lane, data, len);
            wss_thread_pump(run);
            return;
        }
        size_t used = lane->in_body ? wss_lane_body(run, lane, data, len)
                                    : wss_lane_head(run, lane, data, len);
        wss_thread_pump(run);
        data += used;
        len -= used;
    }
}

void wss_lane_early(struct wss_run *run, struct lane *lane)
{
    if (!lane->early.n || (lane->asked && !lane->websocket))
        return;
    struct grow early = lane->early;
    lane->early = (struct grow){0};
    bytes_received(run, lane, early.p, early.n);
    wss_grow_clear(&early);
}

void wss_lane_received(struct wss_run *run, struct lane *lane, uint8_t *data, size_t len)
{
    if (lane->ended)
        return;
    measure(run, lane);
    bytes_received(run, lane, data, len);
}

/* A reset throws away what the other side has not read yet.  It is the peer's own doing, and not
 * our bytes', if its Close answered ours and we sent nothing behind that. */
static void judge_end(struct wss_run *run, struct lane *lane, enum wss_ending ending)
{
    lane->clean_end = lane->echoed_close && lane->sent_count &&
                      wss_sent_at(lane, lane->sent_count - 1)->opcode == WSC_CLOSE;
    if (lane->clean_end && ending == WSS_RST)
        add_violation(run, lane, WSS_CLEAN_END, lane->wire_in,
                      "the connection ends with a reset, though both sides had closed it");
}

void wss_lane_ended(struct wss_run *run, struct lane *lane, enum wss_ending ending)
{
    if (lane->ended)
        return;
    lane->ended = true;
    if (!lane->websocket && lane->in_body && lane->body.kind == WSC_BODY_TO_END)
        wss_lane_body_done(run, lane);
    if (!lane->websocket && lane->head.n && !lane->blocked)
        wss_note_wire(run, lane, false, lane->head.p, lane->head.n, lane->head.n, "head, cut");
    struct event *event = wss_lane_event(run, lane, EVENT_EOF, NULL, 0);
    event->ending = ending;
    judge_end(run, lane, ending);
    if (ending == WSS_RST)
        lane->write_dead = true;
}

void wss_lane_open(struct wss_run *run, struct lane *lane)
{
    if (lane->state != LANE_NEW)
        return;
    lane->state = LANE_CONNECTING;
    lane->want_open = true;
    wsc_check_init(&lane->check, run->test->server_role ? WSC_CLIENT : WSC_SERVER);
    wsc_check_init(&lane->own_check, run->test->server_role ? WSC_SERVER : WSC_CLIENT);
}

void wss_lane_free(struct lane *lane)
{
    for (size_t i = lane->event_base; i < lane->event_count; i++)
        wss_event_free(wss_event_at(lane, i));
    wss_event_free(&lane->spoken);
    for (size_t i = lane->sent_base; i < lane->sent_count; i++)
        wss_leave(wss_sent_at(lane, i)->slab);
    wss_leave(lane->own_whole.slab);
    wss_leave(lane->said.slab);
    wss_store_drop(&lane->bytes);
    wss_store_drop(&lane->own_bytes);
    for (size_t i = 0; i < lane->segment_count; i++)
        free(lane->segments[i].bytes);
    free(lane->events);
    free(lane->sent);
    free(lane->segments);
    wss_grow_clear(&lane->request);
    wss_grow_clear(&lane->own_message);
    wss_grow_clear(&lane->spare);
    wss_grow_clear(&lane->head);
    wss_grow_clear(&lane->early);
    wss_grow_clear(&lane->body_kept);
    wss_grow_clear(&lane->message);
    wss_deflate_free(lane);
}
