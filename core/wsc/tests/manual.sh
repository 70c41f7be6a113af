#!/bin/sh
# manual.sh - wsc(3) is sound mdoc, and names every function of the headers.
cd "$(dirname "$0")/.." || exit 2
wrong=0
for name in $(sed -nE 's/^[a-z].*[ *](wsc_[a-z0-9_]+)\(.*/\1/p' include/wsc/*.h | sort -u); do
    # What a header needs for its own use is written out there.
    grep -q "static inline .*$name(" include/wsc/*.h && continue
    grep -q "^\.Fn $name " wsc.3 || { echo "wsc.3 lacks $name"; wrong=1; }
done
if command -v mandoc >/dev/null; then
    mandoc -T lint -W warning wsc.3 || wrong=1
fi
exit $wrong
