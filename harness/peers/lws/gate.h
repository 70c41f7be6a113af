/* lws/gate.h - what the libwebsockets server says before a connection is a WebSocket.
 *
 * libwebsockets upgrades more than RFC 6455, section 4.2.1, allows (any version and method,
 * HTTP/1.0) and hangs up where the RFC wants a status, so every upgrade is looked through here
 * first.
 */
#ifndef WSP_LWS_GATE_H
#define WSP_LWS_GATE_H

#include <libwebsockets.h>

#include "../site.h"

/* An upgrade is asked for: 0 lets it pass; 1: refused and answered; -1: hang up.  The place is
 * stored. */
int wsp_lws_gate_upgrade(struct lws *wsi);

/* Any other request: answers it; nonzero ends the connection. */
int wsp_lws_gate_plain(struct lws *wsi);

/* The place that this connection's request names; false: none. */
bool wsp_lws_gate_place(struct lws *wsi, struct wsp_place *place);

#endif
