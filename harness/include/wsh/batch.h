/* batch.h - run a few tasks at once and wait for all of them. */
#ifndef WSH_BATCH_H
#define WSH_BATCH_H

#include <wsh/loop.h>

struct wsh_batch_item {
    struct wsh_task task; /* setup is the caller's; the rest is the batch's */
    struct wss_outcome outcome;
    bool done;
};

/* Runs all items; when *interrupted becomes true those under way are aborted.  Afterwards each item
 * that is `done` has an outcome that the caller drops. */
void wsh_batch_run(struct wsh_loop *loop, struct wsh_batch_item *items, size_t count,
                   const bool *interrupted);
/* Lets so much time pass. */
void wsh_batch_pause(struct wsh_loop *loop, uint64_t ms);
/* Has the target, which may be NULL, ended of what was done to it?  It is given a moment to. */
bool wsh_batch_killed(struct wsh_loop *loop, struct wsh_target *target);

#endif
