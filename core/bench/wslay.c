#include <stdlib.h>
#include <sys/types.h>
#include <wslay/wslay.h>

#include "bench.h"

struct state {
    wslay_event_context_ptr context;
    struct bench_source source;
    struct bench_seen *seen;
};

static ssize_t receive(wslay_event_context_ptr context, uint8_t *buf, size_t len, int flags,
                       void *user)
{
    struct state *s = user;
    (void)flags;
    size_t n = bench_read(&s->source, buf, len);
    if (n == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    return (ssize_t)n;
}

static void message(wslay_event_context_ptr context, const struct wslay_event_on_msg_recv_arg *arg,
                    void *user)
{
    struct state *s = user;
    (void)context;
    bench_see(s->seen, arg->msg, arg->msg_length, true);
}

static void *open_state(void)
{
    struct wslay_event_callbacks callbacks = {.recv_callback = receive,
                                              .on_msg_recv_callback = message};
    struct state *s = calloc(1, sizeof *s);
    if (s == NULL || wslay_event_context_server_init(&s->context, &callbacks, s) != 0)
        abort();
    wslay_event_config_set_max_recv_msg_length(s->context, BENCH_MESSAGE_MAX);
    return s;
}

static void close_state(void *state)
{
    struct state *s = state;
    wslay_event_context_free(s->context);
    free(s);
}

static void frames(void *state, const struct bench_stream *stream, struct bench_seen *seen)
{
    struct state *s = state;
    s->source = (struct bench_source){stream->bytes, stream->len, stream->read};
    s->seen = seen;
    do /* it comes back early when a read gives little */
        wslay_event_recv(s->context);
    while (s->source.left != 0);
}

const struct bench_contender bench_wslay = {"wslay", open_state, close_state, frames,
                                            NULL,    NULL,       NULL};
