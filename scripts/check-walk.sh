#!/usr/bin/env bash
# check-walk.sh WSPROOF - the walk of docs/walk.md, as a reader would go it.
#
# Takes the files out of the page, runs each shell script there on a free port, and compares the exit code and
# the words that the page shows.  Prints a line for each step; the exit code is 1 when one is not as it says.
set -euo pipefail

wsproof=$(realpath "$1")
page=$(cd "$(dirname "${BASH_SOURCE[0]}")/../docs" && pwd)/walk.md
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$wsproof" "$work/bin/wsproof"
ln -s "$(realpath "$(dirname "$wsproof")/../peers/wsproof-lws")" "$work/bin/wsproof-lws"
PATH=$work/bin:$PATH
cd "$work"

# take KIND   the blocks of the page that have a name, as files
take()
{
    awk -v kind="$1" -v suffix="${2-}" '
        $0 == "```" { name = "" }
        name { print > name }
        $1 == "```" kind && NF == 2 { name = $2 suffix }' "$page"
}
take sh
take wst
take text .says

wsproof-lws 0 >listening &
server=$!
for _ in {1..100}; do
    [ ! -s listening ] || break
    sleep 0.05
done
port=$(sed 's/.*://' listening)
sed -i "s/127\\.0\\.0\\.1:9001/127.0.0.1:$port/" ./*.sh

failed=0
# goes CODE SCRIPT   it ends with this code, and says what the page shows
goes()
{
    local code=0 missing=0 line
    timeout 100 sh "$2" >log 2>&1 </dev/null || code=$?
    if [ -e "$2.says" ]; then
        while IFS= read -r line; do
            grep -qF -- "$line" log || missing=1
        done <"$2.says"
    fi
    if [ "$code" = "$1" ] && [ "$missing" = 0 ]; then
        echo "ok: walk: $2"
    else
        cat log
        echo "exit code $code, expected $1"
        echo "FAILED: walk: $2"
        failed=1
    fi
}
goes 0 look.sh
goes 0 try.sh
goes 1 fail.sh
goes 0 gate.sh
if [ ! -s report.html ] || [ ! -s report.xml ] || grep -rq secret-token report.html report.xml; then
    echo "FAILED: walk: the reports"
    failed=1
fi
exit "$failed"
