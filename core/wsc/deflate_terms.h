/* deflate_terms.h - what is wrong with an element permessage-deflate; private to the core. */
#ifndef WSC_DEFLATE_TERMS_H
#define WSC_DEFLATE_TERMS_H

#include <wsc/deflate.h>

/* In the order of section 7's conditions, then of its parameters. */
enum wsc_terms_fault {
    WSC_TERMS_UNKNOWN,
    WSC_TERMS_REPEATED,
    WSC_TERMS_SERVER_TAKEOVER, /* these four: its value */
    WSC_TERMS_CLIENT_TAKEOVER,
    WSC_TERMS_SERVER_BITS,
    WSC_TERMS_CLIENT_BITS,
    WSC_TERMS_FAULTS
};

struct wsc_terms_read {
    struct wsc_deflate_terms terms; /* what is good */
    const char
        *faults[WSC_TERMS_FAULTS]; /* the parameter's name in the element, NULL: no such fault */
    bool faulty;                   /* any of them, or the element does not match the grammar */
};

/* False: this is no permessage-deflate. */
bool wsc_terms_read(struct wsc_text element, bool answer, struct wsc_terms_read *read);

/* Which conditions on the answer to this offer does it not meet? */
enum { WSC_TERMS_DROPS_TAKEOVER = 1, WSC_TERMS_EXCEEDS_WINDOW = 2, WSC_TERMS_UNASKED_BITS = 4 };
unsigned wsc_terms_compare(const struct wsc_deflate_terms *offer,
                           const struct wsc_deflate_terms *answer);

#endif
