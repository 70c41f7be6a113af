/* Secrets, and the forms in which they stand in texts. */
#include <wsh/redact.h>

#include <stdlib.h>
#include <string.h>
#include <wsn/notation.h>
#include <wsq/text.h>

enum { SECRET_MIN = 4, TELLING = 16 };

void wsh_secrets_drop(struct wsh_secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++)
        free(secrets->list[i].p);
    free(secrets->list);
    memset(secrets, 0, sizeof *secrets);
}

static bool is_listed(const struct wsh_secrets *secrets, const char *p, size_t n)
{
    for (size_t i = 0; i < secrets->count; i++)
        if (secrets->list[i].n == n && memcmp(secrets->list[i].p, p, n) == 0)
            return true;
    return false;
}

/* `wide`: bytes that stand for one of the secret. */
static bool add_form(struct wsh_secrets *secrets, const char *p, size_t n, size_t wide)
{
    if (is_listed(secrets, p, n))
        return true;
    struct wsh_secret *list = realloc(secrets->list, (secrets->count + 1) * sizeof *list);
    if (!list)
        return false;
    secrets->list = list;
    char *copy = malloc(n + 1);
    if (!copy)
        return false;
    memcpy(copy, p, n);
    copy[n] = '\0';
    size_t least = wide * TELLING - (wide > 1);
    unsigned two = (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
    secrets->begins[two / 8] |= (uint8_t)(1 << two % 8);
    list[secrets->count++] = (struct wsh_secret){copy, n, least < n ? least : n};
    return true;
}

/* Takes the text. */
static bool add_text(struct wsh_secrets *secrets, struct wsq_text *text, size_t wide)
{
    size_t n;
    char *p = wsq_text_take(text, &n);
    bool ok = p && add_form(secrets, p, n, wide);
    free(p);
    return ok;
}

/* As a string of the notation has it. */
static bool add_quoted(struct wsh_secrets *secrets, const char *p, size_t n)
{
    struct wsn_buffer out = {0};
    wsn_print_bytes((const uint8_t *)p, n, &out);
    bool quoted = out.n > 2 && out.p[0] == '"';
    bool ok = !out.full && (!quoted || add_form(secrets, out.p + 1, out.n - 2, 1));
    wsn_buffer_drop(&out);
    return ok;
}

/* As JSON has it: with a slash plain or escaped, with what is beyond ASCII plain or as numbers. */
static bool add_json(struct wsh_secrets *secrets, const char *p, size_t n, bool ascii, bool slash)
{
    static const char plain[] = "\"\\\b\f\n\r\t", escaped[] = "\"\\bfnrt";
    struct wsq_text text = {0};
    for (size_t i = 0; i < n;) {
        uint32_t point;
        size_t length = wsq_utf8_next(p + i, n - i, &point);
        const char *at = p[i] ? strchr(plain, p[i]) : NULL;
        if (at)
            wsq_text_printf(&text, "\\%c", escaped[at - plain]);
        else if (p[i] == '/' && slash)
            wsq_text_puts(&text, "\\/");
        else if (point >= 0x10000 && ascii)
            wsq_text_printf(&text, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (point >> 10)),
                            (unsigned)(0xdc00 + (point & 0x3ff)));
        else if (point < 0x20 || (point >= 0x7f && ascii))
            wsq_text_printf(&text, "\\u%04x", (unsigned)point);
        else
            wsq_text_add(&text, p + i, length);
        i += length;
    }
    size_t length;
    char *json = wsq_text_take(&text, &length);
    bool ok = json && add_form(secrets, json, length, 1) && add_quoted(secrets, json, length);
    free(json);
    return ok;
}

static bool add_url(struct wsh_secrets *secrets, const char *p, size_t n, const char *format)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct wsq_text text = {0};
    for (size_t i = 0; i < n; i++) {
        if (p[i] && strchr(plain, p[i]))
            wsq_text_add(&text, p + i, 1);
        else
            wsq_text_printf(&text, format, (unsigned char)p[i]);
    }
    return add_text(secrets, &text, 1);
}

static bool add_hex(struct wsh_secrets *secrets, const char *p, size_t n)
{
    struct wsq_text text = {0};
    for (size_t i = 0; i < n; i++)
        wsq_text_printf(&text, i ? " %02x" : "%02x", (unsigned char)p[i]);
    return add_text(secrets, &text, 3);
}

bool wsh_secrets_add(struct wsh_secrets *secrets, const char *value, size_t length)
{
    if (length < SECRET_MIN || is_listed(secrets, value, length))
        return true;
    bool ok = add_form(secrets, value, length, 1) && add_quoted(secrets, value, length);
    for (int i = 0; i < 4 && ok; i++)
        ok = add_json(secrets, value, length, i & 1, i & 2);
    return ok && add_url(secrets, value, length, "%%%02X") &&
           add_url(secrets, value, length, "%%%02x") && add_hex(secrets, value, length);
}
