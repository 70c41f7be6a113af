#include "bare.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wsc/frame.h>

enum { CONNECTIONS_MAX = 64, READ_SIZE = 65536 };

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static bool write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static bool read_all(int fd, size_t n)
{
    static uint8_t buffer[READ_SIZE];
    while (n) {
        ssize_t done = read(fd, buffer, n < sizeof buffer ? n : sizeof buffer);
        if (done <= 0)
            return false;
        n -= (size_t)done;
    }
    return true;
}

/* Byte by byte: the frames behind the answer are not ours to read here. */
static bool is_upgraded(int fd)
{
    char head[4096] = "";
    for (size_t n = 0; n + 1 < sizeof head && !strstr(head, "\r\n\r\n"); n++)
        if (read(fd, head + n, 1) != 1)
            return false;
    return strncmp(head, "HTTP/1.1 101", 12) == 0;
}

static int open_one(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        write_all(fd, (const uint8_t *)request, strlen(request)) && is_upgraded(fd))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The frames of a round: binary, of zeros, under a mask of zeros.  *n gets how many bytes they are,
 * *back how many their echoes. */
static uint8_t *frames_of(const struct bare_load *load, size_t *n, size_t *back)
{
    struct wsc_frame frame = {
        .fin = true, .opcode = WSC_BINARY, .masked = true, .length = load->size};
    uint8_t *bytes = calloc(load->in_flight, WSC_HEAD_MAX + load->size);
    *n = *back = 0;
    for (unsigned i = 0; bytes && i < load->in_flight; i++) {
        size_t head = wsc_frame_write(&frame, bytes + *n);
        *n += head + load->size;
        *back += head - sizeof frame.key + load->size;
    }
    return bytes;
}

static bool drive(const int *fds, const struct bare_load *load, const uint8_t *bytes, size_t n,
                  size_t back)
{
    bool good = true;
    for (unsigned round = 0; round < load->rounds && good; round++) {
        for (unsigned i = 0; i < load->connections && good; i++)
            good = write_all(fds[i], bytes, n);
        for (unsigned i = 0; i < load->connections && good; i++)
            good = read_all(fds[i], back);
    }
    return good;
}

bool bare_run(const struct bare_load *load, char *why, size_t room)
{
    int fds[CONNECTIONS_MAX];
    unsigned open = 0;
    size_t n, back;
    uint8_t *bytes = frames_of(load, &n, &back);
    while (open < load->connections && open < CONNECTIONS_MAX &&
           (fds[open] = open_one(load->port)) >= 0)
        open++;
    bool good = bytes && open == load->connections && drive(fds, load, bytes, n, back);
    if (!good)
        snprintf(why, room, "connection %u: %s", open, strerror(errno));
    for (unsigned i = 0; i < open; i++)
        close(fds[i]);
    free(bytes);
    return good;
}
