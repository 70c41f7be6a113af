/* test_stepper.c - the rows whole, byte by byte and as transcripts; and what no row can say. */
#include "rows.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct wsq_fault *worst(const struct wsq_case *result)
{
    const struct wsq_fault *fault = NULL;
    for (size_t i = 0; i < result->fault_count; i++) {
        if (!fault || result->faults[i].verdict > fault->verdict)
            fault = &result->faults[i];
    }
    return fault;
}

static void check_row(const struct row *row, size_t cut)
{
    struct talk t = {.script = row->script, .acts = row->acts, .cut = cut};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    const struct wsq_case *result = &outcome.result;
    const struct wsq_fault *fault = worst(result);
    if (result->verdict != row->verdict)
        ck_abort_msg("%s: %s, not %s: %s\n%s", row->name, wsq_verdict_name(result->verdict),
                     wsq_verdict_name(row->verdict), result->reason ? result->reason : "",
                     result->transcript);
    if (row->charged)
        ck_assert_msg(fault && fault->requirement && strcmp(fault->requirement, row->charged) == 0,
                      "%s: charged to %s, not %s", row->name,
                      fault && fault->requirement ? fault->requirement : "nothing", row->charged);
    ck_assert_msg(outcome.unseen == row->unseen, "%s: unseen is %d", row->name, outcome.unseen);
    wss_outcome_drop(&outcome);
}

START_TEST(row_whole)
{
    check_row(&rows[_i], 0);
}
END_TEST

START_TEST(row_bytewise)
{
    check_row(&rows[_i], 1);
}
END_TEST

/* This peer looks at its own clock: it does not do the same again when we come earlier. */
static bool outwaits(const struct act *acts)
{
    for (; acts->deed != DEED_END; acts++)
        if (acts->deed == DEED_WAIT && acts->number > 2000)
            return true;
    return false;
}

/* A transcript is a valid script; against the same peer it gives the same transcript. */
START_TEST(row_transcript)
{
    struct talk t = {.script = rows[_i].script, .acts = rows[_i].acts};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    const char *text = outcome.result.transcript;
    wsn_parse(&arena, "transcript", text, strlen(text), &errors);
    ck_assert_msg(errors.count == 0, "%s: line %u: %s\n%s", rows[_i].name,
                  errors.count ? errors.list[0].pos.line : 0,
                  errors.count ? errors.list[0].text : "", text);
    wsn_arena_drop(&arena);
    bool whole = !strstr(text, "left out") && !outwaits(t.acts);
    if (outcome.result.verdict == WSQ_PASS && whole) {
        struct wss_outcome again;
        t.script = text;
        talk(&t, &again, NULL);
        ck_assert_str_eq(again.result.transcript, text);
        ck_assert_int_eq(again.result.verdict, WSQ_PASS);
        wss_outcome_drop(&again);
    }
    wss_outcome_drop(&outcome);
}
END_TEST

static const struct {
    const char *script, *error;
} wrong[] = {
    {"case a\n  title  t\n  cites  6455-9.9-9\n\n  > GET\n",
     "expected a requirement of the catalogue"},
    {"case a\n  title  t\n  watch  6455-5.2-15\n", "no rule of the decoder watches"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  > text $nothing\n", "`$nothing` has no value here"},
    {"case a\n  title  t\n\n  > GET\n\ncase a\n  title  t\n\n  > GET\n", "exists already"},
    {"case a\n  title  t\n  cites  6455-4.2.1-3\n\n  > GET HTTP/1.0\n  < 101\n",
     "expected `@id` behind `101`"},
    {"case a\n  title  t\n  cites  6455-5.1-3\n\n  > GET\n  < 101\n  > text \"a\" mask=none\n  > "
     "text \"a\"\n  < fail\n",
     "around an offence each must be unique"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  either\n    < text \"a\"\n  or\n    < text \"a\"\n "
     "   < close\n",
     "can never be told from branch 1"},
    {"case a\n  title  t\n  set    n = 1000001\n\n  > GET\n  < 101\n  repeat $n\n    > ping\n",
     "expected a number up to 1000000"},
    {"case a\n  title  t\n  set    n = 0x4000001\n\n  > GET\n  < 101\n  > text random($n)\n",
     "expected a number of bytes"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  let b = header $nothing\n",
     "`$nothing` has no value here"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  < text\n  let b = json $.$nothing\n",
     "`$nothing` has no value here"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  < text ~/(/\n", "regular expression"},
    {"case a\n  title  t\n\n  clients 3\n    > GET\n    bob< 101\n", "no other connection"},
    {"case a\n  title  t\n\n  clients 3\n    > GET\n    < 101\n    < text every 3s ± 1s for 9s\n",
     "no other connection"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  < text\n  let x = json $.a[b]\n",
     "expected a place in a JSON value"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  < text json {\"a\": }\n",
     "JSON value cannot be read"},
    {"case a-$n\n  title  t\n  each  n = 0\n\n  > GET\n  < 101\n  > text \"a\" fragment=$n\n",
     "expected a number from 1"},
    {"case a-$n\n  title  t\n  each  n = x\n\n  > GET\n  < 101\n  > text random($n)\n",
     "expected a number of bytes"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  never echo\n  alive\n",
     "expected what can be told when it comes"},
    {"case a\n  title  t\n\n  > GET\n  < 101\n  never fail\n  alive\n",
     "expected what can be told when it comes"},
    {"case a\n  title  t\n", "neither steps nor"},
    {"case a\n  title  t\n\n  connect tls max=1.4\n", "expected a version of TLS"},
    {"case a\n  title  t\n  each   v\n         \"$host:1\"\n\n  > GET\n    Host: $v\n",
     "holds a variable"},
};

START_TEST(rows_become_cases)
{
    static const char script[] = "case t/$x-$y\n  title  $x and $z\n  each   x = \"a (b)!\" 2\n"
                                 "  each   y = 1 2\n  set    z = 3\n\n  > GET /$z\n  < 101\n";
    static const char *const ids[] = {"t/a-b-1", "t/a-b-2", "t/2-1", "t/2-2"};
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wss_plan plan = {.arena = &arena};
    wss_plan_add(&plan, wsn_parse(&arena, "a.wst", script, sizeof script - 1, &errors), NULL,
                 &errors);
    ck_assert_uint_eq(errors.total, 0);
    ck_assert_uint_eq(plan.count, 4);
    for (size_t i = 0; i < plan.count; i++)
        ck_assert_str_eq(plan.cases[i].id, ids[i]);
    ck_assert_str_eq(plan.cases[0].title, "a (b)! and 3");
    wsn_arena_drop(&arena);
}
END_TEST

static const struct {
    const char *steps;
    size_t connections;
} beside[] = {
    {"  > GET\n  < 101\n", 1},
    {"  a> GET\n  a< 101\n  > GET\n  < 101\n", 2},
    {"  a> GET\n  a< 101\n  a> fin\n  > GET\n  < 101\n", 1},
    {"  a> GET\n  a< 101\n  a> reset\n  > GET\n  < 101\n", 1},
    {"  a> GET\n  a< 101\n  a< eof\n  reachable\n", 1},
    {"  a> GET\n  a< 101\n  a> text \"x\" rsv=1\n  a< fail\n  reachable\n", 1},
    {"  > GET\n  < 101\n  reachable\n", 2},
    {"  < refused\n", 1},
    {"  clients 7\n    > GET\n    < 101\n", 7},
    {"  clients 7\n    > GET\n    < 101\n    > fin\n  reachable\n", 7},
    {"  repeat 9\n    > GET /x plain\n    < 200\n", 1},
    {"  repeat 2\n    a> GET\n    b> GET\n", 2},
    {"  a never text\n  > GET\n", 1},
    {"  a silent 1ms\n  > GET\n", 2},
    /* the lower branch may be what is left when the upper one has opened its own */
    {"  either\n    a> GET\n    a< 101\n  or\n    b> GET\n    b< 101\n", 2},
    {"  a> GET\n  either\n    a< 101\n    a> fin\n    > GET\n    < 101\n  or\n    a< eof\n", 1},
    {"  a> GET\n  either\n    a< 101\n    > GET\n    < 101\n  or\n    a< eof\n", 2},
    {"  a> GET\n  either\n    a< 101\n    a> fin\n  or\n    a< 4xx\n  > GET\n", 2},
    {"  a> GET\n  either\n    a< 101\n    a> fin\n  or\n    a< eof\n  > GET\n", 1},
    {"  either\n    either\n      a> GET\n    or\n      b> GET\n  or\n    c> GET\n  > GET\n", 4},
};

START_TEST(connections_at_once)
{
    char script[1000];
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wss_plan plan = {.arena = &arena};
    int n = snprintf(script, sizeof script, "case t/a\n  title  t\n\n%s", beside[_i].steps);
    wss_plan_add(&plan, wsn_parse(&arena, "a.wst", script, (size_t)n, &errors), NULL, &errors);
    ck_assert_uint_eq(errors.total, 0);
    ck_assert_uint_eq(plan.cases[0].connections, beside[_i].connections);
    wsn_arena_drop(&arena);
}
END_TEST

START_TEST(wrong_script)
{
    const char *errors = plan_errors(wrong[_i].script);
    ck_assert_msg(strstr(errors, wrong[_i].error) != NULL, "expected %s, found %s", wrong[_i].error,
                  errors);
}
END_TEST

/* What a case takes has a ceiling, and the last that fits can be used. */
START_TEST(many_captures)
{
    enum { FIT = 64 };
    struct wsn_buffer script = {0};
    wsn_puts(&script, LAW);
    for (int i = 0; i < FIT + _i; i++)
        wsn_printf(&script, "  let a%d = header Upgrade\n  let a%d = header Upgrade\n", i, i);
    wsn_printf(&script, "  > text \"$a%d\"\n", FIT - 1);
    const char *errors = plan_errors(script.p);
    ck_assert_msg(_i ? strstr(errors, "takes at most 64 values") != NULL : !*errors, "%s", errors);
    wsn_buffer_drop(&script);
}
END_TEST

/* Consecutive sends leave in one write; chop, cut and an expectation end a batch. */
START_TEST(batches)
{
    struct said *said = malloc(sizeof *said);
    struct wss_outcome outcome;
    struct talk t = {
        .script = LAW
        "  > text \"a\"\n  > text \"b\"\n  < text \"a\"\n  > text \"cd\" chop=4\n  > text \"e\"\n",
        .acts = ACTS(OPEN, TEXT("a"))};
    talk(&t, &outcome, said);
    ck_assert_uint_eq(said->writes, 1 + 1 + 2 + 1);
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

START_TEST(same_seed_same_bytes)
{
    struct said *a = malloc(sizeof *a), *b = malloc(sizeof *b), *c = malloc(sizeof *c);
    struct talk t = {
        .script = LAW "  > binary random(100)\n  > text \"x\"\n", .acts = ACTS(OPEN), .seed = 7};
    struct wss_outcome outcome;
    talk(&t, &outcome, a);
    wss_outcome_drop(&outcome);
    talk(&t, &outcome, b);
    wss_outcome_drop(&outcome);
    t.seed = 8;
    talk(&t, &outcome, c);
    wss_outcome_drop(&outcome);
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_mem_eq(a->bytes, b->bytes, a->n);
    ck_assert(memcmp(a->bytes, c->bytes, a->n) != 0);
    free(a);
    free(b);
    free(c);
}
END_TEST

/* The answers to what we sent before, and what is not yet whole, bring a case on. */
START_TEST(patience_starts_anew_with_what_matters)
{
    const struct act half = {DEED_FRAME, "\x81\x02m", 3};
    const struct row table[] = {
        {"answers", LAW "  > text \"a\"\n  > text \"b\"\n  alive\n",
         ACTS(OPEN, WAIT(1900), TEXT("a"), WAIT(1900), TEXT("b"), WAIT(1900), PONG_LAST), WSQ_PASS,
         NULL, false},
        {"half a frame", LAW "  > text \"a\"\n  alive\n",
         ACTS(OPEN, WAIT(1900), half, WAIT(1900), {DEED_FRAME, "m", 1}, PONG_LAST), WSQ_PASS, NULL,
         false},
        {"pings", CASE("6455-5.5.2-2") "  alive\n",
         ACTS(OPEN, WAIT(1900), PING("a"), WAIT(1900), PONG_LAST), WSQ_FAIL, NULL, true},
        {"messages", CASE("6455-5.5.2-2") "  alive\n",
         ACTS(OPEN, WAIT(1900), TEXT("news"), WAIT(1900), PONG_LAST), WSQ_FAIL, NULL, true},
    };
    check_row(&table[_i], 0);
}
END_TEST

/* What comes behind a pong of ours is no answer to it. */
START_TEST(a_round_trip_begins_with_a_step)
{
    struct talk t = {.script = LAW "  alive\n  wait 2s\n",
                     .acts = ACTS(OPEN, WAIT(30), PONG_LAST, PING("x"), WAIT(900), PING("y"))};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert_uint_eq(outcome.facts.round_trip_ms, 31);
    wss_outcome_drop(&outcome);
}
END_TEST

START_TEST(a_transcript_has_a_ceiling)
{
    enum { HEADS = 200, FIELDS = 20, WIDTH = 210, HEAD = 40 + FIELDS * WIDTH };
    char *flood = malloc(HEADS * HEAD), *p = flood;
    for (size_t i = 0; i < HEADS; i++) {
        p += sprintf(p, "HTTP/1.1 103 Early Hints\r\n");
        for (size_t k = 0; k < FIELDS; k++)
            p += sprintf(p, "X: %0200d\r\n", (int)i);
        p += sprintf(p, "\r\n");
    }
    struct talk t = {.script = "case t/a\n  title  t\n\n  > GET\n  < 404\n",
                     .acts = ACTS({DEED_FRAME, flood, (unsigned)(p - flood)}, FIN)};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    const char *text = outcome.result.transcript;
    ck_assert_uint_le(strlen(text), 65 << 10);
    ck_assert_ptr_nonnull(strstr(text, "lines left out"));
    ck_assert_ptr_nonnull(strstr(text, "  < eof\n"));
    wss_outcome_drop(&outcome);
    free(flood);
}
END_TEST

/* A text of `as` letters a and then of letters b, in one frame. */
static struct act long_text(char *out, size_t as, size_t len)
{
    const char head[] = {(char)0x81, 126, (char)(len >> 8), (char)len};
    memcpy(out, head, sizeof head);
    memset(out + sizeof head, 'a', as);
    memset(out + sizeof head + as, 'b', len - as);
    return (struct act){DEED_FRAME, out, (unsigned)(sizeof head + len)};
}

START_TEST(a_long_payload_is_told_by_its_checksum)
{
    char bytes[2100];
    struct talk t = {.script = LAW "  < text ~/^a+b+$/\n",
                     .acts = ACTS(OPEN, long_text(bytes, 1000, 2000))};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert_ptr_nonnull(
        strstr(outcome.result.transcript, "  < text  # 2000 bytes, CRC-32 842f4675, beginning "));
    wss_outcome_drop(&outcome);
}
END_TEST

/* However a message left, in one piece of memory or not, its echo is compared whole. */
START_TEST(an_echo_is_that_of_all_fragments)
{
    static const char *const sends[] = {
        "  > text \"a\" * 9000 + \"b\" * 9000 fragment=7000\n",
        "  > text \"a\" * 9000 fin=0\n  > cont \"b\" * 9000\n",
        "  > text \"a\" * 9000 fin=0\n  > ping \"p\"\n  > cont \"b\" * 9000\n",
        "  > text \"\" fin=0\n  > cont \"a\" * 9000 + \"b\" * 9000\n",
        "  > text \"a\" * 9000 fin=0\n  > cont \"\" fin=0\n  > cont \"b\" * 9000\n",
        "  repeat 3\n    > text \"a\" * 9000 + \"b\" * 9000 fragment=1000\n",
    };
    static char bytes[20000];
    for (size_t as = 8999; as <= 9001; as++) {
        char script[400];
        struct wss_outcome outcome;
        snprintf(script, sizeof script, LAW "%s  < echo\n", sends[_i]);
        struct talk t = {.script = script, .acts = ACTS(OPEN, long_text(bytes, as, 18000))};
        talk(&t, &outcome, NULL);
        ck_assert_int_eq(outcome.result.verdict, as == 9000 ? WSQ_PASS : WSQ_FAIL);
        wss_outcome_drop(&outcome);
    }
}
END_TEST

/* Time in which we stood still ourselves is nobody's: of a step, a case and a wait. */
START_TEST(lost_time_is_given_back)
{
    const struct row table[] = {
        {"patience", LAW "  alive\n", ACTS(OPEN, {DEED_LATE, NULL, 3000}, WAIT(1900), PONG_LAST),
         WSQ_PASS, NULL, false},
        {"no more than that", CASE("6455-5.5.2-2") "  alive\n",
         ACTS(OPEN, {DEED_LATE, NULL, 3000}, WAIT(2100), PONG_LAST), WSQ_FAIL, NULL, true},
        {"its own limit", LAW "  alive within 100ms\n",
         ACTS(OPEN, {DEED_LATE, NULL, 3000}, WAIT(90), PONG_LAST), WSQ_PASS, NULL, false},
        {"the cap",
         "case t/a\n  title  t\n  timeout  1s\n\n  > GET\n  < 101\n  wait 900ms\n  alive\n",
         ACTS(OPEN, {DEED_LATE, NULL, 990}, WAIT(950), PONG_LAST), WSQ_PASS, NULL, false},
        {"the cap, to twice its length", /* more may be a flood */
         "case t/a\n  title  t\n  timeout  1s\n\n  > GET\n  < 101\n  wait 900ms\n  alive\n",
         ACTS(OPEN, {DEED_LATE, NULL, 3000}, WAIT(950), PONG_LAST), WSQ_ERROR, NULL, false},
        {"the cap itself",
         "case t/a\n  title  t\n  timeout  1s\n\n  > GET\n  < 101\n  wait 1100ms\n  alive\n",
         ACTS(OPEN, WAIT(1200), PONG_LAST), WSQ_ERROR, NULL, false},
    };
    check_row(&table[_i], 0);
}
END_TEST

START_TEST(lateness_is_never_a_fault)
{
    struct wss_outcome outcome;
    struct talk t = {.script = CASE("6455-5.5.2-2") "  > text \"a\"\n  alive\n"};
    struct act endless[64];
    endless[0] = (struct act)OPEN;
    for (size_t i = 1; i < 62; i += 2) {
        endless[i] = (struct act)WAIT(1990);
        endless[i + 1] = (struct act)TEXT("a");
    }
    endless[63] = (struct act){DEED_END, NULL, 0};
    t.acts = endless;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_ERROR);
    ck_assert(outcome.too_slow);
    wss_outcome_drop(&outcome);
}
END_TEST

START_TEST(greetings_are_passed_over)
{
    const struct wss_message hello = {1, (const uint8_t *)"ho!", 3};
    struct talk t = {.script = CASE("6455-5.2-9") "  > text \"a\"\n  < echo\n",
                     .acts = ACTS(OPEN, TEXT("ho!"), TEXT("a")),
                     .unasked = &hello,
                     .unasked_count = 1};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    wss_outcome_drop(&outcome);
    t.acts =
        ACTS(OPEN, TEXT("ho, it is noon"), TEXT("a")); /* its place tells, if its bytes do not */
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    wss_outcome_drop(&outcome);
    t.acts = ACTS(OPEN, TEXT("ho!"), TEXT("b"));
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_FAIL);
    wss_outcome_drop(&outcome);
}
END_TEST

START_TEST(violations_and_occasions_are_recorded)
{
    struct talk t = {.script = CASE("6455-5.5.2-2") "  alive\n",
                     .acts = ACTS(OPEN, FRAME("\x81\x7e\x00\x01x"), PONG_LAST)};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert_uint_eq(outcome.result.violation_count, 1);
    ck_assert_str_eq(outcome.result.violations[0].requirement, "6455-5.2-14");
    bool occasion = false;
    for (size_t i = 0; i < outcome.result.occasion_count; i++)
        occasion = occasion || strcmp(outcome.result.occasions[i], "6455-5.1-5") == 0;
    ck_assert(occasion);
    wss_outcome_drop(&outcome);
}
END_TEST

/* ---- deflated ---- */

static const struct {
    const char *step;
    const char *bytes; /* the frames, all with the key 0 */
    size_t n;
} deflated[] = {
#define FRAMES(bytes) bytes, sizeof bytes - 1
    {"text \"Hello\" deflated", FRAMES("\xc1\x87\0\0\0\0" HELLO)},
    {"text \"Hello\" deflated(level=0)", FRAMES("\xc1\x8b\0\0\0\0\x00\x05\x00\xfa\xffHello\x00")},
    {"text \"Hello\" deflated(tail=keep)", FRAMES("\xc1\x8b\0\0\0\0" HELLO "\0\0\xff\xff")},
    {"text \"Hello\" deflated(final)", FRAMES("\xc1\x8b\0\0\0\0\x01\x05\x00\xfa\xffHello\x00")},
    {"text \"Hello\" deflated fragment=4",
     FRAMES("\x41\x84\0\0\0\0\xf2\x48\xcd\xc9\x80\x83\0\0\0\0\xc9\x07\x00")},
    {"text \"\" deflated", FRAMES("\xc1\x81\0\0\0\0\x00")},
#undef FRAMES
};

static bool wrote(const struct said *said, const char *bytes, size_t n)
{
    for (size_t i = 0; i + n <= said->n; i++)
        if (memcmp(said->bytes + i, bytes, n) == 0)
            return true;
    return false;
}

START_TEST(deflated_is_written)
{
    struct said *said = calloc(1, sizeof *said);
    struct wss_outcome outcome;
    char script[512];
    snprintf(script, sizeof script, OFFER("7692-6-1") "  > %s mask=zero\n  < eof\n",
             deflated[_i].step);
    struct talk t = {.script = script, .acts = ACTS(AGREE, FIN)};
    talk(&t, &outcome, said);
    ck_assert(wrote(said, deflated[_i].bytes, deflated[_i].n));
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

/* Twice the same: from the window of the one before, or not. */
START_TEST(deflated_takes_over)
{
    static const char again[] = "\xc1\x85\0\0\0\0\xf2\x00\x11\x00\x00";
    static const char fresh[] = "\xc1\x87\0\0\0\0" HELLO;
    const char *bytes = _i ? fresh : again;
    size_t n = _i ? sizeof fresh - 1 : sizeof again - 1;
    struct said *said = calloc(1, sizeof *said);
    struct wss_outcome outcome;
    char script[512];
    snprintf(
        script, sizeof script,
        OFFER("7692-6-1") "  > text \"Hello\" deflated\n  > text \"Hello\" deflated%s mask=zero\n"
                          "  < text \"Hello\"\n  < text \"Hello\"\n",
        _i ? "(fresh)" : "");
    struct talk t = {.script = script, .acts = ACTS(AGREE, TEXT("Hello"), TEXT("Hello"))};
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert(wrote(said, bytes, n));
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

START_TEST(captures)
{
    struct said *said = malloc(sizeof *said);
    struct talk t = {.script = "case t/a\n  title  t\n\n  > GET /x plain\n  < 200\n  let id = "
                               "header X-Id\n  > GET\n    X-Back: <$id>\n  < 101\n",
                     .acts = ACTS(HEAD("HTTP/1.1 200 OK\nX-Id: 42\nContent-Length: 0\n\n"), OPEN)};
    struct wss_outcome outcome;
    talk(&t, &outcome, said);
    ck_assert_int_eq(outcome.result.verdict, WSQ_PASS);
    ck_assert_ptr_nonnull(strstr((char *)said->bytes, "X-Back: <42>\r\n"));
    wss_outcome_drop(&outcome);
    free(said);
}
END_TEST

START_TEST(a_fault_is_told_once)
{
    static const struct {
        const char *script;
        const struct act acts[4];
    } table[] = {
        {CASE("6455-5.5.2-2") "  never text \"late\"  @6455-5.5.3-3\n  silent 1ms\n",
         {OPEN, TEXT("late"), TEXT("late")}},
        {CASE("6455-5.5.3-3") "  > text \"offence\" mask=none\n  < fail 1002\n",
         {OPEN, TEXT("offence"), TEXT("offence")}},
    };
    struct talk t = {.script = table[_i].script, .acts = table[_i].acts};
    struct wss_outcome outcome;
    talk(&t, &outcome, NULL);
    ck_assert_uint_eq(outcome.result.fault_count, 1);
    wss_outcome_drop(&outcome);
}
END_TEST

/* The gravest of all violations counts, not of the places that are shown. */
START_TEST(a_watch_is_as_grave_as_its_worst)
{
    const char *watched[] = {"6455-5.5.3-3", "6455-5.1-5"};
    struct wss_case watch = {
        .id = "w/a", .title = "t", .suite = "w", .watch = watched, .watch_count = 2};
    const struct wss_plan plan = {.cases = &watch, .count = 1};
    struct wsq_run run = {0};
    for (size_t i = 0; i < 4; i++) {
        struct wsq_sighting *seen = calloc(1, sizeof *seen);
        seen->requirement = wsq_dup(i < 3 ? watched[0] : watched[1]);
        seen->sentence = wsq_dup("it was");
        struct wsq_case c = {.id = wsq_dup("t/a"), .violations = seen, .violation_count = 1};
        ck_assert(wsq_run_add(&run, &c));
    }
    wss_judge_watches(&plan, &run);
    ck_assert_uint_eq(run.case_count, 5);
    ck_assert_int_eq(run.cases[4].verdict, WSQ_FAIL);
    ck_assert_uint_eq(run.cases[4].fault_count, 3);
    wsq_run_drop(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stepper");
    TCase *table = tcase_create("table"), *rest = tcase_create("rest");
    tcase_set_timeout(table, 60);
    tcase_set_timeout(rest, 60);
    tcase_add_loop_test(table, row_whole, 0, row_count);
    tcase_add_loop_test(table, row_bytewise, 0, row_count);
    tcase_add_loop_test(table, row_transcript, 0, row_count);
    tcase_add_loop_test(rest, wrong_script, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_loop_test(rest, connections_at_once, 0, (int)(sizeof beside / sizeof *beside));
    tcase_add_test(rest, rows_become_cases);
    tcase_add_loop_test(rest, many_captures, 0, 2);
    tcase_add_test(rest, a_transcript_has_a_ceiling);
    tcase_add_test(rest, a_round_trip_begins_with_a_step);
    tcase_add_test(rest, a_long_payload_is_told_by_its_checksum);
    tcase_add_loop_test(rest, an_echo_is_that_of_all_fragments, 0, 6);
    tcase_add_test(rest, batches);
    tcase_add_loop_test(rest, lost_time_is_given_back, 0, 6);
    tcase_add_test(rest, same_seed_same_bytes);
    tcase_add_loop_test(rest, patience_starts_anew_with_what_matters, 0, 4);
    tcase_add_test(rest, lateness_is_never_a_fault);
    tcase_add_test(rest, greetings_are_passed_over);
    tcase_add_test(rest, violations_and_occasions_are_recorded);
    tcase_add_test(rest, captures);
    tcase_add_loop_test(rest, deflated_is_written, 0, (int)(sizeof deflated / sizeof *deflated));
    tcase_add_loop_test(rest, deflated_takes_over, 0, 2);
    tcase_add_loop_test(rest, a_fault_is_told_once, 0, 2);
    tcase_add_test(rest, a_watch_is_as_grave_as_its_worst);
    suite_add_tcase(suite, table);
    suite_add_tcase(suite, rest);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
