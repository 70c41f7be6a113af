/* wsc/check.h - judge one direction of a connection, frame by frame.
 *
 * RFC 6455, sections 5, 7.4 and 8.1; RFC 7692, section 6; one checker follows what one endpoint sends.  It never stops:
 * after a violation it goes on with what scan saw, so an observer gets all of them; a strict endpoint
 * looks at `broken`, the first one that fails a connection.  How the stream is cut changes nothing.
 * Memory: none allocated; no inner pointers.
 */
#ifndef WSC_CHECK_H
#define WSC_CHECK_H

#include <wsc/rules.h>
#include <wsc/scan.h>
#include <wsc/utf8.h>

enum wsc_role { WSC_CLIENT, WSC_SERVER };

struct wsc_check {
    enum wsc_role sender;          /* whose bytes these are */
    bool answered;                 /* the other side sent a Close with a code … */
    uint16_t answered_code;        /* … this one: its echo is exempt from the rules on ranges */
    bool deflate;                  /* permessage-deflate is agreed to: for the owner to set */
    bool compressed;               /* the last message that began is compressed: its content is not
                                    * judged here but by wsc/deflate.h */
    uint8_t message;               /* WSC_TEXT or WSC_BINARY while a message is open, else 0 */
    bool close_seen;               /* a Close frame came to its end */
    bool text_broken;              /* the open text message has shown bad UTF-8 already */
    struct wsc_utf8 utf8;          /* of the open text message */
    uint8_t control[WSC_CONTROL_MAX]; /* payload of the control frame at hand, cut at 125 bytes */
    size_t control_len;
    struct wsc_violation broken;   /* the first violation with a close code; sticky */
};

void wsc_check_init(struct wsc_check *check, enum wsc_role sender);

/* Takes the next piece of the stream, in order.  Violations and occasions go to `findings` (may be NULL). */
void wsc_check_piece(struct wsc_check *check, const struct wsc_piece *piece,
                     struct wsc_findings *findings);

/* The code of a Close payload: 0 when it is empty or one byte long. */
uint16_t wsc_close_code(const uint8_t *payload, size_t len);

/* May an endpoint write this code into a Close frame?  (1000-1003, 1007-1014, 3000-4999; section 7.4,
 * and the codes that IANA registered since.) */
bool wsc_close_code_sendable(uint16_t code);

#endif
