#!/usr/bin/env bash
# completion.sh WSPROOF - bash and zsh complete every command, every option of its --help, and its values.
# shellcheck source=harness/cli/tests/support.sh
. "$(dirname "$0")/../../harness/cli/tests/support.sh"
here=$(cd "$(dirname "$0")/../completion" && pwd)
wsproof=$(realpath "$wsproof")
: >"$dir/out"
mkdir "$dir/bin" "$dir/work"
ln -s "$wsproof" "$dir/bin/wsproof"
PATH=$dir/bin:$PATH
cd "$dir/work" || exit 1
touch 'a page.html' run.jsonl

# in_bash WORD…   what bash offers for the last word, one a line
in_bash()
{
    (
        # shellcheck source=packaging/completion/wsproof.bash
        . "$here/wsproof.bash"
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _wsproof
        printf '%s\n' "${COMPREPLY[@]}"
    ) 2>&1
}

# in_zsh WORD…   the same of zsh: what its functions are asked to offer, files as FILES
in_zsh()
{
    zsh -f -c '
        _describe() { shift; [[ $1 == -* ]] && shift 2; local name; for name in "$@[-1]"; do print -rl -- ${(P)name%%:*}; done }
        compadd() { while [[ $1 == -* ]]; do shift; [[ $1 == = ]] && shift; done; print -rl -- "$@" }
        compset() { PREFIX=${PREFIX#*=} }
        _files() { print FILES }
        script=$1; shift
        words=("$@") CURRENT=$# PREFIX=$@[-1]
        source $script' zsh "$here/_wsproof" "$@" 2>&1 | if [ -n "${*: -1}" ]; then grep -- "^${*: -1}\|^FILES" ; else cat; fi
}

# offers SHELL NAME WANTED WORD…
offers()
{
    local shell=$1 wanted=$2
    shift 2
    "in_$shell" "$@" >"$dir/out"
    grep -qxF -- "$wanted" "$dir/out" || fail "$shell: $(printf '%s ' "$@")offers no $wanted"
}

commands=$("$wsproof" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 8 ] || fail 'the commands are not listed'
shells='bash zsh'
command -v zsh >/dev/null || shells=bash

options=0
for shell in $shells; do
    for command in $commands; do
        offers "$shell" "$command" wsproof ''
        "in_$shell" wsproof "$command" -- >"$dir/out"
        while read -r option; do
            options=$((options + 1))
            grep -qxF -- "$option" "$dir/out" || fail "$shell: wsproof $command offers no $option"
        done < <("$wsproof" "$command" --help | grep -oE '^  (-[A-Za-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
        # nothing that the command does not know
        while read -r option; do
            "$wsproof" "$command" --help | grep -qE -- "^  (-., )?$option( |$)" || fail "$shell: wsproof $command offers $option"
        done <"$dir/out"
    done
    offers "$shell" masking wsproof run --suite ma
    offers "$shell" 5.1/unmasked-text wsproof run --only 5.1/un
    offers "$shell" accept-unmasked wsproof peer --mutant acc
    offers "$shell" never wsproof run --color n
    offers "$shell" 5.1/unmasked-text wsproof show 5.1/
    offers "$shell" 6455-5.1-3 wsproof explain 6455-5.1
    offers "$shell" accept-unmasked wsproof explain accept-u
    offers "$shell" matrix wsproof report ma
done
[ "$options" -ge 80 ] || fail "only $options options were looked for"
offers bash html= wsproof run --report ht
offers bash 'a page.html' wsproof run --report html = a
offers bash 'a page.html' wsproof run --journal a
offers bash run.jsonl wsproof report run
if [ "$shells" != bash ]; then
    offers zsh html wsproof run --report ht
    offers zsh FILES wsproof run --report html=a
    offers zsh FILES wsproof run --journal a
    offers zsh FILES wsproof report run
    zsh -n "$here/_wsproof" 2>"$dir/out" || fail 'zsh reads its completion'
fi
[ -z "$(in_bash wsproof run --seed '' | tr -d '\n')" ] || fail 'bash: a number is offered'

done_testing
