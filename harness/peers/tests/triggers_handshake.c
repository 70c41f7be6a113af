#include "triggers.h"

#define ASK(lines) HEAD("GET", "HTTP/1.1", HOST UP lines)
#define SPACES_64 "                                                                "
#define SPACES_1K                                                                                  \
    SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64      \
        SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64 SPACES_64
#define SPACES_8K SPACES_1K SPACES_1K SPACES_1K SPACES_1K SPACES_1K SPACES_1K SPACES_1K SPACES_1K
#define LONG_1K                                                                                    \
    LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64        \
        LONG_64 LONG_64 LONG_64 LONG_64 LONG_64
#define LONG_64 "/aaaaaaaaaaaaaaa/aaaaaaaaaaaaaaa/aaaaaaaaaaaaaaa/aaaaaaaaaaaaaaa"
#define LONG_5K LONG_1K LONG_1K LONG_1K LONG_1K LONG_1K
#define LONG_70K                                                                                   \
    LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K LONG_5K        \
        LONG_5K LONG_5K LONG_5K

const struct trigger handshake_triggers[] = {
    SERVER("accept-no-key-no-version", ASK("")),
    SERVER("accept-odd-key", ASK("Sec-WebSocket-Key: AQIDBAUGBwgJ-gsMDQ4PEA==\r\n" VERSION)),
    SERVER("accept-empty-key", ASK("Sec-WebSocket-Key:\r\n" VERSION)),
    SERVER("accept-two-keys", ASK(KEY KEY VERSION)),
    SERVER("accept-misspelt-version", ASK(KEY "Sec-WebSocket-Version: 0xD\r\n")),
    SERVER("accept-two-versions", ASK(KEY VERSION VERSION)),
    SERVER("accept-version-8", ASK(KEY "Sec-WebSocket-Version: 8\r\n")),
    SERVER("accept-bad-protocols", UPGRADE("/", "Sec-WebSocket-Protocol: a b\r\n")),
    SERVER("accept-bad-extensions", UPGRADE("/", "Sec-WebSocket-Extensions: a b\r\n")),
    SERVER("accept-bad-names", UPGRADE("/", ": 1\r\nX Y: 2\r\n")),
    SERVER("accept-misspelt-http", HEAD("GET", "http/1.1", HOST UP KEY VERSION)),
    SERVER("accept-space-in-target", UPGRADE("/ x", "")),
    SERVER("accept-bad-host", HEAD("GET", "HTTP/1.1", "Host: h:port\r\n" UP KEY VERSION)),
    SERVER("accept-indented-field",
           HEAD("GET", "HTTP/1.1",
                " Upgrade: websocket\r\n" HOST "Connection: Upgrade\r\n" KEY VERSION)),
    SERVER("split-folded-field",
           HEAD("GET", "HTTP/1.1",
                HOST "X: a\r\n Upgrade: websocket\r\nConnection: Upgrade\r\n" KEY VERSION)),
    SERVER("bare-cr-ends-line",
           HEAD("GET", "HTTP/1.1",
                HOST "X: a\rUpgrade: websocket\r\nConnection: Upgrade\r\n" KEY VERSION)),
    SERVER("nul-ends-value",
           HEAD("GET", "HTTP/1.1",
                HOST "Upgrade: websocket\r\nConnection: Upgrade\0x\r\n" KEY VERSION)),
    SERVER("cut-long-fields",
           ASK("Sec-WebSocket-Key:" SPACES_8K "dGhlIHNhbXBsZSBub25jZQ==\r\n" VERSION)),
    SERVER("accept-unknown-coding", UPGRADE("/", "Transfer-Encoding: foo, chunked\r\n")),
    SERVER("accept-both-lengths",
           HEAD("GET", "HTTP/1.1",
                HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") "0\r\n\r\n"),
    SERVER("body-parsed-as-request",
           HEAD("POST", "HTTP/1.1", HOST "Content-Length: 37\r\n") HEAD("GET", "HTTP/1.1", HOST)),
    SERVER("wrap-length", UPGRADE("/", "Content-Length: 18446744073709551621\r\n") "hello" PING_P),
    SERVER("switch-before-content", UPGRADE("/", "Expect: 100-continue\r\nContent-Length: 5\r\n")),
    SERVER("switch-before-empty-line", "GET / HTTP/1.1\r\n" HOST UP VERSION KEY),
    SERVER("no-unknown-fields", UPGRADE("/", "Cookie: a=b\r\n")),
    SERVER("one-protocol-line",
           UPGRADE("/", "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n")),
    SERVER("one-extension-line",
           UPGRADE("/", "Sec-WebSocket-Extensions: a\r\nSec-WebSocket-Extensions: b\r\n")),
    SERVER("no-unknown-extensions", UPGRADE("/", "Sec-WebSocket-Extensions: a\r\n")),
    SERVER("no-quoted-parameters", UPGRADE("/", "Sec-WebSocket-Extensions: a; b=\"c\"\r\n")),
    SERVER("no-space-in-extensions", UPGRADE("/", "Sec-WebSocket-Extensions: a ; b\r\n")),
    SERVER("squeeze-quoted", UPGRADE("/", "Sec-WebSocket-Extensions: permessage-deflate; "
                                          "server_max_window_bits=\"1 0\"\r\n")),
    SERVER("ascii-only", UPGRADE("/", "X: \xe9\r\n")),
    SERVER("no-empty-line-first", "\r\n" OPEN),
    SERVER("short-request-line", UPGRADE("/?" LONG_5K, "")),
    SERVER("long-target-is-bad", UPGRADE("/?" LONG_70K, "")),
    SERVER("unpadded-accept", OPEN),
    SERVER("untrimmed-key", ASK("Sec-WebSocket-Key:  dGhlIHNhbXBsZSBub25jZQ==\r\n" VERSION)),
    SERVER("accept-line-twice", OPEN),
    SERVER("ok-for-101", OPEN),
    SERVER("whole-protocol-list", UPGRADE("/", "Sec-WebSocket-Protocol: a, b\r\n")),
    SERVER("first-protocol", UPGRADE("/", "Sec-WebSocket-Protocol: a, b\r\n")),
    SERVER("unknown-parameter", UPGRADE("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n")),
    SERVER("protocol-twice", UPGRADE("/", "Sec-WebSocket-Protocol: chat\r\n")),
    SERVER("name-with-space", OPEN),
    SERVER("folded-field", OPEN),
    SERVER("date-twice", OPEN),
    SERVER("empty-element", OPEN),
    SERVER("echo-version", ASK(KEY "Sec-WebSocket-Version: 12\r\n")),
    SERVER("no-date-in-refusal", ASK(VERSION)),
    SERVER("frames-behind-refusal", ASK(KEY "Sec-WebSocket-Version: 12\r\n") PING_P),
    SERVER("hang-up-on-bad-handshake", ASK(VERSION)),
    SERVER("answer-behind-close",
           HEAD("GET", "HTTP/1.1", HOST "Connection: close\r\n") HEAD("GET", "HTTP/1.1", HOST)),
    SERVER("silent-to-garbage", "this is no request at all\r\n\r\n"),
    SERVER("content-for-head", HEAD("HEAD", "HTTP/1.1", HOST)),
    SERVER("chunks-for-http-1.0", HEAD("GET", "HTTP/1.0", HOST)),
    SERVER("both-lengths", HEAD("GET", "HTTP/1.1", HOST)),
    SERVER("upgrade-without-option", ASK(KEY "Sec-WebSocket-Version: 12\r\n")),
    SERVER("no-location", UPGRADE("/moved", "")),
    SERVER("realm-twice", UPGRADE("/protected", "")),
    SERVER("bare-realm", UPGRADE("/protected", "")),
    SERVER("403-for-credentials", UPGRADE("/protected", "")),
    SERVER("case-sensitive-scheme",
           UPGRADE("/protected", "Authorization: BASIC d3Nwcm9vZjpzZWNyZXQ=\r\n")),
    SERVER("switch-then-1008", UPGRADE("/", "Origin: http://evil.invalid\r\n")),
    SERVER("origin-by-substring", UPGRADE("/", "Origin: http://good.example.evil.invalid\r\n")),
    SERVER("404-for-origin", UPGRADE("/", "Origin: http://evil.invalid\r\n")),
    GROWING("no-message-limit", OPEN "\x01\x80\0\0\0\0", 257),
    SERVER("any-path", UPGRADE("/nowhere", "")),

    /* Liberties. */
    SERVER("join-folds",
           HEAD("GET", "HTTP/1.1",
                HOST UP "Sec-WebSocket-Key:\r\n dGhlIHNhbXBsZSBub25jZQ==\r\n" VERSION)),
    SERVER("blank-controls", UPGRADE("/", "X: a\0b\rc\r\n")),
    SERVER("squeeze-request-line", "GET   /  HTTP/1.1\r\n" HOST UP KEY VERSION "\r\n"),
    SERVER("refuse-line-feeds", "GET / HTTP/1.1\n" HOST UP KEY VERSION "\r\n"),
    SERVER("limit-heads", UPGRADE("/?" LONG_5K LONG_5K, "")),
    SERVER("older-versions", ASK(KEY "Sec-WebSocket-Version: 8\r\n")),
    SERVER("no-clock", ASK(VERSION)),
};

const size_t handshake_trigger_count = sizeof handshake_triggers / sizeof *handshake_triggers;
