#!/usr/bin/env bash
# arm64.sh DIR SEEDS - the NEON code compiles for arm64, and gives the answers of plain C there.
#
# DIR takes what is built, with Debian's cross compiler; SEEDS is a folder of inputs for the fuzz target
# simd, which compares every implementation with the plain one.  It runs under qemu.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dir=$1
seeds=$2
compiler=aarch64-linux-gnu-gcc
# What needs zlib or libcrypto is left out: there is none for arm64 here, and no NEON in it.
mapfile -t sources < <(grep -LE '<(zlib|openssl)' core/wsc/*.c)
flags=(-std=c11 -O2 -Wall -Wextra -Wconversion -Werror -ffunction-sections -Icore/wsc/include -Icore/wsc -Ifuzz/include)

mkdir -p "$dir"
"$compiler" "${flags[@]}" -static -Wl,--gc-sections "${sources[@]}" \
    fuzz/targets/simd.c fuzz/fuzz.c fuzz/driver.c -o "$dir/fuzz-simd"
aarch64-linux-gnu-nm "$dir/fuzz-simd" | grep ' wsc_kernels_neon$' >/dev/null
qemu-aarch64-static "$dir/fuzz-simd" "$seeds" corpus/regress/simd
