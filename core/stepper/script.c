/* script.c - the text of a case with the blocks that it uses: complete without other files. */
#include "program.h"

#include <string.h>

/* Its lines, without what is empty at the end. */
static size_t length_of(const struct wsn_case *part)
{
    size_t n = part->to - part->from;
    while (n &&
           (part->source[part->from + n - 1] == '\n' || part->source[part->from + n - 1] == ' '))
        n--;
    return n;
}

static unsigned lines_of(const struct wsn_case *part)
{
    const char *p = part->source + part->from, *end = p + length_of(part);
    unsigned lines = 1;
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        lines++;
        p++;
    }
    return lines;
}

/* Is it in there, which has so many lines? */
static bool has(const struct wsn_case *part, struct wsn_pos pos, unsigned lines)
{
    return pos.source == part->pos.source && pos.line >= part->pos.line &&
           pos.line - part->pos.line < lines;
}

char *wss_script(struct wsn_arena *arena, const struct wsn_case *source)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < source->used_count; i++)
        size += length_of(source->used[i]) + 2;
    size_t own = length_of(source);
    char *text = wsn_alloc(arena, size + own + 1);
    for (size_t i = 0; text && i < source->used_count; i++) {
        size_t n = length_of(source->used[i]);
        memcpy(text + at, source->used[i]->source + source->used[i]->from, n);
        memcpy(text + at + n, "\n\n", 2);
        at += n + 2;
    }
    if (text)
        memcpy(text + at, source->source + source->from, own);
    return text;
}

bool wss_in_block(const struct wsn_case *source, struct wsn_pos pos)
{
    for (size_t i = 0; source && i < source->used_count; i++) {
        if (has(source->used[i], pos, lines_of(source->used[i])))
            return true;
    }
    return false;
}

unsigned wss_script_line(const struct wsn_case *source, struct wsn_pos pos)
{
    unsigned before = 0;
    for (size_t i = 0; i < source->used_count; i++) {
        unsigned lines = lines_of(source->used[i]);
        if (has(source->used[i], pos, lines))
            return before + pos.line - source->used[i]->pos.line + 1;
        before += lines + 1;
    }
    return pos.line >= source->pos.line ? before + pos.line - source->pos.line + 1 : 0;
}
