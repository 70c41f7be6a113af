#include <string.h>

#include <wsc/utf8.h>

#include "kernels.h"

/* Named for what is awaited. */
enum state {
    CHARACTER,
    ONE, /* one more continuation byte */
    TWO,
    THREE,
    AFTER_E0, /* A0..BF, else overlong */
    AFTER_ED, /* 80..9F, else a surrogate */
    AFTER_F0, /* 90..BF, else overlong */
    AFTER_F4, /* 80..8F, else above U+10FFFF */
    STUCK
};

static enum state begin(uint8_t byte)
{
    if (byte < 0x80)
        return CHARACTER;
    if (byte < 0xC2)
        return STUCK;
    if (byte < 0xE0)
        return ONE;
    if (byte < 0xF0)
        return byte == 0xE0 ? AFTER_E0 : byte == 0xED ? AFTER_ED : TWO;
    if (byte < 0xF5)
        return byte == 0xF0 ? AFTER_F0 : byte == 0xF4 ? AFTER_F4 : THREE;
    return STUCK;
}

static enum state within(uint8_t byte, uint8_t low, uint8_t high, enum state next)
{
    return byte >= low && byte <= high ? next : STUCK;
}

static enum state step(enum state state, uint8_t byte)
{
    switch (state) {
    case CHARACTER:
        return begin(byte);
    case ONE:
        return within(byte, 0x80, 0xBF, CHARACTER);
    case TWO:
        return within(byte, 0x80, 0xBF, ONE);
    case THREE:
        return within(byte, 0x80, 0xBF, TWO);
    case AFTER_E0:
        return within(byte, 0xA0, 0xBF, ONE);
    case AFTER_ED:
        return within(byte, 0x80, 0x9F, ONE);
    case AFTER_F0:
        return within(byte, 0x90, 0xBF, TWO);
    case AFTER_F4:
        return within(byte, 0x80, 0x8F, TWO);
    case STUCK:
        break;
    }
    return STUCK;
}

/* Bytes of ASCII at the front, in steps of 16 and then of 8; a shorter rest is left to the caller.
 */
static size_t skip_ascii(const uint8_t *data, size_t len)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t i = 0;
    uint64_t a, b;
    for (; i + 16 <= len; i += 16) {
        memcpy(&a, data + i, 8);
        memcpy(&b, data + i + 8, 8);
        if (((a | b) & high) != 0)
            break;
    }
    for (; i + 8 <= len; i += 8) {
        memcpy(&a, data + i, 8);
        if ((a & high) != 0)
            break;
    }
    return i;
}

static bool follows(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The size of the character of two to four bytes at p, which has four bytes to read; 0: not valid.
 */
static size_t character(const uint8_t *p)
{
    uint8_t lead = p[0];
    if (lead >= 0xC2 && lead < 0xE0)
        return follows(p[1]) ? 2 : 0;
    if (!follows(p[1]) || !follows(p[2]))
        return 0;
    unsigned value = (unsigned)(lead & 0x0F) << 6 | (p[1] & 0x3F);
    if ((lead & 0xF0) == 0xE0) /* value: the upper 10 of 16 bits */
        return value >= 0x800 >> 6 && (value < 0xD800 >> 6 || value > 0xDFFF >> 6) ? 3 : 0;
    if (lead < 0xF0 || lead > 0xF4) /* value: the upper 9 of 21 bits */
        return 0;
    return follows(p[3]) && value >= 0x10000 >> 12 && value <= 0x10FFFF >> 12 ? 4 : 0;
}

/* Stops right before what is cut or invalid, or within the last three bytes. */
size_t wsc_utf8_scalar(const uint8_t *data, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if (data[i] < 0x80) {
            size_t n = skip_ascii(data + i, len - i);
            i += n != 0 ? n : 1;
            continue;
        }
        size_t n = len - i >= 4 ? character(data + i) : 0;
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

size_t wsc_utf8_feed(struct wsc_utf8 *utf8, const uint8_t *data, size_t len)
{
    enum state state = (enum state)utf8->state;
    bool skipped = false;
    size_t i = 0;
    while (i < len) {
        if (state == CHARACTER && !skipped) {
            skipped = true;
            i += wsc_kernels()->utf8(data + i, len - i);
            continue;
        }
        state = step(state, data[i]);
        if (state == STUCK)
            break;
        i++;
    }
    utf8->state = (uint8_t)state;
    return i;
}

bool wsc_utf8_valid(const uint8_t *data, size_t len)
{
    struct wsc_utf8 utf8 = {0};
    return wsc_utf8_feed(&utf8, data, len) == len && wsc_utf8_complete(&utf8);
}
