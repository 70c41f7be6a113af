/* wsq/secret.h - which names say that a value is secret. */
#ifndef WSQ_SECRET_H
#define WSQ_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* The names of fields, settings and captures whose values no report shows: Authorization, Cookie,
 * *token*, *secret* … */
bool wsq_secret_name(const char *name, size_t length);

#endif
