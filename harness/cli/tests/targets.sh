#!/usr/bin/env bash
# targets.sh WSPROOF - targets that fork, die and hold back, our own end however it comes, and gates that must not be green.
. "$(dirname "$0")/support.sh"
here=$(dirname "${BASH_SOURCE[0]}")
spawn="$wsproof peer --port {port}"

cat >"$dir/echo.wst" <<'SCRIPT'
case mine/echo-$i
  title  A message comes back
  each   i = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30

  > GET
  < 101
  > text "hello"
  < echo
SCRIPT

# Every process that a target has written into this file has ended.
all_ended()
{
    local pid
    for pid in $(cat "$dir/pids"); do
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -0 "$pid" 2>/dev/null && fail "$1: the target is still there: $pid"
    done
    [ -s "$dir/pids" ] || fail "$1: no target was started"
}

# plays CHARACTER CODE TEXT   the run against such a target ends with this code, says this, leaves nothing running
plays()
{
    rm -f "$dir/pids"
    exits "$2" "$1" run --timeout 2s --jobs 4 --spawn "exec python3 $here/target.py {port} $1 $dir/pids" "$dir/echo.wst"
    says "$3" "$1"
    all_ended "$1"
}

plays forks 0 "30 pass; 0 unexpected"
plays flaky 1 "the end of the connection (RST)"
plays dies 1 "out of luck | (exit status 7)"
plays holds 4 "cannot listen: [Errno 98] Address already in use"
plays daemon 1 "(exit status 0: it has to stay in the foreground)"
plays stops 1 "error  mine/echo-30"

# ---- our own end ----

# begin ARGUMENT…   a run that goes on for a while; sets $run
begin()
{
    rm -f "$dir/journal" "$dir/pids" "$dir"/report.*
    "$wsproof" run --jobs 2 --journal "$dir/journal" --report "json=$dir/report.json" --report "html=$dir/report.html" \
        "$@" >"$dir/out" 2>&1 &
    run=$!
    until [ "$(wc -l 2>/dev/null <"$dir/journal")" -gt 5 ] 2>/dev/null; do sleep 0.02; done
}
target="echo \$\$ >>$dir/pids; $spawn & echo \$! >>$dir/pids; wait"

for signal in INT TERM HUP; do
    begin --spawn "$target"
    kill -$signal "$run"
    wait "$run"
    code=$?
    [ "$code" = 4 ] || fail "SIG$signal: exit code $code, expected 4"
    says "interrupted" "SIG$signal"
    all_ended "SIG$signal"
    judged=$(grep -c '"type":"case"' "$dir/journal")
    [ "$judged" -gt 4 ] || fail "SIG$signal: $judged cases in the journal"
    grep -q '"complete": false' "$dir/report.json" || fail "SIG$signal: the report does not say that it is incomplete"
    [ "$(grep -c '^   "verdict":' "$dir/report.json")" -ge "$judged" ] || fail "SIG$signal: the report lost a verdict"
    exits 4 "report behind SIG$signal" report "$dir/journal"
done

begin --spawn "$target"
kill -KILL "$run"
wait "$run" 2>/dev/null
all_ended "SIGKILL"
judged=$(grep -c '"type":"case".*}$' "$dir/journal")
exits 4 "report behind SIGKILL" report "$dir/journal" --report "json=$dir/json" --report "html=$dir/html" \
    --report "junit=$dir/junit" --report "markdown=$dir/markdown" --report "tap=$dir/tap"
says "the journal ends before the run did" "report behind SIGKILL"
for report in json html junit markdown tap; do
    grep -q "the journal ends before the run did" "$dir/$report" || fail "SIGKILL: the $report report does not say so"
done
[ "$(grep -c '^   "verdict":' "$dir/json")" -ge "$judged" ] || fail "SIGKILL: the report lost a verdict"

# ---- what cannot be written ----
exits 2 "full journal" run --spawn "$spawn" "$dir/echo.wst" --journal /dev/full --report "json=$dir/json"
says "/dev/full: No space left on device" "full journal"
says "30 pass; 0 unexpected" "full journal"
grep -q '"complete": true' "$dir/json" || fail "full journal: the report is lost"
exits 2 "full report" run --spawn "$spawn" "$dir/echo.wst" --report html=/dev/full --report "json=$dir/json2" --journal "$dir/journal"
says "/dev/full: No space left on device" "full report"
grep -q '"complete": true' "$dir/json2" || fail "full report: the other report is lost"
grep -q '"type":"end"' "$dir/journal" || fail "full report: the journal is lost"
exits 2 "a folder that vanishes" run --spawn "rmdir $dir/gone; $spawn" "$dir/echo.wst" --report "json=$(mkdir "$dir/gone"; echo "$dir/gone")/x"
says "gone/x: No such file" "a folder that vanishes"
exits 1 "a fault is graver" run --spawn "$spawn --mutant accept-unmasked" --only 5.1/unmasked-text --report json=/dev/full
for arguments in "run --spawn '$spawn' $dir/echo.wst" "run -q --spawn '$spawn' $dir/echo.wst --report json=-" list --version; do
    eval timeout 60 "$wsproof" "$arguments" >/dev/full 2>"$dir/out"
    code=$?
    [ "$code" = 2 ] || fail "full standard output of $arguments: exit code $code, expected 2"
    says "standard output: No space left on device" "$arguments"
done
timeout 60 "$wsproof" run --spawn "$spawn" "$dir/echo.wst" --journal "$dir/journal" <&- >&- 2>&-
code=$?
[ "$code" = 0 ] || fail "closed standard streams: exit code $code"
[ "$(grep -c '"verdict":"pass"' "$dir/journal")" = 30 ] || fail "closed standard streams: the journal lacks verdicts"

# ---- many ----
hundred=$(seq -s ' ' 100)
cat >"$dir/many.wst" <<SCRIPT
case many/row-\$a-\$b
  title  A message comes back
  each   a = $hundred
  each   b = $hundred

  > GET
  < 101
  > text "hello"
  < echo
SCRIPT
(
    failures=0
    ulimit -n 256
    exits 0 "1000 jobs, 256 descriptors" run --spawn "$spawn" "$dir/many.wst" --only 'many/row-1*-*' --jobs 1000
    says "jobs: 112 of 1000, since \`ulimit -n\` is 256" "256 descriptors"
    says "1200 pass; 0 unexpected" "256 descriptors"
    ulimit -n 24
    exits 0 "24 descriptors" run --spawn "$spawn" "$dir/echo.wst" --jobs 1000
    says "30 pass; 0 unexpected" "24 descriptors"
    exit "$failures"
)
failures=$((failures + $?))
(
    failures=0
    # Sanitizers take addresses, not memory.
    [ -n "${WSPROOF_LARGE-}" ] || ulimit -v 1000000
    exits 0 "10000 cases, 1000 jobs" run --spawn "$spawn" "$dir/many.wst" --jobs 1000
    says "10000 pass; 0 unexpected" "10000 cases, 1000 jobs"
    exit "$failures"
)
failures=$((failures + $?))

# ---- gates that must not be green ----
"$wsproof" peer >"$dir/peer" &
peer=$!
until grep -q listening "$dir/peer"; do sleep 0.05; done
port=$(sed -n 's|.*:\([0-9]*\)/|\1|p' "$dir/peer")
"$wsproof" run "ws://127.0.0.1:$port/" --jobs 2 --timeout 2s --journal "$dir/dying" >"$dir/out" 2>&1 &
run=$!
until [ "$(wc -l 2>/dev/null <"$dir/dying")" -gt 5 ] 2>/dev/null; do sleep 0.02; done
kill -KILL "$peer"
wait "$run"
code=$?
[ "$code" = 1 ] || [ "$code" = 4 ] || fail "a target that dies midway: exit code $code"
exits 3 "refused connection" run "ws://127.0.0.1:$port/" "$dir/echo.wst"
exits 2 "empty selection" run --spawn "$spawn" "$dir/echo.wst" --skip 'mine/*'
exits 2 "empty folder" run --spawn "$spawn" --cases "$(mkdir "$dir/empty"; echo "$dir/empty")"
exits 2 "misspelt pattern" run --spawn "$spawn" --only 5.1/unmaskt-text
exits 2 "one misspelt pattern of two" run --spawn "$spawn" --only 5.1/unmasked-text --only 5.1/unmaskt-text
exits 2 "misspelt suite" run --spawn "$spawn" --suite maskng
echo 'mine/echo-31 fail' >"$dir/stale"
exits 1 "stale expectation" run --spawn "$spawn" "$dir/echo.wst" --expect "$dir/stale"
exits 1 "lost capability" run --spawn "$spawn --mutant change-type" --has echo "$dir/echo.wst"
says "probe/echo" "lost capability"
exits 0 "a whole journal" run --spawn "$spawn" "$dir/echo.wst" --journal "$dir/whole"
exits 0 "report of a whole journal" report "$dir/whole"
for bytes in 1 40 4000; do
    head -c "-$bytes" "$dir/whole" >"$dir/cut"
    exits 4 "journal without its last $bytes bytes" report "$dir/cut"
    "$wsproof" report diff "$dir/whole" "$dir/cut" >"$dir/out" 2>&1 && fail "diff with a journal without its last $bytes bytes is green"
    "$wsproof" report merge "$dir/cut" >"$dir/out" 2>&1 && fail "merge of a journal without its last $bytes bytes is green"
done

done_testing
