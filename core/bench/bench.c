/* bench - how fast the core decodes, beside other libraries and beside the limit of the machine.
 *
 *     wsc-bench [WORD]     only the rows whose name has the word
 *
 * Each row is one stream; contenders take turns, in an order that rotates; the figure is the median
 * of thread CPU time.  The limit copies the stream in and XORs it once, and judges nothing. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <wsc/simd.h>

#include "bench.h"

enum { ROUNDS = 9, CONTENDERS_MAX = 8 };
static const uint64_t ROUND_NS = 4000000;

static const struct bench_contender *const contenders[] = {
    &bench_wsc,         &bench_wsc_findings, &bench_wsc_conn,
#ifdef BENCH_WSLAY
    &bench_wslay,
#endif
#ifdef BENCH_BEAST
    &bench_beast,
#endif
#ifdef BENCH_WEBSOCKETPP
    &bench_websocketpp,
#endif
};
enum { CONTENDERS = sizeof contenders / sizeof *contenders };

static const char *wanted = ""; /* rows whose name has this word */

static bool is_wanted(const char *name)
{
    return strstr(name, wanted) != NULL;
}

static uint64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* One thing to be timed: `run` does it once. */
struct job {
    void (*run)(void *context);
    void *context;
    uint64_t times;         /* runs that fill a round */
    double samples[ROUNDS]; /* ns a run */
};

static double time_job(struct job *job)
{
    uint64_t begin = cpu_ns();
    for (uint64_t i = 0; i < job->times; i++)
        job->run(job->context);
    return (double)(cpu_ns() - begin) / (double)job->times;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Times all jobs in turns; the medians, in ns a run, go to `median`. */
static void race(struct job *jobs, size_t count, double *median)
{
    for (size_t i = 0; i < count; i++) {
        jobs[i].times = 1;
        double once = time_job(&jobs[i]); /* also warms up */
        jobs[i].times = 1 + (uint64_t)((double)ROUND_NS / (once + 1));
    }
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            struct job *job = &jobs[(i + round) % count];
            job->samples[round] = time_job(job);
        }
    for (size_t i = 0; i < count; i++) {
        qsort(jobs[i].samples, ROUNDS, sizeof *jobs[i].samples, by_value);
        median[i] = jobs[i].samples[ROUNDS / 2];
    }
}

/* Of the first figure to each: what ours is compared with. */
static void print_row(const char *name, const double *figures, size_t count)
{
    printf("%-24s", name);
    for (size_t i = 0; i < count; i++) {
        if (figures[i] <= 0)
            printf(" %11s %6s", "-", "");
        else if (i == 0)
            printf(" %11.4g %6s", figures[i], "");
        else
            printf(" %11.4g %5.2fx", figures[i], figures[i] / figures[0]);
    }
    putchar('\n');
    fflush(stdout);
}

static void print_titles(const char *what, const char *limit)
{
    printf("\n%-24s", what);
    for (size_t i = 0; i < CONTENDERS; i++)
        printf(" %11.14s %6s", contenders[i]->name, "");
    printf(" %11s\n", limit);
}

/* Frames. */

struct decoding {
    const struct bench_contender *contender;
    const struct bench_stream *stream;
    void *state;
    struct bench_seen seen;
};

static void decode(void *context)
{
    struct decoding *d = context;
    d->contender->frames(d->state, d->stream, &d->seen);
}

static void copy_and_xor(void *context)
{
    static uint8_t in[BENCH_READ];
    const struct bench_stream *stream = context;
    struct bench_source source = {stream->bytes, stream->len, BENCH_READ};
    size_t n;
    while ((n = bench_read(&source, in, sizeof in)) != 0) {
        for (size_t i = 0; i < n; i += 8) {
            uint64_t word;
            memcpy(&word, in + i, 8);
            word ^= UINT64_C(0x1234567812345678);
            memcpy(in + i, &word, 8);
        }
        __asm__ volatile("" : : "r"(in) : "memory");
    }
}

static void must(bool agreed, const struct bench_contender *contender, const char *what)
{
    if (agreed)
        return;
    fprintf(stderr, "bench: %s does not agree on %s\n", contender->name, what);
    exit(1);
}

static void run_frames(const struct bench_stream *stream)
{
    struct decoding decodings[CONTENDERS];
    struct job jobs[CONTENDERS + 1] = {{.run = NULL}};
    double median[CONTENDERS + 1];
    for (size_t i = 0; i < CONTENDERS; i++) {
        struct decoding *d = &decodings[i];
        *d = (struct decoding){contenders[i], stream, contenders[i]->open(), {.digesting = true}};
        decode(d);
        must(d->seen.messages == stream->messages && d->seen.bytes == stream->payload &&
                 d->seen.digest == stream->digest,
             contenders[i], stream->name);
        d->seen = (struct bench_seen){0};
        jobs[i] = (struct job){.run = decode, .context = d};
    }
    jobs[CONTENDERS] = (struct job){.run = copy_and_xor, .context = (void *)(uintptr_t)stream};
    race(jobs, CONTENDERS + 1, median);
    for (size_t i = 0; i < CONTENDERS; i++) {
        struct decoding *d = &decodings[i];
        must(d->seen.messages % stream->messages == 0 &&
                 d->seen.bytes == d->seen.messages / stream->messages * stream->payload,
             contenders[i], stream->name);
        contenders[i]->close(d->state);
    }
    for (size_t i = 0; i <= CONTENDERS; i++)
        median[i] /= (double)(stream->read == 1 ? stream->len : stream->frames);
    print_row(stream->name, median, CONTENDERS + 1);
}

static void run_kind(const char *name, enum bench_kind kind, size_t size, size_t read)
{
    struct bench_stream stream = {.name = name, .read = read};
    if (!is_wanted(name))
        return;
    bench_stream_make(&stream, kind, size);
    run_frames(&stream);
    free(stream.bytes);
}

static void bench_frames(void)
{
    static const struct {
        const char *name;
        size_t size;
    } sizes[] = {{"0", 0},        {"16", 16},        {"125", 125},
                 {"1 KiB", 1024}, {"16 KiB", 16384}, {"1 MiB", 1 << 20}};
    static const char *const kinds[] = {"binary", "ASCII", "Korean"};
    print_titles("ns a frame", "memcpy+xor");
    for (unsigned kind = 0; kind < 3; kind++)
        for (size_t i = kind == BENCH_BINARY ? 0 : 1; i < sizeof sizes / sizeof *sizes; i++) {
            char name[32];
            snprintf(name, sizeof name, "%s %s", sizes[i].name, kinds[kind]);
            run_kind(name, (enum bench_kind)kind, sizes[i].size, BENCH_READ);
        }
    run_kind("125 ASCII, ns a byte", BENCH_ASCII, 125, 1);
    struct bench_stream mixed = {.name = "mixed, 10 % fragmented", .read = BENCH_READ};
    if (!is_wanted(mixed.name))
        return;
    bench_stream_mixed(&mixed);
    run_frames(&mixed);
    free(mixed.bytes);
}

/* Functions of a text: UTF-8 and the handshake. */

struct reading {
    const struct bench_contender *contender;
    bool (*run)(const uint8_t *data, size_t len);
    const uint8_t *data;
    size_t len;
};

static void read_text(void *context)
{
    struct reading *r = context;
    if (!r->run(r->data, r->len))
        must(false, r->contender, "a text");
}

static bool copy_only(const uint8_t *data, size_t len)
{
    static uint8_t copy[BENCH_READ];
    memcpy(copy, data, len);
    __asm__ volatile("" : : "r"(copy) : "memory");
    return true;
}

static void run_text(const char *name, const uint8_t *data, size_t len, bool handshake)
{
    if (!is_wanted(name))
        return;
    struct reading readings[CONTENDERS + 1];
    struct job jobs[CONTENDERS + 1] = {{.run = NULL}};
    double median[CONTENDERS + 1], figures[CONTENDERS + 1] = {0};
    size_t index[CONTENDERS + 1], n = 0;
    for (size_t i = 0; i <= CONTENDERS; i++) {
        bool (*run)(const uint8_t *, size_t) = i == CONTENDERS ? copy_only
                                               : handshake     ? contenders[i]->handshake
                                                               : contenders[i]->utf8;
        if (run == NULL)
            continue;
        readings[n] =
            (struct reading){i < CONTENDERS ? contenders[i] : contenders[0], run, data, len};
        jobs[n] = (struct job){.run = read_text, .context = &readings[n]};
        index[n++] = i;
    }
    race(jobs, n, median);
    for (size_t i = 0; i < n; i++)
        figures[index[i]] = median[i];
    print_row(name, figures, CONTENDERS + 1);
}

static void bench_texts(void)
{
    static uint8_t text[BENCH_READ];
    print_titles("UTF-8, ns", "memcpy");
    bench_text(text, sizeof text, BENCH_ASCII);
    run_text("64 B ASCII", text, 64, false);
    run_text("64 KiB ASCII", text, sizeof text, false);
    bench_text(text, sizeof text, BENCH_KOREAN);
    run_text("64 KiB Korean", text, sizeof text, false);
    enum wsc_simd best = wsc_simd_chosen();
    for (unsigned simd = 0; simd < WSC_SIMD_COUNT; simd++) {
        char name[40];
        snprintf(name, sizeof name, "  wsc with %s", wsc_simd_name((enum wsc_simd)simd));
        if (wsc_simd_force((enum wsc_simd)simd))
            run_text(name, text, sizeof text, false);
    }
    wsc_simd_force(best);
    print_titles("handshake, ns", "memcpy");
    run_text("browser's request", (const uint8_t *)bench_request, strlen(bench_request), true);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        wanted = argv[1];
#ifndef BENCH_WSLAY
    puts("wslay is left out: libwslay-dev is missing");
#endif
#ifndef BENCH_BEAST
    puts("Beast is left out: libboost-dev or a C++ compiler is missing");
#endif
#ifndef BENCH_WEBSOCKETPP
    puts("websocketpp is left out: libwebsocketpp-dev, libboost-dev or a C++ compiler is missing");
#endif
    puts("Medians of thread CPU time; the ratio is to wsc, above 1 is slower.");
    bench_frames();
    bench_texts();
    return 0;
}
