#include "uv_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A client may come before its case asks for it: a few are kept, the rest refused. */
static void on_connection(uv_stream_t *listener, int status)
{
    struct wsh_uv *uv = listener->loop->data;
    if (status != 0)
        return;
    struct wsh_conn *conn = wsh_conn_new(uv);
    if (!conn)
        return;
    if (uv_accept(listener, &conn->uv.stream) != 0 || uv->backlog_count == WSH_BACKLOG) {
        wsh_conn_drop(conn, true);
        return;
    }
    struct wsh_waiter *waiter = uv->waiters;
    if (!waiter) {
        uv->backlog[uv->backlog_count++] = conn;
        return;
    }
    uv->waiters = waiter->next;
    struct wsh_attempt *attempt = waiter->attempt;
    wsh_conn_adopt(conn, attempt, waiter->id);
    free(waiter);
    wsh_attempt_pump(attempt);
}

void wsh_listen_want(struct wsh_attempt *attempt, unsigned id)
{
    struct wsh_uv *uv = attempt->uv;
    if (uv->backlog_count > 0) {
        struct wsh_conn *conn = uv->backlog[0];
        memmove(uv->backlog, uv->backlog + 1, --uv->backlog_count * sizeof uv->backlog[0]);
        wsh_conn_adopt(conn, attempt, id);
        return;
    }
    struct wsh_waiter *waiter = calloc(1, sizeof *waiter);
    if (!waiter) {
        wss_starve(attempt->run, wsh_uv_now());
        return;
    }
    *waiter = (struct wsh_waiter){.attempt = attempt, .id = id};
    struct wsh_waiter **end = &uv->waiters;
    while (*end)
        end = &(*end)->next;
    *end = waiter;
}

void wsh_listen_forget(struct wsh_attempt *attempt)
{
    for (struct wsh_waiter **at = &attempt->uv->waiters; *at;) {
        struct wsh_waiter *waiter = *at;
        if (waiter->attempt == attempt) {
            *at = waiter->next;
            free(waiter);
        } else {
            at = &waiter->next;
        }
    }
}

void wsh_listen_close(struct wsh_uv *uv)
{
    while (uv->backlog_count > 0)
        wsh_conn_drop(uv->backlog[--uv->backlog_count], true);
    if (uv->listening)
        uv_close((uv_handle_t *)&uv->listener, NULL);
    uv->listening = false;
}

int wsh_uv_listen(struct wsh_uv *uv, unsigned *port, char *error, size_t size)
{
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", (int)*port, &address);
    int status = uv_tcp_init(&uv->loop, &uv->listener);
    if (status == 0) {
        uv->listening = true;
        status = uv_tcp_bind(&uv->listener, (const struct sockaddr *)&address, 0);
    }
    if (status == 0)
        status = uv_listen((uv_stream_t *)&uv->listener, WSH_BACKLOG, on_connection);
    int length = sizeof address;
    if (status == 0)
        status = uv_tcp_getsockname(&uv->listener, (struct sockaddr *)&address, &length);
    if (status != 0) {
        snprintf(error, size, "cannot listen on 127.0.0.1:%u: %s", *port, uv_strerror(status));
        wsh_listen_close(uv);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return 0;
}
