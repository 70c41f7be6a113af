/* URLs, patterns and secrets. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/redact.h>
#include <wsh/select.h>
#include <wsh/url.h>
#include <wsq/secret.h>

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
    {"abc", "abc"}, /* too short to be looked for */
    {"hex(73 33 63 72 65 74 21)", "hex([redacted] 21)"},
    {"s3cretlong", "[redacted]long"},
    {"\"aa s3cretlon\" … (300 bytes)", "\"aa [redacted]\" … (300 bytes)"},
    {"\"aa s3c\" …", "\"aa [redacted]\" …"},
    {"hex(00 73 33 6) …", "hex(00 [redacted]) …"},
    {"\"aa s3c\"", "\"aa s3c\""},
};

/* A secret with all that is escaped somewhere. */
static const char odd[] = "a/\xc3\xa9\"b\\\n\xf0\x9f\x98\x80?";
static const struct {
    const char *text, *clean;
} odd_redactions[] = {
    {"<a/\xc3\xa9\"b\\\n\xf0\x9f\x98\x80?>", "<[redacted]>"},
    {"\"<a/\xc3\xa9\\\"b\\\\\\n\xf0\x9f\x98\x80?>\"", "\"<[redacted]>\""},
    {"{\"a/\xc3\xa9\\\"b\\\\\\n\xf0\x9f\x98\x80?\"}", "{\"[redacted]\"}"},
    {"{\"a\\/\xc3\xa9\\\"b\\\\\\n\xf0\x9f\x98\x80?\"}", "{\"[redacted]\"}"},
    {"{\"a/\\u00e9\\\"b\\\\\\n\\ud83d\\ude00?\"}", "{\"[redacted]\"}"},
    {"\"{\\\"a/\\\\u00e9\\\\\\\"b\\\\\\\\\\\\n\\\\ud83d\\\\ude00?\\\"}\"",
     "\"{\\\"[redacted]\\\"}\""},
    {"/?t=a%2F%C3%A9%22b%5C%0A%F0%9F%98%80%3F&x", "/?t=[redacted]&x"},
    {"/?t=a%2f%c3%a9%22b%5c%0a%f0%9f%98%80%3f", "/?t=[redacted]"},
    {"hex(61 2f c3 a9 22 62 5c 0a f0 9f 98 80 3f)", "hex([redacted])"},
};

START_TEST(redacts_every_form)
{
    struct wsh_secrets secrets = {0};
    ck_assert(wsh_secrets_add(&secrets, odd, sizeof odd - 1));
    char *clean = wsh_redact(&secrets, odd_redactions[_i].text);
    ck_assert_str_eq(clean, odd_redactions[_i].clean);
    free(clean);
    wsh_secrets_drop(&secrets);
}
END_TEST

START_TEST(redacts_text)
{
    struct wsh_secrets secrets = {0};
    ck_assert(wsh_secrets_add(&secrets, "s3cret", 6));
    ck_assert(wsh_secrets_add(&secrets, "s3cretlonger", 12));
    ck_assert(wsh_secrets_add(&secrets, "abc", 3)); /* too short to be looked for */
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

/* A token in a message of ours and one of the peer's: masked, in fragments with a ping between,
 * and where the bytes that were kept end. */
START_TEST(redacts_the_wire)
{
    static const struct {
        bool sent, more; /* more: there were bytes that are not kept */
        size_t head;
        const char *plain, *clean;
        uint8_t first; /* byte of the head */
    } rows[] = {
        {true, false, 6, "my s3c", "my ***", 0x01},
        {false, false, 2, "<s3cr", "<****", 0x01},
        {false, false, 2, "s3cret", "******", 0x89},
        {true, false, 6, "ret!", "***!", 0x80},
        {false, false, 2, "et>", "**>", 0x80},
        {true, false, 0, "GET /s3cret", "GET /******", 0},
        {true, true, 6, "aaas3cr", "aaa****", 0x81},
        {true, false, 6, "et", "et", 0x82},
        {false, false, 2, "deflated", "********", 0xc1},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    static const uint8_t key[4] = {0x11, 0x92, 0x33, 0xf4};
    struct wsh_secrets secrets = {0};
    struct wsq_wire wire[COUNT] = {0};
    uint8_t bytes[COUNT][32] = {{0}};
    char named[] = "s3cret"; /* the case is about it */
    struct wsq_case c = {.wire = wire, .wire_count = COUNT, .title = wsq_dup(named)};
    wsh_secrets_add(&secrets, "s3cret", 6);
    for (size_t i = 0; i < COUNT; i++) {
        size_t n = strlen(rows[i].plain), head = rows[i].head;
        wire[i] = (struct wsq_wire){.sent = rows[i].sent,
                                    .bytes = bytes[i],
                                    .kept = head + n,
                                    .length = head + n + rows[i].more,
                                    .head = head};
        bytes[i][0] = rows[i].first;
        bytes[i][1] = (uint8_t)(head == 6 ? 0x80 | n : n);
        memcpy(bytes[i] + 2, key, head == 6 ? 4 : 0);
        for (size_t k = 0; k < n; k++)
            bytes[i][head + k] = (uint8_t)(rows[i].plain[k] ^ (head == 6 ? key[k % 4] : 0));
    }
    ck_assert(wsh_redact_case(&secrets, &c));
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < strlen(rows[i].plain); k++)
            bytes[i][rows[i].head + k] ^= rows[i].head == 6 ? key[k % 4] : 0;
        ck_assert_str_eq((char *)bytes[i] + rows[i].head, rows[i].clean);
    }
    free(c.title);
    wsh_secrets_drop(&secrets);
}
END_TEST

START_TEST(knows_names_of_secrets)
{
    ck_assert(wsq_secret_name("Authorization", 13));
    ck_assert(wsq_secret_name("X-Auth-Token", 12));
    ck_assert(wsq_secret_name("COOKIE", 6));
    ck_assert(wsq_secret_name("Passwort", 8));
    ck_assert(!wsq_secret_name("path", 4));
    ck_assert(!wsq_secret_name("", 0));
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
    tcase_add_loop_test(tcase, redacts_every_form, 0,
                        sizeof odd_redactions / sizeof odd_redactions[0]);
    tcase_add_test(tcase, redacts_the_wire);
    tcase_add_test(tcase, knows_names_of_secrets);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
