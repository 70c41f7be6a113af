#!/usr/bin/env bash
# cli.sh WSPROOF - the program from outside: exit codes, what is printed and written, processes and signals.
. "$(dirname "$0")/support.sh"

free_port()
{
    # Nobody listens on it: the peer that had it has ended.
    : >"$dir/port"
    "$wsproof" peer >>"$dir/port" &
    local pid=$!
    until grep -q listening "$dir/port"; do sleep 0.05; done
    kill "$pid"
    wait "$pid"
    sed -n 's|.*:\([0-9]*\)/|\1|p' "$dir/port"
}

spawn="$wsproof peer --port {port}"

cat >"$dir/good.wst" <<'SCRIPT'
case mine/hello
  title  A message comes back

  > GET
  < 101
  > text "hello"
  < echo
SCRIPT
cat >"$dir/bad.wst" <<'SCRIPT'
case mine/bad
  > GET
  < 1o1
SCRIPT
cat >"$dir/needs.wst" <<'SCRIPT'
case mine/needs
  needs  something

  > GET
  < 101
SCRIPT
cat >"$dir/escape.wst" <<'SCRIPT'
case mine/escape
  > GET
  < 101
  > text "\x1b[31mred\x07"
  < text "blue"
SCRIPT

# ---- wrong usage ----
exits 0 version --version
says "wsproof" version
exits 0 help --help
for command in run list show explain check fmt peer report; do
    exits 0 "help of $command" "$command" --help
done
exits 2 "no command"
exits 2 "unknown command" prove
exits 2 "unknown option" run --jbos 3 ws://127.0.0.1:1/
says "--jbos" "unknown option"
exits 2 "no target" run
exits 2 "not a URL" run http://127.0.0.1/
says "ws://" "not a URL"
exits 2 "user name" run ws://me:secret@127.0.0.1/
exits 2 "two URLs" run ws://127.0.0.1:1/ ws://127.0.0.1:2/
exits 2 "jobs" run --jobs 0 ws://127.0.0.1:1/
says "expected a number from 1" jobs
exits 2 "timeout" run --timeout fast ws://127.0.0.1:1/
exits 2 "color" run --color pink ws://127.0.0.1:1/
exits 2 "header" run --header nonsense ws://127.0.0.1:1/
exits 2 "set" run --set nonsense ws://127.0.0.1:1/
exits 2 "misspelt set" run --set tokne=x ws://127.0.0.1:1/ "$dir/good.wst"
says "no script names this setting" "misspelt set"
exits 2 "a set that is part of a word" run --set protocol=x ws://127.0.0.1:1/
says "no script names this setting" "a set that is part of a word"
exits 2 "a has that is part of a word" run --has ech ws://127.0.0.1:1/
says "no script needs this capability" "a has that is part of a word"
exits 2 "misspelt has" run --has echoo ws://127.0.0.1:1/ "$dir/good.wst"
says "no script needs this capability" "misspelt has"
exits 2 "report" run --report nonsense=x ws://127.0.0.1:1/
says "expected one of" report
exits 2 "only" run --only no/such/case ws://127.0.0.1:1/
exits 2 "missing script" run ws://127.0.0.1:1/ "$dir/none.wst"
exits 2 "script with errors" run ws://127.0.0.1:1/ "$dir/bad.wst"
says "bad.wst:3:" "script with errors"
exits 2 "missing expectations" run --expect "$dir/none" ws://127.0.0.1:1/ "$dir/good.wst"

# ---- scripts ----
exits 0 list list
exits 0 "list one" list --only '5.1/*'
exits 0 show show 5.1/unmasked-text
says "RFC 6455, section 5.1" show
exits 2 "show nothing" show no/such/case
exits 0 check check "$dir/good.wst"
exits 2 "check errors" check "$dir/bad.wst"
exits 0 "fmt of canonical text" fmt --check "$dir/good.wst"
printf 'case a/b\n\n\n  > GET\n  <   101\n' >"$dir/ugly.wst"
exits 1 "fmt --check" fmt --check "$dir/ugly.wst"
exits 0 fmt fmt "$dir/ugly.wst"
exits 0 "fmt is canonical" fmt --check "$dir/ugly.wst"

# ---- targets ----
exits 3 "closed port" run "ws://127.0.0.1:$(free_port)/" "$dir/good.wst"
says "target unreachable" "closed port"
exits 3 "unknown host" run ws://no-such-host.invalid/ "$dir/good.wst"
exits 3 "target that ends" run --spawn 'echo out of order; exit 7' "$dir/good.wst"
says "out of order" "target that ends"
says "exit status 7" "target that ends"
exits 0 "good script" run --spawn "$spawn" "$dir/good.wst" --journal "$dir/journal" --report "json=$dir/json"
says "judged 1 of 1" "good script"
[ -s "$dir/json" ] || fail "good script: no report"
[ "$(wc -l <"$dir/journal")" = 3 ] || fail "good script: expected 3 lines in the journal"
exits 0 "report of a journal" report "$dir/journal" --report "json=$dir/json2"
cmp -s "$dir/json" "$dir/json2" || fail "the report of the journal differs"
head -n 2 "$dir/journal" >"$dir/torn"
exits 4 "report of a torn journal" report "$dir/torn"
exits 4 "nothing judged" run --spawn "$spawn" "$dir/needs.wst"
says "skipped 1 for lack of something (1)" "nothing judged"
exits 1 "declared and not found" run --spawn "$spawn --mutant no-protocol" "$dir/good.wst" --has subprotocol
says "probe/subprotocol" "declared and not found"

# ---- profiles ----
exits 0 "profile" run --spawn "$spawn" --profile autobahn --set rounds=9 --only 'volume/9.7*-of-16'
says "judged 1 of 1" "profile"
exits 0 "profile of volumes" run --spawn "$spawn" --profile autobahn --only 'volume/9.1*-of-256-times-256'
says "judged 1 of 1" "profile of volumes"
exits 2 "unknown profile" run --spawn "$spawn" --profile other
says "expected autobahn" "unknown profile"

# ---- verdicts and expectations ----
mutant="$spawn --mutant accept-unmasked"
exits 1 mutant run --spawn "$mutant" --only 5.1/unmasked-text --write-expect "$dir/expect"
says "6455-5.1-3" mutant
says "replay" mutant
exits 0 "expected fault" run --spawn "$mutant" --only 5.1/unmasked-text --expect "$dir/expect"
says "as expected:" "expected fault"
exits 1 "fault is gone" run --spawn "$spawn" --only 5.1/unmasked-text --expect "$dir/expect"
echo 'no/such/case fail' >"$dir/stale"
exits 1 "stale expectation" run --spawn "$spawn" --only 5.1/unmasked-text --expect "$dir/stale"
exits 1 "target dies" run --spawn "$spawn --mutant die-of-huge-length" --only 10.4/length-of-4-EiB
says "target died" "target dies"

# ---- files that a script names ----
printf 'bytes \000 of a file' >"$dir/payload.bin"
cat >"$dir/file.wst" <<'SCRIPT'
case own/file
  title  The bytes of a file come back

  > GET
  < 101
  > binary file("payload.bin")
  < binary "bytes \x00 of a file"
SCRIPT
exits 0 "file" run --spawn "$spawn" "$dir/file.wst"
sed 's/payload.bin/missing.bin/' "$dir/file.wst" >"$dir/missing.wst"
exits 2 "missing file" check "$dir/missing.wst"
says "the file cannot be read" "missing file"

# ---- what must not leak ----
cat >"$dir/token.wst" <<'SCRIPT'
case own/token
  title  A setting is sent
  needs  token

  > GET
    X-Wsproof: $token
  < 101
  alive
SCRIPT
exits 0 secrets run --spawn "$spawn" "$dir/token.wst" --header 'Authorization: Bearer s3cr3t-header' \
    --header 'Cookie: id=s3cr3t-cookie' --set token=s3cr3t-setting -v \
    --journal "$dir/journal" --report "json=$dir/json" --report "html=$dir/html" --report "junit=$dir/junit"
if grep -l s3cr3t "$dir/out" "$dir/journal" "$dir/json" "$dir/html" "$dir/junit" >"$dir/leaks"; then
    fail "secrets leak: $(tr '\n' ' ' <"$dir/leaks")"
fi
if ! grep -q -- "--seed [0-9]* --only 'own/token'" "$dir/journal"; then
    fail "the command that repeats a case ends at a secret"
fi
# From the environment whatever it is called; from a file if its name says so.  A file may be shared: not
# every script names all of it.
sed 's/\$token/$plain/; s/token/plain/g' "$dir/token.wst" >"$dir/plain.wst"
plain=s3cr3t-environment exits 0 "a secret of the environment" run --spawn "$spawn" "$dir/plain.wst" --set plain -v \
    --journal "$dir/journal"
printf 'token = s3cr3t-file\nunused = 1\n' >"$dir/settings"
cat "$dir/out" "$dir/journal" >"$dir/all"
exits 0 "a secret of a file" run --spawn "$spawn" "$dir/token.wst" --set "@$dir/settings" -v --journal "$dir/journal"
cat "$dir/out" "$dir/journal" >>"$dir/all"
if grep -q s3cr3t "$dir/all"; then
    fail "secrets of the environment or of a file leak"
fi
exits 1 escapes run --spawn "$spawn" "$dir/escape.wst" -v
if LC_ALL=C grep -q "$(printf '[\033\007]')" "$dir/out"; then
    fail "control bytes of the peer reach the terminal"
fi

# ---- signals ----
# The seed tells this target from those of other tests.
timeout 60 "$wsproof" run --spawn "$wsproof peer --seed $$ --port {port}" --journal "$dir/journal" >"$dir/out" 2>&1 &
run=$!
until [ "$(wc -l 2>/dev/null <"$dir/journal")" -gt 3 ] 2>/dev/null; do sleep 0.02; done
kill -INT "$(pgrep -P "$run")"
wait "$run"
code=$?
[ "$code" = 4 ] || fail "interrupted: exit code $code, expected 4"
says "interrupted" interrupted
if pgrep -f -- "$wsproof peer --seed $$ --port" >"$dir/left"; then
    fail "the target outlives an interrupted run: $(tr '\n' ' ' <"$dir/left")"
fi

# A stop of the whole process with answers on the wire changes no verdict.
verdicts()
{
    sed -n 's/.*"id":"\([^"]*\)".*"verdict":"\([a-z]*\)".*/\1 \2/p' "$1" | sort
}
some=(--only '5.5.*' --only '5.4/*' --only '7.*' --seed 1 --jobs 16)
exits 0 "undisturbed" run --spawn "$spawn" "${some[@]}" --journal "$dir/plain"
"$wsproof" run --spawn "$spawn" "${some[@]}" --journal "$dir/stopped" >"$dir/out" 2>&1 &
run=$!
until [ -s "$dir/stopped" ]; do sleep 0.01; done
kill -STOP "$run"
sleep 3
kill -CONT "$run"
wait "$run"
code=$?
[ "$code" = 0 ] || fail "stopped for 3 s: exit code $code, expected 0"
verdicts "$dir/plain" >"$dir/a"
verdicts "$dir/stopped" >"$dir/b"
[ -s "$dir/a" ] || fail "no verdicts in the journal"
cmp -s "$dir/a" "$dir/b" || fail "stopped for 3 s: other verdicts: $(diff "$dir/a" "$dir/b")"
if grep -q '"slow":true' "$dir/stopped"; then
    fail "stopped for 3 s: our own delay made a case slow"
fi

done_testing
