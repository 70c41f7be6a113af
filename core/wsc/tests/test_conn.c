/* The strict endpoint beside the vectors: what it sends, the closing handshake, limits, small
 * buffers. */
#include <string.h>

#include <wsc/conn.h>
#include <wsc/frame.h>
#include <wsc/mask.h>

#include "conn_log.h"
#include "feed.h"
#include "main.h"

static struct conn_log log_;

static void feed_text(const char *bytes, size_t len)
{
    uint8_t copy[2048];
    memcpy(copy, bytes, len);
    conn_log_feed(&log_, copy, len);
}

#define FEED(bytes) feed_text(bytes, sizeof bytes - 1)

static void expect(const char *events, const char *output)
{
    conn_log_flush(&log_);
    ck_assert_str_eq(log_.text, events);
    ck_assert_str_eq(log_.output, output);
}

START_TEST(sends_messages_and_fragments)
{
    conn_log_begin(&log_, WSC_SERVER, 0, NULL);
    struct wsc_conn *c = &log_.conn;
    ck_assert_int_eq(wsc_conn_send(c, WSC_TEXT, true, (const uint8_t *)"hi", 2), 0);
    ck_assert_int_eq(wsc_conn_send(c, WSC_BINARY, false, (const uint8_t *)"a", 1), 0);
    ck_assert_int_eq(wsc_conn_send(c, WSC_PING, true, (const uint8_t *)"p", 1), 0);
    ck_assert_int_eq(wsc_conn_send(c, WSC_BINARY, false, NULL, 0), 0);
    ck_assert_int_eq(wsc_conn_send(c, WSC_BINARY, true, (const uint8_t *)"b", 1), 0);
    ck_assert_int_eq(wsc_conn_send(c, WSC_TEXT, true, NULL, 0), 0);
    expect("", "81026869"
               "020161"
               "890170"
               "0000"
               "800162"
               "8100");
}
END_TEST

static void counted_key(void *context, uint8_t key[4])
{
    uint8_t *count = context;
    ++*count;
    memcpy(key, (uint8_t[]){*count, 0, 0, *count}, 4);
}

START_TEST(client_masks_each_frame_anew)
{
    uint8_t out[256], count = 0;
    struct wsc_conn c;
    struct wsc_conn_config config = {.role = WSC_CLIENT, .key = counted_key, .context = &count};
    wsc_conn_init(&c, &config, out, sizeof out);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_TEXT, true, (const uint8_t *)"abcde", 5), 0);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_TEXT, true, NULL, 0), 0);
    const uint8_t *bytes;
    ck_assert_uint_eq(wsc_conn_output(&c, &bytes), 17);
    ck_assert_int_eq(memcmp(bytes, "\x81\x85\x01\0\0\x01`bced\x81\x80\x02\0\0\x02", 17), 0);
}
END_TEST

START_TEST(our_close_then_theirs)
{
    conn_log_begin(&log_, WSC_SERVER, 0, NULL);
    struct wsc_conn *c = &log_.conn;
    ck_assert_int_eq(wsc_conn_close(c, 1001, "bye", 3), 0);
    ck_assert_int_eq(wsc_conn_close(c, 1000, NULL, 0), 0);
    ck_assert_int_eq(wsc_conn_send(c, WSC_TEXT, true, NULL, 0), -1);
    ck_assert(!wsc_conn_finished(c));
    FEED("\x81\x81\0\0\0\0x\x89\x80\0\0\0\0");
    ck_assert(!wsc_conn_finished(c));
    FEED("\x88\x82\0\0\0\0\x03\xe9");
    expect("text [78]\nping\nclose 1001", "880503e9627965"
                                          "8a00");
    ck_assert(wsc_conn_finished(c));
}
END_TEST

START_TEST(empty_close)
{
    conn_log_begin(&log_, WSC_CLIENT, 0, NULL);
    ck_assert_int_eq(wsc_conn_close(&log_.conn, 0, NULL, 0), 0);
    FEED("\x88\x00");
    expect("close 0", "888000000000");
    ck_assert(wsc_conn_finished(&log_.conn));
}
END_TEST

START_TEST(finished_only_when_written)
{
    uint8_t in[] = {0x88, 0x82, 0, 0, 0, 0, 3, 0xe8};
    struct wsc_event event;
    struct wsc_conn *c = &log_.conn;
    conn_log_begin(&log_, WSC_SERVER, 0, NULL);
    wsc_conn_feed(c, in, sizeof in);
    ck_assert(wsc_conn_next(c, &event));
    ck_assert_int_eq(event.kind, WSC_EVENT_CLOSE);
    ck_assert(!wsc_conn_next(c, &event));
    ck_assert(wsc_conn_hungry(c) && !wsc_conn_finished(c));
    wsc_conn_written(c, 2);
    ck_assert(!wsc_conn_finished(c));
    wsc_conn_written(c, 2);
    ck_assert(wsc_conn_finished(c));
}
END_TEST

/* A violation after our own Close: no second one is sent. */
START_TEST(a_violation_after_our_close)
{
    conn_log_begin(&log_, WSC_SERVER, 0, NULL);
    wsc_conn_close(&log_.conn, 1000, NULL, 0);
    FEED("\x81\x00");
    expect("fail 1002 frame.unmasked", "880203e8");
    ck_assert(wsc_conn_finished(&log_.conn));
}
END_TEST

START_TEST(nothing_counts_after_a_failure)
{
    conn_log_begin(&log_, WSC_SERVER, 0, NULL);
    FEED("\x81\x00");
    ck_assert(wsc_conn_finished(&log_.conn));
    FEED("\x81\x81\0\0\0\0x\x89\x80\0\0\0\0");
    FEED("\x88\x80\0\0\0\0");
    ck_assert_int_eq(wsc_conn_send(&log_.conn, WSC_PING, true, NULL, 0), -1);
    ck_assert_int_eq(wsc_conn_close(&log_.conn, 1000, NULL, 0), 0);
    expect("fail 1002 frame.unmasked", "880203ea");
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    const char *events;
} limited[] = {
#define LIMITED(bytes, events)                                                                     \
    {                                                                                              \
        bytes, sizeof bytes - 1, events                                                            \
    }
    LIMITED("\x82\x04"
            "abcd\x82\x04"
            "efgh",
            "binary [61626364]\nbinary [65666768]"),
    LIMITED("\x82\x05"
            "abcde",
            "fail 1009 limit"),
    LIMITED("\x81\x05\xff\xff\xff\xff\xff", "fail 1009 limit"),
    LIMITED("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", "fail 1009 limit"),
    LIMITED("\x02\x02"
            "ab\x00\x02"
            "cd\x80\x01"
            "e",
            "binary [61626364\nfail 1009 limit"),
    LIMITED("\x02\x02"
            "ab\x89\x05"
            "12345\x80\x02"
            "cd",
            "binary [6162\nping 3132333435\nbinary 6364]"),
    LIMITED("\x02\x04"
            "abcd\x80\x00\x82\x01"
            "e",
            "binary [61626364]\nbinary [65]"),
    LIMITED("\xc2\x05"
            "abcde",
            "fail 1002 frame.rsv"),
#undef LIMITED
};

static void limit_begin(void *context)
{
    (void)context;
    conn_log_begin(&log_, WSC_CLIENT, 4, NULL);
}

static void limit_piece(void *context, uint8_t *bytes, size_t len)
{
    (void)context;
    conn_log_feed(&log_, bytes, len);
}

static void limit_end(void *context, const char *how)
{
    const char *events = context;
    ck_assert_msg(strcmp(log_.text, events) == 0, "%s: %s", how, log_.text);
}

START_TEST(limit)
{
    char events[64];
    strcpy(events, limited[_i].events);
    struct feed f = {limit_begin, limit_piece, limit_end, events};
    feed(&f, (const uint8_t *)limited[_i].bytes, limited[_i].len);
}
END_TEST

/* The cut law on streams that nobody wrote down: frames of any kind, drawn from a seed. */
struct random_run {
    char events[sizeof log_.text], output[sizeof log_.output];
    bool known; /* the first pass, uncut, says what the others must be */
    enum wsc_role role;
};

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static size_t random_stream(uint32_t seed, bool masked, uint8_t *out, size_t size)
{
    static const uint8_t firsts[] = {0x81, 0x01, 0x80, 0x00, 0x82, 0x89, 0x8a, 0x88};
    uint32_t state = seed;
    size_t at = 0;
    while (at + 200 < size) {
        uint32_t dice = draw(&state);
        uint8_t first = dice % 64 == 0 ? (uint8_t)dice : firsts[dice % (seed % 2 ? 8 : 7)];
        struct wsc_frame frame = {.fin = first >> 7,
                                  .rsv = first >> 4 & 7,
                                  .opcode = first & 15,
                                  .masked = masked,
                                  .key = {1, 2, (uint8_t)dice, 0},
                                  .length = draw(&state) % (dice % 32 == 0 ? 130 : 12)};
        at += wsc_frame_write(&frame, out + at);
        uint8_t *data = out + at;
        for (size_t i = 0; i < frame.length; i++)
            data[i] = draw(&state) % 40 == 0 ? (uint8_t)draw(&state) : 'a';
        if (first == 0x88 && frame.length >= 2)
            memcpy(data, "\x03\xe8", 2);
        if (masked)
            wsc_mask(data, (size_t)frame.length, frame.key, 0);
        at += (size_t)frame.length;
    }
    return at;
}

static void random_begin(void *context)
{
    struct random_run *run = context;
    conn_log_begin(&log_, run->role, 100, NULL);
}

static void random_piece(void *context, uint8_t *bytes, size_t len)
{
    (void)context;
    conn_log_feed(&log_, bytes, len);
}

static void random_end(void *context, const char *how)
{
    struct random_run *run = context;
    if (!run->known) {
        memcpy(run->events, log_.text, log_.len + 1);
        memcpy(run->output, log_.output, log_.output_len + 1);
        run->known = true;
        return;
    }
    ck_assert_msg(strcmp(run->events, log_.text) == 0, "%s:\n%s\nnot\n%s", how, log_.text,
                  run->events);
    ck_assert_msg(strcmp(run->output, log_.output) == 0, "%s: %s", how, log_.output);
}

START_TEST(cuts_change_nothing)
{
    static struct random_run run;
    static uint8_t stream[1200];
    for (uint32_t seed = (uint32_t)_i * 20; seed < (uint32_t)(_i + 1) * 20; seed++) {
        run.known = false;
        run.role = seed % 4 < 2 ? WSC_SERVER : WSC_CLIENT;
        size_t n = random_stream(seed, run.role == WSC_SERVER, stream, sizeof stream);
        struct feed f = {random_begin, random_piece, random_end, &run};
        feed(&f, stream, n);
        ck_assert_uint_ne(log_.len, 0);
    }
}
END_TEST

/* Pings that fill the output: the endpoint waits, and loses none of them. */
START_TEST(small_output_buffer)
{
    uint8_t out[256], in[100 * 131], ping[131] = {0x89, 0xfd};
    struct wsc_conn c;
    struct wsc_conn_config config = {.role = WSC_SERVER};
    struct wsc_event event;
    size_t pings = 0, written = 0, stops = 0;
    for (size_t i = 0; i < 100; i++)
        memcpy(in + i * 131, ping, 131);
    wsc_conn_init(&c, &config, out, sizeof out);
    wsc_conn_feed(&c, in, sizeof in);
    while (!wsc_conn_hungry(&c)) {
        while (wsc_conn_next(&c, &event))
            pings += event.kind == WSC_EVENT_PING;
        const uint8_t *bytes;
        size_t n = wsc_conn_output(&c, &bytes);
        n = n > 100 ? 100 : n;
        wsc_conn_written(&c, n);
        written += n;
        stops++;
    }
    const uint8_t *bytes;
    written += wsc_conn_output(&c, &bytes);
    ck_assert_uint_eq(pings, 100);
    ck_assert_uint_eq(written, 100 * 127);
    ck_assert_uint_gt(stops, 50);
}
END_TEST

START_TEST(what_does_not_fit_is_not_written)
{
    uint8_t out[256], data[300] = {0};
    struct wsc_conn c;
    struct wsc_conn_config config = {.role = WSC_SERVER};
    wsc_conn_init(&c, &config, out, sizeof out);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_BINARY, true, data, 300), -1);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_BINARY, true, data, SIZE_MAX), -1);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_BINARY, true, data, 253), -1);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_BINARY, true, data, 252), 0);
    ck_assert_int_eq(wsc_conn_send(&c, WSC_BINARY, true, data, 0), -1);
    ck_assert_int_eq(wsc_conn_close(&c, 1000, NULL, 0), -1);
    wsc_conn_written(&c, 10);
    ck_assert_int_eq(wsc_conn_close(&c, 1000, NULL, 0), 0);
    const uint8_t *bytes;
    size_t n = wsc_conn_output(&c, &bytes);
    ck_assert_uint_eq(n, 250);
    ck_assert_int_eq(memcmp(bytes + 246, "\x88\x02\x03\xe8", 4), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conn");
    TCase *tcase = add_tcase(suite, "conn");
    tcase_add_test(tcase, sends_messages_and_fragments);
    tcase_add_test(tcase, client_masks_each_frame_anew);
    tcase_add_test(tcase, our_close_then_theirs);
    tcase_add_test(tcase, empty_close);
    tcase_add_test(tcase, finished_only_when_written);
    tcase_add_test(tcase, a_violation_after_our_close);
    tcase_add_test(tcase, nothing_counts_after_a_failure);
    tcase_add_loop_test(tcase, limit, 0, (int)(sizeof limited / sizeof *limited));
    tcase_add_loop_test(tcase, cuts_change_nothing, 0, 20);
    tcase_add_test(tcase, small_output_buffer);
    tcase_add_test(tcase, what_does_not_fit_is_not_written);
    return run_suite(suite);
}
