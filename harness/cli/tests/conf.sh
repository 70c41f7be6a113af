#!/usr/bin/env bash
# conf.sh WSPROOF - wsproof.conf: written by `init`, used by `run`, and refused when something in it is wrong.
. "$(dirname "$0")/support.sh"
wsproof=$(realpath "$wsproof")
pids=
trap 'kill $pids; rm -rf "$dir"' EXIT

# serve LOG ARGUMENT…   a peer in the background; $url
serve()
{
    local log=$1
    shift
    "$wsproof" peer "$@" >"$log" 2>&1 &
    pids="$pids $!"
    for _ in $(seq 200); do
        url=$(sed -nE 's,^listening on (ws://127\.0\.0\.1:[0-9]+).*,\1,p' "$log")
        [ -z "$url" ] || break
        sleep 0.05
    done
}

serve "$dir/lesser" --liberty decline-deflate
lesser=$url
serve "$dir/peer"
mkdir "$dir/work" "$dir/work/ci"
cd "$dir/work" || exit 1

# --- what init writes is what run needs
exits 2 "no URL, no file" run
says "wsproof init" "no URL, no file"
exits 0 "init" init "$url/?room=1" --header 'X-Tenant: a  # b' --header 'Authorization: Bearer s3cret-token'
says "echo: yes" "init"
says "wsproof.conf is written" "init"
cp wsproof.conf "$dir/out"
says "url = $url/?room=1" "what it wrote"
says "header = X-Tenant: a  # b" "what it wrote"
says "# header = Authorization: …" "what it wrote"
says "has = echo" "what it wrote"
says "has = permessage-deflate" "what it wrote"
says "has = subprotocol" "what it wrote"
says "# It answered chat." "what it wrote"
mute s3cret "what it wrote"
exits 2 "a file that is there" init "$url/"
says "--force writes over it" "a file that is there"
exits 0 "run" run --only 5.1/unmasked-text
says "target: $url/?room=***" "run"
exits 0 "run without one" run "$url/?other" --only 5.1/unmasked-text
says "target: $url/?other" "run without one"
exits 0 "a URL goes before the file's" run --conf wsproof.conf "$url/?other" --only 5.1/unmasked-text
says "target: $url/?other" "a URL goes before the file's"

exits 0 "a secret in the URL" init --force "$url/?token=abc"
cp wsproof.conf "$dir/out"
mute "abc" "a secret in the URL"
exits 2 "its run" run --only 5.1/unmasked-text
says "expected a URL" "its run"
exits 3 "nobody there" init --force --conf gone.conf ws://127.0.0.1:1/
[ ! -e gone.conf ] || fail "nobody there: a file is written"
exits 0 "limits" init --force --limits 300ms "$url/"
cp wsproof.conf "$dir/out"
says "# largest message: " "limits"

# --- what fails is agreed to when asked, said, and missed when it fails no more
cat >agreed.wst <<'SCRIPT'
case agreed/code
  title  A server says goodbye with another code
  > GET
  < 101
  > close 1000
  < close 1001

case agreed/alive
  title  A server answers a ping
  > GET
  < 101
  alive
SCRIPT
serve "$dir/broken" --mutant accept-unmasked
broken=$url
mkdir deep
exits 0 "agree" init --conf deep/wsproof.conf --expect deep/known --header 'Authorization: Bearer s3cret-token' "$broken/?token=abc"
says "fail   5.1/unmasked-text" "agree"
says "8 of these verdicts are agreed to in $PWD/deep/known" "agree"
cp deep/known "$dir/out"
says "5.1/unmasked-text fail" "what is agreed to"
mute " warn" "what is agreed to"
cp deep/wsproof.conf "$dir/out"
says "expect = $PWD/deep/known" "what is agreed to"
mute s3cret "what is agreed to"
exits 0 "a green gate" run "$broken/" --conf deep/wsproof.conf --only '5.1/*'
exits 1 "news" run "$broken/" --conf deep/wsproof.conf --cases agreed.wst
says "agreed/code" "news"
serve "$dir/whole"
exits 1 "what was mended" run "$url/" --conf deep/wsproof.conf --only '5.1/*'
says "5.1/unmasked-text" "what was mended"
exits 2 "expectations that are there" init --conf other.conf --expect deep/known "$url/"
says "deep/known: File exists: --force writes over it" "expectations that are there"
[ ! -e other.conf ] || fail "expectations that are there: a file is written"
exits 2 "one file for both" init --force --conf both.conf --expect ./both.conf "$url/"
says "expected another file than both.conf" "one file for both"
exits 3 "nobody to agree with" init --conf other.conf --expect other.expect ws://127.0.0.1:1/
[ ! -e other.expect ] || fail "nobody to agree with: a file is written"

# --- what it lacks now is a failure
exits 0 "a lesser server" init --force --conf lesser.conf "$lesser/"
cp lesser.conf "$dir/out"
says "# no permessage-deflate" "a lesser server"
"$wsproof" init --force "$url/" >/dev/null
exits 1 "a capability that is gone" run --conf wsproof.conf "$lesser/" --only 5.1/unmasked-text
says "probe/permessage-deflate" "a capability that is gone"

# --- the command line goes before the file, names are relative to it
printf '# a comment\r\n\n  url\t=  %s/ \r\nonly = 5.1/*\nsuite=masking\njobs = 1\nseed = 7\nset = nobody_names_this=1\nset = volume=2\ncolor = never\nstrict = no\nexpect = known\nheader = X-A: file' "$url" >ci/my.conf
echo '# nothing' >ci/known
exits 0 "from another folder" run --conf ci/my.conf --seed 8 --only 5.1/unmasked-text
says "seed: 8" "from another folder"
says "judged 1 of 1" "from another folder"
exits 2 "a setting of the command line" run --conf ci/my.conf --set nobody_names_that=1
says "no script names this setting" "a setting of the command line"
rm ci/known
exits 2 "a file that it names" run --conf ci/my.conf
says "ci/known" "a file that it names"

# --- mistakes: all are told, with their places
# wrong LINE COLUMN TEXT CONTENT
wrong()
{
    printf '%b' "$4" >bad.conf
    exits 2 "$3" run --conf bad.conf
    says "bad.conf:$1:$2: error: $3" "$4"
}
wrong 2 1 'unknown key `haeder`; did you mean `header`?' "url = $url\nhaeder = x: y\n"
wrong 1 3 'unknown key `urll`; did you mean `url`?' "  urll = $url\n"
wrong 1 1 'unknown key `colour`; did you mean `color`?' 'colour = never'
wrong 1 1 'unknown key `conf`' 'conf = other.conf'
wrong 1 1 'unknown key `frobnicate`: see' 'frobnicate = 1'
wrong 1 1 'expected `key = value` or a comment' 'url'
wrong 1 1 'expected `key = value` or a comment' '= x'
wrong 1 6 'expected a value behind `=`' 'url ='
wrong 1 8 'expected a number from 1 to 1000, found "many"' 'jobs = many'
wrong 1 11 'expected a duration such as 300ms' 'timeout = 3'
wrong 3 10 'expected yes or no' '\n\nstrict = maybe'
wrong 1 8 'a control character' 'url = x\0y\n'
wrong 1 11 'a control character' 'header = X\x1b: y\n'
wrong 2 1 'unknown key `x`' 'jobs = 0\nx = 1\n'
says "bad.conf:1:8: error: expected a number" "both are told"
says "2 errors" "both are told"
exits 2 "no such file" run --conf none.conf
says "none.conf" "no such file"
exits 2 "a folder" run --conf ci

# --- any bytes: an exit code and no crash
python3 - "$wsproof" <<'PYTHON' >"$dir/out" 2>&1 || fail "any bytes"
import random, subprocess, sys
random.seed(1)
words = [b'url', b'header', b'jobs', b'strict', b'set', b'expect', b'color', b'report', b'limits', b'=', b' = ', b'\n', b'\r\n',
         b'#', b'\t', b'\0', b'\xff', b'yes', b'no', b'7', b'@x', b'x' * 70, b'A' * 20000, b'json=', b'/', b'"', b'\xc3\xa4', b'\x1b']
wrong = 0
for i in range(250):
    text = b''.join(random.choice(words) for _ in range(random.randrange(40)))
    open('any.conf', 'wb').write(text)
    run = subprocess.run([sys.argv[1], 'run', '--conf', 'any.conf', '--only', 'no such case', 'ws://127.0.0.1:1/'],
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if run.returncode != 2 or b'wsproof run: ' not in run.stderr:
        print(i, run.returncode, text, run.stderr)
        wrong = 1
sys.exit(wrong)
PYTHON

done_testing
