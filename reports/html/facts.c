#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"
#include "writers.h"

/* From what wants attention to what does not. */
static const enum wsq_verdict order[] = {WSQ_FAIL, WSQ_FLAKY, WSQ_ERROR, WSQ_WARN,
                                         WSQ_INFO, WSQ_PASS,  WSQ_SKIP};
enum { VERDICTS = sizeof order / sizeof order[0] };

/* ---- the verdict of the gate ---- */

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static void put_gate_words(struct wsr_page *page)
{
    const struct wsq_run *run = page->run;
    const char *between = "";

    if (wsq_run_as_expected(run))
        wsr_put(page, "As expected");
    if (page->totals.unexpected > 0) {
        wsr_put(page, "%zu unexpected", page->totals.unexpected);
        between = ", ";
    }
    if (run->complaint_count > 0) {
        wsr_put(page, "%s%zu complaint%s", between, run->complaint_count,
                plural(run->complaint_count));
        between = ", ";
    }
    if (!run->complete)
        wsr_put(page, *between ? ", incomplete" : "Incomplete");
}

void wsr_put_gate(struct wsr_page *page)
{
    size_t faults = page->totals.expected_faults;

    wsr_put(page, "<p class=\"gate %s\"><strong>", wsq_run_as_expected(page->run) ? "good" : "bad");
    put_gate_words(page);
    wsr_put(page, "</strong>");
    if (faults > 0)
        wsr_put(page, " <span>%zu fault%s as agreed</span>", faults, plural(faults));
    wsr_put(page, "</p>\n");
    if (!page->run->complete) {
        wsr_put(page, "<p class=\"incomplete\">The run did not reach its end");
        if (page->run->incomplete) {
            wsr_put(page, ": ");
            wsr_put_limited(page, page->run->incomplete, 1000);
        }
        wsr_put(page, "</p>\n");
    }
}

/* ---- the bar ---- */

enum { BAR = 10000, GAP = 25, LEAST = 60 };

/* A verdict that occurs is always to be seen, so a sliver takes its room from the others. */
static unsigned bar_width(const struct wsr_page *page, enum wsq_verdict verdict, unsigned room)
{
    size_t all = page->run->case_count, n = page->totals.of[verdict];

    return n == 0 ? 0 : LEAST + (unsigned)((double)(room) * (double)n / (double)all);
}

void wsr_put_bar(struct wsr_page *page)
{
    unsigned x = 0, kinds = 0, room;

    if (page->run->case_count == 0)
        return;
    for (int i = 0; i < VERDICTS; i++)
        kinds += page->totals.of[order[i]] > 0;
    room = BAR - kinds * (LEAST + GAP) + GAP;
    wsr_put(page,
            "<svg class=\"bar\" viewBox=\"0 0 %u 10\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\">",
            (unsigned)BAR);
    for (int i = 0; i < VERDICTS; i++) {
        unsigned width = bar_width(page, order[i], room);

        if (width == 0)
            continue;
        wsr_put(page, "<rect class=\"%s\" x=\"%u\" y=\"0\" width=\"%u\" height=\"10\"/>",
                wsq_verdict_name(order[i]), x, width);
        x += width + GAP;
    }
    wsr_put(page, "</svg>\n");
}

/* Buttons for the script; without it they are the legend of the bar. */
static void put_chip(struct wsr_page *page, const char *name, size_t n)
{
    if (n > 0)
        wsr_put(page,
                "<button type=\"button\" class=\"chip %s\" data-show=\"%s\" "
                "aria-pressed=\"false\" disabled=\"\"><b>%zu</b> %s</button>\n",
                name, name, n, name);
}

void wsr_put_chips(struct wsr_page *page)
{
    wsr_put(page, "<div class=\"chips\" role=\"group\" aria-label=\"Cases by verdict\">\n");
    put_chip(page, "unexpected", page->totals.unexpected);
    for (int i = 0; i < VERDICTS; i++)
        put_chip(page, wsq_verdict_name(order[i]), page->totals.of[order[i]]);
    wsr_put(page, "</div>\n");
}

/* ---- why cases were skipped ---- */

struct lack {
    const char *reason;
    size_t cases;
};

static int by_reason(const void *a, const void *b)
{
    const struct lack *one = a, *other = b;

    return strcmp(one->reason, other->reason);
}

static int by_cases(const void *a, const void *b)
{
    const struct lack *one = a, *other = b;
    int order_of = (one->cases < other->cases) - (one->cases > other->cases);

    return order_of ? order_of : strcmp(one->reason, other->reason);
}

/* Folds equal reasons into one; returns how many are left. */
static size_t fold(struct lack *list, size_t n)
{
    size_t kept = 0;

    qsort(list, n, sizeof *list, by_reason);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && strcmp(list[kept - 1].reason, list[i].reason) == 0)
            list[kept - 1].cases++;
        else
            list[kept++] = list[i];
    }
    qsort(list, kept, sizeof *list, by_cases);
    return kept;
}

enum { REASONS = 12 };

static void put_lacks(struct wsr_page *page, const struct lack *list, size_t n)
{
    wsr_put(page, "<ul>");
    for (size_t i = 0; i < n && i < REASONS; i++) {
        wsr_put(page, "<li>%zu × ", list[i].cases);
        wsr_put_limited(page, list[i].reason, 300);
        wsr_put(page, "</li>");
    }
    if (n > REASONS)
        wsr_put(page, "<li>%zu other reasons</li>", n - REASONS);
    wsr_put(page, "</ul>");
}

static void put_skipped(struct wsr_page *page)
{
    const struct wsq_run *run = page->run;
    struct lack *list = calloc(page->totals.of[WSQ_SKIP] + 1, sizeof *list);
    size_t n = 0;

    if (!list) {
        page->text.failed = true;
        return;
    }
    for (size_t i = 0; i < run->case_count; i++)
        if (run->cases[i].verdict == WSQ_SKIP)
            list[n++] =
                (struct lack){run->cases[i].reason ? run->cases[i].reason : "no reason given", 1};
    put_lacks(page, list, fold(list, n));
    free(list);
}

/* ---- facts ---- */

static void put_judged(struct wsr_page *page)
{
    const struct wsq_run *run = page->run;
    size_t planned = run->planned > run->case_count ? run->planned : run->case_count;
    size_t skipped = page->totals.of[WSQ_SKIP], errors = page->totals.of[WSQ_ERROR];

    wsr_put(page, "<div class=\"fact\"><h2>Judged %zu of %zu</h2>\n", page->totals.judged, planned);
    if (errors > 0)
        wsr_put(page, "<p>%zu could not be judged.</p>\n", errors);
    if (planned > run->case_count)
        wsr_put(page, "<p>%zu were not reached.</p>\n", planned - run->case_count);
    if (skipped > 0) {
        wsr_put(page, "<p>Skipped %zu:</p>\n", skipped);
        put_skipped(page);
    }
    wsr_put(page, "</div>\n");
}

static void put_profile(struct wsr_page *page)
{
    const char *p = page->run->profile;
    size_t n;

    if (!p && !page->run->server)
        return;
    wsr_put(page, "<div class=\"fact\"><h2>What the probe learned</h2>\n<ul>");
    if (page->run->server) {
        wsr_put(page, "<li>Server: ");
        wsr_put_limited(page, page->run->server, 300);
        wsr_put(page, "</li>");
    }
    for (; p && *p; p += n + (p[n] == '\n')) {
        n = strcspn(p, "\n");
        wsr_put(page, "<li>");
        wsr_escape(&page->text, p, n < 1000 ? n : 1000);
        wsr_put(page, "</li>");
    }
    wsr_put(page, "</ul></div>\n");
}

static void put_run(struct wsr_page *page)
{
    wsr_put(page, "<div class=\"fact\"><h2>This run</h2>\n<ul><li>took ");
    wsr_put_time(page, page->run->ms);
    wsr_put(page, "</li><li>%u at a time</li><li>seed <code class=\"all\">", page->run->jobs);
    wsq_text_printf(&page->text, "%" PRIu64, page->run->seed);
    wsr_put(page, "</code></li></ul></div>\n");
}

void wsr_put_facts(struct wsr_page *page)
{
    wsr_put(page, "<div class=\"facts\">\n");
    put_judged(page);
    put_profile(page);
    put_run(page);
    wsr_put(page, "</div>\n");
}

void wsr_put_complaints(struct wsr_page *page)
{
    if (page->run->complaint_count == 0)
        return;
    wsr_put(page, "<section class=\"complaints\"><h2>Complaints</h2>\n<ul>\n");
    for (size_t i = 0; i < page->run->complaint_count; i++) {
        wsr_put(page, "<li>");
        wsr_put_limited(page, page->run->complaints[i], 2000);
        wsr_put(page, "</li>\n");
    }
    wsr_put(page, "</ul></section>\n");
}
