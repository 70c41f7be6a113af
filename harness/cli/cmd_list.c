/* list: what there is. */
#include "choice.h"
#include "commands.h"
#include "embedded.h"
#include "list.h"
#include "print.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static const struct wss_settings no_settings;

/* ---- the cases ---- */

static void print_words(const char *label, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? " " : label, words[i]);
}

static void print_case(const struct wss_case *c, bool longer)
{
    printf("%-44s  %s\n", c->id, c->title ? c->title : "");
    if (!longer)
        return;
    printf("    %s:%u", c->file, c->line);
    print_words("  cites ", c->cites, c->cite_count);
    print_words("  watches ", c->watch, c->watch_count);
    print_words("  needs ", c->needs, c->need_count);
    if (c->connections > 1)
        printf("  connections at a time %zu", c->connections);
    print_words("  autobahn ", c->autobahn, c->autobahn_count);
    putchar('\n');
}

static json_t *words_json(const char *const *words, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(words[i]));
    return list;
}

static json_t *case_json(const struct wss_case *c)
{
    return json_pack("{s:s, s:s?, s:s, s:i, s:o, s:o, s:o, s:o, s:I, s:o}", "id", c->id, "title",
                     c->title, "file", c->file, "line", (int)c->line, "cites",
                     words_json(c->cites, c->cite_count), "charges",
                     words_json(c->charges, c->charge_count), "watches",
                     words_json(c->watch, c->watch_count), "needs",
                     words_json(c->needs, c->need_count), "connections", (json_int_t)c->connections,
                     "autobahn", words_json(c->autobahn, c->autobahn_count));
}

int list_cases(const struct wss_plan *plan, const bool *selected, const struct list_options *o)
{
    json_t *list = o->json ? json_array() : NULL;
    for (size_t i = 0; i < plan->count; i++) {
        if (!selected[i])
            continue;
        if (o->json)
            json_array_append_new(list, case_json(&plan->cases[i]));
        else
            print_case(&plan->cases[i], o->longer);
    }
    return o->json ? print_json(list) : EXIT_EXPECTED;
}

/* ---- the command ---- */

/* A kit begins with a comment; its first sentence says what it is about. */
static void list_kits(void)
{
    for (const struct embedded *kit = embedded_kits; kit->name; kit++) {
        const char *text = (const char *)kit->text + strspn((const char *)kit->text, "# ");
        printf("%-16s  %.*s\n", kit->name, (int)strcspn(text, "\n"), text);
    }
    puts("`wsproof show KIT` prints its settings and cases; `wsproof run URL KIT` runs it");
}

enum what { CASES, REQUIREMENTS, AUTOBAHN, SUITES };

static int list(const struct suite *suite, enum what what, const bool *selected,
                const struct list_options *o)
{
    switch (what) {
    case REQUIREMENTS:
        return list_requirements(&suite->plan, o);
    case AUTOBAHN:
        return list_autobahn(&suite->plan, o);
    case SUITES:
        list_suites(&suite->plan);
        return EXIT_EXPECTED;
    case CASES:
        break;
    }
    return list_cases(&suite->plan, selected, o);
}

static int load_and_list(const struct texts *paths, enum what what, const struct choice *choice,
                         const struct list_options *o)
{
    struct suite suite = {0};
    int code = EXIT_USAGE;
    if (suite_load(&suite, paths, &no_settings) == 0) {
        bool *selected = calloc(suite.plan.count + 1, sizeof *selected);
        if (!selected)
            code = usage_error(&list_command, "out of memory");
        else
            code = choose(&list_command, choice, &suite.plan, selected);
        if (code == 0)
            code = list(&suite, what, selected, o);
        code = suite.errors ? EXIT_USAGE : code;
        free(selected);
    }
    suite_drop(&suite);
    return code;
}

static int run_list(int count, char **arguments)
{
    struct texts paths = {0};
    struct choice choice = {0};
    struct list_options o = {0};
    bool requirements = false, autobahn = false, suites = false, kits = false;
    const struct option options[] = {
        {.kind = OPTION_LIST,
         .name = "suite",
         .value = "NAME",
         .what = "cases of this suite: see --suites",
         .slot = &choice.suites},
        {.kind = OPTION_LIST,
         .name = "only",
         .value = "GLOB",
         .what = "cases whose id matches",
         .slot = &choice.only},
        {.kind = OPTION_LIST,
         .name = "skip",
         .value = "GLOB",
         .what = "leave these out",
         .slot = &choice.skip},
        {.kind = OPTION_FLAG,
         .letter = 'l',
         .name = "long",
         .what = "also where it stands, what it cites and what it needs",
         .slot = &o.longer},
        {.kind = OPTION_FLAG,
         .name = "suites",
         .what = "the suites, what each is about and how many cases it has",
         .slot = &suites},
        {.kind = OPTION_FLAG,
         .name = "kits",
         .what = "the kits: scenarios to point at a server of your own by settings",
         .slot = &kits},
        {.kind = OPTION_FLAG,
         .name = "requirements",
         .what = "the requirements of the catalogue, with the cases that test and the mutants that "
                 "break each",
         .slot = &requirements},
        {.kind = OPTION_FLAG,
         .name = "autobahn",
         .what = "the cases of the Autobahn Testsuite, with ours that stand for each",
         .slot = &autobahn},
        {.kind = OPTION_FLAG,
         .name = "bare",
         .what =
             "only what lacks a case or a mutant without a reason; exit with 1 if anything does",
         .slot = &o.bare},
        {.kind = OPTION_FLAG, .name = "json", .what = "as JSON", .slot = &o.json},
        {0}};
    int read = options_read(&list_command, options, count, arguments, &paths);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (requirements + autobahn + suites + kits > 1)
        return usage_error(&list_command,
                           "expected one of --suites, --kits, --requirements and --autobahn");
    if (kits) {
        list_kits();
        return EXIT_EXPECTED;
    }
    if (o.bare && !requirements && !autobahn)
        return usage_error(&list_command,
                           "--bare: expected --requirements or --autobahn beside it");
    enum what what = requirements ? REQUIREMENTS : autobahn ? AUTOBAHN : suites ? SUITES : CASES;
    return load_and_list(&paths, what, &choice, &o);
}

const struct command list_command = {
    .name = "list",
    .usage = "[OPTION…] [SCRIPT|FOLDER…]",
    .what = "list the cases, those of the program or of scripts",
    .run = run_list,
};
