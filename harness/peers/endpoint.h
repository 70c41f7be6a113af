/* wsp/endpoint.h - a conforming server or client: the innermost station of a peer.
 *
 * The same contract as peer.h, without filters.
 */
#ifndef WSP_ENDPOINT_H
#define WSP_ENDPOINT_H

#include <wsp/peer.h>

struct wsp_endpoint; /* private */

struct wsp_endpoint *wsp_endpoint_new(const struct wsp_config *config, uint64_t seed, uint64_t now);
void wsp_endpoint_free(struct wsp_endpoint *endpoint);

void wsp_endpoint_receive(struct wsp_endpoint *endpoint, const uint8_t *data, size_t len,
                          uint64_t now);
void wsp_endpoint_ended(struct wsp_endpoint *endpoint, bool reset, uint64_t now);
size_t wsp_endpoint_output(const struct wsp_endpoint *endpoint, const uint8_t **bytes);
void wsp_endpoint_written(struct wsp_endpoint *endpoint, size_t len, uint64_t now);
enum wsp_end wsp_endpoint_end(const struct wsp_endpoint *endpoint);
uint64_t wsp_endpoint_deadline(const struct wsp_endpoint *endpoint);
void wsp_endpoint_tick(struct wsp_endpoint *endpoint, uint64_t now);

/* So much input waits that the other side should be read no further for now. */
bool wsp_endpoint_full(const struct wsp_endpoint *endpoint);

#endif
