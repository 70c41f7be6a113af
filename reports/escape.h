/* escape.h - the one way by which text that is not ours gets into XML and into the page.
 *
 * The page is well-formed XML, so both formats share it.  Markup becomes entities.  What XML
 * forbids, what a terminal or a browser would act upon, and what would change the order of the text
 * on the screen is shown, as a script would write it: \x1b, \u{202e}; a byte that is no UTF-8 is
 * \xff.
 */
#ifndef WSR_ESCAPE_H
#define WSR_ESCAPE_H

#include <wsq/text.h>

/* n bytes for the text of an element. */
void wsr_escape(struct wsq_text *text, const char *s, size_t n);

/* A terminated string for an attribute in double quotes: line ends and tabs are kept by references.
 * NULL is nothing. */
void wsr_escape_attribute(struct wsq_text *text, const char *s);

#endif
