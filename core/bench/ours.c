#include <stdlib.h>

#include <wsc/check.h>
#include <wsc/conn.h>
#include <wsc/deflate.h>
#include <wsc/handshake.h>
#include <wsc/utf8.h>

#include "bench.h"

extern const struct wsc_memory bench_memory;
extern const struct wsc_deflate_terms bench_terms;

struct state {
    struct wsc_scan scan;
    struct wsc_check check;
    struct wsc_findings findings;
    struct wsc_conn conn;
    uint8_t out[256];
    uint8_t in[BENCH_READ];
};

static void *open_state(void)
{
    struct state *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    wsc_check_init(&s->check, WSC_CLIENT);
    struct wsc_conn_config config = {.role = WSC_SERVER};
    wsc_conn_init(&s->conn, &config, s->out, sizeof s->out);
    return s;
}

/* A message goes out piece by piece, as the bytes come. */
static void decode(struct state *s, const struct bench_stream *stream, struct wsc_findings *f,
                   struct bench_seen *seen)
{
    struct bench_source source = {stream->bytes, stream->len, stream->read};
    _Alignas(64) struct wsc_piece piece; /* one line of the cache */
    size_t n, used;
    while ((n = bench_read(&source, s->in, sizeof s->in)) != 0) {
        for (uint8_t *in = s->in; n != 0; in += used, n -= used) {
            if (!wsc_scan_next(&s->scan, in, n, &used, &piece))
                break;
            wsc_check_piece(&s->check, &piece, f);
            if (s->check.broken.rule != WSC_RULE_NONE)
                return;
            bench_see(seen, piece.data, piece.len, piece.last && piece.frame.fin);
        }
    }
}

static void frames(void *state, const struct bench_stream *stream, struct bench_seen *seen)
{
    decode(state, stream, NULL, seen);
}

static void frames_findings(void *state, const struct bench_stream *stream, struct bench_seen *seen)
{
    struct state *s = state;
    decode(s, stream, &s->findings, seen);
}

static void frames_conn(void *state, const struct bench_stream *stream, struct bench_seen *seen)
{
    struct state *s = state;
    struct bench_source source = {stream->bytes, stream->len, stream->read};
    struct wsc_event event;
    size_t n;
    while ((n = bench_read(&source, s->in, sizeof s->in)) != 0) {
        wsc_conn_feed(&s->conn, s->in, n);
        while (wsc_conn_next(&s->conn, &event))
            if (event.kind == WSC_EVENT_DATA)
                bench_see(seen, event.data, event.len, event.last);
    }
}

static bool handshake(const uint8_t *data, size_t len, uint64_t *fields)
{
    static struct wsc_head head;
    bool is = wsc_http_request(data, len, 65536, &head, NULL) == WSC_HTTP_DONE &&
              wsc_request_check(&head, NULL);
    for (size_t i = 0; fields != NULL && i < head.count; i++) {
        const struct wsc_header *h = &head.headers[i];
        bench_field(fields, h->name.p, h->name.n, h->value.p, h->value.n);
    }
    return is;
}

static size_t inflate_message(const uint8_t *data, size_t len, uint8_t *out, size_t size)
{
    static struct wsc_inflate *inflate;
    if (inflate == NULL)
        inflate = wsc_inflate_new(&bench_memory, WSC_CLIENT, &bench_terms, WSC_INFLATE_STRICT);
    struct wsc_piece piece = {.frame = {.fin = true, .rsv = WSC_RSV1, .opcode = WSC_TEXT},
                              .data = (uint8_t *)(uintptr_t)data,
                              .len = len,
                              .first = true,
                              .last = true};
    piece.frame.length = len;
    piece.frame.form = len > 125 ? 16 : 7;
    wsc_inflate_begin(inflate, WSC_TEXT, 0, size);
    wsc_inflate_feed(inflate, &piece);
    size_t total = 0, n;
    const uint8_t *part;
    while (wsc_inflate_next(inflate, &part, &n, NULL) == WSC_INFLATED) {
        memcpy(out + total, part, n);
        total += n;
    }
    return total;
}

const struct bench_contender bench_wsc = {"wsc",          open_state, free,           frames,
                                          wsc_utf8_valid, handshake,  inflate_message};
const struct bench_contender bench_wsc_findings = {
    "wsc, all noted", open_state, free, frames_findings, NULL, NULL, NULL};
const struct bench_contender bench_wsc_conn = {"wsc conn", open_state, free, frames_conn,
                                               NULL,       NULL,       NULL};
