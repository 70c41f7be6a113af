/* explain: a requirement, a case, a mutant or a case of Autobahn, and all that belongs to it. */
#include "autobahn.h"
#include "commands.h"
#include "matrix.h"
#include "print.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/select.h>
#include <wsq/result.h>
#include <wsq/text.h>

struct library {
    struct suite suite;
    struct matrix matrix;
};

static void print_some(const char *label, const char *text)
{
    if (text && *text)
        print_wrapped(stdout, 2, label, text);
}

/* ---- a requirement ---- */

static const char *grade_in_words(const struct wsq_requirement *row)
{
    switch (row->grade) {
    case WSQ_GRADE_NA:
        return "NA: it cannot be seen from outside";
    case WSQ_GRADE_INFO:
        return "INFO: either way conforms; what a peer does is only noted";
    case WSQ_GRADE_WARN:
        return "WARN: a peer that does otherwise is warned: a SHOULD, or disputed";
    case WSQ_GRADE_FAIL:
        return "FAIL: a peer that does otherwise fails";
    case WSQ_GRADE_DUP:
        return "DUP: another row judges it";
    }
    return "";
}

static void print_mutants(const struct matrix_row *row)
{
    for (size_t i = 0; i < row->mutant_count; i++) {
        char *text = wsq_format("%s: it %s", row->mutants[i]->id, row->mutants[i]->what);
        print_some(i ? "" : "mutants", text);
        free(text);
    }
}

static const struct matrix_row *row_of(const struct library *library,
                                       const struct wsq_requirement *row)
{
    return &library->matrix.rows[row - wsq_requirement_at(0)];
}

static void explain_requirement(const struct library *library, const struct wsq_requirement *row)
{
    const struct matrix_row *tested = row_of(library, row);
    const struct wsq_requirement *judge = wsq_requirement_judged(row);
    char place[80];
    wsq_requirement_place(row, place, sizeof place);
    printf("%s  %s, %s, binds %s\n", row->id, place, row->level,
           strcmp(row->binds, "both") == 0 ? "client and server" : row->binds);
    print_some("", row->statement);
    char *link =
        wsq_format("https://www.rfc-editor.org/rfc/rfc%s#section-%s", row->rfc, row->section);
    print_some("text", link);
    free(link);
    print_some("grade", grade_in_words(row));
    if (judge != row) {
        print_some("judged by", judge->id);
        print_some("", judge->statement);
        print_some("grade", grade_in_words(judge));
    }
    print_some("note", row->note);
    print_some("mistake", judge->mutant);
    print_some("shown by", judge->probe_server);
    print_some("fix", *row->fix ? row->fix : judge->fix);
    print_cases(2, "cases", tested->cases, tested->case_count);
    print_some("no case", judge->no_case);
    print_mutants(tested);
    print_some("no mutant", judge->no_mutant);
}

/* ---- a case ---- */

/* A requirement inside something else. */
static void print_requirement(const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);
    char place[80];
    if (!row)
        return;
    wsq_requirement_place(row, place, sizeof place);
    printf("\n  %s  %s, %s, %s\n", row->id, place, row->level,
           grade_in_words(wsq_requirement_judged(row)));
    print_some("", row->statement);
    print_some("note", row->note);
    print_some("fix", *row->fix ? row->fix : wsq_requirement_judged(row)->fix);
}

static char *joined(const char *const *words, size_t count)
{
    struct wsq_text out = {0};
    for (size_t i = 0; i < count; i++)
        wsq_text_printf(&out, "%s%s", i ? " " : "", words[i]);
    return wsq_text_take(&out, NULL);
}

static void print_words(const char *label, const char *const *words, size_t count)
{
    char *text = joined(words, count);
    print_some(label, text);
    free(text);
}

static void print_killed(const struct wss_case *c)
{
    const struct wsp_filter_info *mutant;
    bool first = true;
    for (size_t i = 0; (mutant = wsp_mutant_at(i)); i++) {
        if (!wsh_glob(mutant->killed_by, c->id))
            continue;
        char *text = wsq_format("%s: it %s", mutant->id, mutant->what);
        print_some(first ? "kills" : "", text);
        free(text);
        first = false;
    }
}

static void explain_case(const struct wss_case *c)
{
    printf("%s  %s:%u\n", c->id, c->file, c->line);
    print_some("", c->title);
    print_words("needs", c->needs, c->need_count);
    print_words("Autobahn", c->autobahn, c->autobahn_count);
    print_killed(c);
    for (size_t i = 0; i < c->charge_count; i++)
        print_requirement(c->charges[i]);
    printf("\n%s\n", c->script);
}

/* ---- a mutant or a liberty ---- */

static void explain_filter(const struct library *library, const struct wsp_filter_info *filter)
{
    printf("%s  a %s%s\n", filter->id, filter->killed_by ? "mutant, kind " : "",
           filter->killed_by ? filter->kind : "liberty");
    char *what = wsq_format("A server that %s", filter->what);
    print_some("", what);
    free(what);
    for (size_t i = 0; filter->killed_by && i < library->suite.plan.count; i++) {
        const struct wss_case *c = &library->suite.plan.cases[i];
        if (wsh_glob(filter->killed_by, c->id)) {
            char *text = wsq_format("%s: %s", c->id, c->title ? c->title : "");
            print_some("killed by", text);
            free(text);
        }
    }
    char *command = wsq_format("wsproof peer --mutant %s", filter->id);
    print_some("serve it", command);
    free(command);
    print_requirement(filter->requirement);
}

/* ---- a case of Autobahn ---- */

static void explain_autobahn(const struct library *library, const struct autobahn_case *row)
{
    const struct wss_plan *plan = &library->suite.plan;
    printf("Autobahn %s  %s\n", row->id, row->section);
    print_some("sends", row->what);
    print_some("differs", row->differs);
    const struct wss_case **list = calloc(plan->count + 1, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; list && i < plan->count; i++)
        if (stands_for(&plan->cases[i], row->id))
            list[count++] = &plan->cases[i];
    if (count > 0)
        print_cases(2, "cases", list, count);
    else
        print_some("cases", "none");
    for (size_t k = 0; count > 0 && k < list[0]->charge_count; k++)
        print_requirement(list[0]->charges[k]);
    free(list);
}

/* ---- the command ---- */

static size_t explain_cases(const struct wss_plan *plan, const char *pattern)
{
    size_t found = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (!wsh_glob(pattern, plan->cases[i].id))
            continue;
        if (found++)
            putchar('\n');
        explain_case(&plan->cases[i]);
    }
    return found;
}

static bool explain(const struct library *library, const char *id)
{
    const struct wsq_requirement *requirement = wsq_requirement(id);
    const struct autobahn_case *autobahn = autobahn_case(id);
    const struct wsp_filter_info *filter = wsp_filter(id);
    if (requirement)
        explain_requirement(library, requirement);
    else if (autobahn)
        explain_autobahn(library, autobahn);
    else if (filter)
        explain_filter(library, filter);
    else
        return explain_cases(&library->suite.plan, id) > 0;
    return true;
}

static int unknown(const char *id)
{
    return usage_error(&explain_command,
                       "%s is no requirement (`wsproof list --requirements`), no case (`wsproof "
                       "list`), no mutant (`wsproof peer --list-mutants`) and no case of Autobahn "
                       "(`wsproof list --autobahn`)",
                       id);
}

static int run_explain(int count, char **arguments)
{
    static const struct wss_settings no_settings;
    struct texts ids = {0}, paths = {0};
    const struct option options[] = {OPTION_CASES(&paths), {0}};
    int read = options_read(&explain_command, options, count, arguments, &ids);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (ids.count == 0)
        return usage_error(&explain_command, "expected an id such as 6455-5.1-3");
    struct library library = {0};
    int code = suite_load(&library.suite, &paths, &no_settings) == 0 ? EXIT_EXPECTED : EXIT_USAGE;
    if (code == EXIT_EXPECTED && !matrix_make(&library.matrix, &library.suite.plan))
        code = usage_error(&explain_command, "out of memory");
    for (size_t i = 0; i < ids.count && code == EXIT_EXPECTED; i++) {
        if (i)
            putchar('\n');
        if (!explain(&library, ids.list[i]))
            code = unknown(ids.list[i]);
    }
    suite_drop(&library.suite);
    return code;
}

const struct command explain_command = {
    .name = "explain",
    .usage = "[OPTION…] ID…",
    .what = "say what a requirement asks, how a mistake shows, and how it is mended",
    .more =
        "ID is a requirement (6455-5.1-3), a case (5.1/unmasked-text, or 5.1/*), a mutant\n"
        "(accept-unmasked) or a case of Autobahn (6.4.1).\n\n"
        "In \"shown by\" HS stands for an opening handshake that was accepted, PMD for\n"
        "permessage-deflate, FAIL[…] for a connection that is failed with one of these codes or\n"
        "ended, REJ[…] for an answer with one of these statuses or another error, ALIVE for a "
        "ping\n"
        "that is answered, and T for the patience.\n",
    .run = run_explain,
};
