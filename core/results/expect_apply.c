#include <stdlib.h>
#include <string.h>
#include <wsq/expect.h>
#include <wsq/text.h>

/* ---- sets of ids, sorted for lookup ---- */

static int by_id(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **sorted_copy(const char *const *ids, size_t count)
{
    const char **copy = malloc((count + 1) * sizeof *copy);

    if (!copy)
        return NULL;
    for (size_t i = 0; i < count; i++)
        copy[i] = ids[i];
    qsort(copy, count, sizeof *copy, by_id);
    return copy;
}

static bool has(const char *const *ids, size_t count, const char *id)
{
    return bsearch(&id, ids, count, sizeof *ids, by_id) != NULL;
}

/* ---- one case ---- */

static bool is_wrong_by_itself(enum wsq_verdict verdict, bool strict)
{
    return verdict == WSQ_FAIL || verdict == WSQ_FLAKY || verdict == WSQ_ERROR ||
           (verdict == WSQ_WARN && strict);
}

static bool is_named(const struct wsq_expectation *entry, enum wsq_verdict verdict)
{
    return entry->verdicts & 1U << verdict;
}

/* "warn|pass  # reason", as the file has it. */
static char *entry_text(const struct wsq_expectation *entry)
{
    struct wsq_text text = {0};

    for (int v = 0; v <= WSQ_ERROR; v++)
        if (is_named(entry, (enum wsq_verdict)v))
            wsq_text_printf(&text, "%s%s", text.n ? "|" : "",
                            wsq_verdict_name((enum wsq_verdict)v));
    if (entry->reason[0] != '\0')
        wsq_text_printf(&text, "  # %s", entry->reason);
    return wsq_text_take(&text, NULL);
}

static int judge(struct wsq_case *c, const struct wsq_expectation *entry, bool strict)
{
    free(c->expectation);
    c->expectation = NULL;
    if (!entry) {
        c->unexpected = is_wrong_by_itself(c->verdict, strict);
        return 0;
    }
    c->unexpected = c->verdict != WSQ_SKIP && !is_named(entry, c->verdict);
    c->expectation = entry_text(entry);
    return c->expectation ? 0 : -1;
}

/* ---- the whole run ---- */

struct matching {
    struct wsq_expectations *e;
    struct wsq_run *run;
    const struct wsq_expectation **by_id; /* the entries, sorted */
    const struct wsq_case **cases;        /* for each entry in the order of the file, or NULL */
    const char **planned, **selected;     /* sorted */
    size_t planned_count, selected_count;
};

static int entry_by_id(const void *a, const void *b)
{
    const struct wsq_expectation *one = *(const struct wsq_expectation *const *)a;
    const struct wsq_expectation *other = *(const struct wsq_expectation *const *)b;

    return strcmp(one->id, other->id);
}

static struct wsq_expectation *find(const struct matching *m, char *id)
{
    const struct wsq_expectation wanted = {.id = id}, *key = &wanted;
    const struct wsq_expectation **hit =
        bsearch(&key, m->by_id, m->e->count, sizeof *m->by_id, entry_by_id);

    return hit ? &m->e->list[*hit - m->e->list] : NULL;
}

static int judge_cases(struct matching *m, bool strict)
{
    for (size_t i = 0; i < m->run->case_count; i++) {
        struct wsq_case *c = &m->run->cases[i];
        struct wsq_expectation *entry = find(m, c->id);

        if (entry) {
            entry->used = true;
            m->cases[entry - m->e->list] = c;
        }
        if (judge(c, entry, strict) < 0)
            return -1;
    }
    return 0;
}

/* What is wrong with an entry, or NULL. */
static const char *stale(const struct matching *m, const struct wsq_expectation *entry)
{
    const struct wsq_case *c = m->cases[entry - m->e->list];

    if (c)
        return c->verdict == WSQ_SKIP && !is_named(entry, WSQ_SKIP) ? "was skipped" : NULL;
    if (!has(m->planned, m->planned_count, entry->id))
        return "matches no case";
    if (m->run->complete && has(m->selected, m->selected_count, entry->id))
        return "was not judged";
    return NULL;
}

static int complain(struct matching *m, const struct wsq_expectation *entry, const char *what)
{
    const struct wsq_case *c = m->cases[entry - m->e->list];
    struct wsq_text text = {0};
    char *complaint;
    bool good;

    wsq_text_printf(&text, "%s:%u: the expected case ", m->e->name, entry->line);
    wsq_text_visible(&text, entry->id, strlen(entry->id));
    wsq_text_printf(&text, " %s", what);
    if (c && c->reason)
        wsq_text_printf(&text, ": %s", c->reason);
    complaint = wsq_text_take(&text, NULL);
    good = complaint && wsq_run_complain(m->run, complaint);
    free(complaint);
    return good ? 0 : -1;
}

static int complain_of_stale(struct matching *m)
{
    for (size_t i = 0; i < m->e->count; i++) {
        const char *what = stale(m, &m->e->list[i]);

        if (what && complain(m, &m->e->list[i], what) < 0)
            return -1;
    }
    return 0;
}

static int match(struct matching *m, bool strict)
{
    if (!m->by_id || !m->cases || !m->planned || !m->selected)
        return -1;
    for (size_t i = 0; i < m->e->count; i++) {
        m->e->list[i].used = false;
        m->by_id[i] = &m->e->list[i];
    }
    qsort(m->by_id, m->e->count, sizeof *m->by_id, entry_by_id);
    return judge_cases(m, strict) < 0 ? -1 : complain_of_stale(m);
}

int wsq_expect_apply(struct wsq_expectations *e, struct wsq_run *run, bool strict,
                     const char *const *planned, size_t planned_count, const char *const *selected,
                     size_t selected_count)
{
    struct wsq_expectations none = {0};
    struct matching m = {.e = e ? e : &none,
                         .run = run,
                         .planned_count = planned_count,
                         .selected_count = selected_count};
    int result;

    m.by_id = calloc(m.e->count + 1, sizeof *m.by_id);
    m.cases = calloc(m.e->count + 1, sizeof *m.cases);
    m.planned = sorted_copy(planned, planned_count);
    m.selected = sorted_copy(selected, selected_count);
    result = match(&m, strict);
    free(m.by_id);
    free(m.cases);
    free(m.planned);
    free(m.selected);
    return result;
}

/* ---- writing the file ---- */

static int case_by_id(const void *a, const void *b)
{
    const struct wsq_case *one = *(const struct wsq_case *const *)a;
    const struct wsq_case *other = *(const struct wsq_case *const *)b;

    return wsq_natural(one->id, other->id);
}

/* On one line, without control characters: it must parse again. */
static void put_entry(const struct wsq_case *c, bool strict, struct wsq_text *text)
{
    bool met = c->expectation && !c->unexpected && c->verdict != WSQ_SKIP;
    const char *reason = c->reason ? c->reason : "";

    if (!met && !is_wrong_by_itself(c->verdict, strict))
        return;
    wsq_text_printf(text, "%s ", c->id);
    if (met) {
        wsq_text_visible(text, c->expectation, strlen(c->expectation));
    } else {
        wsq_text_printf(text, "%s%s", wsq_verdict_name(c->verdict),
                        c->verdict == WSQ_FLAKY ? "|pass" : "");
        wsq_text_puts(text, reason[0] ? "  # " : "");
        wsq_text_visible(text, reason, strlen(reason));
    }
    wsq_text_puts(text, "\n");
}

char *wsq_expect_write(const struct wsq_run *run, bool strict)
{
    const struct wsq_case **sorted = calloc(run->case_count + 1, sizeof *sorted);
    struct wsq_text text = {0};
    const char *target = run->target ? run->target : "the target";

    if (!sorted)
        return NULL;
    for (size_t i = 0; i < run->case_count; i++)
        sorted[i] = &run->cases[i];
    qsort(sorted, run->case_count, sizeof *sorted, case_by_id);
    wsq_text_puts(&text, "# What is known of ");
    wsq_text_visible(&text, target, strlen(target));
    wsq_text_puts(&text, ".\n# CASE VERDICT[|VERDICT…]  # reason\n");
    for (size_t i = 0; i < run->case_count; i++)
        put_entry(sorted[i], strict, &text);
    free(sorted);
    return wsq_text_take(&text, NULL);
}
