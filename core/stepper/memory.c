/* memory.c - where a run takes memory, and the one place that says what follows when it ends.
 *
 * Whatever is missing then, nothing that comes of it is judged: the run ends at the next look.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum { GROW_MIN = 256, LIST_MIN = 16 };

void *wss_got(struct wss_run *run, void *p)
{
    run->starved = run->starved || !p;
    return p;
}

char *wss_dup(struct wss_run *run, const char *text)
{
    return text ? wss_got(run, wsq_dup(text)) : NULL;
}

const char *wss_keep(struct wss_run *run, struct wsn_buffer *text)
{
    const char *kept = wsn_copy(&run->arena, text->p ? text->p : "", text->n);
    run->starved = run->starved || text->full;
    wsn_buffer_drop(text);
    return kept ? kept : "";
}

void *wss_more(struct wss_run *run, void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    size_t wanted = *room ? *room * 2 : LIST_MIN;
    void *grown = wss_got(run, realloc(list, wanted * size));
    if (grown)
        *room = wanted;
    return grown;
}

bool wss_grow_add(struct wss_run *run, struct grow *grow, const uint8_t *data, size_t len)
{
    if (grow->n + len > grow->room) {
        size_t room = grow->room ? grow->room : GROW_MIN;
        while (room < grow->n + len)
            room *= 2;
        uint8_t *p = wss_got(run, realloc(grow->p, room));
        if (!p)
            return false;
        grow->p = p;
        grow->room = room;
    }
    if (len)
        memcpy(grow->p + grow->n, data, len);
    grow->n += len;
    return true;
}

void wss_grow_clear(struct grow *grow)
{
    free(grow->p);
    *grow = (struct grow){0};
}
