#include <string.h>

#include "chars.h"
#include "window.h"

/* One head being read.  Every violation leaves through note(). */
struct reader {
    const char *data;
    size_t len;
    struct wsc_head *head;
    struct wsc_findings *findings;
    struct wsc_window window;
    bool syntax_broken; /* one of those that 6455-4.1-15 sums up */
};

struct line {
    size_t at, end, next; /* [at, end) without its line end; the next one begins at `next` */
    bool bare_lf;
};

/* A start line: cannot be followed, can, is as it should be, and has been looked at byte by byte.
 */
enum start { LOST, ODD, GOOD, PLAIN };

static void note(struct reader *r, enum wsc_rule rule, size_t at)
{
    if (r->head->broken.rule == WSC_RULE_NONE && wsc_rule_info(rule)->close_code != 0)
        r->head->broken = (struct wsc_violation){rule, at};
    wsc_findings_note(r->findings, rule, at);
}

static void note_syntax(struct reader *r, enum wsc_rule rule, size_t at)
{
    r->syntax_broken = true;
    note(r, rule, at);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A line ends with LF; a CR right before it belongs to the end. */
static bool next_line(const char *data, size_t len, size_t at, struct line *line)
{
    const char *lf = at < len ? memchr(data + at, '\n', len - at) : NULL;
    if (lf == NULL)
        return false;
    size_t end = (size_t)(lf - data);
    line->at = at;
    line->next = end + 1;
    line->bare_lf = end == at || data[end - 1] != '\r';
    line->end = line->bare_lf ? end : end - 1;
    return true;
}

static struct wsc_text text(const struct reader *r, size_t at, size_t end)
{
    return (struct wsc_text){r->data + at, end - at};
}

/* "HTTP/1.x" at `at`; letters of any case are followed, and *exact says whether they are right. */
static bool read_version(struct reader *r, size_t at, size_t end, bool *exact)
{
    static const char name[] = "HTTP/";
    if (end - at != 8 || !is_digit(r->data[at + 5]) || r->data[at + 6] != '.' ||
        !is_digit(r->data[at + 7]))
        return false;
    *exact = memcmp(r->data + at, name, 5) == 0;
    r->head->major = (unsigned)(r->data[at + 5] - '0');
    r->head->minor = (unsigned)(r->data[at + 7] - '0');
    return r->head->major == 1 && wsc_text_is_nocase(text(r, at, at + 5), name);
}

static size_t skip_blanks(const struct reader *r, size_t at, size_t end)
{
    while (at < end && is_blank(r->data[at]))
        at++;
    return at;
}

static size_t skip_to(const struct reader *r, size_t at, size_t end, char c)
{
    const char *found = memchr(r->data + at, c, end - at);
    return found != NULL ? (size_t)(found - r->data) : end;
}

static size_t skip_word(const struct reader *r, size_t at, size_t end)
{
    return skip_to(r, at, skip_to(r, at, end, ' '), '\t');
}

/* Method, target and version are the first, the middle and the last words; anything but single
 * spaces around a target without spaces is odd. */
static enum start read_request_line(struct reader *r, const struct line *line)
{
    struct wsc_head *head = r->head;
    size_t begin = skip_blanks(r, line->at, line->end);
    size_t method_end = skip_word(r, begin, line->end);
    size_t end = line->end;
    while (end > method_end && is_blank(r->data[end - 1]))
        end--;
    size_t version = end;
    while (version > method_end && !is_blank(r->data[version - 1]))
        version--;
    size_t target = skip_blanks(r, method_end, version);
    size_t target_end = version;
    while (target_end > target && is_blank(r->data[target_end - 1]))
        target_end--;

    bool exact = false;
    head->method = text(r, begin, method_end);
    head->target = text(r, target, target_end);
    if (!wsc_is_token(head->method) || head->target.n == 0 ||
        !read_version(r, version, end, &exact))
        return LOST;
    bool single = begin == line->at && end == line->end && target == method_end + 1 &&
                  version == target_end + 1 && r->data[method_end] == ' ' &&
                  r->data[target_end] == ' ' && skip_word(r, target, target_end) == target_end;
    return single && exact ? GOOD : ODD;
}

/* The request line that nearly all are: a token, SP, a target, SP, HTTP/1.x, CR LF.  Nothing is
 * wrong with it; whatever else a line is, the other functions say.  They would say the same of this
 * one. */
static bool read_plain_request_line(struct reader *r, struct line *line)
{
    struct wsc_head *head = r->head;
    size_t method = wsc_span(text(r, 0, r->len), WSC_TOKEN), target = method + 1;
    if (method == 0 || method == r->len || r->data[method] != ' ')
        return false;
    size_t target_end = target + wsc_span(text(r, target, r->len), WSC_TARGET);
    const char *rest = r->data + target_end;
    if (target_end == target || r->len - target_end < 11 || memcmp(rest, " HTTP/1.", 8) != 0 ||
        !is_digit(rest[8]) || rest[9] != '\r' || rest[10] != '\n')
        return false;
    head->method = text(r, 0, method);
    head->target = text(r, target, target_end);
    head->major = 1;
    head->minor = (unsigned)(rest[8] - '0');
    *line = (struct line){0, target_end + 9, target_end + 11, false};
    return true;
}

static bool is_text_byte(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

static enum start read_status_line(struct reader *r, const struct line *line)
{
    struct wsc_head *head = r->head;
    size_t version_end = skip_word(r, line->at, line->end);
    size_t status = skip_blanks(r, version_end, line->end);
    size_t status_end = skip_word(r, status, line->end);
    const char *d = r->data + status;
    bool exact = false;
    if (!read_version(r, line->at, version_end, &exact) || status_end - status != 3 ||
        !is_digit(d[0]) || !is_digit(d[1]) || !is_digit(d[2]))
        return LOST;
    head->status = (unsigned)((d[0] - '0') * 100 + (d[1] - '0') * 10 + (d[2] - '0'));
    bool good = exact && status == version_end + 1 && r->data[version_end] == ' ' &&
                status_end < line->end && r->data[status_end] == ' ';
    size_t reason = status_end < line->end ? status_end + 1 : line->end;
    head->reason = text(r, reason, line->end);
    for (size_t i = reason; i < line->end; i++)
        good = good && is_text_byte(r->data[i]);
    return good ? GOOD : ODD;
}

static enum start read_start(struct reader *r, const struct line *line)
{
    return r->head->response ? read_status_line(r, line) : read_request_line(r, line);
}

/* What may be wrong with any line, the start line included. */
static void check_line(struct reader *r, const struct line *line)
{
    if (line->bare_lf)
        note_syntax(r, WSC_RULE_HTTP_BARE_LF, line->next - 1);
    const char *cr = memchr(r->data + line->at, '\r', line->end - line->at);
    if (cr != NULL)
        note_syntax(r, WSC_RULE_HTTP_BARE_CR, (size_t)(cr - r->data));
}

/* At least so many bytes at the front are field text: eight at a time. */
static size_t skip_text(const char *p, size_t len)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        uint64_t del = word ^ ones * 0x7f;
        if ((((word - ones * 0x20) | (del - ones)) & high) != 0)
            break; /* a control character, DEL, or a byte that is not ASCII */
    }
    return i;
}

/* One note a line. */
static void check_value(struct reader *r, size_t at, size_t end)
{
    for (size_t i = at + skip_text(r->data + at, end - at); i < end; i++) {
        if (!is_text_byte(r->data[i]) && r->data[i] != '\r') {
            note_syntax(r, WSC_RULE_HTTP_FIELD_VALUE, i);
            return;
        }
    }
}

static struct wsc_text trimmed(const struct reader *r, size_t at, size_t end)
{
    while (at < end && wsc_is_space(r->data[at]))
        at++;
    while (at < end && wsc_is_space(r->data[end - 1]))
        end--;
    return text(r, at, end);
}

/* White space begins the line: it goes on with the field above. */
static void read_fold(struct reader *r, const struct line *line, size_t value_at)
{
    struct wsc_head *head = r->head;
    note(r, head->response ? WSC_RULE_RESPONSE_FOLD : WSC_RULE_REQUEST_FOLD, line->at);
    check_value(r, line->at, line->end);
    if (value_at != 0)
        head->headers[head->count - 1].value = trimmed(r, value_at, line->end);
}

static void add_field(struct reader *r, size_t at, struct wsc_text name, struct wsc_text value)
{
    r->head->headers[r->head->count++] = (struct wsc_header){name, value, (uint32_t)at};
}

/* Returns where the value begins, 0 when the line is no field. */
static size_t read_field(struct reader *r, const struct line *line)
{
    const char *colon = memchr(r->data + line->at, ':', line->end - line->at);
    if (colon == NULL) {
        note_syntax(r, WSC_RULE_HTTP_FIELD_NAME, line->at);
        return 0;
    }
    size_t value = (size_t)(colon - r->data) + 1;
    size_t name_end = value - 1;
    while (name_end > line->at && is_blank(r->data[name_end - 1]))
        name_end--;
    struct wsc_text name = text(r, line->at, name_end);
    add_field(r, line->at, name, trimmed(r, value, line->end));
    if (!wsc_is_token(name))
        note_syntax(r, WSC_RULE_HTTP_FIELD_NAME, line->at);
    else if (name_end != value - 1)
        note(r, r->head->response ? WSC_RULE_HTTP_FIELD_NAME : WSC_RULE_REQUEST_COLON, name_end);
    check_value(r, value, line->end);
    return value;
}

/* The line that nearly all are: a token, a colon, text, CR LF.  Nothing is wrong with it; whatever
 * else a line is, the other functions say.  They would say the same of this one.  Returns where
 * the value begins, 0 when it is another line. */
static size_t read_plain_field(struct reader *r, size_t *at)
{
    size_t colon = wsc_window_stop(&r->window, *at);
    if (colon < r->len && r->data[colon] != ':')
        colon += wsc_span(text(r, colon, r->len), WSC_TOKEN);
    if (colon == *at || colon == r->len || r->data[colon] != ':')
        return 0;
    size_t end = wsc_window_end(&r->window, colon);
    if (r->len - end < 2 || r->data[end] != '\r' || r->data[end + 1] != '\n')
        return 0;
    size_t value = colon + 1, value_end = end; /* text up to a space is white space */
    while (value < value_end && (unsigned char)r->data[value] <= ' ')
        value++;
    while (value < value_end && (unsigned char)r->data[value_end - 1] <= ' ')
        value_end--;
    add_field(r, *at, text(r, *at, colon), text(r, value, value_end));
    *at = end + 2;
    return colon + 1;
}

static void occasions(struct reader *r)
{
    static const enum wsc_rule both[] = {WSC_RULE_HTTP_BARE_LF, WSC_RULE_HTTP_BARE_CR,
                                         WSC_RULE_HTTP_INDENTED, WSC_RULE_HTTP_FIELD_NAME,
                                         WSC_RULE_HTTP_FIELD_VALUE};
    static const enum wsc_rule of_request[] = {WSC_RULE_REQUEST_LINE, WSC_RULE_REQUEST_EXTRA_CRLF,
                                               WSC_RULE_REQUEST_FOLD, WSC_RULE_REQUEST_COLON,
                                               WSC_RULE_REQUEST_SYNTAX};
    for (size_t i = 0; i < sizeof both / sizeof *both; i++)
        wsc_findings_occasion(r->findings, both[i]);
    if (r->head->response) {
        wsc_findings_occasion(r->findings, WSC_RULE_RESPONSE_STATUS_LINE);
        wsc_findings_occasion(r->findings, WSC_RULE_RESPONSE_FOLD);
        return;
    }
    for (size_t i = 0; i < sizeof of_request / sizeof *of_request; i++)
        wsc_findings_occasion(r->findings, of_request[i]);
}

/* Is there an empty line from `at` on? */
static bool ends(const struct reader *r, size_t at)
{
    struct line line;
    while (next_line(r->data, r->len, at, &line)) {
        if (line.at == line.end)
            return true;
        at = line.next;
    }
    return false;
}

/* The lines after the start line, up to the empty one. */
static enum wsc_http read_fields(struct reader *r, size_t at)
{
    struct line line;
    size_t value_at = 0; /* of the field above; 0: it was none */
    bool any = false;
    for (;;) {
        bool room = r->head->count < WSC_HEADERS_MAX;
        size_t plain = room ? read_plain_field(r, &at) : 0;
        if (plain != 0) {
            value_at = plain;
            any = true;
            continue;
        }
        if (!next_line(r->data, r->len, at, &line))
            return WSC_HTTP_MORE;
        check_line(r, &line);
        at = line.next;
        if (line.at == line.end)
            break;
        if (is_blank(r->data[line.at])) {
            if (any)
                read_fold(r, &line, value_at);
            else
                note(r, WSC_RULE_HTTP_INDENTED, line.at);
            continue;
        }
        if (!room)
            return ends(r, at) ? WSC_HTTP_LARGE : WSC_HTTP_MORE;
        value_at = read_field(r, &line);
        any = true;
    }
    r->head->length = at;
    return WSC_HTTP_DONE;
}

/* A start line without its end: can more bytes still make one of it? */
static bool hopeless(const struct reader *r, size_t at)
{
    size_t end = at;
    if (r->head->response) {
        while (end < r->len && end - at < 5 && (r->data[end] | 0x20) == "http/"[end - at])
            end++;
        return end < r->len && end - at < 5;
    }
    while (end < r->len && !wsc_is_space(r->data[end]))
        end++;
    return end > at && !wsc_is_token(text(r, at, end));
}

static void sum_up(struct reader *r, size_t at)
{
    if (!r->head->response && r->syntax_broken)
        note(r, WSC_RULE_REQUEST_SYNTAX, at);
}

static enum wsc_rule start_rule(const struct reader *r)
{
    return r->head->response ? WSC_RULE_RESPONSE_STATUS_LINE : WSC_RULE_REQUEST_LINE;
}

static enum wsc_http give_up(struct reader *r, size_t at)
{
    occasions(r);
    note_syntax(r, start_rule(r), at);
    sum_up(r, at);
    return WSC_HTTP_BROKEN;
}

/* What the findings are without the notes of a head that turns out to be cut. */
struct before {
    uint64_t occasions[WSC_RULE_WORDS];
    size_t count;
    uint64_t total;
};

static void keep(struct before *before, const struct wsc_findings *findings)
{
    if (findings == NULL)
        return;
    memcpy(before->occasions, findings->occasions, sizeof before->occasions);
    before->count = findings->count;
    before->total = findings->total;
}

static void take_back(struct reader *r, const struct before *before)
{
    r->head->count = 0;
    r->head->broken = (struct wsc_violation){WSC_RULE_NONE, 0};
    if (r->findings == NULL)
        return;
    memcpy(r->findings->occasions, before->occasions, sizeof before->occasions);
    r->findings->count = before->count;
    r->findings->total = before->total;
}

/* The start line is whole and can be followed. */
static enum wsc_http read_rest(struct reader *r, const struct line *start, enum start state)
{
    struct before before = {.count = 0};
    keep(&before, r->findings);
    occasions(r);
    if (start->at != 0)
        note(r, WSC_RULE_REQUEST_EXTRA_CRLF, 0);
    if (state == ODD)
        note_syntax(r, start_rule(r), start->at);
    if (state != PLAIN)
        check_line(r, start);
    enum wsc_http result = read_fields(r, start->next);
    if (result == WSC_HTTP_DONE)
        sum_up(r, start->at);
    else if (result == WSC_HTTP_MORE)
        take_back(r, &before);
    return result;
}

static enum wsc_http at_most(enum wsc_http result, bool at_limit)
{
    return result == WSC_HTTP_MORE && at_limit ? WSC_HTTP_LARGE : result;
}

static enum wsc_http read_head(struct reader *r, size_t limit)
{
    bool at_limit = r->len >= limit;
    size_t at = 0;
    struct line line;
    if (at_limit)
        r->len = limit;
    r->window =
        (struct wsc_window){.data = (const uint8_t *)r->data, .len = r->len, .at = SIZE_MAX};
    if (!r->head->response && read_plain_request_line(r, &line))
        return at_most(read_rest(r, &line, PLAIN), at_limit);
    bool whole_line = next_line(r->data, r->len, at, &line);
    while (!r->head->response && whole_line && line.at == line.end) {
        at = line.next;
        whole_line = next_line(r->data, r->len, at, &line);
    }
    if (!whole_line && hopeless(r, at))
        return give_up(r, at);
    enum start state = whole_line ? read_start(r, &line) : GOOD;
    if (state == LOST)
        return give_up(r, at);
    enum wsc_http result = whole_line ? read_rest(r, &line, state) : WSC_HTTP_MORE;
    return at_most(result, at_limit);
}

/* The room for headers is ten times what a head needs: only `count` of them mean anything. */
static void clear(struct wsc_head *head)
{
    memset(head, 0, offsetof(struct wsc_head, headers));
    head->length = 0;
    head->broken = (struct wsc_violation){WSC_RULE_NONE, 0};
}

enum wsc_http wsc_http_request(const uint8_t *data, size_t len, size_t limit, struct wsc_head *head,
                               struct wsc_findings *findings)
{
    clear(head);
    struct reader r = {.data = (const char *)data, .len = len, .head = head, .findings = findings};
    return read_head(&r, limit);
}

enum wsc_http wsc_http_response(const uint8_t *data, size_t len, size_t limit,
                                struct wsc_head *head, struct wsc_findings *findings)
{
    clear(head);
    head->response = true;
    struct reader r = {.data = (const char *)data, .len = len, .head = head, .findings = findings};
    return read_head(&r, limit);
}
