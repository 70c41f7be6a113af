#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsf/fuzz.h>

void wsf_broken(const char *file, int line, const char *law)
{
    fprintf(stderr, "%s:%d: law broken: %s\n", file, line, law);
    abort();
}

uint8_t wsf_byte(struct wsf_input *input)
{
    if (input->n == 0)
        return 0;
    input->n--;
    return *input->p++;
}

void wsf_cuts_init(struct wsf_cuts *cuts, uint8_t choice)
{
    cuts->state = choice;
}

size_t wsf_cuts_next(struct wsf_cuts *cuts, size_t left)
{
    size_t size;

    if (cuts->state == 0)
        return left;
    if (cuts->state == 1)
        return 1;
    cuts->state = cuts->state * 1664525u + 1013904223u;
    if (cuts->state < 2)
        cuts->state = 2;
    /* Mostly small pieces: heads are where a cut hurts. */
    size =
        (cuts->state >> 30) == 0 ? 1 + ((cuts->state >> 16) & 1023) : 1 + ((cuts->state >> 16) & 7);
    return size < left ? size : left;
}

void wsf_log_put(struct wsf_log *log, const void *p, size_t n)
{
    if (n > log->size - log->n) {
        log->size = (log->n + n) * 2;
        log->p = realloc(log->p, log->size);
        if (!log->p)
            abort();
    }
    if (n > 0)
        memcpy(log->p + log->n, p, n);
    log->n += n;
}

void wsf_log_number(struct wsf_log *log, uint64_t value)
{
    wsf_log_put(log, &value, sizeof value);
}

bool wsf_log_same(const struct wsf_log *a, const struct wsf_log *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

void wsf_log_file(struct wsf_log *log, const char *path)
{
    uint8_t chunk[65536];
    size_t n;
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(1);
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        wsf_log_put(log, chunk, n);
    fclose(file);
}

void wsf_log_drop(struct wsf_log *log)
{
    free(log->p);
    *log = (struct wsf_log){0};
}

uint8_t *wsf_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (!copy)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}
