/* bare.h - what the kernel alone takes of a load: the least that anybody could drive it with.
 *
 * The same frames go to the same server on as many connections, and nobody reads what comes: a
 * write to each, then reads until as many bytes are back.  No wait for readiness, no clock, no
 * frames, no judgement.
 */
#ifndef BARE_H
#define BARE_H

#include <stdbool.h>
#include <stddef.h>

struct bare_load {
    unsigned port; /* of 127.0.0.1 */
    unsigned connections, rounds, in_flight;
    size_t size; /* of a message: at most what the server's receive buffer holds unread */
};

/* False: `why` says what was in the way. */
bool bare_run(const struct bare_load *load, char *why, size_t room);

#endif
