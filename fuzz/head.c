#include <stdlib.h>
#include <string.h>
#include <wsf/head.h>
#include <wsf/opinion.h>

/* A span: absent, or inside the head. */
static void check_span(struct wsc_text text, const uint8_t *data, size_t length)
{
    if (!text.p)
        return;
    WSF_LAW((const uint8_t *)text.p >= data);
    WSF_LAW((const uint8_t *)text.p + text.n <= data + length);
}

static void check_list(const struct wsc_head *head, const uint8_t *data, const char *name)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    size_t count = 0;

    while (wsc_head_list(head, name, &cursor, &element)) {
        WSF_LAW(element.n > 0);
        check_span(element, data, head->length);
        count++;
        WSF_LAW(count <= head->length);
    }
}

static void check_head(const struct wsc_head *head, const uint8_t *data, size_t size)
{
    WSF_LAW(head->length > 0 && head->length <= size);
    WSF_LAW(head->count <= WSC_HEADERS_MAX);
    WSF_LAW(head->status <= 999);
    check_span(head->method, data, head->length);
    check_span(head->target, data, head->length);
    check_span(head->reason, data, head->length);
    for (size_t i = 0; i < head->count; i++) {
        WSF_LAW(head->headers[i].at < head->length);
        check_span(head->headers[i].name, data, head->length);
        check_span(head->headers[i].value, data, head->length);
    }
    check_list(head, data, "Connection");
    check_list(head, data, "Sec-WebSocket-Protocol");
    check_list(head, data, "Sec-WebSocket-Extensions");
}

static bool same_findings(const struct wsc_findings *a, const struct wsc_findings *b)
{
    if (a->total != b->total || a->count != b->count ||
        memcmp(a->occasions, b->occasions, sizeof a->occasions) != 0)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->list[i].rule != b->list[i].rule || a->list[i].at != b->list[i].at)
            return false;
    }
    return true;
}

/* The same bytes cut at `n`: a head that is not there yet is awaited, and nothing else is said
 * about it. */
static void check_cut(wsf_reader *reader, const uint8_t *data, size_t n, enum wsc_http whole,
                      const struct wsc_head *head, const struct wsc_findings *findings)
{
    static struct wsc_head cut_head;
    struct wsc_findings cut_findings = {0};
    uint8_t *exact = wsf_copy(data, n);
    enum wsc_http result = reader(exact, n, WSF_HEAD_LIMIT, &cut_head, &cut_findings);

    if (whole == WSC_HTTP_DONE) {
        WSF_LAW((result == WSC_HTTP_DONE) == (n >= head->length));
        WSF_LAW(result == WSC_HTTP_DONE || result == WSC_HTTP_MORE);
    } else if (whole == WSC_HTTP_MORE) {
        WSF_LAW(result == WSC_HTTP_MORE);
    } else {
        WSF_LAW(result == whole || result == WSC_HTTP_MORE);
    }
    if (result == WSC_HTTP_DONE) {
        WSF_LAW(cut_head.length == head->length && cut_head.count == head->count);
        WSF_LAW(cut_head.status == head->status);
        WSF_LAW(same_findings(&cut_findings, findings));
    }
    free(exact);
}

enum wsc_http wsf_head_read(wsf_reader *reader, const uint8_t *data, size_t size,
                            struct wsc_head *head, struct wsc_findings *findings)
{
    enum wsc_http whole = reader(data, size, WSF_HEAD_LIMIT, head, findings);
    size_t step = size > 256 ? size / 128 : 1;

    if (whole == WSC_HTTP_DONE) {
        check_head(head, data, size);
        check_cut(reader, data, head->length - 1, whole, head, findings);
        check_cut(reader, data, head->length, whole, head, findings);
    }
    for (size_t n = 0; n < size; n += step)
        check_cut(reader, data, n, whole, head, findings);
    return whole;
}

static bool same_span(struct wsc_text a, struct wso_span b)
{
    return a.n == b.n && (a.n == 0 || (const uint8_t *)a.p == b.p);
}

void wsf_head_same(const struct wsc_head *head, const struct wso_head *other)
{
    WSF_LAW(head->length == other->length && head->count == other->count);
    WSF_LAW(head->status == other->status && head->major == 1 && head->minor == other->minor);
    WSF_LAW(same_span(head->method, other->method) && same_span(head->target, other->target));
    for (size_t i = 0; i < head->count; i++) {
        WSF_LAW(head->headers[i].at == other->fields[i].line);
        WSF_LAW(same_span(head->headers[i].name, other->fields[i].name));
        WSF_LAW(same_span(head->headers[i].value, other->fields[i].value));
    }
}

void wsf_head_none(enum wsc_http result, size_t size, const struct wsc_findings *findings,
                   const struct wso_head *other)
{
    if (result == WSC_HTTP_MORE)
        WSF_LAW(other->state == WSO_CUT);
    if (result == WSC_HTTP_LARGE)
        WSF_LAW(size >= WSF_HEAD_LIMIT || other->state == WSO_LARGE);
    if (result != WSC_HTTP_BROKEN)
        return;
    WSF_LAW(other->state == WSO_LOST);
    wsf_agree(findings->list, findings->count, findings->total, other->notes, other->note_count);
}

static void read_body(struct wsc_body *body, struct wsf_log *content, size_t *taken,
                      const uint8_t *data, size_t size, uint8_t cut)
{
    struct wsf_cuts cuts;
    size_t at = 0;

    wsf_cuts_init(&cuts, cut);
    while (at < size && !body->done && !body->broken) {
        size_t n = wsf_cuts_next(&cuts, size - at);

        for (size_t done = 0; done < n && !body->done && !body->broken;) {
            struct wsc_text span = {0};
            size_t used = wsc_body_read(body, data + at + done, n - done, &span);

            WSF_LAW(used <= n - done);
            WSF_LAW(used > 0 || body->done || body->broken);
            if (span.n > 0)
                wsf_log_put(content, span.p, span.n);
            done += used;
            *taken += used;
        }
        at += n;
    }
}

void wsf_body_read(const struct wsc_body *body, const uint8_t *data, size_t size, uint8_t cut)
{
    struct wsc_body whole = *body, pieces = *body;
    struct wsf_log content = {0}, other = {0};
    size_t taken = 0, other_taken = 0;

    read_body(&whole, &content, &taken, data, size, 0);
    read_body(&pieces, &other, &other_taken, data, size, cut);
    WSF_LAW(wsf_log_same(&content, &other));
    WSF_LAW(whole.done == pieces.done && whole.broken == pieces.broken);
    WSF_LAW(whole.broken || taken == other_taken);
    wsf_log_drop(&content);
    wsf_log_drop(&other);
}
