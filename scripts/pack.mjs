// Last step of scripts/build-web: lays the built files into a folder named after their content, joins and
// minifies the style sheets, copies public/, lays compressed copies beside them, and holds them to their limits.
//   node scripts/pack.mjs release|dev BOUND_FOLDER SITE_FOLDER

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** What a user waits for, in kB of brotli; above it the build fails. A new screen belongs to a part (src/app/parts.rs),
 * so that the first two stay as they are. */
const LIMITS = [
  // Before anything can be typed. The whole program in one piece was 574. What all parts call ends here, so each new screen
  // adds its words, which all stand here (待办, 统计: 2 kB; 系统管理: 7), and choosing a password by a link is 4.
  { name: "sign-in", part: "opbook", kB: 205 },
  // Comes while the password is typed. It knows how the kinds are called, and neither their fields nor their rules. The journal
  // (what is typed and not saved: IndexedDB, encryption, opening without the server, what of it there is) is 30 kB of it.
  { name: "frame", part: "frame", kB: 229 },
  // Comes as soon as the page is idle, or with the first document that is opened. Fields and rules of all kinds are here,
  // 待办, 查号 and 系统提醒, 统计, 台账; 40 kB are what works without the server: copies, and saves that wait;
  // 12 are merging: what a text was typed over, the choice field by field, and what others changed; 8 are hints of changes.
  { name: "pages", part: "work", kB: 550 },
  // Comes after that. The page on which many entries are registered is in it, 未同步 with its files (24), and 系统管理 (35).
  { name: "dialogs", part: "dialogs", kB: 137 },
];

const [mode, bound, site] = process.argv.slice(2);
const release = mode === "release";
const root = resolve(import.meta.dirname, "..");
// The packages live beside the end-to-end tests, the only other user of npm.
const require = createRequire(join(root, "end2end/package.json"));

cpSync(join(root, "public"), site, { recursive: true });

if (existsSync(join(bound, "snippets"))) {
  throw new Error("a dependency brings its own script files (snippets): teach pack.mjs to copy them first");
}
const files = new Map(readdirSync(bound).sort().map((name) => [name, readFileSync(join(bound, name))]));
files.set("opbook.css", styles());
// The parts call each other by these names and fit only each other: the folder is what changes with a build.
const pkg = join(site, "pkg", build());
mkdirSync(pkg, { recursive: true });
for (const [name, content] of files) writeFileSync(join(pkg, name), content);
if (release) {
  compress(site);
  report();
}

/** Names this build after all that is in it. */
function build() {
  const hash = createHash("sha256");
  for (const [name, content] of files) hash.update(`${name} ${content.length}\n`).update(content);
  return hash.digest("hex").slice(0, 16);
}

/** style/main.css with what it imports, one file. */
function styles() {
  const entry = join(root, "style/main.css");
  if (!existsSync(entry)) return Buffer.from("");
  const { bundle } = require("lightningcss");
  // The oldest browsers that know all the rest: light-dark() becomes two sets of variables for them.
  const targets = { chrome: 109 << 16, edge: 109 << 16, firefox: 121 << 16, safari: 16 << 16 };
  return bundle({ filename: entry, minify: release, targets }).code;
}

function compress(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) compress(path);
    else if ([".js", ".css", ".wasm", ".svg", ".json", ".webmanifest"].includes(extname(path))) {
      const content = readFileSync(path);
      writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      writeFileSync(`${path}.br`, brotliCompressSync(content, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_LGWIN]: 24,
          [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
        },
      }));
    }
  }
}

/** The files of each part: its own, and what it shares with parts that come later. */
function filesOfParts() {
  const order = LIMITS.map(({ part }) => part);
  const first = (sharing) => order.find((part) => sharing.includes(part));
  // The splitter writes above each shared file who shares it.
  const loader = files.get("__wasm_split.js").toString();
  const shared = [...loader.matchAll(/^\/\* (.+) \*\/\nconst __(chunk_\d+) /gm)].map(([, sharing, file]) => [`${file}.wasm`, first(sharing.split(", "))]);
  const own = order.map((part) => [part === "opbook" ? "opbook_bg.wasm" : `split_${part}.wasm`, part]);
  return new Map([...own, ...shared]);
}

function report() {
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  let fits = true;
  const parts = [...files.keys()].filter((name) => name.endsWith(".wasm"));
  const partOf = filesOfParts();
  for (const { name, part: which, kB } of LIMITS) {
    const mine = parts.filter((file) => partOf.get(file) === which).map((part) => ({ part, raw: files.get(part).length, packed: statSync(join(pkg, `${part}.br`)).size }));
    const packed = mine.reduce((sum, one) => sum + one.packed, 0);
    console.log(`${name}: ${kb(packed)} brotli (limit ${kB} kB)`);
    for (const one of mine) console.log(`  ${one.part}: ${kb(one.packed)} brotli, ${kb(one.raw)} raw`);
    if (packed > kB * 1000) {
      console.error(`${name} is larger than ${kB} kB: find what grew, or raise the limit in scripts/pack.mjs with a reason`);
      fits = false;
    }
  }
  const homeless = parts.filter((part) => !partOf.has(part));
  if (homeless.length > 0) {
    console.error(`no limit holds for ${homeless.join(", ")}: give it one in scripts/pack.mjs`);
    fits = false;
  }
  if (!fits) process.exit(1);
}
