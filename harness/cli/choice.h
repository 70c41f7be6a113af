/* choice.h - which cases a command works on: --suite, --only, --skip, --shard.
 *
 * A suite is a set of id patterns with a name.  Several suites add up; --only and --skip choose
 * among them.  The watches belong to every suite: they judge all that its conversations show, and
 * so to no shard, which shows only a part.
 */
#ifndef WSPROOF_CHOICE_H
#define WSPROOF_CHOICE_H

#include "options.h"

#include <wss/plan.h>

struct choice {
    struct texts suites, only, skip;
    const char *shard; /* "2/3", or NULL */
};

/* A part of what was chosen. */
struct shard {
    unsigned number, of; /* from 1; 0: the whole */
    size_t whole;        /* cases of all shards */
};

/* Sets selected[i] for each case of the plan.  0, or 2 after saying what is wrong: a pattern or a
 * name that means nothing. */
int choose(const struct command *command, const struct choice *choice, const struct wss_plan *plan,
           bool *selected);

/* Leaves of them those of the shard.  0, or 2 after saying what is wrong. */
int choose_shard(const struct command *command, const struct choice *choice,
                 const struct wss_plan *plan, bool *selected, struct shard *shard);

/* Each suite with the number of its cases and what it is about. */
void list_suites(const struct wss_plan *plan);

/* Is the case in a suite other than `all`? */
bool in_any_suite(const struct wss_case *c);

#endif
