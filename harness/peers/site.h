/* wsp/site.h - the small site that our servers have in common: paths and credentials.
 *
 *     /            echo
 *     /protected   echo, behind a password (RFC 9110, section 11)
 *     /foo, /bar   a greeting message of that name, then echo
 *     /room/NAME   what one says all in it hear, itself too; alone it is an echo
 *     /close/CODE  closes with CODE (one that may be sent) and a reason right after the upgrade
 *     /moved       has moved to /
 *
 * Pages under .invalid, which are nobody's (RFC 2606), may not open a WebSocket.
 *
 * Pure: no memory, no I/O.  The sub-protocols are "chat" and "echo"; both mean the same.
 */
#ifndef WSP_SITE_H
#define WSP_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSP_SITE_USER "wsproof"
#define WSP_SITE_PASSWORD "secret"
#define WSP_SITE_TOKEN "secret-token"
#define WSP_SITE_REALM "wsproof"
#define WSP_SITE_REASON "bye"

struct wsp_place {
    bool guarded;         /* asks for credentials */
    const char *greeting; /* text message sent after the upgrade, or NULL */
    uint16_t close_code;  /* closes with it after the upgrade; 0: stays */
    char room[33];        /* messages go to all that are in it; "": to their sender */
    const char *moved_to; /* it is there now, or NULL */
};

/* Is there a place for this request-target?  Origin-form or absolute-form; the query is left out.
 */
bool wsp_site_find(const char *target, size_t len, struct wsp_place *place);

/* Does this value of Authorization open /protected?  The scheme's case does not matter. */
bool wsp_site_admits(const char *authorization, size_t len);

/* May a page of this Origin open a WebSocket (RFC 6455, section 10.2)? */
bool wsp_site_welcomes(const char *origin, size_t len);

/* NULL-terminated, in order of preference. */
extern const char *const wsp_site_protocols[];

#endif
