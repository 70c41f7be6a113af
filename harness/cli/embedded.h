/* embedded.h - the cases that the program carries in itself, and the kits: scenarios for servers of
 * others, which settings point at theirs. */
#ifndef WSPROOF_EMBEDDED_H
#define WSPROOF_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; /* "framing.wst"; NULL behind the last */
    const unsigned char *text;
    size_t length;
};
extern const struct embedded embedded_cases[], embedded_kits[];

#endif
