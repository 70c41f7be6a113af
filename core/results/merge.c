#include <wsq/merge.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, with its high bits folded in: the low ones alone part similar ids badly. */
bool wsq_in_shard(const char *id, unsigned shard, unsigned shards)
{
    uint64_t hash = 14695981039346656037U;

    for (; *id; id++)
        hash = (hash ^ (uint8_t)*id) * 1099511628211U;
    return (hash ^ hash >> 32) % shards == shard - 1;
}

/* What was declared and probed is no case of the plan, and every shard judges it. */
static bool is_probe(const char *id)
{
    return strncmp(id, "probe/", 6) == 0;
}

static bool equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- do they belong together? ---- */

/* `count` if it is not there. */
static size_t index_of(const struct wsq_run *runs, size_t count, unsigned shard)
{
    size_t i = 0;

    while (i < count && runs[i].shard != shard)
        i++;
    return i;
}

static int check_each(const struct wsq_run *runs, size_t count, char *error, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        const struct wsq_run *run = &runs[i];

        if (run->shards == 0 || run->shard == 0 || run->shard > run->shards)
            snprintf(error, size, "journal %zu: expected the run of a shard", i + 1);
        else if (run->shards != runs[0].shards || run->whole != runs[0].whole ||
                 !equal(run->version, runs[0].version))
            snprintf(error, size,
                     "journal %zu: shard %u of %u with %zu cases in all, by version %s; "
                     "expected as journal 1, %u shards with %zu cases, by version %s",
                     i + 1, run->shard, run->shards, run->whole, run->version ? run->version : "?",
                     runs[0].shards, runs[0].whole, runs[0].version ? runs[0].version : "?");
        else if (index_of(runs, i, run->shard) < i)
            snprintf(error, size, "journal %zu: shard %u is there twice", i + 1, run->shard);
        else
            continue;
        return -1;
    }
    return 0;
}

static int check_all(const struct wsq_run *runs, size_t count, char *error, size_t size)
{
    if (check_each(runs, count, error, size) != 0)
        return -1;
    for (unsigned shard = 1; shard <= runs[0].shards; shard++)
        if (index_of(runs, count, shard) == count) {
            snprintf(error, size, "shard %u of %u is missing", shard, runs[0].shards);
            return -1;
        }
    return 0;
}

/* ---- the union ---- */

static struct wsq_case *find(const struct wsq_run *run, const char *id)
{
    for (size_t i = 0; i < run->case_count; i++)
        if (strcmp(run->cases[i].id, id) == 0)
            return &run->cases[i];
    return NULL;
}

static bool take_texts(struct wsq_run *out, const struct wsq_run *from)
{
    out->target = wsq_dup(from->target);
    out->version = wsq_dup(from->version);
    out->started = wsq_dup(from->started);
    out->profile = wsq_dup(from->profile);
    out->server = wsq_dup(from->server);
    return (out->target || !from->target) && (out->version || !from->version) &&
           (out->started || !from->started) && (out->profile || !from->profile) &&
           (out->server || !from->server);
}

static bool take_watches(struct wsq_run *out, const struct wsq_run *from)
{
    out->watches = calloc(from->watch_count + 1, sizeof *out->watches);
    while (out->watches && out->watch_count < from->watch_count) {
        char *id = wsq_dup(from->watches[out->watch_count]);

        if (!id)
            return false;
        out->watches[out->watch_count++] = id;
    }
    return out->watches != NULL;
}

static bool take_limits(struct wsq_run *out, const struct wsq_run *from)
{
    out->limits = calloc(from->limit_count + 1, sizeof *out->limits);
    for (size_t i = 0; out->limits && i < from->limit_count; i++) {
        struct wsq_limit *limit = &out->limits[out->limit_count++];
        *limit = from->limits[i];
        limit->name = wsq_dup(limit->name);
        limit->what = wsq_dup(limit->what);
        limit->unit = wsq_dup(limit->unit);
        limit->how = wsq_dup(limit->how);
    }
    return out->limits != NULL;
}

static bool take_end(struct wsq_run *out, const struct wsq_run *from)
{
    bool good = true;

    for (size_t i = 0; i < from->complaint_count && good; i++)
        good = wsq_run_complain(out, from->complaints[i]);
    out->ms = from->ms > out->ms ? from->ms : out->ms;
    if (from->complete || !good)
        return good;
    out->complete = false;
    if (!out->incomplete)
        out->incomplete =
            wsq_format("shard %u: %s", from->shard,
                       from->incomplete ? from->incomplete : "it did not reach its end");
    return out->incomplete != NULL;
}

/* A case that stands in two shards was chosen by hand, not by its id; of a probe the worst counts.
 */
static int take_case(struct wsq_run *out, struct wsq_case *c, char *error, size_t size)
{
    struct wsq_case *other = find(out, c->id);

    if (!other) {
        if (wsq_run_add(out, c))
            return 0;
        snprintf(error, size, "out of memory");
        return -1;
    }
    if (!is_probe(c->id)) {
        snprintf(error, size, "%s was run by two shards", c->id);
        return -1;
    }
    if (c->verdict > other->verdict) {
        struct wsq_case kept = *other;

        *other = *c;
        *c = kept;
    }
    return 0;
}

static int take_run(struct wsq_run *out, struct wsq_run *from, char *error, size_t size)
{
    for (size_t i = 0; i < from->case_count; i++)
        if (take_case(out, &from->cases[i], error, size) != 0)
            return -1;
    if (take_end(out, from))
        return 0;
    snprintf(error, size, "out of memory");
    return -1;
}

static size_t count_cases(const struct wsq_run *run)
{
    size_t n = 0;

    for (size_t i = 0; i < run->case_count; i++)
        n += !run->cases[i].watch && !is_probe(run->cases[i].id);
    return n;
}

static int unite(struct wsq_run *runs, size_t count, struct wsq_run *out, char *error, size_t size)
{
    const struct wsq_run *first = &runs[index_of(runs, count, 1)];

    out->complete = true;
    out->seed = first->seed;
    out->jobs = first->jobs;
    out->planned = first->whole;
    if (!take_texts(out, first) || !take_watches(out, first) || !take_limits(out, first)) {
        snprintf(error, size, "out of memory");
        return -1;
    }
    for (unsigned shard = 1; shard <= first->shards; shard++)
        if (take_run(out, &runs[index_of(runs, count, shard)], error, size) != 0)
            return -1;
    if (out->complete && count_cases(out) != first->whole) {
        snprintf(error, size, "the shards have %zu cases together, expected %zu", count_cases(out),
                 first->whole);
        return -1;
    }
    return 0;
}

int wsq_merge(struct wsq_run *runs, size_t count, struct wsq_run *out, char *error, size_t size)
{
    *out = (struct wsq_run){0};
    if (count == 0) {
        snprintf(error, size, "expected the journals of all shards");
        return -1;
    }
    if (check_all(runs, count, error, size) == 0 && unite(runs, count, out, error, size) == 0)
        return 0;
    wsq_run_drop(out);
    return -1;
}
