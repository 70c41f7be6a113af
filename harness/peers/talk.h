/* wsp/talk.h - the conforming endpoint of an established connection: it echoes every message.
 *
 * A message of at most max_message bytes comes back whole, with its type, in frames of at most
 * WSP_PIECE_MAX bytes; a larger one is failed with 1009.  Input is taken only while no echo waits
 * for room, so memory is bounded by the ceiling of the input and one message.  Under
 * permessage-deflate every echo is compressed.
 */
#ifndef WSP_TALK_H
#define WSP_TALK_H

#include <wsc/conn.h>

#include "bytes.h"

enum {
    WSP_PIECE_MAX = 64 << 10,
    WSP_INPUT_FULL = 256 << 10, /* please stop reading */
    WSP_INPUT_MAX = 32 << 20    /* more than that unread: the connection is reset */
};

struct wsp_talk {
    struct wsc_conn conn;
    struct wsc_inflate *inflate; /* lent to the connection, as is … */
    struct wsc_deflate *deflate;
    uint8_t *out;             /* lent to the connection */
    struct wsp_bytes waiting; /* input not yet lent */
    struct wsp_bytes lent;    /* input lent */
    struct wsp_bytes message; /* gathered, then echoed */
    uint8_t opcode;           /* of that message */
    bool echoing;             /* it is complete and on its way out */
    bool closing;             /* we began to close: messages are not echoed any more */
    bool over;                /* closed or failed: input is thrown away */
    uint16_t close_code;      /* close with it as soon as there is room; 0: no */
    uint64_t random;
};

/* False when memory ends.  `agreed` NULL: no permessage-deflate. */
bool wsp_talk_open(struct wsp_talk *talk, enum wsc_role role, uint64_t seed, size_t max_message,
                   const struct wsc_deflate_terms *agreed);
void wsp_talk_free(struct wsp_talk *talk);

/* Says a text of our own, or starts the closing handshake; before any input, at most one of them.
 */
void wsp_talk_greet(struct wsp_talk *talk, const char *text);
void wsp_talk_close(struct wsp_talk *talk, uint16_t code);

void wsp_talk_receive(struct wsp_talk *talk, const uint8_t *data, size_t len);
size_t wsp_talk_output(const struct wsp_talk *talk, const uint8_t **bytes);
void wsp_talk_written(struct wsp_talk *talk, size_t len);

/* Nothing more will be said. */
bool wsp_talk_finished(const struct wsp_talk *talk);
/* Memory ended, or the other side sends without reading. */
bool wsp_talk_broken(const struct wsp_talk *talk);

#endif
