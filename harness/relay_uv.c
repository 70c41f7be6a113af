#include "relay_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FULL = WSH_RELAY_FULL, PIECE = WSH_RELAY_PIECE, BEAT_MS = 100 };

/* ---- life ---- */

void wsh_pair_free(struct wsh_pair *pair)
{
    wsn_buffer_drop(&pair->client.out);
    wsn_buffer_drop(&pair->server.out);
    free(pair->client.flight);
    free(pair->server.flight);
    wsn_buffer_drop(&pair->answer);
    wsh_tls_free(pair->client.tls);
    wsh_tls_free(pair->server.tls);
    free(pair);
}

static void on_closed(uv_handle_t *handle)
{
    struct wsh_end *end = handle->data;
    struct wsh_pair *pair = end->pair;
    pair->relay->handles--;
    if (--pair->handles == 0 && pair->over)
        wsh_pair_free(pair);
}

/* Closing it is then an RST. */
static void drop_what_waits(struct wsh_end *end)
{
    static const struct linger now = {.l_onoff = 1, .l_linger = 0};
    uv_os_fd_t fd = -1;
    uv_fileno(&end->uv.handle, &fd);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void close_end(struct wsh_end *end, bool reset)
{
    if (end->closing || !end->pair)
        return;
    end->closing = true;
    if (reset)
        drop_what_waits(end);
    uv_close(&end->uv.handle, on_closed);
}

static void close_pair(struct wsh_pair *pair, bool reset)
{
    if (pair->over)
        return;
    pair->over = true;
    *pair->link = pair->next;
    if (pair->next)
        pair->next->link = pair->link;
    pair->relay->ended++;
    wsh_record_close(pair->relay->record, pair->id);
    close_end(&pair->client, reset);
    close_end(&pair->server, reset);
}

bool wsh_end_init(struct wsh_pair *pair, struct wsh_end *end, struct wsh_end *other)
{
    bool local = end == &pair->server && pair->relay->uv->socket_path;
    int status = local ? uv_pipe_init(pair->relay->loop, &end->uv.pipe, 0)
                       : uv_tcp_init(pair->relay->loop, &end->uv.tcp);
    if (status != 0)
        return false;
    end->uv.handle.data = end;
    end->pair = pair;
    end->other = other;
    pair->handles++;
    pair->relay->handles++;
    return true;
}

/* ---- writing ---- */

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* the other side's end shows in reading */
}

static void on_write(uv_write_t *request, int status)
{
    struct wsh_end *end = request->handle->data;
    size_t n = end->in_flight;
    end->in_flight = 0;
    if (end->closing)
        return;
    if (status != 0)
        end->failed = true;
    else if (end == &end->pair->server && end->pair->asking)
        end->pair->asked += n;
    else if (end->tls)
        wsh_tls_sent(end->tls, n);
    wsh_end_flush(end);
}

/* Moves what waits into TLS, as far as it takes it. */
static size_t seal(struct wsh_end *end, const uint8_t **bytes)
{
    size_t n = wsh_tls_output(end->tls, bytes), done;
    if (n > 0 || wsh_tls_state(end->tls) != WSH_TLS_OPEN || end->out.n == 0)
        return n;
    done = wsh_tls_write(end->tls, (const uint8_t *)end->out.p,
                         end->out.n < PIECE ? end->out.n : PIECE);
    end->out.n -= done;
    memmove(end->out.p, end->out.p + done, end->out.n);
    return wsh_tls_output(end->tls, bytes);
}

static size_t take(struct wsh_end *end, const uint8_t **bytes)
{
    size_t n = end->out.n;
    if (end == &end->pair->server && end->pair->asking)
        return wsh_pair_ask(end->pair, bytes);
    if (end->tls)
        return seal(end, bytes);
    free(end->flight);
    end->flight = end->out.p;
    end->out = (struct wsn_buffer){0};
    *bytes = (const uint8_t *)end->flight;
    return n;
}

static void read_on(struct wsh_end *end);

static bool is_done(const struct wsh_end *end)
{
    return end->failed || (end->out.n == 0 && end->in_flight == 0);
}

void wsh_end_flush(struct wsh_end *end)
{
    const uint8_t *bytes;
    size_t n = 0;
    if (end->open && !end->in_flight && !end->failed && (n = take(end, &bytes)) > 0) {
        union {
            const uint8_t *in;
            char *out;
        } data = {.in = bytes}; /* libuv does not change what it writes */
        uv_buf_t buffer = uv_buf_init(data.out, (unsigned)n);
        end->in_flight = n;
        if (uv_write(&end->write, &end->uv.stream, &buffer, 1, on_write) != 0) {
            end->in_flight = 0;
            end->failed = true;
        }
    }
    if (end->failed)
        end->out.n = 0;
    read_on(end->other);
    if (!end->shut || !end->open || !is_done(end) || end->told)
        return;
    if (end->tls && !end->failed) {
        wsh_tls_close(end->tls);
        if (wsh_tls_output(end->tls, &bytes) > 0) {
            end->shut = false; /* until the alert has left */
            wsh_end_flush(end);
            end->shut = true;
            if (!is_done(end))
                return;
        }
    }
    end->told = true;
    uv_shutdown(&end->shutdown, &end->uv.stream, on_shutdown);
    if (end->ended && end->other->ended && is_done(end->other))
        close_pair(end->pair, false);
}

static void put(struct wsh_end *end, const char *bytes, size_t n)
{
    end->out.limit = SIZE_MAX / 2;
    if (!end->failed && !end->shut)
        wsn_put(&end->out, bytes, n);
    wsh_end_flush(end);
}

/* ---- reading ---- */

/* One side has ended: the other is told, once it has got all. */
static void side_ended(struct wsh_end *end, bool reset)
{
    struct wsh_pair *pair = end->pair;
    struct wsh_record *record = pair->relay->record;
    uint64_t now = wsh_uv_now();
    end->ended = true;
    if (end == &pair->client)
        wsh_record_client_ended(record, pair->id, reset, now);
    else
        wsh_record_server_ended(record, pair->id, now);
    if (reset) {
        close_pair(pair, true);
        return;
    }
    end->other->shut = true;
    wsh_end_flush(end->other);
    if (!pair->over && pair->client.ended && pair->server.ended && is_done(&pair->client) &&
        is_done(&pair->server))
        close_pair(pair, false);
}

static void client_said(struct wsh_pair *pair, const char *bytes, size_t n)
{
    struct wsn_buffer forward = {.limit = SIZE_MAX / 2};
    wsh_record_client(pair->relay->record, pair->id, (const uint8_t *)bytes, n, wsh_uv_now(),
                      &forward);
    if (forward.n > 0)
        put(&pair->server, forward.p, forward.n);
    wsn_buffer_drop(&forward);
}

static void server_said(struct wsh_pair *pair, const char *bytes, size_t n)
{
    wsh_record_server(pair->relay->record, pair->id, (const uint8_t *)bytes, n, wsh_uv_now());
    put(&pair->client, bytes, n);
}

void wsh_pair_lose(struct wsh_pair *pair, const char *why)
{
    wsh_record_lost(pair->relay->record, pair->id, why);
    close_pair(pair, true);
}

static void said(struct wsh_end *end, const char *bytes, size_t n)
{
    if (end == &end->pair->client)
        client_said(end->pair, bytes, n);
    else
        server_said(end->pair, bytes, n);
}

static void said_sealed(struct wsh_end *end, const char *bytes, size_t n)
{
    struct wsh_pair *pair = end->pair;
    struct wsh_tls *tls = end->tls;
    char *plain = pair->relay->plain;
    wsh_tls_receive(tls, (const uint8_t *)bytes, n);
    if (wsh_tls_shake(tls) == WSH_TLS_OPEN)
        while ((n = wsh_tls_read(tls, (uint8_t *)plain, PIECE)) > 0)
            said(end, plain, n);
    wsh_end_flush(end); /* of a failure too: it tells the other side */
    if (pair->over)
        return;
    if (wsh_tls_state(tls) == WSH_TLS_FAILED)
        wsh_pair_lose(pair, wsh_tls_why(tls));
    else if (wsh_tls_closed(tls) && !end->ended)
        side_ended(end, false);
}

void wsh_end_said(struct wsh_end *end, const char *bytes, size_t n)
{
    if (end->tls)
        said_sealed(end, bytes, n);
    else
        said(end, bytes, n);
}

static const char *cut_short(const struct wsh_end *end)
{
    const struct wsh_pair *pair = end->pair;
    if (end == &pair->server && pair->asking)
        return "the proxy ended it";
    if (!end->tls || wsh_tls_state(end->tls) != WSH_TLS_SHAKING)
        return NULL;
    return end == &pair->client ? "the client ended it in the TLS handshake"
                                : "the server ended it in the TLS handshake";
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct wsh_end *end = handle->data;
    *buffer = uv_buf_init(end->pair->relay->buffer, PIECE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct wsh_end *end = stream->data;
    struct wsh_pair *pair = end->pair;
    if (n == 0 || pair->over)
        return;
    if (n < 0) {
        const char *why = cut_short(end);
        end->reading = false;
        uv_read_stop(stream);
        if (why)
            wsh_pair_lose(pair, why);
        else if (!end->ended)
            side_ended(end, n != UV_EOF);
    } else if (end == &pair->server && pair->asking) {
        wsh_pair_answered(pair, buffer->base, (size_t)n);
    } else {
        wsh_end_said(end, buffer->base, (size_t)n);
    }
}

/* Reads unless the other side has too much to take already. */
static void read_on(struct wsh_end *end)
{
    bool want = !end->closing && !end->pair->over && !end->ended && end->other->out.n < FULL &&
                (end->open || end == &end->pair->client);
    if (want && !end->reading)
        want = uv_read_start(&end->uv.stream, on_alloc, on_read) == 0;
    else if (!want && end->reading)
        uv_read_stop(&end->uv.stream);
    end->reading = want;
}

void wsh_pair_joined(struct wsh_pair *pair)
{
    pair->server.open = true;
    read_on(&pair->server);
    wsh_end_flush(&pair->server);
}

/* ---- the listener ---- */

static void on_connection(uv_stream_t *listener, int status)
{
    struct wsh_between *relay = listener->data;
    struct wsh_uv *uv = relay->uv;
    struct wsh_pair *pair = status == 0 ? calloc(1, sizeof *pair) : NULL;
    if (!pair)
        return;
    pair->relay = relay;
    if (!wsh_end_init(pair, &pair->client, &pair->server)) {
        free(pair);
        return;
    }
    pair->next = relay->pairs;
    pair->link = &relay->pairs;
    if (pair->next)
        pair->next->link = &pair->next;
    relay->pairs = pair;
    pair->id = wsh_record_open(relay->record, wsh_uv_now());
    bool ready = uv_accept(listener, &pair->client.uv.stream) == 0 &&
                 wsh_end_init(pair, &pair->server, &pair->client);
    if (ready && relay->tls)
        ready = (pair->client.tls = wsh_tls_new(relay->tls, NULL)) != NULL;
    if (ready && uv->tls && uv->tls_wanted)
        ready = (pair->server.tls = wsh_tls_new(uv->tls, NULL)) != NULL;
    if (!ready) {
        wsh_pair_lose(pair, "out of memory or file descriptors");
        return;
    }
    pair->client.open = true;
    uv_tcp_nodelay(&pair->client.uv.tcp, 1);
    pair->address = uv->good_address;
    pair->asking = uv->proxy_request != NULL;
    wsh_pair_connect(pair);
    if (!pair->over)
        read_on(&pair->client);
}

static void on_plain_closed(uv_handle_t *handle)
{
    struct wsh_between *relay = handle->data;
    relay->handles--;
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer; /* only ends the poll, so that a signal is noticed */
}

static int listen_on(struct wsh_between *relay, unsigned *port)
{
    struct sockaddr_in address;
    int length = sizeof address;
    uv_ip4_addr("127.0.0.1", (int)*port, &address);
    int status = uv_tcp_bind(&relay->listener, (const struct sockaddr *)&address, 0);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&relay->listener, 128, on_connection);
    if (status == 0)
        status = uv_tcp_getsockname(&relay->listener, (struct sockaddr *)&address, &length);
    if (status == 0)
        *port = ntohs(address.sin_port);
    return status;
}

int wsh_relay(struct wsh_uv *uv, const struct wsh_relay_setup *setup, struct wsh_record *record,
              char *error, size_t size)
{
    struct wsh_between *relay = calloc(1, sizeof *relay);
    unsigned port = setup->port;
    if (!relay) {
        snprintf(error, size, "out of memory");
        return -1;
    }
    *relay = (struct wsh_between){
        .loop = wsh_uv_handle(uv), .uv = uv, .record = record, .tls = setup->tls, .handles = 2};
    uv_tcp_init(relay->loop, &relay->listener);
    uv_timer_init(relay->loop, &relay->timer);
    relay->listener.data = relay->timer.data = relay;
    int status = listen_on(relay, &port);
    if (status == 0)
        setup->ready(setup->context, port);
    else
        snprintf(error, size, "cannot listen on 127.0.0.1:%u: %s", port, uv_strerror(status));
    uv_timer_start(&relay->timer, on_timer, BEAT_MS, BEAT_MS);
    while (status == 0 && !*setup->stop &&
           (setup->connections == 0 || relay->ended < setup->connections))
        uv_run(relay->loop, UV_RUN_ONCE);
    while (relay->pairs)
        close_pair(relay->pairs, false);
    uv_close((uv_handle_t *)&relay->listener, on_plain_closed);
    uv_close((uv_handle_t *)&relay->timer, on_plain_closed);
    while (relay->handles > 0)
        uv_run(relay->loop, UV_RUN_NOWAIT);
    free(relay);
    return status == 0 ? 0 : -1;
}
