/* suite.h - the cases of the corpus against peers in memory. */
#ifndef WSH_TEST_SUITE_H
#define WSH_TEST_SUITE_H

#include <check.h>
#include <wsh/loop_sim.h>
#include <wsh/run.h>

/* The compiled corpus/cases; loaded once, aborts the program when it has errors. */
const struct wss_plan *suite_plan(void);
/* The same with a smaller limit on messages, for the hundreds of peers with a filter: they take
 * messages of 4 MiB, and the big cases of volume.wst are not run. */
const struct wss_plan *suite_small_plan(void);

struct suite_run {
    struct wsp_world world;
    unsigned fired; /* by cases, the probe's connections left out */
    struct wsq_run run;
    enum wsh_end end;
};

/* Runs the cases whose id matches `only` (NULL: all) against the server of wsp/peer.h with one
 * filter (NULL: none) in its path.  When `only` is given the cases' needs
 * count as met and the streams are not cut beyond what the script asks for. */
void suite_run(struct suite_run *run, const char *only, const char *filter, bool idle,
               uint64_t seed);
/* One part in `share` of the cases, and all watches, against the server with one
 * filter. */
void suite_run_part(struct suite_run *run, const char *filter, bool idle, unsigned share,
                    unsigned part);
/* Runs the cases for any server against one with these filters (NULL-terminated), outermost first;
 * `share` > 1: one part in so many of the cases, and all watches. */
void suite_run_peer(struct suite_run *run, const char *const *filters, unsigned share,
                    unsigned part, uint64_t seed);
/* Runs one case, by its pattern, against the server with these filters (NULL-terminated); its needs
 * count as met. */
void suite_run_case(struct suite_run *run, const char *only, const char *const *filters);
/* Runs the cases for any server, or a part of them, against this one in place of the reference
 * server, so many at once.  It is made with the reference server's context. */
void suite_run_shaped(struct suite_run *run, const struct wsh_sim_peer *peer, unsigned jobs,
                      unsigned share, unsigned part);
/* As suite_run without a filter, with the streams cut and delayed as `seed` has it; what we send is
 * the same for every seed. */
void suite_run_cut(struct suite_run *run, const char *only, uint64_t seed);
/* Runs the transcripts of the cases that passed as scripts, against the same server.  Returns how
 * many of them are no valid script. */
size_t suite_replay(struct suite_run *run, const struct wsq_run *before, uint64_t seed);
void suite_drop(struct suite_run *run);

/* "proved: WHAT: 3 of 3", from the results of the cases of Check of that name. */
void suite_prove(SRunner *runner, const char *name, const char *what);

/* Are they one requirement, or judged by one row? */
bool suite_same_row(const char *one, const char *other);
/* Is a fault of the case charged to the requirement, or to the row that stands for it? */
bool suite_charged(const struct wsq_case *c, const char *requirement);

#endif
