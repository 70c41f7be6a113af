#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/journal.h>
#include <wsq/text.h>

#include "wsq_sample.h"

static void put_line(struct wsq_text *text, char *line)
{
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_null(strchr(line, '\n'));
    wsq_text_puts(text, line);
    wsq_text_puts(text, "\n");
    free(line);
}

static char *journal_of(const struct wsq_run *run, size_t *length)
{
    struct wsq_text text = {0};

    put_line(&text, wsq_journal_begin(run));
    for (size_t i = 0; i < run->case_count; i++)
        put_line(&text, wsq_journal_case(&run->cases[i]));
    put_line(&text, wsq_journal_end(run));
    return wsq_text_take(&text, length);
}

/* ---- round trip ---- */

/* What is equal in JSON was equal in every field, since one table writes them all; that the table
 * names every field is what every_field_is_kept proves. */
START_TEST(a_journal_comes_back_whole)
{
    struct wsq_run run, back;
    size_t length;
    char error[300];
    char *journal;
    json_t *before, *after;

    wsq_sample_run(&run);
    journal = journal_of(&run, &length);
    ck_assert_msg(wsq_journal_read(journal, length, &back, error, sizeof error) == 0, "%s", error);
    before = wsq_run_json(&run);
    after = wsq_run_json(&back);
    ck_assert_ptr_nonnull(before);
    ck_assert(json_equal(before, after));
    json_decref(before);
    json_decref(after);
    free(journal);
    wsq_run_drop(&run);
    wsq_run_drop(&back);
}
END_TEST

static const char full[] =
    "{\"type\":\"run\",\"schema\":1,\"target\":\"t\",\"version\":\"v\",\"started\":\"s\","
    "\"seed\":\"18446744073709551615\",\"jobs\":4294967295,\"profile\":\"p\\nq\",\"server\":"
    "\"srv\","
    "\"planned\":7,\"shard\":2,\"shards\":3,\"whole\":9,\"watches\":[\"w1\",\"w2\"],"
    "\"limits\":[{\"name\":\"message\",\"what\":\"wt\",\"unit\":\"bytes\",\"held\":10,"
    "\"refused\":11,\"how\":\"close 1009\"}]}\n"
    "{\"type\":\"case\",\"id\":\"a/b\",\"title\":\"T\",\"suite\":\"a\",\"verdict\":\"flaky\","
    "\"reason\":\"r\",\"unexpected\":true,\"expectation\":\"e\",\"cites\":[\"c1\",\"c2\"],"
    "\"autobahn\":[\"1.1\"],\"faults\":[{\"requirement\":\"q\",\"verdict\":\"warn\",\"seen\":true,"
    "\"line\":3,\"step\":\"st\",\"expected\":\"ex\",\"saw\":\"sa\",\"why\":\"wh\"}],"
    "\"violations\":[{\"requirement\":\"vq\",\"connection\":\"bob\",\"at\":9223372036854775807,"
    "\"sentence\":\"se\"}],\"occasions\":[\"o\"],\"attempts\":[{\"verdict\":\"skip\",\"reason\":"
    "\"ar\","
    "\"ms\":5}],\"slow\":true,\"watch\":true,\"started_ms\":1,\"ms\":2,\"waited_ms\":3,"
    "\"script\":\"scr\",\"transcript\":\"tra\",\"wire\":[{\"sent\":true,\"connection\":\"al\","
    "\"at_ms\":4,\"offset\":5,\"bytes\":\"AAH/"
    "\",\"length\":6,\"what\":\"w\"}],\"replay\":\"rep\"}\n"
    "{\"type\":\"end\",\"ms\":8,\"complete\":true,\"incomplete\":\"i\",\"complaints\":[\"x\"]}\n";

static void check_full_case(const struct wsq_case *c)
{
    ck_assert_str_eq(c->id, "a/b");
    ck_assert_str_eq(c->title, "T");
    ck_assert_str_eq(c->suite, "a");
    ck_assert_int_eq(c->verdict, WSQ_FLAKY);
    ck_assert_str_eq(c->reason, "r");
    ck_assert_uint_eq(c->cite_count, 2);
    ck_assert_str_eq(c->cites[1], "c2");
    ck_assert_uint_eq(c->autobahn_count, 1);
    ck_assert_str_eq(c->autobahn[0], "1.1");
    ck_assert_uint_eq(c->occasion_count, 1);
    ck_assert_str_eq(c->occasions[0], "o");
    ck_assert(c->slow && c->watch && c->unexpected);
    ck_assert_uint_eq(c->started_ms, 1);
    ck_assert_uint_eq(c->ms, 2);
    ck_assert_uint_eq(c->waited_ms, 3);
    ck_assert_str_eq(c->script, "scr");
    ck_assert_str_eq(c->transcript, "tra");
    ck_assert_str_eq(c->replay, "rep");
    ck_assert_str_eq(c->expectation, "e");
}

static void check_full_lists(const struct wsq_case *c)
{
    ck_assert_uint_eq(c->fault_count, 1);
    ck_assert_str_eq(c->faults[0].requirement, "q");
    ck_assert_int_eq(c->faults[0].verdict, WSQ_WARN);
    ck_assert(c->faults[0].seen);
    ck_assert_uint_eq(c->faults[0].line, 3);
    ck_assert_str_eq(c->faults[0].step, "st");
    ck_assert_str_eq(c->faults[0].expected, "ex");
    ck_assert_str_eq(c->faults[0].saw, "sa");
    ck_assert_str_eq(c->faults[0].why, "wh");
    ck_assert_uint_eq(c->violation_count, 1);
    ck_assert_str_eq(c->violations[0].requirement, "vq");
    ck_assert_str_eq(c->violations[0].connection, "bob");
    ck_assert_uint_eq(c->violations[0].at, INT64_MAX);
    ck_assert_str_eq(c->violations[0].sentence, "se");
    ck_assert_uint_eq(c->attempt_count, 1);
    ck_assert_int_eq(c->attempts[0].verdict, WSQ_SKIP);
    ck_assert_str_eq(c->attempts[0].reason, "ar");
    ck_assert_uint_eq(c->attempts[0].ms, 5);
    ck_assert_uint_eq(c->wire_count, 1);
    ck_assert(c->wire[0].sent);
    ck_assert_str_eq(c->wire[0].connection, "al");
    ck_assert_uint_eq(c->wire[0].at_ms, 4);
    ck_assert_uint_eq(c->wire[0].offset, 5);
    ck_assert_uint_eq(c->wire[0].kept, 3);
    ck_assert_mem_eq(c->wire[0].bytes, "\x00\x01\xff", 3);
    ck_assert_uint_eq(c->wire[0].length, 6);
    ck_assert_str_eq(c->wire[0].what, "w");
}

START_TEST(every_field_is_kept)
{
    struct wsq_run run;
    char error[300];
    size_t length;
    char *again;

    ck_assert_int_eq(wsq_journal_read(full, sizeof full - 1, &run, error, sizeof error), 0);
    ck_assert_str_eq(run.target, "t");
    ck_assert_str_eq(run.version, "v");
    ck_assert_str_eq(run.started, "s");
    ck_assert(run.seed == UINT64_MAX);
    ck_assert_uint_eq(run.jobs, 4294967295U);
    ck_assert_str_eq(run.profile, "p\nq");
    ck_assert_str_eq(run.server, "srv");
    ck_assert_uint_eq(run.planned, 7);
    ck_assert_uint_eq(run.limit_count, 1);
    ck_assert_uint_eq(run.limits[0].refused, 11);
    ck_assert_uint_eq(run.ms, 8);
    ck_assert(run.complete);
    ck_assert_str_eq(run.incomplete, "i");
    ck_assert_uint_eq(run.complaint_count, 1);
    ck_assert_str_eq(run.complaints[0], "x");
    ck_assert_uint_eq(run.case_count, 1);
    check_full_case(&run.cases[0]);
    check_full_lists(&run.cases[0]);
    again = journal_of(&run, &length);
    ck_assert_str_eq(again, full);
    free(again);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(numbers_beyond_json_are_clamped)
{
    struct wsq_case c = {.id = wsq_dup("a"), .ms = UINT64_MAX};
    char *line = wsq_journal_case(&c);

    ck_assert_ptr_nonnull(strstr(line, "\"ms\":9223372036854775807"));
    free(line);
    wsq_case_drop(&c);
}
END_TEST

/* ---- runs that were killed ---- */

START_TEST(any_cut_is_an_incomplete_run)
{
    struct wsq_run run, back;
    size_t length, first, cases = 0;
    char error[300];
    char *journal;

    wsq_sample_run(&run);
    journal = journal_of(&run, &length);
    first = strcspn(journal, "\n") + 1;
    /* bytewise through the first lines, then in steps that share no rhythm with the lines */
    for (size_t cut = 0; cut < length; cut += cut < 1500 ? 1 : 13) {
        char *copy = malloc(cut + 1); /* exact, so that a read beyond is seen */
        int result;

        memcpy(copy, journal, cut);
        result = wsq_journal_read(copy, cut, &back, error, sizeof error);
        free(copy);
        if (cut < first) {
            ck_assert_int_eq(result, -1);
            continue;
        }
        ck_assert_int_eq(result, 0);
        ck_assert(!back.complete);
        ck_assert_str_eq(back.incomplete, "the journal ends before the run did");
        ck_assert_uint_ge(back.case_count, cases);
        cases = back.case_count;
        wsq_run_drop(&back);
    }
    ck_assert_uint_ge(cases + 1, run.case_count);
    free(journal);
    wsq_run_drop(&run);
}
END_TEST

/* ---- hostile journals ---- */

#define RUN "{\"type\":\"run\",\"schema\":1}\n"
#define CASE(members) RUN "{\"type\":\"case\",\"id\":\"a\",\"verdict\":\"pass\"," members "}\n"
#define TEN "[[[[[[[[[["
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

static const struct {
    const char *text, *says;
} hostile[] = {
    {"", "line 1: no run in this journal"},
    {"\n", "line 1: "},
    {"null\n", "line 1: '[' or '{' expected"},
    {"[]\n", "line 1: expected an object with a \"type\""},
    {"{}\n", "line 1: expected an object with a \"type\""},
    {"{\"type\":1}\n", "line 1: expected an object with a \"type\""},
    {"{\"type\":\"case\",\"id\":\"a\",\"verdict\":\"pass\"}\n", "line 1: expected the run before"},
    {"{\"type\":\"run\"}\n", "line 1: written by another version"},
    {"{\"type\":\"run\",\"schema\":2}\n", "line 1: written by another version"},
    {RUN RUN, "line 2: a second run"},
    {RUN "{\"type\":\"end\"}\n{\"type\":\"end\"}\n", "line 3: the run has ended above"},
    {RUN "{\"type\":\"what\"}\n", "line 2: \"type\" is none of"},
    {RUN "{\"type\":\"case\",\"type\":\"case\"}\n", "line 2: duplicate object key"},
    {RUN "{\"type\":\"case\",\"verdict\":\"pass\"}\n",
     "line 2: id: expected a name, found nothing"},
    {RUN "{\"type\":\"case\",\"id\":\"\",\"verdict\":\"pass\"}\n", "line 2: id: expected a name"},
    {RUN "{\"type\":\"case\",\"id\":\"a\"}\n",
     "line 2: verdict: expected a verdict, found nothing"},
    {RUN "{\"type\":\"case\",\"id\":\"a\",\"verdict\":\"good\"}\n",
     "line 2: verdict: expected a verdict, found the string \"good\""},
    {CASE("\"title\":7"), "line 2: title: expected a string, found a number"},
    {CASE("\"title\":\"\\u0000\""), "line 2: "},
    {CASE("\"title\":\"\xff\""), "line 2: "},
    {CASE("\"title\":\"\\ud800\""), "line 2: "},
    {CASE("\"slow\":1"), "line 2: slow: expected true or false, found a number"},
    {CASE("\"ms\":-1"), "line 2: ms: expected a whole number from 0 to 9223372036854775807"},
    {CASE("\"ms\":1.5"), "found a number with a fraction"},
    {CASE("\"ms\":99999999999999999999"), "line 2: too big integer"},
    {CASE("\"ms\":1e999"), "line 2: real number overflow"},
    {CASE("\"cites\":{}"), "line 2: cites: expected a list of strings, found an object"},
    {CASE("\"cites\":[\"a\",null]"), "line 2: cites[1]: expected a string, found null"},
    {CASE("\"faults\":\"x\\u001b[2J\""), "found the string \"x\\x1b[2J\""},
    {CASE("\"faults\":[7]"), "line 2: faults[0]: expected an object, found a number"},
    {CASE("\"faults\":[{\"verdict\":\"fail\"},{\"verdict\":\"pass\"}]"),
     "line 2: faults[1].verdict: expected fail, warn or info"},
    {CASE("\"faults\":[{\"verdict\":\"fail\",\"line\":4294967296}]"),
     "line 2: faults[0].line: expected a whole number from 0 to 4294967295"},
    {CASE("\"faults\":[{}]"),
     "line 2: faults[0].verdict: expected fail, warn or info, found nothing"},
    {CASE("\"wire\":[{\"bytes\":\"A\"}]"), "line 2: wire[0].bytes: expected base64"},
    {CASE("\"wire\":[{\"bytes\":\"A===\"}]"), "wire[0].bytes: expected base64"},
    {CASE("\"wire\":[{\"bytes\":\" AA=\"}]"), "wire[0].bytes: expected base64"},
    {CASE("\"wire\":[{\"bytes\":\"AA=A\"}]"), "wire[0].bytes: expected base64"},
    {CASE("\"wire\":[{\"bytes\":7}]"), "wire[0].bytes: expected base64, found a number"},
    {CASE("\"attempts\":" THOUSAND THOUSAND THOUSAND), "line 2: maximum parsing depth reached"},
    {"{\"type\":\"run\",\"schema\":1,\"seed\":\"18446744073709551616\"}\n",
     "seed: expected a number of 64"},
    {"{\"type\":\"run\",\"schema\":1,\"seed\":\"\"}\n", "seed: expected a decimal"},
    {"{\"type\":\"run\",\"schema\":1,\"seed\":\"-1\"}\n", "seed: expected a decimal"},
    {"{\"type\":\"run\",\"schema\":1,\"seed\":5}\n", "seed: expected a decimal"},
    {"{\"type\":\"run\",\"schema\":1,\"jobs\":4294967296}\n", "jobs: expected a whole"},
    {RUN "{\"type\":\"end\",\"complaints\":[[]]}\n",
     "line 2: complaints[0]: expected a string, found a list"},
};

START_TEST(hostile_journals_are_refused)
{
    struct wsq_run run;
    char error[300] = "";

    ck_assert_int_eq(
        wsq_journal_read(hostile[_i].text, strlen(hostile[_i].text), &run, error, sizeof error),
        -1);
    ck_assert_msg(strstr(error, hostile[_i].says), "said: %s", error);
    ck_assert_ptr_null(run.cases);
    ck_assert_ptr_null(run.target);
}
END_TEST

START_TEST(what_is_unknown_or_null_is_passed_over)
{
    static const char text[] =
        RUN "{\"type\":\"case\",\"id\":\"a\",\"verdict\":\"pass\",\"new\":[1],\"title\":null,"
            "\"faults\":null,\"wire\":[{\"bytes\":\"\"}]}\n";
    struct wsq_run run;
    char error[300];

    ck_assert_int_eq(wsq_journal_read(text, sizeof text - 1, &run, error, sizeof error), 0);
    ck_assert_ptr_null(run.cases[0].title);
    ck_assert_uint_eq(run.cases[0].fault_count, 0);
    ck_assert_uint_eq(run.cases[0].wire[0].kept, 0);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(each_byte_of_a_journal_may_be_wrong)
{
    static const char flips[] = {'\0', '"', '{', ']', '\n', '9', '\xff'};
    char *copy = malloc(sizeof full - 1);
    struct wsq_run run;
    char error[60];

    for (size_t i = 0; i < sizeof full - 1; i++)
        for (size_t k = 0; k < sizeof flips; k++) {
            memcpy(copy, full, sizeof full - 1);
            copy[i] = flips[k];
            if (wsq_journal_read(copy, sizeof full - 1, &run, error, sizeof error) == 0)
                wsq_run_drop(&run);
        }
    free(copy);
}
END_TEST

/* ---- the document ---- */

START_TEST(the_document_adds_totals_and_requirements)
{
    struct wsq_run run;
    json_t *json, *requirement;

    wsq_sample_run(&run);
    json = wsq_run_json(&run);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(json, "totals"), "fail")),
                     4);
    ck_assert(json_is_false(json_object_get(json, "as_expected")));
    requirement = json_object_get(json_object_get(json, "requirements"), "6455-5.1-3");
    ck_assert_str_eq(json_string_value(json_object_get(requirement, "section")), "5.1");
    ck_assert_ptr_null(
        json_object_get(json_object_get(json, "requirements"), "not-in-the-catalogue"));
    json_decref(json);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(an_empty_run_is_a_document)
{
    struct wsq_run run = {0};
    json_t *json = wsq_run_json(&run);

    ck_assert_ptr_nonnull(json);
    ck_assert(json_is_null(json_object_get(json, "target")));
    json_decref(json);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *trips = tcase_create("round trip"), *bad = tcase_create("hostile");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(trips, 0);
    tcase_add_test(trips, a_journal_comes_back_whole);
    tcase_add_test(trips, every_field_is_kept);
    tcase_add_test(trips, numbers_beyond_json_are_clamped);
    tcase_add_test(trips, any_cut_is_an_incomplete_run);
    tcase_add_test(trips, the_document_adds_totals_and_requirements);
    tcase_add_test(trips, an_empty_run_is_a_document);
    suite_add_tcase(suite, trips);
    tcase_set_timeout(bad, 0);
    tcase_add_loop_test(bad, hostile_journals_are_refused, 0, sizeof hostile / sizeof hostile[0]);
    tcase_add_test(bad, what_is_unknown_or_null_is_passed_over);
    tcase_add_test(bad, each_byte_of_a_journal_may_be_wrong);
    suite_add_tcase(suite, bad);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
