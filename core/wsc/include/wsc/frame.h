/* wsc/frame.h - write a frame's header, any bits, legal or not: the only encoder.
 *
 * RFC 6455, section 5.2.
 */
#ifndef WSC_FRAME_H
#define WSC_FRAME_H

#include <wsc/scan.h>

/* The shortest form that can hold the length: 7, 16 or 64. */
uint8_t wsc_length_form(uint64_t length);

/* Writes the header to out[WSC_HEAD_MAX] and returns its size (2..14).  frame->form 0 means the shortest
 * form; a length that the form cannot hold is written modulo its width (form 7: at most 125 is the
 * caller's duty, 126 and 127 would be read as other forms). */
size_t wsc_frame_write(const struct wsc_frame *frame, uint8_t out[WSC_HEAD_MAX]);

#endif
