"""relay.py unix PATH PORT | relay.py proxy [STATUS] - carry connections to 127.0.0.1, for the tests.

`unix` listens on a socket at PATH and connects to PORT.  `proxy` listens on a free port, which it prints, and does
what CONNECT asks for, or refuses it with STATUS.
"""
import asyncio
import os
import sys


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.transport.abort()


async def join(reader, writer, host, port):
    try:
        far_reader, far_writer = await asyncio.open_connection(host, port)
    except OSError:
        writer.transport.abort()
        return
    await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))
    far_writer.close()
    writer.close()


def to_port(port):
    async def serve(reader, writer):
        await join(reader, writer, "127.0.0.1", port)

    return serve


def as_proxy(status):
    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        method, authority, version = head.split(b"\r\n")[0].split()
        host, port = authority.decode().rsplit(":", 1)
        print(f"{method.decode()} {authority.decode()} {version.decode()}", flush=True)
        for piece in (b"HTTP/1.1 %d" % status, b" Whatever\r\nX-Proxy: yes\r\n\r", b"\n"):
            writer.write(piece)
            await writer.drain()
        if status == 200:
            await join(reader, writer, host.strip("[]"), int(port))
        writer.close()

    return serve


async def main(kind, *rest):
    if kind == "unix":
        server = await asyncio.start_unix_server(to_port(int(rest[1])), rest[0] + ".new")
        os.rename(rest[0] + ".new", rest[0])
    else:
        server = await asyncio.start_server(as_proxy(int(rest[0]) if rest else 200), "127.0.0.1", 0)
        print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
