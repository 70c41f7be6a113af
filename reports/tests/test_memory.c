/* Memory ends at the first allocation, at the second, …: everything says so, and loses nothing it
 * had. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/expect.h>
#include <wsq/journal.h>
#include <wsr/report.h>

#include "wsq_sample.h"

/* Linked with --wrap, so that our own calls land here; Jansson is told. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static size_t left = SIZE_MAX; /* allocations that still succeed */

static bool may(void)
{
    if (left == 0)
        return false;
    if (left != SIZE_MAX)
        left--;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
    return may() ? __real_realloc(p, size) : NULL;
}

/* ---- what is tried; each true when it succeeded ---- */

static struct wsq_run sample;
static char *journal;

static bool keeps(char *text)
{
    bool good = text != NULL;

    free(text);
    return good;
}

static bool writes(size_t format)
{
    size_t length;

    return keeps(wsr_format_at(format)->write(&sample, &length));
}

static bool writes_json(void)
{
    return writes(0);
}

static bool writes_junit(void)
{
    return writes(1);
}

static bool writes_html(void)
{
    return writes(2);
}

static bool writes_tap(void)
{
    return writes(3);
}

static bool writes_markdown(void)
{
    return writes(4);
}

static bool writes_badge(void)
{
    return writes(5);
}

static bool takes(void *context, const char *name, const char *text, size_t length)
{
    (void)context;
    return name[0] && strlen(text) == length;
}

static bool writes_autobahn(void)
{
    return wsr_format("autobahn")->write_files(&sample, &(struct wsr_sink){takes, NULL}) == 0;
}

static bool writes_journal(void)
{
    bool good = keeps(wsq_journal_begin(&sample)) && keeps(wsq_journal_end(&sample));

    for (size_t i = 0; i < sample.case_count && good; i++)
        good = keeps(wsq_journal_case(&sample.cases[i]));
    return good;
}

static bool reads_journal(void)
{
    struct wsq_run run;
    char error[200];
    bool good = wsq_journal_read(journal, strlen(journal), &run, error, sizeof error) == 0;

    wsq_run_drop(&run);
    return good;
}

static bool expects(void)
{
    static const char file[] = "5.1/unmasked-text fail  # known\ngone pass\n9.1/deflate pass\n";
    struct wsq_expectations e;
    struct wsq_run run = {.complete = true};
    struct wsq_case c = {.id = wsq_dup("5.1/unmasked-text"), .verdict = WSQ_FAIL};
    char error[200];
    bool good = c.id && wsq_run_add(&run, &c);

    if (good && wsq_expect_parse("e", file, strlen(file), &e, error, sizeof error) == 0) {
        good = wsq_expect_apply(&e, &run, false, NULL, 0, NULL, 0) == 0 &&
               keeps(wsq_expect_write(&run, true));
        wsq_expect_drop(&e);
    } else {
        good = false;
    }
    wsq_case_drop(&c);
    wsq_run_drop(&run);
    return good;
}

static bool (*const tries[])(void) = {
    writes_json,  writes_junit,    writes_html,    writes_tap,    writes_markdown,
    writes_badge, writes_autobahn, writes_journal, reads_journal, expects};

START_TEST(memory_may_end_anywhere)
{
    size_t n = 0;
    bool good;

    do {
        left = n++;
        good = tries[_i]();
        left = SIZE_MAX;
        ck_assert_msg(n < 100000, "never succeeds");
    } while (!good);
    ck_assert_uint_gt(n, 1);
}
END_TEST

static char *whole_journal(void)
{
    char *begin = wsq_journal_begin(&sample), *text = wsq_format("%s\n", begin), *more;

    free(begin);
    for (size_t i = 0; i < sample.case_count; i++) {
        char *line = wsq_journal_case(&sample.cases[i]);

        more = wsq_format("%s%s\n", text, line);
        free(text);
        free(line);
        text = more;
    }
    return text;
}

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *memory = tcase_create("memory");
    SRunner *runner = srunner_create(suite);
    int failed;

    json_set_alloc_funcs(__wrap_malloc, free);
    wsq_sample_run(&sample);
    journal = whole_journal();
    tcase_set_timeout(memory, 0);
    tcase_add_loop_test(memory, memory_may_end_anywhere, 0, sizeof tries / sizeof tries[0]);
    suite_add_tcase(suite, memory);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    free(journal);
    wsq_run_drop(&sample);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
