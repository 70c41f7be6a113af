/* assets.h - the page's own files, embedded at build time. */
#ifndef WSR_ASSETS_H
#define WSR_ASSETS_H

#include <stddef.h>

extern const unsigned char wsr_page_html[], wsr_page_css[], wsr_page_js[];
extern const size_t wsr_page_html_length, wsr_page_css_length, wsr_page_js_length;

#endif
