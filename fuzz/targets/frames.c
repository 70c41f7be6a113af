/* frames - how TCP cuts a stream never changes what is seen, judged or answered, and the oracle
 * sees the same.
 *
 * Input: what is agreed, cut, then the bytes of an established connection.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/check.h>
#include <wsc/conn.h>
#include <wsc/frame.h>
#include <wsc/mask.h>
#include <wsf/deflate.h>
#include <wsf/opinion.h>

enum {
    SERVER = 1,  /* it is the sender */
    LIMITED = 2, /* messages, to so many bytes: */
    LIMIT = 300,
    TIGHT = 4, /* the smallest output buffer */
    DEFLATE = 8,
    TERMS = 16,       /* the bits from here on choose them */
    UNPACKED = 100000 /* the limit of what comes out of messages, if there is no other */
};

static uint64_t limit_of(uint8_t flags)
{
    return flags & LIMITED ? LIMIT : flags & DEFLATE ? UNPACKED : 0;
}

static enum wsc_role sender_of(uint8_t flags)
{
    return flags & SERVER ? WSC_SERVER : WSC_CLIENT;
}

/* What an observer sees: scan and check. */
struct watcher {
    struct wsc_scan scan;
    struct wsc_check check;
    struct wsc_findings findings;
    struct wsf_log seen;    /* heads and ends of frames, in order */
    struct wsf_log broken;  /* struct wsc_violation, in order */
    struct wsf_log payload; /* of all frames together, unmasked */
    struct wsf_log rebuilt; /* the stream, encoded anew from what was seen */
    struct wsc_inflate *inflate;
    uint64_t limit;
    struct wsf_log inflated; /* all that came out of compressed messages */
};

/* A piece of a compressed message. */
static void inflate_piece(struct watcher *watcher, const struct wsc_piece *piece)
{
    const uint8_t *data;
    size_t len;

    if (piece->first && piece->frame.opcode != WSC_CONT)
        wsc_inflate_begin(watcher->inflate, piece->frame.opcode, piece->at, watcher->limit);
    wsc_inflate_feed(watcher->inflate, piece);
    while (wsc_inflate_next(watcher->inflate, &data, &len, &watcher->findings) == WSC_INFLATED)
        wsf_log_put(&watcher->inflated, data, len);
}

static void note_piece(struct watcher *watcher, struct wsc_piece *piece)
{
    const struct wsc_frame *frame = &piece->frame;
    uint8_t head[WSC_HEAD_MAX];
    bool open;

    if (piece->first) {
        WSF_LAW(piece->done == 0);
        wsf_log_number(&watcher->seen, piece->at);
        wsf_log_number(&watcher->seen, frame->length);
        wsf_log_number(&watcher->seen,
                       frame->opcode | (uint64_t)frame->rsv << 8 | (uint64_t)frame->fin << 16 |
                           (uint64_t)frame->masked << 17 | (uint64_t)frame->form << 24);
        wsf_log_put(&watcher->rebuilt, head, wsc_frame_write(frame, head));
    }
    WSF_LAW(piece->len <= frame->length - piece->done);
    WSF_LAW(piece->last == (piece->done + piece->len == frame->length));
    wsf_log_put(&watcher->payload, piece->data, piece->len);
    if (piece->last)
        wsf_log_number(&watcher->seen, watcher->payload.n);
    open = watcher->check.message != 0;
    wsc_check_piece(&watcher->check, piece, &watcher->findings);
    if (watcher->check.compressed && frame->opcode <= WSC_BINARY &&
        (frame->opcode != WSC_CONT || open))
        inflate_piece(watcher, piece);
    /* Masking is its own inverse: the encoder and the mask give back what came. */
    if (frame->masked && piece->len > 0)
        wsc_mask(piece->data, piece->len, frame->key, piece->done);
    wsf_log_put(&watcher->rebuilt, piece->data, piece->len);
}

static void note_findings(struct watcher *watcher)
{
    for (size_t i = 0; i < watcher->findings.count; i++) {
        WSF_LAW(watcher->findings.list[i].rule < WSC_RULE_COUNT);
        WSF_LAW(wsc_rule_info(watcher->findings.list[i].rule)->sentence != NULL);
    }
    wsf_log_put(&watcher->broken, watcher->findings.list,
                watcher->findings.count * sizeof *watcher->findings.list);
    watcher->findings.count = 0;
}

static void watch(struct watcher *watcher, uint8_t flags, uint8_t cut, const uint8_t *data,
                  size_t size)
{
    struct wsc_deflate_terms terms = wsf_terms(flags / TERMS);
    struct wsf_cuts cuts;

    wsc_check_init(&watcher->check, sender_of(flags));
    watcher->limit = limit_of(flags);
    watcher->check.deflate = (flags & DEFLATE) != 0;
    if (flags & DEFLATE)
        watcher->inflate =
            wsc_inflate_new(&wsf_heap, sender_of(flags), &terms, WSC_INFLATE_OBSERVE);
    wsf_cuts_init(&cuts, cut);
    for (size_t at = 0; at < size;) {
        size_t n = wsf_cuts_next(&cuts, size - at), done = 0, used;
        uint8_t *in = wsf_copy(data + at, n);
        struct wsc_piece piece;

        while (wsc_scan_next(&watcher->scan, in + done, n - done, &used, &piece)) {
            WSF_LAW(used <= n - done);
            done += used;
            note_piece(watcher, &piece);
            note_findings(watcher);
        }
        WSF_LAW(done + used == n);
        free(in);
        at += n;
    }
    WSF_LAW(watcher->scan.offset == size);
}

/* What is left of the stream behind the last piece is the start of a head. */
static void check_rebuilt(const struct watcher *watcher, const uint8_t *data, size_t size)
{
    size_t n = watcher->rebuilt.n;

    WSF_LAW(n <= size && size - n < WSC_HEAD_MAX);
    WSF_LAW(n == 0 || memcmp(watcher->rebuilt.p, data, n) == 0);
    WSF_LAW(size == n || !wsc_scan_idle(&watcher->scan));
}

/* Field by field: between them a violation has bytes that mean nothing. */
static bool same_violations(const struct wsf_log *a, const struct wsf_log *b)
{
    const struct wsc_violation *one = (const void *)a->p, *other = (const void *)b->p;

    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n / sizeof *one; i++) {
        if (one[i].rule != other[i].rule || one[i].at != other[i].at)
            return false;
    }
    return true;
}

/* More was found at once than findings hold. */
static bool not_all(const struct watcher *watcher)
{
    return watcher->findings.total > watcher->broken.n / sizeof(struct wsc_violation);
}

static void watcher_drop(struct watcher *watcher)
{
    wsf_log_drop(&watcher->seen);
    wsf_log_drop(&watcher->broken);
    wsf_log_drop(&watcher->payload);
    wsf_log_drop(&watcher->rebuilt);
    wsf_log_drop(&watcher->inflated);
    wsc_inflate_free(watcher->inflate);
}

/* What an endpoint does: conn. */
struct endpoint {
    struct wsc_conn conn;
    uint8_t out[1024];
    uint32_t keys;
    struct wsf_log events; /* all but the content of messages */
    struct wsf_log whole;  /* messages that came to their end */
    struct wsf_log part;   /* the message at hand */
    struct wsf_log written;
    struct wsc_violation why; /* it failed the connection */
};

static void next_key(void *context, uint8_t key[4])
{
    uint32_t *keys = context;

    *keys = *keys * 1664525u + 1013904223u;
    memcpy(key, keys, 4);
}

static void write_out(struct endpoint *endpoint)
{
    const uint8_t *bytes;
    size_t n;

    while ((n = wsc_conn_output(&endpoint->conn, &bytes)) > 0) {
        wsf_log_put(&endpoint->written, bytes, n);
        wsc_conn_written(&endpoint->conn, n);
    }
}

static void note_event(struct endpoint *endpoint, const struct wsc_event *event)
{
    if (event->kind == WSC_EVENT_DATA) {
        WSF_LAW(event->opcode == WSC_TEXT || event->opcode == WSC_BINARY);
        if (event->first)
            WSF_LAW(endpoint->part.n == 0);
        wsf_log_put(&endpoint->part, event->data, event->len);
        if (!event->last)
            return;
        wsf_log_number(&endpoint->events, event->opcode);
        wsf_log_number(&endpoint->events, endpoint->part.n);
        wsf_log_put(&endpoint->whole, endpoint->part.p, endpoint->part.n);
        endpoint->part.n = 0;
        return;
    }
    wsf_log_number(&endpoint->events, 0x100u | (uint64_t)event->kind);
    if (event->kind == WSC_EVENT_FAIL) {
        endpoint->why = event->violation;
        wsf_log_number(&endpoint->events, event->code);
        return;
    }
    if (event->kind == WSC_EVENT_CLOSE)
        wsf_log_number(&endpoint->events, event->code);
    wsf_log_number(&endpoint->events, event->len);
    wsf_log_put(&endpoint->events, event->data, event->len);
}

static void act(struct endpoint *endpoint, uint8_t flags, uint8_t cut, const uint8_t *data,
                size_t size)
{
    struct wsc_deflate_terms terms = wsf_terms(flags / TERMS);
    struct wsc_conn_config config = {
        .role = flags & SERVER ? WSC_CLIENT : WSC_SERVER,
        .max_message = limit_of(flags),
        .key = next_key,
        .context = &endpoint->keys,
    };
    struct wsf_cuts cuts;
    struct wsc_event event;

    if (flags & DEFLATE) {
        config.inflate = wsc_inflate_new(&wsf_heap, sender_of(flags), &terms, WSC_INFLATE_STRICT);
        config.deflate = wsc_deflate_new(&wsf_heap, config.role, &terms, 1);
    }
    wsc_conn_init(&endpoint->conn, &config, endpoint->out,
                  flags & TIGHT ? 256 : sizeof endpoint->out);
    wsf_cuts_init(&cuts, cut);
    WSF_LAW(!wsc_conn_next(&endpoint->conn, &event));
    for (size_t at = 0; at < size;) {
        size_t n = wsf_cuts_next(&cuts, size - at);
        uint8_t *in = wsf_copy(data + at, n);
        unsigned idle = 0;

        WSF_LAW(wsc_conn_hungry(&endpoint->conn));
        wsc_conn_feed(&endpoint->conn, in, n);
        while (!wsc_conn_hungry(&endpoint->conn) && idle < 2) {
            idle++;
            while (wsc_conn_next(&endpoint->conn, &event)) {
                note_event(endpoint, &event);
                idle = 0;
            }
            write_out(endpoint);
        }
        WSF_LAW(wsc_conn_hungry(&endpoint->conn));
        free(in);
        at += n;
    }
    write_out(endpoint);
}

static void endpoint_drop(struct endpoint *endpoint)
{
    wsf_log_drop(&endpoint->events);
    wsf_log_drop(&endpoint->whole);
    wsf_log_drop(&endpoint->part);
    wsf_log_drop(&endpoint->written);
    wsc_inflate_free(endpoint->conn.config.inflate);
    wsc_deflate_free(endpoint->conn.config.deflate);
}

/* The oracle's words in the endpoint's. */
struct opinion {
    struct wsf_log events, whole;
    struct wso_event last;
};

static void hear(void *context, const struct wso_event *event)
{
    static const unsigned kinds[] = {
        [WSO_TEXT] = WSC_TEXT,
        [WSO_BINARY] = WSC_BINARY,
        [WSO_PING] = 0x100 | WSC_EVENT_PING,
        [WSO_PONG] = 0x100 | WSC_EVENT_PONG,
        [WSO_CLOSE] = 0x100 | WSC_EVENT_CLOSE,
        [WSO_BROKEN] = 0x100 | WSC_EVENT_FAIL,
    };
    struct opinion *opinion = context;
    bool message = event->kind == WSO_TEXT || event->kind == WSO_BINARY;

    wsf_log_number(&opinion->events, kinds[event->kind]);
    if (event->kind == WSO_CLOSE || event->kind == WSO_BROKEN)
        wsf_log_number(&opinion->events, event->code);
    if (event->kind != WSO_BROKEN)
        wsf_log_number(&opinion->events, event->len);
    wsf_log_put(message ? &opinion->whole : &opinion->events, event->data, event->len);
    opinion->last = *event;
}

static struct wso_stream stream_of(uint8_t flags, const uint8_t *data, size_t size,
                                   uint8_t *scratch)
{
    static uint8_t room[WSO_WINDOW_MAX + UNPACKED];
    static struct wso_deflate agreed;
    struct wsc_deflate_terms terms = wsf_terms(flags / TERMS);

    agreed = wsf_agreed(&terms, room);
    return (struct wso_stream){.data = data,
                               .len = size,
                               .from_client = !(flags & SERVER),
                               .max_message = limit_of(flags),
                               .scratch = scratch,
                               .deflate = flags & DEFLATE ? &agreed : NULL};
}

/* What the endpoint saw is what the oracle sees, and it failed for a reason that the oracle gives.
 */
static void check_opinion(const struct endpoint *endpoint, const struct wso_stream *stream)
{
    struct opinion opinion = {0};

    wso_frames(stream, hear, &opinion);
    WSF_LAW(wsf_log_same(&opinion.events, &endpoint->events));
    WSF_LAW(wsf_log_same(&opinion.whole, &endpoint->whole));
    if (endpoint->why.rule != WSC_RULE_NONE && !stream->deflate) {
        WSF_LAW(endpoint->why.at >= opinion.last.frame);
        WSF_LAW(opinion.last.code != 1007 || endpoint->why.at == opinion.last.at);
    }
    wsf_log_drop(&opinion.events);
    wsf_log_drop(&opinion.whole);
}

static void note(void *context, const struct wso_violation *violation)
{
    wsf_log_put(context, violation, sizeof *violation);
}

static void check_violations(const struct watcher *watcher, const struct wso_stream *stream)
{
    size_t kept = watcher->broken.n / sizeof(struct wsc_violation);
    struct wsf_log notes = {0};

    wso_violations(stream, note, &notes);
    wsf_agree((const void *)watcher->broken.p, kept, watcher->findings.total, (const void *)notes.p,
              notes.n / sizeof(struct wso_violation));
    wsf_log_drop(&notes);
}

/* Our own output is legal: an observer in the peer's place finds nothing. */
static void check_output(const struct endpoint *endpoint, uint8_t flags)
{
    struct watcher watcher = {0};

    watch(&watcher, (flags & SERVER) ^ SERVER, 0, endpoint->written.p, endpoint->written.n);
    WSF_LAW(watcher.check.broken.rule == WSC_RULE_NONE);
    WSF_LAW(wsc_scan_idle(&watcher.scan));
    watcher_drop(&watcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsf_input input = {data, size};
    uint8_t flags = wsf_byte(&input), cut = wsf_byte(&input);
    struct watcher whole = {0}, pieces = {0};
    struct endpoint one = {0}, other = {0};
    uint8_t *scratch = wsf_copy(input.p, input.n);
    struct wso_stream stream;

    watch(&whole, flags, 0, input.p, input.n);
    check_rebuilt(&whole, input.p, input.n);
    watch(&pieces, flags, cut, input.p, input.n);
    check_rebuilt(&pieces, input.p, input.n);
    WSF_LAW(wsf_log_same(&whole.seen, &pieces.seen));
    WSF_LAW(not_all(&whole) || not_all(&pieces) || same_violations(&whole.broken, &pieces.broken));
    WSF_LAW(wsf_log_same(&whole.payload, &pieces.payload));
    WSF_LAW(wsf_log_same(&whole.inflated, &pieces.inflated));
    WSF_LAW(whole.findings.total == pieces.findings.total);
    WSF_LAW(memcmp(whole.findings.occasions, pieces.findings.occasions,
                   sizeof whole.findings.occasions) == 0);
    WSF_LAW(whole.check.broken.rule == pieces.check.broken.rule &&
            whole.check.broken.at == pieces.check.broken.at);

    act(&one, flags, 0, input.p, input.n);
    act(&other, flags, cut, input.p, input.n);
    WSF_LAW(wsf_log_same(&one.events, &other.events));
    WSF_LAW(wsf_log_same(&one.whole, &other.whole));
    WSF_LAW(wsf_log_same(&one.written, &other.written));
    WSF_LAW(one.conn.failed == other.conn.failed &&
            wsc_conn_finished(&one.conn) == wsc_conn_finished(&other.conn));
    WSF_LAW(one.why.rule == other.why.rule && one.why.at == other.why.at);
    check_output(&one, flags);
    stream = stream_of(flags, input.p, input.n, scratch);
    check_violations(&whole, &stream);
    check_opinion(&one, &stream);
    free(scratch);

    watcher_drop(&whole);
    watcher_drop(&pieces);
    endpoint_drop(&one);
    endpoint_drop(&other);
    return 0;
}
