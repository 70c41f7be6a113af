#include "schedule.h"

#include <stdlib.h>
#include <string.h>
#include <wsh/redact.h>

enum { CALM_JOBS = 4, CALM_FACTOR = 3, CAP_MS = 60000 };
/* How long a target may take to die of what a case did to it. */
enum { HOLD_MS = 100 };

void wsh_schedule_add(struct wsh_schedule *s, const struct wss_case *test)
{
    enum wsh_stage stage = test->moves_target ? WSH_LAST : WSH_WAITING;
    bool first = test->captures_secrets && stage == WSH_WAITING;
    s->list[s->count++] =
        (struct wsh_ledger){.schedule = s, .test = test, .stage = stage, .capturing = first};
    s->in[stage]++;
    s->capturing += first;
}

static void set_stage(struct wsh_ledger *ledger, enum wsh_stage stage)
{
    struct wsh_schedule *s = ledger->schedule;
    s->in[ledger->stage]--;
    s->in[stage]++;
    ledger->stage = stage;
    if (stage == WSH_WAITING && (size_t)(ledger - s->list) < s->first_waiting)
        s->first_waiting = (size_t)(ledger - s->list);
}

void wsh_schedule_drop(struct wsh_schedule *s)
{
    for (size_t i = 0; i < s->count; i++)
        wsh_evidence_drop(&s->list[i].evidence);
    wsh_secrets_drop(&s->captured);
    free(s->list);
    free(s->words);
    s->words = NULL;
    s->list = NULL;
    s->count = 0;
}

/* ---- attempts ---- */

static void on_news(struct wsh_task *task, const char *text)
{
    struct wsh_ledger *ledger = task->owner;
    const struct wsh_audience *audience = ledger->schedule->audience;
    if (ledger->control || !audience->news)
        return;
    char *clean = wsh_redact(&ledger->schedule->captured, text);
    if (clean)
        audience->news(audience->context, ledger->test->id, clean);
    free(clean);
}

/* An attempt has ended, with whatever it captured. */
static void learn_secrets(struct wsh_ledger *ledger, const struct wss_outcome *outcome)
{
    struct wsh_schedule *s = ledger->schedule;
    s->capturing -= ledger->capturing;
    ledger->capturing = false;
    for (size_t i = 0; i < outcome->secret_count; i++)
        if (!wsh_secrets_add(&s->captured, outcome->secrets[i].value, outcome->secrets[i].length))
            s->starved = true;
}

/* What a case captures and keeps secret is known, and taken out, when it has ended: its news come
 * then, all at once. */
static void on_done(struct wsh_task *task, struct wss_outcome *outcome)
{
    struct wsh_ledger *ledger = task->owner;
    learn_secrets(ledger, outcome);
    wsh_redact_outcome(outcome);
    ledger->outcome = *outcome;
    ledger->has_outcome = true;
    ledger->schedule->ended++;
    if (ledger->test->captures_secrets && outcome->result.transcript)
        on_news(task, outcome->result.transcript);
}

static void on_order(struct wsh_task *task, enum wss_action_kind kind)
{
    struct wsh_ledger *ledger = task->owner;
    ledger->order = kind;
    ledger->has_order = true;
}

/* The outcome, if there is one, is the caller's from now on. */
static bool take(struct wsh_ledger *ledger)
{
    bool had = ledger->has_outcome;
    ledger->schedule->ended -= had;
    ledger->has_outcome = false;
    return had;
}

static void drop_outcome(struct wsh_ledger *ledger)
{
    if (take(ledger))
        wss_outcome_drop(&ledger->outcome);
}

static void start(struct wsh_ledger *ledger, const struct wss_case *test, bool calm)
{
    struct wsh_schedule *s = ledger->schedule;
    const struct wsh_options *o = s->options;
    uint64_t factor = calm ? CALM_FACTOR : 1;
    ledger->task = (struct wsh_task){
        .setup = {.test = test,
                  .profile = &o->profile,
                  .seed = o->seed,
                  .patience_ms = s->probe->patience_ms * factor,
                  .cap_ms = (o->cap_ms ? o->cap_ms : CAP_MS) * factor,
                  .breath_ms = s->probe->breath_ms,
                  .max_message = o->max_message,
                  .budget = &s->budget},
        .done = on_done,
        .news = s->audience->news && !test->captures_secrets ? on_news : NULL,
        .order = test->moves_target ? on_order : NULL,
        .owner = ledger,
    };
    ledger->calm = calm;
    ledger->epoch = s->epoch;
    s->running++;
    s->open += test->connections;
    if (s->loop->start(s->loop, &ledger->task) != 0) {
        ledger->outcome = (struct wss_outcome){.starved = true};
        wss_name_result(&ledger->outcome.result, test);
        wsh_case_starve(&ledger->outcome.result);
        learn_secrets(ledger, &ledger->outcome);
        ledger->has_outcome = true;
        s->ended++;
    }
}

static void attempt(struct wsh_ledger *ledger, bool calm)
{
    if (ledger->evidence.attempt_count == 0)
        ledger->began_ms = ledger->schedule->loop->now(ledger->schedule->loop);
    ledger->control = false;
    set_stage(ledger, WSH_RUNNING);
    start(ledger, ledger->test, calm);
}

static void ask(struct wsh_ledger *ledger)
{
    ledger->control = true;
    set_stage(ledger, WSH_RUNNING);
    start(ledger, wsh_probe_plain(ledger->schedule->probe), true);
}

/* ---- what an attempt leads to ---- */

static void publish(struct wsh_ledger *ledger)
{
    struct wsh_schedule *s = ledger->schedule;
    struct wsq_case c = {0};
    set_stage(ledger, WSH_KNOWN);
    s->known++;
    if (!wsh_evidence_result(&ledger->evidence, &c))
        return;
    c.started_ms = ledger->began_ms - s->began_ms;
    wsh_run_publish(s, &c);
}

/* Once an epoch: of many that were refused together, one halves. */
static void fewer_jobs(struct wsh_schedule *s, unsigned epoch, unsigned least)
{
    if (epoch != s->epoch || s->jobs <= least)
        return;
    s->jobs = s->jobs / 2 > least ? s->jobs / 2 : least;
    s->epoch++;
}

/* Where it waits for another attempt. */
static enum wsh_stage next_stage(const struct wsh_ledger *ledger, bool calm)
{
    if (ledger->test->moves_target)
        return WSH_LAST;
    return ledger->alone ? WSH_ALONE : calm ? WSH_LATER : WSH_WAITING;
}

static void follow(struct wsh_ledger *ledger, enum wsh_move move)
{
    bool was_calm = ledger->calm;
    switch (move) {
    case WSH_SETTLE:
        publish(ledger);
        break;
    case WSH_FEWER:
        fewer_jobs(ledger->schedule, ledger->epoch, 1);
        set_stage(ledger, next_stage(ledger, was_calm));
        break;
    case WSH_AGAIN:
        set_stage(ledger, next_stage(ledger, was_calm));
        break;
    case WSH_CALM:
        set_stage(ledger, next_stage(ledger, true));
        ledger->calm = true;
        break;
    case WSH_CONTROL:
        set_stage(ledger, WSH_ASKING);
        break;
    }
}

static void judge(struct wsh_ledger *ledger)
{
    if (ledger->control) {
        wsh_evidence_control(&ledger->evidence, ledger->outcome.facts.status == 101);
        drop_outcome(ledger);
        publish(ledger);
        return;
    }
    take(ledger);
    follow(ledger, wsh_evidence_add(&ledger->evidence, &ledger->outcome));
}

static void leave(struct wsh_ledger *ledger)
{
    struct wsh_schedule *s = ledger->schedule;
    s->running--;
    s->open -= ledger->task.setup.test->connections;
    s->free_at = s->loop->now(s->loop) + s->probe->breath_ms;
}

/* Deals with every task that has ended; returns when the next held one is due. */
static uint64_t collect(struct wsh_schedule *s)
{
    uint64_t now = s->loop->now(s->loop), due = UINT64_MAX;
    for (size_t i = 0; i < s->count && s->ended > 0; i++) {
        struct wsh_ledger *ledger = &s->list[i];
        if (!ledger->has_outcome)
            continue;
        if (ledger->stage == WSH_RUNNING) {
            leave(ledger);
            set_stage(ledger, WSH_HELD);
            ledger->held_until = s->target && !s->mover ? now + HOLD_MS : now;
            s->mover = NULL;
        }
        if (ledger->held_until <= now)
            judge(ledger);
        else if (ledger->held_until < due)
            due = ledger->held_until;
    }
    return due;
}

/* ---- who is next ---- */

static struct wsh_ledger *find(struct wsh_schedule *s, enum wsh_stage stage)
{
    size_t from = stage == WSH_WAITING ? s->first_waiting : 0;
    for (size_t i = from; s->in[stage] > 0 && i < s->count; i++) {
        if (s->list[i].stage != stage)
            continue;
        if (stage == WSH_WAITING)
            s->first_waiting = i;
        return &s->list[i];
    }
    return NULL;
}

/* Cases that run or are held: both may be what a target dies of. */
static bool anything_under_way(struct wsh_schedule *s)
{
    return s->running > 0 || s->in[WSH_HELD] > 0;
}

/* Who captures a secret goes before all that could tell it. */
static struct wsh_ledger *next_waiting(struct wsh_schedule *s)
{
    for (size_t i = 0; i < s->count && s->capturing > 0; i++)
        if (s->list[i].stage == WSH_WAITING && s->list[i].test->captures_secrets)
            return &s->list[i];
    return s->capturing > 0 ? NULL : find(s, WSH_WAITING);
}

/* Is there room for it beside those that run?  Whoever wants more connections than are served at a
 * time has them when nothing else runs. */
static bool fits(const struct wsh_schedule *s, const struct wsh_ledger *ledger, size_t jobs)
{
    return s->running == 0 || (s->running < jobs && s->running < s->jobs &&
                               wsh_probe_serves(s->probe, s->open + ledger->test->connections));
}

static void start_more(struct wsh_schedule *s)
{
    struct wsh_ledger *ledger;
    if (s->loop->now(s->loop) < s->free_at)
        return;
    while ((ledger = find(s, WSH_ASKING)))
        ask(ledger);
    if ((ledger = find(s, WSH_ALONE))) {
        if (!anything_under_way(s))
            attempt(ledger, ledger->calm);
        return;
    }
    while ((ledger = next_waiting(s)) && fits(s, ledger, s->jobs))
        attempt(ledger, false);
    if (find(s, WSH_WAITING) || (!s->calm && anything_under_way(s)))
        return;
    s->calm = true;
    while ((ledger = find(s, WSH_LATER)) && fits(s, ledger, CALM_JOBS))
        attempt(ledger, true);
    if (!anything_under_way(s) && !s->moved && (ledger = find(s, WSH_LAST))) {
        s->mover = ledger;
        s->mover_told = false;
        attempt(ledger, ledger->calm);
    }
}

/* ---- a target that dies ---- */

static void void_attempt(struct wsh_ledger *ledger)
{
    struct wsh_schedule *s = ledger->schedule;
    if (ledger->task.attempt)
        s->loop->abort(s->loop, &ledger->task, "target died");
    if (ledger->stage == WSH_RUNNING)
        leave(ledger);
    if (ledger->alone && !ledger->control) {
        ledger->killer = true;
        ledger->died = s->deaths;
        take(ledger);
        wsh_evidence_died(&ledger->evidence, &ledger->outcome, s->target->last_words(s->target));
        publish(ledger);
        return;
    }
    drop_outcome(ledger);
    ledger->alone = true;
    ledger->death = s->deaths;
    set_stage(ledger, ledger->control ? WSH_ASKING : WSH_ALONE);
}

/* ---- a target that a case moves ---- */

/* In the state that every case expects. */
static bool restore(struct wsh_schedule *s)
{
    s->target->end(s->target);
    s->moved = !wsh_run_launch(s);
    return !s->moved;
}

static void restart(struct wsh_schedule *s)
{
    struct wsh_ledger *mover = s->mover;
    bool good = restore(s);
    s->mover_told = false;
    enum wss_target_news news = good                                     ? WSS_TARGET_STARTED
                                : s->launched && !wsh_run_interrupted(s) ? WSS_TARGET_MUTE
                                                                         : WSS_TARGET_LOST;
    s->loop->tell(s->loop, &mover->task, news,
                  s->run->incomplete ? s->run->incomplete : "out of memory");
    free(s->run->incomplete);
    s->run->incomplete = NULL;
}

static void obey(struct wsh_schedule *s)
{
    struct wsh_ledger *mover = s->mover;
    if (mover->has_order) {
        mover->has_order = false;
        s->moved = true;
        if (mover->order == WSS_RESTART_TARGET)
            restart(s);
        else
            s->target->stop(s->target);
    }
    if (!s->mover_told && s->target->dead(s->target)) {
        s->moved = s->mover_told = true;
        s->loop->tell(s->loop, &mover->task, WSS_TARGET_EXITED, NULL);
    }
}

static bool has_killer(const struct wsh_schedule *s, size_t death)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].killer && (s->list[i].death == death || s->list[i].died == death))
            return true;
    return false;
}

/* Who died under several cases and lives with each of them alone has died all the same. */
static void complain_of_deaths(struct wsh_schedule *s)
{
    size_t unexplained = 0;
    for (size_t death = 1; death <= s->deaths; death++)
        unexplained += !has_killer(s, death);
    if (unexplained == 0)
        return;
    char *text = wsq_format("deaths of the target that no case alone explains: %zu; its last "
                            "output: %s",
                            unexplained, s->words ? s->words : "none");
    if (!text || !wsq_run_complain(s->run, text))
        s->starved = true;
    free(text);
}

bool wsh_schedule_revive(struct wsh_schedule *s)
{
    fewer_jobs(s, s->epoch, 2);
    s->deaths++;
    free(s->words);
    s->words = wsq_dup(s->target->last_words(s->target));
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].stage == WSH_RUNNING || s->list[i].stage == WSH_HELD)
            void_attempt(&s->list[i]);
    return wsh_run_launch(s);
}

/* ---- the run ---- */

static void report_progress(struct wsh_schedule *s)
{
    if (!s->audience->progress)
        return;
    struct wsh_progress progress = {
        .known = s->known, .selected = s->count, .running = s->running, .calm = s->calm};
    s->audience->progress(s->audience->context, &progress);
}

static void stop(struct wsh_schedule *s, const char *why)
{
    for (size_t i = 0; i < s->count; i++) {
        struct wsh_ledger *ledger = &s->list[i];
        if (ledger->task.attempt)
            s->loop->abort(s->loop, &ledger->task, why);
        drop_outcome(ledger);
    }
    s->running = s->open = 0;
}

/* False: it is gone for good. */
static bool keep_target(struct wsh_schedule *s)
{
    if (!s->target)
        return true;
    if (s->mover)
        obey(s);
    else if (s->moved)
        return restore(s);
    else if (s->target->dead(s->target))
        return wsh_schedule_revive(s);
    return true;
}

bool wsh_schedule_run(struct wsh_schedule *s)
{
    enum { BEAT_MS = 1000 };
    while (s->known < s->count) {
        if (wsh_run_interrupted(s)) {
            stop(s, "interrupted");
            s->run->incomplete = wsq_dup("interrupted");
            return false;
        }
        if (!keep_target(s)) {
            stop(s, "the target did not come back");
            return false;
        }
        uint64_t due = collect(s);
        start_more(s);
        report_progress(s);
        uint64_t now = s->loop->now(s->loop), beat = now + BEAT_MS;
        due = s->free_at > now && s->free_at < due ? s->free_at : due;
        if (s->running > 0 || due != UINT64_MAX)
            s->loop->turn(s->loop, due < beat ? due : beat);
    }
    complain_of_deaths(s);
    return true;
}
