/* beside.c - how many connections of a case lie open at once, at the most.
 *
 * A server may serve one client at a time and break no rule.  A connection is over once its end is
 * seen or we end it: `< eof`, `< fail`, `< refused`, `> fin`, `> reset`.
 */
#include "program.h"

#include <string.h>

/* HAUNTED: a branch above opened it, and may have died behind that. */
enum place { UNUSED, OVER, HAUNTED, LIES_OPEN };

struct count {
    struct wsn_arena *arena;
    size_t lanes, open, haunted, most;
    unsigned char *at; /* enum place, one a lane */
};

static void settle(struct count *c, unsigned lane, enum place place)
{
    bool opens = c->at[lane] == UNUSED;
    c->open -= c->at[lane] == LIES_OPEN;
    c->haunted -= c->at[lane] == HAUNTED;
    c->open += place == LIES_OPEN;
    c->at[lane] = (unsigned char)place;
    size_t now = c->open + (opens ? c->haunted : 0);
    c->most = now > c->most ? now : c->most;
}

static bool uses_connection(enum wsn_step_kind kind)
{
    return kind <= WSN_ALIVE || kind == WSN_SILENT;
}

static bool ends_connection(enum wsn_step_kind kind)
{
    return kind == WSN_SEND_FIN || kind == WSN_SEND_RESET || kind == WSN_EXPECT_EOF ||
           kind == WSN_EXPECT_FAIL || kind == WSN_EXPECT_REFUSED;
}

static void walk(struct count *c, const struct wss_block *block);

static void reset(struct count *c, const unsigned char *at)
{
    memcpy(c->at, at, c->lanes);
    c->open = c->haunted = 0;
    for (size_t i = 0; i < c->lanes; i++) {
        c->open += at[i] == LIES_OPEN;
        c->haunted += at[i] == HAUNTED;
    }
}

/* Behind the last branch lies open what any of them leaves so. */
static void walk_branches(struct count *c, const struct wss_step *either)
{
    unsigned char *before = wsn_alloc(c->arena, c->lanes), *after = wsn_alloc(c->arena, c->lanes);
    if (!before || !after)
        return;
    memcpy(before, c->at, c->lanes);
    for (size_t i = 0; i < either->block_count; i++) {
        reset(c, before);
        walk(c, &either->blocks[i]);
        for (size_t k = 0; k < c->lanes; k++) {
            if (before[k] == UNUSED && c->at[k] != UNUSED)
                before[k] = HAUNTED;
            if (c->at[k] > after[k])
                after[k] = c->at[k] == HAUNTED ? LIES_OPEN : c->at[k];
        }
    }
    reset(c, after);
}

static void walk(struct count *c, const struct wss_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct wss_step *step = &block->steps[i];
        enum place at = (enum place)c->at[step->lane];
        if (uses_connection(step->kind) && (at == UNUSED || at == HAUNTED))
            settle(c, step->lane, LIES_OPEN);
        if (ends_connection(step->kind))
            settle(c, step->lane, OVER);
        if (step->kind == WSN_EITHER)
            walk_branches(c, step);
        else if (step->kind == WSN_REPEAT)
            walk(c, &step->blocks[0]);
    }
}

void wss_count_connections(struct wsn_arena *arena, struct wss_case *test)
{
    struct count c = {.arena = arena, .lanes = test->program->lane_count};
    c.at = wsn_alloc(arena, c.lanes + 1);
    if (!c.at)
        return;
    memset(c.at, UNUSED, c.lanes + 1);
    walk(&c, &test->program->body);
    test->connections = c.most;
}
