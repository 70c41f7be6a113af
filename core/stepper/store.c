/* store.c - the bytes behind the logs: kept once, however many entries tell of them. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* There may be thousands of connections that say little: the first slab is small. */
enum { SLAB_FIRST = 1 << 10, SLAB_MOST = 16 << 10 };

static struct slab *slab_new(struct wss_run *run, size_t room)
{
    struct slab *slab = wss_got(run, malloc(sizeof *slab + room));
    if (slab)
        *slab = (struct slab){.users = 1, .room = room};
    return slab;
}

void wss_leave(struct slab *slab)
{
    if (slab && --slab->users == 0)
        free(slab);
}

struct kept wss_share(const struct kept *kept)
{
    if (kept->slab)
        kept->slab->users++;
    return *kept;
}

size_t wss_store_open(const struct store *store)
{
    return store->slab ? store->slab->used - store->from : 0;
}

const uint8_t *wss_store_at(const struct store *store)
{
    return store->slab ? store->slab->bytes + store->from : NULL;
}

void wss_store_undo(struct store *store)
{
    if (!store->slab)
        return;
    store->slab->used = store->from;
    if (store->slab->users == 1) /* nobody's but ours: the same memory again, it is still warm */
        store->slab->used = store->from = 0;
}

/* The open entry alone is in the slab: that grows, and the kernel moves a large one for nothing. */
static bool grow_slab(struct wss_run *run, struct store *store, size_t room)
{
    struct slab *grown = wss_got(run, realloc(store->slab, sizeof *grown + room));
    if (!grown)
        return false;
    grown->room = room;
    store->slab = grown;
    return true;
}

static bool move_open(struct wss_run *run, struct store *store, size_t room)
{
    struct slab *slab = slab_new(run, room);
    size_t open = wss_store_open(store);
    if (!slab)
        return false;
    if (open)
        memcpy(slab->bytes, wss_store_at(store), open);
    slab->used = open;
    wss_leave(store->slab);
    *store = (struct store){.slab = slab};
    return true;
}

/* Room for so many bytes behind those of the open entry, which may move for it. */
static bool make_room(struct wss_run *run, struct store *store, size_t len)
{
    if (store->slab && store->slab->used + len <= store->slab->room)
        return true;
    size_t open = wss_store_open(store), need = open ? 2 * (open + len) : len;
    size_t room = store->slab ? 4 * store->slab->room : SLAB_FIRST;
    if (room > SLAB_MOST)
        room = SLAB_MOST;
    if (room < need)
        room = need;
    bool alone = store->slab && store->slab->users == 1 && store->from == 0;
    return alone ? grow_slab(run, store, room) : move_open(run, store, room);
}

uint8_t *wss_store_more(struct wss_run *run, struct store *store, size_t len)
{
    if (!make_room(run, store, len))
        return NULL;
    store->slab->used += len;
    return store->slab->bytes + store->slab->used - len;
}

bool wss_store_add(struct wss_run *run, struct store *store, const uint8_t *data, size_t len)
{
    uint8_t *out = wss_store_more(run, store, len);
    if (out && len)
        memcpy(out, data, len);
    return out != NULL;
}

struct kept wss_store_close(struct wss_run *run, struct store *store)
{
    if (!make_room(run, store, 0))
        return (struct kept){0};
    struct kept kept = {
        .slab = store->slab, .p = store->slab->bytes + store->from, .n = wss_store_open(store)};
    store->from = store->slab->used;
    return wss_share(&kept);
}

struct kept wss_store_put(struct wss_run *run, struct store *store, const uint8_t *data, size_t len)
{
    wss_store_undo(store);
    if (!wss_store_add(run, store, data, len))
        return (struct kept){0};
    return wss_store_close(run, store);
}

struct kept wss_kept_copy(struct wss_run *run, const uint8_t *data, size_t len)
{
    struct store store = {.slab = slab_new(run, len + 1)};
    struct kept kept = store.slab ? wss_store_put(run, &store, data, len) : (struct kept){0};
    wss_store_drop(&store);
    return kept;
}

void wss_store_drop(struct store *store)
{
    wss_leave(store->slab);
    *store = (struct store){0};
}
