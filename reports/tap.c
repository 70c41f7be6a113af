#include <inttypes.h>
#include <stdlib.h>
#include <wsq/text.h>

#include "escape.h"
#include "writers.h"

/* ---- the YAML block under a line ---- */

static void field(struct wsq_text *text, const char *indent, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    wsq_text_printf(text, "%s%s: \"", indent, name);
    wsr_escape_quoted(text, value);
    wsq_text_puts(text, "\"\n");
}

static void fault(struct wsq_text *text, const struct wsq_fault *f)
{
    const struct wsq_requirement *row = f->requirement ? wsq_requirement(f->requirement) : NULL;

    wsq_text_printf(text, "    - verdict: %s\n", wsq_verdict_name(f->verdict));
    field(text, "      ", "requirement", f->requirement);
    if (row)
        field(text, "      ", "statement", row->statement);
    if (f->line)
        wsq_text_printf(text, "      line: %u\n", f->line);
    field(text, "      ", "step", f->step);
    field(text, "      ", "expected", f->expected);
    field(text, "      ", "saw", f->saw);
    field(text, "      ", "why", f->why);
}

static void diagnostics(struct wsq_text *text, const struct wsq_case *c)
{
    char *message = wsr_message(c);

    if (!message)
        text->failed = true;
    wsq_text_puts(text, "  ---\n");
    wsq_text_printf(text, "  verdict: %s\n", wsq_verdict_name(c->verdict));
    field(text, "  ", "message", message);
    free(message);
    field(text, "  ", "replay", c->replay);
    wsq_text_printf(text, "  duration_ms: %" PRIu64 "\n", c->ms);
    if (c->fault_count > 0)
        wsq_text_puts(text, "  faults:\n");
    for (size_t i = 0; i < c->fault_count; i++)
        fault(text, &c->faults[i]);
    wsq_text_puts(text, "  ...\n");
}

/* ---- the lines ---- */

static void line(struct wsq_text *text, bool ok, size_t number, const char *name, const char *title)
{
    wsq_text_printf(text, "%s %zu - ", ok ? "ok" : "not ok", number);
    wsr_escape_description(text, name);
    if (title) {
        wsq_text_puts(text, ": ");
        wsr_escape_description(text, title);
    }
}

static void directive(struct wsq_text *text, const char *word, const struct wsq_case *c)
{
    char *message =
        wsr_is_expected(c) ? wsq_format("expected: %s", c->expectation) : wsr_message(c);

    if (!message)
        text->failed = true;
    wsq_text_printf(text, " # %s ", word);
    wsr_escape_description(text, message);
    free(message);
}

static void test_case(struct wsq_text *text, const struct wsq_case *c, size_t number)
{
    enum wsr_outcome outcome = wsr_outcome(c);

    line(text, outcome == WSR_PASSED || outcome == WSR_SKIPPED, number, c->id, c->title);
    if (outcome == WSR_SKIPPED)
        directive(text, "SKIP", c);
    if (outcome == WSR_KNOWN)
        directive(text, "TODO", c);
    wsq_text_puts(text, "\n");
    if (outcome != WSR_SKIPPED && (outcome != WSR_PASSED || c->verdict != WSQ_PASS))
        diagnostics(text, c);
}

static void own_line(struct wsq_text *text, size_t number, const char *name)
{
    line(text, false, number, name, NULL);
    wsq_text_puts(text, "\n  ---\n");
}

/* What keeps the gate shut and is no case. */
static void run_itself(struct wsq_text *text, const struct wsq_run *run, size_t number)
{
    if (!run->complete) {
        own_line(text, ++number, "the run reached its end");
        field(text, "  ", "message", wsr_incomplete(run));
        wsq_text_puts(text, "  ...\n");
    }
    if (run->complaint_count > 0) {
        own_line(text, ++number, "the expectations fit");
        wsq_text_puts(text, "  complaints:\n");
        for (size_t i = 0; i < run->complaint_count; i++)
            field(text, "    ", "- complaint", run->complaints[i]);
        wsq_text_puts(text, "  ...\n");
    }
}

char *wsr_tap(const struct wsq_run *run, size_t *length)
{
    const struct wsq_case **sorted = wsr_by_suite(run);
    size_t own = (size_t)!run->complete + (run->complaint_count > 0);
    struct wsq_text text = {0};

    if (!sorted)
        return NULL;
    wsq_text_printf(&text, "TAP version 14\n1..%zu\n# target: ", run->case_count + own);
    wsr_escape_description(&text, run->target);
    wsq_text_printf(&text, "\n# seed: %" PRIu64 "\n", run->seed);
    for (size_t i = 0; i < run->case_count; i++)
        test_case(&text, sorted[i], i + 1);
    run_itself(&text, run, run->case_count);
    free(sorted);
    return wsq_text_take(&text, length);
}
