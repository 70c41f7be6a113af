/* wso/oracle.h - a second opinion on an established connection: RFC 6455, sections 5 to 8; RFC
 * 7692, section 6.
 *
 * Written apart from the core and without any of its code, for the fuzz targets to compare with. It
 * is slow and plain on purpose: it sees one direction of a connection whole, never in pieces,
 * decodes UTF-8 by arithmetic and keeps no state that the bytes do not show.  It names rules as the
 * catalogue of rules does, in its own words: a rule is a string here, with the requirement and the
 * code that this reading of the RFCs gives it.
 */
#ifndef WSO_ORACLE_H
#define WSO_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wso_violation {
    const char *rule;        /* "frame.rsv" */
    const char *requirement; /* "6455-5.2-1" */
    unsigned code; /* frames: the Close code that it deserves; heads: see wso/heads.h; 0: it
                    * is noted and nothing follows from it */
    uint64_t at;   /* the byte that breaks the rule */
    uint64_t by;   /* how many bytes of the stream show it */
};

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
    unsigned
        code; /* CLOSE: as sent, 0 if none; BROKEN: 1002 or 1007; 1009: larger than the limit */
    uint64_t frame; /* where the frame begins that ends the message, or that is at fault */
    uint64_t at;    /* BROKEN: where the violation is; with 1009: `frame` */
    uint64_t by;    /* how many bytes of the stream show it */
};

/* permessage-deflate, as it was agreed to for the sender of a stream. */
struct wso_deflate {
    unsigned bits; /* of its window: 8 to 15 */
    bool takeover; /* it may refer to earlier messages */
    uint8_t *room; /* for 32768 + max_message bytes */
};

/* One direction of a connection. */
struct wso_stream {
    const uint8_t *data;
    size_t len;
    bool from_client;
    uint64_t max_message; /* bytes that a message may announce, or that may come out of a compressed
                           * one, before it is failed with 1009; 0: any */
    uint8_t *scratch;     /* room for len bytes */
    const struct wso_deflate *deflate; /* NULL: no extension is in force.  Else max_message is not
                                        * 0; an observer reads no more of a message either */
};

/* What a strict endpoint sees that reads the stream. */
void wso_frames(const struct wso_stream *stream,
                void (*see)(void *context, const struct wso_event *event), void *context);

/* Everything that an observer can hold against the sender: it reads on behind a violation, taking
 * each frame for what its header says.  Ordered by frame, not within one. */
void wso_violations(const struct wso_stream *stream,
                    void (*note)(void *context, const struct wso_violation *violation),
                    void *context);

/* What the endpoint that reads the stream owes for it. */
enum wso_duty_kind {
    WSO_SEND_PONG,  /* with this payload (section 5.5.2) */
    WSO_SEND_CLOSE, /* in answer to the peer's; `code` echoes its code, 0: none (section 5.5.1) */
    WSO_FAIL,    /* fail the connection: send a Close with this code, unless one was sent (7.1.7) */
    WSO_NO_DATA, /* from here on no data frame may be sent (section 5.5.1) */
    WSO_STOP,    /* nothing that comes behind may be taken for anything (sections 1.4, 7.1.7) */
    WSO_END_TCP, /* close the TCP connection now (section 7.1.1: servers) */
    WSO_AWAIT_END /* wait for the server to close it (section 7.1.1: clients) */
};
struct wso_duty {
    enum wso_duty_kind kind;
    uint64_t by;         /* owed once so many bytes of the stream came */
    const uint8_t *data; /* SEND_PONG: the payload.  Valid during the call */
    size_t len;
    unsigned code;
};

/* In the order in which they arise.  `closed` is how many bytes of the stream had come when the
 * endpoint sent a Close of its own accord; UINT64_MAX: it did not. */
void wso_duties(const struct wso_stream *stream, uint64_t closed,
                void (*owe)(void *context, const struct wso_duty *duty), void *context);

/* How many bytes can be the beginning of valid UTF-8; *whole: and may end there. */
size_t wso_utf8(const uint8_t *data, size_t len, bool *whole);

#endif
