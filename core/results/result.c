#include <wsq/result.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shape.h"

static const char *const verdict_names[] = {"pass",  "info", "warn", "fail",
                                            "flaky", "skip", "error"};

const char *wsq_verdict_name(enum wsq_verdict verdict)
{
    return verdict_names[verdict];
}

bool wsq_verdict_parse(const char *name, enum wsq_verdict *verdict)
{
    for (int i = 0; i <= WSQ_ERROR; i++)
        if (strcmp(name, verdict_names[i]) == 0) {
            *verdict = (enum wsq_verdict)i;
            return true;
        }
    return false;
}

bool wsq_verdict_judged(enum wsq_verdict verdict)
{
    return verdict != WSQ_SKIP && verdict != WSQ_ERROR;
}

static bool is_fault(enum wsq_verdict verdict)
{
    return verdict == WSQ_FAIL || verdict == WSQ_WARN || verdict == WSQ_FLAKY ||
           verdict == WSQ_ERROR;
}

void wsq_totals(const struct wsq_run *run, struct wsq_totals *totals)
{
    *totals = (struct wsq_totals){0};
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];

        totals->of[c->verdict]++;
        totals->judged += wsq_verdict_judged(c->verdict);
        totals->unexpected += c->unexpected;
        totals->expected_faults += c->expectation && !c->unexpected && is_fault(c->verdict);
    }
}

bool wsq_run_as_expected(const struct wsq_run *run)
{
    struct wsq_totals totals;

    wsq_totals(run, &totals);
    return run->complete && totals.unexpected == 0 && run->complaint_count == 0;
}

void wsq_case_drop(struct wsq_case *c)
{
    wsq_shape_drop(&wsq_case_shape, c);
    *c = (struct wsq_case){0};
}

void wsq_run_drop(struct wsq_run *run)
{
    for (size_t i = 0; i < run->case_count; i++)
        wsq_case_drop(&run->cases[i]);
    free(run->cases);
    wsq_shape_drop(&wsq_run_shape, run);
    wsq_shape_drop(&wsq_end_shape, run);
    *run = (struct wsq_run){0};
}

/* The room is the next power of two above the count. */
static bool make_room(struct wsq_run *run)
{
    size_t room = run->case_count ? run->case_count * 2 : 1;
    struct wsq_case *cases;

    if (run->case_count & (run->case_count - 1))
        return true;
    if (room > SIZE_MAX / sizeof *cases)
        return false;
    cases = realloc(run->cases, room * sizeof *cases);
    if (!cases)
        return false;
    run->cases = cases;
    return true;
}

bool wsq_run_add(struct wsq_run *run, struct wsq_case *c)
{
    if (!make_room(run))
        return false;
    run->cases[run->case_count++] = *c;
    *c = (struct wsq_case){0};
    return true;
}

bool wsq_run_complain(struct wsq_run *run, const char *complaint)
{
    char *copy = wsq_dup(complaint);
    char **list = realloc(run->complaints, (run->complaint_count + 1) * sizeof *list);

    if (list)
        run->complaints = list;
    if (!list || !copy) {
        free(copy);
        return false;
    }
    list[run->complaint_count++] = copy;
    return true;
}

static int by_id(const void *a, const void *b)
{
    const struct wsq_case *one = a, *other = b;
    int order = wsq_natural(one->id, other->id);

    return order ? order
                 : (one->started_ms > other->started_ms) - (one->started_ms < other->started_ms);
}

void wsq_run_sort(struct wsq_run *run)
{
    if (run->case_count > 1)
        qsort(run->cases, run->case_count, sizeof *run->cases, by_id);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *s)
{
    size_t n = 0;

    while (is_digit(s[n]))
        n++;
    return n;
}

/* Compares the numbers at *a and *b, of any length, and steps behind them. */
static int compare_numbers(const char **a, const char **b)
{
    size_t m, n;
    int order;

    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    m = digits(*a);
    n = digits(*b);
    order = m == n ? memcmp(*a, *b, n) : m < n ? -1 : 1;
    *a += m;
    *b += n;
    return order;
}

int wsq_natural(const char *a, const char *b)
{
    const char *one = a, *other = b;

    while (*one && *other) {
        if (is_digit(*one) && is_digit(*other)) {
            int order = compare_numbers(&one, &other);

            if (order)
                return order;
        } else if (*one == *other) {
            one++;
            other++;
        } else {
            break;
        }
    }
    if (*one != *other)
        return (unsigned char)*one < (unsigned char)*other ? -1 : 1;
    return strcmp(a, b);
}

char *wsq_dup(const char *s)
{
    size_t n = s ? strlen(s) + 1 : 0;
    char *copy = s ? malloc(n) : NULL;

    return copy ? memcpy(copy, s, n) : NULL;
}

char *wsq_format(const char *format, ...)
{
    va_list args;
    char *s;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    s = n < 0 ? NULL : malloc((size_t)n + 1);
    if (!s)
        return NULL;
    va_start(args, format);
    vsnprintf(s, (size_t)n + 1, format, args);
    va_end(args);
    return s;
}

static bool begins(const char *p, size_t n, const char *word)
{
    return n > strlen(word) && strncmp(p, word, strlen(word)) == 0;
}

static bool waits(const char *line, size_t n)
{
    if (begins(line, n, "wait ") || begins(line, n, "silent "))
        return true;
    for (size_t i = 0; i < n && *line != '#'; i++)
        if (begins(line + i, n - i, "pause="))
            return true;
    return false;
}

const char *wsq_next_wait(const char **script, size_t *length)
{
    while (**script) {
        size_t n = strcspn(*script, "\n"), indent = strspn(*script, " ");
        const char *line = *script + indent;

        *script += n + ((*script)[n] == '\n');
        if (indent < n && waits(line, n - indent)) {
            *length = n - indent;
            return line;
        }
    }
    return NULL;
}
