/* lws/echo.h - one WebSocket connection of the libwebsockets server: it echoes whole messages.
 *
 * A message is gathered (at most WSP_LWS_MESSAGE_MAX bytes, more is 1009), then queued and written
 * in pieces.  Reading stops while WSP_LWS_QUEUE_MAX bytes or more wait to be written, so a
 * connection never holds more than that and two messages.
 */
#ifndef WSP_LWS_ECHO_H
#define WSP_LWS_ECHO_H

#include <libwebsockets.h>

#include "../site.h"

enum {
    WSP_LWS_MESSAGE_MAX = 16 << 20,
    WSP_LWS_QUEUE_MAX = 256 << 10,
    WSP_LWS_PIECE_MAX = 64 << 10,
    WSP_LWS_TICK = 100000 /* microseconds from one wsp_lws_echo_tick to the next */
};

struct wsp_lws_message; /* private */

struct wsp_lws_echo {
    struct wsp_lws_message *first, *last; /* waiting to be written, in order */
    size_t queued;                        /* their payload bytes */
    uint8_t *gathered;                    /* the message that is coming in */
    size_t gathered_len, gathered_room;
    uint16_t close_code; /* close with it when next writable; 0: no */
    bool paused, closing, leaving;
    struct lws *wsi;
    char room[33];                     /* "": it is in none */
    struct wsp_lws_echo *next, **link; /* all that are in a room; link is NULL outside */
    struct wsp_lws_echo **rooms;
    bool failing; /* at the last tick the library was failing the connection */
};

/* All return nonzero when the connection must end.  `rooms` is the first of all that are in
 * one; it outlives them. */
int wsp_lws_echo_open(struct wsp_lws_echo *echo, struct lws *wsi, const struct wsp_place *place,
                      struct wsp_lws_echo **rooms);
int wsp_lws_echo_receive(struct wsp_lws_echo *echo, struct lws *wsi, const uint8_t *data,
                         size_t len);
int wsp_lws_echo_write(struct wsp_lws_echo *echo, struct lws *wsi);

/* From time to time.  Who fails a connection ends TCP without waiting for a Close (section 7.1.7);
 * the library would wait 5 s for one that it can no longer read.  Its own Close has left when it is
 * seen to fail the connection at two ticks. */
int wsp_lws_echo_tick(struct wsp_lws_echo *echo, struct lws *wsi);

/* The server ends: what waits is written, and a Close with 1001 behind it. */
void wsp_lws_echo_leave(struct wsp_lws_echo *echo);

/* The peer closes: nothing more is echoed. */
void wsp_lws_echo_closing(struct wsp_lws_echo *echo);

/* Frees what the connection holds. */
void wsp_lws_echo_drop(struct wsp_lws_echo *echo);

#endif
