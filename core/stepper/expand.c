/* expand.c - the steps of a block; those that are spelt out as others: reachable, every, clients.
 */
#include "program.h"

#include <stdio.h>
#include <string.h>

/* ---- short forms ---- */

/* A fresh connection that opens and answers a ping, spelt out. */
static void compile_reachable(struct wss_compiler *c, const struct wsn_step *ast,
                              struct wss_step *out)
{
    char name[24];
    snprintf(name, sizeof name, "reachable%u", ++c->fresh);
    static const enum wsn_step_kind kinds[] = {WSN_SEND_REQUEST, WSN_EXPECT_STATUS, WSN_ALIVE};
    struct wsn_step *steps = wsn_alloc(c->arena, 3 * sizeof *steps);
    struct wsn_text *code = wsn_alloc(c->arena, sizeof *code);
    struct wsn_part *parts = wsn_alloc(c->arena, 2 * sizeof *parts);
    if (!steps || !code || !parts)
        return;
    parts[0] = (struct wsn_part){.p = "GET", .n = 3};
    parts[1] = (struct wsn_part){.p = "101", .n = 3};
    *code = (struct wsn_text){.parts = &parts[1], .count = 1, .present = true, .pos = ast->pos};
    for (int i = 0; i < 3; i++) {
        steps[i].kind = kinds[i];
        steps[i].connection = wsn_copy(c->arena, name, strlen(name));
        steps[i].charge = ast->charge;
        steps[i].within = ast->within;
        steps[i].pos = ast->pos;
    }
    steps[0].verb = (struct wsn_text){.parts = parts, .count = 1, .present = true, .pos = ast->pos};
    steps[1].codes = code;
    steps[1].code_count = 1;
    for (int i = 0; i < 3; i++)
        wss_compile_step(c, &steps[i], &out[i]);
    out[1].precondition = false;
    out[1].validated = false;
}

/* `every 3s ± 500ms for 9s` is a repeat of three rounds. */
static void compile_every(struct wss_compiler *c, const struct wsn_step *ast, struct wss_step *out)
{
    uint64_t period = wss_duration_of(c, &ast->every),
             tolerance = wss_duration_of(c, &ast->tolerance);
    uint64_t lasting = wss_duration_of(c, &ast->lasting);
    struct wss_block *block = wsn_alloc(c->arena, sizeof *block);
    struct wss_step *step = wsn_alloc(c->arena, sizeof *step);
    if (!block || !step)
        return;
    if (period == 0 || tolerance >= period || lasting < period) {
        wss_complain(c, ast->every.pos,
                     "expected a period longer than its tolerance, and at least one of them");
        return;
    }
    wss_compile_step(c, ast, step);
    step->after_ms = period - tolerance;
    step->within_ms = period + tolerance;
    step->lasting_ms = (period + tolerance) * (lasting / period);
    *block = (struct wss_block){.steps = step, .count = 1};
    *out = *step;
    out->kind = WSN_REPEAT;
    out->count = lasting / period;
    out->blocks = block;
    out->block_count = 1;
    c->waits_ms += lasting;
}

/* ---- many clients ---- */

static bool find_index(const struct wss_env *env, const char *name, size_t n, const char **value,
                       size_t *length)
{
    if (n != 1 || *name != 'i')
        return false;
    *value = env->context;
    *length = strlen(*value);
    return true;
}

static void name_steps(struct wsn_step *steps, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (wsn_on_connection(steps[i].kind))
            steps[i].connection = name;
        for (size_t k = 0; k < steps[i].branch_count; k++)
            name_steps(steps[i].branches[k].steps, steps[i].branches[k].step_count, name);
    }
}

static bool is_for_each(struct wss_compiler *c, const struct wsn_step *ast)
{
    if (ast->connection || ast->every.present || ast->kind == WSN_CLIENTS) {
        wss_complain(
            c, ast->pos,
            "expected a step of one of the clients: no other connection, period or clients");
        return false;
    }
    return wsn_on_connection(ast->kind) || ast->branch_count > 0;
}

static void compile_one(struct wss_compiler *c, const struct wsn_step *ast,
                        struct wss_block *block);

static void compile_for(struct wss_compiler *c, const struct wsn_step *ast, unsigned client,
                        struct wss_block *block)
{
    char index[16], name[32];
    snprintf(index, sizeof index, "%u", client);
    snprintf(name, sizeof name, "client-%u", client);
    struct wss_env env = {.find = find_index, .context = index};
    struct wsn_step *bound = wss_bind_steps(c->arena, &env, ast, 1);
    if (!bound)
        return;
    name_steps(bound, 1, wsn_copy(c->arena, name, strlen(name)));
    compile_one(c, bound, block);
}

/* Step by step, each for all clients before the next. */
static void compile_clients(struct wss_compiler *c, const struct wsn_step *ast,
                            struct wss_step *out)
{
    unsigned clients = (unsigned)wss_count_of(c, &ast->value, WSN_MAX_CLIENTS);
    const struct wsn_branch *branch = &ast->branches[0];
    struct wss_block *block = wsn_alloc(c->arena, sizeof *block);
    if (!block)
        return;
    *block =
        (struct wss_block){.steps = wsn_alloc(c->arena, (3 * clients * branch->step_count + 1) *
                                                            sizeof *block->steps)};
    for (size_t i = 0; block->steps && i < branch->step_count && !c->failures; i++) {
        bool each = branch->steps[i].kind != WSN_COMMENT && is_for_each(c, &branch->steps[i]);
        for (unsigned k = 0; each && k < clients; k++)
            compile_for(c, &branch->steps[i], k, block);
        if (!each)
            compile_one(c, &branch->steps[i], block);
    }
    *out = (struct wss_step){
        .kind = WSN_REPEAT, .ast = ast, .count = 1, .blocks = block, .block_count = 1};
}

/* ---- a block ---- */

static void compile_one(struct wss_compiler *c, const struct wsn_step *ast, struct wss_block *block)
{
    struct wss_step *out = &block->steps[block->count];
    if (*c->arena->failed || ast->kind == WSN_COMMENT)
        return;
    block->count += ast->kind == WSN_REACHABLE ? 3 : 1;
    if (ast->kind == WSN_REACHABLE)
        compile_reachable(c, ast, out);
    else if (ast->kind == WSN_CLIENTS)
        compile_clients(c, ast, out);
    else if (ast->every.present)
        compile_every(c, ast, out);
    else
        wss_compile_step(c, ast, out);
}

/* Which Closes the script answers itself. */
static void mark_answered(struct wss_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        struct wss_step *close = &block->steps[i];
        for (size_t k = i + 1; close->kind == WSN_EXPECT_CLOSE && k < block->count; k++) {
            const struct wss_step *later = &block->steps[k];
            if (later->kind == WSN_SEND_FRAME && later->opcode == WSC_CLOSE &&
                later->lane == close->lane)
                close->answered = true;
        }
    }
}

void wss_compile_steps(struct wss_compiler *c, const struct wsn_step *steps, size_t count,
                       struct wss_block *block)
{
    block->steps = wsn_alloc(c->arena, (3 * count + 1) * sizeof *block->steps);
    for (size_t i = 0; block->steps && i < count; i++)
        compile_one(c, &steps[i], block);
    mark_answered(block);
}
