/* settings.h - what scripts name as `$NAME`: `--set NAME=VALUE`, `--set NAME` from the environment,
 * `--set @FILE` with a line `NAME = VALUE` for each.
 *
 * Later ones take the place of earlier ones; those of files stand before all others.  What came
 * from the environment is secret, and so is what has a name that says so.
 */
#ifndef WSPROOF_SETTINGS_H
#define WSPROOF_SETTINGS_H

#include "options.h"

#include <wsh/redact.h>
#include <wss/plan.h>

struct settings {
    struct wss_settings all;
    size_t from_files;        /* the first so many: no script has to name them */
    struct wss_setting *list; /* what `all` points to */
};

/* The first `lenient` texts count as those of files.  0, or 2 after saying what is wrong.  Secret
 * values are added to `secrets`, which may be NULL. Dropped with settings_drop, after an error too.
 */
int settings_read(const struct command *command, const struct texts *texts, size_t lenient,
                  struct wsh_secrets *secrets, struct settings *settings);
void settings_drop(struct settings *settings);

#endif
