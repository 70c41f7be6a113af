/* What the core writes: keys, requests and answers, each read back by its own reader. */
#include <string.h>

#include <wsc/handshake.h>

#include "main.h"

static struct wsc_text text(const char *s)
{
    return (struct wsc_text){s, strlen(s)};
}

START_TEST(sample_of_section_1_3)
{
    char key[WSC_KEY_LEN + 1], accept[WSC_ACCEPT_LEN + 1];
    wsc_key((const uint8_t *)"the sample nonce", key);
    ck_assert_str_eq(key, "dGhlIHNhbXBsZSBub25jZQ==");
    wsc_accept(text(key), accept);
    ck_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    wsc_accept(text(""), accept);
    ck_assert_str_eq(accept, "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=");
}
END_TEST

START_TEST(keys)
{
    ck_assert(wsc_key_valid(text("AQIDBAUGBwgJCgsMDQ4PEA==")));
    ck_assert(!wsc_key_valid(text("AQIDBAUGBwgJCgsMDQ4PEC=="))); /* pad bits, erratum 3150 */
    ck_assert(!wsc_key_valid(text("AQIDBAUGBwgJCgsMDQ4PEBE=")));
    ck_assert(!wsc_key_valid(text("AQIDBAUGBwgJCgsMDQ4P")));
    ck_assert(!wsc_key_valid(text("AQIDBAUGBwgJCgsMDQ4PEA= ")));
    ck_assert(!wsc_key_valid(text(" QIDBAUGBwgJCgsMDQ4PEA==")));
    ck_assert(!wsc_key_valid(text("AQIDBAUGBwgJ-gsMDQ4PEA==")));
    ck_assert(!wsc_key_valid(text("")));
}
END_TEST

static const struct wsc_request full = {.target = "/chat?x=1",
                                        .host = "[::1]:8080",
                                        .key = "dGhlIHNhbXBsZSBub25jZQ==",
                                        .protocols = "chat, superchat",
                                        .extensions = "permessage-deflate",
                                        .origin = "http://example.com"};

static struct wsc_head request, response;

static void read_request(const struct wsc_request *r, char *out, size_t size,
                         struct wsc_findings *f)
{
    size_t n = wsc_request_write(r, out, size);
    ck_assert_uint_ne(n, 0);
    ck_assert_int_eq(wsc_http_request((const uint8_t *)out, n, size, &request, f), WSC_HTTP_DONE);
    ck_assert_uint_eq(request.length, n);
}

START_TEST(a_request_is_valid)
{
    char out[1024];
    struct wsc_findings f = {0};
    read_request(&full, out, sizeof out, &f);
    ck_assert(wsc_request_check(&request, &f));
    ck_assert_uint_eq(f.total, 0);
    size_t n = wsc_request_write(&full, out, sizeof out);
    for (size_t size = 0; size < n; size++)
        ck_assert_uint_eq(wsc_request_write(&full, out, size), 0);
    ck_assert_uint_eq(wsc_request_write(&full, out, n), n);
}
END_TEST

static const struct {
    const char *have[4];
    const char *chosen;
} choices[] = {
    {{"superchat", "chat", NULL}, "chat"},
    {{"superchat", NULL}, "superchat"},
    {{"Chat", NULL}, NULL},
    {{NULL}, NULL},
};

START_TEST(the_first_offer_that_is_known_is_chosen)
{
    char in[1024], out[1024];
    struct wsc_findings f = {0};
    struct wsc_answer answer;
    read_request(&full, in, sizeof in, &f);
    wsc_server_answer(&request, &f, choices[_i].have, &answer);
    ck_assert_uint_eq(answer.status, 101);
    ck_assert_pstr_eq(answer.protocol, choices[_i].chosen);
    size_t n = wsc_answer_write(&answer, &request, out, sizeof out);
    ck_assert_int_eq(wsc_http_response((const uint8_t *)out, n, n, &response, &f), WSC_HTTP_DONE);
    ck_assert(wsc_response_check(&request, &response, &f));
    ck_assert_uint_eq(f.total, 0);
}
END_TEST

/* A refusal carries what its status demands. */
START_TEST(a_refusal_breaks_no_rule)
{
    static const struct wsc_answer answers[] = {{.status = 400, .reason = "Bad Request"},
                                                {.status = 405, .reason = "Method Not Allowed"},
                                                {.status = 426, .reason = "Upgrade Required"}};
    char in[1024], out[1024];
    struct wsc_findings f = {0};
    read_request(&full, in, sizeof in, NULL);
    size_t n = wsc_answer_write(&answers[_i], NULL, out, sizeof out);
    ck_assert_uint_eq(wsc_answer_write(&answers[_i], NULL, out, n - 1), 0);
    ck_assert_int_eq(wsc_http_response((const uint8_t *)out, n, n, &response, &f), WSC_HTTP_DONE);
    ck_assert_uint_eq(response.status, answers[_i].status);
    ck_assert(!wsc_response_check(&request, &response, &f));
    ck_assert_uint_eq(f.total, 0);
    ck_assert(wsc_head_has(&response, "Connection", "close"));
}
END_TEST

/* More faults than the list holds, the fatal one last: it still counts. */
START_TEST(a_full_list_hides_no_refusal)
{
    char in[1024] = "GET / HTTP/1.1\nHost: h\n";
    struct wsc_findings f = {0};
    struct wsc_answer answer;
    for (int i = 0; i < WSC_FINDINGS_MAX; i++)
        strcat(in, "X: y\n");
    strcat(in, "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n\n");
    ck_assert_int_eq(wsc_http_request((const uint8_t *)in, strlen(in), 1024, &request, &f),
                     WSC_HTTP_DONE);
    ck_assert(!wsc_request_check(&request, &f));
    wsc_server_answer(&request, &f, NULL, &answer);
    ck_assert_uint_eq(answer.status, 400);
}
END_TEST

START_TEST(a_host_has_whole_escapes)
{
    static const struct {
        const char *host;
        bool good;
    } rows[] = {{"a%4Fb%e9", true}, {"%41", true},  {"a%4", false}, {"a%", false},
                {"%G1", false},     {"%1g", false}, {"%!1", false}, {"%1_", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[1024];
        struct wsc_request asked = full;
        struct wsc_findings f = {0};
        asked.host = rows[i].host;
        read_request(&asked, out, sizeof out, &f);
        ck_assert_msg(wsc_request_check(&request, &f) == rows[i].good, "%s", rows[i].host);
        ck_assert_msg(rows[i].good || f.list[0].rule == WSC_RULE_REQUEST_HOST_VALUE, "%s",
                      rows[i].host);
    }
}
END_TEST

/* Fields are told apart by length and first letter, and then by all letters. */
START_TEST(a_field_of_the_same_length_is_another)
{
    const char in[] = "GET / HTTP/1.1\r\nHops: 1\r\nOrigin-x: 1\r\nUpgrate: websocket\r\n\r\n";
    struct wsc_findings f = {0};
    ck_assert_int_eq(wsc_http_request((const uint8_t *)in, sizeof in - 1, 1024, &request, &f),
                     WSC_HTTP_DONE);
    ck_assert(!wsc_request_check(&request, &f));
    ck_assert_int_eq(f.list[0].rule, WSC_RULE_REQUEST_HOST);
    ck_assert_int_eq(f.list[1].rule, WSC_RULE_REQUEST_NO_UPGRADE);
}
END_TEST

/* Each rule has its occasion exactly where the status gives one. */
START_TEST(occasions_of_a_response)
{
    static const struct {
        const char *text;
        enum wsc_rule had, not_had;
    } rows[] = {
        {"HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"a\"\r\n\r\n", WSC_RULE_RESPONSE_REALM,
         WSC_RULE_RESPONSE_ALLOW},
        {"HTTP/1.1 401 X\r\nWWW-Authenticate: Negotiate\r\n\r\n", WSC_RULE_RESPONSE_CHALLENGE,
         WSC_RULE_RESPONSE_REALM},
        {"HTTP/1.1 405 X\r\nAllow: GET\r\n\r\n", WSC_RULE_RESPONSE_ALLOW, WSC_RULE_RESPONSE_ACCEPT},
        {"HTTP/1.1 404 X\r\n\r\n", WSC_RULE_RESPONSE_STATUS_LINE, WSC_RULE_RESPONSE_NO_LENGTH},
        {"HTTP/1.1 101 X\r\n\r\n", WSC_RULE_RESPONSE_NO_LENGTH, WSC_RULE_RESPONSE_ACCEPT_VALUE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wsc_findings f = {0};
        size_t n = strlen(rows[i].text);
        wsc_http_response((const uint8_t *)rows[i].text, n, n, &response, &f);
        wsc_response_check(NULL, &response, &f);
        ck_assert_msg(wsc_findings_had_occasion(&f, rows[i].had), "%s", rows[i].text);
        ck_assert_msg(!wsc_findings_had_occasion(&f, rows[i].not_had), "%s", rows[i].text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("handshake");
    TCase *tcase = add_tcase(suite, "handshake");
    tcase_add_test(tcase, sample_of_section_1_3);
    tcase_add_test(tcase, keys);
    tcase_add_test(tcase, a_request_is_valid);
    tcase_add_loop_test(tcase, the_first_offer_that_is_known_is_chosen, 0,
                        (int)(sizeof choices / sizeof *choices));
    tcase_add_loop_test(tcase, a_refusal_breaks_no_rule, 0, 3);
    tcase_add_test(tcase, a_full_list_hides_no_refusal);
    tcase_add_test(tcase, a_host_has_whole_escapes);
    tcase_add_test(tcase, a_field_of_the_same_length_is_another);
    tcase_add_test(tcase, occasions_of_a_response);
    return run_suite(suite);
}
