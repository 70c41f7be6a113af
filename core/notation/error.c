#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parser.h"
#include "printer.h"

static bool is_before(const struct wsn_pos *a, const struct wsn_pos *b)
{
    if (a->source != b->source)
        return a->source < b->source;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Errors are kept in the order of their place, whichever pass finds them. */
static struct wsn_error *insert(struct wsn_errors *errors, struct wsn_pos pos)
{
    size_t i = errors->count++;
    for (; i > 0; i--) {
        if (!is_before(&pos, &errors->list[i - 1].pos))
            break;
        errors->list[i] = errors->list[i - 1];
    }
    return &errors->list[i];
}

/* A block that is wrong is found so by each of those that use it. */
static bool is_known(const struct wsn_errors *errors, struct wsn_pos pos, const char *text)
{
    for (size_t i = 0; i < errors->count; i++) {
        const struct wsn_error *error = &errors->list[i];
        if (error->pos.source == pos.source && error->pos.line == pos.line &&
            error->pos.column == pos.column && strcmp(error->text, text) == 0)
            return true;
    }
    return false;
}

static void add_error(struct wsn_arena *arena, struct wsn_errors *errors, struct wsn_pos pos,
                      size_t length, const char *text)
{
    if (is_known(errors, pos, text))
        return;
    errors->total++;
    if (!errors->list)
        errors->list = wsn_alloc(arena, WSN_MAX_ERRORS * sizeof *errors->list);
    if (!errors->list || errors->count >= WSN_MAX_ERRORS)
        return;
    const char *copy = wsn_copy(arena, text, strlen(text));
    if (!copy)
        return;
    struct wsn_error *error = insert(errors, pos);
    error->pos = pos;
    error->length = length == 0 ? 1 : length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    error->text = copy;
}

void wsn_error(struct wsn_arena *arena, struct wsn_errors *errors, struct wsn_pos pos,
               uint32_t length, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_error(arena, errors, pos, length, text);
}

bool wsn_fail(const struct wsn_cursor *c, const char *at, size_t length, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_error(c->parser->arena, c->parser->errors, wsn_where(c, at), length, text);
    return false;
}

static void put_escaped(struct wsn_buffer *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t code;
        size_t length = wsn_character(p + i, n - i, &code);
        if (p[i] == '\t' || p[i] == '\r') {
            wsn_puts(out, p[i] == '\t' ? "\\t" : "\\r");
            i++;
        } else if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
            wsn_printf(out, "\\x%02x", (unsigned char)p[i]);
            i++;
        } else {
            wsn_put(out, p + i, length);
            i += length;
        }
    }
}

const char *wsn_shown(struct wsn_parser *parser, const char *p, size_t n)
{
    struct wsn_buffer out = {0};
    const size_t most = 40;
    size_t keep = n > most ? most : n;
    while (keep > 0 && keep < n && ((unsigned char)p[keep] & 0xc0) == 0x80)
        keep--;
    put_escaped(&out, p, keep);
    if (keep < n)
        wsn_puts(&out, "…");
    const char *copy = wsn_copy(parser->arena, out.p ? out.p : "", out.n);
    wsn_buffer_drop(&out);
    return copy ? copy : "";
}

bool wsn_unexpected(struct wsn_cursor *c, const char *expected)
{
    size_t n = wsn_peek(c);
    if (n == 0)
        return wsn_fail(c, c->p, 1, "expected %s, found the end of the line", expected);
    if (*c->p == '#')
        return wsn_fail(c, c->p, n,
                        "a comment stands behind two blanks; a word that begins with `#` is "
                        "written in quotes");
    return wsn_fail(c, c->p, n, "expected %s, found `%s`", expected, wsn_shown(c->parser, c->p, n));
}

bool wsn_unknown(struct wsn_cursor *c, const char *expected, struct wsn_words words)
{
    size_t n = wsn_peek(c);
    const char *close = wsn_suggest(c->p, n, words);
    if (!close)
        return wsn_unexpected(c, expected);
    return wsn_fail(c, c->p, n, "expected %s, found `%s`; did you mean `%s`?", expected,
                    wsn_shown(c->parser, c->p, n), close);
}

/* --- suggestions --- */

enum { LONGEST_WORD = 24 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(char a, char b)
{
    return lower(a) == lower(b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance; case does not count, and two neighbours that changed places count once. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t d[LONGEST_WORD + 1][LONGEST_WORD + 1];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t change = d[i - 1][j - 1] + !same(a[i - 1], b[j - 1]);
            d[i][j] = least(change, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n][m];
}

const char *wsn_suggest(const char *p, size_t n, struct wsn_words words)
{
    const char *best = NULL;
    size_t closest = WSN_MAX_DISTANCE + 1;
    if (n == 0 || n > LONGEST_WORD)
        return NULL;
    for (size_t i = 0; i < words.count; i++) {
        size_t m = strlen(words.list[i]);
        if (m > LONGEST_WORD)
            continue;
        size_t d = distance(p, n, words.list[i], m);
        /* Two changes in a word of three letters make another word. */
        if (d < closest && d < m && d < n && (d <= 1 || (m > 3 && n > 3))) {
            best = words.list[i];
            closest = d;
        }
    }
    return best;
}

/* --- printing --- */

/* The source line of `pos`, without its end. */
static const char *find_line(const struct wsn_file *file, uint32_t number, size_t *length)
{
    const char *p = file->source, *end = file->source + file->length;
    for (uint32_t line = 1; p && line < number; line++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        p = newline ? newline + 1 : NULL;
    }
    if (!p)
        return NULL;
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    *length = (size_t)((newline ? newline : end) - p);
    return p;
}

/* Moves an offset back to the start of a character. */
static size_t character_start(const char *p, size_t at)
{
    for (int i = 0; i < 3 && at > 0 && ((unsigned char)p[at] & 0xc0) == 0x80; i++)
        at--;
    return at;
}

static void put_line(const char *line, size_t length, size_t column, size_t marked,
                     struct wsn_buffer *out)
{
    const size_t around = 60;
    size_t at = least(column - 1, length);
    size_t from = at > around ? character_start(line, at - around) : 0;
    size_t to = least(length, at + around);
    if (to < length)
        to = character_start(line, to);
    if (to < at)
        to = at;
    size_t start = out->n;
    wsn_puts(out, from > 0 ? "    …" : "    ");
    put_escaped(out, line + from, at - from);
    size_t before = wsn_width(out, start), here = out->n;
    size_t marked_end = least(at + marked, to);
    put_escaped(out, line + at, marked_end - at);
    size_t carets = wsn_width(out, here);
    put_escaped(out, line + marked_end, to - marked_end);
    wsn_puts(out, to < length ? "…\n" : "\n");
    wsn_printf(out, "%*s", (int)before, "");
    for (size_t i = 0; i < (carets ? carets : 1); i++)
        wsn_puts(out, i == 0 ? "^" : "~");
    wsn_puts(out, "\n");
}

void wsn_error_print(const struct wsn_file *file, const struct wsn_error *error,
                     struct wsn_buffer *out)
{
    uint32_t source = error->pos.source;
    if (source && source <= file->source_count)
        file = file->sources[source - 1];
    put_escaped(out, file->name, strlen(file->name));
    if (error->pos.line)
        wsn_printf(out, ":%u:%u", error->pos.line, error->pos.column);
    wsn_printf(out, ": error: %s\n", error->text);
    size_t length = 0;
    const char *line = error->pos.line ? find_line(file, error->pos.line, &length) : NULL;
    if (line && error->pos.column)
        put_line(line, length, error->pos.column, error->length, out);
}
