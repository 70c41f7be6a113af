#include <string.h>

#include "html/page.h"

const enum wsq_verdict wsr_verdict_order[WSQ_ERROR + 1] = {WSQ_FAIL, WSQ_FLAKY, WSQ_ERROR, WSQ_WARN,
                                                           WSQ_INFO, WSQ_PASS,  WSQ_SKIP};

enum { VERDICTS = WSQ_ERROR + 1 };

/* ---- may it ship, and how bad is it ---- */

/* Unexpected cases, apart from those that are better than agreed. */
static size_t troubled(const struct wsq_run *run, bool errors)
{
    size_t n = 0;

    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];

        n += c->unexpected && (c->verdict == WSQ_ERROR) == errors && c->verdict != WSQ_PASS &&
             c->verdict != WSQ_INFO;
    }
    return n;
}

/* Requirements that were broken; when the gate is shut, those that shut it. */
static size_t broken(const struct wsr_page *page, const char *level)
{
    bool shut = page->totals.unexpected > 0;
    size_t n = 0;

    for (size_t i = 0; i < page->breach_count; i++) {
        const struct wsr_breach *breach = &page->breaches[i];

        n += breach->row && strcmp(breach->row->level, level) == 0 &&
             (!shut || breach->unexpected > 0);
    }
    return n;
}

static void put_weight(struct wsr_page *page)
{
    size_t must = broken(page, "MUST"), should = broken(page, "SHOULD");

    if (must + should == 0)
        return;
    wsr_put(page, "Broken: ");
    if (must > 0)
        wsr_put(page, "%zu <b>MUST</b>", must);
    if (should > 0)
        wsr_put(page, "%s%zu <b>SHOULD</b>", must > 0 ? " and " : "", should);
    wsr_put(page, " of the RFCs.");
}

static void put_why_shut(struct wsr_page *page)
{
    const struct wsq_run *run = page->run;
    size_t faults = troubled(run, false), errors = troubled(run, true);
    size_t better = page->totals.unexpected - faults - errors;

    if (!run->complete) {
        wsr_put(page, "The run did not reach its end");
        if (run->incomplete) {
            wsr_put(page, ": ");
            wsr_put_limited(page, run->incomplete, 1000);
        }
        wsr_put(page, ". ");
    }
    if (page->totals.judged == 0)
        wsr_put(page, "No case was judged. ");
    if (faults > 0) {
        wsr_put_count(page, faults, "case");
        wsr_put(page, " went wrong that nobody agreed to. ");
    }
    if (errors > 0) {
        wsr_put_count(page, errors, "case");
        wsr_put(page, " could not be judged. ");
    }
    if (better > 0) {
        wsr_put_count(page, better, "case");
        wsr_put(page, better == 1 ? " is better than agreed. " : " are better than agreed. ");
    }
    if (run->complaint_count > 0) {
        wsr_put_count(page, run->complaint_count, "complaint");
        wsr_put(page, " about the expectations. ");
    }
    put_weight(page);
}

static void put_why_open(struct wsr_page *page)
{
    size_t agreed = page->totals.expected_faults, warnings = 0;

    for (size_t i = 0; i < page->run->case_count; i++)
        warnings += page->run->cases[i].verdict == WSQ_WARN && !page->run->cases[i].expectation;
    wsr_put(page, "Nothing is unexpected in ");
    wsr_put_count(page, page->totals.judged, "judged case");
    wsr_put(page, ". ");
    if (agreed > 0) {
        wsr_put_count(page, agreed, "fault");
        wsr_put(page, agreed == 1 ? " is agreed to. " : " are agreed to. ");
    }
    if (warnings > 0) {
        wsr_put_count(page, warnings, "warning");
        wsr_put(page, warnings == 1 ? " does not keep it back. " : " do not keep it back. ");
    }
    put_weight(page);
}

bool wsr_may_ship(const struct wsr_page *page)
{
    return wsq_run_as_expected(page->run) && page->totals.judged > 0;
}

void wsr_put_gate(struct wsr_page *page)
{
    bool open = wsr_may_ship(page);

    wsr_put(page, "<div class=\"gate %s\">\n<h2>May it ship? <strong>%s</strong></h2>\n<p>",
            open ? "good" : "bad", open ? "Yes" : "No");
    if (open)
        put_why_open(page);
    else
        put_why_shut(page);
    wsr_put(page, "</p>\n</div>\n");
}

/* ---- the bar ---- */

enum { BAR = 10000, GAP = 25, LEAST = 60 };

/* A verdict that occurs is always to be seen, so a sliver takes its room from the others. */
static unsigned bar_width(const struct wsr_page *page, enum wsq_verdict verdict, unsigned room)
{
    size_t all = page->run->case_count, n = page->totals.of[verdict];

    return n == 0 ? 0 : LEAST + (unsigned)((double)(room) * (double)n / (double)all);
}

static void put_legend(struct wsr_page *page)
{
    wsr_put(page, "<ul class=\"legend\" aria-label=\"Cases by verdict\">");
    for (int i = 0; i < VERDICTS; i++) {
        const char *name = wsq_verdict_name(wsr_verdict_order[i]);
        size_t n = page->totals.of[wsr_verdict_order[i]];

        if (n > 0)
            wsr_put(page, "<li class=\"dot %s\"><b>%zu</b> %s</li>", name, n, name);
    }
    wsr_put(page, "</ul>\n");
}

void wsr_put_bar(struct wsr_page *page)
{
    unsigned x = 0, kinds = 0, room;

    if (page->run->case_count == 0)
        return;
    for (int i = 0; i < VERDICTS; i++)
        kinds += page->totals.of[wsr_verdict_order[i]] > 0;
    room = BAR - kinds * (LEAST + GAP) + GAP;
    wsr_put(page,
            "<svg class=\"bar\" viewBox=\"0 0 %u 10\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\">",
            (unsigned)BAR);
    for (int i = 0; i < VERDICTS; i++) {
        unsigned width = bar_width(page, wsr_verdict_order[i], room);

        if (width == 0)
            continue;
        wsr_put(page, "<rect class=\"%s\" x=\"%u\" y=\"0\" width=\"%u\" height=\"10\"/>",
                wsq_verdict_name(wsr_verdict_order[i]), x, width);
        x += width + GAP;
    }
    wsr_put(page, "</svg>\n");
    put_legend(page);
}
