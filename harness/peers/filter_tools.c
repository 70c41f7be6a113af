/* What the functions of the filters are written with. */
#include <wsc/frame.h>
#include <wsc/mask.h>

#include <wsp/chance.h>
#include "filter.h"

/* Only clients mask. */
static bool is_from_client(const struct wsp_filter *filter, enum wsp_way way)
{
    return (way == WSP_OUT) == filter->client;
}

void wsp_pass_into(struct wsp_bytes *store, const struct wsc_piece *piece)
{
    uint8_t head[WSC_HEAD_MAX];

    if (piece->first)
        wsp_bytes_add(store, head, wsc_frame_write(&piece->frame, head));
    if (wsp_bytes_add(store, piece->data, piece->len) && piece->frame.masked && piece->len > 0)
        wsc_mask(store->memory + store->end - piece->len, piece->len, piece->frame.key,
                 piece->done);
}

void wsp_pass(struct wsp_filter *filter, enum wsp_way way, const struct wsc_piece *piece)
{
    struct wsp_stream *stream = &filter->ways[way];

    wsp_pass_into(&stream->out, piece);
    stream->mid_frame = !piece->last;
    if (piece->last)
        wsp_bytes_move(&stream->out, &stream->later);
}

void wsp_fire(struct wsp_filter *filter)
{
    if (filter->world)
        filter->world->fired++;
}

void wsp_fire_once(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (event->piece->first)
        wsp_fire(filter);
}

struct wsc_frame wsp_frame(struct wsp_filter *filter, enum wsp_way way, uint8_t opcode, size_t len)
{
    struct wsc_frame frame = {
        .fin = true, .opcode = opcode, .length = len, .masked = is_from_client(filter, way)};

    if (frame.masked)
        wsp_chance_bytes(&filter->random, frame.key, sizeof frame.key);
    return frame;
}

void wsp_put(struct wsp_filter *filter, enum wsp_way way, const struct wsc_frame *frame,
             const uint8_t *payload)
{
    struct wsp_stream *stream = &filter->ways[way];
    bool now = stream->stage == WSP_AWAIT_FRAME && !stream->mid_frame;
    /* The bytes are only read. */
    struct wsc_piece piece = {.frame = *frame,
                              .data = (uint8_t *)(uintptr_t)payload,
                              .len = (size_t)frame->length,
                              .first = true,
                              .last = true};

    wsp_pass_into(now ? &stream->out : &stream->later, &piece);
}

void wsp_put_simple(struct wsp_filter *filter, enum wsp_way way, uint8_t opcode,
                    const uint8_t *payload, size_t len)
{
    struct wsc_frame frame = wsp_frame(filter, way, opcode, len);

    wsp_put(filter, way, &frame, payload);
}

void wsp_let_pong_go(struct wsp_filter *filter)
{
    if (filter->state == 0)
        return;
    filter->state = 0;
    filter->wake = UINT64_MAX;
    wsp_put_simple(filter, WSP_OUT, WSC_PONG, wsp_bytes_data(&filter->kept),
                   wsp_bytes_len(&filter->kept));
}

bool wsp_restate(struct wsp_filter *filter, struct wsp_event *event, unsigned from,
                 const char *line)
{
    if (!wsp_is_status(event, WSP_OUT, from))
        return false;
    wsp_fire(filter);
    wsp_edit_start_line(event->head, line);
    return true;
}

bool wsp_replace(struct wsp_filter *filter, const struct wsp_event *event, const void *payload,
                 size_t len)
{
    struct wsc_frame frame = event->piece->frame;

    wsp_fire(filter);
    frame.length = len;
    frame.form = 0;
    wsp_put(filter, event->way, &frame, payload);
    return true;
}

bool wsp_close_with(struct wsp_filter *filter, const struct wsp_event *event, uint16_t code)
{
    const uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};

    return wsp_replace(filter, event, payload, sizeof payload);
}

void wsp_put_text(struct wsp_filter *filter, enum wsp_way way, const char *text)
{
    wsp_bytes_add_text(&filter->ways[way].out, text);
}

void wsp_end_connection(struct wsp_filter *filter, bool reset)
{
    filter->dead = true;
    for (size_t i = 0; i < 2; i++) {
        filter->ways[i].end_passed = true;
        filter->ways[i].reset = reset;
    }
}

bool wsp_answer(struct wsp_filter *filter, const char *text)
{
    wsp_fire(filter);
    wsp_put_text(filter, WSP_OUT, text);
    wsp_end_connection(filter, false);
    return true;
}

bool wsp_decline(struct wsp_filter *filter, const char *status)
{
    wsp_put_text(filter, WSP_OUT, "HTTP/1.1 ");
    wsp_put_text(filter, WSP_OUT, status);
    return wsp_answer(filter, "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

bool wsp_fail(struct wsp_filter *filter, uint16_t code)
{
    const uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)(code & 0xff)};

    wsp_fire(filter);
    wsp_put_simple(filter, WSP_OUT, WSC_CLOSE, payload, sizeof payload);
    wsp_end_connection(filter, false);
    return true;
}

bool wsp_provoked(const struct wsp_filter *filter)
{
    return filter->ways[WSP_IN].check.broken.rule != WSC_RULE_NONE;
}

bool wsp_is_open(const struct wsp_filter *filter)
{
    return filter->ways[WSP_OUT].stage == WSP_AWAIT_FRAME && !filter->ways[WSP_OUT].closing &&
           !filter->ways[WSP_OUT].ended && !filter->ways[WSP_IN].closing &&
           !filter->ways[WSP_IN].ended && !wsp_provoked(filter);
}

const struct wsc_head *wsp_request(const struct wsp_filter *filter)
{
    return filter->have_request && filter->request.readable ? &filter->request.head : NULL;
}

bool wsp_has(const struct wsc_head *head, const char *name)
{
    return wsc_head_field(head, name, 0) != NULL;
}

bool wsp_means_websocket(const struct wsc_head *head)
{
    return wsp_has(head, "Sec-WebSocket-Key") || wsp_has(head, "Sec-WebSocket-Version") ||
           wsc_head_has(head, "Upgrade", "websocket");
}

const struct wsc_head *wsp_request_in(const struct wsp_event *event)
{
    return wsp_is_request(event, WSP_IN) ? &event->head->head : NULL;
}

bool wsp_is_request(const struct wsp_event *event, enum wsp_way way)
{
    return event->kind == WSP_HEAD && event->way == way && !event->head->head.response;
}

bool wsp_is_status(const struct wsp_event *event, enum wsp_way way, unsigned status)
{
    return event->kind == WSP_HEAD && event->way == way && event->head->head.response &&
           (status == 0 || event->head->head.status == status);
}

bool wsp_is_frame(const struct wsp_event *event, enum wsp_way way)
{
    return event->kind == WSP_FRAME && event->way == way;
}

bool wsp_is_data(const struct wsp_event *event, enum wsp_way way)
{
    return wsp_is_frame(event, way) && !wsc_is_control(event->piece->frame.opcode);
}

bool wsp_is_opcode(const struct wsp_event *event, enum wsp_way way, uint8_t opcode)
{
    return wsp_is_frame(event, way) && event->piece->frame.opcode == opcode;
}

bool wsp_is_whole(const struct wsp_event *event)
{
    return event->piece->first && event->piece->last;
}
