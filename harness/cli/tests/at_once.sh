#!/usr/bin/env bash
# at_once.sh WSPROOF - a server may serve few connections at a time, as a device or a server without threads does:
# that is found out, and no case wrongs it.
. "$(dirname "$0")/support.sh"
cases=(--only '7.*' --only '5.4/*' --only '9112-*' --only '9110-*' --only '4.2.2/*' --only '9.1/*' --only '*/*taken-*')

for seats in 1 3; do
    exits 0 "$seats at a time" run --spawn "$wsproof peer --port {port} --at-once $seats" "${cases[@]}"
    says "connections at a time: $seats" "$seats at a time"
    says '; 0 unexpected' "$seats at a time"
    mute ' flaky' "$seats at a time"
    mute ' error' "$seats at a time"
done
mute 'connections at a time (' "three are enough for every case"

exits 0 "one at a time" run "wss://127.0.0.1:{port}/" --insecure --spawn "$wsproof peer --port {port} --at-once 1 --tls" --only '4.2.2/two-*' --only '5.6/*'
says 'for lack of 2 connections at a time (1)' "one at a time, over TLS"

# The law of its author is kept to: two are wanted, and one is served.
cat >"$dir/two.wst" <<'SCRIPT'
case two/at-once
  title  Two are served at a time

  one> GET
  one< 101
  two> GET
  two< 101
SCRIPT
exits 1 "a law of one's own" run "$dir/two.wst" --spawn "$wsproof peer --port {port} --at-once 1"

# Timeouts are looked for one after the other.
exits 0 "limits" limits --limits 300ms --spawn "$wsproof peer --port {port} --at-once 1"
says "connections at once: 1" "limits"
says "keeps an idle connection: at least 0.3 s" "limits"
says "waits for the rest of a request: at least 0.3 s" "limits"

exits 0 "all of them" run --spawn "$wsproof peer --port {port}" --only '4.2.2/*'
mute "connections at a time" "all of them"

done_testing
