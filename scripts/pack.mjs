// Last step of scripts/build-web: gives the built files names that hold a hash of their content,
// joins and minifies the style sheets, copies public/, and lays compressed copies beside them.
//   node scripts/pack.mjs release|dev BINDGEN_FOLDER SITE_FOLDER BROTLI_LIMIT_KB

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [mode, bindgen, site, limitKb] = process.argv.slice(2);
const release = mode === "release";
const root = resolve(import.meta.dirname, "..");
// The packages live beside the end-to-end tests, the only other user of npm.
const require = createRequire(join(root, "end2end/package.json"));

const pkg = join(site, "pkg");
mkdirSync(pkg, { recursive: true });
cpSync(join(root, "public"), site, { recursive: true });

if (existsSync(join(bindgen, "snippets"))) {
  throw new Error("a dependency brings its own script files (snippets): their names have no hash, so teach pack.mjs first");
}
const wasm = readFileSync(join(bindgen, "opbook_bg.wasm"));
emit("wasm", wasm);
emit("js", readFileSync(join(bindgen, "opbook.js")));
emit("css", styles());
if (release) {
  compress(site);
  report();
}

/** Writes pkg/opbook.HASH.EXTENSION, the names cargo-leptos uses too; the server finds them by extension. */
function emit(extension, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  writeFileSync(join(pkg, `opbook.${hash}.${extension}`), content);
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

function report() {
  const brotli = statSync(join(pkg, readdirSync(pkg).find((name) => name.endsWith(".wasm.br")))).size;
  const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(`wasm: ${kb(wasm.length)} raw, ${kb(brotli)} brotli (limit ${limitKb} kB)`);
  if (brotli > limitKb * 1000) {
    console.error(`the WebAssembly is larger than ${limitKb} kB: find what grew, or raise the limit with a reason`);
    process.exit(1);
  }
}
