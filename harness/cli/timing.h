/* timing.h - --timing: where the time of a run went. */
#ifndef WSPROOF_TIMING_H
#define WSPROOF_TIMING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wsq/result.h>

struct timing {
    uint64_t own_ms;    /* our processor time */
    uint64_t target_ms; /* the target's, when it is ours to start */
    bool spawned;
};

/* Wall and processor time, the slowest cases, and every fixed wait with its reason. */
void timing_print(FILE *out, const struct timing *timing, const struct wsq_run *run);

#endif
