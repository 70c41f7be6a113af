#include <assert.h>
#include <string.h>

#include <wsc/conn.h>
#include <wsc/frame.h>
#include <wsc/mask.h>

enum {
    CLOSE_ROOM = 2 + 4 + 2,               /* a Close with a code and no reason */
    ANSWER_ROOM = 2 + 4 + WSC_CONTROL_MAX /* a Pong */
};

void wsc_conn_init(struct wsc_conn *conn, const struct wsc_conn_config *config, uint8_t *out,
                   size_t out_size)
{
    assert(out_size >= 256);
    assert(config->role == WSC_SERVER || config->key != NULL);
    assert((config->inflate == NULL) == (config->deflate == NULL));
    memset(conn, 0, sizeof *conn);
    conn->config = *config;
    conn->out = out;
    conn->out_size = out_size;
    wsc_check_init(&conn->check, config->role == WSC_CLIENT ? WSC_SERVER : WSC_CLIENT);
    conn->check.deflate = config->inflate != NULL;
}

/* Output. */

/* Moves what is still to be written to the front when the room behind it is too small. */
static bool make_room(struct wsc_conn *conn, size_t need)
{
    if (conn->out_size - conn->out_len >= need)
        return true;
    size_t waiting = conn->out_len - conn->out_at;
    if (conn->out_size - waiting < need)
        return false;
    memmove(conn->out, conn->out + conn->out_at, waiting);
    conn->out_at = 0;
    conn->out_len = waiting;
    return true;
}

/* The payload may lie where the frame goes, behind the room for any header. */
static void put_frame(struct wsc_conn *conn, struct wsc_frame *frame, const uint8_t *payload)
{
    uint8_t *out = conn->out + conn->out_len;
    size_t len = (size_t)frame->length;
    if (frame->masked)
        conn->config.key(conn->config.context, frame->key);
    uint8_t head[WSC_HEAD_MAX];
    size_t n = wsc_frame_write(frame, head);
    if (len != 0)
        memmove(out + n, payload, len);
    memcpy(out, head, n);
    if (frame->masked)
        wsc_mask(out + n, len, frame->key, 0);
    conn->out_len += n + len;
}

/* 0, or -1 when the frame does not fit and nothing was written. */
static int write_frame(struct wsc_conn *conn, uint8_t opcode, bool fin, const uint8_t *data,
                       size_t len)
{
    struct wsc_frame frame = {.fin = fin, .opcode = opcode, .length = len};
    frame.masked = conn->config.role == WSC_CLIENT;
    size_t head_len = 2u + (frame.masked ? 4u : 0u) + (len > 65535 ? 8u : len > 125 ? 2u : 0u);
    if (len > conn->out_size || !make_room(conn, head_len + len))
        return -1;
    put_frame(conn, &frame, data);
    return 0;
}

/* The same for a part of a message, compressed; RSV1 is on its first frame. */
static int write_compressed(struct wsc_conn *conn, uint8_t opcode, bool fin, const uint8_t *data,
                            size_t len)
{
    struct wsc_frame frame = {.fin = fin, .opcode = opcode};
    size_t bound = wsc_deflate_bound(conn->config.deflate, len);
    if (len > conn->out_size || !make_room(conn, WSC_HEAD_MAX + bound))
        return -1;
    uint8_t *payload = conn->out + conn->out_len + WSC_HEAD_MAX;
    frame.masked = conn->config.role == WSC_CLIENT;
    frame.rsv = opcode == WSC_CONT ? 0 : WSC_RSV1;
    frame.length = wsc_deflate_part(conn->config.deflate, data, len, fin, payload, bound);
    put_frame(conn, &frame, payload);
    return 0;
}

static int write_close(struct wsc_conn *conn, uint16_t code, const char *reason, size_t len)
{
    uint8_t body[WSC_CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};
    if (len != 0)
        memcpy(body + 2, reason, len);
    if (write_frame(conn, WSC_CLOSE, true, body, code == 0 ? 0 : len + 2) != 0)
        return -1;
    conn->sent_close = true;
    return 0;
}

int wsc_conn_send(struct wsc_conn *conn, uint8_t opcode, bool fin, const uint8_t *data, size_t len)
{
    bool control = wsc_is_control(opcode);
    assert(control ? (opcode == WSC_PING || opcode == WSC_PONG) && fin && len <= WSC_CONTROL_MAX
                   : opcode == WSC_TEXT || opcode == WSC_BINARY);
    assert(control || conn->sending == 0 || conn->sending == opcode);
    if (conn->sent_close || conn->failed)
        return -1;
    bool goes_on = !control && conn->sending != 0;
    bool plain = control || conn->config.deflate == NULL;
    int (*write)(struct wsc_conn *, uint8_t, bool, const uint8_t *, size_t) =
        plain ? write_frame : write_compressed;
    if (write(conn, goes_on ? WSC_CONT : opcode, fin, data, len) != 0)
        return -1;
    if (!control)
        conn->sending = fin ? 0 : opcode;
    return 0;
}

int wsc_conn_close(struct wsc_conn *conn, uint16_t code, const char *reason, size_t len)
{
    assert(code == 0 ? len == 0 : wsc_close_code_sendable(code));
    assert(len <= WSC_CONTROL_MAX - 2);
    return conn->sent_close ? 0 : write_close(conn, code, reason, len);
}

size_t wsc_conn_output(const struct wsc_conn *conn, const uint8_t **bytes)
{
    *bytes = conn->out + conn->out_at;
    return conn->out_len - conn->out_at;
}

void wsc_conn_written(struct wsc_conn *conn, size_t len)
{
    assert(len <= conn->out_len - conn->out_at);
    conn->out_at += len;
    if (conn->out_at == conn->out_len)
        conn->out_at = conn->out_len = 0;
}

bool wsc_conn_finished(const struct wsc_conn *conn)
{
    return conn->sent_close && (conn->got_close || conn->failed) && conn->out_at == conn->out_len;
}

/* Input. */

static bool deaf(const struct wsc_conn *conn)
{
    return conn->got_close || conn->failed;
}

void wsc_conn_feed(struct wsc_conn *conn, uint8_t *in, size_t len)
{
    assert(wsc_conn_hungry(conn));
    conn->in = in;
    conn->in_len = len;
}

bool wsc_conn_hungry(const struct wsc_conn *conn)
{
    bool failing = conn->check.broken.rule != WSC_RULE_NONE;
    return deaf(conn) || (conn->in_len == 0 && !failing && !conn->inflating);
}

static bool fail(struct wsc_conn *conn, uint16_t code, struct wsc_violation why,
                 struct wsc_event *event)
{
    if (!conn->sent_close)
        write_close(conn, code, NULL, 0);
    conn->failed = true;
    *event = (struct wsc_event){.kind = WSC_EVENT_FAIL, .code = code, .violation = why};
    return true;
}

static bool fail_broken(struct wsc_conn *conn, struct wsc_event *event)
{
    return fail(conn, wsc_rule_info(conn->check.broken.rule)->close_code, conn->check.broken,
                event);
}

static void take_control(struct wsc_conn *conn, uint8_t opcode, struct wsc_event *event)
{
    const struct wsc_check *check = &conn->check;
    *event = (struct wsc_event){.data = check->control, .len = check->control_len};
    if (opcode == WSC_CLOSE) {
        event->kind = WSC_EVENT_CLOSE;
        event->code = wsc_close_code(check->control, check->control_len);
        event->data += check->control_len < 2 ? 0 : 2;
        event->len -= check->control_len < 2 ? 0 : 2;
        if (!conn->sent_close)
            write_close(conn, event->code, NULL, 0);
        conn->got_close = true;
    } else if (opcode == WSC_PING) {
        event->kind = WSC_EVENT_PING;
        /* After our own Close too: only the peer's ends this duty (section 5.5.2). */
        write_frame(conn, WSC_PONG, true, check->control, check->control_len);
    } else {
        event->kind = WSC_EVENT_PONG;
    }
}

/* Is the text bad, rather than the frame around it?  Then the bytes before the bad one still count.
 */
static bool broken_in_text(const struct wsc_conn *conn)
{
    enum wsc_rule rule = conn->check.broken.rule;
    return rule == WSC_RULE_TEXT_UTF8 || rule == WSC_RULE_TEXT_CUT;
}

/* Text goes out up to the bad byte, which the next call reports: so the events do not depend on how
 * the stream was cut. */
static bool take_data(struct wsc_conn *conn, const struct wsc_piece *piece, uint8_t message,
                      struct wsc_event *event)
{
    bool bad = broken_in_text(conn);
    bool first = piece->first && piece->frame.opcode != WSC_CONT;
    bool last = piece->last && piece->frame.fin && !bad;
    uint64_t data_at = conn->scan.offset - piece->len;
    size_t len = piece->len;
    if (bad && conn->check.broken.rule == WSC_RULE_TEXT_UTF8)
        len = (size_t)(conn->check.broken.at - data_at);
    *event = (struct wsc_event){.kind = WSC_EVENT_DATA,
                                .opcode = message,
                                .first = first,
                                .last = last,
                                .data = piece->data,
                                .len = len};
    return first || last || len != 0; /* reading them back from there would have to wait */
}

/* Counts the message by what its frames announce.  True: it is larger than the limit. */
static bool too_large(struct wsc_conn *conn, const struct wsc_frame *frame)
{
    if (frame->opcode != WSC_CONT)
        conn->message_len = 0;
    uint64_t limit = conn->config.max_message;
    if (limit != 0 && frame->length > limit - conn->message_len)
        return true;
    conn->message_len += frame->length;
    return false;
}

/* Compressed messages: their pieces go to the inflater, which then says what comes out. */
static void lend_piece(struct wsc_conn *conn, const struct wsc_piece *piece)
{
    struct wsc_inflate *inflate = conn->config.inflate;
    if (piece->first && piece->frame.opcode != WSC_CONT) {
        wsc_inflate_begin(inflate, piece->frame.opcode, piece->at, conn->config.max_message);
        conn->begun = false;
        conn->opcode = piece->frame.opcode;
        conn->message_at = piece->at;
    }
    wsc_inflate_feed(inflate, piece);
    conn->inflating = true;
}

/* True when it made an event. */
static bool take_inflated(struct wsc_conn *conn, struct wsc_event *event)
{
    struct wsc_violation why = {WSC_RULE_NONE, conn->message_at};
    const uint8_t *data = NULL;
    size_t len = 0;
    enum wsc_inflated said = wsc_inflate_next(conn->config.inflate, &data, &len, NULL);
    switch (said) {
    case WSC_INFLATE_HUNGRY:
        conn->inflating = false;
        return false;
    case WSC_INFLATE_LIMIT:
        return fail(conn, 1009, why, event);
    case WSC_INFLATE_NO_MEMORY:
        return fail(conn, 1011, why, event);
    case WSC_INFLATE_BROKEN:
        why = *wsc_inflate_broken(conn->config.inflate);
        return fail(conn, wsc_rule_info(why.rule)->close_code, why, event);
    case WSC_INFLATED:
    case WSC_INFLATE_END:
        break;
    }
    conn->inflating = said == WSC_INFLATED;
    *event = (struct wsc_event){.kind = WSC_EVENT_DATA,
                                .opcode = conn->opcode,
                                .first = !conn->begun,
                                .last = said == WSC_INFLATE_END,
                                .data = data,
                                .len = len};
    conn->begun = true;
    return true;
}

/* Follows one piece; true when it made an event. */
static bool take_piece(struct wsc_conn *conn, const struct wsc_piece *piece,
                       struct wsc_event *event)
{
    uint8_t opcode = piece->frame.opcode;
    bool begins = opcode == WSC_TEXT || opcode == WSC_BINARY;
    uint8_t message = begins ? opcode : conn->check.message;
    wsc_check_piece(&conn->check, piece, NULL);
    if (conn->check.broken.rule != WSC_RULE_NONE && !broken_in_text(conn))
        return fail_broken(conn, event);
    if (wsc_is_control(opcode)) {
        if (piece->last)
            take_control(conn, opcode, event);
        return piece->last;
    }
    if (conn->check.compressed) {
        lend_piece(conn, piece);
        return false;
    }
    if (piece->first && too_large(conn, &piece->frame))
        return fail(conn, 1009, (struct wsc_violation){WSC_RULE_NONE, piece->at}, event);
    return take_data(conn, piece, message, event);
}

bool wsc_conn_next(struct wsc_conn *conn, struct wsc_event *event)
{
    while (!deaf(conn)) {
        if (!make_room(conn, ANSWER_ROOM + CLOSE_ROOM))
            return false;
        if (conn->check.broken.rule != WSC_RULE_NONE)
            return fail_broken(conn, event);
        if (conn->inflating) {
            if (take_inflated(conn, event))
                return true;
            continue;
        }
        if (conn->in_len == 0) /* perhaps nothing was ever lent: no arithmetic on NULL */
            return false;
        struct wsc_piece piece;
        size_t used;
        bool found = wsc_scan_next(&conn->scan, conn->in, conn->in_len, &used, &piece);
        conn->in += used;
        conn->in_len -= used;
        if (!found)
            return false;
        if (take_piece(conn, &piece, event))
            return true;
    }
    conn->in_len = 0;
    return false;
}
