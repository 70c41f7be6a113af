/* Masking, UTF-8 validation and the lines of heads with 16 and 32 bytes at a time.
 *
 * UTF-8 is checked as Keiser and Lemire found ("Validating UTF-8 in less than one instruction per
 * byte", 2021): three tables, looked up by half bytes, name what each pair of bytes may be wrong
 * in; what all three name is wrong, unless it is the third or fourth byte of a character that has
 * one. */
#include "kernels.h"

#ifdef WSC_X86
#include <immintrin.h>
#include <string.h>

#define SSSE3 __attribute__((target("ssse3")))
#define AVX2 __attribute__((target("avx2")))

enum {
    ALIGNED_FROM = 1024
}; /* from here on, stores that straddle lines cost more than a short start */

/* Masking.  The last vector overlaps the one before it, so it is read before that is written. */

static inline __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline void store(uint8_t *p, __m128i value)
{
    _mm_storeu_si128((__m128i *)(void *)p, value);
}

static bool mask_sse2(uint8_t *data, size_t len, uint32_t key)
{
    if (len < 16)
        return wsc_mask_few(data, len, key);
    __m128i k = _mm_set1_epi32((int)key);
    __m128i last =
        _mm_xor_si128(load(data + len - 16), _mm_set1_epi32((int)wsc_key_turn(key, len)));
    __m128i seen = last;
    size_t i = 0;
    for (; i + 64 < len; i += 64) {
        __m128i a = _mm_xor_si128(load(data + i), k), b = _mm_xor_si128(load(data + i + 16), k);
        __m128i c = _mm_xor_si128(load(data + i + 32), k);
        __m128i d = _mm_xor_si128(load(data + i + 48), k);
        store(data + i, a);
        store(data + i + 16, b);
        store(data + i + 32, c);
        store(data + i + 48, d);
        seen = _mm_or_si128(seen, _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)));
    }
    for (; i + 16 < len; i += 16) {
        __m128i a = _mm_xor_si128(load(data + i), k);
        store(data + i, a);
        seen = _mm_or_si128(seen, a);
    }
    store(data + len - 16, last);
    return _mm_movemask_epi8(seen) == 0;
}

AVX2 static inline __m256i load_wide(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static inline void store_wide(uint8_t *p, __m256i value)
{
    _mm256_storeu_si256((__m256i *)(void *)p, value);
}

/* More than 32 bytes. */
AVX2 static inline bool mask_32(uint8_t *data, size_t len, uint32_t key)
{
    __m256i k = _mm256_set1_epi32((int)key);
    __m256i last = _mm256_xor_si256(load_wide(data + len - 32),
                                    _mm256_set1_epi32((int)wsc_key_turn(key, len)));
    __m256i seen = last;
    size_t i = 0;
    for (; i + 128 < len; i += 128) {
        __m256i a = _mm256_xor_si256(load_wide(data + i), k);
        __m256i b = _mm256_xor_si256(load_wide(data + i + 32), k);
        __m256i c = _mm256_xor_si256(load_wide(data + i + 64), k);
        __m256i d = _mm256_xor_si256(load_wide(data + i + 96), k);
        store_wide(data + i, a);
        store_wide(data + i + 32, b);
        store_wide(data + i + 64, c);
        store_wide(data + i + 96, d);
        seen = _mm256_or_si256(seen, _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d)));
    }
    for (; i + 32 < len; i += 32) {
        __m256i a = _mm256_xor_si256(load_wide(data + i), k);
        store_wide(data + i, a);
        seen = _mm256_or_si256(seen, a);
    }
    store_wide(data + len - 32, last);
    return _mm256_movemask_epi8(seen) == 0;
}

AVX2 static bool mask_avx2(uint8_t *data, size_t len, uint32_t key)
{
    if (len <= 32)
        return mask_sse2(data, len, key);
    bool ascii = true;
    if (len >= ALIGNED_FROM) {
        size_t start = -(uintptr_t)data & 31;
        ascii = mask_sse2(data, start, key);
        data += start;
        len -= start;
        key = wsc_key_turn(key, start);
    }
    return mask_32(data, len, key) && ascii;
}

/* UTF-8. */

enum {
    TOO_SHORT = 1 << 0,  /* a lead or ASCII where a continuation is due */
    TOO_LONG = 1 << 1,   /* a continuation after ASCII */
    OVERLONG_3 = 1 << 2, /* E0 80..9F */
    TOO_LARGE = 1 << 3,  /* F4 90..BF, F5..FF */
    SURROGATE = 1 << 4,  /* ED A0..BF */
    OVERLONG_2 = 1 << 5, /* C0, C1 */
    OVERLONG_4 = 1 << 6, /* F0 80..8F; F5..FF 80..8F */
    TWO_CONTS = 1 << 7,  /* two continuations: right in the third and fourth byte */
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS /* whatever the low half of the first byte is */
};

/* A byte of a table; the intrinsics want them signed. */
#define B(bits) ((char)(bits))
/* By the high half of the first byte, the low half of it, and the high half of the second byte. */
#define FIRST_HIGH                                                                                 \
    B(TOO_LONG), B(TOO_LONG), B(TOO_LONG), B(TOO_LONG), B(TOO_LONG), B(TOO_LONG), B(TOO_LONG),     \
        B(TOO_LONG), B(TWO_CONTS), B(TWO_CONTS), B(TWO_CONTS), B(TWO_CONTS),                       \
        B(TOO_SHORT | OVERLONG_2), B(TOO_SHORT), B(TOO_SHORT | OVERLONG_3 | SURROGATE),            \
        B(TOO_SHORT | TOO_LARGE | OVERLONG_4)
#define LARGE B(CARRY | TOO_LARGE | OVERLONG_4)
#define FIRST_LOW                                                                                  \
    B(CARRY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4), B(CARRY | OVERLONG_2), B(CARRY), B(CARRY),    \
        B(CARRY | TOO_LARGE), LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE,              \
        B(CARRY | TOO_LARGE | OVERLONG_4 | SURROGATE), LARGE, LARGE
#define CONT(bits) B(TOO_LONG | OVERLONG_2 | TWO_CONTS | (bits))
#define SECOND_HIGH                                                                                \
    B(TOO_SHORT), B(TOO_SHORT), B(TOO_SHORT), B(TOO_SHORT), B(TOO_SHORT), B(TOO_SHORT),            \
        B(TOO_SHORT), B(TOO_SHORT), CONT(OVERLONG_3 | OVERLONG_4), CONT(OVERLONG_3 | TOO_LARGE),   \
        CONT(SURROGATE | TOO_LARGE), CONT(SURROGATE | TOO_LARGE), B(TOO_SHORT), B(TOO_SHORT),      \
        B(TOO_SHORT), B(TOO_SHORT)

/* What is wrong with `now`; the others are the bytes that stand one, two and three before it. */
SSSE3 static inline __m128i wrong(__m128i now, __m128i one, __m128i two, __m128i three)
{
    const __m128i half = _mm_set1_epi8(0x0f);
    __m128i high =
        _mm_shuffle_epi8(_mm_setr_epi8(FIRST_HIGH), _mm_and_si128(_mm_srli_epi16(one, 4), half));
    __m128i low = _mm_shuffle_epi8(_mm_setr_epi8(FIRST_LOW), _mm_and_si128(one, half));
    __m128i second =
        _mm_shuffle_epi8(_mm_setr_epi8(SECOND_HIGH), _mm_and_si128(_mm_srli_epi16(now, 4), half));
    __m128i pair = _mm_and_si128(_mm_and_si128(high, low), second);
    __m128i due = _mm_or_si128(_mm_subs_epu8(two, _mm_set1_epi8((char)(0xE0 - 0x80))),
                               _mm_subs_epu8(three, _mm_set1_epi8((char)(0xF0 - 0x80))));
    return _mm_xor_si128(_mm_and_si128(due, _mm_set1_epi8((char)0x80)), pair);
}

/* The first 16 bytes of a text: nothing stands before them. */
SSSE3 static inline __m128i wrong_first(const uint8_t *p)
{
    __m128i now = load(p);
    return wrong(now, _mm_slli_si128(now, 1), _mm_slli_si128(now, 2), _mm_slli_si128(now, 3));
}

SSSE3 static inline __m128i wrong_16(const uint8_t *p)
{
    return wrong(load(p), load(p - 1), load(p - 2), load(p - 3));
}

SSSE3 static inline bool any(__m128i bits)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bits, _mm_setzero_si128())) != 0xffff;
}

/* From `at` on, where at least 16 bytes are good; the last vector overlaps the one before it. */
SSSE3 static inline size_t rest_16(const uint8_t *data, size_t len, size_t at)
{
    for (; at + 16 <= len; at += 16)
        if (any(wrong_16(data + at)))
            return wsc_utf8_boundary(data, at);
    if (at < len && any(wrong_16(data + len - 16)))
        return wsc_utf8_boundary(data, at);
    return wsc_utf8_boundary(data, len);
}

/* Are 64 bytes ASCII, and the three before them? */
static inline bool ascii_67(const uint8_t *p)
{
    __m128i seen = _mm_or_si128(_mm_or_si128(load(p - 3), load(p + 13)),
                                _mm_or_si128(load(p + 29), load(p + 45)));
    return _mm_movemask_epi8(_mm_or_si128(seen, load(p + 48))) == 0;
}

/* How much at the front is ASCII, looking at 64 bytes at most: short texts mostly are to their end.
 */
static inline size_t ascii_front(const uint8_t *data, size_t len)
{
    size_t at = 0;
    for (; at < 64 && at + 16 <= len; at += 16)
        if (_mm_movemask_epi8(load(data + at)) != 0)
            return at;
    bool rest = at < len && len < 64 + 16 && _mm_movemask_epi8(load(data + len - 16)) == 0;
    return rest ? len : at;
}

SSSE3 static size_t validate_16(const uint8_t *data, size_t len)
{
    if (len < 16)
        return wsc_utf8_scalar(data, len);
    if (any(wrong_first(data)))
        return 0;
    if (len < WSC_UTF8_LEAST)
        return wsc_utf8_boundary(data, 16);
    size_t at = 16;
    for (; at + 64 <= len; at += 64) {
        const uint8_t *p = data + at;
        if (ascii_67(p))
            continue;
        __m128i a = _mm_or_si128(wrong_16(p), wrong_16(p + 16));
        __m128i b = _mm_or_si128(wrong_16(p + 32), wrong_16(p + 48));
        if (any(_mm_or_si128(a, b)))
            return wsc_utf8_boundary(data, at);
    }
    return rest_16(data, len, at);
}

SSSE3 static size_t utf8_ssse3(const uint8_t *data, size_t len)
{
    size_t ascii = len >= 16 ? ascii_front(data, len) : 0;
    return ascii == len ? len : ascii + validate_16(data + ascii, len - ascii);
}

AVX2 static inline __m256i look_up(__m128i table, __m256i index)
{
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), index);
}

AVX2 static inline __m256i wrong_32(const uint8_t *p)
{
    const __m256i half = _mm256_set1_epi8(0x0f);
    __m256i now = load_wide(p), one = load_wide(p - 1);
    __m256i high =
        look_up(_mm_setr_epi8(FIRST_HIGH), _mm256_and_si256(_mm256_srli_epi16(one, 4), half));
    __m256i low = look_up(_mm_setr_epi8(FIRST_LOW), _mm256_and_si256(one, half));
    __m256i second =
        look_up(_mm_setr_epi8(SECOND_HIGH), _mm256_and_si256(_mm256_srli_epi16(now, 4), half));
    __m256i pair = _mm256_and_si256(_mm256_and_si256(high, low), second);
    __m256i due =
        _mm256_or_si256(_mm256_subs_epu8(load_wide(p - 2), _mm256_set1_epi8((char)(0xE0 - 0x80))),
                        _mm256_subs_epu8(load_wide(p - 3), _mm256_set1_epi8((char)(0xF0 - 0x80))));
    return _mm256_xor_si256(_mm256_and_si256(due, _mm256_set1_epi8((char)0x80)), pair);
}

AVX2 static size_t validate_32(const uint8_t *data, size_t len)
{
    if (len < 16)
        return wsc_utf8_scalar(data, len);
    if (any(wrong_first(data)))
        return 0;
    if (len < WSC_UTF8_LEAST)
        return wsc_utf8_boundary(data, 16);
    size_t at = 16;
    for (; at + 64 <= len; at += 64) {
        const uint8_t *p = data + at;
        __m256i seen = _mm256_or_si256(load_wide(p - 3), load_wide(p + 29));
        if (_mm256_movemask_epi8(_mm256_or_si256(seen, load_wide(p + 32))) == 0)
            continue;
        __m256i bits = _mm256_or_si256(wrong_32(p), wrong_32(p + 32));
        if (!_mm256_testz_si256(bits, bits))
            return wsc_utf8_boundary(data, at);
    }
    return rest_16(data, len, at);
}

AVX2 static size_t utf8_avx2(const uint8_t *data, size_t len)
{
    size_t ascii = len >= 16 ? ascii_front(data, len) : 0;
    return ascii == len ? len : ascii + validate_32(data + ascii, len - ascii);
}

/* Heads. */

static inline __m128i up_to(__m128i bytes, int limit)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8((char)limit)), bytes);
}

static inline __m128i equal(__m128i bytes, int byte)
{
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)byte));
}

static inline uint64_t bits_16(__m128i bytes)
{
    return (unsigned)_mm_movemask_epi8(bytes);
}

static struct wsc_head_bits head_sse2(const uint8_t *data)
{
    struct wsc_head_bits bits = {0, 0};
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i c = load(data + i);
        __m128i control = _mm_or_si128(up_to(c, 0x1f), equal(c, 0x7f));
        __m128i letter = up_to(
            _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)), _mm_set1_epi8('a')), 'z' - 'a');
        bits.ends |= bits_16(_mm_andnot_si128(equal(c, '\t'), control)) << i;
        bits.stops |= (bits_16(_mm_or_si128(letter, equal(c, '-'))) ^ 0xffff) << i;
    }
    return bits;
}

AVX2 static inline __m256i up_to_32(__m256i bytes, int limit)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8((char)limit)), bytes);
}

AVX2 static inline __m256i equal_32(__m256i bytes, int byte)
{
    return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8((char)byte));
}

AVX2 static inline uint64_t bits_32(__m256i bytes)
{
    return (unsigned)_mm256_movemask_epi8(bytes);
}

AVX2 static struct wsc_head_bits head_avx2(const uint8_t *data)
{
    struct wsc_head_bits bits = {0, 0};
    for (unsigned i = 0; i < 64; i += 32) {
        __m256i c = load_wide(data + i);
        __m256i control = _mm256_or_si256(up_to_32(c, 0x1f), equal_32(c, 0x7f));
        __m256i letter = up_to_32(
            _mm256_sub_epi8(_mm256_or_si256(c, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a')),
            'z' - 'a');
        bits.ends |= bits_32(_mm256_andnot_si256(equal_32(c, '\t'), control)) << i;
        bits.stops |= (bits_32(_mm256_or_si256(letter, equal_32(c, '-'))) ^ 0xffffffff) << i;
    }
    return bits;
}

const struct wsc_kernels wsc_kernels_sse2 = {mask_sse2, wsc_utf8_scalar, head_sse2};
const struct wsc_kernels wsc_kernels_ssse3 = {mask_sse2, utf8_ssse3, head_sse2};
const struct wsc_kernels wsc_kernels_avx2 = {mask_avx2, utf8_avx2, head_avx2};

#else
typedef int wsc_no_x86; /* C wants something in a file */
#endif
