/* wsp/desk.h - the HTTP side of the conforming server: answers requests until one is an opening
 * handshake.
 *
 * RFC 9110 and 9112 as far as they bind a small server, RFC 6455, section 4.2.  Requests that ask
 * for no upgrade get ordinary answers and the connection stays (persistent as HTTP/1.1 wants);
 * content of requests is read and thrown away.  The places are those of site.h.
 */
#ifndef WSP_DESK_H
#define WSP_DESK_H

#include <wsc/deflate.h>

#include "bytes.h"
#include "site.h"

enum { WSP_HEAD_MAX = 64 << 10 };

struct wsp_desk {
    struct wsp_bytes in, out;
    size_t looked;        /* bytes of the head at hand that were read already, in vain */
    struct wsc_body body; /* of the request at hand, still to be thrown away */
    bool in_body;
    bool done;     /* the last answer is written (Connection: close): input is thrown away */
    bool upgraded; /* the last answer is a 101: what is left in `in` are frames */
    struct wsp_place place; /* that of the upgrade */
    bool deflate;           /* … which agreed to permessage-deflate */
    struct wsc_deflate_terms agreed;
    uint64_t time; /* seconds since 1970, kept by the owner; 0: unknown, so no Date */
};

void wsp_desk_open(struct wsp_desk *desk);
void wsp_desk_free(struct wsp_desk *desk);
void wsp_desk_receive(struct wsp_desk *desk, const uint8_t *data, size_t len);

/* The client has ended its side: what it began and never finished is refused. */
void wsp_desk_ended(struct wsp_desk *desk);

#endif
