/* chars.h - sets of characters that the grammars of heads speak of; private to the core. */
#ifndef WSC_CHARS_H
#define WSC_CHARS_H

#include <string.h>

#include <wsc/http.h>

enum {
    WSC_TOKEN = 1 << 0,   /* tchar, RFC 9110, section 5.6.2 */
    WSC_HOST = 1 << 1,    /* reg-name, RFC 3986, section 3.2.2, "%" included */
    WSC_LITERAL = 1 << 2, /* between the brackets of an IP literal */
    WSC_SCHEME = 1 << 3,  /* RFC 3986, section 3.1 */
    WSC_BASE64 = 1 << 4,  /* without the padding */
    WSC_TARGET = 1 << 5   /* printable ASCII but SP and "#" */
};

extern const uint8_t wsc_chars[256];

static inline bool wsc_char_is(char c, unsigned set)
{
    return (wsc_chars[(unsigned char)c] & set) != 0;
}

/* How many characters at the front are of the set. */
static inline size_t wsc_span(struct wsc_text text, unsigned set)
{
    size_t n = 0;
    while (n < text.n && wsc_char_is(text.p[n], set))
        n++;
    return n;
}

/* White space around a value, where the line ends of a folded one are white space too. */
static inline bool wsc_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool wsc_text_same_nocase(struct wsc_text a, struct wsc_text b);

/* Takes the next element of a list from *at on, as wsc_head_list does; false: there is none. */
bool wsc_list_element(struct wsc_text value, size_t *at, struct wsc_text *element);

#endif
