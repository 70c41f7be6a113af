/* Printing texts and payloads, so that reading them gives the same again. */
#include <string.h>

#include "parser.h"
#include "printer.h"

void wsn_put_blanks(struct wsn_buffer *out, size_t n)
{
    static const char blanks[] = "                ";
    for (; n > sizeof blanks - 1; n -= sizeof blanks - 1)
        wsn_put(out, blanks, sizeof blanks - 1);
    wsn_put(out, blanks, n);
}

size_t wsn_width(const struct wsn_buffer *out, size_t from)
{
    size_t width = 0;
    for (size_t i = from; i < out->n; i++)
        width += ((unsigned char)out->p[i] & 0xc0) != 0x80;
    return width;
}

/* --- templates --- */

/* The byte that the text goes on with behind part i; '$' for a variable, 0 at the end. */
static char byte_behind(const struct wsn_text *text, size_t i)
{
    for (i++; i < text->count; i++) {
        if (text->parts[i].variable)
            return '$';
        if (text->parts[i].n)
            return text->parts[i].p[0];
    }
    return 0;
}

static void put_variable(struct wsn_buffer *out, const struct wsn_text *text, size_t i)
{
    const struct wsn_part *part = &text->parts[i];
    bool braces = wsn_is_name_byte(byte_behind(text, i));
    wsn_puts(out, braces ? "${" : "$");
    wsn_put(out, part->p, part->n);
    if (braces)
        wsn_puts(out, "}");
}

/* Characters that would not be seen, or would turn the line around, are written by number. */
static bool is_hidden(uint32_t code)
{
    return (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x061c || code == 0xfeff ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f);
}

static void put_ascii(struct wsn_buffer *out, char byte)
{
    static const char from[] = "\n\r\t\\\"", to[] = "nrt\\\"";
    const char *escaped = byte ? strchr(from, byte) : NULL;
    if (escaped)
        wsn_printf(out, "\\%c", to[escaped - from]);
    else if (byte == '\0')
        wsn_puts(out, "\\0");
    else if (byte == '$')
        wsn_puts(out, "$$");
    else if (byte < 0x20 || byte == 0x7f)
        wsn_printf(out, "\\x%02x", (unsigned char)byte);
    else
        wsn_put(out, &byte, 1);
}

static void put_quoted(struct wsn_buffer *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t code = 0;
        size_t length = wsn_character(p + i, n - i, &code);
        if (length == 1)
            put_ascii(out, p[i]);
        else if (length == 0)
            wsn_printf(out, "\\x%02x", (unsigned char)p[i]);
        else if (is_hidden(code))
            wsn_printf(out, "\\u{%x}", (unsigned)code);
        else
            wsn_put(out, p + i, length);
        i += length ? length : 1;
    }
}

static void put_plain(struct wsn_buffer *out, const char *p, size_t n, unsigned indent)
{
    for (size_t i = 0; i < n; i++) {
        wsn_put(out, p + i, 1);
        if (p[i] == '$')
            wsn_puts(out, "$");
        if (p[i] == '\n')
            wsn_put_blanks(out, indent);
    }
}

static void put_lines(struct wsn_buffer *out, const struct wsn_text *text, unsigned indent)
{
    if (text->quoted)
        wsn_puts(out, "\"");
    for (size_t i = 0; i < text->count; i++) {
        const struct wsn_part *part = &text->parts[i];
        if (part->variable)
            put_variable(out, text, i);
        else if (text->quoted)
            put_quoted(out, part->p, part->n);
        else
            put_plain(out, part->p, part->n, indent);
    }
    if (text->quoted)
        wsn_puts(out, "\"");
}

void wsn_put_text(struct wsn_buffer *out, const struct wsn_text *text)
{
    put_lines(out, text, 0);
}

/* A '$' of a pattern is doubled only where it would begin a name. */
static void put_pattern_dollar(struct wsn_buffer *out, char next)
{
    bool name = next && wsn_name_length(&next, 1) > 0;
    wsn_puts(out, name || next == '$' || next == '{' ? "$$" : "$");
}

static void put_pattern(struct wsn_buffer *out, const struct wsn_text *text, size_t index)
{
    const char *p = text->parts[index].p;
    size_t n = text->parts[index].n;
    for (size_t i = 0; i < n; i++) {
        char next = i + 1 < n ? p[i + 1] : byte_behind(text, index);
        if (p[i] == '\\' && i + 1 < n) {
            wsn_put(out, p + i++, 2);
        } else if (p[i] == '/') {
            wsn_puts(out, "\\/");
        } else if (p[i] == '$') {
            put_pattern_dollar(out, next);
        } else {
            wsn_put(out, p + i, 1);
        }
    }
}

void wsn_put_regex(struct wsn_buffer *out, const struct wsn_text *pattern)
{
    wsn_puts(out, "~/");
    for (size_t i = 0; i < pattern->count; i++) {
        if (pattern->parts[i].variable)
            put_variable(out, pattern, i);
        else
            put_pattern(out, pattern, i);
    }
    wsn_puts(out, "/");
}

/* --- terms --- */

static void put_hex(struct wsn_buffer *out, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wsn_printf(out, i ? " %02x" : "%02x", (unsigned char)bytes[i]);
}

static void put_base64(struct wsn_buffer *out, const char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < left ? (unsigned char)bytes[i + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            wsn_put(out, k > left ? "=" : &digits[group >> (18 - 6 * k) & 63], 1);
    }
}

/* hex(…) and base64(…): the bytes, or the source when it holds a variable. */
static void put_coded(struct wsn_buffer *out, const struct wsn_term *term)
{
    bool hex = term->kind == WSN_TERM_HEX;
    wsn_puts(out, hex ? "hex(" : "base64(");
    if (wsn_has_variable(&term->text)) {
        wsn_put_text(out, &term->text);
    } else {
        struct wsn_buffer bytes = {.limit = out->limit};
        for (size_t i = 0; i < term->text.count; i++)
            wsn_put(&bytes, term->text.parts[i].p, term->text.parts[i].n);
        if (hex)
            put_hex(out, bytes.p, bytes.n);
        else
            put_base64(out, bytes.p, bytes.n);
        wsn_drop_part(&bytes, out);
    }
    wsn_puts(out, ")");
}

static void put_call(struct wsn_buffer *out, const char *name, const struct wsn_text *text)
{
    wsn_printf(out, "%s(", name);
    wsn_put_text(out, text);
    wsn_puts(out, ")");
}

void wsn_put_term(struct wsn_buffer *out, const struct wsn_term *term, unsigned indent)
{
    switch (term->kind) {
    case WSN_TERM_TEXT:
        wsn_put_text(out, &term->text);
        break;
    case WSN_TERM_HEX:
    case WSN_TERM_BASE64:
        put_coded(out, term);
        break;
    case WSN_TERM_RANDOM:
        put_call(out, "random", &term->text);
        break;
    case WSN_TERM_JSON:
        put_call(out, "json", &term->text);
        break;
    case WSN_TERM_PROSE:
        put_call(out, "prose", &term->text);
        break;
    case WSN_TERM_FILE:
        put_call(out, "file", &term->text);
        break;
    case WSN_TERM_REGEX:
        wsn_put_regex(out, &term->text);
        break;
    case WSN_TERM_VALUE:
        wsn_puts(out, "json ");
        put_lines(out, &term->text, indent);
        break;
    }
    if (term->times.present) {
        wsn_puts(out, " * ");
        wsn_put_text(out, &term->times);
    }
}

/* In a payload bare words do not stand: a text that no script gave is put in quotes. */
static struct wsn_term in_payload(const struct wsn_term *term)
{
    struct wsn_term shown = *term;
    bool variable = term->text.count == 1 && term->text.parts[0].variable;
    if (term->kind == WSN_TERM_TEXT && !variable)
        shown.text.quoted = true;
    return shown;
}

void wsn_put_payload(struct wsn_buffer *out, const struct wsn_payload *payload, unsigned indent)
{
    for (size_t i = 0; i < payload->count; i++) {
        struct wsn_term term = in_payload(&payload->terms[i]);
        if (i)
            wsn_puts(out, " + ");
        wsn_put_term(out, &term, indent);
    }
}

/* A comment out of a script is printed as it is; one that was made from what a peer sent may hold
 * anything. */
void wsn_put_comment(struct wsn_buffer *out, const char *comment)
{
    size_t n = strlen(comment);
    while (n > 0 && wsn_is_blank(comment[n - 1]))
        n--;
    wsn_puts(out, "#");
    while (n > 0) {
        size_t good = wsn_bad_byte(comment, n);
        wsn_put(out, comment, good);
        if (good < n)
            wsn_printf(out, "\\x%02x", (unsigned char)comment[good++]);
        comment += good;
        n -= good;
    }
}

void wsn_print_bytes(const uint8_t *data, size_t len, struct wsn_buffer *out)
{
    const char *p = (const char *)data;
    size_t odd = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t length = wsn_character(p + i, len - i, &code);
        bool plain = length && (code >= 0x20 || code == '\n' || code == '\r' || code == '\t');
        odd += plain && !is_hidden(code) ? 0 : 1;
        i += length ? length : 1;
    }
    if (odd > len / 4) {
        wsn_puts(out, "hex(");
        put_hex(out, p, len);
        wsn_puts(out, ")");
    } else {
        wsn_puts(out, "\"");
        put_quoted(out, p, len);
        wsn_puts(out, "\"");
    }
}
