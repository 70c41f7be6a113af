/* What is recorded of a conversation, and that any bytes make a script that parses. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/record.h>

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define GET                                                                                        \
    "GET / HTTP/1.1\r\nHost: here\r\n" UPGRADE "Sec-WebSocket-Key: " KEY                           \
    "\r\nSec-WebSocket-Version: 13\r\n"
#define YES "HTTP/1.1 101 Fine\r\n" UPGRADE "Sec-WebSocket-Accept: " ACCEPT "\r\n"
#define MASK "\0\0\0\0"
#define IN "\r\n"

enum who { C, S, C_ENDS, C_RESETS, S_ENDS, WAIT, NEXT };

struct event {
    enum who who;
    const char *p;
    size_t n; /* WAIT: milliseconds */
};
#define BYTES(text) text, sizeof(text) - 1

#define HELLO                                                                                      \
    {C, BYTES(GET IN)},                                                                            \
    {                                                                                              \
        S, BYTES(YES IN)                                                                           \
    }
#define HELLO_SAID "  > GET /\n  < 101\n"
#define HEAD_SAID                                                                                  \
    "# Recorded before ws://there/.\n\ncase recorded/x\n"                                          \
    "  title  The server does as it did when this was recorded\n"

static const struct {
    const char *what;
    struct event events[16];
    const char *script; /* behind the title; NULL: behind nothing */
} rows[] = {
    {"text both ways, the server ends",
     {HELLO,
      {C, BYTES("\x81\x82" MASK "hi")},
      {S, BYTES("\x81\x02ho")},
      {S, BYTES("\x88\x05\x03\xe8"
                "bye")},
      {C, BYTES("\x88\x82" MASK "\x03\xe8")},
      {S_ENDS, NULL, 0}},
     "\n" HELLO_SAID "  > text \"hi\"\n  < text \"ho\"\n  < close 1000 \"bye\"\n  < eof\n"},
    {"fragments are one message",
     {HELLO,
      {C, BYTES("\x01\x81" MASK "a")},
      {C, BYTES("\x89\x80" MASK)},
      {C, BYTES("\x80\x81" MASK "b")},
      {S, BYTES("\x02\x01\0")},
      {S, BYTES("\x80\x01\xff")}},
     "\n" HELLO_SAID "  > ping\n  > text \"ab\"\n  < binary hex(00 ff)\n"},
    {"--frames: a step for each",
     {HELLO,
      {C, BYTES("\x01\x81" MASK "a")},
      {C, BYTES("\x80\x81" MASK "b")},
      {S, BYTES("\x01\x01"
                "c")},
      {S, BYTES("\x80\x00")}},
     "\n" HELLO_SAID "  > text \"a\" fin=0\n  > cont \"b\"\n"
     "  < frame text \"c\" fin=0\n  < frame cont \"\" fin=1\n"},
    {"pings of the server and the pongs to them come by themselves",
     {HELLO,
      {S, BYTES("\x89\x01p")},
      {C, BYTES("\x8a\x81" MASK "p")},
      {C, BYTES("\x8a\x81" MASK "q")},
      {S, BYTES("\x8a\x01z")},
      {C, BYTES("\x89\x81" MASK "r")},
      {S, BYTES("\x8a\x01r")}},
     "\n" HELLO_SAID "  > pong \"q\"\n  > ping \"r\"\n  < pong \"r\"\n"},
    {"long waits have a limit, others have none",
     {HELLO,
      {WAIT, NULL, 900},
      {S, BYTES("\x81\x01"
                "a")},
      {WAIT, NULL, 3000},
      {S, BYTES("\x81\x01"
                "b")}},
     "\n" HELLO_SAID "  < text \"a\"\n  < text \"b\" within 8s\n"},
    {"what the client breaks is written as it was",
     {HELLO,
      {C, BYTES("\x81\x02hi")},
      {C, BYTES("\xc1\xfe\0\x01" MASK "x")},
      {C, BYTES("\x83\x80" MASK)},
      {S, BYTES("\x88\x02\x03\xea")},
      {S_ENDS, NULL, 0}},
     "\n" HELLO_SAID "  > text \"hi\" mask=none\n  > text \"x\" rsv=1 len=16:1\n"
     "  > frame opcode=3 \"\"\n  < close 1002\n  < eof\n"},
    {"what the server breaks is, too",
     {HELLO,
      {S, BYTES("\x01\x01"
                "a")},
      {S, BYTES("\x81\x01"
                "b")},
      {S, BYTES("\x88\x01x")}},
     "\n" HELLO_SAID "  < frame text \"a\" fin=0\n  < frame text \"b\" fin=1\n"
     "  < frame close \"x\"\n"},
    {"the client goes without a word",
     {HELLO, {C_ENDS, NULL, 0}, {S_ENDS, NULL, 0}},
     "\n" HELLO_SAID "  > fin\n  < eof\n"},
    {"… or resets", {HELLO, {C_RESETS, NULL, 0}, {S_ENDS, NULL, 0}}, "\n" HELLO_SAID "  > reset\n"},
    {"fields that matter, in a form that parses",
     {{C, BYTES("GET /a?b=$c HTTP/1.1\r\nHost: here\r\n" UPGRADE "Sec-WebSocket-Key: " KEY
                "\r\nSec-WebSocket-Version: 13\r\nUser-Agent: x\r\nX-A: $1  # no comment\r\n"
                "X-A: two\r\nBody: x\r\nX-Odd: \xff\r\nX-Empty:\r\n"
                "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                "Sec-WebSocket-Protocol: chat\r\n\r\n")},
      {S, BYTES(YES "Date: now\r\nSet-Cookie: id=1\r\nSec-WebSocket-Protocol: chat\r\n\r\n")}},
     "\n  > GET /a?b=$$c\n    X-A: $$1  # no comment\n    +X-A: two\n    \"Body: x\\r\\n\"\n"
     "    \"X-Odd: \\xff\\r\\n\"\n    \"X-Empty:\\r\\n\"\n    Sec-WebSocket-Protocol: chat\n"
     "  < 101\n    Set-Cookie: *\n    Sec-WebSocket-Protocol: chat\n"},
    {"a handshake that is not quite one",
     {{C, BYTES("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
                "\r\n")},
      {S, BYTES("HTTP/1.1 426 No\r\nSec-WebSocket-Version: 13\r\nContent-Length: 2\r\n\r\nno")}},
     "\n  > GET /\n    -Connection\n    -Sec-WebSocket-Key\n    Sec-WebSocket-Version: 8\n"
     "  < 426\n    Sec-WebSocket-Version: 13\n    body \"no\"\n"},
    {"a 101 that is wrong is not insisted on",
     {{C, BYTES(GET IN)}, {S, BYTES("HTTP/1.1 101 Fine\r\n" UPGRADE "\r\n")}},
     "\n  > GET /\n  < 1xx\n"},
    {"pages on a connection that is then upgraded",
     {{C, BYTES("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\na=b\r\n0\r\n\r\n")},
      {S, BYTES("HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                "Content-Type: text/plain\r\n\r\n2\r\nok\r\n0\r\n\r\n")},
      HELLO},
     "\n  > POST /p plain\n    body \"a=b\"\n    Content-Length: 3\n"
     "  < 200\n    Content-Type: text/plain\n    body \"ok\"\n" HELLO_SAID},
    {"a kept-alive connection may end or not",
     {{C, BYTES("GET /p HTTP/1.1\r\nHost: h\r\n\r\n")},
      {S, BYTES("HTTP/1.1 204 OK\r\n\r\n")},
      {WAIT, NULL, 5000},
      {S_ENDS, NULL, 0}},
     "\n  > GET /p plain\n  < 204\n"},
    {"no answer at all", {{C, BYTES(GET IN)}, {S_ENDS, NULL, 0}}, "\n  > GET /\n  < eof\n"},
    {"connections at once have names",
     {HELLO,
      {NEXT, NULL, 0},
      {C, BYTES("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n")},
      {S, BYTES("HTTP/1.1 204 OK\r\n\r\n")}},
     "\n  c1> GET /\n  c1< 101\n  c2> GET /2 plain\n  c2< 204\n"},
    {"what is no HTTP is left out", {{C, BYTES("\x16\x03\x01 hello\r\n\r\n")}}, NULL},
    {"a frame that was cut is left out",
     {HELLO,
      {S, BYTES("\x81\x05"
                "ab")},
      {S_ENDS, NULL, 0}},
     "\n" HELLO_SAID "  # left out: a frame that the server did not finish\n  < eof\n"},
    {"… but what the client did not finish is written, if the server speaks of it",
     {HELLO,
      {C, BYTES("\x82\xff\0\0\1\0\0\0\0\0" MASK "x")},
      {S, BYTES("\x88\x02\x03\xf1")},
      {C, BYTES("more")},
      {S_ENDS, NULL, 0}},
     "\n" HELLO_SAID "  > binary \"x\" len=64:1099511627776\n  < close 1009\n  < eof\n"},
    {"lines twice, and lines that are empty",
     {{C, BYTES(GET "Sec-WebSocket-Key: x\r\nConnection: y\r\n\r\n")},
      {S, BYTES("HTTP/1.1 400 No\r\nConnection: close\r\n\r\n")},
      {S_ENDS, NULL, 0}},
     "\n  > GET /\n    +Sec-WebSocket-Key: x\n    +Connection: y\n  < 400\n  < eof\n"},
    {"frames that come before the answer",
     {{C, BYTES(GET IN "\x81\x82" MASK "hi")}, {S, BYTES(YES IN)}},
     "\n" HELLO_SAID "  > text \"hi\"\n"},
};

static const struct wsh_record_setup setup = {
    .id = "recorded/x", .target = "ws://there/", .authority = "there"};

/* Each event in pieces of `cut` bytes. */
static char *play(const struct wsh_record_setup *how, const struct event *events, size_t count,
                  size_t cut, struct wsn_buffer *forward)
{
    struct wsh_record *record = wsh_record_new(how);
    uint64_t now = 1000;
    size_t length;
    unsigned id = wsh_record_open(record, now);
    for (size_t i = 0; i < count; i++) {
        const struct event *e = &events[i];
        for (size_t at = 0; e->who <= S && at < e->n; at += cut) {
            size_t n = e->n - at < cut ? e->n - at : cut;
            uint8_t *exact = malloc(n); /* ASan sees a read past the end */
            memcpy(exact, e->p + at, n);
            if (e->who == C)
                wsh_record_client(record, id, exact, n, now, forward);
            else
                wsh_record_server(record, id, exact, n, now);
            free(exact);
        }
        if (e->who == WAIT)
            now += e->n;
        if (e->who == NEXT)
            id = wsh_record_open(record, now);
        if (e->who == C_ENDS || e->who == C_RESETS)
            wsh_record_client_ended(record, id, e->who == C_RESETS, now);
        if (e->who == S_ENDS)
            wsh_record_server_ended(record, id, now);
    }
    char *text = wsh_record_take(record, &length);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(strlen(text), length);
    wsh_record_free(record);
    return text;
}

/* The number of errors; it prints them. */
static size_t errors_of(const char *text, size_t *cases)
{
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    const struct wss_settings none = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_file *file = wsn_parse(&arena, "x.wst", text, strlen(text), &errors);
    wsn_link(&arena, file, NULL, NULL, &errors);
    wss_plan_add(&plan, file, &none, &errors);
    struct wsn_buffer out = {0};
    for (size_t i = 0; i < errors.count; i++)
        wsn_error_print(file, &errors.list[i], &out);
    if (out.p)
        fputs(out.p, stderr);
    wsn_buffer_drop(&out);
    *cases = plan.count;
    wsn_arena_drop(&arena);
    return errors.total;
}

static size_t count_of(const struct event *events)
{
    size_t n = 16;
    while (n > 0 && !events[n - 1].p && events[n - 1].who == C)
        n--;
    return n;
}

START_TEST(writes_what_was_said)
{
    static const size_t cuts[] = {SIZE_MAX / 2, 1, 3};
    struct wsh_record_setup how = setup;
    char expected[4000];
    size_t cases;
    how.frames = strncmp(rows[_i].what, "--frames", 8) == 0;
    if (rows[_i].script)
        snprintf(expected, sizeof expected, "%s%s", HEAD_SAID, rows[_i].script);
    else
        snprintf(expected, sizeof expected,
                 "# Recorded before ws://there/.\n\n"
                 "# left out: what the client sent in place of HTTP\n");
    for (size_t k = 0; k < sizeof cuts / sizeof cuts[0]; k++) {
        struct wsn_buffer forward = {0};
        char *text = play(&how, rows[_i].events, count_of(rows[_i].events), cuts[k], &forward);
        ck_assert_msg(strcmp(text, expected) == 0, "%s, cut %zu:\n%s\nexpected:\n%s", rows[_i].what,
                      cuts[k], text, expected);
        ck_assert_uint_eq(errors_of(text, &cases), 0);
        ck_assert_uint_eq(cases, rows[_i].script ? 1 : 0);
        free(text);
        wsn_buffer_drop(&forward);
    }
}
END_TEST

/* The server is asked as by the client, under its own name and without extensions. */
START_TEST(forwards_what_the_client_said)
{
    static const struct event events[] = {
        {C, BYTES(GET "Accept-Encoding: gzip\r\nSec-WebSocket-Extensions: x\r\nX: y\r\n\r\n")},
        {S, BYTES(YES IN)},
        {C, BYTES("\x81\x82"
                  "abcd"
                  "hi\x8f"
                  "anything")}};
    static const char asked[] =
        "GET / HTTP/1.1\r\nHost: there\r\n" UPGRADE "Sec-WebSocket-Key: " KEY
        "\r\nSec-WebSocket-Version: 13\r\nX: y\r\n\r\n"
        "\x81\x82"
        "abcd"
        "hi\x8f"
        "anything";
    for (size_t cut = 1; cut < 300; cut = cut * 2 + 1) {
        struct wsn_buffer forward = {0};
        free(play(&setup, events, 3, cut, &forward));
        ck_assert_uint_eq(forward.n, sizeof asked - 1);
        ck_assert_mem_eq(forward.p, asked, forward.n);
        wsn_buffer_drop(&forward);
    }
}
END_TEST

START_TEST(writes_settings_in_place_of_secrets)
{
    static const struct wss_setting secrets[] = {{"token", "s3cret+key", 10},
                                                 {"unused", "not there", 9}};
    static const struct event events[] = {
        {C, BYTES("GET /s3cret+key?a=s3cret%2Bkey HTTP/1.1\r\nHost: here\r\n" UPGRADE
                  "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
                  "Authorization: Bearer s3cret+key\r\n\r\n")},
        {S, BYTES(YES IN)},
        {C, BYTES("\x81\x8c" MASK "\"s3cret+key\"")},
        {S, BYTES("\x82\x0c\0s3cret+key\xff")},
        {S, BYTES("\x01\x06s3cret")},
        {S, BYTES("\x80\x04+key")},
        {S, BYTES("\x88\x0c\x0f\xa0s3cret+key")}};
    struct wsh_record_setup how = setup;
    struct wsn_buffer forward = {0};
    size_t cases;
    for (int frames = 0; frames < 2; frames++) {
        how.settings = (struct wss_settings){secrets, 2};
        how.frames = frames;
        char *text = play(&how, events, 7, 1000, &forward);
        ck_assert_ptr_null(strstr(text, "s3cret"));
        ck_assert_ptr_null(strstr(text, "+key"));
        ck_assert_ptr_nonnull(strstr(text, "\n  needs  token\n"));
        ck_assert_ptr_nonnull(strstr(text, "\n  > GET /${token}?a=[left-out]\n"));
        ck_assert_ptr_nonnull(strstr(text, "\n    Authorization: Bearer ${token}\n"));
        ck_assert_ptr_nonnull(strstr(text, "\n  > text \"\\\"\" + $token + \"\\\"\"\n"));
        ck_assert(frames || strstr(text, "\n  < binary hex(00) + $token + hex(ff)\n"));
        ck_assert(frames || strstr(text, "\n  < text $token\n"));
        ck_assert_uint_eq(errors_of(text, &cases), 0);
        free(text);
    }
    wsn_buffer_drop(&forward);
}
END_TEST

START_TEST(says_where_a_replay_is_pointed)
{
    static const struct wss_setting secrets[] = {{"token", "s3cret+key", 10}};
    static const char *const heads[] = {"GET /a/s3cret+key HTTP/1.1\r\n", "GET /$(x) HTTP/1.1\r\n",
                                        "GET /chat HTTP/1.1\r\n"};
    struct wsh_record_setup how = setup;
    struct wsn_buffer forward = {0};
    how.settings = (struct wss_settings){secrets, 1};
    struct wsh_record *record = wsh_record_new(&how);
    for (size_t i = 0; i < 3; i++) {
        unsigned id = wsh_record_open(record, 0);
        static const char rest[] = "Host: here\r\n" UPGRADE "Sec-WebSocket-Key: " KEY
                                   "\r\nSec-WebSocket-Version: 13\r\n\r\n";
        ck_assert_str_eq(wsh_record_path(record), "/");
        wsh_record_client(record, id, (const uint8_t *)heads[i], strlen(heads[i]), 0, &forward);
        wsh_record_client(record, id, (const uint8_t *)rest, sizeof rest - 1, 0, &forward);
        wsh_record_server(record, id, (const uint8_t *)YES IN, sizeof YES IN - 1, 0);
    }
    ck_assert_str_eq(wsh_record_path(record), "/chat");
    wsh_record_free(record);
    wsn_buffer_drop(&forward);
}
END_TEST

/* ---- large payloads ---- */

static size_t kept;
static bool keep(void *context, const char *name, const uint8_t *data, size_t len)
{
    (void)data;
    ck_assert_str_eq(name, "x-1.bin");
    ck_assert_ptr_eq(context, &kept);
    kept += len;
    return true;
}

static void add_message(struct wsn_buffer *out, bool sent, uint8_t opcode, const uint8_t *p,
                        size_t n)
{
    uint8_t head[14] = {(uint8_t)(0x80 | opcode), (uint8_t)(sent ? 0xff : 0x7f)};
    for (size_t i = 0; i < 8; i++)
        head[2 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
    wsn_put(out, (const char *)head, sent ? 14 : 10);
    wsn_put(out, (const char *)p, n);
}

START_TEST(keeps_large_payloads_out_of_the_script)
{
    enum { N = 70000 };
    uint8_t *random = malloc(N), *again = malloc(N);
    uint32_t state = 1;
    for (size_t i = 0; i < N; i++) {
        state = state * 1664525u + 1013904223u;
        random[i] = (uint8_t)(state >> 24);
        again[i] = (uint8_t)("abc"[i % 3]);
    }
    struct wsn_buffer sent = {0}, came = {0}, forward = {0};
    add_message(&sent, true, 1, again, N);
    add_message(&sent, true, 2, random, N);
    add_message(&came, false, 2, random, N);
    add_message(&came, false, 1, random, N);
    const struct event events[] = {HELLO, {C, sent.p, sent.n}, {S, came.p, came.n}};
    struct wsh_record_setup how = setup;
    how.stem = "x";
    how.context = &kept;
    how.keep = keep;
    /* The last one cannot be kept: its name would be another. */
    char *text = NULL;
    struct wsh_record_setup none = setup;
    text = play(&none, events, 4, 4096, &forward);
    ck_assert_ptr_nonnull(strstr(text,
                                 "  > text \"abc\" * 23333 + \"a\"\n"
                                 "  # left out: the content of a large message to the server\n"
                                 "  < echo\n"
                                 "  # left out: the content of a large message of the server\n"
                                 "  < text\n"));
    free(text);
    const struct event fewer[] = {HELLO, {C, sent.p, sent.n}, {S, came.p, N + 10}};
    text = play(&how, fewer, 4, 4096, &forward);
    ck_assert_uint_eq(kept, N);
    ck_assert_ptr_nonnull(strstr(text, "  > binary file(\"x-1.bin\")\n  < echo\n"));
    free(text);
    wsn_buffer_drop(&sent);
    wsn_buffer_drop(&came);
    wsn_buffer_drop(&forward);
    free(random);
    free(again);
}
END_TEST

/* A case has at most 10 000 steps. */
START_TEST(ends_a_long_recording)
{
    struct wsn_buffer sent = {0}, forward = {0};
    size_t cases;
    for (int i = 0; i < 12000; i++)
        wsn_put(&sent, "\x81\x81\0\0\0\0x", 7);
    const struct event events[] = {HELLO, {C, sent.p, sent.n}};
    char *text = play(&setup, events, 3, 4096, &forward);
    ck_assert_ptr_nonnull(strstr(text, "\n# left out: what came after so many steps\n"));
    ck_assert_uint_eq(errors_of(text, &cases), 0);
    ck_assert_uint_eq(cases, 1);
    free(text);
    wsn_buffer_drop(&sent);
    wsn_buffer_drop(&forward);
}
END_TEST

START_TEST(splits_by_what_was_open_at_once)
{
    struct wsh_record_setup how = setup;
    struct wsn_buffer forward = {0};
    size_t length, cases;
    how.split = true;
    struct wsh_record *record = wsh_record_new(&how);
    static const char get[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    for (int i = 0; i < 2; i++) {
        unsigned a = wsh_record_open(record, 0), b = wsh_record_open(record, 0);
        wsh_record_client(record, a, (const uint8_t *)get, sizeof get - 1, 0, &forward);
        wsh_record_close(record, a);
        wsh_record_client(record, b, (const uint8_t *)get, sizeof get - 1, 0, &forward);
        wsh_record_close(record, b);
    }
    char *text = wsh_record_take(record, &length);
    ck_assert_ptr_nonnull(strstr(text, "case recorded/x-1\n"));
    ck_assert_ptr_nonnull(strstr(text, "case recorded/x-2\n"));
    ck_assert_ptr_nonnull(strstr(text, "\n  c3> GET / plain\n  c4> GET / plain\n"));
    ck_assert_uint_eq(errors_of(text, &cases), 0);
    ck_assert_uint_eq(cases, 2);
    free(text);
    wsh_record_free(record);
    wsn_buffer_drop(&forward);
}
END_TEST

/* ---- any bytes ---- */

static uint32_t draw(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Conversations of the table with bytes changed, cut out and put in, and events in another order.
 */
START_TEST(any_bytes_make_a_script_that_parses)
{
    enum { ROUNDS = 400, ROWS = sizeof rows / sizeof rows[0] };
    static const struct wss_setting secrets[] = {{"token", "HTTP", 4}};
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t state = (uint32_t)(_i + 1) * 7919 + round * 104729 + 1;
        struct event events[16];
        char *copies[16];
        size_t count = 1 + draw(&state) % 16, cases;
        for (size_t i = 0; i < count; i++) {
            const struct event *from =
                i < 2 ? &rows[0].events[i] : &rows[draw(&state) % ROWS].events[draw(&state) % 8];
            events[i] = *from;
            copies[i] = malloc(from->n + 1);
            if (from->p) {
                memcpy(copies[i], from->p, from->n);
                events[i].p = copies[i];
            }
            for (uint32_t k = draw(&state) % 4; from->p && from->n && k > 0; k--)
                copies[i][draw(&state) % from->n] = (char)draw(&state);
            if (from->p && from->n && draw(&state) % 8 == 0)
                events[i].n = draw(&state) % from->n;
        }
        struct wsh_record_setup how = setup;
        struct wsn_buffer forward = {0};
        how.frames = draw(&state) % 4 == 0;
        if (draw(&state) % 3 == 0)
            how.settings = (struct wss_settings){secrets, 1};
        char *text = play(&how, events, count, 1 + draw(&state) % 64, &forward);
        ck_assert_msg(errors_of(text, &cases) == 0, "row %d, round %u:\n%s", _i, round, text);
        free(text);
        wsn_buffer_drop(&forward);
        for (size_t i = 0; i < count; i++)
            free(copies[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tests = tcase_create("record");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, writes_what_was_said, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tests, forwards_what_the_client_said);
    tcase_add_test(tests, writes_settings_in_place_of_secrets);
    tcase_add_test(tests, says_where_a_replay_is_pointed);
    tcase_add_test(tests, keeps_large_payloads_out_of_the_script);
    tcase_add_test(tests, ends_a_long_recording);
    tcase_add_test(tests, splits_by_what_was_open_at_once);
    tcase_add_loop_test(tests, any_bytes_make_a_script_that_parses, 0, 10);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
