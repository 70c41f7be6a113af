#include "echo.h"

#include <stdlib.h>
#include <string.h>

struct wsp_lws_message {
    struct wsp_lws_message *next;
    bool binary;
    size_t len, written;
    uint8_t *bytes; /* LWS_PRE bytes of room in front, for the library's header */
};

/* Takes the bytes, whose payload begins LWS_PRE bytes in. */
static int enqueue(struct wsp_lws_echo *echo, struct lws *wsi, uint8_t *bytes, size_t len,
                   bool binary)
{
    struct wsp_lws_message *message = malloc(sizeof *message);

    if (!message) {
        free(bytes);
        return -1;
    }
    *message = (struct wsp_lws_message){.binary = binary, .len = len, .bytes = bytes};
    if (echo->last)
        echo->last->next = message;
    else
        echo->first = message;
    echo->last = message;
    echo->queued += len;
    lws_callback_on_writable(wsi);
    return 0;
}

static void dequeue(struct wsp_lws_echo *echo)
{
    struct wsp_lws_message *message = echo->first;

    echo->first = message->next;
    if (!echo->first)
        echo->last = NULL;
    echo->queued -= message->len;
    free(message->bytes);
    free(message);
}

static int greet(struct wsp_lws_echo *echo, struct lws *wsi, const char *greeting)
{
    size_t len = strlen(greeting);
    uint8_t *bytes = malloc(LWS_PRE + len);

    if (!bytes)
        return -1;
    memcpy(bytes + LWS_PRE, greeting, len);
    return enqueue(echo, wsi, bytes, len, false);
}

/* ---- the room ---- */

static void enter(struct wsp_lws_echo *echo, const char *room, struct wsp_lws_echo **rooms)
{
    memcpy(echo->room, room, sizeof echo->room);
    echo->rooms = echo->link = rooms;
    echo->next = *rooms;
    if (echo->next)
        echo->next->link = &echo->next;
    *rooms = echo;
}

static void leave(struct wsp_lws_echo *echo)
{
    if (!echo->link)
        return;
    *echo->link = echo->next;
    if (echo->next)
        echo->next->link = echo->link;
}

/* Who does not read what was said misses what is said next. */
static int tell_all(const struct wsp_lws_echo *teller, const uint8_t *bytes, size_t len,
                    bool binary)
{
    for (struct wsp_lws_echo *echo = *teller->rooms; echo; echo = echo->next) {
        bool hears = strcmp(echo->room, teller->room) == 0 && echo->queued < WSP_LWS_MESSAGE_MAX;
        uint8_t *copy = hears ? malloc(LWS_PRE + len) : NULL;

        if (!copy)
            continue;
        memcpy(copy + LWS_PRE, bytes + LWS_PRE, len);
        if (enqueue(echo, echo->wsi, copy, len, binary) < 0)
            return -1;
    }
    return 0;
}

/* ---- a connection ---- */

int wsp_lws_echo_open(struct wsp_lws_echo *echo, struct lws *wsi, const struct wsp_place *place,
                      struct wsp_lws_echo **rooms)
{
    *echo = (struct wsp_lws_echo){.close_code = place->close_code, .wsi = wsi};
    if (place->room[0])
        enter(echo, place->room, rooms);
    if (echo->close_code)
        lws_callback_on_writable(wsi);
    lws_set_timer_usecs(wsi, WSP_LWS_TICK);
    return place->greeting ? greet(echo, wsi, place->greeting) : 0;
}

static int close_with(struct lws *wsi, uint16_t code)
{
    lws_close_reason(wsi, (enum lws_close_status)code, NULL, 0);
    return -1;
}

static int reserve(struct wsp_lws_echo *echo, size_t len)
{
    size_t room = echo->gathered_room ? echo->gathered_room : 1024;
    uint8_t *bytes;

    while (room < LWS_PRE + len)
        room *= 2;
    if (room == echo->gathered_room)
        return 0;
    bytes = realloc(echo->gathered, room);
    if (!bytes)
        return -1;
    echo->gathered = bytes;
    echo->gathered_room = room;
    return 0;
}

static int hand_over(struct wsp_lws_echo *echo, struct lws *wsi)
{
    uint8_t *bytes = echo->gathered;
    size_t len = echo->gathered_len;

    echo->gathered = NULL;
    echo->gathered_len = echo->gathered_room = 0;
    if (!echo->rooms)
        return enqueue(echo, wsi, bytes, len, lws_frame_is_binary(wsi));
    int status = tell_all(echo, bytes, len, lws_frame_is_binary(wsi));
    free(bytes);
    return status;
}

int wsp_lws_echo_receive(struct wsp_lws_echo *echo, struct lws *wsi, const uint8_t *data,
                         size_t len)
{
    if (echo->closing || echo->close_code)
        return 0;
    size_t room = WSP_LWS_MESSAGE_MAX - echo->gathered_len;
    if (len > room || lws_remaining_packet_payload(wsi) > room - len)
        return close_with(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
    if (reserve(echo, echo->gathered_len + len) < 0)
        return close_with(wsi, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION);
    if (len > 0)
        memcpy(echo->gathered + LWS_PRE + echo->gathered_len, data, len);
    echo->gathered_len += len;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return 0;
    if (hand_over(echo, wsi) < 0)
        return close_with(wsi, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION);
    if (!echo->paused && echo->queued >= WSP_LWS_QUEUE_MAX) {
        echo->paused = true;
        lws_rx_flow_control(wsi, 0);
    }
    return 0;
}

static int write_piece(struct lws *wsi, struct wsp_lws_message *message)
{
    size_t left = message->len - message->written;
    size_t len = left < WSP_LWS_PIECE_MAX ? left : WSP_LWS_PIECE_MAX;
    int flags = lws_write_ws_flags(message->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT,
                                   message->written == 0, len == left);

    /* The header overwrites bytes in front, which are written already. */
    if (lws_write(wsi, message->bytes + LWS_PRE + message->written, len,
                  (enum lws_write_protocol)flags) < 0)
        return -1;
    message->written += len;
    return 0;
}

/* The library goes on asking for data after it has decided to close; nothing may follow a Close. */
static bool library_closes(struct lws *wsi)
{
    return lws_get_close_length(wsi) > 0;
}

int wsp_lws_echo_write(struct wsp_lws_echo *echo, struct lws *wsi)
{
    unsigned char reason[] = WSP_SITE_REASON;

    if (echo->close_code) {
        lws_close_reason(wsi, (enum lws_close_status)echo->close_code, reason, sizeof reason - 1);
        return -1;
    }
    if (library_closes(wsi))
        echo->closing = true;
    if (!echo->first && echo->leaving && !echo->closing)
        return close_with(wsi, LWS_CLOSE_STATUS_GOINGAWAY);
    if (!echo->first || echo->closing)
        return 0;
    if (write_piece(wsi, echo->first) < 0)
        return -1;
    if (echo->first->written == echo->first->len)
        dequeue(echo);
    if (echo->first || echo->leaving)
        lws_callback_on_writable(wsi);
    if (echo->paused && echo->queued < WSP_LWS_QUEUE_MAX) {
        echo->paused = false;
        lws_rx_flow_control(wsi, 1);
    }
    return 0;
}

int wsp_lws_echo_tick(struct wsp_lws_echo *echo, struct lws *wsi)
{
    bool failing = library_closes(wsi) && !echo->close_code;

    if (failing && echo->failing)
        return -1;
    echo->failing = failing;
    lws_set_timer_usecs(wsi, WSP_LWS_TICK);
    return 0;
}

void wsp_lws_echo_leave(struct wsp_lws_echo *echo)
{
    echo->leaving = true;
    lws_callback_on_writable(echo->wsi);
}

void wsp_lws_echo_closing(struct wsp_lws_echo *echo)
{
    echo->closing = true;
}

void wsp_lws_echo_drop(struct wsp_lws_echo *echo)
{
    leave(echo);
    while (echo->first)
        dequeue(echo);
    free(echo->gathered);
    *echo = (struct wsp_lws_echo){0};
}
