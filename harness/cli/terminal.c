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

bool terminal_init(struct terminal *t, const char *choice, bool quiet, bool verbose)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool dumb = term && strcmp(term, "dumb") == 0;
    *t = (struct terminal){.quiet = quiet, .verbose = verbose};
    t->live = isatty(STDERR_FILENO) && !dumb && !quiet && !verbose;
    t->colour = isatty(STDOUT_FILENO) && !dumb && !(no_color && *no_color);
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
    printf("%s%-5s%s", paint(t, verdict), wsq_verdict_name(verdict), t->colour ? "\033[0m" : "");
}

void terminal_result(struct terminal *t, const struct wsq_case *c)
{
    if (!t->verbose)
        return;
    terminal_clear(t);
    print_verdict(t, c->verdict);
    printf("  ");
    print_visible(stdout, c->id);
    if (c->reason) {
        printf("  ");
        print_visible(stdout, c->reason);
    }
    putchar('\n');
    fflush(stdout);
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
            printf("%s | %s\n", id, visible);
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
static void print_lacks(const struct wsq_run *run)
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
        fputs(i ? ", " : " for lack of ", stdout);
        print_visible(stdout, occasion ? "an occasion" : lacks[i].reason);
        printf(" (%zu)", lacks[i].count);
    }
}

static void print_field(const char *name, const char *text)
{
    if (!text)
        return;
    printf("       %-9s ", name);
    print_visible(stdout, text);
    putchar('\n');
}

static void print_requirement(const char *id)
{
    const struct wsq_requirement *row = id ? wsq_requirement(id) : NULL;
    if (!row)
        return;
    char place[80];
    wsq_requirement_place(row, place, sizeof place);
    printf("       %-9s %s: %s (%s, %s)\n", "rule", place, row->statement, row->level, row->id);
}

static void print_fault(const struct wsq_fault *fault)
{
    if (fault->step && fault->line)
        printf("       %-9s line %u: ", "step", fault->line);
    else if (fault->step)
        printf("       %-9s ", "step");
    if (fault->step) {
        print_visible(stdout, fault->step);
        putchar('\n');
    }
    print_field("expected", fault->expected);
    print_field("saw", fault->saw);
    print_field("why", fault->why);
    print_requirement(fault->requirement);
}

static void print_case(const struct terminal *t, const struct wsq_case *c)
{
    print_verdict(t, c->verdict);
    printf("  ");
    print_visible(stdout, c->id);
    if (c->title) {
        printf("  ");
        print_visible(stdout, c->title);
    }
    putchar('\n');
    if (t->quiet)
        return;
    if (c->fault_count == 0 || c->verdict == WSQ_FLAKY)
        print_field("reason", c->reason);
    for (size_t i = 0; i < c->fault_count; i++)
        print_fault(&c->faults[i]);
    print_field("agreed", c->expectation);
    print_field("replay", c->replay);
}

static void print_totals(const struct wsq_totals *totals)
{
    fputs("totals:", stdout);
    const char *separator = " ";
    for (int v = WSQ_PASS; v <= WSQ_ERROR; v++) {
        if (totals->of[v] == 0)
            continue;
        printf("%s%zu %s", separator, totals->of[v], wsq_verdict_name((enum wsq_verdict)v));
        separator = ", ";
    }
    printf("; %zu unexpected\n", totals->unexpected);
}

/* Fixed waits are what a script itself asks for (wait, silent, pause): all else is the target's
 * time. */
static void print_time(const struct wsq_run *run)
{
    uint64_t waited = 0;
    for (size_t i = 0; i < run->case_count; i++)
        waited += run->cases[i].waited_ms;
    printf("took %.2f s; fixed waits of the scripts: %llu ms\n", (double)run->ms / 1000,
           (unsigned long long)waited);
}

static void print_expected(const struct wsq_run *run)
{
    bool any = false;
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];
        if (c->unexpected || !c->expectation)
            continue;
        if (!any)
            puts("as expected:");
        any = true;
        fputs("       ", stdout);
        print_visible(stdout, c->id);
        fputs("  ", stdout);
        print_visible(stdout, c->expectation);
        putchar('\n');
    }
}

void terminal_summary(struct terminal *t, const struct wsq_run *run)
{
    struct wsq_totals totals;
    wsq_totals(run, &totals);
    terminal_clear(t);
    printf("judged %zu of %zu", totals.judged, run->planned);
    if (totals.of[WSQ_SKIP] > 0) {
        printf(", skipped %zu", totals.of[WSQ_SKIP]);
        print_lacks(run);
    }
    putchar('\n');
    for (size_t i = 0; i < run->case_count; i++)
        if (run->cases[i].unexpected)
            print_case(t, &run->cases[i]);
    for (size_t i = 0; i < run->complaint_count; i++) {
        fputs("unexpected: ", stdout);
        print_visible(stdout, run->complaints[i]);
        putchar('\n');
    }
    if (!t->quiet) {
        print_expected(run);
        print_totals(&totals);
        print_time(run);
    }
    if (run->incomplete) {
        fputs("the run is incomplete: ", stdout);
        print_visible(stdout, run->incomplete);
        putchar('\n');
    }
}
