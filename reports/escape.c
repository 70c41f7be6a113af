#include "escape.h"

#include <string.h>

static const char *entity(uint32_t point)
{
    switch (point) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    }
    return NULL;
}

static const char *entity_or_reference(uint32_t point)
{
    return point == '\n' ? "&#10;" : point == '\t' ? "&#9;" : entity(point);
}

/* Whatever may begin or end emphasis, code, a link, a table's cell, a mention or an address. */
static const char *reference(uint32_t point)
{
    switch (point) {
    case '\\':
        return "&#92;";
    case '`':
        return "&#96;";
    case '*':
        return "&#42;";
    case '_':
        return "&#95;";
    case '[':
        return "&#91;";
    case ']':
        return "&#93;";
    case '|':
        return "&#124;";
    case '~':
        return "&#126;";
    case '#':
        return "&#35;";
    case '@':
        return "&#64;";
    case ':':
        return "&#58;";
    case '!':
        return "&#33;";
    case '$':
        return "&#36;";
    case '.':
        return "&#46;";
    }
    return entity(point);
}

static const char *quoted(uint32_t point)
{
    switch (point) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    }
    return NULL;
}

static const char *described(uint32_t point)
{
    return point == '#' ? "\\#" : point == '\\' ? "\\\\" : NULL;
}

/* What a format writes instead of characters of its own, and how it writes the backslash that shows
 * a hidden one. */
struct manner {
    const char *(*instead)(uint32_t point);
    const char *backslash;
    bool keeps_lines;
};

static void escape(struct wsq_text *text, const char *s, size_t n, const struct manner *manner)
{
    const char *plain = s;
    uint32_t point;

    for (size_t took; n > 0; s += took, n -= took) {
        const char *instead;
        bool bad;

        took = wsq_utf8_next(s, n, &point);
        bad = took == 1 && point >= 0x80;
        instead = bad ? NULL : manner->instead(point);
        if (!bad && !instead &&
            ((manner->keeps_lines && (point == '\n' || point == '\t')) || !wsq_hidden(point)))
            continue;
        wsq_text_add(text, plain, (size_t)(s - plain));
        plain = s + took;
        if (instead)
            wsq_text_puts(text, instead);
        else if (bad || point < 0x80)
            wsq_text_printf(text, "%sx%02x", manner->backslash, (unsigned)(uint8_t)*s);
        else
            wsq_text_printf(text, "%su{%x}", manner->backslash, (unsigned)point);
    }
    wsq_text_add(text, plain, (size_t)(s - plain));
}

void wsr_escape(struct wsq_text *text, const char *s, size_t n)
{
    static const struct manner element = {entity, "\\", true};

    escape(text, s, n, &element);
}

void wsr_escape_attribute(struct wsq_text *text, const char *s)
{
    static const struct manner attribute = {entity_or_reference, "\\", false};

    if (s)
        escape(text, s, strlen(s), &attribute);
}

void wsr_escape_markdown(struct wsq_text *text, const char *s, size_t n)
{
    static const struct manner markdown = {reference, "&#92;", false};

    escape(text, s, n, &markdown);
}

void wsr_escape_quoted(struct wsq_text *text, const char *s)
{
    static const struct manner string = {quoted, "\\\\", false};

    if (s)
        escape(text, s, strlen(s), &string);
}

void wsr_escape_description(struct wsq_text *text, const char *s)
{
    static const struct manner description = {described, "\\\\", false};

    if (s)
        escape(text, s, strlen(s), &description);
}
