#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/compare.h>

static char here[] = "6455-5.1-3", there[] = "6455-5.2-2";
static struct wsq_fault fault_here[] = {{.requirement = here}},
                        fault_there[] = {{.requirement = there}};

struct line {
    enum wsq_verdict first, last;
    struct wsq_fault *first_fault, *last_fault;
    enum wsq_change change;
};

static const struct line lines[] = {
    {WSQ_PASS, WSQ_PASS, NULL, NULL, WSQ_SAME},
    {WSQ_PASS, WSQ_INFO, NULL, NULL, WSQ_OTHER},
    {WSQ_PASS, WSQ_WARN, NULL, fault_here, WSQ_WORSE},
    {WSQ_PASS, WSQ_SKIP, NULL, NULL, WSQ_WORSE},
    {WSQ_WARN, WSQ_SKIP, fault_here, NULL, WSQ_WORSE},
    {WSQ_PASS, WSQ_ERROR, NULL, NULL, WSQ_WORSE},
    {WSQ_SKIP, WSQ_FAIL, NULL, fault_here, WSQ_WORSE},
    {WSQ_FLAKY, WSQ_FAIL, NULL, fault_here, WSQ_WORSE},
    {WSQ_FAIL, WSQ_PASS, fault_here, NULL, WSQ_BETTER},
    {WSQ_SKIP, WSQ_PASS, NULL, NULL, WSQ_BETTER},
    {WSQ_FAIL, WSQ_WARN, fault_here, fault_here, WSQ_BETTER},
    {WSQ_FAIL, WSQ_FAIL, fault_here, fault_here, WSQ_SAME},
    {WSQ_FAIL, WSQ_FAIL, fault_here, fault_there, WSQ_OTHER},
    {WSQ_FLAKY, WSQ_ERROR, NULL, NULL, WSQ_OTHER},
};

static struct wsq_case make(const char *id, enum wsq_verdict verdict, struct wsq_fault *fault)
{
    return (struct wsq_case){.id = (char *)(uintptr_t)id,
                             .verdict = verdict,
                             .faults = fault,
                             .fault_count = fault != NULL};
}

START_TEST(a_change_has_a_direction)
{
    const struct line *line = &lines[_i];
    struct wsq_case first = make("a/1", line->first, line->first_fault);
    struct wsq_case last = make("a/1", line->last, line->last_fault);
    struct wsq_run runs[] = {{.cases = &first, .case_count = 1}, {.cases = &last, .case_count = 1}};
    struct wsq_comparison comparison;

    ck_assert(wsq_compare(runs, 2, &comparison));
    ck_assert_uint_eq(comparison.count, 1);
    ck_assert_str_eq(wsq_change_name(comparison.rows[0].change), wsq_change_name(line->change));
    ck_assert_int_eq(comparison.rows[0].differs, line->first != line->last);
    wsq_comparison_drop(&comparison);
}
END_TEST

START_TEST(runs_stand_beside_each_other)
{
    struct wsq_case one[] = {make("5.10/b", WSQ_PASS, NULL), make("5.9/a", WSQ_PASS, NULL)};
    struct wsq_case two[] = {make("5.9/a", WSQ_PASS, NULL), make("6.1/c", WSQ_FAIL, fault_here)};
    struct wsq_run runs[] = {{.cases = one, .case_count = 2}, {0}, {.cases = two, .case_count = 2}};
    struct wsq_comparison comparison;
    const struct wsq_row *rows;

    ck_assert(wsq_compare(runs, 3, &comparison));
    rows = comparison.rows;
    ck_assert_uint_eq(comparison.count, 3);
    ck_assert_str_eq(rows[0].id, "5.9/a");
    ck_assert_str_eq(rows[1].id, "5.10/b");
    ck_assert_str_eq(rows[2].id, "6.1/c");
    ck_assert_ptr_eq(rows[0].cases[0], &one[1]);
    ck_assert_ptr_null(rows[0].cases[1]);
    ck_assert_ptr_eq(rows[0].cases[2], &two[0]);
    ck_assert_int_eq(rows[0].change, WSQ_SAME);
    ck_assert(rows[0].differs);
    ck_assert_int_eq(rows[1].change, WSQ_GONE);
    ck_assert_int_eq(rows[2].change, WSQ_NEW);
    wsq_comparison_drop(&comparison);
}
END_TEST

START_TEST(nothing_is_compared_with_nothing)
{
    struct wsq_run run = {0};
    struct wsq_comparison comparison;

    ck_assert(wsq_compare(&run, 1, &comparison));
    ck_assert_uint_eq(comparison.count, 0);
    wsq_comparison_drop(&comparison);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare");
    TCase *rows = tcase_create("rows");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(rows, a_change_has_a_direction, 0, sizeof lines / sizeof lines[0]);
    tcase_add_test(rows, runs_stand_beside_each_other);
    tcase_add_test(rows, nothing_is_compared_with_nothing);
    suite_add_tcase(suite, rows);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
