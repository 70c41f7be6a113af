/* test_ends.c - connections that are refused, end, are flooded or never open. */
#include "rows.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How TCP ends behind both Closes: a reset is the peer's own doing only where its Close answered
 * ours and we sent nothing behind that. */
static const struct {
    const char *steps;
    struct act acts[8];
    bool occasion, violation;
} ends[] = {
    {"  > close 1000\n  < close\n  < eof\n", {OPEN, CLOSE(1000), FIN}, true, false},
    {"  > close 1000\n  < close\n  < eof\n", {OPEN, CLOSE(1000), RST}, true, true},
    {"  > close 1000\n  < close\n  < eof\n", {OPEN, CLOSE(3000), RST}, false, false},
    {"  > close 1000\n  > text \"late\"\n  < close\n  < eof\n",
     {OPEN, CLOSE(1000), RST},
     false,
     false},
    {"  < close 1000\n  > close 1000\n  < eof\n", {OPEN, CLOSE(1000), RST}, false, false},
    {"  > close 1000\n  < eof\n", {OPEN, RST}, false, false},
};

START_TEST(clean_ends)
{
    struct talk t = {.acts = ends[_i].acts};
    char script[256];
    snprintf(script, sizeof script, "%s%s", LAW, ends[_i].steps);
    t.script = script;
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    bool occasion = false, violation = false;
    for (size_t i = 0; i < outcome.result.occasion_count; i++)
        occasion = occasion || strcmp(outcome.result.occasions[i], "6455-7.1.1-1") == 0;
    for (size_t i = 0; i < outcome.result.violation_count; i++)
        violation =
            violation || strcmp(outcome.result.violations[i].requirement, "6455-7.1.1-1") == 0;
    ck_assert_int_eq(occasion, ends[_i].occasion);
    ck_assert_int_eq(violation, ends[_i].violation);
    wss_outcome_drop(&outcome);
}
END_TEST

START_TEST(refused_tcp)
{
    struct talk t = {.script = LAW "  alive\n", .refuse = true};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert(outcome.no_connection);
    wss_outcome_drop(&outcome);
    t.script = "case t/a\n  title  t\n\n  < refused\n";
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    wss_outcome_drop(&outcome);
    t.script = "case t/a\n  title  t\n\n  either\n    < refused\n  or\n    > GET\n    < 101\n";
    talk(&t, &outcome, NULL); /* the lower branch does not send any more */
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert_ptr_null(strstr(outcome.result.transcript, "GET"));
    wss_outcome_drop(&outcome);
    t.script = "case t/a\n  title  t\n\n  > GET\n";
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    wss_outcome_drop(&outcome);
}
END_TEST

START_TEST(connect_says_how)
{
    struct said *said = malloc(sizeof *said);
    struct talk t = {.script =
                         "case t/a\n  title  t\n\n  connect tls sni=a.test max=1.2\n  > GET\n",
                     .acts = ACTS(FIN)};
    struct wss_outcome outcome;
    talk(&t, &outcome, said);
    ck_assert_int_eq(said->how.transport, WSS_TLS);
    ck_assert_str_eq(said->sni, "a.test");
    ck_assert_uint_eq(said->how.max_tls, 12);
    wss_outcome_drop(&outcome);
    t.script = "case t/a\n  title  t\n\n  connect plain\n  > GET\n";
    talk(&t, &outcome, said);
    ck_assert_int_eq(said->how.transport, WSS_PLAIN);
    wss_outcome_drop(&outcome);
    t.script = LAW;
    talk(&t, &outcome, said);
    ck_assert_int_eq(said->how.transport, WSS_AS_TARGET);
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

/* A refused handshake of TLS is a fault only where the author of a scenario asks for TLS. */
static const struct {
    const char *script;
    bool deny;
    enum wsq_verdict verdict;
} refusals[] = {
    {"case t/a\n  title  t\n\n  connect tls max=1.2\n  > GET\n  < 101\n", true, WSQ_FAIL},
    {"case t/a\n  title  t\n\n  connect tls max=1.2\n  > GET\n  < 101\n", false, WSQ_ERROR},
    {"case t/a\n  title  t\n\n  > GET\n  < 101\n", true, WSQ_ERROR},
    {"case t/a\n  title  t\n  cites  6455-4.2.2-1\n\n  connect tls\n  > GET\n  < 101  "
     "@6455-4.2.2-1\n",
     true, WSQ_ERROR},
    {"case t/a\n  title  t\n\n  connect tls\n  either\n    > GET\n    < 101\n  or warn \"no TLS\"\n"
     "    < refused\n",
     true, WSQ_WARN},
};

START_TEST(refused_tls)
{
    const struct talk t = {
        .script = refusals[_i].script, .refuse = true, .deny = refusals[_i].deny};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, refusals[_i].verdict);
    if (outcome.result.verdict == WSQ_FAIL) {
        ck_assert_str_eq(outcome.result.faults[0].expected, "status 101");
        ck_assert_str_eq(outcome.result.faults[0].saw, "a refused connection (no such protocol)");
        ck_assert(outcome.unseen); /* to be seen twice */
    }
    wss_outcome_drop(&outcome);
}
END_TEST

/* A new TLS handshake is asked for behind all that was said, once. */
START_TEST(renegotiates)
{
    struct said *said = malloc(sizeof *said);
    struct talk t = {.script = LAW "  > text \"before\"\n  renegotiate\n",
                     .acts = ACTS(OPEN, DECLINE("no renegotiation"))};
    struct wss_outcome outcome;
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert_uint_eq(said->renegotiations, 1);
    ck_assert_msg(strstr(outcome.result.transcript,
                         "  renegotiate\n  # no new TLS handshake (no renegotiation)\n") != NULL,
                  "%s", outcome.result.transcript);
    wss_outcome_drop(&outcome);
    t.in_clear = true;
    t.acts = ACTS(OPEN);
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert_msg(strstr(outcome.result.reason, "no TLS is spoken") != NULL, "%s",
                  outcome.result.reason);
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

START_TEST(reachable_has_a_limit)
{
    struct said *said = malloc(sizeof *said);
    struct talk t = {.script = "case t/a\n  title  t\n\n  reachable within 300ms\n"};
    struct wss_outcome outcome;
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_FAIL);
    ck_assert_uint_eq(said->took, 300);
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

/* A target that is gone behind an offence is a fault, if a connection was had before. */
START_TEST(gone_target)
{
    struct talk t = {.script = CASE("6455-5.2-13") "  > raw \"x\"\n  reachable\n",
                     .acts = ACTS(OPEN),
                     .refuse_second = true};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_FAIL);
    ck_assert_str_eq(outcome.result.faults[0].requirement, "6455-5.2-13");
    wss_outcome_drop(&outcome);
}
END_TEST

START_TEST(a_target_that_is_lost)
{
    struct talk t = {.script = LAW "  restart\n  reachable\n", .acts = ACTS(OPEN), .lost = true};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert_str_eq(outcome.result.reason, "the target cannot be restarted: no such file");
    wss_outcome_drop(&outcome);
    t.lost = false;
    t.mute = true;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_FAIL);
    ck_assert_str_eq(outcome.result.faults[0].expected, "that the target starts anew and answers");
    ck_assert_str_eq(outcome.result.faults[0].saw, "no such file");
    wss_outcome_drop(&outcome);
    t.script = CASE("6455-5.2-13") "  restart\n  reachable\n";
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    wss_outcome_drop(&outcome);
}
END_TEST

/* A queue that nobody empties: patience ends it, and so does the peer's reset. */
START_TEST(a_peer_that_does_not_read)
{
    struct said *said = malloc(sizeof *said);
    struct wss_outcome outcome;
    struct talk t = {.script = LAW "  repeat 40\n    > binary random(65536)\n  < eof\n",
                     .acts = ACTS(OPEN),
                     .unread = true};
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert(outcome.too_slow);
    ck_assert_uint_eq(said->took, 2000);
    wss_outcome_drop(&outcome);
    t.acts = ACTS(OPEN, RST);
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

START_TEST(nobody_comes)
{
    struct said *said = malloc(sizeof *said);
    struct wss_outcome outcome;
    struct talk t = {.script = "case t/a\n  role   server\n  title  t\n\n  < GET\n  > 101\n",
                     .nobody = true};
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert_uint_eq(said->took, 30000);
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

/* What a peer sends by the thousand, piece by piece, costs no more than its bytes. */
START_TEST(hostile_floods)
{
    enum { COUNT = 60000, UNIT = 4 };
    static const struct {
        const char *script, *unit;
        bool open;
    } table[] = {
        {LAW "  > text \"a\"\n  alive\n  < text \"a\"\n", "\x81\x02mm", true},
        {LAW "  alive\n", "\x89\x02mm", true},
        {LAW "  > text \"a\"\n  never text ~/x/\n  < close\n", "\x81\x02mm", true},
        {"case t/a\n  title  t\n\n  > GET\n  < 101\n", "a:\r\n", false},
        {"case t/a\n  title  t\n  role  server\n\n  < GET\n", "\r\n\r\n", false},
    };
    char *flood = malloc(COUNT * UNIT + 20);
    size_t start = table[_i].open || table[_i].unit[0] == '\r' ? 0 : 17;
    memcpy(flood, "HTTP/1.1 200 OK\r\n", start);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(flood + start + i * UNIT, table[_i].unit, UNIT);
    struct act head = {DEED_FRAME, flood, (unsigned)(start + COUNT * UNIT)};
    struct talk t = {.script = table[_i].script, .cut = 1};
    t.acts = table[_i].open ? ACTS(OPEN, head) : ACTS(head);
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_ne(outcome.result.verdict, WSQ_PASS);
    wss_outcome_drop(&outcome);
    free(flood);
}
END_TEST

/* Thousands of steps in a row, each with a limit of its own, are not gone through anew for each. */
START_TEST(many_limits)
{
    enum { COUNT = 6000 };
    static const char head[] = LAW, line[] = "  < text \"a\" within 5s\n";
    char *script = malloc(sizeof head + COUNT * (sizeof line - 1)), *p = script + sizeof head - 1;
    struct act *acts = calloc(2 * COUNT + 2, sizeof *acts);
    memcpy(script, head, sizeof head);
    acts[0] = (struct act)OPEN;
    for (size_t i = 0; i < COUNT; i++, p += sizeof line - 1) {
        memcpy(p, line, sizeof line);
        acts[2 * i + 1] = (struct act)WAIT(1);
        acts[2 * i + 2] = (struct act)TEXT("a");
    }
    struct talk t = {.script = script, .acts = acts};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_msg(outcome.result.verdict == WSQ_PASS, "%s", outcome.result.reason);
    wss_outcome_drop(&outcome);
    free(acts);
    free(script);
}
END_TEST

/* A round of a repeat may forbid something too. */
START_TEST(many_nevers)
{
    struct talk t = {.script = LAW "  repeat 4000\n    never text \"x$i\"\n  < text \"a\"\n",
                     .acts = ACTS(OPEN, TEXT("a"))};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_msg(outcome.result.verdict == WSQ_PASS, "%s", outcome.result.reason);
    wss_outcome_drop(&outcome);
}
END_TEST

/* However many pings were answered meanwhile, an echo is of the last message. */
START_TEST(an_echo_behind_a_flood)
{
    enum { COUNT = 2000, UNIT = 4 };
    char *flood = malloc(COUNT * UNIT);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(flood + i * UNIT, "\x89\x02mm", UNIT);
    const struct act pings = {DEED_FRAME, flood, COUNT * UNIT};
    struct talk t = {.script = LAW "  > text \"a\"\n  < ping \"z\"\n  wait 10ms\n  < echo\n",
                     .cut = 4};
    t.acts = _i ? ACTS(OPEN, pings, PING("z"), WAIT(20), PING("y"), TEXT("a"))
                : ACTS(OPEN, pings, PING("z"), PING("y"), WAIT(20), TEXT("a"));
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_msg(outcome.result.verdict == WSQ_PASS, "%s", outcome.result.reason);
    wss_outcome_drop(&outcome);
    free(flood);
}
END_TEST

/* The echo that a branch waits for stays what it is while another branch sends on. */
START_TEST(an_echo_in_a_branch)
{
    struct talk t = {
        .script = LAW
        "  > text \"a\"\n  repeat 600\n    > ping \"bbbbbbbb$i\"\n  < pong \"bbbbbbbb599\"\n"
        "  either\n    < ping \"z\"\n    repeat 500\n      > text \"c$i\"\n"
        "    < text \"c\"\n  or\n    < echo\n",
        .acts = ACTS(OPEN, PONG("bbbbbbbb599"), PING("z"), PING("y"), TEXT("a"))};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_msg(outcome.result.verdict == WSQ_PASS, "%s", outcome.result.reason);
    wss_outcome_drop(&outcome);
}
END_TEST

/* What is nearly ours a million times over is not compared byte by byte. */
START_TEST(a_message_of_near_echoes)
{
    enum { OURS = 60000, TIMES = 500, HEAD = 10 };
    size_t len = (size_t)OURS * TIMES;
    uint8_t *message = malloc(HEAD + len);
    ck_assert_ptr_nonnull(message);
    memcpy(message, "\x81\x7f\0\0\0\0\0\0\0\0", HEAD);
    for (int i = 0; i < 4; i++)
        message[HEAD - 1 - i] = (uint8_t)(len >> 8 * i);
    memset(message + HEAD, 'c', len);
    for (size_t i = OURS - 1; i < len; i += OURS)
        message[HEAD + i] = 'd';
    struct talk t = {.script = CASE("6455-5.1-3") "  > text \"c\" * 60000\n  > text \"offence\" "
                                                  "mask=none\n  < fail 1002\n",
                     .acts = ACTS(OPEN, {DEED_FRAME, (const char *)message, (unsigned)(HEAD + len)},
                                  CLOSE(1002), FIN)};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    wss_outcome_drop(&outcome);
    free(message);
}
END_TEST

/* What all runs keep has a ceiling: who reaches it is asked again, when fewer run. */
START_TEST(a_budget_ends)
{
    struct wss_budget budget = {.held = _i ? 95000 : 0, .limit = 100000};
    struct talk t = {.script = LAW "  > text \"a\"\n  alive\n  < text \"a\"\n",
                     .acts = ACTS(OPEN, PING("x"), TEXT("a"), PONG_LAST),
                     .budget = &budget};
    struct act pings[64] = {OPEN};
    for (size_t i = 1; i < 62; i++)
        pings[i] = (struct act)PING("x");
    pings[62] = (struct act){DEED_END, NULL, 0};
    if (_i)
        t.acts = pings;
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, _i ? WSQ_ERROR : WSQ_PASS);
    ck_assert_int_eq(outcome.too_slow, _i);
    ck_assert_uint_eq(budget.held, _i ? 95000 : 0); /* it is all given back */
    wss_outcome_drop(&outcome);
}
END_TEST

/* Twenty bytes of an interim answer are kept as a head, which is much more. */
START_TEST(heads_count_whole)
{
    enum { COUNT = 400 };
    static const char head[] = "HTTP/1.1 100 \r\n\r\n";
    char flood[COUNT * (sizeof head - 1)];
    for (size_t i = 0; i < COUNT; i++)
        memcpy(flood + i * (sizeof head - 1), head, sizeof head - 1);
    struct wss_budget budget = {.limit = 2 << 20};
    struct talk t = {.script = "case t/a\n  title  t\n\n  > GET / plain\n  wait 1s\n  < 200\n",
                     .acts = ACTS({DEED_FRAME, flood, sizeof flood}),
                     .budget = &budget};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert(outcome.too_slow);
    ck_assert_uint_eq(budget.held, 0);
    wss_outcome_drop(&outcome);
}
END_TEST

/* A connection that never opens is no fault of what was to be said on it. */
START_TEST(nobody_accepts)
{
    struct talk t = {
        .script = CASE("6455-5.5.2-2") "  alive\n", .acts = ACTS(WAIT(3000)), .nobody = true};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert_str_eq(outcome.result.reason, "no connection: it is not established within 2000 ms");
    ck_assert(outcome.no_connection && !outcome.facts.heard);
    wss_outcome_drop(&outcome);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ends");
    TCase *tcase = tcase_create("ends"), *quick = tcase_create("quick");
    tcase_set_timeout(tcase, 60);
    tcase_set_timeout(quick, 15);
    tcase_add_test(quick, a_message_of_near_echoes);
    tcase_add_test(quick, many_limits);
    tcase_add_test(quick, many_nevers);
    suite_add_tcase(suite, quick);
    tcase_add_loop_test(tcase, clean_ends, 0, (int)(sizeof ends / sizeof *ends));
    tcase_add_test(tcase, refused_tcp);
    tcase_add_test(tcase, connect_says_how);
    tcase_add_loop_test(tcase, refused_tls, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(tcase, renegotiates);
    tcase_add_test(tcase, gone_target);
    tcase_add_test(tcase, reachable_has_a_limit);
    tcase_add_test(tcase, a_target_that_is_lost);
    tcase_add_test(tcase, a_peer_that_does_not_read);
    tcase_add_test(tcase, nobody_comes);
    tcase_add_loop_test(tcase, hostile_floods, 0, 5);
    tcase_add_loop_test(tcase, an_echo_behind_a_flood, 0, 2);
    tcase_add_test(tcase, an_echo_in_a_branch);
    tcase_add_loop_test(tcase, a_budget_ends, 0, 2);
    tcase_add_test(tcase, heads_count_whole);
    tcase_add_test(tcase, nobody_accepts);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
