// The page reads whole without this script; it builds what is opened, filters, searches, copies, and opens
// what an address points at.  It stays free of the two characters that XML would read as markup.
(function () {
  "use strict";
  const all = function (selector, from) { return Array.from((from || document).querySelectorAll(selector)); };
  const get = function (id) { return document.getElementById(id); };
  const cases = all(".case");
  const sections = all(".section");
  const suites = all(".suite");
  const chips = all(".chip");
  const search = get("search");
  const suite = get("suite");
  const section = get("section");
  const wanted = new Set();
  const was = new Map(); // which sections were open before a filter opened them

  // ---- what is folded is built when it is opened ----

  // Its markup is in a noscript element, which is one text to a browser that runs scripts.
  function build(details) {
    const folded = details.querySelector(":scope > noscript");
    if (!folded) return;
    const inside = document.createElement("template");
    inside.innerHTML = folded.textContent;
    offerCopies(inside.content);
    folded.replaceWith(inside.content);
  }

  // ---- copying ----

  function oldCopy(pre) {
    const range = document.createRange();
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  }

  function copy(button, pre) {
    const say = function (done) {
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(function () { button.textContent = "Copy"; }, 1500);
    };
    if (!navigator.clipboard) say(oldCopy(pre));
    else navigator.clipboard.writeText(pre.textContent).then(function () { say(true); }, function () { say(oldCopy(pre)); });
  }

  function offerCopies(from) {
    all("pre.copied", from).forEach(function (pre) {
      const box = document.createElement("div");
      const button = document.createElement("button");
      box.className = "copybox";
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.setAttribute("aria-live", "polite");
      button.addEventListener("click", function () { copy(button, pre); });
      pre.replaceWith(box);
      box.append(pre, button);
    });
  }

  // ---- choosing cases ----

  const facts = cases.map(function (c) {
    const ids = c.dataset.words.split(" ").filter(Boolean);
    const places = ids.filter(function (id) { return /^\d{4}-.*-\d+$/.test(id); })
      .map(function (id) { return id.replace(/-\d+$/, ""); });
    return {
      node: c,
      words: (c.firstElementChild.textContent + " " + c.dataset.words).toLowerCase(),
      suite: c.closest(".suite").firstElementChild.textContent,
      places: new Set(places),
    };
  });

  function offer(select, values, name) {
    const count = new Map();
    values.forEach(function (value) { count.set(value, (count.get(value) || 0) + 1); });
    const order = new Intl.Collator("en", { numeric: true }).compare;
    Array.from(count.keys()).sort(order).forEach(function (value) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = name(value) + " (" + count.get(value) + ")";
      select.append(option);
    });
  }

  function matches(fact, terms) {
    const c = fact.node;
    const verdict = wanted.size === 0 || wanted.has(c.dataset.verdict) ||
      (wanted.has("unexpected") ? c.hasAttribute("data-unexpected") : false);
    if (!verdict) return false;
    if (suite.value ? suite.value !== fact.suite : false) return false;
    if (section.value ? !fact.places.has(section.value) : false) return false;
    return terms.every(function (t) { return fact.words.includes(t); });
  }

  function unfold(active) {
    sections.forEach(function (s) {
      if (active) {
        if (!was.has(s)) was.set(s, s.open);
        s.open = true;
      } else if (was.has(s)) {
        s.open = was.get(s);
        was.delete(s);
      }
    });
  }

  function filter() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const active = wanted.size + terms.length !== 0 || suite.value !== "" || section.value !== "";
    let found = 0;
    facts.forEach(function (fact) {
      const show = matches(fact, terms);
      fact.node.hidden = !show;
      if (show) found++;
    });
    suites.concat(sections).forEach(function (s) { s.hidden = !s.querySelector(".case:not([hidden])"); });
    unfold(active);
    get("none").hidden = found !== 0 || cases.length === 0;
    get("reset").hidden = !active;
    get("found").textContent = active ? found + " of " + cases.length + " cases" : "";
  }

  function press(chip) {
    const name = chip.dataset.show;
    const on = !wanted.has(name);
    if (on) wanted.add(name); else wanted.delete(name);
    chip.setAttribute("aria-pressed", String(on));
    filter();
  }

  function reset() {
    wanted.clear();
    chips.forEach(function (chip) { chip.setAttribute("aria-pressed", "false"); });
    search.value = suite.value = section.value = "";
    filter();
  }

  // ---- going about ----

  // #case-5.1/unmasked-text opens that case and what it is folded into.
  function follow() {
    const c = get(location.hash.slice(1));
    if (!c) return;
    if (!c.classList.contains("case")) return;
    if (c.hidden) reset();
    c.closest(".section").open = true;
    build(c);
    c.open = true;
    c.scrollIntoView();
    c.firstElementChild.focus({ preventScroll: true });
  }

  function step(forth) {
    const seen = cases.filter(function (c) { return !c.hidden ? c.closest(".section").open : false; });
    const here = document.activeElement ? seen.indexOf(document.activeElement.closest(".case")) : -1;
    const next = seen[here === -1 ? 0 : here + (forth ? 1 : -1)];
    if (next) next.firstElementChild.focus();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      reset();
      search.blur();
    } else if (/^(INPUT|SELECT)$/.test(event.target.tagName)) {
      return;
    } else if (event.key === "/") {
      search.focus();
      event.preventDefault();
    } else if (event.key === "j" || event.key === "k") {
      step(event.key === "j");
    }
  }

  // On paper, what went wrong is unfolded.
  let opened = [];
  addEventListener("beforeprint", function () {
    cases.forEach(function (c) {
      if (c.open) return;
      if (!c.hasAttribute("data-unexpected")) if (c.dataset.verdict !== "fail") return;
      build(c);
      c.open = true;
      opened.push(c);
    });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (c) { c.open = false; });
    opened = [];
  });

  // ---- at the start ----

  function showSection(part) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "filter";
    button.textContent = "Show its cases";
    button.addEventListener("click", function () {
      reset();
      section.value = part.dataset.section;
      filter();
      get("cases").scrollIntoView();
      section.focus({ preventScroll: true });
    });
    if (Array.from(section.options).some(function (o) { return o.value === part.dataset.section; })) {
      part.append(button);
    }
  }

  addEventListener("toggle", function (event) {
    if (!event.target.open) return;
    build(event.target);
    if (event.target.matches(".part:not(:has(> .filter))")) showSection(event.target);
  }, true);
  chips.forEach(function (chip) {
    chip.disabled = false;
    chip.addEventListener("click", function () { press(chip); });
  });
  offer(suite, facts.map(function (f) { return f.suite; }), function (value) { return value; });
  offer(section, facts.flatMap(function (f) { return Array.from(f.places); }), function (value) {
    return "RFC " + value.replace("-", " § ");
  });
  offerCopies(document);
  document.querySelector(".choose").hidden = false;
  document.querySelector(".keys").hidden = false;
  get("reset").addEventListener("click", reset);
  [suite, section].forEach(function (s) { s.addEventListener("change", filter); });
  search.addEventListener("input", filter);
  addEventListener("keydown", key);
  addEventListener("hashchange", follow);
  follow();
})();
