#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

#include "escape.h"
#include "writers.h"

/* A step's summary may have 1 MiB, and what is over is lost whole. */
enum { ENOUGH = 900 << 10, WORDS = 400 };

/* At most WORDS bytes, cut between characters. */
static void words(struct wsq_text *text, const char *s)
{
    size_t n = s ? strlen(s) : 0, cut = n;

    if (n > WORDS)
        for (cut = WORDS; ((unsigned char)s[cut] & 0xC0) == 0x80 && cut > WORDS - 4;)
            cut--;
    wsr_escape_markdown(text, s, cut);
    if (cut < n)
        wsq_text_puts(text, " …");
}

/* ---- what the gate says ---- */

static void headline(struct wsq_text *text, const struct wsq_run *run,
                     const struct wsq_totals *totals)
{
    wsq_text_printf(text, "## %s wsproof: ", wsq_run_as_expected(run) ? "✅" : "❌");
    if (wsq_run_as_expected(run))
        wsq_text_puts(text, "as expected");
    else if (!run->complete)
        wsq_text_puts(text, "the run is incomplete");
    else
        wsq_text_printf(text, "%zu unexpected", totals->unexpected + run->complaint_count);
    wsq_text_puts(text, "\n\n");
    words(text, run->target);
    wsq_text_printf(text, ": %zu cases", run->case_count);
    for (enum wsq_verdict v = WSQ_PASS; v <= WSQ_ERROR; v++)
        if (totals->of[v] > 0)
            wsq_text_printf(text, ", %zu %s", totals->of[v], wsq_verdict_name(v));
    wsq_text_puts(text, ".\n");
}

static void warning(struct wsq_text *text, const char *what)
{
    wsq_text_puts(text, "\n> ");
    words(text, what);
    wsq_text_puts(text, "\n");
}

static void limits(struct wsq_text *text, const struct wsq_run *run)
{
    if (run->limit_count == 0)
        return;
    wsq_text_puts(text,
                  "\n<details><summary>What the target accepts</summary>\n");
    for (size_t i = 0; i < run->limit_count; i++) {
        char *line = wsq_limit_text(&run->limits[i]);

        wsq_text_puts(text, "\n");
        words(text, line);
        wsq_text_puts(text, "\n");
        text->failed = text->failed || !line;
        free(line);
    }
    wsq_text_puts(text, "\n</details>\n");
}

/* ---- the cases, in tables ---- */

static void requirement(struct wsq_text *text, const struct wsq_case *c)
{
    const char *id = c->fault_count > 0 && c->faults[0].requirement ? c->faults[0].requirement
                     : c->cite_count > 0                            ? c->cites[0]
                                                                    : NULL;
    const struct wsq_requirement *row = id ? wsq_requirement(id) : NULL;
    char place[64];

    if (!row) {
        words(text, id);
        return;
    }
    wsq_requirement_place(row, place, sizeof place);
    words(text, place);
    wsq_text_puts(text, "&#58; ");
    words(text, row->statement);
}

static void row(struct wsq_text *text, const struct wsq_case *c)
{
    char *message = wsr_is_expected(c) ? wsq_dup(c->expectation) : wsr_message(c);

    if (!message)
        text->failed = true;
    wsq_text_puts(text, "| ");
    words(text, c->id);
    wsq_text_puts(text, " | ");
    words(text, message);
    wsq_text_puts(text, " | ");
    requirement(text, c);
    wsq_text_puts(text, " |\n");
    free(message);
}

static bool is_unexpected(const struct wsq_case *c)
{
    enum wsr_outcome outcome = wsr_outcome(c);

    return outcome == WSR_FAILED || outcome == WSR_ERRORED;
}

static bool is_known(const struct wsq_case *c)
{
    return wsr_outcome(c) == WSR_KNOWN;
}

static bool is_warning(const struct wsq_case *c)
{
    return wsr_outcome(c) == WSR_PASSED && c->verdict == WSQ_WARN;
}

struct table {
    const char *title, *what;
    bool (*has)(const struct wsq_case *c);
    bool folded;
};

static void table(struct wsq_text *text, const struct table *table,
                  const struct wsq_case *const *sorted, size_t n)
{
    size_t all = 0, shown = 0;

    for (size_t i = 0; i < n; i++)
        all += table->has(sorted[i]);
    if (all == 0)
        return;
    wsq_text_printf(text,
                    table->folded ? "\n<details><summary>%s: %zu</summary>\n" : "\n### %s: %zu\n",
                    table->title, all);
    wsq_text_printf(text, "\n| case | %s | requirement |\n| --- | --- | --- |\n", table->what);
    for (size_t i = 0; i < n && text->n < ENOUGH; i++)
        if (table->has(sorted[i])) {
            row(text, sorted[i]);
            shown++;
        }
    if (shown < all)
        wsq_text_printf(text, "\n%zu more are in the other reports.\n", all - shown);
    if (table->folded)
        wsq_text_puts(text, "\n</details>\n");
}

char *wsr_markdown(const struct wsq_run *run, size_t *length)
{
    static const struct table tables[] = {
        {"Unexpected", "what came", is_unexpected, false},
        {"Warnings", "what came", is_warning, true},
        {"Known faults", "expected", is_known, true},
    };
    const struct wsq_case **sorted = wsr_by_suite(run);
    struct wsq_totals totals;
    struct wsq_text text = {0};

    if (!sorted)
        return NULL;
    wsq_totals(run, &totals);
    headline(&text, run, &totals);
    if (!run->complete)
        warning(&text, wsr_incomplete(run));
    for (size_t i = 0; i < run->complaint_count && text.n < ENOUGH; i++)
        warning(&text, run->complaints[i]);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        table(&text, &tables[i], sorted, run->case_count);
    limits(&text, run);
    free(sorted);
    return wsq_text_take(&text, length);
}
