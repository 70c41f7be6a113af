#include <string.h>
#include <wsr/report.h>

#include "writers.h"

static const struct wsr_format formats[] = {
    {"json", "json", "the whole run as one JSON document", wsr_json, NULL},
    {"junit", "xml", "JUnit XML, as CI servers read it", wsr_junit, NULL},
    {"html", "html", "one page for people, without any outside file", wsr_html, NULL},
    {"tap", "tap", "TAP 14, as prove and other harnesses read it", wsr_tap, NULL},
    {"markdown", "md", "a summary in Markdown, as GitHub shows it under a job", wsr_markdown, NULL},
    {"badge", "json", "a badge, as shields.io reads it from an address", wsr_badge, NULL},
    {"autobahn", "", "a folder with index.json and a file a case, shaped as Autobahn's", NULL,
     wsr_autobahn},
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
