#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsr/report.h>

#include "golden.h"
#include "wsq_sample.h"

static const char *const names[] = {"json", "junit", "html", "tap", "markdown", "badge"};
enum { FORMATS = sizeof names / sizeof names[0] };

static char *write_as(const char *name, const struct wsq_run *run, size_t *length)
{
    const struct wsr_format *format = wsr_format(name);
    char *text;

    ck_assert_ptr_nonnull(format);
    text = format->write(run, length);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(strlen(text), *length);
    return text;
}

START_TEST(the_formats_are_listed)
{
    for (size_t i = 0; i < FORMATS; i++) {
        ck_assert_str_eq(wsr_format_at(i)->name, names[i]);
        ck_assert_ptr_eq(wsr_format(names[i]), wsr_format_at(i));
    }
    ck_assert_str_eq(wsr_format_at(FORMATS)->name, "autobahn"); /* a folder: test_machines */
    ck_assert_ptr_null(wsr_format_at(FORMATS + 1));
    ck_assert_ptr_null(wsr_format("pdf"));
}
END_TEST

START_TEST(the_sample_is_as_it_was)
{
    const struct wsr_format *format = wsr_format(names[_i]);
    struct wsq_run run;
    char name[40] = "sample.";
    size_t length;
    char *text;

    wsq_sample_run(&run);
    text = write_as(names[_i], &run, &length);
    strcat(name, format->name);
    golden_check(name, text, length);
    free(text);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(an_empty_run_is_written)
{
    struct wsq_run run = {0};
    size_t length;
    char *text = write_as(names[_i], &run, &length);

    ck_assert_uint_gt(length, 0);
    free(text);
}
END_TEST

START_TEST(writing_changes_nothing)
{
    struct wsq_run run;
    size_t one, other;
    char *first, *second;

    wsq_sample_run(&run);
    first = write_as(names[_i], &run, &one);
    second = write_as(names[_i], &run, &other);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(no_control_byte_gets_out)
{
    struct wsq_run run;
    size_t length;
    char *text;

    wsq_sample_run(&run);
    text = write_as(names[_i], &run, &length);
    for (size_t i = 0; i < length; i++)
        ck_assert_msg((unsigned char)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\t',
                      "byte %d at %zu", text[i], i);
    free(text);
    wsq_run_drop(&run);
}
END_TEST

/* Twice the cases, twice the text: 400 cases of a full run stay a page that loads at once. */
START_TEST(a_page_of_400_cases_is_small)
{
    struct wsq_run run;
    size_t length;
    char *text;

    wsq_sample_big(&run, 400);
    text = write_as("html", &run, &length);
    ck_assert_uint_lt(length, 3 << 20);
    free(text);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(a_page_has_no_way_out)
{
    static const char *const forbidden[] = {"<script>alert", "</style></title>", "<b>&'",  "<bob>",
                                            "<i>known",      "unsafe-inline",    "\x1b",   "]]>",
                                            "\xe2\x80\xae",  "onclick",          " style="};
    struct wsq_run run;
    size_t length;
    char *text;

    wsq_sample_run(&run);
    text = write_as("html", &run, &length);
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        ck_assert_msg(!strstr(text, forbidden[i]), "found %s", forbidden[i]);
    free(text);
    wsq_run_drop(&run);
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite = suite_create("reports");
    TCase *formats = tcase_create("formats");
    SRunner *runner = srunner_create(suite);
    int failed;

    golden_bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
    tcase_set_timeout(formats, 0);
    tcase_add_test(formats, the_formats_are_listed);
    tcase_add_loop_test(formats, the_sample_is_as_it_was, 0, FORMATS);
    tcase_add_loop_test(formats, an_empty_run_is_written, 0, FORMATS);
    tcase_add_loop_test(formats, writing_changes_nothing, 0, FORMATS);
    tcase_add_loop_test(formats, no_control_byte_gets_out, 0, FORMATS);
    tcase_add_test(formats, a_page_of_400_cases_is_small);
    tcase_add_test(formats, a_page_has_no_way_out);
    suite_add_tcase(suite, formats);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
