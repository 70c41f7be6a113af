#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/catalogue.h>
#include <wsq/result.h>

/* The range of a loop test is needed before the catalogue can be asked; a test keeps it honest. */
enum { ROWS = 563 };

START_TEST(the_table_is_whole)
{
    ck_assert_uint_eq(wsq_requirement_count(), ROWS);
}
END_TEST

START_TEST(a_row_is_found_by_its_id)
{
    const struct wsq_requirement *row = wsq_requirement_at((size_t)_i);

    ck_assert_ptr_eq(wsq_requirement(row->id), row);
}
END_TEST

START_TEST(the_table_is_sorted)
{
    if (_i > 0)
        ck_assert_int_lt(
            wsq_natural(wsq_requirement_at((size_t)_i - 1)->id, wsq_requirement_at((size_t)_i)->id),
            0);
}
END_TEST

static bool is_one_of(const char *value, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(value, *list) == 0)
            return true;
    return false;
}

START_TEST(the_cells_are_sound)
{
    static const char *const levels[] = {"MUST", "SHOULD", "MAY", NULL};
    static const char *const seen[] = {"wire", "indirect", "no", NULL};
    const struct wsq_requirement *row = wsq_requirement_at((size_t)_i);
    char *begin = wsq_format("%s-%s-", row->rfc, row->section);

    ck_assert_int_eq(strncmp(row->id, begin, strlen(begin)), 0);
    ck_assert(is_one_of(row->level, levels));
    ck_assert(is_one_of(row->observable, seen));
    ck_assert_str_ne(row->statement, "");
    ck_assert_int_eq(row->grade == WSQ_GRADE_DUP, row->same_as[0] != '\0');
    free(begin);
}
END_TEST

/* A server's author who reads of a fault must read what to change. */
START_TEST(a_servers_fault_has_a_remedy)
{
    const struct wsq_requirement *row = wsq_requirement_at((size_t)_i);
    bool judges = row->grade == WSQ_GRADE_FAIL || row->grade == WSQ_GRADE_WARN ||
                  row->grade == WSQ_GRADE_INFO;
    bool server = strcmp(row->binds, "server") == 0 || strcmp(row->binds, "both") == 0;

    if (judges && server)
        ck_assert_msg(row->fix[0] != '\0', "%s: `fix` is empty", row->id);
    if (row->fix[0] != '\0')
        ck_assert_msg(row->fix[strlen(row->fix) - 1] == '.', "%s: `fix` is no sentence", row->id);
}
END_TEST

START_TEST(the_judging_row_judges)
{
    const struct wsq_requirement *row = wsq_requirement_at((size_t)_i);
    const struct wsq_requirement *judged = wsq_requirement_judged(row);

    ck_assert_str_eq(judged->same_as, "");
    ck_assert_int_ne(judged->grade, WSQ_GRADE_DUP);
    if (row->same_as[0] == '\0')
        ck_assert_ptr_eq(judged, row);
}
END_TEST

START_TEST(unknown_ids_have_no_row)
{
    static const char *const ids[] = {
        "",         "6455", "6455-5.2-",  "6455-5.02-1", "6455-5.2-01", "6455-5.2-1x",
        "9999-1-1", "0",    "6455-5.2-1 "};

    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        ck_assert_msg(wsq_requirement(ids[i]) == NULL, "found: %s", ids[i]);
    ck_assert_ptr_null(wsq_requirement(NULL));
}
END_TEST

START_TEST(special_characters_survive_the_embedding)
{
    const struct wsq_requirement *row = wsq_requirement("6455-3-1");

    ck_assert_ptr_nonnull(row);
    ck_assert_ptr_nonnull(strstr(row->statement, "[?query];"));
    ck_assert_ptr_nonnull(strstr(row->probe_client, "'ws://[::1'"));
    ck_assert_str_eq(row->probe_server, "");
}
END_TEST

START_TEST(the_place_names_rfc_and_section)
{
    char place[40], small[6];

    wsq_requirement_place(wsq_requirement("6455-5.2-1"), place, sizeof place);
    ck_assert_str_eq(place, "RFC 6455, section 5.2");
    wsq_requirement_place(wsq_requirement("6455-5.2-1"), small, sizeof small);
    ck_assert_str_eq(small, "RFC 6");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalogue");
    TCase *rows = tcase_create("rows"), *lookup = tcase_create("lookup");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(rows, a_row_is_found_by_its_id, 0, ROWS);
    tcase_add_loop_test(rows, the_table_is_sorted, 0, ROWS);
    tcase_add_loop_test(rows, the_cells_are_sound, 0, ROWS);
    tcase_add_loop_test(rows, a_servers_fault_has_a_remedy, 0, ROWS);
    tcase_add_loop_test(rows, the_judging_row_judges, 0, ROWS);
    suite_add_tcase(suite, rows);
    tcase_add_test(lookup, the_table_is_whole);
    tcase_add_test(lookup, unknown_ids_have_no_row);
    tcase_add_test(lookup, special_characters_survive_the_embedding);
    tcase_add_test(lookup, the_place_names_rfc_and_section);
    suite_add_tcase(suite, lookup);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
