#define _DEFAULT_SOURCE
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "feed.h"

enum { ROOM = 1 << 20 };

uint8_t *guarded(const uint8_t *bytes, size_t len)
{
    static uint8_t *room;
    if (room == NULL) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        void *map =
            mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert(map != MAP_FAILED);
        room = map;
        ck_assert_int_eq(mprotect(room + ROOM, page, PROT_NONE), 0);
    }
    ck_assert_uint_le(len, ROOM);
    uint8_t *copy = room + ROOM - len;
    if (len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

/* One pass: a first piece of `first` bytes, then pieces of `step`. */
static void pass(const struct feed *f, const uint8_t *bytes, size_t len, size_t first, size_t step)
{
    char how[64];
    f->begin(f->context);
    size_t at = 0, n = first;
    while (at < len) {
        if (n > len - at)
            n = len - at;
        f->piece(f->context, guarded(bytes + at, n), n);
        at += n;
        n = step;
    }
    snprintf(how, sizeof how, "%zu bytes: %zu, then by %zu", len, first, step);
    f->end(f->context, how);
}

void feed(const struct feed *f, const uint8_t *bytes, size_t len)
{
    static const size_t steps[] = {1, 2, 3, 7, 126};
    pass(f, bytes, len, len, len);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        pass(f, bytes, len, steps[i], steps[i]);
    size_t stride = len <= 64 ? 1 : len / (len > 4096 ? 16 : 64) + 1;
    for (size_t cut = 1; cut < len; cut += stride)
        pass(f, bytes, len, cut, len);
}
