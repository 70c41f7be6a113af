/* wsp/recode.h - for filters that take messages out of their compression, or put them into it anew.
 *
 * RFC 7692, section 7.2.  Each filter has one way at most on which it does so.
 */
#ifndef WSP_RECODE_H
#define WSP_RECODE_H

#include "filter.h"

enum { WSP_PLAIN_MAX = 20 << 20 };

enum wsp_unpacked {
    WSP_UNPACKED_MORE,  /* the message goes on */
    WSP_UNPACKED_WHOLE, /* it is in wsp_unpacked_message(), until the next one begins */
    WSP_UNPACKED_BROKEN /* under these terms it cannot be read */
};

/* Is this a piece of a compressed message on that way? */
bool wsp_is_compressed(const struct wsp_filter *filter, const struct wsp_event *event,
                       enum wsp_way way);

/* Reads a piece of a compressed message as one would who had agreed to these terms; they hold from
 * the first call on.  `alone`: as if no message had come before. */
enum wsp_unpacked wsp_unpack(struct wsp_filter *filter, const struct wsp_event *event,
                             const struct wsc_deflate_terms *terms, bool alone);
struct wsp_bytes *wsp_unpacked_message(struct wsp_filter *filter);

/* Keeps a piece of a compressed message of the endpoint back.  True: it was the last one; the
 * message is in wsp_unpacked_message(), its opcode in filter->state. */
bool wsp_take_out(struct wsp_filter *filter, const struct wsp_event *event);

/* A compressed message of the endpoint goes out compressed anew; false: the event is none. */
bool wsp_recode(struct wsp_filter *filter, const struct wsp_event *event,
                const struct wsc_deflate_terms *terms, int level);

/* Sends a message compressed with these terms and this level, as one frame; both hold from the
 * first call on. */
void wsp_send_packed(struct wsp_filter *filter, uint8_t opcode, const struct wsp_bytes *message,
                     const struct wsc_deflate_terms *terms, int level);

/* The terms that a filter before this one, and the endpoint, agreed to; all zero before. */
const struct wsc_deflate_terms *wsp_agreed(const struct wsp_filter *filter);

void wsp_recode_free(struct wsp_recode *recode);

#endif
