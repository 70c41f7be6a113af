/* Tests: what makes a filter do its deed. */
#ifndef WSP_TEST_TRIGGERS_H
#define WSP_TEST_TRIGGERS_H

#include "support.h"

#define OPEN UPGRADE("/", "")
#define HEAD(method, version, lines) method " / " version "\r\n" lines "\r\n"
#define HOST "Host: localhost\r\n"
#define UP "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define TEXT_A "\x81\x81\0\0\0\0a"
#define PING_P "\x89\x81\0\0\0\0p"
#define CLOSE_1000 "\x88\x82\0\0\0\0\x03\xe8"

#define SERVER(id, literal)                                                                        \
    {                                                                                              \
        id, BYTES(literal), .chop = 0                                                              \
    }
#define CHOPPED(id, literal)                                                                       \
    {                                                                                              \
        id, BYTES(literal), .chop = 7                                                              \
    }
#define BELOW(id, literal)                                                                         \
    {                                                                                              \
        id, BYTES(literal), .below = true                                                          \
    }
/* A client and the answer that it gets: its start, its last lines (NULL: the right Accept), frames.
 */
#define CLIENT(id, start, lines, literal)                                                          \
    {                                                                                              \
        id, BYTES(literal), 0, true, start, lines, .more = 0                                       \
    }
/* The bytes begin a message, and so many fragments of 64 KiB go on with it. */
#define GROWING(id, literal, count)                                                                \
    {                                                                                              \
        id, BYTES(literal), .fragments = count                                                     \
    }
/* `extra` bytes of payload follow the literal. */
#define PADDED(id, literal, extra)                                                                 \
    {                                                                                              \
        id, BYTES(literal), .more = extra                                                          \
    }
#define SWITCHING                                                                                  \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

struct trigger {
    const char *id;
    const uint8_t *bytes;
    size_t len, chop;
    bool client;
    const char *start, *lines;
    unsigned fragments; /* of 64 KiB, behind the bytes */
    size_t more;        /* bytes behind those */
    bool below;         /* a TLS handshake failed over these bytes */
};

/* The filters of the opening handshake that break HTTP, or the rules of section 4 in their detail.
 */
extern const struct trigger handshake_triggers[];
extern const size_t handshake_trigger_count;
/* The liberties. */
extern const struct trigger liberty_triggers[];
extern const size_t liberty_trigger_count;

/* Those that break rules of frames, messages and the closing handshake. */
extern const struct trigger frame_triggers[];
extern const size_t frame_trigger_count;

/* Those of permessage-deflate; NULL: that filter is none. */
const struct trigger *deflate_trigger(const char *id);

#endif
