"""echo.py PORT - an echo server on 127.0.0.1 with the websockets package, as a target for wsproof."""

import asyncio
import sys

import websockets


async def echo(socket, path=None):
    async for message in socket:
        await socket.send(message)


async def main(port):
    # Its own keepalive pings would only stand between a script and what it waits for.
    async with websockets.serve(echo, "127.0.0.1", port, ping_interval=None):
        await asyncio.Future()


asyncio.run(main(int(sys.argv[1])))
