/* wsh/probe.h - learn what a target does before it is judged.
 *
 * A few scripts of our own, run like any case: does it accept the plain handshake, how fast does it
 * answer, does it echo, does it speak unasked, which sub-protocol and extensions does it agree to.
 * What was not found in a first try is looked for once more, but for what a prompt target would
 * have said unasked.  Before all that: how many connections it serves at a time, for a server may
 * serve one and break no rule.
 */
#ifndef WSH_PROBE_H
#define WSH_PROBE_H

#include <wsh/loop.h>

struct wsh_probe {
    struct wsn_arena arena; /* holds the scripts */
    struct wss_plan plan;
    struct wss_profile *profile; /* of the target; what it sends unasked is added here */
    uint64_t seed, cap_ms;
    bool asks_echo, asks_deflate, asks_subprotocol; /* what it is to find out: wsh_probe_ask */
    unsigned at_once;                               /* connections that there may be at once */
    struct wsh_target *target;                      /* NULL: it runs on its own */
    /* Starts a target anew that died of many connections; false: it does not come back. */
    bool (*revive)(void *context);
    void *context;

    bool reachable; /* it has said something at least once */
    char unreachable[400];
    bool starved;       /* memory ended: what was not found may be there */
    unsigned served;    /* connections at a time, found by less than `at_once`; 0: all of those */
    bool died;          /* when there were more than those */
    uint64_t breath_ms; /* it hangs up on one too many: so long it is given to see one end */
    bool counted;       /* some were accepted when they were counted */
    bool accepted;      /* the plain handshake */
    unsigned status;    /* of the answer to it; 0: none */
    bool listened;      /* half a second passed without a word unasked */
    bool echo, deflate, subprotocol;
    char *protocol, *extensions, *server; /* as answered, or NULL */
    uint64_t round_trip_ms;
    uint64_t patience_ms;    /* that a slow target is given: 2 s to 10 s */
    struct wss_outcome kept; /* owns the messages that the profile points to */
};

/* Compiles the scripts; the plain handshake may be run alone afterwards (wsh_probe_plain).  No
 * conversation takes longer than cap_ms (0: 20 s, which is also the most).  False when memory ends.
 */
bool wsh_probe_init(struct wsh_probe *probe, struct wss_profile *profile, uint64_t seed,
                    uint64_t cap_ms);
/* Somebody needs to know of this capability; what no probe looks for is passed over.  Whether the
 * handshake is accepted and what comes unasked is always found out. */
void wsh_probe_ask(struct wsh_probe *probe, const char *capability);
/* Are so many connections at a time served, as far as is known? */
bool wsh_probe_serves(const struct wsh_probe *probe, size_t connections);
/* Runs them, several at once if so many are served.  Stops early when *interrupted becomes true. */
void wsh_probe_run(struct wsh_probe *probe, struct wsh_loop *loop, const bool *interrupted);
void wsh_probe_drop(struct wsh_probe *probe);

/* The case that is the control: a plain handshake. */
const struct wss_case *wsh_probe_plain(const struct wsh_probe *probe);

/* Is this one of the capabilities that a probe looks for?  *found says whether it was there. */
bool wsh_probe_knows(const struct wsh_probe *probe, const char *capability, bool *found);

/* The facts, one line each, to be freed.  `quiet`: not what the target says unasked. */
char *wsh_probe_facts(const struct wsh_probe *probe, bool quiet);

#endif
