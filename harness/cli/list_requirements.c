/* list --requirements: the matrix requirement -> cases -> mutants. */
#include "commands.h"
#include "list.h"
#include "matrix.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

static const char *grade_name(enum wsq_grade grade)
{
    switch (grade) {
    case WSQ_GRADE_NA:
        return "NA";
    case WSQ_GRADE_INFO:
        return "INFO";
    case WSQ_GRADE_WARN:
        return "WARN";
    case WSQ_GRADE_FAIL:
        return "FAIL";
    case WSQ_GRADE_DUP:
        return "DUP";
    }
    return "?";
}

/* ---- text ---- */

static void print_mutants(const struct matrix_row *row)
{
    struct wsq_text out = {0};
    for (size_t i = 0; i < row->mutant_count; i++)
        wsq_text_printf(&out, "%s%s", i ? "  " : "", row->mutants[i]->id);
    char *text = wsq_text_take(&out, NULL);
    if (text && *text)
        print_wrapped(stdout, 4, "mutants", text);
    free(text);
}

static void print_some(const char *label, const char *text)
{
    if (text && *text)
        print_wrapped(stdout, 4, label, text);
}

static void print_row(const struct matrix_row *row)
{
    const struct wsq_requirement *r = row->requirement;
    printf("%-16s %-6s %-12s %s%s%s\n", r->id, r->level, r->binds, grade_name(r->grade),
           *r->same_as ? " of " : "", r->same_as);
    print_wrapped(stdout, 4, "", r->statement);
    print_cases(4, "cases", row->cases, row->case_count);
    print_some("no case", r->no_case);
    print_mutants(row);
    print_some("no mutant", r->no_mutant);
    print_some("BARE", case_complaint(row));
    print_some("BARE", mutant_complaint(row));
}

/* How many rows ask for something, and what became of them. */
struct tally {
    size_t asked, met, excused, bare;
};

static void count(struct tally *tally, bool asked, bool has, const char *reason,
                  const char *complaint)
{
    tally->asked += asked;
    tally->met += asked && has;
    tally->excused += asked && !has && *reason;
    tally->bare += complaint != NULL;
}

static void take(const struct matrix *matrix, struct tally *cases, struct tally *mutants)
{
    for (size_t i = 0; i < matrix->count; i++) {
        const struct matrix_row *row = &matrix->rows[i];
        const struct wsq_requirement *r = row->requirement;
        count(cases, asks_for_case(r), row->case_count > 0, r->no_case, case_complaint(row));
        count(mutants, asks_for_mutant(r), row->mutant_count > 0, r->no_mutant,
              mutant_complaint(row));
    }
}

static bool is_bare(const struct matrix_row *row)
{
    return case_complaint(row) || mutant_complaint(row);
}

static void print_tally(const char *what, const struct tally *tally)
{
    printf("%-8s %zu requirements ask for one: %zu have it, %zu a reason, %zu are bare\n", what,
           tally->asked, tally->met, tally->excused, tally->bare);
}

static void print_text(const struct matrix *matrix, bool bare, const struct tally *cases,
                       const struct tally *mutants)
{
    for (size_t i = 0; i < matrix->count; i++)
        if (!bare || is_bare(&matrix->rows[i]))
            print_row(&matrix->rows[i]);
    printf("\n%zu requirements\n", matrix->count);
    print_tally("cases:", cases);
    print_tally("mutants:", mutants);
}

/* ---- JSON ---- */

static json_t *or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *ids_of_cases(const struct matrix_row *row, bool watches)
{
    json_t *list = json_array();
    for (size_t i = 0; i < row->case_count; i++)
        if ((row->cases[i]->watch_count > 0) == watches)
            json_array_append_new(list, json_string(row->cases[i]->id));
    return list;
}

static json_t *ids_of_mutants(const struct matrix_row *row)
{
    json_t *list = json_array();
    for (size_t i = 0; i < row->mutant_count; i++)
        json_array_append_new(list, json_string(row->mutants[i]->id));
    return list;
}

static json_t *row_json(const struct matrix_row *row)
{
    const struct wsq_requirement *r = row->requirement;
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
        "id", r->id, "rfc", r->rfc, "section", r->section, "level", r->level, "binds", r->binds,
        "grade", grade_name(r->grade), "same_as", or_null(r->same_as), "statement", r->statement,
        "asks_for_case", asks_for_case(r), "asks_for_mutant", asks_for_mutant(r), "cases",
        ids_of_cases(row, false), "watches", ids_of_cases(row, true), "mutants",
        ids_of_mutants(row), "no_case", or_null(r->no_case), "no_mutant", or_null(r->no_mutant),
        "fix", or_null(r->fix), "bare", is_bare(row));
}

static json_t *tally_json(const struct tally *tally)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "asked", (json_int_t)tally->asked, "met",
                     (json_int_t)tally->met, "excused", (json_int_t)tally->excused, "bare",
                     (json_int_t)tally->bare);
}

static json_t *matrix_json(const struct matrix *matrix, bool bare, const struct tally *cases,
                           const struct tally *mutants)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < matrix->count; i++)
        if (!bare || is_bare(&matrix->rows[i]))
            json_array_append_new(rows, row_json(&matrix->rows[i]));
    return json_pack("{s:o, s:o, s:o}", "requirements", rows, "cases", tally_json(cases), "mutants",
                     tally_json(mutants));
}

int list_requirements(const struct wss_plan *plan, const struct list_options *o)
{
    struct matrix matrix;
    struct tally cases = {0}, mutants = {0};
    if (!matrix_make(&matrix, plan)) {
        fputs("wsproof list: out of memory\n", stderr);
        return EXIT_USAGE;
    }
    take(&matrix, &cases, &mutants);
    int code = EXIT_EXPECTED;
    if (o->json)
        code = print_json(matrix_json(&matrix, o->bare, &cases, &mutants));
    else
        print_text(&matrix, o->bare, &cases, &mutants);
    if (code == EXIT_EXPECTED && o->bare && cases.bare + mutants.bare > 0)
        code = EXIT_UNEXPECTED;
    return code;
}
