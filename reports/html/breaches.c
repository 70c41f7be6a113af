#include <stdlib.h>
#include <string.h>

#include "html/page.h"

/* What a case brings up against one requirement, or what else is the matter with it. */
struct entry {
    const struct wsq_requirement *row;
    const char *words;
    enum wsq_verdict verdict;
    const struct wsq_case *c;
};

struct entries {
    struct entry *list;
    size_t count, room;
    bool failed;
};

static void add(struct entries *entries, struct entry entry)
{
    if (entries->count == entries->room) {
        size_t room = entries->room ? entries->room * 2 : 64;
        struct entry *grown = realloc(entries->list, room * sizeof *grown);

        if (!grown) {
            entries->failed = true;
            return;
        }
        entries->list = grown;
        entries->room = room;
    }
    entries->list[entries->count++] = entry;
}

/* A case that is flaky or an error is what it is, whatever one of its attempts brought up. */
static void add_faults(struct entries *entries, const struct wsq_case *c)
{
    bool own = c->verdict == WSQ_FAIL || c->verdict == WSQ_WARN;
    size_t before = entries->count;

    for (size_t i = 0; i < c->fault_count && i < WSR_MOST_ITEMS; i++) {
        const struct wsq_fault *fault = &c->faults[i];
        const struct wsq_requirement *row =
            fault->requirement ? wsq_requirement(fault->requirement) : NULL;

        if (fault->verdict != WSQ_INFO || !own)
            add(entries, (struct entry){row,
                                        row        ? NULL
                                        : c->title ? c->title
                                                   : c->id,
                                        own ? fault->verdict : c->verdict, c});
    }
    if (entries->count == before && !entries->failed)
        add(entries, (struct entry){NULL,
                                    c->reason  ? c->reason
                                    : c->title ? c->title
                                               : c->id,
                                    c->verdict, c});
}

static void add_case(struct entries *entries, const struct wsq_case *c)
{
    switch (c->verdict) {
    case WSQ_FAIL:
    case WSQ_WARN:
    case WSQ_FLAKY:
        add_faults(entries, c);
        break;
    case WSQ_ERROR:
        add(entries, (struct entry){NULL, c->reason ? c->reason : c->id, c->verdict, c});
        break;
    case WSQ_PASS:
    case WSQ_INFO:
        if (c->unexpected)
            add(entries, (struct entry){NULL, "Better than the expectations say", WSQ_PASS, c});
        break;
    case WSQ_SKIP:
        break;
    }
}

/* Entries of one requirement, or of the same words, stand together; each case's beside each other.
 */
static int by_key(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;

    if (one->row != other->row) {
        if (!one->row || !other->row)
            return one->row ? -1 : 1;
        return one->row < other->row ? -1 : 1;
    }
    if (!one->row) {
        int order = strcmp(one->words, other->words);

        if (order)
            return order;
    }
    return (one->c > other->c) - (one->c < other->c);
}

static bool same_key(const struct entry *one, const struct entry *other)
{
    return one->row == other->row && (one->row || strcmp(one->words, other->words) == 0);
}

static int rank(const struct wsr_breach *breach)
{
    static const int ranks[WSQ_ERROR + 1] = {
        [WSQ_FAIL] = 0, [WSQ_FLAKY] = 1, [WSQ_ERROR] = 2, [WSQ_PASS] = 3, [WSQ_WARN] = 4};

    return ranks[breach->verdict] + (breach->unexpected > 0 ? 0 : WSQ_ERROR + 1);
}

static int by_weight(const void *a, const void *b)
{
    const struct wsr_breach *one = a, *other = b;

    if (rank(one) != rank(other))
        return rank(one) < rank(other) ? -1 : 1;
    if (one->case_count != other->case_count)
        return one->case_count > other->case_count ? -1 : 1;
    return (one->order > other->order) - (one->order < other->order);
}

static void take(struct wsr_breach *breach, const struct entry *entry)
{
    struct wsr_breach added = {.verdict = entry->verdict};

    if (breach->case_count == 0 ||
        rank(&added) < rank(&(struct wsr_breach){.verdict = breach->verdict}))
        breach->verdict = entry->verdict;
    if (breach->case_count > 0 && breach->last == entry->c)
        return;
    if (breach->case_count <= WSR_BREACH_CASES)
        breach->cases[breach->case_count] = entry->c;
    breach->case_count++;
    breach->unexpected += entry->c->unexpected;
    breach->last = entry->c;
}

static struct wsr_breach *fold(const struct entries *entries, size_t *count)
{
    struct wsr_breach *list = calloc(entries->count + 1, sizeof *list);

    *count = 0;
    for (size_t i = 0; list && i < entries->count; i++) {
        const struct entry *entry = &entries->list[i];

        if (i == 0 || !same_key(entry, entry - 1)) {
            list[*count] =
                (struct wsr_breach){.row = entry->row, .words = entry->words, .order = *count};
            (*count)++;
        }
        take(&list[*count - 1], entry);
    }
    return list;
}

struct wsr_breach *wsr_breaches(const struct wsr_page *page, size_t *count)
{
    struct entries entries = {0};
    struct wsr_breach *list = NULL;

    *count = 0;
    for (size_t i = 0; i < page->run->case_count; i++)
        add_case(&entries, page->sorted[i]);
    if (!entries.failed) {
        if (entries.count > 0)
            qsort(entries.list, entries.count, sizeof *entries.list, by_key);
        list = fold(&entries, count);
    }
    free(entries.list);
    if (list)
        qsort(list, *count, sizeof *list, by_weight);
    return list;
}
