#include "program.h"

#include <string.h>

uint64_t wss_mix(uint64_t seed, const char *text)
{
    uint64_t h = seed ^ 0xcbf29ce484222325u;
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * 0x100000001b3u;
    return wss_draw(&h);
}

uint64_t wss_draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void wss_draw_bytes(uint64_t *state, uint8_t *out, size_t n)
{
    while (n) {
        uint64_t word = wss_draw(state);
        size_t take = n < sizeof word ? n : sizeof word;
        memcpy(out, &word, take);
        out += take;
        n -= take;
    }
}
