#include <wsh/select.h>

#include <stdio.h>

/* On a mismatch only the last `*` is tried one byte further: linear in practice, never exponential.
 */
bool wsh_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *mark = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            mark = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool matches_one(const struct wsh_patterns *patterns, const char *id)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (wsh_glob(patterns->list[i], id))
            return true;
    return false;
}

static int all_match(const struct wsh_patterns *patterns, const char *option,
                     const struct wss_plan *plan, char *error, size_t size)
{
    for (size_t i = 0; i < patterns->count; i++) {
        size_t k = 0;
        while (k < plan->count && !wsh_glob(patterns->list[i], plan->cases[k].id))
            k++;
        if (k == plan->count) {
            snprintf(error, size, "%s %s: no case has such an id", option, patterns->list[i]);
            return -1;
        }
    }
    return 0;
}

int wsh_select(const struct wss_plan *plan, const struct wsh_patterns *only,
               const struct wsh_patterns *skip, bool *selected, char *error, size_t size)
{
    if (all_match(only, "--only", plan, error, size) != 0 ||
        all_match(skip, "--skip", plan, error, size) != 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++) {
        const char *id = plan->cases[i].id;
        selected[i] = (only->count == 0 || matches_one(only, id)) && !matches_one(skip, id);
    }
    return 0;
}
