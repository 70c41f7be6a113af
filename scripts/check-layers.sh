#!/usr/bin/env bash
# check-layers.sh [BUILD] - no layer knows what it must not.
#
# Reads every #include of the layers' own sources (not their tests) and, when BUILD (build/dev) holds
# the libraries, the symbols that they define and want.  Prints what is wrong; exits with 1 if anything is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1-build/dev}

# C that asks nothing of the world.  (<stdio.h> in a core layer is for snprintf; the symbols are checked.)
pure='assert|ctype|errno|float|inttypes|limits|math|setjmp|stdalign|stdarg|stdbool|stddef|stdint|stdlib|string|strings'

# layer, folder, our layers that it may include, other headers (`.`: all), and whether it is pure.
layers() { cat <<'TABLE'
wsc core/wsc       wsc                     zlib|openssl/(sha|evp)|stdatomic|cpuid|immintrin|arm_neon pure
wsn core/notation  wsn|wsc                 stdio                     pure
wso core/oracle    wso                     zlib                      pure
wsq core/results   wsq                     stdio|jansson|openssl/evp pure
wss core/stepper   wss|wsc|wsn|wsq         stdio|jansson|pcre2|zlib  pure
wsr reports        wsr|wsq|wsc             stdio|jansson|time|openssl/evp pure
wsp harness/peers  wsp|wsc                 stdio|zlib                pure
wsh harness        wsh|wsc|wsn|wsq|wss|wsp .                         world
wsf fuzz/targets   wsf|wsc|wsn|wso|wss|wsq stdio                     pure
TABLE
}

# What a pure library must not want from the system.
world='socket|connect|accept|bind|listen|send|sendto|sendmsg|recv|recvfrom|recvmsg|poll|select|epoll_.*'
world+='|open|open64|openat|fopen|fopen64|freopen|popen|creat|unlink|getenv|system|fork|exec[lv].*|posix_spawn.*'
world+='|time|clock|clock_gettime|gettimeofday|nanosleep|usleep|sleep|rand|random|rand_r|drand48|getrandom|RAND_.*'
world+='|printf|fprintf|puts|putchar|fputs|fwrite|exit|_exit|pthread_.*|dlopen|uv_.*|SSL_.*|lws_.*'

wrong=0
say()
{
    echo "$*"
    wrong=1
}

# Sources of a folder that are the layer's own: no tests, no programs of other folders below it.
sources()
{
    git ls-files "$1/*.c" "$1/*.h" "$1/*.def" |
        case $1 in
        harness) grep -vE '/tests/|^harness/(cli|peers)/' ;;
        harness/peers) grep -vE '/tests/|^harness/peers/(lws|node|python)/' ;;
        *) grep -v '/tests/' ;;
        esac || true
}

check_includes()
{
    local layer=$1 folder=$2 ours=$3 others=$4 file header name
    while read -r file; do
        while read -r header; do
            name=${header%.h}
            case $header in
            ws[a-z]/*)
                [[ $header =~ ^($ours)/ ]] || say "$file: layer $layer must not include <$header>"
                ;;
            *)
                [ "$others" = . ] || [[ $name =~ ^($pure|$others)$ ]] ||
                    say "$file: layer $layer must not include <$header>"
                ;;
            esac
        done < <(sed -nE 's/^ *# *include *<([^>]+)>.*/\1/p' "$file")
        # A relative path must not lead out of the layer.
        if grep -nE '^ *# *include *"[^"]*\.\./' "$file"; then
            say "$file: leaves its folder"
        fi
    done < <(sources "$folder")
}

check_symbols()
{
    local layer=$1 kind=$2 library symbols
    library=$(find "$build" -name "lib$layer.a" 2>/dev/null | head -n 1 || true)
    [ -n "$library" ] || return 0
    symbols=$(nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 {print $3}' |
        grep -vE "^(${layer}_|__|_?_?(asan|ubsan|odr))" || true)
    [ -z "$symbols" ] || say "$library defines names without its prefix:" "${symbols//$'\n'/ }"
    [ "$kind" = pure ] || return 0
    symbols=$(nm -g --undefined-only "$library" 2>/dev/null | awk 'NF == 2 {print $2}' |
        grep -xE "$world" | sort -u || true)
    [ -z "$symbols" ] || say "$library must not want:" "${symbols//$'\n'/ }"
}

while read -r layer folder ours others kind; do
    check_includes "$layer" "$folder" "$ours" "$others"
    check_symbols "$layer" "$kind"
done < <(layers)
exit "$wrong"
