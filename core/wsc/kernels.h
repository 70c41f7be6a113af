/* kernels.h - the work on bytes that has more than one implementation; private to the core. */
#ifndef WSC_KERNELS_H
#define WSC_KERNELS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 64 bytes of a head, a bit each; the first byte's is the lowest. */
struct wsc_head_bits {
    uint64_t ends;  /* no text of a field: control characters but HTAB, and DEL */
    uint64_t stops; /* neither a letter nor a hyphen: what a name mostly ends at */
};

struct wsc_kernels {
    /* XORs the data with the key, given as it lies in memory.  True: every byte is ASCII now. */
    bool (*mask)(uint8_t *data, size_t len, uint32_t key);
    /* How many bytes at the front of the text are surely whole characters.  May stop up to 80 bytes
     * before the first that is cut or invalid, so the caller goes on from there byte by byte. */
    size_t (*utf8)(const uint8_t *data, size_t len);
    struct wsc_head_bits (*head)(const uint8_t *data);
};

static inline uint8_t wsc_key_first(uint32_t key)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (uint8_t)(key >> 24);
#else
    return (uint8_t)key;
#endif
}

/* The key whose first byte is the one `by` bytes further on. */
static inline uint32_t wsc_key_turn(uint32_t key, uint64_t by)
{
    unsigned bits = (unsigned)(by & 3) * 8;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return key << bits | key >> (-bits & 31);
#else
    return key >> bits | key << (-bits & 31);
#endif
}

/* Up to so many bytes take less time than a call. */
enum { WSC_FEW = 16 };

/* Masks them: words that overlap, so both are read before one is written. */
static inline bool wsc_mask_few(uint8_t *data, size_t len, uint32_t key)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    if (len < 4) {
        unsigned seen = 0;
        for (size_t i = 0; i < len; i++, key = wsc_key_turn(key, 1))
            seen |= data[i] ^= wsc_key_first(key);
        return seen < 0x80;
    }
    uint32_t turned = wsc_key_turn(key, len);
    if (len < 8) {
        uint32_t a, z;
        memcpy(&a, data, 4);
        memcpy(&z, data + len - 4, 4);
        a ^= key;
        z ^= turned;
        memcpy(data, &a, 4);
        memcpy(data + len - 4, &z, 4);
        return ((a | z) & (uint32_t)high) == 0;
    }
    uint64_t a, z;
    memcpy(&a, data, 8);
    memcpy(&z, data + len - 8, 8);
    a ^= (uint64_t)key << 32 | key;
    z ^= (uint64_t)turned << 32 | turned;
    memcpy(data, &a, 8);
    memcpy(data + len - 8, &z, 8);
    return ((a | z) & high) == 0;
}

bool wsc_mask_scalar(uint8_t *data, size_t len, uint32_t key);
size_t wsc_utf8_scalar(const uint8_t *data, size_t len);
struct wsc_head_bits wsc_head_scalar(const uint8_t *data);

/* For what most frames pass by: kept out of the way of the rest. */
#ifdef __GNUC__
#define WSC_ASIDE __attribute__((noinline))
#define WSC_LIKELY(condition) __builtin_expect(condition, 1)
#else
#define WSC_ASIDE
#define WSC_LIKELY(condition) (condition)
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#define WSC_X86 1
#elif defined(__aarch64__) && defined(__GNUC__) && !defined(__AARCH64EB__)
#define WSC_ARM 1
#endif

#ifdef WSC_X86
extern const struct wsc_kernels wsc_kernels_sse2, wsc_kernels_ssse3, wsc_kernels_avx2;
#endif
#ifdef WSC_ARM
extern const struct wsc_kernels wsc_kernels_neon;
#endif

/* The place of the lowest bit; there is one. */
static inline unsigned wsc_lowest(uint64_t bits)
{
#ifdef __GNUC__
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned n = 0;
    while ((bits >> n & 1) == 0)
        n++;
    return n;
#endif
}

/* NULL before the first use.  It points to constants, so no order of memory needs care. */
extern _Atomic(const struct wsc_kernels *) wsc_kernels_chosen;
const struct wsc_kernels *wsc_kernels_choose(void);

static inline const struct wsc_kernels *wsc_kernels(void)
{
    const struct wsc_kernels *k = atomic_load_explicit(&wsc_kernels_chosen, memory_order_relaxed);
    return k != NULL ? k : wsc_kernels_choose();
}

/* The shortest text with a second vector of 16: that looks at three bytes before it. */
enum { WSC_UTF8_LEAST = 16 + 3 };

/* The vector kernels check a text up to `at`, where a character may be cut: where that begins. */
static inline size_t wsc_utf8_boundary(const uint8_t *data, size_t at)
{
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        uint8_t byte = data[at - back];
        if (byte < 0x80)
            break;
        if (byte >= 0xC0)
            return byte >= 0xF0 || back < (byte >= 0xE0 ? 3u : 2u) ? at - back : at;
    }
    return at;
}

#endif
