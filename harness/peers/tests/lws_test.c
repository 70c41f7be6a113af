/* Talks to the bundled libwebsockets server over loopback: wsproof-lws is argv[1]. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANDSHAKE(method, target, version)                                                         \
    method " " target " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "         \
           "keep-alive, Upgrade\r\n"                                                               \
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: " version "\r\n"

/* The 101 that the library writes when no sub-protocol is offered. */
enum { HEAD_LEN = 129 };

static const char *program;
static pid_t server;
static unsigned port;

static void start_server(void)
{
    int out[2];
    FILE *lines;

    ck_assert_int_eq(pipe(out), 0);
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0) {
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        execl(program, program, "0", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    lines = fdopen(out[0], "r");
    ck_assert_ptr_nonnull(lines);
    ck_assert_int_eq(fscanf(lines, "listening 127.0.0.1:%u", &port), 1);
    fclose(lines);
}

static void stop_server(void)
{
    int status;

    kill(server, SIGTERM);
    ck_assert_int_eq(waitpid(server, &status, 0), server);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the server did not stop cleanly");
}

static int open_connection(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Sends all, then reads until `want` bytes came or the server ended. */
static size_t converse(const void *data, size_t len, char *answer, size_t want)
{
    int fd = open_connection();
    size_t got = 0;
    ssize_t n;

    ck_assert_int_eq(send(fd, data, len, 0), (ssize_t)len);
    while (got < want && (n = recv(fd, answer + got, want - got, 0)) > 0)
        got += (size_t)n;
    close(fd);
    return got;
}

static const struct {
    const char *request;
    const char *status;
    const char *holds; /* somewhere in the answer; NULL: whatever */
} requests[] = {
    {HANDSHAKE("GET", "/", "13") "\r\n", "101", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
    {HANDSHAKE("GET", "http://localhost/", "13") "\r\n", "101", NULL},
    {HANDSHAKE("GET", "/", "13") "Sec-WebSocket-Protocol: x, chat\r\n\r\n", "101",
     "Sec-WebSocket-Protocol: chat\r\n"},
    {HANDSHAKE("GET", "/", "13") "Sec-WebSocket-Protocol: x\r\n\r\n", "400", NULL},
    {HANDSHAKE("GET", "/", "12") "\r\n", "426", "Sec-WebSocket-Version: 13\r\n"},
    {HANDSHAKE("GET", "/", "13 \t") "\r\n", "101", NULL},
    {HANDSHAKE("GET", "/", "13") "Content-Length: 6\r\n\r\n", "400", NULL},
    {HANDSHAKE("GET", "/nowhere", "13") "\r\n", "404", NULL},
    {HANDSHAKE("POST", "/", "13") "\r\n", "405", "Allow: GET"},
    {HANDSHAKE("GET", "/moved", "13") "\r\n", "302", "Location: /\r\n"},
    {HANDSHAKE("GET", "/", "13") "Origin: http://page.invalid\r\n\r\n", "403", NULL},
    {HANDSHAKE("GET", "/", "13") "Origin: http://localhost\r\n\r\n", "101", NULL},
    {HANDSHAKE("GET", "/protected", "13") "\r\n", "401",
     "WWW-Authenticate: Basic realm=\"wsproof\"\r\n"},
    {HANDSHAKE("GET", "/protected", "13") "Authorization: basic d3Nwcm9vZjpzZWNyZXQ=\r\n\r\n",
     "101", NULL},
    {HANDSHAKE("GET", "/protected", "13") "Authorization: Bearer secret-token\r\n\r\n", "101",
     NULL},
    {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "200", "echo server"},
    {"GET /moved HTTP/1.1\r\nHost: localhost\r\n\r\n", "302", "Location: /\r\n"},
    {"GET /foo HTTP/1.1\r\nHost: localhost\r\n\r\n", "426", "Upgrade: websocket\r\n"},
    {"GET / HTTP/1.1\r\n\r\n", "400", NULL},
};

START_TEST(answers_requests)
{
    char answer[2048] = "";
    /* A Close behind the head of a 101 ends the conversation, whatever it is. */
    static const char close_frame[] = "\x88\x80\x00\x00\x00\x00";
    char bytes[2048];
    int n = snprintf(bytes, sizeof bytes, "%s", requests[_i].request);

    if (strcmp(requests[_i].status, "101") == 0) {
        memcpy(bytes + n, close_frame, 6);
        n += 6;
    }
    start_server();
    converse(bytes, (size_t)n, answer, sizeof answer - 1);
    ck_assert_msg(strncmp(answer, "HTTP/1.1 ", 9) == 0, "%s", answer);
    ck_assert_msg(strncmp(answer + 9, requests[_i].status, 3) == 0, "%s", answer);
    if (requests[_i].holds)
        ck_assert_msg(strstr(answer, requests[_i].holds) != NULL, "%s", answer);
    stop_server();
}
END_TEST

/* Behind the handshake: what is sent, and how what comes after the head begins. */
#define BYTES(literal) literal, sizeof(literal) - 1
static const struct {
    const char *target;
    const char *sent;
    size_t sent_len;
    const char *back;
    size_t back_len;
} talks[] = {
    {"/", BYTES("\x81\x83\x00\x00\x00\x00one"), BYTES("\x81\x03one")},
    {"/", BYTES("\x02\x81\x00\x00\x00\x00o\x80\x82\x00\x00\x00\x00ne"), BYTES("\x82\x03one")},
    {"/", BYTES("\x81\x80\x00\x00\x00\x00"), BYTES("\x81\x00")},
    {"/", BYTES("\x81\x81\x00\x00\x00\x00\xff"), BYTES("\x88\x0a\x03\xef")},
    {"/foo", BYTES(""),
     BYTES("\x81\x03"
           "foo")},
    {"/close/4001", BYTES(""),
     BYTES("\x88\x05\x0f\xa1"
           "bye")},
    /* a broken frame behind a message: nothing may follow the Close */
    {"/", BYTES("\xf1\x80\x00\x00\x00\x00"), BYTES("\x88\x0a\x03\xea")},
};

START_TEST(speaks_websocket)
{
    static const char head_end[] = "\r\n\r\n";
    char bytes[2048], answer[2048] = "";
    int n = snprintf(bytes, sizeof bytes, "GET %s%s", talks[_i].target,
                     strchr(HANDSHAKE("GET", "/", "13") "\r\n", '/') + 1);
    const char *frames;
    size_t got;

    memcpy(bytes + n, talks[_i].sent, talks[_i].sent_len);
    start_server();
    got = converse(bytes, (size_t)n + talks[_i].sent_len, answer, HEAD_LEN + talks[_i].back_len);
    frames = strstr(answer, head_end);
    ck_assert_msg(frames != NULL, "%s", answer);
    frames += strlen(head_end);
    ck_assert_uint_ge(got - (size_t)(frames - answer), talks[_i].back_len);
    ck_assert_mem_eq(frames, talks[_i].back, talks[_i].back_len);
    stop_server();
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("lws");
    TCase *cases = tcase_create("lws");
    SRunner *runner;
    int failed;

    if (argc != 2)
        return EXIT_FAILURE;
    program = argv[1];
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, answers_requests, 0, (int)(sizeof requests / sizeof *requests));
    tcase_add_loop_test(cases, speaks_websocket, 0, (int)(sizeof talks / sizeof *talks));
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
