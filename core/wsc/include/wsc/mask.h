/* wsc/mask.h - masking, RFC 6455, section 5.3: its own inverse. */
#ifndef WSC_MASK_H
#define WSC_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* XORs data[i] with key[(phase + i) % 4].  `phase` is the number of payload bytes before data[0].
 * True: every byte is ASCII now (so it is valid UTF-8 by itself). */
bool wsc_mask(uint8_t *data, size_t len, const uint8_t key[4], uint64_t phase);

#endif
