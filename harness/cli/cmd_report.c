/* report: write reports of an earlier run from its journal. */
#include "commands.h"
#include "compare.h"
#include "output.h"
#include "settings.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <wsq/merge.h>

static bool has_watch(const struct wsq_run *run)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (run->cases[i].watch)
            return true;
    return false;
}

/* Are these the scripts that the journal is of?  With others, what it does not hold would be
 * judged. */
static bool is_of(const struct wss_plan *plan, const struct wsq_run *run)
{
    for (size_t i = 0; i < run->case_count; i++) {
        const char *id = run->cases[i].id;
        bool found = strncmp(id, "probe/", 6) == 0;
        for (size_t k = 0; k < plan->count && !found; k++)
            found = strcmp(plan->cases[k].id, id) == 0;
        if (!found)
            return false;
    }
    return true;
}

static bool was_chosen(const struct wsq_run *run, const char *id)
{
    for (size_t i = 0; i < run->watch_count; i++)
        if (strcmp(run->watches[i], id) == 0)
            return true;
    return false;
}

/* A run that was cut short, or in parts, has not judged its watches: the journal holds all that
 * they need.  False when memory ends. */
static bool judge_watches(const struct wss_plan *plan, struct wsq_run *run)
{
    struct wss_plan watches = {.arena = plan->arena};
    watches.cases = calloc(plan->count + 1, sizeof *watches.cases);
    if (!watches.cases)
        return false;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cases[i].watch_count > 0 && was_chosen(run, plan->cases[i].id))
            watches.cases[watches.count++] = plan->cases[i];
    watches.room = watches.count;
    bool good = wss_judge_watches(&watches, run);
    free(watches.cases);
    return good;
}

static int apply(const struct suite *suite, struct wsq_expectations *expectations,
                 struct wsq_run *run, bool strict)
{
    size_t room = suite->plan.count + run->case_count + 1, planned = 0, selected = 0;
    const char **all = calloc(room, sizeof *all), **chosen = calloc(room, sizeof *chosen);
    int status = -1;
    if (all && chosen) {
        for (size_t i = 0; i < run->case_count; i++)
            all[planned++] = chosen[selected++] = run->cases[i].id;
        for (size_t i = 0; i < suite->plan.count; i++)
            all[planned++] = suite->plan.cases[i].id;
        status = wsq_expect_apply(expectations, run, strict, all, planned, chosen, selected);
    }
    free(all);
    free(chosen);
    return status;
}

static int read_shards(const struct texts *journals, struct wsq_run *out)
{
    char error[400];
    struct wsq_run *runs = calloc(journals->count, sizeof *runs);
    int code = runs ? 0 : usage_error(&report_command, "out of memory");
    for (size_t i = 0; i < journals->count && code == 0; i++)
        code = journal_load(&report_command, journals->list[i], &runs[i]);
    if (code == 0 && wsq_merge(runs, journals->count, out, error, sizeof error) != 0)
        code = usage_error(&report_command, "merge: %s", error);
    for (size_t i = 0; i < journals->count && runs; i++)
        wsq_run_drop(&runs[i]);
    free(runs);
    return code;
}

static int report(const struct texts *journals, bool merge, const struct suite *suite,
                  struct wsq_expectations *expectations, const struct reports *reports, bool strict,
                  struct terminal *terminal)
{
    struct wsq_run run;
    int status = merge ? read_shards(journals, &run)
                       : journal_load(&report_command, journals->list[0], &run);
    if (status != 0)
        return status;
    if ((merge || !run.complete) && !has_watch(&run) && is_of(&suite->plan, &run) &&
        !judge_watches(&suite->plan, &run))
        wsh_run_starve(&run);
    if (merge && run.complete)
        run.planned = run.case_count;
    wsq_run_sort(&run);
    int code = EXIT_USAGE;
    if (apply(suite, expectations, &run, strict) == 0) {
        terminal_summary(terminal, &run, &suite->plan);
        code = run_exit_code(&run, run.complete ? WSH_COMPLETE : WSH_INCOMPLETE);
        int written = reports_write(reports, &run, terminal);
        code = written && code == EXIT_EXPECTED ? written : code;
    }
    wsq_run_drop(&run);
    return code;
}

/* `report merge` is `report` for the journals of all shards; such a name is reached as ./merge. */
static bool take_merge(int *count, char ***arguments)
{
    bool merge = *count > 0 && strcmp((*arguments)[0], "merge") == 0;
    *count -= merge;
    *arguments += merge;
    return merge;
}

/* A journal of such a name is reached as ./diff. */
static const struct command *second_word(int count, char **arguments)
{
    static const struct command *const words[] = {&diff_command, &matrix_command};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (count > 0 && strcmp(arguments[0], strchr(words[i]->name, ' ') + 1) == 0)
            return words[i];
    return NULL;
}

static int run_report(int count, char **arguments)
{
    const struct command *second = second_word(count, arguments);
    if (second)
        return second->run(count - 1, arguments + 1);
    bool merge = take_merge(&count, &arguments);
    struct texts rest = {0}, texts = {0}, paths = {0}, sets = {0};
    struct reports reports = {0};
    struct wsq_expectations expectations = {0};
    struct suite suite = {0};
    struct terminal terminal;
    const char *expect = NULL, *color = NULL;
    bool strict = false, quiet = false;
    struct settings settings = {0};
    const struct option options[] = {
        {.kind = OPTION_LIST,
         .name = "report",
         .value = "FORMAT=PATH",
         .slot = &texts,
         .what = "write a report; - is standard output"},
        {.kind = OPTION_TEXT,
         .name = "expect",
         .value = "FILE",
         .slot = &expect,
         .what = "verdicts that are agreed to"},
        {.kind = OPTION_FLAG,
         .name = "strict",
         .slot = &strict,
         .what = "a warning is unexpected too"},
        {.kind = OPTION_LIST,
         .name = "cases",
         .value = "PATH",
         .slot = &paths,
         .what = "the scripts that were run, if not the program's own"},
        {.kind = OPTION_LIST,
         .name = "set",
         .value = "NAME=VALUE",
         .slot = &sets,
         .what = "the settings that they were run with"},
        {.kind = OPTION_FLAG,
         .letter = 'q',
         .name = "quiet",
         .slot = &quiet,
         .what = "print only what was judged and what was unexpected"},
        {.kind = OPTION_TEXT,
         .name = "color",
         .value = "WHEN",
         .slot = &color,
         .what = "always, never or auto"},
        {.kind = OPTION_FLAG}};
    int code = options_read(&report_command, options, count, arguments, &rest);
    if (code != 0)
        return code < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (merge ? rest.count == 0 : rest.count != 1)
        return usage_error(&report_command,
                           merge ? "expected the journals of all shards" : "expected one journal");
    if (!terminal_init(&terminal, reports_take_stdout(&texts) ? stderr : stdout, color, quiet,
                       false))
        return usage_error(&report_command, "--color: expected always, never or auto, found \"%s\"",
                           color);
    code = reports_read(&report_command, &texts, &reports);
    if (code == 0)
        code = reports_try(&reports);
    if (code == 0 && expect)
        code = expectations_read(&report_command, expect, &expectations);
    if (code == 0)
        code = settings_read(&report_command, &sets, 0, NULL, &settings);
    if (code == 0 && suite_load(&suite, &paths, &settings.all) != 0)
        code = EXIT_USAGE;
    if (code == 0)
        code = report(&rest, merge, &suite, expect ? &expectations : NULL, &reports, strict,
                      &terminal);
    wsq_expect_drop(&expectations);
    suite_drop(&suite);
    settings_drop(&settings);
    free(reports.list);
    return code;
}

const struct command report_command = {
    .name = "report",
    .usage = "[OPTION…] JOURNAL",
    .what = "summarise a journal again and write reports of it; compare journals",
    .more = "`wsproof report diff OLD NEW` says what changed; `wsproof report matrix JOURNAL…` "
            "puts runs side by side; "
            "`wsproof report merge [OPTION…] JOURNAL…` reports the shards of a run as one.\n",
    .run = run_report,
};
