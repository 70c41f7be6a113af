/* check: what is wrong with scripts, without a target. */
#include "check_lint.h"
#include "commands.h"
#include "settings.h"
#include "suite.h"

#include <stdio.h>

static int check(const struct texts *paths, const struct wss_settings *settings)
{
    struct suite suite = {0};
    int code = EXIT_USAGE;
    if (suite_load(&suite, paths, settings) == 0) {
        struct lint lint = {0};
        lint_suite(&suite, &lint);
        size_t errors = suite.errors + lint.errors;
        printf("%zu cases, %zu errors, %zu warnings\n", suite.plan.count, errors, lint.warnings);
        code = errors ? EXIT_USAGE : EXIT_EXPECTED;
    }
    suite_drop(&suite);
    return code;
}

static int run_check(int count, char **arguments)
{
    struct texts paths = {0}, sets = {0};
    struct settings settings = {0};
    const struct option options[] = {{.kind = OPTION_LIST,
                                      .name = "set",
                                      .value = "NAME=VALUE",
                                      .what = "give a setting that scripts name",
                                      .slot = &sets},
                                     {0}};
    int read = options_read(&check_command, options, count, arguments, &paths);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (paths.count == 0)
        return usage_error(&check_command, "expected a script or a folder");
    int code = settings_read(&check_command, &sets, 0, NULL, &settings);
    if (code == 0)
        code = check(&paths, &settings.all);
    settings_drop(&settings);
    return code;
}

const struct command check_command = {
    .name = "check",
    .usage = "[OPTION…] SCRIPT|FOLDER…",
    .what = "parse and compile scripts, and say what is wrong with them",
    .more =
        "A case that asks nothing of the peer is an error; one that sends frames on a connection\n"
        "that it never opened by a handshake gets a warning.  Cases whose settings are not given\n"
        "are parsed and not compiled.\n",
    .run = run_check,
};
