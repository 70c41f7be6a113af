/* response - any answer to our opening request is read the same however it is cut, and only the one
 * that proves that it read our key establishes a connection.
 *
 * Input: what we asked for, cut, then the bytes of the connection, with the request before them if
 * so chosen.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>
#include <wsf/head.h>
#include <wsf/opinion.h>
#include <wso/heads.h>

static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";

static size_t write_request(uint8_t asked, char *out, size_t size)
{
    const struct wsc_request request = {
        .method = asked & 4 ? "HEAD" : NULL,
        .target = "/chat",
        .host = "server.example.com",
        .key = key,
        .protocols = asked & 1 ? "chat, superchat" : NULL,
        .extensions = asked & 2 ? "permessage-deflate; client_max_window_bits" : NULL,
    };

    return wsc_request_write(&request, out, size);
}

/* A connection is never established without the answer to our key. */
static void check_accepted(const struct wsc_head *response)
{
    const struct wsc_header *accept = wsc_head_field(response, "Sec-WebSocket-Accept", 0);

    WSF_LAW(response->status == 101);
    WSF_LAW(accept && wsc_text_is(accept->value, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    WSF_LAW(wsc_head_has(response, "Connection", "upgrade"));
    WSF_LAW(wsc_head_has(response, "Upgrade", "websocket"));
}

/* The oracle reads the same and finds the same faults. */
static void check_opinion(const struct wsf_input *asked, const struct wsf_input *input,
                          enum wsc_http result, const struct wsc_head *response,
                          const struct wsc_findings *findings, bool good)
{
    static struct wso_head request, head;

    if (asked->p) {
        wso_request(asked->p, asked->n, &request);
        WSF_LAW(request.state == WSO_WHOLE);
    }
    wso_response(input->p, input->n, asked->p ? &request : NULL, &head);
    if (result != WSC_HTTP_DONE) {
        wsf_head_none(result, input->n, findings, &head);
        return;
    }
    WSF_LAW(head.state == WSO_WHOLE);
    wsf_head_same(response, &head);
    wsf_agree(findings->list, findings->count, findings->total, head.notes, head.note_count);
    WSF_LAW(good == head.good);
}

/* The request that is answered: one of ours, any that stands before the answer and ends in an empty
 * line, or one that is unknown (p is NULL). */
static struct wsf_input take_request(uint8_t asked, struct wsf_input *input, char *head,
                                     size_t size)
{
    static struct wsc_head request;
    struct wsf_input taken = {(const uint8_t *)head, write_request(asked, head, size)};

    if (asked & 8)
        return (struct wsf_input){NULL, 0};
    if (!(asked & 16) ||
        wsc_http_request(input->p, input->n, WSF_HEAD_LIMIT, &request, NULL) != WSC_HTTP_DONE)
        return taken;
    taken = (struct wsf_input){input->p, request.length};
    input->p += request.length;
    input->n -= request.length;
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wsc_head request, response;
    struct wsf_input input = {data, size}, head;
    struct wsc_findings findings = {0};
    uint8_t asked = wsf_byte(&input), cut = wsf_byte(&input);
    struct wsc_body body = {0};
    char ours[1024];
    enum wsc_http result;
    bool good = false;

    head = take_request(asked, &input, ours, sizeof ours);
    if (head.p)
        WSF_LAW(wsc_http_request(head.p, head.n, WSF_HEAD_LIMIT, &request, NULL) == WSC_HTTP_DONE);
    result = wsf_head_read(wsc_http_response, input.p, input.n, &response, &findings);
    if (result == WSC_HTTP_DONE)
        good = wsc_response_check(head.p ? &request : NULL, &response, &findings);
    check_opinion(&head, &input, result, &response, &findings, good);
    if (result != WSC_HTTP_DONE)
        return 0;
    if (good && !(asked & 24))
        check_accepted(&response);
    wsc_body_of_response(&body, &response, head.p ? request.method : (struct wsc_text){"GET", 3});
    wsf_body_read(&body, input.p + response.length, input.n - response.length, cut);
    return 0;
}
