/* wsq/merge.h - the runs of all shards as one run. */
#ifndef WSQ_MERGE_H
#define WSQ_MERGE_H

#include <wsq/result.h>

/* Takes the cases out of runs[0..count), which are the shards 1 to N of one plan in any order, into *out,
 * whatever it held.  The time is that of the longest; the rest is of the first shard.  0, or -1 with what is
 * wrong in error and an empty *out: a run that is no shard, shards of different plans or versions, one
 * twice or missing, a case twice, cases missing.  A shard that did not reach its end makes a run that
 * did not. */
int wsq_merge(struct wsq_run *runs, size_t count, struct wsq_run *out, char *error, size_t size);

/* Does the case belong to shard `shard` (from 1) of `shards`?  Told from its id alone, so that it stays where
 * it is when other cases come or go. */
bool wsq_in_shard(const char *id, unsigned shard, unsigned shards);

#endif
