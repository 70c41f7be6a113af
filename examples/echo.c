/* echo.c - an echo server on wsc and plain sockets; `wsc-echo PORT` listens on 127.0.0.1.
 * A client is read only while nothing waits to be written to it, so one output buffer a little
 * larger than the input buffer is always enough, and who does not read is not read either.
 * There are no timeouts, to stay short: a server for the world needs them. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wsc/conn.h>
#include <wsc/handshake.h>

enum { CLIENTS = 64, IN = 16384, OUT = IN + 256 };
enum stage { HEAD, OPEN, ENDING }; /* awaited: the request, frames, the client's end of TCP */

struct client {
    enum stage stage;
    size_t len; /* HEAD: bytes of the request so far */
    struct wsc_conn conn;
    uint8_t in[IN], out[OUT];
};

static struct client clients[CLIENTS];
static struct pollfd polled[CLIENTS + 1]; /* the last one listens; fd -1: a free place */

static void drop(size_t i)
{
    close(polled[i].fd);
    polled[i].fd = -1;
}

/* Our side is done.  Reading on until the client ends keeps a reset from eating our last bytes. */
static void end(size_t i)
{
    shutdown(polled[i].fd, SHUT_WR);
    clients[i].stage = ENDING;
}

static void echo(struct client *c, uint8_t *bytes, size_t len)
{
    struct wsc_event event;
    wsc_conn_feed(&c->conn, bytes, len);
    while (wsc_conn_next(&c->conn, &event))
        if (event.kind == WSC_EVENT_DATA) /* pings and the Close are answered already */
            wsc_conn_send(&c->conn, event.opcode, event.last, event.data, event.len);
}

/* Reads the request again from its start, until it is whole; frames may lie behind it. */
static void shake_hands(size_t i)
{
    static struct wsc_head head;
    struct client *c = &clients[i];
    struct wsc_findings findings = {0};
    struct wsc_answer answer = {.status = 400, .reason = "Bad Request"};
    enum wsc_http state = wsc_http_request(c->in, c->len, IN, &head, &findings);
    if (state == WSC_HTTP_MORE)
        return;
    if (state == WSC_HTTP_DONE) {
        wsc_request_check(&head, &findings);
        wsc_server_answer(&head, &findings, NULL, &answer);
    }
    size_t n = wsc_answer_write(&answer, &head, (char *)c->out, OUT);
    if (send(polled[i].fd, c->out, n, MSG_NOSIGNAL) != (ssize_t)n) {
        drop(i); /* nothing was sent before: an empty socket takes it whole, or it is dead */
    } else if (answer.status != 101) {
        end(i);
    } else {
        wsc_conn_init(&c->conn, &(struct wsc_conn_config){.role = WSC_SERVER}, c->out, OUT);
        c->stage = OPEN;
        echo(c, c->in + head.length, c->len - head.length);
    }
}

static void readable(size_t i)
{
    struct client *c = &clients[i];
    size_t from = c->stage == HEAD ? c->len : 0;
    ssize_t n = recv(polled[i].fd, c->in + from, IN - from, 0);
    if (n <= 0) {
        drop(i);
    } else if (c->stage == HEAD) {
        c->len += (size_t)n;
        shake_hands(i);
    } else if (c->stage == OPEN) {
        echo(c, c->in, (size_t)n);
    }
}

static void writable(size_t i)
{
    struct wsc_conn *conn = &clients[i].conn;
    const uint8_t *bytes;
    size_t len = wsc_conn_output(conn, &bytes);
    ssize_t n = send(polled[i].fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    wsc_conn_written(conn, n > 0 ? (size_t)n : 0);
    if (n < 0)
        drop(i);
    else if (wsc_conn_finished(conn))
        end(i);
}

static void welcome(void)
{
    int fd = accept(polled[CLIENTS].fd, NULL, NULL);
    size_t i = 0;
    while (i < CLIENTS && polled[i].fd >= 0)
        i++;
    if (i == CLIENTS || fd < 0)
        close(fd);
    else {
        clients[i].stage = HEAD;
        clients[i].len = 0;
        polled[i].fd = fd;
    }
}

static short awaited(const struct client *c)
{
    const uint8_t *bytes;
    return c->stage == OPEN && wsc_conn_output(&c->conn, &bytes) != 0 ? POLLOUT : POLLIN;
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    at.sin_port = htons(argc == 2 ? (uint16_t)strtoul(argv[1], NULL, 10) : 9001);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 16) != 0) {
        perror("echo");
        return 1;
    }
    for (size_t i = 0; i < CLIENTS; i++)
        polled[i].fd = -1;
    polled[CLIENTS] = (struct pollfd){.fd = fd, .events = POLLIN};
    for (;;) {
        for (size_t i = 0; i < CLIENTS; i++)
            polled[i].events = awaited(&clients[i]);
        poll(polled, CLIENTS + 1, -1);
        for (size_t i = 0; i < CLIENTS; i++)
            if (polled[i].revents != 0)
                (polled[i].events == POLLOUT ? writable : readable)(i);
        if (polled[CLIENTS].revents != 0)
            welcome();
    }
}
