/* raise - any bytes can be written as a script that sends them: compile(raise(b)) == b.
 *
 * Input: who sends (1: a server), then the bytes behind the opening handshake.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>
#include <wsf/fuzz.h>
#include <wss/stepper.h>

enum { MEMORY = 64 << 20, TURNS = 20000 };

static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct play {
    struct wss_run *run;
    bool server;         /* we are */
    struct wsf_log said; /* all that was written */
    size_t head;         /* bytes of our head, 0: it is not whole yet */
    uint64_t now;
};

static void deliver(struct play *play, const char *bytes, size_t size)
{
    uint8_t *copy = wsf_copy((const uint8_t *)bytes, size);

    wss_received(play->run, 0, copy, size, play->now);
    free(copy);
}

/* The peer shakes hands and says nothing more. */
static void shake_hands(struct play *play)
{
    static struct wsc_head head;
    struct wsc_answer answer;
    char reply[1024];

    if (play->server)
        WSF_LAW(wsc_http_response(play->said.p, play->said.n, 65536, &head, NULL) == WSC_HTTP_DONE);
    else
        WSF_LAW(wsc_http_request(play->said.p, play->said.n, 65536, &head, NULL) == WSC_HTTP_DONE);
    play->head = head.length;
    if (play->server)
        return;
    wsc_server_answer(&head, NULL, NULL, &answer);
    deliver(play, reply, wsc_answer_write(&answer, &head, reply, sizeof reply));
}

static void perform(struct play *play, const struct wss_action *action)
{
    if (action->kind == WSS_CONNECT || action->kind == WSS_ACCEPT)
        wss_connected(play->run, 0, play->now);
    if (action->kind == WSS_ACCEPT)
        deliver(play, request, sizeof request - 1);
    if (action->kind != WSS_WRITE)
        return;
    wsf_log_put(&play->said, action->bytes, action->len);
    wss_written(play->run, 0, action->len, play->now);
    if (play->head == 0)
        shake_hands(play);
}

static void run(struct play *play, const struct wss_case *test)
{
    const struct wss_profile profile = {
        .host = "127.0.0.1", .port = 9001, .authority = "127.0.0.1:9001", .path = "/"};
    const struct wss_setup setup = {.test = test,
                                    .profile = &profile,
                                    .seed = 7,
                                    .patience_ms = 2000,
                                    .cap_ms = 60000,
                                    .max_message = 1 << 20};
    struct wss_outcome outcome;
    struct wss_action action;

    play->run = wss_start(&setup, play->now);
    WSF_LAW(play->run);
    for (unsigned turns = 0; !wss_done(play->run); turns++) {
        WSF_LAW(turns < TURNS);
        if (wss_next(play->run, &action)) {
            perform(play, &action);
        } else if (!wss_done(play->run)) {
            play->now = wss_deadline(play->run);
            WSF_LAW(play->now != UINT64_MAX);
            wss_tick(play->run, play->now);
        }
    }
    wss_finish(play->run, &outcome);
    WSF_LAW(outcome.result.verdict == WSQ_PASS);
    wss_outcome_drop(&outcome);
}

/* What the script sends behind its head.  The run may end with a Close of its own. */
static void check_sent(const char *script, size_t n, const struct wsf_input *bytes, bool server)
{
    struct wsn_arena arena = {.limit = MEMORY};
    struct wsn_errors errors = {0};
    const struct wss_settings settings = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_file *file = wsn_parse(&arena, "raised", script, n, &errors);
    struct wsn_buffer again = {0};
    struct play play = {.server = server, .now = 1000};

    WSF_LAW(file && errors.total == 0 && file->case_count == 1);
    wsn_print_case(&file->cases[0], &again);
    WSF_LAW(again.n == n && memcmp(again.p, script, n) == 0);
    wss_plan_add(&plan, file, &settings, &errors);
    WSF_LAW(plan.count == 1);
    run(&play, &plan.cases[0]);
    WSF_LAW(play.head > 0 && play.said.n - play.head >= bytes->n);
    WSF_LAW(bytes->n == 0 || memcmp(play.said.p + play.head, bytes->p, bytes->n) == 0);
    wsf_log_drop(&play.said);
    wsn_buffer_drop(&again);
    wsn_arena_drop(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsf_input input = {data, size};
    bool server = wsf_byte(&input) & 1;
    struct wsn_buffer script = {.limit = MEMORY};

    wsn_puts(&script,
             server ? "case raised/bytes\n  title  Bytes\n  role   server\n\n  < GET\n  > 101\n"
                    : "case raised/bytes\n  title  Bytes\n\n  > GET\n  < 101\n");
    wsn_raise(input.p, input.n, !server, &script);
    WSF_LAW(!script.full);
    check_sent(script.p, script.n, &input, server);
    wsn_buffer_drop(&script);
    return 0;
}
