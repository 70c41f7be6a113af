/* wsh/select.h - choose cases by the shape of their ids.
 *
 * In a pattern `*` stands for any run of characters, `/` included, and `?` for one; the pattern
 * must cover the whole id.
 */
#ifndef WSH_SELECT_H
#define WSH_SELECT_H

#include <wss/plan.h>

bool wsh_glob(const char *pattern, const char *text);

struct wsh_patterns {
    const char **list;
    size_t count;
};

/* Sets selected[i] for each case of the plan: those that match one of `only` (all, when there is
 * none) and none of `skip`.  A pattern that matches no case is an error: -1, with its text in
 * error. */
int wsh_select(const struct wss_plan *plan, const struct wsh_patterns *only,
               const struct wsh_patterns *skip, bool *selected, char *error, size_t size);

#endif
