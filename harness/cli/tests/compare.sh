#!/usr/bin/env bash
# compare.sh PROGRAM - journals beside each other.
. "$(dirname "$0")/support.sh" "$1"

# journal FILE LINE…   a complete run of cases; a LINE is "ID VERDICT"
journal()
{
    local file=$1 line
    shift
    {
        printf '{"type":"run","schema":1,"target":"ws://x/","version":"1","started":"2026-01-01T00:00:00Z","seed":"1","jobs":1,"planned":%d}\n' $#
        for line in "$@"; do
            printf '{"type":"case","id":"%s","title":"t","suite":"s","verdict":"%s","reason":"because"}\n' $line
        done
        printf '{"type":"end","ms":1,"complete":true}\n'
    } >"$dir/$file"
}

journal old '5.1/a pass' '5.2/b fail' '5.10/c pass' '5.3/gone pass'
journal new '5.1/a fail' '5.2/b pass' '5.10/c pass' '6.1/new pass'
journal fixed '5.1/a pass' '5.2/b pass' '5.10/c pass' '5.3/gone pass'
journal more '5.1/a pass' '5.2/b fail' '5.10/c pass' '5.3/gone pass' '9.9/x fail'
head -n 2 "$dir/old" >"$dir/torn"

exits 1 'a worse run' report diff "$dir/old" "$dir/new"
says '5.1/a: pass → fail' 'a worse run'
says '5.2/b: fail → pass' 'a worse run'
says '5.3/gone: pass → –' 'a worse run'
says '6.1/new: – → pass' 'a worse run'
says '5 cases: 1 worse, 1 better, 0 other, 1 new, 1 gone' 'a worse run'
mute '5.10/c' 'a worse run'
exits 0 'the same run' report diff "$dir/old" "$dir/old"
exits 0 'a better run' report diff "$dir/old" "$dir/fixed"
exits 1 'a new fault' report diff "$dir/old" "$dir/more"
exits 4 'a run without its end' report diff "$dir/old" "$dir/torn"
says 'did not reach its end' 'a run without its end'
exits 2 'one journal' report diff "$dir/old"
exits 2 'no journal' report diff "$dir/old" "$dir/none"
exits 0 'help' report diff --help

exits 0 'a matrix' report matrix "$dir/old" "$dir/new" "$dir/fixed"
says '5.1/a     pass   fail   pass' 'a matrix'
says '5.3/gone  pass   -      pass' 'a matrix'
says '1 of 5 cases are the same in all' 'a matrix'
mute '5.10/c' 'a matrix'
exits 0 'a whole matrix' report matrix --all "$dir/old" "$dir/new"
says '5.10/c' 'a whole matrix'
exits 4 'a matrix with a torn run' report matrix "$dir/old" "$dir/torn"
exits 2 'a matrix of one' report matrix "$dir/old"

# shard I   runs part I of 3 of a few cases
shard()
{
    exits 0 "shard $1" run --spawn "$wsproof peer --port {port}" --only '5.2/*' --only 'watch/*' \
        --shard "$1/3" --journal "$dir/shard$1"
}

for i in 1 2 3; do
    shard $i
    mute 'watch/' "shard $i"
done
exits 0 'the whole run' run --spawn "$wsproof peer --port {port}" --only '5.2/*' --only 'watch/*' --journal "$dir/whole"
exits 0 'a merge' report merge "$dir/shard2" "$dir/shard3" "$dir/shard1" --report json="$dir/merged.json"
whole=$(grep -c '"type":"case"' "$dir/whole")
[ "$(grep -c '"id": "5.2/' "$dir/merged.json")" = "$(grep -c '"id":"5.2/' "$dir/whole")" ] ||
    fail 'the shards are the plan'
says "judged" 'a merge'
grep -q '"id": "watch/minimal-length"' "$dir/merged.json" || fail 'a merge judges the watches'
[ "$whole" -gt 20 ] || fail 'the plan is no plan'
# What was not chosen is not judged by the merge either.
for i in 1 2; do
    exits 0 "part $i" run --spawn "$wsproof peer --port {port}" --only '5.1/*' --only watch/minimal-length \
        --shard "$i/2" --journal "$dir/part$i"
done
exits 0 'a merge of parts' report merge "$dir/part1" "$dir/part2" --report json="$dir/parts.json"
[ "$(grep -c '"watch": *true' "$dir/parts.json")" = 1 ] || fail 'a merge judges the watches that were chosen'
exits 2 'a shard is missing' report merge "$dir/shard1" "$dir/shard3"
says 'shard 2 of 3 is missing' 'a shard is missing'
exits 2 'a shard twice' report merge "$dir/shard1" "$dir/shard1" "$dir/shard2"
exits 2 'no shards' report merge "$dir/whole"
says 'expected the run of a shard' 'no shards'
for bad in 0/3 4/3 3 1/0 -1/3 1/3x 1/1001; do
    exits 2 "--shard $bad" run ws://127.0.0.1:1/ --shard "$bad"
    says 'expected NUMBER/OF' "--shard $bad"
done

done_testing
