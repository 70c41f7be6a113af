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
    free(conn);
}

struct wsh_conn *wsh_conn_new(struct wsh_uv *uv)
{
    struct wsh_conn *conn = calloc(1, sizeof *conn);
    if (!conn)
        return NULL;
    if (uv_tcp_init(&uv->loop, &conn->tcp) != 0) {
        free(conn);
        return NULL;
    }
    conn->tcp.data = conn;
    conn->last = &conn->first;
    uv->handles++;
    return conn;
}

void wsh_conn_drop(struct wsh_conn *conn, bool reset)
{
    if (conn->attempt) {
        conn->attempt->conns[conn->id] = NULL;
        conn->attempt = NULL;
    }
    uv_os_fd_t fd;
    if (reset && uv_fileno((uv_handle_t *)&conn->tcp, &fd) == 0) {
        /* Not uv_tcp_close_reset: that refuses once a shutdown is under way. */
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    if (!uv_is_closing((uv_handle_t *)&conn->tcp))
        uv_close((uv_handle_t *)&conn->tcp, on_close);
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
        wss_received(attempt->run, conn->id, (uint8_t *)buffer->base, (size_t)n, wsh_uv_now());
    } else if (!conn->ended) {
        conn->ended = true;
        conn->reading = false;
        uv_read_stop(stream);
        wss_ended(attempt->run, conn->id, n != UV_EOF, wsh_uv_now());
    }
    wsh_attempt_pump(attempt);
}

static void read_on(struct wsh_conn *conn)
{
    if (conn->open && !conn->stopped && !conn->ended && !conn->reading)
        conn->reading = uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) == 0;
}

void wsh_conn_stop(struct wsh_conn *conn)
{
    conn->stopped = true;
    if (conn->reading)
        uv_read_stop((uv_stream_t *)&conn->tcp);
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
    uv_tcp_nodelay(&conn->tcp, 1);
    read_on(conn);
    wss_connected(conn->attempt->run, conn->id, wsh_uv_now());
}

void wsh_conn_adopt(struct wsh_conn *conn, struct wsh_attempt *attempt, unsigned id)
{
    conn->attempt = attempt;
    conn->id = id;
    attempt->conns[id] = conn;
    attempt->armed = false;
    opened(conn);
}

static void connect_failed(struct wsh_conn *conn, int status)
{
    struct wsh_attempt *attempt = conn->attempt;
    struct wsh_uv *uv = attempt->uv;
    unsigned id = conn->id, tried = conn->tried, address = conn->address;
    wsh_conn_drop(conn, false);
    struct wsh_conn *again = tried < uv->address_count ? wsh_conn_new(uv) : NULL;
    if (again) {
        again->attempt = attempt;
        again->id = id;
        again->tried = tried;
        again->address = (address + 1) % uv->address_count;
        attempt->conns[id] = again;
        wsh_conn_connect(again);
        return;
    }
    wss_connect_failed(attempt->run, id, status == UV_ECONNREFUSED ? WSS_REFUSED : WSS_UNREACHABLE,
                       uv_strerror(status), wsh_uv_now());
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
        flush(conn);
    } else {
        connect_failed(conn, status);
    }
    wsh_attempt_pump(attempt);
}

void wsh_conn_connect(struct wsh_conn *conn)
{
    const struct wsh_uv *uv = conn->attempt->uv;
    assert(uv->address_count > 0);
    conn->tried++;
    const struct sockaddr *address = (const struct sockaddr *)&uv->addresses[conn->address];
    int status = uv_tcp_connect(&conn->connect, &conn->tcp, address, on_connect);
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

static void took(struct wsh_conn *conn, size_t n)
{
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

/* uv_try_write first: it is the write call; only what the socket buffer lacks room for is queued.
 */
static void flush(struct wsh_conn *conn)
{
    uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
    while (conn->open && conn->first && !conn->writing && !conn->failed) {
        struct wsh_chunk *chunk = conn->first;
        union {
            const uint8_t *in;
            char *out;
        } bytes = {.in = chunk->p}; /* libuv does not change what it writes */
        size_t n = chunk->n > UINT32_MAX ? UINT32_MAX : chunk->n;
        uv_buf_t buffer = uv_buf_init(bytes.out, (unsigned)n);
        int done = uv_try_write(stream, &buffer, 1);
        if (done > 0) {
            took(conn, (size_t)done);
            continue;
        }
        if (done != UV_EAGAIN && done != 0) {
            write_failed(conn);
            break;
        }
        buffer.len = n > PIECE_MAX ? PIECE_MAX : n;
        conn->write.data = (void *)(uintptr_t)buffer.len;
        if (uv_write(&conn->write, stream, &buffer, 1, on_write) == 0)
            conn->writing = true;
        else
            write_failed(conn);
    }
    if (conn->open && conn->shut && !conn->first && !conn->writing && !conn->failed) {
        conn->shut = false;
        uv_shutdown(&conn->shutdown, stream, on_shutdown);
    }
}

void wsh_conn_write(struct wsh_conn *conn, const uint8_t *bytes, size_t len)
{
    if (conn->failed || len == 0)
        return;
    struct wsh_chunk *chunk = malloc(sizeof *chunk);
    if (!chunk) {
        write_failed(conn);
        return;
    }
    *chunk = (struct wsh_chunk){.p = bytes, .n = len};
    *conn->last = chunk;
    conn->last = &chunk->next;
    flush(conn);
}

void wsh_conn_shut(struct wsh_conn *conn)
{
    conn->shut = true;
    flush(conn);
}
