// node --test page.test.mjs - the HTML report in a browser: what it answers, that it can be used by hand,
// by keys and by a screen reader, and that nothing in it acts or leaves.
//
// WSPROOF is the program.  Pages: the sample run of the writers' goldens, whose strings are hostile; a run
// against a peer that breaks one rule; and the same made up to 1000 cases, if the run has fewer.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { strict as assert } from "node:assert";
import { chromium } from "playwright-core";

const wsproof = resolve(process.env.WSPROOF);
const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const work = mkdtempSync(join(tmpdir(), "wsproof-page-"));
const pages = { sample: join(work, "sample.html"), run: join(work, "run.html"), big: join(work, "big.html") };
const journal = join(work, "run.jsonl");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

// A run of some failures exits with 1.
function program(...args) {
  try {
    execFileSync(wsproof, args, { stdio: "ignore", timeout: 240000 });
  } catch (error) {
    if (error.status !== 1) throw error;
  }
}

function makePages() {
  writeFileSync(pages.sample, readFileSync(join(here, "../sample.html.golden")));
  program("run", "--spawn", `'${wsproof}' peer --mutant accept-unmasked --port {port}`, "--seed", "7",
    "--journal", journal, "--report", `html=${pages.run}`);
  const lines = readFileSync(journal, "utf8").trimEnd().split("\n");
  const cases = lines.slice(1, -1);
  const more = Array.from({ length: Math.max(1000 - cases.length, 0) }, (_, i) =>
    JSON.stringify({ ...JSON.parse(cases[i % cases.length]), id: `again/${i}` }));
  const big = join(work, "big.jsonl");
  writeFileSync(big, [lines[0], ...cases, ...more, lines.at(-1)].join("\n") + "\n");
  program("report", big, "--report", `html=${pages.big}`);
}

let browser;
before(async () => {
  makePages();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags });
}, { timeout: 300000 });
after(async () => {
  await browser?.close();
  rmSync(work, { recursive: true, force: true });
});

// Opens a page, and holds at the end that it said nothing, asked for nothing and opened nothing.
async function visit(name, options, use, hash = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const url = `file://${pages[name]}`;
  const strange = [];
  const page = await context.newPage();
  page.on("console", (message) => strange.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => strange.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { strange.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  context.on("page", (other) => strange.push(`window: ${other.url()}`));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== url) strange.push(`request: ${request.url().slice(0, 200)}`);
  });
  try {
    await page.goto(url + hash);
    await use(page, context);
    assert.deepEqual(strange, []);
  } finally {
    await context.close();
  }
}

const shown = (page) => page.evaluate(() => Array.from(document.querySelectorAll(".case:not([hidden])"), (c) => c.id));
const openAll = (page) => page.evaluate(() => {
  for (let shut; (shut = document.querySelectorAll("details:not([open])")).length > 0;) {
    for (const d of shut) { d.open = true; d.dispatchEvent(new Event("toggle")); }
  }
});
const widest = (page) => page.evaluate(() => document.documentElement.scrollWidth);

test("the first screen answers: may it ship, what broke, which requirement, what now", () =>
  visit("run", {}, async (page) => {
    const inView = (selector) => page.locator(selector).first().evaluate((e) => e.getBoundingClientRect().bottom <= innerHeight);
    assert.equal(await page.locator(".gate strong").textContent(), "No");
    assert.match(await page.locator(".gate p").textContent(), /\d+ cases? went wrong.*\d+ MUST/);
    const breach = page.locator(".breach").first();
    assert.match(await breach.textContent(), /unmasked client frame.*RFC 6455, section 5.1.*MUST/s);
    assert.match(await page.locator(".now .copied").first().textContent(), /--only '5\.1\//);
    for (const selector of [".gate strong", ".gate p", ".breach", ".now li"]) assert.ok(await inView(selector), selector);
  }));

test("a mended run says yes", () => {
  program("report", journal, "--report", `html=${join(work, "yes.html")}`, "--expect", (() => {
    const expect = join(work, "expect.txt");
    const cases = readFileSync(journal, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
    const bad = cases.filter((c) => c.type === "case" && /fail|warn|flaky|error/.test(c.verdict));
    writeFileSync(expect, bad.map((c) => `${c.id} ${c.verdict}  # known\n`).join(""));
    return expect;
  })());
  pages.yes = join(work, "yes.html");
  return visit("yes", {}, async (page) => {
    assert.equal(await page.locator(".gate strong").textContent(), "Yes");
    assert.match(await page.locator(".gate p").textContent(), /Nothing is unexpected.*agreed to/);
    assert.equal(await page.locator(".chip.unexpected").count(), 0);
  });
});

test("cases are chosen by verdict, suite, section and words", () =>
  visit("run", {}, async (page) => {
    const all = (await shown(page)).length;
    assert.ok(all > 600);
    await page.locator(".chip.fail").click();
    const failed = await shown(page);
    assert.equal(failed.length, Number(await page.locator(".chip.fail b").textContent()));
    assert.ok(failed.includes("case-5.1/unmasked-text"));
    assert.match(await page.locator("#found").textContent(), new RegExp(`^${failed.length} of ${all} cases`));
    assert.equal(await page.locator(".chip.fail").getAttribute("aria-pressed"), "true");
    await page.locator(".chip.pass").click();
    assert.ok((await shown(page)).length > failed.length);
    await page.locator("#reset").click();
    assert.equal((await shown(page)).length, all);

    await page.locator("#suite").selectOption("5.1");
    const suite = await shown(page);
    assert.ok(suite.length > 0);
    assert.ok(suite.every((id) => id.startsWith("case-5.1/")));
    await page.keyboard.press("Escape");

    await page.locator("#section").selectOption("6455-5.1");
    const section = await shown(page);
    assert.ok(section.includes("case-5.1/unmasked-text"));
    assert.ok(section.length < all);
    await page.locator("#reset").click();

    await page.locator("#search").fill("6455-5.1-3 UNMASKED ping");
    assert.deepEqual(await shown(page), ["case-5.1/unmasked-ping"]);
    await page.locator("#search").fill("no such words");
    assert.deepEqual(await shown(page), []);
    assert.ok(await page.locator("#none").isVisible());
    await page.keyboard.press("Escape");
    assert.equal((await shown(page)).length, all);
  }));

test("a section of an RFC shows its requirements, and its cases", () =>
  visit("run", {}, async (page) => {
    const part = page.locator('.part[data-section="6455-5.1"]');
    await page.locator(".rfc > summary").first().click();
    await part.locator("summary").click();
    assert.match(await part.locator(".rows").textContent(), /broken.*unmasked client frame/s);
    await part.getByRole("button", { name: "Show its cases" }).click();
    assert.equal(await page.locator("#section").inputValue(), "6455-5.1");
    assert.ok((await shown(page)).includes("case-5.1/unmasked-text"));
  }));

test("an address opens its case, with the sentence, both texts, the bytes and the command", () =>
  visit("run", {}, async (page) => {
    const c = page.locator('[id="case-5.1/unmasked-text"]');
    assert.equal(await c.getAttribute("open"), "");
    const box = await c.boundingBox();
    assert.ok(box.y >= 0 && box.y < 300, `at ${box.y}`);
    assert.match(await c.locator(".law").first().textContent(), /RFC 6455, section 5\.1 MUST The server closes/);
    assert.match(await c.locator("dl").first().textContent(), /Expected.*Saw.*To mend it/s);
    assert.match(await c.locator(".texts > div:first-child mark").textContent(), /< fail 1002/);
    assert.match(await c.locator(".texts > div:last-child mark").textContent(), /< text "unmasked text"/);
    await c.locator(".bytes > summary").click();
    const wire = await c.locator(".wire").allTextContents();
    assert.match(wire[0], /^GET \/ HTTP\/1\.1\\r\\n\nHost/);
    assert.match(wire[2], /^81 +1\.\.\. \.\.\.\. +FIN +1.*\n +\.000 .*RSV +0\n.*opcode +1, text\n0d +0\.\.\. .*MASK +0, not masked\n/);
    await page.evaluate(() => { location.hash = "#case-5.1/unmasked-ping"; });
    await page.locator('[id="case-5.1/unmasked-ping"][open] .body').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), "case-5.1/unmasked-ping");
  }, "#case-5.1/unmasked-text"));

test("an address opens a case that a filter hides", () =>
  visit("run", {}, async (page) => {
    await page.locator(".chip.skip").click();
    await page.locator(".breach a.id").first().click();
    await page.locator(".case[open] .body").first().waitFor();
    assert.equal(await page.locator(".case[open]").first().isVisible(), true);
  }));

test("a button copies the command", () =>
  visit("run", { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    const c = page.locator('[id="case-5.1/unmasked-text"]');
    await c.getByRole("button", { name: "Copy" }).click();
    await c.getByRole("button", { name: "Copied" }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(text, await c.locator(".copied").textContent());
    assert.match(text, /^wsproof run .*--seed 7 --only '5\.1\/unmasked-text'$/);
  }, "#case-5.1/unmasked-text"));

test("keys lead through the page", () =>
  visit("run", {}, async (page) => {
    const focused = () => page.evaluate(() => (document.activeElement.closest(".case") || document.activeElement).id);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Jump to the cases");
    await page.keyboard.press("/");
    assert.equal(await focused(), "search");
    await page.keyboard.type("j unmasked");
    assert.equal(await page.locator("#search").inputValue(), "j unmasked");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    const first = await focused();
    await page.keyboard.press("j");
    assert.notEqual(await focused(), first);
    await page.keyboard.press("k");
    assert.equal(await focused(), first);
    await page.keyboard.press("Enter");
    await page.locator(".case[open] .body").waitFor();
  }));

test("1000 cases are there at once: what is folded is built when it is opened", (t) =>
  visit("big", {}, async (page, context) => {
    const count = () => page.evaluate(() => document.getElementsByTagName("*").length);
    const before = await count();
    const cases = (await shown(page)).length;
    assert.ok(cases >= 1000, `${cases} cases`);
    assert.ok(before < cases * 15, `${before} elements`);
    assert.equal(await page.locator(".body").count(), 0);
    const ms = await page.evaluate(() => Math.round(performance.getEntriesByType("navigation")[0].loadEventEnd));
    // The time of the page's own thread: a busy machine does not make it longer.
    const cdp = await context.newCDPSession(page);
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.reload();
    const { metrics } = await cdp.send("Performance.getMetrics");
    const cpu = Math.round(1000 * metrics.find((m) => m.name === "TaskDuration").value);
    assert.ok(cpu > 0 && cpu < cases, `${cpu} ms`);
    await openAll(page);
    assert.equal(await page.locator(".body").count(), cases);
    assert.ok(await count() > before * 3, "nothing was saved");
    t.diagnostic(`${cases} cases: loaded in ${ms} ms (${cpu} ms of processor), ${before} elements, ${await count()} with all open`);
  }));

test("hostile strings are text", () =>
  visit("sample", {}, async (page) => {
    await openAll(page);
    const found = await page.evaluate(() => ({
      tags: Array.from(new Set(Array.from(document.querySelectorAll("body *"), (e) => e.localName))),
      handlers: Array.from(document.querySelectorAll("*"), (e) => e.getAttributeNames()).flat().filter((n) => n.startsWith("on") || n === "style"),
      scripts: document.scripts.length,
      links: Array.from(document.querySelectorAll("[href]"), (e) => e.getAttribute("href"))
        .filter((h) => !/^(#|https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+#section-|data:image\/svg\+xml,)/.test(h)),
      text: document.body.textContent,
    }));
    assert.deepEqual(found.tags.filter((tag) => /^(img|iframe|object|embed|form|base|meta|link|style|title|textarea|bob|i|gone)$/.test(tag)), []);
    assert.deepEqual(found.handlers, []);
    assert.equal(found.scripts, 1);
    assert.deepEqual(found.links, []);
    assert.ok(found.text.includes("<script>alert('1')</script>"));
    assert.ok(found.text.includes("\\x1b[31mred"));
    await page.locator("#search").fill("<script>alert");
    assert.ok((await shown(page)).length > 0);
  }));

for (const width of [360, 1280]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`${width} wide and ${colorScheme}: nothing sticks out`, () =>
      visit("sample", { viewport: { width, height: 800 }, colorScheme }, async (page) => {
        assert.ok(await widest(page) <= width);
        await openAll(page);
        assert.ok(await widest(page) <= width);
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
        assert.equal(paper[0] < 128, colorScheme === "dark");
      }));
  }
}

for (const [width, colorScheme] of [[360, "light"], [1280, "dark"]]) {
  test(`${width} wide and ${colorScheme}: axe finds nothing against it`, () =>
    visit("sample", { viewport: { width, height: 800 }, colorScheme, bypassCSP: true }, async (page) => {
      await openAll(page);
      await page.addScriptTag({ path: axe });
      const { violations, passes } = await page.evaluate(() => window.axe.run(document));
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), []);
      assert.ok(passes.some((rule) => rule.id === "color-contrast"));
    }));
}

test("on paper what went wrong is unfolded", () =>
  visit("run", {}, async (page) => {
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const failed = Number(await page.locator(".chip.fail b").textContent());
    assert.equal(await page.locator(".case[open] .body").count(), failed);
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator("#tools").isVisible(), false);
    assert.ok((await page.pdf({ format: "A4" })).length > 10000);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator(".case[open]").count(), 0);
  }));

test("without scripts everything is there", () =>
  visit("sample", { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator(".case .body").count(), await page.locator(".case").count());
    await page.locator('[id="case-5.1/unmasked-text"] > summary').click();
    assert.ok(await page.locator('[id="case-5.1/unmasked-text"] .texts').isVisible());
    assert.equal(await page.locator("#search").isVisible(), false);
  }));

// As docs/ci/jenkins.md has it: an archived file is served under this policy, unless there is a resource root URL.
test("under the policy of Jenkins it reads whole, but bare", async () => {
  const policy = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';";
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": policy });
    answer.end(readFileSync(pages.run));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = [], said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => said.push(error.message));
  page.on("console", (message) => said.push(message.text()));
  try {
    const url = `http://127.0.0.1:${server.address().port}/`;
    await page.goto(url);
    assert.equal(await page.locator(".gate strong").textContent(), "No");
    const cases = await page.locator(".case").count();
    assert.ok(cases > 500);
    assert.equal(await page.locator(".case .body").count(), cases);
    await page.locator('[id="case-5.1/unmasked-text"] > summary').click();
    assert.ok(await page.locator('[id="case-5.1/unmasked-text"] .texts').isVisible());
    assert.match(await page.locator('[id="case-5.1/unmasked-text"]').innerText(), /> text "unmasked text" mask=none/);
    // What the policy forbids did not happen, and nothing but that is complained of.
    assert.equal(await page.locator("body").evaluate((e) => getComputedStyle(e).maxWidth), "none");
    assert.deepEqual(asked, [url]);
    assert.deepEqual(said.filter((text) => !/Content Security Policy|sandboxed/.test(text)), []);
    assert.ok(said.some((text) => /script/i.test(text)) && said.some((text) => /style/i.test(text)), said.join("\n"));
  } finally {
    await context.close();
    server.close();
  }
});
