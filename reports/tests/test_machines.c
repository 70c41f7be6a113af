/* The reports that only programs read, read back by a JSON reader that is not ours. */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <wsr/report.h>

#include "wsq_sample.h"

static json_t *parse(const char *text, size_t length)
{
    json_error_t error;
    json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);

    ck_assert_msg(json, "line %d: %s", error.line, error.text);
    return json;
}

static const char *string(json_t *json, const char *member)
{
    const char *value = json_string_value(json_object_get(json, member));

    ck_assert_msg(value, "expected a string %s", member);
    return value;
}

/* ---- the badge ---- */

static json_t *badge(const struct wsq_run *run)
{
    size_t length;
    char *text = wsr_format("badge")->write(run, &length);
    json_t *json = parse(text, length);

    free(text);
    ck_assert_int_eq(json_integer_value(json_object_get(json, "schemaVersion")), 1);
    return json;
}

static void check_badge(const struct wsq_run *run, const char *message, const char *colour)
{
    json_t *json = badge(run);

    ck_assert_str_eq(string(json, "message"), message);
    ck_assert_str_eq(string(json, "color"), colour);
    json_decref(json);
}

START_TEST(a_badge_is_green_only_for_a_clean_run)
{
    struct wsq_case cases[] = {
        {.verdict = WSQ_PASS}, {.verdict = WSQ_INFO}, {.verdict = WSQ_SKIP}, {.verdict = WSQ_FAIL}};
    struct wsq_run run = {.complete = true, .cases = cases, .case_count = 3};

    check_badge(&run, "2 of 2 pass", "brightgreen");
    run.case_count = 4;
    cases[3].expectation = "fail";
    check_badge(&run, "2 of 3 pass", "yellowgreen");
    cases[3].unexpected = true;
    check_badge(&run, "1 unexpected", "red");
    run.complete = false;
    check_badge(&run, "incomplete", "red");
}
END_TEST

/* ---- Autobahn's folder ---- */

struct folder {
    json_t *files; /* by name */
    size_t room;   /* files that it still takes */
};

static bool keep(void *context, const char *name, const char *text, size_t length)
{
    struct folder *folder = context;

    if (folder->room-- == 0)
        return false;
    ck_assert_msg(!strchr(name, '/'), "a name with a way out: %s", name);
    ck_assert_ptr_null(json_object_get(folder->files, name));
    json_object_set_new(folder->files, name, parse(text, length));
    return true;
}

static int write_folder(const struct wsq_run *run, struct folder *folder)
{
    *folder = (struct folder){json_object(), folder->room};
    return wsr_format("autobahn")->write_files(run, &(struct wsr_sink){keep, folder});
}

static json_t *entry_of(const struct folder *folder, const char *agent, const char *id)
{
    json_t *index = json_object_get(folder->files, "index.json");

    return json_object_get(json_object_get(index, agent), id);
}

static void check_entry(const struct folder *folder, const char *id, const char *behavior,
                        const char *close)
{
    json_t *entry = entry_of(folder, "sample/1.0", id), *detail;

    ck_assert_msg(entry, "%s is not in the index", id);
    ck_assert_str_eq(string(entry, "behavior"), behavior);
    ck_assert_str_eq(string(entry, "behaviorClose"), close);
    detail = json_object_get(folder->files, string(entry, "reportfile"));
    ck_assert_msg(detail, "%s has no file", id);
    ck_assert_str_eq(string(detail, "id"), id);
    ck_assert_str_eq(string(detail, "behavior"), behavior);
}

static char *one[] = {"1.1.1"}, *two[] = {"1.1.1", "2.10"}, *three[] = {"3.1", "../../etc/passwd"};
static struct wsq_case some[] = {
    {.id = "a/1", .title = "t", .verdict = WSQ_PASS, .autobahn = one, .autobahn_count = 1},
    {.id = "a/2", .verdict = WSQ_WARN, .reason = "\"so\"\n", .autobahn = two, .autobahn_count = 2},
    {.id = "a/3", .verdict = WSQ_FAIL, .reason = "no", .autobahn = three, .autobahn_count = 2},
};
static const struct wsq_run run_of_three = {
    .server = "sample/1.0", .complete = true, .cases = some, .case_count = 3};

START_TEST(a_folder_has_the_worst_of_the_cases_that_stand_for_one)
{
    struct folder folder = {.room = 10};

    ck_assert_int_eq(write_folder(&run_of_three, &folder), 0);
    check_entry(&folder, "1.1.1", "NON-STRICT", "OK");
    check_entry(&folder, "2.10", "NON-STRICT", "OK");
    check_entry(&folder, "3.1", "FAILED", "FAILED");
    ck_assert_uint_eq(json_object_size(folder.files), 4);
    json_decref(folder.files);
}
END_TEST

START_TEST(a_folder_of_the_sample_is_inert)
{
    struct folder folder = {.room = 1000};
    struct wsq_run run;

    wsq_sample_run(&run);
    ck_assert_int_eq(write_folder(&run, &folder), 0);
    ck_assert_uint_eq(json_object_size(folder.files), 3);
    json_decref(folder.files);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(a_full_disk_ends_it)
{
    for (size_t room = 0; room < 4; room++) {
        struct folder folder = {.room = room};

        ck_assert_int_eq(write_folder(&run_of_three, &folder), -1);
        json_decref(folder.files);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machines");
    TCase *machines = tcase_create("machines");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(machines, a_badge_is_green_only_for_a_clean_run);
    tcase_add_test(machines, a_folder_has_the_worst_of_the_cases_that_stand_for_one);
    tcase_add_test(machines, a_folder_of_the_sample_is_inert);
    tcase_add_test(machines, a_full_disk_ends_it);
    suite_add_tcase(suite, machines);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
