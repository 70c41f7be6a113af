#include <assert.h>

#include <wsc/rules.h>

static const struct wsc_rule_info rules[WSC_RULE_COUNT] = {
    {"none", "", 0, "no rule is broken"},
#define WSC_RULE(id, name, requirement, close_code, sentence)                                      \
    {name, requirement, close_code, sentence},
#include <wsc/rules.def>
#undef WSC_RULE
};

const struct wsc_rule_info *wsc_rule_info(enum wsc_rule rule)
{
    assert((unsigned)rule < WSC_RULE_COUNT);
    return &rules[rule];
}

void wsc_findings_note(struct wsc_findings *f, enum wsc_rule rule, uint64_t at)
{
    if (f == NULL)
        return;
    wsc_findings_occasion(f, rule);
    f->total++;
    if (f->count < WSC_FINDINGS_MAX)
        f->list[f->count++] = (struct wsc_violation){rule, at};
}

bool wsc_findings_had_occasion(const struct wsc_findings *f, enum wsc_rule rule)
{
    return (f->occasions[rule / 64] >> (rule % 64) & 1) != 0;
}
