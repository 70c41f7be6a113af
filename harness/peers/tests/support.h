/* Tests: a peer and its world in memory. */
#ifndef WSP_TEST_SUPPORT_H
#define WSP_TEST_SUPPORT_H

#include <check.h>
#include <wsp/peer.h>

#include "../bytes.h"

#define BYTES(literal) (const uint8_t *)literal, sizeof(literal) - 1

/* "GET target" as a valid upgrade request, with more header lines and whatever follows the head. */
#define UPGRADE(target, lines)                                                                     \
    "GET " target " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"  \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" lines "\r\n"

struct stage {
    struct wsp_world world;
    struct wsp_peer *peer;
    struct wsp_bytes said; /* all that the peer wrote */
    uint64_t now;
};

/* `filters`: NULL or one id. */
void stage_open(struct stage *stage, bool client, const char *filter, bool idle);
void stage_close(struct stage *stage);

/* Gives the peer bytes (in pieces of `chop`, 0: at once) and collects what it says. */
void stage_say(struct stage *stage, const void *data, size_t len, size_t chop);
void stage_end(struct stage *stage);
/* Runs the clock up to all deadlines within `ms`. */
void stage_wait(struct stage *stage, uint64_t ms);

/* Client: answers its request with a 101 that has its Accept, or the given lines instead of that,
 * and bytes behind it. */
void stage_accept(struct stage *stage, const char *start, const char *lines, const void *frames,
                  size_t len);

/* What was said, as a string that ends behind it. */
const char *stage_text(struct stage *stage);
/* What was said behind the first empty line, NULL if there is none. */
const uint8_t *stage_frames(struct stage *stage, size_t *len);

int run_suite(Suite *suite);

#endif
