/* outcome.c - what a run comes to: the result, its verdict, and the end of everything else. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

static bool copy_words(char ***out, size_t *count, const char *const *words, size_t n)
{
    *out = calloc(n + 1, sizeof **out);
    while (*out && *count < n && ((*out)[*count] = wsq_dup(words[*count])))
        ++*count;
    return *out && *count == n;
}

bool wss_name_result(struct wsq_case *result, const struct wss_case *test)
{
    bool watch = test->watch_count > 0;
    *result = (struct wsq_case){.id = wsq_dup(test->id),
                                .title = wsq_dup(test->title),
                                .suite = wsq_dup(test->suite),
                                .script = wsq_dup(test->script),
                                .watch = watch};
    bool whole = result->id && result->title && result->suite && (result->script || !test->script);
    whole = copy_words(&result->cites, &result->cite_count, watch ? test->watch : test->cites,
                       watch ? test->watch_count : test->cite_count) &&
            whole;
    return copy_words(&result->autobahn, &result->autobahn_count, test->autobahn,
                      test->autobahn_count) &&
           whole;
}

static void add_occasion(struct wss_run *run, const char *requirement)
{
    struct wsq_case *result = &run->result;
    for (size_t i = 0; i < result->occasion_count; i++) {
        if (strcmp(result->occasions[i], requirement) == 0)
            return;
    }
    char **grown =
        wss_got(run, realloc(result->occasions, (result->occasion_count + 1) * sizeof *grown));
    if (!grown)
        return;
    result->occasions = grown;
    grown[result->occasion_count] = wss_dup(run, requirement);
    result->occasion_count += grown[result->occasion_count] != NULL;
}

static void take_occasions(struct wss_run *run)
{
    for (int rule = 1; rule < WSC_RULE_COUNT; rule++) {
        bool had = wsc_findings_had_occasion(&run->occasions, (enum wsc_rule)rule);
        for (size_t i = 0; i < run->lane_count && !had; i++)
            had = wsc_findings_had_occasion(&run->lanes[i].findings, (enum wsc_rule)rule);
        if (had)
            add_occasion(run, wsc_rule_info((enum wsc_rule)rule)->requirement);
    }
    for (size_t i = 0; i < run->lane_count; i++)
        if (run->lanes[i].clean_end)
            add_occasion(run, WSS_CLEAN_END);
}

static const struct wsq_fault *worst_fault(const struct wsq_case *result)
{
    const struct wsq_fault *worst = NULL;
    for (size_t i = 0; i < result->fault_count; i++) {
        const struct wsq_fault *fault = &result->faults[i];
        if (!worst || fault->verdict > worst->verdict ||
            (fault->verdict == worst->verdict && fault->seen && !worst->seen))
            worst = fault;
    }
    return worst;
}

/* Did the peer owe something already when it did that?  What is late comes where it does not fit.
 */
static bool rests_on_absence(const struct wsq_case *result, const struct wsq_fault *worst)
{
    for (const struct wsq_fault *fault = result->faults; fault <= worst; fault++)
        if (!fault->seen)
            return true;
    return false;
}

static char *reason_of(const struct wsq_fault *worst)
{
    if (worst->why)
        return wsq_format("expected %s; saw %s (%s)", worst->expected, worst->saw, worst->why);
    return wsq_format("expected %s; saw %s", worst->expected, worst->saw);
}

/* What was kept may be half, and the secrets in it unknown: nothing of it is told. */
static void forget_content(struct wsq_case *result)
{
    struct wsq_case content = {.faults = result->faults,
                               .fault_count = result->fault_count,
                               .wire = result->wire,
                               .wire_count = result->wire_count,
                               .transcript = result->transcript};
    wsq_case_drop(&content);
    result->faults = NULL;
    result->wire = NULL;
    result->transcript = NULL;
    result->fault_count = result->wire_count = 0;
}

/* The last look at whether memory was enough: behind this, nothing is taken. */
static void judge(struct wss_run *run, struct wss_outcome *outcome)
{
    struct wsq_case *result = &run->result;
    const struct wsq_fault *worst = worst_fault(result);
    result->verdict = worst ? worst->verdict : WSQ_PASS;
    if (worst && !wss_stuck(run))
        result->reason = wss_got(run, reason_of(worst));
    if (wss_stuck(run)) {
        result->verdict = WSQ_ERROR;
        free(result->reason);
        result->reason = run->reason;
        run->reason = NULL;
    } else if (worst) {
        outcome->unseen = rests_on_absence(result, worst);
        outcome->needs_control = run->control;
    }
    if (run->starved)
        forget_content(result);
}

static void move_result(struct wss_run *run)
{
    struct wsq_case *result = &run->result;
    result->faults = run->main.faults;
    result->fault_count = run->main.fault_count;
    run->main.faults = NULL;
    run->main.fault_count = 0;
    result->violations = run->violations;
    result->violation_count = run->violation_count;
    result->wire = run->wire;
    result->wire_count = run->wire_count;
    result->ms =
        run->now - run->started - (run->given_back < run->now - run->started ? run->given_back : 0);
    result->waited_ms = run->test->waits_ms;
    result->transcript = wss_transcript_take(run);
    take_occasions(run);
}

void wss_run_free(struct wss_run *run)
{
    for (size_t i = 0; run->lanes && i < run->lane_count; i++)
        wss_lane_free(&run->lanes[i]);
    wss_transcript_free(run);
    wss_thread_free(&run->main);
    wss_again_free(run);
    wsn_arena_drop(&run->arena);
    wsn_arena_drop(&run->scratch);
    wsq_case_drop(&run->result);
    free(run->reason);
    free(run->lanes);
    free(run);
}

void wss_finish(struct wss_run *run, struct wss_outcome *outcome)
{
    *outcome = (struct wss_outcome){0};
    if (!run->done)
        wss_abort(run, "the case was ended early", run->now);
    if (run->setup->budget)
        run->setup->budget->held -= run->kept;
    move_result(run);
    judge(run, outcome);
    outcome->starved = run->starved;
    outcome->no_connection = run->no_connection && !run->starved;
    outcome->untrusted = run->untrusted && !run->starved;
    outcome->garbled = run->garbled && !run->starved;
    outcome->too_slow = run->too_slow && !run->starved;
    outcome->facts = run->facts;
    outcome->secrets = run->secrets;
    outcome->secret_count = run->secret_count;
    outcome->result = run->result;
    run->result = (struct wsq_case){0};
    wss_run_free(run);
}

void wss_outcome_drop(struct wss_outcome *outcome)
{
    for (size_t i = 0; i < outcome->secret_count; i++)
        free(outcome->secrets[i].value);
    free(outcome->secrets);
    wsq_case_drop(&outcome->result);
    free(outcome->facts.protocol);
    free(outcome->facts.extensions);
    free(outcome->facts.server);
    for (size_t i = 0; i < outcome->facts.unasked_count; i++) {
        union {
            const uint8_t *in;
            void *out;
        } data = {.in = outcome->facts.unasked[i].data};
        free(data.out);
    }
    free(outcome->facts.unasked);
    *outcome = (struct wss_outcome){0};
}
