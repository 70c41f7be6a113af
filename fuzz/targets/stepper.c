/* stepper - any case against any peer ends, and how TCP cut the peer's bytes changes nothing.
 *
 * Input: the text of a script, NUL, then flags, cut and what the peer sends on every connection as
 * soon as it is open.  Only the first case of the script runs.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>
#include <wsf/fuzz.h>
#include <wss/stepper.h>

enum {
    SHAKE = 1, /* a legal opening handshake comes before the peer's bytes */
    FIN = 2,
    RESET = 4,
    REFUSE = 8, /* every connection but the first is refused */
    MEMORY = 64 << 20,
    CONNECTIONS = 8,
    TURNS = 2000
};

static const char plain_request[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct lane {
    bool open, asked, spoken, dropped;
};

struct play {
    struct wss_run *run;
    uint8_t flags, cut;
    struct wsf_input peer;
    struct lane lanes[CONNECTIONS];
    struct wsf_log did; /* every action, in order */
    uint64_t now;
};

static void deliver(struct play *play, unsigned connection, const void *data, size_t size)
{
    struct wsf_cuts cuts;

    wsf_cuts_init(&cuts, play->cut);
    for (size_t at = 0; at < size;) {
        size_t n = wsf_cuts_next(&cuts, size - at);
        uint8_t *piece = wsf_copy((const uint8_t *)data + at, n);

        wss_received(play->run, connection, piece, n, play->now);
        free(piece);
        at += n;
    }
}

/* The answer of a strict server to what we were asked, if that can be read. */
static void answer(struct play *play, unsigned connection, const uint8_t *asked, size_t size)
{
    static struct wsc_head request;
    struct wsc_findings findings = {0};
    struct wsc_answer reply;
    char head[1024];
    size_t n;

    if (wsc_http_request(asked, size, 65536, &request, &findings) != WSC_HTTP_DONE)
        return;
    wsc_request_check(&request, &findings);
    wsc_server_answer(&request, &findings, NULL, &reply);
    n = wsc_answer_write(&reply, &request, head, sizeof head);
    deliver(play, connection, head, n);
}

static void speak(struct play *play, unsigned connection)
{
    struct lane *lane = &play->lanes[connection];

    lane->spoken = true;
    deliver(play, connection, play->peer.p, play->peer.n);
    if (play->flags & (FIN | RESET))
        wss_ended(play->run, connection, play->flags & RESET ? WSS_RST : WSS_FIN, play->now);
}

static void perform(struct play *play, const struct wss_action *action)
{
    unsigned c = action->connection;
    struct lane *lane = &play->lanes[c % CONNECTIONS];

    wsf_log_number(&play->did, (uint64_t)action->kind << 32 | c);
    switch (action->kind) {
    case WSS_CONNECT:
    case WSS_ACCEPT:
        if (c >= CONNECTIONS || (c > 0 && (play->flags & REFUSE))) {
            wss_connect_failed(play->run, c, WSS_REFUSED, "refused", play->now);
            break;
        }
        lane->open = true;
        wss_connected(play->run, c, play->now);
        if (action->kind == WSS_ACCEPT) {
            if (play->flags & SHAKE)
                deliver(play, c, plain_request, sizeof plain_request - 1);
            speak(play, c);
        }
        break;
    case WSS_WRITE:
        wsf_log_put(&play->did, action->bytes, action->len);
        if (lane->open && !lane->asked && !lane->spoken && (play->flags & SHAKE)) {
            uint8_t *asked = wsf_copy(action->bytes, action->len);

            lane->asked = true;
            wss_written(play->run, c, action->len, play->now);
            answer(play, c, asked, action->len);
            free(asked);
        } else {
            wss_written(play->run, c, action->len, play->now);
        }
        if (lane->open && !lane->spoken)
            speak(play, c);
        break;
    case WSS_RESET:
    case WSS_DROP:
        lane->dropped = true;
        break;
    case WSS_SHUT:
    case WSS_STOP_READING:
    case WSS_START_READING:
        break;
    case WSS_RENEGOTIATE:
        if (play->flags & FIN)
            wss_renegotiated(play->run, c, play->flags & REFUSE ? WSS_DECLINED : WSS_RENEWED,
                             "gone", play->now);
        break;
    case WSS_STOP_TARGET:
        wss_target(play->run, WSS_TARGET_EXITED, NULL, play->now);
        break;
    case WSS_RESTART_TARGET:
        wss_target(play->run, play->flags & REFUSE ? WSS_TARGET_MUTE : WSS_TARGET_STARTED, "gone",
                   play->now);
        break;
    }
}

/* Until the case is over; a script may ask for more turns than a fuzzer has time for. */
static void turn(struct play *play)
{
    struct wss_action action;

    for (unsigned turns = 0; !wss_done(play->run); turns++) {
        uint64_t due;

        if (turns > TURNS) {
            wss_abort(play->run, "enough", play->now);
            WSF_LAW(wss_done(play->run));
            break;
        }
        if (wss_next(play->run, &action)) {
            perform(play, &action);
            continue;
        }
        if (wss_done(play->run))
            break;
        /* A case that waits for nothing would wait for ever. */
        due = wss_deadline(play->run);
        WSF_LAW(due != UINT64_MAX);
        if (due > play->now)
            play->now = due;
        wss_tick(play->run, play->now);
    }
}

static void play_once(const struct wss_case *test, struct wsf_input peer, uint8_t flags,
                      uint8_t cut, struct wsf_log *did, struct wss_outcome *outcome)
{
    const struct wss_profile profile = {
        .host = "127.0.0.1", .port = 9001, .authority = "127.0.0.1:9001", .path = "/"};
    const struct wss_setup setup = {.test = test,
                                    .profile = &profile,
                                    .seed = 7,
                                    .patience_ms = 2000,
                                    .cap_ms = 60000,
                                    .max_message = 1 << 20};
    struct play play = {.flags = flags, .cut = cut, .peer = peer, .now = 1000};

    play.run = wss_start(&setup, play.now);
    WSF_LAW(play.run);
    turn(&play);
    wss_finish(play.run, outcome);
    *did = play.did;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* A transcript is a script, whatever the peer sent. */
static bool is_script(const char *transcript)
{
    struct wsn_arena arena = {.limit = MEMORY};
    struct wsn_errors errors = {0};

    wsn_parse(&arena, "transcript", transcript, strlen(transcript), &errors);
    wsn_arena_drop(&arena);
    return errors.total == 0;
}

static void run_case(const struct wss_case *test, struct wsf_input peer, uint8_t flags, uint8_t cut)
{
    struct wss_outcome whole, pieces;
    struct wsf_log did = {0}, did_too = {0};

    play_once(test, peer, flags, 0, &did, &whole);
    play_once(test, peer, flags, cut, &did_too, &pieces);
    WSF_LAW(wsf_log_same(&did, &did_too));
    WSF_LAW(whole.result.verdict == pieces.result.verdict);
    WSF_LAW(same_text(whole.result.reason, pieces.result.reason));
    WSF_LAW(same_text(whole.result.transcript, pieces.result.transcript));
    WSF_LAW(whole.result.fault_count == pieces.result.fault_count);
    WSF_LAW(whole.result.violation_count == pieces.result.violation_count);
    /* Nobody fails a peer without naming a fault. */
    WSF_LAW(whole.result.verdict != WSQ_FAIL || whole.result.fault_count > 0);
    WSF_LAW(!whole.result.transcript || is_script(whole.result.transcript));
    wss_outcome_drop(&whole);
    wss_outcome_drop(&pieces);
    wsf_log_drop(&did);
    wsf_log_drop(&did_too);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t script = nul ? (size_t)(nul - data) : size;
    struct wsf_input peer = {nul ? nul + 1 : data, nul ? size - script - 1 : 0};
    uint8_t flags = wsf_byte(&peer), cut = wsf_byte(&peer);
    struct wsn_arena arena = {.limit = MEMORY};
    struct wsn_errors errors = {0};
    const struct wss_settings settings = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_file *file = wsn_parse(&arena, "input", (const char *)data, script, &errors);

    if (file)
        wsn_link(&arena, file, NULL, NULL, &errors);
    if (file && file->case_count > 0) {
        wss_plan_add(&plan, file, &settings, &errors);
        if (plan.count > 0 && plan.cases[0].watch_count == 0)
            run_case(&plan.cases[0], peer, flags, cut);
    }
    wsn_arena_drop(&arena);
    return 0;
}
