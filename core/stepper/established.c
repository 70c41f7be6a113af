/* established.c - whether a 101 has all that the step at hand may ask of it.
 *
 * A server whose every 101 lacks the same field breaks one rule, and one watch says so.  A step
 * that is charged to a requirement asks whether *this* request was understood: what is wrong with
 * the answer counts only if it speaks of a line that the script changed.  (What breaks the
 * requirement itself counts for any step: wss_step_met.)
 */
#include "run.h"

#include <string.h>

/* The field of the request that the rules from `first` to `last` hold an answer against. */
static const struct subject {
    enum wsc_rule first, last;
    const char *field;
    const char *usual; /* its value in a plain request, "": the key; NULL: it is not there */
} subjects[] = {
    {WSC_RULE_RESPONSE_ACCEPT, WSC_RULE_RESPONSE_ACCEPT, "Sec-WebSocket-Key", ""},
    {WSC_RULE_RESPONSE_ACCEPT_SYNTAX, WSC_RULE_RESPONSE_ACCEPT_VALUE, "Sec-WebSocket-Key", ""},
    {WSC_RULE_RESPONSE_PROTOCOL_REPEATED, WSC_RULE_RESPONSE_PROTOCOL_OTHER,
     "Sec-WebSocket-Protocol", NULL},
    {WSC_RULE_RESPONSE_EXTENSIONS_EMPTY, WSC_RULE_RESPONSE_DEFLATE_WINDOW_EXCEEDED,
     "Sec-WebSocket-Extensions", NULL},
};

/* What a plain request of this run says there. */
static const char *usual_value(const struct wss_run *run, const struct lane *lane,
                               const struct subject *subject)
{
    const struct wss_profile *profile = run->setup->profile;
    const char *value = subject->usual;
    size_t n = strlen(subject->field);
    if (value && !*value)
        value = lane->key;
    for (size_t i = 0; i < profile->header_count; i++) {
        const char *line = profile->headers[i], *colon = strchr(line, ':');
        if (colon && (size_t)(colon - line) == n &&
            wsc_text_is_nocase((struct wsc_text){line, n}, subject->field))
            value = colon + 1 + strspn(colon + 1, " \t");
    }
    return value;
}

/* One line `Name: value`, spelt as usual, or none where none is usual. */
static bool asked_as_usual(const struct wss_run *run, const struct lane *lane,
                           const struct subject *subject)
{
    const char *usual = usual_value(run, lane, subject);
    const struct wsc_header *field = wsc_head_field(&lane->request_head, subject->field, 0);
    if (!usual || !field)
        return !usual && !field;
    const char *colon = field->name.p + field->name.n, *end = field->value.p + field->value.n;
    return !wsc_head_field(&lane->request_head, subject->field, 1) &&
           wsc_text_is(field->value, usual) && field->value.p == colon + 2 &&
           (*end == '\r' || *end == '\n');
}

static bool was_provoked(const struct wss_run *run, const struct lane *lane, enum wsc_rule rule)
{
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
        if (rule >= subjects[i].first && rule <= subjects[i].last)
            return !asked_as_usual(run, lane, &subjects[i]);
    return false;
}

const char *wss_fault_of_101(const struct wss_run *run, const struct lane *lane,
                             const struct wss_step *step, const struct event *event)
{
    bool any = !step->charge || !lane->request_read;
    for (unsigned rule = WSC_RULE_NONE + 1; !event->valid && rule < WSC_RULE_COUNT; rule++) {
        const struct wsc_rule_info *info = wsc_rule_info((enum wsc_rule)rule);
        if (event->broke[rule / 64] >> rule % 64 & 1 && info->close_code != 0 &&
            (any || was_provoked(run, lane, (enum wsc_rule)rule)))
            return info->sentence;
    }
    return NULL;
}
