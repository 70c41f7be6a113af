#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"

/* ---- scripts and transcripts ---- */

enum {
    MARKS = 8
}; /* more lines than this are not marked: the search must not grow with hostile lists */

static bool is_marked(const struct wsq_fault *faults, size_t count, unsigned line)
{
    for (size_t i = 0; i < count && i < MARKS; i++)
        if (faults[i].line == line)
            return true;
    return false;
}

/* Who speaks in a line: its first word ends with '>' or '<', as in `bob> text "hi"`. */
static const char *speaker(const char *p, size_t n)
{
    size_t begin = 0, end;

    while (begin < n && p[begin] == ' ')
        begin++;
    for (end = begin; end < n && p[end] != ' ';)
        end++;
    if (end == begin)
        return NULL;
    if (p[begin] == '#')
        return "note";
    if (p[end - 1] == '>')
        return "us";
    return p[end - 1] == '<' ? "peer" : NULL;
}

static void put_line(struct wsr_page *page, const char *p, size_t n, bool marked)
{
    const char *who = speaker(p, n);

    if (marked)
        wsr_put(page, "<mark>");
    if (who)
        wsr_put(page, "<span class=\"%s\">", who);
    wsr_escape(&page->text, p, n);
    if (who)
        wsr_put(page, "</span>");
    if (marked)
        wsr_put(page, "</mark>");
    wsr_put(page, "\n");
}

void wsr_put_code(struct wsr_page *page, const char *source, const struct wsq_fault *faults,
                  size_t fault_count, size_t limit)
{
    const char *p = source;
    unsigned line = 1;

    wsr_put(page, "<pre>");
    for (size_t n; *p && (size_t)(p - source) < limit; p += n + (p[n] == '\n'), line++) {
        n = strcspn(p, "\n");
        if ((size_t)(p - source) + n > limit)
            break;
        put_line(page, p, n, is_marked(faults, fault_count, line));
    }
    if (*p)
        wsr_put_limited(page, p, p == source ? limit : 0);
    wsr_put(page, "</pre>\n");
}

/* ---- bytes ---- */

enum { ROW = 16 };

static void put_row(struct wsr_page *page, uint64_t offset, const uint8_t *bytes, size_t n)
{
    char shown[ROW];

    wsq_text_printf(&page->text, "%06" PRIx64 " ", offset);
    for (size_t i = 0; i < ROW; i++) {
        if (i < n)
            wsq_text_printf(&page->text, "%s%02x", i == ROW / 2 ? "  " : " ", bytes[i]);
        else
            wsr_put(page, i == ROW / 2 ? "    " : "   ");
    }
    for (size_t i = 0; i < n; i++)
        shown[i] = bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char)bytes[i] : '.';
    wsr_put(page, "  ");
    wsr_escape(&page->text, shown, n);
    wsr_put(page, "\n");
}

static void put_heading(struct wsr_page *page, const struct wsq_wire *wire)
{
    wsr_put(page, "<p class=\"%s\"><b>%s</b> ", wire->sent ? "us" : "peer",
            wire->sent ? "sent" : "received");
    wsr_put_limited(page, wire->what, 80);
    if (wire->connection) {
        wsr_put(page, " <span>on ");
        wsr_put_limited(page, wire->connection, 80);
        wsr_put(page, "</span>");
    }
    wsq_text_printf(&page->text,
                    " <span>%" PRIu64 " byte%s at offset %" PRIu64 ", %" PRIu64 " ms</span></p>\n",
                    wire->length, wire->length == 1 ? "" : "s", wire->offset, wire->at_ms);
}

static size_t put_chunk(struct wsr_page *page, const struct wsq_wire *wire, size_t limit)
{
    size_t n = wire->kept < limit ? wire->kept : limit;

    put_heading(page, wire);
    if (n > 0)
        wsr_put(page, "<pre>");
    for (size_t i = 0; i < n; i += ROW)
        put_row(page, wire->offset + i, wire->bytes + i, n - i < ROW ? n - i : ROW);
    if (n > 0)
        wsr_put(page, "</pre>\n");
    if (n < wire->kept)
        wsr_put(page, "<p class=\"cut\">… %zu more bytes are in the JSON report</p>\n",
                wire->kept - n);
    else if (wire->kept < wire->length)
        wsr_put(page, "<p class=\"cut\">… the rest was not kept</p>\n");
    return n;
}

void wsr_put_bytes(struct wsr_page *page, const struct wsq_case *c, size_t limit)
{
    size_t chunk;

    if (c->wire_count == 0)
        return;
    wsr_put(page,
            "<details class=\"bytes\"><summary>Bytes <span class=\"n\">%zu</span></summary>\n",
            c->wire_count);
    for (chunk = 0; chunk < c->wire_count && limit > 0; chunk++)
        limit -= put_chunk(page, &c->wire[chunk], limit);
    if (chunk < c->wire_count)
        wsr_put(page, "<p class=\"cut\">… %zu more pieces are in the JSON report</p>\n",
                c->wire_count - chunk);
    wsr_put(page, "</details>\n");
}
