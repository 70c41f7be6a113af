#include <wsh/evidence.h>

#include <stdlib.h>
#include <string.h>

/* The memory that was asked for. */
static void *got(struct wsh_evidence *e, void *p)
{
    e->starved = e->starved || !p;
    return p;
}

static char *copy(struct wsh_evidence *e, const char *text)
{
    return text ? got(e, wsq_dup(text)) : NULL;
}

static void note_attempt(struct wsh_evidence *e, const struct wss_outcome *o)
{
    struct wsq_attempt *list = got(e, realloc(e->attempts, (e->attempt_count + 1) * sizeof *list));
    if (!list)
        return;
    e->attempts = list;
    list[e->attempt_count++] = (struct wsq_attempt){
        .verdict = o->result.verdict, .reason = copy(e, o->result.reason), .ms = o->result.ms};
}

static void keep(struct wss_outcome *slot, bool *has, struct wss_outcome *outcome)
{
    if (*has)
        wss_outcome_drop(slot);
    *slot = *outcome;
    *has = true;
    memset(outcome, 0, sizeof *outcome);
}

static bool is_fault(enum wsq_verdict verdict)
{
    return verdict == WSQ_FAIL || verdict == WSQ_WARN;
}

static enum wsh_move settle(struct wsh_evidence *e)
{
    return e->last.needs_control && !e->controlled ? WSH_CONTROL : WSH_SETTLE;
}

/* Does it rest on what did not come in time? */
static bool is_absence(const struct wss_outcome *outcome)
{
    return outcome->unseen || outcome->too_slow;
}

static enum wsh_move after_first(struct wsh_evidence *e)
{
    bool absent = is_absence(&e->last);
    if (!absent && !is_fault(e->last.result.verdict))
        return settle(e);
    e->calm = absent;
    keep(&e->first, &e->has_first, &e->last);
    e->has_last = false;
    return absent ? WSH_CALM : WSH_AGAIN;
}

static enum wsh_move after_second(struct wsh_evidence *e)
{
    bool same = e->first.result.verdict == e->last.result.verdict;
    if (same)
        return settle(e);
    if (is_absence(&e->last) && !e->calm) { /* no word against what was seen before */
        e->calm = true;
        wss_outcome_drop(&e->last);
        e->has_last = false;
        return WSH_CALM;
    }
    if (is_absence(&e->first)) {
        e->slow = wsq_verdict_judged(e->last.result.verdict);
        return settle(e);
    }
    /* Seen the first time: that record is the evidence; an attempt that could not be judged says
     * nothing against it. */
    e->flaky = wsq_verdict_judged(e->last.result.verdict);
    keep(&e->last, &e->has_last, &e->first);
    e->has_first = false;
    return settle(e);
}

enum wsh_move wsh_evidence_add(struct wsh_evidence *e, struct wss_outcome *outcome)
{
    note_attempt(e, outcome);
    keep(&e->last, &e->has_last, outcome);
    e->starved = e->starved || e->last.starved;
    if (e->starved)
        return WSH_SETTLE;
    if (e->last.no_connection && ++e->refusals < WSH_REFUSALS_MAX)
        return e->refusals + 1 < WSH_REFUSALS_MAX ? WSH_FEWER : WSH_CALM;
    return e->has_first ? after_second(e) : after_first(e);
}

static void set_verdict(struct wsq_case *c, enum wsq_verdict verdict, char *reason)
{
    free(c->reason);
    c->reason = reason;
    c->verdict = verdict;
}

void wsh_case_starve(struct wsq_case *c)
{
    struct wsq_case bare = {.id = c->id,
                            .title = c->title,
                            .suite = c->suite,
                            .verdict = WSQ_ERROR,
                            .reason = wsq_dup("out of memory"),
                            .cites = c->cites,
                            .cite_count = c->cite_count,
                            .autobahn = c->autobahn,
                            .autobahn_count = c->autobahn_count,
                            .violations = c->violations,
                            .violation_count = c->violation_count,
                            .occasions = c->occasions,
                            .occasion_count = c->occasion_count,
                            .started_ms = c->started_ms,
                            .ms = c->ms,
                            .script = c->script};
    c->id = c->title = c->suite = c->script = NULL;
    c->cites = c->autobahn = c->occasions = NULL;
    c->violations = NULL;
    c->cite_count = c->autobahn_count = c->occasion_count = c->violation_count = 0;
    wsq_case_drop(c);
    *c = bare;
}

void wsh_evidence_control(struct wsh_evidence *e, bool accepted)
{
    e->controlled = true;
    if (!accepted && e->has_last) {
        e->flaky = false;
        set_verdict(&e->last.result, WSQ_ERROR,
                    copy(e, "the plain handshake is not accepted either: nothing to compare with"));
    }
}

/* Charged as any step without a charge of its own, to the first that the case cites; yet where that
 * leaves the peer free, no sentence of it is broken, and the death stands for itself. */
static const char *broken_by_death(const struct wsq_case *c)
{
    const struct wsq_requirement *row = c->cite_count ? wsq_requirement(c->cites[0]) : NULL;
    return row && wsq_requirement_judged(row)->grade == WSQ_GRADE_FAIL ? c->cites[0] : NULL;
}

void wsh_evidence_died(struct wsh_evidence *e, struct wss_outcome *outcome, const char *words)
{
    struct wsq_case *c = &outcome->result;
    struct wsq_fault *list = got(e, realloc(c->faults, (c->fault_count + 1) * sizeof *list));
    if (list) {
        c->faults = list;
        /* First, since it is what matters most. */
        memmove(list + 1, list, c->fault_count * sizeof *list);
        list[0] = (struct wsq_fault){
            .requirement = copy(e, broken_by_death(c)),
            .verdict = WSQ_FAIL,
            .seen = true,
            .step = copy(e, "the whole case"),
            .expected = copy(e, "the target keeps running"),
            .saw = copy(e, "target died"),
            .why = *words ? got(e, wsq_format("its last output: %s", words)) : NULL};
        c->fault_count++;
    }
    set_verdict(c, WSQ_FAIL, copy(e, "target died"));
    note_attempt(e, outcome);
    keep(&e->last, &e->has_last, outcome);
    e->slow = e->flaky = false;
}

bool wsh_evidence_result(struct wsh_evidence *e, struct wsq_case *out)
{
    if (!e->has_last)
        return false;
    *out = e->last.result;
    memset(&e->last.result, 0, sizeof e->last.result);
    if (e->flaky)
        set_verdict(out, WSQ_FLAKY,
                    got(e, wsq_format("in one of two attempts: %s",
                                      out->reason ? out->reason : wsq_verdict_name(out->verdict))));
    out->slow = e->slow;
    out->attempts = e->attempts;
    out->attempt_count = e->attempt_count;
    e->attempts = NULL;
    e->attempt_count = 0;
    if (e->starved)
        wsh_case_starve(out);
    wsh_evidence_drop(e);
    return true;
}

void wsh_evidence_drop(struct wsh_evidence *e)
{
    if (e->has_first)
        wss_outcome_drop(&e->first);
    if (e->has_last)
        wss_outcome_drop(&e->last);
    for (size_t i = 0; i < e->attempt_count; i++)
        free(e->attempts[i].reason);
    free(e->attempts);
    memset(e, 0, sizeof *e);
}
