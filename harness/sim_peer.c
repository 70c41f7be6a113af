/* sim_peer.c - the reference peers (wsp/peer.h) as the other side of a pipe in memory. */
#include "sim_parts.h"

#include <stdlib.h>

struct reference {
    struct wsp_peer *peer;
    const struct wsp_world *world;
};

static bool is_dead(const struct reference *reference)
{
    return reference->world && reference->world->dead;
}

static void *reference_make(void *context, bool client, uint64_t now)
{
    struct wsp_config config = *(const struct wsp_config *)context;
    struct reference *reference = malloc(sizeof *reference);
    if (!reference)
        return NULL;
    config.client = client;
    *reference = (struct reference){.world = config.world};
    if (!is_dead(reference))
        reference->peer = wsp_peer_new(&config, now);
    if (!reference->peer) {
        free(reference);
        return NULL;
    }
    return reference;
}

static void reference_drop(void *peer)
{
    struct reference *reference = peer;
    wsp_peer_free(reference->peer);
    free(reference);
}

static void reference_receive(void *peer, const uint8_t *data, size_t len, uint64_t now)
{
    wsp_peer_receive(((struct reference *)peer)->peer, data, len, now);
}

static void reference_ended(void *peer, bool reset, uint64_t now)
{
    wsp_peer_ended(((struct reference *)peer)->peer, reset, now);
}

static size_t reference_output(void *peer, const uint8_t **bytes)
{
    const struct reference *reference = peer;
    return is_dead(reference) ? 0 : wsp_peer_output(reference->peer, bytes);
}

static void reference_written(void *peer, size_t len, uint64_t now)
{
    wsp_peer_written(((struct reference *)peer)->peer, len, now);
}

/* When a process dies the kernel resets all its connections. */
static enum wsp_end reference_end(const void *peer)
{
    const struct reference *reference = peer;
    return is_dead(reference) ? WSP_RESET : wsp_peer_end(reference->peer);
}

static uint64_t reference_deadline(const void *peer)
{
    return wsp_peer_deadline(((const struct reference *)peer)->peer);
}

static void reference_tick(void *peer, uint64_t now)
{
    wsp_peer_tick(((struct reference *)peer)->peer, now);
}

const struct wsh_sim_peer wsh_sim_reference = {
    .make = reference_make,
    .drop = reference_drop,
    .receive = reference_receive,
    .ended = reference_ended,
    .output = reference_output,
    .written = reference_written,
    .end = reference_end,
    .deadline = reference_deadline,
    .tick = reference_tick,
};
