/* wsr/report.h - write a run as a report.
 *
 * Pure: model in, text out.  Whatever the peer sent reaches a page or a document only through the
 * one escaping function of its format.
 */
#ifndef WSR_REPORT_H
#define WSR_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <wsq/result.h>

/* Where the files of a report in several files go.  Returns false to stop. */
struct wsr_sink {
    bool (*put)(void *context, const char *name, const char *text, size_t length);
    void *context;
};

/* A report is one text, or a folder of files: one of the two functions is there. */
struct wsr_format {
    const char *name;      /* "json" */
    const char *extension; /* "json" */
    const char *what;      /* one line for --help */
    char *(*write)(const struct wsq_run *run,
                   size_t *length); /* to be freed; NULL when memory ends */
    int (*write_files)(const struct wsq_run *run,
                       const struct wsr_sink *sink); /* 0, or -1 when memory
                                                      * ends or the sink stops */
};

/* NULL if there is none of that name. */
const struct wsr_format *wsr_format(const char *name);
const struct wsr_format *wsr_format_at(size_t i); /* NULL behind the last */

#endif
