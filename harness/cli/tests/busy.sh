#!/usr/bin/env bash
# busy.sh WSPROOF - a server with one thread and a backlog of 1, under 64 connections at once: the kernel drops
# most of them at first, and nothing of that is the server's fault.
. "$(dirname "$0")/support.sh"
here=$(dirname "${BASH_SOURCE[0]}")

# starts NAME COMMAND…   sets $port to the last number of the first line that it prints
starts()
{
    local name=$1
    shift
    "$@" >"$dir/$name" 2>&1 &
    pids+=($!)
    until [ -s "$dir/$name" ]; do sleep 0.02; done
    port=$(head -n 1 "$dir/$name" | grep -oE '[0-9]+' | tail -n 1)
}
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

starts peer "$wsproof" peer
starts busy python3 "$here/busy.py" "$port"

exits 0 'a busy server' run "ws://127.0.0.1:$port/" --jobs 64 --only '5.5/*' --only '5.5.1/*' --only '5.4/*' --only '7.4/*'
says '; 0 unexpected' 'a busy server'
mute ' error' 'a busy server'
mute ' flaky' 'a busy server'

done_testing
