/* Liberties with messages: an echo is nobody's duty, and neither is to take every message. */
#include <wsc/frame.h>

#include "recode.h"
#include "registry.h"

/* Messages that go nowhere. */
bool wsp_ignore_messages(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!wsp_is_data(event, WSP_OUT))
        return false;
    if (event->piece->first)
        wsp_fire(filter);
    return true;
}

/* Closes of the server's own accord: it says Close, hears nothing but the answer, and goes. */
enum { LEAVING = 1000, LEAVE_MS = 5000 };

static void leave(struct wsp_filter *filter, uint16_t code)
{
    const uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};

    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_CLOSE, payload, sizeof payload);
    filter->state = LEAVING;
    filter->wake = filter->now + LEAVE_MS;
}

static bool has_left(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (filter->state != LEAVING)
        return false;
    if (event->kind == WSP_TICK || event->kind == WSP_ENDED ||
        wsp_is_opcode(event, WSP_IN, WSC_CLOSE))
        wsp_end_connection(filter, false);
    return event->kind == WSP_FRAME;
}

/* A good message has come, all of it. */
static bool is_message(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_data(event, WSP_IN) && event->piece->last && event->piece->frame.fin &&
           wsp_is_open(filter);
}

bool wsp_refuse_messages(struct wsp_filter *filter, struct wsp_event *event)
{
    if (has_left(filter, event))
        return true;
    if (!is_message(filter, event))
        return false;
    leave(filter, 1003);
    return true;
}

bool wsp_refuse_messages_silently(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_message(filter, event))
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, false);
    return true;
}

bool wsp_limit_rate(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { MESSAGES = 60 };

    if (has_left(filter, event))
        return true;
    if (!is_message(filter, event) || ++filter->count <= MESSAGES)
        return false;
    leave(filter, 1008);
    return true;
}

/* What a frame announces counts at once. */
static bool is_too_much(struct wsp_filter *filter, const struct wsp_event *event)
{
    enum { BYTES = 16 << 10 };

    if (!wsp_is_data(event, WSP_IN) || !wsp_is_open(filter))
        return false;
    if (event->piece->first)
        filter->count += event->piece->frame.length;
    if (filter->count > BYTES)
        return true;
    if (event->piece->last && event->piece->frame.fin)
        filter->count = 0;
    return false;
}

bool wsp_limit_size(struct wsp_filter *filter, struct wsp_event *event)
{
    if (has_left(filter, event))
        return true;
    if (!is_too_much(filter, event))
        return false;
    leave(filter, 1009);
    return true;
}

bool wsp_limit_size_silently(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!is_too_much(filter, event))
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, false);
    return true;
}

bool wsp_refuse_binary(struct wsp_filter *filter, struct wsp_event *event)
{
    if (has_left(filter, event))
        return true;
    if (!wsp_is_opcode(event, WSP_IN, WSC_BINARY) || !event->piece->first || !wsp_is_open(filter) ||
        filter->ways[WSP_IN].message)
        return false;
    leave(filter, 1003);
    return true;
}

/* Closes of its own accord: who says nothing for 3 s is let go. */
bool wsp_idle_timeout(struct wsp_filter *filter, struct wsp_event *event)
{
    enum { IDLE_MS = 3000 };
    const struct wsp_stream *out = &filter->ways[WSP_OUT];

    if (has_left(filter, event))
        return true;
    if (wsp_is_status(event, WSP_OUT, 101))
        filter->wake = filter->now + IDLE_MS;
    if (filter->state == LEAVING || filter->dead || !wsp_is_open(filter))
        return false;
    if (event->kind == WSP_TICK && !out->message && !out->mid_frame)
        leave(filter, 1001);
    else if (event->kind == WSP_TICK || event->kind == WSP_CUT)
        filter->wake = filter->now + IDLE_MS;
    return false;
}

/* Replies that are no echo. */

/* A broker that knows none of the commands. */
bool wsp_answer_in_json(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char reply[] = "{\"error\": \"unknown command\"}";

    if (!wsp_is_data(event, WSP_OUT))
        return false;
    if (event->piece->first && event->piece->frame.opcode != WSC_CONT) {
        wsp_fire(filter);
        wsp_put_simple(filter, WSP_OUT, WSC_TEXT, (const uint8_t *)reply, sizeof reply - 1);
    }
    return true;
}

/* What was said, with words before it. */
bool wsp_prefix_echo(struct wsp_filter *filter, struct wsp_event *event)
{
    static const uint8_t prefix[] = {'y', 'o', 'u', ' ', 's', 'a', 'i', 'd', ':', ' '};
    struct wsp_bytes *message;
    struct wsc_frame frame;
    bool packed = wsp_is_compressed(filter, event, WSP_OUT);
    bool begins = wsp_is_data(event, WSP_OUT) && event->piece->frame.opcode != WSC_CONT;

    if (packed ? !wsp_take_out(filter, event) : !begins)
        return packed;
    if (packed || event->piece->first) {
        wsp_fire(filter);
        frame =
            wsp_frame(filter, WSP_OUT, packed ? (uint8_t)filter->state : event->piece->frame.opcode,
                      sizeof prefix);
        frame.fin = false;
        wsp_put(filter, WSP_OUT, &frame, prefix);
    }
    event->piece->frame.opcode = WSC_CONT;
    if (!packed)
        return false;
    message = wsp_unpacked_message(filter);
    frame = wsp_frame(filter, WSP_OUT, WSC_CONT, wsp_bytes_len(message));
    wsp_put(filter, WSP_OUT, &frame, wsp_bytes_data(message));
    return true;
}
