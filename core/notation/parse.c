/* Files and cases. */
#include <string.h>

#include "parser.h"

static const char *const top_words[] = {"case", "def", "include"};

/* The comment rows up to the next row that is none, as lines with their '#'; "" for empty lines
 * between. */
static void take_comments(struct wsn_parser *parser, const char ***lines, size_t *count)
{
    size_t from = *count;
    while (parser->at < parser->row_count && parser->rows[parser->at].comment) {
        const struct wsn_row *row = &parser->rows[parser->at++];
        if (row->gap && *count > from)
            *WSN_ADD(parser, *lines, *count) = "";
        const char *comment = wsn_comment_of(parser, row, 0);
        *WSN_ADD(parser, *lines, *count) = comment ? comment : "#";
    }
    bool gap = parser->at < parser->row_count && parser->rows[parser->at].gap;
    if (gap && *count > from)
        *WSN_ADD(parser, *lines, *count) = "";
}

static void add_clause_comment(struct wsn_parser *parser, struct wsn_case *c)
{
    const struct wsn_row *row = &parser->rows[parser->at++];
    struct wsn_clause *clause = WSN_ADD(parser, c->clauses, c->clause_count);
    clause->kind = WSN_CLAUSE_COMMENT;
    clause->comment = wsn_comment_of(parser, row, 1);
    clause->pos = wsn_row_pos(parser, row);
}

/* Steps begin where a row has a step's first word; a row with neither word is a clause misspelt. */
static bool begins_steps(struct wsn_parser *parser, const struct wsn_row *row)
{
    struct wsn_cursor c = wsn_open(parser, row);
    return wsn_step_stands(&c);
}

static bool is_clause_row(const struct wsn_parser *parser, const struct wsn_row *row)
{
    const char *p = parser->source + row->begin;
    size_t n = 0, left = row->end - row->begin;
    while (n < left && !wsn_is_blank(p[n]))
        n++;
    return wsn_is_clause(p, n);
}

/* Clauses as long as the rows in `column` begin with a clause's word; comments go with what follows
 * them. */
static void parse_clauses(struct wsn_parser *parser, uint32_t column, struct wsn_case *c)
{
    while (wsn_deeper(parser, 1)) {
        const struct wsn_row *next = &parser->rows[parser->rows[parser->at].content];
        bool clause = is_clause_row(parser, next);
        if (next->column != column || (!clause && begins_steps(parser, next)))
            return;
        if (parser->rows[parser->at].comment)
            add_clause_comment(parser, c);
        else if (clause)
            wsn_parse_clause(parser, c);
        else
            wsn_refuse_clause(parser);
    }
}

/* The column of the case's clauses and steps, or of its first comment when there is nothing else; 0
 * if the case is empty. */
static uint32_t body_column(const struct wsn_parser *parser)
{
    if (wsn_deeper(parser, 1))
        return parser->rows[parser->rows[parser->at].content].column;
    if (parser->at == parser->row_count || !parser->rows[parser->at].comment)
        return 0;
    uint32_t column = parser->rows[parser->at].column;
    return column > 1 ? column : 0;
}

static void parse_body(struct wsn_parser *parser, struct wsn_case *c)
{
    struct wsn_steps steps = {0};
    uint32_t column = body_column(parser);
    if (column) {
        parse_clauses(parser, column, c);
        wsn_parse_steps(parser, 1, column, &steps);
    }
    c->steps = steps.list;
    c->step_count = steps.count;
}

/* Offset behind the end of a row's line. */
static size_t line_end(const struct wsn_parser *parser, const struct wsn_row *row)
{
    const char *newline = memchr(parser->source + row->end, '\n', parser->length - row->end);
    return newline ? (size_t)(newline - parser->source) + 1 : parser->length;
}

static bool has_bad_row(const struct wsn_parser *parser, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (parser->rows[i].bad)
            return true;
    }
    return false;
}

/* A block is steps; of the clauses only `role` says something about them. */
static bool check_block(struct wsn_cursor *c, const struct wsn_case *block)
{
    size_t n;
    const char *name = wsn_bytes(&block->id, &n);
    if (!wsn_is_label(name, n))
        return wsn_fail(c, c->p, n,
                        "expected a block's name (a letter, then letters, digits, `-` and `_`), "
                        "found `%s`",
                        wsn_shown(c->parser, c->p, wsn_peek(c)));
    for (size_t i = 0; i < block->clause_count; i++) {
        const struct wsn_clause *clause = &block->clauses[i];
        if (clause->kind != WSN_CLAUSE_ROLE && clause->kind != WSN_CLAUSE_COMMENT) {
            wsn_error(c->parser->arena, c->parser->errors, clause->pos, 1,
                      "a block has steps, and no clause but `role`");
            return false;
        }
    }
    for (size_t i = 0; i < block->step_count; i++) {
        if (block->steps[i].kind != WSN_COMMENT)
            return true;
    }
    return wsn_fail(c, c->p, n, "expected steps below this line, in a deeper column");
}

static bool parse_id(struct wsn_cursor *c, const char *expected, struct wsn_case *found)
{
    if (!wsn_take_word(c, expected, &found->id) || !wsn_take_end(c, "the end of the line"))
        return false;
    found->comment = c->comment;
    return true;
}

/* The row begins with `case` or `def`: the id, and what stands below. */
static void parse_case(struct wsn_parser *parser, struct wsn_case found, bool block,
                       struct wsn_file *file)
{
    size_t first = parser->at++, errors = parser->errors->total;
    const struct wsn_row *row = &parser->rows[first];
    struct wsn_cursor c = wsn_open(parser, row);
    found.pos = wsn_where(&c, c.p);
    c.p += strlen(block ? "def" : "case");
    wsn_skip(&c);
    struct wsn_cursor name = c;
    parse_id(&c, block ? "a name behind `def`" : "an id behind `case`", &found);
    parser->server = false;
    parser->depth = 0;
    parse_body(parser, &found);
    found.server = parser->server;
    found.source = parser->source;
    found.from = row->begin - (row->column - 1);
    found.to = line_end(parser, &parser->rows[parser->at - 1]);
    if (errors != parser->errors->total || has_bad_row(parser, first, parser->at))
        return;
    if (!block)
        *WSN_ADD(parser, file->cases, file->case_count) = found;
    else if (check_block(&name, &found))
        *WSN_ADD(parser, file->blocks, file->block_count) = found;
}

static bool check_path(const struct wsn_cursor *c, struct wsn_include *include)
{
    size_t n = 0;
    const char *p = wsn_has_variable(&include->path) ? "" : wsn_bytes(&include->path, &n);
    include->comment = c->comment;
    if (n && !memchr(p, 0, n))
        return true;
    wsn_error(c->parser->arena, c->parser->errors, include->pos, 1,
              "expected a file's name, without variables");
    return false;
}

static void parse_include(struct wsn_parser *parser, const struct wsn_case *before,
                          struct wsn_file *file)
{
    const struct wsn_row *row = &parser->rows[parser->at++];
    struct wsn_cursor c = wsn_open(parser, row);
    struct wsn_include found = {.before = before->before, .before_count = before->before_count};
    c.p += strlen("include");
    wsn_skip(&c);
    found.pos = wsn_where(&c, c.p);
    if (c.p == c.end || *c.p != '"')
        wsn_unexpected(&c, "a file's name in quotes");
    else if (wsn_take_string(&c, &found.path) && wsn_take_end(&c, "the end of the line") &&
             check_path(&c, &found))
        *WSN_ADD(parser, file->includes, file->include_count) = found;
    wsn_skip_deeper(parser, 1, false);
}

/* What a file is made of, in this order. */
enum part { PART_INCLUDE, PART_BLOCK, PART_CASE, PART_NONE };
static const char *const part_words[] = {"include", "def", "case"};

static enum part part_of(const struct wsn_parser *parser, const struct wsn_row *row)
{
    const char *p = parser->source + row->begin;
    size_t left = row->end - row->begin;
    for (size_t i = 0; row->column == 1 && i < PART_NONE; i++) {
        size_t n = strlen(part_words[i]);
        if (left >= n && memcmp(p, part_words[i], n) == 0 && (left == n || wsn_is_blank(p[n])))
            return (enum part)i;
    }
    return PART_NONE;
}

static void parse_part(struct wsn_parser *parser, struct wsn_case before, enum part *last,
                       struct wsn_file *file)
{
    const struct wsn_row *row = &parser->rows[parser->at];
    enum part part = part_of(parser, row);
    struct wsn_cursor c = wsn_open(parser, row);
    if (part == PART_NONE) {
        parser->at++;
        wsn_unknown(&c, "`case` and an id", WSN_WORDS(top_words));
        wsn_skip_deeper(parser, 1, true);
        return;
    }
    if (part < *last)
        wsn_fail(&c, c.p, strlen(part_words[part]), "`%s` stands before the first `%s`",
                 part_words[part], part_words[part + 1]);
    else
        *last = part;
    if (part == PART_INCLUDE)
        parse_include(parser, &before, file);
    else
        parse_case(parser, before, part == PART_BLOCK, file);
}

static void parse_file(struct wsn_parser *parser, struct wsn_file *file)
{
    enum part last = PART_INCLUDE;
    while (parser->at < parser->row_count) {
        struct wsn_case before = {.before = NULL};
        take_comments(parser, &before.before, &before.before_count);
        if (parser->at == parser->row_count) {
            file->after = before.before;
            file->after_count = before.before_count;
            return;
        }
        parse_part(parser, before, &last, file);
    }
}

/* In a function of its own: nothing here lives across the jump but what the pointers lead to. */
static bool run(struct wsn_parser *parser, struct wsn_file *file)
{
    if (setjmp(parser->no_memory))
        return false;
    wsn_cut_rows(parser);
    parse_file(parser, file);
    return true;
}

struct wsn_file *wsn_parse_source(struct wsn_arena *arena, const char *name, const char *source,
                                  size_t length, uint32_t number, struct wsn_errors *errors)
{
    struct wsn_file *file = wsn_alloc(arena, sizeof *file);
    if (!file)
        return NULL;
    bool too_long = length > WSN_MAX_SOURCE;
    file->length = too_long ? 0 : length;
    file->source = wsn_copy(arena, source, file->length);
    file->name = wsn_copy(arena, name, strlen(name));
    if (!file->source || !file->name)
        return NULL;
    if (too_long)
        wsn_error(arena, errors, (struct wsn_pos){.source = number}, 1,
                  "a script has at most %zu bytes", WSN_MAX_SOURCE);
    struct wsn_parser parser = {.arena = arena,
                                .errors = errors,
                                .source = file->source,
                                .length = file->length,
                                .number = number};
    return run(&parser, file) ? file : NULL;
}

struct wsn_file *wsn_parse(struct wsn_arena *arena, const char *name, const char *source,
                           size_t length, struct wsn_errors *errors)
{
    return wsn_parse_source(arena, name, source, length, 0, errors);
}
