#include "timing.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SLOWEST = 10 };

static int by_time(const void *a, const void *b)
{
    const struct wsq_case *const *x = a, *const *y = b;
    if ((*x)->ms != (*y)->ms)
        return (*x)->ms < (*y)->ms ? 1 : -1;
    return strcmp((*x)->id, (*y)->id);
}

static void print_slowest(FILE *out, const struct wsq_run *run)
{
    const struct wsq_case **list = calloc(run->case_count + 1, sizeof *list);
    if (!list)
        return;
    for (size_t i = 0; i < run->case_count; i++)
        list[i] = &run->cases[i];
    qsort(list, run->case_count, sizeof *list, by_time);
    fputs("  slowest cases\n", out);
    for (size_t i = 0; i < run->case_count && i < SLOWEST && list[i]->ms > 0; i++) {
        fprintf(out, "    %6" PRIu64 " ms  ", list[i]->ms);
        print_visible(out, list[i]->id);
        if (list[i]->attempt_count > 1)
            fprintf(out, "  (%zu attempts)", list[i]->attempt_count);
        fputc('\n', out);
    }
    free(list);
}

static void print_waiting_lines(FILE *out, const char *script)
{
    const char *line;
    size_t n;
    while (script && (line = wsq_next_wait(&script, &n)))
        fprintf(out, "               %.*s\n", (int)n, line);
}

static void print_waits(FILE *out, const struct wsq_run *run)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < run->case_count; i++)
        sum += run->cases[i].waited_ms;
    fprintf(out, "  fixed waits of the cases: %" PRIu64 " ms\n", sum);
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];
        if (c->waited_ms == 0)
            continue;
        fprintf(out, "    %6" PRIu64 " ms  %s: ", c->waited_ms, c->id);
        print_visible(out, c->title ? c->title : "");
        fputc('\n', out);
        print_waiting_lines(out, c->script);
    }
}

/* The one wait of our own: nothing tells that a server will not greet. */
static void print_probe(FILE *out, const struct wsq_run *run)
{
    static const char words[] = "listened for a greeting: ";
    const char *found = run->profile ? strstr(run->profile, words) : NULL;
    if (!found)
        return;
    found += strlen(words);
    fprintf(out, "  fixed wait of the probe: %.*s, to learn whether the target speaks unasked\n",
            (int)strcspn(found, "\n"), found);
}

void timing_print(FILE *out, const struct timing *timing, const struct wsq_run *run)
{
    fprintf(out, "timing\n  wall time   %8" PRIu64 " ms\n  our CPU     %8" PRIu64 " ms\n", run->ms,
            timing->own_ms);
    if (timing->spawned)
        fprintf(out, "  target CPU  %8" PRIu64 " ms\n", timing->target_ms);
    print_slowest(out, run);
    print_probe(out, run);
    print_waits(out, run);
}
