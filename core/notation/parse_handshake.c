/* Handshake steps: the first line of a head, and the deeper lines that change it or assert on it.
 */
#include <string.h>

#include "parser.h"

/* --- first lines --- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A method begins with a capital letter, which no other word of the notation does. */
bool wsn_method_stands(struct wsn_cursor *c)
{
    size_t n = wsn_peek(c);
    if (n == 0 || c->p[0] < 'A' || c->p[0] > 'Z')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_letter(c->p[i]))
            return false;
    }
    return true;
}

static bool begins_with(const struct wsn_cursor *c, const char *prefix)
{
    size_t n = strlen(prefix);
    return (size_t)(c->end - c->p) >= n && memcmp(c->p, prefix, n) == 0;
}

static bool parse_version(struct wsn_cursor *c, struct wsn_step *step)
{
    if (step->version.present)
        return wsn_unexpected(c, "one version");
    return wsn_take_word(c, "a version", &step->version);
}

/* A target may be written in quotes, to hold blanks and odd bytes. */
static bool parse_target(struct wsn_cursor *c, struct wsn_step *step)
{
    if (step->target.present || step->version.present)
        return wsn_unexpected(c, "one target, before the version");
    if (*c->p == '"')
        return wsn_take_string(c, &step->target);
    if (*c->p == '/' || *c->p == '*' || *c->p == '$' || memchr(c->p, ':', wsn_peek(c)))
        return wsn_take_word(c, "a target", &step->target);
    static const char *const words[] = {"open", "plain", "HTTP/1.0", "HTTP/1.1", "within"};
    return wsn_unknown(c, "a target, a version, `open`, `plain` or a modifier", WSN_WORDS(words));
}

/* What follows the first word or string of a head that we send. */
bool wsn_parse_head(struct wsn_cursor *c, struct wsn_step *step)
{
    bool words = step->kind == WSN_SEND_REQUEST && !step->payload.present;
    while (!wsn_ends_step(c)) {
        bool good = true;
        if (wsn_take_if(c, "open"))
            step->open = true;
        else if (step->kind == WSN_SEND_REQUEST && wsn_take_if(c, "plain"))
            step->plain = true;
        else if (wsn_modifier_stands(c))
            good = wsn_parse_modifier(c, WSN_AT_HEAD, step);
        else if (words && begins_with(c, "HTTP/"))
            good = parse_version(c, step);
        else if (words)
            good = parse_target(c, step);
        else
            good = wsn_unexpected(c, "`open` or a modifier");
        if (!good)
            return false;
    }
    return true;
}

/* `GET [target] [HTTP/1.1]` of a client. */
bool wsn_parse_expected_request(struct wsn_cursor *c, struct wsn_step *step)
{
    if (!wsn_take_word(c, "a method", &step->verb))
        return false;
    while (!wsn_ends_step(c)) {
        if (!(begins_with(c, "HTTP/") ? parse_version(c, step) : parse_target(c, step)))
            return false;
    }
    return true;
}

/* --- deeper lines --- */

/* Length of the header name in front of a ':' that ends the first word at p; 0 if there is none. */
static size_t name_length(const struct wsn_cursor *c, const char *p)
{
    const char *from = p;
    while (p < c->end && !wsn_is_blank(*p) && *p != ':')
        p++;
    return p < c->end && *p == ':' ? (size_t)(p - from) : 0;
}

static bool parse_name(struct wsn_cursor *c, struct wsn_text *name)
{
    const char *p = c->p;
    size_t n = name_length(c, p);
    c->p += n + 1;
    return wsn_plain(c, p, n, WSN_PLAIN_TEXT, name);
}

/* A value is everything up to the line's end. */
static bool take_value(struct wsn_cursor *c, struct wsn_text *value)
{
    while (c->p < c->end && wsn_is_blank(*c->p))
        c->p++;
    const char *p = c->p;
    c->p = c->end;
    return wsn_plain(c, p, (size_t)(c->end - p), WSN_PLAIN_TEXT, value);
}

/* The start of the word that ends at `end`, if two blanks stand before it; else NULL. */
static const char *last_word(const char *from, const char *end)
{
    const char *p = end;
    while (p > from && !wsn_is_blank(p[-1]))
        p--;
    bool parted = p - from >= 2 && wsn_is_blank(p[-2]);
    return parted && p < end ? p : NULL;
}

/* An expected value ends before `  @id`, which a comment may follow. */
static const char *find_charge(const char *from, const char *end)
{
    const char *word = last_word(from, end);
    if (word && *word == '@')
        return word;
    for (const char *p = from; p + 2 < end; p++) {
        if (p[0] != ' ' || p[1] != ' ' || p[2] != '#')
            continue;
        const char *stop = p;
        while (stop > from && stop[-1] == ' ')
            stop--;
        word = last_word(from, stop);
        if (word && *word == '@')
            return word;
    }
    return NULL;
}

static bool end_line(struct wsn_cursor *c, struct wsn_line *line)
{
    wsn_skip(c);
    if (!wsn_parse_charge(c, &line->charge) || !wsn_take_end(c, "the end of the line"))
        return false;
    line->comment = c->comment;
    return true;
}

static bool parse_expected_value(struct wsn_cursor *c, struct wsn_line *line)
{
    const char *from = c->p;
    while (c->p < c->end && wsn_is_blank(*c->p))
        c->p++;
    if (begins_with(c, "~/")) {
        line->kind = WSN_LINE_MATCH;
        return wsn_parse_regex(c, &line->value) && end_line(c, line);
    }
    if (wsn_take_if(c, "*")) {
        line->kind = WSN_LINE_ANY;
        return end_line(c, line);
    }
    const char *charge = find_charge(from, c->end), *end = charge ? charge : c->end;
    while (end > from && wsn_is_blank(end[-1]))
        end--;
    from = c->p < end ? c->p : end;
    c->p = charge ? charge : c->end;
    line->kind = WSN_LINE_SET;
    return wsn_plain(c, from, (size_t)(end - from), WSN_PLAIN_TEXT, &line->value) &&
           end_line(c, line);
}

/* `permessage-deflate [param[=value]] [!param]`. */
static bool parse_extension(struct wsn_cursor *c, struct wsn_line *line)
{
    if (!wsn_take_word(c, "an extension's name", &line->name))
        return false;
    while (!wsn_at_end(c) && *c->p != '@') {
        struct wsn_param param = {.absent = *c->p == '!'};
        c->p += param.absent;
        size_t n = wsn_peek(c);
        const char *p = c->p, *equals = memchr(p, '=', n);
        size_t name = equals ? (size_t)(equals - p) : n;
        if (name == 0 || (param.absent && equals))
            return wsn_unexpected(c, param.absent ? "a parameter's name alone" : "a parameter");
        if (*p == '#')
            return wsn_take_word(c, "a parameter", &param.name);
        c->p += n;
        if (!wsn_plain(c, p, name, WSN_PLAIN_TEXT, &param.name) ||
            (equals && !wsn_plain(c, equals + 1, n - name - 1, WSN_PLAIN_TEXT, &param.value)))
            return false;
        *WSN_ADD(c->parser, line->params, line->param_count) = param;
    }
    return true;
}

static bool parse_expected_line(struct wsn_cursor *c, struct wsn_line *line)
{
    if (wsn_take_if(c, "!extension")) {
        line->kind = WSN_LINE_NO_EXTENSION;
        return wsn_take_word(c, "an extension's name", &line->name) && end_line(c, line);
    }
    if (*c->p == '!') {
        line->kind = WSN_LINE_ABSENT;
        c->p++;
        if (name_length(c, c->p))
            return wsn_fail(c, c->p, wsn_peek(c),
                            "`!Name` has no value: it says that the header is absent");
        if (c->p == c->end || wsn_is_blank(*c->p))
            return wsn_fail(c, c->p - 1, 1, "expected a header's name behind `!`");
        return wsn_take_word(c, "a header's name", &line->name) && end_line(c, line);
    }
    if (name_length(c, c->p))
        return parse_name(c, &line->name) && parse_expected_value(c, line);
    if (wsn_take_if(c, "extension")) {
        line->kind = WSN_LINE_EXTENSION;
        return parse_extension(c, line) && end_line(c, line);
    }
    if (wsn_take_if(c, "body")) {
        line->kind = WSN_LINE_BODY;
        return wsn_parse_payload(c, true, &line->payload) && end_line(c, line);
    }
    static const char *const words[] = {"body", "extension", "!extension"};
    return wsn_unknown(c, "`Name: value`, `!Name`, `body`, `extension` or `!extension`",
                       WSN_WORDS(words));
}

static bool end_sent_line(struct wsn_cursor *c, struct wsn_line *line)
{
    if (!wsn_take_end(c, "the end of the line"))
        return false;
    line->comment = c->comment;
    return true;
}

static bool parse_sent_line(struct wsn_cursor *c, struct wsn_line *line)
{
    if (*c->p == '"') {
        line->kind = WSN_LINE_RAW;
        return wsn_parse_payload(c, false, &line->payload) && end_sent_line(c, line);
    }
    if (*c->p == '+' && name_length(c, c->p + 1)) {
        c->p++;
        line->kind = WSN_LINE_ADD;
        return parse_name(c, &line->name) && take_value(c, &line->value);
    }
    if (*c->p == '-' && c->p + 1 < c->end && !wsn_is_blank(c->p[1])) {
        c->p++;
        line->kind = WSN_LINE_REMOVE;
        if (name_length(c, c->p))
            return wsn_fail(c, c->p, wsn_peek(c), "`-Name` has no value: it removes the header");
        return wsn_take_word(c, "a header's name", &line->name) && end_sent_line(c, line);
    }
    if (name_length(c, c->p)) {
        line->kind = WSN_LINE_SET;
        return parse_name(c, &line->name) && take_value(c, &line->value);
    }
    if (wsn_take_if(c, "body")) {
        line->kind = WSN_LINE_BODY;
        return wsn_parse_payload(c, false, &line->payload) && end_sent_line(c, line);
    }
    return wsn_unexpected(c, "`Name: value`, `+Name: value`, `-Name`, a line in quotes or `body`");
}

static void add_line_comment(struct wsn_parser *parser, const struct wsn_row *row,
                             struct wsn_step *step)
{
    struct wsn_line *line = WSN_ADD(parser, step->lines, step->line_count);
    struct wsn_cursor c = wsn_open(parser, row);
    line->kind = WSN_LINE_COMMENT;
    line->pos = wsn_where(&c, c.p);
    line->comment = wsn_comment_of(parser, row, 1);
}

void wsn_parse_lines(struct wsn_parser *parser, uint32_t above, bool sent, struct wsn_step *step)
{
    uint32_t column =
        wsn_deeper(parser, above) ? parser->rows[parser->rows[parser->at].content].column : 0;
    while (wsn_deeper(parser, above) || wsn_comment_belongs(parser, column)) {
        const struct wsn_row *row = &parser->rows[parser->at++];
        if (row->comment) {
            add_line_comment(parser, row, step);
            continue;
        }
        struct wsn_cursor c = wsn_open(parser, row);
        if (row->column != column) {
            wsn_fail(&c, c.p, 1, "this line stands in another column than those it belongs to");
            continue;
        }
        struct wsn_line line = {.pos = wsn_where(&c, c.p)};
        /* A payload may move the parser on, over the rows of a JSON value. */
        if (sent ? parse_sent_line(&c, &line) : parse_expected_line(&c, &line))
            *WSN_ADD(parser, step->lines, step->line_count) = line;
    }
}
