#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../site.h"

static const struct {
    const char *target;
    bool found, guarded;
    const char *greeting;
    uint16_t code;
} targets[] = {
    {"/", true, false, NULL, 0},
    {"/?x=1", true, false, NULL, 0},
    {"http://127.0.0.1:9001", true, false, NULL, 0},
    {"HTTP://host?x", true, false, NULL, 0},
    {"https://host/foo?y", true, false, "foo", 0},
    {"/foo", true, false, "foo", 0},
    {"/bar?x", true, false, "bar", 0},
    {"/protected", true, true, NULL, 0},
    {"/close/1000", true, false, NULL, 1000},
    {"/close/4999", true, false, NULL, 4999},
    {"/close/1005", false, false, NULL, 0},
    {"/close/999", false, false, NULL, 0},
    {"/close/", false, false, NULL, 0},
    {"/close/10000", false, false, NULL, 0},
    {"/close/1a00", false, false, NULL, 0},
    {"/foo/", false, false, NULL, 0},
    {"/moved", true, false, NULL, 0},
    {"/room/a", true, false, NULL, 0},
    {"/room/12345678901234567890123456789012?x", true, false, NULL, 0},
    {"/room/123456789012345678901234567890123", false, false, NULL, 0},
    {"/room/", false, false, NULL, 0},
    {"/room/a/b", false, false, NULL, 0},
    {"", false, false, NULL, 0},
    {"?", false, false, NULL, 0},
    {"*", false, false, NULL, 0},
    {"http:", false, false, NULL, 0},
};

START_TEST(finds_places)
{
    struct wsp_place place;
    bool found = wsp_site_find(targets[_i].target, strlen(targets[_i].target), &place);

    ck_assert_msg(found == targets[_i].found, "%s", targets[_i].target);
    if (!found)
        return;
    ck_assert_int_eq(place.guarded, targets[_i].guarded);
    ck_assert_uint_eq(place.close_code, targets[_i].code);
    ck_assert_pstr_eq(place.greeting, targets[_i].greeting);
}
END_TEST

static const struct {
    const char *value;
    bool admitted;
} credentials[] = {
    {"Basic d3Nwcm9vZjpzZWNyZXQ=", true},
    {"bAsIc   d3Nwcm9vZjpzZWNyZXQ=", true},
    {"Bearer secret-token", true},
    {"BEARER secret-token", true},
    {"Bearer secret-tokem", false},
    {"Bearer secret-token2", false},
    {"Bearer", false},
    {"Bearer ", false},
    {"Basic secret-token", false},
    {"Digest d3Nwcm9vZjpzZWNyZXQ=", false},
    {"", false},
};

START_TEST(checks_credentials)
{
    const char *value = credentials[_i].value;

    ck_assert_msg(wsp_site_admits(value, strlen(value)) == credentials[_i].admitted, "%s", value);
}
END_TEST

static const struct {
    const char *value;
    bool welcome;
} origins[] = {
    {"http://localhost:8080", true},
    {"https://example.org", true},
    {"null", true},
    {"", true},
    {":1", true},
    {"http://page.invalid.example", true},
    {"http://page.invalid", false},
    {"https://page.INVALID:8443", false},
    {"http://example.org.invalid", false},
    {"http://invalid", true},
};

START_TEST(knows_whose_page_it_is)
{
    const char *value = origins[_i].value;

    ck_assert_msg(wsp_site_welcomes(value, strlen(value)) == origins[_i].welcome, "%s", value);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("site");
    TCase *cases = tcase_create("site");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(cases, finds_places, 0, (int)(sizeof targets / sizeof *targets));
    tcase_add_loop_test(cases, checks_credentials, 0,
                        (int)(sizeof credentials / sizeof *credentials));
    tcase_add_loop_test(cases, knows_whose_page_it_is, 0, (int)(sizeof origins / sizeof *origins));
    suite_add_tcase(suite, cases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
