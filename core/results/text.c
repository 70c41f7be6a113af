#include <wsq/text.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct wsq_text *text, size_t more)
{
    size_t size = text->size ? text->size : 256;
    char *p;

    if (text->failed || more > SIZE_MAX / 2 - text->n - 1) {
        text->failed = true;
        return false;
    }
    while (size < text->n + more + 1)
        size *= 2;
    if (size == text->size)
        return true;
    p = realloc(text->p, size);
    if (!p) {
        text->failed = true;
        return false;
    }
    text->p = p;
    text->size = size;
    return true;
}

void wsq_text_add(struct wsq_text *text, const char *p, size_t n)
{
    if (n == 0 || !reserve(text, n))
        return;
    memcpy(text->p + text->n, p, n);
    text->n += n;
}

void wsq_text_puts(struct wsq_text *text, const char *s)
{
    wsq_text_add(text, s, strlen(s));
}

void wsq_text_printf(struct wsq_text *text, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !reserve(text, (size_t)n)) {
        text->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(text->p + text->n, (size_t)n + 1, format, args);
    va_end(args);
    text->n += (size_t)n;
}

char *wsq_text_take(struct wsq_text *text, size_t *length)
{
    char *p;

    if (!reserve(text, 0)) {
        wsq_text_drop(text);
        return NULL;
    }
    p = text->p;
    p[text->n] = '\0';
    if (length)
        *length = text->n;
    *text = (struct wsq_text){0};
    return p;
}

void wsq_text_drop(struct wsq_text *text)
{
    free(text->p);
    *text = (struct wsq_text){0};
}

/* The bytes that a lead byte asks for, and the least and greatest code point of that length. */
static size_t utf8_length(uint8_t lead, uint32_t *bits, uint32_t *least)
{
    if (lead >= 0xC2 && lead <= 0xDF) {
        *bits = lead & 0x1FU;
        *least = 0x80;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *bits = lead & 0x0FU;
        *least = 0x800;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *bits = lead & 0x07U;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t wsq_utf8_next(const char *p, size_t n, uint32_t *point)
{
    uint8_t lead = (uint8_t)p[0];
    uint32_t value = 0, least = 0;
    size_t length;

    if (lead < 0x80) {
        *point = lead;
        return 1;
    }
    *point = 0xFFFD;
    length = utf8_length(lead, &value, &least);
    if (length == 0 || length > n)
        return 1;
    for (size_t i = 1; i < length; i++) {
        uint8_t byte = (uint8_t)p[i];

        if ((byte & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (byte & 0x3FU);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 1;
    *point = value;
    return length;
}

static bool is_bad(uint32_t point, size_t took)
{
    return took == 1 && point >= 0x80;
}

bool wsq_utf8_valid(const char *s)
{
    uint32_t point;

    for (size_t n = strlen(s), took; n > 0; s += took, n -= took) {
        took = wsq_utf8_next(s, n, &point);
        if (is_bad(point, took))
            return false;
    }
    return true;
}

void wsq_text_utf8(struct wsq_text *text, const char *s)
{
    const char *good = s;
    uint32_t point;

    for (size_t n = strlen(s), took; n > 0; s += took, n -= took) {
        took = wsq_utf8_next(s, n, &point);
        if (!is_bad(point, took))
            continue;
        wsq_text_add(text, good, (size_t)(s - good));
        wsq_text_puts(text, "\xEF\xBF\xBD");
        good = s + 1;
    }
    wsq_text_add(text, good, (size_t)(s - good));
}

bool wsq_hidden(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x061C ||
           (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || (point >= 0xFDD0 && point <= 0xFDEF) ||
           point == 0xFEFF || (point >= 0xE0000 && point <= 0xE0FFF) || (point & 0xFFFE) == 0xFFFE;
}

void wsq_text_visible(struct wsq_text *text, const char *s, size_t n)
{
    uint32_t point;

    for (size_t took; n > 0; s += took, n -= took) {
        took = wsq_utf8_next(s, n, &point);
        if (is_bad(point, took) || point < 0x20 || point == 0x7F)
            wsq_text_printf(text, "\\x%02x", (unsigned)(uint8_t)*s);
        else if (wsq_hidden(point))
            wsq_text_printf(text, "\\u{%x}", (unsigned)point);
        else
            wsq_text_add(text, s, took);
    }
}
