/* log.c - what was sent and seen on a lane, and when it is forgotten. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* From when on it is looked for something to forget, so that what is read again and again stays
 * near; and how much there may be that waits for a later group. */
enum { LOG_ENTRIES = 256, LOG_BYTES = 128 << 10, SENT_ENTRIES = 1024, SENT_BYTES = 1 << 20 };
enum { HELD_ENTRIES = 4096, HELD_BYTES = 1 << 20 };

static void lower(size_t *least, size_t value)
{
    if (value < *least)
        *least = value;
}

static void of_reader(const struct reader *reader, size_t *event, size_t *sent)
{
    lower(event, reader->at);
    lower(sent, reader->since);
    if (reader->held_count)
        lower(event, reader->held[0]);
    if (reader->last_content)
        lower(event, reader->last_content - 1);
}

/* The first event and the first entry that a thread may still look at.  Branches read on in its
 * place, those that live. */
static void find_floor(const struct thread *thread, unsigned lane, size_t *event, size_t *sent)
{
    if (thread->state == THREAD_DEAD)
        return;
    if (!thread->child_count)
        of_reader(&thread->readers[lane], event, sent);
    for (size_t i = 0; i < thread->never_count; i++)
        if (thread->nevers[i].pattern.step->lane == lane)
            lower(event, thread->nevers[i].at);
    for (size_t i = 0; i < thread->child_count; i++)
        find_floor(&thread->children[i], lane, event, sent);
}

/* A reading that waits for something else puts every message aside.  Of a long log it forgets them:
 * should it ask for them after all, nothing can be said. */
static void lose_held(struct thread *thread, unsigned lane)
{
    struct reader *reader = &thread->readers[lane];
    reader->lost = reader->lost || reader->held_count;
    reader->held_count = 0;
    for (size_t i = 0; i < thread->child_count; i++)
        lose_held(&thread->children[i], lane);
}

/* Worth the move of what is left? */
static bool is_due(size_t floor, size_t base, size_t count)
{
    return floor > base && floor - base >= (count - base) / 2;
}

void wss_event_free(struct event *event)
{
    wss_leave(event->slab);
    free(event->head);
}

static void drop_event(struct wss_run *run, struct lane *lane, struct event *event)
{
    wss_let_go(run, event->len + sizeof *event);
    if (event->head)
        wss_let_go(run, sizeof *event->head);
    lane->event_bytes -= event->len;
    struct event *gone = event;
    if (event->head && event->head == lane->last_head) {
        struct event before = lane->spoken;
        lane->spoken = *event;
        *event = before;
    }
    wss_event_free(gone);
}

bool wss_reads_on(const struct thread *thread)
{
    for (size_t i = 0; i < thread->run->lane_count; i++) {
        const struct lane *lane = &thread->run->lanes[i];
        size_t event = SIZE_MAX, sent = SIZE_MAX;
        of_reader(&thread->readers[i], &event, &sent);
        if (event < lane->event_base || sent < lane->sent_base)
            return false;
    }
    return true;
}

static void forget_events(struct wss_run *run, struct lane *lane, size_t floor)
{
    if (lane->check.message || lane->message.n)
        lower(&floor, lane->message_first);
    if (!is_due(floor, lane->event_base, lane->event_count))
        return;
    for (size_t i = lane->event_base; i < floor; i++)
        drop_event(run, lane, wss_event_at(lane, i));
    memmove(lane->events, wss_event_at(lane, floor),
            (lane->event_count - floor) * sizeof *lane->events);
    lane->event_base = floor;
}

/* The last entry stays: how the connection ends is judged by it. */
static void forget_sent(struct wss_run *run, struct lane *lane, size_t floor)
{
    lower(&floor, lane->sent_count - 1);
    if (!is_due(floor, lane->sent_base, lane->sent_count))
        return;
    for (size_t i = lane->sent_base; i < floor; i++) {
        struct sent *sent = wss_sent_at(lane, i);
        if (sent->unasked)
            wss_let_go(run, sent->len + sizeof *sent);
        lane->sent_bytes -= sent->len;
        wss_leave(sent->slab);
    }
    memmove(lane->sent, wss_sent_at(lane, floor), (lane->sent_count - floor) * sizeof *lane->sent);
    lane->sent_base = floor;
}

void wss_logs_forget(struct wss_run *run)
{
    for (unsigned i = 0; i < run->lane_count; i++) {
        struct lane *lane = &run->lanes[i];
        size_t entries = lane->event_count - lane->event_base;
        bool seen = entries > LOG_ENTRIES || lane->event_bytes > LOG_BYTES;
        bool many = entries > HELD_ENTRIES || lane->event_bytes > HELD_BYTES;
        bool said =
            lane->sent_count - lane->sent_base > SENT_ENTRIES || lane->sent_bytes > SENT_BYTES;
        size_t event = lane->event_count, sent = lane->sent_count;
        if ((!seen && !said) || run->main.state == THREAD_DEAD)
            continue;
        find_floor(&run->main, i, &event, &sent);
        if (many && !is_due(event, lane->event_base, lane->event_count)) {
            lose_held(&run->main, i);
            event = lane->event_count;
            find_floor(&run->main, i, &event, &sent);
        }
        if (seen)
            forget_events(run, lane, event);
        if (said)
            forget_sent(run, lane, sent);
    }
}
