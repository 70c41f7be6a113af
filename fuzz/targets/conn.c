/* conn - the strict endpoint does what the oracle says it owes, at once, and nothing else.
 *
 * Whatever a peer sends, and however it is cut; while the endpoint itself sends messages and pings,
 * and sends a Close at any moment.
 *
 * Input: flags, cut, two bytes that say when it closes, then the bytes of an established
 * connection.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/conn.h>
#include <wsf/deflate.h>

enum {
    CLIENT = 1, /* the part that the endpoint plays */
    LIMITED = 2,
    TIGHT = 4,  /* the smallest output buffer */
    CLOSES = 8, /* of its own accord */
    TALKS = 16,
    SLOW = 32, /* writes out only when it must, and little */
    DEFLATE = 64,
    ALONE = 128, /* no context takeover; the cut chooses the window */
    LIMIT = 300,
    UNPACKED = 100000 /* the limit of what comes out of messages, if there is no other */
};

/* What went out beside data, or should have: a Pong or a Close. */
struct answer {
    struct wsf_log list; /* kind, code or length, payload; then when: so many bytes had come */
    size_t count;
};

struct endpoint {
    struct wsc_conn conn;
    struct wsc_deflate_terms terms;
    struct wso_deflate agreed;
    uint8_t out[1024], flags;
    uint32_t chance;
    uint64_t fed, closed; /* bytes of the peer's; how many of them before the own Close */
    unsigned code;        /* of the own Close */
    struct wsf_log written;
    struct wsf_log produced; /* pairs: bytes of output, fed when they were there */
    struct wsf_log ends;     /* where the pieces ended that were fed */
    struct wsf_log said;     /* whole messages and pings that were accepted to be sent */
    struct wsf_log part;     /* the message that is being sent */
    uint8_t part_opcode;
};

static uint32_t draw(struct endpoint *e, uint32_t below)
{
    e->chance = e->chance * 1664525u + 1013904223u;
    return (e->chance >> 16) % below;
}

static void next_key(void *context, uint8_t key[4])
{
    uint32_t word = draw(context, UINT16_MAX) * 65599u;

    memcpy(key, &word, 4);
}

static void write_out(struct endpoint *e, size_t most)
{
    const uint8_t *bytes;
    size_t n = wsc_conn_output(&e->conn, &bytes);

    n = n < most ? n : most;
    wsf_log_put(&e->written, bytes, n);
    wsc_conn_written(&e->conn, n);
}

/* How much output there is by now, written or not. */
static void note_output(struct endpoint *e)
{
    const uint8_t *bytes;

    wsf_log_number(&e->produced, e->written.n + wsc_conn_output(&e->conn, &bytes));
    wsf_log_number(&e->produced, e->fed);
}

static void note_said(struct wsf_log *said, unsigned opcode, const uint8_t *data, size_t len)
{
    wsf_log_number(said, opcode);
    wsf_log_number(said, len);
    wsf_log_put(said, data, len);
}

/* A message of some fragments, with pings between them. */
static void talk(struct endpoint *e)
{
    uint8_t data[40], opcode = e->part_opcode ? e->part_opcode : (uint8_t)(1 + draw(e, 2));
    bool ping = draw(e, 4) == 0, fin = draw(e, 2) == 0;
    size_t len = draw(e, sizeof data + 1);

    memset(data, (int)('a' + draw(e, 26)), sizeof data);
    if (wsc_conn_send(&e->conn, ping ? WSC_PING : opcode, ping || fin, data, len) != 0) {
        write_out(e, SIZE_MAX);
        if (wsc_conn_send(&e->conn, ping ? WSC_PING : opcode, ping || fin, data, len) != 0) {
            WSF_LAW(e->conn.sent_close || e->conn.failed);
            return;
        }
    }
    if (ping) {
        note_said(&e->said, WSC_PING, data, len);
        return;
    }
    wsf_log_put(&e->part, data, len);
    e->part_opcode = fin ? 0 : opcode;
    if (!fin)
        return;
    note_said(&e->said, opcode, e->part.p, e->part.n);
    e->part.n = 0;
}

static void send_close(struct endpoint *e)
{
    static const uint16_t codes[] = {0, 1000, 1001, 1011, 3000, 4999};
    uint16_t code = codes[draw(e, sizeof codes / sizeof *codes)];

    e->code = code;
    if (wsc_conn_close(&e->conn, code, NULL, 0) != 0) {
        write_out(e, SIZE_MAX);
        WSF_LAW(wsc_conn_close(&e->conn, code, NULL, 0) == 0);
    }
    WSF_LAW(e->conn.sent_close);
}

/* Between two pieces. */
static void act(struct endpoint *e)
{
    if ((e->flags & TALKS) && draw(e, 2) == 0)
        talk(e);
    if (e->fed == e->closed)
        send_close(e);
    note_output(e);
}

static void read_piece(struct endpoint *e, const uint8_t *data, size_t n)
{
    uint8_t *in = wsf_copy(data, n);
    struct wsc_event event;
    unsigned idle = 0;

    e->fed += n;
    wsf_log_number(&e->ends, e->fed);
    wsc_conn_feed(&e->conn, in, n);
    while (!wsc_conn_hungry(&e->conn) && idle < 2) {
        idle++;
        while (wsc_conn_next(&e->conn, &event))
            idle = 0;
        note_output(e);
        if (!(e->flags & SLOW))
            write_out(e, SIZE_MAX);
        else if (!wsc_conn_hungry(&e->conn))
            write_out(e, 1 + draw(e, 200));
        if (e->written.n > 0)
            idle = wsc_conn_hungry(&e->conn) ? idle : 0;
    }
    WSF_LAW(wsc_conn_hungry(&e->conn));
    free(in);
}

static uint64_t limit_of(const struct endpoint *e)
{
    return e->flags & LIMITED ? LIMIT : e->flags & DEFLATE ? UNPACKED : 0;
}

static struct wsc_conn_config config_of(struct endpoint *e)
{
    enum wsc_role role = e->flags & CLIENT ? WSC_CLIENT : WSC_SERVER;
    struct wsc_conn_config config = {
        .role = role, .max_message = limit_of(e), .key = next_key, .context = e};

    if (e->flags & DEFLATE) {
        config.inflate = wsc_inflate_new(&wsf_heap, role == WSC_CLIENT ? WSC_SERVER : WSC_CLIENT,
                                         &e->terms, WSC_INFLATE_STRICT);
        config.deflate = wsc_deflate_new(&wsf_heap, role, &e->terms, 1);
    }
    return config;
}

static void run(struct endpoint *e, uint8_t cut, const uint8_t *data, size_t size)
{
    struct wsc_conn_config config = config_of(e);
    struct wsf_cuts cuts;

    wsc_conn_init(&e->conn, &config, e->out, e->flags & TIGHT ? 256 : sizeof e->out);
    wsf_cuts_init(&cuts, cut);
    act(e);
    while (e->fed < size) {
        size_t n = wsf_cuts_next(&cuts, size - (size_t)e->fed);

        if (e->fed < e->closed && n > e->closed - e->fed)
            n = (size_t)(e->closed - e->fed);
        read_piece(e, data + e->fed, n);
        act(e);
    }
    write_out(e, SIZE_MAX);
}

/* The end of the first piece that had `by` bytes of the stream come. */
static uint64_t end_of(const struct endpoint *e, uint64_t by)
{
    uint64_t end = 0;

    for (size_t i = 0; i < e->ends.n && end < by; i += sizeof end)
        memcpy(&end, e->ends.p + i, sizeof end);
    return end;
}

/* How many bytes of the peer had come when so many bytes of output were there. */
static uint64_t fed_for(const struct endpoint *e, uint64_t output)
{
    uint64_t pair[2] = {0, 0};

    for (size_t i = 0; i < e->produced.n && pair[0] < output; i += sizeof pair)
        memcpy(pair, e->produced.p + i, sizeof pair);
    WSF_LAW(pair[0] >= output);
    return pair[1];
}

static void put_answer(struct answer *answer, unsigned kind, unsigned code, const uint8_t *data,
                       size_t len, uint64_t when)
{
    wsf_log_number(&answer->list, kind);
    wsf_log_number(&answer->list, code);
    note_said(&answer->list, kind, data, len);
    wsf_log_number(&answer->list, when);
    answer->count++;
}

/* What is owed, by the oracle. */
struct debts {
    const struct endpoint *e;
    struct answer owed;
    bool closing, over;
    uint64_t silent; /* from then on no data */
};

static void owe(void *context, const struct wso_duty *duty)
{
    struct debts *d = context;
    uint64_t when = end_of(d->e, duty->by);

    switch (duty->kind) {
    case WSO_SEND_PONG:
        put_answer(&d->owed, WSC_PONG, 0, duty->data, duty->len, when);
        return;
    case WSO_SEND_CLOSE:
    case WSO_FAIL:
        if (!d->closing)
            put_answer(&d->owed, WSC_CLOSE, duty->code, NULL, 0, when);
        d->closing = true;
        return;
    case WSO_NO_DATA:
        if (!d->closing)
            put_answer(&d->owed, WSC_CLOSE, d->e->code, NULL, 0, duty->by);
        d->closing = true;
        return;
    case WSO_END_TCP:
    case WSO_AWAIT_END:
        WSF_LAW((duty->kind == WSO_AWAIT_END) == ((d->e->flags & CLIENT) != 0));
        d->over = true;
        return;
    case WSO_STOP:
        return;
    }
}

/* What was sent, read by the oracle. */
struct sent {
    const struct endpoint *e;
    size_t from; /* where in the output the oracle began to read */
    struct answer answers;
    struct wsf_log said;
    uint64_t closed_by; /* output up to the end of our Close; 0: none came */
};

static void see(void *context, const struct wso_event *event)
{
    struct sent *s = context;
    uint64_t when = fed_for(s->e, s->from + event->by);

    WSF_LAW(event->kind != WSO_BROKEN);
    if (event->kind == WSO_PONG)
        put_answer(&s->answers, WSC_PONG, 0, event->data, event->len, when);
    else if (event->kind == WSO_CLOSE)
        put_answer(&s->answers, WSC_CLOSE, event->code, event->data, event->len, when);
    else
        note_said(&s->said,
                  event->kind == WSO_PING   ? WSC_PING
                  : event->kind == WSO_TEXT ? 1
                                            : 2,
                  event->data, event->len);
    if (event->kind == WSO_CLOSE)
        s->closed_by = s->from + event->by;
}

static struct wso_stream output_of(const struct endpoint *e, size_t from, uint8_t *scratch)
{
    return (struct wso_stream){.data = from > 0 ? e->written.p + from : e->written.p,
                               .len = e->written.n - from,
                               .from_client = (e->flags & CLIENT) != 0,
                               .max_message = e->flags & DEFLATE ? UNPACKED : 0,
                               .scratch = scratch,
                               .deflate = e->flags & DEFLATE ? &e->agreed : NULL};
}

/* What is sent is legal.  A server may echo 1010, though it may not choose it. */
static void judge(void *context, const struct wso_violation *violation)
{
    (void)context;
    WSF_LAW(strcmp(violation->rule, "close.1010") == 0);
}

static void check_sent(const struct endpoint *e, const struct debts *d)
{
    uint8_t *scratch = wsf_copy(e->written.p, e->written.n);
    struct sent s = {.e = e};
    struct wso_stream output = output_of(e, 0, scratch);

    wso_violations(&output, judge, NULL);
    wso_frames(&output, see, &s);
    if (s.closed_by > 0) { /* only Pongs come behind it */
        s.from = (size_t)s.closed_by;
        output = output_of(e, s.from, scratch);
        wso_frames(&output, see, &s);
    }
    WSF_LAW(s.answers.count == d->owed.count);
    WSF_LAW(wsf_log_same(&s.answers.list, &d->owed.list));
    WSF_LAW(wsf_log_same(&s.said, &e->said));
    wsf_log_drop(&s.answers.list);
    wsf_log_drop(&s.said);
    free(scratch);
}

static void check(const struct endpoint *e, const uint8_t *data, size_t size)
{
    uint8_t *scratch = wsf_copy(data, size);
    struct wso_stream stream = {.data = data,
                                .len = size,
                                .from_client = !(e->flags & CLIENT),
                                .max_message = limit_of(e),
                                .scratch = scratch,
                                .deflate = e->flags & DEFLATE ? &e->agreed : NULL};
    struct debts d = {.e = e};

    wso_duties(&stream, e->closed, owe, &d);
    check_sent(e, &d);
    WSF_LAW(d.closing == e->conn.sent_close);
    WSF_LAW(d.over == wsc_conn_finished(&e->conn));
    wsf_log_drop(&d.owed.list);
    free(scratch);
}

static void drop(struct endpoint *e)
{
    wsf_log_drop(&e->written);
    wsf_log_drop(&e->produced);
    wsf_log_drop(&e->ends);
    wsf_log_drop(&e->said);
    wsf_log_drop(&e->part);
    wsc_inflate_free(e->conn.config.inflate);
    wsc_deflate_free(e->conn.config.deflate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[WSO_WINDOW_MAX + UNPACKED];
    struct wsf_input input = {data, size};
    struct endpoint e = {.flags = wsf_byte(&input)};
    uint8_t cut = wsf_byte(&input);
    unsigned when = wsf_byte(&input) * 256u;

    when += wsf_byte(&input);
    e.chance = when ^ cut;
    e.terms = wsf_terms((uint8_t)((cut & 7) | (e.flags & ALONE ? 8 : 0)));
    e.agreed = wsf_agreed(&e.terms, room);
    e.closed = e.flags & CLOSES ? when % (input.n + 1) : UINT64_MAX;
    run(&e, cut, input.p, input.n);
    check(&e, input.p, input.n);
    drop(&e);
    return 0;
}
