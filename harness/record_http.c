/* The heads of a recording: requests as `> GET …`, answers as `< 101` and the like. */
#include "record_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <wsc/handshake.h>
#include <wsq/secret.h>

enum { BODY_SHOWN = 1024 };

static bool is_one_of(struct wsc_text name, const char *const *names)
{
    for (; *names; names++) {
        size_t n = strlen(*names);
        bool prefix = (*names)[n - 1] == '-';
        if (prefix ? name.n > n && strncasecmp(name.p, *names, n) == 0
                   : wsc_text_is_nocase(name, *names))
            return true;
    }
    return false;
}

/* ---- requests ---- */

/* The server shall neither offer nor use them: a script sees plain messages and bodies. */
static const char *const not_forwarded[] = {"Sec-WebSocket-Extensions", "Accept-Encoding", NULL};
/* What `> GET` writes itself, and what only says which program the client is. */
static const char *const not_written[] = {"Host",
                                          "Upgrade",
                                          "Connection",
                                          "Sec-WebSocket-Key",
                                          "Sec-WebSocket-Version",
                                          "Sec-WebSocket-Extensions",
                                          "Accept-Encoding",
                                          "Accept-Language",
                                          "Cache-Control",
                                          "Pragma",
                                          "User-Agent",
                                          "Priority",
                                          "DNT",
                                          "Upgrade-Insecure-Requests",
                                          "Transfer-Encoding",
                                          "Sec-Fetch-",
                                          "Sec-CH-",
                                          "Sec-GPC",
                                          NULL};

static void put_text(struct wsn_buffer *out, struct wsc_text text)
{
    wsn_put(out, text.p, text.n);
}

/* The i-th line as it came, with its end and what has no colon below it. */
static struct wsc_text line_of(const struct wsc_head *head, const char *bytes, size_t i)
{
    size_t at = head->headers[i].at, end = head->length;
    if (i + 1 < head->count)
        end = head->headers[i + 1].at;
    else
        while (end > at && bytes[end - 1] == '\n' && /* not the empty line */
               (bytes[end - 2] == '\n' || (bytes[end - 2] == '\r' && bytes[end - 3] == '\n')))
            end -= bytes[end - 2] == '\r' ? 2 : 1;
    return (struct wsc_text){bytes + at, end - at};
}

static void forward_head(const struct wsh_record *record, const struct wsc_head *head,
                         const char *bytes, struct wsn_buffer *out)
{
    size_t at = head->count ? head->headers[0].at : head->length;
    wsn_put(out, bytes, at);
    for (size_t i = 0; i < head->count; i++) {
        const struct wsc_header *h = &head->headers[i];
        struct wsc_text line = line_of(head, bytes, i);
        at = (size_t)(line.p - bytes) + line.n;
        if (wsc_text_is_nocase(h->name, "Host"))
            wsn_printf(out, "Host: %s\r\n", record->setup.authority);
        else if (!is_one_of(h->name, not_forwarded))
            put_text(out, line);
    }
    wsn_put(out, bytes + at, head->length - at);
}

/* The notation has a method of capitals only. */
static bool is_word(struct wsc_text method)
{
    for (size_t i = 0; i < method.n; i++)
        if (method.p[i] < 'A' || method.p[i] > 'Z')
            return false;
    return method.n > 0 && method.n < 20;
}

/* A payload that begins with a quote, as a line must. */
static void put_quoted(struct wsh_record *record, struct record_line *line, struct wsc_text bytes)
{
    struct record_line payload = {0};
    wsh_record_payload(record, &payload, (const uint8_t *)bytes.p, bytes.n, false);
    const char *p = payload.text.p ? payload.text.p : "";
    wsn_printf(&line->text, "%s%s", *p == '"' ? "" : "\"\" + ", p);
    line->settings |= payload.settings;
    line->hidden = line->hidden || payload.hidden;
    wsh_record_drop_line(&payload);
}

/* `> GET /chat`; false: its first line is written as it was. */
static bool put_first_line(struct wsh_record *record, struct record_line *line,
                           const struct wsc_head *head, bool upgrade)
{
    struct record_line target = {0};
    wsn_puts(&line->text, "> ");
    bool plain = is_word(head->method) && head->target.n > 0 &&
                 (head->target.p[0] == '/' || head->target.p[0] == '*') &&
                 !memchr(head->target.p, ' ', head->target.n) && head->major == 1 &&
                 head->minor <= 1 && wsh_record_plain(record, &target, head->target);
    if (plain) {
        put_text(&line->text, head->method);
        wsn_puts(&line->text, " ");
        wsn_put(&line->text, target.text.p, target.text.n);
        line->settings |= target.settings;
        line->hidden = line->hidden || target.hidden;
        wsn_puts(&line->text, head->minor == 0 ? " HTTP/1.0" : "");
        wsn_puts(&line->text, upgrade ? "" : " plain");
    } else {
        const char *end = memchr(head->method.p, '\n', head->length);
        size_t n = end ? (size_t)(end - head->method.p) + 1 : 0;
        put_quoted(record, line, (struct wsc_text){head->method.p, n});
    }
    wsh_record_drop_line(&target);
    return plain;
}

static void put_word(struct wsh_record *record, size_t step, const char *word)
{
    struct record_line line = {0};
    wsn_puts(&line.text, word);
    wsh_record_deeper(record, step, &line);
}

/* Such a name would be another word of the notation. */
static bool is_plain_name(struct wsc_text name)
{
    static const char *const words[] = {"body", "extension", NULL};
    return wsc_is_token(name) && !strchr("+-!*~\"$#", name.p[0]) && !memchr(name.p, '$', name.n) &&
           !is_one_of(name, words);
}

/* Nothing odd about it but its value? */
static bool is_plain_line(const struct wsc_header *h, struct wsc_text raw)
{
    return h->value.n > 0 && raw.p[h->name.n] == ':' &&
           memchr(raw.p, '\n', raw.n) == raw.p + raw.n - 1 && raw.p[raw.n - 2] == '\r';
}

static void put_field(struct wsh_record *record, size_t step, const struct wsc_header *h,
                      struct wsc_text raw, bool again)
{
    struct record_line line = {0}, value = {0};
    if (is_plain_name(h->name) && is_plain_line(h, raw) &&
        wsh_record_plain(record, &value, h->value)) {
        wsn_puts(&line.text, again ? "+" : "");
        put_text(&line.text, h->name);
        wsn_puts(&line.text, ": ");
        wsn_put(&line.text, value.text.p, value.text.n);
        line.settings = value.settings;
        line.hidden = value.hidden;
    } else {
        put_quoted(record, &line, raw);
    }
    wsh_record_drop_line(&value);
    if (!line.settings && !record->secret[0] && wsq_secret_name(h->name.p, h->name.n))
        snprintf(record->secret, sizeof record->secret, "%.*s",
                 (int)(h->name.n < 60 ? h->name.n : 60), h->name.p);
    wsh_record_deeper(record, step, &line);
}

/* The fields that `> GET` makes, where the client's were others. */
static void put_upgrade(struct wsh_record *record, size_t step, const struct wsc_head *head,
                        const char *bytes)
{
    static const char *const names[] = {"Upgrade", "Connection", "Sec-WebSocket-Key",
                                        "Sec-WebSocket-Version", "Host"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct wsc_header *h = wsc_head_field(head, names[i], 0);
        char gone[40];
        bool usual = h && ((i == 0 && wsc_text_is_nocase(h->value, "websocket")) ||
                           (i == 1 && wsc_head_has(head, "Connection", "upgrade")) ||
                           (i == 2 && wsc_key_valid(h->value)) ||
                           (i == 3 && wsc_text_is(h->value, "13")) || i == 4);
        snprintf(gone, sizeof gone, "-%s", names[i]);
        if (usual)
            continue;
        struct wsc_text raw =
            h ? line_of(head, bytes, (size_t)(h - head->headers)) : (struct wsc_text){NULL, 0};
        if (!h || !is_plain_line(h, raw))
            put_word(record, step, gone);
        if (h)
            put_field(record, step, h, raw, false);
    }
}

static bool is_written(const struct wsc_header *h, bool upgrade)
{
    if (wsc_text_is_nocase(h->name, "Connection"))
        return !upgrade && wsc_text_is_nocase(h->value, "close");
    if (wsc_text_is_nocase(h->name, "Accept"))
        return !wsc_text_is(h->value, "*/*");
    return !is_one_of(h->name, not_written);
}

/* Once `> GET` writes them itself. */
static const char *const made[] = {
    "Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", NULL};

static void put_fields(struct wsh_record *record, size_t step, const struct wsc_head *head,
                       const char *bytes, bool upgrade, bool quoted)
{
    for (size_t i = 0; i < head->count; i++) {
        const struct wsc_header *h = &head->headers[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = head->headers[k].name.n == h->name.n &&
                    strncasecmp(head->headers[k].name.p, h->name.p, h->name.n) == 0;
        if (is_written(h, upgrade) || (again && is_one_of(h->name, made)))
            put_field(record, step, h, line_of(head, bytes, i), again);
    }
    if (upgrade) {
        put_upgrade(record, step, head, bytes);
    } else if (quoted) { /* `plain` cannot be said behind a line in quotes */
        put_word(record, step, "-Upgrade");
        put_word(record, step, "-Connection");
        put_word(record, step, "-Sec-WebSocket-Key");
        put_word(record, step, "-Sec-WebSocket-Version");
    }
}

/* A parameter of the query that is named like a secret. */
static void note_query(struct wsh_record *record, struct wsc_text target)
{
    const char *end = target.p + target.n, *p = memchr(target.p, '?', target.n);
    while (p && ++p < end && !record->secret[0]) {
        const char *next = memchr(p, '&', (size_t)(end - p)), *stop = next ? next : end;
        const char *equals = memchr(p, '=', (size_t)(stop - p));
        if (equals && wsq_secret_name(p, (size_t)(equals - p)))
            snprintf(record->secret, sizeof record->secret, "%.*s",
                     (int)(equals - p < 60 ? equals - p : 60), p);
        p = next;
    }
}

static void remember(struct wsh_record *record, struct record_conn *conn,
                     const struct wsc_head *head, const char *bytes, bool upgrade)
{
    struct record_asked *asked = calloc(1, sizeof *asked);
    if (!asked) {
        record->failed = true;
        return;
    }
    asked->upgrade = upgrade;
    forward_head(record, head, bytes, &asked->head);
    *conn->last_asked = asked;
    conn->last_asked = &asked->next;
}

void wsh_record_request(struct wsh_record *record, struct record_conn *conn,
                        const struct wsc_head *head, uint64_t now, struct wsn_buffer *forward)
{
    struct record_line line = {0};
    struct record_side *side = &conn->client;
    const char *bytes = side->head.p;
    bool upgrade = wsc_head_has(head, "Upgrade", "websocket");
    forward_head(record, head, bytes, forward);
    remember(record, conn, head, bytes, upgrade);
    conn->answered = false;
    bool plain = put_first_line(record, &line, head, upgrade);
    bool named = line.settings != 0;
    side->step = wsh_record_step(record, conn, &line, false, now);
    if (side->step != SIZE_MAX) {
        put_fields(record, side->step, head, bytes, upgrade, !plain);
        if (!named)
            note_query(record, head->target);
    }
    side->body = (struct wsc_body){0};
    wsc_body_of_request(&side->body, head);
    side->chunked = side->body.kind == WSC_BODY_CHUNKED;
    side->state = upgrade ? RECORD_ANSWER : RECORD_HEAD;
    if (!upgrade && side->body.kind != WSC_BODY_NONE && !side->body.done)
        side->state = RECORD_BODY;
}

void wsh_record_request_done(struct wsh_record *record, struct record_conn *conn)
{
    struct record_side *side = &conn->client;
    const struct wsn_buffer *content = &side->content.bytes;
    struct record_line line = {0};
    if (side->content.lost) {
        wsh_record_leave_out(record, conn, "the body of this request");
    } else if (content->n > 0) {
        wsn_puts(&line.text, "body ");
        if (wsh_record_payload(record, &line, (const uint8_t *)content->p, content->n, true)) {
            wsh_record_deeper(record, side->step, &line);
            if (side->chunked) {
                wsn_printf(&line.text, "Content-Length: %zu", content->n);
                wsh_record_deeper(record, side->step, &line);
            }
        } else {
            wsh_record_leave_out(record, conn, "a body of %zu bytes", content->n);
        }
    }
    wsh_record_drop_line(&line);
    wsh_record_forget(&side->content);
    side->state = RECORD_HEAD;
}

/* ---- answers ---- */

/* Those that say what a server is, not when and by whom it was asked. */
static const char *const asserted[] = {
    "Sec-WebSocket-Protocol", "Sec-WebSocket-Version",       "Location", "Allow",
    "Content-Type",           "Access-Control-Allow-Origin", NULL};
/* Those that are there, with a value that may be another each time. */
static const char *const present[] = {"WWW-Authenticate", "Set-Cookie", "Retry-After", NULL};

static void put_answer_field(struct wsh_record *record, size_t step, const struct wsc_header *h)
{
    struct record_line line = {0}, value = {0};
    bool here = is_one_of(h->name, present);
    if (!here && !is_one_of(h->name, asserted))
        return;
    bool plain = !here && h->value.n && !strchr("~*@#", h->value.p[0]) &&
                 !memchr(h->value.p, '@', h->value.n) && wsh_record_plain(record, &value, h->value);
    put_text(&line.text, h->name);
    wsn_printf(&line.text, ": %s", plain && !value.hidden ? value.text.p : "*");
    line.settings = plain && !value.hidden ? value.settings : 0;
    wsh_record_drop_line(&value);
    wsh_record_deeper(record, step, &line);
}

static void put_answer_fields(struct wsh_record *record, size_t step, const struct wsc_head *asked,
                              const struct wsc_head *head)
{
    static const char protocol[] = "Sec-WebSocket-Protocol";
    for (size_t i = 0; i < head->count; i++)
        put_answer_field(record, step, &head->headers[i]);
    if (head->status == 101 && asked && wsc_head_field(asked, protocol, 0) &&
        !wsc_head_field(head, protocol, 0))
        put_word(record, step, "!Sec-WebSocket-Protocol");
}

void wsh_record_answered(struct record_conn *conn)
{
    struct record_asked *asked = conn->asked;
    conn->asked = asked->next;
    if (!conn->asked)
        conn->last_asked = &conn->asked;
    wsn_buffer_drop(&asked->head);
    free(asked);
}

/* Ours by its own line, or with its body. */
static void begin_body(struct record_conn *conn, const struct wsc_head *asked,
                       const struct wsc_head *head)
{
    struct record_side *side = &conn->server;
    side->body = (struct wsc_body){0};
    wsc_body_of_response(&side->body, head, asked->method);
    side->coded = wsc_head_field(head, "Content-Encoding", 0) != NULL;
    side->state = RECORD_BODY;
}

/* One that a URL of ours can have, and a shell without quotes. */
static bool is_plain_path(struct wsc_text path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] <= ' ' || path.p[i] > '~' || strchr("\"'`$&|;<>()*?[]#~\\{}!", path.p[i]))
            return false;
    return path.n > 0 && path.p[0] == '/';
}

static void keep_path(struct wsh_record *record, struct wsc_text target)
{
    bool plain = is_plain_path(target) && target.n < sizeof record->path;
    if (!record->path[0] && plain && wsh_record_innocent(record, target))
        memcpy(record->path, target.p, target.n);
}

static void upgraded(struct wsh_record *record, struct record_conn *conn, bool asked)
{
    conn->upgraded = asked;
    conn->server.state = conn->client.state = asked ? RECORD_FRAMES : RECORD_NOTHING;
    if (!asked)
        wsh_record_leave_out(record, conn, "all behind a 101 that nobody asked for");
}

void wsh_record_response(struct wsh_record *record, struct record_conn *conn,
                         const struct wsc_head *head, uint64_t now)
{
    struct wsc_head request;
    struct wsn_buffer *bytes = &conn->asked->head;
    struct record_line line = {0};
    bool upgrade = conn->asked->upgrade;
    if (head->status >= 100 && head->status < 200 && head->status != 101)
        return;
    if (wsc_http_request((const uint8_t *)bytes->p, bytes->n, bytes->n + 1, &request, NULL) !=
            WSC_HTTP_DONE ||
        head->status < 100) {
        conn->server.state = conn->client.state = RECORD_NOTHING;
        wsh_record_leave_out(record, conn, "an answer with status %u, and what follows",
                             head->status);
        wsh_record_answered(conn);
        return;
    }
    bool valid = head->status != 101 || wsc_response_check(&request, head, NULL);
    if (valid)
        wsn_printf(&line.text, "< %u", head->status);
    else
        wsn_puts(&line.text, "< 1xx");
    conn->server.step = wsh_record_step(record, conn, &line, true, now);
    put_answer_fields(record, conn->server.step, &request, head);
    if (head->status == 101 && upgrade)
        keep_path(record, request.target);
    if (head->status == 101)
        upgraded(record, conn, upgrade);
    else
        begin_body(conn, &request, head);
    if (upgrade && head->status != 101)
        conn->client.state = RECORD_HEAD;
    wsh_record_answered(conn);
}

void wsh_record_response_done(struct wsh_record *record, struct record_conn *conn)
{
    struct record_side *side = &conn->server;
    const struct wsn_buffer *content = &side->content.bytes;
    struct record_line line = {0};
    if (content->n > 0 && content->n <= BODY_SHOWN && !side->content.lost && !side->coded) {
        wsn_puts(&line.text, "body ");
        wsh_record_payload(record, &line, (const uint8_t *)content->p, content->n, false);
        if (line.hidden)
            wsh_record_drop_line(&line);
        wsh_record_deeper(record, side->step, &line);
    }
    wsh_record_forget(&side->content);
    side->state = RECORD_HEAD;
    conn->answered = true;
}
