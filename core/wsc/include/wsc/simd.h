/* wsc/simd.h - which implementation of masking and UTF-8 validation is at work.
 *
 * All give the same answers; the best one that this processor has is chosen at first use.  Any
 * thread may call anything here at any time.
 */
#ifndef WSC_SIMD_H
#define WSC_SIMD_H

#include <stdbool.h>

enum wsc_simd {
    WSC_SIMD_SCALAR, /* plain C, everywhere */
    WSC_SIMD_SSE2,   /* x86-64 */
    WSC_SIMD_SSSE3,
    WSC_SIMD_AVX2,
    WSC_SIMD_NEON, /* arm64 */
    WSC_SIMD_COUNT
};

const char *wsc_simd_name(enum wsc_simd simd);

/* Is it built in, and has this processor what it needs? */
bool wsc_simd_available(enum wsc_simd simd);

enum wsc_simd wsc_simd_chosen(void);

/* For tests and benchmarks: use this one from now on, in the whole process.  False when it is not
 * available; then nothing changes. */
bool wsc_simd_force(enum wsc_simd simd);

#endif
