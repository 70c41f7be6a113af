#include "talk.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/check.h>
#include <wsc/frame.h>
#include <wsc/handshake.h>
#include <wsc/mask.h>

struct world {
    const struct talk *talk;
    struct wss_run *run;
    struct said *said, own;
    uint64_t now;
    char key[64];
    uint8_t ping[125];
    size_t ping_len;
    size_t parsed; /* bytes of said that were read */
    struct wsc_scan scan;
    bool upgraded, dead;
};

/* Check takes memory to say what it checked, and so may find none while a run is short of it. */
static void need(bool good)
{
    if (!good)
        abort();
}

static void feed(struct world *w, const uint8_t *bytes, size_t len)
{
    size_t cut = w->talk->cut ? w->talk->cut : len;
    for (size_t at = 0; at < len;) {
        size_t n = len - at < cut ? len - at : cut;
        uint8_t *copy = aligned_alloc(1, n); /* not one of those that may fail */
        need(copy != NULL);
        memcpy(copy, bytes + at, n);
        wss_received(w->run, 0, copy, n, w->now);
        free(copy);
        at += n;
    }
}

static void feed_frame(struct world *w, uint8_t opcode, const void *payload, size_t len)
{
    struct wsc_frame frame = {.fin = true, .opcode = opcode, .length = len};
    uint8_t bytes[WSC_HEAD_MAX + 70000];
    size_t n = wsc_frame_write(&frame, bytes);
    need(len <= 70000);
    if (len)
        memcpy(bytes + n, payload, len);
    feed(w, bytes, n + len);
}

static void feed_close(struct world *w, unsigned code)
{
    uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    feed_frame(w, WSC_CLOSE, payload, code ? 2 : 0);
}

static void feed_head(struct world *w, const char *text)
{
    char head[2048];
    size_t n = 0;
    for (; *text && n + 2 < sizeof head; text++) {
        if (*text == '\n')
            head[n++] = '\r';
        head[n++] = *text;
    }
    feed(w, (uint8_t *)head, n);
}

/* Reads the key of the last request and the payload of the last ping out of what was written. */
static void read_said(struct world *w)
{
    struct said *s = w->said;
    struct wsc_head head;
    if (!w->upgraded && wsc_http_request(s->bytes + w->parsed, s->n - w->parsed, 65536, &head,
                                         NULL) == WSC_HTTP_DONE) {
        const struct wsc_header *key = wsc_head_field(&head, "Sec-WebSocket-Key", 0);
        if (key)
            snprintf(w->key, sizeof w->key, "%.*s", (int)key->value.n, key->value.p);
        w->parsed += head.length;
    }
    while (w->upgraded && w->parsed < s->n) {
        struct wsc_piece piece;
        uint8_t copy[4096];
        size_t used, n = s->n - w->parsed < sizeof copy ? s->n - w->parsed : sizeof copy;
        memcpy(copy, s->bytes + w->parsed, n);
        bool got = wsc_scan_next(&w->scan, copy, n, &used, &piece);
        w->parsed += used;
        if (got && piece.frame.opcode == WSC_PING && piece.last && piece.len <= 125) {
            memcpy(w->ping, piece.data, piece.len);
            w->ping_len = piece.len;
        }
    }
}

static void note_how(struct said *said, const struct wss_how *how)
{
    said->how = *how;
    said->how.sni = NULL; /* the plan's memory */
    snprintf(said->sni, sizeof said->sni, "%s", how->sni ? how->sni : "");
}

static void perform(struct world *w)
{
    struct wss_action action;
    while (wss_next(w->run, &action)) {
        struct said *s = action.connection == 0 ? w->said : NULL;
        switch (action.kind) {
        case WSS_CONNECT:
        case WSS_ACCEPT:
            if (s)
                note_how(s, action.how);
            if (w->talk->nobody)
                break;
            if (w->talk->refuse || (w->talk->refuse_second && action.connection > 0))
                wss_connect_failed(
                    w->run, action.connection, w->talk->deny ? WSS_DENIED : WSS_REFUSED,
                    w->talk->deny ? "no such protocol" : "connection refused", w->now);
            else
                wss_connected(w->run, action.connection, w->now);
            break;
        case WSS_WRITE:
            if (w->talk->unread && w->upgraded)
                break;
            if (s) {
                need(s->n + action.len <= sizeof s->bytes);
                memcpy(s->bytes + s->n, action.bytes, action.len);
                s->n += action.len;
                s->writes++;
                read_said(w);
            }
            wss_written(w->run, action.connection, action.len, w->now);
            break;
        case WSS_SHUT:
            w->said->shuts++;
            break;
        case WSS_RESET:
            w->said->resets++;
            break;
        case WSS_RENEGOTIATE:
            w->said->renegotiations++;
            if (w->talk->in_clear)
                wss_renegotiated(w->run, action.connection, WSS_IN_CLEAR, NULL, w->now);
            break;
        case WSS_STOP_READING:
        case WSS_START_READING:
        case WSS_DROP:
            break;
        case WSS_STOP_TARGET:
            wss_target(w->run, WSS_TARGET_EXITED, NULL, w->now);
            break;
        case WSS_RESTART_TARGET:
            wss_target(w->run,
                       w->talk->lost   ? WSS_TARGET_LOST
                       : w->talk->mute ? WSS_TARGET_MUTE
                                       : WSS_TARGET_STARTED,
                       "no such file", w->now);
            break;
        }
    }
}

static void pass_time(struct world *w, uint64_t until)
{
    while (!wss_done(w->run)) {
        perform(w);
        uint64_t at = wss_deadline(w->run);
        if (wss_done(w->run) || at > until)
            break;
        w->now = at > w->now ? at : w->now + 1;
        wss_tick(w->run, w->now);
    }
    if (until != UINT64_MAX && until > w->now)
        w->now = until;
}

static void accept_key(struct world *w)
{
    char accept[WSC_ACCEPT_LEN + 1], head[256];
    wsc_accept((struct wsc_text){w->key, strlen(w->key)}, accept);
    snprintf(head, sizeof head,
             "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n"
             "Sec-WebSocket-Accept: %s\n\n",
             accept);
    w->upgraded = true;
    feed_head(w, head);
}

static void act(struct world *w, const struct act *a)
{
    switch (a->deed) {
    case DEED_ACCEPT:
        accept_key(w);
        break;
    case DEED_HEAD:
        w->upgraded = strncmp(a->text, "HTTP/1.1 101", 12) == 0;
        feed_head(w, a->text);
        break;
    case DEED_REQUEST:
        w->upgraded = true;
        feed_head(w, "GET / HTTP/1.1\nHost: h\nUpgrade: websocket\nConnection: Upgrade\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n");
        break;
    case DEED_TEXT:
        feed_frame(w, WSC_TEXT, a->text, strlen(a->text));
        break;
    case DEED_BINARY:
        feed_frame(w, WSC_BINARY, a->text, strlen(a->text));
        break;
    case DEED_PING:
        feed_frame(w, WSC_PING, a->text, strlen(a->text));
        break;
    case DEED_PONG:
        feed_frame(w, WSC_PONG, a->text, strlen(a->text));
        break;
    case DEED_PONG_LAST:
        feed_frame(w, WSC_PONG, w->ping, w->ping_len);
        break;
    case DEED_CLOSE:
        feed_close(w, a->number);
        break;
    case DEED_CLOSE_EMPTY:
        feed_close(w, 0);
        break;
    case DEED_FRAME:
        feed(w, (const uint8_t *)a->text, a->number);
        break;
    case DEED_FIN:
    case DEED_RST:
        wss_ended(w->run, 0, a->deed == DEED_RST ? WSS_RST : WSS_FIN, w->now);
        break;
    case DEED_CUT:
        wss_ended(w->run, 0, WSS_CUT, w->now);
        break;
    case DEED_GARBLE:
        wss_garbled(w->run, 0, a->text, w->now);
        break;
    case DEED_RENEW:
    case DEED_DECLINE:
        wss_renegotiated(w->run, 0, a->deed == DEED_RENEW ? WSS_RENEWED : WSS_DECLINED, a->text,
                         w->now);
        break;
    case DEED_WAIT:
        pass_time(w, w->now + a->number);
        break;
    case DEED_EXIT:
        wss_target(w->run, WSS_TARGET_EXITED, NULL, w->now);
        break;
    case DEED_LATE:
        w->now += a->number;
        wss_late(w->run, a->number);
        break;
    case DEED_END:
        break;
    }
}

static const struct wsn_file *parse(struct wsn_arena *arena, const char *script,
                                    struct wsn_errors *errors)
{
    struct wsn_file *file = wsn_parse(arena, "test.wst", script, strlen(script), errors);
    ck_assert_ptr_nonnull(file);
    wsn_link(arena, file, NULL, NULL, errors);
    return file;
}

const char *plan_errors(const char *script)
{
    static char text[4096];
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_buffer out = {0};
    const struct wsn_file *file = parse(&arena, script, &errors);
    wss_plan_add(&plan, file, NULL, &errors);
    for (size_t i = 0; i < errors.count; i++)
        wsn_error_print(file, &errors.list[i], &out);
    snprintf(text, sizeof text, "%s", out.p ? out.p : "");
    wsn_buffer_drop(&out);
    wsn_arena_drop(&arena);
    return text;
}

static void converse(struct world *w, struct wss_outcome *outcome)
{
    static const struct act none[1];
    for (const struct act *a = w->talk->acts ? w->talk->acts : none; a->deed != DEED_END; a++) {
        perform(w);
        if (wss_done(w->run))
            break;
        act(w, a);
    }
    pass_time(w, UINT64_MAX);
    w->said->took = w->now - 1000;
    wss_finish(w->run, outcome);
}

void talk(const struct talk *talk, struct wss_outcome *outcome, struct said *said)
{
    static struct said unwanted;
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    struct wss_plan plan = {.arena = &arena};
    const struct wsn_file *file = parse(&arena, talk->script, &errors);
    wss_plan_add(&plan, file, talk->settings, &errors);
    if (errors.count)
        ck_abort_msg("line %u: %s", errors.list[0].pos.line, errors.list[0].text);
    ck_assert_uint_ge(plan.count, 1);
    struct wss_profile profile = {.host = "127.0.0.1",
                                  .port = 9001,
                                  .authority = "127.0.0.1:9001",
                                  .path = "/",
                                  .unasked = talk->unasked,
                                  .unasked_count = talk->unasked_count};
    struct wss_setup setup = {.test = &plan.cases[0],
                              .profile = &profile,
                              .seed = talk->seed,
                              .patience_ms = 2000,
                              .cap_ms = 60000,
                              .budget = talk->budget};
    struct world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    w->talk = talk;
    w->said = said ? said : &unwanted;
    memset(w->said, 0, sizeof *w->said);
    w->now = 1000;
    if (talk->around)
        talk->around(true);
    w->run = wss_start(&setup, w->now);
    need(w->run || talk->around);
    if (w->run)
        converse(w, outcome);
    else
        *outcome = (struct wss_outcome){.result.verdict = WSQ_ERROR};
    if (talk->around)
        talk->around(false);
    free(w);
    wsn_arena_drop(&arena);
}
