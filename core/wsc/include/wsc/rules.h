/* wsc/rules.h - the rules that the core can see broken, and what it found.
 *
 * Each rule names the requirement of the catalogue that it enforces (RFC 6455, 9110, 9112), the code
 * that answers its violation and one sentence.  The list is rules.def; nothing else lists rules.
 */
#ifndef WSC_RULES_H
#define WSC_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wsc_rule {
    WSC_RULE_NONE = 0,
#define WSC_RULE(id, name, requirement, close_code, sentence) WSC_RULE_##id,
#include <wsc/rules.def>
#undef WSC_RULE
    WSC_RULE_COUNT
};

struct wsc_rule_info {
    const char *name;        /* stable, lower case: "frame.rsv" */
    const char *requirement; /* "6455-5.2-1" */
    uint16_t close_code;     /* frames: the Close code that fails the connection; requests: the status
                              * that refuses it; responses: any but 0: the connection is not
                              * established.  0: noted, never fatal */
    const char *sentence;    /* what the sender did wrong, one sentence without a full stop */
};

/* Never NULL for a rule below WSC_RULE_COUNT; rule 0 is "none". */
const struct wsc_rule_info *wsc_rule_info(enum wsc_rule rule);

struct wsc_violation {
    enum wsc_rule rule; /* WSC_RULE_NONE: no violation */
    uint64_t at;        /* byte offset: of the byte that broke the rule, from the start of the stream
                         * (frames: of the first byte after the handshake; heads: of the head) */
};

enum { WSC_FINDINGS_MAX = 16, WSC_RULE_WORDS = (WSC_RULE_COUNT + 63) / 64 };

/* What an observer collects.  Zeroed means empty.  `occasions` has the bit of each rule that the bytes
 * gave a chance to break, broken or not.  What does not fit in `list` is counted in `total` only; the
 * owner may set `count` to 0 once it has read the list. */
struct wsc_findings {
    uint64_t occasions[WSC_RULE_WORDS];
    struct wsc_violation list[WSC_FINDINGS_MAX];
    size_t count;
    uint64_t total;
};

/* Both accept f == NULL and then do nothing. */
void wsc_findings_note(struct wsc_findings *f, enum wsc_rule rule, uint64_t at);
static inline void wsc_findings_occasion(struct wsc_findings *f, enum wsc_rule rule)
{
    if (f != NULL)
        f->occasions[rule / 64] |= UINT64_C(1) << (rule % 64);
}
bool wsc_findings_had_occasion(const struct wsc_findings *f, enum wsc_rule rule);

#endif
