#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsf/opinion.h>

/* A finding of the core in the oracle's words. */
static struct wso_violation translated(struct wsc_violation found)
{
    const struct wsc_rule_info *info = wsc_rule_info(found.rule);

    return (struct wso_violation){.rule = info->name,
                                  .requirement = info->requirement,
                                  .code = info->close_code,
                                  .at = found.at};
}

static int in_order(const void *a, const void *b)
{
    const struct wso_violation *one = a, *other = b;

    if (one->at != other->at)
        return one->at < other->at ? -1 : 1;
    return strcmp(one->rule, other->rule);
}

static bool same(const struct wso_violation *a, const struct wso_violation *b)
{
    return in_order(a, b) == 0 && a->code == b->code && strcmp(a->requirement, b->requirement) == 0;
}

static void print(const char *who, const struct wso_violation *list, size_t count)
{
    fprintf(stderr, "%s:", who);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %s@%llu(%s, %u)", list[i].rule, (unsigned long long)list[i].at,
                list[i].requirement, list[i].code);
    fprintf(stderr, "\n");
}

/* Both in order: is each of the few among the many? */
static bool contained(const struct wso_violation *few, size_t n, const struct wso_violation *many,
                      size_t count)
{
    size_t i = 0;

    for (size_t j = 0; i < n && j < count; j++)
        i += same(&few[i], &many[j]);
    return i == n;
}

void wsf_agree(const struct wsc_violation *found, size_t kept, uint64_t total,
               const struct wso_violation *notes, size_t count)
{
    struct wsf_log core = {0}, oracle = {0};
    const struct wso_violation *few, *many;
    bool agreed;

    for (size_t i = 0; i < kept; i++) {
        struct wso_violation one = translated(found[i]);

        wsf_log_put(&core, &one, sizeof one);
    }
    wsf_log_put(&oracle, notes, count * sizeof *notes);
    if (kept > 0)
        qsort(core.p, kept, sizeof *notes, in_order);
    if (count > 0)
        qsort(oracle.p, count, sizeof *notes, in_order);
    few = (const void *)core.p;
    many = (const void *)oracle.p;
    agreed = total == count && contained(few, kept, many, count);
    if (!agreed) {
        fprintf(stderr, "the core found %llu, the oracle %zu\n", (unsigned long long)total, count);
        print("core", few, kept);
        print("oracle", many, count);
    }
    WSF_LAW(agreed);
    wsf_log_drop(&core);
    wsf_log_drop(&oracle);
}
