/* A step's own line. */
#include <string.h>

#include "parser.h"

static const char *const step_words[] = {
    ">",
    "<",
    "or",
    "api",
#define SENT(word)
#define EXPECTED(word)
#define NAMED(word) word,
#define ALONE(word) word,
#define NOWHERE(word)
#define STEP(kind, word, place, tail) place(word)
#include <wsn/steps.def>
#undef STEP
};

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

static bool parse_clients(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *at = c->p;
    return wsn_take_word(c, "a number of clients", &step->value) &&
           wsn_check_number(c, at, n, &step->value, 1, WSN_MAX_CLIENTS, "a number of clients");
}

/* `$`, the whole value, or a place in it: `$.user.ids[0]`. */
static bool parse_path(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    if (n == 0 || *c->p != '$' || (n > 1 && c->p[1] != '.' && c->p[1] != '['))
        return wsn_unexpected(c, "a place in the JSON value, as `$.user.ids[0]`");
    c->p++;
    return n == 1 || wsn_take_word(c, "a place in the JSON value", &step->value);
}

/* `secret` and a name; `secret =` is a variable of that name. */
static bool is_marked_secret(struct wsn_cursor *c)
{
    struct wsn_cursor behind = *c;
    if (!wsn_take_if(&behind, "secret") || wsn_peek_is(&behind, "=") || wsn_at_end(&behind))
        return false;
    return wsn_take_if(c, "secret");
}

static bool parse_let(struct wsn_cursor *c, struct wsn_step *step)
{
    step->secret = is_marked_secret(c);
    size_t n = wsn_peek(c);
    if (n == 0 || wsn_name_length(c->p, n) != n)
        return wsn_unexpected(c, "a variable's name (letters, digits and `_`)");
    if (!wsn_take_word(c, "a name", &step->name))
        return false;
    if (!wsn_take_if(c, "="))
        return wsn_unexpected(c, "`=`");
    static const char *const sources[] = {"header", "json"};
    bool json = wsn_peek_is(c, "json");
    if (!json && !wsn_peek_is(c, "header"))
        return wsn_unknown(c, "`header FIELD` or `json $.path`", WSN_WORDS(sources));
    if (!wsn_take_word(c, "`header` or `json`", &step->verb))
        return false;
    return json ? parse_path(c, step) : wsn_take_word(c, "a header's name", &step->value);
}

static bool parse_use(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    if (!wsn_is_label(c->p, n))
        return wsn_unexpected(c, "the name of a block that a `def` above begins");
    return wsn_take_word(c, "a name", &step->name);
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

static bool find_keyword(struct wsn_cursor *c, enum wsn_step_kind *kind)
{
    size_t n = wsn_peek(c);
    return wsn_keyword(c->p, n, kind);
}

static bool parse_keyword(struct wsn_cursor *c, enum wsn_step_kind kind, struct wsn_step *step)
{
    step->kind = kind;
    c->p += strlen(wsn_step_word(kind));
    bool good = true;
    if (kind == WSN_SILENT || kind == WSN_WAIT)
        good = parse_duration(c, step);
    else if (kind == WSN_REPEAT)
        good = parse_count(c, step);
    else if (kind == WSN_CLIENTS)
        good = parse_clients(c, step);
    else if (kind == WSN_LET)
        good = parse_let(c, step);
    else if (kind == WSN_USE)
        good = parse_use(c, step);
    else if (kind == WSN_CONNECT)
        good = parse_connect(c, step);
    else if (kind == WSN_NEVER)
        good = parse_never(c, step);
    return good && wsn_parse_tail(c, step);
}

bool wsn_is_label(const char *p, size_t n)
{
    if (n == 0 || wsn_name_length(p, 1) == 0 || *p == '_')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!wsn_is_name_byte(p[i]) && p[i] != '-')
            return false;
    }
    return !wsn_is_one_of(p, n, WSN_WORDS(step_words));
}

/* `> …`, `bob< …`: the word with the arrow has n bytes. */
static bool parse_arrow(struct wsn_cursor *c, size_t n, struct wsn_step *step)
{
    bool send = c->p[n - 1] == '>';
    if (n > 1) {
        if (!wsn_is_label(c->p, n - 1))
            return wsn_fail(c, c->p, n, "expected a connection's name before the arrow, found `%s`",
                            wsn_shown(c->parser, c->p, n - 1));
        step->connection = wsn_need_copy(c->parser, c->p, n - 1);
    }
    c->p += n;
    return (send ? wsn_parse_send(c, step) : wsn_parse_expect(c, step)) && wsn_parse_tail(c, step);
}

/* Does a step begin here?  Asked where a clause may still stand. */
bool wsn_step_stands(struct wsn_cursor *c)
{
    size_t n = wsn_peek(c);
    const char *p = c->p;
    if (*p == '>' || *p == '<' || p[n - 1] == '>' || p[n - 1] == '<' ||
        wsn_is_one_of(p, n, WSN_WORDS(step_words)))
        return true;
    struct wsn_cursor behind = *c;
    behind.p += n;
    enum wsn_step_kind kind;
    return wsn_is_label(p, n) && find_keyword(&behind, &kind);
}

bool wsn_parse_first_line(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    if (c->p[n - 1] == '>' || c->p[n - 1] == '<')
        return parse_arrow(c, n, step);
    enum wsn_step_kind kind;
    if (find_keyword(c, &kind))
        return parse_keyword(c, kind, step);
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
    if (!wsn_is_label(c->p, n) || !find_keyword(&behind, &kind))
        return wsn_unknown(c, "a step", WSN_WORDS(step_words));
    if (!wsn_on_connection(kind))
        return wsn_fail(c, c->p, n, "`%s` belongs to no connection", wsn_step_word(kind));
    step->connection = wsn_need_copy(c->parser, c->p, n);
    c->p += n;
    wsn_skip(c);
    return parse_keyword(c, kind, step);
}
