/* The runner on a loop that only pretends: which attempts it makes, when, and what it says. */
#include "fake.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct wss_case cases[CASES];
static char ids[CASES][8];
static const char *needs[CASES][1];

static void setup(void)
{
    memset(cases, 0, sizeof cases);
    for (unsigned i = 0; i < CASES; i++) {
        snprintf(ids[i], sizeof ids[i], "c/%u", i);
        cases[i] = (struct wss_case){.id = ids[i], .title = "t", .suite = "c", .script = ""};
    }
}

static void need(unsigned i, const char *what)
{
    needs[i][0] = what;
    cases[i].needs = needs[i];
    cases[i].need_count = 1;
}

static void on_result(void *context, const struct wsq_case *c)
{
    struct fake *fake = context;
    fake->results++;
    size_t n = strlen(fake->last_results);
    snprintf(fake->last_results + n, sizeof fake->last_results - n, "%s=%s ", c->id,
             wsq_verdict_name(c->verdict));
}

static void all_pass(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)fake;
    (void)task;
    (void)outcome;
}

static enum wsh_end run_with(struct fake *fake, size_t count, struct wsh_options options,
                             bool spawned, struct wsq_run *run)
{
    fake_ready(fake);
    struct wsn_arena arena = {0};
    struct wss_plan plan = {.arena = &arena, .cases = cases, .count = count, .room = count};
    struct wsh_audience audience = {.context = fake, .result = on_result};
    options.profile = (struct wss_profile){
        .host = "127.0.0.1", .port = 9, .authority = "127.0.0.1:9", .path = "/"};
    options.interrupted = &fake->interrupted;
    enum wsh_end end =
        wsh_run(&plan, &options, &fake->base, spawned ? &fake->target : NULL, &audience, run);
    wsn_arena_drop(&arena);
    ck_assert_uint_eq(fake->count, 0);
    return end;
}

static const struct wsq_case *result_of(const struct wsq_run *run, const char *id)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (strcmp(run->cases[i].id, id) == 0)
            return &run->cases[i];
    ck_abort_msg("no result of %s", id);
    return NULL;
}

START_TEST(runs_all_and_tells_each)
{
    struct fake fake = {.decide = all_pass};
    struct wsq_run run = {0};
    ck_assert_int_eq(
        run_with(&fake, CASES, (struct wsh_options){.replay = "wsproof run x"}, false, &run),
        WSH_COMPLETE);
    ck_assert(run.complete && !run.incomplete);
    ck_assert_uint_eq(run.planned, CASES);
    ck_assert_uint_eq(run.case_count, CASES);
    ck_assert_uint_eq(fake.results, CASES);
    ck_assert_uint_eq(fake.most, 32);
    ck_assert_str_eq(result_of(&run, "c/7")->replay, "wsproof run x --only 'c/7'");
    wsq_run_drop(&run);
}
END_TEST

START_TEST(runs_only_what_is_selected)
{
    struct fake fake = {.decide = all_pass};
    struct wsq_run run = {0};
    bool selected[CASES] = {[3] = true, [5] = true};
    run_with(&fake, CASES, (struct wsh_options){.selected = selected}, false, &run);
    ck_assert_uint_eq(run.planned, 2);
    ck_assert_uint_eq(run.case_count, 2);
    ck_assert_str_eq(run.cases[0].id, "c/3");
    wsq_run_drop(&run);
}
END_TEST

static void unseen_at_first(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    if (is_probe(task))
        return;
    unsigned i = number_of(task);
    bool again = fake->tries[i] > 1;
    if (i < 20) { /* never comes */
        outcome->result.verdict = WSQ_FAIL;
        outcome->unseen = true;
    } else if (i < 30 && !again) { /* comes late */
        outcome->result.verdict = WSQ_FAIL;
        outcome->unseen = true;
    }
    if (again)
        ck_assert_uint_eq(task->setup.patience_ms, 6000);
}

START_TEST(confirms_absence_in_calm)
{
    struct fake fake = {.decide = unseen_at_first};
    struct wsq_run run = {0};
    run_with(&fake, CASES, (struct wsh_options){0}, false, &run);
    ck_assert_uint_eq(fake.calm_most, 4);
    ck_assert_int_eq(result_of(&run, "c/0")->verdict, WSQ_FAIL);
    ck_assert_uint_eq(result_of(&run, "c/0")->attempt_count, 2);
    ck_assert(!result_of(&run, "c/0")->slow);
    ck_assert_int_eq(result_of(&run, "c/25")->verdict, WSQ_PASS);
    ck_assert(result_of(&run, "c/25")->slow);
    ck_assert_uint_eq(result_of(&run, "c/40")->attempt_count, 1);
    wsq_run_drop(&run);
}
END_TEST

static void refuse_a_crowd(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    /* `count` no longer holds the one that ends. */
    if (!is_probe(task) && fake->count >= 8) {
        outcome->no_connection = true;
        outcome->result.verdict = WSQ_ERROR;
    }
}

START_TEST(runs_fewer_when_refused)
{
    struct fake fake = {.decide = refuse_a_crowd};
    struct wsq_run run = {0};
    run_with(&fake, CASES, (struct wsh_options){0}, false, &run);
    ck_assert_uint_eq(run.case_count, CASES);
    ck_assert_int_eq(result_of(&run, "c/79")->verdict, WSQ_PASS);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(says_what_is_lacking)
{
    struct fake fake = {.decide = all_pass};
    struct wsq_run run = {0};
    need(0, "tls");
    need(1, "protected");
    need(2, "flood");
    need(3, "broadcast");
    need(4, "protected");
    cases[5].server_role = true;
    cases[6].id = "limits/many";
    const struct wss_setting list[] = {{"protected", "/x", 2}};
    const struct wss_settings settings = {list, 1};
    const char *const has[] = {"broadcast"};
    run_with(&fake, 7, (struct wsh_options){.settings = &settings, .has = has, .has_count = 1},
             false, &run);
    ck_assert_str_eq(result_of(&run, "c/0")->reason, "needs tls");
    ck_assert_int_eq(result_of(&run, "c/1")->verdict, WSQ_PASS);
    ck_assert_str_eq(result_of(&run, "c/2")->reason, "needs --i-own-this-target");
    ck_assert_int_eq(result_of(&run, "c/3")->verdict, WSQ_PASS);
    ck_assert_str_eq(result_of(&run, "c/5")->reason, "needs a client under test");
    ck_assert_str_eq(result_of(&run, "limits/many")->reason, "needs --i-own-this-target");
    wsq_run_drop(&run);
}
END_TEST

static void no_echo(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)fake;
    if (strcmp(task->setup.test->id, "probe/echo") == 0)
        outcome->result.verdict = WSQ_FAIL;
}

START_TEST(what_is_declared_must_be_found)
{
    struct fake fake = {.decide = no_echo};
    struct wsq_run run = {0};
    const char *const has[] = {"echo", "permessage-deflate"};
    run_with(&fake, 2, (struct wsh_options){.has = has, .has_count = 2}, false, &run);
    ck_assert_uint_eq(run.planned, 4);
    ck_assert_int_eq(result_of(&run, "probe/echo")->verdict, WSQ_FAIL);
    ck_assert_int_eq(result_of(&run, "probe/permessage-deflate")->verdict, WSQ_PASS);
    ck_assert(strstr(run.profile, "echo: no") != NULL);
    wsq_run_drop(&run);
}
END_TEST

static unsigned listened;

static void listens(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    bool greeting = strcmp(task->setup.test->id, "probe/greeting") == 0;
    listened += greeting;
    if (greeting && listened == 1)
        outcome->facts.round_trip_ms = fake->slow_ms;
}

START_TEST(listens_again_to_the_slow)
{
    static const struct {
        uint64_t slow_ms;
        unsigned listened;
    } rows[] = {{1, 1}, {50, 1}, {51, 2}};
    struct fake fake = {.decide = listens, .slow_ms = rows[_i].slow_ms};
    struct wsq_run run = {0};
    listened = 0;
    run_with(&fake, 1, (struct wsh_options){0}, false, &run);
    ck_assert_uint_eq(listened, rows[_i].listened);
    wsq_run_drop(&run);
}
END_TEST

static void only_plain(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)fake;
    if (is_probe(task))
        return;
    outcome->result.verdict = WSQ_FAIL;
    outcome->needs_control = true;
}

static void nothing_accepted(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    only_plain(fake, task, outcome);
    if (is_probe(task))
        outcome->facts.status = 401;
}

START_TEST(a_refusal_needs_its_control)
{
    struct fake fake = {.decide = only_plain};
    struct wsq_run run = {0};
    run_with(&fake, 1, (struct wsh_options){0}, false, &run);
    ck_assert_int_eq(result_of(&run, "c/0")->verdict, WSQ_FAIL);
    wsq_run_drop(&run);
    struct fake other = {.decide = nothing_accepted};
    run_with(&other, 1, (struct wsh_options){0}, false, &run);
    ck_assert_int_eq(result_of(&run, "c/0")->verdict, WSQ_ERROR);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(a_refused_port_is_unreachable)
{
    struct fake fake = {.decide = all_pass, .refuse_all = true};
    struct wsq_run run = {0};
    ck_assert_int_eq(run_with(&fake, 3, (struct wsh_options){0}, false, &run), WSH_UNREACHABLE);
    ck_assert_uint_eq(run.case_count, 0);
    ck_assert_ptr_nonnull(run.incomplete);
    wsq_run_drop(&run);
}
END_TEST

static void killer(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)outcome;
    if (!is_probe(task) && number_of(task) == 7)
        fake->dead = true; /* though the case itself has passed */
}

START_TEST(finds_the_case_that_kills)
{
    struct fake fake = {.decide = killer};
    struct wsq_run run = {0};
    ck_assert_int_eq(run_with(&fake, 40, (struct wsh_options){0}, true, &run), WSH_COMPLETE);
    ck_assert_uint_eq(run.case_count, 40);
    ck_assert_int_eq(result_of(&run, "c/7")->verdict, WSQ_FAIL);
    ck_assert_str_eq(result_of(&run, "c/7")->reason, "target died");
    ck_assert_uint_eq(fake.launches, 3);
    for (unsigned i = 0; i < 40; i++)
        if (i != 7)
            ck_assert_int_eq(result_of(&run, ids[i])->verdict, WSQ_PASS);
    ck_assert_uint_eq(run.complaint_count, 0);
    wsq_run_drop(&run);
}
END_TEST

static void kills_once(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)outcome;
    if (!is_probe(task) && number_of(task) == 7 && fake->tries[7] == 1)
        fake->dead = true;
}

/* Every case passes, and the target has died: that is not green. */
START_TEST(a_death_of_no_case_is_told)
{
    struct fake fake = {.decide = kills_once};
    struct wsq_run run = {0};
    ck_assert_int_eq(run_with(&fake, 40, (struct wsh_options){0}, true, &run), WSH_COMPLETE);
    for (unsigned i = 0; i < 40; i++)
        ck_assert_int_eq(result_of(&run, ids[i])->verdict, WSQ_PASS);
    ck_assert_uint_eq(run.complaint_count, 1);
    ck_assert_ptr_nonnull(strstr(run.complaints[0], "that no case alone explains: 1"));
    wsq_run_drop(&run);
}
END_TEST

static void connect_each(void)
{
    for (unsigned i = 0; i < CASES; i++)
        cases[i].connections = 1;
}

static void two_at_most(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    if (strcmp(task->setup.test->id, "probe/connections") != 0)
        return;
    outcome->facts.upgraded = 2;
    outcome->result.verdict = WSQ_FAIL;
    fake->dead = true;
}

/* It dies while its connections are counted: it is judged with as many as it lived with, and that
 * it died is told. */
START_TEST(a_death_of_many_connections_is_told)
{
    struct fake fake = {.decide = two_at_most};
    struct wsq_run run = {0};
    connect_each();
    ck_assert_int_eq(run_with(&fake, 40, (struct wsh_options){0}, true, &run), WSH_COMPLETE);
    for (unsigned i = 0; i < 40; i++)
        ck_assert_int_eq(result_of(&run, ids[i])->verdict, WSQ_PASS);
    ck_assert_uint_eq(fake.launches, 2);
    ck_assert_uint_le(fake.most, 2);
    ck_assert_uint_eq(run.complaint_count, 1);
    ck_assert_ptr_nonnull(strstr(run.profile, "at a time: 2; its process ended when there were"));
    wsq_run_drop(&run);
}
END_TEST

static uint64_t limited_until;

static void limits_the_rate(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    bool counts = strcmp(task->setup.test->id, "probe/connections") == 0;
    if (counts) {
        outcome->facts.upgraded = 5;
        outcome->result.verdict = WSQ_FAIL;
        limited_until = fake->now + 900;
    } else if (fake->now < limited_until) {
        outcome->no_connection = true;
        outcome->facts.heard = false;
        outcome->facts.status = 0;
        outcome->result.verdict = WSQ_ERROR;
    }
}

/* Who takes so many in a second was asked for more than that by the count itself. */
START_TEST(a_limit_of_the_rate_is_waited_for)
{
    struct fake fake = {.decide = limits_the_rate};
    struct wsq_run run = {0};
    connect_each();
    ck_assert_int_eq(run_with(&fake, 3, (struct wsh_options){0}, false, &run), WSH_COMPLETE);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(result_of(&run, ids[i])->verdict, WSQ_PASS);
    wsq_run_drop(&run);
}
END_TEST

static void dead_for_good(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    two_at_most(fake, task, outcome);
    fake->will_not_start = fake->dead;
}

START_TEST(a_target_that_many_connections_end_is_unreachable)
{
    struct fake fake = {.decide = dead_for_good};
    struct wsq_run run = {0};
    connect_each();
    ck_assert_int_eq(run_with(&fake, 3, (struct wsh_options){0}, true, &run), WSH_UNREACHABLE);
    ck_assert_str_eq(run.incomplete, "no such file; its last output: Aborted");
    wsq_run_drop(&run);
}
END_TEST

/* c/3 kills the target, c/5 asks to have it restarted, c/7 to have it stopped: each alone. */
static void movers(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)outcome;
    if (is_probe(task))
        return;
    if (number_of(task) == 3)
        fake->dead = true;
}

static int start_mover(struct wsh_loop *loop, struct wsh_task *task)
{
    struct fake *fake = (struct fake *)loop;
    int status = fake_start(loop, task);
    if (is_probe(task) || !task->setup.test->moves_target)
        return status;
    ck_assert_uint_eq(fake->count, 1);
    if (number_of(task) == 5)
        task->order(task, WSS_RESTART_TARGET);
    if (number_of(task) == 7)
        task->order(task, WSS_STOP_TARGET);
    return status;
}

START_TEST(what_moves_the_target_runs_last)
{
    struct fake fake = {.decide = movers, .start = start_mover};
    struct wsq_run run = {0};
    for (unsigned i = 3; i < 8; i += 2)
        cases[i].moves_target = true;
    ck_assert_int_eq(run_with(&fake, 20, (struct wsh_options){0}, true, &run), WSH_COMPLETE);
    ck_assert_uint_eq(run.case_count, 20);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_int_eq(result_of(&run, ids[i])->verdict, WSQ_PASS);
    ck_assert_ptr_nonnull(strstr(fake.last_results, "c/19=pass c/3=pass c/5=pass c/7=pass "));
    /* At first, behind c/3 and for c/5; what c/7 leaves nobody needs. */
    ck_assert_uint_eq(fake.launches, 3);
    ck_assert_uint_eq(fake.told, 2);
    ck_assert_int_eq(fake.news, WSS_TARGET_EXITED);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(only_a_target_of_ours_is_moved)
{
    struct fake fake = {.decide = all_pass};
    struct wsq_run run = {0};
    cases[3].moves_target = true;
    ck_assert_int_eq(run_with(&fake, 5, (struct wsh_options){0}, false, &run), WSH_COMPLETE);
    ck_assert_int_eq(result_of(&run, "c/3")->verdict, WSQ_SKIP);
    ck_assert_str_eq(result_of(&run, "c/3")->reason, "needs a target that --spawn starts");
    wsq_run_drop(&run);
}
END_TEST

static int start_lost(struct wsh_loop *loop, struct wsh_task *task)
{
    ((struct fake *)loop)->will_not_start = !is_probe(task) && task->setup.test->moves_target;
    return start_mover(loop, task);
}

START_TEST(a_target_that_cannot_be_restarted_ends_the_run)
{
    struct fake fake = {.decide = all_pass, .start = start_lost};
    struct wsq_run run = {0};
    cases[5].moves_target = cases[6].moves_target = true;
    ck_assert_int_eq(run_with(&fake, 10, (struct wsh_options){0}, true, &run), WSH_INCOMPLETE);
    ck_assert_int_eq(fake.news, WSS_TARGET_LOST);
    ck_assert_int_eq(result_of(&run, "c/5")->verdict, WSQ_ERROR);
    ck_assert_uint_eq(run.case_count, 9);
    ck_assert_str_eq(run.incomplete, "no such file; its last output: Aborted");
    wsq_run_drop(&run);
}
END_TEST

static void interrupt(struct fake *fake, struct wsh_task *task, struct wss_outcome *outcome)
{
    (void)outcome;
    if (!is_probe(task) && number_of(task) == 40)
        fake->interrupted = true;
}

START_TEST(an_interrupted_run_keeps_what_it_has)
{
    struct fake fake = {.decide = interrupt};
    struct wsq_run run = {0};
    ck_assert_int_eq(run_with(&fake, CASES, (struct wsh_options){0}, false, &run), WSH_INCOMPLETE);
    ck_assert(!run.complete);
    ck_assert_str_eq(run.incomplete, "interrupted");
    ck_assert_uint_ge(run.case_count, 30);
    ck_assert_uint_lt(run.case_count, CASES);
    ck_assert_uint_eq(fake.results, run.case_count);
    wsq_run_drop(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wsh run");
    TCase *tcase = tcase_create("run");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, runs_all_and_tells_each);
    tcase_add_test(tcase, runs_only_what_is_selected);
    tcase_add_test(tcase, confirms_absence_in_calm);
    tcase_add_test(tcase, runs_fewer_when_refused);
    tcase_add_test(tcase, says_what_is_lacking);
    tcase_add_test(tcase, what_is_declared_must_be_found);
    tcase_add_loop_test(tcase, listens_again_to_the_slow, 0, 3);
    tcase_add_test(tcase, a_refusal_needs_its_control);
    tcase_add_test(tcase, a_refused_port_is_unreachable);
    tcase_add_test(tcase, finds_the_case_that_kills);
    tcase_add_test(tcase, a_death_of_no_case_is_told);
    tcase_add_test(tcase, a_death_of_many_connections_is_told);
    tcase_add_test(tcase, a_target_that_many_connections_end_is_unreachable);
    tcase_add_test(tcase, a_limit_of_the_rate_is_waited_for);
    tcase_add_test(tcase, what_moves_the_target_runs_last);
    tcase_add_test(tcase, only_a_target_of_ours_is_moved);
    tcase_add_test(tcase, a_target_that_cannot_be_restarted_ends_the_run);
    tcase_add_test(tcase, an_interrupted_run_keeps_what_it_has);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
