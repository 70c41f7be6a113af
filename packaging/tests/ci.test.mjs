// node --test ci.test.mjs - the shell lines of docs/ci*.md do what the pages say: the job is green for a
// server that keeps the rules, red for one that breaks one, and leaves its reports either way.
//
// Run in the source tree after a build of the release preset.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const wsproof = join(root, "build/release/harness/cli/wsproof");
const page = (name) => readFileSync(join(root, "docs", name), "utf8");
const fences = (text, language) => Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms")), (m) => m[1]);

// The part of a line behind `key:`, with the deeper lines below it.
function entries(yaml, key) {
  const lines = yaml.split("\n");
  const found = [];
  lines.forEach((line, i) => {
    const match = new RegExp(`^( *)(?:- )?${key}:(.*)$`).exec(line);
    if (!match) return;
    const below = [];
    for (let k = i + 1; k < lines.length && (/^ *$/.test(lines[k]) || lines[k].search(/\S/) > line.search(/\S/)); k++) below.push(lines[k]);
    found.push({ inline: match[2].replace(/^ *\|?/, ""), below });
  });
  return found;
}

// YAML joins the lines of a list's item by blanks.
const items = (below) => below.join("\n").split(/^ *- /m).slice(1).map((item) => item.trim().replace(/\n */g, " "));

// A folder as a job finds it: wsproof beside a server of one's own.  CMake minds by which name a source tree is
// reached, so wsproof/run is handed on.
function checkout(mutant) {
  const dir = mkdtempSync(join(tmpdir(), "wsproof-ci-"));
  const peer = `${wsproof} peer ${mutant ? `--mutant ${mutant}` : ""}`;
  mkdirSync(join(dir, "wsproof"));
  symlinkSync(join(root, "build"), join(dir, "wsproof/build"));
  writeFileSync(join(dir, "wsproof/run"), `#!/bin/sh\nexec '${join(root, "run")}' "$@"\n`);
  chmodSync(join(dir, "wsproof/run"), 0o755);
  writeFileSync(join(dir, "server"), `#!/bin/sh\nexec ${peer} --port "$1"\n`);
  chmodSync(join(dir, "server"), 0o755);
  writeFileSync(join(dir, "server.js"), `const p = require("child_process").spawn("./server", [process.argv[2]], { stdio: "inherit" });
process.on("SIGTERM", () => p.kill());\n`);
  writeFileSync(join(dir, "wsproof-expect.txt"), "# nothing is agreed to\n");
  return dir;
}

function run(dir, shell, script, env = {}) {
  const result = spawnSync(shell[0], [...shell.slice(1), "-c", script],
    { cwd: dir, env: { ...process.env, ...env }, encoding: "utf8", timeout: 600000 });
  return { status: result.status, output: result.stdout + result.stderr };
}

const present = (dir, names) => names.forEach((name) => assert.ok(statSync(join(dir, name)).size > 0, name));

// Green for a good server, red for a bad one.
function job(shell, script, files, env = () => ({})) {
  for (const [mutant, status] of [[null, 0], ["accept-unmasked", 1]]) {
    const dir = checkout(mutant);
    const result = run(dir, shell, script, env(dir));
    assert.equal(result.status, status, result.output);
    present(dir, files);
    assert.equal(readFileSync(join(dir, "wsproof.html"), "utf8").includes("<strong>Yes</strong>"), status === 0);
    rmSync(dir, { recursive: true });
  }
}

test("GitHub Actions", () => {
  const [yaml] = fences(page("ci/github.md"), "yaml");
  const script = entries(yaml, "run").map(({ inline, below }) => inline || below.join("\n")).join("\n");
  assert.match(script, /wsproof\/run/);
  job(["bash", "-e", "-o", "pipefail"], script, ["wsproof.html", "wsproof.xml", "wsproof.jsonl", "summary.md"],
    (dir) => ({ GITHUB_STEP_SUMMARY: join(dir, "summary.md") }));
});

test("GitLab CI", () => {
  const [yaml] = fences(page("ci/gitlab.md"), "yaml");
  const lines = ["before_script", "script"].flatMap((key) => items(entries(yaml, key)[0].below));
  const [, program] = /WSPROOF: (.*)/.exec(yaml);
  assert.equal(lines.length, 2);
  job(["sh", "-e"], lines.join("\n"), ["wsproof.html", "wsproof.xml", "wsproof.jsonl"], () => ({ WSPROOF: program }));
});

test("Jenkins", () => {
  const [groovy] = fences(page("ci/jenkins.md"), "groovy");
  const [, block] = /sh '''(.*?)'''/s.exec(groovy);
  assert.doesNotMatch(block.replaceAll("\\\\", ""), /\\/, "a lone backslash is Groovy's");
  const kept = Array.from(groovy.matchAll(/^ *(?:junit|archiveArtifacts) '(.*)'$/gm), ([, names]) => names.split(", ")).flat();
  assert.deepEqual(kept.toSorted(), ["wsproof.html", "wsproof.jsonl", "wsproof.xml"]);
  job(["sh", "-xe"], block.replaceAll("\\\\", "\\"), kept);
});

test("CMake", () => {
  const [one, many] = fences(page("ci/cmake.md"), "cmake");
  for (const [mutant, failed] of [[null, []], ["accept-unmasked", ["websocket", "websocket-masking"]]]) {
    const dir = checkout(mutant);
    writeFileSync(join(dir, "server.c"), `#include <stdio.h>\n#include <unistd.h>
int main(int count, char **arguments) { return count > 1 ? execl("${join(dir, "server")}", "server", arguments[1], (char *)0) : 2; }\n`);
    writeFileSync(join(dir, "CMakeLists.txt"),
      `cmake_minimum_required(VERSION 3.25)\nproject(own C)\nenable_testing()\nadd_executable(server server.c)\n${one}${many}`);
    const result = run(dir, ["sh", "-e"], "cmake -S . -B b >/dev/null && cmake --build b >/dev/null && ctest --test-dir b -j2",
      { PATH: `${dirname(wsproof)}:${process.env.PATH}` });
    const red = Array.from(result.output.matchAll(/Test +#\d+: (\S+) .*\*\*\*Failed/g), (m) => m[1]).sort();
    assert.deepEqual(red, failed, result.output);
    assert.match(result.output, /out of 8/);
    present(dir, ["b/wsproof.html"]);
    rmSync(dir, { recursive: true });
  }
});

test("shards, and the lines of ci.md", () => {
  const [, merge] = /^ {4}(wsproof report merge .*)$/m.exec(page("ci.md"));
  const [, first] = /^ {4}(wsproof run --spawn 'node(?:.*\\\n)*.*)$/m.exec(page("ci.md"));
  const path = (dir) => ({ PATH: `${dirname(wsproof)}:${process.env.PATH}`, dir });
  const dir = checkout(null);
  const green = run(dir, ["sh", "-e"], first, path(dir));
  assert.equal(green.status, 0, green.output);
  present(dir, ["wsproof.html", "wsproof.xml", "wsproof.jsonl"]);
  rmSync(join(dir, "wsproof.html"));
  const script = [1, 2, 3, 4].map((i) => `wsproof run --spawn './server {port}' --suite masking --shard ${i}/4 --journal part${i}.jsonl`);
  const parts = run(dir, ["sh", "-e"], [...script, merge].join("\n"), path(dir));
  assert.equal(parts.status, 0, parts.output);
  present(dir, ["wsproof.html"]);
  rmSync(dir, { recursive: true });
});
