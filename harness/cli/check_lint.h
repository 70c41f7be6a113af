/* check_lint.h - cases that are valid and can hardly be meant. */
#ifndef WSPROOF_CHECK_LINT_H
#define WSPROOF_CHECK_LINT_H

#include "suite.h"

struct lint {
    size_t errors, warnings;
};

/* Says on stderr, with their places, which cases ask nothing of the peer (errors: they can only
 * pass), send frames without a handshake before them (warnings) or name what Autobahn does not
 * have (errors). */
void lint_suite(const struct suite *suite, struct lint *lint);

#endif
