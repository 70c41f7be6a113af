#include "uv_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wsh/serve.h>

enum { READ_MAX = 65536, IDLE_MS = 100, CONNECTIONS_MAX = 1000 };

struct server;

struct client {
    struct client *next, **link;
    struct server *server;
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct wsp_peer *peer;
    size_t writing; /* bytes of the write under way */
    bool reading, ended, closing;
};

struct server {
    uv_loop_t *loop;
    const struct wsp_config *config;
    uv_tcp_t listener;
    uv_timer_t timer;
    struct client *clients;
    unsigned handles, open;
    char buffer[READ_MAX];
};

static void serve(struct client *client);

static void on_closed(uv_handle_t *handle)
{
    struct client *client = handle->data;
    client->server->handles--;
    wsp_peer_free(client->peer);
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

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct client *client = stream->data;
    if (n == 0 || client->closing)
        return;
    if (n > 0) {
        wsp_peer_receive(client->peer, (const uint8_t *)buffer->base, (size_t)n, wsh_uv_now());
    } else {
        client->ended = true;
        client->reading = false;
        uv_read_stop(stream);
        wsp_peer_ended(client->peer, n != UV_EOF, wsh_uv_now());
        if (n != UV_EOF) {
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
    wsp_peer_written(client->peer, n, wsh_uv_now());
    serve(client);
}

/* Reads only while nothing waits to be written: a peer that is not read from must not grow. */
static void set_reading(struct client *client)
{
    bool want = client->writing == 0 && !client->ended;
    if (want && !client->reading)
        uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
    else if (!want && client->reading)
        uv_read_stop((uv_stream_t *)&client->tcp);
    client->reading = want;
}

static void serve(struct client *client)
{
    const uint8_t *bytes;
    while (client->writing == 0) {
        size_t n = wsp_peer_output(client->peer, &bytes);
        if (n == 0)
            break;
        union {
            const uint8_t *in;
            char *out;
        } data = {.in = bytes}; /* libuv does not change what it writes */
        uv_buf_t buffer = uv_buf_init(data.out, (unsigned)n);
        int done = uv_try_write((uv_stream_t *)&client->tcp, &buffer, 1);
        if (done > 0) {
            wsp_peer_written(client->peer, (size_t)done, wsh_uv_now());
            continue;
        }
        client->writing = n;
        if ((done != UV_EAGAIN && done != 0) ||
            uv_write(&client->write, (uv_stream_t *)&client->tcp, &buffer, 1, on_write) != 0) {
            close_client(client, false);
            return;
        }
    }
    if (client->writing == 0 && wsp_peer_end(client->peer) != WSP_OPEN) {
        close_client(client, wsp_peer_end(client->peer) == WSP_RESET);
        return;
    }
    set_reading(client);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;
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
    if (!client->peer) {
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
        uint64_t due = wsp_peer_deadline(client->peer);
        if (due <= now) {
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

int wsh_serve(struct wsh_uv *uv, const struct wsp_config *config, unsigned port,
              void (*ready)(void *context, unsigned port), void *context, const bool *stop,
              char *error, size_t size)
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
        uv_timer_start(&server->timer, on_timer, tick_all(server), IDLE_MS);
        uv_run(server->loop, UV_RUN_ONCE);
    }
    close_all(server, config->world->dead);
    free(server);
    return status == 0 ? 0 : -1;
}
