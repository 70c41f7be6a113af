/* notation - parse(print(a)) == a, printing is canonical, and any text gets errors with a place.
 *
 * Input: the text of a file.
 */
#include <string.h>
#include <wsf/fuzz.h>
#include <wsn/notation.h>

enum { MEMORY = 64 << 20 };

static void check_errors(const struct wsn_file *file, const struct wsn_errors *errors, size_t size)
{
    WSF_LAW(errors->count <= errors->total);
    for (size_t i = 0; i < errors->count; i++) {
        struct wsn_buffer message = {.limit = 1 << 20};
        const struct wsn_error *error = &errors->list[i];

        WSF_LAW(error->text && error->length >= 1);
        WSF_LAW(error->pos.line <= size + 1 && error->pos.column <= size + 1);
        wsn_error_print(file, error, &message);
        WSF_LAW(message.n > 0);
        /* What a file holds does not reach a terminal as it is. */
        for (size_t k = 0; k < message.n; k++)
            WSF_LAW((uint8_t)message.p[k] >= 0x20 || message.p[k] == '\n' || message.p[k] == '\t');
        wsn_buffer_drop(&message);
    }
}

/* What was understood, printed, parsed and printed again. */
static void check_print(const struct wsn_file *file)
{
    struct wsn_arena arena = {.limit = MEMORY};
    struct wsn_errors errors = {0};
    struct wsn_buffer text = {.limit = MEMORY}, again = {.limit = MEMORY};
    struct wsn_file *copy;

    wsn_print(file, &text);
    WSF_LAW(!text.full);
    copy = wsn_parse(&arena, "printed", text.p ? text.p : "", text.n, &errors);
    if (copy) {
        WSF_LAW(errors.total == 0);
        WSF_LAW(wsn_equal(file, copy));
        wsn_print(copy, &again);
        WSF_LAW(text.n == again.n && (text.n == 0 || memcmp(text.p, again.p, text.n) == 0));
    }
    wsn_buffer_drop(&text);
    wsn_buffer_drop(&again);
    wsn_arena_drop(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsn_arena arena = {.limit = MEMORY};
    struct wsn_errors errors = {0};
    struct wsn_file *file = wsn_parse(&arena, "input", (const char *)data, size, &errors);

    if (file) {
        check_errors(file, &errors, size);
        check_print(file);
    }
    wsn_arena_drop(&arena);
    return 0;
}
