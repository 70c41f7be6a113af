/* simd - every implementation of masking and UTF-8 validation gives the answers of the plain one.
 *
 * Input: key, phase, cut, then the bytes.
 */
#include <stdlib.h>
#include <string.h>
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
    return 0;
}
