/* relay_parts.h - what the files behind wsh/relay.h share.
 *
 * relay_uv.c carries bytes between a client and the server, and listens; relay_route_uv.c finds the
 * way to the server: its addresses, a Unix socket, a proxy.
 */
#ifndef WSH_RELAY_PARTS_H
#define WSH_RELAY_PARTS_H

#include "uv_parts.h"

#include <wsh/relay.h>

/* What waits to be written to one side makes us stop reading from the other. */
enum { WSH_RELAY_FULL = 1 << 20, WSH_RELAY_PIECE = 64 << 10 };

struct wsh_pair;

struct wsh_end {
    union wsh_wire uv;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct wsh_pair *pair;
    struct wsh_end *other;
    struct wsh_tls *tls;   /* NULL: in clear */
    struct wsn_buffer out; /* plain bytes to be written */
    char *flight;          /* those that are being written; TLS has its own */
    size_t in_flight;
    bool open;   /* can be written to */
    bool ended;  /* said so, and nothing more comes */
    bool shut;   /* is to be told that nothing more comes … */
    bool failed; /* writing did */
    bool reading, closing, told;
};

struct wsh_pair {
    struct wsh_pair *next, **link;
    struct wsh_between *relay;
    struct wsh_end client, server;
    uv_connect_t connect;
    unsigned id, tried, address, handles;
    bool asking;  /* the proxy has not answered yet … */
    size_t asked; /* … and has so much of what we ask it */
    struct wsn_buffer answer;
    bool over;
};

struct wsh_between {
    uv_loop_t *loop;
    struct wsh_uv *uv;
    struct wsh_record *record;
    struct wsh_tls_context *tls; /* that clients speak; NULL: in clear */
    uv_tcp_t listener;
    uv_timer_t timer;
    struct wsh_pair *pairs;
    unsigned handles;
    uint64_t ended;
    char buffer[WSH_RELAY_PIECE], plain[WSH_RELAY_PIECE];
};

/* relay_uv.c */
bool wsh_end_init(struct wsh_pair *pair, struct wsh_end *end, struct wsh_end *other);
void wsh_end_flush(struct wsh_end *end);
/* The server can be spoken to from now on. */
void wsh_pair_joined(struct wsh_pair *pair);
void wsh_pair_lose(struct wsh_pair *pair, const char *why);
void wsh_pair_free(struct wsh_pair *pair);
/* Bytes of that side, as TLS or in clear. */
void wsh_end_said(struct wsh_end *end, const char *bytes, size_t n);

/* relay_route_uv.c */
void wsh_pair_connect(struct wsh_pair *pair);
/* What is to be said to the proxy, and what it said. */
size_t wsh_pair_ask(const struct wsh_pair *pair, const uint8_t **bytes);
void wsh_pair_answered(struct wsh_pair *pair, const char *bytes, size_t n);

#endif
