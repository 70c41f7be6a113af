/* wsf/opinion.h - the core's findings beside the oracle's. */
#ifndef WSF_OPINION_H
#define WSF_OPINION_H

#include <wsc/rules.h>
#include <wsf/fuzz.h>
#include <wso/oracle.h>

/* Law: the core found what the oracle did, no more and no less, in any order: the same rules at the
 * same bytes, for the same requirements, with the same consequence.  `total` counts also those that
 * the core did not keep: of these, the number.  Prints both sides before it aborts. */
void wsf_agree(const struct wsc_violation *found, size_t kept, uint64_t total,
               const struct wso_violation *notes, size_t count);

#endif
