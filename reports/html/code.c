#include <string.h>

#include "escape.h"
#include "html/page.h"

enum {
    MARKS = 8
}; /* more lines than this are not marked: the search must not grow with hostile lists */

/* Lines to be marked, from 1. */
struct marks {
    unsigned lines[MARKS];
    size_t count;
};

static bool is_marked(const struct marks *marks, unsigned line)
{
    for (size_t i = 0; i < marks->count; i++)
        if (marks->lines[i] == line)
            return true;
    return false;
}

static void mark(struct marks *marks, unsigned line)
{
    if (line > 0 && marks->count < MARKS && !is_marked(marks, line))
        marks->lines[marks->count++] = line;
}

/* The first word of a line, and who speaks in it: it ends with '>' or '<', as in `bob> text "hi"`.
 */
static const char *speaker(const char *p, size_t n, size_t *begin, size_t *end)
{
    *begin = 0;
    while (*begin < n && p[*begin] == ' ')
        (*begin)++;
    for (*end = *begin; *end < n && p[*end] != ' ';)
        (*end)++;
    if (*end == *begin)
        return NULL;
    if (p[*begin] == '#')
        return "note";
    if (p[*end - 1] == '>')
        return "us";
    return p[*end - 1] == '<' ? "peer" : NULL;
}

/* ---- lines ---- */

static void put_line(struct wsr_page *page, const char *p, size_t n, bool marked)
{
    size_t begin, end;
    const char *who = speaker(p, n, &begin, &end);

    if (marked)
        wsr_put(page, "<mark>");
    if (who)
        wsr_put(page, "<span class=\"%s\">", who);
    wsr_escape(&page->text, p, n);
    if (who)
        wsr_put(page, "</span>");
    if (marked)
        wsr_put(page, "</mark>");
    wsr_put(page, "\n");
}

static void put_lines(struct wsr_page *page, const char *source, const struct marks *marks,
                      size_t limit)
{
    const char *p = source;
    unsigned line = 1;

    for (size_t n; *p && (size_t)(p - source) < limit; p += n + (p[n] == '\n'), line++) {
        n = strcspn(p, "\n");
        if ((size_t)(p - source) + n > limit)
            break;
        put_line(page, p, n, is_marked(marks, line));
    }
    if (*p)
        wsr_put_limited(page, p, p == source ? limit : 0);
}

void wsr_put_script(struct wsr_page *page, const struct wsq_case *c, size_t limit)
{
    struct marks marks = {.count = 0};

    for (size_t i = 0; i < c->fault_count && i < MARKS; i++)
        mark(&marks, c->faults[i].line);
    wsr_put(page, "<pre class=\"code\">");
    put_lines(page, c->script, &marks, limit);
    wsr_put(page, "</pre>\n");
}

/* ---- where the conversation left the script ---- */

/* How a transcript begins what a fault tells in words. */
static size_t notation_of(const char *saw, const char **word)
{
    static const struct {
        const char *told, *written;
    } words[] = {{"the end of the connection", "eof"},
                 {"a refused connection", "refused"},
                 {"a frame", "frame"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(saw, words[i].told, strlen(words[i].told)) == 0) {
            *word = words[i].written;
            return strlen(words[i].written);
        }
    *word = saw;
    return strcspn(saw, " ");
}

/* Does the peer say a thing of that kind in this line?  Unasked for, it is a comment: `# < ping`.
 */
static bool says(const char *p, size_t n, const char *word, size_t length)
{
    size_t begin, end;
    const char *who = speaker(p, n, &begin, &end);

    if (who && *who == 'n') {
        p += end;
        n -= end;
        who = speaker(p, n, &begin, &end);
    }
    if (!who || *who != 'p' || end + 1 + length > n)
        return false;
    p += end + 1;
    n -= end + 1;
    return memcmp(p, word, length) == 0 && (n == length || p[length] == ' ');
}

/* The last line in which the peer does what the fault saw; 0 if there is none. */
static unsigned departure(const char *transcript, const struct wsq_fault *fault)
{
    const char *word;
    size_t length = notation_of(fault->saw, &word);
    unsigned line = 1, found = 0;

    if (length == 0)
        return 0;
    for (const char *p = transcript; *p; line++) {
        size_t n = strcspn(p, "\n");

        if (says(p, n, word, length))
            found = line;
        p += n + (p[n] == '\n');
    }
    return found;
}

void wsr_put_transcript(struct wsr_page *page, const struct wsq_case *c, size_t limit)
{
    struct marks marks = {.count = 0};
    const struct wsq_fault *missing = NULL;

    for (size_t i = 0; i < c->fault_count && i < MARKS; i++) {
        const struct wsq_fault *fault = &c->faults[i];

        if (fault->seen && fault->saw)
            mark(&marks, departure(c->transcript, fault));
        else if (!fault->seen && fault->saw)
            missing = fault;
    }
    wsr_put(page, "<pre class=\"code\">");
    put_lines(page, c->transcript, &marks, limit);
    if (missing) {
        wsr_put(page, "<mark>  <span class=\"note\"># ");
        wsr_put_limited(page, missing->saw, 300);
        wsr_put(page, "</span></mark>\n");
    }
    wsr_put(page, "</pre>\n");
}
