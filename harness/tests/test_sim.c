/* The loop in memory: the same seed is the same run, and no cut of the streams changes what a case
 * shows (law 4). */
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* Small cases of every kind; the whole suite is test_suite's. */
static const char *const patterns[] = {"5.1/*",   "5.2/*", "5.4/*",   "5.5.1/*",
                                       "5.5.2/*", "7.*",   "4.2.1/*", "8.1/*"};
enum { PATTERNS = sizeof patterns / sizeof patterns[0], SEEDS = 6 };

static bool same_text(const char *a, const char *b)
{
    return (!a || !b) ? a == b : strcmp(a, b) == 0;
}

/* Without the comments, which hold what the peer was free to do. */
static void without_comments(const char *text, char *out, size_t size)
{
    size_t n = 0;
    while (text && *text && n + 1 < size) {
        size_t length = strcspn(text, "\n"), blanks = strspn(text, " ");
        bool comment = blanks < length && text[blanks] == '#';
        for (size_t i = 0; !comment && i <= length && text[i] && n + 1 < size; i++)
            out[n++] = text[i];
        text += length + (text[length] == '\n');
    }
    out[n] = '\0';
}

static bool same_transcript(const struct wsq_case *a, const struct wsq_case *b)
{
    static char x[1 << 17], y[1 << 17];
    without_comments(a->transcript, x, sizeof x);
    without_comments(b->transcript, y, sizeof y);
    return strcmp(x, y) == 0;
}

START_TEST(the_same_seed_is_the_same_run)
{
    struct suite_run a, b;
    suite_run_cut(&a, patterns[_i], 7);
    suite_run_cut(&b, patterns[_i], 7);
    ck_assert_uint_eq(a.run.case_count, b.run.case_count);
    ck_assert_uint_eq(a.run.ms, b.run.ms);
    for (size_t i = 0; i < a.run.case_count; i++) {
        ck_assert_str_eq(a.run.cases[i].id, b.run.cases[i].id);
        ck_assert_uint_eq(a.run.cases[i].ms, b.run.cases[i].ms);
        ck_assert(same_text(a.run.cases[i].transcript, b.run.cases[i].transcript));
    }
    suite_drop(&a);
    suite_drop(&b);
}
END_TEST

START_TEST(no_cut_changes_what_is_seen)
{
    struct suite_run whole, cut;
    suite_run(&whole, patterns[_i], NULL, false, 1);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        suite_run_cut(&cut, patterns[_i], seed);
        ck_assert_uint_eq(whole.run.case_count, cut.run.case_count);
        for (size_t i = 0; i < whole.run.case_count; i++) {
            const struct wsq_case *a = &whole.run.cases[i], *b = &cut.run.cases[i];
            if (!same_transcript(a, b))
                fprintf(stderr, "whole:\n%s\ncut:\n%s\n", a->transcript, b->transcript);
            ck_assert_msg(a->verdict == b->verdict && same_transcript(a, b),
                          "%s: another transcript when cut by seed %d", a->id, (int)seed);
        }
        suite_drop(&cut);
    }
    suite_drop(&whole);
}
END_TEST

/* A peer that nobody can reach. */
static void *make_nobody(void *context, bool client, uint64_t now)
{
    (void)context;
    (void)client;
    (void)now;
    return NULL;
}

START_TEST(a_refused_connection_is_unreachable)
{
    static const struct wsh_sim_peer nobody = {.make = make_nobody};
    struct wsh_sim_config config = {.seed = 1, .peer = &nobody};
    struct wsh_sim *sim = wsh_sim_new(&config);
    struct wsq_run run = {0};
    struct wsh_options options = {
        .profile = {.host = "h", .port = 80, .authority = "h", .path = "/"}};
    ck_assert_int_eq(wsh_run(suite_plan(), &options, wsh_sim_loop(sim), NULL, NULL, &run),
                     WSH_UNREACHABLE);
    ck_assert_uint_eq(run.case_count, 0);
    wsq_run_drop(&run);
    wsh_sim_free(sim);
}
END_TEST

/* More than a case may keep at once: what every branch has read is forgotten. */
#define LONG(name, rest)                                                                           \
    "case long/" name "\n"                                                                         \
    "  title  t\n"                                                                                 \
    "\n"                                                                                           \
    "  > GET\n"                                                                                    \
    "    Sec-WebSocket-Extensions: permessage-deflate\n"                                           \
    "  < 101\n" rest

static const struct {
    const char *script;
    enum wsq_verdict verdict;
} long_cases[] = {
    {LONG("rounds", "  either\n"
                    "    repeat 1100\n"
                    "      > text json(65536) deflated\n"
                    "      < echo\n"
                    "  or info \"it ends\"\n"
                    "    < eof\n"),
     WSQ_PASS},
    {LONG("another-message", "  repeat 10\n"
                             "    > text json(65536) deflated\n"
                             "    < echo\n"
                             "  > text json(65000) + prose(1000) deflated\n"
                             "  < echo\n"
                             "  repeat 3\n"
                             "    > text \"short\" deflated\n"
                             "    < echo\n"),
     WSQ_PASS},
    {LONG("put-aside", "  either\n"
                       "    repeat 300\n"
                       "      > text \"x\" * 65536\n"
                       "      < echo\n"
                       "    > close 1000\n"
                       "    < close 1001\n"
                       "  or\n"
                       "    < close 1000\n"
                       "  < text \"x\"\n"),
     WSQ_ERROR},
};

START_TEST(a_case_may_be_long)
{
    struct wsn_arena arena = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wss_settings none = {0};
    struct wsn_errors errors = {0};
    const char *script = long_cases[_i].script;
    wss_plan_add(&plan, wsn_parse(&arena, "long.wst", script, strlen(script), &errors), &none,
                 &errors);
    ck_assert_uint_eq(errors.total, 0);
    struct wsp_world world = {.seed = 1};
    struct wsp_config peer = {.world = &world};
    struct wsh_sim_config config = {.seed = 1, .whole = true, .context = &peer};
    struct wsh_sim *sim = wsh_sim_new(&config);
    struct wsq_run run = {0};
    struct wsh_options options = {
        .profile = {.host = "h", .port = 80, .authority = "h", .path = "/"}};
    wsh_run(&plan, &options, wsh_sim_loop(sim), NULL, NULL, &run);
    ck_assert_uint_eq(run.case_count, 1);
    ck_assert_msg(run.cases[0].verdict == long_cases[_i].verdict, "%s: %s", run.cases[0].id,
                  run.cases[0].reason);
    wsq_run_drop(&run);
    wsh_sim_free(sim);
    wsn_arena_drop(&arena);
}
END_TEST

int main(void)
{
    suite_plan();
    Suite *suite = suite_create("wsh sim");
    TCase *tcase = tcase_create("sim");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, the_same_seed_is_the_same_run, 0, PATTERNS);
    tcase_add_loop_test(tcase, no_cut_changes_what_is_seen, 0, PATTERNS);
    tcase_add_test(tcase, a_refused_connection_is_unreachable);
    tcase_add_loop_test(tcase, a_case_may_be_long, 0, sizeof long_cases / sizeof long_cases[0]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
