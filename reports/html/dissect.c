#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/scan.h>

#include "escape.h"
#include "html/page.h"

/* Bytes in a row. */
enum { COLUMN = 8 };

static const char *opcode_name(unsigned opcode)
{
    static const char *const names[16] = {
        [WSC_CONT] = "continuation", [WSC_TEXT] = "text", [WSC_BINARY] = "binary",
        [WSC_CLOSE] = "close",       [WSC_PING] = "ping", [WSC_PONG] = "pong"};

    return names[opcode] ? names[opcode] : opcode & 8 ? "reserved, control" : "reserved";
}

/* RFC 6455, section 7.4.1, and what was registered since. */
static const char *code_name(unsigned code)
{
    static const char *const names[] = {"normal closure",
                                        "going away",
                                        "protocol error",
                                        "unsupported data",
                                        "reserved",
                                        "no status, never on the wire",
                                        "abnormal closure, never on the wire",
                                        "invalid payload data",
                                        "policy violation",
                                        "message too big",
                                        "mandatory extension",
                                        "internal error",
                                        "service restart",
                                        "try again later",
                                        "bad gateway",
                                        "TLS handshake, never on the wire"};

    if (code >= 1000 && code < 1000 + sizeof names / sizeof names[0])
        return names[code - 1000];
    if (code < 1000)
        return "not used";
    return code < 3000   ? "unassigned"
           : code < 4000 ? "registered"
           : code < 5000 ? "private"
                         : "not used";
}

/* ---- the header ---- */

/* The eight bits of a byte, those that are not in the mask as dots: "1... ....". */
static void put_bits(struct wsr_page *page, uint8_t byte, uint8_t mask)
{
    for (unsigned bit = 0x80; bit; bit >>= 1) {
        wsq_text_puts(&page->text, !(mask & bit) ? "." : byte & bit ? "1" : "0");
        if (bit == 0x10)
            wsq_text_puts(&page->text, " ");
    }
}

/* A row: the byte, or nothing when the row above shows it, the bits of a field, and its name. */
static void put_field(struct wsr_page *page, const uint8_t *byte, bool again, uint8_t mask,
                      const char *name)
{
    wsr_put_hex(page, byte, again ? 0 : 1, COLUMN);
    wsr_put(page, " <span class=\"bits\">");
    put_bits(page, *byte, mask);
    wsr_put(page, "</span>  %s", name);
}

static void put_first(struct wsr_page *page, const uint8_t *byte, const struct wsc_frame *frame)
{
    put_field(page, byte, false, 0x80, "FIN     ");
    wsr_put(page, frame->fin ? "1, the last of its message\n" : "0, more of its message follows\n");
    put_field(page, byte, true, 0x70, "RSV     ");
    wsr_put(page, "%s\n",
            frame->rsv == 0          ? "0"
            : frame->rsv == WSC_RSV1 ? "RSV1: compressed, if that was agreed"
                                     : "set, and no extension uses it");
    put_field(page, byte, true, 0x0F, "opcode  ");
    wsr_put(page, "%u, %s\n", (unsigned)frame->opcode, opcode_name(frame->opcode));
}

static void put_second(struct wsr_page *page, const uint8_t *byte, const struct wsc_frame *frame)
{
    put_field(page, byte, false, 0x80, "MASK    ");
    wsr_put(page, frame->masked ? "1, masked\n" : "0, not masked\n");
    put_field(page, byte, true, 0x7F, "length  ");
    if (frame->form == 16 || frame->form == 64)
        wsr_put(page, "%u: in the next %u bytes\n", (unsigned)(*byte & 0x7F),
                (unsigned)(frame->form / 8));
    else
        wsr_put(page, "%u\n", (unsigned)(*byte & 0x7F));
}

/* Returns how many bytes the header took. */
static size_t put_header(struct wsr_page *page, const uint8_t *bytes, const struct wsc_frame *frame)
{
    size_t n = 2, more = frame->form == 16 ? 2 : frame->form == 64 ? 8 : 0;

    put_first(page, bytes, frame);
    put_second(page, bytes + 1, frame);
    if (more > 0) {
        wsr_put_hex(page, bytes + n, more, COLUMN);
        wsq_text_printf(&page->text, "            length  %" PRIu64 "\n", frame->length);
        n += more;
    }
    if (frame->masked) {
        wsr_put_hex(page, bytes + n, 4, COLUMN);
        wsr_put(page, "            masking key\n");
        n += 4;
    }
    return n;
}

/* ---- the payload ---- */

static void put_payload(struct wsr_page *page, const uint8_t *wire, const uint8_t *clear, size_t n,
                        bool masked, const char *name)
{
    for (size_t i = 0; i < n; i += COLUMN) {
        size_t m = n - i < COLUMN ? n - i : COLUMN;

        wsr_put_hex(page, wire + i, m, COLUMN);
        wsr_put(page, " ");
        if (masked) {
            wsr_put(page, "<span class=\"bits\">");
            wsr_put_hex(page, clear + i, m, COLUMN);
            wsr_put(page, "</span> ");
        }
        wsr_put_ascii(page, clear + i, m);
        if (i == 0) {
            for (size_t pad = m; pad < COLUMN; pad++)
                wsr_put(page, " ");
            wsr_put(page, "  <span class=\"note\">%s%s</span>", name,
                    masked ? ", and unmasked" : "");
        }
        wsr_put(page, "\n");
    }
}

static void put_code(struct wsr_page *page, const uint8_t *wire, const uint8_t *clear, bool masked)
{
    unsigned code = (unsigned)clear[0] << 8 | clear[1];

    wsr_put_hex(page, wire, 2, COLUMN);
    wsr_put(page, " ");
    if (masked) {
        wsr_put(page, "<span class=\"bits\">");
        wsr_put_hex(page, clear, 2, COLUMN);
        wsr_put(page, "</span> ");
    }
    wsr_put(page, "code %u  <span class=\"note\">%s</span>\n", code, code_name(code));
}

static void put_body(struct wsr_page *page, const uint8_t *wire, const struct wsc_piece *piece)
{
    const uint8_t *clear = piece->data;
    bool close = piece->frame.opcode == WSC_CLOSE && piece->len >= 2;
    size_t from = close ? 2 : 0;

    if (close)
        put_code(page, wire, clear, piece->frame.masked);
    put_payload(page, wire + from, clear + from, piece->len - from, piece->frame.masked,
                close ? "reason" : "payload");
}

/* The bytes say themselves how long the frame is; when the chunk is as long, it is that frame. */
static bool is_frame(const struct wsq_wire *wire, const struct wsc_piece *piece)
{
    return piece->at == 0 && piece->frame.length <= wire->length &&
           wsc_piece_at(piece) + piece->frame.length == wire->length;
}

bool wsr_put_frame(struct wsr_page *page, const struct wsq_wire *wire, size_t limit)
{
    size_t n = limit < wire->kept ? limit : wire->kept, used;
    uint8_t *clear = malloc(n + 1);
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    bool found;

    if (!clear) {
        page->text.failed = true;
        return true;
    }
    memcpy(clear, wire->bytes, n);
    found = wsc_scan_next(&scan, clear, n, &used, &piece) && is_frame(wire, &piece);
    if (found)
        put_body(page, wire->bytes + put_header(page, wire->bytes, &piece.frame), &piece);
    free(clear);
    return found;
}
