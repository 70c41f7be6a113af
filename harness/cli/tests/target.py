"""target.py PORT CHARACTER [FILE] - an echo server with a character, for the tests.

daemon   leaves its process group, and its first process ends with the 20th connection
forks    serves from a child
dies     ends in the middle of the 20th connection; started anew it does so again
flaky    resets every second connection
holds    dies likewise, and cannot start anew: TIME_WAIT is on its port, which it does not ask to share
stops    stops reading and accepting behind the 24th connection
"""
import os
import signal
import socket
import sys
import threading
import time

from hostile import Connection, Ended

port, character = int(sys.argv[1]), sys.argv[2]
signal.signal(signal.SIGTERM, signal.SIG_DFL)


def serve(sock, number):
    connection = Connection(sock)
    try:
        if character == "flaky" and number % 2 == 1:
            connection.reset()
        connection.head()
        if character in ("dies", "holds") and number > 20:
            print("out of luck", flush=True)
            os._exit(7)
        connection.accept()
        connection.echo()
    except (Ended, OSError, ValueError, IndexError):
        pass
    sock.close()


if character == "daemon":
    waits, tells = os.pipe()
    if os.fork() > 0:
        os.read(waits, 1)
        sys.exit(0)
    os.setsid()
if character == "forks":
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        sys.exit(0)
if len(sys.argv) > 3:
    with open(sys.argv[3], "a", encoding="ascii") as file:
        file.write("%d\n" % os.getpid())

listener = socket.socket()
if character != "holds":
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    listener.bind(("127.0.0.1", port))
except OSError as error:
    sys.exit("cannot listen: %s" % error)
listener.listen(128)
count = 0
while True:
    accepted, _ = listener.accept()
    count += 1
    if character == "daemon" and count == 20:
        os.write(tells, b".")
    if character == "stops" and count > 24:
        time.sleep(1000)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=serve, args=(accepted, count), daemon=True).start()
