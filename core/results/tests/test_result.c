#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/result.h>
#include <wsq/text.h>

#include "wsq_sample.h"

/* ---- natural order ---- */

static const struct {
    const char *a, *b;
    int order;
} orders[] = {
    {"", "", 0},
    {"", "a", -1},
    {"5.9", "5.10", -1},
    {"5.10", "5.9", 1},
    {"5.9/a", "5.9/a", 0},
    {"6455-5-1", "6455-5.1-1", -1},
    {"6455-10.2-1", "7692-5-1", -1},
    {"007", "7", -1},
    {"7", "007", 1},
    {"a007b", "a7c", -1},
    {"99999999999999999999999998", "99999999999999999999999999", -1},
    {"100000000000000000000000000", "99999999999999999999999999", 1},
    {"0", "00", -1},
    {"x0", "x", 1},
    {"1a", "1", 1},
    {"\x7f", "\xff", -1},
    {"a1b2", "a1b10", -1},
};

START_TEST(natural_order)
{
    int order = wsq_natural(orders[_i].a, orders[_i].b);

    ck_assert_int_eq((order > 0) - (order < 0), orders[_i].order);
}
END_TEST

/* ---- UTF-8 ---- */

static const struct {
    const char *bytes, *fixed;
} repairs[] = {
    {"", ""},
    {"plain", "plain"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"\x80", "\xef\xbf\xbd"},
    {"a\xff"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xc3", "\xef\xbf\xbd"},
    {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xe2\x82(", "\xef\xbf\xbd\xef\xbf\xbd("},
    {"\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    {"\xef\xbf\xbd", "\xef\xbf\xbd"},
    {"\xef\xbf\xbe", "\xef\xbf\xbe"},
};

START_TEST(bad_bytes_are_replaced)
{
    struct wsq_text text = {0};
    char *fixed;

    wsq_text_utf8(&text, repairs[_i].bytes);
    fixed = wsq_text_take(&text, NULL);
    ck_assert_str_eq(fixed, repairs[_i].fixed);
    ck_assert(wsq_utf8_valid(fixed));
    ck_assert_int_eq(wsq_utf8_valid(repairs[_i].bytes), strcmp(repairs[_i].bytes, fixed) == 0);
    free(fixed);
}
END_TEST

START_TEST(visible_text_hides_nothing)
{
    struct wsq_text text = {0};
    char *shown;

    wsq_text_visible(&text, "a\x1b[0m\n\0\xff\xc2\x9b\xc3\xa9\xe2\x80\xae\xe2\x80\xa8", 18);
    shown = wsq_text_take(&text, NULL);
    ck_assert_str_eq(shown, "a\\x1b[0m\\x0a\\x00\\xff\\u{9b}\xc3\xa9\\u{202e}\\u{2028}");
    free(shown);
}
END_TEST

START_TEST(text_grows)
{
    struct wsq_text text = {0};
    size_t length;
    char *all;

    for (int i = 0; i < 100000; i++)
        wsq_text_printf(&text, "%d,", i % 10);
    all = wsq_text_take(&text, &length);
    ck_assert_uint_eq(length, 200000);
    ck_assert_uint_eq(strlen(all), 200000);
    ck_assert_ptr_null(text.p);
    free(all);
    all = wsq_text_take(&text, NULL);
    ck_assert_str_eq(all, "");
    free(all);
}
END_TEST

/* ---- the model ---- */

START_TEST(verdict_names_come_back)
{
    enum wsq_verdict verdict;

    for (int v = 0; v <= WSQ_ERROR; v++) {
        ck_assert(wsq_verdict_parse(wsq_verdict_name((enum wsq_verdict)v), &verdict));
        ck_assert_int_eq(verdict, v);
    }
    ck_assert(!wsq_verdict_parse("", &verdict));
    ck_assert(!wsq_verdict_parse("Pass", &verdict));
    ck_assert(!wsq_verdict_judged(WSQ_SKIP) && !wsq_verdict_judged(WSQ_ERROR));
    ck_assert(wsq_verdict_judged(WSQ_FLAKY));
}
END_TEST

START_TEST(totals_of_the_sample)
{
    struct wsq_run run;
    struct wsq_totals totals;

    wsq_sample_run(&run);
    wsq_totals(&run, &totals);
    ck_assert_uint_eq(run.case_count, 14);
    ck_assert_uint_eq(totals.of[WSQ_PASS], 3);
    ck_assert_uint_eq(totals.of[WSQ_INFO], 1);
    ck_assert_uint_eq(totals.of[WSQ_WARN], 1);
    ck_assert_uint_eq(totals.of[WSQ_FAIL], 4);
    ck_assert_uint_eq(totals.of[WSQ_FLAKY], 1);
    ck_assert_uint_eq(totals.of[WSQ_SKIP], 3);
    ck_assert_uint_eq(totals.of[WSQ_ERROR], 1);
    ck_assert_uint_eq(totals.judged, 10);
    ck_assert_uint_eq(totals.unexpected, 5);
    ck_assert_uint_eq(totals.expected_faults, 2);
    ck_assert(!wsq_run_as_expected(&run));
    wsq_run_drop(&run);
    ck_assert_ptr_null(run.cases);
}
END_TEST

START_TEST(the_gate)
{
    struct wsq_run run = {.complete = true};
    struct wsq_case c = {.id = wsq_dup("a"), .verdict = WSQ_FAIL};

    ck_assert(wsq_run_as_expected(&run));
    ck_assert(wsq_run_add(&run, &c));
    ck_assert_ptr_null(c.id);
    ck_assert(wsq_run_as_expected(&run));
    run.cases[0].unexpected = true;
    ck_assert(!wsq_run_as_expected(&run));
    run.cases[0].unexpected = false;
    run.complete = false;
    ck_assert(!wsq_run_as_expected(&run));
    run.complete = true;
    ck_assert(wsq_run_complain(&run, "stale"));
    ck_assert(!wsq_run_as_expected(&run));
    wsq_run_drop(&run);
}
END_TEST

START_TEST(cases_are_sorted_naturally)
{
    static const char *const ids[] = {"5.10/a", "5.9/b", "5.9/a", "10/a", "auth/x"};
    static const char *const sorted[] = {"5.9/a", "5.9/b", "5.10/a", "10/a", "auth/x"};
    struct wsq_run run = {0};

    for (int i = 0; i < 5; i++) {
        struct wsq_case c = {.id = wsq_dup(ids[i])};

        ck_assert(wsq_run_add(&run, &c));
    }
    wsq_run_sort(&run);
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(run.cases[i].id, sorted[i]);
    wsq_run_drop(&run);
    wsq_run_sort(&run);
}
END_TEST

START_TEST(a_script_tells_where_it_waits)
{
    static const char script[] =
        "case a/wait\n  title  silent 1s is no step here\n  # wait 1s\n"
        "  # pause=1s\n  wait 100ms\n  > text \"x\" chop=1 pause=10ms\n"
        "  > text \"wait\"\n    silent 2s  @6455-5.1-3\n  waiting\n  wait ";
    static const char *const waits[] = {"wait 100ms", "> text \"x\" chop=1 pause=10ms",
                                        "silent 2s  @6455-5.1-3"};
    const char *rest = script, *line;
    size_t n, count = 0;

    for (; (line = wsq_next_wait(&rest, &n)) != NULL; count++) {
        ck_assert_uint_lt(count, 3);
        ck_assert_uint_eq(n, strlen(waits[count]));
        ck_assert(strncmp(line, waits[count], n) == 0);
    }
    ck_assert_uint_eq(count, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("result");
    TCase *tables = tcase_create("tables"), *model = tcase_create("model");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tables, natural_order, 0, sizeof orders / sizeof orders[0]);
    tcase_add_loop_test(tables, bad_bytes_are_replaced, 0, sizeof repairs / sizeof repairs[0]);
    suite_add_tcase(suite, tables);
    tcase_add_test(model, visible_text_hides_nothing);
    tcase_add_test(model, text_grows);
    tcase_add_test(model, verdict_names_come_back);
    tcase_add_test(model, totals_of_the_sample);
    tcase_add_test(model, the_gate);
    tcase_add_test(model, cases_are_sorted_naturally);
    tcase_add_test(model, a_script_tells_where_it_waits);
    suite_add_tcase(suite, model);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
