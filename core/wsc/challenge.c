#include "head_rules.h"

enum { PARAMETERS_MAX = 32 }; /* names compared with each other; more are passed over */

/* The challenge at hand.  Commas part challenges and parameters alike (RFC 9110, section 11.6.1):
 * an element that has the form of a parameter belongs to the challenge before it. */
struct challenge {
    struct wsc_text names[PARAMETERS_MAX];
    size_t count;
};

static struct wsc_text trim(struct wsc_text text)
{
    while (text.n != 0 && wsc_is_space(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (text.n != 0 && wsc_is_space(text.p[text.n - 1]))
        text.n--;
    return text;
}

/* token BWS "=" BWS value, where the value is not empty and is no padding of a token68. */
static bool split_parameter(struct wsc_text text, struct wsc_text *name, struct wsc_text *value)
{
    size_t at = 0;
    while (at < text.n && text.p[at] != '=')
        at++;
    if (at == text.n)
        return false;
    *name = trim((struct wsc_text){text.p, at});
    *value = trim((struct wsc_text){text.p + at + 1, text.n - at - 1});
    return wsc_is_token(*name) && value->n != 0 && value->p[0] != '=';
}

/* A whole quoted-string, RFC 9110, section 5.6.4. */
static bool is_quoted(struct wsc_text text)
{
    size_t at = 1;
    if (text.p[0] != '"')
        return false;
    while (at < text.n && text.p[at] != '"')
        at += text.p[at] == '\\' ? 2 : 1;
    return at + 1 == text.n;
}

static void take_parameter(struct wsc_judge *judge, struct challenge *challenge,
                           struct wsc_text name, struct wsc_text value, uint64_t at)
{
    bool twice = false;
    for (size_t i = 0; i < challenge->count; i++)
        twice = twice || wsc_text_same_nocase(challenge->names[i], name);
    wsc_judge_rule(judge, WSC_RULE_RESPONSE_CHALLENGE_TWICE, twice, at);
    if (!twice && challenge->count < PARAMETERS_MAX)
        challenge->names[challenge->count++] = name;
    if (wsc_text_is_nocase(name, "realm"))
        wsc_judge_rule(judge, WSC_RULE_RESPONSE_REALM, !is_quoted(value), at);
}

/* scheme [ 1*SP ( token68 / parameter ) ] */
static bool take_challenge(struct wsc_judge *judge, struct challenge *challenge,
                           struct wsc_text element, uint64_t at)
{
    size_t end = 0;
    while (end < element.n && !wsc_is_space(element.p[end]))
        end++;
    if (!wsc_is_token((struct wsc_text){element.p, end}))
        return false;
    struct wsc_text name, value;
    challenge->count = 0;
    if (split_parameter((struct wsc_text){element.p + end, element.n - end}, &name, &value))
        take_parameter(judge, challenge, name, value, at);
    return true;
}

void wsc_judge_challenges(struct wsc_judge *judge)
{
    const enum wsc_field field = WSC_FIELD_WWW_AUTHENTICATE;
    struct challenge challenge = {.count = 0};
    struct wsc_list cursor = {0};
    struct wsc_text element, name, value;
    size_t challenges = 0;
    while (wsc_fields_list(&judge->fields, field, &cursor, &element)) {
        uint64_t at = wsc_fields_at(&judge->fields, field, cursor.line);
        if (challenges != 0 && split_parameter(element, &name, &value))
            take_parameter(judge, &challenge, name, value, at);
        else
            challenges += take_challenge(judge, &challenge, element, at);
    }
    if (judge->head->status == 401)
        wsc_judge_rule(judge, WSC_RULE_RESPONSE_CHALLENGE, challenges == 0,
                       wsc_fields_at(&judge->fields, field, 0));
}
