/* Memory ends at each allocation in turn, of a whole run on the loop in memory: every case keeps
 * its verdict, is `error`, or is missing from a run that says that it is incomplete. */
#include "../sim_parts.h"
#include "scarce.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/loop_sim.h>
#include <wsh/run.h>

#define HEAD(id) "case m/" id "\n  title  t\n  cites  6455-5.2-9\n"
#define OPEN "\n  > GET\n  < 101\n"

static const char script[] =
    HEAD("echo") "  needs  echo\n" OPEN
                 "  > text \"hello\"\n  < echo\n  > close 1000\n  < close\n" HEAD("wrong") OPEN
    "  > text \"hello\"\n  < text \"olleh\"\n" HEAD("absent") OPEN "  < text \"never\"\n" HEAD(
        "refused") "\n  > GET\n    Upgrade: nothing\n  < 101  "
                   "@6455-4.2.1-3\n" HEAD("skipped") "  needs  flood\n" OPEN "  alive\n"
                                                     "case m/law\n  title  t\n" OPEN
                                                     "  let secret up = header Upgrade\n  > "
                                                     "text \"$up\"\n"
                                                     "  < text ~/web/\n  bob> GET\n  bob< "
                                                     "101\n  bob alive\n"
                                                     "case m/watch\n  title  t\n  watch  "
                                                     "6455-5.1-5\n";

static const struct {
    const char *id;
    enum wsq_verdict verdict;
} wanted[] = {{"m/echo", WSQ_PASS},
              {"m/wrong", WSQ_FAIL},
              {"m/absent", WSQ_FAIL},
              {"m/refused", WSQ_FAIL},
              {"m/skipped", WSQ_SKIP},
              {"m/law", WSQ_PASS},
              {"probe/subprotocol", WSQ_PASS},
              {"m/watch", WSQ_PASS}};

/* ---- the peer has memory enough ---- */

static void *make(void *context, bool client, uint64_t now)
{
    scarce_hold(true);
    void *peer = wsh_sim_reference.make(context, client, now);
    scarce_hold(false);
    return peer;
}

static void drop(void *peer)
{
    scarce_hold(true);
    wsh_sim_reference.drop(peer);
    scarce_hold(false);
}

static void receive(void *peer, const uint8_t *data, size_t len, uint64_t now)
{
    scarce_hold(true);
    wsh_sim_reference.receive(peer, data, len, now);
    scarce_hold(false);
}

static void ended(void *peer, bool reset, uint64_t now)
{
    scarce_hold(true);
    wsh_sim_reference.ended(peer, reset, now);
    scarce_hold(false);
}

static size_t output(void *peer, const uint8_t **bytes)
{
    scarce_hold(true);
    size_t n = wsh_sim_reference.output(peer, bytes);
    scarce_hold(false);
    return n;
}

static void written(void *peer, size_t len, uint64_t now)
{
    scarce_hold(true);
    wsh_sim_reference.written(peer, len, now);
    scarce_hold(false);
}

static void tick(void *peer, uint64_t now)
{
    scarce_hold(true);
    wsh_sim_reference.tick(peer, now);
    scarce_hold(false);
}

/* ---- a run ---- */

static const struct wsq_case *find(const struct wsq_run *run, const char *id)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (strcmp(run->cases[i].id, id) == 0)
            return &run->cases[i];
    return NULL;
}

/* Its n-th allocation fails; false: it has no more than n. */
static bool play(const struct wss_plan *plan, unsigned n, struct wsq_run *run, enum wsh_end *end)
{
    struct wsp_world world = {.seed = 1};
    struct wsp_config peer = {.world = &world};
    struct wsh_sim_peer wealthy = wsh_sim_reference;
    wealthy.make = make;
    wealthy.drop = drop;
    wealthy.receive = receive;
    wealthy.ended = ended;
    wealthy.output = output;
    wealthy.written = written;
    wealthy.tick = tick;
    struct wsh_sim_config config = {.seed = 1, .whole = true, .peer = &wealthy, .context = &peer};
    struct wsh_sim *sim = wsh_sim_new(&config);
    const char *const has[] = {"subprotocol"};
    struct wsh_options options = {
        .profile = {.host = "h", .port = 80, .authority = "h", .path = "/"},
        .has = has,
        .has_count = 1,
        .seed = 1,
        .replay = "again"};
    *run = (struct wsq_run){0};
    scarce_begin(n);
    *end = wsh_run(plan, &options, wsh_sim_loop(sim), NULL, NULL, run);
    bool met = scarce_end();
    wsh_sim_free(sim);
    return met;
}

/* Whatever a run tells is there to be written. */
static void check_whole(const struct wsq_case *c)
{
    ck_assert(c->id && c->title && c->suite);
    ck_assert_msg(c->reason || c->verdict == WSQ_PASS, "%s: no reason", c->id);
    for (size_t i = 0; i < c->fault_count; i++)
        ck_assert(c->faults[i].step && c->faults[i].expected && c->faults[i].saw);
    for (size_t i = 0; i < c->cite_count; i++)
        ck_assert_ptr_nonnull(c->cites[i]);
    for (size_t i = 0; i < c->attempt_count; i++)
        ck_assert(c->attempts[i].reason || c->attempts[i].verdict == WSQ_PASS);
    for (size_t i = 0; i < c->wire_count; i++)
        ck_assert(c->wire[i].bytes && c->wire[i].what);
}

static void hold_to(const struct wsq_run *whole, const struct wsq_run *run, enum wsh_end end,
                    unsigned n)
{
    ck_assert_msg(end != WSH_UNREACHABLE, "allocation %u: unreachable: %s", n, run->incomplete);
    ck_assert_int_eq(run->complete, end == WSH_COMPLETE);
    for (size_t i = 0; i < run->case_count; i++)
        check_whole(&run->cases[i]);
    for (size_t i = 0; i < whole->case_count; i++) {
        const struct wsq_case *before = &whole->cases[i], *c = find(run, before->id);
        ck_assert_msg(c || end == WSH_INCOMPLETE, "allocation %u: %s is missing", n, before->id);
        if (c && c->verdict != before->verdict && c->verdict != WSQ_ERROR)
            ck_abort_msg("allocation %u: %s: %s, not %s: %s", n, c->id,
                         wsq_verdict_name(c->verdict), wsq_verdict_name(before->verdict),
                         c->reason);
        /* What memory took from us was not taken for what the peer did not do. */
        bool same = c && c->slow == before->slow && c->attempt_count == before->attempt_count;
        ck_assert_msg(!c || c->verdict == WSQ_ERROR || same, "allocation %u: %s: %zu attempts", n,
                      c->id, c->attempt_count);
    }
}

START_TEST(each_allocation_of_a_run_fails)
{
    struct wsn_arena arena = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_errors errors = {0};
    const struct wsn_file *file = wsn_parse(&arena, "m", script, sizeof script - 1, &errors);
    struct wsq_run whole, run;
    enum wsh_end end;
    bool met;

    wss_plan_add(&plan, file, NULL, &errors);
    ck_assert_msg(errors.total == 0, "%s", errors.list[0].text);
    ck_assert(!play(&plan, UINT32_MAX, &whole, &end));
    ck_assert_int_eq(end, WSH_COMPLETE);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_int_eq(find(&whole, wanted[i].id)->verdict, wanted[i].verdict);
    met = true;
    for (unsigned n = 0; met; n++) {
        met = play(&plan, n, &run, &end);
        hold_to(&whole, &run, end, n);
        ck_assert(met || end == WSH_COMPLETE);
        wsq_run_drop(&run);
    }
    wsq_run_drop(&whole);
    wsn_arena_drop(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tcase = tcase_create("memory");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, each_allocation_of_a_run_fails);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
