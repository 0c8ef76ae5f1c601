// Opens a dashboard of a large fleet in a headless Chromium: quick to open and to filter, nothing loaded, accessible, usable
// by keyboard and on a phone; pictures are taken to be looked at.
// Usage: node page.mjs PAGE HOSTS PICTURES
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [page_, hosts, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => { if (!/^(file|about):/.test(request.url())) faults.push(request.url()); });
  // The browser's own start is not the page's.
  await page.goto("about:blank");
  const begin = performance.now();
  await page.goto(`file://${page_}`, { waitUntil: "load" });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return { page, faults, opened: performance.now() - begin, context };
}
const number = (text) => Number(text.replace(/[^0-9]/g, ""));
const rows = (page) => page.evaluate(() => document.querySelectorAll("#hosts tr").length);

const { page, faults, opened, context } = await open();
assert.deepEqual(faults, []);
assert.equal(number((await page.locator("#count").textContent()).split(" ")[0]), Number(hosts));
assert.ok((await page.locator("#sentence").textContent()).includes(" hosts "), "no sentence");
assert.ok(readFileSync(page_).length <= 25e6, "the page is too large");
assert.ok((await rows(page)) <= 200, "no page has a row for each of many hosts");
/** Types a filter as people do, and says how long the page took, in milliseconds. */
const filtered = (text) => page.evaluate(async (text) => {
  const field = document.getElementById("q");
  const begin = performance.now();
  field.value = text;
  field.dispatchEvent(new Event("input"));
  await new Promise((done) => setTimeout(done, 0));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - begin;
}, text);
const searched = await filtered("host-00123");
// Ten have such names; the reports of some may be among the damaged ones.
const ten = await rows(page);
assert.ok(ten > 5 && ten <= 10, `${ten} rows`);
await filtered("");
const tile = await page.evaluate(async () => {
  const begin = performance.now();
  document.querySelector("#tiles button.found").click();
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - begin;
});
assert.equal(number((await page.locator("#count").textContent()).split(" ")[0]), number(await page.locator("#tiles button.found b").textContent()));
console.log(`fleet: dashboard of ${hosts} hosts (${(readFileSync(page_).length / 1e6).toFixed(1)} MB): open ${opened.toFixed(0)} ms, ` +
  `filter ${searched.toFixed(0)} ms, tile ${tile.toFixed(0)} ms`);
for (const [what, took] of [["open", opened], ["filter", searched], ["tile", tile]]) assert.ok(took < 3000, `${what}: ${took} ms`);
for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  await page.screenshot({ path: `${pictures}/fleet-${colorScheme}.png`, fullPage: colorScheme === "dark" });
  const session = await context.newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map((one) => [one.id, one.nodes.slice(0, 2).map((node) => node.html)]), [], colorScheme);
}
// A row opens what there is to know and do; the filter and the open row are in the address, and come back with it.
await page.locator("#hosts .name").first().click();
assert.equal(await page.locator("#hosts .more").count(), 1);
assert.ok((await page.locator("#hosts .more code").textContent()).startsWith("debar "));
const address = page.url();
assert.match(address, /#.*status=found.*host=/);
const again = await context.newPage();
await again.goto(address);
assert.equal(await again.locator("#hosts .more").count(), 1);
assert.equal(await again.locator("#count").textContent(), await page.locator("#count").textContent());
await again.screenshot({ path: `${pictures}/fleet-open.png` });
await again.close();
await page.locator("#clear").click();
assert.equal(new URL(page.url()).hash, "");
// By keyboard: the first tile is reached and pressed.
await page.reload();
await page.keyboard.press("Tab");
assert.equal(await page.evaluate(() => document.activeElement.tagName), "BUTTON");
await context.close();
const narrow = await open({ viewport: { width: 390, height: 844 } });
await narrow.page.screenshot({ path: `${pictures}/fleet-narrow.png` });
const over = await narrow.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
assert.ok(over <= 0, `a phone scrolls sideways by ${over}`);
await narrow.context.close();
console.log("fleet: dashboard: nothing loads, axe-core finds nothing in light and dark, keyboard, phone");
await browser.close();
