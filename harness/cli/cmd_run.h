/* cmd_run.h - the options of `wsproof run`, read and checked. */
#ifndef WSPROOF_CMD_RUN_H
#define WSPROOF_CMD_RUN_H

#include "choice.h"
#include "options.h"
#include "reach.h"
#include "settings.h"

#include <wsh/redact.h>
#include <wsh/url.h>
#include <wss/plan.h>

struct run_arguments {
    const struct command
        *command; /* in whose name it runs; set by the caller, as `only_limits` and `agree` are */
    struct wsh_url url;
    struct reach reach;
    struct texts paths; /* scripts and folders; none: the embedded cases */
    struct choice choice;
    struct texts reports, has, sets, headers;
    const char *profile, *conf;
    size_t conf_sets; /* the first so many of `sets` come from the file */
    const char *spawn, *journal, *expect, *write_expect, *color;
    uint64_t jobs, seed, timeout_ms;
    uint64_t limits_ms; /* look for limits; 0: no */
    bool only_limits;   /* and for nothing else */
    bool agree;         /* write what fails to `expect` */
    bool strict, own_target, verbose, quiet, timing;
    struct settings settings;
    struct wsh_secrets secrets;
    char *replay; /* the command that runs one case again, up to `--only` */
};

/* Proves the target once and agrees to what fails: the file that wsproof.conf names is written. */
int run_to_agree(int count, char **arguments);

/* -1: go on; else the exit code. */
int run_arguments_read(struct run_arguments *a, int count, char **arguments);
void run_arguments_drop(struct run_arguments *a);

#endif
