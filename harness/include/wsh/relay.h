/* wsh/relay.h - stand between clients and a server, and have what they say recorded.
 *
 * Clients come to a port of 127.0.0.1, in clear or over TLS; each gets a connection of its own to
 * the server, over TLS if wsh_uv_speak_tls says so.  What one side ends or resets is ended or reset
 * for the other.
 */
#ifndef WSH_RELAY_H
#define WSH_RELAY_H

#include <wsh/loop_uv.h>
#include <wsh/record.h>

struct wsh_relay_setup {
    unsigned port;               /* 0: any that is free */
    struct wsh_tls_context *tls; /* of wsh_tls_server: clients speak it; NULL: in clear */
    uint64_t connections;        /* end when so many have ended; 0: never */
    void (*ready)(void *context, unsigned port);
    void *context;
    const bool *stop;
};

/* To the target of `uv`, until *stop or enough connections.  0, or -1 and a sentence in error. */
int wsh_relay(struct wsh_uv *uv, const struct wsh_relay_setup *setup, struct wsh_record *record,
              char *error, size_t size);

#endif
