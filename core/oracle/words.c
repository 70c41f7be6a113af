#include <string.h>

#include "heads.h"

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

static struct wso_span span_of(const char *word)
{
    return (struct wso_span){(const uint8_t *)word, strlen(word)};
}

bool wso_same(struct wso_span a, struct wso_span b)
{
    size_t i = 0;

    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    return i == a.n && i == b.n;
}

bool wso_same_nocase(struct wso_span a, struct wso_span b)
{
    size_t i = 0;

    while (i < a.n && i < b.n && lower(a.p[i]) == lower(b.p[i]))
        i++;
    return i == a.n && i == b.n;
}

bool wso_is(struct wso_span span, const char *word)
{
    return wso_same(span, span_of(word));
}

bool wso_is_nocase(struct wso_span span, const char *word)
{
    return wso_same_nocase(span, span_of(word));
}

bool wso_begins(struct wso_span span, const char *word)
{
    size_t n = strlen(word);

    return span.n >= n && wso_is_nocase((struct wso_span){span.p, n}, word);
}

bool wso_alpha(uint8_t byte)
{
    return lower(byte) >= 'a' && lower(byte) <= 'z';
}

bool wso_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

bool wso_in(uint8_t byte, const char *set)
{
    while (*set != '\0' && (uint8_t)*set != byte)
        set++;
    return *set != '\0';
}

bool wso_white(uint8_t byte)
{
    return wso_in(byte, " \t\r\n");
}

struct wso_span wso_trim(struct wso_span span)
{
    while (span.n > 0 && wso_white(span.p[span.n - 1]))
        span.n--;
    while (span.n > 0 && wso_white(span.p[0])) {
        span.p++;
        span.n--;
    }
    return span;
}

/* RFC 9110, section 5.6.2. */
bool wso_is_token(struct wso_span span)
{
    for (size_t i = 0; i < span.n; i++) {
        if (!wso_alpha(span.p[i]) && !wso_digit(span.p[i]) && !wso_in(span.p[i], "!#$%&'*+-.^_`|~"))
            return false;
    }
    return span.n > 0;
}

bool wso_is_number(struct wso_span span)
{
    for (size_t i = 0; i < span.n; i++) {
        if (!wso_digit(span.p[i]))
            return false;
    }
    return span.n > 0;
}

/* RFC 9110, section 5.6.4.  What bytes stand inside is another rule's matter. */
bool wso_is_quoted(struct wso_span span)
{
    size_t i = 1;

    if (span.n < 2 || span.p[0] != '"')
        return false;
    while (i < span.n && span.p[i] != '"')
        i += span.p[i] == '\\' ? 2 : 1;
    return i == span.n - 1;
}
