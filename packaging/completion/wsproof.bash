# shellcheck shell=bash
# bash completion for wsproof.
#
# It asks the program itself what there is (--help and the lists), so it cannot fall behind.

# _wsproof_options PROGRAM COMMAND   one a line: "--spawn COMMAND", "--strict"
_wsproof_options()
{
    "$1" "$2" --help 2>/dev/null </dev/null | sed -nE 's/^  (-[A-Za-z], )?(--[a-z-]+( [^ ]+)?).*/\2/p'
}

_wsproof_cases()
{
    "$1" list 2>/dev/null | awk '{ print $1 }'
}

_wsproof_filters()
{
    "$1" peer --list-mutants 2>/dev/null | sed -nE 's/^  ([a-z][a-z0-9-]*) .*/\1/p'
}

# _wsproof_values PROGRAM OPTION VALUE   what can stand behind the option; nothing: anything, or a file
_wsproof_values()
{
    case $2 in
    --suite) "$1" list --suites 2>/dev/null | awk '{ print $1 }' ;;
    --only | --skip) _wsproof_cases "$1" ;;
    --mutant) _wsproof_filters "$1" ;;
    --color) printf '%s\n' always never auto ;;
    --report) "$1" run --help 2>/dev/null | sed -nE 's/.*FORMAT: //p' | tr -d ',' | tr ' ' '\n' | sed 's/$/=/' ;;
    esac
}

# _wsproof_words PROGRAM COMMAND   what a command takes that is no option
_wsproof_words()
{
    case $2 in
    show) _wsproof_cases "$1" ;;
    explain)
        _wsproof_cases "$1"
        _wsproof_filters "$1"
        "$1" list --requirements 2>/dev/null | sed -nE 's/^([0-9]{4}-[^ ]+) .*/\1/p'
        ;;
    report) printf '%s\n' diff matrix merge ;;
    esac
}

_wsproof_offer()
{
    local word
    COMPREPLY=()
    while read -r word; do
        [[ -n $word && $word == "$cur"* ]] && COMPREPLY+=("$word")
    done
}

_wsproof_files()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_wsproof()
{
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]-} cur=${COMP_WORDS[COMP_CWORD]} option value at
    COMPREPLY=()
    if [ "$COMP_CWORD" -le 1 ]; then
        _wsproof_offer < <("$program" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'; echo --version)
        return
    fi
    # "=" is a word of its own here: `--report html=page.html` is four of them.
    at=$((COMP_CWORD - 1))
    [ "$cur" = = ] && cur=
    [ "${COMP_WORDS[at]}" = = ] && at=$((at - 1))
    [ "$at" -ge 3 ] && [ "${COMP_WORDS[at - 1]}" = --report ] && [[ ${COMP_WORDS[at]} != -* ]] && [ "${COMP_WORDS[at + 1]}" = = ] && {
        _wsproof_files
        return
    }
    option=${COMP_WORDS[at]}
    value=
    [[ $option == --* ]] && value=$(_wsproof_options "$program" "$command" | sed -n "s/^$option //p")
    if [ -n "$value" ]; then
        _wsproof_offer < <(_wsproof_values "$program" "$option")
        [ "$option" = --report ] && compopt -o nospace 2>/dev/null
        case $value in
        PATH | FILE | FOLDER) _wsproof_files ;;
        esac
    elif [[ $cur == -* ]]; then
        _wsproof_offer < <(_wsproof_options "$program" "$command" | cut -d ' ' -f 1)
    else
        local -a offered
        _wsproof_offer < <(_wsproof_words "$program" "$command")
        offered=("${COMPREPLY[@]}")
        case $command in
        run | list | check | fmt | show | report)
            _wsproof_files
            COMPREPLY=("${offered[@]}" "${COMPREPLY[@]}")
            ;;
        esac
    fi
}

complete -F _wsproof wsproof
