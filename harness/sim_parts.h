/* sim_parts.h - shared by the files of the loop in memory. */
#ifndef WSH_SIM_PARTS_H
#define WSH_SIM_PARTS_H

#include <wsh/loop_sim.h>

/* The context is a struct wsp_config. */
extern const struct wsh_sim_peer wsh_sim_reference;

/* Bytes under way in one direction. */
struct wsh_pipe {
    uint8_t *ring;
    size_t size, at, used;
    uint64_t ready; /* what is in it arrives at this time */
    bool ended;     /* the writer will write no more */
    bool told;      /* the reader knows */
};

/* A ring of `size` bytes, freed by its owner.  False when memory ends. */
bool wsh_pipe_open(struct wsh_pipe *pipe, size_t size);
/* As many of the bytes as there is room for, or are there; how many. */
size_t wsh_pipe_put(struct wsh_pipe *pipe, const uint8_t *p, size_t n);
size_t wsh_pipe_take(struct wsh_pipe *pipe, uint8_t *out, size_t n);

#endif
