#include "escape.h"

#include <string.h>

/* Controls, marks of direction, line separators, tags and what Unicode will never assign. */
static bool is_hidden(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x061C ||
           (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || (point >= 0xFDD0 && point <= 0xFDEF) ||
           point == 0xFEFF || (point >= 0xE0000 && point <= 0xE0FFF) || (point & 0xFFFE) == 0xFFFE;
}

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

static void escape(struct wsq_text *text, const char *s, size_t n, bool in_attribute)
{
    const char *plain = s;
    uint32_t point;

    for (size_t took; n > 0; s += took, n -= took) {
        const char *instead;
        bool bad;

        took = wsq_utf8_next(s, n, &point);
        bad = took == 1 && point >= 0x80;
        instead = entity(point);
        if (!bad && !instead &&
            ((!in_attribute && (point == '\n' || point == '\t')) || !is_hidden(point)))
            continue;
        wsq_text_add(text, plain, (size_t)(s - plain));
        plain = s + took;
        if (instead)
            wsq_text_puts(text, instead);
        else if (in_attribute && (point == '\n' || point == '\t'))
            wsq_text_printf(text, "&#%u;", (unsigned)point);
        else if (bad || point < 0x80)
            wsq_text_printf(text, "\\x%02x", (unsigned)(uint8_t)*s);
        else
            wsq_text_printf(text, "\\u{%x}", (unsigned)point);
    }
    wsq_text_add(text, plain, (size_t)(s - plain));
}

void wsr_escape(struct wsq_text *text, const char *s, size_t n)
{
    escape(text, s, n, false);
}

void wsr_escape_attribute(struct wsq_text *text, const char *s)
{
    if (s)
        escape(text, s, strlen(s), true);
}
