/* simd - every implementation of masking, UTF-8 validation and the lines of heads gives the answers
 * of the plain one.
 *
 * Input: key, phase, cut, then the bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/http.h>
#include <wsc/mask.h>
#include <wsc/simd.h>
#include <wsc/utf8.h>
#include <wsf/fuzz.h>

struct answer {
    size_t good; /* bytes of valid text */
    bool complete;
    bool ascii; /* as the mask says */
    uint8_t *masked;
};

/* In copies of the exact size, so that a byte too far is seen. */
static struct answer ask(enum wsc_simd simd, const uint8_t key[4], uint8_t phase, uint8_t cut,
                         const uint8_t *data, size_t size)
{
    struct answer answer = {0};
    struct wsc_utf8 utf8 = {0};
    size_t n = cut < size ? cut : size;
    uint8_t *front = wsf_copy(data, n), *back = wsf_copy(data + n, size - n);

    WSF_LAW(wsc_simd_force(simd));
    answer.good = wsc_utf8_feed(&utf8, front, n);
    if (answer.good == n)
        answer.good += wsc_utf8_feed(&utf8, back, size - n);
    answer.complete = wsc_utf8_complete(&utf8);
    answer.masked = wsf_copy(data, size);
    answer.ascii = wsc_mask(answer.masked, size, key, phase);
    free(front);
    free(back);
    return answer;
}

/* The bytes as the fields of a request: results and notes, with the spans as they lie in `bytes`.
 */
struct reading {
    enum wsc_http result;
    struct wsc_head head;
    struct wsc_findings findings;
};

static void read_head(enum wsc_simd simd, const uint8_t *bytes, size_t size,
                      struct reading *reading)
{
    WSF_LAW(wsc_simd_force(simd));
    reading->findings = (struct wsc_findings){.count = 0};
    reading->result = wsc_http_request(bytes, size, 8192, &reading->head, &reading->findings);
}

static bool same_text(struct wsc_text a, struct wsc_text b)
{
    return a.p == b.p && a.n == b.n;
}

static bool same_fields(const struct wsc_head *a, const struct wsc_head *b)
{
    if (a->count != b->count || a->length != b->length)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct wsc_header *x = &a->headers[i], *y = &b->headers[i];
        if (!same_text(x->name, y->name) || !same_text(x->value, y->value) || x->at != y->at)
            return false;
    }
    return true;
}

static bool same_notes(const struct wsc_findings *a, const struct wsc_findings *b)
{
    if (a->total != b->total)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].rule != b->list[i].rule || a->list[i].at != b->list[i].at)
            return false;
    return true;
}

/* The fields of a request, in a block of the exact size. */
static uint8_t *make_request(const uint8_t *data, size_t size, size_t *len)
{
    static const char start[] = "GET / HTTP/1.1\r\n", end[] = "\r\n\r\n";
    uint8_t *bytes = wsf_copy((const uint8_t *)start, sizeof start - 1);
    *len = sizeof start - 1 + size + sizeof end - 1;
    bytes = realloc(bytes, *len);
    WSF_LAW(bytes != NULL);
    if (size != 0)
        memcpy(bytes + sizeof start - 1, data, size);
    memcpy(bytes + *len - (sizeof end - 1), end, sizeof end - 1);
    return bytes;
}

static void compare_heads(const uint8_t *data, size_t size)
{
    static struct reading plain, other;
    size_t len;
    uint8_t *bytes = make_request(data, size, &len);
    read_head(WSC_SIMD_SCALAR, bytes, len, &plain);
    for (unsigned simd = WSC_SIMD_SCALAR + 1; simd < WSC_SIMD_COUNT; simd++) {
        if (!wsc_simd_available((enum wsc_simd)simd))
            continue;
        read_head((enum wsc_simd)simd, bytes, len, &other);
        WSF_LAW(other.result == plain.result && same_notes(&other.findings, &plain.findings));
        WSF_LAW(plain.result != WSC_HTTP_DONE || same_fields(&other.head, &plain.head));
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsf_input input = {data, size};
    uint8_t key[4];
    for (unsigned i = 0; i < 4; i++)
        key[i] = wsf_byte(&input);
    uint8_t phase = wsf_byte(&input), cut = wsf_byte(&input);
    struct answer plain = ask(WSC_SIMD_SCALAR, key, phase, cut, input.p, input.n);

    for (unsigned simd = WSC_SIMD_SCALAR + 1; simd < WSC_SIMD_COUNT; simd++) {
        if (!wsc_simd_available((enum wsc_simd)simd))
            continue;
        struct answer other = ask((enum wsc_simd)simd, key, phase, cut, input.p, input.n);
        WSF_LAW(other.good == plain.good && other.complete == plain.complete);
        WSF_LAW(other.ascii == plain.ascii);
        WSF_LAW(input.n == 0 || memcmp(other.masked, plain.masked, input.n) == 0);
        free(other.masked);
    }
    free(plain.masked);
    compare_heads(input.p, input.n);
    return 0;
}
