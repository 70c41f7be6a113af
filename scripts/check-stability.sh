#!/usr/bin/env bash
# check-stability.sh RUNS [OPTION…] - the same verdict for each case, run after run.
#
#   scripts/check-stability.sh 50 ws://127.0.0.1:9001/
#   scripts/check-stability.sh 50 --spawn 'node server.js {port}' --has echo
#   LOAD=2 scripts/check-stability.sh 50 …      with two loops beside it that only burn time
#
# OPTIONs are those of `wsproof run`; WSPROOF names the program.  Prints the wall times and each case that
# differed, with how often it had which verdict.  The journals of runs that differ stay.
# Exit code: 0 when nothing differed, 1 when something did, 2 when a run was not complete.
set -euo pipefail

runs=${1:?usage: check-stability.sh RUNS [OPTION…]}
shift
wsproof=${WSPROOF:-$(dirname "${BASH_SOURCE[0]}")/../build/release/harness/cli/wsproof}
work=$(mktemp -d)
burning=()
trap 'kill "${burning[@]}" 2>/dev/null || true' EXIT

for ((i = 0; i < ${LOAD:-0}; i++)); do
    while :; do :; done &
    burning+=($!)
done

journals=()
for ((i = 1; i <= runs; i++)); do
    journals+=("$work/$(printf %04d "$i")")
    said=0
    began=${EPOCHREALTIME/./}
    "$wsproof" run --quiet --journal "${journals[-1]}" "$@" >"$work/out" </dev/null || said=$?
    echo $(((${EPOCHREALTIME/./} - began) / 1000)) >>"$work/times"
    if [ "$said" -gt 1 ]; then
        cat "$work/out"
        exit 2
    fi
done

sort -n "$work/times" | awk '{ t[NR] = $1 }
    END { printf "%d runs: %d to %d ms, median %d ms\n", NR, t[1], t[NR], t[int((NR + 1) / 2)] }'
# Behind "different" a line is a case and its verdicts, run by run.
"$wsproof" report matrix "${journals[@]}" >"$work/matrix"
tail -n 1 "$work/matrix"
awk '/^different / { on = 1; next }
    on && /^  / {
        split("", times)
        for (i = 2; i <= NF; i++)
            times[$i]++
        printf "%s", $1
        for (verdict in times)
            printf "  %d %s", times[verdict], verdict
        print ""
        differ = 1
    }
    END { exit differ }' "$work/matrix" || { echo "journals: $work"; exit 1; }
rm -rf "$work"
