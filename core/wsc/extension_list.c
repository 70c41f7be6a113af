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
    text->p = c->p;
    while (c->p < c->end && wsc_char_is(*c->p, WSC_TOKEN))
        c->p++;
    text->n = (size_t)(c->p - text->p);
    return text->n != 0;
}

/* Behind the opening quote.  What it says must be a token once its quoted pairs are undone. */
static bool quoted(struct cursor *c, bool *is_token)
{
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
    return take(c, '"');
}

static bool known_parameter(struct wsc_text name)
{
    return wsc_text_is(name, "server_no_context_takeover") ||
           wsc_text_is(name, "client_no_context_takeover") ||
           wsc_text_is(name, "server_max_window_bits") ||
           wsc_text_is(name, "client_max_window_bits");
}

static bool parameter(struct cursor *c, struct wsc_extension_offer *offer)
{
    struct wsc_text name, value;
    bool is_token;
    if (!token(c, &name))
        return false;
    if (wsc_text_is(offer->name, "permessage-deflate") && !known_parameter(name))
        offer->bad_parameter = true;
    if (!take(c, '='))
        return true;
    if (!take(c, '"'))
        return token(c, &value);
    if (!quoted(c, &is_token))
        return false;
    offer->bad_value = offer->bad_value || !is_token;
    return true;
}

bool wsc_extension_read(struct wsc_text element, struct wsc_extension_offer *offer)
{
    struct cursor c = {element.p, element.p + element.n};
    *offer = (struct wsc_extension_offer){{NULL, 0}, false, false};
    if (!token(&c, &offer->name))
        return false;
    while (take(&c, ';'))
        if (!parameter(&c, offer))
            return false;
    return c.p == c.end;
}
