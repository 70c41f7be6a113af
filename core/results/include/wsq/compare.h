/* wsq/compare.h - runs beside each other, case by case.
 *
 * What changed is said from the first run to the last.  Pure; the runs must outlive the comparison.
 */
#ifndef WSQ_COMPARE_H
#define WSQ_COMPARE_H

#include <wsq/result.h>

enum wsq_change {
    WSQ_SAME,
    WSQ_WORSE,  /* judged worse, or not judged any more */
    WSQ_BETTER, /* judged better, or judged at last */
    WSQ_OTHER,  /* neither: pass and info, or one fault and another */
    WSQ_NEW,    /* the first run does not have the case */
    WSQ_GONE    /* the last one does not */
};
const char *wsq_change_name(enum wsq_change change); /* "same", "worse" … */

struct wsq_row {
    const char *id;
    const struct wsq_case **cases; /* one a run; NULL where the run does not have it */
    enum wsq_change change;
    bool differs; /* any two runs differ in verdict, or one does not have the case */
};

struct wsq_comparison {
    struct wsq_row *rows; /* in the natural order of their ids */
    size_t count, runs;
    const struct wsq_case **cells; /* behind the rows */
};

/* At least one run.  False when memory ends. */
bool wsq_compare(const struct wsq_run *runs, size_t count, struct wsq_comparison *out);
void wsq_comparison_drop(struct wsq_comparison *comparison);

#endif
