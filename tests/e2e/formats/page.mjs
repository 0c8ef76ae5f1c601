// Opens HTML reports in a headless Chromium: hostile text stays text, nothing is loaded, keyboard and accessibility
// work, 10,000 findings are quick, and pictures are taken to be looked at. Usage: node page.mjs FOLDER PICTURES
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith("file:")) faults.push(request.url()); });
  const begin = performance.now();
  await page.goto(`file://${folder}/${name}`, { waitUntil: "load" });
  if (options.javaScriptEnabled !== false) {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }
  return { page, faults, opened: performance.now() - begin, context };
}
const shown = (page) => page.evaluate(() => document.querySelectorAll("#rows > [role=listitem]").length);
/** Once the list is as the filter says. */
const settled = (page) => page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(done), 200)));

for (const name of ["scan.html", "clean.html", "both.html", "inventory.html", "inventories.html"]) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, faults, context } = await open(name, { colorScheme });
    assert.match(await page.title(), /^debar: /);
    assert.deepEqual(faults, [], name);
    assert.equal(await page.locator("script").count(), 1, `${name}: only the page's own script`);
    assert.equal(await page.locator("img").count(), 0);
    await page.locator("#unfold").click();
    const foreign = await context.newCDPSession(page);
    // The policy forbids it to the page, not to the protocol of the debugger.
    await foreign.send("Runtime.evaluate", { expression: axe });
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    assert.deepEqual(violations.map((one) => [one.id, one.nodes.slice(0, 2).map((node) => node.html)]), [], `${name} ${colorScheme}`);
    await context.close();
  }
}
console.log("formats: html: nothing runs or loads, axe-core finds nothing, light and dark");

{
  const { page, context } = await open("scan.html");
  for (const [scheme, file] of [["light", "light.png"], ["dark", "dark.png"]]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${pictures}/${file}` });
  }
  // By keyboard alone: past the link that skips, to the search field, filter, then close and open a finding. So few are
  // open from the start.
  await page.emulateMedia({ colorScheme: "light" });
  for (let at = 0; at < 20 && (await page.evaluate(() => document.activeElement.id)) !== "search"; at++) await page.keyboard.press("Tab");
  await page.keyboard.type("endpoint");
  await settled(page);
  assert.equal(await shown(page), 1);
  for (let at = 0; at < 20 && (await page.evaluate(() => document.activeElement.tagName)) !== "SUMMARY"; at++) await page.keyboard.press("Tab");
  for (const open of [0, 1]) {
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#rows details[open]").count(), open);
  }
  await page.screenshot({ path: `${pictures}/open.png` });
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.screenshot({ path: `${pictures}/print.png`, fullPage: true });
  assert.equal(await page.locator("details:not([open])").count(), 0, "print shows all");
  await context.close();
  const plain = await open("scan.html", { javaScriptEnabled: false });
  assert.equal(await plain.page.locator("#filter").isVisible(), false, "no control that does nothing");
  await plain.context.close();
  const narrow = await open("scan.html", { viewport: { width: 360, height: 800 } });
  const over = await narrow.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `a phone scrolls sideways by ${over}`);
  await narrow.page.screenshot({ path: `${pictures}/narrow.png` });
  await narrow.context.close();
}
console.log("formats: html: keyboard, print, without script, and on a phone");

{
  const { page, faults, opened, context } = await open("many.html");
  assert.deepEqual(faults, []);
  assert.match(await page.locator("#count").textContent(), /^10000 findings/);
  assert.equal(await page.locator("#held").count(), 0);
  const timed = async (act) => page.evaluate(async (act) => {
    const begin = performance.now();
    const set = (id, value, event) => { const one = document.getElementById(id); one.value = value; one.dispatchEvent(new Event(event)); };
    if (act === "search") { set("search", "host-1234", "input"); await new Promise((done) => setTimeout(done, 125)); }
    if (act === "reset") document.getElementById("reset").click();
    if (act === "sort") set("sort", "host", "change");
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - begin;
  }, act);
  const searched = await timed("search");
  assert.equal(await shown(page), 4);
  assert.equal(await page.locator("#count").textContent(), "4 of 10000 findings");
  await timed("reset");
  const sorted = await timed("sort");
  const hosts = await page.evaluate(() => [...document.querySelectorAll("#rows > * > details > summary")].map((one) => one.textContent.match(/host-(\d+)/)[1]));
  assert.deepEqual(hosts, [...hosts].sort());
  assert.equal(hosts[0], "0000");
  await page.locator("#more").click();
  assert.equal(await shown(page), 400);
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.parentElement === document.querySelectorAll("#rows > *")[200]), true);
  const size = readFileSync(`${folder}/many.html`).length;
  console.log(`formats: html of 10,000 findings (${(size / 1e6).toFixed(1)} MB): open ${opened.toFixed(0)} ms, ` +
    `filter ${searched.toFixed(0)} ms, sort ${sorted.toFixed(0)} ms`);
  await page.screenshot({ path: `${pictures}/many.png` });
  // Print takes every row that fits, folded or not, and afterwards the page is as it was.
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await shown(page), 10000);
  assert.equal(await page.locator("details:not([open])").count(), 0);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.equal(await shown(page), 400);
  await context.close();
  // Without a script every row is there; with one that is blocked, the page says what it holds back.
  const plain = await open("many.html", { javaScriptEnabled: false });
  assert.equal(await plain.page.locator("#rows [role=listitem]").count(), 10000);
  assert.equal(await plain.page.locator("#held").isVisible(), false);
  await plain.context.close();
  const page2 = readFileSync(`${folder}/many.html`, "utf8").replace(/script-src '[^']*'/, "script-src 'none'");
  writeFileSync(`${folder}/blocked.html`, page2);
  const blocked = await open("blocked.html");
  assert.equal(await blocked.page.locator("#held").isVisible(), true);
  assert.match(await blocked.page.locator("#held").textContent(), /9800 more/);
  await blocked.context.close();
}
console.log("formats: html of 10,000 findings: all rows in print and without scripts, and a blocked script is told");
await browser.close();
