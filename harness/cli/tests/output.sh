#!/usr/bin/env bash
# output.sh WSPROOF - what a run prints and leaves behind, and what it leaves running.
. "$(dirname "$0")/support.sh"
spawn="$wsproof peer --port {port}"

cat >"$dir/good.wst" <<'SCRIPT'
case mine/hello
  title  A message comes back
  needs  echo

  > GET
  < 101
  > text "hello"
  < echo

case mine/quiet
  title  Nothing comes unasked
  > GET
  < 101
  silent 200ms
SCRIPT

# ---- a report on standard output is alone there ----
timeout 60 "$wsproof" run --spawn "$spawn" "$dir/good.wst" --report json=- >"$dir/json" 2>"$dir/out" || fail "report to standard output"
says "judged 2 of 2" "the summary goes to standard error"
[ "$(head -c 1 "$dir/json")" = "{" ] || fail "something stands before the report"
[ "$(tail -n 1 "$dir/json")" = "}" ] || fail "something stands behind the report"
exits 0 "journal" run --spawn "$spawn" "$dir/good.wst" --journal "$dir/journal"
timeout 60 "$wsproof" report "$dir/journal" --cases "$dir/good.wst" --report json=- >"$dir/json2" 2>"$dir/out" || fail "report of a journal to standard output"
says "judged 2 of 2" "the summary of a journal goes to standard error"
[ "$(head -c 1 "$dir/json2")" = "{" ] || fail "something stands before the report of a journal"

# ---- what cannot be written is noticed before the run ----
for option in "--report html=$dir/none/report.html" "--write-expect $dir/none/expect" "--journal $dir/none/journal"; do
    # shellcheck disable=SC2086
    exits 2 "$option" run --spawn "touch $dir/started; $spawn" "$dir/good.wst" $option
    says "none/" "$option"
    [ -e "$dir/started" ] && fail "$option: the target was started"
done
echo old >"$dir/kept"
exits 3 "target that ends" run --spawn 'exit 7 # {port}' "$dir/good.wst" --report "json=$dir/kept" --report "html=$dir/new"
[ "$(cat "$dir/kept")" = old ] || fail "a report is gone, and no run took its place"
[ -e "$dir/new" ] && fail "an empty report of no run"

# ---- --write-expect says what it wrote ----
exits 1 "write-expect" run --spawn "$spawn --mutant accept-unmasked" --only 5.1/unmasked-text --write-expect "$dir/expect"
says "expectations: $dir/expect (1 lines" "write-expect"

# ---- --strict ----
cat >"$dir/warn.wst" <<'SCRIPT'
case mine/warned
  title  A second best answer is a warning
  > GET
  < 101
  > text "hello"
  either
    < text "something else"
  or warn "only an echo"
    < text "hello"
SCRIPT
exits 0 "a warning" run --spawn "$spawn" "$dir/warn.wst"
says "1 warn; 0 unexpected" "a warning"
exits 1 "a warning with --strict" run --spawn "$spawn" "$dir/warn.wst" --strict --write-expect "$dir/expect"
says "1 warn; 1 unexpected" "a warning with --strict"
says "(1 lines; 1 are warnings" "a warning with --strict"
exits 0 "an expected warning" run --spawn "$spawn" "$dir/warn.wst" --strict --expect "$dir/expect"

# ---- echo and time ----
exits 0 "timing" run --spawn "$spawn" "$dir/good.wst" --timing
says "echo: 1 of 2 cases need one, 0 of them were skipped" "echo"
grep -qE '^  wall time +[0-9]+ ms$' "$dir/out" || fail "timing: no wall time"
grep -qE '^  our CPU +[0-9]+ ms$' "$dir/out" || fail "timing: no processor time of ours"
grep -qE '^  target CPU +[0-9]+ ms$' "$dir/out" || fail "timing: no processor time of the target"
says "fixed waits of the cases: 200 ms" "timing"
says "mine/quiet: Nothing comes unasked" "timing"
says "silent 200ms" "timing"
says "fixed wait of the probe: 500 ms" "timing"
exits 0 "a target that works hard" run --spawn 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; exec '"$spawn" "$dir/good.wst" --timing
busy=$(sed -n 's/^  target CPU *\([0-9]*\) ms$/\1/p' "$dir/out")
[ "${busy:-0}" -ge 50 ] || fail "timing: a target that works hard took ${busy:-no} ms"
exits 0 "no spawn hint" run --spawn "$spawn" "$dir/good.wst"
mute "hint:" "no spawn hint"

# ---- a suite ----
exits 0 "suite" run --suite masking --spawn "$spawn" --journal "$dir/journal"
grep -q '"id":"5.1/unmasked-text"' "$dir/journal" || fail "suite: 5.1/unmasked-text did not run"
grep -q '"id":"8.1/' "$dir/journal" && fail "suite: a case of another suite ran"
grep -q '"id":"watch/masked"' "$dir/journal" || fail "suite: the watches did not judge"
exits 2 "suite of nothing" run --suite masking --only '8.1/*' --spawn "$spawn"
says "no case is left to run" "suite of nothing"

# ---- spawn ----
exits 3 "no {port}" run --spawn 'exit 3' "$dir/good.wst"
says "hint: --spawn has no {port}" "no {port}"
exits 0 "a command that waits for its children" run --spawn "$spawn & wait" "$dir/good.wst"

# Whatever ends the program, the target ends too: its whole group.
rm -f "$dir/journal"
"$wsproof" run --spawn "echo \$\$ >$dir/pid; $spawn" --jobs 1 --journal "$dir/journal" >"$dir/out" 2>&1 &
run=$!
until [ "$(wc -l 2>/dev/null <"$dir/journal")" -gt 3 ] 2>/dev/null; do sleep 0.02; done
group=$(cat "$dir/pid")
pgrep -g "$group" >"$dir/out" || fail "killed: the target is not in its group"
kill -KILL "$run"
wait "$run" 2>/dev/null
for _ in $(seq 50); do
    pgrep -g "$group" >"$dir/out" || break
    sleep 0.1
done
pgrep -g "$group" >"$dir/out" && fail "the target outlives a killed run"

done_testing
