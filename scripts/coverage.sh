#!/usr/bin/env bash
# coverage.sh [--no-build] - how much of core/wsc its own tests reach.
#
# Builds the coverage preset (gcov, asserts off), runs the tests whose names begin with wsc_, and prints the lines
# and branches of each file, then each line and branch that was not reached.  Exits with 1 when less than all
# lines or less than 99 % of the branches are.  core/wsc/tests/uncovered.md has the reason of each gap.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/build.sh

if [ "${1-}" != --no-build ]; then
    build_preset coverage core/wsc/all
fi
objects=build/coverage/core/wsc/CMakeFiles/wsc.dir
find "$objects" -name '*.gcda' -delete
# Without a fork for each row: every end of a process merges its counts into all files.
CK_FORK=no ctest --test-dir build/coverage/core/wsc -R '^wsc_' -LE use -j 2 --output-on-failure >build/coverage-ctest.log 2>&1 ||
    { cat build/coverage-ctest.log; exit 1; }

# Not by gcov's own sums: they count a header once for each file that includes it.
(cd build/coverage && find "../../$objects" -name '*.gcda' -print0 | sort -z | xargs -0 gcov --stdout --branch-probabilities --branch-counts) |
    awk -F: '
    function percent(part, whole) { return whole == 0 ? 100 : 100 * part / whole }
    function row(name, l, ls, b, bs) {
        printf "%-20s %5d of %5d lines %7.2f %%   %5d of %5d branches %7.2f %%\n",
            name, l, ls, percent(l, ls), b, bs, percent(b, bs)
    }
    $2 ~ /^ *0$/ && $3 == "Source" {
        name = $4
        ours = sub(/^.*\/core\/wsc\//, "", name) && name ~ /^[a-z0-9_]+\.c$/
        if (ours) names[++files] = name
        next
    }
    !ours { next }
    /^branch/ {
        branches[name]++
        if ($0 ~ /taken [1-9]/) taken[name]++
        else { split($0, word, /  +/); gaps[++gap] = sprintf("%s:%d: branch %s", name, line, word[2] + 0) text }
        next
    }
    /^(call|function|unconditional|-+$)/ { next }
    {
        count = $1; line = $2 + 0
        text = ": " substr($0, length($1) + length($2) + 3)
        sub(/:  +/, ": ", text)
        if (count ~ /^ *-$/ || line == 0) next
        lines[name]++
        if (count ~ /[#=]/) gaps[++gap] = sprintf("%s:%d: line", name, line) text
        else reached[name]++
    }
    END {
        for (i = 1; i <= files; i++) {
            n = names[i]
            row(n, reached[n], lines[n], taken[n], branches[n])
            l += reached[n]; ls += lines[n]; b += taken[n]; bs += branches[n]
        }
        row("core/wsc", l, ls, b, bs)
        if (gap > 0) print "\nNot reached:"
        for (i = 1; i <= gap; i++) print "  " gaps[i]
        exit ls == 0 || l < ls || percent(b, bs) < 99
    }'
