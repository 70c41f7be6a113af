#!/usr/bin/env bash
# check-records.sh WSPROOF - what a Node client and a seed system say to each other is recorded, and replayed.
#
# For every system of harness/peers/node/seeds: records harness/peers/node/records/client.js talking to it,
# replays the script against the same program, which passes, and against one that is broken (by a change for
# sed), which fails in words that name what was expected and what was seen.  A line of `records/targets` names
# the system, the arguments behind its port, those of `record` and `run`, the change, and the words.  Prints a
# line for each; the exit code is 1 when one is not as it should be.
set -euo pipefail

wsproof=$(realpath "$1")
node=$(cd "$(dirname "${BASH_SOURCE[0]}")/../harness/peers/node" && pwd)
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
export NODE_PATH=$node/node_modules
token=s3cret-token

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null

# url_of LOG   where `record` says that it listens
url_of()
{
    local i
    for i in $(seq 100); do
        sed -nE 's,^listening on (wss?://[a-z0-9.]+:[0-9]+)/.*,\1,p' "$1" | grep . && return
        sleep 0.1
    done
    return 1
}

# free_port   one that nothing listens on
free_port()
{
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

wait_for()
{
    local i
    for i in $(seq 100); do
        (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    return 1
}

# record NAME SCHEME ARGUMENTS RECORD   writes $work/NAME/NAME.wst
record()
{
    local name=$1 scheme=$2 folder=$work/$1 port url server recorder code=0
    local -a arguments options
    eval "arguments=($3) options=($4)"
    port=$(free_port)
    mkdir "$folder"
    node "$node/seeds/$name.js" "$port" "${arguments[@]}" >/dev/null 2>&1 &
    server=$!
    pids+=("$server")
    wait_for "$port" || return 1
    "$wsproof" record --to "$scheme://localhost:$port" "${options[@]}" "$folder/$name.wst" >"$folder/said" 2>&1 &
    recorder=$!
    pids+=("$recorder")
    url=$(url_of "$folder/said") || return 1
    NODE_EXTRA_CA_CERTS=$work/certificate.pem timeout 30 node "$node/records/client.js" "$name" "$url" "$token" || code=$?
    sleep 0.3
    kill -INT "$recorder"
    wait "$recorder" || code=$?
    kill "$server" 2>/dev/null || true
    cat "$folder/said"
    return "$code"
}

# replay NAME FILE SCHEME ARGUMENTS RUN   FILE is the system's program
replay()
{
    local name=$1 file=$2 scheme=$3
    local -a options
    eval "options=($5)"
    (cd "$node/seeds" && timeout 120 "$wsproof" run --color never --spawn "node $file {port} $4" \
        "$scheme://localhost:{port}${options[0]}" "${options[@]:1}" "$work/$name/$name.wst")
}

# verdict OK NAME LOG…
verdict()
{
    local good=$1 name=$2
    shift 2
    if [ "$good" = yes ]; then
        echo "ok: $name"
    else
        cat "$@"
        printf '\nFAILED: %s\n' "$name"
    fi
}

check()
{
    local name=$1 arguments=$2 record=$3 run=$4 change=$5 words=$6 scheme=ws good=no code=0
    local folder=$work/$name log=$work/$name.log
    [ "$name" != secure ] || scheme=wss
    [ "$arguments" != : ] || arguments=
    [ "$record" != : ] || record=
    arguments=${arguments//@WORK@/$work}
    record=${record//@WORK@/$work}
    run=${run//@WORK@/$work}
    record "$name" "$scheme" "$arguments" "$record" >"$log" 2>&1 &&
        "$wsproof" check "$folder/$name.wst" >>"$log" 2>&1 &&
        ! grep -qF "$token" "$folder/$name.wst" &&
        replay "$name" "$node/seeds/$name.js" "$scheme" "$arguments" "$run" >>"$log" 2>&1 && good=yes
    verdict "$good" "records: $name is replayed" "$folder/$name.wst" "$log"

    good=no
    [ ! -d "$node/seeds/public" ] || cp -r "$node/seeds/public" "$folder"
    sed -E "$change" "$node/seeds/$name.js" >"$folder/$name.js"
    if cmp -s "$node/seeds/$name.js" "$folder/$name.js"; then
        echo 'the change changes nothing' >"$log"
    else
        replay "$name" "$folder/$name.js" "$scheme" "$arguments" "$run" >"$log" 2>&1 || code=$?
        [ "$code" = 1 ] && tr '\n' ' ' <"$log" | grep -qE "$words" && good=yes
    fi
    verdict "$good" "records: $name is missed when it is broken" "$log"
}

while IFS=$'\t' read -r name arguments record run change words; do
    check "$name" "$arguments" "$record" "$run" "$change" "$words" >"$work/$name.verdict" 2>&1 &
done < <(grep -v '^#' "$node/records/targets")
wait
cat "$work"/*.verdict
verdicts=$(cat "$work"/*.verdict | grep -cE '^(ok|FAILED): ' || true)
[ "$verdicts" = $((2 * $(grep -vc '^#' "$node/records/targets"))) ] || {
    echo 'FAILED: records: not every system came to its two verdicts'
    exit 1
}
! grep -q '^FAILED' "$work"/*.verdict
