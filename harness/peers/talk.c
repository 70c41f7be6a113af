#include "talk.h"

#include <stdlib.h>
#include <string.h>

#include <wsp/chance.h>
#include "site.h"

enum { OUT_SIZE = 2 * WSP_PIECE_MAX }; /* also for a piece that grows when it is compressed */

static void next_key(void *context, uint8_t key[4])
{
    struct wsp_talk *talk = context;

    wsp_chance_bytes(&talk->random, key, 4);
}

/* False when memory ends. */
static bool agree(struct wsp_talk *talk, enum wsc_role role, const struct wsc_deflate_terms *agreed)
{
    enum wsc_role other = role == WSC_CLIENT ? WSC_SERVER : WSC_CLIENT;

    talk->inflate = wsc_inflate_new(&wsp_heap, other, agreed, WSC_INFLATE_STRICT);
    talk->deflate = wsc_deflate_new(&wsp_heap, role, agreed, 6);
    return talk->inflate && talk->deflate;
}

bool wsp_talk_open(struct wsp_talk *talk, enum wsc_role role, uint64_t seed, size_t max_message,
                   const struct wsc_deflate_terms *agreed)
{
    struct wsc_conn_config config = {
        .role = role, .max_message = max_message, .key = next_key, .context = talk};

    *talk = (struct wsp_talk){.random = seed,
                              .waiting = {.ceiling = WSP_INPUT_MAX},
                              .lent = {.ceiling = WSP_INPUT_MAX},
                              .message = {.ceiling = max_message}};
    talk->out = malloc(OUT_SIZE);
    if (!talk->out || (agreed && !agree(talk, role, agreed))) {
        wsp_talk_free(talk);
        return false;
    }
    config.inflate = talk->inflate;
    config.deflate = talk->deflate;
    wsc_conn_init(&talk->conn, &config, talk->out, OUT_SIZE);
    return true;
}

void wsp_talk_free(struct wsp_talk *talk)
{
    wsp_bytes_free(&talk->waiting);
    wsp_bytes_free(&talk->lent);
    wsp_bytes_free(&talk->message);
    wsc_inflate_free(talk->inflate);
    wsc_deflate_free(talk->deflate);
    free(talk->out);
}

/* True when the whole message is in the output. */
static bool echo(struct wsp_talk *talk)
{
    for (;;) {
        size_t left = wsp_bytes_len(&talk->message);
        size_t len = left < WSP_PIECE_MAX ? left : WSP_PIECE_MAX;

        if (wsc_conn_send(&talk->conn, talk->opcode, len == left, wsp_bytes_data(&talk->message),
                          len) < 0)
            return false;
        wsp_bytes_take(&talk->message, len);
        if (len == left)
            return true;
    }
}

static void gather(struct wsp_talk *talk, const struct wsc_event *event)
{
    if (talk->closing)
        return;
    wsp_bytes_add(&talk->message, event->data, event->len);
    if (!event->last)
        return;
    talk->opcode = event->opcode;
    talk->echoing = true;
}

static void take(struct wsp_talk *talk, const struct wsc_event *event)
{
    switch (event->kind) {
    case WSC_EVENT_DATA:
        gather(talk, event);
        return;
    case WSC_EVENT_PING:
    case WSC_EVENT_PONG:
        return;
    case WSC_EVENT_CLOSE:
    case WSC_EVENT_FAIL:
        talk->over = true;
        return;
    }
}

/* What we want to say of our own accord; false while there is no room for it. */
static bool say(struct wsp_talk *talk)
{
    if (talk->echoing && !echo(talk))
        return false;
    talk->echoing = false;
    if (talk->close_code &&
        wsc_conn_close(&talk->conn, talk->close_code, WSP_SITE_REASON, strlen(WSP_SITE_REASON)) < 0)
        return false;
    talk->close_code = 0;
    return true;
}

static bool feed(struct wsp_talk *talk)
{
    if (!wsc_conn_hungry(&talk->conn) || wsp_bytes_len(&talk->waiting) == 0)
        return false;
    wsp_bytes_clear(&talk->lent);
    wsp_bytes_move(&talk->lent, &talk->waiting);
    wsc_conn_feed(&talk->conn, wsp_bytes_data(&talk->lent), wsp_bytes_len(&talk->lent));
    return true;
}

static void hush(struct wsp_talk *talk)
{
    wsp_bytes_clear(&talk->waiting);
    wsp_bytes_clear(&talk->message);
    talk->echoing = false;
}

static void run(struct wsp_talk *talk)
{
    struct wsc_event event;

    while (!talk->over && say(talk)) {
        if (wsc_conn_next(&talk->conn, &event))
            take(talk, &event);
        else if (!feed(talk))
            return;
    }
    if (talk->over)
        hush(talk);
}

void wsp_talk_greet(struct wsp_talk *talk, const char *text)
{
    wsp_bytes_add_text(&talk->message, text);
    talk->opcode = WSC_TEXT;
    talk->echoing = true;
    run(talk);
}

void wsp_talk_close(struct wsp_talk *talk, uint16_t code)
{
    talk->close_code = code;
    talk->closing = true;
    run(talk);
}

void wsp_talk_receive(struct wsp_talk *talk, const uint8_t *data, size_t len)
{
    if (talk->over)
        return;
    wsp_bytes_add(&talk->waiting, data, len);
    run(talk);
}

size_t wsp_talk_output(const struct wsp_talk *talk, const uint8_t **bytes)
{
    return wsc_conn_output(&talk->conn, bytes);
}

void wsp_talk_written(struct wsp_talk *talk, size_t len)
{
    wsc_conn_written(&talk->conn, len);
    run(talk);
}

bool wsp_talk_finished(const struct wsp_talk *talk)
{
    return wsc_conn_finished(&talk->conn);
}

bool wsp_talk_broken(const struct wsp_talk *talk)
{
    return talk->waiting.broken || talk->lent.broken || talk->message.broken;
}
