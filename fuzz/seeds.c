/* seeds.c - make fuzz seeds from vectors and cases.
 *
 *     fuzz-seeds OUT FILE.wst…
 *
 * The vectors of corpus/vectors are seeds.  Every case is played in memory against the clean peer,
 * and what both sides said becomes inputs of the targets: OUT/request, OUT/response, OUT/frames,
 * OUT/conn, OUT/simd, OUT/stepper; the script itself OUT/notation, and its text OUT/deflate.  A
 * seed's name is the digest of its bytes, so equal ones are kept once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wsc/deflate.h>
#include <wsf/fuzz.h>
#include <wsh/loop_sim.h>

#include "vectors.h"

enum { LARGEST = 8192, LIMITED = 2 /* of frames and conn: no message above 300 bytes */ };

static const char *folder;
static unsigned made;

static uint64_t digest(const uint8_t *p, size_t n)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * 1099511628211u;
    return hash;
}

/* One input: the bytes that choose, then the data. */
static void save(const char *target, const void *choice, size_t choices, const uint8_t *data,
                 size_t n)
{
    struct wsf_log seed = {0};
    char name[4096];
    FILE *file;

    if (n == 0 || n > LARGEST)
        return;
    wsf_log_put(&seed, choice, choices);
    wsf_log_put(&seed, data, n);
    snprintf(name, sizeof name, "%s/%s/%016llx", folder, target,
             (unsigned long long)digest(seed.p, seed.n));
    file = fopen(name, "wb");
    if (!file || fwrite(seed.p, 1, seed.n, file) != seed.n || fclose(file) != 0) {
        perror(name);
        exit(1);
    }
    wsf_log_drop(&seed);
    made++;
}

static void *allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

/* A text to compress, and two messages of it, the second with the window of the first; under terms
 * that its length chooses. */
static void save_text(const uint8_t *text, size_t n)
{
    static const struct wsc_memory heap = {allocate, release, NULL};
    const uint8_t choice = (uint8_t)(n % 64), packing[] = {1, choice, choice},
                  reading[] = {0, choice, choice};
    const struct wsc_deflate_terms terms = {.server_no_context_takeover = choice & 8,
                                            .server_max_window_bits = (uint8_t)(8 + choice % 8)};
    struct wsc_deflate *deflate = wsc_deflate_new(&heap, WSC_SERVER, &terms, choice % 10);
    struct wsf_log stream = {0};

    save("deflate", packing, sizeof packing, text, n);
    for (unsigned i = 0; deflate && i < 2; i++) {
        size_t bound = wsc_deflate_bound(deflate, n);
        uint8_t *out = malloc(bound);
        size_t size = out ? wsc_deflate_part(deflate, text, n, true, out, bound) : 0;
        const uint8_t length[] = {(uint8_t)size, (uint8_t)(size >> 8)};

        wsf_log_put(&stream, length, sizeof length);
        wsf_log_put(&stream, out, size);
        free(out);
    }
    save("deflate", reading, sizeof reading, stream.p, stream.n);
    wsc_deflate_free(deflate);
    wsf_log_drop(&stream);
}

/* A peer that keeps what it hears and says. */
struct recorder {
    const struct wss_case *test;
    struct wsp_peer *peer;
    bool client; /* the peer plays the client */
    struct wsf_log heard, said;
};

static void *make(void *context, bool client, uint64_t now)
{
    static struct wsp_world world;
    const struct wsp_config config = {.client = client, .target = "/", .world = &world};
    struct recorder *recorder = calloc(1, sizeof *recorder);

    if (!recorder)
        return NULL;
    recorder->test = *(const struct wss_case **)context;
    recorder->client = client;
    recorder->peer = wsp_peer_new(&config, now);
    return recorder;
}

/* Where the frames of a stream begin: behind its head. */
static size_t behind_head(const struct wsf_log *log)
{
    for (size_t i = 0; i + 4 <= log->n; i++) {
        if (memcmp(log->p + i, "\r\n\r\n", 4) == 0)
            return i + 4;
    }
    return log->n;
}

/* `terms` as targets choose them: a window (0 to 7), takeover given up (8); 16: no deflate. */
static void save_frames(uint8_t role, unsigned terms, const struct wsf_log *stream, size_t head)
{
    uint8_t packed = terms < 16 ? (uint8_t)(8 | terms << 4) : 0, n = (uint8_t)stream->n;
    const uint8_t whole[] = {role | packed, 0}, cut[] = {role | packed, (uint8_t)(2 + n % 200)};
    const uint8_t key[] = {1, 2, 3, 0x84, role, n};
    const uint8_t closing[] = {(uint8_t)(role | (n % 32) << 1), cut[1], 0, cut[1]};
    const uint8_t talking[] = {(uint8_t)(role | 64u | (terms & 8) << 4 | (n % 32u) << 1),
                               (uint8_t)(8u * (n % 16u) + (terms & 7)), 0, n};

    save("frames", whole, sizeof whole, stream->p + head, stream->n - head);
    save("frames", cut, sizeof cut, stream->p + head, stream->n - head);
    save("conn", packed ? talking : closing, 4, stream->p + head, stream->n - head);
    save("raise", &role, 1, stream->p + head, stream->n - head);
    save("simd", key, sizeof key, stream->p + head, stream->n - head);
}

static void save_conversation(const struct recorder *recorder)
{
    const struct wsf_log *client = recorder->client ? &recorder->said : &recorder->heard;
    const struct wsf_log *server = recorder->client ? &recorder->heard : &recorder->said;
    const uint8_t cut = (uint8_t)(2 + client->n % 200), asked[] = {3, cut};
    const uint8_t play[] = {0, recorder->client ? 0 : 1, cut};
    size_t request = behind_head(client), response = behind_head(server);
    size_t own = recorder->client ? 0 : response;
    struct wsf_log script = {0};

    save("request", &cut, 1, client->p, client->n);
    save("response", asked, sizeof asked, server->p, server->n);
    if (server->n > 12 && memcmp(server->p, "HTTP/1.1 101", 12) == 0) {
        save_frames(0, 16, client, request);
        save_frames(1, 16, server, response);
    }
    wsf_log_put(&script, recorder->test->script, strlen(recorder->test->script));
    wsf_log_put(&script, play, sizeof play);
    wsf_log_put(&script, recorder->said.p + own, recorder->said.n - own);
    save("stepper", "", 0, script.p, script.n);
    wsf_log_drop(&script);
}

static void drop(void *peer)
{
    struct recorder *recorder = peer;

    if (recorder->heard.n > 0 && recorder->said.n > 0)
        save_conversation(recorder);
    wsp_peer_free(recorder->peer);
    wsf_log_drop(&recorder->heard);
    wsf_log_drop(&recorder->said);
    free(recorder);
}

static void receive(void *peer, const uint8_t *data, size_t len, uint64_t now)
{
    struct recorder *recorder = peer;

    wsf_log_put(&recorder->heard, data, len);
    wsp_peer_receive(recorder->peer, data, len, now);
}

static void ended(void *peer, bool reset, uint64_t now)
{
    wsp_peer_ended(((struct recorder *)peer)->peer, reset, now);
}

static size_t output(void *peer, const uint8_t **bytes)
{
    return wsp_peer_output(((struct recorder *)peer)->peer, bytes);
}

static void written(void *peer, size_t len, uint64_t now)
{
    struct recorder *recorder = peer;
    const uint8_t *bytes;

    if (wsp_peer_output(recorder->peer, &bytes) >= len)
        wsf_log_put(&recorder->said, bytes, len);
    wsp_peer_written(recorder->peer, len, now);
}

static enum wsp_end end(const void *peer)
{
    return wsp_peer_end(((const struct recorder *)peer)->peer);
}

static uint64_t deadline(const void *peer)
{
    return wsp_peer_deadline(((const struct recorder *)peer)->peer);
}

static void tick(void *peer, uint64_t now)
{
    wsp_peer_tick(((struct recorder *)peer)->peer, now);
}

static const struct wsh_sim_peer recording = {make,    drop, receive,  ended, output,
                                              written, end,  deadline, tick};

static void done(struct wsh_task *task, struct wss_outcome *outcome)
{
    wss_outcome_drop(outcome);
    task->owner = NULL;
}

static void play(const struct wss_case *test)
{
    static const struct wss_profile profile = {
        .host = "127.0.0.1", .port = 9001, .authority = "127.0.0.1:9001", .path = "/"};
    const struct wsh_sim_config config = {.seed = 1, .peer = &recording, .context = &test};
    struct wsh_sim *sim = wsh_sim_new(&config);
    struct wsh_task task = {.setup = {.test = test,
                                      .profile = &profile,
                                      .seed = 1,
                                      .patience_ms = 2000,
                                      .cap_ms = 60000},
                            .done = done,
                            .owner = &task};
    struct wsh_loop *loop;

    if (!sim)
        exit(1);
    loop = wsh_sim_loop(sim);
    if (loop->start(loop, &task) == 0) {
        while (task.owner)
            loop->turn(loop, UINT64_MAX);
    }
    wsh_sim_free(sim);
}

static unsigned terms_of(const struct vector *v)
{
    struct wsc_deflate_terms terms;
    bool server = v->from == WSC_SERVER;
    unsigned bits;

    if (!wsc_deflate_read((struct wsc_text){v->agreed, strlen(v->agreed)}, true, &terms))
        return 16;
    bits = server ? terms.server_max_window_bits : terms.client_max_window_bits;
    return (bits == 0 ? 7 : bits - 8) |
           ((server ? terms.server_no_context_takeover : terms.client_no_context_takeover) ? 8 : 0);
}

/* The payloads of all its frames, each a compressed message. */
static void save_messages(const struct vector *v, unsigned terms)
{
    const uint8_t choice = (uint8_t)(terms | (v->from == WSC_CLIENT ? 16 : 0));
    const uint8_t reading[] = {0, choice, (uint8_t)v->len};
    uint8_t *copy = wsf_copy(v->bytes, v->len);
    struct wsf_log messages = {0};
    struct wsc_scan scan = {0};
    struct wsc_piece piece;

    for (size_t at = 0, used; wsc_scan_next(&scan, copy + at, v->len - at, &used, &piece);
         at += used) {
        const uint8_t length[] = {(uint8_t)piece.len, (uint8_t)(piece.len >> 8)};

        wsf_log_put(&messages, length, sizeof length);
        wsf_log_put(&messages, piece.data, piece.len);
    }
    save("deflate", reading, sizeof reading, messages.p, messages.n);
    wsf_log_drop(&messages);
    free(copy);
}

/* The vectors of corpus/vectors: small, and each at the edge of something. */
static void save_vector(const struct vector *v)
{
    const uint8_t cut = 1, asked[] = {16, cut};
    const struct wsf_log bytes = {.p = v->bytes, .n = v->len};
    struct wsf_log both = {0};

    switch (v->kind) {
    case VECTOR_FRAMES:
        save_frames((v->from == WSC_SERVER) | (v->limit > 0 ? LIMITED : 0), terms_of(v), &bytes, 0);
        if (terms_of(v) < 16)
            save_messages(v, terms_of(v));
        return;
    case VECTOR_REQUEST:
        save("request", &cut, 1, v->bytes, v->len);
        return;
    case VECTOR_RESPONSE:
        wsf_log_put(&both, v->request, v->request_len);
        wsf_log_put(&both, v->bytes, v->len);
        save("response", asked, sizeof asked, both.p, both.n);
        wsf_log_drop(&both);
        return;
    }
}

static void add_vectors(void)
{
    size_t count;
    const struct vector *vectors = vectors_load(&count);

    for (size_t i = 0; i < count; i++)
        save_vector(&vectors[i]);
}

static char *read_file(const char *path, size_t *size)
{
    struct wsf_log text = {0};

    wsf_log_file(&text, path);
    *size = text.n;
    return (char *)text.p;
}

static void add_file(const char *path)
{
    struct wsn_arena arena = {0};
    struct wsn_errors errors = {0};
    const struct wss_settings settings = {0};
    struct wss_plan plan = {.arena = &arena};
    struct wsn_file *file;
    size_t size;
    char *text = read_file(path, &size);

    file = wsn_parse(&arena, path, text ? text : "", size, &errors);
    if (file)
        wsn_link(&arena, file, NULL, NULL, &errors);
    if (!file)
        exit(1);
    for (size_t i = 0; i < file->case_count; i++) {
        struct wsn_buffer script = {0};

        wsn_print_case(&file->cases[i], &script);
        save("notation", "", 0, (const uint8_t *)script.p, script.n);
        if (i % 8 == 0) /* a few of them will do */
            save_text((const uint8_t *)script.p, script.n);
        wsn_buffer_drop(&script);
    }
    wss_plan_add(&plan, file, &settings, &errors);
    for (size_t i = 0; i < plan.count; i++) {
        if (plan.cases[i].watch_count == 0)
            play(&plan.cases[i]);
    }
    wsn_arena_drop(&arena);
    free(text);
}

/* Each way to be no UTF-8, and each edge of what is, in the midst of text and across the place
 * where a vector ends. */
static void add_texts(void)
{
    static const char *const characters[] = {"\x80",
                                             "\xc1\x81",
                                             "\xc2\x80",
                                             "\xc2\x41",
                                             "\xe0\x9f\xbf",
                                             "\xe0\xa0\x80",
                                             "\xed\x9f\xbf",
                                             "\xed\xa0\x80",
                                             "\xef\xbf\xbf",
                                             "\xef\xbf\x41",
                                             "\xf0\x8f\xbf\xbf",
                                             "\xf0\x90\x80\x80",
                                             "\xf1\x80\x80",
                                             "\xf4\x8f\xbf\xbf",
                                             "\xf4\x90\x80\x80",
                                             "\xf5\x80\x80\x80",
                                             "\xed\x95\x80\x80",
                                             "\xc2\x80\x80"};
    static const uint8_t choice[6] = {1, 2, 3, 4, 0, 200};
    static const size_t places[] = {20, 31, 46};
    uint8_t text[120];

    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            memset(text, 'a', sizeof text);
            memcpy(text + places[j], characters[i], strlen(characters[i]));
            save("simd", choice, sizeof choice, text, sizeof text);
        }
}

int main(int argc, char **argv)
{
    static const char *const targets[] = {"",          "/request", "/response", "/frames",
                                          "/conn",     "/simd",    "/raise",    "/stepper",
                                          "/notation", "/deflate"};
    char name[4096];

    if (argc < 3) {
        fprintf(stderr, "usage: fuzz-seeds OUT FILE.wst…\n");
        return 2;
    }
    folder = argv[1];
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        snprintf(name, sizeof name, "%s%s", folder, targets[i]);
        if (mkdir(name, 0777) != 0 && errno != EEXIST) {
            perror(name);
            return 1;
        }
    }
    add_vectors();
    add_texts();
    for (int i = 2; i < argc; i++)
        add_file(argv[i]);
    printf("%u seeds\n", made);
    return made == 0;
}
