/* Texts and bytes without what is secret. */
#include "hide.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wsh/evidence.h>
#include <wsq/text.h>

static const char hidden[] = "[redacted]";

/* The fields whose values are hidden wherever they stand; longest first where one begins another.
 */
static const char *const fields[] = {
    "Authorization:", "Proxy-Authorization:", "Cookie:", "Set-Cookie:", "Authentication-Info:"};

static size_t field_at(const char *p, size_t n)
{
    if (!strchr("APCSapcs", *p)) /* begins none, as most bytes do */
        return 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t length = strlen(fields[i]);
        if (length <= n && strncasecmp(p, fields[i], length) == 0)
            return length;
    }
    return 0;
}

/* Is this where a text was cut off?  Reports write ` …` there, behind a string or `hex(…)`. */
static bool is_cut(const char *p, size_t n)
{
    static const char marks[][6] = {"\" …", ") …", " …"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (n >= strlen(marks[i]) && memcmp(p, marks[i], strlen(marks[i])) == 0)
            return true;
    return false;
}

static size_t common(const char *p, size_t n, const char *q, size_t m)
{
    size_t least = n < m ? n : m, i = 0;
    while (i < least && p[i] == q[i])
        i++;
    return i;
}

/* The length of the secret that begins at p, or of its first part when the rest is missing; or 0.
 */
static size_t secret_at(const struct wsh_secrets *secrets, const char *p, size_t n, bool cut)
{
    size_t best = 0;
    unsigned two = n > 1 ? (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1] : 0;
    if (n > 1 && !(secrets->begins[two / 8] >> two % 8 & 1) && !is_cut(p + 1, n - 1))
        return 0; /* as most do */
    for (size_t i = 0; i < secrets->count; i++) {
        const struct wsh_secret *secret = &secrets->list[i];
        size_t same = *p == *secret->p ? common(p, n, secret->p, secret->n) : 0;
        bool ends = same > 0 && (same == n ? cut : is_cut(p + same, n - same));
        if (same > best && (same >= secret->least || ends))
            best = same;
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

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

void wsh_hide(const struct wsh_secrets *secrets, struct wsh_hider *hider, const char *p, size_t n)
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
            length = secret_at(secrets, p + at, n - at, hider->cut);
            hider->hits += length > 0;
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

/* ---- texts ---- */

struct text_hider {
    struct wsh_hider base;
    struct wsq_text text;
};

static void text_plain(struct wsh_hider *hider, const char *p, size_t n)
{
    wsq_text_add(&((struct text_hider *)hider)->text, p, n);
}

static void text_hide(struct wsh_hider *hider, size_t at, size_t n)
{
    (void)at;
    (void)n;
    wsq_text_puts(&((struct text_hider *)hider)->text, hidden);
}

static char *redact(const struct wsh_secrets *secrets, const char *text, size_t *hits)
{
    if (!text)
        return NULL;
    struct text_hider hider = {.base = {.plain = text_plain, .hide = text_hide}};
    wsh_hide(secrets, &hider.base, text, strlen(text));
    wsq_text_add(&hider.text, "", 0);
    *hits += hider.base.hits;
    return wsq_text_take(&hider.text, NULL);
}

char *wsh_redact(const struct wsh_secrets *secrets, const char *text)
{
    size_t hits = 0;
    return redact(secrets, text, &hits);
}

/* ---- cases ---- */

static bool redact_string(const struct wsh_secrets *secrets, char **text, size_t *hits)
{
    if (!*text)
        return true;
    char *clean = redact(secrets, *text, hits);
    if (!clean) { /* rather nothing than a secret */
        memset(*text, '*', strlen(*text));
        return false;
    }
    free(*text);
    *text = clean;
    return true;
}

bool wsh_redact_text(const struct wsh_secrets *secrets, char **text)
{
    size_t hits = 0;
    return redact_string(secrets, text, &hits);
}

static bool redact_fault(const struct wsh_secrets *secrets, struct wsq_fault *fault, size_t *hits)
{
    bool ok = redact_string(secrets, &fault->step, hits);
    ok = redact_string(secrets, &fault->expected, hits) && ok;
    ok = redact_string(secrets, &fault->saw, hits) && ok;
    return redact_string(secrets, &fault->why, hits) && ok;
}

static bool redact_texts(const struct wsh_secrets *secrets, struct wsq_case *c, size_t *hits)
{
    bool ok = redact_string(secrets, &c->title, hits);
    ok = redact_string(secrets, &c->reason, hits) && ok;
    ok = redact_string(secrets, &c->script, hits) && ok;
    ok = redact_string(secrets, &c->transcript, hits) && ok;
    ok = redact_string(secrets, &c->replay, hits) && ok;
    for (size_t i = 0; i < c->fault_count; i++)
        ok = redact_fault(secrets, &c->faults[i], hits) && ok;
    for (size_t i = 0; i < c->violation_count; i++)
        ok = redact_string(secrets, &c->violations[i].sentence, hits) && ok;
    for (size_t i = 0; i < c->attempt_count; i++)
        ok = redact_string(secrets, &c->attempts[i].reason, hits) && ok;
    for (size_t i = 0; i < c->wire_count; i++)
        ok = redact_string(secrets, &c->wire[i].what, hits) && ok;
    return ok;
}

bool wsh_redact_case(const struct wsh_secrets *secrets, struct wsq_case *c)
{
    size_t hits = 0;
    bool ok = redact_texts(secrets, c, &hits);
    wsh_hide_wire(secrets, c, hits > 0);
    return ok;
}

void wsh_redact_outcome(struct wss_outcome *outcome)
{
    struct wsh_secrets secrets = {0};
    struct wsq_case *c = &outcome->result;
    bool ok = true;
    size_t hits = 0;
    if (outcome->secret_count == 0)
        return;
    for (size_t i = 0; i < outcome->secret_count; i++)
        ok = wsh_secrets_add(&secrets, outcome->secrets[i].value, outcome->secrets[i].length) && ok;
    ok = redact_texts(&secrets, c, &hits) && ok;
    wsh_hide_wire(&secrets, c, true);
    if (!ok) { /* rather nothing than a secret */
        wsh_case_starve(c);
        outcome->starved = true;
    }
    wsh_secrets_drop(&secrets);
}
