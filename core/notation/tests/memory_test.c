/* Memory ends at each allocation in turn: a file is read whole or not at all, and printed whole or
 * marked as full. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsn/notation.h>

#include "scarce.h"

static const char *const files[] = {"clauses", "comments", "errors-clauses", "errors-handshake",
                                    "blocks"};

static char *read_golden(const char *name, size_t *n)
{
    static char text[1 << 16];
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/core/notation/tests/golden/%s.wst", WSPROOF_SOURCE_DIR, name);
    file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s", path);
    *n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    return text;
}

/* In arenas that hold so many bytes, and at last enough. */
START_TEST(an_arena_ends)
{
    size_t n;
    const char *text = read_golden(files[_i], &n);
    struct wsn_arena all = {0};
    struct wsn_errors errors = {0};
    struct wsn_file *whole = wsn_parse(&all, "f", text, n, &errors);
    bool enough = false;

    ck_assert_ptr_nonnull(whole);
    for (size_t limit = 64; !enough; limit += limit / 64) {
        struct wsn_arena arena = {.limit = limit};
        struct wsn_errors found = {0};
        struct wsn_file *file = wsn_parse(&arena, "f", text, n, &found);

        ck_assert_uint_lt(limit, 64 << 20);
        enough = file && found.total == errors.total && wsn_equal(file, whole);
        if (file && !enough) /* messages alone were lost */
            ck_assert(errors.total > 0 && found.total == errors.total);
        wsn_arena_drop(&arena);
    }
    wsn_arena_drop(&all);
}
END_TEST

START_TEST(each_allocation_fails)
{
    size_t n;
    const char *text = read_golden(files[_i], &n);
    struct wsn_arena all = {0};
    struct wsn_errors errors = {0};
    struct wsn_file *whole = wsn_parse(&all, "f", text, n, &errors);
    struct wsn_buffer printed = {0};
    bool met = true;

    wsn_print(whole, &printed);
    for (unsigned i = 0; met; i++) {
        struct wsn_arena arena = {0};
        struct wsn_errors found = {0};
        struct wsn_buffer out = {0};
        struct wsn_file *file;

        scarce_begin(i);
        file = wsn_parse(&arena, "f", text, n, &found);
        if (file)
            wsn_print(file, &out);
        met = scarce_end();
        ck_assert(file || met);
        ck_assert(!file || wsn_equal(file, whole));
        ck_assert(!file || out.full ||
                  (out.n == printed.n && memcmp(out.p, printed.p, out.n) == 0));
        ck_assert(met || !out.full);
        wsn_buffer_drop(&out);
        wsn_arena_drop(&arena);
    }
    wsn_buffer_drop(&printed);
    wsn_arena_drop(&all);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tcase = tcase_create("memory");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, an_arena_ends, 0, (int)(sizeof files / sizeof *files));
    tcase_add_loop_test(tcase, each_allocation_fails, 0, (int)(sizeof files / sizeof *files));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
