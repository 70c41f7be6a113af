/* wsh/limits.h - what a target accepts: facts, found by asking for more and more.
 *
 * Each size is a ladder: doubled until it is refused or a cap is reached, then halved between the
 * two. A rung is a script like any case, on a connection of its own, so a limit is found over TLS
 * and in memory alike.  One rung runs at a time, so that what a target does of it is known; only
 * the timeouts, which cost nothing but time, run together, behind them, if so many connections are
 * served at a time.
 *
 * Ceilings: 16 MiB a message, 512 MiB a ladder, 60 s for all ladders, `wait_ms` for the timeouts.
 * What a ceiling cuts short is said as "at least" or "between".
 */
#ifndef WSH_LIMITS_H
#define WSH_LIMITS_H

#include <wsh/loop.h>
#include <wsq/result.h>

enum { WSH_TIMEOUTS = 5 }; /* that are looked for together */

struct wsh_limits {
    struct wsh_loop *loop;
    const struct wss_profile *profile;
    uint64_t seed;
    uint64_t patience_ms;      /* for an answer */
    uint64_t wait_ms;          /* for each timeout of the target; 0: 30 s */
    unsigned connections;      /* at once, at the most; 0: 1000 */
    unsigned served;           /* at a time, as far as the target is known; 0: any number */
    uint64_t breath_ms;        /* as in wsh_probe */
    struct wsh_target *target; /* NULL: it runs on its own */
    /* Starts a dead target anew; false: it does not come back.  May be NULL, as `target`. */
    bool (*revive)(void *context);
    void *context;
    /* Told which it looks for next, in words: "largest message".  May be NULL. */
    void (*looking)(void *listener, const char *what);
    void *listener;
    const bool *interrupted; /* may be NULL */
};

/* Fills run->limits.  Stops early when interrupted, or when the target answers no more: the limits
 * found until then stay, and run->limits says of the last one what happened. */
void wsh_limits_find(const struct wsh_limits *limits, struct wsq_run *run);

/* The limits that a case may need an amount of; NULL behind the last. */
const char *wsh_limits_name(size_t i);

/* May a case that needs so much of a limit run ("message", "frame" …)?  True also if the limit is
 * not known. */
bool wsh_limits_allow(const struct wsq_run *run, const char *name, uint64_t amount);

#endif
