/* suite.h - the scripts that a command works on, parsed and compiled. */
#ifndef WSPROOF_SUITE_H
#define WSPROOF_SUITE_H

#include "options.h"

#include <wss/plan.h>

struct suite {
    struct wsn_arena arena;
    struct wsn_file **files;
    size_t file_count;
    struct wss_plan plan;
    size_t errors; /* already printed on stderr */
};

/* `--cases PATH` of the commands that show what there is. */
#define OPTION_CASES(texts)                                                                        \
    {                                                                                              \
        .kind = OPTION_LIST, .name = "cases", .value = "PATH",                                     \
        .what = "a script or a folder in place of the program's own cases", .slot = (texts)        \
    }

/* Reads files, kits (named as their file, when there is none) and folders (their *.wst, in the
 * order of their names); with no path, the embedded cases. 0, or -1 when something cannot be read
 * (said so on stderr).  Errors in scripts are printed and counted. */
int suite_load(struct suite *suite, const struct texts *paths, const struct wss_settings *settings);
/* The same files compiled anew, with other settings; the errors are those already printed. */
void suite_compile(struct suite *suite, const struct wss_settings *settings, struct wss_plan *plan);
/* Does a script ask for this capability or setting (`needs`)?  Does one use the variable? */
bool suite_needs(const struct suite *suite, const char *name);
bool suite_uses(const struct suite *suite, const char *name);
void suite_drop(struct suite *suite);

/* A whole file, terminated, to be freed; NULL: said so on stderr.  "-" is standard input. */
char *read_file(const char *path, size_t *length);

#endif
