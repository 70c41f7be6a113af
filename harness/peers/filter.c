#include "recode.h"

#include <string.h>

enum { STREAM_MAX = 34 << 20, LATER_MAX = 1 << 20, KEPT_MAX = 1 << 20, HEAD_MAX = WSP_EDIT_MAX };

static enum wsp_way other(enum wsp_way way)
{
    return way == WSP_IN ? WSP_OUT : WSP_IN;
}

/* The way that carries requests; responses take the other. */
static enum wsp_way asking(const struct wsp_filter *filter)
{
    return filter->client ? WSP_OUT : WSP_IN;
}

static bool kind_is(const struct wsp_filter *filter, const char *kind)
{
    return strcmp(filter->info->kind, kind) == 0;
}

/* What only watches the endpoint's input must not hold it back. */
static void choose_gathering(struct wsp_filter *filter)
{
    bool both = kind_is(filter, "launder") || kind_is(filter, "answer");

    filter->ways[WSP_IN].gathers = filter->function && both;
    filter->ways[WSP_OUT].gathers = filter->function && !kind_is(filter, "transport");
}

static void open_stream(struct wsp_stream *stream, enum wsc_role sender)
{
    stream->in.ceiling = stream->out.ceiling = STREAM_MAX;
    stream->later.ceiling = LATER_MAX;
    stream->gathered.ceiling = WSP_GATHER_MAX;
    wsc_check_init(&stream->check, sender);
}

bool wsp_filter_open(struct wsp_filter *filter, const struct wsp_filter_info *info,
                     wsp_filter_function *function, const struct wsp_config *config, uint64_t seed)
{
    memset(filter, 0, sizeof *filter);
    filter->info = info;
    filter->function = config->idle ? NULL : function;
    filter->client = config->client;
    filter->max_message = wsp_message_limit(config);
    filter->world = config->world;
    filter->random = seed;
    filter->wake = UINT64_MAX;
    filter->kept.ceiling = KEPT_MAX;
    open_stream(&filter->ways[WSP_IN], config->client ? WSC_SERVER : WSC_CLIENT);
    open_stream(&filter->ways[WSP_OUT], config->client ? WSC_CLIENT : WSC_SERVER);
    choose_gathering(filter);
    return true;
}

void wsp_filter_free(struct wsp_filter *filter)
{
    for (size_t i = 0; i < 2; i++) {
        wsp_bytes_free(&filter->ways[i].in);
        wsp_bytes_free(&filter->ways[i].out);
        wsp_bytes_free(&filter->ways[i].later);
        wsp_bytes_free(&filter->ways[i].gathered);
    }
    wsp_bytes_free(&filter->kept);
    wsp_recode_free(filter->recode);
    if (filter->have_request)
        wsp_edit_free(&filter->request);
}

static bool show(struct wsp_filter *filter, struct wsp_event *event)
{
    return filter->function && filter->function(filter, event);
}

/* Heads. */

static void remember_request(struct wsp_filter *filter, const uint8_t *data,
                             const struct wsc_head *head)
{
    if (filter->have_request)
        wsp_edit_free(&filter->request);
    wsp_edit_open(&filter->request, data, head);
    filter->have_request = true;
}

/* Frames of our own that waited for the handshake may follow now. */
static void begin_frames(struct wsp_stream *stream)
{
    stream->stage = WSP_AWAIT_FRAME;
    wsp_bytes_move(&stream->out, &stream->later);
}

static void after_request(struct wsp_filter *filter, const struct wsc_head *head)
{
    struct wsp_stream *stream = &filter->ways[asking(filter)];

    wsc_body_of_request(&stream->body, head);
    stream->stage = stream->body.kind == WSC_BODY_NONE || stream->body.broken ? WSP_AWAIT_ANSWER
                                                                              : WSP_AWAIT_BODY;
}

static void after_response(struct wsp_filter *filter, const struct wsc_head *head)
{
    struct wsp_stream *answers = &filter->ways[other(asking(filter))];
    struct wsp_stream *asks = &filter->ways[asking(filter)];
    struct wsc_text method = {0};

    if (head->status == 101) {
        struct wsc_deflate_terms seen;

        answers->check.deflate = asks->check.deflate = wsc_deflate_agreed(head, &seen);
        begin_frames(answers);
        begin_frames(asks);
        return;
    }
    if (head->status >= 100 && head->status < 200)
        return;
    if (filter->have_request)
        method = filter->request.head.method;
    wsc_body_of_response(&answers->body, head, method);
    answers->stage = answers->body.kind == WSC_BODY_NONE ? WSP_AWAIT_HEAD : WSP_AWAIT_BODY;
    if (asks->stage == WSP_AWAIT_ANSWER)
        asks->stage = WSP_AWAIT_HEAD;
}

static void take_head(struct wsp_filter *filter, enum wsp_way way, const struct wsc_head *head)
{
    struct wsp_stream *stream = &filter->ways[way];
    const uint8_t *data = wsp_bytes_data(&stream->in);
    struct wsp_edit edit;
    struct wsp_event event = {.kind = WSP_HEAD, .way = way, .head = &edit};

    if (way == asking(filter))
        remember_request(filter, data, head);
    else if (head->status == 101)
        filter->deflate = wsc_deflate_agreed(head, &filter->agreed);
    wsp_edit_open(&edit, data, head);
    wsp_bytes_take(&stream->in, head->length);
    if (!show(filter, &event)) {
        wsp_bytes_move(&stream->out, &edit.text);
        /* What follows depends on the head that the receiver sees. */
        if (!edit.readable)
            stream->stage = WSP_AWAIT_NOTHING;
        else if (way == asking(filter))
            after_request(filter, &edit.head);
        else
            after_response(filter, &edit.head);
    }
    wsp_edit_free(&edit);
}

static bool read_head(struct wsp_filter *filter, enum wsp_way way)
{
    struct wsp_stream *stream = &filter->ways[way];
    const uint8_t *data = wsp_bytes_data(&stream->in);
    size_t len = wsp_bytes_len(&stream->in);
    struct wsc_head head;
    enum wsc_http state;

    if (len == 0 ||
        (len <= HEAD_MAX && !stream->ended && !wsp_bytes_line_ends(&stream->in, &stream->looked)))
        return false;
    state = way == asking(filter) ? wsc_http_request(data, len, HEAD_MAX, &head, NULL)
                                  : wsc_http_response(data, len, HEAD_MAX, &head, NULL);
    switch (state) {
    case WSC_HTTP_MORE:
        if (stream->ended)
            stream->stage = WSP_AWAIT_NOTHING;
        return stream->ended;
    case WSC_HTTP_BROKEN:
    case WSC_HTTP_LARGE:
        stream->stage = WSP_AWAIT_NOTHING;
        filter->ways[other(way)].stage = WSP_AWAIT_NOTHING;
        return true;
    case WSC_HTTP_DONE:
        take_head(filter, way, &head);
        stream->looked = 0;
        return true;
    }
    return false;
}

static bool pass_raw(struct wsp_stream *stream)
{
    if (wsp_bytes_len(&stream->in) == 0)
        return false;
    wsp_bytes_move(&stream->out, &stream->in);
    return true;
}

static bool pass_body(struct wsp_filter *filter, enum wsp_way way)
{
    struct wsp_stream *stream = &filter->ways[way];
    const uint8_t *data = wsp_bytes_data(&stream->in);
    struct wsc_text content;
    size_t used = wsc_body_read(&stream->body, data, wsp_bytes_len(&stream->in), &content);

    wsp_bytes_add(&stream->out, data, used);
    wsp_bytes_take(&stream->in, used);
    if (stream->body.broken)
        stream->stage = WSP_AWAIT_NOTHING;
    else if (stream->body.done)
        stream->stage = way == asking(filter) ? WSP_AWAIT_ANSWER : WSP_AWAIT_HEAD;
    return used > 0 || stream->stage != WSP_AWAIT_BODY;
}

/* Frames. */

/* What the function saw as the state before the frame moves on once the frame has ended. */
static void follow_frame(struct wsp_stream *stream, const struct wsc_piece *piece)
{
    uint8_t opcode = piece->frame.opcode;

    if (!piece->last)
        return;
    if (opcode == WSC_CLOSE)
        stream->closing = true;
    if (wsc_is_control(opcode))
        return;
    if (opcode != WSC_CONT && !piece->frame.fin)
        stream->message = opcode;
    else if (piece->frame.fin)
        stream->message = 0;
}

static void show_piece(struct wsp_filter *filter, enum wsp_way way, struct wsc_piece *piece)
{
    struct wsc_piece seen = *piece;
    struct wsp_event event = {.kind = WSP_FRAME, .way = way, .piece = piece};

    if (!show(filter, &event))
        wsp_pass(filter, way, piece);
    follow_frame(&filter->ways[way], &seen);
}

static bool gathers(const struct wsp_stream *stream, const struct wsc_piece *piece)
{
    return stream->gathers && piece->frame.length <= WSP_GATHER_MAX;
}

/* True when the frame is complete and *piece has become all of it. */
static bool gather(struct wsp_stream *stream, struct wsc_piece *piece)
{
    if (piece->first && piece->last)
        return true;
    wsp_bytes_add(&stream->gathered, piece->data, piece->len);
    if (!piece->last)
        return false;
    piece->data = wsp_bytes_data(&stream->gathered);
    piece->len = wsp_bytes_len(&stream->gathered);
    piece->done = 0;
    piece->first = true;
    return true;
}

static bool read_frame(struct wsp_filter *filter, enum wsp_way way)
{
    struct wsp_stream *stream = &filter->ways[way];
    struct wsc_piece piece;
    size_t used;
    bool found = wsc_scan_next(&stream->scan, wsp_bytes_data(&stream->in),
                               wsp_bytes_len(&stream->in), &used, &piece);

    if (found) {
        wsc_check_piece(&stream->check, &piece, NULL);
        if (!gathers(stream, &piece))
            show_piece(filter, way, &piece);
        else if (gather(stream, &piece))
            show_piece(filter, way, &piece);
        if (piece.last)
            wsp_bytes_clear(&stream->gathered);
    }
    wsp_bytes_take(&stream->in, used);
    return found;
}

bool wsp_filter_tls_failed(struct wsp_filter *filter, const uint8_t *data, size_t len, size_t *from)
{
    struct wsp_event event = {.kind = WSP_TLS_FAILED, .data = data, .len = len};

    if (!show(filter, &event))
        return false;
    *from = event.len;
    return true;
}

/* What the end cuts passes all the same. */
static void pass_cut_frame(struct wsp_filter *filter, enum wsp_way way)
{
    struct wsp_stream *stream = &filter->ways[way];
    struct wsc_piece piece = {.frame = stream->scan.frame,
                              .data = wsp_bytes_data(&stream->gathered),
                              .len = wsp_bytes_len(&stream->gathered),
                              .first = true};

    if (stream->stage != WSP_AWAIT_FRAME || stream->mid_frame)
        return;
    if (stream->scan.in_payload)
        wsp_pass(filter, way, &piece);
    else
        wsp_bytes_add(&stream->out, stream->scan.head, stream->scan.head_len);
}

static bool pass_end(struct wsp_filter *filter, enum wsp_way way)
{
    struct wsp_stream *stream = &filter->ways[way];
    struct wsp_event event = {.kind = WSP_ENDED, .way = way, .reset = stream->reset};

    if (!stream->ended || stream->end_passed)
        return false;
    if (wsp_bytes_len(&stream->in) > 0)
        return pass_raw(stream); /* what waited for an answer that will not come */
    pass_cut_frame(filter, way);
    stream->end_passed = true;
    if (show(filter, &event))
        stream->ended = stream->end_passed = false; /* the function keeps the end to itself */
    return true;
}

static bool read_stream(struct wsp_filter *filter, enum wsp_way way)
{
    switch (filter->ways[way].stage) {
    case WSP_AWAIT_HEAD:
        return read_head(filter, way);
    case WSP_AWAIT_BODY:
        return pass_body(filter, way);
    case WSP_AWAIT_ANSWER:
        return false;
    case WSP_AWAIT_FRAME:
        return read_frame(filter, way);
    case WSP_AWAIT_NOTHING:
        return pass_raw(&filter->ways[way]);
    }
    return false;
}

bool wsp_filter_step(struct wsp_filter *filter, enum wsp_way way)
{
    if (filter->dead)
        return false;
    return read_stream(filter, way) || (!filter->dead && pass_end(filter, way));
}

void wsp_filter_receive(struct wsp_filter *filter, enum wsp_way way, const uint8_t *data,
                        size_t len, uint64_t now)
{
    struct wsp_event event = {.kind = WSP_CUT, .way = way, .data = data, .len = len};

    filter->now = now;
    if (filter->dead || len == 0 || show(filter, &event))
        return;
    if (!filter->dead)
        wsp_bytes_add(&filter->ways[way].in, data, len);
}

void wsp_filter_ended(struct wsp_filter *filter, enum wsp_way way, bool reset, uint64_t now)
{
    filter->now = now;
    filter->ways[way].ended = true;
    filter->ways[way].reset = reset;
}

void wsp_filter_tick(struct wsp_filter *filter, uint64_t now)
{
    struct wsp_event event = {.kind = WSP_TICK};

    filter->now = now;
    if (now < filter->wake || filter->dead)
        return;
    filter->wake = UINT64_MAX;
    show(filter, &event);
}

struct wsp_bytes *wsp_filter_output(struct wsp_filter *filter, enum wsp_way way)
{
    struct wsp_bytes *out = &filter->ways[way].out;

    if (way == WSP_OUT && filter->now < filter->hold_until)
        return NULL;
    return wsp_bytes_len(out) > 0 ? out : NULL;
}

enum wsp_end wsp_filter_end(const struct wsp_filter *filter, enum wsp_way way)
{
    const struct wsp_stream *stream = &filter->ways[way];

    if (!stream->end_passed)
        return WSP_OPEN;
    if (stream->reset)
        return WSP_RESET;
    return wsp_bytes_len(&stream->out) > 0 ? WSP_OPEN : WSP_FIN;
}

bool wsp_filter_broken(const struct wsp_filter *filter)
{
    for (size_t i = 0; i < 2; i++)
        if (filter->ways[i].in.broken || filter->ways[i].out.broken)
            return true;
    return false;
}

uint64_t wsp_filter_deadline(const struct wsp_filter *filter)
{
    bool held = filter->now < filter->hold_until && wsp_bytes_len(&filter->ways[WSP_OUT].out) > 0;

    if (filter->dead)
        return held ? filter->hold_until : UINT64_MAX;
    return held && filter->hold_until < filter->wake ? filter->hold_until : filter->wake;
}
