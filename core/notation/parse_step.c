/* Steps and blocks. */
#include <string.h>

#include "parser.h"

static const char *const step_words[] = {
    ">",    "<",      "alive",  "reachable", "never", "silent",  "wait", "deaf",
    "hear", "repeat", "either", "or",        "let",   "connect", "api",
};
static const char *const frame_words[] = {"text", "binary", "cont", "ping", "pong", "close"};

static bool is_one_of(const char *p, size_t n, struct wsn_words words)
{
    for (size_t i = 0; i < words.count; i++) {
        if (wsn_is(p, n, words.list[i]))
            return true;
    }
    return false;
}

static bool is_lone_variable(const char *p, size_t n)
{
    return n > 1 && p[0] == '$' && wsn_name_length(p + 1, n - 1) == n - 1;
}

bool wsn_ends_step(struct wsn_cursor *c)
{
    return wsn_at_end(c) || *c->p == '@' || wsn_peek_is(c, "within");
}

/* --- codes --- */

static bool is_status(const char *p, size_t n)
{
    if (n != 3 || p[0] < '1' || p[0] > '9')
        return false;
    bool class = p[0] <= '5' && p[1] == 'x' && p[2] == 'x';
    return class || (p[1] >= '0' && p[1] <= '9' && p[2] >= '0' && p[2] <= '9');
}

static bool check_code(const struct wsn_cursor *c, const char *p, size_t n, bool status,
                       const struct wsn_text *text)
{
    if (wsn_has_variable(text))
        return true;
    if (!status)
        return wsn_check_number(c, p, n, text, 0, UINT16_MAX, "a close code");
    return is_status(p, n) || wsn_fail(c, p, n ? n : 1,
                                       "expected a status, as `101`, `4xx` or `400|426`, "
                                       "found `%s`",
                                       wsn_shown(c->parser, p, n));
}

/* Codes of a word, parted by '|'. */
static bool parse_codes(struct wsn_cursor *c, bool statuses, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *p = c->p, *end = p + n;
    c->p = end;
    while (p <= end) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        size_t length = (size_t)((bar ? bar : end) - p);
        struct wsn_text *code = WSN_ADD(c->parser, step->codes, step->code_count);
        if (!wsn_plain(c, p, length, WSN_PLAIN_TEXT, code) ||
            !check_code(c, p, length, statuses, code))
            return false;
        p += length + 1;
    }
    return true;
}

/* `[CODE ["reason"]]` of close. */
static bool parse_close(struct wsn_cursor *c, bool expected, struct wsn_step *step)
{
    if (wsn_ends_step(c) || wsn_modifier_stands(c))
        return true;
    size_t n = wsn_peek(c);
    const char *p = c->p;
    if (*p != '$' && (*p < '0' || *p > '9'))
        return wsn_unexpected(c, "a close code");
    struct wsn_text *code = WSN_ADD(c->parser, step->codes, step->code_count);
    if (!wsn_take_word(c, "a close code", code) || !check_code(c, p, n, false, code))
        return false;
    return !wsn_payload_stands(c) || wsn_parse_payload(c, expected, &step->reason);
}

/* --- frames --- */

/* Payload and modifiers, in any order; the payload once. */
static bool parse_frame(struct wsn_cursor *c, bool expected, unsigned places, struct wsn_step *step)
{
    while (!wsn_ends_step(c)) {
        bool good = true;
        if (wsn_modifier_stands(c))
            good = wsn_parse_modifier(c, places, step);
        else if (!step->payload.present && wsn_payload_stands(c))
            good = wsn_parse_payload(c, expected, &step->payload);
        else
            good =
                wsn_unexpected(c, step->payload.present ? "`+`, a modifier or the end of the step"
                                                        : "a payload or a modifier");
        if (!good)
            return false;
    }
    return true;
}

static bool parse_modifiers(struct wsn_cursor *c, unsigned places, struct wsn_step *step)
{
    while (!wsn_ends_step(c)) {
        if (!wsn_modifier_stands(c))
            return wsn_unexpected(c, "a modifier or the end of the step");
        if (!wsn_parse_modifier(c, places, step))
            return false;
    }
    return true;
}

static bool has_opcode(const struct wsn_step *step)
{
    return step->modifier_count && strcmp(step->modifiers[0].name, "opcode") == 0;
}

static bool parse_any_opcode(struct wsn_cursor *c, struct wsn_step *step)
{
    const char *at = c->p;
    if (!parse_frame(c, false, WSN_AT_FRAME | WSN_AT_OPCODE, step))
        return false;
    return has_opcode(step) || wsn_fail(c, at, 1, "expected `opcode=N` behind `frame`");
}

/* --- what we send --- */

static bool parse_send_frame(struct wsn_cursor *c, struct wsn_step *step)
{
    step->kind = WSN_SEND_FRAME;
    if (!wsn_take_word(c, "a frame's type", &step->verb))
        return false;
    if (wsn_text_is(&step->verb, "frame"))
        return parse_any_opcode(c, step);
    if (wsn_text_is(&step->verb, "close"))
        return parse_close(c, false, step) && parse_modifiers(c, WSN_AT_FRAME, step);
    return parse_frame(c, false, WSN_AT_FRAME, step);
}

/* A lone `$name` is a status where a status can stand. */
static bool is_status_word(struct wsn_cursor *c)
{
    size_t n = wsn_peek(c);
    const char *p = c->p;
    if (n == 0)
        return false;
    if (*p >= '0' && *p <= '9')
        return true;
    if (*p != '$')
        return false;
    struct wsn_cursor behind = *c;
    behind.p += n;
    return memchr(p, '|', n) || (is_lone_variable(p, n) && wsn_ends_step(&behind));
}

static bool parse_sent_status(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *p = c->p;
    struct wsn_text *code = WSN_ADD(c->parser, step->codes, step->code_count);
    return wsn_take_word(c, "a status", code) &&
           wsn_check_number(c, p, n, code, 100, 999, "one status to send");
}

static bool parse_send_head(struct wsn_cursor *c, struct wsn_step *step)
{
    bool status = is_status_word(c);
    step->kind = c->parser->server ? WSN_SEND_RESPONSE : WSN_SEND_REQUEST;
    if (status != c->parser->server && *c->p != '"')
        return wsn_fail(c, c->p, wsn_peek(c),
                        status ? "a client sends no status; `role server` is missing"
                               : "a server sends no request: here we play the server");
    bool good;
    if (*c->p == '"')
        good = wsn_parse_payload(c, false, &step->payload);
    else if (status)
        good = parse_sent_status(c, step);
    else
        good = wsn_take_word(c, "a method", &step->verb);
    return good && wsn_parse_head(c, step);
}

bool wsn_parse_send(struct wsn_cursor *c, struct wsn_step *step)
{
    static const char *const words[] = {"text",  "binary", "cont", "ping",  "pong", "close",
                                        "frame", "raw",    "fin",  "reset", "GET"};
    size_t n = wsn_peek(c);
    if (n == 0)
        return wsn_unexpected(c, "what is sent");
    if (*c->p == '"' || wsn_method_stands(c) ||
        (is_status_word(c) && (*c->p != '$' || c->parser->server)))
        return parse_send_head(c, step);
    if (wsn_take_if(c, "fin")) {
        step->kind = WSN_SEND_FIN;
        return true;
    }
    if (wsn_take_if(c, "reset")) {
        step->kind = WSN_SEND_RESET;
        return true;
    }
    if (wsn_take_if(c, "raw")) {
        step->kind = WSN_SEND_RAW;
        return wsn_parse_payload(c, false, &step->payload) && parse_modifiers(c, WSN_AT_RAW, step);
    }
    if (is_one_of(c->p, n, WSN_WORDS(frame_words)) || wsn_is(c->p, n, "frame") ||
        is_lone_variable(c->p, n))
        return parse_send_frame(c, step);
    return wsn_unknown(c, "a method, a status, a frame, `raw`, `fin` or `reset`", WSN_WORDS(words));
}

/* --- what the peer must send --- */

static bool parse_expect_frame(struct wsn_cursor *c, struct wsn_step *step)
{
    step->kind = WSN_EXPECT_FRAME;
    size_t n = wsn_peek(c);
    struct wsn_cursor behind = *c;
    behind.p += n;
    bool variable = is_lone_variable(c->p, n) && wsn_payload_stands(&behind);
    if ((is_one_of(c->p, n, WSN_WORDS(frame_words)) || variable) &&
        !wsn_take_word(c, "an opcode", &step->verb))
        return false;
    unsigned places = WSN_AT_EXPECTED | (step->verb.present ? 0u : (unsigned)WSN_AT_OPCODE);
    return parse_frame(c, true, places, step);
}

static bool parse_expect_message(struct wsn_cursor *c, struct wsn_step *step)
{
    step->kind = WSN_EXPECT_MESSAGE;
    if (!wsn_take_word(c, "a message's type", &step->verb))
        return false;
    return wsn_ends_step(c) || wsn_parse_payload(c, true, &step->payload);
}

static bool parse_expect_head(struct wsn_cursor *c, struct wsn_step *step)
{
    bool status = is_status_word(c);
    step->kind = status ? WSN_EXPECT_STATUS : WSN_EXPECT_REQUEST;
    if (status == c->parser->server)
        return wsn_fail(c, c->p, wsn_peek(c),
                        status ? "a client sends no status: here we play the server"
                               : "a server sends no request; `role server` is missing");
    return status ? parse_codes(c, true, step) : wsn_parse_expected_request(c, step);
}

static const struct {
    const char *word;
    enum wsn_step_kind kind;
} expectations[] = {
    {"echo", WSN_EXPECT_ECHO},    {"eof", WSN_EXPECT_EOF},       {"refused", WSN_EXPECT_REFUSED},
    {"fail", WSN_EXPECT_FAIL},    {"refuse", WSN_EXPECT_REFUSE}, {"close", WSN_EXPECT_CLOSE},
    {"frame", WSN_EXPECT_FRAME},  {"text", WSN_EXPECT_MESSAGE},  {"binary", WSN_EXPECT_MESSAGE},
    {"ping", WSN_EXPECT_MESSAGE}, {"pong", WSN_EXPECT_MESSAGE},
};
enum { EXPECTATIONS = sizeof expectations / sizeof *expectations };

static bool parse_expect_word(struct wsn_cursor *c, enum wsn_step_kind kind, struct wsn_step *step)
{
    step->kind = kind;
    if (kind == WSN_EXPECT_MESSAGE)
        return parse_expect_message(c, step);
    c->p += wsn_peek(c);
    if (kind == WSN_EXPECT_CLOSE)
        return parse_close(c, true, step);
    if (kind == WSN_EXPECT_FRAME)
        return parse_expect_frame(c, step);
    if ((kind == WSN_EXPECT_FAIL || kind == WSN_EXPECT_REFUSE) && !wsn_ends_step(c))
        return parse_codes(c, kind == WSN_EXPECT_REFUSE, step);
    return true;
}

bool wsn_parse_expect(struct wsn_cursor *c, struct wsn_step *step)
{
    static const char *const words[] = {"echo",  "eof",  "refused", "fail", "refuse", "close",
                                        "frame", "text", "binary",  "ping", "pong",   "GET"};
    size_t n = wsn_peek(c);
    if (n == 0)
        return wsn_unexpected(c, "what the peer must send");
    for (size_t i = 0; i < EXPECTATIONS; i++) {
        if (wsn_is(c->p, n, expectations[i].word))
            return parse_expect_word(c, expectations[i].kind, step);
    }
    if (wsn_method_stands(c) || (is_status_word(c) && (*c->p != '$' || !c->parser->server)))
        return parse_expect_head(c, step);
    if (is_lone_variable(c->p, n))
        return parse_expect_message(c, step);
    if (wsn_is(c->p, n, "cont"))
        return wsn_fail(c, c->p, n, "a message is expected whole; a fragment is `frame cont`");
    return wsn_unknown(c,
                       "a status, `refuse`, a message, `echo`, `frame`, `close`, `fail` or `eof`",
                       WSN_WORDS(words));
}

/* --- steps without a direction --- */

static bool parse_duration(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *at = c->p;
    return wsn_take_word(c, "a duration, as `300ms`", &step->value) &&
           wsn_check_duration(c, at, n, &step->value);
}

static bool parse_count(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *at = c->p;
    if (!wsn_take_word(c, "a number of times", &step->value) ||
        !wsn_check_number(c, at, n, &step->value, 1, WSN_MAX_REPEAT, "a number of times"))
        return false;
    while (wsn_modifier_stands(c)) {
        if (!wsn_parse_modifier(c, WSN_AT_REPEAT, step))
            return false;
    }
    return true;
}

static bool parse_let(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    if (n == 0 || wsn_name_length(c->p, n) != n)
        return wsn_unexpected(c, "a variable's name (letters, digits and `_`)");
    if (!wsn_take_word(c, "a name", &step->name))
        return false;
    if (!wsn_take_if(c, "="))
        return wsn_unexpected(c, "`=`");
    if (wsn_peek_is(c, "json"))
        return wsn_fail(c, c->p, 4, "`let … = json` is not supported yet; there is `header NAME`");
    if (!wsn_take_if(c, "header"))
        return wsn_unexpected(c, "`header NAME`");
    return wsn_take_word(c, "a header's name", &step->value);
}

static bool parse_connect(struct wsn_cursor *c, struct wsn_step *step)
{
    static const char *const words[] = {"tls", "plain"};
    bool tls = wsn_peek_is(c, "tls");
    if (!tls && !wsn_peek_is(c, "plain"))
        return wsn_unknown(c, "`tls` or `plain`", WSN_WORDS(words));
    if (!wsn_take_word(c, "`tls` or `plain`", &step->verb))
        return false;
    while (wsn_modifier_stands(c)) {
        if (!wsn_parse_modifier(c, tls ? WSN_AT_CONNECT : 0, step))
            return false;
    }
    return true;
}

static bool parse_never(struct wsn_cursor *c, struct wsn_step *step)
{
    struct wsn_branch *branch = WSN_ADD(c->parser, step->branches, step->branch_count);
    struct wsn_step *pattern = WSN_ADD(c->parser, branch->steps, branch->step_count);
    wsn_skip(c);
    branch->pos = pattern->pos = wsn_where(c, c->p);
    return wsn_parse_expect(c, pattern);
}

/* --- the words that begin a step --- */

static const struct keyword {
    const char *word;
    enum wsn_step_kind kind;
    bool named; /* a connection's name may stand before it */
    enum wsn_tail tail;
} keywords[] = {
    {"alive", WSN_ALIVE, true, WSN_TAIL_WITHIN},
    {"reachable", WSN_REACHABLE, false, WSN_TAIL_WITHIN},
    {"never", WSN_NEVER, true, WSN_TAIL_CHARGE},
    {"silent", WSN_SILENT, true, WSN_TAIL_CHARGE},
    {"wait", WSN_WAIT, false, WSN_TAIL_NONE},
    {"deaf", WSN_DEAF, true, WSN_TAIL_NONE},
    {"hear", WSN_HEAR, true, WSN_TAIL_NONE},
    {"repeat", WSN_REPEAT, false, WSN_TAIL_NONE},
    {"either", WSN_EITHER, false, WSN_TAIL_NONE},
    {"let", WSN_LET, true, WSN_TAIL_NONE},
    {"connect", WSN_CONNECT, true, WSN_TAIL_WITHIN},
};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

static const struct keyword *find_keyword(struct wsn_cursor *c)
{
    for (size_t i = 0; i < KEYWORDS; i++) {
        if (wsn_peek_is(c, keywords[i].word))
            return &keywords[i];
    }
    return NULL;
}

static bool parse_keyword(struct wsn_cursor *c, const struct keyword *keyword,
                          struct wsn_step *step)
{
    step->kind = keyword->kind;
    c->p += strlen(keyword->word);
    bool good = true;
    if (keyword->kind == WSN_SILENT || keyword->kind == WSN_WAIT)
        good = parse_duration(c, step);
    else if (keyword->kind == WSN_REPEAT)
        good = parse_count(c, step);
    else if (keyword->kind == WSN_LET)
        good = parse_let(c, step);
    else if (keyword->kind == WSN_CONNECT)
        good = parse_connect(c, step);
    else if (keyword->kind == WSN_NEVER)
        good = parse_never(c, step);
    return good && wsn_parse_tail(c, keyword->tail, step);
}

/* A connection's name: a letter, then letters, digits, '-' and '_'. */
static bool is_connection(const char *p, size_t n)
{
    if (n == 0 || wsn_name_length(p, 1) == 0 || *p == '_')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!wsn_is_name_byte(p[i]) && p[i] != '-')
            return false;
    }
    return !is_one_of(p, n, WSN_WORDS(step_words));
}

/* `> …`, `bob< …`: the word with the arrow has n bytes. */
static bool parse_arrow(struct wsn_cursor *c, size_t n, struct wsn_step *step)
{
    bool send = c->p[n - 1] == '>';
    if (n > 1) {
        if (!is_connection(c->p, n - 1))
            return wsn_fail(c, c->p, n, "expected a connection's name before the arrow, found `%s`",
                            wsn_shown(c->parser, c->p, n - 1));
        step->connection = wsn_need_copy(c->parser, c->p, n - 1);
    }
    c->p += n;
    if (send)
        return wsn_parse_send(c, step) && wsn_parse_tail(c, WSN_TAIL_NONE, step);
    return wsn_parse_expect(c, step) && wsn_parse_tail(c, WSN_TAIL_WITHIN, step);
}

/* The step's own line.  False: nothing of it can be relied on. */
static bool parse_first_line(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    if (c->p[n - 1] == '>' || c->p[n - 1] == '<')
        return parse_arrow(c, n, step);
    const struct keyword *keyword = find_keyword(c);
    if (keyword)
        return parse_keyword(c, keyword, step);
    if (wsn_is(c->p, n, "api"))
        return wsn_fail(c, c->p, n, "`api` steps are not supported yet");
    if (wsn_is(c->p, n, "or"))
        return wsn_fail(c, c->p, n, "`or` without an `either` in its column above");
    if (wsn_is_clause(c->p, n))
        return wsn_fail(c, c->p, n, "clauses stand before the steps: `%s` comes too late",
                        wsn_shown(c->parser, c->p, n));
    if (*c->p == '>' || *c->p == '<')
        return wsn_fail(c, c->p, 1, "expected a blank behind the arrow");
    struct wsn_cursor behind = *c;
    behind.p += n;
    keyword = is_connection(c->p, n) ? find_keyword(&behind) : NULL;
    if (!keyword)
        return wsn_unknown(c, "a step", WSN_WORDS(step_words));
    if (!keyword->named)
        return wsn_fail(c, c->p, n, "`%s` belongs to no connection", keyword->word);
    step->connection = wsn_need_copy(c->parser, c->p, n);
    c->p += n;
    wsn_skip(c);
    return parse_keyword(c, keyword, step);
}

/* --- blocks --- */

static void parse_branch(struct wsn_parser *parser, const struct wsn_cursor *c, uint32_t column,
                         struct wsn_branch *branch)
{
    struct wsn_steps steps = {0};
    branch->pos = (struct wsn_pos){c->row->number, c->row->column};
    if (!wsn_deeper(parser, column))
        wsn_fail(c, c->parser->source + c->row->begin, c->row->end - c->row->begin,
                 "expected steps below this line, in a deeper column");
    wsn_parse_block(parser, column, &steps);
    branch->steps = steps.list;
    branch->step_count = steps.count;
}

/* The next row, if it is an `or` in this column; comments before it went into the branch above. */
static const struct wsn_row *or_row(const struct wsn_parser *parser, uint32_t column)
{
    if (parser->at >= parser->row_count)
        return NULL;
    const struct wsn_row *row = &parser->rows[parser->at];
    const char *p = parser->source + row->begin;
    size_t n = row->end - row->begin;
    bool word = n >= 2 && memcmp(p, "or", 2) == 0 && (n == 2 || p[2] == ' ' || p[2] == '\t');
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
    while ((row = or_row(parser, column)) != NULL) {
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
    } else if (step->kind == WSN_REPEAT) {
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
    bool good = parse_first_line(&c, &step);
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
    step->pos = (struct wsn_pos){row->number, row->column};
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
    struct wsn_parser ahead = *parser;
    if (parser->at >= parser->row_count || !parser->rows[parser->at].comment)
        return false;
    ahead.at = parser->rows[parser->at].content;
    return or_row(&ahead, above) != NULL;
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
