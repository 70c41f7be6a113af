#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/expect.h>

#include "wsq_sample.h"

static int parse(const char *text, struct wsq_expectations *e, char *error, size_t size)
{
    return wsq_expect_parse("e.txt", text, strlen(text), e, error, size);
}

/* ---- reading ---- */

START_TEST(a_file_is_read)
{
    static const char text[] =
        "# known\n\n  \t\r\na/b fail\r\n\tc/d\twarn|pass  # two  words \nx#y "
        "flaky #\nlast skip # no line end";
    struct wsq_expectations e;
    char error[512];

    ck_assert_msg(parse(text, &e, error, sizeof error) == 0, "%s", error);
    ck_assert_str_eq(e.name, "e.txt");
    ck_assert_uint_eq(e.count, 4);
    ck_assert_str_eq(e.list[0].id, "a/b");
    ck_assert_uint_eq(e.list[0].verdicts, 1U << WSQ_FAIL);
    ck_assert_str_eq(e.list[0].reason, "");
    ck_assert_uint_eq(e.list[0].line, 4);
    ck_assert_str_eq(e.list[1].id, "c/d");
    ck_assert_uint_eq(e.list[1].verdicts, 1U << WSQ_WARN | 1U << WSQ_PASS);
    ck_assert_str_eq(e.list[1].reason, "two  words");
    ck_assert_str_eq(e.list[2].id, "x#y");
    ck_assert_str_eq(e.list[2].reason, "");
    ck_assert_str_eq(e.list[3].reason, "no line end");
    wsq_expect_drop(&e);
}
END_TEST

static const struct {
    const char *text, *error;
} errors[] = {
    {"a", "e.txt:1:2: error: expected a verdict: pass, info, warn, fail, flaky, skip or error\n"
          "a\n"
          " ^"},
    {"\n  a/b good # x",
     "e.txt:2:7: error: expected a verdict: pass, info, warn, fail, flaky, skip or error\n"
     "  a/b good # x\n"
     "      ^~~~"},
    {"a warn|",
     "e.txt:1:8: error: expected a verdict: pass, info, warn, fail, flaky, skip or error\n"
     "a warn|\n"
     "       ^"},
    {"a |warn",
     "e.txt:1:3: error: expected a verdict: pass, info, warn, fail, flaky, skip or error\n"
     "a |warn\n"
     "  ^"},
    {"a fail|fail", "e.txt:1:8: error: fail stands here twice\n"
                    "a fail|fail\n"
                    "       ^~~~"},
    {"a fail because", "e.txt:1:8: error: expected `# reason` or the end of the line\n"
                       "a fail because\n"
                       "       ^~~~~~~"},
    {"a fail#x",
     "e.txt:1:3: error: expected a verdict: pass, info, warn, fail, flaky, skip or error\n"
     "a fail#x\n"
     "  ^~~~~~"},
    {"a fail\nb pass\n a warn\nb pass\n", "e.txt:3:2: error: this id stands in line 1 already\n"
                                          " a warn\n"
                                          " ^"},
    {"\x1b[2Ja\tgood\x07",
     "e.txt:1:7: error: expected a verdict: pass, info, warn, fail, flaky, skip or error\n"
     "\\x1b[2Ja\\x09good\\x07\n"
     "            ^~~~~~~~"},
};

START_TEST(errors_say_where)
{
    struct wsq_expectations e;
    char error[512];

    ck_assert_int_eq(parse(errors[_i].text, &e, error, sizeof error), -1);
    ck_assert_str_eq(error, errors[_i].error);
    ck_assert_ptr_null(e.list);
    ck_assert_ptr_null(e.name);
}
END_TEST

START_TEST(nul_and_long_lines_are_refused_with_grace)
{
    struct wsq_expectations e;
    char error[512], small[20];
    char *line = malloc(100000);

    ck_assert_int_eq(wsq_expect_parse("e", "a\0b fail", 8, &e, error, sizeof error), -1);
    ck_assert_str_eq(error, "e:1:2: error: a NUL byte\na\\x00b fail\n ^~~~");
    memset(line, 'a', 100000);
    ck_assert_int_eq(wsq_expect_parse("e", line, 100000, &e, error, sizeof error), -1);
    ck_assert_int_eq(strncmp(error, "e:1:100001: error: ", 19), 0);
    ck_assert_int_eq(wsq_expect_parse("e", line, 100000, &e, small, sizeof small), -1);
    ck_assert_uint_lt(strlen(small), sizeof small);
    free(line);
}
END_TEST

/* ---- what is unexpected ---- */

static void add(struct wsq_run *run, const char *id, enum wsq_verdict verdict)
{
    struct wsq_case c = {.id = wsq_dup(id),
                         .verdict = verdict,
                         .reason = wsq_dup(verdict == WSQ_PASS ? NULL : "some reason")};

    ck_assert(wsq_run_add(run, &c));
}

static const char *const plan[] = {"z", "a", "left-out"};

static void apply(struct wsq_run *run, const char *file, bool strict)
{
    struct wsq_expectations e;
    char error[512];

    ck_assert_msg(parse(file, &e, error, sizeof error) == 0, "%s", error);
    ck_assert_int_eq(wsq_expect_apply(&e, run, strict, plan, 3, plan, 2), 0);
    wsq_expect_drop(&e);
}

static const struct {
    enum wsq_verdict verdict;
    bool strict;
    const char *file;
    bool unexpected;
    const char *complaint; /* NULL: none */
} judged[] = {
    {WSQ_PASS, false, "", false, NULL},
    {WSQ_INFO, true, "", false, NULL},
    {WSQ_WARN, false, "", false, NULL},
    {WSQ_WARN, true, "", true, NULL},
    {WSQ_FAIL, false, "", true, NULL},
    {WSQ_FLAKY, false, "", true, NULL},
    {WSQ_SKIP, true, "", false, NULL},
    {WSQ_ERROR, false, "", true, NULL},
    {WSQ_FAIL, false, "a fail", false, NULL},
    {WSQ_FAIL, true, "a fail", false, NULL},
    {WSQ_PASS, false, "a fail", true, NULL},
    {WSQ_PASS, false, "a fail|pass", false, NULL},
    {WSQ_WARN, false, "a fail", true, NULL},
    {WSQ_WARN, true, "a warn", false, NULL},
    {WSQ_INFO, false, "a pass", true, NULL},
    {WSQ_ERROR, false, "a fail", true, NULL},
    {WSQ_ERROR, false, "a error", false, NULL},
    {WSQ_SKIP, false, "a fail", false, "e.txt:1: the expected case a was skipped: some reason"},
    {WSQ_SKIP, false, "a fail|skip", false, NULL},
    {WSQ_PASS, false, "\ngone fail", false, "e.txt:2: the expected case gone matches no case"},
    {WSQ_PASS, false, "left-out fail", false, NULL},
    {WSQ_PASS, false, "z fail", false, "e.txt:1: the expected case z was not judged"},
    {WSQ_FAIL, false, "A fail", true, "e.txt:1: the expected case A matches no case"},
};

START_TEST(what_is_unexpected)
{
    struct wsq_run run = {.complete = true};

    add(&run, "a", judged[_i].verdict);
    apply(&run, judged[_i].file, judged[_i].strict);
    ck_assert_int_eq(run.cases[0].unexpected, judged[_i].unexpected);
    ck_assert_uint_eq(run.complaint_count, judged[_i].complaint ? 1 : 0);
    if (judged[_i].complaint)
        ck_assert_str_eq(run.complaints[0], judged[_i].complaint);
    ck_assert_int_eq(wsq_run_as_expected(&run), !judged[_i].unexpected && !judged[_i].complaint);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(an_incomplete_run_does_not_complain_of_what_it_did_not_reach)
{
    struct wsq_run run = {0};

    apply(&run, "z fail\ngone fail", false);
    ck_assert_uint_eq(run.complaint_count, 1);
    ck_assert_ptr_nonnull(strstr(run.complaints[0], "gone matches no case"));
    wsq_run_drop(&run);
}
END_TEST

START_TEST(no_expectations_at_all)
{
    struct wsq_run run = {.complete = true};

    add(&run, "a", WSQ_FAIL);
    run.cases[0].expectation = wsq_dup("of another file");
    ck_assert_int_eq(wsq_expect_apply(NULL, &run, false, NULL, 0, NULL, 0), 0);
    ck_assert(run.cases[0].unexpected);
    ck_assert_ptr_null(run.cases[0].expectation);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(the_case_says_what_was_expected)
{
    struct wsq_run run = {.complete = true};
    struct wsq_expectations e;
    char error[512];

    add(&run, "a", WSQ_FAIL);
    parse("a fail|warn # why not\nz pass", &e, error, sizeof error);
    ck_assert_int_eq(wsq_expect_apply(&e, &run, false, plan, 3, plan, 2), 0);
    ck_assert_str_eq(run.cases[0].expectation, "warn|fail  # why not");
    ck_assert(e.list[0].used);
    ck_assert(!e.list[1].used);
    wsq_expect_drop(&e);
    wsq_run_drop(&run);
}
END_TEST

/* ---- writing ---- */

START_TEST(the_written_file_makes_the_run_expected)
{
    struct wsq_run run;
    struct wsq_expectations e;
    const char *ids[32];
    char error[512];
    char *file;

    wsq_sample_run(&run);
    file = wsq_expect_write(&run, false);
    ck_assert_msg(strstr(file, " fail") && !strstr(file, " warn"), "%s", file);
    free(file);
    file = wsq_expect_write(&run, true);
    ck_assert_ptr_nonnull(file);
    ck_assert_msg(parse(file, &e, error, sizeof error) == 0, "%s\n%s", error, file);
    for (size_t i = 0; i < run.case_count; i++)
        ids[i] = run.cases[i].id;
    free(run.complaints[0]);
    run.complaint_count = 0;
    ck_assert_int_eq(wsq_expect_apply(&e, &run, true, ids, run.case_count, ids, run.case_count), 0);
    ck_assert_msg(wsq_run_as_expected(&run), "%s", file);
    ck_assert_uint_eq(e.count, 7);
    free(file);
    wsq_expect_drop(&e);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(what_was_agreed_is_kept)
{
    struct wsq_run run = {.complete = true, .target = wsq_dup("ws://h\n/")};
    char *file;

    add(&run, "a10", WSQ_PASS);
    add(&run, "a9", WSQ_FLAKY);
    add(&run, "b", WSQ_PASS);
    add(&run, "c", WSQ_SKIP);
    apply(&run, "a10 fail|pass  # kept\nb fail # fixed\nc fail # gone", false);
    file = wsq_expect_write(&run, true);
    ck_assert_str_eq(file, "# What is known of ws://h\\x0a/.\n"
                           "# CASE VERDICT[|VERDICT…]  # reason\n"
                           "a9 flaky|pass  # some reason\n"
                           "a10 pass|fail  # kept\n");
    free(file);
    wsq_run_drop(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expect");
    TCase *reading = tcase_create("reading"), *judging = tcase_create("judging");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(reading, a_file_is_read);
    tcase_add_loop_test(reading, errors_say_where, 0, sizeof errors / sizeof errors[0]);
    tcase_add_test(reading, nul_and_long_lines_are_refused_with_grace);
    suite_add_tcase(suite, reading);
    tcase_add_loop_test(judging, what_is_unexpected, 0, sizeof judged / sizeof judged[0]);
    tcase_add_test(judging, an_incomplete_run_does_not_complain_of_what_it_did_not_reach);
    tcase_add_test(judging, no_expectations_at_all);
    tcase_add_test(judging, the_case_says_what_was_expected);
    tcase_add_test(judging, the_written_file_makes_the_run_expected);
    tcase_add_test(judging, what_was_agreed_is_kept);
    suite_add_tcase(suite, judging);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
