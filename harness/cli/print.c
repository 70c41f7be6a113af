#include "print.h"
#include "commands.h"

#include <string.h>
#include <wsq/text.h>

enum { WIDTH = 100, LABEL = 10 };

void print_wrapped(FILE *stream, unsigned indent, const char *label, const char *text)
{
    unsigned column = indent + LABEL;
    fprintf(stream, "%*s%-*s", (int)indent, "", LABEL, label);
    for (bool first = true; *text; first = false) {
        size_t n = strcspn(text, " ");
        if (!first && column + 1 + n > WIDTH) {
            fprintf(stream, "\n%*s", (int)indent + LABEL, "");
            column = indent + LABEL;
        } else if (!first) {
            fputc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", (int)n, text);
        column += (unsigned)n;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', stream);
}

static bool same_script(const struct wss_case *a, const struct wss_case *b)
{
    return a->line == b->line && strcmp(a->file, b->file) == 0;
}

/* The id as the script has it, with its variables. */
static void add_id(struct wsq_text *out, const struct wss_case *c, size_t rows)
{
    const char *id = c->script + strlen("case ");
    id += strspn(id, " ");
    if (rows > 1)
        wsq_text_printf(out, "%.*s (%zu)", (int)strcspn(id, " \n"), id, rows);
    else
        wsq_text_puts(out, c->id);
}

void print_cases(unsigned indent, const char *label, const struct wss_case *const *cases,
                 size_t count)
{
    struct wsq_text out = {0};
    for (size_t i = 0; i < count;) {
        size_t rows = 1;
        while (i + rows < count && same_script(cases[i], cases[i + rows]))
            rows++;
        if (i)
            wsq_text_puts(&out, "  ");
        add_id(&out, cases[i], rows);
        i += rows;
    }
    char *text = wsq_text_take(&out, NULL);
    if (text && count > 0)
        print_wrapped(stdout, indent, label, text);
    free(text);
}

int print_json(json_t *value)
{
    bool ok = value && json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0 &&
              putchar('\n') != EOF;
    json_decref(value);
    if (!ok)
        fputs("wsproof: the JSON could not be written\n", stderr);
    return ok ? EXIT_EXPECTED : EXIT_USAGE;
}
