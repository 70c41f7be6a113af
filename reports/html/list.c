#include <string.h>

#include "html/page.h"
#include "writers.h"

enum section { UNEXPECTED, UNEXPECTED_PASS, FAILS, WARNINGS, FLAKY, ERRORS, INFOS, SKIPS, PASSES };

static const struct {
    const char *title, *says;
    bool folded;
} sections[] = {
    [UNEXPECTED] = {"Unexpected", "what keeps the gate shut", false},
    [UNEXPECTED_PASS] = {"Better than expected", "the expectations are out of date", false},
    [FAILS] = {"Fails", "against what the RFC demands", false},
    [WARNINGS] = {"Warnings", "against what the RFC recommends", false},
    [FLAKY] = {"Flaky", "seen once and not again", false},
    [ERRORS] = {"Errors", "could not be judged", false},
    [INFOS] = {"For information", "the RFC leaves it open", false},
    [SKIPS] = {"Skipped", "not asked of this target", true},
    [PASSES] = {"Passed", "as the RFC has it", true},
};

static enum section section_of(const struct wsq_case *c)
{
    bool is_good = c->verdict == WSQ_PASS || c->verdict == WSQ_INFO;

    if (c->unexpected)
        return is_good ? UNEXPECTED_PASS : UNEXPECTED;
    switch (c->verdict) {
    case WSQ_FAIL:
        return FAILS;
    case WSQ_WARN:
        return WARNINGS;
    case WSQ_FLAKY:
        return FLAKY;
    case WSQ_ERROR:
        return ERRORS;
    case WSQ_INFO:
        return INFOS;
    case WSQ_SKIP:
        return SKIPS;
    case WSQ_PASS:
        return PASSES;
    }
    return ERRORS;
}

/* Buttons for the script; without it they are nothing that can be pressed. */
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
    wsr_put(page, "<div class=\"chips\" role=\"group\" aria-label=\"Show by verdict\">\n");
    put_chip(page, "unexpected", page->totals.unexpected);
    for (int i = 0; i <= WSQ_ERROR; i++)
        put_chip(page, wsq_verdict_name(wsr_verdict_order[i]),
                 page->totals.of[wsr_verdict_order[i]]);
    wsr_put(page, "</div>\n");
}

static void put_suites(struct wsr_page *page, enum section section)
{
    const char *suite = NULL;

    for (size_t i = 0; i < page->run->case_count; i++) {
        const struct wsq_case *c = page->sorted[i];

        if (section_of(c) != section)
            continue;
        if (!suite || strcmp(suite, wsr_suite(c)) != 0) {
            wsr_put(page,
                    suite ? "</div>\n<div class=\"suite\"><h4>" : "<div class=\"suite\"><h4>");
            suite = wsr_suite(c);
            wsr_put_limited(page, suite, 200);
            wsr_put(page, "</h4>\n");
        }
        wsr_put_case(page, c);
    }
    wsr_put(page, "</div>\n");
}

static void put_section(struct wsr_page *page, enum section section, size_t n)
{
    if (n == 0)
        return;
    wsr_put(page, "<details class=\"section\"");
    if (!sections[section].folded)
        wsr_put(page, " open=\"\"");
    wsr_put(page,
            ">\n<summary><h3>%s</h3> <span class=\"n\">%zu</span> <span "
            "class=\"says\">%s</span></summary>\n",
            sections[section].title, n, sections[section].says);
    put_suites(page, section);
    wsr_put(page, "</details>\n");
}

void wsr_put_cases(struct wsr_page *page)
{
    size_t count[PASSES + 1] = {0};

    for (size_t i = 0; i < page->run->case_count; i++)
        count[section_of(&page->run->cases[i])]++;
    for (int s = 0; s <= PASSES; s++)
        put_section(page, (enum section)s, count[s]);
}
