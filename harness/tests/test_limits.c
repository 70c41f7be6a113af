/* Ladders and timeouts against peers in memory whose limits are known, in virtual time. */
#include "../sim_parts.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/scan.h>
#include <wsh/limits.h>

/* What a peer accepts; 0: anything. */
struct house {
    uint64_t message, frame, fragments, head, line, connections;
    uint64_t connect_ms, handshake_ms, idle_ms, ended_ms, close_ms;
    uint64_t ping_ms; /* its first ping */
    uint64_t deadly;  /* a message that kills it */
    bool mute;        /* what it does not accept it does not answer either */
    bool babble;      /* … and behind the handshake it pings without end */
    struct wsp_world world;
    struct wsp_config config;
    struct wsh_target target;
    bool dead;
    uint64_t open;
    uint64_t shortest; /* head that it has read to its end */
    unsigned launches;
};

/* A filter before the reference peer. */
struct guest {
    struct house *house;
    void *inner;
    uint64_t head, line;
    uint8_t last[4];
    bool upgraded, silenced, over, closing;
    struct wsc_scan scan;
    uint64_t message, fragments;
    uint64_t due, ping_due;
    uint8_t out[200];
    size_t n;
};

static void *guest_make(void *context, bool client, uint64_t now)
{
    struct house *house = context;
    if (house->dead || (house->connections && house->open >= house->connections))
        return NULL;
    struct guest *guest = calloc(1, sizeof *guest);
    guest->house = house;
    guest->inner = wsh_sim_reference.make(&house->config, client, now);
    guest->due = house->connect_ms ? now + house->connect_ms : UINT64_MAX;
    guest->ping_due = UINT64_MAX;
    house->open++;
    return guest;
}

static void guest_drop(void *peer)
{
    struct guest *guest = peer;
    guest->house->open--;
    wsh_sim_reference.drop(guest->inner);
    free(guest);
}

static void say(struct guest *guest, const char *bytes, size_t n)
{
    ck_assert_uint_le(guest->n + n, sizeof guest->out);
    memcpy(guest->out + guest->n, bytes, n);
    guest->n += n;
}

/* Says no, and ends: at once behind a status, behind a Close when it was answered or waited for. */
static void refuse(struct guest *guest, const char *bytes, size_t n, uint64_t end)
{
    guest->silenced = true;
    guest->due = end;
    if (!guest->house->mute)
        say(guest, bytes, n);
    else
        guest->due = UINT64_MAX;
    if (guest->house->babble && guest->upgraded)
        guest->ping_due = end;
}

static void refuse_head(struct guest *guest, uint64_t now)
{
    static const char words[] = "HTTP/1.1 431 Too Large\r\nContent-Length: 0\r\n\r\n";
    refuse(guest, words, sizeof words - 1, now);
}

static void fail_with(struct guest *guest, const char *close, uint64_t now)
{
    guest->closing = true;
    refuse(guest, close, 4, now + guest->house->close_ms);
}

static void read_head(struct guest *guest, const uint8_t *data, size_t len, uint64_t now)
{
    const struct house *house = guest->house;
    for (size_t i = 0; i < len && !guest->upgraded; i++) {
        guest->head++;
        guest->line = data[i] == '\n' ? 0 : guest->line + (data[i] != '\r');
        memmove(guest->last, guest->last + 1, 3);
        guest->last[3] = data[i];
        guest->upgraded = memcmp(guest->last, "\r\n\r\n", 4) == 0;
        if ((house->head && guest->head > house->head) ||
            (house->line && guest->line > house->line)) {
            refuse_head(guest, now);
            return;
        }
    }
    guest->due = house->handshake_ms ? now + house->handshake_ms : UINT64_MAX;
    if (guest->upgraded) {
        if (!house->shortest || guest->head < house->shortest)
            guest->house->shortest = guest->head;
        guest->due = house->idle_ms ? now + house->idle_ms : UINT64_MAX;
        guest->ping_due = house->ping_ms ? now + house->ping_ms : UINT64_MAX;
    }
}

static void read_frame(struct guest *guest, const struct wsc_piece *piece, uint64_t now)
{
    struct house *house = guest->house;
    const struct wsc_frame *frame = &piece->frame;
    bool control = wsc_is_control(frame->opcode);
    if (guest->silenced) {
        if (guest->closing && frame->opcode == WSC_CLOSE)
            guest->due = now; /* our answer */
        return;
    }
    if (frame->opcode == WSC_CLOSE && house->ended_ms) {
        refuse(guest, "\x88\x02\x03\xe8", 4, now + house->ended_ms);
        return;
    }
    if (!control && piece->first) {
        guest->message += frame->length;
        guest->fragments++;
    }
    house->dead = house->dead || (house->deadly && guest->message >= house->deadly);
    bool large = (house->message && guest->message > house->message) ||
                 (house->frame && frame->length > house->frame) ||
                 (house->fragments && guest->fragments > house->fragments);
    if (large)
        fail_with(guest, "\x88\x02\x03\xf1", now);
    else if (!control && piece->len && piece->data[0] == 0xff)
        fail_with(guest, "\x88\x02\x03\xef", now);
    if (!control && piece->last && frame->fin)
        guest->message = guest->fragments = 0;
}

static void guest_receive(void *peer, const uint8_t *data, size_t len, uint64_t now)
{
    struct guest *guest = peer;
    static uint8_t copy[1 << 17];
    ck_assert_uint_le(len, sizeof copy);
    memcpy(copy, data, len);
    if (!guest->upgraded && !guest->silenced) {
        read_head(guest, data, len, now);
    } else {
        struct wsc_piece piece;
        uint8_t *p = copy;
        for (size_t left = len, used; left; p += used, left -= used)
            if (wsc_scan_next(&guest->scan, p, left, &used, &piece))
                read_frame(guest, &piece, now);
    }
    if (!guest->silenced)
        wsh_sim_reference.receive(guest->inner, data, len, now);
}

static void guest_ended(void *peer, bool reset, uint64_t now)
{
    struct guest *guest = peer;
    guest->over = true;
    wsh_sim_reference.ended(guest->inner, reset, now);
}

static size_t guest_output(void *peer, const uint8_t **bytes)
{
    struct guest *guest = peer;
    *bytes = guest->out;
    if (guest->n || guest->silenced)
        return guest->n;
    return wsh_sim_reference.output(guest->inner, bytes);
}

static void guest_written(void *peer, size_t len, uint64_t now)
{
    struct guest *guest = peer;
    if (!guest->n) {
        wsh_sim_reference.written(guest->inner, len, now);
        return;
    }
    memmove(guest->out, guest->out + len, guest->n - len);
    guest->n -= len;
}

static enum wsp_end guest_end(const void *peer)
{
    const struct guest *guest = peer;
    if (guest->house->dead)
        return WSP_RESET;
    if (guest->silenced)
        return guest->due == 0 || guest->over ? WSP_FIN : WSP_OPEN;
    return wsh_sim_reference.end(guest->inner);
}

static uint64_t guest_deadline(const void *peer)
{
    const struct guest *guest = peer;
    uint64_t inner = guest->silenced ? UINT64_MAX : wsh_sim_reference.deadline(guest->inner);
    uint64_t own = guest->due == 0 ? UINT64_MAX : guest->due;
    own = guest->ping_due < own ? guest->ping_due : own;
    return own < inner ? own : inner;
}

static void guest_tick(void *peer, uint64_t now)
{
    struct guest *guest = peer;
    if (now >= guest->ping_due) {
        guest->ping_due = guest->house->babble ? now + 10 : UINT64_MAX;
        say(guest, "\x89\x00", 2);
    }
    if (guest->due && now >= guest->due) {
        guest->silenced = true;
        guest->due = 0;
    }
    if (!guest->silenced)
        wsh_sim_reference.tick(guest->inner, now);
}

static const struct wsh_sim_peer guests = {.make = guest_make,
                                           .drop = guest_drop,
                                           .receive = guest_receive,
                                           .ended = guest_ended,
                                           .output = guest_output,
                                           .written = guest_written,
                                           .end = guest_end,
                                           .deadline = guest_deadline,
                                           .tick = guest_tick};

/* ---- finding ---- */

static bool is_dead(struct wsh_target *target)
{
    return ((struct house *)((char *)target - offsetof(struct house, target)))->dead;
}

static bool revive(void *context)
{
    struct house *house = context;
    house->dead = false;
    house->launches++;
    return house->launches < 3;
}

struct found {
    struct wsq_run run;
    uint64_t took;
};

static struct found find(struct house *house, bool own)
{
    static const struct wss_profile profile = {
        .host = "h", .port = 80, .authority = "h", .path = "/"};
    struct found found = {0};
    struct wsh_sim_config config = {.seed = 1, .whole = true, .peer = &guests, .context = house};
    struct wsh_sim *sim = wsh_sim_new(&config);
    house->config.world = &house->world;
    house->target.dead = is_dead;
    const struct wsh_limits limits = {.loop = wsh_sim_loop(sim),
                                      .profile = &profile,
                                      .patience_ms = 2000,
                                      .wait_ms = 10000,
                                      .connections = 200,
                                      .target = own ? &house->target : NULL,
                                      .revive = own ? revive : NULL,
                                      .context = house};
    uint64_t from = limits.loop->now(limits.loop);
    wsh_limits_find(&limits, &found.run);
    found.took = limits.loop->now(limits.loop) - from;
    wsh_sim_free(sim);
    return found;
}

static const struct wsq_limit *limit_of(const struct found *found, const char *name)
{
    for (size_t i = 0; i < found->run.limit_count; i++)
        if (strcmp(found->run.limits[i].name, name) == 0)
            return &found->run.limits[i];
    ck_abort_msg("no limit %s", name);
}

static void expect(const struct found *found, const char *name, uint64_t held, uint64_t refused,
                   const char *how)
{
    const struct wsq_limit *limit = limit_of(found, name);
    ck_assert_msg(limit->held == held && limit->refused == refused,
                  "%s: %llu and %llu, expected %llu and %llu", name,
                  (unsigned long long)limit->held, (unsigned long long)limit->refused,
                  (unsigned long long)held, (unsigned long long)refused);
    if (how)
        ck_assert_msg(limit->how && strstr(limit->how, how), "%s: %s", name, limit->how);
}

/* ---- the tests ---- */

START_TEST(limits_are_found_exactly)
{
    struct house house = {.message = 100000,
                          .frame = 65536,
                          .fragments = 300,
                          .head = 5000,
                          .line = 1234,
                          .connections = 37};
    struct found found = find(&house, false);
    expect(&found, "message", 100000, 100001, "close 1009");
    expect(&found, "frame", 65536, 65537, "close 1009");
    expect(&found, "fragments", 300, 301, "close 1009");
    expect(&found, "line", 1234, 1235, "431");
    expect(&found, "head", 5000, 5001, "431");
    expect(&found, "connections", 37, 38, "refused");
    ck_assert(wsh_limits_allow(&found.run, "message", 100000));
    ck_assert(!wsh_limits_allow(&found.run, "message", 100001));
    ck_assert(wsh_limits_allow(&found.run, "unheard-of", 100001));
    wsq_run_drop(&found.run);
}
END_TEST

START_TEST(what_has_no_limit_is_said_as_at_least)
{
    struct house house = {0};
    struct found found = find(&house, false);
    expect(&found, "message", 16 << 20, 0, NULL);
    expect(&found, "frame", 16 << 20, 0, NULL);
    expect(&found, "connections", 200, 0, NULL);
    char *text = wsq_limit_text(limit_of(&found, "message"));
    ck_assert_str_eq(text, "largest message: at least 16777216 bytes");
    free(text);
    wsq_run_drop(&found.run);
}
END_TEST

START_TEST(timeouts_are_measured_together)
{
    struct house house = {.connect_ms = 5000,
                          .handshake_ms = 4000,
                          .idle_ms = 7000,
                          .ended_ms = 3000,
                          .close_ms = 2500,
                          .ping_ms = 1500};
    struct found found = find(&house, false);
    expect(&found, "connect", 5000, 5000, "end");
    expect(&found, "handshake", 4000, 4000, "end");
    expect(&found, "idle", 7000, 7000, "end");
    expect(&found, "ended", 3000, 3000, "end");
    expect(&found, "close", 2500, 2500, "end");
    expect(&found, "ping", 1500, 1500, NULL);
    char *text = wsq_limit_text(limit_of(&found, "handshake"));
    ck_assert_ptr_nonnull(strstr(text, "waits for the rest of a request: 4.00 s, then "));
    free(text);
    ck_assert_uint_lt(found.took, 20000);
    wsq_run_drop(&found.run);
}
END_TEST

START_TEST(a_timeout_behind_the_cap_is_at_least)
{
    struct house house = {.idle_ms = 11000, .ended_ms = 60000};
    struct found found = find(&house, false);
    expect(&found, "idle", 10000, 0, NULL);
    expect(&found, "ended", 10000, 0, NULL);
    wsq_run_drop(&found.run);
}
END_TEST

/* It is started anew, and not killed again for the sake of knowing better. */
START_TEST(a_death_is_a_fact)
{
    struct house house = {.deadly = 20000};
    struct found found = find(&house, true);
    expect(&found, "message", 16384, 32768, "process ended");
    expect(&found, "frame", 16384, 0, NULL);
    expect(&found, "connections", 200, 0, NULL);
    expect(&found, "fragments", 16384, 32768, "process ended");
    ck_assert_uint_eq(house.launches, 2);
    wsq_run_drop(&found.run);
}
END_TEST

START_TEST(a_target_that_is_gone_ends_the_search)
{
    struct house house = {.deadly = 20000};
    struct found found = find(&house, false);
    ck_assert_uint_eq(found.run.limit_count, 1);
    expect(&found, "message", 16384, 32768, "answers no more");
    wsq_run_drop(&found.run);
}
END_TEST

/* A line is "X-Filler: x" at the least, and two bytes more with its end. */
START_TEST(nothing_may_be_added_to_a_request)
{
    struct house house = {.message = 10, .fragments = 2, .connections = 2}, narrow = house;
    struct found found = find(&house, false);
    wsq_run_drop(&found.run);
    ck_assert_uint_gt(house.shortest, 0);
    narrow.head = house.shortest + (_i ? 12 : 0);
    found = find(&narrow, false);
    expect(&found, "line", 0, 11, "431");
    expect(&found, "head", 0, house.shortest + 13, "431");
    expect(&found, "lines", 0, 1, "431");
    wsq_run_drop(&found.run);
}
END_TEST

/* Who refuses by silence is believed the second time, and costs no more than a minute and a bit. */
START_TEST(a_hostile_peer_hangs_nothing)
{
    struct house house = {
        .message = 100000, .fragments = 300, .head = 5000, .mute = true, .babble = _i};
    struct found found = find(&house, false);
    const struct wsq_limit *message = limit_of(&found, "message");
    ck_assert_uint_le(message->held, 100000);
    ck_assert_uint_gt(message->refused, 100000);
    ck_assert_uint_lt(found.took, 120000);
    wsq_run_drop(&found.run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wsh limits");
    TCase *tcase = tcase_create("limits");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, limits_are_found_exactly);
    tcase_add_test(tcase, what_has_no_limit_is_said_as_at_least);
    tcase_add_test(tcase, timeouts_are_measured_together);
    tcase_add_test(tcase, a_timeout_behind_the_cap_is_at_least);
    tcase_add_test(tcase, a_death_is_a_fact);
    tcase_add_test(tcase, a_target_that_is_gone_ends_the_search);
    tcase_add_loop_test(tcase, nothing_may_be_added_to_a_request, 0, 2);
    tcase_add_loop_test(tcase, a_hostile_peer_hangs_nothing, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
