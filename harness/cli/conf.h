/* conf.h - wsproof.conf: the options of a command as a file.
 *
 * A line is `key = value`; the keys are the long options without their dashes, and `url`.  An
 * option without a value is `yes` or `no`; one that may be given many times has a line for each.  A
 * line that begins with `#` is a comment.  Names of files are relative to the folder of this one.
 */
#ifndef WSPROOF_CONF_H
#define WSPROOF_CONF_H

#include "options.h"

#define CONF_NAME "wsproof.conf"

/* Stores what the file says in the slots of the options, and in *url.  `conf` is no key.  0, or 2
 * after saying all that is wrong, each with its place. */
int conf_read(const struct command *command, const char *path, const struct option *options,
              const char **url);

#endif
