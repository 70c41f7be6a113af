"""secrets_test.py WSPROOF - what a script captures and keeps secret stands in no report and on no screen.

A server that gives away a token in every way that makes it hard to see: in fragments of one byte, escaped, in hex,
compressed, where a text is cut off, in headers and back in what we send.  All that a run writes is searched, and the
bytes of its frames unmasked, put together and inflated.
"""
import base64
import hashlib
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import zlib

WSPROOF = sys.argv[1]
FORMATS = ["json", "junit", "html", "tap", "markdown"]
TOKEN = 'tOkEn/"é\\-' + "0123456789abcdefghijklmnopqrstuvwxyz" * 6
PLAIN = "PlAiN-" + "9876543210zyxwvutsrqponmlkjihgfedcba" * 7
LOOK_BACK = 14  # bytes of a secret that may stand somewhere by chance

CASES = """case secret/%(name)s
  title  What the server of %(name)s gives away is not told

  > GET /%(name)s%(extension)s
  < 101
%(before)s  let %(word)stoken = %(source)s
  > text "again: $%(variable)s"
%(after)s  > close 1000
  < close
  < eof
"""


def case(name, before='  < text ~/token/\n', source="json $.token", word="", variable="token", after="  < echo\n", extension=""):
    return CASES % locals()


SCRIPTS = [
    case("whole"),
    case("marked", source="json $.token", word="secret ").replace("secret token", "secret t").replace("$token", "$t"),
    case("object", before='  < text ~/inner/\n', source="json $.inner"),
    case("pieces"),
    case("frames", before='  < text ~/token/\n', after="  < frame text fin=0\n  < frame cont fin=0\n"),
    case("wrong", after='  < text "something else"\n'),
    case("long", after='  < text "something else"\n'),
    case("cut", after='  < text "something else"\n'),
    case("binary", before='  < binary\n', after='  < binary "x"\n'),
    case("close", after='  < close 1000 "bye"\n').replace("  > close 1000\n  < close\n", ""),
    case("ping", after='  < ping "now"\n'),
    case("header", before="", source="header X-Token", word=""),
    case("long-header", before="", source="header X-Token", after='  < text "no"\n'),
    case("deflated", extension="\n    Sec-WebSocket-Extensions: permessage-deflate"),
    case("url").replace('  > text "again: $token"\n  < echo\n', '  bob> GET /whole?t=$token\n  bob< 101\n'),
    """case secret/bystander
  title  Another client is given the same token, and its script knows of no secret

  > GET /whole
  < 101
  < text ~/t.ken/
  > close 1000
  < close
""",
    """case secret/bystander-slow
  title  … and so is one that ends when the others have

  > GET /whole
  < 101
  < text ~/t.ken/
  wait 700ms
  > close 1000
  < close
""",
    case("sent").replace('"again: $token"', '"again: $token" fragment=3'),
]


# ---- the server ----

def frame(opcode, payload, fin=True, rsv=0):
    head = bytes([(0x80 if fin else 0) | rsv | opcode])
    n = len(payload)
    return head + (bytes([n]) if n < 126 else struct.pack(">BH", 126, n)) + payload


def pieces(opcode, payload, size=1):
    parts = [payload[i:i + size] for i in range(0, len(payload), size)]
    return b"".join(frame(opcode if i == 0 else 0, p, i == len(parts) - 1) for i, p in enumerate(parts))


def deflate(data):
    z = zlib.compressobj(wbits=-15)
    return (z.compress(data) + z.flush(zlib.Z_SYNC_FLUSH))[:-4]


def greeting(name):
    text = json.dumps({"token": TOKEN}).encode()
    if name == "object":
        return frame(1, json.dumps({"inner": {"a": [TOKEN], "b": PLAIN}}).encode())
    if name in ("pieces", "frames"):
        return pieces(1, text)
    if name == "long":
        return frame(1, json.dumps({"token": PLAIN}).encode())
    if name == "cut":
        return frame(1, json.dumps({"a": "x" * 95, "token": PLAIN}).encode())
    if name == "binary":
        return frame(2, json.dumps({"token": PLAIN}).encode() + b" " * 3)
    if name == "deflated":
        return frame(1, deflate(text), rsv=0x40)
    return b"" if "header" in name else frame(1, text)


def receive(read):
    head = read(2)
    n = head[1] & 127
    n = struct.unpack(">H", read(2))[0] if n == 126 else struct.unpack(">Q", read(8))[0] if n == 127 else n
    key = read(4)
    return head[0], bytes(b ^ key[i % 4] for i, b in enumerate(read(n)))


def answer(name, message):
    if name in ("frames", "pieces"):
        return pieces(1, message, 2)
    if name == "cut":
        return frame(1, b"x" * 110 + PLAIN.encode())
    if name == "binary":
        return frame(2, b"\x00\xff" + PLAIN.encode())
    if name == "close":
        return frame(8, b"\x03\xe8" + TOKEN.encode()[:100])
    if name == "ping":
        return frame(9, TOKEN.encode()[:120])
    if name == "deflated":
        return frame(1, deflate(message), rsv=0x40)
    return frame(1, message)


def serve(client):
    stream = client.makefile("rb")
    lines = []
    while (line := stream.readline()) not in (b"\r\n", b""):
        lines.append(line.decode("latin-1").strip())
    if not lines:
        return
    name = lines[0].split()[1].strip("/").split("?")[0]
    key = next(line.split(": ")[1] for line in lines if line.startswith("Sec-WebSocket-Key"))
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    more = {"header": "X-Token: %s\r\n" % PLAIN[:30], "long-header": "X-Token: %s\r\n" % PLAIN,
            "deflated": "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"}.get(name, "")
    client.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: %s\r\n%s\r\n" % (accept, more)).encode() + greeting(name))
    message = b""
    while True:
        first, payload = receive(stream.read)
        if first & 15 == 8:
            client.sendall(frame(8, payload))
            return
        message += payload
        if first & 0x80 and first & 15 < 8:
            client.sendall(answer(name, message))
            message = b""


def handle(client):
    with client:
        try:
            serve(client)
        except (OSError, IndexError):
            pass


def listen():
    server = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            threading.Thread(target=handle, args=(server.accept()[0],), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


# ---- the search ----

def forms(secret):
    raw = secret.encode()
    for text in (raw, json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
                 urllib.parse.quote(secret, safe="").encode(), raw.hex().encode(), raw.hex(" ").encode()):
        yield text
        yield json.dumps(text.decode())[1:-1].encode()
        yield base64.b64encode(text)[:-4]


def leaks(data):
    """Every stretch of a secret, in any form, that is longer than chance."""
    for secret in (TOKEN, PLAIN):
        for form in forms(secret):
            wide = LOOK_BACK * max(1, len(form) // len(secret))
            for at in range(0, len(form) - wide, 7):
                if form[at:at + wide] in data:
                    yield form[at:at + wide]


def inflated(data):
    try:
        return zlib.decompressobj(wbits=-15).decompress(data + b"\0\0\xff\xff")
    except zlib.error:
        return b""


def payloads(case):
    """What each connection carried, either way: unmasked, put together, and inflated."""
    ways = {}
    for chunk in case["wire"]:
        data = base64.b64decode(chunk["bytes"]) if not chunk["bytes"].startswith("hex") else b""
        way = ways.setdefault((chunk.get("connection"), chunk["sent"]), [])
        if data[:4] in (b"GET ", b"HTTP"):
            way.append(data)
            continue
        n = data[1] & 127
        head = 2 + (2 if n == 126 else 8 if n == 127 else 0)
        key = data[head:head + 4] if data[1] & 128 else bytes(4)
        body = data[head + (4 if data[1] & 128 else 0):]
        body = bytes(b ^ key[i % 4] for i, b in enumerate(body))
        way.append(inflated(body) if data[0] & 0x40 else body)
    return [b"".join(parts) for parts in ways.values()]


def main():
    failures = []
    port = listen()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "t.wst").write_text("\n".join(SCRIPTS))
        command = [WSPROOF, "run", "--color", "never", "-v", "--journal", str(folder / "journal")]
        for kind in FORMATS:
            command += ["--report", "%s=%s" % (kind, folder / kind)]
        run = subprocess.run(command + ["ws://127.0.0.1:%d/" % port, str(folder / "t.wst")], capture_output=True,
                             timeout=100)
        if not (folder / FORMATS[-1]).exists():
            sys.exit((run.stdout + run.stderr).decode())
        written = {kind: (folder / kind).read_bytes() for kind in FORMATS + ["journal"]}
        written["the screen"] = run.stdout + run.stderr
        cases = [json.loads(line) for line in written["journal"].splitlines()]
        cases = [c for c in cases if str(c.get("id", "")).startswith("secret/")]
        for c in cases:
            for data in payloads(c):
                written.setdefault("the frames of " + c["id"], b"")
                written["the frames of " + c["id"]] += data + b"\n"
        beside = [path.name for path in folder.iterdir() if path.name not in FORMATS + ["journal", "t.wst"]]
        if beside:
            failures.append("left behind: %s" % ", ".join(beside))
        if len(cases) != len(SCRIPTS):
            failures.append("%d cases of %d: %s" % (len(cases), len(SCRIPTS), written["the screen"].decode()[-1500:]))
        for where, data in written.items():
            for found in leaks(data):
                at = data.find(found)
                failures.append("%s: %r" % (where, data[max(0, at - 60):at + 60]))
                break
        verdicts = {c["id"]: c["verdict"] for c in cases}
        expected = {"secret/" + n: "fail" for n in ("wrong", "long", "cut", "binary", "close", "ping", "long-header")}
        for c in cases:
            if c["verdict"] != expected.get(c["id"], "pass"):
                failures.append("%s: %s: %s" % (c["id"], c["verdict"], c["reason"]))
            if "[redacted]" not in c["transcript"] and not c["id"].endswith(("frames", "long-header", "pieces")):
                failures.append("%s: nothing was redacted: %s" % (c["id"], c["transcript"]))
    print("\n".join(failures) or "ok: %d cases in %d places" % (len(cases), len(written)))
    sys.exit(1 if failures else 0)


main()
