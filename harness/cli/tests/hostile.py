"""hostile.py [CERTIFICATE] - a server that misbehaves on purpose, for the tests.

It prints "NAME PORT" for the ways to misbehave towards everybody, one port each, then "path NAME" and "listening PORT"
for a server that echoes at / and misbehaves at /NAME: in the opening handshake, or behind it.  With a certificate all
of them speak TLS.
"""
import base64
import hashlib
import random
import socket
import ssl
import struct
import sys
import threading
import time

MIB = 1 << 20
BLOCK = bytes(64 << 10)

STRINGS = {
    "script": b"<script>alert(1)</script><img src=x onerror=alert(1)>\"'`]]>--><!--",
    "ansi": b"\x1b[2J\x1b[31mred\x1b]0;title\x07\x9b31m\x08\x7f",
    "nul": b"a\0b\0",
    "not-utf8": b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80 end",
    "not-xml": b"\x01\x02\x0b\x0c\x1f\xef\xbf\xbe\xef\xbf\xbf end",
    "lines": b"x | y\n\n## heading\n```\n1..0\nnot ok 1\n::error::x\n",
    "long": b"A" * MIB,
}


class Ended(Exception):
    """The other side has ended the connection, or we have."""


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.rest = b""
        self.path = None

    def receive(self, size=65536):
        data = self.sock.recv(size)
        if not data:
            raise Ended
        return data

    def send(self, data):
        self.sock.sendall(data)

    def request(self):
        """The head of the first request, if it has not been read yet."""
        if self.path is None:
            self.head()

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.receive()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        self.path = lines[0].split(" ")[1]
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "sec-websocket-key":
                self.key = value.strip()

    def switching(self, reason=b"Switching Protocols", lines=b""):
        accept = base64.b64encode(hashlib.sha1((self.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        return (b"HTTP/1.1 101 " + reason + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n" + lines + b"\r\n")

    def accept(self, *rest):
        self.send(self.switching(*rest))

    def take(self, size):
        while len(self.rest) < size:
            self.rest += self.receive()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def frame(self):
        first, second = self.take(2)
        size = second & 127
        if size > 125:
            size = int.from_bytes(self.take(2 if size == 126 else 8), "big")
        key = self.take(4) if second & 128 else bytes(4)
        data = self.take(size)
        return first, bytes(byte ^ key[i & 3] for i, byte in enumerate(data))

    def echo(self):
        while True:
            first, data = self.frame()
            opcode = first & 15
            self.send(frame(10 if opcode == 9 else opcode, data))
            if opcode == 8:
                raise Ended

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock = socket.socket(fileno=self.sock.detach())
        self.sock.close()
        raise Ended

    def linger(self):
        """Until the other side ends."""
        while True:
            self.receive()


def frame(opcode, data, fin=True, length=None):
    size = len(data) if length is None else length
    first = bytes([opcode | (128 if fin else 0)])
    if size < 126:
        return first + bytes([size]) + data
    if size < 65536:
        return first + b"\x7e" + size.to_bytes(2, "big") + data
    return first + b"\x7f" + size.to_bytes(8, "big") + data


# ---- towards everybody, from the first byte ----

def silent(c):
    c.linger()


def ends(c):
    raise Ended


def resets(c):
    c.reset()


def ends_unread(c):
    """What was sent is not read: the kernel makes an RST of the end."""
    time.sleep(0.1)
    raise Ended


def drips(c):
    c.request()
    for byte in c.switching():
        c.send(bytes([byte]))
        time.sleep(1)


def endless_line(c):
    c.send(b"HTTP/1.1 101 ")
    while True:
        c.send(BLOCK.replace(b"\0", b"a"))


def endless_head(c):
    c.request()
    c.send(b"HTTP/1.1 101 Switching Protocols\r\n")
    while True:
        c.send(b"X-Line: of many\r\n" * 1000)


def endless_zeros(c):
    while True:
        c.send(BLOCK)


def garbage(c):
    c.send(random.Random(1).randbytes(10000))
    c.linger()


def early_101(c):
    c.receive(1)
    c.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")
    c.linger()


def early_400(c):
    c.send(b"HTTP/1.1 400 Too Early\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    raise Ended


def hostile_server_line(c):
    c.request()
    line = STRINGS["script"] + STRINGS["ansi"] + STRINGS["not-utf8"] + STRINGS["not-xml"] + STRINGS["nul"]
    c.accept(b"Switching" + line, b"Server: " + line + b"\r\n")
    c.echo()


EVERYBODY = [silent, ends, resets, ends_unread, drips, endless_line, endless_head, endless_zeros, garbage, early_101,
             early_400, hostile_server_line]


# ---- at a path; the request has been read ----

def endless_body(c):
    c.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        c.send(BLOCK)


def endless_chunks(c):
    c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        c.send(b"1\r\na\r\n" * 1000)


def endless_chunk_line(c):
    c.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    while True:
        c.send(b"a" * 65536)


def endless_frame(c):
    c.accept()
    c.send(frame(2, b"", length=1 << 62))
    while True:
        c.send(BLOCK)


def endless_message(c):
    c.accept()
    c.send(frame(2, b"a", fin=False))
    while True:
        c.send(frame(0, BLOCK, fin=False))


def endless_messages(c):
    c.accept()
    while True:
        c.send(frame(1, b"x") * 10000)


def endless_pings(c):
    """And nobody reads the pongs."""
    c.accept()
    while True:
        c.send(frame(9, b"p" * 125) * 1000)


def huge_length(c):
    c.accept()
    c.send(frame(2, b"x" * 100, length=(1 << 63) - 1))
    c.linger()


def top_bit_length(c):
    c.accept()
    c.send(frame(2, b"x" * 100, length=1 << 63))
    c.linger()


def million_fragments(c):
    c.accept()
    c.send(frame(2, b"a", fin=False))
    c.send(frame(0, b"a", fin=False) * 999998)
    c.send(frame(0, b"a"))
    c.echo()


def empty_fragments(c):
    c.accept()
    c.send(frame(1, b"", fin=False))
    while True:
        c.send(frame(0, b"", fin=False) * 10000)


def drips_frames(c):
    c.accept()
    for byte in frame(1, b"hello" * 100):
        c.send(bytes([byte]))
        time.sleep(1)


def garbage_frames(c):
    c.accept()
    c.send(random.Random(2).randbytes(100000))
    c.linger()


def ends_unread_frames(c):
    c.accept()
    time.sleep(0.2)
    raise Ended


def deaf(c):
    c.accept()
    while True:
        time.sleep(60)


def close_of_a_mebibyte(c):
    c.accept()
    c.send(frame(8, b"\x03\xe8" + STRINGS["long"]))
    c.linger()


HELLO = frame(1, b"hello")


def at_step(cut, reset):
    """Ends, or resets, behind so many bytes of the 101 and the echo, counted from the end of the 101."""
    def behave(c):
        answer = c.switching()
        c.send((answer + HELLO)[:len(answer) + cut])
        if reset:
            time.sleep(0.05)
            c.reset()
        raise Ended
    return behave


def in_reason(data):
    return lambda c: (c.accept(data), c.echo())


def in_header(data):
    return lambda c: (c.accept(b"Switching Protocols", b"X-Hostile: " + data + b"\r\nSec-WebSocket-Protocol: "
                               + data + b"\r\n"), c.echo())


def in_refusal(data):
    return lambda c: (c.send(b"HTTP/1.1 403 " + data + b"\r\nContent-Length: " + str(len(data)).encode()
                             + b"\r\n\r\n" + data), c.linger())


def in_text(data):
    return lambda c: (c.accept(), c.send(frame(1, data)), c.linger())


def in_ping(data):
    return lambda c: (c.accept(), c.send(frame(9, data[:125])), c.send(frame(1, data)), c.linger())


def in_close(data):
    return lambda c: (c.accept(), c.frame(), c.send(frame(8, b"\x03\xe8" + data[:123])), c.linger())


PATHS = {f.__name__: f for f in [
    endless_body, endless_chunks, endless_chunk_line, endless_frame, endless_message, endless_messages, endless_pings,
    huge_length, top_bit_length, million_fragments, empty_fragments, drips, drips_frames, garbage, garbage_frames,
    silent, ends, resets, ends_unread, ends_unread_frames, deaf, endless_head, endless_line, close_of_a_mebibyte,
    early_400]}
for cut in (-129, -128, -100, -2, -1, 0, 1, 2, 4):
    PATHS["fin_at_%d" % (cut + 129)] = at_step(cut, False)
    PATHS["rst_at_%d" % (cut + 129)] = at_step(cut, True)
for place in (in_reason, in_header, in_refusal, in_text, in_ping, in_close):
    for name, data in STRINGS.items():
        PATHS["%s_%s" % (place.__name__, name)] = place(data)


def at_paths(c):
    while True:
        c.head()
        behave = PATHS.get(c.path.strip("/"))
        if behave:
            behave(c)
            return
        c.accept()
        c.echo()


# ---- listening ----

def serve_one(sock, behave, tls):
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            sock = tls.wrap_socket(sock, server_side=True)
        connection = Connection(sock)
        behave(connection)
    except (Ended, OSError, ValueError, IndexError, AttributeError):
        pass
    try:
        sock.close()
    except OSError:
        pass


def serve(behave, tls, backlog=128):
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)

    def accept():
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve_one, args=(sock, behave, tls), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def never_accept():
    """Its queue is full: what comes is not even answered by the kernel."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    full = [listener]
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listener.getsockname())
        full.append(sock)
    return listener.getsockname()[1], full


def main():
    tls = None
    if len(sys.argv) > 1:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(sys.argv[1])
    port, kept = never_accept()
    print("never_accepts", port)
    if tls:  # below TLS
        for behave in (silent, ends, resets, garbage, endless_zeros):
            print("%s_below" % behave.__name__, serve(behave, None))
    for behave in EVERYBODY:
        print(behave.__name__, serve(behave, tls))
    for path in PATHS:
        print("path", path)
    print("listening", serve(at_paths, tls), flush=True)
    sys.stdin.read()  # until whoever started us has ended
    del kept


if __name__ == "__main__":
    main()
