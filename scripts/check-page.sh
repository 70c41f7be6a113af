#!/usr/bin/env bash
# check-page.sh REPORT.html - a browser shows every case, runs the script, and has nothing to complain of.
set -euo pipefail
page=$(realpath "$1")
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

# In a container there is no sandbox to be had for root; the page is ours and opens nothing.
timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$profile" \
    --enable-logging=stderr --virtual-time-budget=5000 --dump-dom "file://$page" \
    >"$profile/dom" 2>"$profile/log" </dev/null

if grep -E 'CONSOLE|Refused to|Uncaught' "$profile/log"; then
    exit 1
fi
cases()
{
    grep -oE 'id="case-[^"]+"' "$1" | sort -u
}
cases "$page" >"$profile/written"
cases "$profile/dom" >"$profile/shown"
echo "$(wc -l <"$profile/shown") cases shown"
[ -s "$profile/written" ] && cmp "$profile/written" "$profile/shown"
