#include <wsq/expect.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

enum { SHOWN = 120 }; /* bytes of a line that a message quotes */

struct parser {
    const char *name;
    const char *line, *end; /* the line at hand, without its line end */
    unsigned number;
    char *error;
    size_t size;
};

struct span {
    const char *p;
    size_t n;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How wide n bytes of the line are once made visible. */
static size_t width(const char *p, size_t n)
{
    struct wsq_text text = {0};
    size_t columns = 0;

    wsq_text_visible(&text, p, n);
    for (size_t i = 0; i < text.n; i++)
        columns += (text.p[i] & 0xC0) != 0x80;
    wsq_text_drop(&text);
    return columns;
}

/* Long lines are shown from their begin only; what is wrong stands there but for a very long id. */
static void put_quote(const struct parser *parser, struct span at, struct wsq_text *text)
{
    size_t length = (size_t)(parser->end - parser->line), before = (size_t)(at.p - parser->line);
    size_t shown = length < SHOWN ? length : SHOWN;

    wsq_text_visible(text, parser->line, shown);
    if (before > shown)
        return;
    wsq_text_printf(text, "\n%*s^", (int)width(parser->line, before), "");
    if (at.n > shown - before)
        at.n = shown - before;
    for (size_t more = width(at.p, at.n); more > 1; more--)
        wsq_text_puts(text, "~");
}

static int refuse(const struct parser *parser, struct span at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(const struct parser *parser, struct span at, const char *format, ...)
{
    struct wsq_text text = {0};
    char message[200];
    va_list args;
    char *all;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    wsq_text_printf(&text, "%s:%u:%zu: error: %s\n", parser->name, parser->number,
                    (size_t)(at.p - parser->line) + 1, message);
    put_quote(parser, at, &text);
    all = wsq_text_take(&text, NULL);
    snprintf(parser->error, parser->size, "%s", all ? all : "out of memory");
    free(all);
    return -1;
}

static int no_memory(const struct parser *parser)
{
    snprintf(parser->error, parser->size, "out of memory");
    return -1;
}

static struct span next_word(const struct parser *parser, const char *from)
{
    struct span word = {from, 0};

    while (word.p < parser->end && is_blank(*word.p))
        word.p++;
    while (word.p + word.n < parser->end && !is_blank(word.p[word.n]))
        word.n++;
    return word;
}

static char *copy(const char *p, size_t n)
{
    char *s = malloc(n + 1);

    if (!s)
        return NULL;
    memcpy(s, p, n);
    s[n] = '\0';
    return s;
}

static int parse_verdict(const struct parser *parser, struct span word, unsigned *verdicts)
{
    enum wsq_verdict verdict;
    char name[8] = "";

    if (word.n > 0 && word.n < sizeof name)
        memcpy(name, word.p, word.n);
    if (!wsq_verdict_parse(name, &verdict))
        return refuse(parser, word,
                      "expected a verdict: pass, info, warn, fail, flaky, skip or error");
    if (*verdicts & 1U << verdict)
        return refuse(parser, word, "%s stands here twice", name);
    *verdicts |= 1U << verdict;
    return 0;
}

/* warn|pass */
static int parse_verdicts(const struct parser *parser, struct span list, unsigned *verdicts)
{
    const char *end = list.p + list.n;

    for (const char *p = list.p;; p++) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        const char *stop = bar ? bar : end;

        if (parse_verdict(parser, (struct span){p, (size_t)(stop - p)}, verdicts) < 0)
            return -1;
        if (!bar)
            return 0;
        p = bar;
    }
}

static int parse_reason(const struct parser *parser, const char *from,
                        struct wsq_expectation *entry)
{
    const char *p = from, *end = parser->end;

    while (p < end && is_blank(*p))
        p++;
    if (p < end && *p != '#')
        return refuse(parser, next_word(parser, p), "expected `# reason` or the end of the line");
    while (p < end && (*p == '#' || is_blank(*p)))
        p++;
    while (end > p && is_blank(end[-1]))
        end--;
    entry->reason = copy(p, (size_t)(end - p));
    return entry->reason ? 0 : no_memory(parser);
}

static int parse_entry(const struct parser *parser, struct span id, struct wsq_expectation *entry)
{
    struct span verdicts = next_word(parser, id.p + id.n);

    entry->line = parser->number;
    entry->id = copy(id.p, id.n);
    if (!entry->id)
        return no_memory(parser);
    if (parse_verdicts(parser, verdicts, &entry->verdicts) < 0)
        return -1;
    return parse_reason(parser, verdicts.p + verdicts.n, entry);
}

static int parse_line(const struct parser *parser, struct wsq_expectations *out)
{
    struct span id = next_word(parser, parser->line);
    const char *nul = memchr(parser->line, '\0', (size_t)(parser->end - parser->line));

    if (nul)
        return refuse(parser, (struct span){nul, 1}, "a NUL byte");
    if (id.n == 0 || *id.p == '#')
        return 0;
    if ((out->count & (out->count - 1)) == 0) {
        size_t room = out->count ? out->count * 2 : 1;
        struct wsq_expectation *list = realloc(out->list, room * sizeof *list);

        if (!list)
            return no_memory(parser);
        out->list = list;
    }
    out->list[out->count++] = (struct wsq_expectation){0};
    return parse_entry(parser, id, &out->list[out->count - 1]);
}

static const char *next_line(struct parser *parser, const char *p, const char *end)
{
    const char *stop = memchr(p, '\n', (size_t)(end - p));

    parser->line = p;
    parser->end = stop ? stop : end;
    parser->number++;
    p = stop ? stop + 1 : end;
    if (parser->end > parser->line && parser->end[-1] == '\r')
        parser->end--;
    return p;
}

static int by_id_and_line(const void *a, const void *b)
{
    const struct wsq_expectation *one = *(const struct wsq_expectation *const *)a;
    const struct wsq_expectation *other = *(const struct wsq_expectation *const *)b;
    int order = strcmp(one->id, other->id);

    return order ? order : (one->line > other->line) - (one->line < other->line);
}

/* The first line that names an id again, or NULL; *first is where it stood before. */
static const struct wsq_expectation *find_twice(const struct wsq_expectation **sorted, size_t count,
                                                unsigned *first)
{
    const struct wsq_expectation *twice = NULL;

    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0 &&
            (!twice || sorted[i]->line < twice->line)) {
            twice = sorted[i];
            *first = sorted[i - 1]->line;
        }
    return twice;
}

static int refuse_twice(struct parser *parser, const struct wsq_expectation *twice, unsigned first,
                        const char *text, const char *end)
{
    parser->number = 0;
    for (const char *p = text; parser->number < twice->line;)
        p = next_line(parser, p, end);
    return refuse(parser, next_word(parser, parser->line), "this id stands in line %u already",
                  first);
}

static int check_twice(struct parser *parser, const struct wsq_expectations *out, const char *text,
                       const char *end)
{
    const struct wsq_expectation **sorted = calloc(out->count + 1, sizeof *sorted);
    const struct wsq_expectation *twice;
    unsigned first = 0;

    if (!sorted)
        return no_memory(parser);
    for (size_t i = 0; i < out->count; i++)
        sorted[i] = &out->list[i];
    qsort(sorted, out->count, sizeof *sorted, by_id_and_line);
    twice = find_twice(sorted, out->count, &first);
    free(sorted);
    return twice ? refuse_twice(parser, twice, first, text, end) : 0;
}

int wsq_expect_parse(const char *name, const char *text, size_t length,
                     struct wsq_expectations *out, char *error, size_t size)
{
    struct parser parser = {.name = name, .error = error, .size = size};
    const char *end = text + length;
    int bad = 0;

    *out = (struct wsq_expectations){.name = wsq_dup(name)};
    if (!out->name)
        bad = no_memory(&parser);
    for (const char *p = text; p < end && bad == 0;) {
        p = next_line(&parser, p, end);
        bad = parse_line(&parser, out);
    }
    if (bad == 0)
        bad = check_twice(&parser, out, text, end);
    if (bad < 0)
        wsq_expect_drop(out);
    return bad;
}

void wsq_expect_drop(struct wsq_expectations *expectations)
{
    for (size_t i = 0; i < expectations->count; i++) {
        free(expectations->list[i].id);
        free(expectations->list[i].reason);
    }
    free(expectations->list);
    free(expectations->name);
    *expectations = (struct wsq_expectations){0};
}
