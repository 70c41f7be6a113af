# support.sh - what the tests of the program share; sourced with the program as $1.
set -u
wsproof=$1
dir=$(mktemp -d)
failures=0
patience=120 # seconds for a run
trap 'rm -rf "$dir"' EXIT

fail()
{
    echo "FAILED: $1"
    sed 's/^/    /' "$dir/out" | tail -n 20
    failures=$((failures + 1))
}

# exits CODE NAME ARGUMENT…   the program ends with this code
exits()
{
    local code=$1 name=$2 got=0
    shift 2
    timeout "$patience" "$wsproof" "$@" >"$dir/out" 2>&1 </dev/null || got=$?
    [ "$got" = "$code" ] || fail "$name: exit code $got, expected $code"
}

# says TEXT NAME   the last output holds this text
says()
{
    grep -qF -- "$1" "$dir/out" || fail "$2: expected to read: $1"
}

# mute TEXT NAME   the last output does not hold this text
mute()
{
    grep -qF -- "$1" "$dir/out" && fail "$2: expected not to read: $1"
}

done_testing()
{
    echo "$failures failures"
    [ "$failures" = 0 ]
}
