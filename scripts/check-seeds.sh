#!/usr/bin/env bash
# check-seeds.sh WSPROOF [FOLDER] - every system passes its scripts, and fails them when a fact is broken.
#
# FOLDER of harness/peers/node is `seeds`, or `kits`: the scenarios that the program brings along, against
# servers that they fit.  A line of its `targets` names a system and the arguments of its run; one of `broken`
# a system, a change to its program (for sed), the case that must fail, and what its message must say.  The
# program of NAME and NAME-… is NAME.js.  Prints a line for each; the exit code is 1 when one is not as it
# should be.
set -euo pipefail

wsproof=$(realpath "$1")
lws=$(dirname "$wsproof")/../peers/wsproof-lws
group=${2-seeds}
seeds=$(cd "$(dirname "${BASH_SOURCE[0]}")/../harness/peers/node/$group" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=4
export NODE_PATH=$seeds/../node_modules

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null

# run_seed FOLDER NAME ARGUMENT…   in the folder that has its program
run_seed()
{
    local folder=$1 name=$2 line arguments
    shift 2
    line=$(awk -F'\t' -v name="$name" '$1 == name { print $2 }' "$seeds/targets")
    line=${line//@WORK@/$work}
    line=${line//@SEED@/$folder/${name%%-*}.js}
    line=${line//@LWS@/$lws}
    eval "arguments=($line)"
    (cd "$seeds" && timeout 120 "$wsproof" run --color never "${arguments[@]}" "$@")
}

# verdict OK NAME LOG
verdict()
{
    if [ "$1" = yes ]; then
        echo "ok: $2"
    else
        cat "$3"
        printf '\nFAILED: %s\n' "$2"
    fi
}

check_target()
{
    local name=$1 log=$work/$1.log good=no
    run_seed "$seeds" "$name" >"$log" 2>&1 && good=yes
    verdict "$good" "$group: $name" "$log"
}

# check_broken NUMBER NAME CHANGE CASE WORDS
check_broken()
{
    local folder=$work/$1 name=$2 change=$3 case=$4 words=$5 log=$work/$1.log good=no code=0
    mkdir "$folder"
    [ ! -d "$seeds/public" ] || cp -r "$seeds/public" "$folder"
    sed -E "$change" "$seeds/${name%%-*}.js" >"$folder/${name%%-*}.js"
    if cmp -s "$seeds/${name%%-*}.js" "$folder/${name%%-*}.js"; then
        echo "the change changes nothing" >"$log"
    else
        run_seed "$folder" "$name" --only "$case" >"$log" 2>&1 || code=$?
        [ "$code" = 1 ] && grep -qF "fail   $case" "$log" && tr '\n' ' ' <"$log" | grep -qE "$words" && good=yes
    fi
    verdict "$good" "$group: $name without its $case" "$log"
}

wait_for_room()
{
    while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do
        wait -n || true
    done
}

number=0
while IFS=$'\t' read -r name _; do
    wait_for_room
    number=$((number + 1))
    check_target "$name" >"$work/$number.said" &
done < <(grep -v '^#' "$seeds/targets")
while IFS=$'\t' read -r name change case words; do
    wait_for_room
    number=$((number + 1))
    check_broken "$number" "$name" "$change" "$case" "$words" >"$work/$number.said" &
done < <(grep -v '^#' "$seeds/broken")
wait
cat "$work"/*.said
for said in "$work"/*.said; do
    grep -qE '^(ok|FAILED): ' "$said" || echo "FAILED: $group: ${said##*/} says nothing" | tee -a "$said"
done
! grep -q '^FAILED' "$work"/*.said
