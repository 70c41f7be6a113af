/* Law 6: a clean peer passes every case; every mutant is killed by its named case.  The liberties
 * are test_liberties.c's. */
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/select.h>

/* How streams are cut and delayed, and how much a pipe holds, is drawn from the seed: nothing of it
 * may show in a verdict.  WSPROOF_RUNS=1000 draws so many; a fork has some of them. */
enum { RUNS = 3, RUNS_A_FORK = 10 };
static unsigned runs = RUNS;

/* Verdicts that nobody may have. */
static bool is_bad(enum wsq_verdict verdict)
{
    return verdict == WSQ_FAIL || verdict == WSQ_FLAKY || verdict == WSQ_ERROR ||
           verdict == WSQ_WARN;
}

/* Says what is wrong with the first few; returns how many are. */
static size_t complain(const struct wsq_run *run)
{
    size_t wrong = 0;
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];
        if (!is_bad(c->verdict) || ++wrong > 5)
            continue;
        fprintf(stderr, "%s: %s: %s\n", c->id, wsq_verdict_name(c->verdict),
                c->reason ? c->reason : "");
        if (wrong == 1 && c->transcript)
            fprintf(stderr, "%s\n", c->transcript);
    }
    return wrong;
}

/* How many verdicts differ from those of the run before. */
static size_t compare(const struct wsq_run *run, const struct wsq_run *before, uint64_t seed)
{
    size_t other = 0;
    ck_assert_uint_eq(run->case_count, before->case_count);
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *now = &run->cases[i], *then = &before->cases[i];
        ck_assert_str_eq(now->id, then->id);
        if (now->verdict == then->verdict || ++other > 5)
            continue;
        fprintf(stderr, "%s: %s with seed %llu, and %s with another\n%s\n", now->id,
                wsq_verdict_name(now->verdict), (unsigned long long)seed,
                wsq_verdict_name(then->verdict), now->transcript ? now->transcript : "");
    }
    return other;
}

static void check_clean(const struct suite_run *suite, uint64_t seed)
{
    size_t wrong = complain(&suite->run), judged = 0;
    ck_assert_int_eq(suite->end, WSH_COMPLETE);
    for (size_t i = 0; i < suite->run.case_count; i++)
        judged += wsq_verdict_judged(suite->run.cases[i].verdict);
    ck_assert_uint_gt(judged, 0);
    ck_assert_msg(wrong == 0, "%zu cases fault the clean peer with seed %llu", wrong,
                  (unsigned long long)seed);
}

/* Seed 1, and those of this fork. */
START_TEST(a_clean_peer_passes_all)
{
    struct suite_run first, again;
    uint64_t seed = (uint64_t)_i * RUNS_A_FORK + 1, end = seed + RUNS_A_FORK - 1;
    end = end < runs ? end : runs;
    suite_run(&first, NULL, NULL, false, 1);
    check_clean(&first, 1);
    for (uint64_t now = seed > 1 ? seed : 2; now <= end; now++) {
        suite_run(&again, NULL, NULL, false, now);
        check_clean(&again, now);
        ck_assert_uint_eq(compare(&again.run, &first.run, now), 0);
        suite_drop(&again);
    }
    printf("proved: clean peer, seeds %llu to %llu: %zu cases, each with one verdict\n",
           (unsigned long long)seed, (unsigned long long)end, first.run.case_count);
    suite_drop(&first);
}
END_TEST

/* A watch is judged from all conversations. */
static const char *needed_for(const char *killed_by)
{
    const struct wss_plan *plan = suite_plan();
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cases[i].watch_count > 0 && wsh_glob(killed_by, plan->cases[i].id))
            return NULL;
    return killed_by;
}

static const struct wsq_case *first_of(const struct wsq_run *run, const char *pattern)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (wsh_glob(pattern, run->cases[i].id))
            return &run->cases[i];
    return NULL;
}

static void explain(const struct wsq_case *c)
{
    fprintf(stderr, "%s\n", c->transcript ? c->transcript : "");
    for (size_t i = 0; i < c->attempt_count; i++)
        fprintf(stderr, "attempt %zu: %s, %s\n", i + 1, wsq_verdict_name(c->attempts[i].verdict),
                c->attempts[i].reason ? c->attempts[i].reason : "no reason");
}

static const struct wsq_case *case_of(const struct wsq_run *run, const char *id)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (strcmp(run->cases[i].id, id) == 0)
            return &run->cases[i];
    return NULL;
}

static const char *next_step(const char **at)
{
    const char *line;
    do {
        line = *at;
        *at += strcspn(*at, "\n");
        *at += **at != '\0';
    } while (line[strspn(line, " ")] == '#');
    return line;
}

/* What a peer was free to do stands in comment lines: a client's key, say. */
static bool same_steps(const char *a, const char *b)
{
    while (*a || *b) {
        const char *one = next_step(&a), *other = next_step(&b);
        if (a - one != b - other || strncmp(one, other, (size_t)(a - one)) != 0)
            return false;
    }
    return true;
}

/* Law 3: a transcript is a valid script; against the same peer it gives the same transcript. */
START_TEST(a_transcript_replays)
{
    struct suite_run first, again;
    suite_run(&first, NULL, NULL, false, 1);
    size_t refused = suite_replay(&again, &first.run, 1), other = 0;
    for (size_t i = 0; i < again.run.case_count; i++) {
        const struct wsq_case *now = &again.run.cases[i];
        const struct wsq_case *before = case_of(&first.run, now->id);
        if (now->verdict == WSQ_PASS && same_steps(now->transcript, before->transcript))
            continue;
        if (++other <= 5)
            fprintf(stderr, "%s: %s: %s\n--- first\n%s--- again\n%s", now->id,
                    wsq_verdict_name(now->verdict), now->reason ? now->reason : "",
                    before->transcript, now->transcript);
    }
    ck_assert_uint_gt(again.run.case_count, 300);
    ck_assert_msg(refused == 0, "%zu transcripts are no valid scripts", refused);
    ck_assert_msg(other == 0, "%zu transcripts give another one", other);
    suite_drop(&first);
    suite_drop(&again);
}
END_TEST

/* Only a listener that speaks TLS shows a fault below it: those are killed in cli/tests/tls.sh. */
static bool is_below_tls(const struct wsp_filter_info *mutant)
{
    const struct wss_plan *plan = suite_plan();
    for (size_t i = 0; i < plan->count; i++)
        for (size_t k = 0; k < plan->cases[i].need_count; k++)
            if (strcmp(plan->cases[i].needs[k], "tls") == 0 &&
                strcmp(plan->cases[i].id, mutant->killed_by) == 0)
                return true;
    return false;
}

enum { MUTANTS_MAX = 512 };
static const struct wsp_filter_info *mutants[MUTANTS_MAX];

/* Finds those that memory can show; returns how many. */
static int find_mutants(void)
{
    int count = 0;
    const struct wsp_filter_info *mutant;
    for (size_t i = 0; (mutant = wsp_mutant_at(i)); i++)
        if (!is_below_tls(mutant) && count < MUTANTS_MAX)
            mutants[count++] = mutant;
    return count;
}

/* Runs the case that kills the mutant; a watch sees one part of the cases after the other until it
 * has what it needs: a fault, or only an occasion. */
static const struct wsq_case *run_against(struct suite_run *suite,
                                          const struct wsp_filter_info *mutant, bool idle)
{
    enum { PARTS = 8 };
    const char *only = needed_for(mutant->killed_by);
    if (only) {
        suite_run(suite, only, mutant->id, idle, 1);
        return first_of(&suite->run, mutant->killed_by);
    }
    for (unsigned part = 0;; part++) {
        suite_run_part(suite, mutant->id, idle, PARTS, part);
        const struct wsq_case *c = first_of(&suite->run, mutant->killed_by);
        bool wanting = c && (c->verdict == WSQ_SKIP || (!idle && c->verdict == WSQ_PASS));
        if (!wanting || part == PARTS - 1)
            return c;
        suite_drop(suite);
    }
}

START_TEST(a_mutant_is_killed)
{
    const struct wsp_filter_info *mutant = mutants[_i];
    struct suite_run suite;
    const struct wsq_case *c = run_against(&suite, mutant, false);
    ck_assert_msg(c != NULL, "%s: there is no case %s", mutant->id, mutant->killed_by);
    if ((c->verdict != WSQ_FAIL && c->verdict != WSQ_WARN) ||
        !suite_charged(c, mutant->requirement))
        explain(c);
    ck_assert_msg(c->verdict == WSQ_FAIL || c->verdict == WSQ_WARN, "%s survives %s: %s, %s",
                  mutant->id, c->id, wsq_verdict_name(c->verdict), c->reason ? c->reason : "");
    ck_assert_msg(suite_charged(c, mutant->requirement), "%s: %s charges %s, not %s", mutant->id,
                  c->id,
                  c->fault_count && c->faults[0].requirement ? c->faults[0].requirement : "nothing",
                  mutant->requirement);
    ck_assert_msg(suite.fired > 0, "%s: did nothing in %s", mutant->id, c->id);
    suite_drop(&suite);
}
END_TEST

START_TEST(an_idle_mutant_lives)
{
    const struct wsp_filter_info *mutant = mutants[_i];
    struct suite_run suite;
    const struct wsq_case *c = run_against(&suite, mutant, true);
    ck_assert_msg(c != NULL, "%s: there is no case %s", mutant->id, mutant->killed_by);
    /* What the mutant does wrong the clean peer may not do at all: then a watch has no occasion. */
    bool lives = c->verdict == WSQ_PASS || (c->watch && c->verdict == WSQ_SKIP);
    if (!lives)
        fprintf(stderr, "%s\n", c->transcript ? c->transcript : "");
    ck_assert_msg(lives, "%s, idle: %s: %s, %s", mutant->id, c->id, wsq_verdict_name(c->verdict),
                  c->reason ? c->reason : "");
    ck_assert_uint_eq(suite.fired, 0);
    suite_drop(&suite);
}
END_TEST

/* Is the requirement what the case is about, or one of the things? */
static bool is_own(const struct wss_case *c, const char *requirement)
{
    for (size_t i = 0; i < c->cite_count; i++)
        if (suite_same_row(c->cites[i], requirement))
            return true;
    for (size_t i = 0; i < c->charge_count; i++)
        if (suite_same_row(c->charges[i], requirement))
            return true;
    return false;
}

/* Counts the mutant for each case that it kills and that is about something else. */
static void count_foreign(unsigned *counts, const struct wsp_filter_info *mutant)
{
    const struct wss_plan *plan = suite_small_plan();
    struct suite_run suite;
    suite_run_peer(&suite, (const char *const[]){mutant->id, NULL}, 0, 0, 1);
    for (size_t i = 0; i < plan->count; i++) {
        const struct wsq_case *c = case_of(&suite.run, plan->cases[i].id);
        bool dead = c && (is_bad(c->verdict) && c->verdict != WSQ_ERROR);
        counts[i] += dead && !is_own(&plan->cases[i], mutant->requirement);
    }
    suite_drop(&suite);
}

/* A case that many mutants of foreign requirements kill says little of its own. */
START_TEST(a_case_is_killed_by_its_own)
{
    enum { FOREIGN_MAX = 20 };
    const struct wss_plan *plan = suite_small_plan();
    size_t often = 0, most = 0;
    unsigned *counts = calloc(plan->count, sizeof *counts);
    ck_assert_ptr_nonnull(counts);
    for (size_t i = 0; mutants[i]; i++)
        count_foreign(counts, mutants[i]);
    for (size_t i = 0; i < plan->count; i++) {
        most = counts[i] > counts[most] ? i : most;
        often += counts[i] > FOREIGN_MAX;
        if (counts[i] > FOREIGN_MAX)
            fprintf(stderr, "%s: killed by %u mutants of foreign requirements\n", plan->cases[i].id,
                    counts[i]);
    }
    printf("proved: cases killed by more than %d mutants of foreign requirements: %zu; the most: "
           "%u, of %s\n",
           FOREIGN_MAX, often, counts[most], plan->cases[most].id);
    fflush(stdout);
    free(counts);
    ck_assert_uint_eq(often, 0);
}
END_TEST

/* One case of Check each, so that CK_RUN_CASE can choose. */
static void add(Suite *suite, const char *name, const TTest *test, int count)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, getenv("WSPROOF_WHOLE") ? 7200 : 300);
    tcase_set_tags(tcase, name);
    tcase_add_loop_test(tcase, test, 0, count);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    suite_plan(); /* once, before the tests fork */
    suite_small_plan();
    int count = find_mutants();
    if (count == MUTANTS_MAX)
        return 2; /* the table is too small */
    if (getenv("WSPROOF_RUNS"))
        runs = (unsigned)strtoul(getenv("WSPROOF_RUNS"), NULL, 10);
    Suite *suite = suite_create("suite");
    add(suite, "clean", a_clean_peer_passes_all, (int)((runs + RUNS_A_FORK - 1) / RUNS_A_FORK));
    add(suite, "replay", a_transcript_replays, 1);
    add(suite, "mutants", a_mutant_is_killed, count);
    add(suite, "idle", an_idle_mutant_lives, count);
    if (getenv("WSPROOF_WHOLE"))
        add(suite, "kills", a_case_is_killed_by_its_own, 1);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    suite_prove(runner, "mutants", "mutants killed");
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
