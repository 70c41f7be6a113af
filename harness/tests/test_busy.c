/* Who is busy is not at fault: one thread serves 64 connections, each event takes its time, and
 * what comes meanwhile waits in the order in which it came. */
#include "../sim_parts.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 64, SHARE = 4 };

/* The one thread. */
static uint64_t free_at, cost_ms;
static unsigned open_now, open_most;

/* A connection of the server of wsp/peer.h, whose input waits until the thread comes to it. */
struct busy {
    void *inner;
    uint8_t *input;
    size_t len, room;
    bool ended, reset, waits;
    uint64_t due;
};

static const struct wsh_sim_peer *const inner = &wsh_sim_reference;

/* Behind everything that waits already. */
static void queue_up(struct busy *busy, uint64_t now)
{
    if (busy->waits)
        return;
    free_at = (free_at > now ? free_at : now) + cost_ms;
    busy->due = free_at;
    busy->waits = true;
}

static void *busy_make(void *context, bool client, uint64_t now)
{
    struct busy *busy = calloc(1, sizeof *busy);
    ck_assert_ptr_nonnull(busy);
    busy->inner = inner->make(context, client, now);
    ck_assert_ptr_nonnull(busy->inner);
    queue_up(busy, now); /* to be accepted */
    open_most = ++open_now > open_most ? open_now : open_most;
    return busy;
}

static void busy_drop(void *peer)
{
    struct busy *busy = peer;
    inner->drop(busy->inner);
    free(busy->input);
    free(busy);
    open_now--;
}

static void busy_receive(void *peer, const uint8_t *data, size_t len, uint64_t now)
{
    struct busy *busy = peer;
    if (busy->len + len > busy->room) {
        busy->room = 2 * (busy->len + len);
        busy->input = realloc(busy->input, busy->room);
        ck_assert_ptr_nonnull(busy->input);
    }
    memcpy(busy->input + busy->len, data, len);
    busy->len += len;
    queue_up(busy, now);
}

static void busy_ended(void *peer, bool reset, uint64_t now)
{
    struct busy *busy = peer;
    busy->ended = true;
    busy->reset = reset;
    queue_up(busy, now);
}

static size_t busy_output(void *peer, const uint8_t **bytes)
{
    return inner->output(((struct busy *)peer)->inner, bytes);
}

static void busy_written(void *peer, size_t len, uint64_t now)
{
    inner->written(((struct busy *)peer)->inner, len, now);
}

static enum wsp_end busy_end(const void *peer)
{
    return inner->end(((const struct busy *)peer)->inner);
}

static uint64_t busy_deadline(const void *peer)
{
    const struct busy *busy = peer;
    uint64_t own = busy->waits ? busy->due : UINT64_MAX, its = inner->deadline(busy->inner);
    return own < its ? own : its;
}

static void busy_tick(void *peer, uint64_t now)
{
    struct busy *busy = peer;
    if (inner->deadline(busy->inner) <= now)
        inner->tick(busy->inner, now);
    if (!busy->waits || busy->due > now)
        return;
    busy->waits = false;
    if (busy->len > 0)
        inner->receive(busy->inner, busy->input, busy->len, now);
    busy->len = 0;
    if (busy->ended)
        inner->ended(busy->inner, busy->reset, now);
    busy->ended = false;
}

static const struct wsh_sim_peer busy_peer = {.make = busy_make,
                                              .drop = busy_drop,
                                              .receive = busy_receive,
                                              .ended = busy_ended,
                                              .output = busy_output,
                                              .written = busy_written,
                                              .end = busy_end,
                                              .deadline = busy_deadline,
                                              .tick = busy_tick};

static bool is_right(const struct wsq_case *c)
{
    return c->verdict == WSQ_PASS || c->verdict == WSQ_INFO || c->verdict == WSQ_SKIP;
}

/* In milliseconds: what one event costs.  With 64 connections the last one waits for 64 of them. */
static const uint64_t costs[] = {1, 5, 12, 20};
enum { COSTS = sizeof costs / sizeof *costs };

START_TEST(a_busy_server_is_not_wronged)
{
    bool whole = getenv("WSPROOF_WHOLE") != NULL;
    struct suite_run suite;
    free_at = open_most = 0;
    cost_ms = costs[_i];
    suite_run_shaped(&suite, &busy_peer, JOBS, whole ? 0 : SHARE, (unsigned)_i);
    ck_assert_int_eq(suite.end, WSH_COMPLETE);
    size_t wrong = 0;
    for (size_t i = 0; i < suite.run.case_count; i++) {
        const struct wsq_case *c = &suite.run.cases[i];
        if (is_right(c) || ++wrong > 5)
            continue;
        fprintf(stderr, "%s: %s: %s\n%s\n", c->id, wsq_verdict_name(c->verdict),
                c->reason ? c->reason : "", c->transcript ? c->transcript : "");
    }
    ck_assert_msg(wrong == 0, "%zu cases wrong a server that needs %llu ms for an event", wrong,
                  (unsigned long long)cost_ms);
    ck_assert_uint_ge(open_most, JOBS);
    suite_drop(&suite);
}
END_TEST

int main(void)
{
    suite_small_plan(); /* once, before the tests fork */
    Suite *suite = suite_create("busy");
    TCase *tcase = tcase_create("thread");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, a_busy_server_is_not_wronged, 0, COSTS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    suite_prove(runner, "thread", "busy servers that no case wrongs");
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
