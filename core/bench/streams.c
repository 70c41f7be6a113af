#include <stdio.h>
#include <stdlib.h>

#include <wsc/frame.h>
#include <wsc/mask.h>

#include "bench.h"

enum { WIRE = 1 << 18, MIXED_FRAMES = 400 };

const char bench_request[] =
    "GET /chat?room=general&since=1700000000 HTTP/1.1\r\n"
    "Host: chat.example.com:8443\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://chat.example.com:8443\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: ko-KR,ko;q=0.9,en;q=0.8\r\n"
    "Cookie: session=0123456789a\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    "\r\n";

/* Numerical Recipes' generator: any fixed bytes will do. */
static uint32_t next(void)
{
    static uint32_t seed = 1;
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static size_t put_hangul(uint8_t *out)
{
    uint32_t c = 0xAC00 + next() % 11172;
    out[0] = (uint8_t)(0xE0 | c >> 12);
    out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c & 0x3f));
    return 3;
}

void bench_text(uint8_t *out, size_t len, enum bench_kind kind)
{
    for (size_t i = 0; i < len;) {
        if (kind == BENCH_KOREAN && len - i >= 3 && next() % 5 != 0)
            i += put_hangul(out + i);
        else if (kind == BENCH_BINARY)
            out[i++] = (uint8_t)next();
        else
            out[i++] = (uint8_t)(' ' + next() % 95);
    }
}

/* A plain second reading of the request: one field a line. */
uint64_t bench_request_fields(void)
{
    uint64_t digest = 0;
    const char *line = strstr(bench_request, "\r\n") + 2, *end;
    for (; (end = strstr(line, "\r\n")) != line; line = end + 2) {
        const char *colon = strchr(line, ':');
        bench_field(&digest, line, (size_t)(colon - line), colon + 2, (size_t)(end - colon - 2));
    }
    return digest;
}

/* What a service says again and again: records of the same names and of other numbers. */
void bench_json(uint8_t *out, size_t len)
{
    char record[96];
    for (size_t i = 0, n; i < len; i += n) {
        int made = snprintf(record, sizeof record,
                            "{\"id\":%u,\"user\":\"u%04u\",\"price\":%u.%02u,\"tags\":[\"a%u\"]},",
                            (unsigned)next(), (unsigned)(next() % 10000), (unsigned)(next() % 1000),
                            (unsigned)(next() % 100), (unsigned)(next() % 10));
        n = (size_t)made < len - i ? (size_t)made : len - i;
        memcpy(out + i, record, n);
    }
}

static void add_frame(struct bench_stream *stream, struct wsc_frame frame, const uint8_t *payload)
{
    uint8_t head[WSC_HEAD_MAX];
    frame.masked = true;
    for (unsigned i = 0; i < 4; i++)
        frame.key[i] = (uint8_t)next();
    size_t head_len = wsc_frame_write(&frame, head), len = (size_t)frame.length;
    stream->bytes = realloc(stream->bytes, stream->len + head_len + len);
    if (stream->bytes == NULL)
        abort();
    uint8_t *out = stream->bytes + stream->len;
    memcpy(out, head, head_len);
    memcpy(out + head_len, payload, len);
    wsc_mask(out + head_len, len, frame.key, 0);
    stream->len += head_len + len;
    stream->frames++;
    stream->messages += frame.fin;
    stream->payload += len;
    stream->digest = bench_digest(stream->digest, payload, len) + frame.fin;
}

/* A message of one frame or of several of about equal size. */
static void add_message(struct bench_stream *stream, enum bench_kind kind, size_t len,
                        size_t pieces)
{
    static uint8_t payload[BENCH_MESSAGE_MAX];
    bench_text(payload, len, kind);
    for (size_t i = 0; i < pieces; i++) {
        size_t at = len * i / pieces;
        struct wsc_frame frame = {.fin = i + 1 == pieces,
                                  .opcode = i != 0                 ? WSC_CONT
                                            : kind == BENCH_BINARY ? WSC_BINARY
                                                                   : WSC_TEXT,
                                  .length = len * (i + 1) / pieces - at};
        add_frame(stream, frame, payload + at);
    }
}

void bench_stream_make(struct bench_stream *stream, enum bench_kind kind, size_t size)
{
    do
        add_message(stream, kind, size, 1);
    while (stream->len < WIRE);
}

/* Sizes as a chat has them, a tenth of the messages in three frames, all kinds of content. */
void bench_stream_mixed(struct bench_stream *stream)
{
    static const size_t sizes[] = {0,   2,   8,   20,  40,   40,   80,  125,
                                   126, 200, 300, 700, 1500, 4000, 8000};
    for (unsigned i = 0; i < MIXED_FRAMES; i++)
        add_message(stream, (enum bench_kind)(next() % 3),
                    sizes[next() % (sizeof sizes / sizeof *sizes)], i % 10 == 0 ? 3 : 1);
}
