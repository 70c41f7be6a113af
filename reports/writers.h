/* writers.h - the writers that the table of formats names; contract: wsr/report.h. */
#ifndef WSR_WRITERS_H
#define WSR_WRITERS_H

#include <stddef.h>
#include <wsq/result.h>

char *wsr_json(const struct wsq_run *run, size_t *length);
char *wsr_junit(const struct wsq_run *run, size_t *length);
char *wsr_html(const struct wsq_run *run, size_t *length);

/* The cases sorted by suite, then by id, both in natural order; NULL when memory ends. */
const struct wsq_case **wsr_by_suite(const struct wsq_run *run);

/* The case's suite, never NULL. */
const char *wsr_suite(const struct wsq_case *c);

/* Is this a fault that the expectations name? */
bool wsr_is_expected(const struct wsq_case *c);

#endif
