#include <wsh/redact.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wsq/text.h>

enum { SECRET_MIN = 4 };
static const char hidden[] = "[redacted]";

bool wsh_secrets_add(struct wsh_secrets *secrets, const char *value, size_t length)
{
    if (length < SECRET_MIN)
        return true;
    char **list = realloc(secrets->list, (secrets->count + 1) * sizeof *list);
    if (!list)
        return false;
    secrets->list = list;
    char *copy = malloc(length + 1);
    if (!copy)
        return false;
    memcpy(copy, value, length);
    copy[length] = '\0';
    list[secrets->count++] = copy;
    return true;
}

void wsh_secrets_drop(struct wsh_secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++)
        free(secrets->list[i]);
    free(secrets->list);
    memset(secrets, 0, sizeof *secrets);
}

static bool contains(const char *name, size_t length, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= length; i++)
        if (strncasecmp(name + i, word, n) == 0)
            return true;
    return false;
}

bool wsh_secret_name(const char *name, size_t length)
{
    static const char *const words[] = {"auth",    "basic",      "cookie",  "token",  "secret",
                                        "passwd",  "password",   "api-key", "apikey", "api_key",
                                        "session", "credential", "jwt"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (contains(name, length, words[i]))
            return true;
    return false;
}

/* The fields whose values are hidden wherever they stand; longest first where one begins another.
 */
static const char *const fields[] = {
    "Authorization:", "Proxy-Authorization:", "Cookie:", "Set-Cookie:", "Authentication-Info:"};

static size_t field_at(const char *p, size_t n)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t length = strlen(fields[i]);
        if (length <= n && strncasecmp(p, fields[i], length) == 0)
            return length;
    }
    return 0;
}

/* The length of the secret that begins at p, or 0. */
static size_t secret_at(const struct wsh_secrets *secrets, const char *p, size_t n)
{
    size_t best = 0;
    for (size_t i = 0; i < secrets->count; i++) {
        size_t length = strlen(secrets->list[i]);
        if (length > best && length <= n && memcmp(p, secrets->list[i], length) == 0)
            best = length;
    }
    return best;
}

/* A value ends at the line's end, or where a quoted or escaped one does: `"Cookie: a=b\r\n"`. */
static size_t value_end(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] != '\r' && p[i] != '\n' && p[i] != '"' && p[i] != '\\')
        i++;
    return i;
}

/* Was the value hidden by the one who wrote it?  What stands behind it is then no part of it. */
static bool is_hidden(const char *p, size_t n)
{
    return n >= strlen(hidden) && memcmp(p, hidden, strlen(hidden)) == 0;
}

/* Calls `span` for the parts to hide, in order. */
struct hider {
    void (*plain)(struct hider *hider, const char *p, size_t n);
    void (*hide)(struct hider *hider, size_t at, size_t n);
    struct wsq_text text;
    char *bytes;
};

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

static void walk(const struct wsh_secrets *secrets, struct hider *hider, const char *p, size_t n)
{
    size_t from = 0, at = 0;
    while (at < n) {
        bool starts = at == 0 || !is_name_byte(p[at - 1]) || p[at - 1] == 'n'; /* "\r\nCookie" */
        size_t name = starts ? field_at(p + at, n - at) : 0, length;
        if (name) {
            at += name;
            while (at < n && p[at] == ' ')
                at++;
            length = is_hidden(p + at, n - at) ? 0 : value_end(p + at, n - at);
        } else {
            length = secret_at(secrets, p + at, n - at);
        }
        if (length) {
            hider->plain(hider, p + from, at - from);
            hider->hide(hider, at, length);
            from = at += length;
        } else if (!name) {
            at++;
        }
    }
    hider->plain(hider, p + from, n - from);
}

static void text_plain(struct hider *hider, const char *p, size_t n)
{
    wsq_text_add(&hider->text, p, n);
}

static void text_hide(struct hider *hider, size_t at, size_t n)
{
    (void)at;
    (void)n;
    wsq_text_puts(&hider->text, hidden);
}

static void bytes_plain(struct hider *hider, const char *p, size_t n)
{
    (void)hider;
    (void)p;
    (void)n;
}

static void bytes_hide(struct hider *hider, size_t at, size_t n)
{
    memset(hider->bytes + at, '*', n);
}

char *wsh_redact(const struct wsh_secrets *secrets, const char *text)
{
    if (!text)
        return NULL;
    struct hider hider = {.plain = text_plain, .hide = text_hide};
    walk(secrets, &hider, text, strlen(text));
    wsq_text_add(&hider.text, "", 0);
    return wsq_text_take(&hider.text, NULL);
}

static bool redact_string(const struct wsh_secrets *secrets, char **text)
{
    if (!*text)
        return true;
    char *clean = wsh_redact(secrets, *text);
    free(*text);
    *text = clean;
    return clean != NULL;
}

static bool redact_fault(const struct wsh_secrets *secrets, struct wsq_fault *fault)
{
    bool ok = redact_string(secrets, &fault->step);
    ok = redact_string(secrets, &fault->expected) && ok;
    ok = redact_string(secrets, &fault->saw) && ok;
    return redact_string(secrets, &fault->why) && ok;
}

static void redact_bytes(const struct wsh_secrets *secrets, uint8_t *bytes, size_t n)
{
    struct hider hider = {.plain = bytes_plain, .hide = bytes_hide, .bytes = (char *)bytes};
    walk(secrets, &hider, (const char *)bytes, n);
}

bool wsh_redact_case(const struct wsh_secrets *secrets, struct wsq_case *c)
{
    bool ok = redact_string(secrets, &c->title);
    ok = redact_string(secrets, &c->reason) && ok;
    ok = redact_string(secrets, &c->script) && ok;
    ok = redact_string(secrets, &c->transcript) && ok;
    ok = redact_string(secrets, &c->replay) && ok;
    for (size_t i = 0; i < c->fault_count; i++)
        ok = redact_fault(secrets, &c->faults[i]) && ok;
    for (size_t i = 0; i < c->violation_count; i++)
        ok = redact_string(secrets, &c->violations[i].sentence) && ok;
    for (size_t i = 0; i < c->attempt_count; i++)
        ok = redact_string(secrets, &c->attempts[i].reason) && ok;
    for (size_t i = 0; i < c->wire_count; i++) {
        ok = redact_string(secrets, &c->wire[i].what) && ok;
        redact_bytes(secrets, c->wire[i].bytes, c->wire[i].kept);
    }
    return ok;
}
