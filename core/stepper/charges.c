/* Which requirements a case can find broken: those that its steps are charged to. */
#include "program.h"

#include <string.h>

/* A step that only makes the occasion is charged to nothing. */
static bool asks(const struct wss_step *step)
{
    return wsn_asks(step->kind) && !step->precondition;
}

static void add(struct wsn_arena *arena, struct wss_case *test, const char *id)
{
    for (size_t i = 0; i < test->charge_count; i++)
        if (strcmp(test->charges[i], id) == 0)
            return;
    size_t n = test->charge_count;
    if ((n & (n - 1)) == 0) { /* full: the room is a power of two */
        const char **list = wsn_alloc(arena, (n ? 2 * n : 1) * sizeof *list);
        if (!list)
            return;
        if (n)
            memcpy(list, test->charges, n * sizeof *list);
        test->charges = list;
    }
    test->charges[test->charge_count++] = id;
}

static void add_block(struct wsn_arena *arena, struct wss_case *test, const struct wss_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct wss_step *step = &block->steps[i];
        if (asks(step) && step->charge)
            add(arena, test, step->charge->id);
        for (size_t k = 0; step->line_charges && asks(step) && k < step->ast->line_count; k++)
            if (step->line_charges[k])
                add(arena, test, step->line_charges[k]->id);
        for (size_t k = 0; k < step->block_count; k++)
            add_block(arena, test, &step->blocks[k]);
    }
}

void wss_find_charges(struct wsn_arena *arena, struct wss_case *test)
{
    const struct wss_program *program = test->program;
    for (size_t i = 0; i < test->watch_count; i++)
        add(arena, test, test->watch[i]);
    add_block(arena, test, &program->body);
    if (program->law && program->body.count == 0) /* it waits for a setting */
        add(arena, test, program->law->id);
}
