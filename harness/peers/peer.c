#include <wsp/peer.h>

#include <stdlib.h>
#include <string.h>

#include <wsp/chance.h>
#include "endpoint.h"
#include "filter.h"
#include "registry.h"

enum { FILTERS_MAX = 64, WIRE_FULL = 256 << 10 };

struct wsp_peer {
    struct wsp_endpoint *endpoint;
    struct wsp_world *world;
    struct wsp_bytes wire; /* to be written */
    enum wsp_end end;
    uint64_t due; /* when it wants to be woken */
    size_t count;
    struct wsp_filter filters[]; /* outermost first */
};

static size_t count_filters(const char *const *ids)
{
    size_t n = 0;

    while (ids && ids[n])
        n++;
    return n;
}

static bool open_filters(struct wsp_peer *peer, const struct wsp_config *config, uint64_t seed)
{
    for (size_t i = 0; i < peer->count; i++) {
        const struct wsp_filter_info *info = wsp_filter(config->filters[i]);

        if (!info)
            return false;
        wsp_filter_open(&peer->filters[i], info, wsp_registry_function(info), config,
                        wsp_chance(&seed));
    }
    return true;
}

static void pump(struct wsp_peer *peer, uint64_t now);

size_t wsp_message_limit(const struct wsp_config *config)
{
    return config->max_message ? config->max_message : WSP_MESSAGE_MAX;
}

struct wsp_peer *wsp_peer_new(const struct wsp_config *config, uint64_t now)
{
    size_t count = count_filters(config->filters);
    struct wsp_world *world = config->world;
    uint64_t seed = world ? world->seed + ++world->connections : 0;
    struct wsp_peer *peer;

    if (count > FILTERS_MAX)
        return NULL;
    peer = calloc(1, sizeof *peer + count * sizeof peer->filters[0]);
    if (!peer)
        return NULL;
    peer->world = world;
    peer->count = count;
    peer->wire.ceiling = SIZE_MAX / 4;
    peer->endpoint = wsp_endpoint_new(config, wsp_chance(&seed), now);
    if (!peer->endpoint || !open_filters(peer, config, seed)) {
        wsp_peer_free(peer);
        return NULL;
    }
    if (world && world->dead)
        peer->end = WSP_RESET;
    pump(peer, now);
    return peer;
}

void wsp_peer_free(struct wsp_peer *peer)
{
    if (!peer)
        return;
    for (size_t i = 0; i < peer->count; i++)
        if (peer->filters[i].info)
            wsp_filter_free(&peer->filters[i]);
    wsp_endpoint_free(peer->endpoint);
    wsp_bytes_free(&peer->wire);
    free(peer);
}

/* Only what happened to a filter can move it: the others are passed over. */
static void stir(struct wsp_filter *filter)
{
    filter->stirred[WSP_IN] = filter->stirred[WSP_OUT] = true;
}

/* Outward.  Station `count` is the endpoint, station i is filter i; what leaves filter 0 goes to
 * the wire. */

static void deliver_out(struct wsp_peer *peer, size_t from, const uint8_t *data, size_t len,
                        uint64_t now)
{
    if (from == 0) {
        wsp_bytes_add(&peer->wire, data, len);
        return;
    }
    stir(&peer->filters[from - 1]);
    wsp_filter_receive(&peer->filters[from - 1], WSP_OUT, data, len, now);
}

static void end_out(struct wsp_filter *filter, bool reset, uint64_t now)
{
    filter->heard_out_end = true;
    stir(filter);
    wsp_filter_ended(filter, WSP_OUT, reset, now);
}

static bool endpoint_speaks(struct wsp_peer *peer, uint64_t now)
{
    const uint8_t *bytes;
    size_t len = wsp_endpoint_output(peer->endpoint, &bytes);

    if (len == 0 || wsp_bytes_len(&peer->wire) >= WIRE_FULL)
        return false;
    deliver_out(peer, peer->count, bytes, len, now);
    wsp_endpoint_written(peer->endpoint, len, now);
    return true;
}

static bool endpoint_ends(struct wsp_peer *peer, uint64_t now)
{
    enum wsp_end end = wsp_endpoint_end(peer->endpoint);

    if (end == WSP_OPEN)
        return false;
    if (peer->count == 0) {
        peer->end = end;
        return false;
    }
    if (peer->filters[peer->count - 1].heard_out_end)
        return false;
    end_out(&peer->filters[peer->count - 1], end == WSP_RESET, now);
    return true;
}

static bool filter_speaks(struct wsp_peer *peer, size_t i, uint64_t now)
{
    struct wsp_bytes *out = wsp_filter_output(&peer->filters[i], WSP_OUT);

    if (!out)
        return false;
    deliver_out(peer, i, wsp_bytes_data(out), wsp_bytes_len(out), now);
    wsp_bytes_clear(out);
    return true;
}

static bool filter_ends(struct wsp_peer *peer, size_t i, uint64_t now)
{
    enum wsp_end end = wsp_filter_end(&peer->filters[i], WSP_OUT);

    if (end == WSP_OPEN)
        return false;
    if (i == 0) {
        peer->end = end;
        return false;
    }
    if (peer->filters[i - 1].heard_out_end)
        return false;
    end_out(&peer->filters[i - 1], end == WSP_RESET, now);
    return true;
}

static bool pump_out(struct wsp_peer *peer, uint64_t now)
{
    for (size_t i = 0; i < peer->count; i++) {
        struct wsp_filter *filter = &peer->filters[i];

        if (!filter->stirred[WSP_OUT])
            continue;
        if (filter_speaks(peer, i, now) || filter_ends(peer, i, now) ||
            wsp_filter_step(filter, WSP_OUT)) {
            stir(filter);
            return true;
        }
        filter->stirred[WSP_OUT] = false;
    }
    return endpoint_speaks(peer, now) || endpoint_ends(peer, now);
}

/* Inward. */

static void deliver_in(struct wsp_peer *peer, size_t to, const uint8_t *data, size_t len,
                       uint64_t now)
{
    if (to == peer->count) {
        wsp_endpoint_receive(peer->endpoint, data, len, now);
        return;
    }
    stir(&peer->filters[to]);
    wsp_filter_receive(&peer->filters[to], WSP_IN, data, len, now);
}

static void end_in(struct wsp_peer *peer, size_t to, bool reset, uint64_t now)
{
    if (to < peer->count) {
        stir(&peer->filters[to]);
        wsp_filter_ended(&peer->filters[to], WSP_IN, reset, now);
        return;
    }
    wsp_endpoint_ended(peer->endpoint, reset, now);
}

static bool filter_passes_in(struct wsp_peer *peer, size_t i, uint64_t now)
{
    struct wsp_filter *filter = &peer->filters[i];
    struct wsp_bytes *out = wsp_filter_output(filter, WSP_IN);
    enum wsp_end end;

    if (out) {
        deliver_in(peer, i + 1, wsp_bytes_data(out), wsp_bytes_len(out), now);
        wsp_bytes_clear(out);
        return true;
    }
    end = wsp_filter_end(filter, WSP_IN);
    if (end == WSP_OPEN || filter->told_in_end)
        return false;
    filter->told_in_end = true;
    end_in(peer, i + 1, end == WSP_RESET, now);
    return true;
}

static bool pump_in(struct wsp_peer *peer, uint64_t now)
{
    for (size_t i = peer->count; i-- > 0;) {
        struct wsp_filter *filter = &peer->filters[i];

        if (!filter->stirred[WSP_IN])
            continue;
        if (filter_passes_in(peer, i, now) || wsp_filter_step(filter, WSP_IN)) {
            stir(filter);
            return true;
        }
        filter->stirred[WSP_IN] = false;
    }
    return false;
}

static bool broken(const struct wsp_peer *peer)
{
    for (size_t i = 0; i < peer->count; i++)
        if (wsp_filter_broken(&peer->filters[i]))
            return true;
    return peer->wire.broken;
}

static uint64_t find_due(const struct wsp_peer *peer)
{
    uint64_t first = wsp_endpoint_deadline(peer->endpoint);

    for (size_t i = 0; i < peer->count; i++) {
        uint64_t deadline = wsp_filter_deadline(&peer->filters[i]);

        if (deadline < first)
            first = deadline;
    }
    return first;
}

/* What goes out goes first, so that a filter knows the answer to one frame before it sees the next.
 */
static void pump(struct wsp_peer *peer, uint64_t now)
{
    for (size_t i = 0; i < peer->count; i++) {
        peer->filters[i].now = now;
        if (peer->filters[i].hold_until > 0) /* what it held may be due */
            stir(&peer->filters[i]);
    }
    while (peer->end != WSP_RESET && (pump_out(peer, now) || pump_in(peer, now)))
        continue;
    if (broken(peer))
        peer->end = WSP_RESET;
    peer->due = find_due(peer);
}

void wsp_peer_receive(struct wsp_peer *peer, const uint8_t *data, size_t len, uint64_t now)
{
    if (peer->end == WSP_RESET)
        return;
    deliver_in(peer, 0, data, len, now);
    pump(peer, now);
}

void wsp_peer_ended(struct wsp_peer *peer, bool reset, uint64_t now)
{
    if (peer->end == WSP_RESET)
        return;
    end_in(peer, 0, reset, now);
    pump(peer, now);
}

static size_t segment_size(const struct wsp_peer *peer)
{
    size_t size = SIZE_MAX;

    for (size_t i = 0; i < peer->count; i++)
        if (peer->filters[i].segment && peer->filters[i].segment < size)
            size = peer->filters[i].segment;
    return size;
}

size_t wsp_peer_output(struct wsp_peer *peer, const uint8_t **bytes)
{
    size_t len = wsp_bytes_len(&peer->wire), most = segment_size(peer);

    *bytes = wsp_bytes_data(&peer->wire);
    if (peer->end == WSP_RESET)
        return 0;
    return len < most ? len : most;
}

void wsp_peer_written(struct wsp_peer *peer, size_t len, uint64_t now)
{
    wsp_bytes_take(&peer->wire, len);
    pump(peer, now);
}

enum wsp_end wsp_peer_end(const struct wsp_peer *peer)
{
    return peer->end;
}

unsigned wsp_peer_below(const struct wsp_peer *peer)
{
    unsigned below = 0;

    for (size_t i = 0; i < peer->count; i++)
        below |= peer->filters[i].below;
    return below;
}

bool wsp_peer_tls_failed(struct wsp_peer *peer, const uint8_t *data, size_t len, size_t *from)
{
    for (size_t i = 0; i < peer->count; i++)
        if (wsp_filter_tls_failed(&peer->filters[i], data, len, from))
            return true;
    return false;
}

bool wsp_peer_full(const struct wsp_peer *peer)
{
    return wsp_bytes_len(&peer->wire) >= WIRE_FULL || wsp_endpoint_full(peer->endpoint);
}

uint64_t wsp_peer_deadline(const struct wsp_peer *peer)
{
    return peer->due;
}

void wsp_peer_tick(struct wsp_peer *peer, uint64_t now)
{
    for (size_t i = 0; i < peer->count; i++) {
        stir(&peer->filters[i]);
        wsp_filter_tick(&peer->filters[i], now);
    }
    if (now >= wsp_endpoint_deadline(peer->endpoint))
        wsp_endpoint_tick(peer->endpoint, now);
    pump(peer, now);
}
