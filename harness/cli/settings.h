/* settings.h - `--set NAME=VALUE`: what scripts name as `$NAME`. */
#ifndef WSPROOF_SETTINGS_H
#define WSPROOF_SETTINGS_H

#include "options.h"

#include <wss/plan.h>

/* 0, or 2 after saying what is wrong.  The values point into the texts; the rest is dropped with
 * settings_drop. */
int settings_read(const struct command *command, const struct texts *texts,
                  struct wss_settings *settings);
void settings_drop(struct wss_settings *settings);

#endif
