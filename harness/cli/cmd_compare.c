/* report diff, report matrix: runs beside each other. */
#include "commands.h"
#include "compare.h"
#include "output.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <wsq/compare.h>

/* ---- the journals ---- */

struct beside {
    const char **paths;
    struct wsq_run *runs;
    size_t count;
    struct wsq_comparison comparison;
};

static void drop(struct beside *beside)
{
    wsq_comparison_drop(&beside->comparison);
    for (size_t i = 0; i < beside->count && beside->runs; i++)
        wsq_run_drop(&beside->runs[i]);
    free(beside->runs);
}

static int load(const struct command *command, const struct texts *paths, struct beside *beside)
{
    int code = 0;
    *beside = (struct beside){.paths = paths->list, .count = paths->count};
    beside->runs = calloc(paths->count, sizeof *beside->runs);
    if (!beside->runs)
        return EXIT_INCOMPLETE;
    for (size_t i = 0; i < paths->count && code == 0; i++)
        code = journal_load(command, paths->list[i], &beside->runs[i]);
    if (code == 0 && !wsq_compare(beside->runs, beside->count, &beside->comparison))
        code = EXIT_INCOMPLETE;
    return code;
}

/* ---- diff ---- */

static void print_cell(const struct wsq_case *c)
{
    fputs(c ? wsq_verdict_name(c->verdict) : "–", stdout);
}

static void print_reason(const struct wsq_case *c)
{
    if (!c || !c->reason)
        return;
    fputs("\n      ", stdout);
    print_visible(stdout, c->reason);
}

static size_t print_changes(const struct wsq_comparison *comparison, enum wsq_change change,
                            const char *title)
{
    size_t count = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct wsq_row *row = &comparison->rows[i];
        if (row->change != change)
            continue;
        if (count++ == 0)
            printf("%s\n", title);
        fputs("  ", stdout);
        print_visible(stdout, row->id);
        fputs(": ", stdout);
        print_cell(row->cases[0]);
        fputs(" → ", stdout);
        print_cell(row->cases[1]);
        print_reason(row->cases[1]);
        putchar('\n');
    }
    return count;
}

/* What is gone cannot be called good: a gate that lost its cases is open. */
static int print_diff(const struct beside *beside)
{
    static const struct {
        enum wsq_change change;
        const char *title;
    } parts[] = {{WSQ_WORSE, "worse"},
                 {WSQ_GONE, "gone"},
                 {WSQ_NEW, "new"},
                 {WSQ_OTHER, "other"},
                 {WSQ_BETTER, "better"}};
    size_t counts[WSQ_GONE + 1] = {0}, faults = 0;
    const struct wsq_comparison *comparison = &beside->comparison;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        counts[parts[i].change] = print_changes(comparison, parts[i].change, parts[i].title);
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->rows[i].change == WSQ_NEW) {
            enum wsq_verdict verdict = comparison->rows[i].cases[1]->verdict;
            faults += verdict == WSQ_FAIL || verdict == WSQ_FLAKY || verdict == WSQ_ERROR;
        }
    printf("%zu cases: %zu worse, %zu better, %zu other, %zu new, %zu gone\n", comparison->count,
           counts[WSQ_WORSE], counts[WSQ_BETTER], counts[WSQ_OTHER], counts[WSQ_NEW],
           counts[WSQ_GONE]);
    return counts[WSQ_WORSE] + counts[WSQ_GONE] + faults > 0 ? EXIT_UNEXPECTED : EXIT_EXPECTED;
}

static int incomplete(const struct beside *beside)
{
    int code = 0;
    for (size_t i = 0; i < beside->count; i++)
        if (!beside->runs[i].complete) {
            fputs("wsproof: ", stderr);
            print_visible(stderr, beside->paths[i]);
            fputs(": the run did not reach its end\n", stderr);
            code = EXIT_INCOMPLETE;
        }
    return code;
}

static int run_diff(int count, char **arguments)
{
    static const struct option options[] = {{.kind = OPTION_FLAG}};
    struct texts paths = {0};
    struct beside beside;
    int code = options_read(&diff_command, options, count, arguments, &paths);
    if (code != 0)
        return code < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (paths.count != 2)
        return usage_error(&diff_command, "expected two journals, the old and the new");
    code = load(&diff_command, &paths, &beside);
    if (code == 0) {
        code = print_diff(&beside);
        code = incomplete(&beside) ? EXIT_INCOMPLETE : code;
    }
    drop(&beside);
    return code;
}

const struct command diff_command = {
    .name = "report diff",
    .usage = "OLD NEW",
    .what = "say what changed from one journal to another",
    .more = "Exit codes: 0 nothing is worse, 1 a case is worse or gone, or a new one has a fault, "
            "4 a run is "
            "incomplete.\n",
    .run = run_diff,
};

/* ---- matrix ---- */

static void print_name(const struct beside *beside, size_t i)
{
    const struct wsq_run *run = &beside->runs[i];
    printf("  %zu  ", i + 1);
    print_visible(stdout, beside->paths[i]);
    fputs(": ", stdout);
    print_visible(stdout, run->server ? run->server : run->target ? run->target : "");
    puts(run->complete ? "" : " (incomplete)");
}

static size_t widest_id(const struct wsq_comparison *comparison)
{
    size_t widest = 4;
    for (size_t i = 0; i < comparison->count; i++) {
        size_t n = strlen(comparison->rows[i].id);
        widest = n > widest ? n : widest;
    }
    return widest < 60 ? widest : 60;
}

/* An id is printed as it is known, so its bytes are its columns; hostile ones are only ragged. */
static void print_row(const struct wsq_row *row, size_t runs, size_t width)
{
    size_t n = strlen(row->id);
    fputs("  ", stdout);
    print_visible(stdout, row->id);
    printf("%*s", (int)(n < width ? width - n : 0), "");
    for (size_t i = 0; i < runs; i++)
        printf("  %-5s", row->cases[i] ? wsq_verdict_name(row->cases[i]->verdict) : "-");
    putchar('\n');
}

static void print_rows(const struct wsq_comparison *comparison, bool differs, size_t width)
{
    for (size_t i = 0; i < comparison->count; i++)
        if (comparison->rows[i].differs == differs)
            print_row(&comparison->rows[i], comparison->runs, width);
}

static void print_head(const char *title, size_t runs, size_t width)
{
    printf("%-*s", (int)width + 2, title);
    for (size_t i = 0; i < runs; i++)
        printf("  %-5zu", i + 1);
    putchar('\n');
}

static void print_totals(const struct beside *beside, size_t width)
{
    for (enum wsq_verdict verdict = WSQ_PASS; verdict <= WSQ_ERROR; verdict++) {
        printf("  %-*s", (int)width, wsq_verdict_name(verdict));
        for (size_t i = 0; i < beside->count; i++) {
            struct wsq_totals totals;
            wsq_totals(&beside->runs[i], &totals);
            printf("  %-5zu", totals.of[verdict]);
        }
        putchar('\n');
    }
}

static void print_matrix(const struct beside *beside, bool all)
{
    const struct wsq_comparison *comparison = &beside->comparison;
    size_t width = widest_id(comparison), same = 0;
    puts("runs");
    for (size_t i = 0; i < beside->count; i++)
        print_name(beside, i);
    print_head("totals", beside->count, width);
    print_totals(beside, width);
    print_head("different", beside->count, width);
    print_rows(comparison, true, width);
    for (size_t i = 0; i < comparison->count; i++)
        same += !comparison->rows[i].differs;
    if (all) {
        print_head("the same", beside->count, width);
        print_rows(comparison, false, width);
    }
    printf("%zu of %zu cases are the same in all\n", same, comparison->count);
}

static int run_matrix(int count, char **arguments)
{
    struct texts paths = {0};
    struct beside beside;
    bool all = false;
    const struct option options[] = {{.kind = OPTION_FLAG,
                                      .letter = 'a',
                                      .name = "all",
                                      .slot = &all,
                                      .what = "also the cases in which the runs agree"},
                                     {.kind = OPTION_FLAG}};
    int code = options_read(&matrix_command, options, count, arguments, &paths);
    if (code != 0)
        return code < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (paths.count < 2)
        return usage_error(&matrix_command, "expected two journals or more");
    code = load(&matrix_command, &paths, &beside);
    if (code == 0) {
        print_matrix(&beside, all);
        code = incomplete(&beside);
    }
    drop(&beside);
    return code;
}

const struct command matrix_command = {
    .name = "report matrix",
    .usage = "[OPTION…] JOURNAL…",
    .what = "put the verdicts of several journals side by side, differences first",
    .run = run_matrix,
};
