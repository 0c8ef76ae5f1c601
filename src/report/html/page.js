"use strict";
(() => {
  const form = document.getElementById("filter");
  const list = document.getElementById("rows");
  if (!form || !list) return;
  form.hidden = false;
  const rows = [...list.children];
  const count = document.getElementById("count");
  const search = document.getElementById("search");
  const sort = document.getElementById("sort");
  const facets = [...form.querySelectorAll("select[data-facet]")];
  let texts = null;
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !texts) texts = rows.map((row) => row.textContent.toLowerCase());
    const chosen = facets.filter((one) => one.value).map((one) => [one.dataset.facet, one.value]);
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = chosen.every(([facet, value]) => row.dataset[facet] === value)
        && words.every((word) => texts[at].includes(word));
      if (row.hidden === fits) row.hidden = !fits;
      if (fits) shown += 1;
    });
    count.textContent = `${shown} of ${rows.length} shown`;
  };
  const order = () => {
    const key = sort.value;
    const keyed = rows.map((row, at) => [key ? row.dataset[key] : "", at, row]);
    const compare = new Intl.Collator().compare;
    keyed.sort((a, b) => compare(a[0], b[0]) || a[1] - b[1]);
    // Out of the page meanwhile: it is laid out once, not for each row.
    const mark = document.createComment("");
    list.replaceWith(mark);
    for (const [, , row] of keyed) list.append(row);
    mark.replaceWith(list);
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  for (const one of facets) one.addEventListener("change", apply);
  sort.addEventListener("change", order);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("reset", () => setTimeout(() => { apply(); order(); }));
  document.getElementById("unfold").addEventListener("click", (event) => {
    const open = event.target.getAttribute("aria-pressed") !== "true";
    event.target.setAttribute("aria-pressed", String(open));
    for (const row of rows) if (!row.hidden) row.firstElementChild.open = open;
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = rows.map((row) => row.firstElementChild).filter((one) => !one.open);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
  apply();
})();
