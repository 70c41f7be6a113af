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

/* The text of a token that must be known now. */
static const char *token(struct wss_compiler *c, const struct wsn_text *text, size_t *n)
{
    for (size_t i = 0; i < text->count; i++) {
        if (text->parts[i].variable) {
            wss_complain(c, text->pos, "`$%.*s` has no value here", (int)text->parts[i].n,
                         text->parts[i].p);
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
            wss_complain(c, text->pos, "`$%.*s` has no value here", (int)part->n, part->p);
    }
}

static void check_size(struct wss_compiler *c, const struct wsn_text *text)
{
    if (text->present && !wss_has_variable(text) && !wss_size_valid(c->arena, text))
        wss_complain(c, text->pos, "expected a number of bytes, found `%s`",
                     wss_plain(c->arena, text, NULL));
}

static void check_payload(struct wss_compiler *c, const struct wsn_payload *payload)
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
            const char *why = wss_regex_error(c->arena, p, n);
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

static bool number(const char *p, size_t n, uint64_t *out)
{
    unsigned base = 10;
    if (n > 2 && p[0] == '0' && (p[1] | 32) == 'x') {
        base = 16;
        p += 2;
        n -= 2;
    }
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit =
            (unsigned)(p[i] >= '0' && p[i] <= '9'                 ? p[i] - '0'
                       : (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ? (p[i] | 32) - 'a' + 10
                                                                  : 99);
        if (digit >= base || *out > (UINT64_MAX - digit) / base)
            return false;
        *out = *out * base + digit;
    }
    return n > 0;
}

static uint64_t number_of(struct wss_compiler *c, const struct wsn_text *text, uint64_t max)
{
    size_t n;
    uint64_t value = 0;
    const char *p = token(c, text, &n);
    if (!number(p, n, &value) || value > max)
        wss_complain(c, text->pos, "expected a number up to %llu, found `%s`",
                     (unsigned long long)max, p);
    return value;
}

uint64_t wss_count_of(struct wss_compiler *c, const struct wsn_text *text, uint64_t max)
{
    size_t before = c->failures;
    uint64_t value = number_of(c, text, max);
    if (!value && c->failures == before)
        wss_complain(c, text->pos, "expected a number from 1, found 0");
    return value;
}

uint64_t wss_duration_of(struct wss_compiler *c, const struct wsn_text *text)
{
    size_t n;
    const char *p = token(c, text, &n);
    int64_t ms = wsn_duration(p, n);
    if (ms < 0)
        wss_complain(c, text->pos, "expected a duration such as `300ms`, found `%s`", p);
    return ms < 0 ? 0 : (uint64_t)ms;
}

static void mask_of(struct wss_compiler *c, const struct wsn_modifier *m, struct wss_modifiers *out)
{
    size_t n;
    uint64_t key;
    const char *p = token(c, &m->value, &n);
    if (strcmp(p, "none") == 0) {
        out->masking = WSS_MASK_NONE;
    } else if (strcmp(p, "zero") == 0) {
        out->masking = WSS_MASK_KEY;
    } else if (n == 10 && number(p, n, &key)) {
        out->masking = WSS_MASK_KEY;
        for (int i = 0; i < 4; i++)
            out->key[i] = (uint8_t)(key >> (24 - 8 * i));
    } else {
        wss_complain(c, m->value.pos,
                     "expected `none`, `zero` or eight hex digits behind 0x, found `%s`", p);
    }
}

static void length_of(struct wss_compiler *c, const struct wsn_modifier *m,
                      struct wss_modifiers *out)
{
    size_t n;
    const char *p = token(c, &m->value, &n), *colon = memchr(p, ':', n);
    uint64_t form = 0, length = 0;
    bool good = colon && number(p, (size_t)(colon - p), &form) &&
                number(colon + 1, n - (size_t)(colon - p) - 1, &length);
    if (!good || (form != 7 && form != 16 && form != 64) || (form == 7 && length > 127) ||
        (form == 16 && length > 65535))
        wss_complain(c, m->value.pos, "expected `7:N`, `16:N` or `64:N`, found `%s`", p);
    out->form = (uint8_t)form;
    out->length = length;
    out->length_set = true;
}

static void cuts_of(struct wss_compiler *c, const struct wsn_modifier *m, struct wss_modifiers *out)
{
    size_t n;
    const char *p = token(c, &m->value, &n);
    out->cuts = wsn_alloc(c->arena, (n + 1) * sizeof *out->cuts);
    while (out->cuts) {
        const char *comma = strchr(p, ',');
        size_t length = comma ? (size_t)(comma - p) : strlen(p);
        uint64_t at;
        if (!number(p, length, &at) || (out->cut_count && at <= out->cuts[out->cut_count - 1])) {
            wss_complain(c, m->value.pos, "expected ascending offsets such as `1,3,7`");
            return;
        }
        out->cuts[out->cut_count++] = at;
        if (!comma)
            return;
        p = comma + 1;
    }
}

static void rsv_of(struct wss_compiler *c, const struct wsn_modifier *m, struct wss_step *step)
{
    size_t n;
    const char *p = token(c, &m->value, &n);
    step->rsv_set = true;
    for (size_t i = 0; i < n; i++) {
        if (p[i] >= '1' && p[i] <= '3')
            step->modifiers.rsv |= (uint8_t)(4 >> (p[i] - '1'));
        else if (p[i] != '0')
            wss_complain(c, m->value.pos, "expected the bits' numbers 1 to 3, found `%s`", p);
    }
}

static unsigned tls_version_of(struct wss_compiler *c, const struct wsn_modifier *m)
{
    const char *p = token(c, &m->value, NULL);
    if (strlen(p) == 3 && p[0] == '1' && p[1] == '.' && p[2] >= '0' && p[2] <= '3')
        return 10 + (unsigned)(p[2] - '0');
    wss_complain(c, m->value.pos, "expected a version of TLS, 1.0 to 1.3, found `%s`", p);
    return 0;
}

/* Names with commas between them, each of 1 to 255 bytes. */
static const char *alpn_of(struct wss_compiler *c, const struct wsn_modifier *m)
{
    const char *names = token(c, &m->value, NULL);
    for (const char *p = names;; p += strcspn(p, ",") + 1) {
        size_t n = strcspn(p, ",");
        if (n == 0 || n > 255) {
            wss_complain(c, m->value.pos, "expected protocols such as `h2,http/1.1`, found `%s`",
                         names);
            return NULL;
        }
        if (!p[n])
            return names;
    }
}

static void deflated_of(struct wss_compiler *c, const struct wsn_modifier *m,
                        struct wss_deflated *out)
{
    *out = (struct wss_deflated){.on = true, .level = 6};
    for (size_t i = 0; i < m->argument_count; i++) {
        const struct wsn_modifier *argument = &m->arguments[i];
        if (strcmp(argument->name, "level") == 0)
            out->level = (int)number_of(c, &argument->value, 9);
        else if (strcmp(argument->name, "bits") == 0)
            out->bits = (unsigned)number_of(c, &argument->value, 15);
        else if (strcmp(argument->name, "fresh") == 0)
            out->fresh = true;
        else if (strcmp(argument->name, "final") == 0)
            out->final = true;
        else
            out->keep_tail = true;
    }
    if (out->bits && out->bits < 8)
        wss_complain(c, m->pos, "expected `bits=8` to `bits=15`");
}

static void compile_modifier(struct wss_compiler *c, const struct wsn_modifier *m,
                             struct wss_step *step)
{
    struct wss_modifiers *out = &step->modifiers;
    if (strcmp(m->name, "fin") == 0) {
        out->fin = number_of(c, &m->value, 1) != 0;
        step->fin_set = true;
    } else if (strcmp(m->name, "rsv") == 0) {
        rsv_of(c, m, step);
    } else if (strcmp(m->name, "mask") == 0) {
        mask_of(c, m, out);
        step->mask_set = true;
    } else if (strcmp(m->name, "len") == 0) {
        length_of(c, m, out);
    } else if (strcmp(m->name, "deflated") == 0) {
        deflated_of(c, m, &out->deflated);
        if (wsc_is_control(step->opcode))
            wss_complain(c, m->pos, "only messages are compressed: write the bytes and rsv=1");
    } else if (strcmp(m->name, "fragment") == 0) {
        out->fragment = wss_count_of(c, &m->value, 1 << 30);
    } else if (strcmp(m->name, "chop") == 0) {
        out->chop = wss_count_of(c, &m->value, 1 << 30);
    } else if (strcmp(m->name, "cut") == 0) {
        cuts_of(c, m, out);
    } else if (strcmp(m->name, "pause") == 0) {
        out->pause_ms = wss_duration_of(c, &m->value);
        c->waits_ms += out->pause_ms;
    } else if (strcmp(m->name, "opcode") == 0) {
        step->opcode = (uint8_t)number_of(c, &m->value, 15);
        step->any_opcode = false;
    } else if (strcmp(m->name, "eol") == 0) {
        out->eol = token(c, &m->value, &out->eol_len);
    } else if (strcmp(m->name, "sni") == 0) {
        step->how.sni = token(c, &m->value, NULL);
    } else if (strcmp(m->name, "alpn") == 0) {
        step->how.alpn = alpn_of(c, m);
    } else if (strcmp(m->name, "max") == 0) {
        step->how.max_tls = tls_version_of(c, m);
    } else {
        wss_complain(c, m->pos, "`%s` is not available yet", m->name);
    }
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
    const char *word = token(c, &step->ast->verb, &n);
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
    const char *p = token(c, text, &n);
    if (n == 3 && p[0] >= '1' && p[0] <= '5' && p[1] == 'x' && p[2] == 'x')
        return (struct wss_range){(unsigned)(p[0] - '0') * 100, (unsigned)(p[0] - '0') * 100 + 99};
    if (!number(p, n, &value) || value > 65535) {
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
        check_payload(c, &line->payload);
        step->line_charges[i] =
            line->charge.present ? wss_requirement(c, &line->charge) : step->charge;
        if (line->kind == WSN_LINE_MATCH && !wss_has_variable(&line->value)) {
            size_t n;
            const char *p = wss_plain(c->arena, &line->value, &n);
            const char *why = wss_regex_error(c->arena, p, n);
            if (why)
                wss_complain(c, line->pos, "the regular expression does not compile: %s", why);
        }
    }
}

/* What must never come is charged as `never` says, and read on its connection. */
static void settle_pattern(struct wss_step *never)
{
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
        settle_pattern(step);
    }
}

static bool sends(enum wsn_step_kind kind)
{
    return kind >= WSN_SEND_REQUEST && kind <= WSN_SEND_RESET;
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
        step->count = wss_count_of(c, &ast->value, 100000000);
    if (ast->within.present)
        step->within_ms = wss_duration_of(c, &ast->within);
    if (step->kind == WSN_LET) {
        check_path(c, step);
        wss_program_capture(c->program, c->arena, wss_plain(c->arena, &ast->name, NULL));
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
    switch (step->kind) {
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
    case WSN_SEND_REQUEST:
    case WSN_SEND_RESPONSE:
    case WSN_SEND_RAW:
    case WSN_SEND_FIN:
    case WSN_SEND_RESET:
    case WSN_EXPECT_REQUEST:
    case WSN_EXPECT_REFUSE:
    case WSN_EXPECT_REFUSED:
    case WSN_EXPECT_ECHO:
    case WSN_EXPECT_CLOSE:
    case WSN_EXPECT_FAIL:
    case WSN_EXPECT_EOF:
    case WSN_ALIVE:
    case WSN_REACHABLE:
    case WSN_NEVER:
    case WSN_SILENT:
    case WSN_WAIT:
    case WSN_DEAF:
    case WSN_HEAR:
    case WSN_CLIENTS:
    case WSN_REPEAT:
    case WSN_EITHER:
    case WSN_LET:
    case WSN_COMMENT:
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
            strcmp(token(c, &step->ast->verb, NULL), "tls") == 0 ? WSS_TLS : WSS_PLAIN;
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
        compile_modifier(c, &ast->modifiers[i], step);
    compile_values(c, step);
    check_payload(c, &ast->payload);
    check_payload(c, &ast->reason);
    compile_lines(c, step);
    if (sends(step->kind) &&
        (wss_payload_pattern(&ast->payload) || wss_payload_pattern(&ast->reason)))
        wss_complain(c, ast->pos, "a pattern can only be expected, not sent");
    compile_blocks(c, step);
}
