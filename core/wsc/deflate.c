#include <assert.h>
#include <string.h>

#include "deflate_parts.h"

enum {
    TAIL = 4,    /* 00 00 ff ff */
    FLUSHED = 16 /* an empty stored block behind the bits that wait, with room to see that it fit */
};

struct wsc_deflate {
    struct wsc_memory memory;
    z_stream z;
    bool takeover;
};

static int start(struct wsc_deflate *d, unsigned bits, int level)
{
    d->z.zalloc = wsc_zalloc;
    d->z.zfree = wsc_zfree;
    d->z.opaque = &d->memory;
    return deflateInit2(&d->z, level, Z_DEFLATED, bits == 8 ? -9 : -(int)bits, 8,
                        bits == 8 ? Z_RLE : Z_DEFAULT_STRATEGY);
}

struct wsc_deflate *wsc_deflate_new(const struct wsc_memory *memory, enum wsc_role sender,
                                    const struct wsc_deflate_terms *agreed, int level)
{
    assert(level >= 0 && level <= 9);
    struct wsc_deflate *d = memory->allocate(memory->context, sizeof *d);
    if (d == NULL)
        return NULL;
    memset(d, 0, sizeof *d);
    d->memory = *memory;
    d->takeover = wsc_deflate_takeover(agreed, sender);
    if (start(d, wsc_deflate_bits(agreed, sender), level) != Z_OK) {
        memory->release(memory->context, d);
        return NULL;
    }
    return d;
}

void wsc_deflate_free(struct wsc_deflate *d)
{
    if (d == NULL)
        return;
    struct wsc_memory memory = d->memory;
    deflateEnd(&d->z);
    memory.release(memory.context, d);
}

size_t wsc_deflate_bound(struct wsc_deflate *d, size_t len)
{
    return deflateBound(&d->z, len) + FLUSHED;
}

/* Every part ends on a byte, so that it can leave at once. */
size_t wsc_deflate_part(struct wsc_deflate *d, const uint8_t *data, size_t len, bool last,
                        uint8_t *out, size_t size)
{
    z_stream *z = &d->z;
    assert(size >= wsc_deflate_bound(d, len));
    assert(size <= UINT32_MAX);
    z->next_in = data;
    z->avail_in = (uInt)len;
    z->next_out = out;
    z->avail_out = (uInt)size;
    deflate(z, Z_SYNC_FLUSH);
    assert(z->avail_in == 0 && z->avail_out != 0);
    size_t n = size - z->avail_out;
    if (!last)
        return n;
    if (!d->takeover)
        deflateReset(z);
    if (n == 0) /* zlib does not flush twice: an empty stored block of our own (section 7.2.3.6) */
        out[n++] = 0;
    else
        n -= TAIL;
    return n;
}
