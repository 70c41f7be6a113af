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

/* How many characters at the front are of the set, one of the above. */
static inline size_t wsc_span(struct wsc_text text, unsigned set)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t n = 0;
    while (text.n - n >= 4 && (wsc_chars[p[n]] & wsc_chars[p[n + 1]] & wsc_chars[p[n + 2]] &
                               wsc_chars[p[n + 3]] & set) != 0)
        n += 4;
    while (n < text.n && wsc_char_is(text.p[n], set))
        n++;
    return n;
}

/* White space around a value, where the line ends of a folded one are white space too. */
static inline bool wsc_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Up to eight characters; equal texts of one length give equal words. */
static inline uint64_t wsc_load_text(const char *p, size_t n)
{
    uint64_t word = 0;
    uint32_t a, z;
    if (n >= 8) {
        memcpy(&word, p, 8);
    } else if (n >= 4) {
        memcpy(&a, p, 4);
        memcpy(&z, p + n - 4, 4);
        word = (uint64_t)z << 32 | a;
    } else if (n != 0) {
        word = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
               (unsigned char)p[n - 1];
    }
    return word;
}

/* Eight characters, the letters among them in lower case. */
static inline uint64_t wsc_lower(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t low = word & ~high;
    uint64_t from_a = low + ones * (0x80 - 'A'), after_z = low + ones * (0x7f - 'Z');
    return word | (from_a & ~after_z & ~word & high) >> 2;
}

static inline bool wsc_same_text(uint64_t a, uint64_t b)
{
    return a == b || wsc_lower(a) == wsc_lower(b); /* mostly the case is right, too */
}

static inline bool wsc_text_same_nocase(struct wsc_text a, struct wsc_text b)
{
    if (a.n != b.n)
        return false;
    if (a.n < 8)
        return wsc_same_text(wsc_load_text(a.p, a.n), wsc_load_text(b.p, b.n));
    for (size_t i = 0; i + 8 < a.n; i += 8)
        if (!wsc_same_text(wsc_load_text(a.p + i, 8), wsc_load_text(b.p + i, 8)))
            return false;
    size_t last = a.n - 8; /* overlaps the word before it */
    return wsc_same_text(wsc_load_text(a.p + last, 8), wsc_load_text(b.p + last, 8));
}

/* Takes the next element of a list from *at on, as wsc_head_list does; false: there is none. */
bool wsc_list_element(struct wsc_text value, size_t *at, struct wsc_text *element);

#endif
