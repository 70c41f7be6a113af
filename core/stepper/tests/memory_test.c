/* Memory ends at each allocation in turn, in every conversation of the rows and in some more: the
 * run ends, nothing is lost, and its verdict is `error` or what it is with memory enough. */
#include "rows.h"
#include "scarce.h"

#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/journal.h>

/* ---- arenas: they take memory in blocks, yet any piece of it may be the one too much ---- */

static bool rationed, refused;
static unsigned pieces;

void *__real_wsn_alloc(struct wsn_arena *arena, size_t size);
void *__wrap_wsn_alloc(struct wsn_arena *arena, size_t size);
char *__real_wsn_copy(struct wsn_arena *arena, const char *p, size_t n);
char *__wrap_wsn_copy(struct wsn_arena *arena, const char *p, size_t n);

static bool is_refused(void)
{
    if (!rationed || refused)
        return false;
    refused = pieces == 0;
    pieces -= !refused;
    return refused;
}

/* As if its ceiling were reached. */
static void *refuse(struct wsn_arena *arena)
{
    return __real_wsn_alloc(arena, SIZE_MAX);
}

void *__wrap_wsn_alloc(struct wsn_arena *arena, size_t size)
{
    return is_refused() ? refuse(arena) : __real_wsn_alloc(arena, size);
}

char *__wrap_wsn_copy(struct wsn_arena *arena, const char *p, size_t n)
{
    return is_refused() ? refuse(arena) : __real_wsn_copy(arena, p, n);
}

/* ---- conversations ---- */

#define NAMED "{\"key\": \"abc\", \"more\": [17, \"x\"]}"
#define LONG                                                                                       \
    "case t/a\n  title  t\n\n  > GET\n  < 101\n  > text \"b\" * 70000 fragment=30000 deflated\n"   \
    "  > binary random(5000) chop=600\n  < text \"c\" * 300\n"

static const struct row more[] = {
    {"a secret is taken out of JSON",
     LAW "  < text\n  let secret s = json $\n  > text \"$s\"\n  < text \"x\"\n",
     ACTS(OPEN, TEXT(NAMED), TEXT("y")), WSQ_FAIL, NULL, false},
    {"a secret of the head",
     LAW "  let secret up = header Upgrade\n  > text \"$up\"\n  < text ~/^$up$/\n",
     ACTS(OPEN, TEXT("websocket")), WSQ_PASS, NULL, false},
    {"patterns in an answer",
     "case t/a\n  title  t\n\n  > GET /x\n    X-A: b\n    +X-B: c\n  < 400\n    A: ~/^b+$/\n"
     "    B: c, d\n    C: *\n    !D\n    body ~/y/\n",
     ACTS(HEAD("HTTP/1.1 400 No\nA: bb\nB: c\nB: d\nC: 1\nContent-Length: 2\n\nxy")), WSQ_PASS,
     NULL, false},
    {"an answer that lacks a line", "case t/a\n  title  t\n\n  > GET /x\n  < 400\n    A: ~/^b+$/\n",
     ACTS(HEAD("HTTP/1.1 400 No\nA: xb\nContent-Length: 0\n\n")), WSQ_FAIL, NULL, false},
    {"an extension with parameters",
     OFFER("7692-6-1") "    extension permessage-deflate !client_no_context_takeover\n",
     ACTS(AGREE), WSQ_PASS, NULL, false},
    {"long messages, in pieces", LONG,
     ACTS(HEAD("HTTP/1.1 101 \nUpgrade: websocket\nConnection: Upgrade\n"
               "Sec-WebSocket-Accept: x\nServer: s/1\nSec-WebSocket-Protocol: p\n\n"),
          TEXT(C256 C16 C16 "cccccccccccc")),
     WSQ_FAIL, NULL, false},
    {"many rounds, compressed",
     OFFER("7692-6-1") "  repeat 60\n    > text \"a\" * 40000 deflated\n  alive\n",
     ACTS(AGREE, PONG_LAST), WSQ_PASS, NULL, false},
    {"messages put aside",
     CASE("6455-5.4-7") "  > text \"a\"\n  alive\n  either\n    < text \"b\"\n"
                        "  or\n    < text \"a\"\n    < text \"b\"\n",
     ACTS(OPEN, TEXT("a"), TEXT("b"), PONG_LAST), WSQ_PASS, NULL, false},
    {"what breaks rules", CASE("6455-5.5.2-2") "  alive\n",
     ACTS(OPEN, FRAME("\xf1\x01x"), FRAME("\x89\x7e\x00\x01p"), TEXT("\xff"), PONG_LAST), WSQ_PASS,
     NULL, false},
};
enum { MORE = sizeof more / sizeof *more };

static const struct row *row_at(int i)
{
    return i < row_count ? &rows[i] : &more[i - row_count];
}

/* What can be told of an outcome; to be freed. */
static char *tell(struct wss_outcome *outcome)
{
    char *text = wsq_journal_case(&outcome->result);

    ck_assert_ptr_nonnull(text);
    wss_outcome_drop(outcome);
    return text;
}

static char *run_row(const struct row *row, void (*around)(bool), enum wsq_verdict *verdict)
{
    struct talk t = {.script = row->script, .acts = row->acts, .around = around};
    struct wss_outcome outcome;

    talk(&t, &outcome, NULL);
    *verdict = outcome.result.verdict;
    if (*verdict == WSQ_ERROR && around) {
        ck_assert_msg(!outcome.result.id || outcome.result.reason, "%s: no reason", row->name);
        ck_assert(!outcome.unseen && !outcome.needs_control);
    }
    if (outcome.starved)
        ck_assert(!outcome.result.transcript && !outcome.result.faults && !outcome.result.wire);
    return outcome.result.id ? tell(&outcome) : NULL;
}

static unsigned nth;
static bool met;

static void scarce(bool begins)
{
    if (begins)
        scarce_begin(nth);
    else
        met = scarce_end();
}

static void ration(bool begins)
{
    if (begins)
        pieces = nth;
    if (begins)
        refused = false;
    else
        met = refused;
    rationed = begins;
}

static void hold_to(const struct row *row, void (*around)(bool))
{
    enum wsq_verdict verdict, wanted;
    char *whole = run_row(row, NULL, &wanted);

    ck_assert_msg(wanted == row->verdict, "%s: %s: %s", row->name, wsq_verdict_name(wanted), whole);
    met = true;
    for (nth = 0; met; nth++) {
        char *told = run_row(row, around, &verdict);

        if (verdict != WSQ_ERROR || wanted == WSQ_ERROR)
            ck_assert_msg(verdict == wanted, "%s, allocation %u: %s", row->name, nth,
                          wsq_verdict_name(verdict));
        if (verdict == WSQ_ERROR && wanted != WSQ_ERROR)
            ck_assert_msg(met && (!told || strstr(told, "\"out of memory\"")),
                          "%s, allocation %u: %s", row->name, nth, told);
        else if (verdict != WSQ_ERROR)
            ck_assert_msg(strcmp(told, whole) == 0, "%s, allocation %u: %s", row->name, nth, told);
        free(told);
    }
    ck_assert_uint_gt(nth, 5);
    free(whole);
}

START_TEST(each_allocation_fails)
{
    hold_to(row_at(_i), scarce);
}
END_TEST

START_TEST(an_arena_ends)
{
    hold_to(row_at(_i), ration);
}
END_TEST

/* ---- plans ---- */

/* Plans the script; how many errors.  *count: of the cases. */
static size_t plan(const struct wsn_file *file, void (*around)(bool), size_t *count)
{
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wss_plan plan = {.arena = &arena};

    if (around)
        around(true);
    wss_plan_add(&plan, file, NULL, &errors);
    if (around)
        around(false);
    *count = plan.count;
    for (size_t i = 0; i < plan.count && !errors.total; i++)
        ck_assert(plan.cases[i].id[0] && plan.cases[i].script && plan.cases[i].program);
    wsn_arena_drop(&arena);
    return errors.total;
}

static void hold_plan_to(const char *script, void (*around)(bool))
{
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    const struct wsn_file *file = wsn_parse(&arena, "t", script, strlen(script), &errors);
    size_t wanted, count;

    ck_assert_uint_eq(plan(file, NULL, &wanted), 0);
    met = true;
    for (nth = 0; met; nth++) {
        size_t failures = plan(file, around, &count);

        ck_assert_msg(failures ? met : count == wanted, "allocation %u: %zu errors, %zu cases", nth,
                      failures, count);
    }
    wsn_arena_drop(&arena);
}

START_TEST(a_plan_is_whole_or_an_error)
{
    hold_plan_to(row_at(_i)->script, scarce);
    hold_plan_to(row_at(_i)->script, ration);
}
END_TEST

/* ---- watches ---- */

static void add_case(struct wsq_run *run, const char *broken, const char *given)
{
    struct wsq_case c = {.id = wsq_dup("t/a")};

    if (broken) {
        c.violations = calloc(1, sizeof *c.violations);
        c.violations[c.violation_count++] =
            (struct wsq_sighting){.requirement = wsq_dup(broken), .sentence = wsq_dup("it was")};
    }
    c.occasions = calloc(1, sizeof *c.occasions);
    c.occasions[c.occasion_count++] = wsq_dup(given);
    ck_assert(wsq_run_add(run, &c));
}

START_TEST(watches_are_judged_whole_or_missing)
{
    const char *watched[] = {"6455-5.5.3-3", "6455-5.1-5", "6455-5.2-14"};
    const enum wsq_verdict wanted[] = {WSQ_WARN, WSQ_PASS, WSQ_SKIP};
    struct wss_case cases[3];
    const struct wss_plan plan = {.cases = cases, .count = 3};

    for (size_t i = 0; i < 3; i++)
        cases[i] = (struct wss_case){.id = "w/a",
                                     .title = "t",
                                     .suite = "w",
                                     .script = "s",
                                     .watch = &watched[i],
                                     .watch_count = 1};
    met = true;
    for (nth = 0; met; nth++) {
        struct wsq_run run = {0};
        bool good;

        add_case(&run, watched[0], watched[0]);
        add_case(&run, NULL, watched[1]);
        scarce(true);
        good = wss_judge_watches(&plan, &run);
        scarce(false);
        ck_assert(good != met && (!good || run.case_count == 5));
        for (size_t i = 2; i < run.case_count; i++) {
            const struct wsq_case *c = &run.cases[i];
            ck_assert_int_eq(c->verdict, wanted[i - 2]);
            ck_assert(c->cite_count == 1 && c->cites[0] && c->script && c->title);
            ck_assert(!c->reason == (c->verdict == WSQ_PASS));
        }
        wsq_run_drop(&run);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tcase = tcase_create("memory");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, each_allocation_fails, 0, row_count + MORE);
    tcase_add_loop_test(tcase, an_arena_ends, 0, row_count + MORE);
    tcase_add_loop_test(tcase, a_plan_is_whole_or_an_error, 0, row_count + MORE);
    tcase_add_test(tcase, watches_are_judged_whole_or_missing);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
