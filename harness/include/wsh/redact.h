/* wsh/redact.h - keep secrets out of journals and reports.
 *
 * Two kinds: strings that are known to be secret (credentials given on the command line), replaced
 * wherever they stand, and the values of fields that carry credentials (Authorization,
 * Proxy-Authorization, Cookie, Set-Cookie) in whatever was sent or received.
 */
#ifndef WSH_REDACT_H
#define WSH_REDACT_H

#include <wsq/result.h>
#include <wss/stepper.h>

/* One form of a secret: as it is, escaped, in JSON, in a URL, in hex. */
struct wsh_secret {
    char *p;
    size_t n;
    size_t least; /* so many of its first bytes are as telling as the whole */
};

struct wsh_secrets {
    struct wsh_secret *list;
    size_t count;
    uint8_t begins[65536 / 8]; /* a bit for each two bytes that one begins with */
};

/* Adds all forms; strings shorter than 4 bytes are left out: they would hit innocent text.  False
 * when memory ends. */
bool wsh_secrets_add(struct wsh_secrets *secrets, const char *value, size_t length);
void wsh_secrets_drop(struct wsh_secrets *secrets);

/* The text with `[redacted]` for each secret, to be freed; NULL for NULL or when memory ends. */
char *wsh_redact(const struct wsh_secrets *secrets, const char *text);

/* Takes them out of the text, which may be NULL.  False when memory ends: then it is all stars. */
bool wsh_redact_text(const struct wsh_secrets *secrets, char **text);

/* All texts and bytes of a case; bytes keep their number, so that offsets still hold.  False when
 * memory ended: then the texts in doubt are all stars. */
bool wsh_redact_case(const struct wsh_secrets *secrets, struct wsq_case *c);

/* What the case itself captured and keeps secret, taken out of its result: in messages whole, in
 * pieces, masked or compressed.  When memory ends, it is starved. */
void wsh_redact_outcome(struct wss_outcome *outcome);

#endif
