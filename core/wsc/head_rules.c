#include "head_rules.h"

void wsc_judge_init(struct wsc_judge *judge, const struct wsc_head *head,
                    struct wsc_findings *findings)
{
    judge->head = head;
    judge->findings = findings;
    judge->first = WSC_RULE_NONE;
    judge->others = false;
    wsc_fields_init(&judge->fields, head);
    judge->websocket = wsc_fields_list_has(&judge->fields, WSC_FIELD_UPGRADE, "websocket");
    judge->upgrade = wsc_fields_list_has(&judge->fields, WSC_FIELD_CONNECTION, "upgrade");
}

void wsc_judge_broken(struct wsc_judge *judge, enum wsc_rule rule, uint64_t at)
{
    if (wsc_rule_info(rule)->close_code != 0) {
        judge->others = judge->others || (judge->first != WSC_RULE_NONE && judge->first != rule);
        if (judge->first == WSC_RULE_NONE)
            judge->first = rule;
    }
    wsc_findings_note(judge->findings, rule, at);
}

struct wsc_text wsc_field_only(const struct wsc_head *head, const char *name)
{
    const struct wsc_header *header = wsc_head_field(head, name, 0);
    if (header == NULL || wsc_head_field(head, name, 1) != NULL)
        return (struct wsc_text){NULL, 0};
    return header->value;
}

void wsc_judge_singletons(struct wsc_judge *judge, const enum wsc_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (wsc_fields_has(&judge->fields, fields[i]))
            wsc_judge_once(judge, WSC_RULE_HTTP_SINGLETON, fields[i]);
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
        } else if (!wsc_is_space(c)) {
            something = true;
        }
    }
    return comma && !something;
}

static void judge_elements(struct wsc_judge *judge, enum wsc_field field,
                           bool (*element)(struct wsc_text))
{
    struct wsc_list cursor = {0};
    struct wsc_text text;
    while (wsc_fields_list(&judge->fields, field, &cursor, &text))
        wsc_judge_rule(judge, WSC_RULE_HTTP_LIST_ELEMENT, !element(text),
                       wsc_fields_at(&judge->fields, field, cursor.line));
}

void wsc_judge_list(struct wsc_judge *judge, enum wsc_field field, bool (*element)(struct wsc_text))
{
    const struct wsc_header *header;
    bool one = true; /* each line is one element: a token, as any element may be */
    for (size_t n = 0; (header = wsc_fields_line(&judge->fields, field, n)) != NULL; n++) {
        bool token = wsc_is_token(header->value);
        wsc_judge_rule(judge, WSC_RULE_HTTP_LIST_EMPTY, !token && has_empty_element(header->value),
                       header->at);
        if (token)
            wsc_findings_occasion(judge->findings, WSC_RULE_HTTP_LIST_ELEMENT);
        one = one && token;
    }
    if (!one)
        judge_elements(judge, field, element);
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
    wsc_judge_list(judge, WSC_FIELD_CONNECTION, wsc_is_token);
    wsc_judge_list(judge, WSC_FIELD_UPGRADE, wsc_is_upgrade_protocol);
    if (wsc_fields_has(&judge->fields, WSC_FIELD_UPGRADE) && judge->head->minor >= 1)
        wsc_judge_rule(judge, WSC_RULE_HTTP_UPGRADE_OPTION, !judge->upgrade,
                       wsc_fields_at(&judge->fields, WSC_FIELD_UPGRADE, 0));
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
    const struct wsc_fields *fields = &judge->fields;
    const struct wsc_header *length;
    for (size_t n = 0; (length = wsc_fields_line(fields, WSC_FIELD_CONTENT_LENGTH, n)) != NULL; n++)
        wsc_judge_rule(judge, syntax, !is_number(length->value), length->at);
    wsc_judge_rule(judge, both,
                   wsc_fields_has(fields, WSC_FIELD_CONTENT_LENGTH) &&
                       wsc_fields_has(fields, WSC_FIELD_TRANSFER_ENCODING),
                   wsc_fields_at(fields, WSC_FIELD_TRANSFER_ENCODING, 0));
}
