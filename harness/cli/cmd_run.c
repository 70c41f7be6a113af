/* run: prove a target. */
#include "cmd_run.h"
#include "commands.h"
#include "output.h"
#include "suite.h"
#include "timing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <wsh/spawn.h>
#include <wsh/usage.h>
#include <wsq/journal.h>

/* All that a run needs while it goes on. */
struct session {
    struct run_arguments *a;
    struct suite suite;
    struct wss_plan replanned;
    struct wss_settings settings;
    bool *selected;
    struct shard shard;
    struct reports reports;
    struct wsq_expectations expectations;
    bool has_expectations;
    struct terminal terminal;
    struct timing timing;
    FILE *journal;
    bool journal_failed;
    struct wsq_run run;
    struct wsh_tls_context *tls;
    bool interrupted;
};

/* ---- the journal ---- */

/* Takes the line; a killed run must lose nothing, so every line is flushed. */
static void journal_line(struct session *s, char *line)
{
    if (!s->journal || s->journal_failed) { /* a line behind half a line would spoil both */
        free(line);
        return;
    }
    bool ok = line && fputs(line, s->journal) >= 0 && fputc('\n', s->journal) != EOF;
    ok = fflush(s->journal) == 0 && ok;
    free(line);
    if (!ok) {
        fprintf(stderr, "wsproof: %s: %s\n", s->a->journal, strerror(errno));
        s->journal_failed = true;
    }
}

/* ---- what the runner tells ---- */

static void on_begun(void *context, const struct wsq_run *run)
{
    struct session *s = context;
    if (s->journal)
        journal_line(s, wsq_journal_begin(run));
    terminal_clear(&s->terminal);
    if (s->a->quiet)
        return;
    FILE *out = s->terminal.out;
    fputs("target: ", out);
    print_visible(out, run->target);
    fprintf(out, "\nseed: %llu\n", (unsigned long long)run->seed);
    for (const char *p = run->profile ? run->profile : ""; *p;) {
        size_t n = strcspn(p, "\n");
        fprintf(out, "%.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    for (size_t i = 0; i < run->limit_count; i++) {
        char *text = wsq_limit_text(&run->limits[i]);
        fprintf(out, "%s\n", text ? text : "");
        free(text);
    }
    fflush(out);
}

static void on_result(void *context, const struct wsq_case *c)
{
    struct session *s = context;
    if (s->journal)
        journal_line(s, wsq_journal_case(c));
    terminal_result(&s->terminal, c);
}

/* Opens the file to which the journal goes on; the one before stays until the new one is whole. */
static bool change_journal(struct session *s, const char *path)
{
    FILE *journal = fopen(path, "wb");
    if (!journal) {
        fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
        return false;
    }
    fclose(s->journal);
    s->journal = journal;
    return true;
}

/* What stands in the journal already may tell what is known to be secret now.  It is written anew
 * beside it and takes its name: a run that is killed meanwhile leaves one of the two.  What went to
 * a pipe or a device cannot be taken back. */
static void on_retold(void *context, const struct wsq_run *run)
{
    struct session *s = context;
    struct stat old;
    char anew[4096];
    if (!s->journal || s->journal_failed || fstat(fileno(s->journal), &old) != 0 ||
        !S_ISREG(old.st_mode))
        return;
    int n = snprintf(anew, sizeof anew, "%s.new", s->a->journal);
    if (n < 0 || (size_t)n >= sizeof anew || !change_journal(s, anew)) {
        s->journal_failed = true;
        return;
    }
    journal_line(s, wsq_journal_begin(run));
    for (size_t i = 0; i < run->case_count; i++)
        journal_line(s, wsq_journal_case(&run->cases[i]));
    if (s->journal_failed || rename(anew, s->a->journal) == 0)
        return;
    fprintf(stderr, "wsproof: %s: %s\n", s->a->journal, strerror(errno));
    s->journal_failed = true;
}

static void on_news(void *context, const char *id, const char *text)
{
    struct session *s = context;
    char *clean = wsh_redact(&s->a->secrets, text);
    if (clean)
        terminal_news(&s->terminal, id, clean);
    free(clean);
}

static void on_progress(void *context, const struct wsh_progress *progress)
{
    struct session *s = context;
    terminal_progress(&s->terminal, progress);
}

static void on_looking(void *context, const char *what)
{
    struct session *s = context;
    terminal_looking(&s->terminal, what);
}

static const struct wss_plan *on_replan(void *context, const char *subprotocol)
{
    struct session *s = context;
    size_t count = s->settings.count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(s->settings.list[i].name, "subprotocol") == 0)
            return NULL;
    struct wss_setting *list = calloc(count + 1, sizeof *list);
    char *copy = wsn_copy(&s->suite.arena, subprotocol, strlen(subprotocol));
    if (!list || !copy) {
        free(list);
        return NULL;
    }
    if (count > 0)
        memcpy(list, s->settings.list, count * sizeof *list);
    list[count] = (struct wss_setting){"subprotocol", copy, strlen(copy)};
    struct wss_settings more = {list, count + 1};
    suite_compile(&s->suite, &more, &s->replanned);
    free(list);
    return &s->replanned;
}

/* ---- before ---- */

/* A misspelt name would only skip cases, and leave a gate green. */
static int check_names(const struct run_arguments *a, const struct suite *suite)
{
    static const char *const probed[] = {"echo", "permessage-deflate", "subprotocol"};
    for (size_t i = a->settings.from_files; i < a->settings.all.count; i++)
        if (!suite_uses(suite, a->settings.list[i].name) &&
            !suite_needs(suite, a->settings.list[i].name))
            return usage_error(a->command, "--set %s: no script names this setting",
                               a->settings.list[i].name);
    for (size_t i = 0; i < a->has.count; i++) {
        bool known = suite_needs(suite, a->has.list[i]);
        for (size_t k = 0; k < sizeof probed / sizeof probed[0]; k++)
            known = known || strcmp(probed[k], a->has.list[i]) == 0;
        if (!known)
            return usage_error(a->command, "--has %s: no script needs this capability",
                               a->has.list[i]);
    }
    return 0;
}

/* Those that are chosen, before a shard leaves them to whoever merges. */
static bool note_watches(struct session *s)
{
    const struct wss_plan *plan = &s->suite.plan;
    struct wsq_run *run = &s->run;
    run->watches = calloc(plan->count + 1, sizeof *run->watches);
    for (size_t i = 0; run->watches && i < plan->count; i++) {
        if (!s->selected[i] || plan->cases[i].watch_count == 0)
            continue;
        char *id = wsq_dup(plan->cases[i].id);
        if (!id)
            return false;
        run->watches[run->watch_count++] = id;
    }
    return run->watches != NULL;
}

static int load(struct session *s)
{
    struct run_arguments *a = s->a;
    s->settings = a->settings.all;
    if (suite_load(&s->suite, &a->paths, &s->settings) != 0)
        return EXIT_USAGE;
    if (s->suite.errors > 0)
        return usage_error(a->command, "%zu errors in the scripts", s->suite.errors);
    if (check_names(a, &s->suite) != 0)
        return EXIT_USAGE;
    s->selected = calloc(s->suite.plan.count + 1, sizeof *s->selected);
    if (!s->selected)
        return usage_error(a->command, "out of memory");
    if (choose(a->command, &a->choice, &s->suite.plan, s->selected) != 0)
        return EXIT_USAGE;
    if (!note_watches(s))
        return usage_error(a->command, "out of memory");
    if (choose_shard(a->command, &a->choice, &s->suite.plan, s->selected, &s->shard) != 0)
        return EXIT_USAGE;
    size_t count = 0;
    for (size_t i = 0; i < s->suite.plan.count; i++)
        count += s->selected[i];
    if (count == 0)
        return usage_error(a->command, "no case is left to run");
    if (a->only_limits)
        memset(s->selected, 0, s->suite.plan.count * sizeof *s->selected);
    return 0;
}

static int open_outputs(struct session *s)
{
    struct run_arguments *a = s->a;
    int code = reports_read(a->command, &a->reports, &s->reports);
    if (code == 0)
        code = reports_try(&s->reports);
    if (code == 0 && a->write_expect)
        code = output_try(a->write_expect);
    if (code == 0 && a->agree)
        code = output_try(a->expect);
    if (code == 0 && a->expect && !a->agree) {
        code = expectations_read(a->command, a->expect, &s->expectations);
        s->has_expectations = code == 0;
    }
    if (code == 0 && a->journal) {
        s->journal = fopen(a->journal, "wb");
        if (!s->journal)
            code = usage_error(a->command, "--journal: %s: %s", a->journal, strerror(errno));
    }
    return code;
}

static void describe(struct session *s)
{
    char when[40], target[WSH_PATH_MAX * 2 + WSH_HOST_MAX + 64];
    time_t now = time(NULL);
    struct tm utc;
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    wsh_url_print(&s->a->url, target, sizeof target);
    s->run.target = wsq_dup(target);
    s->run.version = wsq_dup(WSPROOF_VERSION);
    s->run.started = wsq_dup(when);
    s->run.shard = s->shard.number;
    s->run.shards = s->shard.of;
    s->run.whole = s->shard.whole;
}

/* ---- after ---- */

static int apply_expectations(struct session *s)
{
    const struct wss_plan *plan = &s->suite.plan;
    size_t room = plan->count + s->a->has.count + 1, planned = 0, selected = 0;
    const char **all = calloc(room, sizeof *all), **chosen = calloc(room, sizeof *chosen);
    char **own = calloc(room, sizeof *own);
    int status = -1;
    if (all && chosen && own) {
        for (size_t i = 0; i < s->a->has.count; i++) {
            own[i] = wsq_format("probe/%s", s->a->has.list[i]);
            if (own[i])
                all[planned++] = chosen[selected++] = own[i];
        }
        for (size_t i = 0; i < plan->count; i++) {
            all[planned++] = plan->cases[i].id;
            if (s->selected[i])
                chosen[selected++] = plan->cases[i].id;
        }
        status = wsq_expect_apply(s->has_expectations ? &s->expectations : NULL, &s->run,
                                  s->a->strict, all, planned, chosen, selected);
    }
    for (size_t i = 0; own && i < s->a->has.count; i++)
        free(own[i]);
    free(own);
    free(all);
    free(chosen);
    return status;
}

static int exit_code(const struct session *s, enum wsh_end end)
{
    if (!s->a->only_limits || end != WSH_COMPLETE)
        return run_exit_code(&s->run, end);
    return s->run.limit_count ? EXIT_EXPECTED : EXIT_INCOMPLETE;
}

static int conclude(struct session *s, enum wsh_end end)
{
    if (s->journal)
        journal_line(s, wsq_journal_end(&s->run));
    if (end == WSH_UNREACHABLE) {
        terminal_clear(&s->terminal);
        fprintf(stderr, "wsproof %s: target unreachable: ", s->a->command->name);
        print_visible(stderr, s->run.incomplete ? s->run.incomplete : "no answer");
        fputc('\n', stderr);
        return EXIT_UNREACHABLE;
    }
    if (apply_expectations(s) != 0)
        return usage_error(s->a->command, "out of memory");
    FILE *out = s->terminal.out;
    if (!s->a->only_limits)
        terminal_summary(&s->terminal, &s->run, &s->suite.plan);
    if (s->a->timing)
        timing_print(out, &s->timing, &s->run);
    int code = exit_code(s, end);
    if (code == EXIT_INCOMPLETE && end == WSH_COMPLETE)
        fputs(s->a->only_limits
                  ? "no limit was looked for: the plain handshake is not accepted\n"
                  : "nothing was judged; what cases lack is given by --set NAME=VALUE\n",
              out);
    int written = reports_write(&s->reports, &s->run, &s->terminal);
    if (s->a->write_expect && written == 0)
        written = expectations_write(s->a->write_expect, &s->run, &s->terminal);
    if (s->a->agree && end == WSH_COMPLETE && written == 0) {
        written = expectations_agree(s->a->expect, &s->run, &s->terminal);
        code = code == EXIT_UNEXPECTED && s->run.complaint_count == 0 ? EXIT_EXPECTED : code;
    }
    if (s->journal && !s->journal_failed && !s->a->quiet)
        fprintf(out, "journal: %s\n", s->a->journal);
    if (s->journal_failed)
        written = EXIT_USAGE;
    return code == EXIT_EXPECTED && written ? written : code;
}

/* As many jobs as there are descriptors for: most cases need one, some two. */
static unsigned fitting_jobs(const struct session *s)
{
    enum { OWN = 32, CONNECTIONS = 2 };
    struct rlimit limit;
    unsigned jobs = (unsigned)s->a->jobs;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return jobs;
    rlim_t fit = limit.rlim_cur > OWN + CONNECTIONS ? (limit.rlim_cur - OWN) / CONNECTIONS : 1;
    if (fit >= jobs)
        return jobs;
    if (!s->a->quiet)
        fprintf(s->terminal.out, "jobs: %u of %u, since `ulimit -n` is %llu\n", (unsigned)fit, jobs,
                (unsigned long long)limit.rlim_cur);
    return (unsigned)fit;
}

/* The soft limit of descriptors may be raised up to the hard one. */
static unsigned fitting_connections(void)
{
    enum { OWN = 32, MOST = 1000 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MOST + OWN)
        return MOST;
    limit.rlim_cur = limit.rlim_max < MOST + OWN ? limit.rlim_max : MOST + OWN;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > OWN ? (unsigned)limit.rlim_cur - OWN : 1;
}

static enum wsh_end run_it(struct session *s, struct wsh_uv *uv, struct wsh_spawn *spawn)
{
    struct run_arguments *a = s->a;
    const struct wsh_audience audience = {.context = s,
                                          .begun = on_begun,
                                          .result = on_result,
                                          .news = a->verbose ? on_news : NULL,
                                          .progress = on_progress,
                                          .retold = on_retold,
                                          .looking = on_looking};
    const struct wsh_options options = {
        .profile = {.host = a->url.host,
                    .port = a->url.port,
                    .authority = a->url.authority,
                    .path = a->url.path,
                    .headers = a->headers.list,
                    .header_count = a->headers.count},
        .selected = s->selected,
        .jobs = fitting_jobs(s),
        .seed = a->seed,
        .cap_ms = a->timeout_ms,
        .has = a->has.list,
        .has_count = a->has.count,
        .settings = &s->settings,
        .tls = a->url.tls,
        .own_target = a->own_target || wsh_uv_is_loopback(uv),
        .limits_ms = a->limits_ms,
        .connections = fitting_connections(),
        .replay = a->replay,
        .secrets = &a->secrets,
        .replan = on_replan,
        .replan_context = s,
        .interrupted = &s->interrupted,
    };
    return wsh_run(&s->suite.plan, &options, wsh_uv_loop(uv),
                   spawn ? wsh_spawn_target(spawn) : NULL, &audience, &s->run);
}

static bool says(const struct wss_plan *plan, const char *words)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strstr(plan->cases[i].script, words))
            return true;
    return false;
}

/* Scripts of one's own may say `connect tls` of any target. */
static bool speaks_tls(const struct session *s)
{
    return s->a->url.tls || (s->a->paths.count > 0 && says(&s->suite.plan, "connect tls"));
}

static int with_loop(struct session *s, struct wsh_uv *uv)
{
    struct run_arguments *a = s->a;
    struct wsh_spawn *spawn = NULL;
    if (wsh_uv_catch(uv, &s->interrupted) != 0)
        return usage_error(a->command, "cannot catch signals");
    int code = reach_apply(&a->reach, &a->url, speaks_tls(s), uv, &s->tls);
    if (code != 0)
        return code;
    if (a->spawn && !(spawn = wsh_spawn_new(uv, a->spawn, a->url.port)))
        return usage_error(a->command, "out of memory");
    if (a->limits_ms > 0 && !a->own_target && !wsh_uv_is_loopback(uv))
        return usage_error(a->command, "limits: a target on another machine needs "
                                       "--i-own-this-target");
    describe(s);
    enum wsh_end end = run_it(s, uv, spawn);
    s->timing = (struct timing){.own_ms = wsh_usage_own_ms(),
                                .target_ms = spawn ? wsh_spawn_cpu_ms(spawn) : 0,
                                .spawned = spawn != NULL};
    wsh_spawn_free(spawn);
    return conclude(s, end);
}

static int run_with(int count, char **arguments, struct run_arguments a)
{
    struct session s = {.a = &a};
    int code = run_arguments_read(&a, count, arguments);
    if (code >= 0) {
        run_arguments_drop(&a);
        return code;
    }
    code = 0;
    FILE *out = reports_take_stdout(&a.reports) ? stderr : stdout;
    if (!terminal_init(&s.terminal, out, a.color, a.quiet, a.verbose))
        code = usage_error(a.command, "--color: expected always, never or auto, found \"%s\"",
                           a.color);
    if (code == 0)
        code = load(&s);
    if (code == 0)
        code = open_outputs(&s);
    struct wsh_uv *uv = code == 0 ? wsh_uv_new() : NULL;
    if (code == 0)
        code = uv ? with_loop(&s, uv) : usage_error(a.command, "cannot make an event loop");
    wsh_uv_free(uv);
    wsh_tls_context_free(s.tls);
    if (s.journal)
        fclose(s.journal);
    wsq_expect_drop(&s.expectations);
    wsq_run_drop(&s.run);
    suite_drop(&s.suite);
    free(s.selected);
    free(s.reports.list);
    run_arguments_drop(&a);
    return code;
}

static int run_run(int count, char **arguments)
{
    return run_with(count, arguments, (struct run_arguments){.command = &run_command});
}

static int run_limits(int count, char **arguments)
{
    return run_with(count, arguments,
                    (struct run_arguments){.command = &limits_command, .only_limits = true});
}

int run_to_agree(int count, char **arguments)
{
    return run_with(count, arguments,
                    (struct run_arguments){.command = &init_command, .agree = true});
}

const struct command run_command = {
    .name = "run",
    .usage = "[OPTION…] URL [SCRIPT|FOLDER…]",
    .what = "prove a server: run the cases of the program, or scripts, against it",
    .more = "URL is ws://HOST[:PORT][/PATH][?QUERY], or wss://… over TLS.  With --spawn it may be "
            "left\n"
            "out, or hold {port} too; without both, ./wsproof.conf says what to run.\n"
            "Exit codes: 0 as expected, 1 something unexpected, 2 wrong usage or a script with "
            "errors,\n"
            "3 target unreachable, 4 run incomplete or nothing judged.\n",
    .run = run_run,
};

const struct command limits_command = {
    .name = "limits",
    .usage = "[OPTION…] URL",
    .what = "find what a server accepts: sizes, numbers, timeouts",
    .more = "The facts go into the reports, too; no case is run.  The options are those of run.\n"
            "Exit codes: 0 found, 2 wrong usage, 3 target unreachable, 4 interrupted, or the\n"
            "handshake is not accepted.\n",
    .run = run_limits,
};
