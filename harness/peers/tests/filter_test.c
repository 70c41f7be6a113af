/* The filters: idle they are not there, active they do their deed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wsp/chance.h>
#include "triggers.h"

/* What makes each filter do its deed. */
static const struct trigger triggers[] = {
    SERVER("accept-unmasked", OPEN "\x81\x01"
                                   "a"),
    SERVER("ignore-rsv1", OPEN "\xc1\x81\0\0\0\0a"),
    SERVER("ignore-rsv2-rsv3", OPEN "\xa1\x81\0\0\0\0a"),
    SERVER("ignore-rsv-on-control", OPEN "\x99\x81\0\0\0\0a"),
    SERVER("accept-reserved-opcode", OPEN "\x83\x81\0\0\0\0a"),
    SERVER("ignore-reserved-control-opcode", OPEN "\x8b\x80\0\0\0\0" PING_P),
    SERVER("accept-orphan-continuation", OPEN "\x80\x81\0\0\0\0a"),
    SERVER("accept-interleaved-message", OPEN "\x01\x81\0\0\0\0a" TEXT_A),
    SERVER("accept-fragmented-control", OPEN "\x09\x81\0\0\0\0a"),
    SERVER("accept-long-ping",
           OPEN "\x89\xfe\0\x7e\0\0\0\0"
                "0123456789012345678901234567890123456789012345678901234567890123456789"
                "01234567890123456789012345678901234567890123456789012345"),
    SERVER("ignore-one-byte-close", OPEN "\x88\x81\0\0\0\0\x03"),
    SERVER("deliver-cut-message", OPEN "\x01\x81\0\0\0\0a" CLOSE_1000),
    SERVER("ignore-zero-key", OPEN PING_P),
    SERVER("lose-continuation", OPEN "\x01\x81\0\0\0\0a\x80\x81\0\0\0\0b"),
    SERVER("lose-message-on-ping", OPEN "\x01\x81\0\0\0\0a" PING_P "\x80\x81\0\0\0\0b"),
    SERVER("accept-invalid-bytes", OPEN "\x81\x83\0\0\0\0a\xff"
                                        "b"),
    SERVER("accept-truncated-characters", OPEN "\x81\x82\0\0\0\0a\xc3"),
    SERVER("accept-surrogates", OPEN "\x81\x83\0\0\0\0\xed\xa0\x80"),
    SERVER("accept-too-large", OPEN "\x81\x84\0\0\0\0\xf4\x90\x80\x80"),
    SERVER("accept-overlong", OPEN "\x81\x82\0\0\0\0\xc0\xaf"),
    SERVER("accept-invalid-fragments", OPEN "\x01\x81\0\0\0\0\xe2\x80\x82\0\0\0\0\x28\xa1"),
    SERVER("no-pong", OPEN PING_P),
    SERVER("empty-pong", OPEN PING_P),
    SERVER("answer-pong", OPEN "\x8a\x81\0\0\0\0p"),
    SERVER("no-close-answer", OPEN CLOSE_1000),
    SERVER("two-closes", OPEN CLOSE_1000),
    SERVER("echo-after-close", OPEN CLOSE_1000 TEXT_A),
    SERVER("hold-tcp-open", OPEN CLOSE_1000),
    SERVER("refuse-legal-codes", OPEN "\x88\x82\0\0\0\0\x03\xf2"),
    SERVER("close-1005", OPEN "\x88\x80\0\0\0\0"),
    SERVER("echo-1006", OPEN "\x88\x82\0\0\0\0\x03\xee"),
    SERVER("echo-1015", OPEN "\x88\x82\0\0\0\0\x03\xf7"),
    SERVER("keep-processing-after-fail", OPEN "\x83\x80\0\0\0\0" PING_P),
    SERVER("fail-without-tcp-close", OPEN "\x83\x80\0\0\0\0"),
    SERVER("die-of-huge-length", OPEN "\x82\xff\x40\0\0\0\0\0\0\0\0\0\0\0x"),
    SERVER("answer-in-clear", OPEN),
    BELOW("clear-after-failed-tls", "\x16\x03" OPEN),
    SERVER("no-closure-alert", OPEN CLOSE_1000),
    SERVER("mask-frames", OPEN TEXT_A),
    SERVER("set-rsv", OPEN TEXT_A),
    SERVER("send-reserved-opcode", OPEN TEXT_A),
    SERVER("long-lengths", OPEN TEXT_A),
    SERVER("fragment-control", OPEN PING_P),
    SERVER("send-orphan-continuation", OPEN TEXT_A),
    SERVER("long-pong", OPEN PING_P),
    SERVER("one-byte-close", OPEN CLOSE_1000),
    SERVER("data-after-close", OPEN CLOSE_1000),
    SERVER("close-5000", OPEN CLOSE_1000),
    SERVER("send-invalid-text", OPEN TEXT_A),
    SERVER("change-type", OPEN TEXT_A),
    SERVER("accept-post", HEAD("POST", "HTTP/1.1", HOST UP KEY VERSION)),
    SERVER("accept-lower-case-get", HEAD("get", "HTTP/1.1", HOST UP KEY VERSION)),
    SERVER("accept-http-1.0", HEAD("GET", "HTTP/1.0", HOST UP KEY VERSION)),
    SERVER("accept-no-host", HEAD("GET", "HTTP/1.1", UP KEY VERSION)),
    SERVER("accept-two-hosts", HEAD("GET", "HTTP/1.1", HOST HOST UP KEY VERSION)),
    SERVER("accept-no-upgrade",
           HEAD("GET", "HTTP/1.1", HOST "Connection: Upgrade\r\n" KEY VERSION)),
    SERVER(
        "accept-other-protocol",
        HEAD("GET", "HTTP/1.1", HOST "Upgrade: websocketx\r\nConnection: Upgrade\r\n" KEY VERSION)),
    SERVER("accept-no-connection",
           HEAD("GET", "HTTP/1.1", HOST "Upgrade: websocket\r\n" KEY VERSION)),
    SERVER("accept-missing-key", HEAD("GET", "HTTP/1.1", HOST UP VERSION)),
    SERVER("accept-bad-key",
           HEAD("GET", "HTTP/1.1", HOST UP "Sec-WebSocket-Key: YWJj\r\n" VERSION)),
    SERVER("accept-missing-version", HEAD("GET", "HTTP/1.1", HOST UP KEY)),
    SERVER("accept-any-version",
           HEAD("GET", "HTTP/1.1", HOST UP KEY "Sec-WebSocket-Version: 12\r\n")),
    SERVER("accept-space-before-colon", UPGRADE("/", "X-One : 1\r\nX-Two\t : 2\r\n")),
    SERVER("accept-bad-length", UPGRADE("/", "Content-Length: abc\r\n")),
    SERVER("accept-unchunked-coding", UPGRADE("/", "Transfer-Encoding: chunked, gzip\r\n")),
    SERVER("body-parsed-as-frames", UPGRADE("/", "Content-Length: 7\r\n") PING_P),
    SERVER("ignore-close-option",
           HEAD("GET", "HTTP/1.1", HOST "Connection: close\r\n") HEAD("GET", "HTTP/1.1", HOST)),
    SERVER(
        "case-sensitive-upgrade",
        HEAD("GET", "HTTP/1.1", HOST "Upgrade: WebSocket\r\nConnection: Upgrade\r\n" KEY VERSION)),
    SERVER("connection-is-no-list",
           HEAD("GET", "HTTP/1.1",
                HOST "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" KEY VERSION)),
    SERVER("first-connection-line",
           HEAD("GET", "HTTP/1.1",
                HOST "Upgrade: websocket\r\nConnection: keep-alive\r\nConnection: Upgrade\r\n" KEY
                    VERSION)),
    SERVER("no-empty-elements",
           HEAD("GET", "HTTP/1.1",
                HOST "Upgrade: websocket\r\nConnection: ,, Upgrade ,\r\n" KEY VERSION)),
    SERVER("host-first", HEAD("GET", "HTTP/1.1", UP KEY VERSION HOST)),
    SERVER("no-unknown-headers", UPGRADE("/", "Sec-WebSocket-Wsproof: x\r\n")),
    SERVER(
        "case-sensitive-names",
        HEAD("GET", "HTTP/1.1", HOST "upgrade: websocket\r\nConnection: Upgrade\r\n" KEY VERSION)),
    SERVER("one-space", HEAD("GET", "HTTP/1.1",
                             HOST "Upgrade:websocket\r\nConnection: Upgrade\r\n" KEY VERSION)),
    SERVER("no-absolute-form", UPGRADE("http://localhost/", "")),
    CHOPPED("handshake-in-one-read", OPEN),
    SERVER("wrong-accept", OPEN),
    SERVER("no-accept", OPEN),
    SERVER("no-upgrade-header", OPEN),
    SERVER("no-connection-header", OPEN),
    SERVER("unasked-protocol", OPEN),
    SERVER("foreign-protocol", UPGRADE("/", "Sec-WebSocket-Protocol: x\r\n")),
    SERVER("empty-protocol", UPGRADE("/", "Sec-WebSocket-Protocol: x\r\n")),
    SERVER("unasked-extension", OPEN),
    SERVER("empty-extensions", UPGRADE("/", "Sec-WebSocket-Extensions: x\r\n")),
    SERVER("length-in-101", OPEN),
    SERVER("coding-in-101", OPEN),
    SERVER("old-101", OPEN),
    SERVER("line-feeds", OPEN),
    SERVER("short-status-line", OPEN),
    SERVER("line-behind-101", OPEN TEXT_A),
    SERVER("no-version-list", HEAD("GET", "HTTP/1.1", HOST UP KEY "Sec-WebSocket-Version: 12\r\n")),
    SERVER("no-allow", HEAD("POST", "HTTP/1.1", HOST)),
    SERVER("no-upgrade-in-426",
           HEAD("GET", "HTTP/1.1", HOST UP KEY "Sec-WebSocket-Version: 12\r\n")),
    SERVER("no-challenge", UPGRADE("/protected", "")),
    CLIENT("client-accept-any-accept", SWITCHING,
           "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "\x89\x01p"),
    CLIENT("client-accept-no-upgrade",
           "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n", NULL, "\x89\x01p"),
    CLIENT("client-accept-any-extension",
           SWITCHING "Sec-WebSocket-Extensions: permessage-deflate\r\n", NULL, "\x89\x01p"),
    CLIENT("client-accept-masked", SWITCHING, NULL, PING_P),
    CLIENT("client-unmasked", SWITCHING, NULL, "\x89\x01p"),
    CLIENT("client-no-version", SWITCHING, NULL, ""),
    CLIENT("client-short-key", SWITCHING, NULL, ""),
    CLIENT("client-early-frame", SWITCHING, NULL, ""),
};

static const struct wsp_filter_info *filter_at(size_t i)
{
    size_t mutants = 0;

    while (wsp_mutant_at(mutants))
        mutants++;
    return i < mutants ? wsp_mutant_at(i) : wsp_liberty_at(i - mutants);
}

static int filter_count(void)
{
    size_t n = 0;

    while (filter_at(n))
        n++;
    return (int)n;
}

static const struct trigger *find(const struct trigger *rows, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

static const struct trigger *trigger_of(const char *id)
{
    const struct trigger *row = find(triggers, sizeof triggers / sizeof *triggers, id);

    row = row ? row : find(handshake_triggers, handshake_trigger_count, id);
    row = row ? row : find(frame_triggers, frame_trigger_count, id);
    row = row ? row : deflate_trigger(id);
    row = row ? row : find(liberty_triggers, liberty_trigger_count, id);
    ck_assert_msg(row != NULL, "%s has no trigger", id);
    return row;
}

static void go_on(struct stage *stage, unsigned fragments)
{
    static uint8_t frame[14 + (64 << 10)] = {0, 0xff, 0, 0, 0, 0, 0, 1};

    for (; fragments > 0; fragments--)
        stage_say(stage, frame, sizeof frame, 0);
}

static void pad(struct stage *stage, size_t len)
{
    uint8_t *bytes = malloc(len);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'a', len);
    stage_say(stage, bytes, len, 0);
    free(bytes);
}

static void pull(struct stage *stage, const struct trigger *trigger)
{
    size_t from;

    if (trigger->client)
        stage_accept(stage, trigger->start, trigger->lines, trigger->bytes, trigger->len);
    else if (!trigger->below)
        stage_say(stage, trigger->bytes, trigger->len, trigger->chop);
    else if (wsp_peer_tls_failed(stage->peer, trigger->bytes, trigger->len, &from))
        stage_say(stage, trigger->bytes + from, trigger->len - from, 0);
    go_on(stage, trigger->fragments);
    if (trigger->more > 0)
        pad(stage, trigger->more);
}

static void check_alike(const struct stage *one, const struct stage *other, const char *id)
{
    size_t len = wsp_bytes_len(&one->said);

    ck_assert_msg(len == wsp_bytes_len(&other->said), "%s: %zu bytes, not %zu", id,
                  wsp_bytes_len(&other->said), len);
    ck_assert_msg(len == 0 ||
                      memcmp(wsp_bytes_data(&one->said), wsp_bytes_data(&other->said), len) == 0,
                  "%s", id);
    ck_assert_msg(wsp_peer_end(one->peer) == wsp_peer_end(other->peer), "%s: another end", id);
    ck_assert_uint_eq(wsp_peer_below(one->peer), wsp_peer_below(other->peer));
}

START_TEST(idle_is_transparent)
{
    const char *id = filter_at((size_t)_i)->id;
    const struct trigger *trigger = trigger_of(id);
    struct stage clean, idle;

    stage_open(&clean, trigger->client, NULL, false);
    stage_open(&idle, trigger->client, id, true);
    pull(&clean, trigger);
    pull(&idle, trigger);
    check_alike(&clean, &idle, id);
    ck_assert_uint_eq(idle.world.fired, 0);
    stage_end(&clean);
    stage_end(&idle);
    check_alike(&clean, &idle, id);
    stage_close(&clean);
    stage_close(&idle);
}
END_TEST

static bool differ(const struct stage *one, const struct stage *other)
{
    size_t len = wsp_bytes_len(&one->said);

    return len != wsp_bytes_len(&other->said) ||
           wsp_peer_end(one->peer) != wsp_peer_end(other->peer) ||
           wsp_peer_below(one->peer) != wsp_peer_below(other->peer) ||
           (len > 0 && memcmp(wsp_bytes_data(&one->said), wsp_bytes_data(&other->said), len) != 0);
}

/* At once, or when some time has passed. */
START_TEST(active_fires)
{
    const char *id = filter_at((size_t)_i)->id;
    const struct trigger *trigger = trigger_of(id);
    struct stage clean, active;
    bool at_once;

    stage_open(&clean, trigger->client, NULL, false);
    stage_open(&active, trigger->client, id, false);
    pull(&clean, trigger);
    pull(&active, trigger);
    at_once = differ(&clean, &active);
    stage_wait(&active, 6000);
    ck_assert_msg(active.world.fired > 0, "%s did not fire", id);
    if (strcmp(id, "byte-at-a-time") != 0)
        ck_assert_msg(at_once || differ(&clean, &active), "%s makes no difference", id);
    stage_end(&active);
    stage_wait(&active, 60000);
    ck_assert_msg(wsp_peer_end(active.peer) != WSP_OPEN, "%s never ends", id);
    stage_close(&clean);
    stage_close(&active);
}
END_TEST

/* Some hold an answer back until there is a second one. */
static bool awaits_another(const char *id)
{
    return strcmp(id, "last-ping-only") == 0 || strcmp(id, "interleave-messages") == 0;
}

/* What the filter did not meet passes through it unchanged. */
START_TEST(active_passes_the_rest)
{
    static const char odd[] =
        OPEN "\x01\x80\0\0\0\0\x89\xfe\0\x01\1\2\3\4x\x80\xff\0\0\0\0\0\0\0\x01\5\6\7\x08y" PING_P;
    const char *id = filter_at((size_t)_i)->id;
    struct stage clean, active;

    stage_open(&clean, false, NULL, false);
    stage_open(&active, false, id, false);
    stage_say(&clean, odd, sizeof odd - 1, 1);
    stage_say(&active, odd, sizeof odd - 1, 1);
    if (active.world.fired == 0 && !awaits_another(id))
        check_alike(&clean, &active, id);
    stage_close(&clean);
    stage_close(&active);
}
END_TEST

START_TEST(rows_are_complete)
{
    const struct wsp_filter_info *info = filter_at((size_t)_i);

    ck_assert(info->id[0] && info->requirement[0] && info->what[0]);
    ck_assert((info->killed_by == NULL) == (strcmp(info->kind, "liberty") == 0));
    ck_assert_ptr_eq(wsp_filter(info->id), info);
}
END_TEST

START_TEST(deadly_mutant_kills_its_world)
{
    const struct trigger *trigger = trigger_of("die-of-huge-length");
    struct stage stage;
    struct wsp_config config = {.world = &stage.world};
    struct wsp_peer *next;

    stage_open(&stage, false, trigger->id, false);
    pull(&stage, trigger);
    ck_assert(stage.world.dead);
    ck_assert_int_eq(wsp_peer_end(stage.peer), WSP_RESET);
    next = wsp_peer_new(&config, 0);
    ck_assert_int_eq(wsp_peer_end(next), WSP_RESET);
    wsp_peer_free(next);
    stage_close(&stage);
}
END_TEST

/* Random conversations: parts that mean something, with some bytes changed, cut anywhere. */

static size_t random_frame(uint64_t *chance, uint8_t *out)
{
    static const uint8_t opcodes[] = {0, 1, 1, 2, 8, 9, 9, 10, 3, 11};
    size_t len = wsp_chance(chance) % 20, n = 0;

    out[n++] = (uint8_t)((wsp_chance(chance) % 3 ? 0x80 : 0) |
                         opcodes[wsp_chance(chance) % sizeof opcodes]);
    out[n++] = (uint8_t)(0x80 | len);
    wsp_chance_bytes(chance, out + n, 4);
    n += 4;
    wsp_chance_bytes(chance, out + n, len);
    return n + len;
}

static size_t random_talk(uint64_t *chance, uint8_t *out, size_t room)
{
    static const char *const heads[] = {
        OPEN, HEAD("GET", "HTTP/1.1", HOST), UPGRADE("/foo", "Sec-WebSocket-Protocol: chat\r\n"),
        HEAD("POST", "HTTP/1.1", HOST "Content-Length: 9\r\n") "123456789"};
    size_t n = 0;

    for (size_t parts = 1 + wsp_chance(chance) % 3; parts > 0; parts--) {
        const char *head = heads[wsp_chance(chance) % (sizeof heads / sizeof *heads)];

        memcpy(out + n, head, strlen(head));
        n += strlen(head);
    }
    while (n + 64 < room)
        n += random_frame(chance, out + n);
    for (size_t changes = wsp_chance(chance) % 4; changes > 0; changes--)
        out[wsp_chance(chance) % n] = (uint8_t)wsp_chance(chance);
    return n;
}

static void converse(struct stage *stage, const uint8_t *bytes, size_t len, size_t chop)
{
    stage_say(stage, bytes, len, chop);
    stage_wait(stage, 500);
    stage_end(stage);
    stage_wait(stage, 30000);
    ck_assert_uint_lt(wsp_bytes_len(&stage->said), 1u << 20);
}

START_TEST(survives_random_input)
{
    const char *id = filter_at((size_t)_i)->id;
    uint64_t chance = (uint64_t)_i * 1000;
    uint8_t bytes[2048];

    for (int round = 0; round < 30; round++) {
        size_t len = random_talk(&chance, bytes, sizeof bytes);
        size_t chop = round % 3 == 0 ? 0 : 1 + wsp_chance(&chance) % 200;
        bool client = round % 5 == 4;
        struct stage clean, idle, active;

        stage_open(&clean, client, NULL, false);
        stage_open(&idle, client, id, true);
        stage_open(&active, client, id, false);
        converse(&clean, bytes, len, chop);
        converse(&idle, bytes, len, chop);
        converse(&active, bytes, len, chop);
        check_alike(&clean, &idle, id);
        stage_close(&clean);
        stage_close(&idle);
        stage_close(&active);
    }
}
END_TEST

/* Two filters in a row. */
START_TEST(filters_stack)
{
    const char *const filters[] = {"mask-frames", "empty-pong", NULL};
    struct wsp_world world = {0};
    struct wsp_config config = {.filters = filters, .world = &world};
    struct wsp_peer *peer = wsp_peer_new(&config, 0);
    static const char talk[] = OPEN PING_P;
    const uint8_t *bytes;
    size_t len;

    wsp_peer_receive(peer, (const uint8_t *)talk, sizeof talk - 1, 0);
    len = wsp_peer_output(peer, &bytes);
    ck_assert_uint_gt(len, 6);
    ck_assert_uint_eq(bytes[len - 6], 0x8a);
    ck_assert_uint_eq(bytes[len - 5], 0x80);
    ck_assert_uint_eq(world.fired, 2);
    wsp_peer_free(peer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("filters");
    TCase *cases = tcase_create("filters");
    int count = filter_count();

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, rows_are_complete, 0, count);
    tcase_add_loop_test(cases, idle_is_transparent, 0, count);
    tcase_add_loop_test(cases, active_fires, 0, count);
    tcase_add_loop_test(cases, active_passes_the_rest, 0, count);
    tcase_add_loop_test(cases, survives_random_input, 0, count);
    tcase_add_test(cases, deadly_mutant_kills_its_world);
    tcase_add_test(cases, filters_stack);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
