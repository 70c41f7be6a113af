#include <string.h>

#include <wsc/http.h>

/* The chunked coding, RFC 9112, section 7.1; named for what is awaited. */
enum chunk {
    SIZE, /* the first digit of a chunk's size */
    DIGITS,
    EXTENSION, /* up to the end of the size's line */
    DATA,
    DATA_END, /* CR or LF */
    DATA_LF,
    TRAILER,    /* the first byte of a line behind the last chunk */
    TRAILER_LF, /* of the empty line */
    TRAILER_REST
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1*DIGIT, an element of a Content-Length list.  What does not fit is still a length (RFC 9110,
 * section 8.6), and longer than any stream: taken for none, it would let content pass for what
 * comes behind. */
static bool read_length(struct wsc_text text, uint64_t *length)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.p[i]))
            return false;
        n = n > (UINT64_MAX - 9) / 10 ? UINT64_MAX : n * 10 + (uint64_t)(text.p[i] - '0');
    }
    *length = n;
    return text.n != 0;
}

/* Equal repetitions count as one (section 6.3). */
static bool content_length(const struct wsc_head *head, uint64_t *length)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    bool any = false;
    *length = 0;
    while (wsc_head_list(head, "Content-Length", &cursor, &element)) {
        uint64_t n;
        if (!read_length(element, &n) || (any && n != *length))
            return false;
        *length = n;
        any = true;
    }
    return any;
}

static bool chunked_last(const struct wsc_head *head)
{
    struct wsc_list cursor = {0};
    struct wsc_text coding = {NULL, 0};
    while (wsc_head_list(head, "Transfer-Encoding", &cursor, &coding))
        continue;
    return wsc_text_is_nocase(coding, "chunked");
}

static void set_length(struct wsc_body *body, uint64_t length)
{
    body->kind = WSC_BODY_LENGTH;
    body->left = length;
    body->done = length == 0;
}

static void set_none(struct wsc_body *body)
{
    body->kind = WSC_BODY_NONE;
    body->done = true;
}

void wsc_body_of_response(struct wsc_body *body, const struct wsc_head *head,
                          struct wsc_text method)
{
    uint64_t length;
    memset(body, 0, sizeof *body);
    if (wsc_text_is(method, "HEAD") || head->status < 200 || head->status == 204 ||
        head->status == 304 || (wsc_text_is(method, "CONNECT") && head->status < 300))
        set_none(body);
    else if (wsc_head_field(head, "Transfer-Encoding", 0) != NULL)
        body->kind = chunked_last(head) ? WSC_BODY_CHUNKED : WSC_BODY_TO_END;
    else if (content_length(head, &length))
        set_length(body, length);
    else
        body->kind = WSC_BODY_TO_END;
}

void wsc_body_of_request(struct wsc_body *body, const struct wsc_head *head)
{
    uint64_t length;
    memset(body, 0, sizeof *body);
    if (wsc_head_field(head, "Transfer-Encoding", 0) != NULL) {
        body->kind = WSC_BODY_CHUNKED;
        body->broken = !chunked_last(head);
    } else if (content_length(head, &length)) {
        set_length(body, length);
    } else {
        set_none(body);
        body->broken = wsc_head_field(head, "Content-Length", 0) != NULL;
    }
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    char small = (char)(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

static enum chunk after_size(const struct wsc_body *body)
{
    return body->left != 0 ? DATA : TRAILER;
}

/* One byte that is not content. */
static enum chunk step(struct wsc_body *body, char c)
{
    int digit = hex_digit(c);
    switch ((enum chunk)body->state) {
    case SIZE:
        body->broken = digit < 0;
        body->left = digit < 0 ? 0 : (uint64_t)digit;
        return DIGITS;
    case DIGITS:
        if (digit < 0) {
            body->broken = strchr(" \t\r\n;", c) == NULL || c == '\0';
            return c == '\n' ? after_size(body) : EXTENSION;
        }
        body->broken = body->left >> 60 != 0;
        body->left = body->left << 4 | (uint64_t)digit;
        return DIGITS;
    case EXTENSION:
        return c == '\n' ? after_size(body) : EXTENSION;
    case DATA_END:
        body->broken = c != '\r' && c != '\n';
        return c == '\n' ? SIZE : DATA_LF;
    case DATA_LF:
        body->broken = c != '\n';
        return SIZE;
    case TRAILER:
        body->done = c == '\n';
        return c == '\r' ? TRAILER_LF : TRAILER_REST;
    case TRAILER_LF:
        body->done = c == '\n';
        return TRAILER_REST;
    case DATA: /* never: read_chunked takes content itself */
    case TRAILER_REST:
        break;
    }
    return c == '\n' ? TRAILER : TRAILER_REST;
}

/* Up to `left` bytes of content. */
static size_t take_content(struct wsc_body *body, const char *data, size_t len,
                           struct wsc_text *content)
{
    size_t n = len < body->left ? len : (size_t)body->left;
    *content = (struct wsc_text){data, n};
    body->left -= n;
    return n;
}

static size_t read_chunked(struct wsc_body *body, const char *data, size_t len,
                           struct wsc_text *content)
{
    size_t used = 0;
    while (used < len && !body->done && !body->broken) {
        if (body->state == DATA) {
            used += take_content(body, data + used, len - used, content);
            if (body->left == 0)
                body->state = DATA_END;
            break;
        }
        body->state = (uint8_t)step(body, data[used]);
        used++;
    }
    return used;
}

size_t wsc_body_read(struct wsc_body *body, const uint8_t *data, size_t len,
                     struct wsc_text *content)
{
    const char *text = (const char *)data;
    *content = (struct wsc_text){text, 0};
    if (body->done || body->broken)
        return 0;
    switch (body->kind) {
    case WSC_BODY_LENGTH: {
        size_t n = take_content(body, text, len, content);
        body->done = body->left == 0;
        return n;
    }
    case WSC_BODY_CHUNKED:
        return read_chunked(body, text, len, content);
    case WSC_BODY_NONE: /* never: it is done from the start */
    case WSC_BODY_TO_END:
        break;
    }
    *content = (struct wsc_text){text, len};
    return len;
}
