#!/usr/bin/env python3
"""check-manual.py WSPROOF PAGE SERVER - every example of a page is run, and holds.

An example is a block that begins with ```wst; behind it may stand the name of a file, for others to include.  Each
is a run of its own against `SERVER {port} CASE`, CASE being the id of its first case, and every case must pass; but
those that play the server cannot run without a client.
One that says `connect tls` runs against `SERVER {port} CASE CERTIFICATE KEY` and wss://.  Prints a line for each example; the exit code is 1 when one
does not hold.
"""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tempfile

wsproof, page, server = sys.argv[1:]
wsproof = str(pathlib.Path(wsproof).resolve())
SETTINGS = ["--set", "token=secret-token"]


def run(folder, number, text):
    script = folder / ("example-%d.wst" % number)
    script.write_text(text)
    names = re.findall(r"^case (\S+)", text, re.M)
    spawn = "exec %s {port} %s" % (server, names[0])
    target = ["--spawn", spawn]
    if "connect tls" in text:
        target = ["--spawn", "%s %s/cert.pem %s/key.pem" % (spawn, folder, folder), "wss://localhost:{port}/", "--insecure"]
    command = [wsproof, "run", "--color", "never", *target, "--report", "json=%s/%d.json" % (folder, number)]
    settings = SETTINGS if re.search(r"^  needs .*\btoken\b", text, re.M) else []
    done = subprocess.run(command + settings + [str(script)], capture_output=True, text=True, timeout=120)
    output = done.stdout + done.stderr
    try:
        cases = json.loads((folder / ("%d.json" % number)).read_text())["cases"]
    except OSError:
        cases = []
    server_side = "\n  role   server\n" in text
    wrong = [c["id"] for c in cases if c["verdict"] not in ("pass", "info")
             and not (server_side and c["verdict"] == "skip" and c["reason"] == "needs a client under test")]
    good = cases and not wrong and (done.returncode == 0 or server_side)
    name = "manual: %s" % names[0]
    return "ok: %s" % name if good else "%s\n%s\nFAILED: %s" % (text, output, name)


def main():
    text = pathlib.Path(page).read_text()
    blocks = re.findall(r"^```wst *(\S*)\n(.*?)^```", text, re.M | re.S)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
                        "-keyout key.pem -out cert.pem").split(), cwd=folder, check=True, capture_output=True)
        for file, block in blocks:
            if file:
                (folder / file).write_text(block)
        examples = [block for file, block in blocks if not file]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            results = list(pool.map(lambda item: run(folder, *item), enumerate(examples)))
    print("\n".join(results))
    sys.exit(1 if not results or any("\nFAILED: " in r for r in results) else 0)


main()
