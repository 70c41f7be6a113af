#include "uv_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wsh/serve.h>

enum {
    LINGER_MS = 1000,
    TURNS_MAX = 64,
    READ_MAX = 65536,
    IDLE_MS = 100,
    CONNECTIONS_MAX = 4000,
    HEARD_MAX = 64 << 10
};

struct server;

struct client {
    struct client *next, **link;
    struct server *server;
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct wsp_peer *peer;
    struct wsh_tls *tls; /* NULL: in clear */
    uint8_t *heard;      /* what came before the TLS handshake was done */
    size_t heard_length;
    size_t sealed;  /* the peer's bytes in what TLS has to send */
    size_t writing; /* bytes of the write under way */
    bool reading, ended, closing;
    bool told;             /* the peer knows that nothing more comes */
    bool failed;           /* TLS did: ends when its alert has left */
    bool more;             /* has more to write; others come first */
    uint64_t linger_until; /* our end is said, and what still comes is thrown away; 0: not yet */
};

struct server {
    uv_loop_t *loop;
    const struct wsp_config *config;
    struct wsh_tls_context *tls;
    uv_tcp_t listener;
    uv_timer_t timer;
    struct client *clients;
    unsigned handles, open;
    unsigned at_once; /* 0: all */
    bool waiting;     /* a connection is not accepted until another has ended */
    char buffer[READ_MAX];
};

static void serve(struct client *client);

static void on_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    client->server->handles--;
    wsp_peer_free(client->peer);
    wsh_tls_free(client->tls);
    free(client->heard);
    free(client);
}

static void on_plain_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;
    server->handles--;
}

static void close_client(struct client *client, bool reset)
{
    if (client->closing)
        return;
    client->closing = true;
    *client->link = client->next;
    if (client->next)
        client->next->link = client->link;
    client->server->open--;
    uv_os_fd_t fd;
    if (reset && uv_fileno((uv_handle_t *)&client->tcp, &fd) == 0) {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    uv_close((uv_handle_t *)&client->tcp, on_closed);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct client *client = handle->data;
    *buffer = uv_buf_init(client->server->buffer, READ_MAX);
}

/* ---- TLS ---- */

/* The first bytes of a handshake are kept until it is done: should it fail, a mutant may want them.
 */
static void keep(struct client *client, const uint8_t *data, size_t len)
{
    size_t room = HEARD_MAX - client->heard_length, n = len < room ? len : room;
    uint8_t *grown = n ? realloc(client->heard, client->heard_length + n) : NULL;
    if (!grown)
        return;
    memcpy(grown + client->heard_length, data, n);
    client->heard = grown;
    client->heard_length += n;
}

static void drop_heard(struct client *client)
{
    free(client->heard);
    client->heard = NULL;
    client->heard_length = 0;
}

/* True: the peer goes on in clear. */
static bool goes_on_in_clear(struct client *client)
{
    size_t from;
    if (!wsp_peer_tls_failed(client->peer, client->heard, client->heard_length, &from))
        return false;
    wsh_tls_free(client->tls);
    client->tls = NULL;
    wsp_peer_receive(client->peer, client->heard + from, client->heard_length - from, wsh_uv_now());
    return true;
}

static void tls_failed(struct client *client)
{
    if (!goes_on_in_clear(client))
        client->failed = true;
    drop_heard(client);
}

/* Past the handshake: whatever there is to read. */
static void read_tls(struct client *client)
{
    uint8_t *plain = (uint8_t *)client->server->buffer; /* TLS has its own copy of what came */
    size_t n;
    while ((n = wsh_tls_read(client->tls, plain, READ_MAX)) > 0)
        wsp_peer_receive(client->peer, plain, n, wsh_uv_now());
    if (wsh_tls_state(client->tls) == WSH_TLS_FAILED)
        client->failed = true;
    if (wsh_tls_closed(client->tls) && !client->told) {
        client->told = true;
        wsp_peer_ended(client->peer, false, wsh_uv_now());
    }
}

static void receive_tls(struct client *client, const uint8_t *data, size_t len)
{
    bool shaking = wsh_tls_state(client->tls) == WSH_TLS_SHAKING;
    if (shaking)
        keep(client, data, len);
    wsh_tls_receive(client->tls, data, len);
    switch (wsh_tls_shake(client->tls)) {
    case WSH_TLS_SHAKING:
        break;
    case WSH_TLS_OPEN:
        drop_heard(client);
        read_tls(client);
        break;
    case WSH_TLS_FAILED:
        if (shaking)
            tls_failed(client);
        else
            client->failed = true;
        break;
    }
}

/* What is to be written next: of TLS, or of the peer, sealed if TLS is spoken. */
static size_t output(struct client *client, const uint8_t **bytes)
{
    const uint8_t *plain;
    size_t n = client->tls ? wsh_tls_output(client->tls, bytes) : 0;
    if (n > 0 || client->failed || (client->tls && wsh_tls_state(client->tls) != WSH_TLS_OPEN))
        return n;
    n = wsp_peer_output(client->peer, &plain);
    if (n == 0 || !client->tls || (wsp_peer_below(client->peer) & WSP_BELOW_CLEAR)) {
        *bytes = plain;
        return n;
    }
    client->sealed = wsh_tls_write(client->tls, plain, n);
    return wsh_tls_output(client->tls, bytes);
}

static void sent(struct client *client, size_t n)
{
    const uint8_t *left;
    if (!client->tls || wsh_tls_output(client->tls, &left) == 0) {
        wsp_peer_written(client->peer, n, wsh_uv_now()); /* it went past TLS */
        return;
    }
    wsh_tls_sent(client->tls, n);
    if (client->sealed == 0 || wsh_tls_output(client->tls, &left) > 0)
        return;
    n = client->sealed;
    client->sealed = 0;
    wsp_peer_written(client->peer, n, wsh_uv_now());
}

/* ---- reading ---- */

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct client *client = stream->data;
    if (n == 0 || client->closing)
        return;
    if (client->linger_until) {
        if (n < 0)
            close_client(client, false);
        return;
    }
    if (n > 0 && client->tls) {
        receive_tls(client, (const uint8_t *)buffer->base, (size_t)n);
    } else if (n > 0) {
        wsp_peer_receive(client->peer, (const uint8_t *)buffer->base, (size_t)n, wsh_uv_now());
    } else {
        client->ended = true;
        client->reading = false;
        uv_read_stop(stream);
        if (!client->told)
            wsp_peer_ended(client->peer, n != UV_EOF, wsh_uv_now());
        client->told = true;
        if (n != UV_EOF || (client->tls && wsh_tls_state(client->tls) != WSH_TLS_OPEN)) {
            close_client(client, false);
            return;
        }
    }
    serve(client);
}

static void on_write(uv_write_t *request, int status)
{
    struct client *client = request->handle->data;
    size_t n = client->writing;
    client->writing = 0;
    if (client->closing)
        return;
    if (status != 0) {
        close_client(client, false);
        return;
    }
    sent(client, n);
    serve(client);
}

/* Reads only while nothing waits to be written: a peer that is not read from must not grow. */
static void set_reading(struct client *client)
{
    bool want = client->writing == 0 && !client->more && !client->ended;
    if (want && !client->reading)
        uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
    else if (!want && client->reading)
        uv_read_stop((uv_stream_t *)&client->tcp);
    client->reading = want;
}

/* False: the client is gone. */
static bool write_out(struct client *client)
{
    const uint8_t *bytes;
    size_t n;
    unsigned turns = 0;
    client->more = false;
    while (client->writing == 0 && (n = output(client, &bytes)) > 0) {
        if (++turns > TURNS_MAX) {
            client->more = true;
            return true;
        }
        union {
            const uint8_t *in;
            char *out;
        } data = {.in = bytes}; /* libuv does not change what it writes */
        uv_buf_t buffer = uv_buf_init(data.out, (unsigned)n);
        int done = uv_try_write((uv_stream_t *)&client->tcp, &buffer, 1);
        if (done > 0) {
            sent(client, (size_t)done);
            continue;
        }
        client->writing = n;
        if ((done != UV_EAGAIN && done != 0) ||
            uv_write(&client->write, (uv_stream_t *)&client->tcp, &buffer, 1, on_write) != 0) {
            close_client(client, false);
            return false;
        }
    }
    return true;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* the other side's end shows in reading */
}

/* Closing while bytes wait to be read would be an RST, which may eat our last words on their way:
 * RFC 9112, section 9.6. */
static void end_client(struct client *client, bool reset)
{
    if (reset || client->ended) {
        close_client(client, reset);
        return;
    }
    client->linger_until = wsh_uv_now() + LINGER_MS;
    uv_shutdown(&client->shutdown, (uv_stream_t *)&client->tcp, on_shutdown);
    set_reading(client);
}

static void serve(struct client *client)
{
    if (client->linger_until)
        return;
    if (!write_out(client))
        return;
    enum wsp_end end = client->failed ? WSP_FIN : wsp_peer_end(client->peer);
    if (client->writing == 0 && !client->more && end != WSP_OPEN) {
        if (client->tls && end == WSP_FIN && !(wsp_peer_below(client->peer) & WSP_BELOW_NO_ALERT))
            wsh_tls_close(client->tls);
        if (write_out(client) && client->writing == 0 && !client->more)
            end_client(client, end == WSP_RESET);
        return;
    }
    set_reading(client);
}

static bool is_full(const struct server *server)
{
    return server->at_once > 0 && server->open >= server->at_once;
}

/* libuv tells of no other before this one is accepted. */
static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;
    server->waiting = status == 0 && is_full(server);
    if (server->waiting)
        return;
    struct client *client = status == 0 ? calloc(1, sizeof *client) : NULL;
    if (!client)
        return;
    client->server = server;
    client->tcp.data = client;
    if (uv_tcp_init(server->loop, &client->tcp) != 0) {
        free(client);
        return;
    }
    server->handles++;
    server->open++;
    client->next = server->clients;
    client->link = &server->clients;
    if (client->next)
        client->next->link = &client->next;
    server->clients = client;
    bool accepted = uv_accept(listener, (uv_stream_t *)&client->tcp) == 0;
    if (accepted && server->open <= CONNECTIONS_MAX)
        client->peer = wsp_peer_new(server->config, wsh_uv_now());
    if (server->tls)
        client->tls = wsh_tls_new(server->tls, NULL);
    if (!client->peer || (server->tls && !client->tls)) {
        close_client(client, true);
        return;
    }
    uv_tcp_nodelay(&client->tcp, 1);
    serve(client);
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer; /* only ends the poll */
}

/* Ticks the peers that are due; returns how long the next may sleep. */
static uint64_t tick_all(struct server *server)
{
    uint64_t now = wsh_uv_now(), wait = IDLE_MS;
    struct client *next;
    for (struct client *client = server->clients; client; client = next) {
        next = client->next;
        uint64_t due =
            client->linger_until ? client->linger_until : wsp_peer_deadline(client->peer);
        if (client->more) {
            serve(client);
            wait = 0;
            continue;
        }
        if (due <= now && client->linger_until) {
            close_client(client, false);
        } else if (due <= now) {
            wsp_peer_tick(client->peer, now);
            serve(client);
        } else if (due - now < wait) {
            wait = due - now;
        }
    }
    return wait;
}

static int listen_on(struct server *server, unsigned *port)
{
    struct sockaddr_in address;
    int length = sizeof address;
    uv_ip4_addr("127.0.0.1", (int)*port, &address);
    int status = uv_tcp_bind(&server->listener, (const struct sockaddr *)&address, 0);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&server->listener, 128, on_connection);
    if (status == 0)
        status = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &length);
    *port = status == 0 ? ntohs(address.sin_port) : *port;
    return status;
}

static void close_all(struct server *server, bool reset)
{
    while (server->clients)
        close_client(server->clients, reset);
    uv_close((uv_handle_t *)&server->listener, on_plain_closed);
    uv_close((uv_handle_t *)&server->timer, on_plain_closed);
    while (server->handles > 0)
        uv_run(server->loop, UV_RUN_NOWAIT);
}

/* Milliseconds since 1970. */
static uint64_t wall_clock(void)
{
    struct timespec time = {0};
    timespec_get(&time, TIME_UTC);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

int wsh_serve(struct wsh_uv *uv, const struct wsp_config *config, struct wsh_tls_context *tls,
              unsigned port, unsigned at_once, void (*ready)(void *context, unsigned port),
              void *context, const bool *stop, char *error, size_t size)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        snprintf(error, size, "out of memory");
        return -1;
    }
    server->loop = wsh_uv_handle(uv);
    server->config = config;
    if (config->world->clock == 0)
        config->world->clock = wall_clock() - uv_now(server->loop);
    server->tls = tls;
    server->at_once = at_once;
    uv_tcp_init(server->loop, &server->listener);
    uv_timer_init(server->loop, &server->timer);
    server->listener.data = server->timer.data = server;
    server->handles = 2;
    unsigned chosen = port;
    int status = listen_on(server, &chosen);
    if (status != 0)
        snprintf(error, size, "cannot listen on 127.0.0.1:%u: %s", port, uv_strerror(status));
    else
        ready(context, chosen);
    while (status == 0 && !*stop && !config->world->dead) {
        /* It repeats, since libuv runs a timer that is due before it polls. */
        uint64_t wait = tick_all(server);
        if (server->waiting && !is_full(server))
            on_connection((uv_stream_t *)&server->listener, 0);
        uv_timer_start(&server->timer, on_timer, wait, IDLE_MS);
        uv_run(server->loop, wait > 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    }
    close_all(server, config->world->dead);
    free(server);
    return status == 0 ? 0 : -1;
}
