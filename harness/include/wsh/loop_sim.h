/* wsh/loop_sim.h - tasks in memory: pipes of limited size, and a clock that jumps.
 *
 * Nothing sleeps and nothing is random but for the seed, so the same tasks give the same outcomes,
 * and a whole suite runs in moments.  The seed varies how the streams are cut, how much a pipe
 * holds and how long bytes travel.
 */
#ifndef WSH_LOOP_SIM_H
#define WSH_LOOP_SIM_H

#include <wsh/loop.h>
#include <wsp/peer.h>

/* One side of a connection that is not ours: the functions of wsp/peer.h, as a table, so that tests
 * can put their own in.  `context` is wsh_sim_config's. */
struct wsh_sim_peer {
    void *(*make)(void *context, bool client, uint64_t now); /* NULL: TCP is refused */
    void (*drop)(void *peer);
    void (*receive)(void *peer, const uint8_t *data, size_t len, uint64_t now);
    void (*ended)(void *peer, bool reset, uint64_t now);
    size_t (*output)(void *peer, const uint8_t **bytes);
    void (*written)(void *peer, size_t len, uint64_t now);
    enum wsp_end (*end)(const void *peer);
    uint64_t (*deadline)(const void *peer);
    void (*tick)(void *peer, uint64_t now);
};

struct wsh_sim_config {
    uint64_t seed;
    bool whole;                      /* cut and delay nothing: each write arrives as it was made */
    const struct wsh_sim_peer *peer; /* NULL: wsp_peer_new, and context is a struct wsp_config */
    void *context;
};

struct wsh_sim;

struct wsh_sim *wsh_sim_new(const struct wsh_sim_config *config); /* the config is copied */
void wsh_sim_free(struct wsh_sim *sim);
struct wsh_loop *wsh_sim_loop(struct wsh_sim *sim);

#endif
