/* queue.c - what waits to be written: a segment leaves in one write. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

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

uint8_t *wss_batch_room(struct wss_run *run, struct lane *lane, size_t len)
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

void wss_batch_add(struct lane *lane, size_t len)
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

bool wss_is_over(const struct lane *lane)
{
    return lane->write_dead || lane->want_shut || lane->want_reset;
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
    if (wss_is_over(lane) || !len)
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
