#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "html/page.h"

enum { ROW = 16 };

void wsr_put_hex(struct wsr_page *page, const uint8_t *bytes, size_t n, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        if (i < n)
            wsq_text_printf(&page->text, "%02x ", bytes[i]);
        else
            wsr_put(page, "   ");
    }
}

void wsr_put_ascii(struct wsr_page *page, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char shown = bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char)bytes[i] : '.';

        wsr_escape(&page->text, &shown, 1);
    }
}

static void put_dump(struct wsr_page *page, const struct wsq_wire *wire, size_t n)
{
    for (size_t i = 0; i < n; i += ROW) {
        size_t m = n - i < ROW ? n - i : ROW;

        wsq_text_printf(&page->text, "%06" PRIx64 "  ", wire->offset + i);
        wsr_put_hex(page, wire->bytes + i, m, ROW);
        wsr_put(page, " ");
        wsr_put_ascii(page, wire->bytes + i, m);
        wsr_put(page, "\n");
    }
}

/* A head is text; whatever else a byte of it is, it is shown as a script would write it. */
static void put_head(struct wsr_page *page, const struct wsq_wire *wire, size_t n)
{
    const char *p = (const char *)wire->bytes, *end = p + n;

    while (p < end) {
        const char *feed = memchr(p, '\n', (size_t)(end - p));
        size_t length = (size_t)((feed ? feed : end) - p);
        bool cr = feed && length > 0 && p[length - 1] == '\r';

        wsr_escape(&page->text, p, length - cr);
        if (feed)
            wsr_put(page, "<span class=\"note\">%s</span>\n", cr ? "\\r\\n" : "\\n");
        p += length + (feed != NULL);
    }
}

static bool is_head(const struct wsq_wire *wire)
{
    return wire->kept > 0 && wire->what &&
           (strcmp(wire->what, "request") == 0 || strcmp(wire->what, "response") == 0);
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
    if (n > 0) {
        wsr_put(page, "<pre class=\"wire\" tabindex=\"0\">");
        if (is_head(wire))
            put_head(page, wire, n);
        else if (!wsr_put_frame(page, wire, n))
            put_dump(page, wire, n);
        wsr_put(page, "</pre>\n");
    }
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
            "<details class=\"bytes\"><summary>Bytes on the wire <span class=\"n\">%zu</span>"
            "</summary>\n",
            c->wire_count);
    for (chunk = 0; chunk < c->wire_count && limit > 0; chunk++)
        limit -= put_chunk(page, &c->wire[chunk], limit);
    if (chunk < c->wire_count)
        wsr_put(page, "<p class=\"cut\">… %zu more pieces are in the JSON report</p>\n",
                c->wire_count - chunk);
    wsr_put(page, "</details>\n");
}
