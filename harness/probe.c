#include <wsh/batch.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/probe.h>
#include <wsq/text.h>

enum { PLAIN, GREETING, ECHO, DEFLATE, PROTOCOL, PROBES };
enum { PATIENCE_MS = 2000, PATIENCE_MAX_MS = 10000, CAP_MS = 20000, BREATH_MS = 20 };
enum { RECOVERY_MS = 1000 };
enum { PROMPT_MS = 50 }; /* whose answers take no longer has greeted when half a second is over */

/* In the order of the names above. */
static const char scripts[] =
    "case probe/plain\n"
    "  title  The plain handshake is accepted\n"
    "\n"
    "  > GET\n"
    "  < 101\n"
    "\n"
    "case probe/greeting\n"
    "  title  What comes unasked\n"
    "\n"
    "  > GET\n"
    "  < 101\n"
    "  alive\n"
    "  silent 500ms\n"
    "\n"
    "case probe/echo\n"
    "  title  Messages come back\n"
    "\n"
    "  > GET\n"
    "  < 101\n"
    "  > text \"wsproof: does this come back?\"\n"
    "  < echo\n"
    "  > binary hex(00 ff 77 73)\n"
    "  < echo\n"
    "\n"
    "case probe/permessage-deflate\n"
    "  title  The compression extension is agreed to\n"
    "\n"
    "  > GET\n"
    "    Sec-WebSocket-Extensions: permessage-deflate\n"
    "  < 101\n"
    "    extension permessage-deflate\n"
    "\n"
    "case probe/subprotocol\n"
    "  title  One of these sub-protocols is chosen\n"
    "\n"
    "  > GET\n"
    "    Sec-WebSocket-Protocol: chat, superchat, echo, example-echo, echo-protocol, json, mqtt\n"
    "  < 101\n"
    "    Sec-WebSocket-Protocol: *\n";

bool wsh_probe_init(struct wsh_probe *probe, struct wss_profile *profile, uint64_t seed,
                    uint64_t cap_ms)
{
    memset(probe, 0, sizeof *probe);
    probe->profile = profile;
    probe->seed = seed;
    probe->cap_ms = cap_ms && cap_ms < CAP_MS ? cap_ms : CAP_MS;
    probe->patience_ms = PATIENCE_MS;
    probe->plan.arena = &probe->arena;
    struct wsn_errors errors = {0};
    struct wss_settings none = {0};
    struct wsn_file *file =
        wsn_parse(&probe->arena, "probe.wst", scripts, sizeof scripts - 1, &errors);
    if (file)
        wss_plan_add(&probe->plan, file, &none, &errors);
    if (!file || errors.total > 0 || probe->plan.count != PROBES)
        return false;
    probe->plan.cases[GREETING].hears_messages = false; /* it is to learn them */
    return true;
}

const struct wss_case *wsh_probe_plain(const struct wsh_probe *probe)
{
    return &probe->plan.cases[PLAIN];
}

void wsh_probe_ask(struct wsh_probe *probe, const char *capability)
{
    probe->asks_echo |= strcmp(capability, "echo") == 0;
    probe->asks_deflate |= strcmp(capability, "permessage-deflate") == 0;
    probe->asks_subprotocol |= strcmp(capability, "subprotocol") == 0;
}

static void learn_text(struct wsh_probe *probe, char **slot, const char *value)
{
    if (*slot || !value)
        return;
    *slot = wsq_dup(value);
    probe->starved = probe->starved || !*slot;
}

/* The greeting of the first connection that had one; its messages stay with the outcome. */
static void learn_greeting(struct wsh_probe *probe, struct wss_outcome *outcome)
{
    if (outcome->facts.unasked_count == 0 || probe->kept.facts.unasked_count > 0)
        return;
    probe->kept = *outcome;
    memset(outcome, 0, sizeof *outcome);
    probe->profile->unasked = probe->kept.facts.unasked;
    probe->profile->unasked_count = probe->kept.facts.unasked_count;
}

/* A target that never says a word is no more judged than one that is not there. */
static void learn_reach(struct wsh_probe *probe, const struct wss_outcome *outcome)
{
    const struct wsq_case *c = &outcome->result;
    bool no_path = strcmp(probe->profile->path, "/") == 0;
    probe->reachable = probe->reachable || outcome->facts.heard;
    if (probe->reachable)
        return;
    if (!outcome->no_connection && c->fault_count > 0 && c->faults[0].saw)
        snprintf(probe->unreachable, sizeof probe->unreachable,
                 "it answers no opening handshake: %s%s", c->faults[0].saw,
                 no_path ? "; it was asked for /: is there another path, for the URL to name?"
                         : "");
    else
        snprintf(probe->unreachable, sizeof probe->unreachable, "%s",
                 c->reason ? c->reason : "connection refused");
}

static void learn(struct wsh_probe *probe, size_t which, struct wss_outcome *outcome)
{
    const struct wss_facts *facts = &outcome->facts;
    bool passed = outcome->result.verdict == WSQ_PASS;
    learn_reach(probe, outcome);
    if (facts->round_trip_ms > probe->round_trip_ms)
        probe->round_trip_ms = facts->round_trip_ms;
    learn_text(probe, &probe->server, facts->server);
    if (which == PLAIN) {
        probe->status = facts->status;
        probe->accepted = probe->accepted || facts->status == 101;
    } else if (which == ECHO) {
        probe->echo = probe->echo || passed;
    } else if (which == DEFLATE) {
        probe->deflate = probe->deflate || passed;
        if (passed)
            learn_text(probe, &probe->extensions, facts->extensions);
    } else if (which == PROTOCOL) {
        probe->subprotocol = probe->subprotocol || passed;
        if (passed)
            learn_text(probe, &probe->protocol, facts->protocol);
    } else if (which == GREETING) {
        probe->listened = probe->listened || passed;
        learn_greeting(probe, outcome);
    }
}

/* ---- how many at a time ---- */

static void write_steps(struct wsq_text *out, const char *step, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        wsq_text_printf(out, "  c%u%s\n", i, step);
}

/* Connections that all lie open: one, one more, and then each time as many as there are.  So few
 * are left behind in the queue of a server that serves few. */
static char *script_at_once(unsigned connections)
{
    struct wsq_text out = {0};
    wsq_text_puts(&out, "case probe/connections\n  title  So many are served at a time\n\n");
    for (unsigned from = 0, to = 1; from < connections; from = to, to *= 2) {
        to = to < connections ? to : connections;
        write_steps(&out, "> GET", from, to);
        write_steps(&out, "< 1xx", from, to);
    }
    return wsq_text_take(&out, NULL);
}

/* The batch is over when this returns; false: nothing can be said. */
static bool open_at_once(struct wsh_probe *probe, struct wsh_loop *loop, uint64_t patience,
                         const bool *interrupted, struct wss_outcome *outcome)
{
    struct wsn_arena arena = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_errors errors = {0};
    char *script = script_at_once(probe->at_once);
    struct wsn_file *file =
        script ? wsn_parse(&arena, "probe.wst", script, strlen(script), &errors) : NULL;
    if (file)
        wss_plan_add(&plan, file, &(struct wss_settings){0}, &errors);
    struct wsh_batch_item item = {0};
    if (plan.count == 1) {
        item.task.setup = (struct wss_setup){.test = &plan.cases[0],
                                             .profile = probe->profile,
                                             .seed = probe->seed,
                                             .patience_ms = patience,
                                             .cap_ms = probe->cap_ms};
        wsh_batch_run(loop, &item, 1, interrupted);
    }
    probe->starved = probe->starved || !item.done || item.outcome.starved;
    if (item.done)
        *outcome = item.outcome;
    wsn_arena_drop(&arena);
    free(script);
    return !probe->starved && !(interrupted && *interrupted);
}

/* What was not seen counts only if it is not seen a second time, with more patience.  Of whoever
 * accepts no handshake nothing can be said, and whoever does not even answer is not asked again. */
static void count_served(struct wsh_probe *probe, struct wsh_loop *loop, const bool *interrupted)
{
    enum { TRIES = 2 };
    bool goes_on = probe->at_once > 1;
    unsigned most = 0;
    for (unsigned i = 1; i <= TRIES && goes_on; i++) {
        struct wss_outcome outcome = {0};
        goes_on = open_at_once(probe, loop, i * PATIENCE_MS, interrupted, &outcome);
        bool all = outcome.result.verdict == WSQ_PASS;
        bool waits = outcome.result.ms >= i * PATIENCE_MS;
        most = outcome.facts.upgraded > most ? (unsigned)outcome.facts.upgraded : most;
        probe->counted = probe->counted || most > 0;
        probe->breath_ms = all || waits ? 0 : BREATH_MS;
        probe->served = goes_on && !all ? most : 0;
        goes_on = goes_on && !all && (most > 0 || !waits);
        wss_outcome_drop(&outcome);
        wsh_batch_pause(loop, probe->breath_ms);
        if (!all && wsh_batch_killed(loop, probe->target)) {
            probe->died = true;
            goes_on = false;
            probe->revive(probe->context);
        }
    }
}

bool wsh_probe_serves(const struct wsh_probe *probe, size_t connections)
{
    return probe->served == 0 || connections <= probe->served;
}

/* ---- what it does ---- */

/* Known, or nobody asks.  Of who is prompt silence was heard; who is slow may not be warm yet. */
static bool known(const struct wsh_probe *probe, size_t which)
{
    bool silent = probe->listened && probe->round_trip_ms <= PROMPT_MS;
    const bool found[PROBES] = {
        [PLAIN] = probe->accepted,
        [GREETING] = silent || probe->kept.facts.unasked_count > 0,
        [ECHO] = probe->echo || !probe->asks_echo,
        [DEFLATE] = probe->deflate || !probe->asks_deflate,
        [PROTOCOL] = probe->subprotocol || !probe->asks_subprotocol,
    };
    return found[which];
}

static void round_of(struct wsh_probe *probe, struct wsh_loop *loop, uint64_t patience,
                     const bool *interrupted)
{
    if (patience > probe->cap_ms / 2)
        patience = probe->cap_ms / 2; /* or the cap would hide what did not come */
    struct wsh_batch_item items[PROBES] = {0};
    size_t which[PROBES], count = 0;
    for (size_t i = 0; i < PROBES; i++) {
        if (known(probe, i))
            continue;
        items[count].task.setup = (struct wss_setup){.test = &probe->plan.cases[i],
                                                     .profile = probe->profile,
                                                     .seed = probe->seed,
                                                     .patience_ms = patience,
                                                     .cap_ms = probe->cap_ms,
                                                     .breath_ms = probe->breath_ms};
        which[count++] = i;
    }
    bool all = count <= probe->at_once && wsh_probe_serves(probe, count);
    size_t together = all ? count : 1;
    for (size_t i = 0; i < count; i += together) {
        wsh_batch_run(loop, &items[i], together, interrupted);
        wsh_batch_pause(loop, probe->breath_ms);
    }
    for (size_t i = 0; i < count; i++) {
        probe->starved = probe->starved || !items[i].done || items[i].outcome.starved;
        if (!items[i].done)
            continue;
        learn(probe, which[i], &items[i].outcome);
        wss_outcome_drop(&items[i].outcome);
    }
}

void wsh_probe_run(struct wsh_probe *probe, struct wsh_loop *loop, const bool *interrupted)
{
    count_served(probe, loop, interrupted);
    round_of(probe, loop, PATIENCE_MS, interrupted);
    if (probe->counted && !probe->accepted) /* so many in a second are too many for it */
        wsh_batch_pause(loop, RECOVERY_MS);
    /* Absence is confirmed: once more, now with the greeting known. */
    if (!(interrupted && *interrupted))
        round_of(probe, loop, 2 * PATIENCE_MS, interrupted);
    uint64_t patience = 20 * probe->round_trip_ms;
    if (patience < PATIENCE_MS)
        patience = PATIENCE_MS;
    probe->patience_ms = patience > PATIENCE_MAX_MS ? PATIENCE_MAX_MS : patience;
}

void wsh_probe_drop(struct wsh_probe *probe)
{
    wss_outcome_drop(&probe->kept);
    free(probe->protocol);
    free(probe->extensions);
    free(probe->server);
    wsn_arena_drop(&probe->arena);
    memset(probe, 0, sizeof *probe);
}

bool wsh_probe_knows(const struct wsh_probe *probe, const char *capability, bool *found)
{
    if (strcmp(capability, "echo") == 0)
        *found = probe->echo;
    else if (strcmp(capability, "permessage-deflate") == 0)
        *found = probe->deflate;
    else if (strcmp(capability, "subprotocol") == 0)
        *found = probe->subprotocol;
    else
        return false;
    return true;
}

/* `quiet`: cases capture secrets out of such messages. */
static void add_unasked(const struct wss_profile *profile, bool quiet, struct wsq_text *out)
{
    enum { SHOWN = 60 };
    for (size_t i = 0; i < profile->unasked_count; i++) {
        const struct wss_message *m = &profile->unasked[i];
        wsq_text_printf(out, "sends unasked: %s of %zu bytes", m->opcode == 1 ? "text" : "binary",
                        m->len);
        if (m->opcode == 1 && !quiet) {
            wsq_text_puts(out, " \"");
            wsq_text_visible(out, (const char *)m->data, m->len < SHOWN ? m->len : SHOWN);
            wsq_text_puts(out, m->len > SHOWN ? "…\"" : "\"");
        }
        wsq_text_puts(out, "\n");
    }
}

static void add_fact(struct wsq_text *out, const char *name, bool asked, bool found,
                     const char *value)
{
    if (!asked)
        return;
    wsq_text_printf(out, "%s: %s", name, found ? "yes" : "no");
    if (found && value) {
        wsq_text_puts(out, ", ");
        wsq_text_visible(out, value, strlen(value));
    }
    wsq_text_puts(out, "\n");
}

char *wsh_probe_facts(const struct wsh_probe *probe, bool quiet)
{
    struct wsq_text out = {0};
    if (probe->accepted)
        wsq_text_puts(&out, "plain handshake: accepted\n");
    else if (probe->status)
        wsq_text_printf(&out, "plain handshake: refused with status %u\n", probe->status);
    else
        wsq_text_puts(&out, "plain handshake: not answered\n");
    if (probe->server) {
        wsq_text_puts(&out, "server: ");
        wsq_text_visible(&out, probe->server, strlen(probe->server));
        wsq_text_puts(&out, "\n");
    }
    if (probe->served)
        wsq_text_printf(&out, "connections at a time: %u%s\n", probe->served,
                        probe->died ? "; its process ended when there were more" : "");
    add_fact(&out, "echo", probe->asks_echo, probe->echo, NULL);
    add_fact(&out, "permessage-deflate", probe->asks_deflate, probe->deflate, probe->extensions);
    add_fact(&out, "subprotocol", probe->asks_subprotocol, probe->subprotocol, probe->protocol);
    add_unasked(probe->profile, quiet, &out);
    wsq_text_printf(
        &out, "slowest answer: %llu ms; patience: %llu ms; listened for a greeting: %llu ms",
        (unsigned long long)probe->round_trip_ms, (unsigned long long)probe->patience_ms,
        (unsigned long long)probe->plan.cases[GREETING].waits_ms);
    return wsq_text_take(&out, NULL);
}
