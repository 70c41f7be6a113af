#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"

enum { SLOWEST = 10, WAITS = 50, BAR = 1000 };

static int by_time(const void *a, const void *b)
{
    const struct wsq_case *one = *(const struct wsq_case *const *)a;
    const struct wsq_case *other = *(const struct wsq_case *const *)b;

    if (one->ms != other->ms)
        return one->ms < other->ms ? 1 : -1;
    return wsq_natural(one->id, other->id);
}

static void put_slow_case(struct wsr_page *page, const struct wsq_case *c, uint64_t most)
{
    wsr_put(page, "<tr><td class=\"num\">");
    wsr_put_time(page, c->ms);
    wsr_put(page,
            "</td><td class=\"wide\"><svg class=\"share\" viewBox=\"0 0 %u 10\" "
            "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"info\" width=\"%u\" "
            "height=\"10\"/></svg></td><td>",
            (unsigned)BAR, (unsigned)((double)BAR * (double)c->ms / (double)most));
    wsr_put_case_link(page, c->id);
    if (c->attempt_count > 1)
        wsr_put(page, " <span class=\"dim\">%zu attempts</span>", c->attempt_count);
    wsr_put(page, "</td></tr>\n");
}

static void put_slowest(struct wsr_page *page)
{
    size_t n = page->run->case_count;
    const struct wsq_case **list = calloc(n + 1, sizeof *list);

    if (!list) {
        page->text.failed = true;
        return;
    }
    memcpy(list, page->sorted, n * sizeof *list);
    qsort(list, n, sizeof *list, by_time);
    wsr_put(page,
            "<table><caption>The slowest cases</caption>\n<thead><tr><th scope=\"col\">Time</th>"
            "<th scope=\"col\" class=\"wide\"><span class=\"unseen\">Share</span></th>"
            "<th scope=\"col\">Case</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < n && i < SLOWEST && list[i]->ms > 0; i++)
        put_slow_case(page, list[i], list[0]->ms);
    wsr_put(page, "</tbody></table>\n");
    free(list);
}

static void put_reasons(struct wsr_page *page, const struct wsq_case *c)
{
    const char *script = c->script, *line;
    size_t length;

    wsr_put_limited(page, c->title, 300);
    for (int i = 0; i < 4 && script && (line = wsq_next_wait(&script, &length)); i++) {
        wsr_put(page, " <code>");
        wsr_escape(&page->text, line, length < 200 ? length : 200);
        wsr_put(page, "</code>");
    }
}

static void put_wait(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, "<tr><td class=\"num\">");
    wsr_put_time(page, c->waited_ms);
    wsr_put(page, "</td><td>");
    wsr_put_case_link(page, c->id);
    wsr_put(page, "</td><td>");
    put_reasons(page, c);
    wsr_put(page, "</td></tr>\n");
}

static void put_waits(struct wsr_page *page)
{
    size_t waiting = 0;

    for (size_t i = 0; i < page->run->case_count; i++)
        waiting += page->sorted[i]->waited_ms > 0;
    if (waiting == 0) {
        wsr_put(page, "<p class=\"dim\">No case waits a fixed time: each goes on when the answer "
                      "is there.</p>\n");
        return;
    }
    wsr_put(page,
            "<table><caption>Fixed waits of the scripts</caption>\n<thead><tr><th "
            "scope=\"col\">Time</th><th scope=\"col\">Case</th><th scope=\"col\">What for</th>"
            "</tr></thead>\n<tbody>\n");
    for (size_t i = 0, shown = 0; i < page->run->case_count && shown < WAITS; i++)
        if (page->sorted[i]->waited_ms > 0) {
            put_wait(page, page->sorted[i]);
            shown++;
        }
    wsr_put(page, "</tbody></table>\n");
    if (waiting > WAITS)
        wsr_put(page, "<p class=\"cut\">… %zu more are in the JSON report</p>\n", waiting - WAITS);
}

void wsr_put_timing(struct wsr_page *page)
{
    uint64_t sum = 0;
    size_t twice = 0;

    for (size_t i = 0; i < page->run->case_count; i++) {
        sum += page->run->cases[i].ms;
        twice += page->run->cases[i].attempt_count > 1;
    }
    if (sum == 0)
        return;
    wsr_put(page, "<section id=\"timing\"><h2>Timing</h2>\n<p>The run took ");
    wsr_put_time(page, page->run->ms);
    wsr_put(page, ", its conversations ");
    wsr_put_time(page, sum);
    wsr_put(page, ", %u at a time. ", page->run->jobs);
    wsr_put_count(page, twice, "case");
    wsr_put(page,
            twice == 1 ? " was tried again, calmly.</p>\n" : " were tried again, calmly.</p>\n");
    put_slowest(page);
    put_waits(page);
    wsr_put(page, "</section>\n");
}
