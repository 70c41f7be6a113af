#include "settings.h"

#include <stdlib.h>
#include <string.h>

int settings_read(const struct command *command, const struct texts *texts,
                  struct wss_settings *settings)
{
    struct wss_setting *list = calloc(texts->count + 1, sizeof *list);
    *settings = (struct wss_settings){.list = list};
    if (!list)
        return usage_error(command, "out of memory");
    for (size_t i = 0; i < texts->count; i++) {
        const char *text = texts->list[i], *equals = strchr(text, '=');
        if (!equals || equals == text)
            return usage_error(command, "--set: expected NAME=VALUE, found \"%s\"", text);
        char *name = strndup(text, (size_t)(equals - text));
        if (!name)
            return usage_error(command, "out of memory");
        list[settings->count++] =
            (struct wss_setting){.name = name, .value = equals + 1, .length = strlen(equals + 1)};
    }
    return 0;
}

/* The names are ours, and the list is. */
static void release(const void *p)
{
    union {
        const void *in;
        void *out;
    } pointer = {.in = p};
    free(pointer.out);
}

void settings_drop(struct wss_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        release(settings->list[i].name);
    release(settings->list);
    *settings = (struct wss_settings){0};
}
