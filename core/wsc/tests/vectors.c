#define _DEFAULT_SOURCE
#include <ctype.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

enum { VECTORS_MAX = 1024, FIELDS_MAX = 64, LINE_MAX_LEN = 4096 };

/* A head in the making: its lines, each with its line end. */
struct draft {
    char *lines[FIELDS_MAX];
    size_t lengths[FIELDS_MAX];
    size_t count;
};

static struct vector all[VECTORS_MAX];
static size_t total;
static const char *file_name;
static unsigned line_number;
static struct draft head, asked;

static void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%u: ", file_name, line_number);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

static void *copy_of(const void *bytes, size_t len)
{
    void *copy = malloc(len + 1);
    if (copy == NULL)
        die("no memory");
    memcpy(copy, bytes, len);
    ((char *)copy)[len] = '\0';
    return copy;
}

static int hex_value(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10
                                        : -1;
}

/* \r \n \t \\ \xHH */
static size_t unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        switch (*++from) {
        case 'r':
            *to++ = '\r';
            break;
        case 'n':
            *to++ = '\n';
            break;
        case 't':
            *to++ = '\t';
            break;
        case 'x':
            if (hex_value(from[1]) < 0 || hex_value(from[2]) < 0)
                die("bad escape");
            *to++ = (char)(hex_value(from[1]) << 4 | hex_value(from[2]));
            from += 2;
            break;
        case '\\':
            *to++ = '\\';
            break;
        default:
            die("bad escape");
        }
    }
    return (size_t)(to - text);
}

static void append_bytes(struct vector *v, const char *hex)
{
    while (*hex != '\0') {
        if (isspace((unsigned char)*hex)) {
            hex++;
            continue;
        }
        if (hex_value(hex[0]) < 0 || hex_value(hex[1]) < 0)
            die("bad hex \"%s\"", hex);
        if ((v->len & (v->len - 1)) == 0 && (v->bytes = realloc(v->bytes, 2 * v->len + 1)) == NULL)
            die("no memory");
        v->bytes[v->len++] = (uint8_t)(hex_value(hex[0]) << 4 | hex_value(hex[1]));
        hex += 2;
    }
}

/* repeat N HEX */
static void append_repeated(struct vector *v, const char *text)
{
    char *hex;
    for (unsigned long n = strtoul(text, &hex, 10); n != 0; n--)
        append_bytes(v, hex);
}

static void insert(struct draft *d, size_t at, const char *bytes, size_t len)
{
    if (d->count == FIELDS_MAX)
        die("too many lines");
    memmove(d->lines + at + 1, d->lines + at, (d->count - at) * sizeof *d->lines);
    memmove(d->lengths + at + 1, d->lengths + at, (d->count - at) * sizeof *d->lengths);
    d->lines[at] = copy_of(bytes, len);
    d->lengths[at] = len;
    d->count++;
}

static void removed(struct draft *d, size_t at)
{
    free(d->lines[at]);
    d->count--;
    memmove(d->lines + at, d->lines + at + 1, (d->count - at) * sizeof *d->lines);
    memmove(d->lengths + at, d->lengths + at + 1, (d->count - at) * sizeof *d->lengths);
}

static void clear(struct draft *d)
{
    while (d->count != 0)
        removed(d, d->count - 1);
}

static void push(struct draft *d, const char *line)
{
    char buffer[LINE_MAX_LEN];
    int n = snprintf(buffer, sizeof buffer, "%s\r\n", line);
    insert(d, d->count, buffer, (size_t)n);
}

static void valid_request(struct draft *d)
{
    clear(d);
    push(d, "GET /chat HTTP/1.1");
    push(d, "Host: server.example.com");
    push(d, "Upgrade: websocket");
    push(d, "Connection: Upgrade");
    push(d, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    push(d, "Sec-WebSocket-Version: 13");
    push(d, "");
}

static void valid_response(struct draft *d)
{
    clear(d);
    push(d, "HTTP/1.1 101 Switching Protocols");
    push(d, "Upgrade: websocket");
    push(d, "Connection: Upgrade");
    push(d, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    push(d, "");
}

static size_t find_field(const struct draft *d, const char *name, size_t len)
{
    for (size_t i = 1; i < d->count; i++)
        if (strncmp(d->lines[i], name, len) == 0 && d->lines[i][len] == ':')
            return i;
    return d->count;
}

/* One change to a head: start LINE, -Name, +Name: value, Name: value, raw LINE (with its end), all
 * TEXT. */
static void change(struct draft *d, char *text)
{
    char buffer[LINE_MAX_LEN];
    if (strncmp(text, "raw ", 4) == 0) {
        size_t n = unescape(text + 4);
        insert(d, d->count - 1, text + 4, n);
    } else if (strncmp(text, "all ", 4) == 0) {
        size_t n = unescape(text + 4);
        clear(d);
        insert(d, 0, text + 4, n);
    } else if (strncmp(text, "start ", 6) == 0) {
        size_t n = unescape(text + 6);
        removed(d, 0);
        memcpy(buffer, text + 6, n);
        memcpy(buffer + n, "\r\n", 2);
        insert(d, 0, buffer, n + 2);
    } else if (text[0] == '-') {
        size_t at = find_field(d, text + 1, strlen(text + 1));
        if (at == d->count)
            die("no field %s", text + 1);
        removed(d, at);
    } else {
        bool more = text[0] == '+';
        char *field = more ? text + 1 : text;
        const char *colon = strchr(field, ':');
        if (colon == NULL)
            die("what is \"%s\"?", field);
        size_t at = find_field(d, field, (size_t)(colon - field));
        size_t n = unescape(field);
        memcpy(buffer, field, n);
        memcpy(buffer + n, "\r\n", 2);
        if (!more && at < d->count)
            removed(d, at);
        insert(d, more || at == d->count ? d->count - 1 : at, buffer, n + 2);
    }
}

static uint8_t *joined(const struct draft *d, size_t *len)
{
    size_t n = 0;
    for (size_t i = 0; i < d->count; i++)
        n += d->lengths[i];
    uint8_t *bytes = malloc(n + 1);
    if (bytes == NULL)
        die("no memory");
    *len = n;
    n = 0;
    for (size_t i = 0; i < d->count; i++) {
        memcpy(bytes + n, d->lines[i], d->lengths[i]);
        n += d->lengths[i];
    }
    return bytes;
}

static void close_vector(struct vector *v)
{
    if (v == NULL || v->kind == VECTOR_FRAMES)
        return;
    v->bytes = joined(&head, &v->len);
    v->request = joined(&asked, &v->request_len);
}

static struct vector *open_vector(enum vector_kind kind, const char *name)
{
    if (total == VECTORS_MAX)
        die("too many vectors");
    struct vector *v = &all[total++];
    v->kind = kind;
    v->verdict = -1;
    snprintf(v->name, sizeof v->name, "%s", name);
    valid_request(&asked);
    if (kind == VECTOR_REQUEST)
        valid_request(&head);
    else
        valid_response(&head);
    return v;
}

static void add_text(char *to, size_t size, const char *text, const char *separator)
{
    size_t n = strlen(to);
    if (n + strlen(text) + 2 > size)
        die("too long");
    snprintf(to + n, size - n, "%s%s", n != 0 ? separator : "", text);
}

static void add_hex(char *to, size_t size, const char *hex)
{
    char compact[LINE_MAX_LEN];
    size_t n = 0;
    for (; *hex != '\0'; hex++)
        if (!isspace((unsigned char)*hex))
            compact[n++] = *hex;
    compact[n] = '\0';
    add_text(to, size, compact, "");
}

/* A line of a vector: its first word says what it is; lines of heads may be changes. */
static void property(struct vector *v, char *text)
{
    char word[32] = "";
    sscanf(text, "%31s", word);
    char *rest = text + strlen(word);
    while (*rest == ' ')
        rest++;
    if (strcmp(word, "breaks") == 0) {
        v->has_breaks = true;
        if (strcmp(rest, "nothing") != 0)
            add_text(v->breaks, sizeof v->breaks, rest, " ");
    } else if (strcmp(word, "from") == 0) {
        v->from = strcmp(rest, "client") == 0 ? WSC_CLIENT : WSC_SERVER;
    } else if (strcmp(word, "agreed") == 0) {
        add_text(v->agreed, sizeof v->agreed, rest, "");
    } else if (strcmp(word, "limit") == 0) {
        v->limit = strtoull(rest, NULL, 10);
    } else if (strcmp(word, "bytes") == 0) {
        append_bytes(v, rest);
    } else if (strcmp(word, "repeat") == 0) {
        append_repeated(v, rest);
    } else if (strcmp(word, "event") == 0) {
        v->has_events = true;
        add_text(v->events, sizeof v->events, rest, "\n");
    } else if (strcmp(word, "output") == 0) {
        v->has_output = true;
        add_hex(v->output, sizeof v->output, rest);
    } else if (strcmp(word, "answer") == 0) {
        v->verdict = atoi(rest);
    } else if (strcmp(word, "establishes") == 0) {
        v->verdict = strcmp(rest, "yes") == 0;
    } else if (strcmp(word, "fields") == 0) {
        while (strcmp(rest, "none") == 0 && head.count > 2)
            removed(&head, 1);
    } else if (strcmp(word, "asked") == 0) {
        change(&asked, rest);
    } else {
        change(&head, text);
    }
}

static void read_file(const char *name)
{
    FILE *in = fopen(name, "r");
    char line[LINE_MAX_LEN];
    struct vector *v = NULL;
    file_name = name;
    line_number = 0;
    if (in == NULL)
        die("cannot be read");
    while (fgets(line, sizeof line, in) != NULL) {
        line_number++;
        line[strcspn(line, "\n")] = '\0';
        char *text = line + strspn(line, " ");
        if (*text == '\0' || *text == '#')
            continue;
        if (text != line) {
            if (v == NULL)
                die("a line outside a vector");
            property(v, text);
            continue;
        }
        close_vector(v);
        char kind[16] = "", title[80] = "";
        if (sscanf(line, "%15s %79s", kind, title) != 2)
            die("a vector begins with its kind and its name");
        v = open_vector(strcmp(kind, "frames") == 0    ? VECTOR_FRAMES
                        : strcmp(kind, "request") == 0 ? VECTOR_REQUEST
                                                       : VECTOR_RESPONSE,
                        title);
    }
    close_vector(v);
    fclose(in);
}

const struct vector *vectors_load(size_t *count)
{
    glob_t files;
    if (total == 0 && glob(WSPROOF_SOURCE_DIR "/corpus/vectors/*.vec", 0, NULL, &files) == 0) {
        for (size_t i = 0; i < files.gl_pathc; i++)
            read_file(files.gl_pathv[i]);
        globfree(&files);
    }
    if (total == 0) {
        fprintf(stderr, "no vectors in %s/corpus/vectors\n", WSPROOF_SOURCE_DIR);
        exit(2);
    }
    *count = total;
    return all;
}
