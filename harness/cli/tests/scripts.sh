#!/usr/bin/env bash
# scripts.sh WSPROOF - what the program says of scripts without a target: check, show, suites.
. "$(dirname "$0")/support.sh"

# ---- check ----
cat >"$dir/idle.wst" <<'SCRIPT'
case own/asks-nothing
  > GET
  > text "is anybody there?"
SCRIPT
exits 2 "a case that asks nothing" check "$dir/idle.wst"
says "idle.wst:1:1: error: the case asks nothing of the peer" "a case that asks nothing"

cat >"$dir/never.wst" <<'SCRIPT'
case own/over-before-it-could-come
  > GET
  < 101
  either
    alive
    never text "late"
  or
    never text "early"
    < close
    never eof
    < eof
  > close 1000
SCRIPT
exits 2 "a never that nothing waits for" check "$dir/never.wst"
says "never.wst:6:5: error: no step behind this waits for anything, so it can never come" "a never that nothing waits for"
says "1 cases, 1 errors" "a never that nothing waits for"

cat >"$dir/early.wst" <<'SCRIPT'
case own/no-handshake
  > text "hello"
  < text "hello"

case own/no-handshake-of-bob
  > GET
  < 101
  either
    bob alive
  or
    < eof

case own/bytes-of-its-own
  > raw "GET / HTTP/1.1\r\n\r\n"
  < 400
  > text "hello"

case own/reachable
  reachable
SCRIPT
exits 0 "frames without a handshake" check "$dir/early.wst"
says "early.wst:2:3: warning: a frame on a connection without a handshake" "frames without a handshake"
says "early.wst:9:5: warning: a frame on a connection without a handshake" "frames of bob"
says "4 cases, 0 errors, 2 warnings" "frames without a handshake"

for need in mesage=1 message=x message=; do
    printf 'case own/need\n  needs  %s\n\n  > GET\n  < 101\n' "$need" >"$dir/need.wst"
    exits 2 "a limit that there is not: $need" check "$dir/need.wst"
    says "need.wst:1: error: \`needs $need\`: expected a limit" "a limit that there is not: $need"
done
printf 'case own/need\n  needs  message=65536*16\n\n  > GET\n  < 101\n' >"$dir/need.wst"
exits 0 "a limit that there is" check "$dir/need.wst"

cat >"$dir/setting.wst" <<'SCRIPT'
case own/setting
  needs  code

  > GET
  < 101
  > close $code
  < close
SCRIPT
exits 0 "a setting that is not given" check "$dir/setting.wst"
exits 0 "a setting that is given" check --set code=1000 "$dir/setting.wst"
exits 2 "a setting of no use" check --set code=ten "$dir/setting.wst"
says "setting.wst:6:" "a setting of no use"
exits 2 "no setting" check --set code "$dir/setting.wst"
says "the name of an environment variable, found \"code\"" "no setting"
code=1000 exits 0 "a setting of the environment" check --set code "$dir/setting.wst"
printf '# known here\n\n code = 1000 \r\nother=x=y\n' >"$dir/settings"
exits 0 "settings of a file" check --set "@$dir/settings" "$dir/setting.wst"
exits 2 "the command line overrides the file" check --set code=ten --set "@$dir/settings" "$dir/setting.wst"
printf 'code = 1000\ncode 1000\n' >"$dir/settings"
exits 2 "a line that is no setting" check --set "@$dir/settings" "$dir/setting.wst"
says "settings:2: expected \`NAME = VALUE\`" "a line that is no setting"
printf 'code = 10\0000\n' >"$dir/settings"
exits 2 "a NUL in a file of settings" check --set "@$dir/settings" "$dir/setting.wst"
says "found a NUL byte at offset 9" "a NUL in a file of settings"
exits 2 "no file of settings" check --set "@$dir/nowhere" "$dir/setting.wst"

sed '1a\  autobahn 1.1.99' "$dir/setting.wst" >"$dir/unknown.wst"
exits 2 "unknown Autobahn id" check "$dir/unknown.wst"
says "unknown.wst:1: error: Autobahn has no case 1.1.99" "unknown Autobahn id"

# ---- blocks and included files ----
mkdir "$dir/parts"
cat >"$dir/parts/rooms.wst" <<'SCRIPT'
include "room.wst"

def enter-and-leave
  use enter
  > close 1000
  < close
SCRIPT
cat >"$dir/parts/room.wst" <<'SCRIPT'
# Of all scripts.

def enter
  > GET /rooms/a
  < 101
SCRIPT
cat >"$dir/blocks.wst" <<'SCRIPT'
include "parts/rooms.wst"

case own/blocks
  bob use enter
  use enter-and-leave
  < text "not said"
SCRIPT
exits 0 "blocks of a file" check "$dir/blocks.wst"
says "1 cases, 0 errors, 0 warnings" "blocks of a file"
exits 0 "fmt of blocks" fmt --check "$dir/blocks.wst" "$dir/parts/rooms.wst" "$dir/parts/room.wst"
exits 0 "a folder of blocks" check "$dir/parts"
says "0 cases, 0 errors, 0 warnings" "a folder of blocks"
exits 0 "show a case with blocks" show "$dir/blocks.wst" own/blocks
says "def enter-and-leave" "show a case with blocks"
says "def enter
  > GET /rooms/a" "show a case with blocks"
sed -i 's/101/$secret/' "$dir/parts/room.wst"
exits 2 "a mistake in an included block" check "$dir/blocks.wst"
says "parts/room.wst:5:5: error:" "a mistake in an included block"
says '`$secret` has no value here: --set secret=… gives it one' "a mistake in an included block"
says "(in case own/blocks)" "a mistake in an included block"
sed -i 's/\$secret/101 1/' "$dir/parts/room.wst"
exits 2 "an included file with an error" check "$dir/blocks.wst"
says "parts/room.wst:5:9: error:" "an included file with an error"
says "1 errors" "an included file with an error"
sed -i 's/room.wst/rom.wst/' "$dir/parts/rooms.wst"
exits 2 "no such file to include" check "$dir/blocks.wst"
says "parts/rooms.wst:1:9: error: the file cannot be read" "no such file to include"

# ---- show ----
exits 0 "show a file" show "$dir/early.wst"
says "case own/no-handshake-of-bob" "show a file"
says "case own/reachable" "show a file"
exits 0 "show a case of a file" show "$dir/early.wst" 'own/*bob'
says "case own/no-handshake-of-bob" "show a case of a file"
mute "case own/reachable" "show a case of a file"
exits 2 "show what a file has not" show "$dir/early.wst" 5.1/unmasked-text

# ---- suites ----
names="handshake policy http framing masking fragmentation control messages utf8 close deflate volume tls limits"
for name in $names; do
    exits 0 "suite $name" list --suite "$name" --skip 'watch/*'
    cut -d ' ' -f 1 "$dir/out" >>"$dir/suites"
done
exits 0 "all suites" list --suite all --skip 'watch/*'
cut -d ' ' -f 1 "$dir/out" | sort >"$dir/all"
sort "$dir/suites" | diff - "$dir/all" >"$dir/out" || fail "each case is in one suite (harness/cli/choice.c)"
exits 0 "list of suites" list --suites
for name in $names core all; do
    says "$name" "list of suites"
done
exits 0 "core" list --suite core
says "5.4/text-in-2-fragments" core
says "watch/masked" core
mute "4.2.1/" core
exits 0 "suites add up" list --suite masking --suite utf8 --only '5.*' --only '8.1/surrogate*'
says "5.1/unmasked-text" "suites add up"
says "8.1/surrogate-d800" "suites add up"
mute "8.1/valid" "suites and --only"
exits 2 "unknown suite" list --suite handshakes
says "expected handshake, policy, http, framing," "unknown suite"
says 'found "handshakes"' "unknown suite"

done_testing
