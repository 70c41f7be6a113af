#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wsq/text.h>

void print_visible(FILE *stream, const char *text)
{
    struct wsq_text out = {0};
    wsq_text_visible(&out, text, strlen(text));
    char *line = wsq_text_take(&out, NULL);
    fputs(line ? line : "?", stream);
    free(line);
}

bool terminal_init(struct terminal *t, FILE *out, const char *choice, bool quiet, bool verbose)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool dumb = term && strcmp(term, "dumb") == 0;
    *t = (struct terminal){.out = out, .quiet = quiet, .verbose = verbose};
    t->live = isatty(STDERR_FILENO) && !dumb && !quiet && !verbose;
    t->colour = isatty(fileno(out)) && !dumb && !(no_color && *no_color);
    if (!choice || strcmp(choice, "auto") == 0)
        return true;
    t->colour = strcmp(choice, "always") == 0;
    return t->colour || strcmp(choice, "never") == 0;
}

/* ---- while it runs ---- */

static unsigned long long clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000 + (unsigned long long)now.tv_nsec / 1000000;
}

void terminal_clear(struct terminal *t)
{
    if (t->line_shown)
        fputs("\r\033[K", stderr);
    t->line_shown = false;
}

void terminal_progress(struct terminal *t, const struct wsh_progress *p)
{
    unsigned long long now = t->live ? clock_ms() : 0;
    if (!t->live || now - t->shown_ms < 100)
        return;
    t->shown_ms = now;
    fprintf(stderr, "\r\033[K%zu of %zu cases, %zu running%s", p->known, p->selected, p->running,
            p->calm ? ", confirming what was not seen" : "");
    fflush(stderr);
    t->line_shown = true;
}

void terminal_looking(struct terminal *t, const char *what)
{
    if (!t->live)
        return;
    fprintf(stderr, "\r\033[Klooking for the limits: %s", what);
    fflush(stderr);
    t->line_shown = true;
}

static const char *paint(const struct terminal *t, enum wsq_verdict verdict)
{
    if (!t->colour)
        return "";
    switch (verdict) {
    case WSQ_PASS:
        return "\033[32m";
    case WSQ_INFO:
        return "\033[36m";
    case WSQ_WARN:
        return "\033[33m";
    case WSQ_FAIL:
    case WSQ_FLAKY:
    case WSQ_ERROR:
        return "\033[1;31m";
    case WSQ_SKIP:
        return "\033[2m";
    }
    return "";
}

static void print_verdict(const struct terminal *t, enum wsq_verdict verdict)
{
    fprintf(t->out, "%s%-5s%s", paint(t, verdict), wsq_verdict_name(verdict),
            t->colour ? "\033[0m" : "");
}

void terminal_result(struct terminal *t, const struct wsq_case *c)
{
    if (!t->verbose)
        return;
    terminal_clear(t);
    print_verdict(t, c->verdict);
    fprintf(t->out, "  ");
    print_visible(t->out, c->id);
    if (c->reason) {
        fprintf(t->out, "  ");
        print_visible(t->out, c->reason);
    }
    fputc('\n', t->out);
    fflush(t->out);
}

void terminal_news(struct terminal *t, const char *id, const char *text)
{
    if (!t->verbose)
        return;
    while (*text) {
        size_t n = strcspn(text, "\n");
        struct wsq_text line = {0};
        wsq_text_visible(&line, text, n);
        char *visible = wsq_text_take(&line, NULL);
        if (visible && n > 0)
            fprintf(t->out, "%s | %s\n", id, visible);
        free(visible);
        text += n + (text[n] == '\n');
    }
}

/* ---- the summary ---- */

struct lack {
    const char *reason;
    size_t count;
};

static int by_count(const void *a, const void *b)
{
    const struct lack *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->reason, y->reason);
}

/* "skipped 40 for lack of echo (36), tls (4)": reasons that begin with "needs " name what is
 * lacking. */
static void print_lacks(const struct terminal *t, const struct wsq_run *run)
{
    enum { LACKS_MAX = 64 };
    struct lack lacks[LACKS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];
        if (c->verdict != WSQ_SKIP)
            continue;
        const char *reason = c->reason ? c->reason : "?";
        if (strncmp(reason, "needs ", 6) == 0)
            reason += 6;
        size_t k = 0;
        while (k < count && strcmp(lacks[k].reason, reason) != 0)
            k++;
        if (k == count && count < LACKS_MAX)
            lacks[count++] = (struct lack){.reason = reason};
        if (k < count)
            lacks[k].count++;
    }
    qsort(lacks, count, sizeof lacks[0], by_count);
    for (size_t i = 0; i < count; i++) {
        bool occasion = strcmp(lacks[i].reason, "no occasion") == 0;
        fputs(i ? ", " : " for lack of ", t->out);
        print_visible(t->out, occasion ? "an occasion" : lacks[i].reason);
        fprintf(t->out, " (%zu)", lacks[i].count);
    }
}

static void print_field(const struct terminal *t, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(t->out, "       %-9s ", name);
    print_visible(t->out, text);
    fputc('\n', t->out);
}

static void print_requirement(const struct terminal *t, const char *id)
{
    const struct wsq_requirement *row = id ? wsq_requirement(id) : NULL;
    if (!row)
        return;
    char place[80];
    wsq_requirement_place(row, place, sizeof place);
    fprintf(t->out, "       %-9s %s: %s (%s, %s)\n", "rule", place, row->statement, row->level,
            row->id);
    if (*row->fix)
        fprintf(t->out, "       %-9s %s\n", "fix", row->fix);
}

static void print_fault(const struct terminal *t, const struct wsq_fault *fault)
{
    if (fault->step && fault->line)
        fprintf(t->out, "       %-9s line %u: ", "step", fault->line);
    else if (fault->step)
        fprintf(t->out, "       %-9s ", "step");
    if (fault->step) {
        print_visible(t->out, fault->step);
        fputc('\n', t->out);
    }
    print_field(t, "expected", fault->expected);
    print_field(t, "saw", fault->saw);
    print_field(t, "why", fault->why);
}

/* Several faults against one sentence name it once, behind the last. */
static bool ends_row(const struct wsq_case *c, size_t i)
{
    const char *now = c->faults[i].requirement;
    const char *next = i + 1 < c->fault_count ? c->faults[i + 1].requirement : NULL;
    return !now || !next || strcmp(now, next) != 0;
}

static void print_case(const struct terminal *t, const struct wsq_case *c)
{
    print_verdict(t, c->verdict);
    fprintf(t->out, "  ");
    print_visible(t->out, c->id);
    if (c->title) {
        fprintf(t->out, "  ");
        print_visible(t->out, c->title);
    }
    fputc('\n', t->out);
    if (t->quiet)
        return;
    if (c->fault_count == 0 || c->verdict == WSQ_FLAKY)
        print_field(t, "reason", c->reason);
    for (size_t i = 0; i < c->fault_count; i++) {
        print_fault(t, &c->faults[i]);
        if (ends_row(c, i))
            print_requirement(t, c->faults[i].requirement);
    }
    print_field(t, "agreed", c->expectation);
    print_field(t, "replay", c->replay);
}

static void print_totals(const struct terminal *t, const struct wsq_totals *totals)
{
    fputs("totals:", t->out);
    const char *separator = " ";
    for (int v = WSQ_PASS; v <= WSQ_ERROR; v++) {
        if (totals->of[v] == 0)
            continue;
        fprintf(t->out, "%s%zu %s", separator, totals->of[v],
                wsq_verdict_name((enum wsq_verdict)v));
        separator = ", ";
    }
    fprintf(t->out, "; %zu unexpected\n", totals->unexpected);
}

/* Fixed waits are what a script itself asks for (wait, silent, pause): all else is the target's
 * time. */
static void print_time(const struct terminal *t, const struct wsq_run *run)
{
    uint64_t waited = 0;
    for (size_t i = 0; i < run->case_count; i++)
        waited += run->cases[i].waited_ms;
    fprintf(t->out, "took %.2f s; fixed waits of the scripts: %llu ms\n", (double)run->ms / 1000,
            (unsigned long long)waited);
}

static void print_expected(const struct terminal *t, const struct wsq_run *run)
{
    bool any = false;
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];
        if (c->unexpected || !c->expectation)
            continue;
        if (!any)
            fputs("as expected:\n", t->out);
        any = true;
        fputs("       ", t->out);
        print_visible(t->out, c->id);
        fputs("  ", t->out);
        print_visible(t->out, c->expectation);
        fputc('\n', t->out);
    }
}

static bool needs(const struct wss_case *c, const char *what)
{
    for (size_t i = 0; i < c->need_count; i++)
        if (strcmp(c->needs[i], what) == 0)
            return true;
    return false;
}

static const struct wsq_case *result_of(const struct wsq_run *run, const char *id)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (strcmp(run->cases[i].id, id) == 0)
            return &run->cases[i];
    return NULL;
}

static void print_echo(const struct terminal *t, const struct wsq_run *run,
                       const struct wss_plan *plan)
{
    size_t count = 0, skipped = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct wsq_case *c =
            needs(&plan->cases[i], "echo") ? result_of(run, plan->cases[i].id) : NULL;
        count += c != NULL;
        skipped += c && c->verdict == WSQ_SKIP && c->reason && strcmp(c->reason, "needs echo") == 0;
    }
    fprintf(t->out, "echo: %zu of %zu cases need one, %zu of them were skipped for lack of it\n",
            count, run->case_count, skipped);
}

void terminal_summary(struct terminal *t, const struct wsq_run *run, const struct wss_plan *plan)
{
    struct wsq_totals totals;
    wsq_totals(run, &totals);
    terminal_clear(t);
    fprintf(t->out, "judged %zu of %zu", totals.judged, run->planned);
    if (totals.of[WSQ_SKIP] > 0) {
        fprintf(t->out, ", skipped %zu", totals.of[WSQ_SKIP]);
        print_lacks(t, run);
    }
    fputc('\n', t->out);
    for (size_t i = 0; i < run->case_count; i++)
        if (run->cases[i].unexpected)
            print_case(t, &run->cases[i]);
    for (size_t i = 0; i < run->complaint_count; i++) {
        fputs("unexpected: ", t->out);
        print_visible(t->out, run->complaints[i]);
        fputc('\n', t->out);
    }
    if (!t->quiet) {
        print_expected(t, run);
        print_totals(t, &totals);
        print_echo(t, run, plan);
        print_time(t, run);
    }
    if (run->incomplete) {
        fputs("the run is incomplete: ", t->out);
        print_visible(t->out, run->incomplete);
        fputc('\n', t->out);
    }
}
