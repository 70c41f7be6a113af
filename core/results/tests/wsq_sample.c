#include "wsq_sample.h"

#include <stdlib.h>
#include <string.h>

/* Memory that ends ends the test. */
static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

static char *copy(const char *s)
{
    return s ? must(wsq_dup(s)) : NULL;
}

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LIST(c, list, count, ...)                                                                  \
    set_texts(&(c)->list, &(c)->count, (const char *[]){__VA_ARGS__},                              \
              LENGTH(((const char *[]){__VA_ARGS__})))

static void set_texts(char ***into, size_t *count, const char *const *from, size_t n)
{
    *into = must(calloc(n, sizeof **into));
    *count = n;
    for (size_t i = 0; i < n; i++)
        (*into)[i] = copy(from[i]);
}

const char wsq_sample_hostile[] =
    "<script>alert('1')</script> \"quoted\" & ]]> --> <!-- &amp; "
    "\x1b[31mred\x1b[0m \a\b\t\r\n second line \xff\xc0\x80\xed\xa0\x80 "
    "\xef\xbf\xbe \xef\xbf\xbf \xc2\x85 \xe2\x80\xa8 \xe2\x80\xae gnitirw \xf0\x9f\x98\x80 "
    "\xf4\x90\x80\x80 "
    "</style></title></textarea> javascript:alert(1) \x7f\xe2\x82";

static struct wsq_case case_of(const char *id, const char *title, enum wsq_verdict verdict,
                               const char *reason, const char *cite)
{
    struct wsq_case c = {.id = copy(id),
                         .title = copy(title),
                         .suite = copy(id),
                         .verdict = verdict,
                         .reason = copy(reason),
                         .ms = 3,
                         .replay = must(wsq_format("wsproof run ws://localhost:9001/ --only %s "
                                                   "--seed 18446744073709551615",
                                                   id))};

    c.suite[strcspn(c.suite, "/")] = '\0';
    if (cite)
        LIST(&c, cites, cite_count, cite);
    if (verdict != WSQ_SKIP) {
        c.attempts = must(calloc(1, sizeof *c.attempts));
        c.attempts[0] = (struct wsq_attempt){.verdict = verdict, .reason = copy(reason), .ms = 3};
        c.attempt_count = 1;
    }
    return c;
}

static void set_fault(struct wsq_case *c, struct wsq_fault fault)
{
    c->faults = must(realloc(c->faults, (c->fault_count + 1) * sizeof *c->faults));
    c->faults[c->fault_count++] = (struct wsq_fault){.requirement = copy(fault.requirement),
                                                     .verdict = fault.verdict,
                                                     .seen = fault.seen,
                                                     .line = fault.line,
                                                     .step = copy(fault.step),
                                                     .expected = copy(fault.expected),
                                                     .saw = copy(fault.saw),
                                                     .why = copy(fault.why)};
}

static void add_wire(struct wsq_case *c, bool sent, uint64_t at_ms, uint64_t offset,
                     const void *bytes, size_t kept, uint64_t length, const char *what)
{
    struct wsq_wire wire = {.sent = sent,
                            .at_ms = at_ms,
                            .offset = offset,
                            .bytes = must(malloc(kept + 1)),
                            .kept = kept,
                            .length = length,
                            .what = copy(what)};

    memcpy(wire.bytes, bytes, kept);
    c->wire = must(realloc(c->wire, (c->wire_count + 1) * sizeof *c->wire));
    c->wire[c->wire_count++] = wire;
}

static void add(struct wsq_run *run, struct wsq_case *c)
{
    c->started_ms = run->case_count * 5;
    if (!wsq_run_add(run, c))
        abort();
}

static const char get[] = "GET / HTTP/1.1\r\nHost: localhost:9001\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Version: 13\r\n\r\n";
static const char switched[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Connection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void add_handshake(struct wsq_case *c)
{
    add_wire(c, true, 0, 0, get, sizeof get - 1, sizeof get - 1, "GET /");
    add_wire(c, false, 1, 0, switched, sizeof switched - 1, sizeof switched - 1, "101");
}

static void add_unmasked(struct wsq_run *run, const char *id, const char *expectation)
{
    struct wsq_case c =
        case_of(id, "A server fails the connection when a client's frame is not masked", WSQ_FAIL,
                "expected the connection to fail with 1002, saw text \"hello\"", "6455-5.1-3");

    set_fault(&c, (struct wsq_fault){
                      .requirement = "6455-5.1-3",
                      .verdict = WSQ_FAIL,
                      .seen = true,
                      .line = 8,
                      .step = "< fail 1002",
                      .expected = "the connection fails with Close 1002",
                      .saw = "text \"hello\"",
                      .why = "The payload of the offending frame came back, so it was accepted."});
    LIST(&c, autobahn, autobahn_count, "1.1.2", "2.3");
    LIST(&c, occasions, occasion_count, "6455-5.1-6", "6455-5.2-14");
    c.script =
        copy("case 5.1/unmasked-text\n  title  A server fails the connection when a client's "
             "frame is not masked\n  cites  6455-5.1-3\n\n  > GET\n  < 101\n  > text "
             "\"hello\" mask=none\n  < fail 1002\n");
    c.transcript =
        copy("  > GET\n  < 101\n  > text \"hello\" mask=none\n  < text \"hello\"\n  # "
             "expected: fail 1002  @6455-5.1-3\n  > close 1000\n  < close 1000\n  < eof\n");
    add_handshake(&c);
    add_wire(&c, true, 1, sizeof get - 1, "\x81\x05hello", 7, 7, "text");
    add_wire(&c, false, 2, sizeof switched - 1, "\x81\x05hello", 7, 7, "text");
    c.expectation = copy(expectation);
    c.unexpected = !expectation;
    add(run, &c);
}

static void add_absent(struct wsq_run *run)
{
    struct wsq_case c =
        case_of("7.1.7/eof-after-close", "A server that failed the connection closes TCP too",
                WSQ_FAIL, "expected eof, saw nothing within 6 s", "6455-7.1.7-2");

    set_fault(&c, (struct wsq_fault){.requirement = "6455-7.1.7-2",
                                     .verdict = WSQ_FAIL,
                                     .line = 9,
                                     .step = "< fail 1002",
                                     .expected = "eof",
                                     .saw = "nothing within 6 s",
                                     .why = "After our FIN the server ended within 2 ms."});
    c.attempts = must(realloc(c.attempts, 2 * sizeof *c.attempts));
    c.attempts[1] = (struct wsq_attempt){
        .verdict = WSQ_FAIL, .reason = copy("expected eof, saw nothing within 6 s"), .ms = 6010};
    c.attempts[0].ms = 2004;
    c.attempt_count = 2;
    c.slow = true;
    c.ms = 6010;
    c.waited_ms = 100;
    c.script = copy("case 7.1.7/eof-after-close\n  cites  6455-7.1.7-2\n\n  > GET\n  < 101\n  > "
                    "frame opcode=3\n\n\n  < fail 1002\n");
    c.transcript = copy("  > GET\n  < 101\n  > frame opcode=3\n  < close 1002\n  > close 1002\n");
    add_handshake(&c);
    c.unexpected = true;
    add(run, &c);
}

static void add_hostile(struct wsq_run *run)
{
    struct wsq_case c = case_of("hostile/\"<b>&'", wsq_sample_hostile, WSQ_FAIL, wsq_sample_hostile,
                                "not-in-the-catalogue");
    struct wsq_sighting sighting = {.requirement = copy("6455-5.2-14"),
                                    .connection = copy("<bob>"),
                                    .at = UINT64_C(9007199254740993),
                                    .sentence = copy(wsq_sample_hostile)};

    char *text = copy(wsq_sample_hostile);

    set_fault(&c, (struct wsq_fault){.requirement = text,
                                     .verdict = WSQ_WARN,
                                     .line = 4000000000U,
                                     .step = text,
                                     .expected = text,
                                     .saw = text,
                                     .why = text});
    set_fault(&c, (struct wsq_fault){.verdict = WSQ_INFO, .seen = true, .line = 2});
    c.violations = must(malloc(sizeof *c.violations));
    c.violations[0] = sighting;
    c.violation_count = 1;
    LIST(&c, autobahn, autobahn_count, wsq_sample_hostile);
    LIST(&c, occasions, occasion_count, wsq_sample_hostile);
    c.script = copy(wsq_sample_hostile);
    c.transcript = copy(wsq_sample_hostile);
    add_wire(&c, false, 0, 0, wsq_sample_hostile, strlen(wsq_sample_hostile), UINT64_C(1) << 62,
             wsq_sample_hostile);
    add_wire(&c, true, 0, 0, "\0\0", 2, 2, NULL);
    c.wire[0].connection = copy("<bob>");
    free(c.replay);
    c.replay = copy(wsq_sample_hostile);
    c.expectation = copy("fail  # <i>known</i>");
    free(text);
    add(run, &c);
}

static void add_simple(struct wsq_run *run, const char *id, const char *title,
                       enum wsq_verdict verdict, const char *reason, const char *cite,
                       const char *expectation, bool unexpected)
{
    struct wsq_case c = case_of(id, title, verdict, reason, cite);

    c.expectation = copy(expectation);
    c.unexpected = unexpected;
    if (verdict != WSQ_SKIP) {
        c.script =
            must(wsq_format("case %s\n  title  %s\n\n  > GET\n  < 101\n  alive\n", id, title));
        c.transcript = copy("  > GET\n  < 101\n  alive\n");
        add_handshake(&c);
    }
    add(run, &c);
}

static void add_warn(struct wsq_run *run)
{
    struct wsq_case c = case_of("8.1/invalid-utf8-code", "Bad UTF-8 ends in Close 1007", WSQ_WARN,
                                "expected Close 1007, saw close 1002", "6455-8.1-1");

    set_fault(&c, (struct wsq_fault){.requirement = "6455-7.4.1-10",
                                     .verdict = WSQ_WARN,
                                     .seen = true,
                                     .line = 7,
                                     .step = "< fail 1007",
                                     .expected = "Close 1007",
                                     .saw = "close 1002"});
    c.script = copy("case 8.1/invalid-utf8-code\n  cites  6455-8.1-1\n\n  > GET\n  < 101\n  > text "
                    "hex(ce ba e1 bd)\n  < fail 1007\n");
    c.transcript = copy("  > GET\n  < 101\n  > text hex(ce ba e1 bd)\n  < close 1002\n  > close "
                        "1002\n  < eof\n");
    add_handshake(&c);
    add(run, &c);
}

static void add_flaky(struct wsq_run *run)
{
    struct wsq_case c =
        case_of("5.5.2/pong-under-load", "A ping under load is answered", WSQ_FLAKY,
                "seen once and not again: a pong with another payload", "6455-5.5.2-3");

    c.attempts = must(realloc(c.attempts, 2 * sizeof *c.attempts));
    c.attempts[0].verdict = WSQ_FAIL;
    c.attempts[1] = (struct wsq_attempt){.verdict = WSQ_PASS, .ms = 12};
    c.attempt_count = 2;
    c.unexpected = true;
    add(run, &c);
}

static void add_watch(struct wsq_run *run)
{
    struct wsq_case c =
        case_of("watch/minimal-length", "Every length that the peer writes uses the fewest bytes",
                WSQ_PASS, NULL, "6455-5.2-14");

    c.watch = true;
    add(run, &c);
}

static void add_limit(struct wsq_run *run, const char *name, const char *what, const char *unit,
                      uint64_t held, uint64_t refused, const char *how)
{
    run->limits = realloc(run->limits, (run->limit_count + 1) * sizeof *run->limits);
    run->limits[run->limit_count++] = (struct wsq_limit){.name = copy(name),
                                                         .what = copy(what),
                                                         .unit = copy(unit),
                                                         .held = held,
                                                         .refused = refused,
                                                         .how = how ? copy(how) : NULL};
}

void wsq_sample_run(struct wsq_run *run)
{
    *run = (struct wsq_run){.target = copy("ws://localhost:9001/"),
                            .version = copy("0.1.0"),
                            .started = copy("2026-01-02T03:04:05Z"),
                            .seed = UINT64_MAX,
                            .jobs = 8,
                            .ms = 12345,
                            .profile = copy("speaks RFC 6455, version 13\nechoes text and "
                                            "binary\noffers no extension\nslowest round trip 2 ms"),
                            .server = copy("sample/1.0 <b>"),
                            .complete = true,
                            .planned = 14};
    LIST(run, watches, watch_count, "watch/minimal-length");
    add_limit(run, "message", "largest message", "bytes", 1 << 20, (1 << 20) + 1, "close 1009 <b>");
    add_limit(run, "connections", "connections at once", "connections", 1000, 0, NULL);
    add_limit(run, "lines", "lines added to a request", "lines", 100, 200, "431");
    add_limit(run, "line", "longest line of a request", "bytes", 0, 256, "431");
    add_limit(run, "idle", "keeps an idle connection", "ms", 60021, 60021, "close 1000");
    add_limit(run, "handshake", "waits for the rest of a request", "ms", 30000, 0, NULL);
    add_simple(run, "4.2.1/connection-list",
               "Connection is a list: Upgrade is found behind "
               "keep-alive, in any case",
               WSQ_PASS, NULL, "6455-4.2.1-11", NULL, false);
    add_simple(run, "4.2.1/version-99", "A version that the server does not speak is refused",
               WSQ_PASS, NULL, "6455-4.2.2-7", "fail  # fixed in spring?", true);
    add_unmasked(run, "5.1/unmasked-text", NULL);
    add_unmasked(run, "5.1/unmasked-ping", "fail  # known: unmasked frames are accepted");
    add_simple(run, "5.2/length-not-minimal", "A length of 5 written in 16 bits", WSQ_INFO,
               "refuses a length that is not minimal", "6455-5.2-15", NULL, false);
    add_flaky(run);
    add_absent(run);
    add_warn(run);
    add_simple(run, "9.1/deflate", "A compressed message is echoed", WSQ_SKIP,
               "the target does not offer permessage-deflate", "7692-7-1", NULL, false);
    add_simple(run, "9.1/deflate-no-context", "A compressed message is echoed, anew each time",
               WSQ_SKIP, "the target does not offer permessage-deflate", "7692-7-1", NULL, false);
    add_simple(run, "auth/anonymous-is-refused", "A protected path answers 401", WSQ_SKIP,
               "needs the setting protected", "9110-11.6.1-1", NULL, false);
    add_simple(run, "auth/token", "The right token opens the connection", WSQ_ERROR,
               "no connection: ECONNREFUSED", NULL, NULL, true);
    add_hostile(run);
    add_watch(run);
    if (!wsq_run_complain(run, "expect.txt:3: the expected case 5.9/<gone> matches no case"))
        abort();
}

void wsq_sample_big(struct wsq_run *run, size_t count)
{
    static uint8_t noise[1024];

    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(i * 7 + i / 5);
    *run = (struct wsq_run){.target = copy("ws://localhost:9001/"), .complete = true};
    for (size_t i = 0; i < count; i++) {
        enum wsq_verdict verdict = i % 20 < 13 ? WSQ_PASS : (enum wsq_verdict)(i % 20 - 13);
        char *id = must(wsq_format("5.%zu/case-%zu", i % 17, i));
        struct wsq_case c =
            case_of(id, "A server fails the connection, and says so", verdict,
                    verdict == WSQ_PASS ? NULL : "expected this, saw that", "6455-5.1-3");

        free(id);
        if (verdict == WSQ_FAIL)
            set_fault(&c, (struct wsq_fault){.requirement = "6455-5.1-3",
                                             .verdict = WSQ_FAIL,
                                             .line = 6,
                                             .step = "< fail 1002",
                                             .expected = "Close 1002",
                                             .saw = "nothing within 6 s"});
        if (verdict != WSQ_SKIP) {
            c.script = copy("case x\n  title  t\n  cites  6455-5.1-3\n\n  > GET\n  < fail 1002\n");
            c.transcript = copy("  > GET\n  < 101\n  > text \"hello\" mask=none\n");
            add_handshake(&c);
            add_wire(&c, true, 1, sizeof get - 1, noise, sizeof noise, 65536, "binary");
            add_wire(&c, false, 2, sizeof switched - 1, noise, 300, 300, "binary");
        }
        c.unexpected = verdict == WSQ_FAIL;
        add(run, &c);
    }
    run->planned = count;
}
