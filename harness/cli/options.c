#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsn/notation.h>

/* Lives as long as the program's one command. */
static struct wsn_arena memory;

void texts_add(struct texts *texts, const char *text)
{
    size_t n = texts->count;
    if ((n & (n - 1)) == 0) { /* full: the room is a power of two */
        const char **list = wsn_alloc(&memory, (n ? 2 * n : 1) * sizeof *list);
        if (!list) {
            fputs("wsproof: out of memory\n", stderr);
            exit(4);
        }
        if (n > 0)
            memcpy(list, texts->list, n * sizeof *list);
        texts->list = list;
    }
    texts->list[texts->count++] = text;
}

char *texts_copy(const char *p, size_t n)
{
    char *copy = wsn_copy(&memory, p, n);
    if (!copy) {
        fputs("wsproof: out of memory\n", stderr);
        exit(4);
    }
    return copy;
}

void texts_drop_all(void)
{
    wsn_arena_drop(&memory);
}

int usage_error(const struct command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "wsproof %s: ", command->name);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
    return 2;
}

void options_help(const struct command *command, const struct option *options)
{
    enum { COLUMN = 28 };
    printf("usage: wsproof %s %s\n\n%s\n", command->name, command->usage, command->what);
    if (command->more)
        printf("\n%s", command->more);
    puts("\nOptions:");
    for (; options && (options->name || options->kind == OPTION_TITLE); options++) {
        char left[80];
        if (options->kind == OPTION_TITLE) {
            printf("\n%s\n", options->what);
            continue;
        }
        if (options->letter)
            snprintf(left, sizeof left, "  -%c, --%s%s%s", options->letter, options->name,
                     options->value ? " " : "", options->value ? options->value : "");
        else
            snprintf(left, sizeof left, "  --%s%s%s", options->name, options->value ? " " : "",
                     options->value ? options->value : "");
        if (strlen(left) + 2 > COLUMN)
            printf("%s\n%*s%s\n", left, COLUMN, "", options->what);
        else
            printf("%-*s%s\n", COLUMN, left, options->what);
    }
    printf("%-*s%s\n", COLUMN, "  --help", "print this");
}

const struct option *option_find(const struct option *options, const char *name, size_t length,
                                 char letter)
{
    for (; options->name || options->kind == OPTION_TITLE; options++) {
        if (!options->name)
            continue;
        if (name && strncmp(options->name, name, length) == 0 && options->name[length] == '\0')
            return options;
        if (letter && options->letter == letter)
            return options;
    }
    return NULL;
}

static int set_number(const struct option *o, const char *value, char *error, size_t size)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    bool digits = *value >= '0' && *value <= '9' && *end == '\0' && errno == 0;
    if (!digits || number < o->least || number > o->most) {
        snprintf(error, size, "expected a number from %llu to %llu, found \"%s\"",
                 (unsigned long long)o->least, (unsigned long long)o->most, value);
        return -1;
    }
    *(uint64_t *)o->slot = number;
    return 0;
}

static int set_duration(const struct option *o, const char *value, char *error, size_t size)
{
    int64_t ms = wsn_duration(value, strlen(value));
    if (ms <= 0) {
        snprintf(error, size, "expected a duration such as 300ms, 30s or 2m, found \"%s\"", value);
        return -1;
    }
    *(uint64_t *)o->slot = (uint64_t)ms;
    return 0;
}

int option_set(const struct option *o, const char *value, char *error, size_t size)
{
    switch (o->kind) {
    case OPTION_FLAG:
        *(bool *)o->slot = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)o->slot = value;
        return 0;
    case OPTION_LIST:
        texts_add(o->slot, value);
        return 0;
    case OPTION_NUMBER:
        return set_number(o, value, error, size);
    case OPTION_DURATION:
        return set_duration(o, value, error, size);
    case OPTION_TITLE:
        break;
    }
    return 0;
}

/* One "--name", "--name=value" or "--name value"; *at moves on over a value. */
static int read_long(const struct command *command, const struct option *options, int count,
                     char **arguments, int *at)
{
    const char *name = arguments[*at] + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct option *o = option_find(options, name, length, 0);
    if (!o) {
        usage_error(command, "unknown option --%.*s: see `wsproof %s --help`", (int)length, name,
                    command->name);
        return -1;
    }
    if (o->kind == OPTION_FLAG && equals) {
        usage_error(command, "--%s: expected no value", o->name);
        return -1;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (o->kind != OPTION_FLAG && !value) {
        if (*at + 1 >= count) {
            usage_error(command, "--%s: expected %s behind it", o->name, o->value);
            return -1;
        }
        value = arguments[++*at];
    }
    char error[300];
    if (option_set(o, value, error, sizeof error) == 0)
        return 0;
    usage_error(command, "--%s: %s", o->name, error);
    return -1;
}

static int read_letters(const struct command *command, const struct option *options,
                        const char *letters)
{
    for (; *letters; letters++) {
        const struct option *o = option_find(options, NULL, 0, *letters);
        if (!o || o->kind != OPTION_FLAG) {
            usage_error(command, "unknown option -%c: see `wsproof %s --help`", *letters,
                        command->name);
            return -1;
        }
        option_set(o, NULL, NULL, 0);
    }
    return 0;
}

int options_read(const struct command *command, const struct option *options, int count,
                 char **arguments, struct texts *rest)
{
    bool only_rest = false;
    for (int at = 0; at < count; at++) {
        const char *argument = arguments[at];
        if (only_rest || argument[0] != '-' || argument[1] == '\0') {
            texts_add(rest, argument);
        } else if (strcmp(argument, "--") == 0) {
            only_rest = true;
        } else if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            options_help(command, options);
            return 1;
        } else if (argument[1] == '-') {
            if (read_long(command, options, count, arguments, &at) != 0)
                return -1;
        } else if (read_letters(command, options, argument + 1) != 0) {
            return -1;
        }
    }
    return 0;
}
