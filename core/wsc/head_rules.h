/* head_rules.h - what requests and responses are judged by alike; private to the core.
 *
 * RFC 9110, sections 5.3, 5.6.1 and 7.8; RFC 6455, section 9.1; RFC 7692, section 7.
 */
#ifndef WSC_HEAD_RULES_H
#define WSC_HEAD_RULES_H

#include "chars.h"
#include "fields.h"

/* A head under judgement; every violation and occasion goes through wsc_judge_rule. */
struct wsc_judge {
    const struct wsc_head *head;
    struct wsc_findings *findings;
    enum wsc_rule first; /* the first broken rule that has a code */
    bool others;         /* other rules that have one are broken too */
    bool websocket;      /* Upgrade lists websocket */
    bool upgrade;        /* Connection lists upgrade */
    struct wsc_fields fields;
};

void wsc_judge_init(struct wsc_judge *judge, const struct wsc_head *head,
                    struct wsc_findings *findings);

void wsc_judge_broken(struct wsc_judge *judge, enum wsc_rule rule, uint64_t at);

static inline void wsc_judge_rule(struct wsc_judge *judge, enum wsc_rule rule, bool broken,
                                  uint64_t at)
{
    if (broken)
        wsc_judge_broken(judge, rule, at);
    else
        wsc_findings_occasion(judge->findings, rule);
}

/* A field that may have one line only; the second one breaks the rule.  Mostly there is none, and then
 * it is not searched for. */
static inline void wsc_judge_once(struct wsc_judge *judge, enum wsc_rule rule, enum wsc_field field)
{
    if (wsc_fields_repeats(&judge->fields, field))
        wsc_judge_broken(judge, rule, wsc_fields_at(&judge->fields, field, 1));
    else
        wsc_findings_occasion(judge->findings, rule);
}

/* The value of the only line of that name, or p == NULL. */
struct wsc_text wsc_field_only(const struct wsc_head *head, const char *name);

void wsc_judge_singletons(struct wsc_judge *judge, const enum wsc_field *fields, size_t count);

/* A list of 9110's #rule: no empty elements, each one as `element` has it, which is true of tokens.
 */
void wsc_judge_list(struct wsc_judge *judge, enum wsc_field field,
                    bool (*element)(struct wsc_text));
bool wsc_is_upgrade_protocol(struct wsc_text text); /* token ["/" token] */
/* Connection, Upgrade and their bond. */
void wsc_judge_connection(struct wsc_judge *judge);

/* How the content is framed; the rules differ by the kind of head. */
void wsc_judge_length(struct wsc_judge *judge, enum wsc_rule syntax, enum wsc_rule both);

/* One element of Sec-WebSocket-Extensions, section 9.1. */
struct wsc_extension {
    struct wsc_text name;
    bool bad_value; /* a quoted value is not a token */
    bool broken;    /* it does not match the grammar; only what came before could be read */
    const char *p, *end;
};
struct wsc_parameter {
    struct wsc_text name;
    bool has_value;
    struct wsc_text value; /* without its quotes; quoted pairs as written */
};
/* Reads the name, then one parameter after the other; false at the end, and where the grammar breaks. */
bool wsc_extension_begin(struct wsc_text element, struct wsc_extension *extension);
bool wsc_extension_next(struct wsc_extension *extension, struct wsc_parameter *found);
/* Reads all.  False: it does not match the grammar. */
bool wsc_extension_read(struct wsc_text element, struct wsc_extension *extension);

/* permessage-deflate in a request, and in a 101 (`request` NULL: unknown).  RFC 7692, sections 5 and 7. */
void wsc_judge_deflate_offers(struct wsc_judge *judge);
/* Is there anything in this element of a request that the former would name? */
bool wsc_deflate_offer_faulty(struct wsc_text element);
void wsc_judge_deflate_answer(struct wsc_judge *judge, const struct wsc_head *request);

/* Judges a request; the first rule for which a strict server refuses it, or NONE.  *others (may be
 * NULL): there are more such rules. */
enum wsc_rule wsc_judge_request(const struct wsc_head *request, struct wsc_findings *findings,
                                bool *others);

/* WWW-Authenticate, RFC 9110, section 11. */
void wsc_judge_challenges(struct wsc_judge *judge);

#endif
