/* printer.h - what the two printing files share; private to the layer. */
#ifndef WSN_PRINTER_H
#define WSN_PRINTER_H

#include <wsn/notation.h>

void wsn_put_blanks(struct wsn_buffer *out, size_t n);
/* As it was written: in quotes or plain. */
void wsn_put_text(struct wsn_buffer *out, const struct wsn_text *text);
void wsn_put_regex(struct wsn_buffer *out, const struct wsn_text *pattern);
void wsn_put_term(struct wsn_buffer *out, const struct wsn_term *term, unsigned indent);
/* `indent` is that of the line where the payload stands: a JSON value may take several. */
void wsn_put_payload(struct wsn_buffer *out, const struct wsn_payload *payload, unsigned indent);
void wsn_put_comment(struct wsn_buffer *out, const char *comment);
/* Characters from the offset on. */
size_t wsn_width(const struct wsn_buffer *out, size_t from);

/* Drops what was put together apart; what it lacks, `out` lacks. */
static inline void wsn_drop_part(struct wsn_buffer *part, struct wsn_buffer *out)
{
    out->full = out->full || part->full;
    wsn_buffer_drop(part);
}

#endif
