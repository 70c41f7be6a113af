/* watch.c - judge the cases without steps from what all conversations showed. */
#include <stdlib.h>
#include <string.h>
#include <wss/stepper.h>

enum { PLACES = 3 };

static bool watched(const struct wss_case *test, const char *requirement)
{
    for (size_t i = 0; i < test->watch_count; i++) {
        if (strcmp(test->watch[i], requirement) == 0)
            return true;
    }
    return false;
}

static enum wsq_verdict graded(const char *requirement)
{
    const struct wsq_requirement *row = wsq_requirement(requirement);
    enum wsq_grade grade = row ? wsq_requirement_judged(row)->grade : WSQ_GRADE_INFO;
    return grade == WSQ_GRADE_FAIL ? WSQ_FAIL : grade == WSQ_GRADE_WARN ? WSQ_WARN : WSQ_INFO;
}

/* Whole or not there: false when memory ends. */
static bool add_place(struct wsq_case *result, const struct wsq_case *from,
                      const struct wsq_sighting *sighting)
{
    struct wsq_fault *grown = realloc(result->faults, (result->fault_count + 1) * sizeof *grown);
    if (!grown)
        return false;
    result->faults = grown;
    struct wsq_fault *fault = &grown[result->fault_count++];
    *fault = (struct wsq_fault){.requirement = wsq_dup(sighting->requirement),
                                .verdict = graded(sighting->requirement),
                                .seen = true,
                                .step = wsq_format("in case %s", from->id),
                                .expected = wsq_dup("no such bytes"),
                                .saw = wsq_dup(sighting->sentence),
                                .why = wsq_format("at byte %llu of connection %s of case %s",
                                                  (unsigned long long)sighting->at,
                                                  sighting->connection ? sighting->connection : "1",
                                                  from->id)};
    return fault->requirement && fault->step && fault->expected && fault->saw && fault->why;
}

static bool add_places(struct wsq_case *result, const struct wss_case *test,
                       const struct wsq_case *from, size_t *found)
{
    bool good = true, first = true;
    for (size_t i = 0; i < from->violation_count; i++) {
        if (!watched(test, from->violations[i].requirement))
            continue;
        if (first && result->fault_count < PLACES)
            good = add_place(result, from, &from->violations[i]);
        first = false;
        ++*found;
    }
    return good;
}

static bool had_occasion(const struct wss_case *test, const struct wsq_case *from)
{
    for (size_t i = 0; i < from->occasion_count; i++) {
        if (watched(test, from->occasions[i]))
            return true;
    }
    return false;
}

/* The gravest of what was broken. */
static enum wsq_verdict verdict_of(const struct wss_case *test, const struct wsq_run *run)
{
    enum wsq_verdict verdict = WSQ_PASS;
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *from = &run->cases[i];
        for (size_t k = 0; k < from->violation_count; k++) {
            const char *requirement = from->violations[k].requirement;
            if (watched(test, requirement) && graded(requirement) > verdict)
                verdict = graded(requirement);
        }
    }
    return verdict;
}

static bool judge(struct wsq_case *result, const struct wss_case *test, const struct wsq_run *run)
{
    size_t found = 0, occasions = 0;
    for (size_t i = 0; i < run->case_count; i++) {
        if (!add_places(result, test, &run->cases[i], &found))
            return false;
        occasions += had_occasion(test, &run->cases[i]);
    }
    if (found) {
        result->verdict = verdict_of(test, run);
        result->reason = wsq_format("%zu times, first: %s", found, result->faults[0].saw);
    } else if (!occasions) {
        result->verdict = WSQ_SKIP;
        result->reason = wsq_dup("no occasion");
    }
    return result->reason || (!found && occasions);
}

bool wss_judge_watches(const struct wss_plan *plan, struct wsq_run *run)
{
    bool good = true;
    for (size_t i = 0; i < plan->count && good; i++) {
        const struct wss_case *test = &plan->cases[i];
        struct wsq_case result;
        if (!test->watch_count)
            continue;
        good = wss_name_result(&result, test) && judge(&result, test, run) &&
               wsq_run_add(run, &result);
        if (!good)
            wsq_case_drop(&result);
    }
    return good;
}
