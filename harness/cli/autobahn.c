#include "autobahn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(id, section, what, differs) {id, section, what, differs},
static const struct autobahn_case table[] = {
#include "autobahn.def"
};
#undef ROW

enum { ROWS = sizeof table / sizeof table[0] };

const struct autobahn_case *autobahn_at(size_t i)
{
    return i < ROWS ? &table[i] : NULL;
}

const struct autobahn_case *autobahn_case(const char *id)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(table[i].id, id) == 0)
            return &table[i];
    return NULL;
}

bool autobahn_core(const char *id)
{
    long section = strtol(id, NULL, 10);
    return (section >= 1 && section <= 7) || section == 10;
}

bool stands_for(const struct wss_case *c, const char *id)
{
    for (size_t i = 0; i < c->autobahn_count; i++)
        if (strcmp(c->autobahn[i], id) == 0)
            return true;
    return false;
}

size_t autobahn_misnamed(const struct wss_plan *plan)
{
    size_t wrong = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct wss_case *c = &plan->cases[i];
        for (size_t k = 0; k < c->autobahn_count; k++) {
            if (autobahn_case(c->autobahn[k]))
                continue;
            fprintf(stderr,
                    "%s:%u: error: Autobahn has no case %s: see `wsproof list --autobahn`\n",
                    c->file, c->line, c->autobahn[k]);
            wrong++;
        }
    }
    return wrong;
}
