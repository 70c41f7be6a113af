/* Blocks: steps in steps, and what may stand below one. */
#include <string.h>

#include "parser.h"

static void parse_branch(struct wsn_parser *parser, const struct wsn_cursor *c, uint32_t column,
                         struct wsn_branch *branch)
{
    struct wsn_steps steps = {0};
    branch->pos = wsn_row_pos(parser, c->row);
    if (!wsn_deeper(parser, column))
        wsn_fail(c, c->parser->source + c->row->begin, c->row->end - c->row->begin,
                 "expected steps below this line, in a deeper column");
    wsn_parse_block(parser, column, &steps);
    branch->steps = steps.list;
    branch->step_count = steps.count;
}

/* The row, if it is an `or` in this column; comments before it went into the branch above. */
static const struct wsn_row *or_row(const struct wsn_parser *parser, size_t at, uint32_t column)
{
    if (at >= parser->row_count)
        return NULL;
    const struct wsn_row *row = &parser->rows[at];
    const char *p = parser->source + row->begin;
    size_t n = row->end - row->begin;
    bool word = n >= 2 && memcmp(p, "or", 2) == 0 && (n == 2 || wsn_is_blank(p[2]));
    return !row->comment && row->column == column && word ? row : NULL;
}

static bool parse_or(struct wsn_cursor *c, struct wsn_branch *branch)
{
    static const char *const words[] = {"warn", "info"};
    c->p += 2;
    if (wsn_take_if(c, "warn"))
        branch->grade = WSN_GRADE_WARN;
    else if (wsn_take_if(c, "info"))
        branch->grade = WSN_GRADE_INFO;
    else if (!wsn_at_end(c))
        return wsn_unknown(c, "`warn \"why\"`, `info \"why\"` or the end of the line",
                           WSN_WORDS(words));
    if (branch->grade != WSN_GRADE_NONE && !wsn_take_string(c, &branch->why))
        return false;
    if (!wsn_take_end(c, "the end of the line"))
        return false;
    branch->comment = c->comment;
    return true;
}

static void parse_either(struct wsn_parser *parser, const struct wsn_cursor *first, uint32_t column,
                         struct wsn_step *step)
{
    struct wsn_branch branch = {0};
    parse_branch(parser, first, column, &branch);
    *WSN_ADD(parser, step->branches, step->branch_count) = branch;
    const struct wsn_row *row;
    while ((row = or_row(parser, parser->at, column)) != NULL) {
        struct wsn_cursor c = wsn_open(parser, row);
        branch = (struct wsn_branch){0};
        parser->at++;
        parse_or(&c, &branch);
        parse_branch(parser, &c, column, &branch);
        *WSN_ADD(parser, step->branches, step->branch_count) = branch;
    }
    if (step->branch_count < 2)
        wsn_fail(first, parser->source + first->row->begin, strlen("either"),
                 "`either` without an `or` in its column below");
}

/* The deeper rows that the step's kind calls for. */
static void parse_below(struct wsn_parser *parser, const struct wsn_cursor *first, uint32_t column,
                        struct wsn_step *step)
{
    struct wsn_step *head = step->kind == WSN_NEVER ? &step->branches[0].steps[0] : step;
    if (step->kind == WSN_EITHER) {
        parse_either(parser, first, column, step);
    } else if (step->kind == WSN_REPEAT || step->kind == WSN_CLIENTS) {
        struct wsn_branch *branch = WSN_ADD(parser, step->branches, step->branch_count);
        parse_branch(parser, first, column, branch);
    } else if (head->kind == WSN_SEND_REQUEST || head->kind == WSN_SEND_RESPONSE) {
        wsn_parse_lines(parser, column, true, head);
    } else if (head->kind == WSN_EXPECT_STATUS || head->kind == WSN_EXPECT_REFUSE ||
               head->kind == WSN_EXPECT_REQUEST) {
        wsn_parse_lines(parser, column, false, head);
    } else {
        wsn_skip_deeper(parser, column, false);
    }
}

static void parse_step(struct wsn_parser *parser, struct wsn_steps *steps)
{
    const struct wsn_row *row = &parser->rows[parser->at++];
    struct wsn_cursor c = wsn_open(parser, row);
    struct wsn_step step = {.kind = WSN_COMMENT, .pos = wsn_where(&c, c.p)};
    bool good = wsn_parse_first_line(&c, &step);
    /* COMMENT: the line did not even say what kind of step it is. */
    bool known = step.kind != WSN_COMMENT && (step.kind != WSN_NEVER || good);
    c = wsn_open(parser, row);
    if (known)
        parse_below(parser, &c, row->column, &step);
    else
        wsn_skip_deeper(parser, row->column, true);
    if (good)
        *WSN_ADD(parser, steps->list, steps->count) = step;
}

static void add_comment(struct wsn_parser *parser, const struct wsn_row *row, const char *text,
                        struct wsn_steps *steps)
{
    struct wsn_step *step = WSN_ADD(parser, steps->list, steps->count);
    step->kind = WSN_COMMENT;
    step->comment = text;
    step->pos = wsn_row_pos(parser, row);
}

/* Does the comment in the next row belong to the block in `column`?  It does when the block goes on
 * behind it, or when it stands in the block's column itself; and before an `or`, which has no other
 * place for it. */
bool wsn_comment_belongs(const struct wsn_parser *parser, uint32_t column)
{
    if (column == 0 || parser->at >= parser->row_count || !parser->rows[parser->at].comment)
        return false;
    const struct wsn_row *row = &parser->rows[parser->at];
    if (row->column >= column)
        return true;
    if (row->content >= parser->row_count)
        return false;
    return parser->rows[row->content].column >= column;
}

static bool before_or(const struct wsn_parser *parser, uint32_t above)
{
    if (parser->at >= parser->row_count || !parser->rows[parser->at].comment)
        return false;
    return or_row(parser, parser->rows[parser->at].content, above) != NULL;
}

void wsn_parse_steps(struct wsn_parser *parser, uint32_t above, uint32_t column,
                     struct wsn_steps *steps)
{
    for (;;) {
        bool comment = wsn_comment_belongs(parser, column) || before_or(parser, above);
        if (!comment && !wsn_deeper(parser, above))
            return;
        const struct wsn_row *row = &parser->rows[parser->at];
        if (row->gap && steps->count > 0)
            add_comment(parser, row, NULL, steps);
        if (row->comment) {
            parser->at++;
            add_comment(parser, row, wsn_comment_of(parser, row, 1), steps);
        } else if (row->column == column) {
            parse_step(parser, steps);
        } else {
            struct wsn_cursor c = wsn_open(parser, row);
            wsn_fail(&c, c.p, 1, "this line's column is that of no block above it");
            parser->at++;
            wsn_skip_deeper(parser, row->column, true);
        }
    }
}

void wsn_parse_block(struct wsn_parser *parser, uint32_t above, struct wsn_steps *steps)
{
    if (!wsn_deeper(parser, above))
        return;
    const struct wsn_row *row = &parser->rows[parser->rows[parser->at].content];
    if (parser->depth == WSN_MAX_DEPTH) {
        struct wsn_cursor c = wsn_open(parser, row);
        wsn_fail(&c, c.p, 1, "blocks stand in blocks more than %d deep", WSN_MAX_DEPTH);
        wsn_skip_deeper(parser, above, true);
        return;
    }
    parser->depth++;
    wsn_parse_steps(parser, above, row->column, steps);
    parser->depth--;
}

bool wsn_deeper(const struct wsn_parser *parser, uint32_t above)
{
    if (parser->at >= parser->row_count)
        return false;
    size_t content = parser->rows[parser->at].content;
    return content < parser->row_count && parser->rows[content].column > above;
}

void wsn_skip_deeper(struct wsn_parser *parser, uint32_t above, bool quiet)
{
    while (wsn_deeper(parser, above)) {
        const struct wsn_row *row = &parser->rows[parser->at++];
        struct wsn_cursor c = wsn_open(parser, row);
        if (!quiet && !row->comment)
            wsn_fail(&c, c.p, row->end - row->begin, "nothing can stand below this step");
        quiet = quiet || !row->comment;
    }
}
