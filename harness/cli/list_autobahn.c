/* list --autobahn: which cases stand for which of the Autobahn Testsuite. */
#include "autobahn.h"
#include "commands.h"
#include "list.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

static const struct wss_case **cases_for(const struct wss_plan *plan, const char *id, size_t *count)
{
    const struct wss_case **list = calloc(plan->count + 1, sizeof *list);
    *count = 0;
    for (size_t i = 0; list && i < plan->count; i++)
        if (stands_for(&plan->cases[i], id))
            list[(*count)++] = &plan->cases[i];
    return list;
}

static void print_row(const struct autobahn_case *row, const struct wss_case *const *cases,
                      size_t count)
{
    printf("%-8s %s\n", row->id, row->section);
    print_wrapped(stdout, 4, "sends", row->what);
    if (*row->differs)
        print_wrapped(stdout, 4, "differs", row->differs);
    if (count > 0)
        print_cases(4, "cases", cases, count);
    else
        print_wrapped(stdout, 4, "BARE", "none");
}

static json_t *row_json(const struct autobahn_case *row, const struct wss_case *const *cases,
                        size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(cases[i]->id));
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "id", row->id, "section", row->section, "sends",
                     row->what, "differs", *row->differs ? json_string(row->differs) : json_null(),
                     "cases", list);
}

struct tally {
    size_t all, met;
};

static void print_tally(const char *what, const struct tally *tally)
{
    printf("%s: %zu ids, %zu named by a case\n", what, tally->all, tally->met);
}

int list_autobahn(const struct wss_plan *plan, const struct list_options *o)
{
    struct tally core = {0}, rest = {0};
    if (autobahn_misnamed(plan) > 0)
        return EXIT_USAGE;
    json_t *all = o->json ? json_array() : NULL;
    const struct autobahn_case *row;
    for (size_t i = 0; (row = autobahn_at(i)); i++) {
        size_t count;
        const struct wss_case **cases = cases_for(plan, row->id, &count);
        struct tally *tally = autobahn_core(row->id) ? &core : &rest;
        tally->all++;
        tally->met += count > 0;
        if (o->bare && count > 0)
            ; /* nothing is missing */
        else if (o->json)
            json_array_append_new(all, row_json(row, cases, count));
        else
            print_row(row, cases, count);
        free(cases);
    }
    int code = o->json ? print_json(all) : EXIT_EXPECTED;
    if (!o->json) {
        print_tally("\nsections 1 to 7 and 10", &core);
        print_tally("sections 9, 12 and 13", &rest);
        printf("together: %zu of %zu\n", core.met + rest.met, core.all + rest.all);
    }
    bool missing = core.met < core.all || rest.met < rest.all;
    return code == EXIT_EXPECTED && o->bare && missing ? EXIT_UNEXPECTED : code;
}
