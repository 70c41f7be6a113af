#include <string.h>
#include <wsr/report.h>

#include "writers.h"

static const struct wsr_format formats[] = {
    {"json", "json", "the whole run as one JSON document", wsr_json},
    {"junit", "xml", "JUnit XML, as CI servers read it", wsr_junit},
    {"html", "html", "one page for people, without any outside file", wsr_html},
};

enum { COUNT = sizeof formats / sizeof formats[0] };

const struct wsr_format *wsr_format_at(size_t i)
{
    return i < COUNT ? &formats[i] : NULL;
}

const struct wsr_format *wsr_format(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
