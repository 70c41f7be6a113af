// node --test grammar.test.mjs - the grammars for editors know every word of the notation, and colour what
// the corpus holds.  The words are read from the parser, so a new one that the grammars lack is a failure.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const notation = join(root, "core/notation");
const read = (...path) => readFileSync(join(...path), "utf8");

function keywords() {
  const found = new Set();
  const take = (text, regexp) => { for (const match of text.matchAll(regexp)) found.add(match[1]); };
  for (const name of readdirSync(notation).filter((n) => /^parse.*\.c$/.test(n))) {
    const source = read(notation, name).replace(/^ *#.*$/gm, "");
    for (const [, list] of source.matchAll(/static const char \*const \w+\[\] = \{([^}]*)\}/g)) take(list, /"([A-Za-z][\w./-]*)"/g);
    take(source, /\{"([a-z]\w*)", WSN_\w+/g);
    take(source, /wsn_(?:take_if|peek_is|is)\([^"()]*"([A-Za-z]\w*)"\)/g);
  }
  take(read(notation, "modifiers.def"), /^MODIFIER\((\w+)/gm);
  take(read(notation, "include/wsn/steps.def"), /^STEP\(\w+, "(\w+)"/gm);
  return Array.from(found).sort();
}

// Where a word can stand.
const places = (word) => [`${word} x/y`, `  ${word}`, `  ${word} a`, `  > ${word}`, `  < ${word}`, `  role  ${word}`, `  or ${word} "why"`,
  `  connect ${word}`, `  > GET ${word}`, `  let x = ${word} Y`, `  let ${word} x = json $`, `  > text "x" ${word}=1`, `  > text "x" mask=${word}`,
  `  > text ${word}(ff)`, `  < text ${word} {}`, `  alive ${word} 1s`];

// ---- TextMate ----

const grammar = JSON.parse(read(root, "packaging/textmate/wst.tmLanguage.json"));
const flat = (patterns) => patterns.flatMap((p) => !p.include ? [p]
  : flat([].concat(grammar.repository[p.include.slice(1)].patterns ?? grammar.repository[p.include.slice(1)])));
const top = flat(grammar.patterns);
const compiled = new Map();
const regexp = (source) => {
  if (!compiled.has(source)) compiled.set(source, new RegExp(source, "dg"));
  return compiled.get(source);
};

// The scope of each character of a line, or "".
function scopes(line) {
  const result = new Array(line.length).fill("");
  const paint = (scope, [from, to] = [0, 0]) => { if (scope) result.fill(scope, from, to); };
  for (let at = 0, inside = null; at < line.length;) {
    let best = null;
    for (const pattern of inside ? flat(inside.patterns) : top) {
      const r = regexp(pattern.match ?? pattern.begin);
      r.lastIndex = at;
      const match = r.exec(line);
      if (match && match[0] && (!best || match.index < best.match.index)) best = { match, pattern };
    }
    if (inside) {
      const end = regexp(inside.end);
      end.lastIndex = at;
      const match = end.exec(line);
      if (match && (!best || match.index <= best.match.index)) {
        paint(inside.name, [at, match.index + match[0].length]);
        at = match.index + match[0].length;
        inside = null;
        if (!match[0]) break;
        continue;
      }
    }
    if (!best) break;
    const { match, pattern } = best;
    paint(inside?.name, [at, match.index]);
    paint(pattern.name, match.indices[0]);
    for (const [group, capture] of Object.entries(pattern.captures ?? {})) paint(capture.name, match.indices[group]);
    at = match.index + match[0].length;
    if (pattern.begin) inside = pattern;
  }
  return result;
}

const special = /^(keyword|storage|support|constant\.language|variable\.parameter)/;

test("the parser's words are found", () => {
  const words = keywords();
  assert.ok(words.length >= 60, `${words.length} words`);
  for (const word of ["case", "title", "alive", "refused", "warn", "opcode", "hex", "tls"]) assert.ok(words.includes(word), word);
});

test("the TextMate grammar knows every word", () => {
  const unknown = keywords().filter((word) => !places(word).some((line) => {
    const at = line.indexOf(word);
    return scopes(line).slice(at, at + word.length).every((scope) => special.test(scope));
  }));
  assert.deepEqual(unknown, []);
  const line = "  nonsense 1s";
  assert.ok(!scopes(line).some((scope) => special.test(scope)), "and no other");
});

test("the TextMate grammar colours the corpus", () => {
  let lines = 0;
  for (const name of readdirSync(join(root, "corpus/cases")).filter((n) => n.endsWith(".wst"))) {
    for (const line of read(root, "corpus/cases", name).split("\n")) {
      const arrow = /^\s+\w*[<>] /.exec(line);
      if (!arrow) continue;
      lines++;
      assert.match(scopes(line)[arrow[0].length - 2], /arrow/, `${name}: ${line}`);
    }
  }
  assert.ok(lines > 1000);
  const [comment] = [scopes('  < close  # "why"')];
  assert.match(comment.at(-1), /comment/);
  assert.match(scopes('  > text "a # b"').at(-2), /string/);
});

// ---- Vim ----

const vim = (() => {
  try {
    return /\+syntax/.test(execFileSync("vim", ["--version"], { encoding: "utf8" }));
  } catch {
    return false;
  }
})();

test("the Vim syntax names every word", () => {
  const source = read(root, "packaging/vim/syntax/wst.vim").replace(/^\s*".*$/gm, "").replaceAll("\\/", "/").replaceAll("1\\.[01]", "1.0 HTTP/1.1");
  const missing = keywords().filter((word) => !new RegExp(`(^|[^A-Za-z])${word.replace(".", "\\.")}($|[^A-Za-z])`, "m").test(source));
  assert.deepEqual(missing, []);
});

test("Vim knows every word", { skip: vim ? false : "no Vim with +syntax" }, () => {
  const dir = mkdtempSync(join(tmpdir(), "wsproof-vim-"));
  const words = keywords();
  const samples = words.flatMap((word) => places(word).map((line) => ({ word, line })));
  writeFileSync(join(dir, "x.wst"), samples.map((s) => s.line).join("\n") + "\n");
  writeFileSync(join(dir, "x.vim"), [
    `set nocompatible runtimepath^=${join(root, "packaging/vim")}`, "syntax on", `edit ${join(dir, "x.wst")}`,
    "let out = [&filetype]",
    ...samples.map((s, i) => `call add(out, synIDattr(synID(${i + 1}, ${s.line.indexOf(s.word) + 1}, 1), 'name'))`),
    `call writefile(out, '${join(dir, "out")}')`, "qall!"].join("\n"));
  execFileSync("vim", ["-es", "-N", "-u", "NONE", "-S", join(dir, "x.vim")], { stdio: "ignore", timeout: 30000 });
  const [filetype, ...names] = read(dir, "out").trimEnd().split("\n");
  rmSync(dir, { recursive: true });
  assert.equal(filetype, "wst");
  const known = new Set(samples.filter((s, i) => /^wst(?!Field|String|Variable|Number|Comment|Title|Case$)/.test(names[i] ?? "")).map((s) => s.word));
  assert.deepEqual(words.filter((word) => !known.has(word)), []);
});
