#include "conf.h"

#include "commands.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wsn/notation.h>

enum { KEYS_MAX = 100 };

struct reader {
    const struct option *options;
    const char **url;
    struct wsn_arena arena;
    struct wsn_file file; /* for messages */
    struct wsn_errors errors;
    const char *keys[KEYS_MAX];
    size_t key_count;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void complain(struct reader *r, unsigned line, size_t column, size_t length,
                     const char *text)
{
    wsn_error(&r->arena, &r->errors, (struct wsn_pos){.line = line, .column = (uint32_t)column},
              (uint32_t)(length ? length : 1), "%s", text);
}

/* ---- values ---- */

static bool is_file(const struct option *o)
{
    return o->value && (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "PATH") == 0 ||
                        strcmp(o->value, "FORMAT=PATH") == 0);
}

/* Relative to the folder of the file; but a script may be one of the program's own. */
static const char *value_of(const struct reader *r, const struct option *o, const char *p, size_t n)
{
    const char *value = texts_copy(p, n), *slash = strrchr(r->file.name, '/');
    const char *equals = o && strcmp(o->name, "report") == 0 ? strchr(value, '=') : NULL;
    const char *name = equals ? equals + 1 : value;
    bool listed = o && strcmp(o->name, "set") == 0 && *value == '@';
    name += listed;
    if (!slash || !o || !(is_file(o) || listed) || *name == '/' || strcmp(name, "-") == 0)
        return value;
    struct wsn_buffer out = {0};
    wsn_put(&out, value, (size_t)(name - value));
    size_t at = out.n;
    wsn_put(&out, r->file.name, (size_t)(slash - r->file.name + 1));
    wsn_puts(&out, name);
    bool here = strcmp(o->name, "cases") != 0 || access(out.p + at, F_OK) == 0;
    const char *path = here ? texts_copy(out.p, out.n) : value;
    wsn_buffer_drop(&out);
    return path;
}

static bool is_word(const char *p, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(p, word, n) == 0;
}

static void set_flag(struct reader *r, const struct option *o, unsigned line, size_t column,
                     const char *p, size_t n)
{
    if (is_word(p, n, "yes"))
        *(bool *)o->slot = true;
    else if (is_word(p, n, "no"))
        *(bool *)o->slot = false;
    else
        complain(r, line, column, n, "expected yes or no");
}

static void set_value(struct reader *r, const struct option *o, unsigned line, size_t column,
                      const char *p, size_t n)
{
    char error[300];
    if (n == 0) {
        complain(r, line, column, 1, "expected a value behind `=`");
    } else if (!o) {
        *r->url = value_of(r, NULL, p, n);
    } else if (o->kind == OPTION_FLAG) {
        set_flag(r, o, line, column, p, n);
    } else if (option_set(o, value_of(r, o, p, n), error, sizeof error) != 0) {
        complain(r, line, column, n, error);
    }
}

/* ---- lines ---- */

static void unknown_key(struct reader *r, unsigned line, size_t column, const char *p, size_t n)
{
    const char *close = wsn_suggest(p, n, (struct wsn_words){r->keys, r->key_count});
    wsn_error(&r->arena, &r->errors, (struct wsn_pos){.line = line, .column = (uint32_t)column},
              (uint32_t)n, "unknown key `%.*s`%s%s%s", (int)(n < 60 ? n : 60), p,
              close ? "; did you mean `" : ": see `wsproof run --help`", close ? close : "",
              close ? "`?" : "");
}

/* The first byte that no line may hold; n if there is none. */
static size_t bad_byte(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && ((unsigned char)p[i] >= ' ' || p[i] == '\t') && p[i] != 127)
        i++;
    return i;
}

static void read_line(struct reader *r, unsigned number, const char *line, size_t n)
{
    const char *p = line;
    while (n && (is_blank(line[n - 1]) || line[n - 1] == '\r'))
        n--;
    const char *end = line + n;
    while (p < end && is_blank(*p))
        p++;
    if (p == end || *p == '#')
        return;
    size_t bad = bad_byte(line, n);
    if (bad < n) {
        complain(r, number, bad + 1, 1, "a control character");
        return;
    }
    const char *equals = memchr(p, '=', (size_t)(end - p)), *stop = equals ? equals : p;
    while (stop > p && is_blank(stop[-1]))
        stop--;
    size_t length = (size_t)(stop - p), column = (size_t)(p - line) + 1;
    if (length == 0) {
        complain(r, number, column, (size_t)(end - p), "expected `key = value` or a comment");
        return;
    }
    const struct option *o = option_find(r->options, p, length, 0);
    bool url = is_word(p, length, "url");
    if (!url && (!o || is_word(p, length, "conf"))) {
        unknown_key(r, number, column, p, length);
        return;
    }
    for (p = equals + 1; p < end && is_blank(*p);)
        p++;
    set_value(r, url ? NULL : o, number, (size_t)(p - line) + 1, p, (size_t)(end - p));
}

static void collect_keys(struct reader *r)
{
    r->keys[r->key_count++] = "url";
    for (const struct option *o = r->options; o->name || o->kind == OPTION_TITLE; o++)
        if (o->name && strcmp(o->name, "conf") != 0 && r->key_count < KEYS_MAX)
            r->keys[r->key_count++] = o->name;
}

static void read_lines(struct reader *r, const char *text, size_t length)
{
    const char *end = text + length;
    unsigned number = 1;
    for (const char *p = text; p < end; number++) {
        const char *newline = memchr(p, '\n', (size_t)(end - p)), *stop = newline ? newline : end;
        read_line(r, number, p, (size_t)(stop - p));
        p = stop + 1;
    }
}

int conf_read(const struct command *command, const char *path, const struct option *options,
              const char **url)
{
    size_t length;
    char *text = read_file(path, &length);
    if (!text)
        return EXIT_USAGE;
    struct reader r = {.options = options, .url = url};
    r.file = (struct wsn_file){.name = path, .source = text, .length = length};
    collect_keys(&r);
    read_lines(&r, text, length);
    struct wsn_buffer out = {0};
    for (size_t i = 0; i < r.errors.count; i++)
        wsn_error_print(&r.file, &r.errors.list[i], &out);
    if (out.p)
        fputs(out.p, stderr);
    size_t total = r.errors.total;
    wsn_buffer_drop(&out);
    wsn_arena_drop(&r.arena);
    free(text);
    return total == 0 ? 0 : usage_error(command, "%s: %zu errors", path, total);
}
