/* escape.h - the one way by which text that is not ours gets into a format.
 *
 * The page is well-formed XML, so it shares the first two.  What the format itself would act upon
 * is written in the format's own way.  What XML forbids, what a terminal or a browser would act
 * upon, and what would change the order of the text on the screen is shown, as a script would write
 * it: \x1b, \u{202e}; a byte that is no UTF-8 is \xff.  Of all of these only the first lets line
 * ends through.
 */
#ifndef WSR_ESCAPE_H
#define WSR_ESCAPE_H

#include <wsq/text.h>

/* n bytes for the text of an element. */
void wsr_escape(struct wsq_text *text, const char *s, size_t n);

/* A terminated string for an attribute in double quotes: line ends and tabs are kept by references.
 * NULL is nothing. */
void wsr_escape_attribute(struct wsq_text *text, const char *s);

/* n bytes for a line of Markdown: nothing in them is markup, a link or a mention. */
void wsr_escape_markdown(struct wsq_text *text, const char *s, size_t n);

/* A terminated string for a string in double quotes, in JSON and YAML.  NULL is nothing. */
void wsr_escape_quoted(struct wsq_text *text, const char *s);

/* A terminated string for the description of a TAP line.  NULL is nothing. */
void wsr_escape_description(struct wsq_text *text, const char *s);

#endif
