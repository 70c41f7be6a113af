#!/bin/sh
# The core defines nothing but wsc_ and asks for nothing but memory and string functions, zlib and libcrypto:
# so it cannot read a clock, open a socket, allocate or print.  symbols.sh NM LIBRARY
nm=$1 library=$2

defined=$("$nm" -g --defined-only "$library" | awk 'NF == 3 && $3 !~ /^wsc_/ { print $3 }' | sort -u)
wanted=$("$nm" -u "$library" | awk '$1 == "U" { print $2 }' | sort -u |
    grep -Ev '^(wsc_|(__)?(mem|str)[a-z]*(_chk)?$|EVP_|SHA1|inflate|deflate|crc32|__assert_fail$|__stack_chk_fail$|_GLOBAL_OFFSET_TABLE_$)')

[ -n "$defined" ] && echo "defined outside wsc_:" $defined
[ -n "$wanted" ] && echo "asks for:" $wanted
[ -z "$defined$wanted" ]
