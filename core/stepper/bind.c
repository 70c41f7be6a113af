/* bind.c - put values in place of variables: copies of syntax, nothing is changed in place. */
#include "program.h"

#include <string.h>

bool wss_has_variable(const struct wsn_text *text)
{
    for (size_t i = 0; i < text->count; i++) {
        if (text->parts[i].variable)
            return true;
    }
    return false;
}

const char *wss_plain(struct wsn_arena *arena, const struct wsn_text *text, size_t *length)
{
    size_t n = 0;
    for (size_t i = 0; i < text->count; i++)
        n += text->parts[i].variable ? 0 : text->parts[i].n;
    char *out = wsn_alloc(arena, n + 1);
    size_t at = 0;
    for (size_t i = 0; out && i < text->count; i++) {
        if (!text->parts[i].variable && text->parts[i].n) {
            memcpy(out + at, text->parts[i].p, text->parts[i].n);
            at += text->parts[i].n;
        }
    }
    if (length)
        *length = out ? n : 0;
    return out ? out : "";
}

struct wsn_text wss_bind_text(struct wsn_arena *arena, const struct wss_env *env,
                              const struct wsn_text *text)
{
    struct wsn_text out = *text;
    if (!wss_has_variable(text))
        return out;
    out.parts = wsn_alloc(arena, text->count * sizeof *out.parts);
    if (!out.parts)
        return *text;
    memcpy(out.parts, text->parts, text->count * sizeof *out.parts);
    for (size_t i = 0; i < out.count; i++) {
        const char *value;
        size_t length;
        struct wsn_part *part = &out.parts[i];
        if (part->variable && env->find(env, part->p, part->n, &value, &length)) {
            part->variable = false;
            part->p = value;
            part->n = length;
        }
    }
    if (!wss_has_variable(&out)) { /* one part, as the parser would have made it */
        size_t n;
        const char *p = wss_plain(arena, &out, &n);
        out.parts[0] = (struct wsn_part){.p = p, .n = n};
        out.count = n ? 1 : 0;
    }
    return out;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;
    return p ? (int)(p - digits) : -1;
}

/* A hex(…) or base64(…) that held a variable is source text until now. */
static void decode(struct wsn_arena *arena, struct wsn_term *term)
{
    size_t n, out_len = 0;
    const char *p = wss_plain(arena, &term->text, &n);
    char *out = wsn_alloc(arena, n + 1);
    unsigned bits = 0, held = 0;
    bool hex = term->kind == WSN_TERM_HEX;
    for (size_t i = 0; out && i < n; i++) {
        int digit = hex ? nibble(p[i]) : sextet(p[i]);
        if (digit < 0)
            continue;
        held = held << (hex ? 4 : 6) | (unsigned)digit;
        bits += hex ? 4 : 6;
        if (bits >= 8) {
            bits -= 8;
            out[out_len++] = (char)(held >> bits & 255);
        }
    }
    struct wsn_part *part = wsn_alloc(arena, sizeof *part);
    if (!out || !part)
        return;
    *part = (struct wsn_part){.p = out, .n = out_len};
    term->text.parts = part;
    term->text.count = out_len ? 1 : 0;
}

/* A file's bytes take the place of its name. */
static void read_file(struct wsn_arena *arena, const struct wss_env *env, struct wsn_term *term)
{
    struct wsn_part *part = wsn_alloc(arena, sizeof *part);
    const char *path = wss_plain(arena, &term->text, NULL);
    if (!part || !path)
        return;
    part->p = env->read(env, arena, term->text.pos, path, &part->n);
    if (!part->p)
        return;
    term->kind = WSN_TERM_TEXT;
    term->text.parts = part;
    term->text.count = part->n ? 1 : 0;
    term->text.quoted = true;
}

static bool is_plain_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80);
}

/* The value as a pattern writes what it means to the letter: of a regular expression, or between
 * the quotes of JSON. */
static struct wsn_part quote(struct wsn_arena *arena, const char *p, size_t n, bool regex)
{
    static const char digits[] = "0123456789abcdef";
    char *out = wsn_alloc(arena, 6 * n + 1), *q = out;
    for (size_t i = 0; out && i < n; i++) {
        if (regex ? !is_plain_byte(p[i]) : p[i] == '"' || p[i] == '\\')
            *q++ = '\\';
        if (regex || (unsigned char)p[i] >= ' ') {
            *q++ = p[i];
        } else {
            memcpy(q, "\\u00", 4);
            q[4] = digits[p[i] >> 4];
            q[5] = digits[p[i] & 15];
            q += 6;
        }
    }
    return (struct wsn_part){.p = out, .n = (size_t)(q - out)};
}

/* Is the end of these bytes inside a string of JSON?  `inside`: is their beginning? */
static bool ends_in_quotes(const char *p, size_t n, bool inside)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\\' && inside)
            i++;
        else if (p[i] == '"')
            inside = !inside;
    }
    return inside;
}

/* A pattern in which values of the run stand for themselves. */
static struct wsn_text bind_pattern(struct wsn_arena *arena, const struct wss_env *env,
                                    const struct wsn_text *text, bool regex)
{
    struct wsn_text out = *text;
    bool inside = false;
    out.parts = wsn_alloc(arena, (text->count + 1) * sizeof *out.parts);
    out.count = out.parts ? text->count : 0;
    for (size_t i = 0; i < out.count; i++) {
        const struct wsn_part *part = &text->parts[i];
        const char *value;
        size_t n;
        out.parts[i] = *part;
        if (!part->variable)
            inside = ends_in_quotes(part->p, part->n, inside);
        else if ((regex || inside) && env->find(env, part->p, part->n, &value, &n))
            out.parts[i] = quote(arena, value, n, regex);
    }
    return out;
}

static struct wsn_term bind_term(struct wsn_arena *arena, const struct wss_env *env,
                                 const struct wsn_term *term)
{
    struct wsn_term out = *term;
    if (env->literal && (out.kind == WSN_TERM_REGEX || out.kind == WSN_TERM_VALUE))
        out.text = bind_pattern(arena, env, &term->text, out.kind == WSN_TERM_REGEX);
    out.text = wss_bind_text(arena, env, &out.text);
    out.times = wss_bind_text(arena, env, &term->times);
    bool held = wss_has_variable(&term->text) && !wss_has_variable(&out.text);
    if (held && (out.kind == WSN_TERM_HEX || out.kind == WSN_TERM_BASE64))
        decode(arena, &out);
    if (held && out.kind == WSN_TERM_TEXT)
        out.text.quoted = true; /* printed, a value is a string */
    if (out.kind == WSN_TERM_FILE && env->read && !wss_has_variable(&out.text))
        read_file(arena, env, &out);
    return out;
}

struct wsn_payload wss_bind_payload(struct wsn_arena *arena, const struct wss_env *env,
                                    const struct wsn_payload *payload)
{
    struct wsn_payload out = *payload;
    out.terms = wsn_alloc(arena, (payload->count + 1) * sizeof *out.terms);
    for (size_t i = 0; out.terms && i < payload->count; i++)
        out.terms[i] = bind_term(arena, env, &payload->terms[i]);
    if (!out.terms)
        out.count = 0;
    return out;
}

static struct wsn_modifier *bind_modifiers(struct wsn_arena *arena, const struct wss_env *env,
                                           const struct wsn_modifier *list, size_t count)
{
    struct wsn_modifier *out = wsn_alloc(arena, (count + 1) * sizeof *out);
    for (size_t i = 0; out && i < count; i++) {
        out[i] = list[i];
        out[i].value = wss_bind_text(arena, env, &list[i].value);
        out[i].arguments = bind_modifiers(arena, env, list[i].arguments, list[i].argument_count);
        out[i].argument_count = out[i].arguments ? list[i].argument_count : 0;
    }
    return out;
}

static struct wsn_line bind_line(struct wsn_arena *arena, const struct wss_env *env,
                                 const struct wsn_line *line)
{
    struct wsn_line out = *line;
    out.name = wss_bind_text(arena, env, &line->name);
    if (env->literal && line->kind == WSN_LINE_MATCH)
        out.value = bind_pattern(arena, env, &line->value, true);
    out.value = wss_bind_text(arena, env, &out.value);
    out.charge = wss_bind_text(arena, env, &line->charge);
    out.payload = wss_bind_payload(arena, env, &line->payload);
    out.params = wsn_alloc(arena, (line->param_count + 1) * sizeof *out.params);
    out.param_count = out.params ? line->param_count : 0;
    for (size_t i = 0; i < out.param_count; i++) {
        out.params[i] = line->params[i];
        out.params[i].name = wss_bind_text(arena, env, &line->params[i].name);
        out.params[i].value = wss_bind_text(arena, env, &line->params[i].value);
    }
    return out;
}

/* A value may be a target that a script has to put in quotes. */
static struct wsn_text bind_target(struct wsn_arena *arena, const struct wss_env *env,
                                   const struct wsn_text *target)
{
    struct wsn_text out = wss_bind_text(arena, env, target);
    if (!wss_has_variable(target) || wss_has_variable(&out))
        return out;
    const struct wsn_part *part = out.count ? &out.parts[0] : NULL;
    out.quoted = !part || part->p[0] != '/';
    for (size_t i = 0; part && i < part->n; i++)
        out.quoted = out.quoted || part->p[i] <= ' ' || part->p[i] == '"' || part->p[i] == 0x7f;
    return out;
}

static struct wsn_step bind_step(struct wsn_arena *arena, const struct wss_env *env,
                                 const struct wsn_step *step)
{
    struct wsn_step out = *step;
    out.verb = wss_bind_text(arena, env, &step->verb);
    out.target = bind_target(arena, env, &step->target);
    out.version = wss_bind_text(arena, env, &step->version);
    out.name = wss_bind_text(arena, env, &step->name);
    out.value = wss_bind_text(arena, env, &step->value);
    out.within = wss_bind_text(arena, env, &step->within);
    out.every = wss_bind_text(arena, env, &step->every);
    out.tolerance = wss_bind_text(arena, env, &step->tolerance);
    out.lasting = wss_bind_text(arena, env, &step->lasting);
    out.charge = wss_bind_text(arena, env, &step->charge);
    out.payload = wss_bind_payload(arena, env, &step->payload);
    out.reason = wss_bind_payload(arena, env, &step->reason);
    out.modifiers = bind_modifiers(arena, env, step->modifiers, step->modifier_count);
    out.modifier_count = out.modifiers ? step->modifier_count : 0;
    out.codes = wsn_alloc(arena, (step->code_count + 1) * sizeof *out.codes);
    out.code_count = out.codes ? step->code_count : 0;
    for (size_t i = 0; i < out.code_count; i++)
        out.codes[i] = wss_bind_text(arena, env, &step->codes[i]);
    out.lines = wsn_alloc(arena, (step->line_count + 1) * sizeof *out.lines);
    out.line_count = out.lines ? step->line_count : 0;
    for (size_t i = 0; i < out.line_count; i++)
        out.lines[i] = bind_line(arena, env, &step->lines[i]);
    out.branches = wsn_alloc(arena, (step->branch_count + 1) * sizeof *out.branches);
    out.branch_count = out.branches ? step->branch_count : 0;
    for (size_t i = 0; i < out.branch_count; i++) {
        out.branches[i] = step->branches[i];
        out.branches[i].why = wss_bind_text(arena, env, &step->branches[i].why);
        out.branches[i].steps =
            wss_bind_steps(arena, env, step->branches[i].steps, step->branches[i].step_count);
        if (!out.branches[i].steps)
            out.branches[i].step_count = 0;
    }
    return out;
}

struct wsn_step *wss_bind_steps(struct wsn_arena *arena, const struct wss_env *env,
                                const struct wsn_step *steps, size_t count)
{
    struct wsn_step *out = wsn_alloc(arena, (count + 1) * sizeof *out);
    for (size_t i = 0; out && i < count; i++)
        out[i] = bind_step(arena, env, &steps[i]);
    return out;
}
