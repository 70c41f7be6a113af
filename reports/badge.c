#include <wsq/text.h>

#include "writers.h"

/* The gate decides the colour, but only a run without a fault is bright. */
static const char *colour(const struct wsq_run *run, const struct wsq_totals *totals)
{
    if (!wsq_run_as_expected(run))
        return "red";
    return totals->expected_faults > 0 ? "yellowgreen" : "brightgreen";
}

static void message(struct wsq_text *text, const struct wsq_run *run,
                    const struct wsq_totals *totals)
{
    size_t unexpected = totals->unexpected + run->complaint_count;

    if (!run->complete)
        wsq_text_puts(text, "incomplete");
    else if (unexpected > 0)
        wsq_text_printf(text, "%zu unexpected", unexpected);
    else
        wsq_text_printf(text, "%zu of %zu pass", totals->of[WSQ_PASS] + totals->of[WSQ_INFO],
                        totals->judged);
}

char *wsr_badge(const struct wsq_run *run, size_t *length)
{
    struct wsq_totals totals;
    struct wsq_text text = {0};

    wsq_totals(run, &totals);
    wsq_text_puts(&text, "{\"schemaVersion\": 1, \"label\": \"wsproof\", \"message\": \"");
    message(&text, run, &totals);
    wsq_text_printf(&text, "\", \"color\": \"%s\", \"isError\": %s}\n", colour(run, &totals),
                    wsq_run_as_expected(run) ? "false" : "true");
    return wsq_text_take(&text, length);
}
