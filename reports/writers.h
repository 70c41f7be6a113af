/* writers.h - the writers that the table of formats names; contract: wsr/report.h. */
#ifndef WSR_WRITERS_H
#define WSR_WRITERS_H

#include <stddef.h>
#include <wsq/result.h>
#include <wsr/report.h>

char *wsr_json(const struct wsq_run *run, size_t *length);
char *wsr_junit(const struct wsq_run *run, size_t *length);
char *wsr_html(const struct wsq_run *run, size_t *length);
char *wsr_tap(const struct wsq_run *run, size_t *length);
char *wsr_markdown(const struct wsq_run *run, size_t *length);
char *wsr_badge(const struct wsq_run *run, size_t *length);
int wsr_autobahn(const struct wsq_run *run, const struct wsr_sink *sink);

/* How a CI server sees a case; what each verdict becomes is told in reports/README.md. */
enum wsr_outcome {
    WSR_PASSED,
    WSR_FAILED,
    WSR_ERRORED,
    WSR_KNOWN, /* a fault or an error that the expectations name */
    WSR_SKIPPED
};
enum wsr_outcome wsr_outcome(const struct wsq_case *c);

/* Why the case is no plain pass, on one line; to be freed, NULL when memory ends. */
char *wsr_message(const struct wsq_case *c);

/* Why the run did not reach its end, never NULL. */
const char *wsr_incomplete(const struct wsq_run *run);

/* The cases sorted by suite, then by id, both in natural order; NULL when memory ends. */
const struct wsq_case **wsr_by_suite(const struct wsq_run *run);

/* The case's suite, never NULL. */
const char *wsr_suite(const struct wsq_case *c);

/* Is this a fault that the expectations name? */
bool wsr_is_expected(const struct wsq_case *c);

#endif
