/* wsq/expect.h - expectations: which verdicts a team has agreed to live with.
 *
 * One line a case: `ID VERDICT  # reason`; empty lines and lines that begin with '#' are passed over.
 * VERDICT may be a list: `warn|pass`.
 */
#ifndef WSQ_EXPECT_H
#define WSQ_EXPECT_H

#include <wsq/result.h>

struct wsq_expectation {
    char *id;
    unsigned verdicts; /* bit set: 1u << verdict */
    char *reason;      /* "" if none */
    unsigned line;
    bool used;
};
struct wsq_expectations {
    char *name;
    struct wsq_expectation *list;
    size_t count;
};

/* 0, or -1 with "FILE:LINE:COLUMN: …" in error (unknown verdict, an id twice, …). */
int wsq_expect_parse(const char *name, const char *text, size_t length, struct wsq_expectations *out,
                     char *error, size_t size);
void wsq_expect_drop(struct wsq_expectations *expectations);

/* Marks what is unexpected: without an entry, fail, flaky and error are (warn too when strict); with one,
 * any other verdict than it names, a pass included.  Entries whose id is in the plan but was not judged
 * (skip) are complaints; ids that match no planned case are too.  `planned` are the ids of the whole plan, those left out by --only
 * and --skip included, `selected` those that were to run.  e may be NULL. */
void wsq_expect_apply(struct wsq_expectations *e, struct wsq_run *run, bool strict,
                      const char *const *planned, size_t planned_count,
                      const char *const *selected, size_t selected_count);

/* The file that would make this run expected; to be freed by the caller. */
char *wsq_expect_write(const struct wsq_run *run);

#endif
