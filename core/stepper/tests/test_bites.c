/* test_bites.c - a step that nothing can break tells nothing: each kind, with what must break it
 * and what must not, in each place where it may stand. */
#include "rows.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* '@' stands where the name of a connection goes; without `@< 101` of its own, a step comes behind
 * the handshake.  NULL: nothing is to be shown of it. */
static const struct bite {
    const char *name, *steps;
    const struct act *bad, *good;
} bites[] = {
    {"text", "@> ping \"p\"\n@< text \"a\"\n@< pong \"p\"\n", ACTS(OPEN, TEXT("b"), PONG("p")),
     ACTS(OPEN, TEXT("a"), PONG("p"))},
    {"text none", "@< text \"a\"\n", ACTS(OPEN, FIN), ACTS(OPEN, TEXT("a"))},
    {"text type", "@< text\n", ACTS(OPEN, BINARY("a")), ACTS(OPEN, TEXT("x"))},
    {"binary", "@< binary \"a\"\n", ACTS(OPEN, TEXT("a")), ACTS(OPEN, BINARY("a"))},
    {"text regex", "@< text ~/^a+$/\n", ACTS(OPEN, TEXT("aab")), ACTS(OPEN, TEXT("aaa"))},
    {"text json", "@< text json {\"a\": 1}\n", ACTS(OPEN, TEXT("{\"a\":2}")),
     ACTS(OPEN, TEXT("{\"a\":1.0}"))},
    {"text json more", "@< text json {\"a\": 1}\n", ACTS(OPEN, TEXT("{\"a\":1,\"b\":2}")), NULL},
    {"json array", "@< text json [1, 2]\n", ACTS(OPEN, TEXT("[2,1]")), ACTS(OPEN, TEXT("[1,2]"))},
    {"text twice", "@< text \"a\"\n@< text \"b\"\n", ACTS(OPEN, TEXT("a"), TEXT("c")),
     ACTS(OPEN, TEXT("a"), TEXT("b"))},
    {"text order", "@< text \"a\"\n@< text \"b\"\n", ACTS(OPEN, TEXT("b"), TEXT("a")), NULL},
    {"text extra between", "@< text \"a\"\n@> text \"n\"\n@< text \"b\"\n",
     ACTS(OPEN, TEXT("a"), TEXT("x"), TEXT("b")), ACTS(OPEN, TEXT("a"), TEXT("b"))},
    {"extra before close", "@< text \"a\"\n@< close\n",
     ACTS(OPEN, TEXT("a"), TEXT("x"), CLOSE(1000)), ACTS(OPEN, TEXT("a"), CLOSE(1000))},
    {"extra before eof", "@< text \"a\"\n@< eof\n", ACTS(OPEN, TEXT("a"), TEXT("x"), FIN),
     ACTS(OPEN, TEXT("a"), FIN)},
    {"extra before fail", "@< text \"a\"\n@> text \"off\" rsv=1\n@< fail 1002\n",
     ACTS(OPEN, TEXT("a"), TEXT("off"), CLOSE(1002), FIN), ACTS(OPEN, TEXT("a"), CLOSE(1002), FIN)},
    {"extra before alive", "@< text \"a\"\n@alive\n", ACTS(OPEN, TEXT("a"), TEXT("x"), PONG_LAST),
     ACTS(OPEN, TEXT("a"), PONG_LAST)},
    {"extra at once before frame", "@< text \"a\"\n@< frame binary \"z\"\n",
     ACTS(OPEN, TEXT("a"), TEXT("x"), BINARY("z")), ACTS(OPEN, TEXT("a"), BINARY("z"))},
    {"echo", "@> text \"hi\"\n@< echo\n", ACTS(OPEN, TEXT("ho")), ACTS(OPEN, TEXT("hi"))},
    {"echo type", "@> text \"hi\"\n@< echo\n", ACTS(OPEN, BINARY("hi")), NULL},
    {"echo none", "@> text \"hi\"\n@< echo\n", ACTS(OPEN, CLOSE(1000), FIN), NULL},
    {"pong", "@> ping \"a\"\n@< pong \"a\"\n@< close\n", ACTS(OPEN, PONG("b"), CLOSE(1000), FIN),
     ACTS(OPEN, PONG("a"), CLOSE(1000))},
    {"pong none", "@> ping \"a\"\n@< pong \"a\"\n", ACTS(OPEN), ACTS(OPEN, PONG("a"))},
    {"ping", "@< ping \"a\"\n", ACTS(OPEN, PING("b")), ACTS(OPEN, PING("a"))},
    {"alive", "@alive\n", ACTS(OPEN, PONG("x")), ACTS(OPEN, PONG_LAST)},
    {"alive closed", "@alive\n", ACTS(OPEN, CLOSE(1000), FIN), NULL},
    {"close code", "@< close 1000\n", ACTS(OPEN, CLOSE(1001)), ACTS(OPEN, CLOSE(1000))},
    {"close codes", "@< close 1000|1001\n", ACTS(OPEN, CLOSE(1002)), ACTS(OPEN, CLOSE(1001))},
    {"close no code", "@< close 1000\n", ACTS(OPEN, CLOSE_EMPTY), NULL},
    {"close reason", "@< close 1000 \"bye\"\n",
     ACTS(OPEN, FRAME("\x88\x05\x03\xe8"
                      "byx")),
     ACTS(OPEN, FRAME("\x88\x05\x03\xe8"
                      "bye"))},
    {"close reason regex", "@< close 1000 ~/^b/\n",
     ACTS(OPEN, FRAME("\x88\x05\x03\xe8"
                      "xye")),
     ACTS(OPEN, FRAME("\x88\x05\x03\xe8"
                      "bye"))},
    {"close bad body", "@< close\n", ACTS(OPEN, FRAME("\x88\x01\x03")), ACTS(OPEN, CLOSE(1000))},
    {"close answer odd", "@> close 1000\n@< close\n", ACTS(OPEN, CLOSE(1002)),
     ACTS(OPEN, CLOSE(1000))},
    {"close none", "@> close 1000\n@< close\n@< eof\n", ACTS(OPEN, FIN),
     ACTS(OPEN, CLOSE(1000), FIN)},
    {"eof none", "@< eof\n", ACTS(OPEN), ACTS(OPEN, FIN)},
    {"close then no eof", "@< close\n@< eof\n", ACTS(OPEN, CLOSE(1000)),
     ACTS(OPEN, CLOSE(1000), FIN)},
    {"fail", "@> text \"off\" rsv=1\n@< fail 1002\n", ACTS(OPEN, TEXT("off"), CLOSE(1002), FIN),
     ACTS(OPEN, CLOSE(1002), FIN)},
    {"fail nothing", "@> text \"off\" rsv=1\n@< fail 1002\n", ACTS(OPEN), NULL},
    {"fail no end", "@> text \"off\" rsv=1\n@< fail 1002\n", ACTS(OPEN, CLOSE(1002)), NULL},
    {"fail pong behind", "@> text \"off\" rsv=1\n@> ping \"behind\"\n@< fail 1002\n",
     ACTS(OPEN, PONG("behind"), CLOSE(1002), FIN), ACTS(OPEN, CLOSE(1002), FIN)},
    {"frame fin", "@< frame text \"a\" fin=1\n",
     ACTS(OPEN, FRAME("\x01\x01"
                      "a\x80\x00")),
     ACTS(OPEN, TEXT("a"))},
    {"frame fin0", "@< frame text \"a\" fin=0\n", ACTS(OPEN, TEXT("a")),
     ACTS(OPEN, FRAME("\x01\x01"
                      "a"))},
    {"frame payload", "@< frame text \"a\"\n", ACTS(OPEN, TEXT("b")), ACTS(OPEN, TEXT("a"))},
    {"frame type", "@< frame binary\n", ACTS(OPEN, TEXT("b")), ACTS(OPEN, BINARY("a"))},
    {"frame any", "@< frame fin=0\n", ACTS(OPEN, TEXT("b")),
     ACTS(OPEN, FRAME("\x01\x01"
                      "a"))},
    {"frame rsv", "@< frame text rsv=0\n",
     ACTS(OPEN, FRAME("\xc1\x01"
                      "a")),
     ACTS(OPEN, TEXT("a"))},
    {"frame opcode", "@< frame opcode=2\n", ACTS(OPEN, TEXT("a")), ACTS(OPEN, BINARY("a"))},
    {"frame mask", "@< frame text mask=none\n",
     ACTS(OPEN, FRAME("\x81\x81\x00\x00\x00\x00"
                      "a")),
     ACTS(OPEN, TEXT("a"))},
    {"frame ping", "@< frame ping \"a\"\n", ACTS(OPEN, PING("b"), FIN), ACTS(OPEN, PING("a"))},
    {"frame pong behind pong", "@> ping \"a\"\n@< pong \"a\"\n@< frame text \"t\"\n",
     ACTS(OPEN, PONG("a"), TEXT("u")), ACTS(OPEN, PONG("a"), TEXT("t"))},
    {"frame cont", "@< frame cont \"b\"\n", ACTS(OPEN, TEXT("b")), NULL},
    {"silent text", "@silent 300ms\n", ACTS(OPEN, TEXT("x"), WAIT(400)), ACTS(OPEN, WAIT(400))},
    {"silent text expecting", "@silent 300ms\n@< text \"a\"\n",
     ACTS(OPEN, TEXT("a"), WAIT(400), TEXT("a")), ACTS(OPEN, WAIT(400), TEXT("a"))},
    {"silent binary", "@> text \"q\"\n@silent 300ms\n", ACTS(OPEN, BINARY("x"), WAIT(400)), NULL},
    {"silent close", "@silent 300ms\n", ACTS(OPEN, CLOSE(1000), WAIT(400)), NULL},
    {"silent eof", "@silent 300ms\n", ACTS(OPEN, FIN, WAIT(400)), NULL},
    {"silent fragment", "@silent 300ms\n",
     ACTS(OPEN,
          FRAME("\x01\x01"
                "a"),
          WAIT(400)),
     NULL},
    {"never text", "@never text \"x\"\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN, TEXT("x"), PONG("z")), ACTS(OPEN, TEXT("y"), PONG("z"))},
    {"never text any", "@never text\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN, TEXT("x"), PONG("z")), ACTS(OPEN, BINARY("y"), PONG("z"))},
    {"never binary regex", "@never binary ~/x/\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN, BINARY("axa"), PONG("z")), ACTS(OPEN, TEXT("x"), PONG("z"))},
    {"never json", "@never text json {\"a\": 1, ...}\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN, TEXT("{\"a\":1,\"b\":2}"), PONG("z")), ACTS(OPEN, TEXT("{\"a\":2}"), PONG("z"))},
    {"never ping", "@never ping\n@> ping \"z\"\n@< pong \"z\"\n", ACTS(OPEN, PING("x"), PONG("z")),
     ACTS(OPEN, PONG("z"))},
    {"never ping payload", "@never ping \"x\"\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN, PING("x"), PONG("z")), ACTS(OPEN, PING("y"), PONG("z"))},
    {"never pong", "@never pong \"x\"\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN, PONG("x"), PONG("z")), ACTS(OPEN, PONG("y"), PONG("z"))},
    {"never close", "@never close\n@< eof\n", ACTS(OPEN, CLOSE(1000), FIN), ACTS(OPEN, FIN)},
    {"never close code", "@never close 1002|1007\n@< eof\n", ACTS(OPEN, CLOSE(1007), FIN),
     ACTS(OPEN, CLOSE(1000), FIN)},
    {"never eof", "@never eof\n@< close\n@silent 20ms\n", ACTS(OPEN, CLOSE(1000), FIN, WAIT(20)),
     NULL},
    {"never frame", "@never frame text fin=0\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN,
          FRAME("\x01\x01"
                "a"),
          PONG("z")),
     ACTS(OPEN, TEXT("a"), PONG("z"))},
    {"never frame rsv", "@never frame rsv=1\n@> ping \"z\"\n@< pong \"z\"\n",
     ACTS(OPEN,
          FRAME("\xc1\x01"
                "a"),
          PONG("z")),
     NULL},
    {"never status", "@> GET plain\n@never 5xx\n@< 2xx|5xx\n",
     ACTS(HEAD("HTTP/1.1 503 No\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 0\n\n"))},
    {"never status line", "@> GET plain\n@never 2xx\n  X-Bad: *\n@< 2xx|5xx\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nX-Bad: a\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 0\n\n"))},
    {"never status body", "@> GET plain\n@never 2xx\n  body ~/secret/\n@< 2xx|5xx\n  body ~/./\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 8\n\na secret")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 5\n\nhello"))},
    {"within", "@> text \"a\"\n@< text \"b\" within 500ms\n", ACTS(OPEN, WAIT(600), TEXT("b")),
     ACTS(OPEN, WAIT(400), TEXT("b"))},
    {"within close", "@< close within 500ms\n", ACTS(OPEN, WAIT(600), CLOSE(1000)),
     ACTS(OPEN, WAIT(400), CLOSE(1000))},
    {"within eof", "@< eof within 500ms\n", ACTS(OPEN, WAIT(600), FIN), ACTS(OPEN, WAIT(400), FIN)},
    {"within alive", "@alive within 500ms\n", ACTS(OPEN, WAIT(600), PONG_LAST),
     ACTS(OPEN, WAIT(400), PONG_LAST)},
    {"within pong", "@> ping \"a\"\n@< pong \"a\" within 500ms\n", ACTS(OPEN, WAIT(600), PONG("a")),
     ACTS(OPEN, WAIT(400), PONG("a"))},
    {"within fail", "@> text \"a\" rsv=1\n@< fail 1002 within 500ms\n",
     ACTS(OPEN, WAIT(600), CLOSE(1002), FIN), ACTS(OPEN, WAIT(400), CLOSE(1002), FIN)},
    {"within frame", "@< frame text within 500ms\n", ACTS(OPEN, WAIT(600), TEXT("a")),
     ACTS(OPEN, WAIT(400), TEXT("a"))},
    {"within echo", "@> text \"a\"\n@< echo within 500ms\n", ACTS(OPEN, WAIT(600), TEXT("a")),
     ACTS(OPEN, WAIT(400), TEXT("a"))},
    {"within late bytes moving", "@> text \"a\"\n@< text \"b\" within 500ms\n",
     ACTS(OPEN, WAIT(300), PING("x"), WAIT(300), TEXT("b")), NULL},
    {"every early", "@< text \"t\" every 1s ± 100ms for 3s\n",
     ACTS(OPEN, WAIT(1000), TEXT("t"), WAIT(500), TEXT("t"), WAIT(1000), TEXT("t")),
     ACTS(OPEN, WAIT(1000), TEXT("t"), WAIT(1000), TEXT("t"), WAIT(1000), TEXT("t"))},
    {"every late", "@< text \"t\" every 1s ± 100ms for 3s\n",
     ACTS(OPEN, WAIT(1000), TEXT("t"), WAIT(1300), TEXT("t"), WAIT(1000), TEXT("t")), NULL},
    {"every few", "@< text \"t\" every 1s ± 100ms for 3s\n",
     ACTS(OPEN, WAIT(1000), TEXT("t"), WAIT(1000), TEXT("t")), NULL},
    {"every other", "@< text \"t\" every 1s ± 100ms for 3s\n",
     ACTS(OPEN, WAIT(1000), TEXT("t"), WAIT(1000), TEXT("u"), WAIT(1000), TEXT("t")), NULL},
    {"every ping", "@< ping every 1s ± 100ms for 2s\n",
     ACTS(OPEN, WAIT(1000), PING("t"), WAIT(1500), PING("u")),
     ACTS(OPEN, WAIT(1000), PING("t"), WAIT(1000), PING("u"))},
    {"status", "@> GET plain\n@< 200\n", ACTS(HEAD("HTTP/1.1 201 Y\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 0\n\n"))},
    {"status class", "@> GET plain\n@< 4xx\n", ACTS(HEAD("HTTP/1.1 503 Y\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 404 Y\nContent-Length: 0\n\n"))},
    {"status none", "@> GET plain\n@< 200\n", ACTS(FIN), NULL},
    {"header value", "@> GET plain\n@< 200\n  X: a\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nX: b\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nX: a\nContent-Length: 0\n\n"))},
    {"header any", "@> GET plain\n@< 200\n  X: *\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nX: a\nContent-Length: 0\n\n"))},
    {"header match", "@> GET plain\n@< 200\n  X: ~/^b/\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nX: ab\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nX: ba\nContent-Length: 0\n\n"))},
    {"header absent", "@> GET plain\n@< 200\n  !X\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nX: ab\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 0\n\n"))},
    {"header second line", "@> GET plain\n@< 200\n  A: *\n  X: a\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nA: a\nX: b\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nA: 1\nX: a\nContent-Length: 0\n\n"))},
    {"body", "@> GET plain\n@< 200\n  body \"hello\"\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 5\n\nhellx")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 5\n\nhello"))},
    {"body regex", "@> GET plain\n@< 200\n  body ~/^h/\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 5\n\nxello")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 5\n\nhello"))},
    {"body json", "@> GET plain\n@< 200\n  body json {\"a\": 1}\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 7\n\n{\"a\":2}")),
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 7\n\n{\"a\":1}"))},
    {"body and line", "@> GET plain\n@< 200\n  body \"hello\"\n  X: a\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nX: b\nContent-Length: 5\n\nhello")),
     ACTS(HEAD("HTTP/1.1 200 Y\nX: a\nContent-Length: 5\n\nhello"))},
    {"body cut", "@> GET plain\n@< 200\n  body \"hello\"\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 9\n\nhello"), FIN), NULL},
    {"refuse", "@> GET\n@< refuse 4xx\n", ACTS(OPEN),
     ACTS(HEAD("HTTP/1.1 404 Y\nContent-Length: 0\n\n"))},
    {"refuse line", "@> GET\n@< refuse 4xx\n  X: a\n",
     ACTS(HEAD("HTTP/1.1 404 Y\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 404 Y\nX: a\nContent-Length: 0\n\n"))},
    {"refuse body", "@> GET\n@< refuse 4xx\n  body ~/^no/\n",
     ACTS(HEAD("HTTP/1.1 404 Y\nContent-Length: 3\n\nyes")),
     ACTS(HEAD("HTTP/1.1 404 Y\nContent-Length: 2\n\nno"))},
    {"101 accept", "@> GET\n@< 101\n",
     ACTS(HEAD(
         "HTTP/1.1 101 \nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: x\n\n")),
     ACTS(OPEN)},
    {"extension",
     "@> GET\n  Sec-WebSocket-Extensions: permessage-deflate\n@< 1xx\n  extension "
     "permessage-deflate\n",
     ACTS(OPEN), ACTS(AGREE)},
    {"extension param",
     "@> GET\n  Sec-WebSocket-Extensions: permessage-deflate\n@< 1xx\n  extension "
     "permessage-deflate server_max_window_bits=8..10\n",
     ACTS(HEAD("HTTP/1.1 101 \nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: "
               "x\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=11\n\n")),
     ACTS(HEAD("HTTP/1.1 101 \nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: "
               "x\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\n\n"))},
    {"extension no param",
     "@> GET\n  Sec-WebSocket-Extensions: permessage-deflate\n@< 1xx\n  extension "
     "permessage-deflate !server_max_window_bits\n",
     ACTS(HEAD("HTTP/1.1 101 \nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: "
               "x\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=11\n\n")),
     ACTS(AGREE)},
    {"extension absent",
     "@> GET\n  Sec-WebSocket-Extensions: permessage-deflate\n@< 1xx\n  !extension "
     "permessage-deflate\n",
     ACTS(AGREE), ACTS(OPEN)},
    {"let header missing", "@> GET plain\n@< 200\n@let x = header X-Missing\n@> ping \"a\"\n",
     ACTS(HEAD("HTTP/1.1 200 Y\nContent-Length: 0\n\n")),
     ACTS(HEAD("HTTP/1.1 200 Y\nX-Missing: 1\nContent-Length: 0\n\n"))},
    {"let json missing", "@< text\n@let x = json $.a\n", ACTS(OPEN, TEXT("{\"b\":1}")),
     ACTS(OPEN, TEXT("{\"a\":1}"))},
    {"let used", "@< text\n@let x = json $.a\n@< text \"$x!\"\n",
     ACTS(OPEN, TEXT("{\"a\":1}"), TEXT("2!")), ACTS(OPEN, TEXT("{\"a\":1}"), TEXT("1!"))},
    {"deaf hear", "@deaf\nwait 10ms\n@hear\n@< text \"a\"\n", ACTS(OPEN, WAIT(20), TEXT("b")),
     NULL},
    {"second message in group", "@< text ~/a/\n@< binary\n@< text \"c\"\n",
     ACTS(OPEN, TEXT("a"), BINARY("b"), TEXT("d")), ACTS(OPEN, TEXT("a"), BINARY("b"), TEXT("c"))},
    {"refused", "@< refused\n", ACTS(WAIT(10)), NULL},
    {"never refuse", "@> GET\n@never refuse 4xx\n@< 4xx\n",
     ACTS(HEAD("HTTP/1.1 400 N\nContent-Length: 0\n\n")), NULL},
    {"never refuse any", "@> GET\n@never refuse\n@< 4xx\n",
     ACTS(HEAD("HTTP/1.1 400 N\nContent-Length: 0\n\n")), NULL},
    {"json nested", "@< text json {\"a\": {...}, \"b\": [1]}\n",
     ACTS(OPEN, TEXT("{\"a\":3,\"b\":[1]}")), ACTS(OPEN, TEXT("{\"a\":{\"x\":1},\"b\":[1]}"))},
};
enum { BITES = sizeof bites / sizeof *bites };

#define HEAD_OF_CASE "case t/a\n  title  t\n\n"
#define IMPOSSIBLE "< pong \"nobody says this\"\n"

/* Where the steps stand: what is before them and behind them, how deep they are, on whose
 * connection they and what stands outside are. */
static const struct place {
    const char *name, *before, *behind;
    int depth;
    const char *inner, *outer;
    bool all; /* the handshake stands there too */
} places[] = {
    {"unnamed", HEAD_OF_CASE, "", 2, "", "", true},
    {"named", HEAD_OF_CASE, "", 2, "bob", "bob", true},
    {"behind a never", HEAD_OF_CASE "  never text \"unsaid\"\n", "", 2, "", "", true},
    {"first branch", "  either\n", "  or\n    " IMPOSSIBLE, 4, "", "", false},
    {"second branch", "  either\n    " IMPOSSIBLE "  or\n", "", 4, "", "", false},
    {"branch of a branch", "  either\n    either\n",
     "    or\n      " IMPOSSIBLE "  or\n    " IMPOSSIBLE, 6, "", "", false},
    {"named branch", "  either\n", "  or\n    bob" IMPOSSIBLE, 4, "bob", "bob", false},
    {"repeat", "  repeat 1\n", "", 4, "", "", false},
    {"clients", HEAD_OF_CASE "  clients 1\n", "", 4, "", "", true},
    {"block", "def d\n", "\n" HEAD_OF_CASE "  use d\n", 2, "", "", true},
    {"named block", "def d\n", "\n" HEAD_OF_CASE "  bob use d\n", 2, "", "", true},
    {"law of an RFC", "case t/a\n  title  t\n  cites  6455-5.5.2-2\n\n", "", 2, "", "", true},
};
enum { PLACES = sizeof places / sizeof *places };

static char *put(char *to, const char *steps, const char *name, int depth)
{
    for (bool begins = true; *steps; steps++) {
        if (begins && *steps != '\n')
            to += sprintf(to, "%*s", depth, "");
        begins = *steps == '\n';
        if (*steps == '@')
            to += sprintf(to, "%s%s", name, *name && steps[1] != '>' && steps[1] != '<' ? " " : "");
        else
            *to++ = *steps;
    }
    *to = '\0';
    return to;
}

static bool shakes_hands(const struct bite *bite)
{
    return strstr(bite->steps, "> GET") || strstr(bite->steps, "< refused");
}

/* A branch below another sends, and counts its time, only when that one is gone; a client's steps
 * are no periods. */
static bool fits(const struct bite *bite, const struct place *place)
{
    bool waits = strchr(bite->steps, '>') || strstr(bite->steps, "alive") ||
                 strstr(bite->steps, "within") || strstr(bite->steps, "every");
    if (strcmp(place->name, "second branch") == 0)
        return !waits && !shakes_hands(bite);
    if (strcmp(place->name, "named branch") == 0)
        return !shakes_hands(bite);
    if (strcmp(place->name, "clients") == 0)
        return !strstr(bite->steps, "every");
    if (strcmp(place->name, "law of an RFC") ==
        0) /* there a message may be noise, a 101 is a way */
        return strncmp(bite->name, "silent", 6) != 0 && !strstr(bite->steps, "< 101\n");
    return true;
}

static void compose(char *to, const struct bite *bite, const struct place *place)
{
    static const char handshake[] = "@> GET\n@< 101\n";
    const char *hello = shakes_hands(bite) ? "" : handshake;
    if (place->all)
        to = put(put(to, place->before, "", 0), hello, place->inner, place->depth);
    else
        to = put(put(put(to, HEAD_OF_CASE, "", 0), hello, place->outer, 2), place->before, "", 0);
    put(put(to, bite->steps, place->inner, place->depth), place->behind, "", 0);
}

static void expect(const char *script, const struct bite *bite, const struct place *place,
                   const struct act *acts, enum wsq_verdict verdict)
{
    for (size_t cut = 0; acts && cut < 2; cut++) {
        struct talk t = {.script = script, .acts = acts, .cut = cut};
        struct wss_outcome outcome;
        talk(&t, &outcome, NULL);
        ck_assert_msg(outcome.result.verdict == verdict, "%s, %s: %s, not %s: %s\n%s\n%s",
                      bite->name, place->name, wsq_verdict_name(outcome.result.verdict),
                      wsq_verdict_name(verdict), outcome.result.reason ? outcome.result.reason : "",
                      script, outcome.result.transcript);
        wss_outcome_drop(&outcome);
    }
}

START_TEST(each_step_can_fail)
{
    const struct bite *bite = &bites[_i];
    char script[4096];
    for (size_t i = 0; i < PLACES; i++) {
        if (!fits(bite, &places[i]))
            continue;
        compose(script, bite, &places[i]);
        expect(script, bite, &places[i], bite->bad, WSQ_FAIL);
        expect(script, bite, &places[i], bite->good, WSQ_PASS);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bites");
    TCase *tcase = tcase_create("steps");
    tcase_add_loop_test(tcase, each_step_can_fail, 0, BITES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
