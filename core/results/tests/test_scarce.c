/* Memory ends at each allocation in turn: a journal is read whole or not at all, and what is
 * written is whole or not there. */
#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/compare.h>
#include <wsq/expect.h>
#include <wsq/journal.h>
#include <wsq/text.h>

#include "scarce.h"
#include "wsq_sample.h"

static char *journal_of(const struct wsq_run *run, size_t *length)
{
    struct wsq_text text = {0};

    for (size_t i = 0; i < run->case_count + 2; i++) {
        char *line = i == 0                     ? wsq_journal_begin(run)
                     : i == run->case_count + 1 ? wsq_journal_end(run)
                                                : wsq_journal_case(&run->cases[i - 1]);

        if (line) {
            wsq_text_puts(&text, line);
            wsq_text_puts(&text, "\n");
        }
        free(line);
    }
    return wsq_text_take(&text, length);
}

static bool same(const struct wsq_run *a, const struct wsq_run *b)
{
    json_t *one = wsq_run_json(a), *other = wsq_run_json(b);
    bool equal = json_equal(one, other);

    json_decref(one);
    json_decref(other);
    return equal;
}

START_TEST(a_journal_is_read_whole_or_not)
{
    struct wsq_run run, back;
    size_t length;
    char *journal, error[300];
    bool met = true;

    wsq_sample_run(&run);
    journal = journal_of(&run, &length);
    for (unsigned i = 0; met; i++) {
        int said;

        error[0] = '\0';
        scarce_begin(i);
        said = wsq_journal_read(journal, length, &back, error, sizeof error);
        met = scarce_end();
        ck_assert_msg(met || said == 0, "%s", error);
        ck_assert(said == 0 || error[0] != '\0');
        ck_assert(said != 0 || same(&run, &back));
        wsq_run_drop(&back);
    }
    free(journal);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(a_journal_is_written_whole_or_not)
{
    struct wsq_run run;
    size_t length, n;
    char *journal, *other;
    bool met = true;

    wsq_sample_run(&run);
    journal = journal_of(&run, &length);
    for (unsigned i = 0; met; i++) {
        struct wsq_run back;
        char error[300];

        scarce_begin(i);
        other = journal_of(&run, &n);
        met = scarce_end();
        ck_assert(met || (n == length && memcmp(other, journal, n) == 0));
        /* Whatever lines are missing, none is broken. */
        if (other && wsq_journal_read(other, n, &back, error, sizeof error) == 0)
            wsq_run_drop(&back);
        free(other);
    }
    free(journal);
    wsq_run_drop(&run);
}
END_TEST

/* What a run makes of them, written down; false: memory ended. */
static bool expect(char **written, unsigned i, bool *met)
{
    static const char text[] = "5.1/a fail  # known\n5.2/b skip|pass\n9.9/x warn\n";
    struct wsq_expectations e = {0};
    struct wsq_run run;
    char error[300];
    bool done;

    wsq_sample_run(&run);
    *written = NULL;
    scarce_begin(i);
    done = wsq_expect_parse("e", text, sizeof text - 1, &e, error, sizeof error) == 0 &&
           wsq_expect_apply(&e, &run, false, NULL, 0, NULL, 0) == 0;
    if (done)
        *written = wsq_expect_write(&run, true);
    *met = scarce_end();
    ck_assert(done ? e.count == 3 : *met);
    wsq_expect_drop(&e);
    wsq_run_drop(&run);
    return *written != NULL;
}

START_TEST(expectations_are_whole_or_not_there)
{
    char *wanted, *written;
    bool met;

    ck_assert(expect(&wanted, UINT_MAX, &met));
    for (unsigned i = 0; i == 0 || met; i++) {
        if (expect(&written, i, &met))
            ck_assert_str_eq(written, wanted);
        else
            ck_assert(met);
        free(written);
    }
    free(wanted);
}
END_TEST

START_TEST(a_comparison_is_whole_or_not_there)
{
    struct wsq_run runs[2];
    bool met = true;

    wsq_sample_run(&runs[0]);
    wsq_sample_run(&runs[1]);
    for (unsigned i = 0; met; i++) {
        struct wsq_comparison comparison;
        bool done;

        scarce_begin(i);
        done = wsq_compare(runs, 2, &comparison);
        met = scarce_end();
        ck_assert(met != done);
        ck_assert(!done || comparison.count == runs[0].case_count);
        if (done)
            wsq_comparison_drop(&comparison);
    }
    wsq_run_drop(&runs[0]);
    wsq_run_drop(&runs[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scarce");
    TCase *tcase = tcase_create("scarce");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, a_journal_is_read_whole_or_not);
    tcase_add_test(tcase, a_journal_is_written_whole_or_not);
    tcase_add_test(tcase, expectations_are_whole_or_not_there);
    tcase_add_test(tcase, a_comparison_is_whole_or_not_there);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
