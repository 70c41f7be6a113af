/* wsf/deflate.h - permessage-deflate, as a byte of the input chooses it. */
#ifndef WSF_DEFLATE_H
#define WSF_DEFLATE_H

#include <wsc/deflate.h>
#include <wsf/fuzz.h>
#include <wso/inflate.h>
#include <wso/oracle.h>

/* malloc; no memory is a finding. */
extern const struct wsc_memory wsf_heap;

/* The same for both sides: a window of 8 to 15 bits (choice & 7), no context takeover (8). */
struct wsc_deflate_terms wsf_terms(uint8_t choice);

/* The oracle's word for it; `room` as it wants it. */
struct wso_deflate wsf_agreed(const struct wsc_deflate_terms *terms, uint8_t *room);

#endif
