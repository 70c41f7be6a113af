/* Clauses: what stands in a case before its steps. */
#include <string.h>

#include "parser.h"

static const struct {
    const char *word;
    enum wsn_clause_kind kind;
} clauses[] = {
    {"title", WSN_CLAUSE_TITLE}, {"cites", WSN_CLAUSE_CITES},     {"needs", WSN_CLAUSE_NEEDS},
    {"role", WSN_CLAUSE_ROLE},   {"each", WSN_CLAUSE_EACH},       {"set", WSN_CLAUSE_SET},
    {"watch", WSN_CLAUSE_WATCH}, {"timeout", WSN_CLAUSE_TIMEOUT}, {"autobahn", WSN_CLAUSE_AUTOBAHN},
};
enum { CLAUSES = sizeof clauses / sizeof *clauses };

static size_t find_clause(const char *p, size_t n)
{
    size_t i = 0;
    while (i < CLAUSES && !wsn_is(p, n, clauses[i].word))
        i++;
    return i;
}

bool wsn_is_clause(const char *p, size_t n)
{
    return find_clause(p, n) < CLAUSES;
}

/* --- text and words --- */

/* The rest of the row, or a string in quotes. */
static bool parse_sentence(struct wsn_cursor *c, const char *expected, struct wsn_text *text)
{
    if (wsn_at_end(c))
        return wsn_unexpected(c, expected);
    if (*c->p == '"')
        return wsn_take_string(c, text) && wsn_take_end(c, "the end of the line");
    if (*c->p == '#')
        return wsn_take_word(c, expected, text);
    const char *from = c->p, *end = from;
    while (!wsn_at_end(c)) {
        while (c->p < c->end && !wsn_is_blank(*c->p))
            c->p++;
        end = c->p;
    }
    return wsn_plain(c, from, (size_t)(end - from), WSN_PLAIN_TEXT, text);
}

/* Moves on to the next deeper row of a list, if there is one; comments on the way are kept in `c`.
 */
static bool next_list_row(struct wsn_cursor *cursor, uint32_t column, struct wsn_case *c)
{
    struct wsn_parser *parser = cursor->parser;
    while (wsn_deeper(parser, column)) {
        const struct wsn_row *row = &parser->rows[parser->at++];
        if (!row->comment) {
            const char *comment = cursor->comment;
            *cursor = wsn_open(parser, row);
            cursor->comment = comment;
            return true;
        }
        struct wsn_clause *clause = WSN_ADD(parser, c->clauses, c->clause_count);
        clause->kind = WSN_CLAUSE_COMMENT;
        clause->comment = wsn_comment_of(parser, row, 1);
        clause->pos = wsn_row_pos(parser, row);
    }
    return false;
}

/* A list may have one comment at the end of a row; a second one would have no place when printed.
 */
static bool is_second_comment(struct wsn_cursor *c, const char *before)
{
    return before && c->comment != before &&
           !wsn_fail(c, c->end, 1,
                     "a list has one comment; the second can stand in a line of its own");
}

static bool parse_words(struct wsn_cursor *c, struct wsn_case *owner, struct wsn_clause *clause)
{
    const uint32_t column = c->row->column;
    do {
        const char *before = c->comment;
        while (!wsn_at_end(c)) {
            struct wsn_text *word = WSN_ADD(c->parser, clause->words, clause->word_count);
            if (!wsn_take_word(c, "a word", word))
                return false;
        }
        if (is_second_comment(c, before))
            return false;
    } while (next_list_row(c, column, owner));
    return clause->word_count > 0 || wsn_unexpected(c, "one or more words");
}

static bool parse_role(struct wsn_cursor *c, struct wsn_clause *clause)
{
    static const char *const words[] = {"client", "server"};
    if (!wsn_peek_is(c, "client") && !wsn_peek_is(c, "server"))
        return wsn_unknown(c, "`client` or `server`", WSN_WORDS(words));
    c->parser->server = wsn_peek_is(c, "server");
    return wsn_take_word(c, "a role", WSN_ADD(c->parser, clause->words, clause->word_count));
}

static bool parse_set(struct wsn_cursor *c, struct wsn_clause *clause)
{
    size_t n = wsn_peek(c);
    if (n == 0 || wsn_name_length(c->p, n) != n)
        return wsn_unexpected(c, "a setting's name (letters, digits and `_`)");
    if (!wsn_take_word(c, "a name", WSN_ADD(c->parser, clause->words, clause->word_count)))
        return false;
    if (!wsn_take_if(c, "="))
        return wsn_unexpected(c, "`=`");
    return parse_sentence(c, "a value", &clause->text);
}

static bool parse_timeout(struct wsn_cursor *c, struct wsn_clause *clause)
{
    size_t n = wsn_peek(c);
    const char *at = c->p;
    return wsn_take_word(c, "a duration, as `10s`", &clause->text) &&
           wsn_check_duration(c, at, n, &clause->text);
}

/* --- each --- */

static bool is_known(const struct wsn_each *each, const char *p, size_t n)
{
    for (size_t i = 0; i < each->name_count; i++) {
        if (wsn_is(p, n, each->names[i]))
            return true;
    }
    return false;
}

static bool add_name(struct wsn_cursor *c, struct wsn_each *each)
{
    size_t n = wsn_peek(c);
    if (n == 0 || wsn_name_length(c->p, n) != n)
        return wsn_unexpected(
            c, "a column's name (letters, digits and `_`), or `=` behind the only one");
    if (each->name_count == 64)
        return wsn_unexpected(c, "at most 64 columns");
    if (is_known(each, c->p, n))
        return wsn_fail(c, c->p, n, "two columns have this name");
    *WSN_ADD(c->parser, each->names, each->name_count) = wsn_need_copy(c->parser, c->p, n);
    c->p += n;
    return true;
}

static bool parse_list(struct wsn_cursor *c, struct wsn_case *owner, struct wsn_each *each)
{
    const uint32_t column = c->row->column;
    do {
        const char *before = c->comment;
        while (!wsn_at_end(c)) {
            struct wsn_term cell = {.kind = WSN_TERM_TEXT};
            if (!wsn_parse_cell(c, &cell))
                return false;
            *WSN_ADD(c->parser, each->cells, each->row_count) = cell;
        }
        if (is_second_comment(c, before))
            return false;
    } while (next_list_row(c, column, owner));
    each->comment = c->comment;
    return each->row_count > 0 || wsn_unexpected(c, "one or more values");
}

static bool parse_table_row(struct wsn_cursor *c, struct wsn_each *each, size_t *cell_count)
{
    for (size_t i = 0; i < each->name_count; i++) {
        struct wsn_term cell = {.kind = WSN_TERM_TEXT};
        if (wsn_at_end(c))
            return wsn_fail(c, c->end, 1, "expected a value for `%s`, found the end of the line",
                            wsn_shown(c->parser, each->names[i], strlen(each->names[i])));
        if (!wsn_parse_cell(c, &cell))
            return false;
        *WSN_ADD(c->parser, each->cells, *cell_count) = cell;
    }
    return wsn_take_end(c, "the end of the row: the table has no more columns");
}

static bool parse_table(struct wsn_cursor *c, struct wsn_case *owner, struct wsn_each *each)
{
    const uint32_t column = c->row->column;
    size_t cells = 0;
    bool good = true;
    each->table = true;
    while (!wsn_at_end(c)) {
        if (!add_name(c, each))
            return false;
    }
    each->comment = c->comment;
    while (next_list_row(c, column, owner)) {
        c->comment = NULL;
        good = parse_table_row(c, each, &cells) && good;
        *WSN_ADD(c->parser, each->row_comments, each->row_count) = c->comment;
    }
    if (good && each->row_count == 0)
        return wsn_unexpected(c, "rows in deeper lines below the columns' names");
    return good;
}

static bool parse_each(struct wsn_cursor *c, struct wsn_case *owner, struct wsn_each *each)
{
    wsn_skip(c);
    each->pos = wsn_where(c, c->p);
    if (!add_name(c, each))
        return false;
    return wsn_take_if(c, "=") ? parse_list(c, owner, each) : parse_table(c, owner, each);
}

/* --- a clause --- */

static bool parse_rest(struct wsn_cursor *c, struct wsn_case *owner, struct wsn_clause *clause)
{
    switch (clause->kind) {
    case WSN_CLAUSE_TITLE:
        return parse_sentence(c, "a sentence", &clause->text);
    case WSN_CLAUSE_CITES:
    case WSN_CLAUSE_NEEDS:
    case WSN_CLAUSE_AUTOBAHN:
    case WSN_CLAUSE_WATCH:
        return parse_words(c, owner, clause);
    case WSN_CLAUSE_ROLE:
        return parse_role(c, clause);
    case WSN_CLAUSE_EACH:
        return parse_each(c, owner, &clause->each);
    case WSN_CLAUSE_SET:
        return parse_set(c, clause);
    case WSN_CLAUSE_TIMEOUT:
        return parse_timeout(c, clause);
    case WSN_CLAUSE_COMMENT:
        return true;
    }
    return true;
}

/* Clauses that a case has once. */
static bool is_second(const struct wsn_case *c, enum wsn_clause_kind kind)
{
    if (kind != WSN_CLAUSE_TITLE && kind != WSN_CLAUSE_ROLE && kind != WSN_CLAUSE_TIMEOUT)
        return false;
    for (size_t i = 0; i < c->clause_count; i++) {
        if (c->clauses[i].kind == kind)
            return true;
    }
    return false;
}

/* The next row begins with a clause's word. */
void wsn_parse_clause(struct wsn_parser *parser, struct wsn_case *owner)
{
    const struct wsn_row *row = &parser->rows[parser->at++];
    struct wsn_cursor c = wsn_open(parser, row);
    size_t n = wsn_peek(&c);
    struct wsn_clause clause = {.kind = clauses[find_clause(c.p, n)].kind,
                                .pos = wsn_where(&c, c.p)};
    if (is_second(owner, clause.kind)) {
        wsn_fail(&c, c.p, n, "a case has one `%s`", wsn_shown(parser, c.p, n));
        wsn_skip_deeper(parser, row->column, true);
        return;
    }
    c.p += n;
    bool good = parse_rest(&c, owner, &clause) && wsn_take_end(&c, "the end of the line");
    if (clause.kind != WSN_CLAUSE_EACH)
        clause.comment = c.comment;
    *WSN_ADD(parser, owner->clauses, owner->clause_count) = clause;
    wsn_skip_deeper(parser, row->column, !good);
}

void wsn_refuse_clause(struct wsn_parser *parser)
{
    static const char *const words[] = {
        "title",    "cites", "needs",  "role",  "each",   "set",       "watch",   "timeout",
        "autobahn", "alive", "either", "never", "repeat", "reachable", "connect", "silent"};
    const struct wsn_row *row = &parser->rows[parser->at++];
    struct wsn_cursor c = wsn_open(parser, row);
    wsn_unknown(&c, "a clause or a step", WSN_WORDS(words));
    wsn_skip_deeper(parser, row->column, true);
}
