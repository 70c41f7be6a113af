/* modifier.c - what stands behind a payload, to typed settings of the step. */
#include "program.h"

#include <string.h>
#include <wsc/check.h>

static void mask_of(struct wss_compiler *c, const struct wsn_modifier *m, struct wss_modifiers *out)
{
    size_t n;
    uint64_t key;
    const char *p = wss_token(c, &m->value, &n);
    if (strcmp(p, "none") == 0) {
        out->masking = WSS_MASK_NONE;
    } else if (strcmp(p, "zero") == 0) {
        out->masking = WSS_MASK_KEY;
    } else if (n == 10 && wsn_number(p, n, UINT32_MAX, &key)) {
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
    const char *p = wss_token(c, &m->value, &n), *colon = memchr(p, ':', n);
    uint64_t form = 0, length = 0;
    bool good = colon && wsn_number(p, (size_t)(colon - p), 64, &form) &&
                wsn_number(colon + 1, n - (size_t)(colon - p) - 1, UINT64_MAX, &length);
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
    const char *p = wss_token(c, &m->value, &n);
    out->cuts = wsn_alloc(c->arena, (n + 1) * sizeof *out->cuts);
    while (out->cuts) {
        const char *comma = strchr(p, ',');
        size_t length = comma ? (size_t)(comma - p) : strlen(p);
        uint64_t at;
        if (!wsn_number(p, length, UINT64_MAX, &at) ||
            (out->cut_count && at <= out->cuts[out->cut_count - 1])) {
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
    const char *p = wss_token(c, &m->value, &n);
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
    const char *p = wss_token(c, &m->value, NULL);
    if (strlen(p) == 3 && p[0] == '1' && p[1] == '.' && p[2] >= '0' && p[2] <= '3')
        return 10 + (unsigned)(p[2] - '0');
    wss_complain(c, m->value.pos, "expected a version of TLS, 1.0 to 1.3, found `%s`", p);
    return 0;
}

/* Names with commas between them, each of 1 to 255 bytes. */
static const char *alpn_of(struct wss_compiler *c, const struct wsn_modifier *m)
{
    const char *names = wss_token(c, &m->value, NULL);
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
            out->level = (int)wss_number_of(c, &argument->value, 9);
        else if (strcmp(argument->name, "bits") == 0)
            out->bits = (unsigned)wss_number_of(c, &argument->value, 15);
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

void wss_compile_modifier(struct wss_compiler *c, const struct wsn_modifier *m,
                          struct wss_step *step)
{
    struct wss_modifiers *out = &step->modifiers;
    if (strcmp(m->name, "fin") == 0) {
        out->fin = wss_number_of(c, &m->value, 1) != 0;
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
        step->opcode = (uint8_t)wss_number_of(c, &m->value, 15);
        step->any_opcode = false;
    } else if (strcmp(m->name, "eol") == 0) {
        out->eol = wss_token(c, &m->value, &out->eol_len);
    } else if (strcmp(m->name, "sni") == 0) {
        step->how.sni = wss_token(c, &m->value, NULL);
    } else if (strcmp(m->name, "alpn") == 0) {
        step->how.alpn = alpn_of(c, m);
    } else if (strcmp(m->name, "max") == 0) {
        step->how.max_tls = tls_version_of(c, m);
    } else {
        wss_complain(c, m->pos, "`%s` is not available yet", m->name);
    }
}
