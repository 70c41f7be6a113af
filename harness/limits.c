/* limits.c - ladders: each rung a script, the next one chosen by what became of the last. */
#include <wsh/batch.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/limits.h>
#include <wsq/text.h>

enum {
    LADDERS_MS = 60000, /* all of them */
    RUNG_MS = 20000,
    CONTROLS = 5,
    CONTROL_MS = 1000 /* between them */
};
#define LADDER_BYTES ((uint64_t)512 << 20)

/* ---- the scripts ---- */

#define OPENS                                                                                      \
    "  > GET\n"                                                                                    \
    "  < 101\n"

static void write_message(struct wsq_text *out, uint64_t n)
{
    wsq_text_printf(out, OPENS "  > binary \"x\" * %" PRIu64 " fragment=65536\n  alive\n", n);
}

static void write_frame(struct wsq_text *out, uint64_t n)
{
    wsq_text_printf(out, OPENS "  > binary \"x\" * %" PRIu64 "\n  alive\n", n);
}

static void write_fragments(struct wsq_text *out, uint64_t n)
{
    wsq_text_printf(out, OPENS "  > binary \"x\" * %" PRIu64 " fragment=1\n  alive\n", n);
}

static const char filler[] = "X-Filler: ";
enum { FILLER = sizeof filler, END = 2 }; /* the shortest such line, of one x, and its end */

/* A line of n bytes, its end left out. */
static void write_filler(struct wsq_text *out, uint64_t n)
{
    wsq_text_printf(out, "    +%s", filler);
    for (uint64_t i = sizeof filler - 1; i < n; i++)
        wsq_text_puts(out, "x");
    wsq_text_puts(out, "\n");
}

static void write_line(struct wsq_text *out, uint64_t n)
{
    wsq_text_puts(out, "  > GET\n");
    write_filler(out, n);
    wsq_text_puts(out, "  < 101\n  alive\n");
}

/* Lines of moderate length, together n bytes with the two of each end. */
static void write_head(struct wsq_text *out, uint64_t n)
{
    enum { LINE = 1000 };
    wsq_text_puts(out, "  > GET\n");
    for (uint64_t lines = (n + LINE - 1) / LINE; lines > 0; lines--) {
        write_filler(out, n / lines - END);
        n -= n / lines;
    }
    wsq_text_puts(out, "  < 101\n  alive\n");
}

static void write_lines(struct wsq_text *out, uint64_t n)
{
    wsq_text_puts(out, "  > GET\n");
    for (uint64_t i = 0; i < n; i++)
        write_filler(out, FILLER);
    wsq_text_puts(out, "  < 101\n  alive\n");
}

static void write_connections(struct wsq_text *out, uint64_t n)
{
    wsq_text_printf(out, "  clients %" PRIu64 "\n    > GET\n    < 101\n    alive\n", n);
}

/* ---- one attempt ---- */

struct attempt {
    struct wsn_arena arena;
    struct wss_plan plan;
    struct wsh_batch_item item;
};

static bool prepare(const struct wsh_limits *l, struct attempt *a, const char *name,
                    const char *steps, uint64_t cap_ms)
{
    char *script =
        wsq_format("case limits/%s\n  title  What the target accepts\n\n%s", name, steps);
    struct wsn_errors errors = {0};
    struct wss_settings none = {0};
    a->plan.arena = &a->arena;
    struct wsn_file *file =
        script ? wsn_parse(&a->arena, "limits.wst", script, strlen(script), &errors) : NULL;
    if (file)
        wss_plan_add(&a->plan, file, &none, &errors);
    free(script);
    if (a->plan.count != 1)
        return false;
    a->plan.cases[0].hears_messages = false; /* whatever the target says meanwhile */
    a->item.task.setup = (struct wss_setup){.test = &a->plan.cases[0],
                                            .profile = l->profile,
                                            .seed = l->seed,
                                            .patience_ms = l->patience_ms,
                                            .cap_ms = cap_ms};
    return true;
}

static void drop(struct attempt *a)
{
    if (a->item.done)
        wss_outcome_drop(&a->item.outcome);
    wsn_arena_drop(&a->arena);
}

static bool is_interrupted(const struct wsh_limits *l)
{
    return l->interrupted && *l->interrupted;
}

/* ---- a rung ---- */

enum rung { RUNG_HELD, RUNG_REFUSED, RUNG_DIED, RUNG_UNKNOWN };

/* What came in place of what was asked for, to be freed. */
static char *words_of(const struct wsq_case *result)
{
    if (result->fault_count > 0 && result->faults[0].saw)
        return wsq_dup(result->faults[0].saw);
    return wsq_dup(result->reason);
}

/* Is it our own ceiling that was reached? */
static bool is_ours(const struct wss_outcome *outcome)
{
    const char *reason = outcome->result.reason;
    return outcome->result.verdict == WSQ_ERROR && !outcome->no_connection &&
           !(reason && strncmp(reason, "no connection", 13) == 0);
}

static bool has_died(const struct wsh_limits *l)
{
    return wsh_batch_killed(l->loop, l->target);
}

/* What became of a rung. */
struct tried {
    bool unseen;
    char *how;     /* owned */
    uint64_t sent; /* bytes of its request */
    bool unheard;  /* the target said nothing at all */
};

static uint64_t request_of(const struct wsq_case *result)
{
    for (size_t i = 0; i < result->wire_count; i++)
        if (result->wire[i].sent)
            return result->wire[i].length;
    return 0;
}

static enum rung try_once(const struct wsh_limits *l, const char *name, const char *steps,
                          struct tried *tried)
{
    struct attempt a = {0};
    enum rung rung = RUNG_UNKNOWN;
    tried->unseen = false;
    if (prepare(l, &a, name, steps, RUNG_MS))
        wsh_batch_run(l->loop, &a.item, 1, l->interrupted);
    wsh_batch_pause(l->loop, l->breath_ms);
    if (a.item.done && !is_interrupted(l)) {
        const struct wss_outcome *outcome = &a.item.outcome;
        rung = outcome->result.verdict == WSQ_PASS ? RUNG_HELD
               : is_ours(outcome)                  ? RUNG_UNKNOWN
                                                   : RUNG_REFUSED;
        tried->unseen = outcome->unseen;
        tried->unheard = !outcome->facts.heard;
        tried->sent = request_of(&outcome->result);
        free(tried->how);
        tried->how = words_of(&outcome->result);
    }
    drop(&a);
    return rung;
}

/* Is it still there? */
static bool answers(const struct wsh_limits *l)
{
    struct tried tried = {0};
    enum rung rung = RUNG_REFUSED;
    for (unsigned i = 0; i < CONTROLS && rung == RUNG_REFUSED && !is_interrupted(l); i++) {
        uint64_t until = l->loop->now(l->loop) + CONTROL_MS;
        while (i > 0 && l->loop->now(l->loop) < until && !is_interrupted(l))
            l->loop->turn(l->loop, until);
        rung = try_once(l, "control", OPENS, &tried);
    }
    free(tried.how);
    return rung == RUNG_HELD;
}

/* What was not seen counts only if it is not seen a second time. */
static enum rung try_rung(const struct wsh_limits *l, const char *name, const char *steps,
                          struct tried *tried)
{
    enum rung rung = try_once(l, name, steps, tried);
    if (rung == RUNG_REFUSED && tried->unseen && !has_died(l))
        rung = try_once(l, name, steps, tried);
    if (rung != RUNG_REFUSED)
        return rung;
    const char *end = has_died(l)                     ? "the target's process ended"
                      : tried->unheard && !answers(l) ? "the target answers no more"
                                                      : NULL;
    if (!end)
        return rung;
    free(tried->how);
    tried->how = wsq_dup(end);
    return RUNG_DIED;
}

/* ---- a ladder ---- */

struct ladder {
    const char *name, *what, *unit;
    void (*write)(struct wsq_text *out, uint64_t n);
    uint64_t least, first, cap; /* less than the least cannot be asked for */
    uint64_t cost;              /* bytes a unit */
    bool whole;                 /* what the plain request has too is counted */
};

static const struct ladder ladders[] = {
    {"message", "largest message", "bytes", write_message, 1, 1024, 16 << 20, 2, false},
    {"frame", "largest frame", "bytes", write_frame, 1, 1024, 16 << 20, 2, false},
    {"fragments", "frames of a message", "frames", write_fragments, 1, 16, 65536, 9, false},
    {"line", "longest line of a request", "bytes", write_line, FILLER, 256, 128 << 10, 1, false},
    {"head", "largest head of a request", "bytes", write_head, FILLER + END, 256, 128 << 10, 1,
     true},
    {"lines", "lines added to a request", "lines", write_lines, 1, 8, 240, 13, false},
    {"connections", "connections at once", "connections", write_connections, 1, 4, 1000, 1000,
     false},
};
enum { LADDERS = sizeof ladders / sizeof ladders[0] };

struct climb {
    const struct ladder *ladder;
    uint64_t cap, held, refused; /* refused 0: not yet */
    uint64_t bytes;
    uint64_t request; /* bytes of the request without what a rung adds */
    bool beside;      /* the one above `held` was tried: most limits are round */
};

/* The next rung; 0: the limit is known as far as it will be. */
static uint64_t next_rung(struct climb *c)
{
    if (!c->refused && c->held == c->cap)
        return 0;
    if (!c->refused && c->held == 0)
        return c->ladder->first < c->cap ? c->ladder->first : c->cap;
    if (!c->refused)
        return c->held < c->cap / 2 ? 2 * c->held : c->cap;
    uint64_t low = c->held ? c->held : c->ladder->least - 1;
    if (c->refused - low <= 1)
        return 0;
    if (!c->beside && c->held) {
        c->beside = true;
        return c->held + 1;
    }
    return low + (c->refused - low) / 2;
}

/* Makes the attempt; a refusal leaves its words in *how. */
static enum rung climb_to(const struct wsh_limits *l, struct climb *c, uint64_t n, char **how)
{
    struct wsq_text script = {0};
    struct tried tried = {0};
    c->ladder->write(&script, n);
    char *steps = wsq_text_take(&script, NULL);
    enum rung rung = steps ? try_rung(l, c->ladder->name, steps, &tried) : RUNG_UNKNOWN;
    free(steps);
    c->bytes += n * c->ladder->cost;
    if (tried.sent > n) /* else it was not even connected */
        c->request = tried.sent - n;
    if (rung == RUNG_HELD)
        c->held = n;
    if (rung == RUNG_REFUSED || rung == RUNG_DIED) {
        c->refused = n;
        free(*how);
        *how = wsq_dup(tried.how);
    }
    free(tried.how);
    return rung;
}

static void climb(const struct wsh_limits *l, struct climb *c, uint64_t until, char **how)
{
    uint64_t n;
    enum rung rung = RUNG_HELD;
    /* A target is not killed again only to know better. */
    while (rung != RUNG_UNKNOWN && rung != RUNG_DIED && (n = next_rung(c)) > 0) {
        if (l->loop->now(l->loop) >= until || c->bytes + n * c->ladder->cost > LADDER_BYTES)
            return;
        rung = climb_to(l, c, n, how);
    }
}

static struct wsq_limit *add_limit(struct wsq_run *run, const char *name, const char *what,
                                   const char *unit)
{
    struct wsq_limit *grown = realloc(run->limits, (run->limit_count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    run->limits = grown;
    struct wsq_limit *limit = &grown[run->limit_count++];
    *limit =
        (struct wsq_limit){.name = wsq_dup(name), .what = wsq_dup(what), .unit = wsq_dup(unit)};
    return limit;
}

static void find_size(const struct wsh_limits *l, struct wsq_run *run, const struct ladder *ladder,
                      uint64_t cap, uint64_t until)
{
    struct climb c = {.ladder = ladder, .cap = cap};
    struct wsq_limit *limit = add_limit(run, ladder->name, ladder->what, ladder->unit);
    if (!limit)
        return;
    climb(l, &c, until, &limit->how);
    uint64_t more = ladder->whole ? c.request : 0;
    limit->held = c.held ? c.held + more : 0;
    limit->refused = c.refused ? c.refused + more : 0;
}

static bool goes_on(const struct wsh_limits *l, struct wsq_run *run)
{
    if (is_interrupted(l))
        return false;
    bool dead = l->target && l->target->dead(l->target);
    if (dead ? l->revive && l->revive(l->context) : answers(l))
        return true;
    struct wsq_limit *last = run->limit_count ? &run->limits[run->limit_count - 1] : NULL;
    if (last && !dead) {
        free(last->how);
        last->how = wsq_dup("the target answers no more");
    }
    return false;
}

/* ---- timeouts ---- */

struct timeout {
    const char *name, *what, *steps; /* behind them it is waited for */
    const char *from;                /* the time counts from the last such thing that came */
};

/* The Close in the last one is the target's own, and we leave it without an answer. */
static const struct timeout timeouts[] = {
    {"connect", "waits for a request", "", NULL},
    {"handshake", "waits for the rest of a request", "  > GET open\n", NULL},
    {"idle", "keeps an idle connection", OPENS, "response"},
    {"ended", "waits for our end of TCP behind both Closes", OPENS "  > close 1000\n  < close\n",
     "close"},
    {"close", "waits for our answer to its Close", OPENS "  > text hex(ff)\n  < close\n", "close"},
};
enum { TIMEOUTS = sizeof timeouts / sizeof timeouts[0] };
_Static_assert((int)TIMEOUTS == (int)WSH_TIMEOUTS, "the header counts them");

static uint64_t time_of(const struct wsq_case *result, const char *what)
{
    uint64_t at = 0;
    for (size_t i = 0; what && i < result->wire_count; i++)
        if (!result->wire[i].sent && strcmp(result->wire[i].what, what) == 0)
            at = result->wire[i].at_ms;
    return at;
}

static uint64_t first_ping(const struct wsq_case *result)
{
    for (size_t i = 0; i < result->wire_count; i++)
        if (!result->wire[i].sent && strcmp(result->wire[i].what, "ping") == 0)
            return result->wire[i].at_ms - time_of(result, "response");
    return UINT64_MAX;
}

/* Which step was not met: the wait itself is a `silent`. */
static bool came_to_wait(const struct wsq_case *result)
{
    return result->verdict == WSQ_PASS || (result->fault_count > 0 && result->faults[0].step &&
                                           strncmp(result->faults[0].step, "silent", 6) == 0);
}

static void learn_timeout(const struct wsh_limits *l, struct wsq_run *run,
                          const struct timeout *timeout, const struct wsq_case *result)
{
    if (!came_to_wait(result))
        return;
    struct wsq_limit *limit = add_limit(run, timeout->name, timeout->what, "ms");
    if (!limit)
        return;
    limit->held = l->wait_ms;
    if (result->verdict == WSQ_PASS)
        return;
    uint64_t from = time_of(result, timeout->from);
    limit->held = limit->refused = result->ms > from ? result->ms - from : 1;
    limit->how = words_of(result);
}

static void learn_ping(struct wsq_run *run, const struct wsq_case *result)
{
    uint64_t at = first_ping(result);
    struct wsq_limit *limit =
        at != UINT64_MAX ? add_limit(run, "ping", "first ping on an idle connection", "ms") : NULL;
    if (limit)
        limit->held = limit->refused = at;
}

static void find_timeouts(const struct wsh_limits *l, struct wsq_run *run)
{
    struct attempt attempts[TIMEOUTS] = {0};
    struct wsh_batch_item items[TIMEOUTS] = {0};
    size_t count = 0, which[TIMEOUTS];
    for (size_t i = 0; i < TIMEOUTS; i++) {
        char *steps = wsq_format("%s  silent %" PRIu64 "ms\n%s", timeouts[i].steps, l->wait_ms,
                                 strcmp(timeouts[i].name, "close") == 0 ? "  > close 1000\n" : "");
        if (steps && prepare(l, &attempts[i], timeouts[i].name, steps, l->wait_ms + RUNG_MS)) {
            items[count] = attempts[i].item;
            which[count++] = i;
        }
        free(steps);
    }
    size_t together = l->served && l->served < count ? 1 : count;
    for (size_t i = 0; i < count; i += together) {
        wsh_batch_run(l->loop, &items[i], together, l->interrupted);
        wsh_batch_pause(l->loop, l->breath_ms);
    }
    for (size_t i = 0; i < count; i++) {
        const struct wsq_case *result = &items[i].outcome.result;
        if (items[i].done && !is_interrupted(l))
            learn_timeout(l, run, &timeouts[which[i]], result);
        if (items[i].done && strcmp(timeouts[which[i]].name, "idle") == 0)
            learn_ping(run, result);
        if (items[i].done)
            wss_outcome_drop(&items[i].outcome);
    }
    for (size_t i = 0; i < TIMEOUTS; i++)
        wsn_arena_drop(&attempts[i].arena);
}

/* ---- all ---- */

/* A frame is a message; and how many connections there may be is for the caller's descriptors. */
static uint64_t cap_of(const struct wsh_limits *l, const struct wsq_run *run,
                       const struct ladder *ladder)
{
    if (strcmp(ladder->name, "frame") == 0 && run->limit_count && run->limits[0].held)
        return run->limits[0].held;
    if (strcmp(ladder->name, "connections") == 0 && l->connections && l->connections < ladder->cap)
        return l->connections;
    return ladder->cap;
}

static void tell(const struct wsh_limits *l, const char *what)
{
    if (l->looking)
        l->looking(l->listener, what);
}

void wsh_limits_find(const struct wsh_limits *limits, struct wsq_run *run)
{
    struct wsh_limits own = *limits;
    own.wait_ms = own.wait_ms ? own.wait_ms : 30000;
    uint64_t until = own.loop->now(own.loop) + LADDERS_MS;
    bool on = true;
    for (size_t i = 0; i < LADDERS && on; i++) {
        tell(&own, ladders[i].what);
        find_size(&own, run, &ladders[i], cap_of(&own, run, &ladders[i]), until);
        on = goes_on(&own, run);
    }
    if (on) {
        tell(&own, "timeouts");
        find_timeouts(&own, run);
    }
    if (on)
        goes_on(&own, run);
}

const char *wsh_limits_name(size_t i)
{
    return i < LADDERS ? ladders[i].name : NULL;
}

bool wsh_limits_allow(const struct wsq_run *run, const char *name, uint64_t amount)
{
    for (size_t i = 0; i < run->limit_count; i++)
        if (strcmp(run->limits[i].name, name) == 0)
            return !run->limits[i].refused || amount < run->limits[i].refused;
    return true;
}
