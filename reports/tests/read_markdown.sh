#!/usr/bin/env bash
# read_markdown.sh CMARK FILE - does GitHub's reader of Markdown find tables and text, and nothing else?
set -euo pipefail
cmark=$1 file=$2
xml=$("$cmark" --extension table --extension autolink --extension strikethrough --to xml "$file")
failed=0

# only MARKUP…   the kinds of nodes that may be there
strangers=$(grep -oE '<[a-z_]+' <<<"$xml" | sort -u | grep -vxE \
    '<(document|heading|paragraph|text|softbreak|block_quote|table|table_header|table_row|table_cell|html_block)' || true)
if [ -n "$strangers" ]; then
    printf 'expected headings, tables and text, found %s\n' "$strangers" >&2
    failed=1
fi

markup=$(sed -n '/<html_block/,/<\/html_block>/p' <<<"$xml" | grep -oE '&lt;[^ &]*' | sort -u | tr '\n' ' ')
if [ "$markup" != '&lt;/details &lt;/summary &lt;details &lt;summary ' ]; then
    printf 'expected only details and their summary, found %s\n' "$markup" >&2
    failed=1
fi

cells=$(grep -c '<table_cell' <<<"$xml")
rows=$(grep -cE '<table_(row|header)' <<<"$xml")
if [ "$cells" -ne $((3 * rows)) ] || [ "$rows" -ne 11 ]; then
    printf 'expected 11 rows of 3 cells, found %s rows and %s cells\n' "$rows" "$cells" >&2
    failed=1
fi
grep -q 'expected the connection to fail with 1002, saw text' <<<"$xml" || failed=1
exit $failed
