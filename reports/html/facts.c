#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"

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

    wsr_put(page, "<div class=\"fact\"><h3>Judged %zu of %zu</h3>\n", page->totals.judged, planned);
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
    wsr_put(page, "<div class=\"fact\"><h3>What the probe learned</h3>\n<ul>");
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

static void put_limits(struct wsr_page *page)
{
    const struct wsq_run *run = page->run;

    if (run->limit_count == 0)
        return;
    wsr_put(page, "<div class=\"fact\"><h3>What it accepts</h3>\n<ul>");
    for (size_t i = 0; i < run->limit_count; i++) {
        char *text = wsq_limit_text(&run->limits[i]);
        wsr_put(page, "<li>");
        wsr_put_limited(page, text ? text : "", 300);
        wsr_put(page, "</li>");
        page->text.failed = page->text.failed || !text;
        free(text);
    }
    wsr_put(page, "</ul></div>\n");
}

static void put_run(struct wsr_page *page)
{
    wsr_put(page, "<div class=\"fact\"><h3>This run</h3>\n<ul><li>took ");
    wsr_put_time(page, page->run->ms);
    wsr_put(page, "</li><li>%u at a time</li><li>seed <code class=\"all\">", page->run->jobs);
    wsq_text_printf(&page->text, "%" PRIu64, page->run->seed);
    wsr_put(page, "</code></li></ul></div>\n");
}

void wsr_put_facts(struct wsr_page *page)
{
    wsr_put(page, "<section class=\"facts\" aria-label=\"About this run\">\n");
    put_judged(page);
    put_profile(page);
    put_limits(page);
    put_run(page);
    wsr_put(page, "</section>\n");
}
