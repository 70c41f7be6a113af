/* Mutants that write a Close which nobody may send, or not the one that is asked for. */
#include <wsc/utf8.h>

#include "registry.h"

bool wsp_one_byte_close(struct wsp_filter *filter, struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && wsp_replace(filter, event, "\x03", 1);
}

/* Closes that answer one. */

static bool answers_close(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && filter->ways[WSP_IN].closing;
}

/* The code that came in: 0 if the Close was empty. */
static uint16_t code_received(const struct wsp_filter *filter)
{
    const struct wsc_check *check = &filter->ways[WSP_IN].check;

    return wsc_close_code(check->control, check->control_len);
}

bool wsp_close_1005(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && code_received(filter) == 0 &&
           wsp_close_with(filter, event, 1005);
}

bool wsp_echo_1006(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && code_received(filter) == 1006 &&
           wsp_close_with(filter, event, 1006);
}

bool wsp_echo_1015(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && code_received(filter) == 1015 &&
           wsp_close_with(filter, event, 1015);
}

bool wsp_close_5000(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && wsp_close_with(filter, event, 5000);
}

bool wsp_refuse_legal_codes(struct wsp_filter *filter, struct wsp_event *event)
{
    uint16_t code = code_received(filter);

    return answers_close(filter, event) && code > 1000 && code <= 1011 && code != 1002 &&
           code != 1007 && wsc_close_code_sendable(code) && wsp_close_with(filter, event, 1002);
}

bool wsp_close_0(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && wsp_close_with(filter, event, 0);
}

bool wsp_close_2999(struct wsp_filter *filter, struct wsp_event *event)
{
    return answers_close(filter, event) && wsp_close_with(filter, event, 2999);
}

/* The reason ends inside its last character. */
bool wsp_cut_reason(struct wsp_filter *filter, struct wsp_event *event)
{
    static const char reason[] = "\x03\xe8 caf\xc3";

    return answers_close(filter, event) && code_received(filter) == 1000 &&
           wsp_replace(filter, event, reason, sizeof reason - 1);
}

/* A reason that is no UTF-8 goes in without its bytes. */
bool wsp_accept_bad_reason(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsc_utf8 utf8 = {0};
    const struct wsc_piece *piece = event->piece;

    if (!wsp_is_opcode(event, WSP_IN, WSC_CLOSE) || !wsp_is_whole(event) || piece->len <= 2)
        return false;
    if (wsc_utf8_feed(&utf8, piece->data + 2, piece->len - 2) == piece->len - 2 &&
        wsc_utf8_complete(&utf8))
        return false;
    return wsp_replace(filter, event, piece->data, 2);
}

/* Closes that fail the connection. */

static bool fails(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && wsp_provoked(filter);
}

bool wsp_fail_with_1000(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails(filter, event) && wsp_close_with(filter, event, 1000);
}

bool wsp_fail_with_1004(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails(filter, event) && wsp_close_with(filter, event, 1004);
}

bool wsp_fail_with_1010(struct wsp_filter *filter, struct wsp_event *event)
{
    return fails(filter, event) && wsp_close_with(filter, event, 1010);
}

/* Closes that begin the closing handshake. */

static bool begins(const struct wsp_filter *filter, const struct wsp_event *event)
{
    return wsp_is_opcode(event, WSP_OUT, WSC_CLOSE) && !filter->ways[WSP_IN].closing &&
           !wsp_provoked(filter);
}

bool wsp_close_without_code(struct wsp_filter *filter, struct wsp_event *event)
{
    return begins(filter, event) && event->piece->len > 0 && wsp_replace(filter, event, NULL, 0);
}

bool wsp_end_without_close(struct wsp_filter *filter, struct wsp_event *event)
{
    if (!begins(filter, event))
        return false;
    wsp_fire(filter);
    wsp_end_connection(filter, false);
    return true;
}
