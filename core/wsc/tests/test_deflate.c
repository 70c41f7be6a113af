/* permessage-deflate: round trips under all terms, limits, and memory that ends. */
#include <stdlib.h>
#include <string.h>

#include <wsc/conn.h>
#include <wsc/handshake.h>

#include "conn_log.h"
#include "feed.h"
#include "main.h"

/* Round trips. */

enum { MESSAGE = 70000, MESSAGES = 5 };

/* Words from a small list, so that matches lie at all distances; every third message is noise. */
static size_t make_message(uint8_t *out, unsigned n)
{
    static const size_t sizes[MESSAGES] = {200, 0, MESSAGE, 3000, 40000};
    uint32_t seed = n + 1;
    size_t len = sizes[n % MESSAGES];
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        char word = "word list"[(seed >> 16) % 9];
        out[i] = n % 3 == 2 && i % 7 != 0 ? (uint8_t)(seed >> 24) : (uint8_t)word;
    }
    if (len > 1500) /* the same again, at a distance that only some windows reach */
        memcpy(out + len / 2, out, len / 2 < 1000 ? len / 2 : 1000);
    return len;
}

struct way {
    struct wsc_deflate *deflate;
    struct wsc_inflate *inflate;
    struct wsc_findings findings;
};

static void open_way(struct way *way, enum wsc_role sender, const struct wsc_deflate_terms *terms,
                     int level, enum wsc_inflate_use use)
{
    memset(way, 0, sizeof *way);
    way->deflate = wsc_deflate_new(&heap, sender, terms, level);
    way->inflate = wsc_inflate_new(&heap, sender, terms, use);
    ck_assert(way->deflate != NULL && way->inflate != NULL);
}

static void close_way(struct way *way)
{
    wsc_deflate_free(way->deflate);
    wsc_inflate_free(way->inflate);
}

static struct wsc_piece piece_of(uint8_t *data, size_t len, bool first, bool fin)
{
    return (struct wsc_piece){.frame = {.fin = fin,
                                        .rsv = first ? WSC_RSV1 : 0,
                                        .opcode = first ? WSC_BINARY : WSC_CONT,
                                        .form = 7,
                                        .length = len},
                              .data = data,
                              .len = len,
                              .first = true,
                              .last = true};
}

/* Reads until the inflater has no more to say; what came out goes behind out[*at]. */
static enum wsc_inflated drain(struct way *way, uint8_t *out, size_t *at)
{
    const uint8_t *data;
    size_t len;
    enum wsc_inflated said;
    while ((said = wsc_inflate_next(way->inflate, &data, &len, &way->findings)) == WSC_INFLATED) {
        ck_assert_uint_le(*at + len, MESSAGE);
        memcpy(out + *at, data, len);
        *at += len;
    }
    return said;
}

/* One message in parts of that size. */
static void carry(struct way *way, const uint8_t *message, size_t len, size_t part)
{
    static uint8_t out[MESSAGE], packed[2 * MESSAGE];
    size_t at = 0, got = 0;
    enum wsc_inflated said;
    wsc_inflate_begin(way->inflate, WSC_BINARY, 0, 0);
    do {
        size_t n = len - at < part ? len - at : part;
        bool fin = at + n == len;
        size_t bound = wsc_deflate_bound(way->deflate, n);
        ck_assert_uint_le(bound, sizeof packed);
        size_t size = wsc_deflate_part(way->deflate, message + at, n, fin, packed, bound);
        ck_assert(!fin || size != 0);
        struct wsc_piece piece = piece_of(guarded(packed, size), size, at == 0, fin);
        wsc_inflate_feed(way->inflate, &piece);
        said = drain(way, out, &got);
        ck_assert_int_eq(said, fin ? WSC_INFLATE_END : WSC_INFLATE_HUNGRY);
        at += n;
    } while (said == WSC_INFLATE_HUNGRY);
    ck_assert_uint_eq(got, len);
    ck_assert(memcmp(out, message, len) == 0);
}

/* Each window, with and without takeover, seen by an endpoint and by an observer, who finds
 * nothing. */
START_TEST(a_round_trip)
{
    static uint8_t message[MESSAGE];
    static const size_t parts[] = {MESSAGE, 1000, 1};
    static const int levels[] = {6, 9, 1, 0};
    uint8_t bits = (uint8_t)(8 + _i % 8);
    bool alone = _i / 8 % 2 != 0;
    enum wsc_role sender = _i / 16 % 2 != 0 ? WSC_CLIENT : WSC_SERVER;
    struct wsc_deflate_terms terms = {.server_no_context_takeover = alone && sender == WSC_SERVER,
                                      .client_no_context_takeover = alone && sender == WSC_CLIENT};
    *(sender == WSC_SERVER ? &terms.server_max_window_bits : &terms.client_max_window_bits) = bits;
    for (unsigned use = 0; use < 2; use++) {
        struct way way;
        open_way(&way, sender, &terms, levels[_i % 4], (enum wsc_inflate_use)use);
        for (unsigned n = 0; n < 2 * MESSAGES; n++) {
            size_t len = make_message(message, n % (MESSAGES + 1));
            carry(&way, message, len, parts[len > 3000 ? n % 2 : n % 3]);
        }
        ck_assert_uint_eq(way.findings.total, 0);
        ck_assert_int_eq(wsc_inflate_broken(way.inflate)->rule, WSC_RULE_NONE);
        close_way(&way);
    }
}
END_TEST

/* The message that follows is smaller for the one before, unless that was forgotten. */
START_TEST(takeover_shows)
{
    static uint8_t out[1024];
    size_t sizes[2][2];
    for (unsigned alone = 0; alone < 2; alone++) {
        struct wsc_deflate_terms terms = {.client_no_context_takeover = alone != 0};
        struct wsc_deflate *d = wsc_deflate_new(&heap, WSC_CLIENT, &terms, 6);
        for (unsigned i = 0; i < 2; i++)
            sizes[alone][i] = wsc_deflate_part(d, (const uint8_t *)"some words of no weight", 23,
                                               true, out, sizeof out);
        wsc_deflate_free(d);
    }
    ck_assert_uint_lt(sizes[0][1], sizes[0][0]);
    ck_assert_uint_eq(sizes[1][1], sizes[1][0]);
}
END_TEST

/* A distance of 32768, which zlib's compressor never uses: 32768 bytes stored, then a match of 3.
 */
START_TEST(the_longest_distance)
{
    static uint8_t bytes[5 + 32768 + 16], out[MESSAGE];
    static const uint8_t match[] = {0x02, 0xde, 0xff, 0x0f, 0x00};
    struct wsc_deflate_terms terms = {.server_max_window_bits = (uint8_t)(15 - _i)};
    struct way way;
    size_t got = 0;
    memcpy(bytes, "\0\0\x80\xff\x7f", 5);
    for (unsigned i = 0; i < 32768; i++)
        bytes[5 + i] = (uint8_t)(i * 7 + i / 256);
    memcpy(bytes + 5 + 32768, match, sizeof match);
    open_way(&way, WSC_SERVER, &terms, 6, WSC_INFLATE_OBSERVE);
    wsc_inflate_begin(way.inflate, WSC_BINARY, 0, 0);
    struct wsc_piece piece = piece_of(bytes, 5 + 32768 + sizeof match, true, true);
    wsc_inflate_feed(way.inflate, &piece);
    ck_assert_int_eq(drain(&way, out, &got), WSC_INFLATE_END);
    ck_assert_uint_eq(got, 32768 + 3);
    ck_assert(memcmp(out + 32768, out, 3) == 0);
    ck_assert_uint_eq(way.findings.total, (unsigned)_i);
    if (_i == 1)
        ck_assert_int_eq(way.findings.list[0].rule, WSC_RULE_DEFLATE_SERVER_WINDOW);
    close_way(&way);
}
END_TEST

/* Occasions are had only where the bytes could have broken the rule. */
START_TEST(occasions_of_messages)
{
    struct wsc_deflate_terms terms = {.server_no_context_takeover = true,
                                      .server_max_window_bits = 9};
    static uint8_t message[MESSAGE];
    struct way way;
    open_way(&way, WSC_SERVER, &terms, 6, WSC_INFLATE_OBSERVE);
    carry(&way, message, 200, 200);
    ck_assert(wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_DATA));
    ck_assert(!wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_SERVER_WINDOW));
    ck_assert(!wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_SERVER_TAKEOVER));
    ck_assert(!wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_EMPTY));
    carry(&way, message, 600, 600);
    carry(&way, message, 0, 1);
    ck_assert(wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_SERVER_WINDOW));
    ck_assert(wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_SERVER_TAKEOVER));
    ck_assert(wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_EMPTY));
    ck_assert(!wsc_findings_had_occasion(&way.findings, WSC_RULE_DEFLATE_END));
    close_way(&way);
}
END_TEST

/* Two endpoints. */

static void no_key(void *context, uint8_t key[4])
{
    (void)context;
    memset(key, 0x5a, 4);
}

struct pair {
    struct wsc_conn client, server;
    struct way up, down; /* what the client sends, what the server sends */
    uint8_t client_out[2 * MESSAGE], server_out[2 * MESSAGE];
};

static void open_pair(struct pair *pair, const struct wsc_deflate_terms *terms, size_t out)
{
    open_way(&pair->up, WSC_CLIENT, terms, 6, WSC_INFLATE_STRICT);
    open_way(&pair->down, WSC_SERVER, terms, 6, WSC_INFLATE_STRICT);
    struct wsc_conn_config client = {.role = WSC_CLIENT,
                                     .key = no_key,
                                     .inflate = pair->down.inflate,
                                     .deflate = pair->up.deflate};
    struct wsc_conn_config server = {.role = WSC_SERVER,
                                     .max_message = MESSAGE,
                                     .inflate = pair->up.inflate,
                                     .deflate = pair->down.deflate};
    wsc_conn_init(&pair->client, &client, pair->client_out, out);
    wsc_conn_init(&pair->server, &server, pair->server_out, out);
}

/* Moves all output of one to the other, which must get this message. */
static void deliver(struct wsc_conn *from, struct wsc_conn *to, uint8_t opcode,
                    const uint8_t *message, size_t len)
{
    static uint8_t wire[2 * MESSAGE];
    const uint8_t *bytes;
    struct wsc_event event;
    size_t n = wsc_conn_output(from, &bytes), got = 0;
    bool ended = false;
    memcpy(wire, bytes, n);
    wsc_conn_written(from, n);
    ck_assert_uint_eq(wire[0] & 0x70, 0x40);
    wsc_conn_feed(to, wire, n);
    while (wsc_conn_next(to, &event)) {
        ck_assert_int_eq(event.kind, WSC_EVENT_DATA);
        ck_assert_uint_eq(event.opcode, opcode);
        ck_assert_int_eq(event.first, got == 0 && !ended);
        ck_assert_uint_le(got + event.len, len);
        if (event.len != 0)
            ck_assert(memcmp(message + got, event.data, event.len) == 0);
        got += event.len;
        ended = event.last;
        ck_assert(ended || !wsc_conn_hungry(to));
    }
    ck_assert(ended);
    ck_assert_uint_eq(got, len);
    ck_assert(wsc_conn_hungry(to));
}

START_TEST(two_endpoints_talk)
{
    static struct pair pair;
    static uint8_t message[MESSAGE];
    struct wsc_deflate_terms terms = {.server_max_window_bits = 9};
    open_pair(&pair, &terms, sizeof pair.client_out);
    for (unsigned n = 0; n < MESSAGES; n++) {
        size_t len = make_message(message, n), half = len / 2;
        ck_assert_int_eq(wsc_conn_send(&pair.client, WSC_BINARY, true, message, len), 0);
        deliver(&pair.client, &pair.server, WSC_BINARY, message, len);
        ck_assert_int_eq(wsc_conn_send(&pair.server, WSC_BINARY, false, message, half), 0);
        ck_assert_int_eq(wsc_conn_send(&pair.server, WSC_BINARY, true, message + half, len - half),
                         0);
        deliver(&pair.server, &pair.client, WSC_BINARY, message, len);
    }
    close_way(&pair.up);
    close_way(&pair.down);
}
END_TEST

/* What finds no room has touched neither the buffer nor the window. */
START_TEST(no_room_changes_nothing)
{
    static struct pair pair;
    static uint8_t message[MESSAGE];
    struct wsc_deflate_terms terms = {.server_max_window_bits = 0};
    size_t len = make_message(message, 0);
    open_pair(&pair, &terms, 512);
    ck_assert_int_eq(wsc_conn_send(&pair.client, WSC_BINARY, true, message, len), 0);
    ck_assert_int_eq(wsc_conn_send(&pair.client, WSC_BINARY, true, message, 600), -1);
    ck_assert_int_eq(wsc_conn_send(&pair.client, WSC_BINARY, true, message, 480), -1);
    deliver(&pair.client, &pair.server, WSC_BINARY, message, len);
    ck_assert_int_eq(wsc_conn_send(&pair.client, WSC_BINARY, true, message, len), 0);
    deliver(&pair.client, &pair.server, WSC_BINARY, message, len);
    close_way(&pair.up);
    close_way(&pair.down);
}
END_TEST

/* Limits and memory. */

/* A bomb costs what its limit says: no more comes out, and zlib is asked for one byte more. */
START_TEST(a_bomb_costs_its_limit)
{
    static uint8_t zeros[1 << 20], packed[1 << 16], out[MESSAGE];
    static const uint64_t limits[] = {1, 1000, 32768, 32769, 60000};
    struct wsc_deflate_terms terms = {.server_no_context_takeover = true};
    struct way way;
    open_way(&way, WSC_SERVER, &terms, 9, WSC_INFLATE_STRICT);
    size_t bound = wsc_deflate_bound(way.deflate, sizeof zeros);
    uint8_t *room = malloc(bound);
    size_t n = wsc_deflate_part(way.deflate, zeros, sizeof zeros, true, room, bound);
    ck_assert_uint_le(n, sizeof packed);
    memcpy(packed, room, n);
    free(room);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        size_t got = 0;
        wsc_inflate_begin(way.inflate, WSC_BINARY, 0, limits[i]);
        struct wsc_piece piece = piece_of(packed, n, true, true);
        wsc_inflate_feed(way.inflate, &piece);
        ck_assert_int_eq(drain(&way, out, &got), WSC_INFLATE_LIMIT);
        ck_assert_int_eq(drain(&way, out, &got), WSC_INFLATE_LIMIT);
        ck_assert_uint_eq(got, limits[i]);
    }
    carry(&way, zeros, 100, 100); /* without takeover the next message is read all the same */
    close_way(&way);
}
END_TEST

/* With takeover, what a cut message had in its window is lost, and so are all that follow. */
START_TEST(a_lost_window_stays_lost)
{
    static uint8_t cut[] = {0xf2, 0x48, 0xcd}, whole[] = {0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0};
    static uint8_t out[MESSAGE];
    struct wsc_deflate_terms terms = {.server_no_context_takeover = _i != 0};
    struct way way;
    size_t got = 0;
    open_way(&way, WSC_SERVER, &terms, 9, WSC_INFLATE_OBSERVE);
    wsc_inflate_begin(way.inflate, WSC_BINARY, 0, 0);
    ck_assert_int_eq(drain(&way, out, &got), WSC_INFLATE_HUNGRY);
    wsc_inflate_begin(way.inflate, WSC_BINARY, 0, 0); /* nothing was read: nothing is lost */
    struct wsc_piece piece = piece_of(cut, sizeof cut, true, false);
    wsc_inflate_feed(way.inflate, &piece);
    ck_assert_int_eq(drain(&way, out, &got), WSC_INFLATE_HUNGRY);
    for (unsigned i = 0; i < 2; i++) {
        got = 0;
        wsc_inflate_begin(way.inflate, WSC_TEXT, 0, 0);
        piece = piece_of(whole, sizeof whole, true, true);
        wsc_inflate_feed(way.inflate, &piece);
        ck_assert_int_eq(drain(&way, out, &got), _i ? WSC_INFLATE_END : WSC_INFLATE_BROKEN);
        ck_assert_uint_eq(got, _i ? 5 : 0);
    }
    ck_assert_uint_eq(way.findings.total, 0);
    close_way(&way);
}
END_TEST

/* An observer hears of bad UTF-8 once, and gets the whole message. */
START_TEST(an_observer_goes_on)
{
    static uint8_t stored[] = {0, 6, 0, 0xf9, 0xff, 'a', 0xff, 'b', 0xff, 0xe2, 0x82, 0};
    static uint8_t out[MESSAGE];
    struct wsc_deflate_terms terms = {.server_max_window_bits = 0};
    struct way way;
    size_t got = 0;
    open_way(&way, WSC_SERVER, &terms, 9, WSC_INFLATE_OBSERVE);
    wsc_inflate_begin(way.inflate, WSC_TEXT, 7, 0);
    struct wsc_piece piece = piece_of(stored, sizeof stored, true, true);
    wsc_inflate_feed(way.inflate, &piece);
    ck_assert_int_eq(drain(&way, out, &got), WSC_INFLATE_END);
    ck_assert_uint_eq(got, 6);
    ck_assert_uint_eq(way.findings.total, 1);
    ck_assert_int_eq(way.findings.list[0].rule, WSC_RULE_TEXT_UTF8);
    ck_assert_uint_eq(way.findings.list[0].at, 7);
    ck_assert_int_eq(wsc_inflate_broken(way.inflate)->rule, WSC_RULE_TEXT_UTF8);
    close_way(&way);
}
END_TEST

/* Gives memory `left` times; counts what is out. */
struct purse {
    unsigned left, out;
};

static void *spend(void *context, size_t size)
{
    struct purse *purse = context;
    if (purse->left == 0)
        return NULL;
    purse->left--;
    purse->out++;
    return malloc(size);
}

static void refund(void *context, void *memory)
{
    struct purse *purse = context;
    ck_assert_ptr_nonnull(memory);
    purse->out--;
    free(memory);
}

START_TEST(each_allocation_may_fail)
{
    static uint8_t hello[] = {0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0};
    static uint8_t out[MESSAGE];
    struct wsc_deflate_terms terms = {.server_max_window_bits = 0};
    struct purse purse = {(unsigned)_i, 0};
    struct wsc_memory memory = {spend, refund, &purse};
    struct way way = {.deflate = wsc_deflate_new(&memory, WSC_SERVER, &terms, 6)};
    ck_assert_int_eq(way.deflate != NULL, _i >= 6);
    wsc_deflate_free(way.deflate);
    ck_assert_uint_eq(purse.out, 0);

    purse.left = (unsigned)_i;
    way.inflate = wsc_inflate_new(&memory, WSC_SERVER, &terms, WSC_INFLATE_STRICT);
    ck_assert_int_eq(way.inflate != NULL, _i >= 2);
    if (way.inflate != NULL) {
        size_t got = 0;
        wsc_inflate_begin(way.inflate, WSC_TEXT, 0, 0);
        struct wsc_piece piece = piece_of(hello, sizeof hello, true, true);
        wsc_inflate_feed(way.inflate, &piece);
        ck_assert_int_eq(drain(&way, out, &got), _i < 3 ? WSC_INFLATE_NO_MEMORY : WSC_INFLATE_END);
        ck_assert_uint_eq(got, 5);
    }
    wsc_inflate_free(way.inflate);
    ck_assert_uint_eq(purse.out, 0);
}
END_TEST

/* The window is allocated with the first message: a connection without memory for it is failed. */
START_TEST(a_connection_without_memory_is_failed)
{
    static uint8_t bytes[] = {0xc1, 7, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0};
    struct wsc_deflate_terms terms = {.server_max_window_bits = 0};
    struct purse purse = {2, 0};
    struct wsc_memory memory = {spend, refund, &purse};
    struct wsc_conn_config config = {.role = WSC_CLIENT, .key = no_key};
    struct wsc_conn conn;
    struct wsc_event event;
    uint8_t out[256];
    config.inflate = wsc_inflate_new(&memory, WSC_SERVER, &terms, WSC_INFLATE_STRICT);
    config.deflate = wsc_deflate_new(&heap, WSC_CLIENT, &terms, 6);
    wsc_conn_init(&conn, &config, out, sizeof out);
    wsc_conn_feed(&conn, bytes, sizeof bytes);
    ck_assert(wsc_conn_next(&conn, &event));
    ck_assert_int_eq(event.kind, WSC_EVENT_DATA);
    ck_assert(wsc_conn_next(&conn, &event));
    ck_assert_int_eq(event.kind, WSC_EVENT_FAIL);
    ck_assert_uint_eq(event.code, 1011);
    wsc_inflate_free(config.inflate);
    wsc_deflate_free(config.deflate);
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof *(rows))

int main(void)
{
    Suite *suite = suite_create("deflate");
    TCase *tcase = add_tcase(suite, "deflate");
    tcase_add_loop_test(tcase, a_round_trip, 0, 32);
    tcase_add_test(tcase, takeover_shows);
    tcase_add_loop_test(tcase, the_longest_distance, 0, 2);
    tcase_add_test(tcase, occasions_of_messages);
    tcase_add_test(tcase, two_endpoints_talk);
    tcase_add_test(tcase, no_room_changes_nothing);
    tcase_add_test(tcase, a_bomb_costs_its_limit);
    tcase_add_loop_test(tcase, a_lost_window_stays_lost, 0, 2);
    tcase_add_test(tcase, an_observer_goes_on);
    tcase_add_loop_test(tcase, each_allocation_may_fail, 0, 8);
    tcase_add_test(tcase, a_connection_without_memory_is_failed);
    return run_suite(suite);
}
