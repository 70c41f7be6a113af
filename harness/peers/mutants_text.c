/* Mutants that take text which is not UTF-8.
 *
 * The endpoint behind the filter would refuse it, so the message goes in as binary, and its echo
 * comes out as text again.  For that the filter holds a text message until it is complete.
 */
#include <string.h>
#include <wsc/utf8.h>

#include "registry.h"

enum fault { NO_FAULT, BAD_BYTE, TRUNCATED, SURROGATE, TOO_LARGE, OVERLONG };

enum { IDLE, HOLDING, AWAITING_ECHO };

/* Index of the byte that begins the character which `at` is in. */
static size_t character_start(const uint8_t *data, size_t at)
{
    for (size_t back = 0; back <= 3 && back <= at; back++)
        if ((data[at - back] & 0xc0) != 0x80)
            return at - back;
    return at;
}

static enum fault name_fault(uint8_t lead, uint8_t second)
{
    bool goes_on = (second & 0xc0) == 0x80;

    if (lead == 0xc0 || lead == 0xc1)
        return OVERLONG;
    if (lead >= 0xf5 && lead <= 0xfd)
        return TOO_LARGE;
    if (!goes_on)
        return BAD_BYTE;
    if (lead == 0xed && second >= 0xa0)
        return SURROGATE;
    if (lead == 0xf4 && second >= 0x90)
        return TOO_LARGE;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90))
        return OVERLONG;
    return BAD_BYTE;
}

/* The first fault of a text. */
static enum fault find_fault(const uint8_t *data, size_t len)
{
    struct wsc_utf8 utf8 = {0};
    size_t good = wsc_utf8_feed(&utf8, data, len), start;

    if (good == len)
        return wsc_utf8_complete(&utf8) ? NO_FAULT : TRUNCATED;
    start = character_start(data, good);
    return name_fault(data[start], start + 1 < len ? data[start + 1] : 0);
}

static bool is_wanted(const struct wsp_filter *filter, enum fault wanted)
{
    enum fault fault = find_fault(wsp_bytes_data(&filter->kept), wsp_bytes_len(&filter->kept));

    /* BAD_BYTE, TRUNCATED …; NO_FAULT stands for any fault of a message in fragments. */
    return wanted == NO_FAULT ? fault != NO_FAULT && filter->count > 1 : fault == wanted;
}

static void release(struct wsp_filter *filter, enum fault wanted)
{
    bool smuggle = is_wanted(filter, wanted);

    if (smuggle)
        wsp_fire(filter);
    wsp_put_simple(filter, WSP_IN, smuggle ? WSC_BINARY : WSC_TEXT, wsp_bytes_data(&filter->kept),
                   wsp_bytes_len(&filter->kept));
    filter->state = smuggle ? AWAITING_ECHO : IDLE;
}

/* True when the piece was held or its message released. */
static bool hold(struct wsp_filter *filter, struct wsp_event *event, enum fault wanted)
{
    const struct wsc_piece *piece = event->piece;

    if (piece->frame.opcode == WSC_TEXT && !filter->ways[WSP_IN].message) {
        filter->state = HOLDING;
        filter->count = 0;
        wsp_bytes_clear(&filter->kept);
    }
    if (filter->state != HOLDING || (filter->count > 0 && piece->frame.opcode != WSC_CONT))
        return false;
    if (!wsp_is_whole(event) || !piece->frame.masked || piece->frame.rsv || filter->kept.broken) {
        filter->state = IDLE; /* larger, or otherwise broken: not our business */
        return false;
    }
    wsp_bytes_add(&filter->kept, piece->data, piece->len);
    filter->count++;
    if (piece->frame.fin)
        release(filter, wanted);
    return true;
}

static bool is_smuggled(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return filter->state == AWAITING_ECHO && wsp_is_opcode(event, WSP_OUT, WSC_BINARY) &&
           wsp_is_whole(event) && event->piece->len == wsp_bytes_len(&filter->kept) &&
           (event->piece->len == 0 ||
            memcmp(event->piece->data, wsp_bytes_data(&filter->kept), event->piece->len) == 0);
}

static bool smuggle(struct wsp_filter *filter, struct wsp_event *event, enum fault wanted)
{
    if (wsp_is_data(event, WSP_IN))
        return hold(filter, event, wanted);
    if (is_smuggled(filter, event)) {
        event->piece->frame.opcode = WSC_TEXT;
        filter->state = IDLE;
    }
    return false;
}

bool wsp_accept_invalid_bytes(struct wsp_filter *filter, struct wsp_event *event)
{
    return smuggle(filter, event, BAD_BYTE);
}

bool wsp_accept_truncated_characters(struct wsp_filter *filter, struct wsp_event *event)
{
    return smuggle(filter, event, TRUNCATED);
}

bool wsp_accept_surrogates(struct wsp_filter *filter, struct wsp_event *event)
{
    return smuggle(filter, event, SURROGATE);
}

bool wsp_accept_too_large(struct wsp_filter *filter, struct wsp_event *event)
{
    return smuggle(filter, event, TOO_LARGE);
}

bool wsp_accept_overlong(struct wsp_filter *filter, struct wsp_event *event)
{
    return smuggle(filter, event, OVERLONG);
}

bool wsp_accept_invalid_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    return smuggle(filter, event, NO_FAULT);
}
