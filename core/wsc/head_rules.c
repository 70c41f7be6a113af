#include "head_rules.h"

void wsc_judge_rule(struct wsc_judge *judge, enum wsc_rule rule, bool broken, uint64_t at)
{
    if (!broken) {
        wsc_findings_occasion(judge->findings, rule);
        return;
    }
    if (judge->first == WSC_RULE_NONE && wsc_rule_info(rule)->close_code != 0)
        judge->first = rule;
    wsc_findings_note(judge->findings, rule, at);
}

size_t wsc_field_count(const struct wsc_head *head, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < head->count; i++)
        n += wsc_text_is_nocase(head->headers[i].name, name);
    return n;
}

uint64_t wsc_field_at(const struct wsc_head *head, const char *name, size_t n)
{
    const struct wsc_header *header = wsc_head_field(head, name, n);
    return header != NULL ? header->at : 0;
}

struct wsc_text wsc_field_only(const struct wsc_head *head, const char *name)
{
    const struct wsc_header *header = wsc_head_field(head, name, 0);
    if (header == NULL || wsc_head_field(head, name, 1) != NULL)
        return (struct wsc_text){NULL, 0};
    return header->value;
}

void wsc_judge_singletons(struct wsc_judge *judge, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wsc_head_field(judge->head, names[i], 0) != NULL)
            wsc_judge_rule(judge, WSC_RULE_HTTP_SINGLETON,
                           wsc_head_field(judge->head, names[i], 1) != NULL,
                           wsc_field_at(judge->head, names[i], 1));
}

/* An empty value is an empty list; a comma with nothing on one side makes an empty element. */
static bool has_empty_element(struct wsc_text value)
{
    bool comma = false, something = false;
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == ',') {
            if (!something)
                return true;
            comma = true;
            something = false;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            something = true;
        }
    }
    return comma && !something;
}

void wsc_judge_list(struct wsc_judge *judge, const char *name, bool (*element)(struct wsc_text))
{
    const struct wsc_header *header;
    for (size_t n = 0; (header = wsc_head_field(judge->head, name, n)) != NULL; n++)
        wsc_judge_rule(judge, WSC_RULE_HTTP_LIST_EMPTY, has_empty_element(header->value),
                       header->at);
    struct wsc_list cursor = {0};
    struct wsc_text text;
    while (wsc_head_list(judge->head, name, &cursor, &text))
        wsc_judge_rule(judge, WSC_RULE_HTTP_LIST_ELEMENT, !element(text),
                       wsc_field_at(judge->head, name, cursor.line));
}

bool wsc_is_upgrade_protocol(struct wsc_text text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '/')
            return wsc_is_token((struct wsc_text){text.p, i}) &&
                   wsc_is_token((struct wsc_text){text.p + i + 1, text.n - i - 1});
    return wsc_is_token(text);
}

void wsc_judge_connection(struct wsc_judge *judge)
{
    const struct wsc_head *head = judge->head;
    wsc_judge_list(judge, "Connection", wsc_is_token);
    wsc_judge_list(judge, "Upgrade", wsc_is_upgrade_protocol);
    if (wsc_head_field(head, "Upgrade", 0) != NULL && head->minor >= 1)
        wsc_judge_rule(judge, WSC_RULE_HTTP_UPGRADE_OPTION,
                       !wsc_head_has(head, "Connection", "upgrade"),
                       wsc_field_at(head, "Upgrade", 0));
}

static bool is_number(struct wsc_text text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return text.n != 0;
}

void wsc_judge_length(struct wsc_judge *judge, enum wsc_rule syntax, enum wsc_rule both)
{
    const struct wsc_head *head = judge->head;
    const struct wsc_header *length;
    for (size_t n = 0; (length = wsc_head_field(head, "Content-Length", n)) != NULL; n++)
        wsc_judge_rule(judge, syntax, !is_number(length->value), length->at);
    wsc_judge_rule(judge, both,
                   wsc_head_field(head, "Content-Length", 0) != NULL &&
                       wsc_head_field(head, "Transfer-Encoding", 0) != NULL,
                   wsc_field_at(head, "Transfer-Encoding", 0));
}
