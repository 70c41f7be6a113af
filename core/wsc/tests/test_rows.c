/* The rules and the catalogue of requirements: what a head can show is named by a rule, and what no
 * rule names has its reason in unnamed.tsv. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/rules.h>

#include "main.h"

enum { ROWS_MAX = 2048 };

struct row {
    char id[32], same_as[32];
};

static struct row rows[ROWS_MAX];
static size_t row_count;

static FILE *open_file(const char *path)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s", WSPROOF_SOURCE_DIR, path);
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        perror(name);
        exit(2);
    }
    return file;
}

/* The next line's first columns, at most eight; the first line is a heading.  False: there is none.
 */
static bool next_row(FILE *file, char columns[8][256])
{
    static char line[16384];
    char *rest = line;
    bool heading = ftell(file) == 0;
    if (fgets(line, sizeof line, file) == NULL)
        return false;
    if (heading)
        return next_row(file, columns);
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < 8; i++) {
        size_t n = strcspn(rest, "\t");
        snprintf(columns[i], sizeof columns[i], "%.*s", (int)n, rest);
        rest += n + (rest[n] != '\0');
    }
    return true;
}

static bool named(const char *id)
{
    for (unsigned rule = 1; rule < WSC_RULE_COUNT; rule++)
        if (strcmp(wsc_rule_info((enum wsc_rule)rule)->requirement, id) == 0)
            return true;
    return false;
}

static void load_rows(void)
{
    char columns[8][256];
    FILE *file = open_file("corpus/requirements.tsv");
    while (row_count < ROWS_MAX && next_row(file, columns)) {
        struct row *row = &rows[row_count++];
        snprintf(row->id, sizeof row->id, "%.31s", columns[0]);
        snprintf(row->same_as, sizeof row->same_as, "%.31s", columns[6]);
    }
    fclose(file);
}

/* How many reasons stand there for a row; *all: for any. */
static unsigned reasons(const char *id, unsigned *all)
{
    char columns[8][256];
    unsigned found = 0;
    FILE *file = open_file("core/wsc/tests/unnamed.tsv");
    for (*all = 0; next_row(file, columns); ++*all)
        found += strcmp(columns[0], id) == 0 && strlen(columns[1]) > 10;
    fclose(file);
    return found;
}

/* The RFCs of heads: HTTP, and the opening handshake. */
static bool about_heads(const char *id)
{
    return strncmp(id, "9110-", 5) == 0 || strncmp(id, "9112-", 5) == 0 ||
           strncmp(id, "6455-4.", 7) == 0;
}

START_TEST(row_is_named_or_explained)
{
    const struct row *row = &rows[_i];
    unsigned all, explained = reasons(row->id, &all);
    if (!about_heads(row->id))
        ck_assert_msg(explained == 0, "unnamed.tsv: %s is not about heads", row->id);
    else if (named(row->id) || named(row->same_as))
        ck_assert_msg(explained == 0, "unnamed.tsv: a rule names %s", row->id);
    else
        ck_assert_msg(explained == 1, "no rule names %s; reasons: %u", row->id, explained);
}
END_TEST

/* What it explains are rows, each once. */
START_TEST(every_reason_has_a_row)
{
    unsigned all = 0, counted = 0;
    for (size_t i = 0; i < row_count; i++)
        counted += reasons(rows[i].id, &all);
    ck_assert_uint_ne(all, 0);
    ck_assert_uint_eq(counted, all);
}
END_TEST

int main(void)
{
    load_rows();
    Suite *suite = suite_create("rows");
    TCase *tcase = add_tcase(suite, "rows");
    tcase_add_loop_test(tcase, row_is_named_or_explained, 0, (int)row_count);
    tcase_add_test(tcase, every_reason_has_a_row);
    return run_suite(suite);
}
