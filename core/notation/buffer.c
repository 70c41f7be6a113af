#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsn/notation.h>

#define DEFAULT_LIMIT ((size_t)64 << 20)

/* Room for n more bytes and the terminator. */
static bool grow(struct wsn_buffer *buffer, size_t n)
{
    size_t limit = buffer->limit ? buffer->limit : DEFAULT_LIMIT;
    if (buffer->full || buffer->n > limit || n > limit - buffer->n) {
        buffer->full = true;
        return false;
    }
    size_t need = buffer->n + n + 1;
    if (need <= buffer->size)
        return true;
    size_t size = buffer->size ? buffer->size : 256;
    while (size < need)
        size *= 2;
    char *p = realloc(buffer->p, size);
    if (!p) {
        buffer->full = true;
        return false;
    }
    buffer->p = p;
    buffer->size = size;
    return true;
}

void wsn_put(struct wsn_buffer *buffer, const char *p, size_t n)
{
    if (!grow(buffer, n))
        return;
    if (n)
        memcpy(buffer->p + buffer->n, p, n);
    buffer->n += n;
    buffer->p[buffer->n] = '\0';
}

void wsn_puts(struct wsn_buffer *buffer, const char *s)
{
    wsn_put(buffer, s, strlen(s));
}

void wsn_printf(struct wsn_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !grow(buffer, (size_t)n))
        return;
    va_start(args, format);
    vsnprintf(buffer->p + buffer->n, (size_t)n + 1, format, args);
    va_end(args);
    buffer->n += (size_t)n;
}

void wsn_buffer_drop(struct wsn_buffer *buffer)
{
    free(buffer->p);
    *buffer = (struct wsn_buffer){.limit = buffer->limit};
}
