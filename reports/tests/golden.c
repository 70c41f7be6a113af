#include "golden.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool golden_bless;

char *golden_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    size_t n = 0, size = 1 << 16;
    char *text = malloc(size + 1);

    if (!file || !text) {
        free(text);
        return NULL;
    }
    for (size_t got; (got = fread(text + n, 1, size - n, file)) > 0;) {
        n += got;
        if (n == size)
            text = realloc(text, (size *= 2) + 1);
    }
    fclose(file);
    text[n] = '\0';
    *length = n;
    return text;
}

static void write_file(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "wb");

    ck_assert_msg(file && fwrite(text, 1, length, file) == length, "cannot write %s", path);
    fclose(file);
}

static int line_of_difference(const char *a, const char *b)
{
    int line = 1;

    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    return line;
}

void golden_check(const char *name, const char *text, size_t length)
{
    char path[400];
    size_t n = 0;
    char *golden;

    snprintf(path, sizeof path, "%s/reports/tests/%s.golden", WSPROOF_SOURCE_DIR, name);
    if (golden_bless) {
        write_file(path, text, length);
        return;
    }
    golden = golden_read(path, &n);
    ck_assert_msg(golden, "%s is missing: write it with --bless", path);
    ck_assert_msg(n == length && memcmp(golden, text, n) == 0,
                  "%s differs from line %d on; --bless if that is meant", path,
                  line_of_difference(golden, text));
    free(golden);
}
