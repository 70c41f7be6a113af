/* The frames of a recording: messages, or frames as they were. */
#include "record_parts.h"

#include <wsc/utf8.h>

/* ---- steps ---- */

static bool is_odd(const struct record_side *side, const struct wsc_frame *f, bool sent)
{
    unsigned form = f->length < 126 ? 7 : f->length < 65536 ? 16 : 64;
    bool control = wsc_is_control(f->opcode);
    bool known = control ? f->opcode <= WSC_PONG : f->opcode <= WSC_BINARY;
    if (f->rsv || !known || f->masked != sent || f->form != form)
        return true;
    return control ? !f->fin || f->length > WSC_CONTROL_MAX
                   : (f->opcode == WSC_CONT) != side->in_message;
}

static const char *verb_of(uint8_t opcode)
{
    static const char *const verbs[16] = {
        [WSC_CONT] = "cont",   [WSC_TEXT] = "text", [WSC_BINARY] = "binary",
        [WSC_CLOSE] = "close", [WSC_PING] = "ping", [WSC_PONG] = "pong"};
    return verbs[opcode];
}

/* Of a message in pieces no setting's value could be found. */
static bool put_payload(struct wsh_record *record, struct record_line *line,
                        const struct record_bytes *payload, bool piece)
{
    static const char nothing[] = "";
    const char *p = payload->bytes.p ? payload->bytes.p : nothing;
    if (payload->lost || (piece && record->setup.settings.count))
        return false;
    wsn_puts(&line->text, " ");
    return wsh_record_payload(record, line, (const uint8_t *)p, payload->bytes.n, true);
}

static void put_frame_end(struct record_line *line, const struct wsc_frame *f,
                          const struct record_bytes *payload, bool sent)
{
    bool data = !wsc_is_control(f->opcode);
    if (!f->fin || (data && !sent))
        wsn_printf(&line->text, " fin=%d", f->fin);
    if (f->rsv)
        wsn_printf(&line->text, " rsv=%s%s%s", f->rsv & WSC_RSV1 ? "1" : "",
                   f->rsv & WSC_RSV2 ? "2" : "", f->rsv & WSC_RSV3 ? "3" : "");
    if (sent && !f->masked)
        wsn_puts(&line->text, " mask=none");
    unsigned form = f->length < 126 ? 7 : f->length < 65536 ? 16 : 64;
    if (sent && (f->form != form || payload->bytes.n != f->length))
        wsn_printf(&line->text, " len=%u:%llu", f->form, (unsigned long long)f->length);
}

/* One frame as it was: `> text "x" fin=0`, `< frame text "x" rsv=1`. */
static void write_frame(struct wsh_record *record, struct record_conn *conn,
                        const struct wsc_frame *f, const struct record_bytes *payload, bool sent,
                        uint64_t now)
{
    struct record_line line = {0};
    const char *verb = verb_of(f->opcode);
    bool piece = !wsc_is_control(f->opcode) && (!f->fin || f->opcode == WSC_CONT);
    bool word = verb && !(sent && f->opcode == WSC_CLOSE);
    wsn_puts(&line.text, sent ? "> " : "< frame ");
    if (word)
        wsn_puts(&line.text, verb);
    else
        wsn_printf(&line.text, "%sopcode=%u", sent ? "frame " : "", f->opcode);
    if (!put_payload(record, &line, payload, piece)) {
        wsh_record_drop_line(&line);
        wsh_record_leave_out(record, conn, "a frame of %llu bytes %s the server",
                             (unsigned long long)f->length, sent ? "to" : "of");
        return;
    }
    put_frame_end(&line, f, payload, sent);
    wsh_record_step(record, conn, &line, !sent, now);
}

static bool is_echo(const struct record_conn *conn, uint8_t opcode,
                    const struct record_bytes *message)
{
    const struct record_bytes *said = &conn->said;
    return message->bytes.n > RECORD_INLINE_MAX && conn->said_opcode == opcode && !said->lost &&
           !message->lost && said->bytes.n == message->bytes.n &&
           memcmp(said->bytes.p, message->bytes.p, message->bytes.n) == 0;
}

static void write_message(struct wsh_record *record, struct record_conn *conn, bool sent,
                          uint64_t now)
{
    struct record_side *side = wsh_record_side(conn, sent);
    struct record_line line = {0};
    if (!sent && is_echo(conn, side->opcode, &side->message)) {
        wsh_record_word(record, conn, "< echo", true, now);
        return;
    }
    wsn_printf(&line.text, "%c %s", sent ? '>' : '<', verb_of(side->opcode));
    bool whole = put_payload(record, &line, &side->message, false);
    if (!whole) { /* any message of that type */
        wsh_record_drop_line(&line);
        wsh_record_leave_out(record, conn, "the content of a large message %s the server",
                             sent ? "to" : "of");
        wsn_printf(&line.text, "< %s", verb_of(side->opcode));
    }
    if (whole || !sent)
        wsh_record_step(record, conn, &line, !sent, now);
    wsh_record_drop_line(&line);
    if (sent) {
        wsh_record_forget(&conn->said);
        conn->said = side->message;
        conn->said_opcode = side->opcode;
        side->message = (struct record_bytes){0};
    }
}

static void write_control(struct wsh_record *record, struct record_conn *conn, const char *arrow,
                          uint8_t opcode, uint64_t now)
{
    bool sent = *arrow == '>';
    struct record_line line = {0};
    const struct record_bytes *payload = &wsh_record_side(conn, sent)->control;
    wsn_printf(&line.text, "%s %s", arrow, verb_of(opcode));
    if (payload->bytes.n)
        put_payload(record, &line, payload, false);
    wsh_record_step(record, conn, &line, !sent, now);
}

void wsh_record_cut(struct wsh_record *record, struct record_conn *conn, uint64_t now)
{
    struct record_side *side = &conn->client;
    struct wsc_frame f = side->scan.frame;
    struct record_bytes none = {0};
    if (side->state != RECORD_FRAMES || wsc_scan_idle(&side->scan))
        return;
    if (side->scan.in_payload) {
        struct record_bytes *came = wsc_is_control(f.opcode) ? &side->control : &side->message;
        bool part = !wsc_is_control(f.opcode) && side->in_message && !side->framewise;
        if (part && f.opcode == WSC_CONT)
            wsh_record_leave_out(record, conn, "a message that the client did not finish");
        else
            write_frame(record, conn, &f, side->scan.done ? came : &none, true, now);
    } else {
        struct record_line line = {0};
        wsn_puts(&line.text, "> raw ");
        wsn_print_bytes(side->scan.head, side->scan.head_len, &line.text);
        wsh_record_step(record, conn, &line, false, now);
    }
    side->state = RECORD_NOTHING;
}

/* ---- pings, pongs, Closes ---- */

static void add_ping(struct record_side *side)
{
    enum { MOST = sizeof side->pings / sizeof side->pings[0] };
    if (side->ping_count == MOST) {
        wsn_buffer_drop(&side->pings[0]);
        memmove(side->pings, side->pings + 1, (MOST - 1) * sizeof side->pings[0]);
        side->ping_count--;
    }
    side->pings[side->ping_count] = (struct wsn_buffer){0};
    wsn_put(&side->pings[side->ping_count++], side->control.bytes.p ? side->control.bytes.p : "",
            side->control.bytes.n);
}

/* The pong of `from` answers a ping of `to`, and those before it. */
static bool answers_ping(struct record_side *to, const struct record_side *from)
{
    const struct wsn_buffer *pong = &from->control.bytes;
    for (size_t i = to->ping_count; i-- > 0;) {
        if (to->pings[i].n != pong->n || (pong->n && memcmp(to->pings[i].p, pong->p, pong->n) != 0))
            continue;
        for (size_t k = 0; k <= i; k++)
            wsn_buffer_drop(&to->pings[k]);
        to->ping_count -= i + 1;
        memmove(to->pings, to->pings + i + 1, to->ping_count * sizeof to->pings[0]);
        return true;
    }
    return false;
}

static void write_close(struct wsh_record *record, struct record_conn *conn, bool sent,
                        const struct wsc_frame *f, uint64_t now)
{
    const struct record_bytes *payload = &wsh_record_side(conn, sent)->control;
    const uint8_t *p = (const uint8_t *)payload->bytes.p;
    size_t n = payload->bytes.n;
    struct record_line line = {0};
    bool text = n != 1 && (n <= 2 || wsc_utf8_valid(p + 2, n - 2));
    wsn_printf(&line.text, "%c close", sent ? '>' : '<');
    if (text && n >= 2)
        wsn_printf(&line.text, " %u", p[0] * 256u + p[1]);
    if (text && n > 2) {
        size_t at = line.text.n;
        wsn_puts(&line.text, " ");
        wsh_record_payload(record, &line, p + 2, n - 2, false);
        text = line.text.p && line.text.p[at + 1] == '"';
    }
    if (text) {
        wsh_record_step(record, conn, &line, !sent, now);
        return;
    }
    wsh_record_drop_line(&line);
    write_frame(record, conn, f, payload, sent, now);
}

static void on_control(struct wsh_record *record, struct record_conn *conn, bool sent,
                       const struct wsc_frame *f, uint64_t now)
{
    struct record_side *side = wsh_record_side(conn, sent), *other = wsh_record_side(conn, !sent);
    if (f->opcode == WSC_PING) {
        add_ping(side);
        if (sent)
            write_control(record, conn, ">", WSC_PING, now);
    } else if (f->opcode == WSC_PONG) {
        bool answer = answers_ping(other, side);
        if (answer != sent) /* ours come by themselves, and it may send some unasked */
            write_control(record, conn, sent ? ">" : "<", WSC_PONG, now);
    } else {
        bool answer = sent && other->closed;
        side->closed = true;
        if (!sent)
            wsh_record_cut(record, conn, now);
        if (!answer)
            write_close(record, conn, sent, f, now);
    }
}

/* ---- cutting ---- */

/* What has come of a message that turns out to be odd. */
static void begin_framewise(struct wsh_record *record, struct record_conn *conn, bool sent,
                            uint64_t now)
{
    struct record_side *side = wsh_record_side(conn, sent);
    side->framewise = true;
    if (!side->in_message)
        return;
    struct wsc_frame f = {.fin = false,
                          .opcode = side->opcode,
                          .masked = sent,
                          .form = 7,
                          .length = side->message.bytes.n};
    f.form = f.length < 126 ? 7 : f.length < 65536 ? 16 : 64;
    write_frame(record, conn, &f, &side->message, sent, now);
}

static void frame_ends(struct wsh_record *record, struct record_conn *conn, bool sent,
                       const struct wsc_frame *f, uint64_t now)
{
    struct record_side *side = wsh_record_side(conn, sent);
    bool control = wsc_is_control(f->opcode);
    if (control && !side->odd) {
        on_control(record, conn, sent, f, now);
        return;
    }
    if (control) {
        side->closed = side->closed || f->opcode == WSC_CLOSE;
        write_frame(record, conn, f, &side->control, sent, now);
    } else if (side->framewise) {
        write_frame(record, conn, f, &side->message, sent, now);
    } else if (f->fin) {
        write_message(record, conn, sent, now);
    }
    if (!control) {
        side->in_message = !f->fin;
        if (f->fin)
            wsh_record_forget(&side->message);
    }
}

static void on_piece(struct wsh_record *record, struct record_conn *conn, bool sent,
                     const struct wsc_piece *piece, uint64_t now)
{
    struct record_side *side = wsh_record_side(conn, sent);
    const struct wsc_frame *f = &piece->frame;
    bool control = wsc_is_control(f->opcode);
    struct record_bytes *payload = control ? &side->control : &side->message;
    if (piece->first) {
        side->odd = is_odd(side, f, sent);
        if (side->odd && !control && !side->framewise)
            begin_framewise(record, conn, sent, now);
        if (control || side->framewise || !side->in_message)
            wsh_record_forget(payload);
        if (!control && f->opcode != WSC_CONT)
            side->opcode = f->opcode;
    }
    wsh_record_collect(payload, piece->data, piece->len, RECORD_KEPT_MAX);
    if (piece->last)
        frame_ends(record, conn, sent, f, now);
}

/* Scanning unmasks in place: the bytes that are passed on stay as they are. */
void wsh_record_frames(struct wsh_record *record, struct record_conn *conn, bool sent,
                       const uint8_t *data, size_t len, uint64_t now)
{
    enum { PART = 16384 };
    uint8_t part[PART];
    struct record_side *side = wsh_record_side(conn, sent);
    for (size_t at = 0; at < len;) {
        size_t n = len - at < PART ? len - at : PART, from = 0, used;
        struct wsc_piece piece;
        memcpy(part, data + at, n);
        while (wsc_scan_next(&side->scan, part + from, n - from, &used, &piece)) {
            from += used;
            on_piece(record, conn, sent, &piece, now);
        }
        at += n;
    }
}
