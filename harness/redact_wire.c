/* The bytes on the wire without what is secret: a message is looked at whole, however it was cut
 * into frames, and unmasked.  Bytes keep their number, so that offsets still hold. */
#include "hide.h"

#include <stdlib.h>
#include <string.h>

enum { OPCODE = 15, CONTROL = 8, RSV1 = 0x40, FIN = 0x80, MASKED = 0x80 };

/* A byte of a stream, and where it stands. */
struct spot {
    uint8_t *at;
    uint8_t mask; /* of this byte */
};

/* What goes one way on one connection, put together. */
struct stream {
    struct wsh_hider base;
    char *bytes;
    struct spot *spots;
    size_t n;
};

static void spot_plain(struct wsh_hider *hider, const char *p, size_t n)
{
    (void)hider;
    (void)p;
    (void)n;
}

static void spot_hide(struct wsh_hider *hider, size_t at, size_t n)
{
    const struct stream *stream = (const struct stream *)hider;
    for (size_t i = at; i < at + n; i++)
        *stream->spots[i].at = '*' ^ stream->spots[i].mask;
}

static const uint8_t no_key[4];

static const uint8_t *key_of(const struct wsq_wire *chunk)
{
    bool masked = chunk->head >= 6 && (chunk->bytes[1] & MASKED);
    return masked ? chunk->bytes + chunk->head - 4 : no_key;
}

static void append(struct stream *stream, const struct wsq_wire *chunk)
{
    const uint8_t *key = key_of(chunk);
    for (size_t i = chunk->head; i < chunk->kept; i++) {
        uint8_t mask = key[(i - chunk->head) % 4];
        stream->bytes[stream->n] = (char)(chunk->bytes[i] ^ mask);
        stream->spots[stream->n++] = (struct spot){chunk->bytes + i, mask};
    }
}

static void blank(struct stream *stream, const struct wsq_wire *chunk)
{
    size_t from = stream->n;
    append(stream, chunk);
    spot_hide(&stream->base, from, stream->n - from);
    stream->n = from;
}

static void flush(const struct wsh_secrets *secrets, struct stream *stream, bool cut)
{
    stream->base.cut = cut;
    wsh_hide(secrets, &stream->base, stream->bytes, stream->n);
    stream->n = 0;
}

static bool is_control(const struct wsq_wire *chunk)
{
    return chunk->head && chunk->kept >= 2 && (chunk->bytes[0] & CONTROL);
}

static bool same_way(const struct wsq_wire *a, const struct wsq_wire *b)
{
    bool same = a->connection == b->connection ||
                (a->connection && b->connection && strcmp(a->connection, b->connection) == 0);
    return same && a->sent == b->sent;
}

/* Can its bytes not be read as they are? */
static bool is_coded(const struct wsq_wire *chunk, bool *compressed)
{
    if (!chunk->head)
        return chunk->what && strcmp(chunk->what, "content") == 0;
    if (chunk->bytes[0] & OPCODE)
        *compressed = chunk->bytes[0] & RSV1;
    return *compressed;
}

/* All chunks that go the way of the first one: control frames each alone, the rest as one text,
 * parted only where bytes were not kept. */
static void hide_way(const struct wsh_secrets *secrets, struct wsq_case *c, size_t first,
                     struct stream *stream, bool involved)
{
    bool compressed = false;
    for (size_t i = first; i < c->wire_count; i++) {
        struct wsq_wire *chunk = &c->wire[i];
        if (!same_way(chunk, &c->wire[first]) || is_control(chunk) || chunk->kept < chunk->head)
            continue;
        if (chunk->kept && is_coded(chunk, &compressed) && involved)
            blank(stream, chunk);
        else
            append(stream, chunk);
        if (chunk->kept < chunk->length)
            flush(secrets, stream, true);
    }
    flush(secrets, stream, false);
    for (size_t i = first; i < c->wire_count; i++) {
        if (!same_way(&c->wire[i], &c->wire[first]) || !is_control(&c->wire[i]))
            continue;
        append(stream, &c->wire[i]);
        flush(secrets, stream, c->wire[i].kept < c->wire[i].length);
    }
}

static bool is_first(const struct wsq_case *c, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (same_way(&c->wire[i], &c->wire[at]))
            return false;
    return true;
}

void wsh_hide_wire(const struct wsh_secrets *secrets, struct wsq_case *c, bool involved)
{
    struct stream stream = {.base = {.plain = spot_plain, .hide = spot_hide}};
    size_t room = 1;
    for (size_t i = 0; i < c->wire_count; i++)
        room += c->wire[i].kept;
    stream.bytes = malloc(room);
    stream.spots = malloc(room * sizeof *stream.spots);
    for (size_t i = 0; i < c->wire_count; i++) {
        if (!stream.bytes || !stream.spots)
            c->wire[i].kept = 0; /* rather nothing than a secret */
        else if (is_first(c, i))
            hide_way(secrets, c, i, &stream, involved);
    }
    free(stream.bytes);
    free(stream.spots);
}
