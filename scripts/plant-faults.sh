#!/usr/bin/env bash
# plant-faults.sh [SECONDS] - does the oracle bite?
#
# Copies the sources to build/faults and plants the faults of fuzz/faults.tsv in the core there, one at a
# time.  Each fuzz target must then find the core and the oracle apart, within SECONDS (60).  Prints how
# long it took; exits with 1 if a fault stood undetected, or could not be planted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/build.sh
seconds=${1-60}
copy=build/faults/source
work=build/faults/build

build_preset fuzz fuzz
rm -rf build/faults
mkdir -p "$copy"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy"
cmake -S "$copy" --preset fuzz -DWSPROOF_WERROR=OFF -B "$work" >build/faults/log

# plant FILE OLD NEW   replaces the first OLD; \n and \\ are escapes in both
plant()
{
    python3 - "$@" <<'PYTHON'
import sys
path, old, new = sys.argv[1:]
old, new = (text.encode().decode("unicode_escape") for text in (old, new))
source = open(path).read()
if old not in source:
    sys.exit(f"{path} has no {old!r}")
open(path, "w").write(source.replace(old, new, 1))
PYTHON
}

# hunt TARGET   0: the two differ
hunt()
{
    local target=$1
    ! timeout $((seconds + 60)) "$work/fuzz/fuzz-$target" -max_total_time="$seconds" -seed=1 -max_len=4096 \
        -timeout=10 -artifact_prefix=build/faults/ build/faults/corpus "build/fuzz/fuzz/seeds/$target" \
        >build/faults/log 2>&1
}

missed=0
while IFS=$'\t' read -r target file old new; do
    [ "$target" != target ] || continue
    cp "core/wsc/$file" build/faults/whole
    plant "$copy/core/wsc/$file" "$old" "$new"
    cmake --build "$work" --target "fuzz-$target" >build/faults/log 2>&1 ||
        { cat build/faults/log; exit 1; }
    rm -rf build/faults/corpus
    mkdir build/faults/corpus
    began=$(date +%s%N)
    if hunt "$target"; then
        printf '%8.2f s  %s\n' "$(($(date +%s%N) - began))e-9" "$target: $file: $new"
    else
        missed=$((missed + 1))
        printf '  missed!   %s\n' "$target: $file: $old -> $new"
    fi
    cp build/faults/whole "$copy/core/wsc/$file"
done <fuzz/faults.tsv
exit $((missed > 0))
