#include <stdlib.h>
#include <string.h>
#include <wsc/deflate.h>
#include <wsc/frame.h>

#include "triggers.h"

#define OFFER(parameters)                                                                          \
    UPGRADE("/", "Sec-WebSocket-Extensions: permessage-deflate" parameters "\r\n")
#define HELLO "\xf2\x48\xcd\xc9\xc9\x07\x00" /* RFC 7692, 7.2.3.1 */
#define COMPRESSED "\xc1\x87\0\0\0\0" HELLO
#define AGAIN "\xc1\x85\0\0\0\0\xf2\x00\x11\x00\x00"

static const struct trigger triggers[] = {
    SERVER("refuse-two-offers", OFFER(", permessage-deflate")),
    SERVER("last-offer-first", OFFER("; server_no_context_takeover, permessage-deflate")),
    SERVER("accept-two-offers", OFFER(", permessage-deflate")),
    SERVER("answer-declined", OFFER("; x")),
    SERVER("compress-undeclared", OFFER("; x") TEXT_A),
    SERVER("close-on-compressed", OFFER("") COMPRESSED),
    SERVER("accept-unknown-deflate-parameter", OFFER("; x")),
    SERVER("accept-bad-deflate-value", OFFER("; server_max_window_bits=7")),
    SERVER("accept-repeated-deflate-parameter",
           OFFER("; server_no_context_takeover; server_no_context_takeover")),
    SERVER("refuse-small-window", OFFER("; server_max_window_bits=8")),
    SERVER("repeat-deflate-parameter", OFFER("; server_no_context_takeover")),
    SERVER("refuse-server-takeover", OFFER("; server_no_context_takeover")),
    SERVER("drop-server-takeover", OFFER("; server_no_context_takeover")),
    SERVER("decline-server-takeover", OFFER("; server_no_context_takeover")),
    SERVER("server-takeover-with-value", OFFER("; server_no_context_takeover")),
    SERVER("client-takeover-with-value", OFFER("; client_no_context_takeover")),
    SERVER("ignore-server-window", OFFER("; server_max_window_bits=10")),
    SERVER("larger-server-window", OFFER("; server_max_window_bits=10")),
    SERVER("misspelt-server-window", OFFER("; server_max_window_bits=9")),
    SERVER("unasked-client-window", OFFER("")),
    SERVER("bare-client-window", OFFER("; client_max_window_bits")),
    SERVER("deliver-compressed", OFFER("") COMPRESSED),
    SERVER("inflate-everything", OFFER("") TEXT_A),
    SERVER("inflate-plain-fragments", OFFER("") "\x01\x81\0\0\0\0a\x80\x80\0\0\0\0"),
    SERVER("ignore-rsv1-on-control", OFFER("") "\xc9\x81\0\0\0\0p"),
    SERVER("ignore-rsv1-on-continuation", OFFER("") "\x01\x81\0\0\0\0a\xc0\x81\0\0\0\0b"),
    SERVER("take-inflated-for-text", OFFER("") "\xc1\x87\0\0\0\0\x00\x01\x00\xfe\xff\xff\x00"),
    SERVER("utf8-of-compressed", OFFER("") COMPRESSED),
    SERVER("inflate-each-fragment",
           OFFER("") "\x41\x83\0\0\0\0\xf2\x48\xcd\x80\x84\0\0\0\0\xc9\xc9\x07\x00"),
    SERVER("forget-window", OFFER("") COMPRESSED AGAIN),
    SERVER("forget-both-windows", OFFER("; server_no_context_takeover") COMPRESSED AGAIN),
    SERVER("forget-window-on-plain", OFFER("") COMPRESSED TEXT_A AGAIN),
    /* 600 bytes, and a match at that distance. */
    SERVER("small-client-window", OFFER("") "\xc1\xfe\x02\x62\0\0\0\0\x00\x58\x02\xa7\xfd"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
           HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "\x42\xa4\x2b\x00\x00"),
    SERVER("fixed-blocks-only", OFFER("") "\xc1\x87\0\0\0\0\x00\x01\x00\xfe\xff\x61\x00"),
    SERVER("stop-at-final",
           OFFER("") "\xc1\x88\0\0\0\0\xf3\x48\xcd\xc9\xc9\x07\x00\x00" COMPRESSED),
    SERVER("await-the-tail", OFFER("") COMPRESSED),
    SERVER("take-broken-for-empty", OFFER("") "\xc1\x81\0\0\0\0\x07"),
    SERVER("rsv1-on-pong", OFFER("") PING_P),
    SERVER("rsv1-on-fragments", OFFER("") COMPRESSED),
    SERVER("compress-as-binary", OFFER("") COMPRESSED),
    SERVER("unmarked-compression", OFFER("") COMPRESSED),
    SERVER("keep-tail", OFFER("") COMPRESSED),
    SERVER("empty-compressed", OFFER("") "\xc1\x81\0\0\0\0\x00"),
    SERVER("end-at-final", OFFER("") COMPRESSED),
    SERVER("pad-with-ones", OFFER("") COMPRESSED),
    SERVER("keep-server-window", OFFER("; server_no_context_takeover") COMPRESSED COMPRESSED),
    SERVER("exceed-server-window",
           OFFER("; server_max_window_bits=9") "\xc1\xfe\x02\x62\0\0\0\0\x00\x58\x02\xa7\xfd"
                                               "abcdefghij" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
                                                   TEN TEN TEN TEN TEN TEN TEN TEN TEN
                                               "\x42\xa4\x2b\x00\x00"),
    SERVER("decline-deflate", OFFER("")),
    SERVER("ignore-client-window", OFFER("; client_max_window_bits=10")),
    SERVER("decline-smallest-window", OFFER("; server_max_window_bits=8")),
    SERVER("fail-empty-compressed", OFFER("") "\xc1\x80\0\0\0\0"),
    SERVER("own-server-window", OFFER("")),
    SERVER("own-server-takeover", OFFER("")),
    SERVER("own-client-takeover", OFFER("")),
    SERVER("own-client-window", OFFER("; client_max_window_bits")),
    SERVER("never-take-over", OFFER("") COMPRESSED COMPRESSED),
    SERVER("send-uncompressed", OFFER("") COMPRESSED),
    SERVER("stored-blocks", OFFER("") COMPRESSED),
    SERVER("final-blocks", OFFER("") COMPRESSED),
};

/* A message of 16 MiB and a byte. */

static size_t compress_zeros(uint8_t *out, size_t size)
{
    enum { ZEROS = (16 << 20) + 1 };
    const struct wsc_deflate_terms terms = {0};
    struct wsc_deflate *deflate = wsc_deflate_new(&wsp_heap, WSC_CLIENT, &terms, 9);
    uint8_t *zeros = calloc(1, ZEROS), *all = malloc(wsc_deflate_bound(deflate, ZEROS));
    size_t n =
        wsc_deflate_part(deflate, zeros, ZEROS, true, all, wsc_deflate_bound(deflate, ZEROS));

    ck_assert_uint_le(n, size);
    memcpy(out, all, n);
    free(zeros);
    free(all);
    wsc_deflate_free(deflate);
    return n;
}

static const struct trigger *bomb(void)
{
    static const char head[] = OFFER("");
    static uint8_t bytes[64 << 10];
    static struct trigger trigger = {.id = "count-compressed-bytes", .bytes = bytes};
    const size_t room = WSC_HEAD_MAX, begin = sizeof head - 1;
    struct wsc_frame frame = {.fin = true, .rsv = WSC_RSV1, .opcode = WSC_BINARY, .masked = true};
    uint8_t *payload = bytes + begin + room;
    size_t n;

    frame.length = compress_zeros(payload, sizeof bytes - begin - room);
    memcpy(bytes, head, begin);
    n = wsc_frame_write(&frame, bytes + begin);
    memmove(bytes + begin + n, payload, (size_t)frame.length);
    trigger.len = begin + n + (size_t)frame.length;
    return &trigger;
}

const struct trigger *deflate_trigger(const char *id)
{
    for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++)
        if (strcmp(triggers[i].id, id) == 0)
            return &triggers[i];
    return strcmp(id, "count-compressed-bytes") == 0 ? bomb() : NULL;
}
