#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <wsn/notation.h>

enum { BLOCK_SIZE = 64 * 1024 };
#define DEFAULT_LIMIT ((size_t)1 << 30)

struct wsn_block {
    struct wsn_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

static struct wsn_block *add_block(struct wsn_arena *arena, size_t room)
{
    size_t limit = arena->limit ? arena->limit : DEFAULT_LIMIT;
    size_t size = room > BLOCK_SIZE ? room : BLOCK_SIZE;
    if (arena->used > limit || room > limit - arena->used)
        return NULL;
    if (size > limit - arena->used)
        size = room;
    struct wsn_block *block = calloc(1, sizeof *block + size);
    if (!block)
        return NULL;
    block->size = size;
    arena->used += size;
    /* A large block is full at once: the one in use stays at the head. */
    if (arena->blocks && size > BLOCK_SIZE) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

static void *none(struct wsn_arena *arena)
{
    if (arena->failed)
        *arena->failed = true;
    return NULL;
}

void *wsn_alloc(struct wsn_arena *arena, size_t size)
{
    const size_t step = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        return none(arena);
    size = size ? (size + step - 1) / step * step : step;
    struct wsn_block *block = arena->blocks;
    if (!block || block->size - block->used < size)
        block = add_block(arena, size);
    if (!block)
        return none(arena);
    void *p = block->bytes + block->used;
    block->used += size;
    return p;
}

char *wsn_copy(struct wsn_arena *arena, const char *p, size_t n)
{
    if (n >= SIZE_MAX / 2)
        return none(arena);
    char *copy = wsn_alloc(arena, n + 1);
    if (copy && n)
        memcpy(copy, p, n);
    return copy;
}

void wsn_arena_drop(struct wsn_arena *arena)
{
    struct wsn_block *block = arena->blocks;
    while (block) {
        struct wsn_block *next = block->next;
        free(block);
        block = next;
    }
    arena->blocks = NULL;
    arena->used = 0;
}
