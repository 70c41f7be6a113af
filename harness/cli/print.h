/* print.h - what several commands print alike. */
#ifndef WSPROOF_PRINT_H
#define WSPROOF_PRINT_H

#include <jansson.h>
#include <stdio.h>
#include <wss/plan.h>

/* Text between two margins, broken at blanks, with `label` in front of its first line. */
void print_wrapped(FILE *stream, unsigned indent, const char *label, const char *text);

/* The cases of one script as one: "7.4/code-$code (13)", with `label` in front of the first. */
void print_cases(unsigned indent, const char *label, const struct wss_case *const *cases,
                 size_t count);

/* Prints and frees; 0, or 2 when memory or the output ended. */
int print_json(json_t *value);

#endif
