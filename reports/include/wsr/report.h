/* wsr/report.h - write a run as a report.
 *
 * Pure: model in, text out.  Whatever the peer sent reaches a page or a document only through the one
 * escaping function of its format.
 */
#ifndef WSR_REPORT_H
#define WSR_REPORT_H

#include <stddef.h>
#include <wsq/result.h>

struct wsr_format {
    const char *name;      /* "json" */
    const char *extension; /* "json" */
    const char *what;      /* one line for --help */
    char *(*write)(const struct wsq_run *run, size_t *length); /* to be freed; NULL when memory ends */
};

/* NULL if there is none of that name. */
const struct wsr_format *wsr_format(const char *name);
const struct wsr_format *wsr_format_at(size_t i); /* NULL behind the last */

#endif
