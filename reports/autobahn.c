#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

#include "escape.h"
#include "writers.h"

struct pair {
    const char *id;
    const struct wsq_case *c;
};

/* All cases of ours that stand for one case of Autobahn: what the worst of them says, in its words.
 */
struct entry {
    const char *id;
    const struct pair *pairs;
    size_t count;
    uint64_t ms;
    enum wsq_verdict worst;
};

/* From the best to the worst, for whoever reads one word a case. */
static int badness(enum wsq_verdict verdict)
{
    static const enum wsq_verdict order[] = {WSQ_PASS,  WSQ_INFO,  WSQ_WARN, WSQ_SKIP,
                                             WSQ_FLAKY, WSQ_ERROR, WSQ_FAIL};
    int i = 0;

    while (order[i] != verdict)
        i++;
    return i;
}

static const char *behavior(enum wsq_verdict verdict)
{
    switch (verdict) {
    case WSQ_PASS:
        return "OK";
    case WSQ_INFO:
        return "INFORMATIONAL";
    case WSQ_WARN:
        return "NON-STRICT";
    case WSQ_SKIP:
        return "UNIMPLEMENTED";
    case WSQ_FAIL:
    case WSQ_FLAKY:
    case WSQ_ERROR:
        break;
    }
    return "FAILED";
}

/* Autobahn's second column has no word for a warning. */
static const char *behavior_close(enum wsq_verdict verdict)
{
    return verdict == WSQ_WARN || verdict == WSQ_INFO ? "OK" : behavior(verdict);
}

/* ---- which of our cases stand for which of theirs ---- */

static int compare(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;
    int order = wsq_natural(one->id, other->id);

    return order ? order : wsq_natural(one->c->id, other->c->id);
}

/* "1.1.1": an id is the name of a file too, and a script or a journal may say anything. */
static bool is_id(const char *id)
{
    size_t n = strspn(id, "0123456789.");

    return n > 0 && n <= 32 && id[n] == '\0';
}

static size_t room_for(const struct wsq_run *run)
{
    size_t n = 0;

    for (size_t i = 0; i < run->case_count; i++)
        n += run->cases[i].autobahn_count;
    return n;
}

static struct pair *pairs_of(const struct wsq_run *run, size_t *count)
{
    struct pair *pairs = malloc((room_for(run) + 1) * sizeof *pairs);

    *count = 0;
    for (size_t i = 0; i < run->case_count && pairs; i++)
        for (size_t k = 0; k < run->cases[i].autobahn_count; k++)
            if (is_id(run->cases[i].autobahn[k]))
                pairs[(*count)++] = (struct pair){run->cases[i].autobahn[k], &run->cases[i]};
    if (pairs)
        qsort(pairs, *count, sizeof *pairs, compare);
    return pairs;
}

/* The entry that begins at the first pair; returns how many pairs it takes. */
static size_t entry_of(const struct pair *pairs, size_t count, struct entry *entry)
{
    size_t n = 0;

    *entry = (struct entry){.id = pairs[0].id, .pairs = pairs, .worst = WSQ_PASS};
    for (; n < count && strcmp(pairs[n].id, entry->id) == 0; n++) {
        entry->ms += pairs[n].c->ms;
        if (badness(pairs[n].c->verdict) > badness(entry->worst))
            entry->worst = pairs[n].c->verdict;
    }
    entry->count = n;
    return n;
}

/* ---- the files ---- */

static const char *agent(const struct wsq_run *run)
{
    return run->server && run->server[0] ? run->server : run->target;
}

/* "wsproof_case_1_1_1.json", as Autobahn names them */
static void file_name(struct wsq_text *text, const char *id)
{
    wsq_text_puts(text, "wsproof_case_");
    for (; *id; id++)
        wsq_text_printf(text, "%c", *id == '.' ? '_' : *id);
    wsq_text_puts(text, ".json");
}

static void member(struct wsq_text *text, const char *name, const char *value)
{
    wsq_text_printf(text, "  \"%s\": \"", name);
    wsr_escape_quoted(text, value);
    wsq_text_puts(text, "\",\n");
}

static void judgement(struct wsq_text *text, const struct wsq_case *c, bool last)
{
    wsq_text_puts(text, "    {\"id\": \"");
    wsr_escape_quoted(text, c->id);
    wsq_text_printf(text, "\", \"verdict\": \"%s\", \"reason\": \"", wsq_verdict_name(c->verdict));
    wsr_escape_quoted(text, c->reason);
    wsq_text_puts(text, "\", \"transcript\": \"");
    wsr_escape_quoted(text, c->transcript);
    wsq_text_printf(text, "\"}%s\n", last ? "" : ",");
}

static const char *result(const struct entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        if (entry->pairs[i].c->verdict == entry->worst && entry->pairs[i].c->reason)
            return entry->pairs[i].c->reason;
    return "Actual events match at least one expected.";
}

static void detail(struct wsq_text *text, const struct wsq_run *run, const struct entry *entry)
{
    wsq_text_puts(text, "{\n");
    member(text, "agent", agent(run));
    member(text, "id", entry->id);
    member(text, "behavior", behavior(entry->worst));
    member(text, "behaviorClose", behavior_close(entry->worst));
    member(text, "description", entry->pairs[0].c->title);
    member(text, "result", result(entry));
    member(text, "started", run->started);
    wsq_text_printf(text, "  \"duration\": %" PRIu64 ",\n  \"isServer\": false,\n", entry->ms);
    wsq_text_puts(text, "  \"wsproof\": [\n");
    for (size_t i = 0; i < entry->count; i++)
        judgement(text, entry->pairs[i].c, i + 1 == entry->count);
    wsq_text_puts(text, "  ]\n}\n");
}

static void index_line(struct wsq_text *text, const struct entry *entry, bool last)
{
    wsq_text_puts(text, "    \"");
    wsr_escape_quoted(text, entry->id);
    wsq_text_printf(text,
                    "\": {\"behavior\": \"%s\", \"behaviorClose\": \"%s\", \"duration\": %" PRIu64
                    ", \"remoteCloseCode\": null, \"reportfile\": \"",
                    behavior(entry->worst), behavior_close(entry->worst), entry->ms);
    file_name(text, entry->id);
    wsq_text_printf(text, "\"}%s\n", last ? "" : ",");
}

static bool put(const struct wsr_sink *sink, const char *name, struct wsq_text *text)
{
    size_t length;
    char *whole = wsq_text_take(text, &length);
    bool good = whole && sink->put(sink->context, name, whole, length);

    free(whole);
    return good;
}

static bool put_detail(const struct wsr_sink *sink, const struct wsq_run *run,
                       const struct entry *entry)
{
    struct wsq_text text = {0}, name = {0};
    char *file;
    bool good;

    file_name(&name, entry->id);
    file = wsq_text_take(&name, NULL);
    detail(&text, run, entry);
    good = file && put(sink, file, &text);
    wsq_text_drop(&text);
    free(file);
    return good;
}

int wsr_autobahn(const struct wsq_run *run, const struct wsr_sink *sink)
{
    size_t count;
    struct pair *pairs = pairs_of(run, &count);
    struct wsq_text index = {0};
    struct entry entry;
    bool good = pairs != NULL;

    wsq_text_puts(&index, "{\n  \"");
    wsr_escape_quoted(&index, agent(run));
    wsq_text_puts(&index, "\": {\n");
    for (size_t i = 0; i < count && good;) {
        i += entry_of(pairs + i, count - i, &entry);
        index_line(&index, &entry, i == count);
        good = put_detail(sink, run, &entry);
    }
    wsq_text_puts(&index, "  }\n}\n");
    good = good && put(sink, "index.json", &index);
    wsq_text_drop(&index);
    free(pairs);
    return good ? 0 : -1;
}
