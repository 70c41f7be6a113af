/* Errors: order, places, limits and how they are shown.  Their texts are in the goldens. */
#include "notation_test.h"

#include <stdio.h>

START_TEST(errors_are_in_order)
{
    static const char source[] = "case a\n  > fni\n  alvie\n  > text \"\\q\"\n";
    struct script script = read_script(source, sizeof source - 1);
    static const struct wsn_pos places[] = {{2, 5, 0}, {3, 3, 0}, {4, 11, 0}};
    ck_assert_uint_eq(script.errors.count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(script.errors.list[i].pos.line, places[i].line);
        ck_assert_uint_eq(script.errors.list[i].pos.column, places[i].column);
    }
    ck_assert_uint_eq(script.errors.list[0].length, 3);
    drop_script(&script);
}
END_TEST

/* Later passes add errors at earlier places. */
START_TEST(added_errors_are_sorted_in)
{
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    static const uint32_t lines[] = {5, 2, 9, 2, 1};
    static const char *const texts[] = {"1 e", "2 b", "2 d", "5 a", "9 c"};
    for (unsigned i = 0; i < 5; i++)
        wsn_error(&arena, &errors, (struct wsn_pos){lines[i], 1, 0}, 1, "%u %c", lines[i],
                  'a' + (int)i);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(errors.list[i].text, texts[i]);
    wsn_arena_drop(&arena);
}
END_TEST

START_TEST(errors_are_limited)
{
    struct wsn_buffer source = {0};
    wsn_puts(&source, "case a\n");
    for (int i = 0; i < 1000; i++)
        wsn_puts(&source, "  > fni\n");
    struct script script = read_script(source.p, source.n);
    ck_assert_uint_eq(script.errors.count, 100);
    ck_assert_uint_eq(script.errors.total, 1000);
    wsn_buffer_drop(&source);
    drop_script(&script);
}
END_TEST

static const struct {
    const char *source; /* one line; the error is put at `column` with `length` */
    uint32_t column, length;
    const char *shown; /* the two lines behind the message */
} places[] = {
    {"  > fni", 5, 3, "      > fni\n        ^~~\n"},
    {"a\tb\x1b[31m\x7f", 3, 2, "    a\\tb\\x1b[31m\\x7f\n       ^~~~~\n"},
    {"\xff\xc3\xa9", 2, 2, "    \\xff\xc3\xa9\n        ^\n"},
    {"abc", 4, 1, "    abc\n       ^\n"},
    {"abc", 400, 4000000000u, "    abc\n       ^\n"},
    {"", 1, 1, "    \n    ^\n"},
};

START_TEST(place_is_shown)
{
    struct wsn_file file = {.name = "a\x1b.wst", .source = places[_i].source};
    struct wsn_error error = {
        .pos = {1, places[_i].column}, .length = places[_i].length, .text = "x"};
    struct wsn_buffer out = {0}, expected = {0};
    file.length = strlen(file.source);
    wsn_error_print(&file, &error, &out);
    wsn_printf(&expected, "a\\x1b.wst:1:%u: error: x\n%s", places[_i].column, places[_i].shown);
    ck_assert_str_eq(out.p, expected.p);
    wsn_buffer_drop(&out);
    wsn_buffer_drop(&expected);
}
END_TEST

START_TEST(unknown_place_is_no_place)
{
    struct wsn_file file = {.name = "x", .source = "abc", .length = 3};
    struct wsn_error nowhere = {.length = 1, .text = "t"}, beyond = {{7, 1, 0}, 1, "t"};
    struct wsn_buffer out = {0};
    wsn_error_print(&file, &nowhere, &out);
    wsn_error_print(&file, &beyond, &out);
    ck_assert_str_eq(out.p, "x: error: t\nx:7:1: error: t\n");
    wsn_buffer_drop(&out);
}
END_TEST

START_TEST(long_lines_are_cut)
{
    static char source[100001];
    memset(source, 'x', sizeof source - 1);
    struct wsn_file file = {.name = "x", .source = source, .length = sizeof source - 1};
    struct wsn_error error = {{1, 50000, 0}, 100000, "t"};
    struct wsn_buffer out = {0};
    wsn_error_print(&file, &error, &out);
    ck_assert_uint_lt(out.n, 400);
    wsn_buffer_drop(&out);
}
END_TEST

Suite *error_suite(void)
{
    Suite *suite = suite_create("errors");
    TCase *tests = tcase_create("errors");
    tcase_add_test(tests, errors_are_in_order);
    tcase_add_test(tests, added_errors_are_sorted_in);
    tcase_add_test(tests, errors_are_limited);
    ADD_ROWS(tests, place_is_shown, places);
    tcase_add_test(tests, unknown_place_is_no_place);
    tcase_add_test(tests, long_lines_are_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
