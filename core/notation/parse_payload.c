/* Payload expressions: terms joined by '+', and what is only ever expected. */
#include <string.h>

#include "parser.h"

static const struct {
    const char *name;
    enum wsn_term_kind kind;
} functions[] = {
    {"hex", WSN_TERM_HEX},   {"base64", WSN_TERM_BASE64}, {"random", WSN_TERM_RANDOM},
    {"json", WSN_TERM_JSON}, {"prose", WSN_TERM_PROSE},   {"file", WSN_TERM_FILE},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* Index of the function whose name and '(' stand at the cursor; FUNCTIONS if none. */
static size_t function_at(const struct wsn_cursor *c)
{
    size_t left = (size_t)(c->end - c->p), i = 0;
    for (; i < FUNCTIONS; i++) {
        size_t n = strlen(functions[i].name);
        if (left > n && memcmp(c->p, functions[i].name, n) == 0 && c->p[n] == '(')
            break;
    }
    return i;
}

static bool json_at(const struct wsn_cursor *c)
{
    const char *p = c->p;
    if (c->end - p < 4 || memcmp(p, "json", 4) != 0)
        return false;
    for (p += 4; p < c->end && *p == ' '; p++)
        ;
    return p > c->p + 4 && p < c->end && (*p == '{' || *p == '[');
}

static bool regex_at(const struct wsn_cursor *c)
{
    return c->end - c->p >= 2 && c->p[0] == '~' && c->p[1] == '/';
}

bool wsn_payload_stands(struct wsn_cursor *c)
{
    wsn_skip(c);
    if (c->p == c->end)
        return false;
    return *c->p == '"' || *c->p == '$' || regex_at(c) || function_at(c) < FUNCTIONS || json_at(c);
}

/* --- literals with a notation of their own --- */

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) & 15 : -1;
}

/* Digits in pairs, blanks between the pairs. */
static bool decode_hex(const struct wsn_cursor *c, const char *p, size_t n, struct wsn_text *text)
{
    char *bytes = wsn_need(c->parser, n / 2 + 1);
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        if (p[i] == ' ') {
            i++;
            continue;
        }
        int high = hex_value(p[i]), low = i + 1 < n ? hex_value(p[i + 1]) : -1;
        if (high < 0 || low < 0)
            return wsn_fail(c, p + i, i + 1 < n ? 2 : 1,
                            "expected two hexadecimal digits, found `%s`",
                            wsn_shown(c->parser, p + i, i + 1 < n ? 2 : 1));
        bytes[count++] = (char)(high << 4 | low);
        i += 2;
    }
    wsn_literal(c->parser, bytes, count, text);
    return true;
}

static int base64_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool decode_base64(const struct wsn_cursor *c, const char *p, size_t n,
                          struct wsn_text *text)
{
    static const char wrong[] = "this is no base64: groups of four, filled up with `=`";
    char *bytes = wsn_need(c->parser, n / 4 * 3 + 1);
    size_t count = 0;
    if (n % 4 != 0)
        return wsn_fail(c, p, n, "%s", wrong);
    for (size_t i = 0; i < n; i += 4) {
        size_t filled = 0;
        if (i + 4 == n)
            filled = p[i + 3] != '=' ? 0 : p[i + 2] != '=' ? 1 : 2;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k >= 4 - filled ? 0 : base64_value(p[i + k]);
            if (value < 0)
                return wsn_fail(c, p + i + k, 1, "%s", wrong);
            group = group << 6 | (uint32_t)value;
        }
        if (filled && group & ((1u << (8 * filled)) - 1))
            return wsn_fail(c, p + i, 4,
                            "the last group of this base64 has bits that no byte holds");
        for (size_t k = 0; k < 3 - filled; k++)
            bytes[count++] = (char)(group >> (16 - 8 * k));
    }
    wsn_literal(c->parser, bytes, count, text);
    return true;
}

bool wsn_check_number(const struct wsn_cursor *c, const char *at, size_t n,
                      const struct wsn_text *text, uint64_t min, uint64_t max, const char *what)
{
    uint64_t value;
    if (wsn_has_variable(text))
        return true;
    if (wsn_number(at, n, max, &value) && value >= min)
        return true;
    return wsn_fail(c, at, n, "expected %s from %llu to %llu, found `%s`", what,
                    (unsigned long long)min, (unsigned long long)max, wsn_shown(c->parser, at, n));
}

/* --- terms --- */

static bool parse_variable(struct wsn_cursor *c, struct wsn_text *text)
{
    size_t left = (size_t)(c->end - c->p), n = wsn_name_length(c->p + 1, left - 1);
    if (n == 0 && left > 2 && c->p[1] == '{') {
        size_t name = wsn_name_length(c->p + 2, left - 2);
        n = name && name + 2 < left && c->p[name + 2] == '}' ? name + 2 : 0;
    }
    if (n == 0)
        return wsn_fail(c, c->p, 1, "expected a name behind `$`");
    const char *p = c->p;
    c->p += 1 + n;
    return wsn_plain(c, p, 1 + n, WSN_PLAIN_TEXT, text);
}

/* What stands in the parentheses of the function at the cursor. */
static bool parse_arguments(struct wsn_cursor *c, const char *p, size_t n, struct wsn_term *term)
{
    while (n > 0 && *p == ' ')
        p++, n--;
    while (n > 0 && p[n - 1] == ' ')
        n--;
    if (!wsn_plain(c, p, n, WSN_PLAIN_TEXT, &term->text))
        return false;
    if (term->kind == WSN_TERM_HEX)
        return wsn_has_variable(&term->text) || decode_hex(c, p, n, &term->text);
    if (term->kind == WSN_TERM_BASE64)
        return wsn_has_variable(&term->text) || decode_base64(c, p, n, &term->text);
    if (n == 0)
        return wsn_fail(c, p, 1, "expected a number of bytes, found `)`");
    return wsn_check_number(c, p, n, &term->text, 0, WSN_MAX_PAYLOAD, "a number of bytes");
}

static bool parse_file(struct wsn_cursor *c, struct wsn_term *term)
{
    if (!wsn_take_string(c, &term->text))
        return false;
    return wsn_take_byte(c, ')') || wsn_unexpected(c, "`)`");
}

static bool parse_function(struct wsn_cursor *c, size_t i, struct wsn_term *term)
{
    const char *name = c->p;
    term->kind = functions[i].kind;
    c->p += strlen(functions[i].name) + 1;
    if (term->kind == WSN_TERM_FILE)
        return parse_file(c, term);
    const char *close = memchr(c->p, ')', (size_t)(c->end - c->p));
    if (!close)
        return wsn_fail(c, name, (size_t)(c->p - name), "this `(` is never closed");
    const char *p = c->p;
    c->p = close + 1;
    return parse_arguments(c, p, (size_t)(close - p), term);
}

bool wsn_parse_regex(struct wsn_cursor *c, struct wsn_text *pattern)
{
    wsn_skip(c);
    const char *from = c->p, *p = from + 2;
    while (p < c->end && *p != '/')
        p += *p == '\\' ? 2 : 1;
    if (p >= c->end)
        return wsn_fail(c, from, (size_t)(c->end - from), "this pattern has no closing `/`");
    c->p = p + 1;
    return wsn_plain(c, from + 2, (size_t)(p - from) - 2, WSN_PLAIN_REGEX, pattern);
}

/* --- JSON values, which may go on in deeper lines --- */

struct json_reader {
    struct wsn_cursor *c;
    char *bytes; /* the value so far: lines joined by '\n', indented from the step's column */
    size_t n, room;
    size_t depth;
    bool string, escaped;
};

static void add_json(struct json_reader *r, const char *p, size_t n)
{
    if (n > r->room - r->n) {
        size_t room = r->room * 2 + n;
        char *bytes = wsn_need(r->c->parser, room);
        if (r->n)
            memcpy(bytes, r->bytes, r->n);
        r->bytes = bytes;
        r->room = room;
    }
    if (n)
        memcpy(r->bytes + r->n, p, n);
    r->n += n;
}

/* Reads to the end of the value or of the row; true when the value has ended. */
static bool read_json_row(struct json_reader *r)
{
    struct wsn_cursor *c = r->c;
    const char *from = c->p;
    bool done = false;
    while (c->p < c->end && !done) {
        char byte = *c->p++;
        if (r->string) {
            r->string = r->escaped || byte != '"';
            r->escaped = !r->escaped && byte == '\\';
        } else if (byte == '"') {
            r->string = true;
        } else if (byte == '{' || byte == '[') {
            r->depth++;
        } else if (byte == '}' || byte == ']') {
            done = --r->depth == 0;
        }
    }
    add_json(r, from, (size_t)(c->p - from));
    return done;
}

/* Moves the cursor into the next row, if it is deeper than the row where the step began. */
static bool next_json_row(struct json_reader *r, const struct wsn_row *first)
{
    struct wsn_parser *parser = r->c->parser;
    if (r->string || parser->at >= parser->row_count)
        return false;
    const struct wsn_row *row = &parser->rows[parser->at];
    if (row->column <= first->column || row->comment)
        return false;
    parser->at++;
    *r->c = wsn_open(parser, row);
    add_json(r, "\n", 1);
    for (uint32_t i = first->column; i < row->column; i++)
        add_json(r, " ", 1);
    return true;
}

static bool parse_json_value(struct wsn_cursor *c, struct wsn_text *value)
{
    const struct wsn_row *first = c->row;
    c->p += 4;
    wsn_skip(c);
    struct wsn_cursor start = *c;
    struct json_reader r = {.c = c};
    while (!read_json_row(&r)) {
        if (!next_json_row(&r, first))
            return wsn_fail(&start, start.p, (size_t)(start.end - start.p),
                            r.string ? "a string of this JSON value has no closing quote"
                                     : "this JSON value is never closed");
    }
    /* Errors inside are placed where the value begins: its bytes have moved. */
    size_t bad = 0;
    for (size_t from = 0; from < r.n; from += bad + 1) {
        const char *newline = memchr(r.bytes + from, '\n', r.n - from);
        size_t n = newline ? (size_t)(newline - r.bytes) - from : r.n - from;
        bad = wsn_bad_byte(r.bytes + from, n);
        if (bad < n)
            return wsn_fail(&start, start.p, 1, "byte 0x%02x cannot stand in a JSON value",
                            (unsigned char)r.bytes[from + bad]);
    }
    return wsn_moved(&start, r.bytes, r.n, start.p, value);
}

static bool parse_primary(struct wsn_cursor *c, bool expected, struct wsn_term *term)
{
    wsn_skip(c);
    term->text.pos = wsn_where(c, c->p);
    if (c->p < c->end && *c->p == '"')
        return wsn_take_string(c, &term->text);
    size_t function = function_at(c);
    if (function < FUNCTIONS)
        return parse_function(c, function, term);
    if (c->p < c->end && *c->p == '$')
        return parse_variable(c, &term->text);
    if (expected && regex_at(c)) {
        term->kind = WSN_TERM_REGEX;
        return wsn_parse_regex(c, &term->text);
    }
    if (expected && json_at(c)) {
        term->kind = WSN_TERM_VALUE;
        return parse_json_value(c, &term->text);
    }
    if (regex_at(c) || json_at(c))
        return wsn_fail(c, c->p, 1,
                        "a pattern or JSON value stands alone, and only in what is expected");
    return wsn_unexpected(c, "a payload (\"…\", hex(…), base64(…), random(N), json(N), prose(N), "
                             "file(\"…\") or $name)");
}

/* `* N` behind a term. */
static bool parse_times(struct wsn_cursor *c, struct wsn_term *term)
{
    if (!wsn_take_byte(c, '*'))
        return true;
    wsn_skip(c);
    const char *at = c->p;
    if (at < c->end && *at == '$')
        return parse_variable(c, &term->times);
    while (c->p < c->end && wsn_is_name_byte(*c->p))
        c->p++;
    size_t n = (size_t)(c->p - at);
    if (n == 0)
        return wsn_unexpected(c, "a number behind `*`");
    return wsn_plain(c, at, n, WSN_PLAIN_TEXT, &term->times) &&
           wsn_check_number(c, at, n, &term->times, 0, WSN_MAX_PAYLOAD, "a number");
}

static bool is_alone(const struct wsn_term *term)
{
    return term->kind == WSN_TERM_REGEX || term->kind == WSN_TERM_VALUE;
}

bool wsn_parse_payload(struct wsn_cursor *c, bool expected, struct wsn_payload *payload)
{
    payload->present = true;
    do {
        struct wsn_term term = {.kind = WSN_TERM_TEXT};
        if (!parse_primary(c, expected && payload->count == 0, &term))
            return false;
        if (!is_alone(&term) && !parse_times(c, &term))
            return false;
        *WSN_ADD(c->parser, payload->terms, payload->count) = term;
        if (is_alone(&term))
            return true;
    } while (wsn_take_byte(c, '+'));
    return true;
}

/* A cell of `each`: a bare word, or a term as in a payload. */
bool wsn_parse_cell(struct wsn_cursor *c, struct wsn_term *term)
{
    wsn_skip(c);
    if (c->p < c->end && (*c->p == '"' || function_at(c) < FUNCTIONS)) {
        if (!parse_primary(c, false, term))
            return false;
        return !wsn_peek_is(c, "*") || parse_times(c, term);
    }
    return wsn_take_word(c, "a value", &term->text);
}
