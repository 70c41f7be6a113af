/* Deep equality; positions and the source do not count. */
#include <string.h>

#include <wsn/notation.h>

/* Walks the bytes of a text one part at a time, so that it does not matter how literals are split.
 */
struct walk {
    const struct wsn_text *text;
    size_t part, at;
};

/* What is left of the part at hand; NULL at the end. */
static const struct wsn_part *current(struct walk *w, const char **p, size_t *n)
{
    while (w->part < w->text->count) {
        const struct wsn_part *part = &w->text->parts[w->part];
        if (part->variable || w->at < part->n) {
            *p = part->p + w->at;
            *n = part->n - w->at;
            return part;
        }
        w->part++;
        w->at = 0;
    }
    return NULL;
}

static void advance(struct walk *w, const struct wsn_part *part, size_t n)
{
    w->at += n;
    if (w->at == part->n) {
        w->part++;
        w->at = 0;
    }
}

static bool same_bytes(const struct wsn_text *a, const struct wsn_text *b)
{
    struct walk v = {.text = a}, w = {.text = b};
    for (;;) {
        const char *p = NULL, *q = NULL;
        size_t n = 0, m = 0;
        const struct wsn_part *x = current(&v, &p, &n), *y = current(&w, &q, &m);
        if (!x || !y)
            return x == y;
        size_t least = n < m ? n : m;
        if (x->variable != y->variable || (x->variable && n != m) || memcmp(p, q, least) != 0)
            return false;
        advance(&v, x, least);
        advance(&w, y, least);
    }
}

static bool same_text(const struct wsn_text *a, const struct wsn_text *b)
{
    return a->quoted == b->quoted && a->present == b->present && same_bytes(a, b);
}

static bool same_string(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_term(const struct wsn_term *a, const struct wsn_term *b)
{
    return a->kind == b->kind && same_text(&a->text, &b->text) && same_text(&a->times, &b->times);
}

/* Lists of the same length whose elements are equal by `same`. */
#define SAME_LIST(a, a_count, b, b_count, same)                                                    \
    do {                                                                                           \
        if ((a_count) != (b_count))                                                                \
            return false;                                                                          \
        for (size_t i_ = 0; i_ < (a_count); i_++) {                                                \
            if (!same(&(a)[i_], &(b)[i_]))                                                         \
                return false;                                                                      \
        }                                                                                          \
    } while (0)

static bool same_line_of_text(const char *const *a, const char *const *b)
{
    return same_string(*a, *b);
}

static bool same_payload(const struct wsn_payload *a, const struct wsn_payload *b)
{
    SAME_LIST(a->terms, a->count, b->terms, b->count, same_term);
    return a->present == b->present;
}

static bool same_modifier(const struct wsn_modifier *a, const struct wsn_modifier *b)
{
    SAME_LIST(a->arguments, a->argument_count, b->arguments, b->argument_count, same_modifier);
    return strcmp(a->name, b->name) == 0 && same_text(&a->value, &b->value);
}

static bool same_param(const struct wsn_param *a, const struct wsn_param *b)
{
    return a->absent == b->absent && same_text(&a->name, &b->name) &&
           same_text(&a->value, &b->value);
}

static bool same_line(const struct wsn_line *a, const struct wsn_line *b)
{
    SAME_LIST(a->params, a->param_count, b->params, b->param_count, same_param);
    return a->kind == b->kind && same_text(&a->name, &b->name) && same_text(&a->value, &b->value) &&
           same_payload(&a->payload, &b->payload) && same_text(&a->charge, &b->charge) &&
           same_string(a->comment, b->comment);
}

static bool same_branch(const struct wsn_branch *a, const struct wsn_branch *b);

static bool same_step(const struct wsn_step *a, const struct wsn_step *b)
{
    SAME_LIST(a->codes, a->code_count, b->codes, b->code_count, same_text);
    SAME_LIST(a->modifiers, a->modifier_count, b->modifiers, b->modifier_count, same_modifier);
    SAME_LIST(a->lines, a->line_count, b->lines, b->line_count, same_line);
    SAME_LIST(a->branches, a->branch_count, b->branches, b->branch_count, same_branch);
    return a->kind == b->kind && same_string(a->connection, b->connection) &&
           same_text(&a->verb, &b->verb) && same_text(&a->target, &b->target) &&
           same_text(&a->version, &b->version) && a->open == b->open && a->plain == b->plain &&
           a->secret == b->secret && same_payload(&a->payload, &b->payload) &&
           same_payload(&a->reason, &b->reason) && same_text(&a->name, &b->name) &&
           same_text(&a->value, &b->value) && same_text(&a->within, &b->within) &&
           same_text(&a->every, &b->every) && same_text(&a->tolerance, &b->tolerance) &&
           same_text(&a->lasting, &b->lasting) && same_text(&a->charge, &b->charge) &&
           same_string(a->comment, b->comment);
}

static bool same_branch(const struct wsn_branch *a, const struct wsn_branch *b)
{
    SAME_LIST(a->steps, a->step_count, b->steps, b->step_count, same_step);
    return a->grade == b->grade && same_text(&a->why, &b->why) &&
           same_string(a->comment, b->comment);
}

static const char *row_comment(const struct wsn_each *each, size_t row)
{
    return each->row_comments ? each->row_comments[row] : NULL;
}

static bool same_each(const struct wsn_each *a, const struct wsn_each *b)
{
    SAME_LIST(a->names, a->name_count, b->names, b->name_count, same_line_of_text);
    SAME_LIST(a->cells, a->row_count * a->name_count, b->cells, b->row_count * b->name_count,
              same_term);
    for (size_t row = 0; row < a->row_count; row++) {
        if (!same_string(row_comment(a, row), row_comment(b, row)))
            return false;
    }
    return a->table == b->table && same_string(a->comment, b->comment);
}

static bool same_clause(const struct wsn_clause *a, const struct wsn_clause *b)
{
    SAME_LIST(a->words, a->word_count, b->words, b->word_count, same_text);
    return a->kind == b->kind && same_text(&a->text, &b->text) && same_each(&a->each, &b->each) &&
           same_string(a->comment, b->comment);
}

static bool same_case(const struct wsn_case *a, const struct wsn_case *b)
{
    SAME_LIST(a->before, a->before_count, b->before, b->before_count, same_line_of_text);
    SAME_LIST(a->clauses, a->clause_count, b->clauses, b->clause_count, same_clause);
    SAME_LIST(a->steps, a->step_count, b->steps, b->step_count, same_step);
    return same_text(&a->id, &b->id) && same_string(a->comment, b->comment);
}

static bool same_include(const struct wsn_include *a, const struct wsn_include *b)
{
    SAME_LIST(a->before, a->before_count, b->before, b->before_count, same_line_of_text);
    return same_text(&a->path, &b->path) && same_string(a->comment, b->comment);
}

bool wsn_equal(const struct wsn_file *a, const struct wsn_file *b)
{
    SAME_LIST(a->includes, a->include_count, b->includes, b->include_count, same_include);
    SAME_LIST(a->blocks, a->block_count, b->blocks, b->block_count, same_case);
    SAME_LIST(a->cases, a->case_count, b->cases, b->case_count, same_case);
    SAME_LIST(a->after, a->after_count, b->after, b->after_count, same_line_of_text);
    return true;
}
