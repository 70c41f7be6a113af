#include "endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <wsc/handshake.h>

#include <wsp/chance.h>
#include "desk.h"
#include "talk.h"

/* How long we wait for the other side to finish what we began. */
enum { PATIENCE_MS = 10000 };

/* Named for what is awaited. */
enum stage {
    AWAIT_REQUEST,  /* server */
    AWAIT_RESPONSE, /* client */
    AWAIT_FRAMES,
    AWAIT_END, /* we have said all; the other side shall end TCP */
    ENDED
};

struct wsp_endpoint {
    bool client;
    enum stage stage;
    enum wsp_end end;
    struct wsp_desk desk; /* server, and the buffers of the client's handshake */
    struct wsp_talk talk;
    bool talking;             /* talk is open */
    struct wsp_bytes request; /* client: what we asked */
    uint64_t deadline;
    uint64_t seed;
    size_t max_message;            /* bytes; a larger one is failed with 1009 */
    const struct wsp_world *world; /* NULL: none */
};

static void finish(struct wsp_endpoint *endpoint, enum wsp_end end)
{
    endpoint->stage = ENDED;
    endpoint->end = end;
    endpoint->deadline = UINT64_MAX;
}

static void ask(struct wsp_endpoint *endpoint, const struct wsp_config *config)
{
    uint8_t nonce[16];
    char key[WSC_KEY_LEN + 1], text[1024];
    struct wsc_request request = {.target = config->target ? config->target : "/",
                                  .host = config->authority ? config->authority : "localhost",
                                  .key = key,
                                  .protocols = "chat, echo"};
    size_t n;

    wsp_chance_bytes(&endpoint->seed, nonce, sizeof nonce);
    wsc_key(nonce, key);
    n = wsc_request_write(&request, text, sizeof text);
    if (n == 0) { /* a target without end */
        finish(endpoint, WSP_FIN);
        return;
    }
    wsp_bytes_add(&endpoint->request, text, n);
    wsp_bytes_add(&endpoint->desk.out, text, n);
    endpoint->stage = AWAIT_RESPONSE;
}

struct wsp_endpoint *wsp_endpoint_new(const struct wsp_config *config, uint64_t seed, uint64_t now)
{
    struct wsp_endpoint *endpoint = calloc(1, sizeof *endpoint);

    (void)now;
    if (!endpoint)
        return NULL;
    endpoint->client = config->client;
    endpoint->deadline = UINT64_MAX;
    endpoint->seed = seed;
    endpoint->max_message = wsp_message_limit(config);
    endpoint->world = config->world;
    endpoint->request.ceiling = WSP_HEAD_MAX;
    wsp_desk_open(&endpoint->desk);
    if (config->client)
        ask(endpoint, config);
    return endpoint;
}

void wsp_endpoint_free(struct wsp_endpoint *endpoint)
{
    if (!endpoint)
        return;
    wsp_desk_free(&endpoint->desk);
    wsp_bytes_free(&endpoint->request);
    if (endpoint->talking)
        wsp_talk_free(&endpoint->talk);
    free(endpoint);
}

static void start_talk(struct wsp_endpoint *endpoint)
{
    struct wsp_desk *desk = &endpoint->desk;

    if (!wsp_talk_open(&endpoint->talk, endpoint->client ? WSC_CLIENT : WSC_SERVER, endpoint->seed,
                       endpoint->max_message, desk->deflate ? &desk->agreed : NULL)) {
        finish(endpoint, WSP_RESET);
        return;
    }
    endpoint->talking = true;
    endpoint->stage = AWAIT_FRAMES;
    if (desk->place.greeting)
        wsp_talk_greet(&endpoint->talk, desk->place.greeting);
    if (desk->place.close_code)
        wsp_talk_close(&endpoint->talk, desk->place.close_code);
    wsp_talk_receive(&endpoint->talk, wsp_bytes_data(&desk->in), wsp_bytes_len(&desk->in));
    wsp_bytes_clear(&desk->in);
}

/* A server ends TCP as soon as it is done, a client waits for the server to do so (section 7.1.1).
 */
static void follow_talk(struct wsp_endpoint *endpoint, uint64_t now)
{
    struct wsp_talk *talk = &endpoint->talk;

    if (wsp_talk_broken(talk))
        finish(endpoint, WSP_RESET);
    else if (wsp_talk_finished(talk) && !endpoint->client)
        finish(endpoint, WSP_FIN);
    else if (wsp_talk_finished(talk))
        endpoint->stage = AWAIT_END;
    if (endpoint->stage == ENDED || endpoint->deadline != UINT64_MAX)
        return;
    if (talk->over || talk->closing)
        endpoint->deadline = now + PATIENCE_MS;
}

static void receive_requests(struct wsp_endpoint *endpoint, const uint8_t *data, size_t len)
{
    struct wsp_desk *desk = &endpoint->desk;

    wsp_desk_receive(desk, data, len);
    if (desk->in.broken || desk->out.broken)
        finish(endpoint, WSP_RESET);
    else if (desk->upgraded)
        start_talk(endpoint);
}

static bool accepts(struct wsp_endpoint *endpoint, const struct wsc_head *response)
{
    struct wsc_findings findings = {0};
    struct wsc_head request;

    if (wsc_http_request(wsp_bytes_data(&endpoint->request), wsp_bytes_len(&endpoint->request),
                         WSP_HEAD_MAX, &request, NULL) != WSC_HTTP_DONE)
        return false;
    return wsc_response_check(&request, response, &findings);
}

/* True when there may be another response behind this one. */
static bool read_response(struct wsp_endpoint *endpoint)
{
    struct wsp_bytes *in = &endpoint->desk.in;
    struct wsc_head response;
    size_t length;

    if (wsp_bytes_len(in) == 0)
        return false;
    switch (
        wsc_http_response(wsp_bytes_data(in), wsp_bytes_len(in), WSP_HEAD_MAX, &response, NULL)) {
    case WSC_HTTP_MORE:
        return false;
    case WSC_HTTP_BROKEN:
    case WSC_HTTP_LARGE:
        finish(endpoint, WSP_FIN);
        return false;
    case WSC_HTTP_DONE:
        break;
    }
    length = response.length;
    if (response.status >= 100 && response.status < 200 && response.status != 101) {
        wsp_bytes_take(in, length);
        return true;
    }
    if (!accepts(endpoint, &response)) {
        finish(endpoint, WSP_FIN);
        return false;
    }
    wsp_bytes_take(in, length);
    start_talk(endpoint);
    return false;
}

static void receive_response(struct wsp_endpoint *endpoint, const uint8_t *data, size_t len)
{
    wsp_bytes_add(&endpoint->desk.in, data, len);
    while (read_response(endpoint))
        continue;
    if (endpoint->desk.in.broken)
        finish(endpoint, WSP_RESET);
}

void wsp_endpoint_receive(struct wsp_endpoint *endpoint, const uint8_t *data, size_t len,
                          uint64_t now)
{
    if (endpoint->world && endpoint->world->clock)
        endpoint->desk.time = (endpoint->world->clock + now) / 1000;
    switch (endpoint->stage) {
    case AWAIT_REQUEST:
        receive_requests(endpoint, data, len);
        break;
    case AWAIT_RESPONSE:
        receive_response(endpoint, data, len);
        break;
    case AWAIT_FRAMES:
        wsp_talk_receive(&endpoint->talk, data, len);
        break;
    case AWAIT_END:
    case ENDED:
        return;
    }
    if (endpoint->stage == AWAIT_FRAMES)
        follow_talk(endpoint, now);
}

void wsp_endpoint_ended(struct wsp_endpoint *endpoint, bool reset, uint64_t now)
{
    (void)now;
    if (endpoint->stage == ENDED)
        return;
    if (endpoint->stage == AWAIT_REQUEST && !reset)
        wsp_desk_ended(&endpoint->desk);
    finish(endpoint, reset ? WSP_RESET : WSP_FIN);
}

/* The handshake's bytes go first. */
static bool desk_speaks(const struct wsp_endpoint *endpoint)
{
    return wsp_bytes_len(&endpoint->desk.out) > 0;
}

size_t wsp_endpoint_output(const struct wsp_endpoint *endpoint, const uint8_t **bytes)
{
    *bytes = NULL;
    if (endpoint->end == WSP_RESET)
        return 0;
    if (desk_speaks(endpoint)) {
        *bytes = wsp_bytes_data(&endpoint->desk.out);
        return wsp_bytes_len(&endpoint->desk.out);
    }
    return endpoint->talking ? wsp_talk_output(&endpoint->talk, bytes) : 0;
}

void wsp_endpoint_written(struct wsp_endpoint *endpoint, size_t len, uint64_t now)
{
    if (desk_speaks(endpoint)) {
        wsp_bytes_take(&endpoint->desk.out, len);
        return;
    }
    wsp_talk_written(&endpoint->talk, len);
    if (endpoint->stage == AWAIT_FRAMES)
        follow_talk(endpoint, now);
}

enum wsp_end wsp_endpoint_end(const struct wsp_endpoint *endpoint)
{
    const uint8_t *bytes;

    if (endpoint->end == WSP_RESET)
        return WSP_RESET;
    if (wsp_endpoint_output(endpoint, &bytes) > 0)
        return WSP_OPEN;
    if (endpoint->stage == AWAIT_REQUEST && endpoint->desk.done)
        return WSP_FIN;
    return endpoint->end;
}

uint64_t wsp_endpoint_deadline(const struct wsp_endpoint *endpoint)
{
    return endpoint->deadline;
}

void wsp_endpoint_tick(struct wsp_endpoint *endpoint, uint64_t now)
{
    if (now >= endpoint->deadline)
        finish(endpoint, WSP_FIN);
}

bool wsp_endpoint_full(const struct wsp_endpoint *endpoint)
{
    return endpoint->talking && wsp_bytes_len(&endpoint->talk.waiting) >= WSP_INPUT_FULL;
}
