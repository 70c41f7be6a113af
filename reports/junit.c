#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

#include "escape.h"
#include "writers.h"

/* ---- small parts ---- */

static void attribute(struct wsq_text *text, const char *name, const char *value)
{
    wsq_text_printf(text, " %s=\"", name);
    wsr_escape_attribute(text, value);
    wsq_text_puts(text, "\"");
}

static void number(struct wsq_text *text, const char *name, size_t value)
{
    wsq_text_printf(text, " %s=\"%zu\"", name, value);
}

static void seconds(struct wsq_text *text, uint64_t ms)
{
    wsq_text_printf(text, " time=\"%" PRIu64 ".%03u\"", ms / 1000, (unsigned)(ms % 1000));
}

static void line(struct wsq_text *text, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    wsq_text_printf(text, "%s: ", name);
    wsr_escape(text, value, strlen(value));
    wsq_text_puts(text, "\n");
}

static void property(struct wsq_text *text, const char *name, const char *value)
{
    if (!value)
        return;
    wsq_text_puts(text, "<property");
    attribute(text, "name", name);
    attribute(text, "value", value);
    wsq_text_puts(text, "/>\n");
}

/* "6455-5.1-3 (RFC 6455, section 5.1, MUST): sentence" */
static void requirement(struct wsq_text *text, const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);
    char place[64];

    if (!row) {
        line(text, "requirement", id);
        return;
    }
    wsq_requirement_place(row, place, sizeof place);
    wsq_text_printf(text, "requirement: %s (%s, %s): ", row->id, place, row->level);
    wsr_escape(text, row->statement, strlen(row->statement));
    wsq_text_puts(text, "\n");
}

/* ---- a case ---- */

static void properties(struct wsq_text *text, const struct wsq_case *c)
{
    wsq_text_puts(text, "<properties>\n");
    property(text, "verdict", wsq_verdict_name(c->verdict));
    for (size_t i = 0; i < c->cite_count; i++) {
        const struct wsq_requirement *row = wsq_requirement(c->cites[i]);
        char place[64];

        property(text, "requirement", c->cites[i]);
        if (!row)
            continue;
        wsq_requirement_place(row, place, sizeof place);
        property(text, "section", place);
    }
    for (size_t i = 0; i < c->autobahn_count; i++)
        property(text, "autobahn", c->autobahn[i]);
    property(text, "expectation", c->expectation);
    wsq_text_puts(text, "</properties>\n");
}

static void fault(struct wsq_text *text, const struct wsq_fault *f)
{
    wsq_text_puts(text, "\n");
    if (f->requirement)
        requirement(text, f->requirement);
    if (f->line)
        wsq_text_printf(text, "line: %u\n", f->line);
    line(text, "step", f->step);
    line(text, "expected", f->expected);
    line(text, "saw", f->saw);
    line(text, "why", f->why);
}

/* <failure message=… type=…>…</failure> */
static void problem(struct wsq_text *text, const struct wsq_case *c, const char *element)
{
    char *message = wsr_message(c);

    if (!message)
        text->failed = true;
    wsq_text_printf(text, "<%s", element);
    attribute(text, "message", message);
    attribute(text, "type", wsq_verdict_name(c->verdict));
    wsq_text_puts(text, ">");
    line(text, "verdict", message);
    for (size_t i = 0; i < c->fault_count; i++)
        fault(text, &c->faults[i]);
    wsq_text_printf(text, "</%s>\n", element);
    free(message);
}

static void skipped(struct wsq_text *text, const struct wsq_case *c)
{
    char *message = wsr_is_expected(c) ? wsq_format("expected: %s", c->expectation)
                                       : wsq_dup(c->reason ? c->reason : "skipped");

    if (!message)
        text->failed = true;
    wsq_text_puts(text, "<skipped");
    attribute(text, "message", message);
    wsq_text_puts(text, "/>\n");
    free(message);
}

static void system_out(struct wsq_text *text, const struct wsq_case *c)
{
    wsq_text_puts(text, "<system-out>");
    line(text, "title", c->title);
    for (size_t i = 0; i < c->cite_count; i++)
        requirement(text, c->cites[i]);
    if (c->verdict != WSQ_PASS)
        line(text, wsq_verdict_name(c->verdict), c->reason);
    line(text, "expectation", c->expectation);
    line(text, "replay", c->replay);
    if (c->transcript) {
        wsq_text_puts(text, "\n");
        wsr_escape(text, c->transcript, strlen(c->transcript));
    }
    wsq_text_puts(text, "</system-out>\n");
}

/* Dots in a class name are packages to a CI server, and a suite is often a section's number. */
static void class_name(struct wsq_text *text, const char *suite)
{
    char *name = wsq_format("wsproof.%s", suite);

    if (!name) {
        text->failed = true;
        return;
    }
    for (char *dot = strchr(name, '.') + 1; (dot = strchr(dot, '.')) != NULL;)
        *dot = '_';
    attribute(text, "classname", name);
    free(name);
}

static void test_case(struct wsq_text *text, const struct wsq_case *c)
{
    wsq_text_puts(text, "<testcase");
    attribute(text, "name", c->id);
    class_name(text, wsr_suite(c));
    seconds(text, c->ms);
    wsq_text_puts(text, ">\n");
    properties(text, c);
    switch (wsr_outcome(c)) {
    case WSR_PASSED:
        break;
    case WSR_FAILED:
        problem(text, c, "failure");
        break;
    case WSR_ERRORED:
        problem(text, c, "error");
        break;
    case WSR_KNOWN:
    case WSR_SKIPPED:
        skipped(text, c);
        break;
    }
    system_out(text, c);
    wsq_text_puts(text, "</testcase>\n");
}

/* ---- a suite ---- */

struct counts {
    size_t of[WSR_SKIPPED + 1], all;
    uint64_t ms;
};

static void count(struct counts *counts, const struct wsq_case *c)
{
    counts->of[wsr_outcome(c)]++;
    counts->all++;
    counts->ms += c->ms;
}

static void put_counts(struct wsq_text *text, const struct counts *counts, bool with_skipped)
{
    number(text, "tests", counts->all);
    number(text, "failures", counts->of[WSR_FAILED]);
    number(text, "errors", counts->of[WSR_ERRORED]);
    if (with_skipped)
        number(text, "skipped", counts->of[WSR_SKIPPED] + counts->of[WSR_KNOWN]);
    seconds(text, counts->ms);
}

static void suite(struct wsq_text *text, const struct wsq_run *run,
                  const struct wsq_case *const *cases, size_t n)
{
    struct counts counts = {0};

    for (size_t i = 0; i < n; i++)
        count(&counts, cases[i]);
    wsq_text_puts(text, "<testsuite");
    attribute(text, "name", wsr_suite(cases[0]));
    put_counts(text, &counts, true);
    attribute(text, "timestamp", run->started);
    wsq_text_puts(text, ">\n");
    for (size_t i = 0; i < n; i++)
        test_case(text, cases[i]);
    wsq_text_puts(text, "</testsuite>\n");
}

static void suites(struct wsq_text *text, const struct wsq_run *run,
                   const struct wsq_case *const *sorted)
{
    for (size_t begin = 0, end; begin < run->case_count; begin = end) {
        for (end = begin + 1; end < run->case_count; end++)
            if (strcmp(wsr_suite(sorted[begin]), wsr_suite(sorted[end])) != 0)
                break;
        suite(text, run, sorted + begin, end - begin);
    }
}

/* ---- the run itself: what keeps the gate shut and is no case ---- */

static void incomplete(struct wsq_text *text, const struct wsq_run *run)
{
    wsq_text_puts(text, "<testcase name=\"the run reached its end\" classname=\"wsproof.run\" "
                        "time=\"0.000\">\n<error");
    attribute(text, "message", wsr_incomplete(run));
    attribute(text, "type", "incomplete");
    wsq_text_puts(text, "/>\n</testcase>\n");
}

static void complaints(struct wsq_text *text, const struct wsq_run *run)
{
    wsq_text_puts(text, "<testcase name=\"the expectations fit\" classname=\"wsproof.run\" "
                        "time=\"0.000\">\n<failure");
    attribute(text, "message", run->complaints[0]);
    attribute(text, "type", "complaint");
    wsq_text_puts(text, ">");
    for (size_t i = 0; i < run->complaint_count; i++)
        line(text, "complaint", run->complaints[i]);
    wsq_text_puts(text, "</failure>\n</testcase>\n");
}

static void run_suite(struct wsq_text *text, const struct wsq_run *run, const struct counts *counts)
{
    wsq_text_puts(text, "<testsuite name=\"run\"");
    put_counts(text, counts, true);
    attribute(text, "timestamp", run->started);
    wsq_text_puts(text, ">\n<properties>\n");
    property(text, "target", run->target);
    property(text, "server", run->server);
    property(text, "version", run->version);
    property(text, "profile", run->profile);
    wsq_text_printf(text, "<property name=\"seed\" value=\"%" PRIu64 "\"/>\n", run->seed);
    wsq_text_puts(text, "</properties>\n");
    if (!run->complete)
        incomplete(text, run);
    if (run->complaint_count > 0)
        complaints(text, run);
    wsq_text_puts(text, "</testsuite>\n");
}

char *wsr_junit(const struct wsq_run *run, size_t *length)
{
    const struct wsq_case **sorted = wsr_by_suite(run);
    struct wsq_text text = {0};
    struct counts own = {0}, all;

    if (!sorted)
        return NULL;
    own.of[WSR_ERRORED] = !run->complete;
    own.of[WSR_FAILED] = run->complaint_count > 0;
    own.all = own.of[WSR_ERRORED] + own.of[WSR_FAILED];
    all = own;
    for (size_t i = 0; i < run->case_count; i++)
        count(&all, &run->cases[i]);
    all.ms = run->ms;
    wsq_text_puts(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    attribute(&text, "name", run->target);
    put_counts(&text, &all, false);
    wsq_text_puts(&text, ">\n");
    run_suite(&text, run, &own);
    suites(&text, run, sorted);
    wsq_text_puts(&text, "</testsuites>\n");
    free(sorted);
    return wsq_text_take(&text, length);
}
