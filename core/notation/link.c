/* Files that include files, and the steps of a block in place of every `use`.
 *
 * A block may use those above it and those of included files: none can use itself, so this ends.
 */
#include <stdlib.h>
#include <string.h>

#include "parser.h"

/* A block that can be used, and where it stands among all. */
struct entry {
    const struct wsn_case *block;
    size_t order;
};

/* What is known in one file: its own blocks and those of all that it includes. */
struct scope {
    struct entry *list; /* in the order of their names */
    size_t count;
};

struct linker {
    struct wsn_parser parser; /* for memory and errors */
    struct wsn_file *file;    /* the one that is linked: it keeps all sources */
    wsn_reader *read;
    void *context;
    struct wsn_file *open[WSN_MAX_INCLUDED + 1]; /* those that are being linked, outermost first */
    size_t depth;
    bool quiet; /* there were errors before: what is missing may be among them */
};

/* ---- names of files ---- */

/* `folder/./x/../y` is `folder/y`: the same file has the same name, however it was come by. */
static size_t normalise(char *p)
{
    size_t out = 0;
    for (size_t at = 0; p[at];) {
        size_t n = strcspn(p + at, "/");
        bool slash = p[at + n] == '/', up = n == 2 && memcmp(p + at, "..", 2) == 0;
        size_t before = out ? out - 1 : 0; /* where the last segment begins */
        while (before > 0 && p[before - 1] != '/')
            before--;
        bool above = out - before == 3 && memcmp(p + before, "../", 3) == 0;
        bool skip = slash && ((n == 1 && p[at] == '.') || (n == 0 && out > 0));
        if (slash && up && out > 1 && !above) {
            out = before;
        } else if (!skip) {
            memmove(p + out, p + at, n + slash);
            out += n + slash;
        }
        at += n + slash;
    }
    p[out] = '\0';
    return out;
}

static const char *name_of(struct linker *l, const struct wsn_file *from,
                           const struct wsn_include *include)
{
    size_t n;
    const char *path = wsn_bytes(&include->path, &n), *slash = strrchr(from->name, '/');
    size_t folder = slash && *path != '/' ? (size_t)(slash - from->name) + 1 : 0;
    char *name = wsn_need(&l->parser, folder + n + 1);
    memcpy(name, from->name, folder);
    memcpy(name + folder, path, n);
    normalise(name);
    return name;
}

/* ---- scopes ---- */

static int compare_names(const char *p, size_t n, const char *q, size_t m)
{
    int order = memcmp(p, q, n < m ? n : m);
    return order ? order : n < m ? -1 : n > m;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    size_t n, m;
    const char *p = wsn_bytes(&x->block->id, &n), *q = wsn_bytes(&y->block->id, &m);
    int order = compare_names(p, n, q, m);
    return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

/* The first block of that name that stands before `limit`. */
static const struct wsn_case *find(const struct scope *scope, size_t limit, const char *p, size_t n)
{
    size_t lo = 0, hi = scope->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2, m;
        const char *q = wsn_bytes(&scope->list[mid].block->id, &m);
        if (compare_names(q, m, p, n) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t m = 0;
    const char *q = lo < scope->count ? wsn_bytes(&scope->list[lo].block->id, &m) : "";
    bool found = m == n && m && memcmp(p, q, n) == 0 && scope->list[lo].order < limit;
    return found ? scope->list[lo].block : NULL;
}

static void sort(struct linker *l, struct scope *scope)
{
    if (scope->count == 0)
        return;
    qsort(scope->list, scope->count, sizeof *scope->list, compare_entries);
    for (size_t i = 1; i < scope->count; i++) {
        const struct wsn_case *a = scope->list[i - 1].block, *b = scope->list[i].block;
        size_t n, m;
        const char *p = wsn_bytes(&a->id, &n), *q = wsn_bytes(&b->id, &m);
        if (n == m && memcmp(p, q, n) == 0)
            wsn_error(l->parser.arena, l->parser.errors, b->pos, 1,
                      "a block with the name `%.*s` exists already", (int)n, p);
    }
}

static const char *closest(struct linker *l, const struct scope *scope, const char *p, size_t n)
{
    enum { MOST = 256 };
    const char *names[MOST];
    size_t count = scope->count < MOST ? scope->count : MOST;
    for (size_t i = 0; i < count; i++) {
        size_t m;
        const char *q = wsn_bytes(&scope->list[i].block->id, &m);
        names[i] = wsn_need_copy(&l->parser, q, m);
    }
    return wsn_suggest(p, n, (struct wsn_words){names, count});
}

/* ---- steps in place of `use` ---- */

/* A case or a block whose steps are put together. */
struct splice {
    struct linker *linker;
    const struct scope *scope;
    struct wsn_case *owner;
    size_t limit; /* blocks behind this one are below it */
    size_t total; /* steps so far, those in blocks of steps too */
    bool failed;
};

static void complain(struct splice *s, const struct wsn_step *at, const char *text)
{
    if (!s->failed)
        wsn_error(s->linker->parser.arena, s->linker->parser.errors, at->pos, 1, "%s", text);
    s->failed = true;
}

/* Each block once, behind those that it uses. */
static void remember(struct splice *s, const struct wsn_case *block)
{
    struct wsn_case *owner = s->owner;
    for (size_t i = 0; i < owner->used_count; i++) {
        if (owner->used[i] == block)
            return;
    }
    *WSN_ADD(&s->linker->parser, owner->used, owner->used_count) = block;
}

static void append(struct splice *s, const struct wsn_step *steps, size_t count,
                   const struct wsn_step *use, unsigned depth, struct wsn_steps *out);

/* A step as it stands there, on the connection that `use` names; what is below it likewise. */
static void append_copy(struct splice *s, const struct wsn_step *step, const struct wsn_step *use,
                        unsigned depth, struct wsn_steps *out)
{
    struct wsn_parser *parser = &s->linker->parser;
    struct wsn_step copy = *step;
    if (use && use->connection && !copy.connection && wsn_on_connection(copy.kind))
        copy.connection = use->connection;
    if (++s->total > WSN_MAX_STEPS)
        complain(s, use ? use : step, "the blocks make more than 10000 steps of this case");
    else if (step->branch_count && depth >= WSN_MAX_DEPTH)
        complain(s, use ? use : step, "blocks stand in blocks more than 32 deep");
    if (s->failed)
        return;
    copy.branches = wsn_need(parser, (step->branch_count + 1) * sizeof *copy.branches);
    for (size_t i = 0; i < step->branch_count; i++) {
        struct wsn_steps below = {0};
        copy.branches[i] = step->branches[i];
        append(s, step->branches[i].steps, step->branches[i].step_count, use, depth + 1, &below);
        copy.branches[i].steps = below.list;
        copy.branches[i].step_count = below.count;
    }
    *WSN_ADD(parser, out->list, out->count) = copy;
}

static void append_block(struct splice *s, const struct wsn_step *use, unsigned depth,
                         struct wsn_steps *out)
{
    struct linker *l = s->linker;
    size_t n;
    const char *name = wsn_bytes(&use->name, &n);
    const struct wsn_case *block = find(s->scope, s->limit, name, n);
    if (!block) {
        const char *close = closest(l, s->scope, name, n);
        if (!l->quiet && close && !wsn_is(name, n, close))
            wsn_error(l->parser.arena, l->parser.errors, use->name.pos, (uint32_t)n,
                      "no block has the name `%.*s`; did you mean `%s`?", (int)n, name, close);
        else if (!l->quiet)
            wsn_error(l->parser.arena, l->parser.errors, use->name.pos, (uint32_t)n,
                      "no block above has the name `%.*s`", (int)n, name);
        s->failed = true;
        return;
    }
    if (block->server != s->owner->server) {
        complain(s, use,
                 block->server ? "this block is for `role server`"
                               : "this block is for `role client`; here we play the server");
        return;
    }
    for (size_t i = 0; i < block->used_count; i++)
        remember(s, block->used[i]);
    remember(s, block);
    for (size_t i = 0; i < block->all_count && !s->failed; i++) {
        if (block->all[i].kind != WSN_COMMENT)
            append_copy(s, &block->all[i], use, depth, out);
    }
}

static void append(struct splice *s, const struct wsn_step *steps, size_t count,
                   const struct wsn_step *use, unsigned depth, struct wsn_steps *out)
{
    for (size_t i = 0; i < count && !s->failed; i++) {
        if (steps[i].kind == WSN_USE)
            append_block(s, &steps[i], depth, out);
        else
            append_copy(s, &steps[i], use, depth, out);
    }
}

static bool uses(const struct wsn_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (steps[i].kind == WSN_USE)
            return true;
        for (size_t k = 0; k < steps[i].branch_count; k++) {
            if (uses(steps[i].branches[k].steps, steps[i].branches[k].step_count))
                return true;
        }
    }
    return false;
}

static bool splice(struct linker *l, const struct scope *scope, size_t limit,
                   struct wsn_case *owner)
{
    struct splice s = {.linker = l, .scope = scope, .owner = owner, .limit = limit};
    struct wsn_steps all = {0};
    owner->all = owner->steps;
    owner->all_count = owner->step_count;
    if (!uses(owner->steps, owner->step_count))
        return true;
    append(&s, owner->steps, owner->step_count, NULL, 0, &all);
    owner->all = all.list;
    owner->all_count = all.count;
    return !s.failed;
}

/* ---- files ---- */

static void link_file(struct linker *l, struct wsn_file *file, bool outermost);

static void complain_at(struct linker *l, struct wsn_pos pos, const char *text)
{
    wsn_error(l->parser.arena, l->parser.errors, pos, 1, "%s", text);
}

static struct wsn_file *read_source(struct linker *l, const struct wsn_include *include,
                                    const char *name)
{
    struct wsn_parser *parser = &l->parser;
    struct wsn_file *file = l->file;
    size_t length = 0, errors = parser->errors->total;
    const char *text = l->read ? l->read(l->context, parser->arena, name, &length) : NULL;
    if (!text) {
        complain_at(l, include->pos, "the file cannot be read");
        return NULL;
    }
    struct wsn_file *unread = wsn_need(parser, sizeof *unread);
    *unread = (struct wsn_file){.name = name, .source = text, .length = length};
    *WSN_ADD(parser, file->sources, file->source_count) = unread; /* for its errors */
    uint32_t number = (uint32_t)file->source_count;
    struct wsn_file *found =
        wsn_parse_source(parser->arena, name, text, length, number, parser->errors);
    if (!found)
        longjmp(parser->no_memory, 1);
    l->quiet = l->quiet || parser->errors->total > errors;
    return file->sources[number - 1] = found;
}

/* The file that is included there; NULL with an error. */
static struct wsn_file *load(struct linker *l, const struct wsn_file *from,
                             const struct wsn_include *include)
{
    const char *name = name_of(l, from, include);
    for (size_t i = 0; i < l->depth; i++) {
        if (strcmp(l->open[i]->name, name) == 0) {
            complain_at(l, include->pos,
                        i + 1 == l->depth ? "the file includes itself"
                                          : "the file is included by one that it includes");
            return NULL;
        }
    }
    for (size_t i = 0; i < l->file->source_count; i++) {
        if (strcmp(l->file->sources[i]->name, name) == 0)
            return l->file->sources[i];
    }
    if (l->file->source_count == WSN_MAX_INCLUDES || l->depth > WSN_MAX_INCLUDED) {
        complain_at(l, include->pos, "at most 64 files can be included, 16 deep");
        return NULL;
    }
    struct wsn_file *file = read_source(l, include, name);
    if (file)
        link_file(l, file, false);
    return file;
}

/* Its own blocks and those of the files below it, each once. */
static void collect(struct linker *l, const struct wsn_file *file, bool *seen, struct scope *scope)
{
    for (size_t i = 0; i < file->include_count; i++) {
        size_t k = 0;
        while (k < l->file->source_count && l->file->sources[k] != file->includes[i].file)
            k++;
        if (k < l->file->source_count && !seen[k]) {
            seen[k] = true;
            collect(l, file->includes[i].file, seen, scope);
        }
    }
    for (size_t i = 0; i < file->block_count; i++) {
        struct entry entry = {.block = &file->blocks[i], .order = scope->count};
        *WSN_ADD(&l->parser, scope->list, scope->count) = entry;
    }
}

static void link_cases(struct linker *l, const struct scope *scope, struct wsn_file *file)
{
    size_t kept = 0;
    for (size_t i = 0; i < file->case_count; i++) {
        if (splice(l, scope, SIZE_MAX, &file->cases[i]))
            file->cases[kept++] = file->cases[i];
    }
    file->case_count = kept;
}

static void link_file(struct linker *l, struct wsn_file *file, bool outermost)
{
    struct scope scope = {0};
    l->open[l->depth++] = file;
    for (size_t i = 0; i < file->include_count; i++)
        file->includes[i].file = load(l, file, &file->includes[i]);
    bool *seen = wsn_need(&l->parser, l->file->source_count + 1);
    collect(l, file, seen, &scope);
    sort(l, &scope);
    size_t own = scope.count - file->block_count;
    for (size_t i = 0; i < file->block_count; i++)
        splice(l, &scope, own + i, &file->blocks[i]);
    if (outermost)
        link_cases(l, &scope, file);
    else if (file->case_count)
        complain_at(l, file->cases[0].pos, "a file that is included has blocks, and no cases");
    l->depth--;
}

static bool run(struct linker *l)
{
    if (setjmp(l->parser.no_memory))
        return false;
    link_file(l, l->file, true);
    return true;
}

void wsn_link(struct wsn_arena *arena, struct wsn_file *file, wsn_reader *read, void *context,
              struct wsn_errors *errors)
{
    struct linker linker = {.parser = {.arena = arena, .errors = errors},
                            .file = file,
                            .read = read,
                            .context = context,
                            .quiet = errors->total > 0};
    if (run(&linker))
        return;
    file->case_count = 0;
    wsn_error(arena, errors, (struct wsn_pos){0}, 1,
              "the blocks that this file uses need too much memory");
}
