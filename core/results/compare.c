#include <wsq/compare.h>

#include <stdlib.h>
#include <string.h>

const char *wsq_change_name(enum wsq_change change)
{
    static const char *const names[] = {"same", "worse", "better", "other", "new", "gone"};

    return names[change];
}

/* How much worse than a pass.  What is not judged may hide anything but a fault that was there. */
static int badness(const struct wsq_case *c)
{
    switch (c->verdict) {
    case WSQ_PASS:
    case WSQ_INFO:
        return 0;
    case WSQ_WARN:
        return 1;
    case WSQ_SKIP:
        return 2;
    case WSQ_FLAKY:
    case WSQ_ERROR:
        return 3;
    case WSQ_FAIL:
        break;
    }
    return 4;
}

/* The same fault is charged to the same requirement; what was seen of it may read otherwise. */
static bool alike(const struct wsq_case *a, const struct wsq_case *b)
{
    const char *one = a->fault_count ? a->faults[0].requirement : NULL;
    const char *other = b->fault_count ? b->faults[0].requirement : NULL;

    return a->verdict == b->verdict && (!one || !other ? one == other : strcmp(one, other) == 0);
}

static enum wsq_change change_of(const struct wsq_case *first, const struct wsq_case *last)
{
    if (!first)
        return last ? WSQ_NEW : WSQ_SAME;
    if (!last)
        return WSQ_GONE;
    if (badness(last) != badness(first))
        return badness(last) > badness(first) ? WSQ_WORSE : WSQ_BETTER;
    return alike(first, last) ? WSQ_SAME : WSQ_OTHER;
}

static bool differs(const struct wsq_row *row, size_t runs)
{
    for (size_t i = 1; i < runs; i++)
        if (!row->cases[0] != !row->cases[i] ||
            (row->cases[0] && row->cases[0]->verdict != row->cases[i]->verdict))
            return true;
    return false;
}

/* ---- the rows ---- */

struct entry {
    const struct wsq_case *c;
    size_t run;
};

static int compare(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    int order = wsq_natural(one->c->id, other->c->id);

    return order ? order : (one->run > other->run) - (one->run < other->run);
}

static struct entry *entries_of(const struct wsq_run *runs, size_t count, size_t *all)
{
    struct entry *entries;
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        n += runs[i].case_count;
    entries = malloc((n + 1) * sizeof *entries);
    *all = n;
    if (!entries)
        return NULL;
    n = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < runs[i].case_count; k++)
            entries[n++] = (struct entry){&runs[i].cases[k], i};
    qsort(entries, n, sizeof *entries, compare);
    return entries;
}

static void fill(struct wsq_comparison *out, const struct entry *entries, size_t all)
{
    struct wsq_row *row = NULL;

    for (size_t i = 0; i < all; i++) {
        if (!row || strcmp(row->id, entries[i].c->id) != 0) {
            row = &out->rows[out->count];
            row->id = entries[i].c->id;
            row->cases = out->cells + out->count++ * out->runs;
        }
        row->cases[entries[i].run] = entries[i].c;
    }
    for (size_t i = 0; i < out->count; i++) {
        row = &out->rows[i];
        row->change = change_of(row->cases[0], row->cases[out->runs - 1]);
        row->differs = differs(row, out->runs);
    }
}

bool wsq_compare(const struct wsq_run *runs, size_t count, struct wsq_comparison *out)
{
    size_t all;
    struct entry *entries = entries_of(runs, count, &all);

    *out = (struct wsq_comparison){.runs = count};
    out->rows = calloc(all + 1, sizeof *out->rows);
    out->cells = calloc((all + 1) * count, sizeof *out->cells);
    if (entries && out->rows && out->cells) {
        fill(out, entries, all);
        free(entries);
        return true;
    }
    free(entries);
    wsq_comparison_drop(out);
    return false;
}

void wsq_comparison_drop(struct wsq_comparison *comparison)
{
    free(comparison->rows);
    free(comparison->cells);
    *comparison = (struct wsq_comparison){0};
}
