# shellcheck shell=bash
# scripts/build.sh - configure and build a preset, quietly.  Sourced.

# build_preset PRESET [TARGET…]   says nothing unless it fails; the log is build/PRESET.log
build_preset()
{
    local preset=$1 log=build/$1.log target targets=()
    shift
    for target in "$@"; do
        targets+=(--target "$target")
    done
    mkdir -p build
    if ! { cmake --preset "$preset" && cmake --build --preset "$preset" "${targets[@]}"; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "The $preset preset does not build; the log above is $log" >&2
        return 1
    fi
}
