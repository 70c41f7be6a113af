/* messages.c - messages, pings and pongs against the open steps; what nobody waits for is noise. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

bool wss_is_unasked(const struct wss_run *run, const struct event *event)
{
    const struct wss_profile *profile = run->setup->profile;
    for (size_t i = 0; i < profile->unasked_count; i++) {
        const struct wss_message *m = &profile->unasked[i];
        if (m->opcode == event->opcode && m->len == event->len &&
            (!m->len || memcmp(m->data, event->data, m->len) == 0))
            return true;
    }
    /* A greeting may hold a name or the time: then its place tells. */
    return event->nth < profile->unasked_count &&
           profile->unasked[event->nth].opcode == event->opcode;
}

static void learn_unasked(struct wss_run *run, const struct event *event)
{
    enum { KEEP = 16, LARGEST = 4096 };
    struct wss_facts *facts = &run->facts;
    if (facts->unasked_count == KEEP || event->len > LARGEST)
        return;
    struct wss_message *grown =
        wss_got(run, realloc(facts->unasked, (facts->unasked_count + 1) * sizeof *grown));
    uint8_t *data = wss_got(run, malloc(event->len + 1));
    if (grown)
        facts->unasked = grown;
    if (!grown || !data) {
        free(data);
        return;
    }
    if (event->len)
        memcpy(data, event->data, event->len);
    grown[facts->unasked_count++] =
        (struct wss_message){.opcode = event->opcode, .data = data, .len = event->len};
}

void wss_pass_over(struct thread *thread, const struct lane *lane, const struct event *event)
{
    if (!thread->parent)
        wss_note_noise(thread->run, lane, event);
    if (event->kind == EVENT_MESSAGE && !thread->parent)
        learn_unasked(thread->run, event);
}

static void hold(struct thread *thread, unsigned lane, size_t at)
{
    struct reader *reader = &thread->readers[lane];
    size_t *list =
        wss_more(thread->run, reader->held, reader->held_count, &reader->held_room, sizeof *list);
    if (!list)
        return;
    reader->held = list;
    reader->held[reader->held_count++] = at;
}

/* No step before the fence waits for a message.  Until its own Close the peer may say what it
 * likes: what comes behind ours no step has asked for. */
static void stray_message(struct thread *thread, unsigned index, size_t at,
                          const struct event *event)
{
    const struct lane *lane = &thread->run->lanes[index];
    bool farewell = lane->sent_close && !lane->got_close && !wss_answers_ours(lane, event);
    if (!thread->run->test->expects_message || farewell || wss_is_unasked(thread->run, event))
        wss_pass_over(thread, lane, event);
    else
        hold(thread, index, at);
}

static void meet(struct thread *thread, struct open_step *open, const struct event *event)
{
    wss_note_event(thread->run, wss_lane_of(thread, open), event, open->step);
    wss_step_met(thread, open, event);
}

void wss_message_came(struct thread *thread, unsigned index, size_t at, const struct event *event)
{
    struct open_step *first = wss_next_open(thread, index, EVENT_MESSAGE, NULL), *open = first;
    const char *why = NULL, *first_why = NULL;
    if (!first) {
        stray_message(thread, index, at, event);
        return;
    }
    for (; open; open = wss_next_open(thread, index, EVENT_MESSAGE, open)) {
        if (wss_match_message(thread, open, event, &why))
            break;
        first_why = first_why ? first_why : why;
        if (!wss_can_be_skipped(thread, open)) {
            open = NULL;
            break;
        }
    }
    if (open) {
        for (struct open_step *skipped = first; skipped != open;
             skipped = wss_next_open(thread, index, EVENT_MESSAGE, skipped))
            wss_step_unmet(thread, skipped, event, first_why);
        meet(thread, open, event);
    } else if (wss_is_unasked(thread->run, event)) {
        wss_pass_over(thread, &thread->run->lanes[index], event);
    } else {
        wss_note_event(thread->run, &thread->run->lanes[index], event, NULL);
        wss_step_unmet(thread, first, event, first_why);
    }
}

void wss_control_came(struct thread *thread, unsigned index, const struct event *event)
{
    const char *why;
    bool noted = false;
    for (struct open_step *open = wss_next_open(thread, index, event->kind, NULL); open;
         open = wss_next_open(thread, index, event->kind, open)) {
        if (!wss_match_message(thread, open, event, &why))
            continue;
        if (!noted && open->step->kind != WSN_ALIVE)
            wss_note_event(thread->run, wss_lane_of(thread, open), event, open->step);
        noted = true;
        wss_step_met(thread, open, event);
        if (event->kind == EVENT_PING)
            return;
    }
    if (!noted)
        wss_pass_over(thread, &thread->run->lanes[index], event);
}
