/* notation - parse(print(a)) == a, printing is canonical, any text gets errors with a place, and
 * whatever includes or uses whatever, that ends.
 *
 * Input: the text of a file.  Of what it includes, `x…` is its own text anew, the rest is missing.
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

static const char *read_again(void *context, struct wsn_arena *arena, const char *name,
                              size_t *length)
{
    const struct wsn_file *file = context;

    *length = file->length;
    return name[0] == 'x' ? wsn_copy(arena, file->source, file->length) : NULL;
}

/* A case is at most so many steps, none of them a `use`. */
static size_t count_steps(const struct wsn_step *steps, size_t count)
{
    size_t all = count;

    for (size_t i = 0; i < count; i++) {
        WSF_LAW(steps[i].kind != WSN_USE);
        for (size_t k = 0; k < steps[i].branch_count; k++)
            all += count_steps(steps[i].branches[k].steps, steps[i].branches[k].step_count);
    }
    return all;
}

static void check_link(struct wsn_arena *arena, struct wsn_file *file, struct wsn_errors *errors,
                       size_t size)
{
    wsn_link(arena, file, read_again, file, errors);
    check_errors(file, errors, size);
    for (size_t i = 0; i < file->case_count; i++) {
        const struct wsn_case *c = &file->cases[i];
        size_t all = count_steps(c->all, c->all_count);

        WSF_LAW(!c->used_count || all <= 10000);
        WSF_LAW(c->used_count || c->all == c->steps);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsn_arena arena = {.limit = MEMORY};
    struct wsn_errors errors = {0};
    struct wsn_file *file = wsn_parse(&arena, "input", (const char *)data, size, &errors);

    if (file) {
        check_errors(file, &errors, size);
        check_print(file);
        check_link(&arena, file, &errors, size);
    }
    wsn_arena_drop(&arena);
    return 0;
}
