/* The canonical text of cases and steps. */
#include <string.h>

#include "parser.h"
#include "printer.h"

enum { LAST_COLUMN = 100, WIDEST_COLUMN = 32, STEP = 2 };

static void put_comment(struct wsn_buffer *out, const char *comment)
{
    if (comment) {
        wsn_puts(out, "  ");
        wsn_put_comment(out, comment);
    }
}

static void put_charge(struct wsn_buffer *out, const struct wsn_text *charge)
{
    if (charge->present) {
        wsn_puts(out, "  @");
        wsn_put_text(out, charge);
    }
}

/* --- deeper lines --- */

static void put_params(struct wsn_buffer *out, const struct wsn_line *line)
{
    for (size_t i = 0; i < line->param_count; i++) {
        const struct wsn_param *param = &line->params[i];
        wsn_puts(out, param->absent ? " !" : " ");
        wsn_put_text(out, &param->name);
        if (param->value.present) {
            wsn_puts(out, "=");
            wsn_put_text(out, &param->value);
        }
    }
}

static void put_field(struct wsn_buffer *out, const char *prefix, const struct wsn_line *line)
{
    wsn_puts(out, prefix);
    wsn_put_text(out, &line->name);
    wsn_puts(out, line->value.count ? ": " : ":");
    wsn_put_text(out, &line->value);
}

static void put_named(struct wsn_buffer *out, const char *prefix, const struct wsn_line *line,
                      const char *suffix)
{
    wsn_puts(out, prefix);
    wsn_put_text(out, &line->name);
    wsn_puts(out, suffix);
}

static void put_line(struct wsn_buffer *out, const struct wsn_line *line, unsigned indent)
{
    wsn_put_blanks(out, indent);
    switch (line->kind) {
    case WSN_LINE_SET:
        put_field(out, "", line);
        break;
    case WSN_LINE_ADD:
        put_field(out, "+", line);
        break;
    case WSN_LINE_REMOVE:
        put_named(out, "-", line, "");
        break;
    case WSN_LINE_BODY:
        wsn_puts(out, "body ");
        wsn_put_payload(out, &line->payload, indent);
        break;
    case WSN_LINE_RAW:
        wsn_put_payload(out, &line->payload, indent);
        break;
    case WSN_LINE_ANY:
        put_named(out, "", line, ": *");
        break;
    case WSN_LINE_MATCH:
        put_named(out, "", line, ": ");
        wsn_put_regex(out, &line->value);
        break;
    case WSN_LINE_ABSENT:
        put_named(out, "!", line, "");
        break;
    case WSN_LINE_EXTENSION:
        put_named(out, "extension ", line, "");
        put_params(out, line);
        break;
    case WSN_LINE_NO_EXTENSION:
        put_named(out, "!extension ", line, "");
        break;
    case WSN_LINE_COMMENT:
        wsn_put_comment(out, line->comment);
        wsn_puts(out, "\n");
        return;
    }
    put_charge(out, &line->charge);
    put_comment(out, line->comment);
    wsn_puts(out, "\n");
}

/* --- the parts of a step's line --- */

static void put_word(struct wsn_buffer *out, const struct wsn_text *text)
{
    if (text->present) {
        wsn_puts(out, " ");
        wsn_put_text(out, text);
    }
}

static void put_modifier(struct wsn_buffer *out, const struct wsn_modifier *modifier)
{
    wsn_printf(out, " %s", modifier->name);
    if (modifier->value.present) {
        wsn_puts(out, "=");
        wsn_put_text(out, &modifier->value);
    }
    for (size_t i = 0; i < modifier->argument_count; i++) {
        const struct wsn_modifier *argument = &modifier->arguments[i];
        wsn_printf(out, "%s%s", i ? " " : "(", argument->name);
        if (argument->value.present) {
            wsn_puts(out, "=");
            wsn_put_text(out, &argument->value);
        }
    }
    if (modifier->argument_count)
        wsn_puts(out, ")");
}

/* The opcode stands before the payload, the others behind it. */
static void put_modifiers(struct wsn_buffer *out, const struct wsn_step *step, bool opcode)
{
    for (size_t i = 0; i < step->modifier_count; i++) {
        if ((strcmp(step->modifiers[i].name, "opcode") == 0) == opcode)
            put_modifier(out, &step->modifiers[i]);
    }
}

static void put_codes(struct wsn_buffer *out, const struct wsn_step *step)
{
    for (size_t i = 0; i < step->code_count; i++) {
        wsn_puts(out, i ? "|" : " ");
        wsn_put_text(out, &step->codes[i]);
    }
}

static void put_payload(struct wsn_buffer *out, const struct wsn_payload *payload, unsigned indent)
{
    if (payload->present) {
        wsn_puts(out, " ");
        wsn_put_payload(out, payload, indent);
    }
}

/* Verb, codes, payload and modifiers; each kind has the parts that it has. */
static void put_parts(struct wsn_buffer *out, const struct wsn_step *step, const char *word,
                      unsigned indent)
{
    if (word)
        wsn_printf(out, " %s", word);
    put_word(out, &step->verb);
    put_codes(out, step);
    put_payload(out, &step->reason, indent);
    put_modifiers(out, step, true);
    put_payload(out, &step->payload, indent);
    put_word(out, &step->target);
    put_word(out, &step->version);
    if (step->open)
        wsn_puts(out, " open");
    if (step->plain)
        wsn_puts(out, " plain");
    put_modifiers(out, step, false);
}

static const struct wsn_step *pattern_of(const struct wsn_step *step)
{
    bool has = step->kind == WSN_NEVER && step->branch_count && step->branches[0].step_count;
    return has ? &step->branches[0].steps[0] : NULL;
}

static void put_let(struct wsn_buffer *out, const struct wsn_step *step)
{
    if (step->secret)
        wsn_puts(out, " secret");
    put_word(out, &step->name);
    wsn_puts(out, " =");
    put_word(out, &step->verb);
    if (wsn_text_is(&step->verb, "json")) {
        wsn_puts(out, " $");
        wsn_put_text(out, &step->value);
    } else {
        put_word(out, &step->value);
    }
}

static void put_keyword(struct wsn_buffer *out, const struct wsn_step *step, unsigned indent)
{
    const struct wsn_step *pattern = pattern_of(step);
    if (step->connection)
        wsn_printf(out, "%s ", step->connection);
    wsn_puts(out, wsn_step_word(step->kind));
    if (pattern)
        put_parts(out, pattern, wsn_step_word(pattern->kind), indent);
    if (step->kind == WSN_LET) {
        put_let(out, step);
        return;
    }
    if (step->kind == WSN_USE)
        put_word(out, &step->name);
    put_word(out, &step->verb);
    put_word(out, &step->value);
    put_modifiers(out, step, false);
}

/* --- steps --- */

static void put_branch(struct wsn_buffer *out, const struct wsn_branch *branch, bool first,
                       unsigned indent)
{
    if (!first) {
        static const char *const words[] = {"or", "or warn ", "or info "};
        wsn_put_blanks(out, indent);
        wsn_puts(out, words[branch->grade]);
        if (branch->grade != WSN_GRADE_NONE)
            wsn_put_text(out, &branch->why);
        put_comment(out, branch->comment);
        wsn_puts(out, "\n");
    }
    for (size_t i = 0; i < branch->step_count; i++)
        wsn_print_step(&branch->steps[i], indent + STEP, out);
}

static void put_below(struct wsn_buffer *out, const struct wsn_step *step, unsigned indent)
{
    const struct wsn_step *pattern = pattern_of(step), *head = pattern ? pattern : step;
    for (size_t i = 0; i < head->line_count; i++)
        put_line(out, &head->lines[i], indent + STEP);
    for (size_t i = 0; !pattern && i < step->branch_count; i++)
        put_branch(out, &step->branches[i], i == 0, indent);
}

static void put_every(struct wsn_buffer *out, const struct wsn_step *step)
{
    if (!step->every.present)
        return;
    wsn_puts(out, " every");
    put_word(out, &step->every);
    wsn_puts(out, " ±");
    put_word(out, &step->tolerance);
    wsn_puts(out, " for");
    put_word(out, &step->lasting);
}

void wsn_print_step(const struct wsn_step *step, unsigned indent, struct wsn_buffer *out)
{
    if (step->kind == WSN_COMMENT && !step->comment) {
        wsn_puts(out, "\n");
        return;
    }
    wsn_put_blanks(out, indent);
    if (step->kind == WSN_COMMENT) {
        wsn_put_comment(out, step->comment);
        wsn_puts(out, "\n");
        return;
    }
    if (wsn_sends(step->kind) || wsn_expects(step->kind)) {
        wsn_puts(out, step->connection ? step->connection : "");
        wsn_puts(out, wsn_sends(step->kind) ? ">" : "<");
        put_parts(out, step, wsn_step_word(step->kind), indent);
    } else {
        put_keyword(out, step, indent);
    }
    if (step->within.present) {
        wsn_puts(out, " within");
        put_word(out, &step->within);
    }
    put_every(out, step);
    put_charge(out, &step->charge);
    put_comment(out, step->comment);
    wsn_puts(out, "\n");
    put_below(out, step, indent);
}

/* --- clauses --- */

/* Between two entries of a list: a blank, or a new line when the next one would be too long. */
static void put_gap(struct wsn_buffer *out, size_t line, size_t column, size_t next)
{
    if (wsn_width(out, line) + 1 + next <= LAST_COLUMN) {
        wsn_puts(out, " ");
    } else {
        wsn_puts(out, "\n");
        wsn_put_blanks(out, column);
    }
}

struct list {
    size_t line;   /* offset where the line at hand begins */
    size_t column; /* of the first entry */
    size_t count;
};

/* One entry, which may begin a new line; returns nothing but keeps `list` up to date. */
static void put_entry(struct wsn_buffer *out, struct list *list, const struct wsn_term *term,
                      const struct wsn_text *word)
{
    struct wsn_buffer entry = {.limit = out->limit};
    if (term)
        wsn_put_term(&entry, term, 0);
    else
        wsn_put_text(&entry, word);
    size_t before = out->n;
    if (list->count++ > 0) {
        put_gap(out, list->line, list->column, wsn_width(&entry, 0));
        if (before < out->n && out->p[before] == '\n')
            list->line = before + 1;
    }
    wsn_put(out, entry.p ? entry.p : "", entry.n);
    wsn_drop_part(&entry, out);
}

static void put_words(struct wsn_buffer *out, const struct wsn_clause *clause, size_t line)
{
    struct list list = {.line = line, .column = wsn_width(out, line)};
    for (size_t i = 0; i < clause->word_count; i++)
        put_entry(out, &list, NULL, &clause->words[i]);
}

static size_t cell_width(const struct wsn_term *cell, struct wsn_buffer *out)
{
    struct wsn_buffer text = {.limit = out->limit};
    wsn_put_term(&text, cell, 0);
    size_t width = wsn_width(&text, 0);
    wsn_drop_part(&text, out);
    return width;
}

/* Width of column i; very wide cells stand out instead of stretching all rows. */
static size_t column_width(const struct wsn_each *each, size_t i, struct wsn_buffer *out)
{
    size_t widest = strlen(each->names[i]);
    for (size_t row = 0; row < each->row_count && widest < WIDEST_COLUMN; row++) {
        size_t width = cell_width(&each->cells[row * each->name_count + i], out);
        widest = width > widest ? width : widest;
    }
    return widest < WIDEST_COLUMN ? widest : WIDEST_COLUMN;
}

static void put_padding(struct wsn_buffer *out, size_t from, size_t width)
{
    size_t written = wsn_width(out, from);
    wsn_put_blanks(out, 2 + (written < width ? width - written : 0));
}

static void put_table_row(struct wsn_buffer *out, const struct wsn_each *each, const size_t *widths,
                          size_t row)
{
    for (size_t i = 0; i < each->name_count; i++) {
        size_t from = out->n;
        wsn_put_term(out, &each->cells[row * each->name_count + i], 0);
        if (i + 1 < each->name_count)
            put_padding(out, from, widths[i]);
    }
    put_comment(out, each->row_comments ? each->row_comments[row] : NULL);
}

static void put_table(struct wsn_buffer *out, const struct wsn_each *each, size_t column)
{
    size_t widths[64];
    size_t count = each->name_count < 64 ? each->name_count : 64;
    for (size_t i = 0; i < count; i++) {
        size_t from = out->n;
        widths[i] = column_width(each, i, out);
        wsn_puts(out, each->names[i]);
        if (i + 1 < count)
            put_padding(out, from, widths[i]);
    }
    put_comment(out, each->comment);
    for (size_t row = 0; row < each->row_count; row++) {
        wsn_puts(out, "\n");
        wsn_put_blanks(out, column);
        put_table_row(out, each, widths, row);
    }
}

static void put_each(struct wsn_buffer *out, const struct wsn_each *each, size_t line)
{
    if (each->table) {
        put_table(out, each, wsn_width(out, line));
        return;
    }
    wsn_printf(out, "%s = ", each->names[0]);
    struct list list = {.line = line, .column = wsn_width(out, line)};
    for (size_t i = 0; i < each->row_count; i++)
        put_entry(out, &list, &each->cells[i], NULL);
    put_comment(out, each->comment);
}

static void put_clause(struct wsn_buffer *out, const struct wsn_clause *clause)
{
    static const char *const words[] = {"title", "cites",   "needs",    "role", "each",
                                        "set",   "timeout", "autobahn", "watch"};
    size_t line = out->n;
    if (clause->kind == WSN_CLAUSE_COMMENT) {
        put_comment(out, clause->comment);
        wsn_puts(out, "\n");
        return;
    }
    wsn_printf(out, "  %-5s  ", words[clause->kind]);
    if (clause->kind == WSN_CLAUSE_EACH)
        put_each(out, &clause->each, line);
    else
        put_words(out, clause, line);
    if (clause->kind == WSN_CLAUSE_SET)
        wsn_puts(out, " = ");
    wsn_put_text(out, &clause->text);
    put_comment(out, clause->comment);
    wsn_puts(out, "\n");
}

/* --- cases and files --- */

static void print_body(const struct wsn_case *c, const char *word, struct wsn_buffer *out)
{
    wsn_puts(out, word);
    put_word(out, &c->id);
    put_comment(out, c->comment);
    wsn_puts(out, "\n");
    for (size_t i = 0; i < c->clause_count; i++)
        put_clause(out, &c->clauses[i]);
    if (c->clause_count && c->step_count)
        wsn_puts(out, "\n");
    for (size_t i = 0; i < c->step_count; i++)
        wsn_print_step(&c->steps[i], STEP, out);
}

void wsn_print_case(const struct wsn_case *c, struct wsn_buffer *out)
{
    print_body(c, "case", out);
}

static void put_lines(struct wsn_buffer *out, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wsn_puts(out, lines[i]);
        wsn_puts(out, "\n");
    }
}

/* One below the other, but for those with comments of their own. */
static void put_includes(struct wsn_buffer *out, const struct wsn_file *file)
{
    for (size_t i = 0; i < file->include_count; i++) {
        const struct wsn_include *include = &file->includes[i];
        if (i && include->before_count)
            wsn_puts(out, "\n");
        put_lines(out, include->before, include->before_count);
        wsn_puts(out, "include");
        put_word(out, &include->path);
        put_comment(out, include->comment);
        wsn_puts(out, "\n");
    }
}

static void put_cases(struct wsn_buffer *out, const struct wsn_case *cases, size_t count,
                      const char *word, bool first)
{
    for (size_t i = 0; i < count; i++) {
        if (i || !first)
            wsn_puts(out, "\n");
        put_lines(out, (const char *const *)cases[i].before, cases[i].before_count);
        print_body(&cases[i], word, out);
    }
}

void wsn_print(const struct wsn_file *file, struct wsn_buffer *out)
{
    put_includes(out, file);
    put_cases(out, file->blocks, file->block_count, "def", !file->include_count);
    put_cases(out, file->cases, file->case_count, "case",
              !file->include_count && !file->block_count);
    if ((file->include_count || file->block_count || file->case_count) && file->after_count)
        wsn_puts(out, "\n");
    put_lines(out, (const char *const *)file->after, file->after_count);
}
