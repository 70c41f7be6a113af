/* terminal.h - what a person sees while a run goes on and when it ends.
 *
 * Everything that came from a peer is escaped.  Colour and the progress line only on a terminal.
 */
#ifndef WSPROOF_TERMINAL_H
#define WSPROOF_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>
#include <wsh/run.h>

struct terminal {
    FILE *out; /* standard output, or standard error when a report takes that */
    bool quiet, verbose;
    bool colour; /* on `out` */
    bool live;   /* standard error is a terminal: a progress line is shown */
    bool line_shown;
    unsigned long long shown_ms;
};

/* `choice` is the value of --color: always, never, auto or NULL.  False when it is none of these.
 */
bool terminal_init(struct terminal *terminal, FILE *out, const char *choice, bool quiet,
                   bool verbose);

void terminal_progress(struct terminal *terminal, const struct wsh_progress *progress);
void terminal_looking(struct terminal *terminal, const char *what); /* for a limit */
void terminal_clear(struct terminal *terminal); /* takes the progress line away */

/* -v: the verdict of a case the moment it is known; lines of a transcript. */
void terminal_result(struct terminal *terminal, const struct wsq_case *c);
void terminal_news(struct terminal *terminal, const char *id, const char *text);

/* "judged N of M, skipped K for lack of X", what was unexpected, totals, what was expected; how
 * many cases of the plan needed an echo. */
void terminal_summary(struct terminal *terminal, const struct wsq_run *run,
                      const struct wss_plan *plan);

/* Text from outside on one line. */
void print_visible(FILE *stream, const char *text);

#endif
