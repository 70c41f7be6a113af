#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"

void wsr_put(struct wsr_page *page, const char *format, ...)
{
    const char *percent, *p = format;
    va_list args;

    va_start(args, format);
    for (; (percent = strchr(p, '%')) != NULL; p = percent + 1) {
        wsq_text_add(&page->text, p, (size_t)(percent - p));
        percent++;
        if (*percent == 's') {
            const char *s = va_arg(args, const char *);

            wsr_escape(&page->text, s ? s : "", s ? strlen(s) : 0);
        } else if (*percent == 'u') {
            wsq_text_printf(&page->text, "%u", va_arg(args, unsigned));
        } else if (*percent == 'z') {
            percent++;
            wsq_text_printf(&page->text, "%zu", va_arg(args, size_t));
        } else {
            assert(*percent == '%');
            wsq_text_puts(&page->text, "%");
        }
    }
    va_end(args);
    wsq_text_puts(&page->text, p);
}

/* A cut inside a character would show its first bytes as bad ones. */
static size_t whole_characters(const char *s, size_t n)
{
    size_t back = 0;

    while (back < 3 && back < n && ((unsigned char)s[n - back] & 0xC0) == 0x80)
        back++;
    return n - back;
}

void wsr_put_limited(struct wsr_page *page, const char *text, size_t limit)
{
    size_t length = text ? strlen(text) : 0;
    size_t shown = length > limit ? whole_characters(text, limit) : length;

    if (shown > 0)
        wsr_escape(&page->text, text, shown);
    if (shown < length)
        wsr_put(page, "<em class=\"cut\"> … %zu more bytes are in the JSON report</em>",
                length - shown);
}

void wsr_put_time(struct wsr_page *page, uint64_t ms)
{
    if (ms < 1000)
        wsq_text_printf(&page->text, "%" PRIu64 " ms", ms);
    else if (ms < 60000)
        wsq_text_printf(&page->text, "%" PRIu64 ".%02u s", ms / 1000, (unsigned)(ms % 1000 / 10));
    else
        wsq_text_printf(&page->text, "%" PRIu64 " min %u s", ms / 60000,
                        (unsigned)(ms % 60000 / 1000));
}

void wsr_put_count(struct wsr_page *page, size_t n, const char *thing)
{
    wsr_put(page, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

/* What an id may hold in an address without being encoded; ids of scripts have nothing else. */
void wsr_put_anchor(struct wsr_page *page, const char *id)
{
    wsr_put(page, "case-");
    for (; *id; id++) {
        bool plain = (*id >= 'a' && *id <= 'z') || (*id >= 'A' && *id <= 'Z') ||
                     (*id >= '0' && *id <= '9') || strchr("._~/-", *id);

        wsq_text_add(&page->text, plain ? id : "-", 1);
    }
}

void wsr_put_case_link(struct wsr_page *page, const char *id)
{
    wsr_put(page, "<a class=\"id\" href=\"#");
    wsr_put_anchor(page, id);
    wsr_put(page, "\">");
    wsr_put_limited(page, id, 200);
    wsr_put(page, "</a>");
}

void wsr_put_place(struct wsr_page *page, const struct wsq_requirement *row)
{
    char place[64];

    wsq_requirement_place(row, place, sizeof place);
    wsr_put(page,
            "<a href=\"https://www.rfc-editor.org/rfc/rfc%s#section-%s\" "
            "rel=\"noreferrer\">%s</a> <b class=\"level\">%s</b>",
            row->rfc, row->section, place, row->level);
}

void wsr_put_prose(struct wsr_page *page, const char *text)
{
    bool code = false;

    for (size_t n; *text; text += n + (text[n] == '`')) {
        n = strcspn(text, "`");
        wsr_escape(&page->text, text, n);
        if (text[n] != '`')
            continue;
        wsr_put(page, code ? "</code>" : "<code>");
        code = !code;
    }
    if (code)
        wsr_put(page, "</code>");
}

void wsr_put_copied(struct wsr_page *page, const char *text, size_t limit)
{
    wsr_put(page, "<pre class=\"copied\">");
    wsr_put_limited(page, text, limit);
    wsr_put(page, "</pre>\n");
}
