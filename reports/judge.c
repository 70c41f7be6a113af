#include "writers.h"

enum wsr_outcome wsr_outcome(const struct wsq_case *c)
{
    if (c->verdict == WSQ_SKIP)
        return WSR_SKIPPED;
    if (c->verdict == WSQ_ERROR)
        return wsr_is_expected(c) ? WSR_KNOWN : WSR_ERRORED;
    if (c->unexpected)
        return WSR_FAILED;
    if (c->verdict == WSQ_FAIL || c->verdict == WSQ_FLAKY)
        return wsr_is_expected(c) ? WSR_KNOWN : WSR_FAILED;
    return WSR_PASSED;
}

/* A pass that is unexpected has no reason of its own. */
char *wsr_message(const struct wsq_case *c)
{
    const char *verdict = wsq_verdict_name(c->verdict);

    if (c->verdict == WSQ_SKIP || c->verdict == WSQ_ERROR)
        return wsq_dup(c->reason ? c->reason : verdict);
    if (c->unexpected && c->expectation)
        return wsq_format("%s, but the expectations say: %s%s%s", verdict, c->expectation,
                          c->reason ? "; " : "", c->reason ? c->reason : "");
    return wsq_format("%s%s%s", verdict, c->reason ? ": " : "", c->reason ? c->reason : "");
}

const char *wsr_incomplete(const struct wsq_run *run)
{
    return run->incomplete ? run->incomplete : "the run did not reach its end";
}
