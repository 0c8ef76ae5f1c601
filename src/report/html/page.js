"use strict";
(() => {
  const PAGE = 200;
  const at = (id) => document.getElementById(id);
  const [list, bar, count, search, sort, more, unfold] =
    ["rows", "filter", "count", "search", "sort", "more", "unfold"].map(at);
  if (!list || !bar) return;
  const facets = [...bar.querySelectorAll("[data-facet]")];
  // A row is an element, or the markup of one, which is made an element when it is first looked at. It was escaped as
  // all of this page was, and the page's policy lets nothing in it run.
  const rows = Array.from(list.querySelectorAll(":scope > div, :scope > noscript"), (source) => (
    { source, element: source.localName === "noscript" ? null : source, text: null }));
  const element = (row) => {
    if (!row.element) {
      const made = document.createElement("template");
      made.innerHTML = row.source.textContent;
      row.element = made.content.firstElementChild;
    }
    return row.element;
  };
  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const lower = (text) => text.toLowerCase();
  // The text of a row as its markup has it: a search has to read it all.
  const text = (row) => row.text ??= lower((row.element ? row.element.innerHTML : row.source.textContent)
    .replace(/<[^>]*>/g, "\n").replaceAll("&quot;", '"').replaceAll("&#39;", "'"));
  const value = (row, key) => row.source.getAttribute(`data-${key}`);
  const total = count.textContent;
  let fitting = rows;
  let limit = PAGE;
  let open = false;
  const show = () => {
    const shown = fitting.slice(0, limit).map(element);
    if (open) for (const one of shown) for (const part of one.querySelectorAll("details")) part.open = true;
    list.replaceChildren(...shown);
    more.hidden = shown.length === fitting.length;
    more.textContent = `Show ${Math.min(PAGE, fitting.length - shown.length)} more of ${fitting.length - shown.length}`;
    const fit = fitting.length === rows.length ? total : `${fitting.length} of ${total}`;
    count.textContent = shown.length === fitting.length ? fit : `${fit}, the first ${shown.length} listed`;
  };
  const apply = () => {
    const words = lower(search.value).split(/\s+/).filter(Boolean)
      .map((word) => word.replace(/[&<>]/g, (char) => escapes[char]));
    const tests = facets.filter((one) => one.value).map((one) => {
      const [key, wanted] = [one.dataset.facet, one.value];
      if (one.dataset.part === undefined) return (row) => value(row, key) === wanted;
      const part = lower(wanted);
      return (row) => lower(value(row, key)).includes(part);
    });
    if (words.length) tests.push((row) => words.every((word) => text(row).includes(word)));
    fitting = rows.filter((row) => tests.every((test) => test(row)));
    const key = sort.value;
    if (key) {
      const { compare } = new Intl.Collator(undefined, { numeric: true });
      const values = [...new Set(fitting.map((row) => value(row, key)))].sort(compare);
      const ranks = new Map(values.map((one, rank) => [one, rank]));
      const keyed = fitting.map((row) => [ranks.get(value(row, key)), row]);
      fitting = keyed.sort((a, b) => a[0] - b[0]).map((one) => one[1]);
    }
    limit = PAGE;
    show();
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  };
  for (const one of [search, ...facets]) one.addEventListener(one.localName === "input" ? "input" : "change", soon);
  sort.addEventListener("change", apply);
  at("reset").addEventListener("click", () => {
    for (const one of [search, sort, ...facets]) one.value = "";
    apply();
  });
  more.addEventListener("click", () => {
    const before = limit;
    limit += PAGE;
    show();
    list.children[before]?.querySelector("summary").focus();
  });
  unfold.addEventListener("click", () => {
    open = !open;
    unfold.setAttribute("aria-pressed", String(open));
    for (const one of list.children) for (const part of one.querySelectorAll("details")) part.open = open;
  });
  let closed = [];
  let before = PAGE;
  addEventListener("beforeprint", () => {
    before = limit;
    limit = Infinity;
    show();
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
    limit = before;
    show();
  });
  bar.hidden = false;
  at("held")?.remove();
  show();
})();
