#!/usr/bin/env bash
# limits.sh WSPROOF - what a target accepts, found over real sockets, in the reports, and in what runs afterwards.
. "$(dirname "$0")/support.sh"
spawn="$wsproof peer --port {port}"

exits 0 "limits of the peer" limits --limits 300ms --spawn "$spawn" --report "json=$dir/limits.json" --report "html=$dir/limits.html" \
    --journal "$dir/journal"
says "largest message: at least 16777216 bytes" "its messages"
says "longest line of a request: 65380 bytes; beyond: 431 Request Header Fields Too Large" "its lines"
says "keeps an idle connection: at least 0.3 s" "its patience"
grep -q '"limits"' "$dir/limits.json" || fail "the JSON report has no limits"
grep -q 'What it accepts' "$dir/limits.html" || fail "the page has no limits"
exits 4 "a report of the journal, of a run without cases" report "$dir/journal" --report "json=$dir/again.json"
grep -q '"name": "message"' "$dir/again.json" || fail "the journal lost the limits"

exits 2 "whose mistake it is" limits --jobs 0 --spawn "$spawn"
says "wsproof limits: " "whose mistake it is"
mute "wsproof run" "whose mistake it is"
exits 2 "a colour" limits --color pink --spawn "$spawn"
says "wsproof limits: --color" "a colour"
exits 2 "no target" limits
says "wsproof limits: expected a URL" "no target"

# On a terminal it says what it looks for, and takes that away.
python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' \
    "$wsproof" limits --limits 300ms --spawn "$spawn" </dev/null >"$dir/out" 2>&1 || fail "on a terminal"
says "looking for the limits: largest message" "on a terminal"
says "looking for the limits: timeouts" "on a terminal"
grep -q $'\033\\[Ktarget: ' "$dir/out" || fail "on a terminal: the line stays"

# What is too large for it is skipped, and says for lack of what.
cat >"$dir/big.wst" <<'SCRIPT'
case big/$n-lines
  title  A request of many lines is accepted
  needs  lines=$n
  each   n = 10 300

  > GET
  < 101
SCRIPT
cat >"$dir/small.py" <<'PYTHON'
# A server that takes 20 lines a request, on the port of its first argument.
import base64, hashlib, socketserver, sys


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        lines = []
        while (line := self.rfile.readline(100000).strip()):
            lines.append(line)
        if len(lines) > 21:
            self.wfile.write(b"HTTP/1.1 431 Too Many\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        key = next((l.split(b":", 1)[1].strip() for l in lines if l.lower().startswith(b"sec-websocket-key:")), b"")
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        while True:
            head = self.rfile.read(2)
            if len(head) < 2:
                return
            length = head[1] & 127
            length = int.from_bytes(self.rfile.read({126: 2, 127: 8}[length]), "big") if length > 125 else length
            key, data = self.rfile.read(4), self.rfile.read(length)
            if head[0] & 15 == 9:
                self.wfile.write(bytes([0x8a, length]) + bytes(b ^ key[i % 4] for i, b in enumerate(data)))
            if head[0] & 15 == 8:
                self.wfile.write(b"\x88\x00")
                return


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 1000


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PYTHON
exits 0 "a case that is too large" run --limits 200ms --spawn "exec python3 $dir/small.py {port}" "$dir/big.wst"
says "lines added to a request: 15 lines; beyond: 431 Too Many" "a limit of 20 lines"
says "for lack of lines of 300" "why it was skipped"
says "1 pass" "the other case runs"

# Behind a handshake that is refused there is nothing to find.
exits 4 "a server of pages" limits --spawn "exec python3 -m http.server --bind 127.0.0.1 {port}"
says "no limit was looked for" "a server of pages"

exits 0 "help" limits --help
says "usage: wsproof limits" "help"
exits 2 "a target on another machine" limits ws://192.0.2.1/
says "needs --i-own-this-target" "a target on another machine"
done_testing
