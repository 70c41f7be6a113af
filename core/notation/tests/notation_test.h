/* What the test files of the notation share. */
#ifndef WSN_NOTATION_TEST_H
#define WSN_NOTATION_TEST_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsn/notation.h>

/* One run of the test a row of the table. */
#define ADD_ROWS(tests, test, table)                                                               \
    tcase_add_loop_test(tests, test, 0, (int)(sizeof(table) / sizeof *(table)))

Suite *parse_suite(void);
Suite *error_suite(void);
Suite *golden_suite(void);
Suite *link_suite(void);
Suite *robust_suite(void);

/* Writes the goldens anew instead of comparing. */
extern bool bless;

struct script {
    struct wsn_arena arena;
    struct wsn_errors errors;
    struct wsn_file *file;
};
struct script read_script(const char *source, size_t length);
void drop_script(struct script *script);

/* The steps of a case with this body, without errors. */
const struct wsn_step *only_step(struct script *script, const char *body);

/* The laws: what was printed reads back equal and prints the same. */
void check_laws(const struct wsn_file *file);

/* The whole file; the caller frees it. */
char *read_file(const char *path, size_t *length);

/* Paths below the source tree whose name ends with `.wst`, sorted; ended by NULL. */
char **find_scripts(const char *folder);

#endif
