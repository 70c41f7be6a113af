#include <wsq/catalogue.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <wsq/result.h>

#define ROW(...) {__VA_ARGS__},
static const struct wsq_requirement table[] = {
#include "catalogue.def"
};
#undef ROW

enum { ROWS = sizeof table / sizeof table[0] };

size_t wsq_requirement_count(void)
{
    return ROWS;
}

const struct wsq_requirement *wsq_requirement_at(size_t i)
{
    assert(i < ROWS);
    return &table[i];
}

/* The table is kept in natural order, which a test proves. */
const struct wsq_requirement *wsq_requirement(const char *id)
{
    size_t low = 0, high = ROWS;

    if (!id)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = wsq_natural(id, table[middle].id);

        if (order == 0)
            return &table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* Bounded by the number of rows, so that a circle in the table cannot hang us. */
const struct wsq_requirement *wsq_requirement_judged(const struct wsq_requirement *row)
{
    for (size_t hops = 0; hops < ROWS && row->same_as[0] != '\0'; hops++) {
        const struct wsq_requirement *next = wsq_requirement(row->same_as);

        if (!next)
            break;
        row = next;
    }
    return row;
}

void wsq_requirement_place(const struct wsq_requirement *row, char *out, size_t size)
{
    snprintf(out, size, "RFC %s, section %s", row->rfc, row->section);
}
