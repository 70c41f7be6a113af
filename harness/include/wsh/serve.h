/* wsh/serve.h - put a peer of wsp/peer.h behind a TCP listener. */
#ifndef WSH_SERVE_H
#define WSH_SERVE_H

#include <wsh/loop_uv.h>
#include <wsp/peer.h>

/* Listens on 127.0.0.1 and serves until *stop is true, over TLS unless `tls` is NULL; so many
 * connections at a time (0: all), the next waits to be accepted.  `ready` is called with the port.
 * When a filter kills the world, it returns like a process that dies: all connections are reset.
 * 0, or -1 and a sentence in error. */
int wsh_serve(struct wsh_uv *uv, const struct wsp_config *config, struct wsh_tls_context *tls,
              unsigned port, unsigned at_once, void (*ready)(void *context, unsigned port),
              void *context, const bool *stop, char *error, size_t size);

#endif
