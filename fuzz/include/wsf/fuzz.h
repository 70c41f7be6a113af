/* wsf/fuzz.h - what the fuzz targets share.
 *
 * A target is a pure function of its input: it runs under libFuzzer, under AFL++ and under the
 * replay driver alike.  The first bytes of an input choose how the rest is used; they are taken
 * with wsf_byte.
 */
#ifndef WSF_FUZZ_H
#define WSF_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A law that does not hold is a finding: says which and aborts.  Never compiled out. */
#define WSF_LAW(holds)                                                                             \
    do {                                                                                           \
        if (!(holds))                                                                              \
            wsf_broken(__FILE__, __LINE__, #holds);                                                \
    } while (0)
_Noreturn void wsf_broken(const char *file, int line, const char *law);

/* The input, taken from the front. */
struct wsf_input {
    const uint8_t *p;
    size_t n;
};
uint8_t wsf_byte(struct wsf_input *input); /* 0 when the input is used up */

/* How a stream is cut: sizes of its pieces, drawn from a byte of the input.
 * 0: whole; 1: byte by byte; else pieces of changing sizes. */
struct wsf_cuts {
    uint32_t state;
};
void wsf_cuts_init(struct wsf_cuts *cuts, uint8_t choice);
size_t wsf_cuts_next(struct wsf_cuts *cuts, size_t left); /* 1..left; left > 0 */

/* A growing record of what was seen, to be compared.  Zeroed means empty. */
struct wsf_log {
    uint8_t *p;
    size_t n, size;
};
void wsf_log_put(struct wsf_log *log, const void *p, size_t n);
void wsf_log_number(struct wsf_log *log, uint64_t value);
bool wsf_log_same(const struct wsf_log *a, const struct wsf_log *b);
/* The bytes of a file; without it, the program ends. */
void wsf_log_file(struct wsf_log *log, const char *path);
void wsf_log_drop(struct wsf_log *log);

/* A copy that ends where its memory ends, so that a read behind it is seen.  To be freed. */
uint8_t *wsf_copy(const uint8_t *data, size_t size);

#endif
