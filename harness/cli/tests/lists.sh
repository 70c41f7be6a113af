#!/usr/bin/env bash
# lists.sh WSPROOF - what the program tells without a target: cases, requirements.
. "$(dirname "$0")/support.sh"

cat >"$dir/own.wst" <<'SCRIPT'
case own/charged-$row
  title  Steps are charged to what they name
  cites  6455-5.1-3 6455-5.5.2-2
  each   row = 1 2

  > GET
  < 101
  > text "unmasked" mask=none
  either
    < fail 1002
  or
    < eof  @6455-7.1.7-1

case own/watch
  title  A watch tests what it watches
  watch  6455-5.1-5
SCRIPT

# row ID   the matrix's lines about this requirement, from the last output
row()
{
    sed -n "/^$1 /,/^[0-9]/p" "$dir/out" | sed '1p;/^[0-9]/d'
}

# shows ID TEXT NAME
shows()
{
    row "$1" | grep -qF -- "$2" || fail "$3: expected of $1: $2"
}

# ---- the matrix ----
exits 0 matrix list --requirements "$dir/own.wst"
shows 6455-5.1-3 'cases     own/charged-$row (2)' "the first id is charged"
shows 6455-7.1.7-1 'own/charged-$row (2)' "an @id is charged"
shows 6455-5.1-5 'cases     own/watch' "a watch tests"
shows 6455-5.1-3 'mutants   accept-unmasked' "mutants"
shows 6455-5.5.2-2 'BARE      cases cite it, but charge no step to it' "cited and not charged"
shows 6455-5.4-1 'BARE      no case tests it' "bare"
exits 1 "bare rows" list --requirements --bare "$dir/own.wst"
shows 6455-5.4-1 'BARE' "bare rows"
mute 6455-5.1-5 "bare rows"
exits 0 "matrix as JSON" list --requirements --json "$dir/own.wst"
says '"own/charged-1",' "matrix as JSON"
says '"requirements": [' "matrix as JSON"
exits 2 "bare of what" list --bare

# ---- kits ----
for kit in auth close-codes limits routing shutdown subprotocol tls; do
    exits 0 "kits" list --kits
    says "$kit.wst " "kits"
    exits 0 "kit $kit" check "$kit.wst"
    says " cases, 0 errors, 0 warnings" "kit $kit"
    exits 0 "what kit $kit needs" show "$kit.wst"
    says "#     wsproof run " "what kit $kit needs"
    says "case $kit/" "what kit $kit needs"
    # Whatever is given of its settings, cases that want others are skipped.
    for name in $(sed -n 's/^  needs  //p' "$dir/out" | tr ' ' '\n' | sort -u); do
        timeout "$patience" "$wsproof" run ws://127.0.0.1:1/ "$kit.wst" --set "$name=1" >"$dir/out" 2>&1 </dev/null
        mute "has no value" "kit $kit with no setting but $name"
    done
done
exits 2 "no such kit" check author.wst
says "author.wst: No such file" "no such kit"
printf 'case own/kit\n  > GET\n  < 101\n' >"$dir/auth.wst"
program=$(realpath "$wsproof")
(cd "$dir" && "$program" show auth.wst >"$dir/out" 2>&1) || fail "a file called like a kit"
says "case own/kit" "a file called like a kit"
exits 4 "a kit without settings" run --spawn "$wsproof peer --port {port}" auth.wst
says "skipped 31 for lack of protected (28)" "a kit without settings"
says "nothing was judged; what cases lack is given by --set" "a kit without settings"

# ---- Autobahn ----
exits 0 "Autobahn is covered" list --autobahn --bare
says "sections 1 to 7 and 10: 247 ids, 247 named by a case" "Autobahn is covered"
says "sections 9, 12 and 13: 270 ids, 270 named by a case" "Autobahn is covered"
says "together: 517 of 517" "Autobahn is covered"
sed -n 's/^together: /proved: Autobahn ids: /p' "$dir/out"
exits 0 "Autobahn" list --autobahn
sed -n '/^7.7.13 /,/^[0-9]/p' "$dir/out" | grep -qF 'cases     7.4/' || fail "Autobahn: no case for 7.7.13"
exits 1 "Autobahn by other scripts" list --autobahn --bare "$dir/own.wst"
says "1.1.1    text messages" "Autobahn by other scripts"
sed 's/^  cites  6455-5.1-3.*/&\n  autobahn 1.1.9/' "$dir/own.wst" >"$dir/unknown.wst"
exits 2 "unknown Autobahn id" list --autobahn "$dir/unknown.wst"
says "1.1.9" "unknown Autobahn id"

exits 0 "list as JSON" list --json "$dir/own.wst"
says '"id": "own/charged-2"' "list as JSON"

done_testing
