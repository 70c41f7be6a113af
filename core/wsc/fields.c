#include <string.h>

#include "chars.h"
#include "fields.h"

/* A field's place by its length and first letter.  The compiler finds two in one place (initialised
 * twice): another factor will part them. */
enum { PLACES = 64 };
#define PLACE(letter, len) (((letter)*13 + (len)) % PLACES)

static const uint8_t places[PLACES] = {
#define WSC_FIELD(id, letter, name) [PLACE(letter, sizeof name - 1)] = WSC_FIELD_##id,
#include "fields.def"
#undef WSC_FIELD
};

static const struct wsc_text names[WSC_FIELD_COUNT] = {
    {"", 0},
#define WSC_FIELD(id, letter, name) {name, sizeof name - 1},
#include "fields.def"
#undef WSC_FIELD
};

static enum wsc_field field_of(struct wsc_text name)
{
    size_t letter = name.n != 0 ? (unsigned char)name.p[0] | 0x20u : 0;
    enum wsc_field field = (enum wsc_field)places[PLACE(letter, name.n)];
    bool known = names[field].n == name.n && wsc_text_same_nocase(names[field], name);
    return known ? field : WSC_FIELD_OTHER;
}

void wsc_fields_init(struct wsc_fields *fields, const struct wsc_head *head)
{
    uint16_t last[WSC_FIELD_COUNT];
    fields->head = head;
    memset(fields->first, 0, sizeof fields->first);
    for (uint16_t line = 1; line <= head->count; line++) {
        enum wsc_field field = field_of(head->headers[line - 1].name);
        if (field == WSC_FIELD_OTHER)
            continue;
        fields->next[line - 1] = 0;
        if (fields->first[field] == 0)
            fields->first[field] = line;
        else
            fields->next[last[field] - 1] = line;
        last[field] = line;
    }
}

bool wsc_fields_list(const struct wsc_fields *fields, enum wsc_field field, struct wsc_list *cursor,
                     struct wsc_text *element)
{
    const struct wsc_header *header;
    while ((header = wsc_fields_line(fields, field, cursor->line)) != NULL) {
        if (wsc_list_element(header->value, &cursor->at, element))
            return true;
        *cursor = (struct wsc_list){.line = cursor->line + 1};
    }
    return false;
}

bool wsc_fields_list_has(const struct wsc_fields *fields, enum wsc_field field, const char *token)
{
    struct wsc_list cursor = {0};
    struct wsc_text element;
    const struct wsc_header *header = wsc_fields_line(fields, field, 0);
    if (header == NULL || wsc_text_is_nocase(header->value, token))
        return header != NULL; /* mostly there is but this element */
    while (wsc_fields_list(fields, field, &cursor, &element))
        if (wsc_text_is_nocase(element, token))
            return true;
    return false;
}
