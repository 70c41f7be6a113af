#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <wsr/report.h>

#include "schema.h"
#include "wsq_sample.h"

static json_t *load_schema(void)
{
    json_error_t error;
    json_t *schema = json_load_file(WSPROOF_SOURCE_DIR "/reports/schema/report.schema.json",
                                    JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(schema, "schema, line %d: %s", error.line, error.text);
    return schema;
}

static json_t *load_report(const struct wsq_run *run)
{
    json_error_t error;
    size_t length;
    char *text = wsr_format("json")->write(run, &length);
    json_t *report;

    ck_assert_ptr_nonnull(text);
    report = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(report, "line %d: %s", error.line, error.text);
    free(text);
    return report;
}

static void check_accepted(const struct wsq_run *run)
{
    json_t *schema = load_schema(), *report = load_report(run);
    char error[400];

    ck_assert_msg(schema_accepts(schema, report, error, sizeof error), "%s", error);
    json_decref(schema);
    json_decref(report);
}

START_TEST(the_sample_fits_the_schema)
{
    struct wsq_run run;

    wsq_sample_run(&run);
    check_accepted(&run);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(an_empty_run_fits_the_schema)
{
    struct wsq_run run = {0};

    check_accepted(&run);
}
END_TEST

START_TEST(a_megabyte_of_anything_fits_the_schema)
{
    struct wsq_run run = {.target = malloc((1 << 20) + 1)};

    for (size_t i = 0; i < 1 << 20; i++)
        run.target[i] = (char)(i % 255 + 1);
    run.target[1 << 20] = '\0';
    check_accepted(&run);
    wsq_run_drop(&run);
}
END_TEST

/* The check itself must be able to fail. */
static const struct {
    const char *path, *value;
} wrongs[] = {
    {"schema", "2"},
    {"type", "\"run\""},
    {"new", "1"},
    {"seed", "5"},
    {"jobs", "-1"},
    {"complete", "null"},
    {"totals", "{}"},
    {"complaints", "[1]"},
    {"cases", "{}"},
    {"cases", "[{}]"},
    {"requirements", "{\"6455-5.2-1\":{}}"},
};

START_TEST(the_schema_refuses)
{
    struct wsq_run run = {0};
    json_t *schema = load_schema(), *report = load_report(&run);
    char error[400];

    json_object_set_new(report, wrongs[_i].path,
                        json_loads(wrongs[_i].value, JSON_DECODE_ANY, NULL));
    ck_assert(!schema_accepts(schema, report, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, _i == 2 ? "too many: new" : wrongs[_i].path));
    json_decref(schema);
    json_decref(report);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema");
    TCase *reports = tcase_create("reports");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(reports, the_sample_fits_the_schema);
    tcase_add_test(reports, an_empty_run_fits_the_schema);
    tcase_add_test(reports, a_megabyte_of_anything_fits_the_schema);
    tcase_add_loop_test(reports, the_schema_refuses, 0, sizeof wrongs / sizeof wrongs[0]);
    suite_add_tcase(suite, reports);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
