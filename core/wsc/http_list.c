#include <string.h>

#include "chars.h"

bool wsc_text_is_nocase(struct wsc_text text, const char *word)
{
    return text.p != NULL && wsc_text_same_nocase(text, (struct wsc_text){word, strlen(word)});
}

bool wsc_is_token(struct wsc_text text)
{
    return text.n != 0 && wsc_span(text, WSC_TOKEN) == text.n;
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

bool wsc_list_element(struct wsc_text value, size_t *at, struct wsc_text *element)
{
    size_t begin = *at;
    while (begin < value.n && (wsc_is_space(value.p[begin]) || value.p[begin] == ','))
        begin++;
    if (begin == value.n)
        return false;
    size_t token = wsc_span((struct wsc_text){value.p + begin, value.n - begin}, WSC_TOKEN);
    size_t end = element_end(value, begin + token); /* no comma and no quote is among those */
    *at = end;
    while (wsc_is_space(value.p[end - 1]))
        end--;
    *element = (struct wsc_text){value.p + begin, end - begin};
    return true;
}

bool wsc_head_list(const struct wsc_head *head, const char *name, struct wsc_list *cursor,
                   struct wsc_text *element)
{
    const struct wsc_header *header;
    while ((header = wsc_head_field(head, name, cursor->line)) != NULL) {
        if (wsc_list_element(header->value, &cursor->at, element))
            return true;
        *cursor = (struct wsc_list){.line = cursor->line + 1};
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
