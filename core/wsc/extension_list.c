#include "head_rules.h"

/* A parameter list being read: extension-token *( ";" token [ "=" ( token / quoted-string ) ] ),
 * white space allowed between any two of these (RFC 2616's implied *LWS). */
struct cursor {
    const char *p, *end;
};

static void skip_space(struct cursor *c)
{
    while (c->p < c->end && wsc_is_space(*c->p))
        c->p++;
}

static bool take(struct cursor *c, char wanted)
{
    skip_space(c);
    if (c->p == c->end || *c->p != wanted)
        return false;
    c->p++;
    skip_space(c);
    return true;
}

static bool token(struct cursor *c, struct wsc_text *text)
{
    *text = (struct wsc_text){c->p, (size_t)(c->end - c->p)};
    text->n = wsc_span(*text, WSC_TOKEN);
    c->p += text->n;
    return text->n != 0;
}

/* Behind the opening quote.  What it says must be a token once its quoted pairs are undone; *len is
 * that of the text as it is written. */
static bool quoted(struct cursor *c, bool *is_token, size_t *len)
{
    const char *begin = c->p;
    size_t n = 0;
    *is_token = true;
    while (c->p < c->end && *c->p != '"') {
        if (*c->p == '\\' && ++c->p == c->end)
            return false;
        *is_token = *is_token && wsc_char_is(*c->p, WSC_TOKEN);
        c->p++;
        n++;
    }
    *is_token = *is_token && n != 0;
    *len = (size_t)(c->p - begin);
    return take(c, '"');
}

bool wsc_extension_begin(struct wsc_text element, struct wsc_extension *extension)
{
    struct cursor c = {element.p, element.p + element.n};
    *extension = (struct wsc_extension){.broken = false};
    extension->broken = !token(&c, &extension->name);
    extension->p = c.p;
    extension->end = c.end;
    return !extension->broken;
}

static bool parameter(struct cursor *c, struct wsc_extension *extension,
                      struct wsc_parameter *found)
{
    bool is_token = true;
    *found = (struct wsc_parameter){.has_value = false};
    if (!token(c, &found->name))
        return false;
    found->has_value = take(c, '=');
    if (!found->has_value)
        return true;
    if (!take(c, '"'))
        return token(c, &found->value);
    found->value.p = c->p;
    if (!quoted(c, &is_token, &found->value.n))
        return false;
    extension->bad_value = extension->bad_value || !is_token;
    return true;
}

bool wsc_extension_next(struct wsc_extension *extension, struct wsc_parameter *found)
{
    struct cursor c = {extension->p, extension->end};
    bool more = take(&c, ';');
    extension->broken = more ? !parameter(&c, extension, found) : c.p != c.end;
    extension->p = c.p;
    return more && !extension->broken;
}

bool wsc_extension_read(struct wsc_text element, struct wsc_extension *extension)
{
    struct wsc_parameter found;
    if (!wsc_extension_begin(element, extension))
        return false;
    while (wsc_extension_next(extension, &found))
        continue;
    return !extension->broken;
}
