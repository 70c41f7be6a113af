/* Rows, and the cursor that reads one. */
#include <string.h>

#include "parser.h"

bool wsn_is(const char *p, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(p, word, n) == 0;
}

bool wsn_is_one_of(const char *p, size_t n, struct wsn_words words)
{
    for (size_t i = 0; i < words.count; i++) {
        if (wsn_is(p, n, words.list[i]))
            return true;
    }
    return false;
}

bool wsn_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* --- memory --- */

void *wsn_need(struct wsn_parser *parser, size_t size)
{
    void *p = wsn_alloc(parser->arena, size);
    if (!p)
        longjmp(parser->no_memory, 1);
    return p;
}

char *wsn_need_copy(struct wsn_parser *parser, const char *p, size_t n)
{
    char *copy = wsn_need(parser, n + 1);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

void *wsn_grow(struct wsn_parser *parser, void *list, size_t count, size_t size)
{
    if (count & (count - 1))
        return list;
    size_t room = count ? count * 2 : 1;
    void *grown = wsn_need(parser, room * size);
    if (count)
        memcpy(grown, list, count * size);
    return grown;
}

/* --- rows --- */

/* Line ends of CR LF are reported once: one mistake of one editor. */
static void report_return(struct wsn_parser *parser, struct wsn_row *row, bool *reported)
{
    struct wsn_cursor c = {.parser = parser, .row = row};
    if (!*reported)
        wsn_fail(&c, parser->source + row->end, 1,
                 "this line ends with a carriage return; lines end with \\n alone");
    *reported = true;
}

static void add_row(struct wsn_parser *parser, size_t line, struct wsn_row row)
{
    const char *from = parser->source + line;
    const char *tab = memchr(from, '\t', row.begin - line);
    struct wsn_cursor c = {.parser = parser, .row = &row};
    if (tab)
        wsn_fail(&c, tab, 1, "a tab in the indentation; it is written with blanks");
    row.bad = row.bad || tab;
    row.comment = parser->source[row.begin] == '#';
    *WSN_ADD(parser, parser->rows, parser->row_count) = row;
}

void wsn_cut_rows(struct wsn_parser *parser)
{
    const char *source = parser->source;
    bool returned = false, gap = false;
    uint32_t number = 1;
    for (size_t at = 0; at < parser->length; number++) {
        const char *newline = memchr(source + at, '\n', parser->length - at);
        size_t end = newline ? (size_t)(newline - source) : parser->length, next = end + 1;
        struct wsn_row row = {.begin = at, .end = end, .number = number, .gap = gap};
        while (row.begin < row.end && wsn_is_blank(source[row.begin]))
            row.begin++;
        row.column = (uint32_t)(row.begin - at + 1);
        if (row.end > row.begin && source[row.end - 1] == '\r') {
            row.end--;
            row.bad = !returned;
            report_return(parser, &row, &returned);
        }
        while (row.end > row.begin && wsn_is_blank(source[row.end - 1]))
            row.end--;
        gap = row.begin >= row.end;
        if (!gap)
            add_row(parser, at, row);
        at = next;
    }
    size_t content = parser->row_count;
    for (size_t i = parser->row_count; i > 0; i--) {
        if (!parser->rows[i - 1].comment)
            content = i - 1;
        parser->rows[i - 1].content = content;
    }
}

/* --- cursor --- */

struct wsn_cursor wsn_open(struct wsn_parser *parser, const struct wsn_row *row)
{
    return (struct wsn_cursor){
        .parser = parser,
        .row = row,
        .p = parser->source + row->begin,
        .end = parser->source + row->end,
    };
}

struct wsn_pos wsn_where(const struct wsn_cursor *c, const char *p)
{
    ptrdiff_t ahead = p - (c->parser->source + c->row->begin);
    return (struct wsn_pos){c->row->number, (uint32_t)((ptrdiff_t)c->row->column + ahead),
                            c->parser->number};
}

struct wsn_pos wsn_row_pos(const struct wsn_parser *parser, const struct wsn_row *row)
{
    return (struct wsn_pos){row->number, row->column, parser->number};
}

static char *checked_copy(const struct wsn_cursor *c, const char *p, size_t n)
{
    size_t bad = wsn_bad_byte(p, n);
    if (bad == n)
        return wsn_need_copy(c->parser, p, n);
    wsn_fail(c, p + bad, 1, "byte 0x%02x cannot stand in a comment", (unsigned char)p[bad]);
    return NULL;
}

char *wsn_comment_of(struct wsn_parser *parser, const struct wsn_row *row, size_t skip)
{
    struct wsn_cursor c = wsn_open(parser, row);
    return checked_copy(&c, c.p + skip, (size_t)(c.end - c.p) - skip);
}

void wsn_skip(struct wsn_cursor *c)
{
    const char *from = c->p;
    while (c->p < c->end && wsn_is_blank(*c->p))
        c->p++;
    if (c->p < c->end && *c->p == '#' && c->p - from >= 2) {
        c->comment = checked_copy(c, c->p + 1, (size_t)(c->end - c->p) - 1);
        c->end = c->p;
    }
}

bool wsn_at_end(struct wsn_cursor *c)
{
    wsn_skip(c);
    return c->p == c->end;
}

size_t wsn_peek(struct wsn_cursor *c)
{
    wsn_skip(c);
    size_t n = 0;
    while (c->p + n < c->end && !wsn_is_blank(c->p[n]))
        n++;
    return n;
}

bool wsn_peek_is(struct wsn_cursor *c, const char *word)
{
    size_t n = strlen(word);
    wsn_skip(c);
    size_t left = (size_t)(c->end - c->p);
    /* Not by wsn_peek: a row may hold very long words. */
    return left >= n && memcmp(c->p, word, n) == 0 && (left == n || wsn_is_blank(c->p[n]));
}

bool wsn_take_if(struct wsn_cursor *c, const char *word)
{
    if (!wsn_peek_is(c, word))
        return false;
    c->p += strlen(word);
    return true;
}

bool wsn_take_byte(struct wsn_cursor *c, char byte)
{
    wsn_skip(c);
    if (c->p >= c->end || *c->p != byte)
        return false;
    c->p++;
    return true;
}

bool wsn_take_word(struct wsn_cursor *c, const char *expected, struct wsn_text *text)
{
    size_t n = wsn_peek(c);
    if (n == 0 || *c->p == '#')
        return wsn_unexpected(c, expected);
    const char *p = c->p;
    c->p += n;
    return wsn_plain(c, p, n, WSN_PLAIN_TEXT, text);
}

bool wsn_take_end(struct wsn_cursor *c, const char *expected)
{
    return wsn_at_end(c) || wsn_unexpected(c, expected);
}
