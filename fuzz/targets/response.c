/* response - any answer to our opening request is read the same however it is cut, and only the one
 * that proves that it read our key establishes a connection.
 *
 * Input: what we asked for, cut, then the bytes of the connection.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>
#include <wsf/head.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wsc_head request, response;
    struct wsf_input input = {data, size};
    struct wsc_findings findings = {0};
    uint8_t asked = wsf_byte(&input), cut = wsf_byte(&input);
    struct wsc_body body = {0};
    char head[1024];
    size_t n = write_request(asked, head, sizeof head);

    WSF_LAW(wsc_http_request((const uint8_t *)head, n, sizeof head, &request, NULL) ==
            WSC_HTTP_DONE);
    if (wsf_head_read(wsc_http_response, input.p, input.n, &response, &findings) != WSC_HTTP_DONE)
        return 0;
    if (wsc_response_check(asked & 8 ? NULL : &request, &response, &findings) && !(asked & 8))
        check_accepted(&response);
    wsc_body_of_response(&body, &response, request.method);
    wsf_body_read(&body, input.p + response.length, input.n - response.length, cut);
    return 0;
}
