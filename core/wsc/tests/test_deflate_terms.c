/* permessage-deflate: the terms that are offered, chosen and agreed. */
#include <string.h>

#include <wsc/handshake.h>

#include "conn_log.h"
#include "main.h"

static struct wsc_text text(const char *s)
{
    return (struct wsc_text){s, strlen(s)};
}

static const struct {
    const char *text;
    bool offer, answer; /* good as the one, good as the other */
} elements[] = {
    {"permessage-deflate", true, true},
    {"permessage-deflate; client_max_window_bits", true, false},
    {"permessage-deflate; client_max_window_bits=8", true, true},
    {"permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
     "server_max_window_bits=9; client_max_window_bits=15",
     true, true},
    {"permessage-deflate; server_max_window_bits", false, false},
    {"permessage-deflate; server_max_window_bits=\"1\\\\0\"", false, false},
    {"permessage-deflate; server_max_window_bits=10;", false, false},
    {"permessage-deflate; x", false, false},
    {"permessage-bzip2", false, false},
    {"", false, false},
};

START_TEST(elements_are_read_and_written)
{
    struct wsc_deflate_terms terms;
    char out[WSC_DEFLATE_TEXT];
    ck_assert_int_eq(wsc_deflate_read(text(elements[_i].text), true, &terms), elements[_i].answer);
    ck_assert_int_eq(wsc_deflate_read(text(elements[_i].text), false, &terms), elements[_i].offer);
    if (!elements[_i].offer)
        return;
    size_t n = wsc_deflate_write(&terms, out, sizeof out);
    ck_assert_str_eq(out, elements[_i].text);
    ck_assert_uint_eq(n, strlen(out));
    for (size_t size = 0; size <= n; size++)
        ck_assert_uint_eq(wsc_deflate_write(&terms, out, size), 0);
}
END_TEST

static const struct {
    const char *offers;
    struct wsc_deflate_terms wish;
    const char *answer; /* NULL: declined */
} choices[] = {
    {"permessage-deflate", {false, false, 0, 0}, "permessage-deflate"},
    {"x-foo, permessage-deflate", {false, false, 15, 15}, "permessage-deflate"},
    {"x-foo", {false, false, 0, 0}, NULL},
    {"permessage-deflate; foo", {false, false, 0, 0}, NULL},
    {"permessage-deflate; foo, permessage-deflate; server_max_window_bits=10",
     {false, false, 0, 0},
     "permessage-deflate; server_max_window_bits=10"},
    {"permessage-deflate; server_no_context_takeover, permessage-deflate",
     {false, false, 0, 0},
     "permessage-deflate; server_no_context_takeover"},
    {"permessage-deflate; client_no_context_takeover",
     {false, false, 0, 0},
     "permessage-deflate; client_no_context_takeover"},
    {"permessage-deflate",
     {true, true, 12, 12},
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
     "server_max_window_bits=12"},
    {"permessage-deflate; client_max_window_bits; server_max_window_bits=9",
     {false, false, 12, 12},
     "permessage-deflate; server_max_window_bits=9; client_max_window_bits=12"},
    {"permessage-deflate; client_max_window_bits=10; server_max_window_bits=15",
     {false, false, 12, 12},
     "permessage-deflate; server_max_window_bits=12; client_max_window_bits=10"},
    {"permessage-deflate; client_max_window_bits=10; server_max_window_bits=15",
     {false, false, 0, 0},
     "permessage-deflate; server_max_window_bits=15; client_max_window_bits=10"},
    {"permessage-deflate; client_max_window_bits", {false, false, 0, 0}, "permessage-deflate"},
};

static struct wsc_head request, response;

static void ask(const char *offers)
{
    static char out[1024];
    const struct wsc_request r = {
        .target = "/", .host = "h", .key = "dGhlIHNhbXBsZSBub25jZQ==", .extensions = offers};
    size_t n = wsc_request_write(&r, out, sizeof out);
    ck_assert_int_eq(wsc_http_request((const uint8_t *)out, n, n, &request, NULL), WSC_HTTP_DONE);
}

/* What is chosen is an answer that breaks no rule, and reads back as what was agreed. */
START_TEST(an_offer_is_chosen)
{
    struct wsc_deflate_terms agreed = {false}, read;
    struct wsc_findings f = {0};
    struct wsc_answer answer;
    char extensions[WSC_DEFLATE_TEXT], out[1024];
    ask(choices[_i].offers);
    bool chosen = wsc_deflate_choose(&request, &choices[_i].wish, &agreed);
    ck_assert_int_eq(chosen, choices[_i].answer != NULL);
    wsc_server_answer(&request, NULL, NULL, &answer);
    if (chosen) {
        ck_assert_uint_ne(wsc_deflate_write(&agreed, extensions, sizeof extensions), 0);
        ck_assert_str_eq(extensions, choices[_i].answer);
        answer.extensions = extensions;
    }
    size_t n = wsc_answer_write(&answer, &request, out, sizeof out);
    ck_assert_int_eq(wsc_http_response((const uint8_t *)out, n, n, &response, &f), WSC_HTTP_DONE);
    ck_assert(wsc_response_check(&request, &response, &f));
    ck_assert_uint_eq(f.total, 0);
    ck_assert_int_eq(wsc_deflate_agreed(&response, &read), chosen);
    ck_assert(!chosen || memcmp(&read, &agreed, sizeof read) == 0);
}
END_TEST

/* A rule has its occasion where the offer gives one, whatever the answer. */
START_TEST(occasions_of_an_answer)
{
    static const char declined[] = "HTTP/1.1 101 X\r\n\r\n";
    struct wsc_findings f = {0};
    ask("permessage-deflate; foo; server_no_context_takeover");
    wsc_http_response((const uint8_t *)declined, strlen(declined), 99, &response, NULL);
    wsc_response_check(&request, &response, &f);
    ck_assert(wsc_findings_had_occasion(&f, WSC_RULE_RESPONSE_DEFLATE_OFFER_UNKNOWN));
    ck_assert(wsc_findings_had_occasion(&f, WSC_RULE_RESPONSE_DEFLATE_TAKEOVER_DROPPED));
    ck_assert(!wsc_findings_had_occasion(&f, WSC_RULE_RESPONSE_DEFLATE_OFFER_VALUE));
    ck_assert(!wsc_findings_had_occasion(&f, WSC_RULE_RESPONSE_DEFLATE_WINDOW_EXCEEDED));
}
END_TEST

START_TEST(what_an_answer_agrees_to)
{
    static const char text[] =
        "HTTP/1.1 101 X\r\nSec-WebSocket-Extensions: x-foo, permessage-deflate; "
        "server_max_window_bits=99; server_no_context_takeover\r\n\r\n";
    struct wsc_deflate_terms terms;
    wsc_http_response((const uint8_t *)text, strlen(text), 999, &response, NULL);
    ck_assert(wsc_deflate_agreed(&response, &terms));
    ck_assert(terms.server_no_context_takeover);
    ck_assert_uint_eq(terms.server_max_window_bits, 0);
}
END_TEST

#define COUNT(rows) (int)(sizeof(rows) / sizeof *(rows))

int main(void)
{
    Suite *suite = suite_create("deflate_terms");
    TCase *tcase = add_tcase(suite, "terms");
    tcase_add_loop_test(tcase, elements_are_read_and_written, 0, COUNT(elements));
    tcase_add_loop_test(tcase, an_offer_is_chosen, 0, COUNT(choices));
    tcase_add_test(tcase, occasions_of_an_answer);
    tcase_add_test(tcase, what_an_answer_agrees_to);
    return run_suite(suite);
}
