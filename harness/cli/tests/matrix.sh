#!/usr/bin/env bash
# matrix.sh WSPROOF - no requirement of servers is without a case, and none without a mutant, unless the
# catalogue says why (no_case, no_mutant).
. "$(dirname "$0")/support.sh"

# Rows that are still being worked on, those of compression; all others are complete.
unfinished='^7692-'

timeout 60 "$wsproof" list --requirements --bare >"$dir/list"
sed -n 's/^\([0-9][0-9]*-[^ ]*\) .*/\1/p' "$dir/list" | grep -vE "$unfinished" >"$dir/bare"
tail -n 2 "$dir/list"
cp "$dir/list" "$dir/out"
while read -r id; do
    fail "$id: $("$wsproof" list --requirements --bare | sed -n "/^$id /,/^[0-9]/s/^ *BARE *//p" | head -n 1)"
done <"$dir/bare"

done_testing
