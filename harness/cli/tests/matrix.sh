#!/usr/bin/env bash
# matrix.sh WSPROOF - no requirement of servers is without a case, and none without a mutant, unless the
# catalogue says why (no_case, no_mutant).
. "$(dirname "$0")/support.sh"

exits 0 'no requirement is bare' list --requirements --bare
tail -n 2 "$dir/out" | sed 's/^/proved: /'
says ' 0 are bare' 'the counts'

# The test can fail: a plan of one script leaves the rest bare.
printf 'case a/b\n  cites  6455-5.1-3\n  > GET\n  < 101\n  > text "x" mask=none\n  < fail 1002\n' >"$dir/one.wst"
exits 1 'a lonely case' list --requirements --bare "$dir/one.wst"
says 'no case tests it, and no_case gives no reason' 'a lonely case'
mute '6455-5.1-3 ' 'a lonely case'

done_testing
