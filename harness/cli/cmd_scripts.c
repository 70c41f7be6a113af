/* show, check and fmt: what can be done with scripts without a target. */
#include "commands.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wsh/select.h>

static const struct wss_settings no_settings;

/* ---- show ---- */

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

static int run_show(int count, char **arguments)
{
    struct texts rest = {0}, paths = {0};
    const struct option options[] = {
        {.kind = OPTION_LIST,
         .name = "cases",
         .value = "PATH",
         .what = "a script or a folder in place of the program's own cases",
         .slot = &paths},
        {0}};
    int read = options_read(&show_command, options, count, arguments, &rest);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (rest.count == 0)
        return usage_error(&show_command, "expected the id of a case: see `wsproof list`");
    struct suite suite = {0};
    int code = suite_load(&suite, &paths, &no_settings) == 0 ? EXIT_EXPECTED : EXIT_USAGE;
    for (size_t i = 0; i < rest.count && code == EXIT_EXPECTED; i++) {
        size_t shown = 0;
        for (size_t k = 0; k < suite.plan.count; k++) {
            if (!wsh_glob(rest.list[i], suite.plan.cases[k].id))
                continue;
            if (shown++ || i)
                putchar('\n');
            show_case(&suite.plan.cases[k]);
        }
        if (shown == 0)
            code = usage_error(&show_command, "no case has the id %s: see `wsproof list`",
                               rest.list[i]);
    }
    suite_drop(&suite);
    return code;
}

const struct command show_command = {
    .name = "show",
    .usage = "[OPTION…] CASE…",
    .what = "print the script of a case and the requirements that it cites, in words",
    .more = "CASE is an id; * and ? may stand for other characters.\n",
    .run = run_show,
};

/* ---- check ---- */

static int run_check(int count, char **arguments)
{
    struct texts paths = {0};
    const struct option options[] = {{0}};
    int read = options_read(&check_command, options, count, arguments, &paths);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (paths.count == 0)
        return usage_error(&check_command, "expected a script or a folder");
    struct suite suite = {0};
    int code = EXIT_USAGE;
    if (suite_load(&suite, &paths, &no_settings) == 0) {
        printf("%zu cases, %zu errors\n", suite.plan.count, suite.errors);
        code = suite.errors ? EXIT_USAGE : EXIT_EXPECTED;
    }
    suite_drop(&suite);
    return code;
}

const struct command check_command = {
    .name = "check",
    .usage = "SCRIPT|FOLDER…",
    .what = "parse and compile scripts, and say what is wrong with them",
    .run = run_check,
};

/* ---- fmt ---- */

/* Through a file beside it and a rename: a script is never lost half written. */
static int replace(const char *path, const struct wsn_buffer *text)
{
    char temporary[4096];
    struct stat old;
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    int fd = n > 0 && (size_t)n < sizeof temporary ? mkstemp(temporary) : -1;
    FILE *out = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool ok = out && fwrite(text->p, 1, text->n, out) == text->n;
    ok = out && fclose(out) == 0 && ok;
    ok = ok && stat(path, &old) == 0 && chmod(temporary, old.st_mode & 0777) == 0;
    ok = ok && rename(temporary, path) == 0;
    if (ok)
        return 0;
    fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        unlink(temporary);
    return -1;
}

static int format_text(const char *path, const char *source, size_t length, bool check_only)
{
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wsn_buffer out = {0};
    struct wsn_file *file = wsn_parse(&arena, path, source, length, &errors);
    int code = EXIT_EXPECTED;
    if (!file || errors.total > 0) {
        for (size_t i = 0; file && i < errors.count; i++)
            wsn_error_print(file, &errors.list[i], &out);
        fputs(out.p ? out.p : "wsproof: out of memory\n", stderr);
        code = EXIT_USAGE;
    } else {
        wsn_print(file, &out);
        bool same = out.n == length && memcmp(out.p, source, length) == 0;
        if (strcmp(path, "-") == 0 && !check_only)
            fwrite(out.p, 1, out.n, stdout);
        else if (check_only && !same)
            printf("%s\n", path);
        else if (!same && replace(path, &out) != 0)
            code = EXIT_USAGE;
        if (check_only && !same)
            code = EXIT_UNEXPECTED;
    }
    wsn_buffer_drop(&out);
    wsn_arena_drop(&arena);
    return code;
}

static int run_fmt(int count, char **arguments)
{
    struct texts paths = {0};
    bool check_only = false;
    const struct option options[] = {
        {.kind = OPTION_FLAG,
         .name = "check",
         .what = "change nothing; name the files that would change, and exit with 1",
         .slot = &check_only},
        {0}};
    int read = options_read(&fmt_command, options, count, arguments, &paths);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (paths.count == 0)
        return usage_error(&fmt_command, "expected a script, or - for standard input");
    int worst = EXIT_EXPECTED;
    for (size_t i = 0; i < paths.count; i++) {
        size_t length;
        char *source = read_file(paths.list[i], &length);
        int code = source ? format_text(paths.list[i], source, length, check_only) : EXIT_USAGE;
        free(source);
        worst = code > worst ? code : worst;
    }
    return worst;
}

const struct command fmt_command = {
    .name = "fmt",
    .usage = "[--check] SCRIPT…",
    .what = "write scripts in their canonical form, in place",
    .more = "- reads standard input and writes standard output.\n",
    .run = run_fmt,
};
