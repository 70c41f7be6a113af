/* What no stream of bytes can reach: unusual calls, and a libcrypto that fails. */
#include <string.h>

#include <openssl/evp.h>
#include <wsc/conn.h>
#include <wsc/handshake.h>
#include <wsc/mask.h>

#include "../kernels.h"
#include "feed.h"
#include "main.h"

/* The core's calls into libcrypto come here (the linker's --wrap); the one that `failing` counts
 * down to fails. */
static int failing;

EVP_MD_CTX *__real_EVP_MD_CTX_new(void);
int __real_EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *type, ENGINE *engine);
int __real_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len);
int __real_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *sum, unsigned *len);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *type, ENGINE *engine);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *sum, unsigned *len);

static bool fails(void)
{
    return failing > 0 && --failing == 0;
}

EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void)
{
    return fails() ? NULL : __real_EVP_MD_CTX_new();
}

int __wrap_EVP_DigestInit_ex(EVP_MD_CTX *ctx, const EVP_MD *type, ENGINE *engine)
{
    return fails() ? 0 : __real_EVP_DigestInit_ex(ctx, type, engine);
}

int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len)
{
    return fails() ? 0 : __real_EVP_DigestUpdate(ctx, data, len);
}

int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *sum, unsigned *len)
{
    return fails() ? 0 : __real_EVP_DigestFinal_ex(ctx, sum, len);
}

static struct wsc_text text(const char *s)
{
    return (struct wsc_text){s, strlen(s)};
}

static struct wsc_head head;

static void read_head(const char *bytes)
{
    size_t n = strlen(bytes);
    enum wsc_http (*read)(const uint8_t *, size_t, size_t, struct wsc_head *,
                          struct wsc_findings *) =
        strncmp(bytes, "HTTP/", 5) == 0 ? wsc_http_response : wsc_http_request;
    ck_assert_int_eq(read(guarded((const uint8_t *)bytes, n), n, 8192, &head, NULL), WSC_HTTP_DONE);
}

/* Five calls make an Accept; each in turn fails, and then none does. */
START_TEST(libcrypto_fails)
{
    char accept[WSC_ACCEPT_LEN + 1];
    failing = _i + 1;
    wsc_accept(text("dGhlIHNhbXBsZSBub25jZQ=="), accept);
    failing = 0;
    ck_assert_str_eq(accept, _i < 5 ? "" : "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
END_TEST

START_TEST(a_request_of_another_method)
{
    struct wsc_request request = {
        .method = "HEAD", .target = "/", .host = "h", .key = "AQIDBAUGBwgJCgsMDQ4PEA=="};
    struct wsc_answer answer;
    char out[512];
    size_t n = wsc_request_write(&request, out, sizeof out - 1);
    out[n] = '\0';
    read_head(out);
    ck_assert(wsc_text_is(head.method, "HEAD"));
    wsc_server_answer(&head, NULL, NULL, &answer);
    ck_assert_uint_eq(answer.status, 405);
}
END_TEST

START_TEST(an_answer_to_a_request_without_a_key)
{
    struct wsc_answer answer = {.status = 101, .reason = "Switching Protocols"};
    char out[512];
    read_head("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    size_t n = wsc_answer_write(&answer, &head, out, sizeof out - 1);
    out[n] = '\0';
    read_head(out);
    ck_assert(wsc_text_is(wsc_head_field(&head, "Sec-WebSocket-Accept", 0)->value,
                          "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="));
}
END_TEST

/* Heads need not come from the reader. */
START_TEST(a_head_made_by_hand)
{
    struct wsc_findings f = {0};
    memset(&head, 0, sizeof head);
    ck_assert(!wsc_text_is_nocase(head.method, ""));
    head.method = text("GET");
    head.minor = 1;
    head.headers[0] = (struct wsc_header){text("Upgrade"), text("websocket"), 0};
    head.count = 1;
    ck_assert(!wsc_request_check(&head, &f));
    ck_assert(wsc_findings_had_occasion(&f, WSC_RULE_REQUEST_TARGET));
    ck_assert_uint_eq(f.list[0].rule, WSC_RULE_REQUEST_HOST);
}
END_TEST

static const struct {
    const char *head, *body;
    size_t used, content;
    bool done, broken;
} bodies[] = {
    {"HTTP/1.1 404 X\r\nContent-Length: 3\r\n\r\n", "abcd", 3, 3, true, false},
    {"HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n", "1\t\r\n", 4, 0, false, false},
    {"HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n", "1/", 2, 0, false, true},
    {"HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n", "1\xff", 2, 0, false, true},
    {"HTTP/1.1 404 X\r\n\r\n", "abc", 3, 3, false, false},
};

/* What CONNECT is refused with has a body like any other. */
START_TEST(body_of_a_refused_connect)
{
    struct wsc_body body;
    struct wsc_text content;
    size_t n = strlen(bodies[_i].body);
    const uint8_t *bytes = (const uint8_t *)bodies[_i].body;
    read_head(bodies[_i].head);
    wsc_body_of_response(&body, &head, text("CONNECT"));
    ck_assert_uint_eq(wsc_body_read(&body, bytes, n, &content), bodies[_i].used);
    ck_assert_uint_eq(content.n, bodies[_i].content);
    ck_assert_int_eq(body.done, bodies[_i].done);
    ck_assert_int_eq(body.broken, bodies[_i].broken);
    if (body.done || body.broken)
        ck_assert_uint_eq(wsc_body_read(&body, bytes, n, &content), 0);
}
END_TEST

START_TEST(nul_behind_a_chunk_size)
{
    struct wsc_body body;
    struct wsc_text content;
    read_head("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n");
    wsc_body_of_response(&body, &head, text("GET"));
    ck_assert_uint_eq(wsc_body_read(&body, (const uint8_t *)"1\0\r\n", 4, &content), 2);
    ck_assert(body.broken);
}
END_TEST

/* Bad text at the very end of the input: the endpoint still has to say so before it is hungry. */
START_TEST(not_hungry_while_it_fails)
{
    uint8_t out[256], in[] = {0x81, 0x82, 0, 0, 0, 0, 'a', 0xff};
    struct wsc_conn conn;
    struct wsc_event event;
    wsc_conn_init(&conn, &(struct wsc_conn_config){.role = WSC_SERVER}, out, sizeof out);
    ck_assert(wsc_conn_hungry(&conn) && !wsc_conn_finished(&conn));
    ck_assert(!wsc_conn_next(&conn, &event));
    wsc_conn_feed(&conn, in, sizeof in);
    ck_assert(!wsc_conn_hungry(&conn));
    ck_assert(wsc_conn_next(&conn, &event));
    ck_assert(event.kind == WSC_EVENT_DATA && event.len == 1 && !event.last);
    ck_assert(!wsc_conn_hungry(&conn));
    ck_assert(wsc_conn_next(&conn, &event));
    ck_assert(event.kind == WSC_EVENT_FAIL && event.code == 1007);
    ck_assert(wsc_conn_hungry(&conn) && !wsc_conn_finished(&conn));
}
END_TEST

/* A frame cut inside its header leaves no boundary, nor does one cut inside its payload. */
START_TEST(idle_between_frames_only)
{
    uint8_t in[] = {0x82, 0x02, 'a', 'b'};
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    size_t used;
    ck_assert(wsc_scan_idle(&scan));
    ck_assert(!wsc_scan_next(&scan, in, 1, &used, &piece));
    ck_assert(!wsc_scan_idle(&scan));
    ck_assert(wsc_scan_next(&scan, in + 1, 2, &used, &piece));
    ck_assert(!wsc_scan_idle(&scan));
    ck_assert(wsc_scan_next(&scan, in + 3, 1, &used, &piece) && piece.last);
    ck_assert(wsc_scan_idle(&scan));
}
END_TEST

/* Of an observer that knows which Close was sent: its echo may be any code, another one may not. */
START_TEST(only_an_echo_is_exempt)
{
    static const struct {
        uint16_t sent;
        enum wsc_rule broken;
    } rows[] = {{5000, WSC_RULE_NONE}, {1000, WSC_RULE_CLOSE_CODE_RANGE}};
    uint8_t in[] = {0x88, 0x02, 5000 >> 8, 5000 & 0xff};
    struct wsc_check check;
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    size_t used;
    wsc_check_init(&check, WSC_SERVER);
    check.answered = true;
    check.answered_code = rows[_i].sent;
    ck_assert(wsc_scan_next(&scan, in, sizeof in, &used, &piece));
    wsc_check_piece(&check, &piece, NULL);
    ck_assert_int_eq(check.broken.rule, rows[_i].broken);
}
END_TEST

/* As when two threads come first: the later one takes what the earlier one chose. */
START_TEST(a_choice_is_made_once)
{
    const struct wsc_kernels *chosen = wsc_kernels();
    ck_assert_ptr_eq(wsc_kernels_choose(), chosen);
    ck_assert_ptr_eq(wsc_kernels(), chosen);
}
END_TEST

/* One byte beyond ASCII at either end of what is masked in wide steps, wherever it lies. */
START_TEST(a_byte_beyond_ascii_at_either_end)
{
    static uint8_t bytes[2048 + 64];
    const uint8_t key[4] = {0};
    for (size_t i = 0; i < 64; i++) {
        uint8_t *data = bytes + i;
        memset(data, 'a', 2048);
        ck_assert(wsc_mask(data, 2048, key, 0));
        data[0] = 0xc3;
        ck_assert(!wsc_mask(data, 2048, key, 0));
        data[0] = 'a';
        data[2047] = 0xc3;
        ck_assert(!wsc_mask(data, 2048, key, 0));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("edges");
    TCase *tcase = add_tcase(suite, "edges");
    tcase_add_loop_test(tcase, libcrypto_fails, 0, 6);
    tcase_add_test(tcase, a_request_of_another_method);
    tcase_add_test(tcase, an_answer_to_a_request_without_a_key);
    tcase_add_test(tcase, a_head_made_by_hand);
    tcase_add_loop_test(tcase, body_of_a_refused_connect, 0, (int)(sizeof bodies / sizeof *bodies));
    tcase_add_test(tcase, nul_behind_a_chunk_size);
    tcase_add_test(tcase, not_hungry_while_it_fails);
    tcase_add_test(tcase, idle_between_frames_only);
    tcase_add_loop_test(tcase, only_an_echo_is_exempt, 0, 2);
    tcase_add_test(tcase, a_choice_is_made_once);
    tcase_add_test(tcase, a_byte_beyond_ascii_at_either_end);
    return run_suite(suite);
}
