/* deflate_parts.h - what the files of permessage-deflate share; private to the core. */
#ifndef WSC_DEFLATE_PARTS_H
#define WSC_DEFLATE_PARTS_H

#define ZLIB_CONST
#include <zlib.h>

#include <wsc/deflate.h>

/* zlib's memory comes from the struct wsc_memory that `opaque` points to. */
voidpf wsc_zalloc(voidpf opaque, uInt items, uInt size);
void wsc_zfree(voidpf opaque, voidpf memory);

/* What binds one side: the base-2 logarithm of its window, and whether it may keep it. */
unsigned wsc_deflate_bits(const struct wsc_deflate_terms *agreed, enum wsc_role sender);
bool wsc_deflate_takeover(const struct wsc_deflate_terms *agreed, enum wsc_role sender);

#endif
