/* The same as simd_x86.c, for arm64. */
#include "kernels.h"

#ifdef WSC_ARM
#include <arm_neon.h>
#include <string.h>

static bool mask_neon(uint8_t *data, size_t len, uint32_t key)
{
    uint8x16_t k = vreinterpretq_u8_u32(vdupq_n_u32(key)), seen = vdupq_n_u8(0);
    size_t i = 0;
    for (; i + 16 <= len; i += 16) {
        uint8x16_t a = veorq_u8(vld1q_u8(data + i), k);
        vst1q_u8(data + i, a);
        seen = vorrq_u8(seen, a);
    }
    bool ascii = wsc_mask_scalar(data + i, len - i, key);
    return ascii && vmaxvq_u8(seen) < 0x80;
}

enum {
    TOO_SHORT = 1 << 0,
    TOO_LONG = 1 << 1,
    OVERLONG_3 = 1 << 2,
    TOO_LARGE = 1 << 3,
    SURROGATE = 1 << 4,
    OVERLONG_2 = 1 << 5,
    OVERLONG_4 = 1 << 6,
    TWO_CONTS = 1 << 7,
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS,
    LARGE = CARRY | TOO_LARGE | OVERLONG_4,
    CONT = TOO_LONG | OVERLONG_2 | TWO_CONTS
};

static const uint8_t first_high[16] = {TOO_LONG,
                                       TOO_LONG,
                                       TOO_LONG,
                                       TOO_LONG,
                                       TOO_LONG,
                                       TOO_LONG,
                                       TOO_LONG,
                                       TOO_LONG,
                                       TWO_CONTS,
                                       TWO_CONTS,
                                       TWO_CONTS,
                                       TWO_CONTS,
                                       TOO_SHORT | OVERLONG_2,
                                       TOO_SHORT,
                                       TOO_SHORT | OVERLONG_3 | SURROGATE,
                                       TOO_SHORT | TOO_LARGE | OVERLONG_4};
static const uint8_t first_low[16] = {CARRY | OVERLONG_2 | OVERLONG_3 | OVERLONG_4,
                                      CARRY | OVERLONG_2,
                                      CARRY,
                                      CARRY,
                                      CARRY | TOO_LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE,
                                      LARGE | SURROGATE,
                                      LARGE,
                                      LARGE};
static const uint8_t second_high[16] = {TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        CONT | OVERLONG_3 | OVERLONG_4,
                                        CONT | OVERLONG_3 | TOO_LARGE,
                                        CONT | SURROGATE | TOO_LARGE,
                                        CONT | SURROGATE | TOO_LARGE,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT,
                                        TOO_SHORT};

static inline bool wrong(uint8x16_t now, uint8x16_t one, uint8x16_t two, uint8x16_t three)
{
    uint8x16_t high = vqtbl1q_u8(vld1q_u8(first_high), vshrq_n_u8(one, 4));
    uint8x16_t low = vqtbl1q_u8(vld1q_u8(first_low), vandq_u8(one, vdupq_n_u8(0x0f)));
    uint8x16_t second = vqtbl1q_u8(vld1q_u8(second_high), vshrq_n_u8(now, 4));
    uint8x16_t pair = vandq_u8(vandq_u8(high, low), second);
    uint8x16_t due = vorrq_u8(vqsubq_u8(two, vdupq_n_u8(0xE0 - 0x80)),
                              vqsubq_u8(three, vdupq_n_u8(0xF0 - 0x80)));
    return vmaxvq_u8(veorq_u8(vandq_u8(due, vdupq_n_u8(0x80)), pair)) != 0;
}

static inline bool wrong_16(const uint8_t *p)
{
    return wrong(vld1q_u8(p), vld1q_u8(p - 1), vld1q_u8(p - 2), vld1q_u8(p - 3));
}

static size_t utf8_neon(const uint8_t *data, size_t len)
{
    if (len < 16)
        return wsc_utf8_scalar(data, len);
    const uint8x16_t zero = vdupq_n_u8(0), now = vld1q_u8(data);
    if (wrong(now, vextq_u8(zero, now, 15), vextq_u8(zero, now, 14), vextq_u8(zero, now, 13)))
        return 0;
    if (len < WSC_UTF8_LEAST)
        return wsc_utf8_boundary(data, 16);
    size_t at = 16;
    for (; at + 16 <= len; at += 16)
        if (wrong_16(data + at))
            return wsc_utf8_boundary(data, at);
    if (at < len && wrong_16(data + len - 16))
        return wsc_utf8_boundary(data, at);
    return wsc_utf8_boundary(data, len);
}

/* A bit for each of 64 bytes that are 0xff or 0. */
static inline uint64_t bits_64(const uint8x16_t bytes[4])
{
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t weight = vld1q_u8(weights);
    uint8x16_t a = vpaddq_u8(vandq_u8(bytes[0], weight), vandq_u8(bytes[1], weight));
    uint8x16_t b = vpaddq_u8(vandq_u8(bytes[2], weight), vandq_u8(bytes[3], weight));
    a = vpaddq_u8(a, b);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(a, a)), 0);
}

static struct wsc_head_bits head_neon(const uint8_t *data)
{
    uint8x16_t ends[4], stops[4];
    for (unsigned i = 0; i < 4; i++) {
        uint8x16_t c = vld1q_u8(data + 16 * i);
        uint8x16_t control = vorrq_u8(vcltq_u8(c, vdupq_n_u8(' ')), vceqq_u8(c, vdupq_n_u8(0x7f)));
        uint8x16_t letter =
            vcltq_u8(vsubq_u8(vorrq_u8(c, vdupq_n_u8(0x20)), vdupq_n_u8('a')), vdupq_n_u8(26));
        ends[i] = vbicq_u8(control, vceqq_u8(c, vdupq_n_u8('\t')));
        stops[i] = vmvnq_u8(vorrq_u8(letter, vceqq_u8(c, vdupq_n_u8('-'))));
    }
    return (struct wsc_head_bits){bits_64(ends), bits_64(stops)};
}

const struct wsc_kernels wsc_kernels_neon = {mask_neon, utf8_neon, head_neon};

#else
typedef int wsc_no_arm; /* C wants something in a file */
#endif
