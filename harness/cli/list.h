/* list.h - the listings of `wsproof list`; each returns an exit code. */
#ifndef WSPROOF_LIST_H
#define WSPROOF_LIST_H

#include <wss/plan.h>

struct list_options {
    bool longer; /* -l */
    bool json;
    bool bare; /* of the requirements and ids only what lacks something; 1 when anything does */
};

int list_cases(const struct wss_plan *plan, const bool *selected, const struct list_options *o);
int list_requirements(const struct wss_plan *plan, const struct list_options *o);
int list_autobahn(const struct wss_plan *plan, const struct list_options *o);

#endif
