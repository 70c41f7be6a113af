/* wsp/chance.h - repeatable chance: masking keys, nonces.  Not for secrets. */
#ifndef WSP_CHANCE_H
#define WSP_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* splitmix64: any state will do, zero too. */
static inline uint64_t wsp_chance(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline void wsp_chance_bytes(uint64_t *state, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)wsp_chance(state);
}

#endif
