#include <string.h>

#include <wsc/mask.h>

#include "kernels.h"

bool wsc_mask_scalar(uint8_t *data, size_t len, uint32_t key)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t wide = (uint64_t)key << 32 | key, word, seen = 0;
    uint8_t bytes[4];
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        memcpy(&word, data + i, 8);
        word ^= wide;
        memcpy(data + i, &word, 8);
        seen |= word;
    }
    memcpy(bytes, &key, 4);
    for (; i < len; i++) {
        data[i] ^= bytes[i & 3];
        seen |= data[i];
    }
    return (seen & high) == 0;
}

bool wsc_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t phase)
{
    uint32_t word;
    memcpy(&word, key, 4);
    return wsc_kernels()->mask(data, len, wsc_key_turn(word, phase));
}
