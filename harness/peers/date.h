/* wsp/date.h - the time of day as HTTP writes it: IMF-fixdate, RFC 9110, section 5.6.7. */
#ifndef WSP_DATE_H
#define WSP_DATE_H

#include <stdint.h>

enum { WSP_DATE_LEN = 29 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/* Seconds since 1970, before the year 10000; terminated. */
void wsp_date(uint64_t seconds, char out[WSP_DATE_LEN + 1]);

#endif
