/* Texts: templates out of words, lines and strings. */
#include <string.h>

#include "parser.h"

bool wsn_is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

size_t wsn_name_length(const char *p, size_t n)
{
    size_t length = 0;
    if (n == 0 || (p[0] >= '0' && p[0] <= '9'))
        return 0;
    while (length < n && wsn_is_name_byte(p[length]))
        length++;
    return length;
}

size_t wsn_character(const char *text, size_t n, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    static const struct {
        unsigned char lead, mask;
        uint32_t least;
    } forms[] = {{0x00, 0x80, 0}, {0xc0, 0xe0, 0x80}, {0xe0, 0xf0, 0x800}, {0xf0, 0xf8, 0x10000}};
    for (size_t length = 1; length <= 4; length++) {
        if (length > n || (p[0] & forms[length - 1].mask) != forms[length - 1].lead)
            continue;
        *code = p[0] & (unsigned char)~forms[length - 1].mask;
        for (size_t i = 1; i < length; i++) {
            if ((p[i] & 0xc0) != 0x80)
                return 0;
            *code = *code << 6 | (p[i] & 0x3fu);
        }
        bool good = *code >= forms[length - 1].least && *code <= 0x10ffff &&
                    !(*code >= 0xd800 && *code <= 0xdfff);
        return good ? length : 0;
    }
    return 0;
}

size_t wsn_bad_byte(const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t code;
        size_t length = wsn_character(p + i, n - i, &code);
        if (length == 0 || (code < 0x20 && code != '\t') || code == 0x7f)
            return i;
        i += length;
    }
    return n;
}

/* --- building a template --- */

struct builder {
    struct wsn_parser *parser;
    struct wsn_text *text;
    char *bytes; /* room for every literal byte */
    size_t n, from;
    const char *at; /* place for errors when the bytes are a copy; else NULL */
};

static void add_part(struct builder *b, bool variable, const char *p, size_t n)
{
    struct wsn_part *part = WSN_ADD(b->parser, b->text->parts, b->text->count);
    *part = (struct wsn_part){variable, p, n};
}

static void end_literal(struct builder *b)
{
    if (b->n > b->from)
        add_part(b, false, b->bytes + b->from, b->n - b->from);
    b->from = b->n;
}

static void add_variable(struct builder *b, const char *name, size_t n)
{
    end_literal(b);
    add_part(b, true, wsn_need_copy(b->parser, name, n), n);
}

static struct builder start(const struct wsn_cursor *c, const char *at, size_t room,
                            struct wsn_text *text)
{
    *text = (struct wsn_text){.present = true, .pos = wsn_where(c, at)};
    return (struct builder){
        .parser = c->parser, .text = text, .bytes = wsn_need(c->parser, room + 1)};
}

/* A '$' at p: adds what it stands for.  Returns the bytes consumed, 0 after an error. */
static size_t take_dollar(struct builder *b, const struct wsn_cursor *c, const char *p, size_t n,
                          bool lone_allowed)
{
    if (n > 1 && p[1] == '$') {
        b->bytes[b->n++] = '$';
        return 2;
    }
    size_t name = wsn_name_length(p + 1, n - 1);
    if (name > 0) {
        add_variable(b, p + 1, name);
        return 1 + name;
    }
    if (n > 1 && p[1] == '{') {
        name = wsn_name_length(p + 2, n - 2);
        if (name > 0 && name + 2 < n && p[name + 2] == '}') {
            add_variable(b, p + 2, name);
            return name + 3;
        }
    }
    if (lone_allowed) {
        b->bytes[b->n++] = '$';
        return 1;
    }
    wsn_fail(c, b->at ? b->at : p, 1,
             "expected a name behind `$`; a dollar itself is written `$$`");
    return 0;
}

/* `\/` in a pattern is a slash; other escapes are the pattern's own, `\$` among them. */
static size_t take_pattern_escape(struct builder *b, const char *p)
{
    if (p[1] != '/')
        b->bytes[b->n++] = p[0];
    b->bytes[b->n++] = p[1];
    return 2;
}

static bool fill(const struct wsn_cursor *c, const char *p, size_t n, enum wsn_plain_kind kind,
                 const char *at, struct wsn_text *text)
{
    struct builder b = start(c, at ? at : p, n, text);
    b.at = at;
    bool regex = kind == WSN_PLAIN_REGEX;
    for (size_t i = 0; i < n;) {
        size_t used = 1;
        if (p[i] == '$')
            used = take_dollar(&b, c, p + i, n - i, regex);
        else if (regex && p[i] == '\\' && i + 1 < n)
            used = take_pattern_escape(&b, p + i);
        else
            b.bytes[b.n++] = p[i];
        if (used == 0)
            return false;
        i += used;
    }
    end_literal(&b);
    return true;
}

bool wsn_plain(const struct wsn_cursor *c, const char *p, size_t n, enum wsn_plain_kind kind,
               struct wsn_text *text)
{
    size_t bad = wsn_bad_byte(p, n);
    if (bad < n)
        return wsn_fail(c, p + bad, 1,
                        "byte 0x%02x cannot stand here; odd bytes are written in a string, "
                        "as \"\\x%02x\"",
                        (unsigned char)p[bad], (unsigned char)p[bad]);
    return fill(c, p, n, kind, NULL, text);
}

bool wsn_moved(const struct wsn_cursor *c, const char *p, size_t n, const char *at,
               struct wsn_text *text)
{
    return fill(c, p, n, WSN_PLAIN_TEXT, at, text);
}

void wsn_literal(struct wsn_parser *parser, const char *p, size_t n, struct wsn_text *text)
{
    struct builder b = {.parser = parser, .text = text, .bytes = wsn_need(parser, n + 1)};
    text->parts = NULL;
    text->count = 0;
    if (n)
        memcpy(b.bytes, p, n);
    b.n = n;
    end_literal(&b);
}

/* --- strings --- */

static size_t put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    to[0] = (char)(lead[length] | code);
    return length;
}

static size_t bad_escape(const struct wsn_cursor *c, const char *p, size_t n, const char *text)
{
    wsn_fail(c, p, n, "%s", text);
    return 0;
}

/* `\u{…}` at p. */
static size_t take_code_point(struct builder *b, const struct wsn_cursor *c, const char *p,
                              size_t n)
{
    static const char form[] = "expected `\\u{…}` with one to six hexadecimal digits";
    if (n < 5 || p[2] != '{')
        return bad_escape(c, p, 2, form);
    size_t digits = 0;
    while (digits + 3 < n && digits < 7 && p[digits + 3] != '}')
        digits++;
    if (digits == 0 || digits > 6 || digits + 3 >= n)
        return bad_escape(c, p, 3, form);
    char number[9] = "0x";
    uint64_t code;
    memcpy(number + 2, p + 3, digits);
    if (!wsn_number(number, digits + 2, UINT32_MAX, &code))
        return bad_escape(c, p, digits + 4, form);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return bad_escape(c, p, digits + 4, "no such character: its bytes can be written as \\xNN");
    b->n += put_utf8(b->bytes + b->n, (uint32_t)code);
    return digits + 4;
}

/* An escape at p; returns the bytes consumed, 0 after an error. */
static size_t take_escape(struct builder *b, const struct wsn_cursor *c, const char *p, size_t n)
{
    static const char from[] = "nrt0\\\"", to[] = "\n\r\t\0\\\"";
    const char *simple = n > 1 && p[1] ? strchr(from, p[1]) : NULL;
    if (simple) {
        b->bytes[b->n++] = to[simple - from];
        return 2;
    }
    if (n > 1 && p[1] == 'u')
        return take_code_point(b, c, p, n);
    if (n > 1 && p[1] == 'x') {
        char number[5] = "0x";
        uint64_t value;
        if (n < 4)
            return bad_escape(c, p, 2, "expected two hexadecimal digits behind `\\x`");
        memcpy(number + 2, p + 2, 2);
        if (!wsn_number(number, 4, 255, &value))
            return bad_escape(c, p, 4, "expected two hexadecimal digits behind `\\x`");
        b->bytes[b->n++] = (char)value;
        return 4;
    }
    return bad_escape(c, p, n > 1 ? 2 : 1,
                      "unknown escape; there are \\n \\r \\t \\0 \\\\ \\\" \\xNN and \\u{…}");
}

/* The closing quote of the string whose content starts at p; NULL if there is none. */
static const char *string_end(const char *p, const char *end)
{
    for (; p < end; p++) {
        if (*p == '"')
            return p;
        if (*p == '\\')
            p++;
    }
    return NULL;
}

bool wsn_take_string(struct wsn_cursor *c, struct wsn_text *text)
{
    wsn_skip(c);
    if (c->p >= c->end || *c->p != '"')
        return wsn_unexpected(c, "a string in quotes");
    const char *quote = c->p, *end = string_end(quote + 1, c->end);
    if (!end)
        return wsn_fail(c, quote, (size_t)(c->end - quote), "this string has no closing quote");
    /* The longest that an escape gives is as long as the escape. */
    struct builder b = start(c, quote, (size_t)(end - quote), text);
    text->quoted = true;
    for (const char *p = quote + 1; p < end;) {
        size_t used = 1;
        if (*p == '\\')
            used = take_escape(&b, c, p, (size_t)(end - p));
        else if (*p == '$')
            used = take_dollar(&b, c, p, (size_t)(end - p), false);
        else
            b.bytes[b.n++] = *p;
        if (used == 0)
            return false;
        p += used;
    }
    end_literal(&b);
    c->p = end + 1;
    return true;
}

/* --- asking --- */

bool wsn_has_variable(const struct wsn_text *text)
{
    for (size_t i = 0; i < text->count; i++) {
        if (text->parts[i].variable)
            return true;
    }
    return false;
}

const char *wsn_bytes(const struct wsn_text *text, size_t *n)
{
    *n = text->count ? text->parts[0].n : 0;
    return text->count ? text->parts[0].p : "";
}

bool wsn_text_is(const struct wsn_text *text, const char *word)
{
    return text->count == 1 && !text->parts[0].variable &&
           wsn_is(text->parts[0].p, text->parts[0].n, word);
}
