/* sim_parts.h - shared by the files of the loop in memory. */
#ifndef WSH_SIM_PARTS_H
#define WSH_SIM_PARTS_H

#include <wsh/loop_sim.h>

/* The context is a struct wsp_config. */
extern const struct wsh_sim_peer wsh_sim_reference;

#endif
