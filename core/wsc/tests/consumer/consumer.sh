#!/bin/sh
# consumer.sh CMAKE BUILD CC - installs the core into an empty place and uses it from there: by CMake and by pkg-config.
# Both programs must say the same right thing, and the example must build.
set -eu
cmake=$1 build=$2 cc=$3
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted='8a026869 s3pPLMBiTxaQ9kYGzzhZRbK+xOo= none'

says()
{
    said=$("$1")
    [ "$said" = "$wanted" ] || { echo "$1: $said"; exit 1; }
}

"$cmake" --install "$build" --prefix "$work/first" --component wsc
mv "$work/first" "$work/there" # the place is not written down anywhere

"$cmake" -S "$source" -B "$work/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$work/there"
"$cmake" --build "$work/build"
says "$work/build/consumer"

PKG_CONFIG_PATH=$(dirname "$(find "$work/there" -name wsc.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
"$cc" -std=c11 -Wall -Wextra -Werror "$source/consumer.c" -o "$work/consumer" $(pkg-config --cflags --libs wsc)
says "$work/consumer"
# shellcheck disable=SC2046
"$cc" -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror "$work/there/share/doc/wsproof/examples/echo.c" \
    -o "$work/echo" $(pkg-config --cflags --libs wsc)
if grep -r "$build" "$work/there/lib"* --include='*.cmake' --include='*.pc'; then
    echo 'the installed files name the build tree'
    exit 1
fi
test -s "$work/there/share/man/man3/wsc.3"
