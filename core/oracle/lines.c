#include "heads.h"

struct line {
    struct wso_span text; /* without its end */
    size_t at, next;
};

void wso_note(struct wso_head *head, const char *rule, const char *requirement, unsigned code,
              size_t at)
{
    if (head->note_count < WSO_NOTES_MAX)
        head->notes[head->note_count] =
            (struct wso_violation){rule, requirement, code, at, head->length};
    head->note_count++;
}

bool wso_fatal(const struct wso_head *head)
{
    for (size_t i = 0; i < head->note_count && i < WSO_NOTES_MAX; i++) {
        if (head->notes[i].code != 0)
            return true;
    }
    return false;
}

static bool read_line(const uint8_t *data, size_t len, size_t at, struct line *line)
{
    size_t end = at;

    while (end < len && data[end] != '\n')
        end++;
    *line = (struct line){{data + at, end - at}, at, end + 1};
    if (end == len)
        return false;
    if (end > at && data[end - 1] == '\r')
        line->text.n--;
    return true;
}

/* RFC 9112, section 2.2.  True: its sender ended it wrongly, or a CR stands within it. */
static bool judge_ends(struct wso_head *head, const struct line *line)
{
    size_t cr = 0;
    bool odd = false;

    if (line->next - line->at - line->text.n != 2) {
        wso_note(head, "http.bare-lf", "9112-2.2-3", 0, line->next - 1);
        odd = true;
    }
    while (cr < line->text.n && line->text.p[cr] != '\r')
        cr++;
    if (cr < line->text.n) {
        wso_note(head, "http.bare-cr", "9112-2.2-3", 400, line->at + cr);
        odd = true;
    }
    return odd;
}

static bool blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* Section 2.3, but for its letters' case. */
static bool read_version(struct wso_head *head, struct wso_span word)
{
    if (word.n != 8 || !wso_begins(word, "HTTP/") || word.p[5] != '1' || word.p[6] != '.' ||
        !wso_digit(word.p[7]))
        return false;
    head->minor = word.p[7] - (unsigned)'0';
    return true;
}

static struct wso_span first_word(struct wso_span text)
{
    size_t n = 0;

    while (n < text.n && !blank(text.p[n]))
        n++;
    return (struct wso_span){text.p, n};
}

static struct wso_span last_word(struct wso_span text)
{
    size_t at = text.n;

    while (at > 0 && !blank(text.p[at - 1]))
        at--;
    return (struct wso_span){text.p + at, text.n - at};
}

static struct wso_span without_blanks(struct wso_span text)
{
    while (text.n > 0 && blank(text.p[0])) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && blank(text.p[text.n - 1]))
        text.n--;
    return text;
}

/* Section 3.  *odd: it can be followed, but is not what the grammar says. */
static bool read_request_line(struct wso_head *head, struct wso_span text, bool *odd)
{
    struct wso_span inner = without_blanks(text), version, between;

    head->method = first_word(inner);
    version = last_word(inner);
    if (!wso_is_token(head->method) || head->method.n + version.n > inner.n)
        return false;
    between =
        (struct wso_span){head->method.p + head->method.n, inner.n - head->method.n - version.n};
    head->target = without_blanks(between);
    if (head->target.n == 0 || !read_version(head, version))
        return false;
    *odd = inner.n != text.n || between.n != head->target.n + 2 || between.p[0] != ' ' ||
           between.p[between.n - 1] != ' ' || first_word(head->target).n != head->target.n ||
           version.p[0] != 'H' || version.p[1] != 'T' || version.p[2] != 'T' || version.p[3] != 'P';
    return true;
}

/* RFC 9110, section 5.5; RFC 9112, section 4: HTAB, SP, VCHAR, obs-text. */
static bool text_byte(uint8_t byte)
{
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

/* RFC 9112, section 4. */
static bool read_status_line(struct wso_head *head, struct wso_span text, bool *odd)
{
    struct wso_span version = first_word(text), rest, status;

    rest = without_blanks((struct wso_span){text.p + version.n, text.n - version.n});
    status = first_word(rest);
    if (!read_version(head, version) || status.n != 3 || !wso_is_number(status))
        return false;
    head->status = (status.p[0] - 48u) * 100 + (status.p[1] - 48u) * 10 + (status.p[2] - 48u);
    *odd = text.n < 13 || text.p[8] != ' ' || rest.p != text.p + 9 || text.p[12] != ' ' ||
           !wso_is((struct wso_span){text.p, 4}, "HTTP");
    for (size_t i = 13; i < text.n; i++)
        *odd = *odd || !text_byte(text.p[i]);
    return true;
}

static void judge_value(struct wso_head *head, struct wso_span text, size_t at, bool *odd)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!text_byte(text.p[i]) && text.p[i] != '\r') {
            wso_note(head, "http.field-value", "9110-2.2-1", 400, at + i);
            *odd = true;
            return;
        }
    }
}

/* Section 5.  False: there is no room for it.  *value: where it begins; NULL: the line is no field.
 */
static bool read_field(struct wso_head *head, const struct line *line, bool response,
                       const uint8_t **value, bool *odd)
{
    struct wso_span text = line->text, name;
    size_t colon = 0;

    *value = NULL;
    if (head->count == WSO_FIELDS_MAX)
        return false;
    while (colon < text.n && text.p[colon] != ':')
        colon++;
    if (colon == text.n) {
        wso_note(head, "http.field-name", "9110-2.2-1", 400, line->at);
        *odd = true;
        return true;
    }
    name = without_blanks((struct wso_span){text.p, colon});
    *value = text.p + colon + 1;
    head->fields[head->count++] =
        (struct wso_field){name, wso_trim((struct wso_span){*value, text.n - colon - 1}), line->at};
    if (!wso_is_token(name)) {
        wso_note(head, "http.field-name", "9110-2.2-1", 400, line->at);
        *odd = true;
    } else if (name.n < colon && response) {
        wso_note(head, "http.field-name", "9110-2.2-1", 400, line->at + name.n);
    } else if (name.n < colon) {
        wso_note(head, "request.colon", "9112-5.1-1", 400, line->at + name.n);
    }
    judge_value(head, (struct wso_span){*value, text.n - colon - 1}, line->at + colon + 1, odd);
    return true;
}

/* Section 5.2: the line goes on with the value above it, if there is one. */
static void read_fold(struct wso_head *head, const struct line *line, bool response,
                      const uint8_t *value, bool *odd)
{
    if (response)
        wso_note(head, "response.fold", "9112-5.2-1", 0, line->at);
    else
        wso_note(head, "request.fold", "9112-5.2-1", 400, line->at);
    judge_value(head, line->text, line->at, odd);
    if (value)
        head->fields[head->count - 1].value =
            wso_trim((struct wso_span){value, (size_t)(line->text.p + line->text.n - value)});
}

static bool read_fields(const uint8_t *data, size_t at, bool response, struct wso_head *head,
                        bool *odd)
{
    const uint8_t *value = NULL;
    struct line line;
    bool first = true;

    while (read_line(data, head->length, at, &line)) {
        *odd = judge_ends(head, &line) || *odd;
        at = line.next;
        if (line.text.n == 0) {
            continue; /* the last one */
        } else if (!blank(line.text.p[0])) {
            first = false;
            if (!read_field(head, &line, response, &value, odd))
                return false;
        } else if (first) {
            wso_note(head, "http.indented", "9112-2.2-7", 400, line.at);
        } else {
            read_fold(head, &line, response, value, odd);
        }
    }
    return true;
}

/* Where the empty line behind the start line ends; 0: it is not there. */
static size_t find_end(const uint8_t *data, size_t len, size_t at)
{
    struct line line;

    while (read_line(data, len, at, &line)) {
        if (line.text.n == 0)
            return line.next;
        at = line.next;
    }
    return 0;
}

/* A start line that is not whole: it began as none can. */
static bool no_start(struct wso_span text, bool response)
{
    static const char name[] = "http/";
    size_t n = 0;

    if (response) {
        while (n < text.n && n < 5 && (text.p[n] | 0x20) == name[n])
            n++;
        return n < text.n && n < 5;
    }
    while (n < text.n && !wso_white(text.p[n]))
        n++;
    return n > 0 && !wso_is_token((struct wso_span){text.p, n});
}

static void judge_start(struct wso_head *head, bool response, size_t at)
{
    if (response)
        wso_note(head, "response.status-line", "9112-4-1", 0, at);
    else
        wso_note(head, "request.line", "9112-3-1", 400, at);
}

/* Section 2.2: empty lines may come before a request. */
static bool read_start(const uint8_t *data, size_t len, bool response, struct line *start)
{
    bool whole = read_line(data, len, 0, start);

    while (whole && !response && start->text.n == 0)
        whole = read_line(data, len, start->next, start);
    return whole;
}

void wso_read_head(const uint8_t *data, size_t len, bool response, struct wso_head *head)
{
    struct line start;
    bool whole = read_start(data, len, response, &start), odd = false, lost;

    head->count = head->note_count = head->length = 0;
    head->good = false;
    head->data = data;
    head->method = head->target = (struct wso_span){0};
    head->status = head->minor = 0;
    if (!whole)
        lost = no_start(start.text, response);
    else if (response)
        lost = !read_status_line(head, start.text, &odd);
    else
        lost = !read_request_line(head, start.text, &odd);
    if (!lost)
        head->length = whole ? find_end(data, len, start.next) : 0;
    head->state = lost ? WSO_LOST : head->length == 0 ? WSO_CUT : WSO_WHOLE;
    if (head->state == WSO_CUT)
        return;
    if (!lost && start.at > 0)
        wso_note(head, "request.extra-crlf", "9112-2.2-5", 0, 0);
    if (lost || odd)
        judge_start(head, response, start.at);
    odd = odd || lost;
    if (!lost) {
        odd = judge_ends(head, &start) || odd;
        if (!read_fields(data, start.next, response, head, &odd))
            head->state = WSO_LARGE;
    }
    /* RFC 6455, section 4.1: all that makes it no valid HTTP request, once. */
    if (odd && !response)
        wso_note(head, "request.syntax", "6455-4.1-15", 0, start.at);
}
