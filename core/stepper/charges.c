/* Which requirements a case can find broken: those that its steps are charged to. */
#include "program.h"

#include <string.h>

static bool asks(const struct wss_step *step)
{
    switch (step->kind) {
    case WSN_EXPECT_REQUEST:
    case WSN_EXPECT_STATUS:
    case WSN_EXPECT_REFUSE:
    case WSN_EXPECT_REFUSED:
    case WSN_EXPECT_MESSAGE:
    case WSN_EXPECT_ECHO:
    case WSN_EXPECT_FRAME:
    case WSN_EXPECT_CLOSE:
    case WSN_EXPECT_FAIL:
    case WSN_EXPECT_EOF:
    case WSN_ALIVE:
    case WSN_NEVER:
    case WSN_SILENT:
    case WSN_EXITS:
        return !step->precondition;
    case WSN_SEND_REQUEST:
    case WSN_SEND_RESPONSE:
    case WSN_SEND_FRAME:
    case WSN_SEND_RAW:
    case WSN_SEND_FIN:
    case WSN_SEND_RESET:
    case WSN_REACHABLE: /* spelt out as other steps */
    case WSN_WAIT:
    case WSN_DEAF:
    case WSN_HEAR:
    case WSN_CLIENTS: /* spelt out */
    case WSN_REPEAT:
    case WSN_EITHER:
    case WSN_LET:
    case WSN_USE:
    case WSN_CONNECT:
    case WSN_STOP:
    case WSN_RESTART:
    case WSN_COMMENT:
        break;
    }
    return false;
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
