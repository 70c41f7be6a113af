/* renewal.c - the step `renegotiate`: we ask for a new TLS handshake, and the peer takes no part.
 *
 * TLS 1.2 lets either side ask (RFC 5246, section 7.4.1.2); the other may decline with an alert,
 * end the connection, or go on as if nobody had asked.
 */
#include "run.h"

#include <stdio.h>

void wss_renewal_begin(struct thread *thread, const struct wss_step *step)
{
    wss_note_step(thread->run, step->ast);
    thread->run->lanes[step->lane].want_renewal = true;
    wss_group_begin(thread, step, 1);
}

bool wss_renewal_next(struct lane *lane, struct wss_action *action)
{
    if (!lane->want_renewal)
        return false;
    lane->want_renewal = false;
    action->kind = WSS_RENEGOTIATE;
    return true;
}

static void end_met(struct thread *thread, struct open_step *open, const struct event *event)
{
    char text[200];
    snprintf(text, sizeof text, "# %s", wss_describe_event(thread->run, event));
    wss_note_text(thread->run, text);
    wss_step_met(thread, open, event);
}

bool wss_renewal_event(struct thread *thread, struct open_step *open, const struct event *event)
{
    switch (event->kind) {
    case EVENT_RENEWED:
        wss_step_unmet(thread, open, event, NULL);
        return true;
    case EVENT_DECLINED:
    case EVENT_EOF:
        end_met(thread, open, event);
        return true;
    case EVENT_REFUSED:
    case EVENT_GARBLED:
    case EVENT_BLOCKED:
        return false;
    case EVENT_FRAME: /* told as what it is part of */
        return true;
    case EVENT_STATUS:
    case EVENT_REQUEST:
    case EVENT_BODY:
    case EVENT_CONTENT:
    case EVENT_MESSAGE:
    case EVENT_PING:
    case EVENT_PONG:
    case EVENT_CLOSE:
    case EVENT_EARLY:
        break;
    }
    wss_pass_over(thread, wss_lane_of(thread, open), event);
    return true;
}
