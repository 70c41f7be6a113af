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

/* 0, or -1 with the first error and an empty *out (unknown verdict, an id twice, …):
 *     FILE:LINE:COLUMN: error: TEXT
 *     the line, control bytes escaped
 *          ^~~~
 * 512 bytes of room hold any useful message. */
int wsq_expect_parse(const char *name, const char *text, size_t length, struct wsq_expectations *out,
                     char *error, size_t size);
void wsq_expect_drop(struct wsq_expectations *expectations);

/* Marks what is unexpected: without an entry, fail, flaky and error are (warn too when strict); with one,
 * any other verdict than it names, a pass included.  A skip is never unexpected in itself, but an entry that
 * does not name skip and whose case was not judged for it is a complaint: nobody knows whether it still
 * holds.  So is an entry that matches no planned case.  `planned` are the ids of the whole plan, those left
 * out by --only and --skip included, `selected` those that were to run; entries of cases that were not
 * selected, or that an incomplete run did not reach, are passed over.  To be applied once a run; e may be
 * NULL.  0, or -1 when memory ends. */
int wsq_expect_apply(struct wsq_expectations *e, struct wsq_run *run, bool strict,
                     const char *const *planned, size_t planned_count,
                     const char *const *selected, size_t selected_count);

/* The file that would make this run expected: a line for each fail, flaky and error, for a strict one each
 * warn too, and the lines that were met as they stand.  A flaky case may also pass.  Knows only the cases of the
 * run.  To be freed by the caller; NULL when memory ends. */
char *wsq_expect_write(const struct wsq_run *run, bool strict);

#endif
