/* The clean peers, driven by bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/frame.h>
#include <wsc/handshake.h>
#include <wsc/mask.h>

#include "../date.h"
#include "support.h"

static const struct {
    uint64_t seconds;
    const char *date;
} dates[] = {
    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},          {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
    {951782399, "Mon, 28 Feb 2000 23:59:59 GMT"},  {951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
    {4107542400, "Mon, 01 Mar 2100 00:00:00 GMT"}, {1735689599, "Tue, 31 Dec 2024 23:59:59 GMT"},
};

START_TEST(writes_dates)
{
    char date[WSP_DATE_LEN + 1];

    wsp_date(dates[_i].seconds, date);
    ck_assert_str_eq(date, dates[_i].date);
}
END_TEST

/* Requests and how the answer begins, what it must and must not hold, and whether TCP then ends. */
static const struct {
    const char *request;
    const char *begins;
    const char *holds; /* NULL: whatever */
    const char *lacks;
    bool ends;
} requests[] = {
    {UPGRADE("/", ""), "HTTP/1.1 101 ", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Protocol:", false},
    {UPGRADE("/", "Sec-WebSocket-Protocol: x, echo, chat\r\n"), "HTTP/1.1 101 ",
     "Sec-WebSocket-Protocol: ", "Extensions", false},
    {UPGRADE("/", "Sec-WebSocket-Protocol: x\r\n"), "HTTP/1.1 101 ", NULL, "Protocol:", false},
    {UPGRADE("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n"), "HTTP/1.1 101 ",
     "Sec-WebSocket-Extensions: permessage-deflate\r\n", NULL, false},
    {UPGRADE("/", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8\r\n"),
     "HTTP/1.1 101 ", "permessage-deflate; server_max_window_bits=8\r\n", NULL, false},
    {UPGRADE("/", "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7\r\n"),
     "HTTP/1.1 101 ", NULL, "Extensions", false},
    {UPGRADE("http://localhost/", ""), "HTTP/1.1 101 ", NULL, NULL, false},
    {UPGRADE("/nowhere", ""), "HTTP/1.1 404 ", "Connection: close", NULL, true},
    {UPGRADE("/close/1005", ""), "HTTP/1.1 404 ", NULL, NULL, true},
    {UPGRADE("/protected", ""), "HTTP/1.1 401 ", "WWW-Authenticate: Basic realm=\"wsproof\"\r\n",
     NULL, true},
    {UPGRADE("/protected", "Authorization: bearer secret-token\r\n"), "HTTP/1.1 101 ", NULL, NULL,
     false},
    {UPGRADE("/protected", "Authorization: Basic d3Nwcm9vZjpzZWNyZXQ=\r\n"), "HTTP/1.1 101 ", NULL,
     NULL, false},
    {UPGRADE("/protected", "Authorization: Basic eDp5\r\n"), "HTTP/1.1 401 ", "Bearer", NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
     "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", NULL, NULL, false},
    {UPGRADE("/", "Upgrade: x y\r\nSec-WebSocket-Key: x\r\n"),
     "HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", NULL, NULL, true},
    {UPGRADE("/moved", ""), "HTTP/1.1 302 ", "Location: /\r\n", NULL, true},
    {"GET /moved HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 302 ", "Location: /\r\n", NULL, false},
    {UPGRADE("/", "Origin: http://page.invalid\r\n"), "HTTP/1.1 403 ", NULL, NULL, true},
    {UPGRADE("/", "Origin: http://localhost\r\n"), "HTTP/1.1 101 ", NULL, NULL, false},
    {UPGRADE("/", "X-Probe : 1\r\n"), "HTTP/1.1 400 ", NULL, NULL, true},
    {UPGRADE("/", "Host: other\r\n"), "HTTP/1.1 400 ", NULL, NULL, true},
    {UPGRADE("/", "Content-Length: 6\r\n") "\x89\x80\0\0\0\0", "HTTP/1.1 400 ", NULL, "\x8a", true},
    {"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
     "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 12\r\n\r\n",
     "HTTP/1.1 426 ", "Sec-WebSocket-Version: 13\r\n", NULL, true},
    {"POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
     "Upgrade\r\nSec-WebSocket-Key: "
     "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
     "HTTP/1.1 405 ", "Allow: GET", NULL, true},
    {"GET / HTTP/1.0\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
     "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
     "HTTP/1.1 200 ", NULL, "101", true},
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 ", "\r\n\r\nan echo server", NULL, false},
    {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
     "HTTP/1.1 200 ", "Connection: close", "server for WebSocket\nHTTP", true},
    {"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 ",
     "HTTP/1.1 404 ", NULL, false},
    {"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 ", "Content-Length: 29", "an echo server",
     false},
    {"GET /foo HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 ", "Connection: keep-alive, upgrade\r\n",
     NULL, false},
    {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nGETGET / HTTP/1.1\r\nHost: x\r\n\r\n",
     "HTTP/1.1 405 ", "HTTP/1.1 200 ", NULL, false},
    {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / "
     "HTTP/1.1\r\nHost: x\r\n\r\n",
     "HTTP/1.1 405 ", "HTTP/1.1 200 ", NULL, false},
    {"FOO / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501 ", NULL, NULL, false},
    {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", NULL, NULL, true},
    {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ", NULL, NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "HTTP/1.1 400 ", NULL,
     NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: foo, chunked\r\n\r\n0\r\n\r\n",
     "HTTP/1.1 501 ", NULL, NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: "
     "5\r\n\r\n0\r\n\r\n",
     "HTTP/1.1 400 ", NULL, NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 6\r\n\r\n", "HTTP/1.1 400 ", NULL, NULL,
     true},
    {UPGRADE("/", "Content-Length: 5\r\nContent-Length: 6\r\n"), "HTTP/1.1 400 ", NULL, NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 ", NULL, NULL, true},
    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
     "HTTP/1.1 400 ", NULL, NULL, true},
    {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "HTTP/1.1 400 ", NULL, NULL, true},
    {"\x16\x03\x01 nonsense\r\n\r\n", "HTTP/1.1 400 ", NULL, NULL, true},
};

START_TEST(answers_requests)
{
    static const size_t chops[] = {0, 1, 7};

    for (size_t i = 0; i < sizeof chops / sizeof *chops; i++) {
        struct stage stage;
        const char *text;

        stage_open(&stage, false, NULL, false);
        stage_say(&stage, requests[_i].request, strlen(requests[_i].request), chops[i]);
        text = stage_text(&stage);
        ck_assert_msg(strncmp(text, requests[_i].begins, strlen(requests[_i].begins)) == 0, "%s",
                      text);
        if (requests[_i].holds)
            ck_assert_msg(strstr(text, requests[_i].holds) != NULL, "%s", text);
        if (requests[_i].lacks)
            ck_assert_msg(strstr(text, requests[_i].lacks) == NULL, "%s", text);
        ck_assert_int_eq(wsp_peer_end(stage.peer), requests[_i].ends ? WSP_FIN : WSP_OPEN);
        stage_close(&stage);
    }
}
END_TEST

/* Every answer to an odd request is one that the core's own judge finds nothing wrong with. */
START_TEST(answers_are_valid)
{
    struct wsc_findings findings = {0};
    struct wsc_head request, response;
    const char *text = requests[_i].request;
    bool read = wsc_http_request((const uint8_t *)text, strlen(text), 1 << 16, &request, NULL) ==
                WSC_HTTP_DONE;
    struct stage stage;

    stage_open(&stage, false, NULL, false);
    stage_say(&stage, text, strlen(text), 0);
    ck_assert_int_eq(wsc_http_response(wsp_bytes_data(&stage.said), wsp_bytes_len(&stage.said),
                                       1 << 16, &response, &findings),
                     WSC_HTTP_DONE);
    wsc_response_check(read ? &request : NULL, &response, &findings);
    ck_assert_msg(findings.count == 0, "%s", wsc_rule_info(findings.list[0].rule)->name);
    stage_close(&stage);
}
END_TEST

/* Frames behind the handshake and the frames that come back, all keys zero; the second "-" ends
 * TCP. */
static const struct {
    const char *target;
    const uint8_t *sent;
    size_t sent_len;
    const uint8_t *back;
    size_t back_len;
    enum wsp_end end;
} talks[] = {
    {"/", BYTES("\x81\x83\0\0\0\0one"), BYTES("\x81\x03one"), WSP_OPEN},
    {"/", BYTES("\x82\x80\0\0\0\0"), BYTES("\x82\x00"), WSP_OPEN},
    {"/", BYTES("\x01\x81\0\0\0\0o\x89\x81\0\0\0\0p\x80\x82\0\0\0\0ne"),
     BYTES("\x8a\x01p\x81\x03one"), WSP_OPEN},
    {"/", BYTES("\x89\x80\0\0\0\0\x8a\x81\0\0\0\0x"), BYTES("\x8a\x00"), WSP_OPEN},
    {"/", BYTES("\x88\x82\0\0\0\0\x03\xe8"), BYTES("\x88\x02\x03\xe8"), WSP_FIN},
    {"/", BYTES("\x88\x80\0\0\0\0"), BYTES("\x88\x00"), WSP_FIN},
    {"/", BYTES("\x81\x81\0\0\0\0a\x88\x80\0\0\0\0\x81\x81\0\0\0\0b"),
     BYTES("\x81\x01"
           "a\x88\x00"),
     WSP_FIN},
    {"/",
     BYTES("\x81\x01"
           "a"),
     BYTES("\x88\x02\x03\xea"), WSP_FIN},
    {"/", BYTES("\xc1\x81\0\0\0\0a\x89\x80\0\0\0\0"), BYTES("\x88\x02\x03\xea"), WSP_FIN},
    {"/", BYTES("\x81\x81\0\0\0\0\xff"), BYTES("\x88\x02\x03\xef"), WSP_FIN},
    {"/", BYTES("\x82\xff\0\0\0\0\x02\0\0\0\0\0\0\0"), BYTES("\x88\x02\x03\xf1"), WSP_FIN},
    {"/foo", BYTES("\x81\x81\0\0\0\0a"),
     BYTES("\x81\x03"
           "foo\x81\x01"
           "a"),
     WSP_OPEN},
    {"/bar?x", BYTES(""),
     BYTES("\x81\x03"
           "bar"),
     WSP_OPEN},
    {"/close/4001", BYTES(""),
     BYTES("\x88\x05\x0f\xa1"
           "bye"),
     WSP_OPEN},
    {"/close/4001", BYTES("\x81\x81\0\0\0\0a\x88\x80\0\0\0\0"),
     BYTES("\x88\x05\x0f\xa1"
           "bye"),
     WSP_FIN},
};

START_TEST(speaks_websocket)
{
    static const size_t chops[] = {0, 1, 3};

    for (size_t i = 0; i < sizeof chops / sizeof *chops; i++) {
        char request[512];
        struct stage stage;
        const uint8_t *frames;
        size_t len, request_len;

        request_len = (size_t)snprintf(request, sizeof request, "GET %s%s", talks[_i].target,
                                       strchr(UPGRADE("/", ""), '/') + 1);
        memcpy(request + request_len, talks[_i].sent, talks[_i].sent_len);
        stage_open(&stage, false, NULL, false);
        stage_say(&stage, request, request_len + talks[_i].sent_len, chops[i]);
        frames = stage_frames(&stage, &len);
        ck_assert_ptr_nonnull(frames);
        ck_assert_uint_eq(len, talks[_i].back_len);
        ck_assert_mem_eq(frames, talks[_i].back, len);
        ck_assert_int_eq(wsp_peer_end(stage.peer), talks[_i].end);
        stage_close(&stage);
    }
}
END_TEST

/* A message comes back with its type and bytes, whatever its size. */
static const size_t sizes[] = {0, 125, 126, 65535, 65536, 65537, 1 << 20, 16 << 20};

START_TEST(echoes_large_messages)
{
    size_t size = sizes[_i], len, used, got = 0;
    struct wsc_frame frame = {
        .fin = true, .opcode = WSC_BINARY, .masked = true, .key = {1, 2, 3, 4}, .length = size};
    uint8_t *message = malloc(size + WSC_HEAD_MAX), *copy, *at;
    size_t head_len = wsc_frame_write(&frame, message);
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    struct stage stage;
    const uint8_t *frames;

    for (size_t i = 0; i < size; i++)
        message[head_len + i] = (uint8_t)(i * 31 + i / 251);
    wsc_mask(message + head_len, size, frame.key, 0);
    stage_open(&stage, false, NULL, false);
    stage_say(&stage, UPGRADE("/", ""), strlen(UPGRADE("/", "")), 0);
    stage_say(&stage, message, head_len + size, 50000);
    frames = stage_frames(&stage, &len);
    copy = malloc(len + 1);
    memcpy(copy, frames, len);
    wsc_mask(message + head_len, size, frame.key, 0);
    at = copy;
    while (wsc_scan_next(&scan, at, len, &used, &piece)) {
        ck_assert_uint_eq(piece.frame.opcode, got == 0 && piece.first ? WSC_BINARY : WSC_CONT);
        ck_assert_mem_eq(piece.data, message + head_len + got, piece.len);
        got += piece.len;
        ck_assert(piece.frame.fin == (got == size));
        at += used;
        len -= used;
    }
    ck_assert_uint_eq(got, size);
    free(copy);
    free(message);
    stage_close(&stage);
}
END_TEST

/* A peer that is written to and never read from stops the reading, and at last the connection. */
START_TEST(bounds_its_memory)
{
    static uint8_t frame[8 + 4096] = {0x82, 0xfe, 0x10, 0x00};
    struct stage stage;
    bool asked_to_stop = false;
    size_t poured = 0;

    stage_open(&stage, false, NULL, false);
    stage_say(&stage, UPGRADE("/", ""), strlen(UPGRADE("/", "")), 0);
    while (wsp_peer_end(stage.peer) == WSP_OPEN) {
        wsp_peer_receive(stage.peer, frame, sizeof frame, 0);
        asked_to_stop = asked_to_stop || wsp_peer_full(stage.peer);
        poured += sizeof frame;
        ck_assert_uint_lt(poured, 100u << 20);
    }
    ck_assert(asked_to_stop);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_RESET);
    stage_close(&stage);
}
END_TEST

START_TEST(waits_for_a_close_in_vain)
{
    struct stage stage;

    stage_open(&stage, false, NULL, false);
    stage_say(&stage, UPGRADE("/close/1001", ""), strlen(UPGRADE("/close/1001", "")), 0);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_OPEN);
    stage_wait(&stage, 60000);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_FIN);
    stage_close(&stage);
}
END_TEST

START_TEST(dead_world_refuses)
{
    struct wsp_world world = {.dead = true};
    struct wsp_config config = {.world = &world};
    struct wsp_peer *peer = wsp_peer_new(&config, 0);

    ck_assert_int_eq(wsp_peer_end(peer), WSP_RESET);
    wsp_peer_free(peer);
}
END_TEST

START_TEST(unknown_filter)
{
    const char *const filters[] = {"no-such-filter", NULL};
    struct wsp_config config = {.filters = filters};

    ck_assert_ptr_null(wsp_peer_new(&config, 0));
}
END_TEST

/* The client. */

#define SWITCHING                                                                                  \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

static void accept_client(struct stage *stage, const char *lines, const void *frames, size_t len)
{
    struct wsc_head head;
    const uint8_t *bytes;
    size_t asked = wsp_peer_output(stage->peer, &bytes);

    ck_assert_int_eq(wsc_http_request(bytes, asked, 4096, &head, NULL), WSC_HTTP_DONE);
    ck_assert(wsc_request_check(&head, NULL));
    stage_accept(stage, SWITCHING, lines, frames, len);
    wsp_bytes_take(&stage->said, asked);
}

START_TEST(client_echoes)
{
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    struct stage stage;
    size_t used;

    stage_open(&stage, true, NULL, false);
    accept_client(&stage, NULL, "\x81\x03one", 5);
    ck_assert(wsc_scan_next(&scan, wsp_bytes_data(&stage.said), wsp_bytes_len(&stage.said), &used,
                            &piece));
    ck_assert(piece.frame.masked && piece.frame.fin && piece.frame.opcode == WSC_TEXT &&
              piece.last);
    ck_assert_mem_eq(piece.data, "one", 3);
    wsp_bytes_clear(&stage.said);
    stage_say(&stage, "\x88\x02\x03\xe8", 4, 0);
    ck_assert_uint_eq(wsp_bytes_len(&stage.said), 8);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_OPEN);
    stage_end(&stage);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_FIN);
    stage_close(&stage);
}
END_TEST

START_TEST(client_refuses_wrong_accept)
{
    struct stage stage;

    stage_open(&stage, true, NULL, false);
    accept_client(&stage, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "\x81\x03one", 5);
    ck_assert_uint_eq(wsp_bytes_len(&stage.said), 0);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_FIN);
    stage_close(&stage);
}
END_TEST

START_TEST(client_fails_masked_frame)
{
    struct stage stage;

    stage_open(&stage, true, NULL, false);
    accept_client(&stage, NULL, "\x81\x81\0\0\0\0a", 7);
    ck_assert_uint_eq(wsp_bytes_len(&stage.said), 8);
    ck_assert_uint_eq(wsp_bytes_data(&stage.said)[0], 0x88);
    stage_wait(&stage, 60000);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_FIN);
    stage_close(&stage);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void)
{
    Suite *suite = suite_create("peer");
    TCase *server = tcase_create("server"), *client = tcase_create("client");

    tcase_set_timeout(server, 60);
    tcase_add_loop_test(server, writes_dates, 0, (int)(sizeof dates / sizeof *dates));
    tcase_add_loop_test(server, answers_requests, 0, COUNT(requests));
    tcase_add_loop_test(server, answers_are_valid, 0, COUNT(requests));
    tcase_add_loop_test(server, speaks_websocket, 0, COUNT(talks));
    tcase_add_loop_test(server, echoes_large_messages, 0, COUNT(sizes));
    tcase_add_test(server, bounds_its_memory);
    tcase_add_test(server, waits_for_a_close_in_vain);
    tcase_add_test(server, dead_world_refuses);
    tcase_add_test(server, unknown_filter);
    tcase_add_test(client, client_echoes);
    tcase_add_test(client, client_refuses_wrong_accept);
    tcase_add_test(client, client_fails_masked_frame);
    suite_add_tcase(suite, server);
    suite_add_tcase(suite, client);
    return run_suite(suite);
}
