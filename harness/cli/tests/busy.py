"""busy.py PORT - one thread before 127.0.0.1:PORT, with a backlog of 1; prints the port that it listens on.

It accepts one connection at a time, moves one piece of one connection at a time, and takes a while over each.
"""
import select
import socket
import sys
import time

TURN = 0.001


class Way:
    """What one side says to the other."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.waiting, self.ended, self.over = b"", False, False

    def move(self):
        """False: the connection is broken, on both sides."""
        try:
            if not self.waiting and not self.ended:
                self.waiting = self.source.recv(4096)
                self.ended = not self.waiting
            self.waiting = self.waiting[self.sink.send(self.waiting) if self.waiting else 0 :]
            if self.ended and not self.over:
                self.over = True
                self.sink.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def drop(ways, way, broken):
    pair = [other for other in ways if other.source in (way.source, way.sink)]
    for other in pair:
        ways.remove(other)
        if broken:  # by RST, as it came
            other.source.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    for other in pair:
        other.source.close()


def accept(listener, port, ways):
    near, _ = listener.accept()
    far = socket.create_connection(("127.0.0.1", port))
    for side in (near, far):
        side.setblocking(False)
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    ways += [Way(near, far), Way(far, near)]


def serve(listener, port):
    ways = []
    while True:
        reads = [way.source for way in ways if not way.ended and not way.waiting]
        writes = [way.sink for way in ways if way.waiting]
        readable, writable, _ = select.select([listener, *reads], writes, [])
        time.sleep(TURN)
        if listener in readable:
            accept(listener, port, ways)
        for way in list(ways):
            if way in ways and (way.source in readable or (way.waiting and way.sink in writable)):
                time.sleep(TURN)
                if not way.move():
                    drop(ways, way, True)
                elif all(other.over for other in ways if other.source in (way.source, way.sink)):
                    drop(ways, way, False)


def main(port):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    print(f"listening {listener.getsockname()[1]}", flush=True)
    serve(listener, port)


main(int(sys.argv[1]))
