#!/usr/bin/env bash
# package.sh BUILD - what is installed is complete and runs where nothing else is: by `cmake --install` into
# a prefix, and as a Debian package unpacked into a bare root with the libraries that it names.
set -euo pipefail
build=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

fail()
{
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# holds ROOT PATH…   files that must be there, below ROOT, and not be empty
holds()
{
    local root=$1 path
    shift
    for path in "$@"; do
        [ -s "$root/$path" ] || fail "no $path"
    done
}

common=(bin/wsproof share/man/man1/wsproof.1 share/bash-completion/completions/wsproof
    share/vim/vimfiles/syntax/wst.vim share/vim/vimfiles/ftdetect/wst.vim share/wsproof/wst.tmLanguage.json
    share/doc/wsproof/README.md share/doc/wsproof/ci.md share/doc/wsproof/notation.md
    share/doc/wsproof/walk.md)

# --- cmake --install ---

cmake --install "$build" --prefix "$dir/prefix" >"$dir/log"
holds "$dir/prefix" "${common[@]}" share/zsh/site-functions/_wsproof include/wsc/frame.h share/man/man3/wsc.3
[ -e "$dir/prefix/share/zsh/vendor-completions" ] && fail 'what is for the package alone is installed'
version=$("$dir/prefix/bin/wsproof" --version)
(cd / && "$dir/prefix/bin/wsproof" list | grep '^5\.1/unmasked-text ' >/dev/null) || fail 'the installed program has its cases inside'

# --- the package ---

(cd "$dir" && cpack --config "$build/CPackConfig.cmake" -G DEB -B "$dir/package") >"$dir/log" 2>&1 || {
    cat "$dir/log"
    exit 1
}
deb=$(ls "$dir"/package/*.deb)
[ "$(dpkg-deb -f "$deb" Version)" = "${version#wsproof }" ] || fail 'the version of the package'
dpkg-deb -c "$deb" >"$dir/contents"
grep -vE '^[dlrwx-]{10} root/root ' "$dir/contents" && fail 'a file that is not of root'
grep -E '^-rw.r?.?w' "$dir/contents" && fail 'a file that others may write'
root=$dir/root
if [ "$(id -u)" = 0 ]; then # as a system does it, but for asking after what it depends on
    mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
    : >"$root/var/lib/dpkg/status"
    dpkg --root="$root" --force-depends -i "$deb" >"$dir/log" 2>&1 || { cat "$dir/log"; fail 'dpkg installs it'; }
    grep -q '^Status: install ok installed' "$root/var/lib/dpkg/status" || fail 'it is installed'
else
    dpkg-deb -x "$deb" "$root"
fi
holds "$root/usr" "${common[@]}" share/zsh/vendor-completions/_wsproof share/doc/wsproof/copyright
[ -e "$root/usr/include" ] && fail 'the package brings headers'

# Whatever the program itself is linked with belongs to a package that is named.
depends=$(dpkg-deb -f "$deb" Depends)
needed=$(objdump -p "$root/usr/bin/wsproof" | awk '$1 == "NEEDED" { print $2 }')
while read -r library; do
    path=$(ldd "$root/usr/bin/wsproof" | awk -v name="$library" '$1 == name { print $3 }')
    [ -n "$path" ] || continue # the loader
    owner=$({ dpkg -S "$path" || dpkg -S "$(realpath "$path")"; } 2>/dev/null | head -n 1 | cut -d : -f 1)
    grep -qwF -- "$owner" <<<"$depends" || fail "$owner, which has $library, is not in: $depends"
done <<<"$needed"

# A bare root: the package, these libraries and what they need, a shell to start the target with.
while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done < <(ldd "$root/usr/bin/wsproof" /bin/sh | grep -oE '/[^ ]+\.so[^ ]*' | sort -u)
mkdir -p "$root/bin" "$root/tmp" "$root/dev"
cp -L /bin/sh "$root/bin/sh"
mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || : >"$root/dev/null"

inside()
{
    if [ "$(id -u)" = 0 ]; then
        timeout 120 chroot "$root" "$@"
    elif unshare -r true 2>/dev/null; then
        timeout 120 unshare -r chroot "$root" "$@"
    else
        timeout 120 "$root/$1" "${@:2}"
    fi
}
[ "$(inside /usr/bin/wsproof --version)" = "$version" ] || fail 'it says its version in a bare root'
inside /usr/bin/wsproof run --spawn '/usr/bin/wsproof peer --port {port}' --suite masking --report html=/tmp/report.html \
    >"$dir/log" 2>&1 || fail 'it proves its own peer in a bare root'
grep -q '^totals: [1-9][0-9]* pass' "$dir/log" || { cat "$dir/log"; fail 'it judges in a bare root'; }
holds "$root" tmp/report.html

echo "$(stat -c %s "$deb") bytes"
echo "Depends: $depends"
echo "$failures failures"
[ "$failures" = 0 ]
