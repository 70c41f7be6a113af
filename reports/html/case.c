#include <inttypes.h>
#include <string.h>

#include "html/page.h"
#include "writers.h"

/* What a page of some hundred cases can bear; the JSON report has all. */
enum {
    MOST_LINE = 2000, /* a title, a reason, a sentence */
    MOST_ITEMS = 50   /* faults, sightings, attempts, citations of a case */
};

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
    return count < MOST_ITEMS ? count : MOST_ITEMS;
}

static void put_more(struct wsr_page *page, size_t count)
{
    if (count > MOST_ITEMS)
        wsr_put(page, "<p class=\"cut\">… %zu more are in the JSON report</p>\n",
                count - MOST_ITEMS);
}

/* What an id may hold in an address without being encoded; ids of scripts have nothing else. */
static void put_anchor(struct wsr_page *page, const char *id)
{
    for (; *id; id++) {
        bool plain = (*id >= 'a' && *id <= 'z') || (*id >= 'A' && *id <= 'Z') ||
                     (*id >= '0' && *id <= '9') || strchr("._~/-", *id);

        wsq_text_add(&page->text, plain ? id : "-", 1);
    }
}

/* ---- requirements ---- */

static void put_requirement(struct wsr_page *page, const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);
    char place[64];

    if (!row) {
        wsr_put(page, "<p class=\"law\">");
        wsr_put_limited(page, id ? id : "The author's own law", MOST_LINE);
        wsr_put(page, "</p>\n");
        return;
    }
    wsq_requirement_place(row, place, sizeof place);
    wsr_put(page,
            "<p class=\"law\"><a href=\"https://www.rfc-editor.org/rfc/rfc%s#section-%s\" "
            "rel=\"noreferrer\">%s</a> <b>%s</b> %s <code>%s</code></p>\n",
            row->rfc, row->section, place, row->level, row->statement, row->id);
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
    wsr_put_limited(page, value, MOST_LINE);
    wsr_put(page, "</dd>\n");
}

static void put_step(struct wsr_page *page, const struct wsq_fault *fault)
{
    if (!fault->step && !fault->line)
        return;
    wsr_put(page, "<dt>Step</dt><dd><code>");
    wsr_put_limited(page, fault->step, MOST_LINE);
    wsr_put(page, "</code>");
    if (fault->line)
        wsr_put(page, " <span class=\"dim\">line %u</span>", fault->line);
    wsr_put(page, "</dd>\n");
}

static void put_fault(struct wsr_page *page, const struct wsq_fault *fault)
{
    const struct wsq_requirement *row =
        fault->requirement ? wsq_requirement(fault->requirement) : NULL;

    wsr_put(page, "<div class=\"fault %s\">\n", wsq_verdict_name(fault->verdict));
    put_requirement(page, fault->requirement);
    wsr_put(page, "<dl>");
    put_term(page, "Expected", fault->expected);
    put_term(page, "Saw", fault->saw);
    put_term(page, "Why", fault->why);
    put_step(page, fault);
    put_term(page, "To mend it", row && *row->fix ? row->fix : NULL);
    wsr_put(page, "</dl></div>\n");
}

static void put_faults(struct wsr_page *page, const struct wsq_case *c)
{
    for (size_t i = 0; i < most(c->fault_count); i++)
        put_fault(page, &c->faults[i]);
    put_more(page, c->fault_count);
}

static void put_sightings(struct wsr_page *page, const struct wsq_case *c)
{
    if (c->violation_count == 0)
        return;
    wsr_put(page, "<div class=\"seen\"><h4>Also seen on the wire</h4>\n<ul>\n");
    for (size_t i = 0; i < most(c->violation_count); i++) {
        const struct wsq_sighting *sighting = &c->violations[i];

        wsr_put(page, "<li>");
        wsr_put_limited(page, sighting->sentence, MOST_LINE);
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
    wsr_put_limited(page, c->title ? c->title : c->id, MOST_LINE);
    wsr_put(page, "</b> <code>");
    wsr_put_limited(page, c->id, MOST_LINE);
    wsr_put(page, "</code>");
    if (c->reason && c->verdict != WSQ_PASS) {
        wsr_put(page, " <span class=\"reason\">");
        wsr_put_limited(page, c->reason, MOST_LINE);
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
        wsr_put_limited(page, c->expectation, MOST_LINE);
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
        wsr_put(page, "<div><h4>Script</h4>\n");
        wsr_put_code(page, c->script, c->faults, c->fault_count, most_text(c));
        wsr_put(page, "</div>\n");
    }
    if (c->transcript) {
        wsr_put(page, "<div><h4>What happened</h4>\n");
        wsr_put_code(page, c->transcript, NULL, 0, most_text(c));
        wsr_put(page, "</div>\n");
    }
    wsr_put(page, "</div>\n");
}

static void put_attempts(struct wsr_page *page, const struct wsq_case *c)
{
    if (c->attempt_count < 2)
        return;
    wsr_put(page, "<h4>Attempts</h4>\n<ol class=\"attempts\">\n");
    for (size_t i = 0; i < most(c->attempt_count); i++) {
        const char *verdict = wsq_verdict_name(c->attempts[i].verdict);

        wsr_put(page, "<li><span class=\"badge %s\">%s</span> ", verdict, verdict);
        wsr_put_time(page, c->attempts[i].ms);
        wsr_put(page, " <span class=\"dim\">");
        wsr_put_limited(page, c->attempts[i].reason, MOST_LINE);
        wsr_put(page, "</span></li>\n");
    }
    wsr_put(page, "</ol>\n");
    put_more(page, c->attempt_count);
}

static void put_notes(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, "<p class=\"dim notes\"><a href=\"#case-");
    put_anchor(page, c->id);
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
    wsr_put(page, "<h4>Run it again</h4>\n<pre class=\"all\">");
    wsr_put_limited(page, c->replay, 2 * MOST_LINE);
    wsr_put(page, "</pre>\n");
}

void wsr_put_case(struct wsr_page *page, const struct wsq_case *c)
{
    wsr_put(page, "<details class=\"case\" id=\"case-");
    put_anchor(page, c->id);
    wsr_put(page, "\" data-verdict=\"%s\"", wsq_verdict_name(c->verdict));
    if (c->unexpected)
        wsr_put(page, " data-unexpected=\"\"");
    wsr_put(page, ">");
    put_summary(page, c);
    wsr_put(page, "<div class=\"body\">\n");
    put_expectation(page, c);
    put_faults(page, c);
    put_cites(page, c);
    put_texts(page, c);
    put_sightings(page, c);
    wsr_put_bytes(page, c, most_bytes(c));
    put_attempts(page, c);
    put_replay(page, c);
    put_notes(page, c);
    wsr_put(page, "</div></details>\n");
}
