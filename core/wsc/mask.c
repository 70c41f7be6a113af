#include <string.h>

#include <wsc/mask.h>

void wsc_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t phase)
{
    uint8_t turned[8];
    for (unsigned i = 0; i < 8; i++)
        turned[i] = key[(phase + i) & 3];
    uint64_t wide;
    memcpy(&wide, turned, 8);

    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        word ^= wide;
        memcpy(data + i, &word, 8);
    }
    for (; i < len; i++)
        data[i] ^= turned[i & 7];
}
