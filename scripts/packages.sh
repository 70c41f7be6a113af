# shellcheck shell=bash
# scripts/packages.sh - find out which Debian packages are missing, and install them.  Sourced.
#
# A package is judged by what it brings (a command, a pkg-config module, a file), not by its name, so a
# compiler or a Node that came another way will do.  Everything is asked for by name before it is installed.

missing=()

# need_command COMMAND PACKAGE…
need_command()
{
    command -v "$1" >/dev/null 2>&1 || missing+=("${@:2}")
}

# need_module MODULE[>=VERSION] PACKAGE…   a pkg-config module
need_module()
{
    pkg-config --exists "${1/>=/ >= }" >/dev/null 2>&1 || missing+=("${@:2}")
}

# need_file GLOB PACKAGE…
need_file()
{
    compgen -G "$1" >/dev/null || missing+=("${@:2}")
}

# need_works PACKAGE… -- COMMAND…   COMMAND exits with 0
need_works()
{
    local packages=()
    while [ "$1" != -- ]; do
        packages+=("$1")
        shift
    done
    shift
    "$@" >/dev/null 2>&1 </dev/null || missing+=("${packages[@]}")
}

need_to_build()
{
    need_command gcc gcc
    need_file '/usr/include/stdlib.h' libc6-dev
    need_command cmake cmake
    need_command ninja ninja-build
    need_command pkg-config pkg-config
    need_module libuv libuv1-dev
    need_module openssl libssl-dev
    need_module zlib zlib1g-dev
    need_module libpcre2-8 libpcre2-dev
    need_module jansson libjansson-dev
    need_module libwebsockets libwebsockets-dev
}

need_to_test()
{
    need_to_build
    need_command git git
    need_command nm binutils
    need_command xmllint libxml2-utils
    need_command cmark-gfm cmark-gfm
    need_works perl -- perl -MTAP::Parser -e 1
    need_command openssl openssl
    need_command python3 python3
    need_module check check
    need_command clang clang
    need_file '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' libclang-rt-dev
    need_command llvm-symbolizer llvm
    need_command afl-clang-fast afl++
    need_command node nodejs
    need_command npm npm
    need_works python3-websockets -- /usr/bin/python3 -c 'import websockets'
    need_command chromium chromium
    need_command zsh zsh
    need_works vim -- sh -c 'vim --version | grep -q "+syntax"'
    need_command dpkg-shlibdeps dpkg-dev
    need_command aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
    need_file '/usr/aarch64-linux-gnu/include/stdlib.h' libc6-dev-arm64-cross
    need_command qemu-aarch64-static qemu-user-static
    need_command g++ g++
    need_file '/usr/include/wslay/wslay.h' libwslay-dev
    need_file '/usr/include/boost/beast.hpp' libboost-dev
    need_file '/usr/include/websocketpp/processors/hybi13.hpp' libwebsocketpp-dev
}

# Installs what is in `missing`.  With "no" as first argument it only says what is missing.
install_missing()
{
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$1" = no ]; then
        echo "Not installed, as asked: ${missing[*]}" >&2
        return 0
    fi
    local root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 && root=(sudo)
    fi
    if ! command -v apt-get >/dev/null 2>&1 || { [ "$(id -u)" != 0 ] && [ "${#root[@]}" = 0 ]; }; then
        echo "Missing, and not to be installed from here (it takes apt-get, and root or sudo):" >&2
        echo "    apt-get install --no-install-recommends ${missing[*]}" >&2
        return 2
    fi
    echo "Installing: ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${root[@]}" apt-get update && "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"; } >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 2
    fi
    rm -f "$log"
    missing=()
}
