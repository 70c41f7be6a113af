/* plan.c - rows, settings and clauses: one runnable case a row. */
#include "program.h"

#include <stdlib.h>
#include <string.h>
#include <wsc/rules.h>
#include <wsq/secret.h>

enum { CASES_MAX = 100000 };

/* The values of one row: its columns, then settings, then `set` defaults. */
struct row {
    struct wss_binding *list;
    size_t count;
    const struct wss_plan *plan; /* for the files that it names */
    const struct wsn_file *file;
};

static bool find_row(const struct wss_env *env, const char *name, size_t n, const char **value,
                     size_t *length)
{
    const struct row *row = env->context;
    for (size_t i = 0; i < row->count; i++) {
        if (strlen(row->list[i].name) == n && memcmp(row->list[i].name, name, n) == 0) {
            *value = row->list[i].value;
            *length = row->list[i].length;
            return true;
        }
    }
    return false;
}

static void row_add(struct row *row, const char *name, const char *value, size_t length)
{
    row->list[row->count++] = (struct wss_binding){name, value, length};
}

struct builder {
    struct wss_plan *plan;
    const struct wsn_file *file;
    const struct wsn_case *source;
    const struct wss_settings *settings;
    struct wsn_errors *errors;
    size_t failures;
    struct row row;
};

static struct wsn_arena *arena_of(struct builder *b)
{
    return b->plan->arena;
}

/* What lacks a part is no plan: memory that ends is an error of the file. */
static bool is_starved(const struct builder *b)
{
    return *b->plan->arena->failed;
}

static const struct wsn_clause *clause(const struct builder *b, enum wsn_clause_kind kind,
                                       size_t nth)
{
    for (size_t i = 0; i < b->source->clause_count; i++) {
        if (b->source->clauses[i].kind == kind && nth-- == 0)
            return &b->source->clauses[i];
    }
    return NULL;
}

/* In an id every run of other characters than letters, digits, '.' and '_' is one '-', trimmed. */
static const char *id_value(struct wsn_arena *arena, const char *p, size_t n, size_t *length)
{
    char *out = wsn_alloc(arena, n + 1);
    size_t at = 0;
    for (size_t i = 0; out && i < n; i++) {
        char c = p[i];
        bool plain =
            (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '.' || c == '_';
        if (plain)
            out[at++] = c;
        else if (at && out[at - 1] != '-')
            out[at++] = '-';
    }
    while (out && at && out[at - 1] == '-')
        at--;
    if (out)
        out[at] = 0;
    *length = at;
    return out;
}

static const char *case_id(struct builder *b)
{
    struct row *row = &b->row;
    struct row ids = {.list = wsn_alloc(arena_of(b), (row->count + 1) * sizeof *ids.list)};
    for (size_t i = 0; ids.list && i < row->count; i++) {
        size_t n;
        const char *value = id_value(arena_of(b), row->list[i].value, row->list[i].length, &n);
        row_add(&ids, row->list[i].name, value, n);
    }
    struct wss_env env = {.find = find_row, .context = &ids};
    struct wsn_text bound = wss_bind_text(arena_of(b), &env, &b->source->id);
    return wss_plain(arena_of(b), &bound, NULL);
}

static void complain(struct builder *b, struct wsn_pos pos, const char *what, const char *of)
{
    wsn_error(arena_of(b), b->errors, pos, 1, what, of);
    b->failures++;
}

/* The plain words of all clauses of one kind. */
static const char **words(struct builder *b, enum wsn_clause_kind kind, size_t *count)
{
    size_t n = 0;
    const struct wsn_clause *c;
    for (size_t k = 0; (c = clause(b, kind, k)); k++)
        n += c->word_count;
    const char **out = wsn_alloc(arena_of(b), (n + 1) * sizeof *out);
    struct wss_env env = {.find = find_row, .context = &b->row};
    *count = 0;
    for (size_t k = 0; out && (c = clause(b, kind, k)); k++) {
        for (size_t i = 0; i < c->word_count; i++) {
            struct wsn_text bound = wss_bind_text(arena_of(b), &env, &c->words[i]);
            out[(*count)++] = wss_plain(arena_of(b), &bound, NULL);
        }
    }
    return out;
}

static bool setting_given(const struct builder *b, const char *name)
{
    for (size_t i = 0; i < b->settings->count; i++) {
        if (strcmp(b->settings->list[i].name, name) == 0)
            return true;
    }
    return false;
}

static void add_needs(struct builder *b, struct wss_case *test)
{
    size_t count;
    const char **all = words(b, WSN_CLAUSE_NEEDS, &count);
    test->needs = all;
    for (size_t i = 0; i < count; i++) {
        if (!setting_given(b, all[i]))
            test->needs[test->need_count++] = all[i];
    }
}

static bool rule_serves(const char *requirement)
{
    for (int rule = 1; rule < WSC_RULE_COUNT; rule++) {
        if (strcmp(wsc_rule_info((enum wsc_rule)rule)->requirement, requirement) == 0)
            return true;
    }
    return strcmp(requirement, WSS_CLEAN_END) == 0;
}

static void add_watches(struct builder *b, struct wss_case *test)
{
    test->watch = words(b, WSN_CLAUSE_WATCH, &test->watch_count);
    for (size_t i = 0; i < test->watch_count; i++) {
        if (!wsq_requirement(test->watch[i]))
            complain(b, clause(b, WSN_CLAUSE_WATCH, 0)->pos,
                     "expected a requirement of the catalogue, found `%s`", test->watch[i]);
        else if (!rule_serves(test->watch[i]))
            complain(b, clause(b, WSN_CLAUSE_WATCH, 0)->pos,
                     "no rule of the decoder watches requirement %s", test->watch[i]);
    }
    if (test->watch_count && b->source->step_count)
        complain(b, b->source->steps[0].pos, "a case with `%s` has no steps", "watch");
}

static void add_clauses(struct builder *b, struct wss_case *test)
{
    struct wss_env env = {.find = find_row, .context = &b->row};
    const struct wsn_clause *title = clause(b, WSN_CLAUSE_TITLE, 0);
    struct wsn_text text = title ? wss_bind_text(arena_of(b), &env, &title->text) : b->source->id;
    test->title = wss_plain(arena_of(b), &text, NULL);
    test->cites = words(b, WSN_CLAUSE_CITES, &test->cite_count);
    test->autobahn = words(b, WSN_CLAUSE_AUTOBAHN, &test->autobahn_count);
    add_needs(b, test);
    add_watches(b, test);
    size_t roles;
    const char **role = words(b, WSN_CLAUSE_ROLE, &roles);
    test->server_role = roles && strcmp(role[0], "server") == 0;
    const struct wsn_clause *timeout = clause(b, WSN_CLAUSE_TIMEOUT, 0);
    if (timeout) {
        size_t n;
        text = wss_bind_text(arena_of(b), &env, &timeout->text);
        const char *p = wss_plain(arena_of(b), &text, &n);
        int64_t ms = wsn_duration(p, n);
        if (ms <= 0)
            complain(b, timeout->pos, "expected a duration such as `10s`, found `%s`", p);
        else
            test->timeout_ms = (uint64_t)ms;
    }
}

static bool is_name_char(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

bool wss_case_uses(const struct wss_case *test, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = strchr(test->script, '$'); p; p = strchr(p + 1, '$')) {
        const char *at = p + 1 + (p[1] == '{');
        if (strncmp(at, name, n) == 0 && !is_name_char(at[n]))
            return true;
    }
    return false;
}

/* A variable that only a setting could fill, and the case says so: it will be skipped, not refused.
 */
static bool waits_for_setting(const struct wss_case *test)
{
    for (size_t i = 0; i < test->need_count; i++) {
        if (wss_case_uses(test, test->needs[i]))
            return true;
    }
    return false;
}

static bool names_secret(const struct builder *b, const struct wss_case *test)
{
    for (size_t i = 0; i < b->settings->count; i++) {
        const char *name = b->settings->list[i].name;
        if (wsq_secret_name(name, strlen(name)) && wss_case_uses(test, name))
            return true;
    }
    return false;
}

/* Relative to the file where it stands, which may be an included one. */
static const char *read_named(const struct wss_env *env, struct wsn_arena *arena,
                              struct wsn_pos pos, const char *path, size_t *length)
{
    const struct row *row = env->context;
    const struct wsn_file *file = row->file;
    if (pos.source && pos.source <= file->source_count)
        file = file->sources[pos.source - 1];
    return row->plan->read_file(arena, file->name, path, length);
}

static void compile_case(struct builder *b, struct wss_case *test)
{
    struct wss_program *program = wsn_alloc(arena_of(b), sizeof *program);
    if (!program)
        return;
    test->program = program;
    struct wss_compiler compiler = {.arena = arena_of(b),
                                    .errors = b->errors,
                                    .program = program,
                                    .server_role = test->server_role,
                                    .source = b->source,
                                    .id = test->id,
                                    .plan = b->plan,
                                    .file = b->file->name};
    for (size_t i = 0; i < test->cite_count; i++) {
        struct wsn_part part = {.p = test->cites[i], .n = strlen(test->cites[i])};
        struct wsn_text id = {.parts = &part,
                              .count = 1,
                              .present = true,
                              .pos = clause(b, WSN_CLAUSE_CITES, 0)->pos};
        const struct wsq_requirement *law = wss_requirement(&compiler, &id);
        if (i == 0)
            program->law = law;
    }
    if (!waits_for_setting(test)) {
        b->row.plan = b->plan;
        b->row.file = b->file;
        struct wss_env env = {
            .find = find_row, .context = &b->row, .read = b->plan->read_file ? read_named : NULL};
        bool linked = b->source->all;
        size_t count = linked ? b->source->all_count : b->source->step_count;
        const struct wsn_step *bound =
            wss_bind_steps(arena_of(b), &env, linked ? b->source->all : b->source->steps, count);
        wss_compile_steps(&compiler, bound, count, &program->body);
        if (!compiler.failures && !is_starved(b))
            wss_lint(&compiler, &program->body);
    }
    if (is_starved(b))
        return;
    if (!b->source->step_count && !test->watch_count)
        complain(b, b->source->pos, "case %s has neither steps nor `watch`", test->id);
    wss_find_charges(arena_of(b), test);
    wss_count_connections(arena_of(b), test);
    test->waits_ms = compiler.waits_ms;
    test->expects_message = compiler.expects_message;
    test->hears_messages = compiler.expects_message || !program->law;
    test->moves_target = compiler.moves_target;
    test->captures_secrets = compiler.captures_secrets;
    test->has_secrets = compiler.captures_secrets || names_secret(b, test);
    b->failures += compiler.failures;
}

static bool room_for_case(struct wss_plan *plan)
{
    if (plan->count < plan->room)
        return true;
    size_t room = plan->room ? plan->room * 2 : 64;
    struct wss_case *grown = wsn_alloc(plan->arena, room * sizeof *grown);
    if (!grown || room > 2 * CASES_MAX)
        return false;
    if (plan->count)
        memcpy(grown, plan->cases, plan->count * sizeof *grown);
    plan->cases = grown;
    plan->room = room;
    return true;
}

static const char *suite_of(struct wsn_arena *arena, const char *id)
{
    return wsn_copy(arena, id, strcspn(id, "/"));
}

static void add_row(struct builder *b)
{
    struct wss_case test = {.id = case_id(b),
                            .file = b->file->name,
                            .line = b->source->pos.line,
                            .script = wss_script(arena_of(b), b->source)};
    test.suite = suite_of(arena_of(b), test.id);
    add_clauses(b, &test);
    if (is_starved(b))
        return;
    for (size_t i = 0; i < b->plan->count; i++) {
        if (strcmp(b->plan->cases[i].id, test.id) == 0) {
            complain(b, b->source->pos, "a case with the id %s exists already", test.id);
            return;
        }
    }
    compile_case(b, &test);
    if (b->failures || is_starved(b))
        return;
    if (!room_for_case(b->plan)) {
        complain(b, b->source->pos, "too many cases: no room for %s", test.id);
        return;
    }
    b->plan->cases[b->plan->count++] = test;
}

static void cell_value(struct builder *b, const struct wsn_term *cell, struct wss_binding *out)
{
    if (wss_has_variable(&cell->text) || wss_has_variable(&cell->times))
        complain(b, cell->text.pos,
                 "a value of `$%s` holds a variable: rows are set before the run", out->name);
    struct wsn_term copy = *cell;
    struct wsn_payload payload = {.terms = &copy, .count = 1, .present = true};
    out->value = (const char *)wss_payload_bytes(arena_of(b), &payload, 1, &out->length);
    if (!out->value) {
        out->value = "";
        out->length = 0;
    }
}

/* Walks the product of all `each` clauses, the last one fastest. */
static void add_rows(struct builder *b, size_t nth)
{
    const struct wsn_clause *c = clause(b, WSN_CLAUSE_EACH, nth);
    if (!c) {
        size_t columns = b->row.count;
        for (size_t i = 0; i < b->settings->count; i++) {
            const struct wss_setting *s = &b->settings->list[i];
            row_add(&b->row, s->name, s->value, s->length);
        }
        const struct wsn_clause *set;
        for (size_t k = 0; (set = clause(b, WSN_CLAUSE_SET, k)); k++) {
            size_t n;
            const char *value = wss_plain(arena_of(b), &set->text, &n);
            row_add(&b->row, wss_plain(arena_of(b), &set->words[0], NULL), value, n);
        }
        add_row(b);
        b->row.count = columns;
        return;
    }
    const struct wsn_each *each = &c->each;
    for (size_t r = 0; r < each->row_count && !b->failures; r++) {
        size_t columns = b->row.count;
        for (size_t k = 0; k < each->name_count; k++) {
            struct wss_binding *cell = &b->row.list[b->row.count++];
            cell->name = each->names[k];
            cell_value(b, &each->cells[r * each->name_count + k], cell);
        }
        add_rows(b, nth + 1);
        b->row.count = columns;
    }
}

static size_t row_room(const struct builder *b)
{
    size_t n = b->settings->count + 1;
    for (size_t i = 0; i < b->source->clause_count; i++)
        n += b->source->clauses[i].each.name_count + 1;
    return n;
}

static void add_cases(struct wss_plan *plan, const struct wsn_file *file,
                      const struct wss_settings *settings, struct wsn_errors *errors)
{
    static const struct wss_settings none;
    for (size_t i = 0; i < file->case_count && !*plan->arena->failed; i++) {
        struct builder b = {.plan = plan,
                            .file = file,
                            .source = &file->cases[i],
                            .settings = settings ? settings : &none,
                            .errors = errors};
        b.row.list = wsn_alloc(plan->arena, row_room(&b) * sizeof *b.row.list);
        if (b.row.list)
            add_rows(&b, 0);
        if (is_starved(&b))
            wsn_error(plan->arena, errors, b.source->pos, 1, "out of memory");
    }
}

void wss_plan_add(struct wss_plan *plan, const struct wsn_file *file,
                  const struct wss_settings *settings, struct wsn_errors *errors)
{
    bool failed = false, *outer = plan->arena->failed;
    plan->arena->failed = &failed;
    add_cases(plan, file, settings, errors);
    plan->arena->failed = outer;
    if (failed && outer)
        *outer = true;
}
