#include <stdlib.h>

#include "writers.h"

const char *wsr_suite(const struct wsq_case *c)
{
    return c->suite && c->suite[0] ? c->suite : "cases";
}

bool wsr_is_expected(const struct wsq_case *c)
{
    return c->expectation && !c->unexpected;
}

static int compare(const void *a, const void *b)
{
    const struct wsq_case *one = *(const struct wsq_case *const *)a;
    const struct wsq_case *other = *(const struct wsq_case *const *)b;
    int order = wsq_natural(wsr_suite(one), wsr_suite(other));

    return order ? order : wsq_natural(one->id, other->id);
}

const struct wsq_case **wsr_by_suite(const struct wsq_run *run)
{
    const struct wsq_case **sorted = malloc((run->case_count + 1) * sizeof *sorted);

    if (!sorted)
        return NULL;
    for (size_t i = 0; i < run->case_count; i++)
        sorted[i] = &run->cases[i];
    qsort(sorted, run->case_count, sizeof *sorted, compare);
    return sorted;
}
