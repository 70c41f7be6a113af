/* schema.h - the part of JSON Schema that reports/schema uses: $ref, type, enum, const, minimum,
 * properties, required, additionalProperties and items.  A keyword that it does not know is an
 * error of the schema, so that nothing in the schema goes unchecked.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

/* False with "/cases/3/ms: …" in error. */
bool schema_accepts(json_t *schema, json_t *value, char *error, size_t size);

#endif
