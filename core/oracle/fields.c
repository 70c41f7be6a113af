#include "heads.h"

const struct wso_field *wso_field(const struct wso_head *head, const char *name, size_t nth)
{
    for (size_t i = 0; i < head->count; i++) {
        if (wso_is_nocase(head->fields[i].name, name) && nth-- == 0)
            return &head->fields[i];
    }
    return NULL;
}

size_t wso_line(const struct wso_head *head, const char *name, size_t nth)
{
    const struct wso_field *field = wso_field(head, name, nth);

    return field ? field->line : 0;
}

/* How many bytes of a list's value come before its next comma.  One inside a quoted string parts
 * nothing. */
static size_t up_to_comma(struct wso_span value)
{
    bool quoted = false;
    size_t i = 0;

    for (; i < value.n && (quoted || value.p[i] != ','); i++) {
        if (value.p[i] == '"')
            quoted = !quoted;
        else if (quoted && value.p[i] == '\\')
            i++;
    }
    return i < value.n ? i : value.n;
}

/* RFC 9110, section 5.6.1.2: empty elements do not count. */
bool wso_element(const struct wso_head *head, const char *name, size_t nth,
                 struct wso_span *element, size_t *line)
{
    const struct wso_field *field;

    for (size_t i = 0; (field = wso_field(head, name, i)); i++) {
        struct wso_span rest = field->value;

        while (rest.n > 0) {
            size_t n = up_to_comma(rest), comma = n < rest.n;

            *element = wso_trim((struct wso_span){rest.p, n});
            *line = field->line;
            if (element->n > 0 && nth-- == 0)
                return true;
            rest = (struct wso_span){rest.p + n + comma, rest.n - n - comma};
        }
    }
    return false;
}

bool wso_lists(const struct wso_head *head, const char *name, const char *word)
{
    struct wso_span element;
    size_t line;

    for (size_t i = 0; wso_element(head, name, i, &element, &line); i++) {
        if (wso_is_nocase(element, word))
            return true;
    }
    return false;
}

/* RFC 9110, section 5.3. */
void wso_judge_once(struct wso_head *head, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (wso_field(head, names[i], 1))
            wso_note(head, "http.singleton", "9110-5.3-2", 0, wso_line(head, names[i], 1));
    }
}

/* Section 5.6.1.1, for the value of one field: is there nothing on one side of a comma? */
static bool lacks_element(struct wso_span value)
{
    bool commas = false;

    for (;;) {
        size_t n = 0;

        while (n < value.n && value.p[n] != ',')
            n++;
        commas = commas || n < value.n;
        if (commas && wso_trim((struct wso_span){value.p, n}).n == 0)
            return true;
        if (n == value.n)
            return false;
        value = (struct wso_span){value.p + n + 1, value.n - n - 1};
    }
}

void wso_judge_list(struct wso_head *head, const char *name, bool (*right)(struct wso_span))
{
    const struct wso_field *field;
    struct wso_span element;
    size_t line;

    for (size_t i = 0; (field = wso_field(head, name, i)); i++) {
        if (lacks_element(field->value))
            wso_note(head, "http.list-empty", "9110-5.6.1-1", 0, field->line);
    }
    for (size_t i = 0; right && wso_element(head, name, i, &element, &line); i++) {
        if (!right(element))
            wso_note(head, "http.list-element", "9110-2.2-1", 0, line);
    }
}

/* RFC 9110, section 7.8: token [ "/" token ]. */
static bool is_protocol(struct wso_span span)
{
    size_t n = 0;

    while (n < span.n && span.p[n] != '/')
        n++;
    return wso_is_token((struct wso_span){span.p, n}) &&
           (n == span.n || wso_is_token((struct wso_span){span.p + n + 1, span.n - n - 1}));
}

void wso_judge_upgrade_list(struct wso_head *head)
{
    wso_judge_list(head, "Connection", wso_is_token);
    wso_judge_list(head, "Upgrade", is_protocol);
    if (head->minor > 0 && wso_field(head, "Upgrade", 0) &&
        !wso_lists(head, "Connection", "upgrade"))
        wso_note(head, "http.upgrade-option", "9110-7.8-7", 0, wso_line(head, "Upgrade", 0));
}

static bool take(struct wso_span *rest, uint8_t byte)
{
    struct wso_span trimmed = *rest;

    while (trimmed.n > 0 && wso_white(trimmed.p[0])) {
        trimmed.p++;
        trimmed.n--;
    }
    if (trimmed.n == 0 || trimmed.p[0] != byte)
        return false;
    *rest = (struct wso_span){trimmed.p + 1, trimmed.n - 1};
    return true;
}

static struct wso_span take_token(struct wso_span *rest)
{
    struct wso_span token;

    while (rest->n > 0 && wso_white(rest->p[0])) {
        rest->p++;
        rest->n--;
    }
    token = (struct wso_span){rest->p, 0};
    while (rest->n > 0 && wso_is_token((struct wso_span){rest->p, 1})) {
        token.n++;
        rest->p++;
        rest->n--;
    }
    return token;
}

/* Behind the opening quote: to the closing one.  False: there is none. */
static bool take_quoted(struct wso_span *rest, struct wso_parameter *p)
{
    size_t said = 0;

    while (rest->n > 0 && rest->p[0] != '"') {
        size_t escaped = rest->p[0] == '\\';

        if (rest->n == escaped)
            return false;
        p->value_is_token =
            p->value_is_token && wso_is_token((struct wso_span){rest->p + escaped, 1});
        *rest = (struct wso_span){rest->p + 1 + escaped, rest->n - 1 - escaped};
        said++;
    }
    p->value_is_token = p->value_is_token && said > 0;
    p->value.n = (size_t)(rest->p - p->value.p);
    return take(rest, '"');
}

struct wso_span wso_extension_name(struct wso_span element, struct wso_span *rest)
{
    struct wso_span name = take_token(&element);

    *rest = element;
    return name;
}

enum wso_found wso_parameter(struct wso_span *rest, struct wso_parameter *p)
{
    *p = (struct wso_parameter){.value_is_token = true};
    if (!take(rest, ';'))
        return wso_trim(*rest).n == 0 ? WSO_NO_MORE : WSO_NO_GRAMMAR;
    p->name = take_token(rest);
    if (p->name.n == 0)
        return WSO_NO_GRAMMAR;
    p->has_value = take(rest, '=');
    if (!p->has_value)
        return WSO_FOUND;
    if (!take(rest, '"')) {
        p->value = take_token(rest);
        return p->value.n > 0 ? WSO_FOUND : WSO_NO_GRAMMAR;
    }
    p->value.p = rest->p;
    return take_quoted(rest, p) ? WSO_FOUND : WSO_NO_GRAMMAR;
}

/* RFC 6455, section 9.1: token *( ";" token [ "=" ( token / quoted-string ) ] ), and RFC 2616's
 * white space between any two of these. */
struct wso_extension wso_extension(struct wso_span element)
{
    struct wso_span rest;
    struct wso_extension e = {.name = wso_extension_name(element, &rest)};
    struct wso_parameter p;
    enum wso_found found = WSO_FOUND;

    while (e.name.n > 0 && (found = wso_parameter(&rest, &p)) == WSO_FOUND)
        e.quoted_oddity = e.quoted_oddity || !p.value_is_token;
    e.grammar = found == WSO_NO_MORE;
    return e;
}
