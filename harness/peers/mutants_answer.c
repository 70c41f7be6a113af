/* Mutants that answer in the server's place, or keep its answer back. */
#include <string.h>

#include "registry.h"

bool wsp_content_for_head(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head && wsc_text_is(head->method, "HEAD") &&
           wsp_answer(filter, "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"
                              "Connection: close\r\nContent-Length: 12\r\n\r\nGET, please\n");
}

bool wsp_chunks_for_http_1_0(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head && head->minor == 0 &&
           wsp_answer(filter, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

bool wsp_both_lengths(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *head = wsp_request_in(event);

    return head && !wsp_means_websocket(head) &&
           wsp_answer(filter, "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 5\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

bool wsp_hang_up_on_bad_handshake(struct wsp_filter *filter, struct wsp_event *event)
{
    const struct wsc_head *asked = wsp_request(filter);

    if (!wsp_is_status(event, WSP_OUT, 0) || event->head->head.status < 400 || !asked ||
        !wsp_means_websocket(asked))
        return false;
    return wsp_answer(filter, "");
}

/* What has come of a head, with these bytes, ends behind a line, and the key is there. */
static bool may_seem_complete(const struct wsp_stream *in)
{
    static const char key[] = "Sec-WebSocket-Key:";
    const uint8_t *data = wsp_bytes_data(&in->in);
    size_t len = wsp_bytes_len(&in->in);

    if (len < 4 || memcmp(data + len - 2, "\r\n", 2) != 0 ||
        memcmp(data + len - 4, "\r\n\r\n", 4) == 0)
        return false;
    for (size_t i = 0; i + strlen(key) <= len; i++)
        if (memcmp(data + i, key, strlen(key)) == 0)
            return true;
    return false;
}

/* Takes the head for complete as soon as it has seen the key. */
bool wsp_switch_before_empty_line(struct wsp_filter *filter, struct wsp_event *event)
{
    struct wsp_stream *in = &filter->ways[WSP_IN];

    if (event->kind != WSP_CUT || event->way != WSP_IN || in->stage != WSP_AWAIT_HEAD)
        return false;
    wsp_bytes_add(&in->in, event->data, event->len);
    if (may_seem_complete(in)) {
        wsp_fire(filter);
        wsp_bytes_add(&in->in, "\r\n", 2);
    }
    return true;
}

/* Keeps the end of TCP back while the filter goes on alone (state is not 0), until the other side
 * ends it.  True: the event was an end, and is dealt with. */
static bool outlive(struct wsp_filter *filter, const struct wsp_event *event)
{
    if (event->kind != WSP_ENDED || filter->state == 0)
        return false;
    if (event->way == WSP_IN)
        wsp_end_connection(filter, false);
    return true;
}

bool wsp_answer_behind_close(struct wsp_filter *filter, struct wsp_event *event)
{
    if (filter->state && wsp_request_in(event)) {
        wsp_fire(filter);
        wsp_put_text(filter, WSP_OUT, "HTTP/1.1 204 No Content\r\n\r\n");
        return true;
    }
    if (wsp_is_status(event, WSP_OUT, 0) && event->head->head.status >= 200)
        filter->state = wsc_head_has(&event->head->head, "Connection", "close");
    return outlive(filter, event);
}

/* A refusal without content, behind which frames may begin at once. */
static bool is_bare_refusal(const struct wsp_event *event)
{
    const struct wsc_header *length;

    if (!wsp_is_status(event, WSP_OUT, 0) || event->head->head.status < 400)
        return false;
    length = wsc_head_field(&event->head->head, "Content-Length", 0);
    return length && wsc_text_is(length->value, "0");
}

bool wsp_frames_behind_refusal(struct wsp_filter *filter, struct wsp_event *event)
{
    if (is_bare_refusal(event)) {
        filter->state = 1;
        wsp_bytes_move(&filter->ways[WSP_OUT].out, &event->head->text);
        filter->ways[WSP_IN].stage = filter->ways[WSP_OUT].stage = WSP_AWAIT_FRAME;
        return true;
    }
    if (filter->state && event->kind == WSP_FRAME && event->way == WSP_IN) {
        if (wsp_is_opcode(event, WSP_IN, WSC_PING) && wsp_is_whole(event)) {
            wsp_fire(filter);
            wsp_put_simple(filter, WSP_OUT, WSC_PONG, event->piece->data, event->piece->len);
        }
        return true;
    }
    return outlive(filter, event);
}

/* What cannot be read is passed on as it is, and what the server says to it is not. */
bool wsp_silent_to_garbage(struct wsp_filter *filter, struct wsp_event *event)
{
    if (filter->ways[WSP_OUT].stage != WSP_AWAIT_NOTHING)
        return false;
    if (event->kind == WSP_CUT && event->way == WSP_OUT) {
        wsp_fire(filter);
        filter->state = 1;
        return true;
    }
    return outlive(filter, event);
}
