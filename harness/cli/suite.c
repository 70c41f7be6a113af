#include "suite.h"
#include "embedded.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 1 << 30 };

static char *read_stream(FILE *stream, const char *path, size_t *length)
{
    char *text = NULL;
    size_t n = 0, room = 0;
    for (;;) {
        if (n + 1 >= room) {
            room = room ? 2 * room : 65536;
            char *more = room <= FILE_MAX ? realloc(text, room) : NULL;
            if (!more) {
                fprintf(stderr, "wsproof: %s: too large\n", path);
                free(text);
                return NULL;
            }
            text = more;
        }
        size_t got = fread(text + n, 1, room - n - 1, stream);
        if (got == 0)
            break;
        n += got;
    }
    if (ferror(stream)) {
        fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
        free(text);
        return NULL;
    }
    text[n] = '\0';
    *length = n;
    return text;
}

char *read_file(const char *path, size_t *length)
{
    if (strcmp(path, "-") == 0)
        return read_stream(stdin, "standard input", length);
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    char *text = read_stream(stream, path, length);
    fclose(stream);
    return text;
}

static void print_errors(struct suite *suite, const struct wsn_file *file,
                         const struct wsn_errors *errors)
{
    struct wsn_buffer out = {0};
    for (size_t i = 0; i < errors->count; i++)
        wsn_error_print(file, &errors->list[i], &out);
    if (errors->total > errors->count)
        wsn_printf(&out, "%s: %zu more errors\n", file->name, errors->total - errors->count);
    if (out.p)
        fputs(out.p, stderr);
    wsn_buffer_drop(&out);
    suite->errors += errors->total;
}

/* A file that a script names: relative to the script's folder. */
static const char *read_beside(struct wsn_arena *arena, const char *script, const char *path,
                               size_t *length)
{
    enum { LARGEST = 64 << 20 };
    const char *slash = strrchr(script, '/');
    char name[4096];
    int n = snprintf(name, sizeof name, "%.*s%s",
                     slash && path[0] != '/' ? (int)(slash - script + 1) : 0, script, path);
    if (n < 0 || (size_t)n >= sizeof name)
        return NULL;
    if (strcmp(name, "-") == 0) /* standard input is no file that a script may name */
        return NULL;
    char *text = read_file(name, length);
    const char *copy = text && *length <= LARGEST ? wsn_copy(arena, text, *length) : NULL;
    free(text);
    return copy;
}

static const char *read_included(void *context, struct wsn_arena *arena, const char *name,
                                 size_t *length)
{
    (void)context;
    return read_beside(arena, "", name, length);
}

static int add_text(struct suite *suite, const char *name, const char *text, size_t length,
                    const struct wss_settings *settings)
{
    struct wsn_errors errors = {0};
    struct wsn_file *file = wsn_parse(&suite->arena, name, text, length, &errors);
    struct wsn_file **files =
        file ? realloc(suite->files, (suite->file_count + 1) * sizeof *files) : NULL;
    if (!files) {
        fputs("wsproof: out of memory\n", stderr);
        return -1;
    }
    suite->files = files;
    files[suite->file_count++] = file;
    wsn_link(&suite->arena, file, read_included, NULL, &errors);
    wss_plan_add(&suite->plan, file, settings, &errors);
    print_errors(suite, file, &errors);
    return 0;
}

static int add_file(struct suite *suite, const char *path, const struct wss_settings *settings)
{
    size_t length;
    char *text = read_file(path, &length);
    if (!text)
        return -1;
    int status = add_text(suite, path, text, length, settings);
    free(text);
    return status;
}

static int is_script(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && strcmp(entry->d_name + n - 4, ".wst") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* alphasort depends on the locale */
}

static int add_folder(struct suite *suite, const char *path, const struct wss_settings *settings)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_script, by_name), status = 0;
    if (count < 0) {
        fprintf(stderr, "wsproof: %s: %s\n", path, strerror(errno));
        return -1;
    }
    if (count == 0) {
        fprintf(stderr, "wsproof: %s: expected files named *.wst in it\n", path);
        status = -1;
    }
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        if (status == 0)
            status = add_file(suite, name, settings);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static const struct embedded *find(const struct embedded *list, const char *name)
{
    while (list->name && strcmp(list->name, name) != 0)
        list++;
    return list->name ? list : NULL;
}

static const struct embedded *embedded_of(const char *name)
{
    const struct embedded *kit = find(embedded_kits, name);
    return kit ? kit : find(embedded_cases, name);
}

/* What is not there, and is called like a kit or a file of the program's own cases, is that. */
static int add_path(struct suite *suite, const char *path, const struct wss_settings *settings)
{
    struct stat status;
    const struct embedded *own = stat(path, &status) != 0 ? embedded_of(path) : NULL;
    if (own)
        return add_text(suite, own->name, (const char *)own->text, own->length, settings);
    bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    return folder ? add_folder(suite, path, settings) : add_file(suite, path, settings);
}

int suite_load(struct suite *suite, const struct texts *paths, const struct wss_settings *settings)
{
    suite->plan.arena = &suite->arena;
    suite->plan.read_file = read_beside;
    if (paths->count == 0) {
        for (const struct embedded *e = embedded_cases; e->name; e++)
            if (add_text(suite, e->name, (const char *)e->text, e->length, settings) != 0)
                return -1;
        return 0;
    }
    for (size_t i = 0; i < paths->count; i++)
        if (add_path(suite, paths->list[i], settings) != 0)
            return -1;
    return 0;
}

void suite_compile(struct suite *suite, const struct wss_settings *settings, struct wss_plan *plan)
{
    *plan = (struct wss_plan){.arena = &suite->arena, .read_file = read_beside};
    for (size_t i = 0; i < suite->file_count; i++) {
        struct wsn_errors errors = {0};
        wss_plan_add(plan, suite->files[i], settings, &errors);
    }
}

static bool case_needs(const struct wsn_case *c, const char *name)
{
    for (size_t i = 0; i < c->clause_count; i++) {
        const struct wsn_clause *clause = &c->clauses[i];
        for (size_t k = 0; clause->kind == WSN_CLAUSE_NEEDS && k < clause->word_count; k++) {
            const struct wsn_text *word = &clause->words[k];
            if (word->count == 1 && !word->parts[0].variable && word->parts[0].n == strlen(name) &&
                memcmp(word->parts[0].p, name, word->parts[0].n) == 0)
                return true;
        }
    }
    return false;
}

bool suite_needs(const struct suite *suite, const char *name)
{
    for (size_t i = 0; i < suite->file_count; i++)
        for (size_t k = 0; k < suite->files[i]->case_count; k++)
            if (case_needs(&suite->files[i]->cases[k], name))
                return true;
    return false;
}

bool suite_uses(const struct suite *suite, const char *name)
{
    for (size_t i = 0; i < suite->plan.count; i++)
        if (wss_case_uses(&suite->plan.cases[i], name))
            return true;
    return false;
}

void suite_drop(struct suite *suite)
{
    free(suite->files);
    wsn_arena_drop(&suite->arena);
    memset(suite, 0, sizeof *suite);
}
