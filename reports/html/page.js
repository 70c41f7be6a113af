// The page reads whole without this script; it filters, searches, and opens what an address points at.
// It stays free of the two characters that XML would read as markup.
(function () {
  "use strict";
  const cases = Array.from(document.querySelectorAll(".case"));
  const sections = Array.from(document.querySelectorAll(".section"));
  const chips = Array.from(document.querySelectorAll(".chip"));
  const search = document.getElementById("search");
  const none = document.getElementById("none");
  const wanted = new Set();
  const words = new Map();
  const was = new Map(); // which sections were open before a filter opened them

  function text(c) {
    if (!words.has(c)) words.set(c, c.firstElementChild.textContent.toLowerCase());
    return words.get(c);
  }

  function shows(c) {
    if (wanted.size === 0) return true;
    if (wanted.has(c.dataset.verdict)) return true;
    return wanted.has("unexpected") ? c.hasAttribute("data-unexpected") : false;
  }

  function filter() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const active = wanted.size + terms.length !== 0;
    let found = 0;
    cases.forEach(function (c) {
      const show = shows(c) ? terms.every(function (t) { return text(c).includes(t); }) : false;
      c.hidden = !show;
      if (show) found++;
    });
    document.querySelectorAll(".suite").forEach(function (s) {
      s.hidden = !s.querySelector(".case:not([hidden])");
    });
    sections.forEach(function (s) {
      s.hidden = !s.querySelector(".case:not([hidden])");
      if (active) {
        if (!was.has(s)) was.set(s, s.open);
        s.open = true;
      } else if (was.has(s)) {
        s.open = was.get(s);
        was.delete(s);
      }
    });
    none.hidden = found !== 0 || cases.length === 0;
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
    search.value = "";
    filter();
  }

  // #case-5.1/unmasked-text opens that case and what it is folded into.
  function follow() {
    const c = document.getElementById(location.hash.slice(1));
    if (!c) return;
    if (!c.classList.contains("case")) return;
    if (c.hidden) reset();
    c.closest(".section").open = true;
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
    const typing = event.target === search;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      reset();
      search.blur();
    } else if (typing) {
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
    opened = cases.filter(function (c) {
      if (c.open) return false;
      return c.hasAttribute("data-unexpected") || c.dataset.verdict === "fail";
    });
    opened.forEach(function (c) { c.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (c) { c.open = false; });
  });

  chips.forEach(function (chip) {
    chip.disabled = false;
    chip.addEventListener("click", function () { press(chip); });
  });
  search.closest(".search").hidden = false;
  search.addEventListener("input", filter);
  addEventListener("keydown", key);
  addEventListener("hashchange", follow);
  follow();
})();
