/* stepper.c - the public face: events in, actions out, a verdict at the end. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA_LIMIT = 256 << 20 };
/* How long one that we have ended may take to go before the next is opened all the same. */
enum { LEAVE_MS = 500 };

static void pump(struct wss_run *run, uint64_t now)
{
    if (now > run->now)
        run->now = now;
    wss_thread_pump(run);
    for (size_t i = 0; i < run->lane_count; i++)
        wss_lane_early(run, &run->lanes[i]);
}

static struct lane *lane_at(struct wss_run *run, unsigned connection)
{
    return connection < run->lane_count ? &run->lanes[connection] : NULL;
}

struct wss_run *wss_start(const struct wss_setup *setup, uint64_t now)
{
    struct wss_run *run = calloc(1, sizeof *run);
    if (!run)
        return NULL;
    const struct wss_program *program = setup->test->program;
    run->setup = setup;
    run->test = setup->test;
    run->arena.limit = run->scratch.limit = ARENA_LIMIT;
    run->arena.failed = run->scratch.failed = run->main.memory.failed = &run->starved;
    run->now = run->started = run->moved = now;
    run->main.run = run;
    run->lane_count = program->lane_count;
    run->lanes = wss_got(run, calloc(run->lane_count + 1, sizeof *run->lanes));
    run->main.readers = wss_got(run, calloc(run->lane_count + 1, sizeof *run->main.readers));
    run->reason = wss_got(run, calloc(1, REASON_SIZE));
    /* What no result may lack is there from the start: memory may end later. */
    if (!wss_name_result(&run->result, setup->test) || run->starved) {
        wss_run_free(run);
        return NULL;
    }
    uint64_t stream = wss_mix(setup->seed, setup->test->id);
    run->draw = wss_mix(stream, "random");
    for (size_t i = 0; i < run->lane_count; i++) {
        run->lanes[i].name = program->lanes[i];
        run->lanes[i].draw = wss_mix(stream, program->lanes[i] ? program->lanes[i] : "");
    }
    run->main.stack[0] = (struct frame_of){.block = &program->body, .left = 1};
    run->main.depth = 1;
    pump(run, now);
    return run;
}

/* ---- actions ---- */

static bool pause_over(const struct wss_run *run, const struct lane *lane,
                       const struct segment *segment)
{
    return run->now >= lane->written_at + segment->pause_ms;
}

static bool next_write(struct wss_run *run, struct lane *lane, struct wss_action *action)
{
    if (lane->segment_at >= lane->segment_count || lane->write_dead || lane->state != LANE_UP)
        return false;
    struct segment *segment = &lane->segments[lane->segment_at];
    if (segment->offered || !pause_over(run, lane, segment))
        return false;
    segment->offered = true;
    action->kind = WSS_WRITE;
    action->bytes = segment->bytes;
    action->len = segment->len;
    return true;
}

/* One that we have ended, or are about to; as long as anything moves, it may be on its way. */
static uint64_t gone_by(const struct wss_run *run, const struct lane *lane)
{
    return (lane->shut_at > run->moved ? lane->shut_at : run->moved) + LEAVE_MS;
}

/* A server may serve one client at a time, and come to the next, or let him in, only when the one
 * before is gone on both sides: who is gone, but for us, or about to go. */
static struct lane *going(const struct wss_run *run)
{
    for (size_t i = 0; i < run->lane_count && !run->test->server_role; i++) {
        struct lane *lane = &run->lanes[i];
        bool there = lane->state == LANE_UP || (lane->state == LANE_CONNECTING && !lane->want_open);
        if (there && (lane->ended || (lane->want_shut && run->now < gone_by(run, lane))))
            return lane;
    }
    return NULL;
}

static bool next_open(struct wss_run *run, struct lane *lane, struct wss_action *action)
{
    struct lane *before = going(run);
    if (before ? !before->ended : run->now < run->free_at)
        return false;
    if (before) {
        before->state = LANE_GONE;
        run->free_at = run->now + run->setup->breath_ms;
        action->connection = (unsigned)(before - run->lanes);
        action->kind = WSS_DROP;
        return true;
    }
    lane->want_open = false;
    action->kind = run->test->server_role ? WSS_ACCEPT : WSS_CONNECT;
    action->how = &lane->how;
    return true;
}

static bool next_of_lane(struct wss_run *run, struct lane *lane, struct wss_action *action)
{
    if (lane->want_open)
        return next_open(run, lane, action);
    if (lane->state != LANE_UP)
        return false;
    if (lane->want_deaf != lane->deaf) {
        lane->deaf = lane->want_deaf;
        action->kind = lane->deaf ? WSS_STOP_READING : WSS_START_READING;
        return true;
    }
    if (next_write(run, lane, action))
        return true;
    bool drained = lane->segment_at >= lane->segment_count || lane->write_dead;
    if (drained && wss_renewal_next(lane, action))
        return true;
    if (lane->want_reset && drained) {
        lane->state = LANE_GONE;
        run->free_at = run->now + run->setup->breath_ms;
        action->kind = WSS_RESET;
        return true;
    }
    if (lane->want_shut && !lane->shut && drained && !lane->write_dead) {
        lane->shut = true;
        lane->shut_at = run->now;
        action->kind = WSS_SHUT;
        return true;
    }
    return false;
}

bool wss_next(struct wss_run *run, struct wss_action *action)
{
    for (unsigned i = 0; i < run->lane_count && !run->done; i++) {
        *action = (struct wss_action){.connection = i};
        if (next_of_lane(run, &run->lanes[i], action))
            return true;
    }
    if (!run->done && wss_target_next(run, action))
        return true;
    wss_thread_pump(run); /* the last action may have been all that the script still waited for */
    return false;
}

/* ---- events ---- */

void wss_connected(struct wss_run *run, unsigned connection, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done)
        return;
    lane->state = LANE_UP;
    lane->written_at = run->moved = now;
    pump(run, now);
}

void wss_connect_failed(struct wss_run *run, unsigned connection, enum wss_connect_failure failure,
                        const char *why, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done)
        return;
    run->now = now > run->now ? now : run->now;
    lane->state = LANE_GONE;
    lane->write_dead = true;
    bool peers = failure == WSS_REFUSED || failure == WSS_DENIED;
    if (peers)
        wss_lane_event(run, lane, EVENT_REFUSED, (const uint8_t *)why, strlen(why))->denied =
            failure == WSS_DENIED && lane->how.transport == WSS_TLS;
    else
        wss_run_error(run, "no connection: %s", why);
    run->no_connection = run->no_connection || !peers;
    run->untrusted = run->untrusted || failure == WSS_UNTRUSTED;
    pump(run, now);
}

bool wss_answers_ours(const struct lane *lane, const struct event *event)
{
    for (size_t i = lane->sent_asked; i > lane->sent_base;
         i = wss_sent_at(lane, i - 1)->asked_before) {
        const struct sent *sent = wss_sent_at(lane, i - 1);
        if (sent->len == event->len &&
            (event->len == 0 || memcmp(sent->data, event->data, event->len) == 0))
            return true;
    }
    return false;
}

/* Whole frames that answer nothing: a peer that pings or pushes for ever shall not keep a case
 * waiting for ever.  What a step waited for counts when it is met. */
static bool is_only_noise(const struct lane *lane, size_t known)
{
    if (!lane->websocket || known == lane->event_count || !wsc_scan_idle(&lane->scan))
        return false;
    for (size_t i = known; i < lane->event_count; i++) {
        const struct event *event = wss_event_at(lane, i);
        bool unfinished = event->kind == EVENT_FRAME && !event->frame.fin;
        bool other = event->kind != EVENT_FRAME && event->kind != EVENT_PING &&
                     event->kind != EVENT_PONG && event->kind != EVENT_MESSAGE;
        if (other || unfinished || wss_answers_ours(lane, event))
            return false;
    }
    return true;
}

void wss_received(struct wss_run *run, unsigned connection, uint8_t *data, size_t len, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done || !len)
        return;
    run->now = now > run->now ? now : run->now;
    run->facts.heard = true;
    wss_logs_forget(run);
    size_t known = lane->event_count;
    wss_lane_received(run, lane, data, len);
    if (run->moved != run->now && !is_only_noise(lane, known))
        run->moved = run->now;
    pump(run, now);
}

void wss_ended(struct wss_run *run, unsigned connection, enum wss_ending ending, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done)
        return;
    run->now = now > run->now ? now : run->now;
    run->moved = run->now;
    wss_lane_ended(run, lane, ending);
    pump(run, now);
}

void wss_garbled(struct wss_run *run, unsigned connection, const char *why, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done || lane->ended)
        return;
    run->now = now > run->now ? now : run->now;
    run->moved = run->now;
    run->garbled = lane->blocked = lane->write_dead = run->facts.heard = true;
    wss_lane_event(run, lane, EVENT_GARBLED, (const uint8_t *)why, strlen(why));
    pump(run, now);
}

void wss_renegotiated(struct wss_run *run, unsigned connection, enum wss_renewal renewal,
                      const char *why, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done || lane->ended)
        return;
    run->now = now > run->now ? now : run->now;
    run->moved = run->now;
    switch (renewal) {
    case WSS_RENEWED:
        wss_lane_event(run, lane, EVENT_RENEWED, NULL, 0);
        break;
    case WSS_DECLINED:
        lane->write_dead = true;
        wss_lane_event(run, lane, EVENT_DECLINED, (const uint8_t *)why, strlen(why));
        break;
    case WSS_IN_CLEAR:
        wss_run_error(run, "no TLS is spoken on this connection: there is nothing to renegotiate");
        break;
    }
    pump(run, now);
}

void wss_moved(struct wss_run *run, uint64_t now)
{
    run->moved = now > run->moved ? now : run->moved;
}

void wss_written(struct wss_run *run, unsigned connection, size_t len, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || lane->segment_at >= lane->segment_count || run->done)
        return;
    struct segment *segment = &lane->segments[lane->segment_at];
    run->now = now > run->now ? now : run->now;
    lane->written_at = run->now;
    if (!segment->unasked) {
        run->moved = run->now;
        lane->asked_at = lane->asked_at ? lane->asked_at : run->now;
    }
    size_t n = len < segment->len - segment->written ? len : segment->len - segment->written;
    segment->written += n;
    lane->queued -= n < lane->queued ? n : lane->queued;
    if (segment->written == segment->len)
        wss_segment_done(lane);
    wss_logs_forget(run);
    pump(run, now);
}

void wss_write_failed(struct wss_run *run, unsigned connection, uint64_t now)
{
    struct lane *lane = lane_at(run, connection);
    if (!lane || run->done)
        return;
    lane->write_dead = true;
    lane->queued = 0;
    pump(run, now);
}

void wss_target(struct wss_run *run, enum wss_target_news news, const char *why, uint64_t now)
{
    if (run->done)
        return;
    run->restarting = run->restarting && news == WSS_TARGET_EXITED;
    run->exited = news == WSS_TARGET_EXITED;
    if (news == WSS_TARGET_MUTE || news == WSS_TARGET_LOST)
        wss_target_gone(run, news, why);
    pump(run, now);
}

/* ---- time ---- */

static uint64_t cap_of(const struct wss_run *run)
{
    return run->test->timeout_ms ? run->test->timeout_ms : run->setup->cap_ms;
}

uint64_t wss_cap(const struct wss_run *run)
{
    uint64_t cap = cap_of(run), more = run->given_back < cap ? run->given_back : cap;
    return cap ? run->started + cap + more : UINT64_MAX;
}

/* When a connection that is to be opened is, whatever comes. */
static uint64_t open_at(const struct wss_run *run)
{
    const struct lane *before = going(run);
    return !before ? run->free_at : before->ended ? UINT64_MAX : gone_by(run, before);
}

uint64_t wss_deadline(const struct wss_run *run)
{
    if (run->done)
        return run->now;
    uint64_t at = wss_thread_deadline(run), cap = wss_cap(run);
    for (size_t i = 0; i < run->lane_count; i++) {
        const struct lane *lane = &run->lanes[i];
        if (lane->want_open && open_at(run) < at)
            at = open_at(run);
        if (lane->segment_at >= lane->segment_count || lane->write_dead || lane->state != LANE_UP)
            continue;
        const struct segment *segment = &lane->segments[lane->segment_at];
        if (!segment->offered && lane->written_at + segment->pause_ms < at)
            at = lane->written_at + segment->pause_ms;
    }
    return at < cap ? at : cap;
}

void wss_tick(struct wss_run *run, uint64_t now)
{
    if (run->done)
        return;
    run->now = now > run->now ? now : run->now;
    if (run->now >= wss_cap(run)) {
        run->too_slow = true;
        wss_run_error(run,
                      "too slow to judge: the case's cap of %llu ms was reached, %llu ms behind "
                      "the last byte that moved",
                      (unsigned long long)cap_of(run),
                      (unsigned long long)(run->now > run->moved ? run->now - run->moved : 0));
    } else {
        wss_thread_tick(run);
    }
    pump(run, now);
}

static void late_thread(struct thread *thread, uint64_t ms)
{
    thread->group_from += ms;
    thread->group_late += ms;
    if (thread->wait_until)
        thread->wait_until += ms;
    for (size_t i = 0; i < thread->group_count; i++) {
        struct open_step *open = &thread->group[i];
        open->deadline_from += open->deadline_from ? ms : 0;
        open->over_at += open->over_at ? ms : 0;
    }
    for (size_t i = 0; i < thread->child_count; i++)
        late_thread(&thread->children[i], ms);
}

void wss_late(struct wss_run *run, uint64_t ms)
{
    run->given_back += ms;
    run->moved += ms;
    late_thread(&run->main, ms);
}

void wss_abort(struct wss_run *run, const char *why, uint64_t now)
{
    if (run->done)
        return;
    wss_run_error(run, "%s", why);
    pump(run, now);
}

void wss_starve(struct wss_run *run, uint64_t now)
{
    if (run->done)
        return;
    run->starved = true;
    pump(run, now);
}

bool wss_done(const struct wss_run *run)
{
    return run->done;
}

const char *wss_news(struct wss_run *run)
{
    if (!run->news.n)
        return NULL;
    const char *text = wsn_copy(&run->arena, run->news.p, run->news.n);
    run->news.n = 0;
    return text;
}
