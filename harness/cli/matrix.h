/* matrix.h - which case tests which requirement, and which mutant breaks it.
 *
 * A case tests what it can find broken: what its steps are charged to, or what it watches.  What it
 * only cites besides is not tested by it.  A row that is judged by another one (same_as) shares
 * that row's cases and mutants.
 */
#ifndef WSPROOF_MATRIX_H
#define WSPROOF_MATRIX_H

#include <wsp/peer.h>
#include <wss/plan.h>

struct matrix_row {
    const struct wsq_requirement *requirement;
    const struct wss_case **cases; /* watches too */
    size_t case_count;
    size_t cited; /* cases that cite it and charge no step to it */
    const struct wsp_filter_info **mutants;
    size_t mutant_count;
};

struct matrix {
    struct matrix_row *rows; /* in the order of the catalogue */
    size_t count;
};

/* Memory is the plan's arena.  False when it ends. */
bool matrix_make(struct matrix *matrix, const struct wss_plan *plan);

/* Of a row that judges: the RFCs that the cases for servers are about, a grade, a server probe. */
bool asks_for_case(const struct wsq_requirement *row);
/* Likewise: it can fail or warn, binds servers, and has the description of a mutant. */
bool asks_for_mutant(const struct wsq_requirement *row);

/* What is wrong with a row, or NULL: it asks for a case and has neither case nor reason, or both.
 */
const char *case_complaint(const struct matrix_row *row);
const char *mutant_complaint(const struct matrix_row *row);

#endif
