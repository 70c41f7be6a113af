/* Heads beside the vectors: ends, limits, fields, lists, and the bodies behind them. */
#include <string.h>

#include <wsc/http.h>

#include "feed.h"
#include "main.h"

static struct wsc_head head;

static enum wsc_http request(const char *text, size_t limit)
{
    size_t n = strlen(text);
    return wsc_http_request(guarded((const uint8_t *)text, n), n, limit, &head, NULL);
}

static enum wsc_http response(const char *text)
{
    size_t n = strlen(text);
    return wsc_http_response(guarded((const uint8_t *)text, n), n, 8192, &head, NULL);
}

static void expect_text(struct wsc_text text, const char *wanted)
{
    ck_assert_msg(wsc_text_is(text, wanted), "\"%.*s\", not \"%s\"", (int)text.n, text.p, wanted);
}

START_TEST(a_head_ends_at_its_empty_line)
{
    ck_assert_int_eq(request("GET /x HTTP/1.1\r\nHost: h\r\n\r\n\x81\x80", 100), WSC_HTTP_DONE);
    ck_assert_uint_eq(head.length, 28);
    expect_text(head.method, "GET");
    expect_text(head.target, "/x");
    ck_assert_uint_eq(head.count, 1);
    ck_assert_uint_eq(head.headers[0].at, 17);
    ck_assert_int_eq(response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101"), WSC_HTTP_DONE);
    ck_assert_uint_eq(head.length, 25);
    ck_assert_uint_eq(head.status, 100);
    expect_text(head.reason, "Continue");
}
END_TEST

START_TEST(limits)
{
    const char text[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"; /* 27 bytes */
    ck_assert_int_eq(request(text, 27), WSC_HTTP_DONE);
    ck_assert_int_eq(request(text, 26), WSC_HTTP_LARGE);
    ck_assert_int_eq(request("GET / HTTP/1.1\r\nHost", 21), WSC_HTTP_MORE);
    ck_assert_int_eq(request("GET / HTTP/1.1\r\nHost", 20), WSC_HTTP_LARGE);
    ck_assert_int_eq(request("", 20), WSC_HTTP_MORE);
    ck_assert_int_eq(request("\r\n\r\n", 4), WSC_HTTP_LARGE);
}
END_TEST

START_TEST(too_many_lines)
{
    char text[4096] = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < WSC_HEADERS_MAX; i++)
        strcat(text, "a: b\r\n");
    size_t n = strlen(text);
    strcpy(text + n, "\r\n");
    ck_assert_int_eq(request(text, 8192), WSC_HTTP_DONE);
    ck_assert_uint_eq(head.count, WSC_HEADERS_MAX);
    strcpy(text + n, "a: b\r\n\r\n");
    ck_assert_int_eq(request(text, 8192), WSC_HTTP_LARGE);
    strcpy(text + n, "a: b\r\na: b\r\n\r\n");
    ck_assert_int_eq(request(text, 8192), WSC_HTTP_LARGE);
    strcpy(text + n, "a: b\r\n");
    ck_assert_int_eq(request(text, 8192), WSC_HTTP_MORE);
}
END_TEST

/* What was noted of a head that turns out to be cut is taken back. */
START_TEST(a_cut_head_is_not_noted)
{
    struct wsc_findings f = {.total = 3, .count = 1, .list = {{WSC_RULE_REQUEST_HOST, 7}}};
    struct wsc_findings before = f;
    const char *text = "GET  / HTTP/1.1\r\nHost : h\na\r\nKey: v";
    ck_assert_int_eq(wsc_http_request((const uint8_t *)text, strlen(text), 8192, &head, &f),
                     WSC_HTTP_MORE);
    ck_assert_uint_eq(f.total, 3);
    ck_assert_uint_eq(f.count, 1);
    ck_assert_int_eq(memcmp(f.occasions, before.occasions, sizeof f.occasions), 0);
    ck_assert_uint_eq(head.count, 0);
    ck_assert_int_eq(head.broken.rule, WSC_RULE_NONE);
    text = "GET  / HTTP/1.1\r\nHost : h\na\r\nKey: v\r\n\r\n";
    ck_assert_int_eq(wsc_http_request((const uint8_t *)text, strlen(text), 8192, &head, &f),
                     WSC_HTTP_DONE);
    ck_assert_uint_eq(f.total, 8);
}
END_TEST

static const struct {
    const char *text;
    enum wsc_http state;
} starts[] = {
    {"H", WSC_HTTP_MORE},
    {"HTTP/1.1 10", WSC_HTTP_MORE},
    {"HTTP", WSC_HTTP_MORE},
    {"http/1.1 101 x", WSC_HTTP_MORE},
    {"HTTQ", WSC_HTTP_BROKEN},
    {"\x81", WSC_HTTP_BROKEN},
    {"\r\nHTTP/1.1 200 OK\r\n\r\n", WSC_HTTP_BROKEN},
    {"HTTP/1.1 1010 x\r\n", WSC_HTTP_BROKEN},
    {"HTTP/1.1\r\n", WSC_HTTP_BROKEN},
    {"HTTP/1.10 200 OK\r\n", WSC_HTTP_BROKEN},
    {"HTTP/2 200\r\n", WSC_HTTP_BROKEN},
    {"HTTP/1.1  200  OK\r\n\r\n", WSC_HTTP_DONE},
    {"HTTP/1.1 000 \r\n\r\n", WSC_HTTP_DONE},
    {"HTTP/1.0 999 \r\n\r\n", WSC_HTTP_DONE},
};

START_TEST(start_of_a_response)
{
    ck_assert_msg(response(starts[_i].text) == starts[_i].state, "%s", starts[_i].text);
}
END_TEST

START_TEST(values_are_trimmed_and_folds_joined)
{
    ck_assert_int_eq(
        response(
            "HTTP/1.1 200 OK\r\nA:\t b c \t\r\nB:\r\nC: d\r\n  e\r\nnone\r\n f\r\nG: h\r\n\r\n"),
        WSC_HTTP_DONE);
    ck_assert_uint_eq(head.count, 4);
    expect_text(wsc_head_field(&head, "a", 0)->value, "b c");
    ck_assert_uint_eq(wsc_head_field(&head, "b", 0)->value.n, 0);
    expect_text(wsc_head_field(&head, "c", 0)->value, "d\r\n  e");
    expect_text(wsc_head_field(&head, "G", 0)->value, "h");
    ck_assert_ptr_null(wsc_head_field(&head, "a", 1));
}
END_TEST

static const struct {
    const char *lines, *elements;
} lists[] = {
    {"L: a, b,c\r\n", "a|b|c"},
    {"L: ,, a ,\r\n", "a"},
    {"L:\r\n", ""},
    {"L: ,\r\nL: b\r\n", "b"},
    {"L: a\r\nX: y\r\nl: b\r\n", "a|b"},
    {"L: x; p=\"a,b\", c\r\n", "x; p=\"a,b\"|c"},
    {"L: \"a\\\",b\", c\r\n", "\"a\\\",b\"|c"},
    {"L: \"open, b\r\nL: c\r\n", "\"open, b|c"},
    {"L: a,\r\n b\r\n", "a|b"},
};

START_TEST(list)
{
    char text[256] = "HTTP/1.1 200 OK\r\n", joined[256] = "";
    strcat(text, lists[_i].lines);
    strcat(text, "\r\n");
    ck_assert_int_eq(response(text), WSC_HTTP_DONE);
    struct wsc_list cursor = {0};
    struct wsc_text element;
    while (wsc_head_list(&head, "L", &cursor, &element)) {
        if (joined[0] != '\0')
            strcat(joined, "|");
        strncat(joined, element.p, element.n);
    }
    ck_assert_str_eq(joined, lists[_i].elements);
    ck_assert(!wsc_head_list(&head, "L", &cursor, &element));
}
END_TEST

START_TEST(words)
{
    ck_assert(wsc_is_token((struct wsc_text){"a-Z0!#$%&'*+-.^_`|~", 19}));
    ck_assert(!wsc_is_token((struct wsc_text){"", 0}));
    ck_assert(!wsc_is_token((struct wsc_text){"a b", 3}));
    ck_assert(!wsc_is_token((struct wsc_text){"a\0", 2}));
    ck_assert(!wsc_is_token((struct wsc_text){"\xc3\xa9", 2}));
    ck_assert(wsc_text_is_nocase((struct wsc_text){"WebSocket", 9}, "websocket"));
    ck_assert(!wsc_text_is((struct wsc_text){"WebSocket", 9}, "websocket"));
    ck_assert(!wsc_text_is_nocase((struct wsc_text){"@", 1}, "`"));
    ck_assert(!wsc_text_is((struct wsc_text){NULL, 0}, ""));
}
END_TEST

/* Bodies. */

struct run {
    struct wsc_body start, body;
    char content[256];
    size_t len, rest;
    const char *wanted;
    size_t wanted_rest;
    bool wanted_done, wanted_broken;
};

static void begin(void *context)
{
    struct run *run = context;
    run->body = run->start;
    run->len = run->rest = 0;
}

static void piece(void *context, uint8_t *bytes, size_t len)
{
    struct run *run = context;
    struct wsc_text content;
    while (len != 0 && !run->body.done && !run->body.broken) {
        size_t n = wsc_body_read(&run->body, bytes, len, &content);
        memcpy(run->content + run->len, content.p, content.n);
        run->len += content.n;
        bytes += n;
        len -= n;
    }
    run->rest += len;
}

static void end(void *context, const char *how)
{
    struct run *run = context;
    run->content[run->len] = '\0';
    ck_assert_msg(strcmp(run->content, run->wanted) == 0, "%s: %s", how, run->content);
    ck_assert_int_eq(run->body.done, run->wanted_done);
    ck_assert_int_eq(run->body.broken, run->wanted_broken);
    if (run->wanted_done)
        ck_assert_uint_eq(run->rest, run->wanted_rest);
}

static const struct {
    const char *start, *fields, *method, *bytes, *content;
    size_t rest;
    bool done, broken;
} bodies[] = {
    {"200 OK", "Content-Length: 3", "GET", "abcdef", "abc", 3, true, false},
    {"200 OK", "Content-Length: 3", "GET", "ab", "ab", 0, false, false},
    {"200 OK", "Content-Length: 3, 3", "GET", "abcdef", "abc", 3, true, false},
    {"200 OK", "Content-Length: 3\r\nContent-Length: 4", "GET", "abcdef", "abcdef", 0, false,
     false},
    {"200 OK", "Content-Length: 18446744073709551621", "GET", "abcdef", "abcdef", 0, false, false},
    {"200 OK", "X: y", "GET", "abc", "abc", 0, false, false},
    {"200 OK", "Content-Length: 0", "GET", "abc", "", 3, true, false},
    {"200 OK", "Content-Length: 3", "HEAD", "abc", "", 3, true, false},
    {"200 OK", "Content-Length: 3", "CONNECT", "abc", "", 3, true, false},
    {"101 X", "Content-Length: 3", "GET", "abc", "", 3, true, false},
    {"204 X", "Transfer-Encoding: chunked", "GET", "abc", "", 3, true, false},
    {"304 X", "Content-Length: 3", "GET", "abc", "", 3, true, false},
    {"200 OK", "Transfer-Encoding: gzip", "GET", "abc", "abc", 0, false, false},
    {"200 OK", "Transfer-Encoding: gzip, chunked\r\nContent-Length: 1", "GET",
     "3\r\nabc\r\n0\r\n\r\nZ", "abc", 1, true, false},
    {"200 OK", "Transfer-Encoding: chunked", "GET",
     "1;a=\"b\"\r\na\r\nA \r\n0123456789\r\n00\r\nT: x\r\nU: y\r\n\r\nZZ", "a0123456789", 2, true,
     false},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "3\nabc\n0\n\nZ", "abc", 1, true, false},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "3\r\nabcd\r\n", "abc", 0, false, true},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "\r\n", "", 0, false, true},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "g\r\n", "", 0, false, true},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "1g\r\n", "", 0, false, true},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "11111111111111111\r\n", "", 0, false, true},
    {"200 OK", "Transfer-Encoding: chunked", "GET", "ffffffffffffffff\r\nabc", "abc", 0, false,
     false},
};

START_TEST(body_of_response)
{
    char text[256] = "HTTP/1.1 ";
    strcat(text, bodies[_i].start);
    strcat(text, "\r\n");
    strcat(text, bodies[_i].fields);
    strcat(text, "\r\n\r\n");
    ck_assert_int_eq(response(text), WSC_HTTP_DONE);
    struct run run = {.wanted = bodies[_i].content,
                      .wanted_rest = bodies[_i].rest,
                      .wanted_done = bodies[_i].done,
                      .wanted_broken = bodies[_i].broken};
    wsc_body_of_response(&run.start, &head,
                         (struct wsc_text){bodies[_i].method, strlen(bodies[_i].method)});
    struct feed f = {begin, piece, end, &run};
    feed(&f, (const uint8_t *)bodies[_i].bytes, strlen(bodies[_i].bytes));
}
END_TEST

START_TEST(body_of_request)
{
    struct wsc_body body;
    request("GET / HTTP/1.1\r\n\r\n", 100);
    wsc_body_of_request(&body, &head);
    ck_assert(body.kind == WSC_BODY_NONE && body.done && !body.broken);
    request("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 100);
    wsc_body_of_request(&body, &head);
    ck_assert(body.kind == WSC_BODY_LENGTH && body.left == 5);
    request("POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 100);
    wsc_body_of_request(&body, &head);
    ck_assert(body.broken);
    request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 100);
    wsc_body_of_request(&body, &head);
    ck_assert(body.broken);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *tcase = add_tcase(suite, "http");
    tcase_add_test(tcase, a_head_ends_at_its_empty_line);
    tcase_add_test(tcase, limits);
    tcase_add_test(tcase, too_many_lines);
    tcase_add_test(tcase, a_cut_head_is_not_noted);
    tcase_add_loop_test(tcase, start_of_a_response, 0, (int)(sizeof starts / sizeof *starts));
    tcase_add_test(tcase, values_are_trimmed_and_folds_joined);
    tcase_add_loop_test(tcase, list, 0, (int)(sizeof lists / sizeof *lists));
    tcase_add_test(tcase, words);
    tcase_add_loop_test(tcase, body_of_response, 0, (int)(sizeof bodies / sizeof *bodies));
    tcase_add_test(tcase, body_of_request);
    return run_suite(suite);
}
