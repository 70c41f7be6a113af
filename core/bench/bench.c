/* bench - how fast the core decodes, beside other libraries and beside the limit of the machine.
 *
 *     wsc-bench [--short] [WORD]
 *
 * WORD: only the rows whose name has it.  --short: everything once, to see that all agree.
 *
 * Each row is one stream; contenders take turns, in an order that rotates; the figure is the median
 * of thread CPU time.  The limit copies the stream in and XORs it once, and judges nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

const struct bench_contender *const bench_contenders[] = {
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
enum { CONTENDERS = sizeof bench_contenders / sizeof *bench_contenders };
const size_t bench_contender_count = CONTENDERS;

static bool is_wanted(const char *name)
{
    return strstr(name, bench_wanted) != NULL;
}

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
    struct bench_source source = {stream->bytes, stream->len, stream->read};
    size_t n;
    while ((n = bench_read(&source, in, sizeof in)) != 0) {
        if (n == 1)
            in[0] ^= 0x78;
        else
            for (size_t i = 0; i < n; i += 8) {
                uint64_t word;
                memcpy(&word, in + i, 8);
                word ^= UINT64_C(0x1234567812345678);
                memcpy(in + i, &word, 8);
            }
        __asm__ volatile("" : : "r"(in) : "memory");
    }
}

static void run_frames(const struct bench_stream *stream)
{
    struct decoding decodings[CONTENDERS];
    struct bench_job jobs[CONTENDERS + 1];
    double median[CONTENDERS + 1];
    for (size_t i = 0; i < CONTENDERS; i++) {
        struct decoding *d = &decodings[i];
        *d = (struct decoding){
            bench_contenders[i], stream, bench_contenders[i]->open(), {.digesting = true}};
        decode(d);
        bench_must(d->seen.messages == stream->messages && d->seen.bytes == stream->payload &&
                       d->seen.digest == stream->digest,
                   bench_contenders[i], stream->name);
        d->seen = (struct bench_seen){0};
        jobs[i] = (struct bench_job){.run = decode, .context = d};
    }
    jobs[CONTENDERS] =
        (struct bench_job){.run = copy_and_xor, .context = (void *)(uintptr_t)stream};
    bench_race(jobs, CONTENDERS + 1, median);
    for (size_t i = 0; i < CONTENDERS; i++) {
        struct decoding *d = &decodings[i];
        bench_must(d->seen.messages % stream->messages == 0 &&
                       d->seen.bytes == d->seen.messages / stream->messages * stream->payload,
                   bench_contenders[i], stream->name);
        bench_contenders[i]->close(d->state);
    }
    for (size_t i = 0; i <= CONTENDERS; i++)
        median[i] /= (double)(stream->read == 1 ? stream->len : stream->frames);
    bench_print_row(stream->name, median);
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
    bench_print_titles("ns a frame", "memcpy+xor");
    for (unsigned kind = 0; kind < 3; kind++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
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

/* What is missing is said, so that no table looks complete that is not. */
static void say_missing(void)
{
#ifndef BENCH_WSLAY
    puts("wslay is left out: libwslay-dev is missing");
#endif
#ifndef BENCH_BEAST
    puts("Beast is left out: libboost-dev or a C++ compiler is missing");
#endif
#ifndef BENCH_WEBSOCKETPP
    puts("websocketpp is left out: libwebsocketpp-dev, libboost-dev or a C++ compiler is missing");
#endif
}

int main(int argc, char **argv)
{
    int at = 1;
    bench_short = argc > at && strcmp(argv[at], "--short") == 0;
    at += bench_short;
    if (argc > at)
        bench_wanted = argv[at];
    say_missing();
    puts(bench_short ? "Each once: these are no measurements."
                     : "Medians of thread CPU time; the ratio is to wsc, above 1 is slower.");
    bench_frames();
    bench_texts();
    return 0;
}
