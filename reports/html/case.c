#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"
#include "writers.h"

static bool is_quiet(const struct wsq_case *c)
{
    return !c->unexpected &&
           (c->verdict == WSQ_PASS || c->verdict == WSQ_INFO || c->verdict == WSQ_SKIP);
}

static size_t most_text(const struct wsq_case *c)
{
    return is_quiet(c) ? 4096 : 65536;
}

static size_t most_bytes(const struct wsq_case *c)
{
    return is_quiet(c) ? 512 : 4096;
}

static size_t most(size_t count)
{
    return count < WSR_MOST_ITEMS ? count : WSR_MOST_ITEMS;
}

static void put_more(struct wsr_page *page, size_t count)
{
    if (count > WSR_MOST_ITEMS)
        wsr_put(page, "<p class=\"cut\">… %zu more are in the JSON report</p>\n",
                count - WSR_MOST_ITEMS);
}

/* ---- requirements ---- */

static void put_requirement(struct wsr_page *page, const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);

    wsr_put(page, "<p class=\"law\">");
    if (row) {
        wsr_put_place(page, row);
        wsr_put(page, " ");
        wsr_put_prose(page, row->statement);
        wsr_put(page, " <code>%s</code>", row->id);
    } else {
        wsr_put_limited(page, id ? id : "The author's own law", WSR_MOST_LINE);
    }
    wsr_put(page, "</p>\n");
}

static bool is_charged(const struct wsq_case *c, const char *id)
{
    for (size_t i = 0; i < most(c->fault_count); i++)
        if (c->faults[i].requirement && strcmp(c->faults[i].requirement, id) == 0)
            return true;
    return false;
}

static void put_cites(struct wsr_page *page, const struct wsq_case *c)
{
    for (size_t i = 0; i < most(c->cite_count); i++)
        if (!is_charged(c, c->cites[i]))
            put_requirement(page, c->cites[i]);
    put_more(page, c->cite_count);
}

/* ---- faults and sightings ---- */

static void put_term(struct wsr_page *page, const char *term, const char *value)
{
    if (!value)
        return;
    wsr_put(page, "<dt>%s</dt><dd>", term);
    wsr_put_limited(page, value, WSR_MOST_LINE);
    wsr_put(page, "</dd>\n");
}

/* What watches the whole run names the case that gave it the bytes. */
static void put_step(struct wsr_page *page, const struct wsq_fault *fault)
{
    static const char elsewhere[] = "in case ";

    if (!fault->step && !fault->line)
        return;
    wsr_put(page, "<dt>Step</dt><dd>");
    if (fault->step && strncmp(fault->step, elsewhere, sizeof elsewhere - 1) == 0) {
        wsr_put(page, "%s", elsewhere);
        wsr_put_case_link(page, fault->step + sizeof elsewhere - 1);
    } else {
        wsr_put(page, "<code>");
        wsr_put_limited(page, fault->step, WSR_MOST_LINE);
        wsr_put(page, "</code>");
    }
    if (fault->line)
        wsr_put(page, " <span class=\"dim\">line %u</span>", fault->line);
    wsr_put(page, "</dd>\n");
}

static void put_fault(struct wsr_page *page, const struct wsq_fault *fault, bool again)
{
    const struct wsq_requirement *row =
        fault->requirement ? wsq_requirement(fault->requirement) : NULL;

    wsr_put(page, "<div class=\"fault %s\">\n", wsq_verdict_name(fault->verdict));
    if (!again)
        put_requirement(page, fault->requirement);
    wsr_put(page, "<dl>");
    put_term(page, "Expected", fault->expected);
    put_term(page, "Saw", fault->saw);
    put_term(page, "Why", fault->why);
    put_step(page, fault);
    if (row && *row->fix && !again) {
        wsr_put(page, "<dt>To mend it</dt><dd>");
        wsr_put_prose(page, row->fix);
        wsr_put(page, "</dd>\n");
    }
    wsr_put(page, "</dl></div>\n");
}

static bool same_requirement(const struct wsq_fault *one, const struct wsq_fault *other)
{
    return one->requirement && other->requirement &&
           strcmp(one->requirement, other->requirement) == 0;
}

static void put_faults(struct wsr_page *page, const struct wsq_case *c)
{
    for (size_t i = 0; i < most(c->fault_count); i++)
        put_fault(page, &c->faults[i], i > 0 && same_requirement(&c->faults[i], &c->faults[i - 1]));
    put_more(page, c->fault_count);
}

static void put_sightings(struct wsr_page *page, const struct wsq_case *c)
{
    if (c->violation_count == 0)
        return;
    wsr_put(page, "<div class=\"seen\"><h5>Also seen on the wire</h5>\n<ul>\n");
    for (size_t i = 0; i < most(c->violation_count); i++) {
        const struct wsq_sighting *sighting = &c->violations[i];

        wsr_put(page, "<li>");
        wsr_put_limited(page, sighting->sentence, WSR_MOST_LINE);
        wsr_put(page, " <span class=\"dim\">");
        wsr_put_limited(page, sighting->requirement, 100);
        wsq_text_printf(&page->text, ", byte %" PRIu64, sighting->at);
        if (sighting->connection) {
            wsr_put(page, " on ");
            wsr_put_limited(page, sighting->connection, 100);
        }
        wsr_put(page, "</span></li>\n");
    }
    wsr_put(page, "</ul>\n");
    put_more(page, c->violation_count);
    wsr_put(page, "</div>\n");
}

/* ---- the summary, always in sight ---- */

static void put_summary(struct wsr_page *page, const struct wsq_case *c)
{
    const char *verdict = wsq_verdict_name(c->verdict);

    wsr_put(page, "<summary><span class=\"badge %s\">%s</span> <span class=\"what\"><b>", verdict,
            verdict);
    wsr_put_limited(page, c->title ? c->title : c->id, WSR_MOST_LINE);
    wsr_put(page, "</b> <code>");
    wsr_put_limited(page, c->id, WSR_MOST_LINE);
    wsr_put(page, "</code>");
    if (c->reason && c->verdict != WSQ_PASS) {
        wsr_put(page, " <span class=\"reason\">");
        wsr_put_limited(page, c->reason, WSR_MOST_LINE);
        wsr_put(page, "</span>");
    }
    wsr_put(page, "</span> <span class=\"side\">");
    if (wsr_is_expected(c))
        wsr_put(page, "<span class=\"agreed\">agreed</span> ");
    if (c->slow)
        wsr_put(page, "<span class=\"agreed\">slow</span> ");
    if (c->verdict != WSQ_SKIP && !c->watch)
        wsr_put_time(page, c->ms);
    wsr_put(page, "</span></summary>\n");
}

/* ---- the rest, folded ---- */

static void put_expectation(struct wsr_page *page, const struct wsq_case *c)
{
    if (!c->unexpected && !c->expectation)
        return;
    wsr_put(page, "<p class=\"expectation\">");
    if (!c->expectation) {
        wsr_put(page, "Unexpected: no expectation names this case.");
    } else {
        wsr_put(page, c->unexpected ? "Unexpected. Agreed was <code>" : "As agreed: <code>");
        wsr_put_limited(page, c->expectation, WSR_MOST_LINE);
        wsr_put(page, "</code>");
    }
    wsr_put(page, "</p>\n");
}

static void put_texts(struct wsr_page *page, const struct wsq_case *c)
{
    if (!c->script && !c->transcript)
        return;
    wsr_put(page, "<div class=\"texts\">\n");
    if (c->script) {
        wsr_put(page, "<div><h5>Script</h5>\n");
        wsr_put_script(page, c, most_text(c));
        wsr_put(page, "</div>\n");
    }
    if (c->transcript) {
        wsr_put(page, "<div><h5>What happened</h5>\n");
        wsr_put_transcript(page, c, most_text(c));
        wsr_put(page, "</div>\n");
    }
    wsr_put(page, "</div>\n");
}

static void put_attempts(struct wsr_page *page, const struct wsq_case *c)
{
    if (c->attempt_count < 2)
        return;
    wsr_put(page, "<h5>Attempts</h5>\n<ol class=\"attempts\">\n");
    for (size_t i = 0; i < most(c->attempt_count); i++) {
        const char *verdict = wsq_verdict_name(c->attempts[i].verdict);

        wsr_put(page, "<li><span class=\"badge %s\">%s</span> ", verdict, verdict);
        wsr_put_time(page, c->attempts[i].ms);
        wsr_put(page, " <span class=\"dim\">");
        wsr_put_limited(page, c->attempts[i].reason, WSR_MOST_LINE);
        wsr_put(page, "</span></li>\n");
    }
    wsr_put(page, "</ol>\n");
    put_more(page, c->attempt_count);
}

static void put_notes(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, "<p class=\"dim notes\"><a href=\"#");
    wsr_put_anchor(page, c->id);
    wsr_put(page, "\">Link to this case</a>");
    if (c->waited_ms > 0) {
        wsr_put(page, " <span>");
        wsr_put_time(page, c->waited_ms);
        wsr_put(page, " of it the script waited</span>");
    }
    if (c->watch)
        wsr_put(page, " <span>judged from the whole run</span>");
    if (c->slow)
        wsr_put(page, " <span>judged by the second, calm attempt</span>");
    for (size_t i = 0; i < most(c->autobahn_count); i++) {
        wsr_put(page, " <span>Autobahn ");
        wsr_put_limited(page, c->autobahn[i], 100);
        wsr_put(page, "</span>");
    }
    wsr_put(page, "</p>\n");
}

static void put_replay(struct wsr_page *page, const struct wsq_case *c)
{
    if (!c->replay)
        return;
    wsr_put(page, "<h5>Run it again</h5>\n");
    wsr_put_copied(page, c->replay, 2 * WSR_MOST_LINE);
}

/* What the search finds besides what is to be seen. */
static void put_words(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, " data-words=\"");
    for (size_t i = 0; i < most(c->fault_count); i++) {
        wsr_escape_attribute(&page->text, c->faults[i].requirement);
        wsr_put(page, " ");
    }
    for (size_t i = 0; i < most(c->cite_count); i++) {
        wsr_escape_attribute(&page->text, c->cites[i]);
        wsr_put(page, " ");
    }
    for (size_t i = 0; i < most(c->autobahn_count); i++) {
        wsr_escape_attribute(&page->text, c->autobahn[i]);
        wsr_put(page, " ");
    }
    wsr_put(page, "\"");
}

/* With scripts the inside of <noscript> is one text, from which the page's own script builds a case
 * when it is opened: a page of 1000 cases is there at once.  Without, it is what it says. */
void wsr_put_case(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, "<details class=\"case\" id=\"");
    wsr_put_anchor(page, c->id);
    wsr_put(page, "\" data-verdict=\"%s\"", wsq_verdict_name(c->verdict));
    put_words(page, c);
    if (c->unexpected)
        wsr_put(page, " data-unexpected=\"\"");
    wsr_put(page, ">");
    put_summary(page, c);
    wsr_put(page, "<noscript><div class=\"body\">\n");
    put_expectation(page, c);
    put_faults(page, c);
    put_cites(page, c);
    put_texts(page, c);
    put_sightings(page, c);
    wsr_put_bytes(page, c, most_bytes(c));
    put_attempts(page, c);
    put_replay(page, c);
    put_notes(page, c);
    wsr_put(page, "</div></noscript></details>\n");
}
