/* Goldens: tests/golden/NAME.wst gives NAME.golden, its errors and its canonical text.  And the
 * laws over every script of the tree. */
#include "notation_test.h"

#include <stdio.h>

static char **goldens, **scripts;

static size_t count(char **list)
{
    size_t n = 0;
    while (list[n])
        n++;
    return n;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Errors first, then the text of the cases that are left. */
static void describe(const char *path, struct wsn_buffer *out)
{
    size_t length;
    char *source = read_file(path, &length);
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wsn_file *file = wsn_parse(&arena, base_name(path), source, length, &errors);
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < errors.count; i++)
        wsn_error_print(file, &errors.list[i], out);
    if (errors.total)
        wsn_printf(out, "%zu errors\n\n", errors.total);
    wsn_print(file, out);
    check_laws(file);
    wsn_arena_drop(&arena);
    free(source);
}

START_TEST(golden_holds)
{
    char path[2048];
    const char *script = goldens[_i];
    struct wsn_buffer out = {0};
    describe(script, &out);
    snprintf(path, sizeof path, "%.*s.golden", (int)strlen(script) - 4, script);
    if (bless) {
        FILE *file = fopen(path, "wb");
        ck_assert_ptr_nonnull(file);
        fwrite(out.p, 1, out.n, file);
        fclose(file);
    }
    size_t length = 0;
    char *expected = read_file(path, &length);
    ck_assert_msg(expected, "%s is missing; --bless writes it", path);
    ck_assert_msg(length == out.n && memcmp(expected, out.p, length) == 0,
                  "%s differs; expected:\n%s\nfound:\n%s", path, expected, out.p);
    free(expected);
    wsn_buffer_drop(&out);
}
END_TEST

/* Every script of the project parses, and the laws hold for it. */
START_TEST(script_parses)
{
    size_t length;
    char *source = read_file(scripts[_i], &length);
    struct script script = read_script(source, length);
    ck_assert_msg(script.errors.total == 0, "%s:%u: %s", scripts[_i],
                  script.errors.count ? script.errors.list[0].pos.line : 0,
                  script.errors.count ? script.errors.list[0].text : "");
    ck_assert_uint_gt(script.file->case_count, 0);
    check_laws(script.file);
    drop_script(&script);
    free(source);
}
END_TEST

/* Every example of the reference page is a script. */
START_TEST(documentation_parses)
{
    static const char open[] = "```wst", close[] = "```\n";
    size_t length, examples = 0;
    char *page = read_file(WSPROOF_SOURCE_DIR "/docs/notation.md", &length);
    ck_assert_ptr_nonnull(page);
    for (char *p = page; (p = strstr(p, open)) != NULL; examples++) {
        p = strchr(p, '\n') + 1; /* behind it may stand the name of the file */
        char *end = strstr(p, close);
        ck_assert_ptr_nonnull(end);
        struct script script = read_script(p, (size_t)(end - p));
        ck_assert_msg(script.errors.total == 0, "%s in:\n%.*s",
                      script.errors.count ? script.errors.list[0].text : "", (int)(end - p), p);
        check_laws(script.file);
        drop_script(&script);
        p = end;
    }
    ck_assert_uint_gt(examples, 10);
    free(page);
}
END_TEST

Suite *golden_suite(void)
{
    Suite *suite = suite_create("golden");
    TCase *tests = tcase_create("files");
    goldens = find_scripts("core/notation/tests/golden");
    scripts = find_scripts("corpus");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, golden_holds, 0, (int)count(goldens));
    tcase_add_loop_test(tests, script_parses, 0, (int)count(scripts));
    tcase_add_test(tests, documentation_parses);
    suite_add_tcase(suite, tests);
    return suite;
}
