#include "heads.h"

/* SHA-1 as FIPS 180-4 describes it, a byte at a time. */
struct digest {
    uint32_t h[5];
    uint8_t block[64];
    uint64_t count;
};

static uint32_t rotate(uint32_t word, unsigned by)
{
    return word << by | word >> (32 - by);
}

static void digest_block(struct digest *d)
{
    static const uint32_t constants[] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t w[80], a = d->h[0], b = d->h[1], c = d->h[2], e = d->h[3], f = d->h[4];

    for (unsigned t = 0; t < 80; t++) {
        const uint8_t *p = &d->block[4 * (t & 15)];
        uint32_t mix, next;

        w[t] = t < 16 ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                      : rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        mix = t < 20              ? (b & c) | (~b & e)
              : t >= 40 && t < 60 ? (b & c) | (b & e) | (c & e)
                                  : b ^ c ^ e;
        next = rotate(a, 5) + mix + f + constants[t / 20] + w[t];
        f = e;
        e = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    d->h[0] += a;
    d->h[1] += b;
    d->h[2] += c;
    d->h[3] += e;
    d->h[4] += f;
}

static void digest_byte(struct digest *d, uint8_t byte)
{
    d->block[d->count++ % 64] = byte;
    if (d->count % 64 == 0)
        digest_block(d);
}

static void digest_end(struct digest *d, uint8_t out[21])
{
    uint64_t bits = d->count * 8;

    digest_byte(d, 0x80);
    while (d->count % 64 != 56)
        digest_byte(d, 0);
    for (int i = 56; i >= 0; i -= 8)
        digest_byte(d, (uint8_t)(bits >> i));
    for (unsigned i = 0; i < 20; i++)
        out[i] = (uint8_t)(d->h[i / 4] >> (24 - 8 * (i % 4)));
    out[20] = 0;
}

/* RFC 9110, section 5.5: NUL, CR and LF within a value become SP before it is used. */
static uint8_t repaired(uint8_t byte)
{
    return byte == 0 || byte == '\r' || byte == '\n' ? ' ' : byte;
}

void wso_accept(struct wso_span key, char accept[28])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct digest d = {.h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0}};
    uint8_t out[21];

    for (size_t i = 0; i < key.n; i++)
        digest_byte(&d, repaired(key.p[i]));
    for (size_t i = 0; guid[i] != '\0'; i++)
        digest_byte(&d, (uint8_t)guid[i]);
    digest_end(&d, out);
    for (unsigned i = 0; i < 7; i++) {
        uint32_t three =
            (uint32_t)out[3 * i] << 16 | (uint32_t)out[3 * i + 1] << 8 | out[3 * i + 2];

        for (unsigned j = 0; j < 4; j++)
            accept[4 * i + j] = letters[three >> (18 - 6 * j) & 63];
    }
    accept[27] = '=';
}
