#include "triggers.h"

#define FOUR(literal) literal literal literal literal

const struct trigger frame_triggers[] = {
    SERVER("ignore-top-bit", OPEN "\x81\xff\x80\0\0\0\0\0\0\x01\0\0\0\0"
                                  "a"),
    SERVER("accept-bad-reason", OPEN "\x88\x84\0\0\0\0\x03\xe8\xc3\x28"),
    PADDED("long-form-from-125", OPEN "\x82\xfd\0\0\0\0", 125),
    PADDED("little-endian-length", OPEN "\x82\xfe\0\x7e\0\0\0\0", 126),
    PADDED("low-16-bits", OPEN "\x82\xff\0\0\0\0\0\x01\0\0\0\0\0\0", 65536),
    SERVER("key-is-payload", OPEN "\x82\x84\0\0\0\0"
                                  "abcd" PING_P),
    SERVER("no-key-of-empty", OPEN "\x89\x80\1\2\3\4" PING_P),
    SERVER("carry-mask-phase", OPEN "\x89\x81\1\2\3\4p\x89\x81\1\2\3\4p"),
    SERVER("echo-masked", OPEN "\x82\x81\1\2\3\4"
                               "a"),
    SERVER("end-on-empty-frame", OPEN "\x8a\x80\0\0\0\0"),
    SERVER("one-frame-a-read", OPEN PING_P PING_P),
    SERVER("await-second-frame", OPEN TEXT_A),
    SERVER("join-messages", OPEN TEXT_A TEXT_A),
    SERVER("swap-fragments", OPEN "\x01\x80\0\0\0\0\0\x81\0\0\0\0"
                                  "a"
                                  "\x80\x81\0\0\0\0"
                                  "b"),
    SERVER("type-of-last-fragment", OPEN "\x01\x80\0\0\0\0\x80\x80\0\0\0\0"),
    SERVER("deliver-pings", OPEN PING_P),
    SERVER("lose-message-behind-ping", OPEN PING_P TEXT_A),
    SERVER("stop-when-unread", OPEN FOUR(FOUR(TEXT_A))),
    SERVER("refuse-empty-fragments", OPEN "\x01\x80\0\0\0\0"),
    SERVER("refuse-fragments", OPEN "\x01\x81\0\0\0\0"
                                    "a"),
    SERVER("refuse-unasked-pongs", OPEN "\x8a\x80\0\0\0\0"),
    SERVER("refuse-binary-pings", OPEN "\x89\x81\0\0\0\0\xff"),
    SERVER("refuse-empty-close", OPEN "\x88\x80\0\0\0\0"),
    PADDED("refuse-long-reasons", OPEN "\x88\xfd\0\0\0\0\x03\xe8", 123),
    SERVER("refuse-private-codes", OPEN "\x88\x82\0\0\0\0\x0f\xa0"),
    SERVER("validate-fragments-alone", OPEN "\x01\x81\0\0\0\0\xc3\x80\x81\0\0\0\0\xa9"),
    SERVER("validate-binary", OPEN "\x82\x81\0\0\0\0\xff"),
    SERVER("refuse-noncharacters", OPEN "\x81\x83\0\0\0\0\xef\xbf\xbe"),
    SERVER("late-pong", OPEN "\x01\x81\0\0\0\0"
                             "a" PING_P),
    SERVER("no-close-behind-an-echo", OPEN TEXT_A CLOSE_1000),
    SERVER("first-ping-only", OPEN "\x89\x81\0\0\0\0o" PING_P),
    SERVER("swap-pongs", OPEN "\x89\x81\0\0\0\0o" PING_P),
    SERVER("never-end", OPEN CLOSE_1000),
    SERVER("reset-behind-close", OPEN CLOSE_1000),
    SERVER("close-30-seconds-late", OPEN CLOSE_1000),
    SERVER("await-own-code", UPGRADE("/close/4000", "") CLOSE_1000),
    SERVER("echo-while-closing", UPGRADE("/close/4000", "") TEXT_A),
    SERVER("close-without-code", UPGRADE("/close/4000", "")),
    SERVER("end-without-close", UPGRADE("/close/4000", "")),
    SERVER("deaf-after-refusal",
           HEAD("GET", "HTTP/1.1", HOST UP KEY "Sec-WebSocket-Version: 12\r\n")),
    SERVER("end-8-seconds-late", OPEN "\x83\x80\0\0\0\0"),
    SERVER("drop-on-error", OPEN "\x83\x80\0\0\0\0"),
    SERVER("fail-with-1000", OPEN "\x83\x80\0\0\0\0"),
    SERVER("bad-text-with-1002", OPEN "\x81\x81\0\0\0\0\xff"),
    PADDED("top-bit", OPEN "\x82\xff\0\0\0\0\0\x01\0\0\0\0\0\0", 65536),
    SERVER("interleave-messages", OPEN TEXT_A TEXT_A),
    SERVER("payload-alone", OPEN TEXT_A),
    SERVER("never-final", OPEN TEXT_A),
    SERVER("always-binary", OPEN TEXT_A),
    SERVER("close-0", OPEN CLOSE_1000),
    SERVER("close-2999", OPEN CLOSE_1000),
    SERVER("fail-with-1004", OPEN "\x83\x80\0\0\0\0"),
    SERVER("fail-with-1010", OPEN "\x83\x80\0\0\0\0"),
    SERVER("cut-reason", OPEN CLOSE_1000),
};

const size_t frame_trigger_count = sizeof frame_triggers / sizeof *frame_triggers;
