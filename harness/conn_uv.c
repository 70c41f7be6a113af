#include "uv_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A queued write.  Each goes out in a call of its own; what the kernel does not take at once
 * follows in pieces, so that progress is seen while a slow peer reads. */
enum { PIECE_MAX = 65536 };

struct wsh_chunk {
    struct wsh_chunk *next;
    const uint8_t *p;
    size_t n;
};

static void flush(struct wsh_conn *conn);

/* libuv does not change what it writes. */
static uv_buf_t buffer_of(const uint8_t *bytes, size_t n)
{
    union {
        const uint8_t *in;
        char *out;
    } data = {.in = bytes};
    return uv_buf_init(data.out, (unsigned)(n > UINT32_MAX ? UINT32_MAX : n));
}

static void drop_chunks(struct wsh_conn *conn)
{
    while (conn->first) {
        struct wsh_chunk *chunk = conn->first;
        conn->first = chunk->next;
        free(chunk);
    }
    conn->last = &conn->first;
}

static void on_close(uv_handle_t *handle)
{
    struct wsh_conn *conn = handle->data;
    struct wsh_uv *uv = handle->loop->data;
    uv->handles--;
    drop_chunks(conn);
    wsh_layers_free(conn);
    free(conn);
}

static int init(struct wsh_uv *uv, struct wsh_conn *conn)
{
    return uv->socket_path ? uv_pipe_init(&uv->loop, &conn->uv.pipe, 0)
                           : uv_tcp_init(&uv->loop, &conn->uv.tcp);
}

struct wsh_conn *wsh_conn_new(struct wsh_uv *uv)
{
    struct wsh_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return NULL;
    if (init(uv, conn) != 0) {
        free(conn);
        return NULL;
    }
    conn->uv.handle.data = conn;
    conn->last = &conn->first;
    uv->handles++;
    return conn;
}

/* A closure alert, or why the handshake failed, as far as the socket takes it at once. */
static void say_goodbye(struct wsh_conn *conn)
{
    const uint8_t *bytes;
    size_t n;
    if (conn->stage == WSH_AWAIT_DATA && !conn->failed)
        wsh_tls_close(conn->tls);
    if (conn->sealed == 0 || wsh_tls_state(conn->tls) == WSH_TLS_FAILED)
        while ((n = wsh_tls_output(conn->tls, &bytes)) > 0) {
            uv_buf_t buffer = buffer_of(bytes, n);
            int done = uv_try_write(&conn->uv.stream, &buffer, 1);
            if (done <= 0)
                return;
            wsh_tls_sent(conn->tls, (size_t)done);
        }
}

void wsh_conn_drop(struct wsh_conn *conn, bool reset)
{
    if (conn->tls && conn->open && !reset && !conn->writing && !conn->ended &&
        !uv_is_closing(&conn->uv.handle))
        say_goodbye(conn);
    if (conn->attempt) {
        conn->attempt->conns[conn->id] = NULL;
        conn->attempt = NULL;
    }
    uv_os_fd_t fd;
    if (reset && uv_fileno(&conn->uv.handle, &fd) == 0) {
        /* Not uv_tcp_close_reset: that refuses once a shutdown is under way. */
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    if (!uv_is_closing(&conn->uv.handle))
        uv_close(&conn->uv.handle, on_close);
}

/* Every event that a run hears of disarms its deadline: the poll pass did find something. */
static struct wsh_attempt *event(struct wsh_conn *conn)
{
    struct wsh_attempt *attempt = conn->attempt;
    if (attempt)
        attempt->armed = false;
    return attempt;
}

/* ---- reading ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct wsh_uv *uv = handle->loop->data;
    *buffer = uv_buf_init(uv->read_buffer, sizeof uv->read_buffer);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
    struct wsh_conn *conn = stream->data;
    struct wsh_attempt *attempt = event(conn);
    if (n == 0 || !attempt)
        return;
    if (n > 0) {
        wsh_layers_receive(conn, (uint8_t *)buffer->base, (size_t)n);
        if (conn->attempt)
            flush(conn); /* what a layer has to say to that */
    } else if (!conn->ended) {
        conn->ended = true;
        conn->reading = false;
        uv_read_stop(stream);
        wsh_layers_ended(conn, n != UV_EOF);
    }
    wsh_attempt_pump(attempt);
}

static void read_on(struct wsh_conn *conn)
{
    if (conn->open && !conn->stopped && !conn->ended && !conn->reading)
        conn->reading = uv_read_start(&conn->uv.stream, on_alloc, on_read) == 0;
}

void wsh_conn_stop(struct wsh_conn *conn)
{
    conn->stopped = true;
    if (conn->reading)
        uv_read_stop(&conn->uv.stream);
    conn->reading = false;
}

void wsh_conn_start(struct wsh_conn *conn)
{
    conn->stopped = false;
    read_on(conn);
}

/* ---- connecting ---- */

static void opened(struct wsh_conn *conn)
{
    conn->open = true;
    if (conn->uv.handle.type == UV_TCP)
        uv_tcp_nodelay(&conn->uv.tcp, 1);
    read_on(conn);
}

void wsh_conn_adopt(struct wsh_conn *conn, struct wsh_attempt *attempt, unsigned id)
{
    conn->attempt = attempt;
    conn->id = id;
    attempt->conns[id] = conn;
    attempt->armed = false;
    conn->stage = WSH_AWAIT_DATA;
    opened(conn);
    wss_connected(attempt->run, id, wsh_uv_now());
}

void wsh_conn_refused(struct wsh_conn *conn, enum wss_connect_failure failure, const char *why)
{
    struct wsh_attempt *attempt = conn->attempt;
    unsigned id = conn->id;
    wsh_conn_drop(conn, false);
    wss_connect_failed(attempt->run, id, failure, why, wsh_uv_now());
}

static void connect_failed(struct wsh_conn *conn, int status)
{
    struct wsh_attempt *attempt = conn->attempt;
    struct wsh_uv *uv = attempt->uv;
    struct wsh_conn *again =
        !uv->socket_path && conn->tried < uv->address_count ? wsh_conn_new(uv) : NULL;
    if (!again) {
        wsh_conn_refused(conn, status == UV_ECONNREFUSED ? WSS_REFUSED : WSS_UNREACHABLE,
                         uv_strerror(status));
        return;
    }
    again->attempt = attempt;
    again->id = conn->id;
    again->how = conn->how;
    again->tried = conn->tried;
    again->address = (conn->address + 1) % uv->address_count;
    wsh_conn_drop(conn, false);
    attempt->conns[again->id] = again;
    wsh_conn_connect(again);
}

static void on_connect(uv_connect_t *request, int status)
{
    struct wsh_conn *conn = request->handle->data;
    struct wsh_attempt *attempt = event(conn);
    if (!attempt)
        return;
    if (status == 0) {
        attempt->uv->good_address = conn->address;
        opened(conn);
        wsh_layers_begin(conn);
        if (conn->attempt)
            flush(conn);
    } else {
        connect_failed(conn, status);
    }
    wsh_attempt_pump(attempt);
}

void wsh_conn_connect(struct wsh_conn *conn)
{
    const struct wsh_uv *uv = conn->attempt->uv;
    if (uv->socket_path) {
        uv_pipe_connect(&conn->connect, &conn->uv.pipe, uv->socket_path, on_connect);
        return;
    }
    assert(uv->address_count > 0);
    conn->tried++;
    const struct sockaddr *address = (const struct sockaddr *)&uv->addresses[conn->address];
    int status = uv_tcp_connect(&conn->connect, &conn->uv.tcp, address, on_connect);
    if (status != 0)
        connect_failed(conn, status);
}

/* ---- writing ---- */

static void write_failed(struct wsh_conn *conn)
{
    conn->failed = true;
    drop_chunks(conn);
    wss_write_failed(conn->attempt->run, conn->id, wsh_uv_now());
}

/* The transport took so much of what was to be written. */
static void took(struct wsh_conn *conn, size_t sent)
{
    size_t n = wsh_layers_sent(conn, sent);
    if (n == 0)
        return;
    struct wsh_chunk *chunk = conn->first;
    chunk->p += n;
    chunk->n -= n;
    if (chunk->n == 0) {
        conn->first = chunk->next;
        if (!conn->first)
            conn->last = &conn->first;
        free(chunk);
    }
    wss_written(conn->attempt->run, conn->id, n, wsh_uv_now());
}

static void on_write(uv_write_t *request, int status)
{
    struct wsh_conn *conn = request->handle->data;
    struct wsh_attempt *attempt = event(conn);
    conn->writing = false;
    if (!attempt)
        return;
    if (status != 0)
        write_failed(conn);
    else
        took(conn, (size_t)(uintptr_t)request->data);
    flush(conn);
    wsh_attempt_pump(attempt);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* the peer's end shows in reading */
}

static void write_later(struct wsh_conn *conn, const uint8_t *bytes, size_t n)
{
    uv_buf_t buffer = buffer_of(bytes, n > PIECE_MAX ? PIECE_MAX : n);
    conn->write.data = (void *)(uintptr_t)buffer.len;
    if (uv_write(&conn->write, &conn->uv.stream, &buffer, 1, on_write) == 0)
        conn->writing = true;
    else
        write_failed(conn);
}

/* uv_try_write first: it is the write call; only what the socket buffer lacks room for is queued.
 */
static void write_out(struct wsh_conn *conn)
{
    while (conn->open && !conn->writing && !conn->failed) {
        const struct wsh_chunk *chunk = conn->first;
        const uint8_t *bytes;
        size_t n = wsh_layers_output(conn, chunk ? chunk->p : NULL, chunk ? chunk->n : 0, &bytes);
        if (n == 0)
            return;
        uv_buf_t buffer = buffer_of(bytes, n);
        int done = uv_try_write(&conn->uv.stream, &buffer, 1);
        if (done > 0)
            took(conn, (size_t)done);
        else if (done == UV_EAGAIN || done == 0)
            write_later(conn, bytes, n);
        else
            write_failed(conn);
    }
}

static void flush(struct wsh_conn *conn)
{
    write_out(conn);
    if (conn->first && conn->tls && wsh_tls_closed(conn->tls) && !conn->failed)
        write_failed(conn); /* behind both closure alerts nothing can be said */
    if (!conn->open || !conn->shut || conn->first || conn->writing || conn->failed)
        return;
    wsh_layers_shut(conn);
    write_out(conn);
    if (!conn->writing && !conn->failed) {
        conn->shut = false;
        uv_shutdown(&conn->shutdown, &conn->uv.stream, on_shutdown);
    }
}

void wsh_conn_write(struct wsh_conn *conn, const uint8_t *bytes, size_t len)
{
    if (conn->failed || len == 0)
        return;
    struct wsh_chunk *chunk = malloc(sizeof *chunk);
    if (!chunk) {
        wss_starve(conn->attempt->run, wsh_uv_now());
        return;
    }
    *chunk = (struct wsh_chunk){.p = bytes, .n = len};
    *conn->last = chunk;
    conn->last = &chunk->next;
    flush(conn);
}

void wsh_conn_renegotiate(struct wsh_conn *conn)
{
    wsh_layers_renegotiate(conn);
    if (conn->attempt)
        flush(conn);
}

void wsh_conn_shut(struct wsh_conn *conn)
{
    conn->shut = true;
    flush(conn);
}
