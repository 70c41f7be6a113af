#include "html/page.h"

/* The rest is folded. */
enum { SHOWN = 6, MOST = 400 };

static void put_breach_cases(struct wsr_page *page, const struct wsr_breach *breach)
{
    size_t shown =
        breach->case_count > WSR_BREACH_CASES + 1 ? WSR_BREACH_CASES : breach->case_count;

    wsr_put_count(page, breach->case_count, "case");
    wsr_put(page, ": ");
    for (size_t i = 0; i < shown; i++) {
        wsr_put(page, i > 0 ? ", " : "");
        wsr_put_case_link(page, breach->cases[i]->id);
    }
    if (breach->case_count > shown)
        wsr_put(page, " and %zu more", breach->case_count - shown);
}

static void put_breach(struct wsr_page *page, const struct wsr_breach *breach)
{
    const char *verdict = wsq_verdict_name(breach->verdict);

    wsr_put(page, "<li class=\"breach\"><span class=\"badge %s%s\">%s</span>\n<div><p>", verdict,
            breach->unexpected > 0 ? " loud" : "", verdict);
    if (breach->row)
        wsr_put_prose(page, breach->row->statement);
    else
        wsr_put_limited(page, breach->words, 300);
    wsr_put(page, "</p>\n<p class=\"dim\">");
    if (breach->row) {
        wsr_put_place(page, breach->row);
        wsr_put(page, " · ");
    }
    put_breach_cases(page, breach);
    if (breach->unexpected == 0 && breach->cases[0]->expectation)
        wsr_put(page, " <span class=\"agreed\">agreed</span>");
    wsr_put(page, "</p>\n");
    if (breach->row && *breach->row->fix) {
        wsr_put(page, "<details class=\"mend\"><summary>How to mend it</summary><p>");
        wsr_put_prose(page, breach->row->fix);
        wsr_put(page, "</p></details>\n");
    }
    wsr_put(page, "</div></li>\n");
}

static void put_breaches(struct wsr_page *page, size_t from, size_t to)
{
    wsr_put(page, "<ol class=\"breaches\">\n");
    for (size_t i = from; i < to; i++)
        put_breach(page, &page->breaches[i]);
    wsr_put(page, "</ol>\n");
}

static void put_complaints(struct wsr_page *page)
{
    if (page->run->complaint_count == 0)
        return;
    wsr_put(page, "<ul class=\"complaints\">\n");
    for (size_t i = 0; i < page->run->complaint_count && i < WSR_MOST_ITEMS; i++) {
        wsr_put(page, "<li>");
        wsr_put_limited(page, page->run->complaints[i], WSR_MOST_LINE);
        wsr_put(page, "</li>\n");
    }
    if (page->run->complaint_count > WSR_MOST_ITEMS)
        wsr_put(page, "<li>… %zu more are in the JSON report</li>\n",
                page->run->complaint_count - WSR_MOST_ITEMS);
    wsr_put(page, "</ul>\n");
}

void wsr_put_broke(struct wsr_page *page)
{
    size_t n = page->breach_count, shown = n > SHOWN + 1 ? SHOWN : n;
    size_t last = n < MOST ? n : MOST;

    wsr_put(page, "<section class=\"broke\"><h2>%s</h2>\n",
            n > 0 && wsr_may_ship(page) ? "What is known to be broken" : "What broke");
    put_complaints(page);
    if (n == 0)
        wsr_put(page, "<p class=\"dim\">%s.</p>\n",
                page->totals.judged > 0 ? "Nothing" : "Nothing was judged");
    else
        put_breaches(page, 0, shown);
    if (last > shown) {
        wsr_put(page, "<details class=\"more\"><summary>%zu more</summary>\n", n - shown);
        put_breaches(page, shown, last);
        if (n > last)
            wsr_put(page, "<p class=\"cut\">… %zu more are in the JSON report</p>\n", n - last);
        wsr_put(page, "</details>\n");
    }
    wsr_put(page, "</section>\n");
}
