/* The TLS engine against itself, in memory: CERTIFICATES is argv[1], a folder of certificates.sh.
 */
#include "../tls_parts.h"
#include "scarce.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;

static const char *path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *out = paths[next++ % 8];
    snprintf(out, sizeof paths[0], "%s/%s", folder, name);
    return out;
}

struct pair {
    struct wsh_tls_context *contexts[2];
    struct wsh_tls *client, *server;
    size_t cut;       /* bytes that are carried at once */
    bool scarce, met; /* no memory for what is to be sent; and some was asked for */
};

static void begin(struct pair *pair, const char *certificate, struct wsh_tls_setup setup,
                  const char *sni, unsigned max)
{
    char error[400] = "";
    if (!setup.ca && !setup.insecure)
        setup.ca = path("ca.pem");
    if (!setup.name)
        setup.name = "localhost";
    pair->contexts[0] = wsh_tls_client(&setup, error, sizeof error);
    ck_assert_msg(pair->contexts[0] != NULL, "%s", error);
    const char *own = certificate ? path(certificate) : NULL;
    pair->contexts[1] = wsh_tls_server(own, own, error, sizeof error);
    ck_assert_msg(pair->contexts[1] != NULL, "%s", error);
    pair->client = wsh_tls_new(pair->contexts[0], &(struct wss_how){.sni = sni, .max_tls = max});
    pair->server = wsh_tls_new(pair->contexts[1], NULL);
    ck_assert(pair->client && pair->server);
}

static void drop(struct pair *pair)
{
    wsh_tls_free(pair->client);
    wsh_tls_free(pair->server);
    wsh_tls_context_free(pair->contexts[0]);
    wsh_tls_context_free(pair->contexts[1]);
}

static bool carry(struct pair *pair, struct wsh_tls *from, struct wsh_tls *to)
{
    const uint8_t *bytes;
    if (pair->scarce)
        scarce_begin(0);
    size_t n = wsh_tls_output(from, &bytes);
    pair->met = scarce_end() || pair->met;
    if (pair->cut && n > pair->cut)
        n = pair->cut;
    if (n == 0)
        return false;
    wsh_tls_receive(to, bytes, n);
    wsh_tls_sent(from, n);
    wsh_tls_shake(to);
    return true;
}

static void shake(struct pair *pair)
{
    while (carry(pair, pair->client, pair->server) || carry(pair, pair->server, pair->client))
        continue;
}

/* All that is written arrives, whatever the pieces. */
static void say(struct pair *pair, struct wsh_tls *from, struct wsh_tls *to, size_t len)
{
    uint8_t *sent = malloc(len), *got = malloc(len + 1);
    size_t written = 0, read = 0, n;
    ck_assert(sent && got);
    for (size_t i = 0; i < len; i++)
        sent[i] = (uint8_t)(i * 7 + len);
    while (read < len) {
        size_t before = written + read;
        if (written < len)
            written += wsh_tls_write(from, sent + written, len - written);
        bool moved = carry(pair, from, to);
        while ((n = wsh_tls_read(to, got + read, len + 1 - read)) > 0)
            read += n;
        moved = carry(pair, to, from) || moved; /* a renegotiation goes both ways */
        wsh_tls_read(from, got + len, 0);
        ck_assert_msg(moved || written + read > before, "stuck at %zu of %zu", read, len);
    }
    ck_assert_mem_eq(sent, got, len);
    free(sent);
    free(got);
}

static const size_t cuts[] = {0, 1, 2, 5, 1400};

START_TEST(speaks)
{
    struct pair pair = {.cut = cuts[_i]};
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, NULL, 0);
    shake(&pair);
    ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_OPEN);
    ck_assert_int_eq(wsh_tls_state(pair.server), WSH_TLS_OPEN);
    say(&pair, pair.client, pair.server, 40000);
    say(&pair, pair.server, pair.client, 3);
    ck_assert_str_eq(SSL_get_version(pair.client->ssl), "TLSv1.3");
    const unsigned char *chosen;
    unsigned length;
    SSL_get0_alpn_selected(pair.client->ssl, &chosen, &length);
    ck_assert_uint_eq(length, 8);
    ck_assert_mem_eq(chosen, "http/1.1", 8);
    drop(&pair);
}
END_TEST

/* What is to be sent leaves in smaller pieces. */
START_TEST(speaks_when_memory_ends)
{
    struct pair pair = {.scarce = true};
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, NULL, 0);
    shake(&pair);
    say(&pair, pair.client, pair.server, 40000);
    ck_assert(pair.met);
    drop(&pair);
}
END_TEST

START_TEST(ends)
{
    struct pair pair = {.cut = cuts[_i]};
    uint8_t byte;
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, NULL, 0);
    shake(&pair);
    wsh_tls_close(pair.server);
    ck_assert(!wsh_tls_closed(pair.client));
    shake(&pair);
    ck_assert_uint_eq(wsh_tls_read(pair.client, &byte, 1), 0);
    ck_assert(wsh_tls_closed(pair.client));
    ck_assert_uint_eq(wsh_tls_write(pair.client, &byte, 1), 0);
    shake(&pair);
    ck_assert_uint_eq(wsh_tls_read(pair.server, &byte, 1), 0);
    ck_assert_msg(wsh_tls_closed(pair.server), "the alert is not answered");
    ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_OPEN);
    drop(&pair);
}
END_TEST

/* TLS 1.2: the server asks for a new handshake between its data. */
START_TEST(renegotiates)
{
    struct pair pair = {.cut = cuts[_i]};
    begin(&pair, "server.pem", (struct wsh_tls_setup){.max = 12}, NULL, 0);
    shake(&pair);
    ck_assert_str_eq(SSL_get_version(pair.client->ssl), "TLSv1.2");
    ck_assert_int_eq(SSL_renegotiate(pair.server->ssl), 1);
    ck_assert_int_eq(SSL_do_handshake(pair.server->ssl), 1); /* the request is written */
    say(&pair, pair.client, pair.server, 40000);
    say(&pair, pair.server, pair.client, 40000);
    ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_OPEN);
    ck_assert_int_eq((int)SSL_num_renegotiations(pair.client->ssl), 1);
    drop(&pair);
}
END_TEST

/* TLS 1.2: we ask the server for a new handshake, and it … */
static const struct {
    uint64_t set, clear; /* options of the server */
    unsigned max;
    bool mute; /* says nothing to it */
    enum wsh_tls_renewal renewal;
    const char *why;
} asked[] = {
    {SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 0, 12, false, WSH_TLS_RENEWED, ""},
    {0, SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 12, false, WSH_TLS_DECLINED,
     "the peer sent the alert \"no renegotiation\""},
    {SSL_OP_NO_RENEGOTIATION, 0, 12, false, WSH_TLS_DECLINED,
     "the peer sent the alert \"no renegotiation\""},
    {0, 0, 12, true, WSH_TLS_AWAITED, ""},
    {SSL_OP_ALLOW_CLIENT_RENEGOTIATION, 0, 0, false, WSH_TLS_AWAITED, ""},
};

START_TEST(asks_for_a_new_handshake)
{
    struct pair pair = {.cut = cuts[_i % (int)(sizeof cuts / sizeof *cuts)]};
    const int row = _i / (int)(sizeof cuts / sizeof *cuts);
    uint8_t byte;
    begin(&pair, "server.pem", (struct wsh_tls_setup){.max = asked[row].max}, NULL, 0);
    SSL_set_options(pair.server->ssl, asked[row].set);
    SSL_clear_options(pair.server->ssl, asked[row].clear);
    shake(&pair);
    ck_assert_int_eq(wsh_tls_renegotiate(pair.client), asked[row].max == 12);
    bool moved = !asked[row].mute;
    while (moved) {
        moved = carry(&pair, pair.client, pair.server);
        wsh_tls_read(pair.server, &byte, 1);
        moved = carry(&pair, pair.server, pair.client) || moved;
        wsh_tls_read(pair.client, &byte, 1);
    }
    ck_assert_int_eq(wsh_tls_renewal(pair.client), asked[row].renewal);
    ck_assert_str_eq(wsh_tls_why(pair.client), asked[row].why);
    if (asked[row].renewal == WSH_TLS_RENEWED)
        say(&pair, pair.client, pair.server, 40000);
    drop(&pair);
}
END_TEST

/* What a script offers in place of http/1.1, and what our server makes of it. */
static const struct {
    const char *offered, *chosen;
} protocols[] = {
    {NULL, "http/1.1"},
    {"http/1.1", "http/1.1"},
    {"x,http/1.1", "http/1.1"},
    {"x-1,http/1.1,y", "http/1.1"},
    {"h2", ""},
    {"http/1.10,http/1", ""},
};

START_TEST(offers_protocols)
{
    struct pair pair = {0};
    const struct wss_how how = {.alpn = protocols[_i].offered};
    const unsigned char *chosen;
    unsigned length;
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, NULL, 0);
    wsh_tls_free(pair.client);
    pair.client = wsh_tls_new(pair.contexts[0], &how);
    shake(&pair);
    ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_OPEN);
    SSL_get0_alpn_selected(pair.client->ssl, &chosen, &length);
    ck_assert_uint_eq(length, strlen(protocols[_i].chosen));
    ck_assert(length == 0 || memcmp(chosen, protocols[_i].chosen, length) == 0);
    drop(&pair);
}
END_TEST

static const struct {
    const char *certificate; /* NULL: the server's own */
    struct wsh_tls_setup setup;
    const char *sni;
    unsigned max;
    const char *why; /* NULL: it is accepted */
    bool untrusted;
} offers[] = {
    {"server.pem", {.name = "localhost"}, NULL, 0, NULL, false},
    {"server.pem", {.name = "127.0.0.1", .address = true}, NULL, 0, NULL, false},
    {"server.pem", {.name = "::1", .address = true}, NULL, 0, NULL, false},
    {"expired.pem",
     {0},
     NULL,
     0,
     "CN=localhost is not accepted: the certificate has expired on ",
     true},
    {"future.pem", {0}, NULL, 0, "the certificate is not valid before ", true},
    {"elsewhere.pem",
     {0},
     NULL,
     0,
     "CN=elsewhere.test is not accepted: it is not for localhost but for elsewhere.test",
     true},
    {"elsewhere.pem",
     {.name = "127.0.0.1", .address = true},
     NULL,
     0,
     "it is not for 127.0.0.1 but for elsewhere.test",
     true},
    {"elsewhere.pem", {.sni = "elsewhere.test"}, NULL, 0, NULL, false},
    {"elsewhere.pem", {0}, "elsewhere.test", 0, NULL, false},
    {"server.pem", {0}, "unknown.test", 0, NULL, false},
    {"expired.pem", {.insecure = true}, NULL, 0, NULL, false},
    {NULL, {0}, NULL, 0, "it is signed by itself, and not one that we trust", true},
    {NULL, {.insecure = true}, NULL, 0, NULL, false},
    {"server.pem", {.max = 12}, NULL, 0, NULL, false},
    {"server.pem", {.min = 13}, NULL, 0, NULL, false},
    {"server.pem", {.max = 11}, NULL, 0, "the peer sent the alert \"protocol version\"", false},
    {"server.pem", {0}, NULL, 10, "the peer sent the alert \"protocol version\"", false},
};

START_TEST(accepts_or_says_why)
{
    struct pair pair = {0};
    begin(&pair, offers[_i].certificate, offers[_i].setup, offers[_i].sni, offers[_i].max);
    SSL_set_min_proto_version(pair.server->ssl, TLS1_2_VERSION);
    shake(&pair);
    if (offers[_i].why) {
        ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_FAILED);
        ck_assert_msg(strstr(wsh_tls_why(pair.client), offers[_i].why) != NULL, "%s",
                      wsh_tls_why(pair.client));
        ck_assert_int_eq(wsh_tls_untrusted(pair.client), offers[_i].untrusted);
        ck_assert_int_eq(wsh_tls_state(pair.server), WSH_TLS_FAILED); /* it was told */
    } else {
        ck_assert_msg(wsh_tls_state(pair.client) == WSH_TLS_OPEN, "%s", wsh_tls_why(pair.client));
    }
    drop(&pair);
}
END_TEST

START_TEST(unknown_issuer)
{
    struct pair pair = {0};
    begin(&pair, "server.pem", (struct wsh_tls_setup){.ca = path("other-ca.pem")}, NULL, 0);
    shake(&pair);
    ck_assert(strstr(wsh_tls_why(pair.client), "its issuer CN=wsproof test authority is unknown"));
    drop(&pair);
}
END_TEST

START_TEST(asks_for_a_name)
{
    struct pair pair = {0};
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, "a.test", 0);
    shake(&pair);
    ck_assert_str_eq(SSL_get_servername(pair.server->ssl, TLSEXT_NAMETYPE_host_name), "a.test");
    drop(&pair);
    pair = (struct pair){0};
    begin(&pair, "server.pem", (struct wsh_tls_setup){.name = "127.0.0.1", .address = true}, NULL,
          0);
    shake(&pair);
    ck_assert_ptr_null(SSL_get_servername(pair.server->ssl, TLSEXT_NAMETYPE_host_name));
    drop(&pair);
}
END_TEST

START_TEST(shows_our_certificate)
{
    struct pair pair = {0};
    begin(&pair, "server.pem",
          (struct wsh_tls_setup){.certificate = path("client.pem"), .key = path("client.key")},
          NULL, 0);
    SSL_set_verify(pair.server->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    ck_assert_int_eq(SSL_CTX_load_verify_file(pair.contexts[1]->ctx, path("ca.pem")), 1);
    shake(&pair);
    ck_assert_msg(wsh_tls_state(pair.server) == WSH_TLS_OPEN, "%s", wsh_tls_why(pair.server));
    drop(&pair);
}
END_TEST

static const struct {
    const char *bytes;
    size_t len;
    const char *why;
} garbage[] = {
    {"HTTP/1.1 400 Bad Request\r\n\r\n", 28, "what came is no TLS: it begins with \"HTTP/\""},
    {"\x1b[31m\x00<script>", 14, "it begins with \"\\x1b[31m\""},
    {"\x15\x03\x03\x00\x02\x02\x28", 7, "the peer sent the alert \"handshake failure\""},
    {"\x16\x03\x03\xff\xff\x02\x00\x00\x00", 9, ""},
    {"\x16\x03\x03\x00\x04\x02\xff\xff\xff", 9, ""},
};

START_TEST(names_garbage)
{
    struct pair pair = {0};
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, NULL, 0);
    for (size_t i = 0; i < garbage[_i].len; i++) {
        wsh_tls_receive(pair.client, (const uint8_t *)garbage[_i].bytes + i, 1);
        wsh_tls_shake(pair.client);
    }
    if (wsh_tls_state(pair.client) == WSH_TLS_SHAKING) { /* all at once says no more */
        wsh_tls_receive(pair.client, (const uint8_t *)garbage[_i].bytes, garbage[_i].len);
        wsh_tls_shake(pair.client);
    }
    ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_FAILED);
    ck_assert_msg(*wsh_tls_why(pair.client) && strstr(wsh_tls_why(pair.client), garbage[_i].why),
                  "%s", wsh_tls_why(pair.client));
    drop(&pair);
}
END_TEST

/* Behind the handshake. */
START_TEST(names_what_is_no_record)
{
    struct pair pair = {0};
    uint8_t byte;
    begin(&pair, "server.pem", (struct wsh_tls_setup){0}, NULL, 0);
    shake(&pair);
    wsh_tls_receive(pair.client, (const uint8_t *)"HTTP/1.1 101 In the clear\r\n\r\n", 29);
    ck_assert_uint_eq(wsh_tls_read(pair.client, &byte, 1), 0);
    ck_assert_int_eq(wsh_tls_state(pair.client), WSH_TLS_FAILED);
    ck_assert_str_eq(wsh_tls_why(pair.client), "what came is no record of TLS");
    drop(&pair);
}
END_TEST

START_TEST(names_wrong_files)
{
    char error[400];
    const struct wsh_tls_setup none = {.name = "h", .ca = "/nowhere"};
    ck_assert_ptr_null(wsh_tls_client(&none, error, sizeof error));
    ck_assert_msg(strstr(error, "/nowhere: No such file"), "%s", error);
    const struct wsh_tls_setup odd = {.name = "h",
                                      .insecure = true,
                                      .certificate = path("client.pem"),
                                      .key = path("server.key")};
    ck_assert_ptr_null(wsh_tls_client(&odd, error, sizeof error));
    ck_assert_msg(strstr(error, "server.key: key values mismatch"), "%s", error);
    ck_assert_ptr_null(wsh_tls_server(path("ca.key"), path("ca.key"), error, sizeof error));
    ck_assert_msg(strstr(error, "ca.key: "), "%s", error);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc != 2)
        return EXIT_FAILURE;
    folder = argv[1];
    Suite *suite = suite_create("tls");
    TCase *cases = tcase_create("tls");
    int all = (int)(sizeof cuts / sizeof *cuts);
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, speaks, 0, all);
    tcase_add_test(cases, speaks_when_memory_ends);
    tcase_add_loop_test(cases, ends, 0, all);
    tcase_add_loop_test(cases, renegotiates, 0, all);
    tcase_add_loop_test(cases, asks_for_a_new_handshake, 0,
                        all * (int)(sizeof asked / sizeof *asked));
    tcase_add_loop_test(cases, offers_protocols, 0, (int)(sizeof protocols / sizeof *protocols));
    tcase_add_loop_test(cases, accepts_or_says_why, 0, (int)(sizeof offers / sizeof *offers));
    tcase_add_test(cases, unknown_issuer);
    tcase_add_test(cases, asks_for_a_name);
    tcase_add_test(cases, shows_our_certificate);
    tcase_add_loop_test(cases, names_garbage, 0, (int)(sizeof garbage / sizeof *garbage));
    tcase_add_test(cases, names_what_is_no_record);
    tcase_add_test(cases, names_wrong_files);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
