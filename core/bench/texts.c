#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <wsc/deflate.h>
#include <wsc/simd.h>

#include "bench.h"

/* Functions of a text: UTF-8, the opening handshake, inflate. */
struct reading {
    const struct bench_contender *contender; /* NULL: the limit */
    const uint8_t *data;
    size_t len;
    const uint8_t *wanted; /* inflate: what has to come out */
    size_t wanted_len;
    bool (*run)(const struct reading *reading);
};

static uint8_t out[BENCH_READ];

static bool read_utf8(const struct reading *r)
{
    return r->contender->utf8(r->data, r->len);
}

static bool read_handshake(const struct reading *r)
{
    return r->contender->handshake(r->data, r->len, NULL);
}

static bool read_inflate(const struct reading *r)
{
    return r->contender->inflate(r->data, r->len, out, sizeof out) == r->wanted_len;
}

static bool copy_only(const struct reading *r)
{
    memcpy(out, r->data, r->len);
    __asm__ volatile("" : : "r"(out) : "memory");
    return true;
}

/* zlib as it is, with nothing of RFC 7692 looked at. */
static bool zlib_only(const struct reading *r)
{
    static z_stream z;
    static const uint8_t tail[] = {0, 0, 0xff, 0xff};
    if (z.state == NULL && inflateInit2(&z, -15) != Z_OK)
        abort();
    inflateReset(&z);
    z.next_in = (Bytef *)(uintptr_t)r->data;
    z.avail_in = (uInt)r->len;
    z.next_out = out;
    z.avail_out = sizeof out;
    inflate(&z, Z_SYNC_FLUSH);
    z.next_in = (Bytef *)(uintptr_t)tail;
    z.avail_in = sizeof tail;
    inflate(&z, Z_SYNC_FLUSH);
    return sizeof out - z.avail_out == r->wanted_len;
}

static void read_once(void *context)
{
    const struct reading *r = context;
    bench_must(r->run(r), r->contender, "a text");
}

static bool takes_part(const struct bench_contender *c, const struct reading *row)
{
    return row->run == read_utf8        ? c->utf8 != NULL
           : row->run == read_handshake ? c->handshake != NULL
                                        : c->inflate != NULL;
}

static void run_row(const char *name, const struct reading *row,
                    bool (*limit)(const struct reading *))
{
    struct reading readings[BENCH_JOBS_MAX];
    struct bench_job jobs[BENCH_JOBS_MAX];
    double median[BENCH_JOBS_MAX], figures[BENCH_JOBS_MAX] = {0};
    size_t index[BENCH_JOBS_MAX], n = 0;
    for (size_t i = 0; i <= bench_contender_count; i++) {
        bool last = i == bench_contender_count;
        if (!last && !takes_part(bench_contenders[i], row))
            continue;
        readings[n] = *row;
        readings[n].contender = last ? NULL : bench_contenders[i];
        readings[n].run = last ? limit : row->run;
        jobs[n] = (struct bench_job){.run = read_once, .context = &readings[n]};
        index[n++] = i;
    }
    bench_race(jobs, n, median);
    for (size_t i = 0; i < n; i++)
        figures[index[i]] = median[i];
    bench_print_row(name, figures);
}

static bool is_wanted(const char *name)
{
    return strstr(name, bench_wanted) != NULL;
}

/* All say no when one byte is wrong. */
static void check_utf8(uint8_t *text, size_t len)
{
    uint8_t *bad = text + len * 2 / 3, kept = *bad;
    *bad = 0xff;
    for (size_t i = 0; i < bench_contender_count; i++)
        if (bench_contenders[i]->utf8 != NULL)
            bench_must(!bench_contenders[i]->utf8(text, len), bench_contenders[i], "bad UTF-8");
    *bad = kept;
}

static void run_utf8(const char *name, uint8_t *text, size_t len)
{
    const struct reading row = {.data = text, .len = len, .run = read_utf8};
    if (!is_wanted(name))
        return;
    check_utf8(text, len);
    run_row(name, &row, copy_only);
}

static void bench_utf8(void)
{
    static uint8_t text[BENCH_READ], brief[64];
    bench_print_titles("UTF-8, ns", "memcpy");
    bench_text(text, sizeof text, BENCH_ASCII);
    run_utf8("64 B ASCII", text, 64);
    run_utf8("64 KiB ASCII", text, sizeof text);
    bench_text(text, sizeof text, BENCH_KOREAN);
    bench_text(brief, sizeof brief, BENCH_KOREAN);
    run_utf8("64 B Korean", brief, sizeof brief);
    run_utf8("64 KiB Korean", text, sizeof text);
    enum wsc_simd best = wsc_simd_chosen();
    for (unsigned simd = 0; simd < WSC_SIMD_COUNT; simd++) {
        char name[40];
        snprintf(name, sizeof name, "  wsc with %s", wsc_simd_name((enum wsc_simd)simd));
        if (wsc_simd_force((enum wsc_simd)simd))
            run_utf8(name, text, sizeof text);
    }
    wsc_simd_force(best);
}

/* All read the same fields, and none takes it for a handshake when it asks for another protocol. */
static void check_handshake(const uint8_t *request, size_t len)
{
    char other[1024];
    memcpy(other, request, len);
    other[len] = '\0';
    memcpy(strstr(other, "websocket\r\n"), "webpocket", 9);
    for (size_t i = 0; i < bench_contender_count; i++) {
        const struct bench_contender *c = bench_contenders[i];
        uint64_t fields = 0;
        if (c->handshake == NULL)
            continue;
        bench_must(c->handshake(request, len, &fields) && fields == bench_request_fields(), c,
                   "the fields of a request");
        bench_must(!c->handshake((const uint8_t *)other, len, NULL), c, "another request");
    }
}

static void bench_handshake(void)
{
    static const char name[] = "browser's request";
    const struct reading row = {.data = (const uint8_t *)bench_request,
                                .len = strlen(bench_request),
                                .run = read_handshake};
    bench_print_titles("handshake, ns", "memcpy");
    if (!is_wanted(name))
        return;
    check_handshake(row.data, row.len);
    run_row(name, &row, copy_only);
}

static void *take(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void give(void *context, void *memory)
{
    (void)context;
    free(memory);
}

const struct wsc_memory bench_memory = {take, give, NULL};
const struct wsc_deflate_terms bench_terms = {
    .server_no_context_takeover = true,
    .client_no_context_takeover = true,
    .server_max_window_bits = 15,
    .client_max_window_bits = 15,
};

static void check_inflate(const struct reading *row)
{
    for (size_t i = 0; i < bench_contender_count; i++) {
        const struct bench_contender *c = bench_contenders[i];
        if (c->inflate == NULL)
            continue;
        memset(out, 0, sizeof out);
        size_t n = c->inflate(row->data, row->len, out, sizeof out);
        bench_must(n == row->wanted_len && memcmp(out, row->wanted, n) == 0, c, "what inflates");
    }
}

static void run_inflate(const char *name, size_t len)
{
    static uint8_t plain[BENCH_READ], packed[BENCH_READ];
    if (!is_wanted(name))
        return;
    bench_json(plain, len);
    struct wsc_deflate *deflate = wsc_deflate_new(&bench_memory, WSC_CLIENT, &bench_terms, 6);
    if (deflate == NULL)
        abort();
    const struct reading row = {
        .data = packed,
        .len = wsc_deflate_part(deflate, plain, len, true, packed, sizeof packed),
        .wanted = plain,
        .wanted_len = len,
        .run = read_inflate};
    wsc_deflate_free(deflate);
    check_inflate(&row);
    run_row(name, &row, zlib_only);
}

void bench_texts(void)
{
    bench_utf8();
    bench_handshake();
    bench_print_titles("inflate, ns", "zlib");
    run_inflate("200 B of JSON", 200);
    run_inflate("4 KiB of JSON", 4096);
    run_inflate("60 KiB of JSON", 61440);
}
