#!/usr/bin/env bash
# tls.sh WSPROOF CERTIFICATES [WSPROOF-LWS] - the program over TLS, through proxies and to Unix sockets, from outside.
. "$(dirname "$0")/support.sh"
patience=200
certificates=$2 lws=${3-}
here=$(dirname "${BASH_SOURCE[0]}")
helpers=()
trap 'kill "${helpers[@]}" 2>/dev/null; rm -rf "$dir"' EXIT

# verdicts JOURNAL   without the cases that only TLS can run, and what was fast by luck
verdicts()
{
    sed -n 's/.*"id":"\([^"]*\)".*"verdict":"\([a-z]*\)".*/\1 \2/p' "$1" | grep -v -e '^4.2.2/tls-first ' \
        -e '^4.2.2/failed-tls' -e '^9112-9.8/' -e '^5.5.3/ten-pings-byte-by-byte ' | sort
}

# same NAME CLEAR TLS   two journals have the same verdicts
same()
{
    verdicts "$2" >"$dir/a"
    verdicts "$3" >"$dir/b"
    [ "$(wc -l <"$dir/a")" -gt 600 ] || fail "$1: too few verdicts in clear"
    diff "$dir/a" "$dir/b" >"$dir/out" || fail "$1: other verdicts over TLS than in clear"
}

# listen COMMAND…   starts a helper that says "listening …PORT"; sets $port
listen()
{
    : >"$dir/helper" # what the one before said must not be read for it
    "$@" >>"$dir/helper" 2>&1 &
    helpers+=($!)
    until grep -q listening "$dir/helper"; do sleep 0.05; done
    port=$(sed -n 's|.*listening.*[: ]\([0-9][0-9]*\)/*$|\1|p' "$dir/helper")
}

ca=(--ca "$certificates/ca.pem")
peer="exec $wsproof peer --cert $certificates/server.pem --port {port}"
url='wss://localhost:{port}/'
one=(--only 5.1/unmasked-text)

# ---- options ----
exits 2 "version" run --tls-min 1.4 wss://localhost:1/
says "--tls-min: expected 1.0, 1.1, 1.2 or 1.3" "version"
exits 2 "versions" run --tls-min 1.3 --tls-max 1.2 wss://localhost:1/
exits 2 "key alone" run --key "$certificates/client.key" wss://localhost:1/
exits 2 "insecure with authority" run --insecure "${ca[@]}" wss://localhost:1/
exits 2 "missing authority" run --ca "$dir/none" wss://localhost:1/
says "$dir/none: No such file or directory" "missing authority"
exits 2 "another's key" run --cert "$certificates/client.pem" --key "$certificates/server.key" wss://localhost:1/
says "server.key: key values mismatch" "another's key"
openssl pkey -in "$certificates/client.key" -aes128 -passout pass:secret -out "$dir/locked.key"
exits 2 "a locked key" run --cert "$certificates/client.pem" --key "$dir/locked.key" wss://localhost:1/
says "locked.key: the key is encrypted: expected one without a pass phrase" "a locked key"
exits 2 "no certificate in it" run --cert "$certificates/client.key" wss://localhost:1/
says "client.key: what is expected of it is not in it, as PEM" "no certificate in it"
exits 2 "no authority in it" run --ca "$certificates/client.key" wss://localhost:1/
says "client.key: no certificate or crl found" "no authority in it"
exits 2 "two ways" run --unix "$dir/s" --proxy http://localhost:1 wss://localhost:1/
exits 2 "proxy" run --proxy socks5://localhost:1 wss://localhost:1/
exits 2 "connect" run --connect localhost wss://localhost:1/
exits 2 "certificate of a peer" peer --cert "$dir/none"

# ---- the whole suite: what TLS and its records cut changes no verdict ----
exits 0 "in clear" run --spawn "$wsproof peer --port {port}" --seed 1 --journal "$dir/clear"
exits 0 "over TLS" run --spawn "$peer" "$url" "${ca[@]}" --seed 1 --journal "$dir/tls"
says "skipped" "over TLS"
same "the peer" "$dir/clear" "$dir/tls"
for id in 4.2.2/tls-first 4.2.2/failed-tls-ends-the-connection 9112-9.8/closure-alert; do
    grep -q "\"id\":\"$id\".*\"verdict\":\"pass\"" "$dir/tls" || fail "$id does not pass over TLS"
done
exits 0 "one byte a record" run --spawn "$peer --mutant byte-at-a-time" "$url" "${ca[@]}" --seed 1 \
    --only '4.*' --only '5.1/*' --only '5.5*' --only '7.*' --only '9112*' --only '8.1/*' --skip '*ten-pings*'
exits 0 "TLS 1.2" run --spawn "$peer" "$url" "${ca[@]}" --tls-max 1.2 --only '5.5*' --only '7.*' --only '4.2.2/*'
if [ -n "$lws" ]; then
    "$wsproof" run --spawn "$lws {port}" --seed 1 --journal "$dir/clear" >"$dir/out" 2>&1
    "$wsproof" run --spawn "$lws {port} --tls $certificates/server.pem $certificates/server.key" "$url" "${ca[@]}" \
        --seed 1 --journal "$dir/tls" >"$dir/out" 2>&1
    same "libwebsockets" "$dir/clear" "$dir/tls"
fi

# ---- what a mutant below TLS does is noticed ----
# kills MUTANT CASE REQUIREMENT VERDICT
kills()
{
    "$wsproof" run --spawn "$peer --mutant $1 2>$dir/fired" "$url" "${ca[@]}" --only "$2" --journal "$dir/journal" \
        >"$dir/out" 2>&1
    grep -q "\"id\":\"$2\".*\"verdict\":\"$4\"" "$dir/journal" || fail "$1 survives $2"
    grep "\"id\":\"$2\"" "$dir/journal" | grep -q "\"requirement\":\"$3\"" || fail "$1: $2 does not charge $3"
    grep -q 'fired [1-9]' "$dir/fired" || fail "$1 did nothing"
    exits 0 "$1, idle" run --spawn "$peer --idle --mutant $1" "$url" "${ca[@]}" --only "$2" --strict
}
kills answer-in-clear 4.2.2/tls-first 6455-4.2.2-1 fail
kills clear-after-failed-tls 4.2.2/failed-tls-ends-the-connection 6455-4.2.2-2 fail
kills no-closure-alert 9112-9.8/closure-alert 9112-9.8-1 warn

# ---- certificates ----
# refuses NAME TEXT CERTIFICATE OPTION…
refuses()
{
    local name=$1 text=$2 certificate=$3
    shift 3
    exits 3 "$name" run --spawn "$wsproof peer --cert $certificates/$certificate --port {port}" "$url" "${one[@]}" "$@"
    says "$text" "$name"
}
refuses expired "the certificate of CN=localhost is not accepted: the certificate has expired on" expired.pem "${ca[@]}"
refuses "not yet valid" "the certificate is not valid before" future.pem "${ca[@]}"
refuses "wrong host" "it is not for localhost but for elsewhere.test" elsewhere.pem "${ca[@]}"
refuses "unknown issuer" "its issuer CN=wsproof test authority is unknown to us" server.pem \
    --ca "$certificates/other-ca.pem"
exits 0 "another name" run --spawn "$wsproof peer --cert $certificates/elsewhere.pem --port {port}" "$url" "${one[@]}" \
    "${ca[@]}" --sni elsewhere.test
exits 0 insecure run --spawn "$wsproof peer --tls --port {port}" "$url" "${one[@]}" --insecure
exits 3 "no authority" run --spawn "$wsproof peer --tls --port {port}" "$url" "${one[@]}"
says "signed by itself" "no authority"

# ---- a certificate of ours ----
exec 9<>"$dir/fifo" 2>/dev/null || { mkfifo "$dir/fifo"; exec 9<>"$dir/fifo"; }
server="exec openssl s_server -quiet -www -Verify 1 -verify_return_error -CAfile $certificates/ca.pem -accept {port}"
server+=" -cert $certificates/server.pem -key $certificates/server.key <$dir/fifo"
cat >"$dir/page.wst" <<'SCRIPT'
case own/page
  title  A page is served to whoever shows a certificate

  > GET / plain
  < 200
SCRIPT
exits 0 "our certificate" run --spawn "$server" "$url" "$dir/page.wst" "${ca[@]}" --cert "$certificates/client.pem"
port=$("$wsproof" peer >"$dir/helper" & p=$!; until [ -s "$dir/helper" ]; do sleep 0.05; done; kill $p
    sed -n 's|.*:\([0-9]*\)/|\1|p' "$dir/helper") # nobody listens on it any more
bash -c "${server//\{port\}/$port}" &
helpers+=($!)
until (exec 8<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.05; done
exits 3 "no certificate of ours" run "wss://localhost:$port/" "$dir/page.wst" "${ca[@]}"
says 'the peer sent the alert "certificate required"' "no certificate of ours"

# ---- what a script says ----
cat >"$dir/connect.wst" <<'SCRIPT'
case own/tls
  title  TLS is spoken where the script says so

  connect tls sni=localhost
  > GET
  < 101
  alive

case own/old
  title  TLS 1.1 is refused

  connect tls max=1.1
  < refused
SCRIPT
listen "$wsproof" peer --cert "$certificates/server.pem"
exits 0 "connect tls" run "wss://localhost:$port/" "$dir/connect.wst" "${ca[@]}"
exits 0 "shown" run "wss://localhost:$port/" "$dir/connect.wst" "${ca[@]}" -v --only own/tls
says "connect tls sni=localhost" "shown"

exits 3 "old version" run "wss://localhost:$port/" "${one[@]}" "${ca[@]}" --tls-max 1.1
says 'the peer sent the alert "' "old version"

# ---- other ways to the target ----
exits 0 connect run "wss://localhost:1/" --connect "127.0.0.1:$port" "${ca[@]}" "${one[@]}"
python3 "$here/relay.py" unix "$dir/socket" "$port" &
helpers+=($!)
until [ -S "$dir/socket" ]; do sleep 0.05; done
exits 0 "unix socket" run "wss://localhost/" --unix "$dir/socket" "${ca[@]}" --only '5.1/*' --only '7.*'
exits 3 "no unix socket" run "wss://localhost/" --unix "$dir/none" "${ca[@]}" "${one[@]}"
says "no such file or directory" "no unix socket"
target=$port
listen python3 "$here/relay.py" proxy
exits 0 proxy run "wss://localhost:$target/" --proxy "http://127.0.0.1:$port" "${ca[@]}" --only '5.1/*' --only '7.*'
grep -q "^CONNECT localhost:$target HTTP/1.1$" "$dir/helper" || fail "proxy: CONNECT is not asked for"
listen python3 "$here/relay.py" proxy 403
exits 3 "proxy refuses" run "ws://localhost:$target/" --proxy "http://127.0.0.1:$port" "${one[@]}"
says "the proxy answered 403" "proxy refuses"
exits 3 "no proxy" run "ws://localhost:$target/" --proxy "http://127.0.0.1:1" "${one[@]}"
listen "$wsproof" peer
exits 3 "no TLS there" run "wss://localhost:$port/" "${one[@]}" "${ca[@]}"
says 'what came is no TLS: it begins with "HTTP/"' "no TLS there"

# ---- the recorder: clients over TLS, and other ways to the server ----
server=$port
# record NAME ARGUMENT…   in the background; $recorder and $port
record()
{
    local name=$1
    shift
    : >"$dir/said"
    "$wsproof" record "$@" "$dir/$name.wst" >"$dir/said" 2>&1 &
    recorder=$!
    helpers+=("$recorder")
    until grep -q listening "$dir/said" || ! kill -0 "$recorder"; do sleep 0.05; done
    port=$(sed -nE 's|^listening on wss?://[a-z0-9.]+:([0-9]+)/.*|\1|p' "$dir/said")
}

# recorded NAME TARGET   what a client said is in the script, which passes; $said
recorded()
{
    kill -INT "$recorder"
    wait "$recorder" || fail "$1: the recorder"
    grep -q '> text "unmasked text" mask=none' "$dir/$1.wst" || fail "$1: nothing was recorded"
    exits 0 "$1: its replay" run "$2" "$dir/$1.wst"
}
record own --listen-tls --to "ws://127.0.0.1:$server"
exits 3 "a certificate made for this once" run "wss://localhost:$port/" "${one[@]}"
says "signed by itself" "a certificate made for this once"
exits 0 "a client over TLS" run "wss://localhost:$port/" --insecure "${one[@]}"
recorded own "ws://127.0.0.1:$server/"
says_in_script=$(grep -c 'left out: a connection' "$dir/own.wst")
[ "$says_in_script" -gt 0 ] || fail "who does not trust the certificate is not told of"
record given --listen-cert "$certificates/server.pem" --listen-key "$certificates/server.key" --to "ws://127.0.0.1:$server"
exits 0 "a client that checks" run "wss://localhost:$port/" "${ca[@]}" "${one[@]}"
exits 3 "a client in clear" run "ws://localhost:$port/" "${one[@]}"
recorded given "ws://127.0.0.1:$server/"
python3 "$here/relay.py" unix "$dir/plain-socket" "$server" &
helpers+=($!)
until [ -S "$dir/plain-socket" ]; do sleep 0.05; done
record local --to ws://localhost --unix "$dir/plain-socket"
exits 0 "a Unix socket behind the recorder" run "ws://localhost:$port/" "${one[@]}"
recorded local "ws://127.0.0.1:$server/"
record nowhere --to ws://localhost --unix "$dir/none"
exits 3 "no Unix socket behind the recorder" run "ws://localhost:$port/" "${one[@]}"
kill "$recorder"
listen python3 "$here/relay.py" proxy
record proxied --to "wss://localhost:$target" --proxy "http://127.0.0.1:$port" "${ca[@]}" --listen-tls
exits 0 "a proxy behind the recorder" run "wss://localhost:$port/" --insecure "${one[@]}"
kill -INT "$recorder"
grep -q "^CONNECT localhost:$target HTTP/1.1$" "$dir/helper" || fail "recorder: CONNECT is not asked for"
listen python3 "$here/relay.py" proxy 403
record denied --to "ws://localhost:$server" --proxy "http://127.0.0.1:$port"
exits 3 "a proxy that refuses the recorder" run "ws://localhost:$port/" "${one[@]}"
kill -INT "$recorder"
wait "$recorder"
grep -q 'the proxy answered 403' "$dir/denied.wst" || fail "a proxy that refuses the recorder is not told of"
exits 2 "a key alone" record --to ws://localhost --listen-key "$certificates/server.key" "$dir/x.wst"
says "--listen-key: expected --listen-cert beside it" "a key alone"
exits 2 "no certificate" record --to "ws://localhost:$server" --listen-cert "$dir/none.pem" "$dir/x.wst"
says "none.pem" "no certificate"

done_testing
