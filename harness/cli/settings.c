#include "settings.h"

#include "commands.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/secret.h>

/* ---- the list ---- */

/* The names and values are ours, and the list is. */
static void release(const void *p)
{
    union {
        const void *in;
        void *out;
    } pointer = {.in = p};
    free(pointer.out);
}

void settings_drop(struct settings *settings)
{
    for (size_t i = 0; i < settings->all.count; i++) {
        release(settings->all.list[i].name);
        release(settings->all.list[i].value);
    }
    free(settings->list);
    *settings = (struct settings){0};
}

/* Takes the place of an earlier value of that name.  False when memory ends. */
static bool put(struct settings *settings, const char *name, size_t n, const char *value,
                size_t length)
{
    size_t at = 0, count = settings->all.count;
    while (at < count &&
           (strlen(settings->list[at].name) != n || memcmp(settings->list[at].name, name, n) != 0))
        at++;
    if (at == count) {
        struct wss_setting *grown = realloc(settings->list, (count + 1) * sizeof *grown);
        if (!grown)
            return false;
        settings->list = grown;
        settings->all.list = grown;
        settings->list[count] = (struct wss_setting){.name = strndup(name, n)};
        settings->all.count++;
    } else {
        release(settings->list[at].value);
    }
    settings->list[at].value = strndup(value, length);
    settings->list[at].length = settings->list[at].value ? length : 0;
    return settings->list[at].name && settings->list[at].value;
}

/* ---- a file ---- */

static size_t trimmed(const char *p, size_t n)
{
    while (n && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
        n--;
    return n;
}

/* `NAME = VALUE`, a comment or nothing.  0, or 2. */
static int read_line(const struct command *command, struct settings *settings, const char *path,
                     unsigned number, const char *p, size_t n)
{
    size_t blank = strspn(p, " \t");
    if (blank > n)
        blank = n;
    p += blank;
    n = trimmed(p, n - blank);
    if (n == 0 || *p == '#')
        return 0;
    const char *equals = memchr(p, '=', n);
    size_t name = equals ? trimmed(p, (size_t)(equals - p)) : 0;
    if (name == 0 || memchr(p, ' ', name))
        return usage_error(
            command, "%s:%u: expected `NAME = VALUE`, a comment or an empty line, found `%.*s`",
            path, number, (int)(n < 60 ? n : 60), p);
    const char *value = equals + 1, *end = p + n;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    return put(settings, p, name, value, (size_t)(end - value))
               ? 0
               : usage_error(command, "out of memory");
}

static int read_named(const struct command *command, struct settings *settings, const char *path)
{
    size_t length;
    char *text = read_file(path, &length);
    if (!text)
        return EXIT_USAGE;
    int code =
        strlen(text) == length
            ? 0
            : usage_error(command, "%s: expected a text file, found a NUL byte at offset %zu", path,
                          strlen(text));
    unsigned number = 1;
    for (const char *p = text; code == 0 && *p; number++) {
        size_t n = strcspn(p, "\n");
        code = read_line(command, settings, path, number, p, n);
        p += n + (p[n] == '\n');
    }
    free(text);
    return code;
}

/* ---- the options ---- */

static int read_environment(const struct command *command, struct settings *settings,
                            const char *name, struct wsh_secrets *secrets)
{
    const char *value = getenv(name);
    if (!value)
        return usage_error(command,
                           "--set: expected NAME=VALUE, @FILE or the name of an environment "
                           "variable, found \"%s\"",
                           name);
    if (secrets)
        wsh_secrets_add(secrets, value, strlen(value));
    return put(settings, name, strlen(name), value, strlen(value))
               ? 0
               : usage_error(command, "out of memory");
}

static int read_one(const struct command *command, struct settings *settings, const char *text,
                    struct wsh_secrets *secrets)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return read_environment(command, settings, text, secrets);
    if (equals == text)
        return usage_error(command, "--set: expected a name before `=`, found \"%s\"", text);
    return put(settings, text, (size_t)(equals - text), equals + 1, strlen(equals + 1))
               ? 0
               : usage_error(command, "out of memory");
}

int settings_read(const struct command *command, const struct texts *texts, size_t lenient,
                  struct wsh_secrets *secrets, struct settings *settings)
{
    int code = 0;
    *settings = (struct settings){0};
    for (size_t i = 0; i < texts->count && code == 0; i++)
        if (texts->list[i][0] == '@')
            code = read_named(command, settings, texts->list[i] + 1);
    for (size_t i = 0; i < lenient && code == 0; i++)
        if (texts->list[i][0] != '@')
            code = read_one(command, settings, texts->list[i], secrets);
    settings->from_files = settings->all.count;
    for (size_t i = lenient; i < texts->count && code == 0; i++)
        if (texts->list[i][0] != '@')
            code = read_one(command, settings, texts->list[i], secrets);
    for (size_t i = 0; i < settings->all.count && secrets; i++) {
        const struct wss_setting *setting = &settings->list[i];
        if (wsq_secret_name(setting->name, strlen(setting->name)))
            wsh_secrets_add(secrets, setting->value, setting->length);
    }
    return code;
}
