#include <stdlib.h>
#include <string.h>
#include <wsq/journal.h>

#include "writers.h"

char *wsr_json(const struct wsq_run *run, size_t *length)
{
    json_t *json = wsq_run_json(run);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    size_t n = text ? strlen(text) : 0;
    char *ended = text ? realloc(text, n + 2) : NULL;

    json_decref(json);
    if (!ended) {
        free(text);
        return NULL;
    }
    ended[n] = '\n';
    ended[n + 1] = '\0';
    *length = n + 1;
    return ended;
}
