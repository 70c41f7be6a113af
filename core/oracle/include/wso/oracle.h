/* wso/oracle.h - a second opinion on frames, RFC 6455, sections 5 to 8.
 *
 * Written apart from the core and without any of its code, for the fuzz targets to compare with. It
 * is slow and plain on purpose: it sees one direction of a connection whole, never in pieces,
 * decodes UTF-8 by arithmetic and stops at the first thing that ends a connection. No extension is
 * in force.
 */
#ifndef WSO_ORACLE_H
#define WSO_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wso_kind {
    WSO_TEXT, /* a whole message */
    WSO_BINARY,
    WSO_PING,
    WSO_PONG,
    WSO_CLOSE, /* legal: nothing comes after it */
    WSO_BROKEN /* the connection must be failed: nothing comes after it */
};

struct wso_event {
    enum wso_kind kind;
    const uint8_t *data; /* the payload; CLOSE: the reason.  Valid during the call */
    size_t len;
    unsigned code;  /* CLOSE: as sent, 0 if none; BROKEN: 1002 or 1007 */
    uint64_t frame; /* where the frame begins that ends the message, or that is at fault */
    uint64_t at; /* BROKEN with 1007: the first byte that no valid text can have there; of text that
                  * ends too early: `frame` of a message, the end of the reason of a Close */
};

/* Tells what a strict endpoint sees in data[0..len).  `scratch` has room for len bytes. */
void wso_frames(const uint8_t *data, size_t len, bool from_client, uint8_t *scratch,
                void (*see)(void *context, const struct wso_event *event), void *context);

/* How many bytes can be the beginning of valid UTF-8; *whole: and may end there. */
size_t wso_utf8(const uint8_t *data, size_t len, bool *whole);

#endif
