/* lint.c - what only the whole case shows: scripts that could not mean what they say. */
#include "program.h"

#include <string.h>
#include <wsc/scan.h>
#include <wsq/secret.h>

bool wss_runtime_name(const char *name, size_t n)
{
    static const char *const names[] = {"host", "port", "path", "key", "accept", "i"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0)
            return true;
    }
    return false;
}

bool wss_keeps_secret(const struct wsn_step *let)
{
    const struct wsn_part *name = let->name.count ? &let->name.parts[0] : NULL;
    return let->secret || (name && wsq_secret_name(name->p, name->n));
}

bool wss_program_captures(const struct wss_program *program, const char *name, size_t n)
{
    for (size_t i = 0; i < program->capture_count; i++) {
        if (strlen(program->captures[i]) == n && memcmp(program->captures[i], name, n) == 0)
            return true;
    }
    return false;
}

bool wss_program_capture(struct wss_program *program, struct wsn_arena *arena, const char *name)
{
    if (wss_program_captures(program, name, strlen(name)))
        return true;
    const char *copy =
        program->capture_count < WSS_CAPTURES ? wsn_copy(arena, name, strlen(name)) : NULL;
    if (copy)
        program->captures[program->capture_count++] = copy;
    return program->capture_count < WSS_CAPTURES || copy;
}

static bool contains(const struct wss_block *block, enum wsn_step_kind kind)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct wss_step *step = &block->steps[i];
        if (step->kind == kind)
            return true;
        for (size_t k = 0; k < step->block_count; k++) {
            if (contains(&step->blocks[k], kind))
                return true;
        }
    }
    return false;
}

/* The payloads that a case sends in frames, in order. */
struct payloads {
    struct {
        const struct wss_step *step;
        const uint8_t *data; /* NULL: nothing else has its length so far */
        size_t len;
    } list[256];
    size_t count;
};

static bool same_payload(struct wss_compiler *c, struct payloads *seen, size_t a, size_t b)
{
    const size_t both[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        size_t at = both[i], n;
        if (!seen->list[at].data)
            seen->list[at].data =
                wss_payload_bytes(c->arena, &seen->list[at].step->ast->payload, 1, &n);
    }
    const uint8_t *x = seen->list[a].data, *y = seen->list[b].data;
    return x && y && memcmp(x, y, seen->list[a].len) == 0;
}

static void compare_payload(struct wss_compiler *c, struct payloads *seen,
                            const struct wss_step *step)
{
    size_t len, at = seen->count;
    if (step->kind != WSN_SEND_FRAME || step->opcode == WSC_CLOSE ||
        !wss_payload_constant(&step->ast->payload) ||
        !wss_payload_length(c->arena, &step->ast->payload, &len) || !len ||
        at == sizeof seen->list / sizeof *seen->list)
        return;
    seen->list[at].step = step;
    seen->list[at].data = NULL;
    seen->list[at].len = len;
    for (size_t i = 0; i < at; i++) {
        if (seen->list[i].len == len && seen->list[i].step->lane == step->lane &&
            same_payload(c, seen, i, at)) {
            wss_complain(c, step->ast->pos,
                         "the payload is that of line %u: around an offence each must be unique",
                         seen->list[i].step->ast->pos.line);
            return;
        }
    }
    seen->count++;
}

static void compare_payloads(struct wss_compiler *c, struct payloads *seen,
                             const struct wss_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        compare_payload(c, seen, &block->steps[i]);
        for (size_t k = 0; block->steps[i].kind != WSN_REPEAT && k < block->steps[i].block_count;
             k++)
            compare_payloads(c, seen, &block->steps[i].blocks[k]);
    }
}

static const char *print_block(struct wss_compiler *c, const struct wss_block *block, size_t count)
{
    struct wsn_buffer out = {0};
    for (size_t i = 0; i < count; i++) {
        struct wsn_step plain = *block->steps[i].ast;
        plain.charge = (struct wsn_text){0};
        plain.comment = NULL;
        wsn_print_step(&plain, 0, &out);
    }
    const char *text = wsn_copy(c->arena, out.p ? out.p : "", out.n);
    *c->arena->failed = *c->arena->failed || out.full;
    wsn_buffer_drop(&out);
    return text ? text : "";
}

/* A branch whose beginning is an earlier branch whole: the earlier one is through first, always. */
static void compare_branches(struct wss_compiler *c, const struct wss_step *either)
{
    for (size_t i = 1; i < either->block_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct wss_block *a = &either->blocks[k], *b = &either->blocks[i];
            if (a->count <= b->count &&
                strcmp(print_block(c, a, a->count), print_block(c, b, a->count)) == 0)
                wss_complain(c, either->ast->branches[i].pos,
                             "this branch can never be told from branch %zu above", k + 1);
        }
    }
}

/* Was the request made wrong, or odd, on purpose?  Adding a field is no change; touching one that
 * every handshake has is. */
static bool changed_line(struct wss_compiler *c, const struct wsn_line *line)
{
    static const char *const fixed[] = {"host", "upgrade", "connection", "sec-websocket-key",
                                        "sec-websocket-version"};
    if (line->kind == WSN_LINE_RAW || line->kind == WSN_LINE_BODY)
        return true;
    const char *name = wss_plain(c->arena, &line->name, NULL);
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        size_t n = strlen(fixed[i]), k = 0;
        while (k < n && (name[k] | 32) == fixed[i][k])
            k++;
        if (k == n && !name[k])
            return true;
    }
    return false;
}

static bool changed_request(struct wss_compiler *c, const struct wsn_step *ast)
{
    if (ast->payload.present || ast->version.present || ast->modifier_count || ast->open)
        return true;
    if (strcmp(wss_plain(c->arena, &ast->verb, NULL), "GET") != 0)
        return true;
    for (size_t i = 0; i < ast->line_count; i++) {
        if (changed_line(c, &ast->lines[i]))
            return true;
    }
    return false;
}

static void lint_block(struct wss_compiler *c, const struct wss_block *block,
                       const struct wss_step **request)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct wss_step *step = &block->steps[i];
        if (step->kind == WSN_SEND_REQUEST)
            *request = step;
        if (step->precondition && *request && (*request)->lane == step->lane &&
            changed_request(c, (*request)->ast))
            wss_complain(c, step->ast->pos,
                         "the request above was changed on purpose: expected `@id` behind `101`");
        if (step->kind == WSN_EITHER)
            compare_branches(c, step);
        for (size_t k = 0; k < step->block_count; k++)
            lint_block(c, &step->blocks[k], request);
    }
}

void wss_lint(struct wss_compiler *compiler, const struct wss_block *body)
{
    const struct wss_step *request = NULL;
    lint_block(compiler, body, &request);
    if (contains(body, WSN_EXPECT_FAIL)) {
        struct payloads *seen = wsn_alloc(compiler->arena, sizeof *seen);
        if (seen)
            compare_payloads(compiler, seen, body);
    }
}
