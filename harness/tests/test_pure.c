/* URLs, patterns and secrets. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/redact.h>
#include <wsh/select.h>
#include <wsh/url.h>

static const struct {
    const char *text, *host;
    unsigned port;
    const char *authority, *path;
} good[] = {
    {"ws://localhost", "localhost", 80, "localhost", "/"},
    {"ws://localhost/", "localhost", 80, "localhost", "/"},
    {"WS://h:8080/a/b?x=1", "h", 8080, "h:8080", "/a/b?x=1"},
    {"ws://h:80/", "h", 80, "h", "/"},
    {"ws://h:/", "h", 80, "h", "/"},
    {"WSS://h/", "h", 443, "h", "/"},
    {"wss://h:443/", "h", 443, "h", "/"},
    {"wss://h:80/", "h", 80, "h:80", "/"},
    {"ws://h?x=1", "h", 80, "h", "/?x=1"},
    {"ws://[::1]:9001/chat", "::1", 9001, "[::1]:9001", "/chat"},
    {"ws://[fe80::1]", "fe80::1", 80, "[fe80::1]", "/"},
    {"ws://127.0.0.1:65535/%20", "127.0.0.1", 65535, "127.0.0.1:65535", "/%20"},
};

START_TEST(reads_a_url)
{
    struct wsh_url url;
    char error[200] = "";
    ck_assert_msg(wsh_url_parse(good[_i].text, &url, error, sizeof error) == 0, "%s", error);
    ck_assert_str_eq(url.host, good[_i].host);
    ck_assert_uint_eq(url.port, good[_i].port);
    ck_assert_str_eq(url.authority, good[_i].authority);
    ck_assert_str_eq(url.path, good[_i].path);
}
END_TEST

static const struct {
    const char *text, *says;
} bad[] = {
    {"", "ws://"},
    {"http://h/", "ws://"},
    {"wss://", "host name"},
    {"wss://h/#f", "#"},
    {"ws://", "host name"},
    {"ws:///x", "host name"},
    {"ws://user:secret@h/", "no user name"},
    {"ws://h:0/", "1 to 65535"},
    {"ws://h:65536/", "1 to 65535"},
    {"ws://h:99999999999999999999/", "1 to 65535"},
    {"ws://h:8x/", "expected a port"},
    {"ws://h#f", "#"},
    {"ws://h/#f", "#"},
    {"ws://h/a b", "printable"},
    {"ws://h/\xc3\xa4", "printable"},
    {"ws://h/%2", "hex digits"},
    {"ws://[::1/", "]"},
    {"ws://h\nx/", "expected a port"},
};

START_TEST(refuses_a_url)
{
    struct wsh_url url;
    char error[200] = "";
    ck_assert_int_eq(wsh_url_parse(bad[_i].text, &url, error, sizeof error), -1);
    ck_assert_msg(strstr(error, bad[_i].says) != NULL, "\"%s\" does not say \"%s\"", error,
                  bad[_i].says);
}
END_TEST

START_TEST(refuses_what_is_too_long)
{
    struct wsh_url url;
    char error[200], text[WSH_PATH_MAX + 100];
    memset(text, 'a', sizeof text);
    memcpy(text, "ws://", 5);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(wsh_url_parse(text, &url, error, sizeof error), -1);
    memcpy(text, "ws://h/", 7);
    ck_assert_int_eq(wsh_url_parse(text, &url, error, sizeof error), -1);
}
END_TEST

static const struct {
    const char *url, *shown;
} shown[] = {
    {"ws://h/a?token=abc&x=1", "ws://h/a?token=***&x=***"},
    {"ws://h:81/a=b", "ws://h:81/a=b"},
    {"ws://h/?a=b=c&d", "ws://h/?a=***&d"},
    {"ws://h/?=", "ws://h/?="},
};

START_TEST(hides_the_query)
{
    struct wsh_url url;
    char error[200], text[500];
    ck_assert_int_eq(wsh_url_parse(shown[_i].url, &url, error, sizeof error), 0);
    wsh_url_print(&url, text, sizeof text);
    ck_assert_str_eq(text, shown[_i].shown);
}
END_TEST

static const struct {
    const char *pattern, *text;
    bool matches;
} globs[] = {
    {"5.1/a", "5.1/a", true},
    {"5.1/a", "5.1/ab", false},
    {"5.1/*", "5.1/ab", true},
    {"*", "", true},
    {"*/close", "a/b/close", true},
    {"?.1/a", "5.1/a", true},
    {"?", "", false},
    {"a*b*c", "axxbyyc", true},
    {"a*b*c", "axxcyyb", false},
    {"*a*", "bbb", false},
    {"**", "x", true},
    {"", "", true},
    {"5.1", "5.1/a", false},
    {"*ab", "aab", true},
};

START_TEST(matches_a_pattern)
{
    ck_assert_int_eq(wsh_glob(globs[_i].pattern, globs[_i].text), globs[_i].matches);
}
END_TEST

START_TEST(selects_cases)
{
    struct wss_case cases[] = {{.id = "a/1"}, {.id = "a/2"}, {.id = "b/1"}};
    struct wss_plan plan = {.cases = cases, .count = 3};
    const char *a[] = {"a/*"}, *one[] = {"*/1"}, *none[] = {"c/*"};
    struct wsh_patterns nothing = {0}, only = {a, 1}, skip = {one, 1}, wrong = {none, 1};
    bool selected[3];
    char error[200];
    ck_assert_int_eq(wsh_select(&plan, &nothing, &nothing, selected, error, sizeof error), 0);
    ck_assert(selected[0] && selected[1] && selected[2]);
    ck_assert_int_eq(wsh_select(&plan, &only, &skip, selected, error, sizeof error), 0);
    ck_assert(!selected[0] && selected[1] && !selected[2]);
    ck_assert_int_eq(wsh_select(&plan, &wrong, &nothing, selected, error, sizeof error), -1);
    ck_assert(strstr(error, "--only c/*") != NULL);
    ck_assert_int_eq(wsh_select(&plan, &nothing, &wrong, selected, error, sizeof error), -1);
    ck_assert(strstr(error, "--skip c/*") != NULL);
}
END_TEST

static const struct {
    const char *text, *clean;
} redactions[] = {
    {"nothing here", "nothing here"},
    {"", ""},
    {"a s3cret b s3cret", "a [redacted] b [redacted]"},
    {"s3cretlonger", "[redacted]"},
    {"Authorization: Bearer abc\nHost: h", "Authorization: [redacted]\nHost: h"},
    {"  cookie:a=b\r\nX: y", "  cookie:[redacted]\r\nX: y"},
    {"\"X: 1\\r\\nCookie: a\\r\\n\"", "\"X: 1\\r\\nCookie: [redacted]\\r\\n\""},
    {"Set-Cookie: sid=1", "Set-Cookie: [redacted]"},
    {"Authorization:", "Authorization:"},
    {"X-Cookie: a", "X-Cookie: a"},
};

START_TEST(redacts_text)
{
    struct wsh_secrets secrets = {0};
    ck_assert(wsh_secrets_add(&secrets, "s3cret", 6));
    ck_assert(wsh_secrets_add(&secrets, "s3cretlonger", 12));
    ck_assert(wsh_secrets_add(&secrets, "abc", 3)); /* too short to be looked for */
    ck_assert_uint_eq(secrets.count, 2);
    char *clean = wsh_redact(&secrets, redactions[_i].text);
    ck_assert_str_eq(clean, redactions[_i].clean);
    free(clean);
    wsh_secrets_drop(&secrets);
}
END_TEST

START_TEST(redacts_bytes_in_place)
{
    struct wsh_secrets secrets = {0};
    wsh_secrets_add(&secrets, "s3cret", 6);
    char bytes[] = "GET /?t=s3cret HTTP/1.1\r\nCookie: a=b\r\nHost: h\r\n\r\n";
    struct wsq_wire wire = {.bytes = (uint8_t *)bytes, .kept = sizeof bytes - 1};
    struct wsq_case c = {.wire = &wire, .wire_count = 1};
    ck_assert(wsh_redact_case(&secrets, &c));
    ck_assert_str_eq(bytes, "GET /?t=****** HTTP/1.1\r\nCookie: ***\r\nHost: h\r\n\r\n");
    wsh_secrets_drop(&secrets);
}
END_TEST

START_TEST(knows_names_of_secrets)
{
    ck_assert(wsh_secret_name("Authorization", 13));
    ck_assert(wsh_secret_name("X-Auth-Token", 12));
    ck_assert(wsh_secret_name("COOKIE", 6));
    ck_assert(!wsh_secret_name("path", 4));
    ck_assert(!wsh_secret_name("", 0));
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table)[0])

int main(void)
{
    Suite *suite = suite_create("wsh pure");
    TCase *tcase = tcase_create("pure");
    tcase_add_loop_test(tcase, reads_a_url, 0, ROWS(good));
    tcase_add_loop_test(tcase, refuses_a_url, 0, ROWS(bad));
    tcase_add_test(tcase, refuses_what_is_too_long);
    tcase_add_loop_test(tcase, hides_the_query, 0, ROWS(shown));
    tcase_add_loop_test(tcase, matches_a_pattern, 0, ROWS(globs));
    tcase_add_test(tcase, selects_cases);
    tcase_add_loop_test(tcase, redacts_text, 0, ROWS(redactions));
    tcase_add_test(tcase, redacts_bytes_in_place);
    tcase_add_test(tcase, knows_names_of_secrets);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
