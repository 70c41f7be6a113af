#include "schedule.h"
#include <wsh/batch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/limits.h>

enum { DEFAULT_JOBS = 32, LAUNCH_MS = 20000, RETRY_MS = 50, PLAIN_PATIENCE_MS = 2000 };
/* As many as a script may have. */
enum { CONNECTIONS_MAX = 1000 };
/* What all cases at once may be made to keep. */
enum { BUDGET = 80 << 20 };

bool wsh_run_interrupted(const struct wsh_schedule *s)
{
    return s->options->interrupted && *s->options->interrupted;
}

static const struct wsh_secrets *secrets_of(const struct wsh_schedule *s)
{
    static const struct wsh_secrets none;
    return s->options->secrets ? s->options->secrets : &none;
}

void wsh_run_starve(struct wsq_run *run)
{
    run->complete = false;
    if (!run->incomplete)
        run->incomplete = wsq_dup("out of memory");
}

static bool is_named(const struct wsq_case *c)
{
    return c->id && c->title && c->suite;
}

/* A case that cannot be told whole is an error; one that cannot be told at all leaves the run
 * incomplete. */
void wsh_run_publish(struct wsh_schedule *s, struct wsq_case *c)
{
    bool good = is_named(c);
    if (s->options->replay && good) {
        c->replay = wsq_format("%s --only '%s'", s->options->replay, c->id);
        good = c->replay != NULL;
    }
    good = wsh_redact_case(secrets_of(s), c) && good;
    good = (s->captured.count == 0 || wsh_redact_case(&s->captured, c)) && good;
    if (!good && is_named(c))
        wsh_case_starve(c);
    if (!is_named(c) || !wsq_run_add(s->run, c)) {
        s->starved = true;
        wsq_case_drop(c);
        return;
    }
    if (s->audience->result)
        s->audience->result(s->audience->context, &s->run->cases[s->run->case_count - 1]);
}

/* ---- starting a target ---- */

/* One plain handshake: whatever the answer is, it is HTTP, or what should have been.  *why gets
 * what came instead, to be freed; *for_good is set when more tries would not help. */
static bool answers(struct wsh_schedule *s, char **why, bool *for_good)
{
    struct wsh_batch_item item = {.task.setup = {.test = wsh_probe_plain(s->probe),
                                                 .profile = &s->options->profile,
                                                 .seed = s->options->seed,
                                                 .patience_ms = PLAIN_PATIENCE_MS,
                                                 .cap_ms = 2 * PLAIN_PATIENCE_MS}};
    wsh_batch_run(s->loop, &item, 1, s->options->interrupted);
    bool answered = item.done && item.outcome.facts.heard;
    *why = item.done ? wsq_dup(item.outcome.result.reason) : NULL;
    *for_good = item.done && item.outcome.untrusted;
    if (item.done)
        wss_outcome_drop(&item.outcome);
    return answered;
}

static bool launch_failed(struct wsh_schedule *s, const char *why)
{
    const char *words = s->target->last_words(s->target);
    s->run->incomplete = *words ? wsq_format("%s; its last output: %s", why, words) : wsq_dup(why);
    return false;
}

bool wsh_run_launch(struct wsh_schedule *s)
{
    char error[512], *why = NULL;
    bool for_good = false;
    s->launched = s->target->launch(s->target, error, sizeof error) == 0;
    if (!s->launched)
        return launch_failed(s, error);
    uint64_t limit = s->loop->now(s->loop) + LAUNCH_MS;
    while (s->loop->now(s->loop) < limit && !wsh_run_interrupted(s)) {
        free(why);
        if (answers(s, &why, &for_good)) {
            free(why);
            return true;
        }
        if (for_good)
            break;
        uint64_t again = s->loop->now(s->loop) + RETRY_MS;
        while (s->loop->now(s->loop) < again && !s->target->dead(s->target))
            s->loop->turn(s->loop, again);
        if (s->target->dead(s->target)) {
            free(why);
            return launch_failed(s, "the target ended before it answered");
        }
    }
    char *text = wsq_format("%s%s%s", for_good ? "" : "the target did not answer within 20 s",
                            for_good || !why ? "" : ": ", why ? why : "");
    bool interrupted = wsh_run_interrupted(s);
    launch_failed(s, interrupted ? "interrupted" : text ? text : "the target did not answer");
    free(text);
    free(why);
    return false;
}

/* ---- what may run ---- */

static bool is_setting(const struct wsh_options *o, const char *name)
{
    for (size_t i = 0; o->settings && i < o->settings->count; i++)
        if (strcmp(o->settings->list[i].name, name) == 0)
            return true;
    return false;
}

static bool is_declared(const struct wsh_options *o, const char *name)
{
    for (size_t i = 0; i < o->has_count; i++)
        if (strcmp(o->has[i], name) == 0)
            return true;
    return false;
}

/* "message=65536*16": what limit a need is about, and how much of it; false: it is no such need. */
static bool read_amount(const char *need, char *name, size_t size, uint64_t *amount)
{
    size_t n = strcspn(need, "=");
    if (!need[n] || n >= size)
        return false;
    memcpy(name, need, n);
    name[n] = '\0';
    *amount = 1;
    for (const char *p = need + n; *p; p += strcspn(p, "*"))
        *amount *= strtoull(++p, NULL, 10);
    return true;
}

static bool is_met(const struct wsh_schedule *s, const char *need)
{
    bool found;
    char name[40];
    uint64_t amount;
    if (read_amount(need, name, sizeof name, &amount))
        return wsh_limits_allow(s->run, name, amount);
    if (strcmp(need, "flood") == 0)
        return s->options->own_target;
    if (strcmp(need, "tls") == 0 && s->options->tls)
        return true;
    if (is_setting(s->options, need) || is_declared(s->options, need))
        return true;
    return wsh_probe_knows(s->probe, need, &found) && found;
}

static char *words_for(const char *need)
{
    char name[40];
    uint64_t amount;
    if (read_amount(need, name, sizeof name, &amount))
        return wsq_format("needs %s of %llu", name, (unsigned long long)amount);
    return strcmp(need, "flood") == 0 ? wsq_dup("needs --i-own-this-target")
                                      : wsq_format("needs %s", need);
}

/* Whoever wrote a law of his own wants as many served as he wrote. */
static bool lacks_connections(const struct wsh_schedule *s, const struct wss_case *test)
{
    return test->cite_count > 0 && !wsh_probe_serves(s->probe, test->connections);
}

/* Can this case not run?  *why, to be freed, is NULL when memory ends. */
static bool obstacle(const struct wsh_schedule *s, const struct wss_case *test, char **why)
{
    const char *words = NULL;
    if (test->server_role && !s->options->plays_server)
        words = "needs a client under test";
    else if (strncmp(test->id, "limits/", 7) == 0 && !s->options->own_target)
        words = "needs --i-own-this-target";
    else if (test->moves_target && !s->target)
        words = "needs a target that --spawn starts";
    if (words) {
        *why = wsq_dup(words);
        return true;
    }
    if (lacks_connections(s, test)) {
        *why = wsq_format("needs %zu connections at a time", test->connections);
        return true;
    }
    for (size_t i = 0; i < test->need_count; i++) {
        if (is_met(s, test->needs[i]))
            continue;
        *why = words_for(test->needs[i]);
        return true;
    }
    return false;
}

/* Without a reason, memory has ended. */
static void publish_skip(struct wsh_schedule *s, const struct wss_case *test, char *reason)
{
    struct wsq_case c;
    bool whole = wss_name_result(&c, test) && reason;
    c.verdict = WSQ_SKIP;
    c.reason = reason;
    if (is_named(&c) && !whole)
        wsh_case_starve(&c);
    wsh_run_publish(s, &c);
}

static void admit(struct wsh_schedule *s, const struct wss_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct wss_case *test = &plan->cases[i];
        if (s->options->selected && !s->options->selected[i])
            continue;
        if (test->watch_count > 0)
            continue; /* judged at the end */
        char *reason = NULL;
        if (!obstacle(s, test, &reason))
            wsh_schedule_add(s, test);
        else
            publish_skip(s, test, reason);
    }
}

/* ---- what the user declared ---- */

static void publish_declared(struct wsh_schedule *s, const char *name, bool found)
{
    struct wsq_case c = {.id = wsq_format("probe/%s", name),
                         .title = wsq_format("The target has %s, as declared", name),
                         .suite = wsq_dup("probe"),
                         .verdict = found ? WSQ_PASS : WSQ_FAIL};
    if (!found) {
        c.reason = wsq_format("%s was declared and not found", name);
        c.faults = calloc(1, sizeof *c.faults);
        c.fault_count = c.faults != NULL;
    }
    bool whole = found || (c.reason && c.faults);
    if (c.fault_count) {
        c.faults[0] = (struct wsq_fault){.verdict = WSQ_FAIL,
                                         .step = wsq_format("--has %s", name),
                                         .expected = wsq_dup(name),
                                         .saw = wsq_dup("nothing of it in two tries")};
        whole = whole && c.faults[0].step && c.faults[0].expected && c.faults[0].saw;
    }
    if (is_named(&c) && !whole)
        wsh_case_starve(&c);
    wsh_run_publish(s, &c);
}

static void check_declared(struct wsh_schedule *s)
{
    for (size_t i = 0; i < s->options->has_count; i++) {
        bool found;
        if (wsh_probe_knows(s->probe, s->options->has[i], &found))
            publish_declared(s, s->options->has[i], found);
    }
}

/* ---- watches ---- */

static void judge_watches(struct wsh_schedule *s, const struct wss_plan *plan)
{
    struct wss_plan watches = {.arena = plan->arena};
    watches.cases = calloc(plan->count ? plan->count : 1, sizeof *watches.cases);
    if (!watches.cases) {
        s->starved = true;
        return;
    }
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cases[i].watch_count > 0 && (!s->options->selected || s->options->selected[i]))
            watches.cases[watches.count++] = plan->cases[i];
    watches.room = watches.count;
    size_t before = s->run->case_count;
    if (!wss_judge_watches(&watches, s->run))
        s->starved = true;
    for (size_t i = before; i < s->run->case_count && s->audience->result; i++)
        s->audience->result(s->audience->context, &s->run->cases[i]);
    free(watches.cases);
}

/* ---- the run ---- */

static enum wsh_end unreachable(struct wsh_schedule *s, const struct wsh_probe *probe)
{
    if (!s->run->incomplete) /* by a launch that failed */
        s->run->incomplete = wsq_dup(*probe->unreachable ? probe->unreachable : "no answer");
    return WSH_UNREACHABLE;
}

/* What is planned: the cases chosen, and the declarations that can be checked. */
static size_t count_planned(const struct wsh_schedule *s, const struct wss_plan *plan)
{
    size_t count = 0;
    bool found;
    for (size_t i = 0; i < plan->count; i++)
        count += !s->options->selected || s->options->selected[i];
    for (size_t i = 0; i < s->options->has_count; i++)
        count += wsh_probe_knows(s->probe, s->options->has[i], &found);
    return count;
}

static void tell_begun(struct wsh_schedule *s, const struct wsh_probe *probe,
                       const struct wss_plan *plan)
{
    bool quiet = false;
    for (size_t i = 0; i < plan->count; i++)
        quiet = quiet || plan->cases[i].captures_secrets;
    char *facts = wsh_probe_facts(probe, quiet);
    s->run->profile = wsh_redact(secrets_of(s), facts);
    free(facts);
    s->run->server = wsq_dup(probe->server);
    s->starved = !s->run->profile || (probe->server && !s->run->server);
    if (s->audience->begun)
        s->audience->begun(s->audience->context, s->run);
}

static enum wsh_end run_cases(struct wsh_schedule *s, const struct wss_plan *plan)
{
    s->list = calloc(plan->count ? plan->count : 1, sizeof *s->list);
    if (!s->list) {
        s->run->incomplete = wsq_dup("out of memory");
        return WSH_INCOMPLETE;
    }
    check_declared(s);
    admit(s, plan);
    bool complete = wsh_schedule_run(s);
    judge_watches(s, plan);
    s->run->complete = complete;
    if (s->starved)
        wsh_run_starve(s->run);
    return s->run->complete ? WSH_COMPLETE : WSH_INCOMPLETE;
}

/* The most connections that the run will have open at once. */
static unsigned count_at_once(const struct wsh_schedule *s, const struct wss_plan *plan)
{
    const struct wsh_options *o = s->options;
    size_t all = 0, most = o->limits_ms > 0 ? WSH_TIMEOUTS : 0;
    size_t ceiling = o->connections ? o->connections : CONNECTIONS_MAX;
    for (size_t i = 0; i < plan->count; i++) {
        const struct wss_case *test = &plan->cases[i];
        if ((o->selected && !o->selected[i]) || test->server_role)
            continue;
        all += test->connections;
        if (test->cite_count > 0 && test->connections > most)
            most = test->connections;
    }
    all = all < s->jobs ? all : s->jobs;
    most = most > all ? most : all;
    return (unsigned)(most < ceiling ? most : ceiling);
}

static bool revive_crowded(void *context)
{
    return wsh_schedule_revive(context);
}

/* The probe looks for what a case needs or the user declared, and for nothing else. */
static void ask_probe(struct wsh_probe *probe, struct wsh_schedule *s, const struct wss_plan *plan)
{
    const struct wsh_options *o = s->options;
    probe->at_once = count_at_once(s, plan);
    probe->target = s->target;
    probe->revive = revive_crowded;
    probe->context = s;
    for (size_t i = 0; i < o->has_count; i++)
        wsh_probe_ask(probe, o->has[i]);
    for (size_t i = 0; i < plan->count; i++)
        for (size_t k = 0; (!o->selected || o->selected[i]) && k < plan->cases[i].need_count; k++)
            wsh_probe_ask(probe, plan->cases[i].needs[k]);
}

static bool revive(void *context)
{
    return wsh_run_launch(context);
}

static void redact_limits(const struct wsh_schedule *s)
{
    for (size_t i = 0; s->options->secrets && i < s->run->limit_count; i++) {
        struct wsq_limit *limit = &s->run->limits[i];
        char *clean = wsh_redact(s->options->secrets, limit->how);
        free(limit->how);
        limit->how = clean;
    }
}

static void find_limits(struct wsh_schedule *s, const struct wsh_probe *probe)
{
    const struct wsh_options *o = s->options;
    const struct wsh_limits limits = {.loop = s->loop,
                                      .profile = &o->profile,
                                      .seed = o->seed,
                                      .patience_ms = probe->patience_ms,
                                      .wait_ms = o->limits_ms,
                                      .connections = o->connections,
                                      .served = probe->served,
                                      .breath_ms = probe->breath_ms,
                                      .target = s->target,
                                      .revive = s->target ? revive : NULL,
                                      .context = s,
                                      .looking = s->audience->looking,
                                      .listener = s->audience->context,
                                      .interrupted = o->interrupted};
    wsh_limits_find(&limits, s->run);
    redact_limits(s);
}

static enum wsh_end probe_and_run(struct wsh_schedule *s, struct wsh_probe *probe,
                                  const struct wsh_options *o, const struct wss_plan *plan)
{
    if (s->target && !wsh_run_launch(s))
        return wsh_run_interrupted(s) ? WSH_INCOMPLETE : WSH_UNREACHABLE;
    ask_probe(probe, s, plan);
    wsh_probe_run(probe, s->loop, o->interrupted);
    if (wsh_run_interrupted(s)) {
        s->run->incomplete = wsq_dup("interrupted");
        return WSH_INCOMPLETE;
    }
    if (probe->starved) {
        wsh_run_starve(s->run);
        return WSH_INCOMPLETE;
    }
    if (!probe->reachable)
        return unreachable(s, probe);
    if (o->limits_ms > 0 && probe->accepted)
        find_limits(s, probe);
    if (wsh_run_interrupted(s)) {
        s->run->incomplete = wsq_dup("interrupted");
        return WSH_INCOMPLETE;
    }
    s->run->planned = count_planned(s, plan);
    tell_begun(s, probe, plan);
    const struct wss_plan *again = o->replan && probe->subprotocol && probe->protocol
                                       ? o->replan(o->replan_context, probe->protocol)
                                       : NULL;
    return run_cases(s, again && again->count == plan->count ? again : plan);
}

/* What a case captured may stand in what was told before it did. */
static enum wsh_end redact_captured(struct wsh_schedule *s, enum wsh_end end)
{
    struct wsq_run *run = s->run;
    bool good = true;
    if (s->captured.count == 0)
        return end;
    for (size_t i = 0; i < run->case_count; i++)
        if (!wsh_redact_case(&s->captured, &run->cases[i]))
            wsh_case_starve(&run->cases[i]);
    for (size_t i = 0; i < run->complaint_count; i++)
        good = wsh_redact_text(&s->captured, &run->complaints[i]) && good;
    for (size_t i = 0; i < run->limit_count; i++)
        good = wsh_redact_text(&s->captured, &run->limits[i].how) && good;
    good = wsh_redact_text(&s->captured, &run->incomplete) && good;
    good = wsh_redact_text(&s->captured, &run->profile) && good;
    good = wsh_redact_text(&s->captured, &run->server) && good;
    if (!good) {
        wsh_run_starve(run);
        end = end == WSH_COMPLETE ? WSH_INCOMPLETE : end;
    }
    if (s->audience->retold)
        s->audience->retold(s->audience->context, run);
    return end;
}

enum wsh_end wsh_run(const struct wss_plan *plan, const struct wsh_options *options,
                     struct wsh_loop *loop, struct wsh_target *target,
                     const struct wsh_audience *audience, struct wsq_run *run)
{
    static const struct wsh_audience nobody;
    struct wsh_options own = *options; /* the probe adds to the profile */
    struct wsh_probe probe;
    struct wsh_schedule s = {.options = &own,
                             .probe = &probe,
                             .loop = loop,
                             .target = target,
                             .audience = audience ? audience : &nobody,
                             .run = run,
                             .began_ms = loop->now(loop),
                             .jobs = options->jobs ? options->jobs : DEFAULT_JOBS,
                             .budget = {.limit = BUDGET}};
    run->seed = options->seed;
    run->jobs = s.jobs;
    enum wsh_end end = WSH_INCOMPLETE;
    if (wsh_probe_init(&probe, &own.profile, options->seed, options->cap_ms))
        end = probe_and_run(&s, &probe, &own, plan);
    else
        run->incomplete = wsq_dup("out of memory");
    end = redact_captured(&s, end);
    wsh_schedule_drop(&s);
    wsh_probe_drop(&probe);
    run->ms = loop->now(loop) - s.began_ms;
    wsq_run_sort(run);
    return end;
}
