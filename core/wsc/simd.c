#include <wsc/simd.h>

#include "kernels.h"

#ifdef WSC_X86
#include <cpuid.h>

/* AVX2 needs the processor and a system that saves the wide registers. */
static bool has_avx2(void)
{
    const unsigned saved = bit_OSXSAVE | bit_AVX;
    unsigned a, b = 0, c = 0, d, low = 0, high;
    __get_cpuid(1, &a, &b, &c, &d); /* what the processor cannot tell stays as it is */
    if ((c & saved) == saved)
        __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    b = 0;
    __get_cpuid_count(7, 0, &a, &b, &c, &d);
    return (low & 6) == 6 && (b & bit_AVX2) != 0;
}

static bool has_ssse3(void)
{
    unsigned a, b, c = 0, d;
    __get_cpuid(1, &a, &b, &c, &d);
    return (c & bit_SSSE3) != 0;
}
#endif

static bool always(void)
{
    return true;
}

static const struct wsc_kernels scalar = {wsc_mask_scalar, wsc_utf8_scalar, wsc_head_scalar};

/* In the order of enum wsc_simd, from the slowest to the best; `kernels` is NULL where not built
 * in. */
static const struct {
    const char *name;
    const struct wsc_kernels *kernels;
    bool (*has)(void);
} table[WSC_SIMD_COUNT] = {
    [WSC_SIMD_SCALAR] = {"scalar", &scalar, always},
#ifdef WSC_X86
    [WSC_SIMD_SSE2] = {"SSE2", &wsc_kernels_sse2, always},
    [WSC_SIMD_SSSE3] = {"SSSE3", &wsc_kernels_ssse3, has_ssse3},
    [WSC_SIMD_AVX2] = {"AVX2", &wsc_kernels_avx2, has_avx2},
#else
    [WSC_SIMD_SSE2] = {"SSE2", NULL, always},        [WSC_SIMD_SSSE3] = {"SSSE3", NULL, always},
    [WSC_SIMD_AVX2] = {"AVX2", NULL, always},
#endif
#ifdef WSC_ARM
    [WSC_SIMD_NEON] = {"NEON", &wsc_kernels_neon, always},
#else
    [WSC_SIMD_NEON] = {"NEON", NULL, always},
#endif
};

_Atomic(const struct wsc_kernels *) wsc_kernels_chosen;

const char *wsc_simd_name(enum wsc_simd simd)
{
    return table[simd].name;
}

bool wsc_simd_available(enum wsc_simd simd)
{
    return table[simd].kernels != NULL && table[simd].has();
}

bool wsc_simd_force(enum wsc_simd simd)
{
    if (!wsc_simd_available(simd))
        return false;
    atomic_store_explicit(&wsc_kernels_chosen, table[simd].kernels, memory_order_relaxed);
    return true;
}

/* Two threads may both come here first: they choose the same, and neither undoes a forced choice.
 */
const struct wsc_kernels *wsc_kernels_choose(void)
{
    unsigned best = WSC_SIMD_COUNT - 1;
    while (!wsc_simd_available((enum wsc_simd)best))
        best--;
    const struct wsc_kernels *none = NULL;
    if (!atomic_compare_exchange_strong(&wsc_kernels_chosen, &none, table[best].kernels))
        return none;
    return table[best].kernels;
}

enum wsc_simd wsc_simd_chosen(void)
{
    const struct wsc_kernels *kernels = wsc_kernels();
    unsigned simd = WSC_SIMD_SCALAR;
    while (table[simd].kernels != kernels)
        simd++;
    return (enum wsc_simd)simd;
}
