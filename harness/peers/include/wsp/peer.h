/* wsp/peer.h - conforming endpoints, and filters that make them break one rule or take one liberty.
 *
 * A peer is one connection of an endpoint as a pure state machine: bytes in, bytes out, time as an argument.
 * The same peer runs behind a TCP listener (`wsproof peer`) and in memory.  The core has no hooks: a
 * mutant is a filter between the peer and the wire.
 */
#ifndef WSP_PEER_H
#define WSP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all connections of one target share. */
struct wsp_world {
    uint64_t seed;
    uint64_t clock;      /* milliseconds since 1970 when `now` is 0; 0: no clock, so no Date */
    bool dead;           /* a mutant killed the process: refuse every connection */
    unsigned fired;      /* how often a filter did its deed */
    unsigned connections;
};

enum { WSP_MESSAGE_MAX = 16 << 20 };

struct wsp_config {
    bool client;                  /* the endpoint that this peer plays; false: server */
    const char *const *filters;   /* ids of mutants and liberties, outermost first; NULL-terminated or NULL */
    bool idle;                    /* filters stand in the path but do nothing */
    const char *target;           /* client: request-target; NULL: "/" */
    const char *authority;        /* client: value of Host; NULL: "localhost" */
    size_t max_message;           /* bytes; a larger message is failed with 1009.  0: WSP_MESSAGE_MAX */
    struct wsp_world *world;
};

/* config->max_message, or what stands for 0. */
size_t wsp_message_limit(const struct wsp_config *config);

enum wsp_end { WSP_OPEN, WSP_FIN, WSP_RESET };

/* What a filter wants of the transport below it: faults that only TLS can show. */
enum wsp_below {
    WSP_BELOW_CLEAR = 1,   /* write past TLS, in clear */
    WSP_BELOW_NO_ALERT = 2 /* end without the closure alert */
};

struct wsp_peer;

/* NULL when memory ends or a filter id is unknown. */
struct wsp_peer *wsp_peer_new(const struct wsp_config *config, uint64_t now);
void wsp_peer_free(struct wsp_peer *peer);

void wsp_peer_receive(struct wsp_peer *peer, const uint8_t *data, size_t len, uint64_t now);
void wsp_peer_ended(struct wsp_peer *peer, bool reset, uint64_t now); /* the other side's FIN or RST */

/* What to write next (0: nothing); each call's bytes are one segment. */
size_t wsp_peer_output(struct wsp_peer *peer, const uint8_t **bytes);
void wsp_peer_written(struct wsp_peer *peer, size_t len, uint64_t now);

/* What to do with TCP once all output is written. */
enum wsp_end wsp_peer_end(const struct wsp_peer *peer);

/* Bits of enum wsp_below, for the output at hand. */
unsigned wsp_peer_below(const struct wsp_peer *peer);
/* A TLS handshake has failed over these bytes.  True: the peer goes on in clear, with those from
 * *from on; false: end the connection. */
bool wsp_peer_tls_failed(struct wsp_peer *peer, const uint8_t *data, size_t len, size_t *from);

/* Too much input waits: do not read on until output was written. */
bool wsp_peer_full(const struct wsp_peer *peer);

/* When wsp_peer_tick wants to be called; UINT64_MAX: never. */
uint64_t wsp_peer_deadline(const struct wsp_peer *peer);
void wsp_peer_tick(struct wsp_peer *peer, uint64_t now);

/* One row of mutants.def or liberties.def. */
struct wsp_filter_info {
    const char *id;          /* "accept-unmasked" */
    const char *requirement; /* mutants: the one that it breaks; liberties: the one that allows it */
    const char *kind;        /* mutants: rewrite launder answer transport; liberties: "liberty" */
    const char *what;        /* one sentence */
    const char *killed_by;   /* mutants: the case that must notice; liberties: NULL */
    const char *choice;      /* liberties: of those with the same name a peer takes one; "": any */
    const char *warns;       /* liberties: requirements that warn of it, between blanks */
};
const struct wsp_filter_info *wsp_mutant_at(size_t i);   /* NULL behind the last */
const struct wsp_filter_info *wsp_liberty_at(size_t i);
const struct wsp_filter_info *wsp_filter(const char *id); /* NULL if unknown */

/* Can one peer take both? */
bool wsp_liberties_agree(const struct wsp_filter_info *one, const struct wsp_filter_info *other);

#endif
