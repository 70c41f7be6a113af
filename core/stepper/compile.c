/* compile.c - bound syntax to typed steps. */
#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/check.h>

void wss_complain(struct wss_compiler *compiler, struct wsn_pos pos, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (wss_in_block(compiler->source, pos))
        wsn_error(compiler->arena, compiler->errors, pos, 1, "%s (in case %s)", text, compiler->id);
    else
        wsn_error(compiler->arena, compiler->errors, pos, 1, "%s", text);
    compiler->failures++;
}

const struct wsq_requirement *wss_requirement(struct wss_compiler *compiler,
                                              const struct wsn_text *id)
{
    const char *name = wss_plain(compiler->arena, id, NULL);
    const struct wsq_requirement *row = wsq_requirement(name);
    if (!row)
        wss_complain(compiler, id->pos, "expected a requirement of the catalogue, found `%s`",
                     name);
    else if (row->grade == WSQ_GRADE_DUP)
        wss_complain(compiler, id->pos, "requirement %s is judged as %s: cite that", name,
                     row->same_as);
    else if (row->grade == WSQ_GRADE_NA)
        wss_complain(compiler, id->pos, "requirement %s cannot be seen from outside", name);
    return row;
}

static void complain_of_value(struct wss_compiler *c, const struct wsn_text *text,
                              const struct wsn_part *part)
{
    int n = (int)part->n;
    wss_complain(c, text->pos,
                 "`$%.*s` has no value here: --set %.*s=… gives it one for a run, `set`, `each` or "
                 "`let` above it in the script",
                 n, part->p, n, part->p);
}

/* The text of a token that must be known now. */
const char *wss_token(struct wss_compiler *c, const struct wsn_text *text, size_t *n)
{
    for (size_t i = 0; i < text->count; i++) {
        if (text->parts[i].variable) {
            complain_of_value(c, text, &text->parts[i]);
            break;
        }
    }
    return wss_plain(c->arena, text, n);
}

/* A payload, value or pattern may also hold what is known at run time. */
static void check_text(struct wss_compiler *c, const struct wsn_text *text)
{
    for (size_t i = 0; i < text->count; i++) {
        const struct wsn_part *part = &text->parts[i];
        if (part->variable && !wss_runtime_name(part->p, part->n) &&
            !wss_program_captures(c->program, part->p, part->n))
            complain_of_value(c, text, part);
    }
}

static void check_size(struct wss_compiler *c, const struct wsn_text *text)
{
    if (text->present && !wss_has_variable(text) && !wss_size_valid(c->arena, text))
        wss_complain(c, text->pos, "expected a number of bytes, found `%s`",
                     wss_plain(c->arena, text, NULL));
}

/* `text`: a regular expression in it sees characters. */
static void check_payload(struct wss_compiler *c, const struct wsn_payload *payload, bool text)
{
    for (size_t i = 0; i < payload->count; i++) {
        const struct wsn_term *term = &payload->terms[i];
        check_text(c, &term->text);
        check_text(c, &term->times);
        check_size(c, &term->times);
        if (term->kind == WSN_TERM_RANDOM || term->kind == WSN_TERM_JSON ||
            term->kind == WSN_TERM_PROSE)
            check_size(c, &term->text);
        if (term->kind == WSN_TERM_REGEX && !wss_has_variable(&term->text)) {
            size_t n;
            const char *p = wss_plain(c->arena, &term->text, &n);
            const char *why = wss_regex_error(c->arena, p, n, text);
            if (why)
                wss_complain(c, term->text.pos, "the regular expression does not compile: %s", why);
        }
        if (term->kind == WSN_TERM_VALUE && !wss_has_variable(&term->text)) {
            size_t n;
            const char *p = wss_plain(c->arena, &term->text, &n);
            if (!wss_json_valid(p, n))
                wss_complain(c, term->text.pos, "the JSON value cannot be read");
        }
        if (term->kind == WSN_TERM_FILE)
            wss_complain(c, term->text.pos, "the file cannot be read");
    }
}

uint64_t wss_number_of(struct wss_compiler *c, const struct wsn_text *text, uint64_t max)
{
    size_t n;
    uint64_t value = 0;
    const char *p = wss_token(c, text, &n);
    if (!wsn_number(p, n, max, &value))
        wss_complain(c, text->pos, "expected a number up to %llu, found `%s`",
                     (unsigned long long)max, p);
    return value;
}

uint64_t wss_count_of(struct wss_compiler *c, const struct wsn_text *text, uint64_t max)
{
    size_t before = c->failures;
    uint64_t value = wss_number_of(c, text, max);
    if (!value && c->failures == before)
        wss_complain(c, text->pos, "expected a number from 1, found 0");
    return value;
}

uint64_t wss_duration_of(struct wss_compiler *c, const struct wsn_text *text)
{
    size_t n;
    const char *p = wss_token(c, text, &n);
    int64_t ms = wsn_duration(p, n);
    if (ms < 0)
        wss_complain(c, text->pos, "expected a duration such as `300ms`, found `%s`", p);
    return ms < 0 ? 0 : (uint64_t)ms;
}

static int opcode_of(const char *word)
{
    static const struct {
        const char *word;
        int opcode;
    } table[] = {{"text", WSC_TEXT}, {"binary", WSC_BINARY}, {"cont", WSC_CONT},
                 {"ping", WSC_PING}, {"pong", WSC_PONG},     {"close", WSC_CLOSE}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].word, word) == 0)
            return table[i].opcode;
    }
    return -1;
}

static void compile_verb(struct wss_compiler *c, struct wss_step *step)
{
    size_t n;
    if (step->kind == WSN_EXPECT_FRAME && !step->ast->verb.present) {
        step->any_opcode = true;
        return;
    }
    if (step->kind == WSN_SEND_REQUEST || step->kind == WSN_EXPECT_REQUEST ||
        step->kind == WSN_CONNECT)
        return;
    const char *word = wss_token(c, &step->ast->verb, &n);
    int opcode = opcode_of(word);
    if (opcode >= 0)
        step->opcode = (uint8_t)opcode;
    else if (strcmp(word, "frame") != 0)
        wss_complain(c, step->ast->verb.pos, "expected a frame's type, found `%s`", word);
}

/* "400", "4xx" */
static struct wss_range range_of(struct wss_compiler *c, const struct wsn_text *text)
{
    size_t n;
    uint64_t value;
    const char *p = wss_token(c, text, &n);
    if (n == 3 && p[0] >= '1' && p[0] <= '5' && p[1] == 'x' && p[2] == 'x')
        return (struct wss_range){(unsigned)(p[0] - '0') * 100, (unsigned)(p[0] - '0') * 100 + 99};
    if (!wsn_number(p, n, 65535, &value)) {
        wss_complain(c, text->pos, "expected a status or a code, found `%s`", p);
        value = 0;
    }
    return (struct wss_range){(unsigned)value, (unsigned)value};
}

static unsigned lane_of(struct wss_compiler *c, const char *name)
{
    struct wss_program *program = c->program;
    for (size_t i = 0; i < program->lane_count; i++) {
        const char *other = program->lanes[i];
        if (name == other || (name && other && strcmp(name, other) == 0))
            return (unsigned)i;
    }
    const char **grown = wsn_alloc(c->arena, (program->lane_count + 1) * sizeof *grown);
    if (!grown)
        return 0;
    if (program->lane_count)
        memcpy(grown, program->lanes, program->lane_count * sizeof *grown);
    grown[program->lane_count] = name;
    program->lanes = grown;
    return (unsigned)program->lane_count++;
}

static void compile_lines(struct wss_compiler *c, struct wss_step *step)
{
    const struct wsn_step *ast = step->ast;
    step->line_charges = wsn_alloc(c->arena, (ast->line_count + 1) * sizeof *step->line_charges);
    for (size_t i = 0; step->line_charges && i < ast->line_count; i++) {
        const struct wsn_line *line = &ast->lines[i];
        check_text(c, &line->name);
        check_text(c, &line->value);
        check_payload(c, &line->payload, true);
        step->line_charges[i] =
            line->charge.present ? wss_requirement(c, &line->charge) : step->charge;
        if (line->kind == WSN_LINE_MATCH && !wss_has_variable(&line->value)) {
            size_t n;
            const char *p = wss_plain(c->arena, &line->value, &n);
            const char *why = wss_regex_error(c->arena, p, n, false);
            if (why)
                wss_complain(c, line->pos, "the regular expression does not compile: %s", why);
        }
    }
}

/* Can it be told of one thing that came, whatever else did? */
static bool is_one_event(enum wsn_step_kind kind)
{
    return kind == WSN_EXPECT_MESSAGE || kind == WSN_EXPECT_FRAME || kind == WSN_EXPECT_CLOSE ||
           kind == WSN_EXPECT_EOF || kind == WSN_EXPECT_STATUS || kind == WSN_EXPECT_REFUSE;
}

/* What must never come is charged as `never` says, and read on its connection. */
static void settle_pattern(struct wss_compiler *c, struct wss_step *never)
{
    if (never->block_count && never->blocks[0].count &&
        !is_one_event(never->blocks[0].steps[0].kind))
        wss_complain(c, never->ast->pos,
                     "expected what can be told when it comes: a message, a frame, an answer, "
                     "`close` or `eof`");
    for (size_t i = 0; never->block_count && i < never->blocks[0].count; i++) {
        never->blocks[0].steps[i].lane = never->lane;
        never->blocks[0].steps[i].charge = never->charge;
        never->blocks[0].steps[i].precondition = false;
        never->blocks[0].steps[i].validated = false;
    }
}

static void compile_blocks(struct wss_compiler *c, struct wss_step *step)
{
    const struct wsn_step *ast = step->ast;
    step->blocks = wsn_alloc(c->arena, (ast->branch_count + 1) * sizeof *step->blocks);
    step->block_count = step->blocks ? ast->branch_count : 0;
    uint64_t before = c->waits_ms;
    bool expected = c->expects_message;
    uint64_t first = 0;
    c->branching += step->kind == WSN_EITHER;
    for (size_t i = 0; i < step->block_count; i++) {
        const struct wsn_branch *branch = &ast->branches[i];
        step->blocks[i].grade = branch->grade;
        step->blocks[i].why = branch->why.present ? wss_plain(c->arena, &branch->why, NULL) : NULL;
        wss_compile_steps(c, branch->steps, branch->step_count, &step->blocks[i]);
        first = i ? first : c->waits_ms;
    }
    c->branching -= step->kind == WSN_EITHER;
    if (step->kind == WSN_EITHER) /* the others are detours */
        c->waits_ms = first;
    if (step->kind == WSN_REPEAT)
        c->waits_ms = before + (c->waits_ms - before) * step->count;
    if (step->kind == WSN_NEVER) {
        c->expects_message = expected;
        settle_pattern(c, step);
    }
}

static void compile_codes(struct wss_compiler *c, struct wss_step *step)
{
    const struct wsn_step *ast = step->ast;
    step->codes = wsn_alloc(c->arena, (ast->code_count + 1) * sizeof *step->codes);
    step->code_count = step->codes ? ast->code_count : 0;
    for (size_t i = 0; i < step->code_count; i++)
        step->codes[i] = range_of(c, &ast->codes[i]);
}

static void check_path(struct wss_compiler *c, const struct wss_step *step)
{
    const struct wsn_text *path = &step->ast->value;
    if (strcmp(wss_plain(c->arena, &step->ast->verb, NULL), "json") != 0 || !path->present ||
        wss_has_variable(path))
        return;
    const char *text = wss_plain(c->arena, path, NULL);
    if (!wss_json_path_valid(text))
        wss_complain(c, path->pos,
                     "expected a place in a JSON value, as `$.user.ids[0]`, found `$%s`", text);
}

static void compile_values(struct wss_compiler *c, struct wss_step *step)
{
    const struct wsn_step *ast = step->ast;
    if (step->kind == WSN_WAIT || step->kind == WSN_SILENT) {
        step->ms = wss_duration_of(c, &ast->value);
        c->waits_ms += step->ms;
    }
    if (step->kind == WSN_REPEAT)
        step->count = wss_count_of(c, &ast->value, WSN_MAX_REPEAT);
    if (ast->within.present)
        step->within_ms = wss_duration_of(c, &ast->within);
    if (step->kind == WSN_LET) {
        check_text(c, &ast->value);
        check_path(c, step);
        if (!wss_program_capture(c->program, c->arena, wss_plain(c->arena, &ast->name, NULL)))
            wss_complain(c, ast->pos, "a case takes at most %d values of other names",
                         WSS_CAPTURES);
        c->captures_secrets = c->captures_secrets || wss_keeps_secret(ast);
    }
    check_text(c, &ast->target);
}

/* `101`, and not `1xx`, which takes whatever stands there. */
static bool names_101(const struct wss_step *step)
{
    for (size_t i = 0; i < step->code_count; i++)
        if (step->codes[i].lo == 101 && step->codes[i].hi == 101)
            return true;
    return false;
}

static void compile_kind(struct wss_compiler *c, struct wss_step *step)
{
    switch ((int)step->kind) { /* the others are as they were written */
    case WSN_SEND_FRAME:
    case WSN_EXPECT_MESSAGE:
    case WSN_EXPECT_FRAME:
        compile_verb(c, step);
        break;
    case WSN_EXPECT_STATUS:
        step->precondition = !step->ast->charge.present && c->program->law &&
                             step->code_count == 1 && names_101(step);
        step->validated = !step->precondition && names_101(step);
        break;
    case WSN_USE:
        wss_complain(c, step->ast->pos, "no block has this name");
        break;
    case WSN_EXITS:
    case WSN_STOP:
    case WSN_RESTART:
        c->moves_target = true;
        if (c->branching)
            wss_complain(c, step->ast->pos,
                         "expected outside `either`: what happens to the target's process happens "
                         "to every branch");
        break;
    case WSN_CONNECT:
        step->how.transport =
            strcmp(wss_token(c, &step->ast->verb, NULL), "tls") == 0 ? WSS_TLS : WSS_PLAIN;
        break;
    }
    if (step->kind == WSN_EXPECT_ECHO || step->kind == WSN_EXPECT_FRAME ||
        (step->kind == WSN_EXPECT_MESSAGE && !wsc_is_control(step->opcode)))
        c->expects_message = true;
}

void wss_compile_step(struct wss_compiler *c, const struct wsn_step *ast, struct wss_step *step)
{
    step->kind = ast->kind;
    step->ast = ast;
    step->line = wss_script_line(c->source, ast->pos);
    step->modifiers.fin = true;
    step->modifiers.eol = "\r\n";
    step->modifiers.eol_len = 2;
    step->any_payload = !ast->payload.present;
    step->charge = ast->charge.present ? wss_requirement(c, &ast->charge) : c->program->law;
    step->lane = lane_of(c, ast->connection);
    compile_codes(c, step);
    compile_kind(c, step);
    for (size_t i = 0; i < ast->modifier_count; i++)
        wss_compile_modifier(c, &ast->modifiers[i], step);
    compile_values(c, step);
    check_payload(c, &ast->payload, step->kind == WSN_EXPECT_MESSAGE && step->opcode == WSC_TEXT);
    check_payload(c, &ast->reason, true);
    compile_lines(c, step);
    if (wsn_sends(step->kind) &&
        (wss_payload_pattern(&ast->payload) || wss_payload_pattern(&ast->reason)))
        wss_complain(c, ast->pos, "a pattern can only be expected, not sent");
    compile_blocks(c, step);
}
