/* fields.h - finds the lines of a head by field without searching for names; private to the core.
 */
#ifndef WSC_FIELDS_H
#define WSC_FIELDS_H

#include <wsc/http.h>

enum wsc_field {
    WSC_FIELD_OTHER,
#define WSC_FIELD(id, letter, name) WSC_FIELD_##id,
#include "fields.def"
#undef WSC_FIELD
    WSC_FIELD_COUNT
};

/* Lines are counted from 1 here; 0 is none. */
struct wsc_fields {
    const struct wsc_head *head;
    uint16_t first[WSC_FIELD_COUNT];
    uint16_t next[WSC_HEADERS_MAX]; /* by line: the next line of the same field */
};

/* One pass over the head, which stays as it is meanwhile. */
void wsc_fields_init(struct wsc_fields *fields, const struct wsc_head *head);

static inline bool wsc_fields_has(const struct wsc_fields *fields, enum wsc_field field)
{
    return fields->first[field] != 0;
}

static inline bool wsc_fields_repeats(const struct wsc_fields *fields, enum wsc_field field)
{
    uint16_t first = fields->first[field];
    return first != 0 && fields->next[first - 1] != 0;
}

/* The n-th line (from 0) of that field; NULL if there are fewer. */
static inline const struct wsc_header *wsc_fields_line(const struct wsc_fields *fields,
                                                       enum wsc_field field, size_t n)
{
    uint16_t line = fields->first[field];
    while (line != 0 && n-- != 0)
        line = fields->next[line - 1];
    return line != 0 ? &fields->head->headers[line - 1] : NULL;
}

/* Its offset in the head, 0 if there are fewer. */
static inline uint64_t wsc_fields_at(const struct wsc_fields *fields, enum wsc_field field,
                                     size_t n)
{
    const struct wsc_header *header = wsc_fields_line(fields, field, n);
    return header != NULL ? header->at : 0;
}

/* As wsc_head_list and wsc_head_has. */
bool wsc_fields_list(const struct wsc_fields *fields, enum wsc_field field, struct wsc_list *cursor,
                     struct wsc_text *element);
bool wsc_fields_list_has(const struct wsc_fields *fields, enum wsc_field field, const char *token);

#endif
