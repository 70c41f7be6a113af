#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>

void stage_open(struct stage *stage, bool client, const char *filter, bool idle)
{
    const char *const filters[] = {filter, NULL};
    struct wsp_config config = {
        .client = client, .filters = filters, .idle = idle, .world = &stage->world};

    memset(stage, 0, sizeof *stage);
    stage->said.ceiling = 256u << 20;
    stage->world.seed = 7;
    stage->world.clock = UINT64_C(784111777000); /* Sun, 06 Nov 1994 08:49:37 GMT */
    stage->peer = wsp_peer_new(&config, 0);
    ck_assert_ptr_nonnull(stage->peer);
}

void stage_close(struct stage *stage)
{
    wsp_peer_free(stage->peer);
    wsp_bytes_free(&stage->said);
}

static void collect(struct stage *stage)
{
    const uint8_t *bytes;
    size_t len;

    while ((len = wsp_peer_output(stage->peer, &bytes)) > 0) {
        ck_assert(wsp_bytes_add(&stage->said, bytes, len));
        wsp_peer_written(stage->peer, len, stage->now);
    }
}

void stage_say(struct stage *stage, const void *data, size_t len, size_t chop)
{
    const uint8_t *bytes = data;

    collect(stage);
    for (size_t at = 0; at < len; at += chop ? chop : len) {
        size_t n = chop && chop < len - at ? chop : len - at;
        /* a copy of its own, so that a read past its end is seen */
        uint8_t *piece = malloc(n);

        ck_assert_ptr_nonnull(piece);
        memcpy(piece, bytes + at, n);
        wsp_peer_receive(stage->peer, piece, n, stage->now);
        free(piece);
        collect(stage);
    }
}

void stage_end(struct stage *stage)
{
    wsp_peer_ended(stage->peer, false, stage->now);
    collect(stage);
}

void stage_wait(struct stage *stage, uint64_t ms)
{
    uint64_t end = stage->now + ms;

    while (wsp_peer_deadline(stage->peer) <= end) {
        uint64_t deadline = wsp_peer_deadline(stage->peer);

        ck_assert_uint_ge(deadline, stage->now);
        stage->now = deadline;
        wsp_peer_tick(stage->peer, stage->now);
        collect(stage);
    }
    stage->now = end;
}

void stage_accept(struct stage *stage, const char *start, const char *lines, const void *frames,
                  size_t len)
{
    struct wsc_head head;
    char accept[WSC_ACCEPT_LEN + 1] = "", answer[1024];
    const struct wsc_header *key;
    size_t n;

    collect(stage);
    ck_assert_int_eq(wsc_http_request(wsp_bytes_data(&stage->said), wsp_bytes_len(&stage->said),
                                      4096, &head, NULL),
                     WSC_HTTP_DONE);
    key = wsc_head_field(&head, "Sec-WebSocket-Key", 0);
    if (key)
        wsc_accept(key->value, accept);
    n = (size_t)snprintf(answer, sizeof answer, "%s%s%s%s\r\n\r\n", start,
                         lines ? "" : "Sec-WebSocket-Accept: ", lines ? "" : accept,
                         lines ? lines : "");
    ck_assert_uint_lt(n + len, sizeof answer);
    memcpy(answer + n, frames, len);
    stage_say(stage, answer, n + len, 0);
}

const char *stage_text(struct stage *stage)
{
    ck_assert(wsp_bytes_add(&stage->said, "", 1));
    stage->said.end--;
    return (const char *)wsp_bytes_data(&stage->said);
}

const uint8_t *stage_frames(struct stage *stage, size_t *len)
{
    const char *text = stage_text(stage);
    const char *end = strstr(text, "\r\n\r\n");

    if (!end)
        return NULL;
    *len = wsp_bytes_len(&stage->said) - (size_t)(end + 4 - text);
    return (const uint8_t *)end + 4;
}

int run_suite(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
