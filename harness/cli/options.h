/* options.h - command lines as tables: one row an option, for parsing and for --help alike. */
#ifndef WSPROOF_OPTIONS_H
#define WSPROOF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char *; the last one counts */
    OPTION_LIST,     /* struct texts; may be given any number of times */
    OPTION_NUMBER,   /* uint64_t, from `least` to `most` */
    OPTION_DURATION, /* uint64_t, milliseconds */
    OPTION_TITLE     /* a heading in --help */
};

struct texts {
    const char **list;
    size_t count;
};

struct option {
    enum option_kind kind;
    char letter;       /* 0: none */
    const char *name;  /* without "--" */
    const char *value; /* as --help names it: "PATH" */
    const char *what;
    void *slot;
    uint64_t least, most;
};

struct command {
    const char *name;
    const char *usage; /* behind "wsproof NAME " */
    const char *what;  /* one line, then more for its own help */
    const char *more;
    int (*run)(int count, char **arguments);
};

/* Reads arguments[0..count).  What is no option goes to *rest.  0; 1 when --help was asked for and
 * printed; -1 when something is wrong and said so on stderr. */
int options_read(const struct command *command, const struct option *options, int count,
                 char **arguments, struct texts *rest);

void options_help(const struct command *command, const struct option *options);

/* Says "wsproof NAME: …" on stderr; returns 2, the exit code of wrong usage. */
int usage_error(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The option of that name, or of that letter; NULL. */
const struct option *option_find(const struct option *options, const char *name, size_t length,
                                 char letter);
/* Stores a value, which must outlive the option's slot.  0, or -1 and a sentence in error. */
int option_set(const struct option *option, const char *value, char *error, size_t size);

/* Appends; ends the program when memory does. */
void texts_add(struct texts *texts, const char *text);
/* A terminated copy, which lives as long as the program; ends it when memory does. */
char *texts_copy(const char *p, size_t n);
/* At the end of the program: the lists of all texts, and the copies. */
void texts_drop_all(void);

#endif
