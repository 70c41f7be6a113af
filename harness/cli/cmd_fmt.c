/* fmt: write scripts in their canonical form. */
#include "commands.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
