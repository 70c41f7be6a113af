#!/usr/bin/env bash
# explain.sh WSPROOF - every id that the program knows can be explained.
. "$(dirname "$0")/support.sh"

exits 0 "a requirement" explain 6455-5.1-3
says "6455-5.1-3  RFC 6455, section 5.1, MUST, binds server" "a requirement"
says "https://www.rfc-editor.org/rfc/rfc6455#section-5.1" "a requirement"
says "FAIL: a peer that does otherwise fails" "a requirement"
says "accept-unmasked: it takes frames that are not masked" "a requirement"
says "5.1/unmasked-" "a requirement"
says "  fix       Test the MASK bit of every frame" "a requirement"

# A row that another one judges has that one's cases and remedy.
dup=$("$wsproof" list --requirements | sed -n 's/^\([0-9][^ ]*\) .* DUP of .*/\1/p' | head -n 1)
exits 0 "a row judged by another" explain "$dup"
says "judged by" "a row judged by another"

exits 0 "a case" explain 5.1/unmasked-text
says "masking.wst:" "a case"
says "kills     accept-unmasked" "a case"
says "  fix       Test the MASK bit" "a case"
says "mask=none" "a case"
exits 0 "a watch" explain watch/masked
says "6455-5.1-5" "a watch"
exits 0 "several cases" explain '5.1/unmasked-*'
says "5.1/unmasked-binary" "several cases"

exits 0 "a mutant" explain accept-unmasked
says "killed by 5.1/unmasked-text" "a mutant"
says "wsproof peer --mutant accept-unmasked" "a mutant"
says "6455-5.1-3" "a mutant"

exits 0 "Autobahn" explain 6.4.1
says "Autobahn 6.4.1" "Autobahn"
says "Noticing bad bytes before the message ends" "Autobahn"
says "6455-8.1-" "Autobahn"

exits 2 "nothing" explain
exits 2 "what nobody knows" explain no-such-thing
says "no-such-thing is no requirement" "what nobody knows"

# All at once: no id of a listing is unknown.
ids()
{
    "$wsproof" list --requirements | sed -n "s/^\([0-9][^ ]*-[^ ]*\) .*/\1/p"
    "$wsproof" list | sed 's/ .*//'
    "$wsproof" list --autobahn | sed -n 's/^\([0-9][0-9.]*\) .*/\1/p'
    "$wsproof" peer --list-mutants | sed -n 's/^  \([a-z][^ ]*\) .*/\1/p'
}
mapfile -t all < <(ids)
[ "${#all[@]}" -gt 1500 ] || fail "expected more than 1500 ids, found ${#all[@]}"
exits 0 "all ids" explain "${all[@]}"

done_testing
