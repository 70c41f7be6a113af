#include <string.h>

#include <wsc/http.h>

#include "head_rules.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool wsc_text_is(struct wsc_text text, const char *word)
{
    return text.p != NULL && text.n == strlen(word) && memcmp(text.p, word, text.n) == 0;
}

bool wsc_text_same_nocase(struct wsc_text a, struct wsc_text b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool wsc_text_is_nocase(struct wsc_text text, const char *word)
{
    return text.p != NULL && wsc_text_same_nocase(text, (struct wsc_text){word, strlen(word)});
}

/* tchar of RFC 9110, section 5.6.2: one bit a character, 32 characters a word. */
static bool is_tchar(char c)
{
    static const uint32_t bits[8] = {
        0, 0x03ff6cfa, /* ! # $ % & ' * + - . 0-9 */
        0xc7fffffe,    /* A-Z ^ _ */
        0x57ffffff,    /* ` a-z | ~ */
    };
    unsigned char byte = (unsigned char)c;
    return (bits[byte / 32] >> byte % 32 & 1) != 0;
}

bool wsc_is_token(struct wsc_text text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_tchar(text.p[i]))
            return false;
    return text.n != 0;
}

const struct wsc_header *wsc_head_field(const struct wsc_head *head, const char *name, size_t n)
{
    const struct wsc_text word = {name, strlen(name)};
    for (size_t i = 0; i < head->count; i++) {
        const struct wsc_text *own = &head->headers[i].name; /* most differ in length already */
        if (own->n == word.n && wsc_text_same_nocase(*own, word) && n-- == 0)
            return &head->headers[i];
    }
    return NULL;
}

/* The line ends of a folded value are white space too. */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the element that begins at `at` ends: at a comma outside quotes, or at the end. */
static size_t element_end(struct wsc_text value, size_t at)
{
    bool quoted = false;
    for (; at < value.n; at++) {
        char c = value.p[at];
        if (quoted && c == '\\' && at + 1 < value.n)
            at++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            break;
    }
    return at;
}

bool wsc_head_list(const struct wsc_head *head, const char *name, struct wsc_list *cursor,
                   struct wsc_text *element)
{
    const struct wsc_header *header;
    while ((header = wsc_head_field(head, name, cursor->line)) != NULL) {
        struct wsc_text value = header->value;
        size_t at = cursor->at;
        while (at < value.n && (is_space(value.p[at]) || value.p[at] == ','))
            at++;
        if (at == value.n) {
            cursor->line++;
            cursor->at = 0;
            continue;
        }
        size_t end = element_end(value, at);
        cursor->at = end;
        while (is_space(value.p[end - 1]))
            end--;
        *element = (struct wsc_text){value.p + at, end - at};
        return true;
    }
    return false;
}

bool wsc_head_has(const struct wsc_head *head, const char *name, const char *token)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    while (wsc_head_list(head, name, &cursor, &element))
        if (wsc_text_is_nocase(element, token))
            return true;
    return false;
}
