#include "bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 512, ROOM_KEPT = 256 << 10 };

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

const struct wsc_memory wsp_heap = {allocate, release, NULL};

static bool grow(struct wsp_bytes *bytes, size_t need)
{
    size_t room = bytes->room ? bytes->room : ROOM_FIRST;
    uint8_t *memory;

    while (room < need)
        room *= 2;
    memory = realloc(bytes->memory, room);
    if (!memory)
        return false;
    bytes->memory = memory;
    bytes->room = room;
    return true;
}

static bool make_room(struct wsp_bytes *bytes, size_t len)
{
    size_t held = wsp_bytes_len(bytes);

    if (held > bytes->ceiling || len > bytes->ceiling - held)
        return false;
    if (bytes->room - bytes->end >= len)
        return true;
    if (bytes->at > 0) {
        memmove(bytes->memory, bytes->memory + bytes->at, held);
        bytes->at = 0;
        bytes->end = held;
    }
    return bytes->room - bytes->end >= len || grow(bytes, held + len);
}

bool wsp_bytes_add(struct wsp_bytes *bytes, const void *data, size_t len)
{
    if (bytes->broken)
        return false;
    if (len == 0)
        return true;
    if (!make_room(bytes, len)) {
        bytes->broken = true;
        return false;
    }
    memcpy(bytes->memory + bytes->end, data, len);
    bytes->end += len;
    return true;
}

bool wsp_bytes_add_text(struct wsp_bytes *bytes, const char *text)
{
    return wsp_bytes_add(bytes, text, strlen(text));
}

bool wsp_bytes_line_ends(const struct wsp_bytes *bytes, size_t *looked)
{
    size_t len = wsp_bytes_len(bytes), from = *looked < len ? *looked : len;

    *looked = len;
    return len > from && memchr(wsp_bytes_data(bytes) + from, '\n', len - from);
}

void wsp_bytes_take(struct wsp_bytes *bytes, size_t len)
{
    assert(len <= wsp_bytes_len(bytes));
    bytes->at += len;
    if (bytes->at == bytes->end)
        wsp_bytes_clear(bytes);
}

void wsp_bytes_clear(struct wsp_bytes *bytes)
{
    bytes->at = bytes->end = 0;
    if (bytes->room <= ROOM_KEPT)
        return;
    free(bytes->memory);
    bytes->memory = NULL;
    bytes->room = 0;
}

void wsp_bytes_move(struct wsp_bytes *to, struct wsp_bytes *from)
{
    wsp_bytes_add(to, wsp_bytes_data(from), wsp_bytes_len(from));
    wsp_bytes_clear(from);
}

void wsp_bytes_free(struct wsp_bytes *bytes)
{
    free(bytes->memory);
    *bytes = (struct wsp_bytes){.ceiling = bytes->ceiling};
}
