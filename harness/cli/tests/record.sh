#!/usr/bin/env bash
# record.sh WSPROOF - a recorder between our own cases, which are hostile clients, and a strict server.
. "$(dirname "$0")/support.sh"
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$dir"' EXIT

# port_of LOG   the port that it says it listens on
port_of()
{
    local i
    for i in $(seq 200); do
        sed -nE 's,^listening on ws://127\.0\.0\.1:([0-9]+).*,\1,p' "$1" | grep . && return
        sleep 0.05
    done
}

# record NAME ARGUMENT…   in the background; $recorder and $proxy
record()
{
    local name=$1
    shift
    "$wsproof" record --to "ws://127.0.0.1:$server" "$@" "$dir/$name.wst" >"$dir/$name.said" 2>&1 &
    recorder=$!
    pids="$pids $recorder"
    proxy=$(port_of "$dir/$name.said")
}

# ends CODE NAME   the recorder does, once it is interrupted
ends()
{
    local got=0
    kill -INT "$recorder"
    wait "$recorder" || got=$?
    cp "$dir/$2.said" "$dir/out"
    [ "$got" = "$1" ] || fail "$2: exit code $got, expected $1"
}

"$wsproof" peer >"$dir/peer" 2>&1 &
pids=$!
server=$(port_of "$dir/peer")

: >"$dir/there.wst"
exits 2 "no server" record x.wst
says "expected --to URL" "no server"
exits 2 "no file" record --to ws://127.0.0.1:1
says "expected one FILE" "no file"
exits 2 "a path" record --to ws://127.0.0.1:1/path x.wst
says "clients say which they ask for" "a path"
exits 2 "a short value" record --set t=abc --to ws://127.0.0.1:1 x.wst
says "at least 4 bytes" "a short value"
exits 2 "a script that is there" record --to "ws://127.0.0.1:$server" "$dir/there.wst"
says "--force writes over it" "a script that is there"
exits 2 "a folder that is not there" record --to "ws://127.0.0.1:$server" "$dir/none/x.wst"
says "No such file" "a folder that is not there"
exits 2 "a port in use" record --listen "$server" --to "ws://127.0.0.1:$server" "$dir/busy.wst"
says "cannot listen" "a port in use"
[ ! -e "$dir/busy.wst" ] || fail "a port in use: an empty script stays behind"

# Nobody comes.
record empty
ends 4 empty
exits 0 "an empty recording" check "$dir/empty.wst"

# What our cases say, with all that is broken in it, is said again, and answered alike.
record suite --split
exits 0 "the suite, through the recorder" run --jobs 1 --suite framing --suite handshake --suite close \
    "ws://127.0.0.1:$proxy/"
ends 0 suite
says "replay: wsproof run ws://127.0.0.1:$server/ $dir/suite.wst" "the suite, through the recorder"
exits 0 "what was recorded" check "$dir/suite.wst"
exits 0 "its replay" run "ws://127.0.0.1:$server/" "$dir/suite.wst"
[ "$(grep -c '^case ' "$dir/suite.wst")" -gt 100 ] || fail "the suite made few cases"
sed 's/< close 1002/< close 1003/' "$dir/suite.wst" >"$dir/changed.wst"
exits 1 "another code" run "ws://127.0.0.1:$server/" "$dir/changed.wst"
says "Close frame 1003" "another code"

# All at once: one case with a name for every connection, whatever they say.
record all --frames
exits 0 "all suites, through the recorder" run --suite core "ws://127.0.0.1:$proxy/"
ends 0 all
exits 0 "what was recorded of all" check "$dir/all.wst"

# So many connections, then it ends by itself; a server that is not there is no reason to crash.
record few --connections 3 --force
timeout 60 "$wsproof" run --only 5.1/unmasked-text "ws://127.0.0.1:$proxy/" >/dev/null 2>&1 # the probe alone has three
wait "$recorder" || fail "it ends after three connections"
kill "${pids%% *}"
record gone
exits 3 "a server that is gone" run --only 5.1/unmasked-text "ws://127.0.0.1:$proxy/"
ends 0 gone
says "left out" "a server that is gone"

done_testing
