// budget.js FOLDER: fails when the page built there weighs more than it may: kB gzipped, first load and all in all.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_KB = 90;
const ALL_KB = 200;

const folder = `${process.argv[2]}/`;
const files = ["index.js", ...readdirSync(`${folder}assets`).map((name) => `assets/${name}`)];
const sizes = new Map(files.map((name) => [name, gzipSync(readFileSync(folder + name)).length / 1024]));

const imports = (name, seen = new Set()) => {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = readFileSync(folder + name, "utf8");
  for (const [, path] of text.matchAll(/(?:^|[;}])import\s*(?:[^"'()]*?from\s*)?["']\.\/([^"']+)["']/g)) {
    imports(name.startsWith("assets/") ? `assets/${path}` : path, seen);
  }
  return seen;
};
const first = [...imports("index.js"), ...files.filter((name) => /theme-.*\.css$/.test(name))];
const sum = (names) => names.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);

for (const name of files)
  console.log(`${sizes.get(name).toFixed(1).padStart(7)} kB  ${name}${first.includes(name) ? "  (first load)" : ""}`);
console.log(`${sum(first).toFixed(1).padStart(7)} kB  first load, of ${FIRST_KB}`);
console.log(`${sum(files).toFixed(1).padStart(7)} kB  all, of ${ALL_KB}`);
if (sum(first) > FIRST_KB || sum(files) > ALL_KB) process.exit(1);
