/* output.h - what a run leaves behind: reports, the verdict on the whole, expectations. */
#ifndef WSPROOF_OUTPUT_H
#define WSPROOF_OUTPUT_H

#include "options.h"
#include "terminal.h"

#include <wsh/run.h>
#include <wsq/expect.h>
#include <wsr/report.h>

/* FORMAT=PATH of --report. */
struct report {
    const struct wsr_format *format;
    const char *path; /* "-": standard output */
};

struct reports {
    struct report *list;
    size_t count;
};

/* 0, or 2 after saying what is wrong. */
int reports_read(const struct command *command, const struct texts *texts, struct reports *reports);
/* Can each be written where it is to go?  So that a run of minutes is not lost on a misspelt
 * folder.  0, or 2 after saying which cannot. */
int reports_try(const struct reports *reports);
int output_try(const char *path);
/* Writes them all and says where, on the terminal; 0, or 2 when one could not be written. */
int reports_write(const struct reports *reports, const struct wsq_run *run,
                  const struct terminal *terminal);

/* Does one of FORMAT=PATH go to standard output?  Then nothing else may. */
bool reports_take_stdout(const struct texts *texts);

/* The formats, for --help. */
const char *reports_help(void);

/* 0, or 2 after saying what is wrong. */
int expectations_read(const struct command *command, const char *path,
                      struct wsq_expectations *expectations);
/* What would make this run expected, even a strict one.  Says what it wrote. */
int expectations_write(const char *path, const struct wsq_run *run,
                       const struct terminal *terminal);
/* What fails, and no warnings; says how much of that is agreed to from now on. */
int expectations_agree(const char *path, const struct wsq_run *run,
                       const struct terminal *terminal);

/* Reads a run from a journal.  0, or 2 after saying what is wrong. */
int journal_load(const struct command *command, const char *path, struct wsq_run *run);

/* The exit code that the results deserve. */
int run_exit_code(const struct wsq_run *run, enum wsh_end end);

#endif
