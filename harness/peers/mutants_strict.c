/* Mutants that fail the connection over what is legal. */
#include <wsc/utf8.h>

#include "registry.h"

static bool fail_if(struct wsp_filter *filter, bool offended, uint16_t code)
{
    return offended && wsp_fail(filter, code);
}

static bool is_control(const struct wsp_event *event, uint8_t opcode)
{
    return wsp_is_opcode(event, WSP_IN, opcode) && wsp_is_whole(event);
}

bool wsp_refuse_empty_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_frame *frame;

    if (!wsp_is_data(event, WSP_IN))
        return false;
    frame = &event->piece->frame;
    return fail_if(filter, frame->length == 0 && (frame->opcode == WSC_CONT || !frame->fin), 1002);
}

bool wsp_refuse_fragments(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, wsp_is_data(event, WSP_IN) && !event->piece->frame.fin, 1003);
}

bool wsp_refuse_unasked_pongs(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, wsp_is_opcode(event, WSP_IN, WSC_PONG), 1002);
}

/* Closes. */

bool wsp_refuse_empty_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, is_control(event, WSC_CLOSE) && event->piece->len == 0, 1002);
}

bool wsp_refuse_long_reasons(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, is_control(event, WSC_CLOSE) && event->piece->len == WSC_CONTROL_MAX,
                   1002);
}

bool wsp_refuse_private_codes(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter,
                   is_control(event, WSC_CLOSE) &&
                       wsc_close_code(event->piece->data, event->piece->len) >= 4000,
                   1002);
}

/* UTF-8. */

static bool is_utf8(const struct wsc_piece *piece)
{
    struct wsc_utf8 utf8 = {0};

    return wsc_utf8_feed(&utf8, piece->data, piece->len) == piece->len && wsc_utf8_complete(&utf8);
}

bool wsp_refuse_binary_pings(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, is_control(event, WSC_PING) && !is_utf8(event->piece), 1007);
}

/* The type of the message that the frame is of. */
static bool is_of(const struct wsp_filter *filter, const struct wsp_event *event, uint8_t type)
{
    uint8_t opcode;

    if (!wsp_is_data(event, WSP_IN) || !wsp_is_whole(event))
        return false;
    opcode = event->piece->frame.opcode;
    return (opcode == WSC_CONT ? filter->ways[WSP_IN].message : opcode) == type;
}

bool wsp_validate_fragments_alone(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, is_of(filter, event, WSC_TEXT) && !is_utf8(event->piece), 1007);
}

bool wsp_validate_binary(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, is_of(filter, event, WSC_BINARY) && !is_utf8(event->piece), 1007);
}

/* U+FFFE, U+FFFF, and the last two of each further plane. */
static bool is_noncharacter(const uint8_t *tail, size_t before)
{
    if (tail[1] != 0xbf || (tail[2] & 0xfe) != 0xbe)
        return false;
    return tail[0] == 0xef || (before > 0 && tail[-1] >= 0xf0 && (tail[0] & 0xcf) == 0x8f);
}

static bool has_noncharacter(const struct wsc_piece *piece)
{
    for (size_t i = 0; i + 2 < piece->len; i++)
        if (is_noncharacter(piece->data + i, i))
            return true;
    return false;
}

bool wsp_refuse_noncharacters(struct wsp_filter *filter, struct wsp_event *event)
{
    return fail_if(filter, is_of(filter, event, WSC_TEXT) && has_noncharacter(event->piece), 1007);
}
