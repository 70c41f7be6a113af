/* The rules of evidence: rows of attempts, and what they must come to. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/evidence.h>

enum { UNSEEN = 1, CONTROL = 2, REFUSED = 4, SLOWLY = 8 };

struct attempt {
    enum wsq_verdict verdict;
    unsigned flags;
    enum wsh_move move; /* that it must lead to */
};

static const struct {
    const char *name;
    struct attempt attempts[4];
    size_t count;
    bool control; /* what the plain handshake does, when asked */
    enum wsq_verdict verdict;
    bool slow;
} rows[] = {
    {"a pass settles", {{WSQ_PASS, 0, WSH_SETTLE}}, 1, false, WSQ_PASS, false},
    {"a seen info settles", {{WSQ_INFO, 0, WSH_SETTLE}}, 1, false, WSQ_INFO, false},
    {"an error settles", {{WSQ_ERROR, 0, WSH_SETTLE}}, 1, false, WSQ_ERROR, false},
    {"a seen fault is shown again",
     {{WSQ_FAIL, 0, WSH_AGAIN}, {WSQ_FAIL, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_FAIL,
     false},
    {"a seen fault that does not come again is flaky",
     {{WSQ_FAIL, 0, WSH_AGAIN}, {WSQ_PASS, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_FLAKY,
     false},
    {"a seen warning too",
     {{WSQ_WARN, 0, WSH_AGAIN}, {WSQ_PASS, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_FLAKY,
     false},
    {"what did not come in time is no second attempt, but the calm one is",
     {{WSQ_WARN, 0, WSH_AGAIN}, {WSQ_FAIL, UNSEEN, WSH_CALM}, {WSQ_WARN, 0, WSH_SETTLE}},
     3,
     false,
     WSQ_WARN,
     false},
    {"and in the calm phase it counts",
     {{WSQ_WARN, 0, WSH_AGAIN}, {WSQ_FAIL, UNSEEN, WSH_CALM}, {WSQ_FAIL, UNSEEN, WSH_SETTLE}},
     3,
     false,
     WSQ_FLAKY,
     false},
    {"an attempt that cannot be judged says nothing against it",
     {{WSQ_FAIL, 0, WSH_AGAIN}, {WSQ_ERROR, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_FAIL,
     false},
    {"absence is confirmed",
     {{WSQ_FAIL, UNSEEN, WSH_CALM}, {WSQ_FAIL, UNSEEN, WSH_SETTLE}},
     2,
     false,
     WSQ_FAIL,
     false},
    {"absence that is not confirmed was slowness",
     {{WSQ_FAIL, UNSEEN, WSH_CALM}, {WSQ_PASS, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_PASS,
     true},
    {"the second verdict stands",
     {{WSQ_FAIL, UNSEEN, WSH_CALM}, {WSQ_WARN, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_WARN,
     true},
    {"an unseen info is confirmed as well",
     {{WSQ_INFO, UNSEEN, WSH_CALM}, {WSQ_PASS, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_PASS,
     true},
    {"the cap gets a second try",
     {{WSQ_ERROR, SLOWLY, WSH_CALM}, {WSQ_PASS, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_PASS,
     true},
    {"too slow twice",
     {{WSQ_ERROR, SLOWLY, WSH_CALM}, {WSQ_ERROR, SLOWLY, WSH_SETTLE}},
     2,
     false,
     WSQ_ERROR,
     false},
    {"a refused connection is tried again",
     {{WSQ_ERROR, REFUSED, WSH_FEWER}, {WSQ_PASS, 0, WSH_SETTLE}},
     2,
     false,
     WSQ_PASS,
     false},
    {"the last time when it is calm",
     {{WSQ_ERROR, REFUSED, WSH_FEWER}, {WSQ_ERROR, REFUSED, WSH_CALM}, {WSQ_PASS, 0, WSH_SETTLE}},
     3,
     false,
     WSQ_PASS,
     false},
    {"but not for ever",
     {{WSQ_ERROR, REFUSED, WSH_FEWER},
      {WSQ_ERROR, REFUSED, WSH_CALM},
      {WSQ_ERROR, REFUSED, WSH_SETTLE}},
     3,
     false,
     WSQ_ERROR,
     false},
    {"a refusal between two attempts is no second attempt",
     {{WSQ_FAIL, UNSEEN, WSH_CALM},
      {WSQ_ERROR, REFUSED, WSH_FEWER},
      {WSQ_FAIL, UNSEEN, WSH_SETTLE}},
     3,
     false,
     WSQ_FAIL,
     false},
    {"a refused handshake counts while the plain one is accepted",
     {{WSQ_FAIL, CONTROL, WSH_AGAIN}, {WSQ_FAIL, CONTROL, WSH_CONTROL}},
     2,
     true,
     WSQ_FAIL,
     false},
    {"and not when it is refused too",
     {{WSQ_FAIL, CONTROL, WSH_AGAIN}, {WSQ_FAIL, CONTROL, WSH_CONTROL}},
     2,
     false,
     WSQ_ERROR,
     false},
};

static struct wss_outcome outcome_of(const struct attempt *a)
{
    return (struct wss_outcome){
        .result = {.id = wsq_dup("x"), .verdict = a->verdict, .reason = wsq_dup("because")},
        .unseen = a->flags & UNSEEN,
        .needs_control = a->flags & CONTROL,
        .no_connection = a->flags & REFUSED,
        .too_slow = a->flags & SLOWLY};
}

START_TEST(follows_the_rules)
{
    struct wsh_evidence evidence = {0};
    enum wsh_move move = WSH_SETTLE;
    for (size_t i = 0; i < rows[_i].count; i++) {
        struct wss_outcome outcome = outcome_of(&rows[_i].attempts[i]);
        move = wsh_evidence_add(&evidence, &outcome);
        ck_assert_msg(move == rows[_i].attempts[i].move, "%s: attempt %zu leads to move %d",
                      rows[_i].name, i + 1, move);
    }
    if (move == WSH_CONTROL)
        wsh_evidence_control(&evidence, rows[_i].control);
    struct wsq_case result;
    ck_assert(wsh_evidence_result(&evidence, &result));
    ck_assert_msg(result.verdict == rows[_i].verdict, "%s: %s", rows[_i].name,
                  wsq_verdict_name(result.verdict));
    ck_assert_int_eq(result.slow, rows[_i].slow);
    ck_assert_uint_eq(result.attempt_count, rows[_i].count);
    for (size_t i = 0; i < rows[_i].count; i++)
        ck_assert_int_eq(result.attempts[i].verdict, rows[_i].attempts[i].verdict);
    wsq_case_drop(&result);
}
END_TEST

START_TEST(a_dead_target_is_a_failure)
{
    struct wsh_evidence evidence = {0};
    const struct attempt aborted = {.verdict = WSQ_ERROR};
    struct wss_outcome outcome = outcome_of(&aborted);
    wsh_evidence_died(&evidence, &outcome, "Segmentation fault");
    struct wsq_case result;
    ck_assert(wsh_evidence_result(&evidence, &result));
    ck_assert_int_eq(result.verdict, WSQ_FAIL);
    ck_assert_str_eq(result.reason, "target died");
    ck_assert_uint_eq(result.fault_count, 1);
    ck_assert(strstr(result.faults[0].why, "Segmentation fault") != NULL);
    wsq_case_drop(&result);
}
END_TEST

/* What leaves the peer free is not broken by its death. */
START_TEST(a_death_is_charged_to_what_it_breaks)
{
    static const char *const cited[] = {"6455-5.1-3", "6455-5.2-15"}; /* FAIL, INFO */
    for (size_t i = 0; i < 2; i++) {
        struct wsh_evidence evidence = {0};
        const struct attempt aborted = {.verdict = WSQ_ERROR};
        struct wss_outcome outcome = outcome_of(&aborted);
        outcome.result.cites = calloc(1, sizeof *outcome.result.cites);
        ck_assert_ptr_nonnull(outcome.result.cites);
        outcome.result.cites[0] = wsq_dup(cited[i]);
        outcome.result.cite_count = 1;
        wsh_evidence_died(&evidence, &outcome, "");
        struct wsq_case result;
        ck_assert(wsh_evidence_result(&evidence, &result));
        ck_assert_int_eq(result.verdict, WSQ_FAIL);
        if (i == 0)
            ck_assert_str_eq(result.faults[0].requirement, cited[0]);
        else
            ck_assert_ptr_null(result.faults[0].requirement);
        wsq_case_drop(&result);
    }
}
END_TEST

START_TEST(nothing_is_lost_when_dropped)
{
    struct wsh_evidence evidence = {0};
    const struct attempt unseen = {.verdict = WSQ_FAIL, .flags = UNSEEN};
    struct wss_outcome outcome = outcome_of(&unseen);
    wsh_evidence_add(&evidence, &outcome);
    struct wsq_case result;
    ck_assert(!wsh_evidence_result(&evidence, &result));
    wsh_evidence_drop(&evidence); /* leaks show under ASan */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wsh evidence");
    TCase *tcase = tcase_create("evidence");
    tcase_add_loop_test(tcase, follows_the_rules, 0, (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tcase, a_dead_target_is_a_failure);
    tcase_add_test(tcase, a_death_is_charged_to_what_it_breaks);
    tcase_add_test(tcase, nothing_is_lost_when_dropped);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
