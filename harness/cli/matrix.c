#include "matrix.h"

#include <string.h>

/* The row that judges for this id; NULL for an unknown one. */
static struct matrix_row *judging(const struct matrix *matrix, const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);
    if (!row)
        return NULL;
    return &matrix->rows[wsq_requirement_judged(row) - wsq_requirement_at(0)];
}

static void add_case(struct matrix_row *row, const struct wss_case *c)
{
    if (row->case_count > 0 && row->cases && row->cases[row->case_count - 1] == c)
        return; /* charged to it, and to one that it judges for */
    if (row->cases)
        row->cases[row->case_count] = c;
    row->case_count++;
}

static bool is_tested(const struct matrix_row *row, const struct wss_case *c)
{
    for (size_t i = 0; i < row->case_count; i++)
        if (row->cases[i] == c)
            return true;
    return false;
}

static void add_mutant(struct matrix_row *row, const struct wsp_filter_info *mutant)
{
    if (row->mutants)
        row->mutants[row->mutant_count] = mutant;
    row->mutant_count++;
}

/* Counts while the rows have no lists yet, then fills them. */
static void collect(struct matrix *matrix, const struct wss_plan *plan)
{
    struct matrix_row *row;
    const struct wsp_filter_info *mutant;
    for (size_t i = 0; i < plan->count; i++)
        for (size_t k = 0; k < plan->cases[i].charge_count; k++)
            if ((row = judging(matrix, plan->cases[i].charges[k])))
                add_case(row, &plan->cases[i]);
    for (size_t i = 0; (mutant = wsp_mutant_at(i)); i++)
        if ((row = judging(matrix, mutant->requirement)))
            add_mutant(row, mutant);
}

static bool make_room(struct matrix *matrix, struct wsn_arena *arena)
{
    for (size_t i = 0; i < matrix->count; i++) {
        struct matrix_row *row = &matrix->rows[i];
        row->cases = wsn_alloc(arena, (row->case_count + 1) * sizeof *row->cases);
        row->mutants = wsn_alloc(arena, (row->mutant_count + 1) * sizeof *row->mutants);
        if (!row->cases || !row->mutants)
            return false;
        row->case_count = row->mutant_count = 0;
    }
    return true;
}

static void count_cited(struct matrix *matrix, const struct wss_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        for (size_t k = 0; k < plan->cases[i].cite_count; k++) {
            struct matrix_row *row = judging(matrix, plan->cases[i].cites[k]);
            if (row && !is_tested(row, &plan->cases[i]))
                row->cited++;
        }
}

static void share(struct matrix *matrix)
{
    for (size_t i = 0; i < matrix->count; i++) {
        struct matrix_row *row = &matrix->rows[i];
        const struct matrix_row *judge = judging(matrix, row->requirement->id);
        if (judge == row)
            continue;
        const struct wsq_requirement *own = row->requirement;
        *row = *judge;
        row->requirement = own;
    }
}

bool matrix_make(struct matrix *matrix, const struct wss_plan *plan)
{
    matrix->count = wsq_requirement_count();
    matrix->rows = wsn_alloc(plan->arena, matrix->count * sizeof *matrix->rows);
    if (!matrix->rows)
        return false;
    for (size_t i = 0; i < matrix->count; i++)
        matrix->rows[i].requirement = wsq_requirement_at(i);
    collect(matrix, plan);
    if (!make_room(matrix, plan->arena))
        return false;
    collect(matrix, plan);
    count_cited(matrix, plan);
    share(matrix);
    return true;
}

/* ---- what is asked for ---- */

static bool is_of_suite(const struct wsq_requirement *row)
{
    static const char *const rfcs[] = {"6455", "7692", "9110", "9112"};
    for (size_t i = 0; i < sizeof rfcs / sizeof rfcs[0]; i++)
        if (strcmp(row->rfc, rfcs[i]) == 0)
            return true;
    return false;
}

bool asks_for_case(const struct wsq_requirement *row)
{
    bool graded = row->grade == WSQ_GRADE_FAIL || row->grade == WSQ_GRADE_WARN ||
                  row->grade == WSQ_GRADE_INFO;
    return graded && *row->probe_server && is_of_suite(row);
}

bool asks_for_mutant(const struct wsq_requirement *row)
{
    bool grave = row->grade == WSQ_GRADE_FAIL || row->grade == WSQ_GRADE_WARN;
    bool server = strcmp(row->binds, "server") == 0 || strcmp(row->binds, "both") == 0;
    return grave && server && *row->mutant && is_of_suite(row);
}

static const char *complaint(bool asked, bool has, const char *reason, const char *bare,
                             const char *idle)
{
    if (has && *reason)
        return idle;
    return asked && !has && !*reason ? bare : NULL;
}

const char *case_complaint(const struct matrix_row *row)
{
    return complaint(asks_for_case(row->requirement), row->case_count > 0,
                     row->requirement->no_case,
                     row->cited ? "cases cite it, but charge no step to it"
                                : "no case tests it, and no_case gives no reason",
                     "it is tested, and no_case says why it is not");
}

const char *mutant_complaint(const struct matrix_row *row)
{
    return complaint(asks_for_mutant(row->requirement), row->mutant_count > 0,
                     row->requirement->no_mutant,
                     "no mutant breaks it, and no_mutant gives no reason",
                     "a mutant breaks it, and no_mutant says why none does");
}
