/* rows.h - the table of the notation's semantics, and short names for what a scripted peer does. */
#ifndef WSS_TESTS_ROWS_H
#define WSS_TESTS_ROWS_H

#include "talk.h"

#define ACTS(...)                                                                                  \
    (const struct act[])                                                                           \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            DEED_END, NULL, 0                                                                      \
        }                                                                                          \
    }
#define OPEN                                                                                       \
    {                                                                                              \
        DEED_ACCEPT, NULL, 0                                                                       \
    }
#define TEXT(s)                                                                                    \
    {                                                                                              \
        DEED_TEXT, s, 0                                                                            \
    }
#define BINARY(s)                                                                                  \
    {                                                                                              \
        DEED_BINARY, s, 0                                                                          \
    }
#define PING(s)                                                                                    \
    {                                                                                              \
        DEED_PING, s, 0                                                                            \
    }
#define PONG(s)                                                                                    \
    {                                                                                              \
        DEED_PONG, s, 0                                                                            \
    }
#define PONG_LAST                                                                                  \
    {                                                                                              \
        DEED_PONG_LAST, NULL, 0                                                                    \
    }
#define CLOSE(n)                                                                                   \
    {                                                                                              \
        DEED_CLOSE, NULL, n                                                                        \
    }
#define CLOSE_EMPTY                                                                                \
    {                                                                                              \
        DEED_CLOSE_EMPTY, NULL, 0                                                                  \
    }
#define FRAME(s)                                                                                   \
    {                                                                                              \
        DEED_FRAME, s, sizeof s - 1                                                                \
    }
#define HEAD(s)                                                                                    \
    {                                                                                              \
        DEED_HEAD, s, 0                                                                            \
    }
#define FIN                                                                                        \
    {                                                                                              \
        DEED_FIN, NULL, 0                                                                          \
    }
#define RST                                                                                        \
    {                                                                                              \
        DEED_RST, NULL, 0                                                                          \
    }
#define EXIT                                                                                       \
    {                                                                                              \
        DEED_EXIT, NULL, 0                                                                         \
    }
#define RENEW                                                                                      \
    {                                                                                              \
        DEED_RENEW, NULL, 0                                                                        \
    }
#define DECLINE(s)                                                                                 \
    {                                                                                              \
        DEED_DECLINE, s, 0                                                                         \
    }
#define CUT                                                                                        \
    {                                                                                              \
        DEED_CUT, NULL, 0                                                                          \
    }
#define GARBLE(s)                                                                                  \
    {                                                                                              \
        DEED_GARBLE, s, 0                                                                          \
    }
#define WAIT(n)                                                                                    \
    {                                                                                              \
        DEED_WAIT, NULL, n                                                                         \
    }

#define CASE(id) "case t/a\n  title  t\n  cites  " id "\n\n  > GET\n  < 101\n"
#define LAW "case t/a\n  title  t\n\n  > GET\n  < 101\n"
#define OFFER(id)                                                                                  \
    "case t/a\n  title  t\n  cites  " id                                                           \
    "\n\n  > GET\n    Sec-WebSocket-Extensions: permessage-deflate\n  < 101\n"
#define AGREE                                                                                      \
    HEAD("HTTP/1.1 101 \nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: x\n"       \
         "Sec-WebSocket-Extensions: permessage-deflate\n\n")
#define HELLO "\xf2\x48\xcd\xc9\xc9\x07\x00" /* RFC 7692, 7.2.3.1 */
#define C16 "cccccccccccccccc"
#define C256 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16 C16
#define C4096 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256 C256
#define FAILS                                                                                      \
    CASE("6455-5.1-3") "  > text \"offence\" mask=none\n  > ping \"behind\"\n  < fail 1002\n"

#define CLOSES(id) "case t/a\n  title  t\n  cites  " id "\n\n  > POST\n  < refuse 405\n  < eof\n"
#define REFUSAL "HTTP/1.1 405 No\nAllow: GET\nContent-Length: 0\n\n"

struct row {
    const char *name;
    const char *script;
    const struct act *acts;
    enum wsq_verdict verdict;
    const char *charged; /* requirement of the worst fault; NULL: none */
    bool unseen;
};

extern const struct row rows[];
extern const int row_count;

#endif
