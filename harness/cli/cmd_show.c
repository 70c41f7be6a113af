/* show: the script of a case, and what it is about. */
#include "commands.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/select.h>

static const struct wss_settings no_settings;

static void show_requirement(const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);
    if (!row) {
        printf("  %s\n", id);
        return;
    }
    char place[80];
    wsq_requirement_place(row, place, sizeof place);
    printf("  %s  %s, %s, binds %s\n    %s\n", row->id, place, row->level, row->binds,
           row->statement);
    if (*row->note)
        printf("    note: %s\n", row->note);
}

static void show_case(const struct wss_case *c)
{
    printf("# %s:%u\n%s", c->file, c->line, c->script);
    if (*c->script && c->script[strlen(c->script) - 1] != '\n')
        putchar('\n');
    if (c->cite_count + c->watch_count > 0)
        puts("\nRequirements:");
    for (size_t i = 0; i < c->cite_count; i++)
        show_requirement(c->cites[i]);
    for (size_t i = 0; i < c->watch_count; i++)
        show_requirement(c->watch[i]);
}

/* The comment before its first line: what it is, what it needs. */
static void show_beginning(const struct wsn_file *file)
{
    const struct wsn_case *first = file->block_count ? file->blocks : file->cases;
    if (file->include_count || (!file->block_count && !file->case_count))
        return;
    for (size_t i = 0; i < first->before_count; i++)
        puts(first->before[i]);
}

/* A script is known by its name: no id ends so. */
static void sort_rest(const struct texts *rest, struct texts *ids, struct texts *paths)
{
    for (size_t i = 0; i < rest->count; i++) {
        size_t n = strlen(rest->list[i]);
        bool script = n > 4 && strcmp(rest->list[i] + n - 4, ".wst") == 0;
        texts_add(script ? paths : ids, rest->list[i]);
    }
}

static int run_show(int count, char **arguments)
{
    struct texts rest = {0}, ids = {0}, paths = {0};
    const struct option options[] = {OPTION_CASES(&paths), {0}};
    int read = options_read(&show_command, options, count, arguments, &rest);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    sort_rest(&rest, &ids, &paths);
    if (ids.count == 0 && paths.count == 0)
        return usage_error(&show_command, "expected the id of a case: see `wsproof list`");
    bool whole = ids.count == 0;
    if (whole)
        texts_add(&ids, "*");
    struct suite suite = {0};
    int code = suite_load(&suite, &paths, &no_settings) == 0 ? EXIT_EXPECTED : EXIT_USAGE;
    for (size_t i = 0; i < suite.file_count && whole && code == EXIT_EXPECTED; i++)
        show_beginning(suite.files[i]);
    for (size_t i = 0; i < ids.count && code == EXIT_EXPECTED; i++) {
        size_t shown = 0;
        for (size_t k = 0; k < suite.plan.count; k++) {
            if (!wsh_glob(ids.list[i], suite.plan.cases[k].id))
                continue;
            if (shown++ || i)
                putchar('\n');
            show_case(&suite.plan.cases[k]);
        }
        if (shown == 0)
            code = usage_error(&show_command, "no case has the id %s: see `wsproof list`",
                               ids.list[i]);
    }
    suite_drop(&suite);
    return code;
}

const struct command show_command = {
    .name = "show",
    .usage = "[OPTION…] [CASE|SCRIPT]…",
    .what = "print the script of a case and the requirements that it cites, in words",
    .more =
        "CASE is an id; * and ? may stand for other characters.  SCRIPT is a file *.wst: then its\n"
        "cases are meant, all of them unless CASE says which.\n",
    .run = run_show,
};
