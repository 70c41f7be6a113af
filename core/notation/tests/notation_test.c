/* Runs all suites; `--bless` writes the goldens anew. */
#include "notation_test.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

bool bless;

struct script read_script(const char *source, size_t length)
{
    struct script script = {.file = NULL};
    script.file = wsn_parse(&script.arena, "test.wst", source, length, &script.errors);
    ck_assert_ptr_nonnull(script.file);
    return script;
}

void drop_script(struct script *script)
{
    wsn_arena_drop(&script->arena);
}

const struct wsn_step *only_step(struct script *script, const char *body)
{
    char source[4096];
    int n = snprintf(source, sizeof source, "case test\n%s", body);
    ck_assert_int_lt(n, (int)sizeof source);
    *script = read_script(source, (size_t)n);
    ck_assert_msg(script->errors.total == 0, "%s: %s", body,
                  script->errors.count ? script->errors.list[0].text : "");
    ck_assert_uint_eq(script->file->case_count, 1);
    ck_assert_uint_ge(script->file->cases[0].step_count, 1);
    check_laws(script->file);
    return &script->file->cases[0].steps[0];
}

void check_laws(const struct wsn_file *file)
{
    struct wsn_buffer first = {0}, second = {0};
    wsn_print(file, &first);
    struct script again = read_script(first.p ? first.p : "", first.n);
    ck_assert_msg(again.errors.total == 0, "printed text does not parse: %s\n%s",
                  again.errors.list ? again.errors.list[0].text : "", first.p);
    wsn_print(again.file, &second);
    ck_assert_msg(wsn_equal(file, again.file),
                  "printed text reads back as something else:\n%s\nagain:\n%s", first.p, second.p);
    ck_assert_uint_eq(first.n, second.n);
    if (first.n)
        ck_assert_mem_eq(first.p, second.p, first.n);
    wsn_buffer_drop(&first);
    wsn_buffer_drop(&second);
    drop_script(&again);
}

char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    struct wsn_buffer content = {0};
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        wsn_put(&content, piece, n);
    fclose(file);
    *length = content.n;
    return content.p ? content.p : calloc(1, 1);
}

/* --- finding scripts --- */

struct paths {
    char **list;
    size_t count;
};

static void add_path(struct paths *paths, const char *path)
{
    paths->list = realloc(paths->list, (paths->count + 2) * sizeof *paths->list);
    if (!paths->list)
        abort();
    paths->list[paths->count++] = strdup(path);
    paths->list[paths->count] = NULL;
}

static void search(struct paths *paths, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)) != NULL) {
        char path[2048];
        struct stat status;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        size_t n = strlen(path);
        if (stat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            search(paths, path);
        else if (n > 4 && strcmp(path + n - 4, ".wst") == 0)
            add_path(paths, path);
    }
    if (dir)
        closedir(dir);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **find_scripts(const char *folder)
{
    struct paths paths = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", WSPROOF_SOURCE_DIR, folder);
    search(&paths, path);
    if (paths.count)
        qsort(paths.list, paths.count, sizeof *paths.list, compare);
    else
        paths.list = calloc(1, sizeof *paths.list);
    return paths.list;
}

int main(int argc, char **argv)
{
    bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
    SRunner *runner = srunner_create(parse_suite());
    srunner_add_suite(runner, error_suite());
    srunner_add_suite(runner, golden_suite());
    srunner_add_suite(runner, link_suite());
    srunner_add_suite(runner, robust_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
