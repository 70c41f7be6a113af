#include <stdlib.h>
#include <string.h>
#include <wsq/expect.h>

#include "html/page.h"

/* Where to begin: the first case of the worst that is unexpected. */
static const struct wsq_case *first_unexpected(const struct wsr_page *page, bool better)
{
    for (size_t i = 0; i < page->breach_count; i++) {
        const struct wsr_breach *breach = &page->breaches[i];

        if ((breach->verdict == WSQ_PASS) != better)
            continue;
        for (size_t k = 0; k < breach->case_count && k <= WSR_BREACH_CASES; k++)
            if (breach->cases[k]->unexpected)
                return breach->cases[k];
    }
    return NULL;
}

static void put_begin(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, "<li>Begin with ");
    wsr_put_case_link(page, c->id);
    wsr_put(page, ": the conversation, and the sentence that it broke.");
    if (c->replay) {
        wsr_put(page, " Mend it, and run it alone:\n");
        wsr_put_copied(page, c->replay, 2 * WSR_MOST_LINE);
    }
    wsr_put(page, "</li>\n");
}

static void put_agree(struct wsr_page *page)
{
    char *lines = wsq_expect_write(page->run, true);

    if (!lines) {
        page->text.failed = true;
        return;
    }
    if (*lines) {
        wsr_put(page, "<li>Or live with it for now: give each line its reason, and run with "
                      "<code>--expect FILE</code>.\n<details class=\"more\"><summary>The file that "
                      "agrees to this run</summary>\n");
        wsr_put_copied(page, lines, 32768);
        wsr_put(page, "</details></li>\n");
    }
    free(lines);
}

static void put_unexpected(struct wsr_page *page)
{
    const struct wsq_case *worse = first_unexpected(page, false);
    const struct wsq_case *better = first_unexpected(page, true);

    if (worse) {
        put_begin(page, worse);
        put_agree(page);
    }
    if (better) {
        wsr_put(page,
                "<li>Take the lines out of the expectations whose cases are better now, such as ");
        wsr_put_case_link(page, better->id);
        wsr_put(page, ".</li>\n");
    }
    if (page->run->complaint_count > 0)
        wsr_put(page, "<li>Put the expectations right, as the complaints say.</li>\n");
}

void wsr_put_now(struct wsr_page *page)
{
    const struct wsq_run *run = page->run;

    wsr_put(page, "<section class=\"now\"><h2>What now</h2>\n<ol>\n");
    if (!run->complete)
        wsr_put(page, "<li>See why the run ended, and run it again: what was not reached is not "
                      "known.</li>\n");
    put_unexpected(page);
    if (run->complete && page->totals.judged == 0)
        wsr_put(page, "<li>Choose cases that this target can be asked, or give what they need: "
                      "<a href=\"#run\">the run</a> tells why each was skipped.</li>\n");
    if (wsr_may_ship(page)) {
        if (page->totals.expected_faults > 0)
            wsr_put(page, "<li>Nothing has to be done. An agreed fault that is mended will ask for "
                          "its line to be taken out.</li>\n");
        else if (page->breach_count > 0)
            wsr_put(page, "<li>Nothing has to be done. <code>--strict</code> would mind the "
                          "warnings.</li>\n");
        else
            wsr_put(page, "<li>Nothing. In a CI job it stays so.</li>\n");
    }
    wsr_put(page, "</ol></section>\n");
}
