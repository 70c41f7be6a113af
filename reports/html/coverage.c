#include <stdlib.h>
#include <string.h>

#include "html/page.h"

/* ---- what the run says of each requirement ---- */

/* From what is told first to what is told last. */
enum state { BROKEN, WARNED, KEPT, UNJUDGED, UNTESTED, STATES };

static const char *const state_class[STATES] = {"fail", "warn", "pass", "skip", "none"};
static const char *const state_name[STATES] = {"broken", "warned", "kept", "not judged", "no case"};

struct standing {
    bool broken, warned, judged, named;
    size_t cases;
    const struct wsq_case *first[4];
};

struct section {
    const struct wsq_requirement *row; /* its first */
    size_t from, to;                   /* of the catalogue */
    size_t of[STATES], all;
};

static size_t place_of(const char *id)
{
    const struct wsq_requirement *row = id ? wsq_requirement(id) : NULL;

    return row ? (size_t)(wsq_requirement_judged(row) - wsq_requirement_at(0)) : SIZE_MAX;
}

static void note_cite(struct standing *list, const char *id, const struct wsq_case *c)
{
    size_t at = place_of(id);
    struct standing *standing = &list[at];

    if (at == SIZE_MAX)
        return;
    standing->named = true;
    standing->judged = standing->judged || c->verdict == WSQ_PASS || c->verdict == WSQ_INFO;
    if (standing->cases < sizeof standing->first / sizeof standing->first[0])
        standing->first[standing->cases] = c;
    standing->cases++;
}

static void note_case(struct standing *list, const struct wsq_case *c)
{
    for (size_t i = 0; i < c->cite_count; i++)
        note_cite(list, c->cites[i], c);
    for (size_t i = 0; i < c->fault_count; i++) {
        size_t at = place_of(c->faults[i].requirement);

        if (at == SIZE_MAX)
            continue;
        list[at].named = list[at].judged = true;
        list[at].broken = list[at].broken || c->faults[i].verdict == WSQ_FAIL;
        list[at].warned = list[at].warned || c->faults[i].verdict == WSQ_WARN;
    }
}

static enum state state_of(const struct standing *standing)
{
    if (standing->broken)
        return BROKEN;
    if (standing->warned)
        return WARNED;
    if (standing->judged)
        return KEPT;
    return standing->named ? UNJUDGED : UNTESTED;
}

/* Rows that ask something of a server, in their own right. */
static bool counts(const struct wsq_requirement *row)
{
    return row->grade != WSQ_GRADE_NA && row->grade != WSQ_GRADE_DUP &&
           (strcmp(row->binds, "server") == 0 || strcmp(row->binds, "both") == 0);
}

static bool same_section(const struct wsq_requirement *one, const struct wsq_requirement *other)
{
    return strcmp(one->rfc, other->rfc) == 0 && strcmp(one->section, other->section) == 0;
}

/* The section that begins at row `from`. */
static struct section section_at(const struct standing *list, size_t from)
{
    struct section section = {.row = wsq_requirement_at(from), .from = from, .to = from};

    for (; section.to < wsq_requirement_count() &&
           same_section(section.row, wsq_requirement_at(section.to));
         section.to++) {
        if (!counts(wsq_requirement_at(section.to)))
            continue;
        section.of[state_of(&list[section.to])]++;
        section.all++;
    }
    return section;
}

/* ---- as markup ---- */

enum { BAR = 1000 };

static void put_share(struct wsr_page *page, const struct section *section)
{
    unsigned x = 0;

    wsr_put(page,
            "<svg class=\"share\" viewBox=\"0 0 %u 10\" preserveAspectRatio=\"none\" "
            "aria-hidden=\"true\">",
            (unsigned)BAR);
    for (int s = 0; s < STATES; s++) {
        unsigned width = (unsigned)((double)BAR * (double)section->of[s] / (double)section->all);

        if (width > 0 && s != UNTESTED)
            wsr_put(page, "<rect class=\"%s\" x=\"%u\" width=\"%u\" height=\"10\"/>",
                    state_class[s], x, width);
        x += width;
    }
    wsr_put(page, "</svg>");
}

static void put_counts(struct wsr_page *page, const struct section *section)
{
    const char *between = "";

    wsr_put(page, "<span class=\"counts\">");
    for (int s = 0; s < STATES; s++)
        if (section->of[s] > 0) {
            wsr_put(page, "%s%zu %s", between, section->of[s], state_name[s]);
            between = ", ";
        }
    wsr_put(page, "</span>");
}

static void put_row(struct wsr_page *page, const struct wsq_requirement *row,
                    const struct standing *standing)
{
    enum state state = state_of(standing);
    size_t shown = sizeof standing->first / sizeof standing->first[0];

    wsr_put(page, "<li><span class=\"badge %s\">%s</span> <span>", state_class[state],
            state_name[state]);
    wsr_put_prose(page, row->statement);
    wsr_put(page, " <b class=\"level\">%s</b> <code>%s</code> <span class=\"dim\">", row->level,
            row->id);
    for (size_t i = 0; i < standing->cases && i < shown; i++) {
        wsr_put(page, i > 0 ? ", " : "");
        wsr_put_case_link(page, standing->first[i]->id);
    }
    if (standing->cases > shown)
        wsr_put(page, " and %zu more", standing->cases - shown);
    if (state == UNTESTED)
        wsr_put_prose(page, row->no_case);
    wsr_put(page, "</span></span></li>\n");
}

static void put_section(struct wsr_page *page, const struct standing *list,
                        const struct section *section)
{
    wsr_put(page, "<details class=\"part\" data-section=\"%s-%s\"><summary><b>%s</b> ",
            section->row->rfc, section->row->section, section->row->section);
    put_share(page, section);
    put_counts(page, section);
    wsr_put(page, "</summary><noscript><ul class=\"rows\">\n");
    for (size_t i = section->from; i < section->to; i++)
        if (counts(wsq_requirement_at(i)))
            put_row(page, wsq_requirement_at(i), &list[i]);
    wsr_put(page, "</ul></noscript></details>\n");
}

/* All sections of the RFC that begins at row `from`; returns the row behind them. */
static size_t sum_rfc(const struct standing *list, size_t from, struct section *sum)
{
    size_t at = from;

    *sum = (struct section){.row = wsq_requirement_at(from)};
    while (at < wsq_requirement_count() &&
           strcmp(wsq_requirement_at(at)->rfc, sum->row->rfc) == 0) {
        struct section section = section_at(list, at);

        for (int s = 0; s < STATES; s++)
            sum->of[s] += section.of[s];
        sum->all += section.all;
        at = section.to;
    }
    return at;
}

/* An RFC of which nothing was judged is left out: the cases were others. */
static size_t put_rfc(struct wsr_page *page, const struct standing *list, size_t from)
{
    struct section sum;
    size_t end = sum_rfc(list, from, &sum);

    if (sum.of[BROKEN] + sum.of[WARNED] + sum.of[KEPT] == 0)
        return end;
    wsr_put(page, "<details class=\"rfc\"><summary><h3>RFC %s</h3> ", sum.row->rfc);
    put_share(page, &sum);
    put_counts(page, &sum);
    wsr_put(page, "</summary>\n");
    for (size_t at = from; at < end;) {
        struct section section = section_at(list, at);

        if (section.all > 0)
            put_section(page, list, &section);
        at = section.to;
    }
    wsr_put(page, "</details>\n");
    return end;
}

void wsr_put_coverage(struct wsr_page *page)
{
    struct standing *list = calloc(wsq_requirement_count() + 1, sizeof *list);

    if (!list) {
        page->text.failed = true;
        return;
    }
    for (size_t i = 0; i < page->run->case_count; i++)
        note_case(list, page->sorted[i]);
    wsr_put(page,
            "<section id=\"coverage\"><h2>Requirements</h2>\n<p class=\"dim\">What the RFCs ask "
            "of a server, and what this run found. A requirement is kept when a case that "
            "cites it passed, and no case was charged to it.</p>\n");
    for (size_t at = 0; at < wsq_requirement_count();)
        at = put_rfc(page, list, at);
    wsr_put(page, "</section>\n");
    free(list);
}
