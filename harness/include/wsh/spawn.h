/* wsh/spawn.h - a target that we start ourselves.
 *
 * The command is run by /bin/sh in a process group of its own, with every `{port}` replaced; the
 * end of what it writes is kept.  Nothing of the group outlives wsh_spawn_free, nor this process:
 * a shell in the group waits on a pipe whose other end is ours, and kills the group when we are
 * gone, however we ended.
 */
#ifndef WSH_SPAWN_H
#define WSH_SPAWN_H

#include <wsh/loop_uv.h>

struct wsh_spawn;

/* A port of 127.0.0.1 that is free now; 0 if none is. */
unsigned wsh_free_port(void);

struct wsh_spawn *wsh_spawn_new(struct wsh_uv *uv, const char *command, unsigned port);
struct wsh_target *wsh_spawn_target(struct wsh_spawn *spawn);
/* The processor time of all that it started so far, in milliseconds. */
uint64_t wsh_spawn_cpu_ms(const struct wsh_spawn *spawn);
/* SIGTERM to the group, and SIGKILL when it is still there after 2 s. */
void wsh_spawn_free(struct wsh_spawn *spawn);

#endif
