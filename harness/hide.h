/* hide.h - finding what is secret, for texts and for bytes; private to the layer. */
#ifndef WSH_HIDE_H
#define WSH_HIDE_H

#include <wsh/redact.h>

/* Calls `plain` and `hide` for the parts of a text, in order. */
struct wsh_hider {
    void (*plain)(struct wsh_hider *hider, const char *p, size_t n);
    void (*hide)(struct wsh_hider *hider, size_t at, size_t n);
    bool cut;    /* the text goes on behind its end: what begins there may be a secret */
    size_t hits; /* secrets found, fields not counted */
};
void wsh_hide(const struct wsh_secrets *secrets, struct wsh_hider *hider, const char *p, size_t n);

/* The bytes on the wire.  `involved`: the case handles secrets, so that what cannot be read
 * (compressed messages, content in a coding) may hold them, and goes. */
void wsh_hide_wire(const struct wsh_secrets *secrets, struct wsq_case *c, bool involved);

#endif
