"""hostile_test.py WSPROOF CERTIFICATES - the program against servers that misbehave on purpose.

However they do it, over TCP and TLS: the program ends in time, does not crash, stays small, gives no green light, and
writes reports that are well-formed and hold nothing that acts.
"""
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

WSPROOF, CERTIFICATES = sys.argv[1:]
HERE = pathlib.Path(__file__).resolve().parent
FORMATS = ["json", "junit", "html", "tap", "markdown"]
SECONDS_MAX = 60 * float(os.environ.get("WSPROOF_SLOW", "1"))
MIB_MAX = 200 * float(os.environ.get("WSPROOF_LARGE", "1"))
COMMAND = os.environ.get("WSPROOF_UNDER", "").split() + [WSPROOF]
AT_ONCE = threading.Semaphore(8)

failures = []


def fail(name, what, output=""):
    failures.append(name)
    print("FAILED: %s: %s\n    %s" % (name, what, "\n    ".join(output[-1500:].splitlines())), flush=True)


# ---- what is asked ----

HELLO = """  > GET {path}
  < 101
  > text "hello"
  < echo
  > close 1000
  < close
  < eof
"""
BODY = """  > GET {path} plain
  < 200
    body ~/x/
"""
UNREAD = """  > GET {path}
  < 101
  > binary "a" * 4000000
  < echo
"""


def case(name, body, more="", row=""):
    return "case evil/%s%s\n  title   It is not fooled\n  timeout 2s\n%s\n%s\n" % (
        name, row, more, body.format(path="/" + name))


# ---- what comes of it ----

# Towards everybody: the exit code, and what is said.
EVERYBODY = {
    "never_accepts": (3, "no connection: it is not established within"),
    "silent_below": (3, "no connection: it is not established within"),
    "ends_below": (3, "the peer ended the connection in the TLS handshake"),
    "resets_below": (3, "no connection: "),
    "garbage_below": (3, "what came is no TLS"),
    "endless_zeros_below": (3, "what came is no TLS"),
    "silent": (3, "it answers no opening handshake: nothing within"),
    "ends": (3, "the end of the connection"),
    "resets": (3, "unreachable"),
    "ends_unread": (3, "the end of the connection"),
    "drips": (4, "too slow to judge"),
    "endless_line": (4, "too much: a head of more than"),
    "endless_head": (4, "too much: a head of more than"),
    "endless_zeros": (4, "what came is no HTTP/1.x head"),
    "garbage": (4, "what came is no HTTP/1.x head"),
    "early_101": (1, "does not match the request's key"),
    "early_400": (1, "saw       400 Too Early"),
    "hostile_server_line": (1, "saw       101 Switching<script>"),
}

# At a path: each is to be kept small, and several at once too, but for the one whose size is our own.
FLOOD = "too much: |too slow to judge"  # what is reached first depends on who is faster
HEAVY = {
    "endless_body": (BODY, "too slow to judge"),
    "endless_chunks": (BODY, "too slow to judge"),
    "endless_chunk_line": (BODY, None),
    "endless_frame": (HELLO, FLOOD),
    "endless_message": (HELLO, FLOOD),
    "endless_messages": (HELLO, None),
    "endless_pings": (HELLO, FLOOD),
    "million_fragments": (HELLO, None),
    "empty_fragments": (HELLO, FLOOD),
    "deaf": (UNREAD, "too slow to judge"),
}


class Elements(html.parser.HTMLParser):
    """Which elements and which handlers a page has, and what its scripts are."""

    def __init__(self, text):
        super().__init__()
        self.found, self.handlers = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append(tag)
        self.handlers += [name for name, value in attributes
                          if name.startswith("on") or (value or "").lower().startswith("javascript:")]


def check_text(name, kind, data):
    """Nothing that a terminal, an editor or a parser of text would act on."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        fail(name, "%s is not UTF-8: %s" % (kind, error))
        return ""
    odd = re.search("[\x00-\x08\x0b-\x1f]" if kind == "json" else "[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    if odd:
        fail(name, "%s holds the control character %r behind %r" % (kind, odd.group(), text[:odd.start()][-60:]))
    return text


def check_tap(name, text, cases):
    points = [line for line in text.splitlines() if re.match("(not )?ok ", line)]
    if "1..%d" % cases not in text.splitlines() or len(points) != cases:
        fail(name, "TAP: %d points of %d cases" % (len(points), cases))


def check_markdown(name, text):
    for line in text.splitlines():
        if line.startswith(("## heading", "::error", "not ok")):
            fail(name, "Markdown: %r acts" % line)
    if re.search("<(script|img)[ >]", re.sub("`[^`]*`", "", text)):
        fail(name, "Markdown: an element of the peer's is not quoted")


def check_reports(name, folder, tls):
    texts = {kind: check_text(name, kind, (folder / kind).read_bytes()) for kind in FORMATS}
    try:
        cases = json.loads(texts["json"])["cases"]
        xml.etree.ElementTree.fromstring(texts["junit"])
    except (ValueError, KeyError, xml.etree.ElementTree.ParseError) as error:
        fail(name, "not well-formed: %s" % error)
        return {}
    page = Elements(texts["html"])
    if "img" in page.found or page.handlers or page.found.count("script") > 2:
        fail(name, "HTML: the peer's text acts: %s" % (page.handlers or "an element of its own"))
    check_tap(name, texts["tap"], len(cases))
    check_markdown(name, texts["markdown"])
    return {c["id"]: c for c in cases}


# ---- runs ----

def run(name, url, script, tls, *more):
    """Its exit code and output; a run that crashes, hangs or grows is a failure by itself."""
    arguments = COMMAND + ["run", "--timeout", "2s", "--seed", "1", url, script] + list(more)
    if tls:
        arguments += ["--ca", CERTIFICATES + "/ca.pem"]
    with AT_ONCE, tempfile.TemporaryFile() as output:
        began = time.monotonic()
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        killer = threading.Timer(2 * SECONDS_MAX, process.kill)
        killer.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        killer.cancel()
        took, mib = time.monotonic() - began, usage.ru_maxrss / 1024
        output.seek(0)
        text = check_text(name, "its output", output.read())
    if os.environ.get("WSPROOF_SHOW"):
        print("%-40s exit %2d %5.1f s %6.1f MiB" % (name, process.returncode, took, mib), flush=True)
    if process.returncode not in (0, 1, 2, 3, 4):
        fail(name, "it ends with %d" % process.returncode, text)
    if took > SECONDS_MAX:
        fail(name, "it takes %.0f s" % took, text)
    if mib > MIB_MAX:
        fail(name, "it takes %.0f MiB" % mib, text)
    return process.returncode, text


def towards_everybody(name, kind, url, folder, tls):
    wanted, says = EVERYBODY[kind]
    code, text = run(name, url, str(folder / "hello.wst"), tls)
    if code != wanted or says not in text:
        fail(name, "exit code %d, expected %d and to read: %s" % (code, wanted, says), text)


def with_reports(name, url, folder, script, tls, expected):
    place = folder / name.replace("/", "-")
    place.mkdir()
    (place / "cases.wst").write_text(script)
    reports = [word for kind in FORMATS for word in ("--report", "%s=%s" % (kind, place / kind))]
    code, text = run(name, url, str(place / "cases.wst"), tls, *reports)
    if code not in (1, 4):
        fail(name, "exit code %d: a gate would be green" % code, text)
        return
    results = check_reports(name, place, tls)
    for id, (verdicts, says) in expected.items():
        result = results.get(id, {"verdict": "none"})
        if result["verdict"] not in verdicts:
            fail(name, "%s: %s, expected %s" % (id, result["verdict"], verdicts), json.dumps(result, indent=1)[:1500])
        elif says and not re.search(says, json.dumps(result)):
            fail(name, "%s does not say: %s" % (id, says), json.dumps(result, indent=1)[:1500])


def all_heavy(name, url, folder, tls):
    kinds = [kind for kind in HEAVY if kind != "deaf"]
    rows = "".join(case(kind, HEAVY[kind][0], "  each    n = 1 2 3\n", "/$n") for kind in kinds)
    with_reports(name, url, folder, rows, tls,
                 {"evil/%s/%d" % (kind, n): (("error", "fail"), None) for kind in kinds for n in (1, 2, 3)})


def all_light(name, url, folder, tls, paths):
    light = [path for path in paths if path not in HEAVY]
    script = "".join(case(path, HELLO) for path in light)
    # What is said in the reason of a 101, or in a ping, is everybody's own affair.
    free = re.compile("in_reason_(?!lines|long)")
    with_reports(name, url, folder, script, tls,
                 {"evil/" + path: (("pass", "fail") if free.match(path) else ("fail", "error"), None)
                  for path in light})


def start_servers(tls):
    command = [sys.executable, str(HERE / "hostile.py")] + ([CERTIFICATES + "/server.pem"] if tls else [])
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ports, paths = {}, []
    for line in server.stdout:
        kind, value = line.split()
        if kind == "path":
            paths.append(value)
        else:
            ports[kind] = value
        if kind == "listening":
            return server, ports, paths
    raise SystemExit("hostile.py does not start")


def plan(folder, tls, ports, paths):
    scheme = "wss" if tls else "ws"
    url = "%s://localhost:%s/" % (scheme, ports.pop("listening"))
    yield all_light, ("%s/paths" % scheme, url, folder, tls, paths)
    yield all_heavy, ("%s/heavy" % scheme, url, folder, tls)
    for kind, (body, says) in HEAVY.items():
        yield with_reports, ("%s/%s" % (scheme, kind), url, folder, case(kind, body), tls,
                             {"evil/" + kind: (("error", "fail"), says)})
    for kind, port in ports.items():
        yield towards_everybody, ("%s/everybody/%s" % (scheme, kind), kind, "%s://localhost:%s/" % (scheme, port),
                                  folder, tls)


def main():
    began, servers, threads = time.monotonic(), [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "hello.wst").write_text("case evil/hello\n  title  A message comes back\n\n"
                                          + HELLO.format(path="/"))
        for tls in (False, True):
            server, ports, paths = start_servers(tls)
            servers.append(server)
            missing = set(EVERYBODY) ^ set(ports) - {"listening"}
            if tls and missing:
                fail("hostile.py", "other ways than expected: %s" % missing)
            threads += [threading.Thread(target=target, args=arguments)
                        for target, arguments in plan(folder, tls, ports, paths)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for server in servers:
            server.kill()
            server.wait()
    print("%d runs in %.0f s, %d failures" % (len(threads), time.monotonic() - began, len(failures)))
    sys.exit(1 if failures else 0)


main()
