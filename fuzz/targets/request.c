/* request - any opening request is read the same however it is cut, and gets a legal answer.
 *
 * Input: cut, then the bytes of the connection.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>
#include <wsf/head.h>
#include <wsf/opinion.h>
#include <wso/heads.h>

/* What a strict server answers is a legal response, and establishes the connection when it is a
 * 101. */
static void check_answer(const struct wsc_head *request, const struct wsc_findings *findings,
                         bool good)
{
    static const char *const protocols[] = {"chat", "superchat", NULL};
    static struct wsc_head response;
    struct wsc_findings again = {0};
    struct wsc_answer answer;
    char head[1024];
    size_t n;

    wsc_server_answer(request, findings, protocols, &answer);
    WSF_LAW((answer.status == 101) == good);
    WSF_LAW(good || (answer.status >= 400 && answer.status <= 599));
    n = wsc_answer_write(&answer, request, head, sizeof head);
    WSF_LAW(n > 0);
    for (size_t room = 0; room < n; room += 7)
        WSF_LAW(wsc_answer_write(&answer, request, head, room) == 0);
    WSF_LAW(wsc_answer_write(&answer, request, head, n) == n);
    WSF_LAW(wsc_http_response((const uint8_t *)head, n, sizeof head, &response, &again) ==
            WSC_HTTP_DONE);
    WSF_LAW(response.length == n && response.status == answer.status);
    WSF_LAW(wsc_response_check(request, &response, &again) == good);
    WSF_LAW(again.total == 0);
}

/* What section 4.2.1 asks at least of a request that is answered with 101. */
static void check_accepted(const struct wsc_head *request)
{
    static const char *const once[] = {"Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"};
    const struct wsc_header *key = wsc_head_field(request, "sec-websocket-key", 0);
    const struct wsc_header *version = wsc_head_field(request, "sec-websocket-version", 0);

    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        WSF_LAW(wsc_head_field(request, once[i], 0) && !wsc_head_field(request, once[i], 1));
    WSF_LAW(wsc_text_is(request->method, "GET"));
    WSF_LAW(request->major > 1 || (request->major == 1 && request->minor >= 1));
    WSF_LAW(wsc_head_has(request, "Upgrade", "websocket"));
    WSF_LAW(wsc_head_has(request, "Connection", "upgrade"));
    WSF_LAW(wsc_text_is(version->value, "13"));
    WSF_LAW(key->value.n == WSC_KEY_LEN && memcmp(key->value.p + 22, "==", 2) == 0);
}

/* The oracle reads the same, finds the same faults, and would refuse it too. */
static void check_opinion(const struct wsf_input *input, const struct wsc_head *request,
                          const struct wsc_findings *findings, bool good)
{
    static struct wso_head head;
    struct wsc_answer answer;

    wso_request(input->p, input->n, &head);
    WSF_LAW(head.state == WSO_WHOLE);
    wsf_head_same(request, &head);
    wsf_agree(findings->list, findings->count, findings->total, head.notes, head.note_count);
    WSF_LAW(good == head.good);
    wsc_server_answer(request, findings, NULL, &answer);
    WSF_LAW(good || wso_may_refuse(&head, answer.status));
}

/* What is no whole head for the core is none for the oracle. */
static void check_none(const struct wsf_input *input, enum wsc_http result,
                       const struct wsc_findings *findings)
{
    static struct wso_head head;

    wso_request(input->p, input->n, &head);
    wsf_head_none(result, input->n, findings, &head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wsc_head request;
    struct wsf_input input = {data, size};
    struct wsc_findings findings = {0};
    uint8_t cut = wsf_byte(&input);
    struct wsc_body body = {0};
    enum wsc_http result;
    bool good;

    result = wsf_head_read(wsc_http_request, input.p, input.n, &request, &findings);
    if (result != WSC_HTTP_DONE) {
        check_none(&input, result, &findings);
        return 0;
    }
    good = wsc_request_check(&request, &findings);
    check_opinion(&input, &request, &findings, good);
    WSF_LAW(good || findings.total > 0);
    if (good)
        check_accepted(&request);
    check_answer(&request, &findings, good);
    wsc_body_of_request(&body, &request);
    wsf_body_read(&body, input.p + request.length, input.n - request.length, cut);
    return 0;
}
