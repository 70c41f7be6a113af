/* wso/heads.h - a second opinion on the opening handshake: RFC 6455, section 4; RFC 7692, section
 * 7; RFC 9110; RFC 9112.
 *
 * Reads a head that lies whole in memory, line by line and word by word as the grammar has it, and
 * names what its sender did wrong.  Where the RFCs let a recipient choose, it reads like the core,
 * whose contract is public: bare LF ends a line, words of the start line may be parted by any
 * blanks, a line without a colon is left out, white space before a colon is no part of the name.
 *
 * Where a violation is (`at`): the byte, if it is one byte; the line, if it is a field; the second
 * line of two that exclude each other; the first of its kind, if it is a parameter of
 * permessage-deflate, and the element, if that disagrees with its offer; 0, if it is the start line
 * or something that is missing.
 */
#ifndef WSO_HEADS_H
#define WSO_HEADS_H

#include <wso/oracle.h>

enum { WSO_FIELDS_MAX = 256, WSO_NOTES_MAX = 8192 };

struct wso_span {
    const uint8_t *p;
    size_t n;
};

struct wso_field {
    struct wso_span name, value; /* the value without its outer white space */
    size_t line;                 /* where its line begins */
};

enum wso_state {
    WSO_WHOLE,
    WSO_CUT,  /* its end is not there yet */
    WSO_LOST, /* no HTTP/1.x: the start line cannot be followed */
    WSO_LARGE /* more than WSO_FIELDS_MAX fields */
};

struct wso_head {
    enum wso_state state;
    const uint8_t *data;
    struct wso_span method, target; /* of a request */
    unsigned status;                /* of a response */
    unsigned minor;
    struct wso_field fields[WSO_FIELDS_MAX];
    size_t count;
    size_t length; /* bytes, the empty line included */
    struct wso_violation notes[WSO_NOTES_MAX];
    size_t note_count; /* more than the room: some are lost */
    bool
        good; /* request: a strict server may answer 101; response: it establishes the connection */
};

/* A violation's `code`: requests: the status that refuses it; responses: not 0: a 101 with it does
 * not establish the connection. */
void wso_request(const uint8_t *data, size_t len, struct wso_head *head);

/* `request` is the one that is answered; NULL: unknown. */
void wso_response(const uint8_t *data, size_t len, const struct wso_head *request,
                  struct wso_head *head);

/* The sorted duties of a strict server to a request: may it be refused with this status? */
bool wso_may_refuse(const struct wso_head *request, unsigned status);

#endif
