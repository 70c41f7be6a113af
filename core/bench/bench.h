/* bench.h - what the benchmark asks of a contender; private to core/bench.
 *
 * Every contender decodes the same prebuilt bytes of one client and tells what it saw, so that a
 * fast wrong answer is an error and no result.  Only this program's adapters may be C++.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { BENCH_READ = 65536, BENCH_MESSAGE_MAX = 1 << 21 };

/* The bytes of one client, whole messages only. */
struct bench_stream {
    const char *name;
    uint8_t *bytes;
    size_t len;
    size_t read; /* bytes that one read gives at most */
    size_t frames, messages;
    uint64_t payload; /* of all frames */
    uint64_t digest;  /* of all payload and message ends */
};

/* Stands for the socket. */
struct bench_source {
    const uint8_t *p;
    size_t left, read;
};

static inline size_t bench_read(struct bench_source *source, void *into, size_t size)
{
    size_t n = source->left < source->read ? source->left : source->read;
    n = n < size ? n : size;
    if (n == 1) /* a call would take longer than most decoders */
        *(uint8_t *)into = *source->p;
    else
        memcpy(into, source->p, n);
    source->p += n;
    source->left -= n;
    return n;
}

/* What came out.  The digest costs more than any decoder: it is asked for once, not while time
 * runs. */
struct bench_seen {
    uint64_t messages, bytes, digest;
    bool digesting;
};

/* Depends on the bytes and on where messages end, not on how they are cut. */
static inline uint64_t bench_digest(uint64_t digest, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
    return digest;
}

static inline void bench_see(struct bench_seen *seen, const void *data, size_t len, bool last)
{
    seen->bytes += len;
    seen->messages += last;
    if (seen->digesting)
        seen->digest = bench_digest(seen->digest, data, len) + last;
}

/* Adds one field of a request to a digest that does not depend on their order nor on the case of
 * names. */
static inline void bench_field(uint64_t *digest, const void *name, size_t name_len,
                               const void *value, size_t value_len)
{
    uint64_t d = 1;
    for (size_t i = 0; i < name_len; i++) {
        uint8_t c = ((const uint8_t *)name)[i];
        c = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
        d = bench_digest(d, &c, 1);
    }
    *digest += bench_digest(d + 1, value, value_len);
}

/* Decodes one stream after the other; NULL members are what it does not do. */
struct bench_contender {
    const char *name;
    void *(*open)(void);
    void (*close)(void *state);
    void (*frames)(void *state, const struct bench_stream *stream, struct bench_seen *seen);
    bool (*utf8)(const uint8_t *data, size_t len);
    /* Is it an opening handshake?  `fields` takes the digest of its fields; NULL: it is not asked for. */
    bool (*handshake)(const uint8_t *data, size_t len, uint64_t *fields);
    /* One message of permessage-deflate, its tail removed, without takeover.  Returns its length. */
    size_t (*inflate)(const uint8_t *data, size_t len, uint8_t *out, size_t size);
};

extern const struct bench_contender bench_wsc, bench_wsc_findings, bench_wsc_conn, bench_wslay,
    bench_beast, bench_websocketpp;

/* Streams are made from a fixed seed; the caller frees `bytes`. */
enum bench_kind { BENCH_BINARY, BENCH_ASCII, BENCH_KOREAN };
void bench_stream_make(struct bench_stream *stream, enum bench_kind kind, size_t size);
void bench_stream_mixed(struct bench_stream *stream);
void bench_text(uint8_t *out, size_t len, enum bench_kind kind);
extern const char bench_request[]; /* a browser's, 544 bytes */
uint64_t bench_request_fields(void); /* their digest */
void bench_json(uint8_t *out, size_t len);

#ifndef __cplusplus

/* One thing to be timed: `run` does it once. */
struct bench_job {
    void (*run)(void *context);
    void *context;
    uint64_t times; /* runs that fill a round */
};

enum { BENCH_JOBS_MAX = 8 };

extern const struct bench_contender *const bench_contenders[];
extern const size_t bench_contender_count;
extern const char *bench_wanted; /* rows whose name has this word */
extern bool bench_short;         /* every job once: whether it works, not how long it takes */

/* Times all jobs in turns, in an order that rotates; the medians, in ns a run, go to `median`. */
void bench_race(struct bench_job *jobs, size_t count, double *median);

/* The contenders' figures, then the limit's; 0: none. */
void bench_print_row(const char *name, const double *figures);
void bench_print_titles(const char *what, const char *limit);
void bench_must(bool agreed, const struct bench_contender *contender, const char *what);

void bench_texts(void); /* the rows of UTF-8, handshake and inflate */

#endif

#ifdef __cplusplus
}
#endif

#endif
