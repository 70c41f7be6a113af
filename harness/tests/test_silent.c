/* Who never echoes is judged all the same, and wronged by no case: a chat, a push server, a broker.
 *
 *     WSPROOF_WHOLE=1 wsh_silent_test    # all cases and all mutants, not a part of them
 */
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/select.h>

enum { PEERS = 6, SHARE = 6, STRIDE = 9 };

static const char *const peers[PEERS][5] = {
    {"ignore-messages"},                                /* a feed that nobody may write to */
    {"greeting", "ignore-messages"},                    /* a chat, alone in its room */
    {"push", "ignore-messages"},                        /* ticks, whatever is said */
    {"answer-in-json"},                                 /* a broker without the command */
    {"greeting", "prefix-echo"},                        /* a bot: "you said: …" */
    {"greeting", "push", "heartbeat", "answer-in-json"} /* all that at once */
};

/* What these do wrong is a message that they send, which nobody sees of a peer that sends none. */
static const char *const talkers[] = {"deliver-cut-message"};
enum { TALKERS = sizeof talkers / sizeof *talkers };

static bool whole;

static bool needs_echo(const struct wss_case *c)
{
    for (size_t i = 0; i < c->need_count; i++)
        if (strcmp(c->needs[i], "echo") == 0)
            return true;
    return false;
}

static const struct wss_case *plan_case(const char *id)
{
    const struct wss_plan *plan = suite_small_plan();
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->cases[i].id, id) == 0)
            return &plan->cases[i];
    return NULL;
}

/* Not one is faulted, and those that ask for an echo say that this is why they were left out. */
static bool is_right(const struct wsq_case *c)
{
    const struct wss_case *test = plan_case(c->id);
    if (test && needs_echo(test))
        return c->verdict == WSQ_SKIP && strncmp(c->reason, "needs ", 6) == 0;
    return c->verdict == WSQ_PASS || c->verdict == WSQ_INFO || c->verdict == WSQ_SKIP;
}

START_TEST(a_silent_peer_is_not_wronged)
{
    const char *const *filters = peers[_i];
    struct suite_run suite;
    suite_run_peer(&suite, filters, whole ? 0 : SHARE, (unsigned)_i % SHARE, 1);
    ck_assert_int_eq(suite.end, WSH_COMPLETE);
    size_t wrong = 0, judged = 0, echoes = 0;
    for (size_t i = 0; i < suite.run.case_count; i++) {
        const struct wsq_case *c = &suite.run.cases[i];
        judged += wsq_verdict_judged(c->verdict);
        echoes += c->verdict == WSQ_SKIP && strcmp(c->reason, "needs echo") == 0;
        if (is_right(c))
            continue;
        if (++wrong <= 20)
            fprintf(stderr, "%s: %s: %s\n%s\n", c->id, wsq_verdict_name(c->verdict),
                    c->reason ? c->reason : "", c->transcript ? c->transcript : "");
    }
    ck_assert_msg(wrong == 0, "%zu cases wrong the peer that begins with %s", wrong, filters[0]);
    ck_assert_uint_gt(judged, 2 * echoes); /* most do without */
    suite_drop(&suite);
}
END_TEST

/* Does any case find what the mutant does, and charge it rightly?  *fired: it did its deed. */
static bool is_found(const struct suite_run *suite, const struct wsp_filter_info *mutant,
                     const char *only)
{
    for (size_t i = 0; i < suite->run.case_count; i++) {
        const struct wsq_case *c = &suite->run.cases[i];
        if ((c->verdict == WSQ_FAIL || c->verdict == WSQ_WARN) &&
            (!only || wsh_glob(only, c->id)) && suite_charged(c, mutant->requirement))
            return true;
    }
    return false;
}

/* The case that kills it where messages come back, or any other. */
static bool is_killed(const struct wsp_filter_info *mutant, bool by_any)
{
    const char *const filters[] = {mutant->id, "ignore-messages", NULL};
    struct suite_run suite;
    if (by_any)
        suite_run_peer(&suite, filters, 0, 0, 1);
    else
        suite_run_case(&suite, mutant->killed_by, filters);
    bool found = is_found(&suite, mutant, by_any ? NULL : mutant->killed_by);
    suite_drop(&suite);
    return found;
}

/* Mutants of servers whose case asks for nothing that this loop has not. */
static const struct wss_case *killer_of(const struct wsp_filter_info *mutant)
{
    const struct wss_plan *plan = suite_small_plan();
    for (size_t i = 0; i < plan->count; i++) {
        const struct wss_case *c = &plan->cases[i];
        if (c->watch_count > 0 || c->server_role || !wsh_glob(mutant->killed_by, c->id))
            continue;
        for (size_t k = 0; k < c->need_count; k++)
            if (strcmp(c->needs[k], "tls") == 0)
                return NULL;
        return c;
    }
    return NULL;
}

static bool is_talker(const char *id)
{
    for (size_t i = 0; i < TALKERS; i++)
        if (strcmp(talkers[i], id) == 0)
            return true;
    return false;
}

START_TEST(a_mutant_is_killed_in_silence)
{
    size_t killed = 0, mutants = 0, echoing = 0, wrong = 0, stride = whole ? 1 : STRIDE;
    const struct wsp_filter_info *mutant;
    for (size_t i = 0; (mutant = wsp_mutant_at(i)); i++) {
        const struct wss_case *killer = killer_of(mutant);
        if (!killer || mutants++ % stride != 0)
            continue;
        bool echo = needs_echo(killer) || is_talker(mutant->id);
        if (echo && !whole)
            continue;
        bool dead = is_killed(mutant, echo);
        echoing += echo && !dead;
        killed += dead;
        if (!dead)
            fprintf(stderr, "%s lives where messages do not come back%s\n", mutant->id,
                    echo ? "; its case asks for an echo" : "");
        wrong += !dead && !echo;
    }
    ck_assert_msg(wrong == 0, "%zu mutants survive without an echo", wrong);
    ck_assert_uint_gt(killed, 0);
    printf("proved: mutants killed without an echo: %zu; seen in an echo alone: %zu\n", killed,
           echoing);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test, int count)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 600);
    tcase_add_loop_test(tcase, test, 0, count);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    whole = getenv("WSPROOF_WHOLE") != NULL;
    suite_plan(); /* once, before the tests fork */
    suite_small_plan();
    Suite *suite = suite_create("silent");
    add(suite, "peers", a_silent_peer_is_not_wronged, PEERS);
    add(suite, "mutants", a_mutant_is_killed_in_silence, 1);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    suite_prove(runner, "peers", "peers that never echo, wronged by none");
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
