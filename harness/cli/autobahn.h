/* autobahn.h - the cases of the Autobahn Testsuite, which ours name by their ids. */
#ifndef WSPROOF_AUTOBAHN_H
#define WSPROOF_AUTOBAHN_H

#include <stdbool.h>
#include <wss/plan.h>

/* One row of corpus/autobahn.tsv. */
struct autobahn_case {
    const char *id;      /* "6.4.1" */
    const char *section; /* in a few words */
    const char *what;    /* what it sends */
    const char *differs; /* where our verdict is not Autobahn's, or "" */
};

const struct autobahn_case *autobahn_at(size_t i); /* NULL behind the last */
const struct autobahn_case *autobahn_case(const char *id);

/* Frames, pings, UTF-8, closing, fragments: sections 1 to 7 and 10.  The others are limits, speed
 * and compression. */
bool autobahn_core(const char *id);

/* Does this case stand for that one? */
bool stands_for(const struct wss_case *c, const char *id);

/* Says of each case that names an id which Autobahn does not have where it stands, as an error of
 * the script; how many there are. */
size_t autobahn_misnamed(const struct wss_plan *plan);

#endif
