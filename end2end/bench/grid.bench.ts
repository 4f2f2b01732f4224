// The grid in the manner of js-framework-benchmark, beside a plain-JavaScript table and Tabulator in
// the same page, from the call to the frame that shows it; keys in cells; a paste of 1,000 × 12.
// scripts/bench builds the page's module (examples/grid_page.rs) and names its folder.

import { readFileSync } from "node:fs";
import { type Server as Http, createServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { type Page } from "@playwright/test";
import { press } from "../support/keyboard.ts";
import { copyText, openList } from "../support/list.ts";
import { signIn } from "../support/filing.ts";
import { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const module = process.env.OPBOOK_BENCH_GRID ?? "";
const tabulator = createRequire(import.meta.url).resolve("tabulator-tables").replace(/dist.*/, "dist");
const style = (name: string) => readFileSync(join(import.meta.dirname, "../../style", name), "utf8");
/** A key that is held comes 30 times a second. */
const REPEAT_MS = 33;
const ROUNDS = Number(process.env.OPBOOK_BENCH_ROUNDS ?? 7);

const PAGE = `<!doctype html><html lang="zh"><meta charset="utf-8"><title>grid bench</title>
<style>${["tokens", "parts", "grid", "fields"].map((name) => style(`${name}.css`)).join("\n")}
#plain { height: 640px; overflow: auto; } #opbook, #tabulator { width: 760px; } td { padding: 2px 9px; }</style>
<link rel="stylesheet" href="/tabulator.css">
<div id="opbook"></div><div id="plain"><table><tbody></tbody></table></div><div id="tabulator"></div>
<script src="/tabulator.js"></script>
<script type="module">
import init, * as opbook from "/opbook.js";
await init("/opbook.wasm");
const line = (n) => ({ id: n, seq: n + 1, label: "pretty red table " + (n * 7919 % 1000), spec: "S-" + (n + 1), qty: String((n + 1) % 1000 + 1) });
const lines = (from, count) => Array.from({ length: count }, (_, n) => line(from + n));
const body = document.querySelector("#plain tbody");
const tr = (row) => {
  const line = document.createElement("tr");
  for (const text of [row.seq, row.label, row.spec, row.qty]) line.appendChild(document.createElement("td")).textContent = text;
  return line;
};
const plain = {
  create(from, count) { body.replaceChildren(...lines(from, count).map(tr)); },
  append(from, count) { body.append(...lines(from, count).map(tr)); },
  update_every_tenth() { for (let n = 0; n < body.children.length; n += 10) body.children[n].children[1].textContent += " !!!"; },
  select(n) { body.querySelector(".chosen")?.classList.remove("chosen"); body.children[n].classList.add("chosen"); },
  swap(one, other) { const [a, b] = [body.children[one], body.children[other]]; const after = b.nextSibling; body.insertBefore(b, a); body.insertBefore(a, after); },
  remove(n) { body.children[n].remove(); },
};
let table; let shown = [];
const wide = {
  async mount() {
    table = new Tabulator("#tabulator", { height: 640, index: "id", layout: "fitData", selectableRows: 1,
      columns: ["seq", "label", "spec", "qty"].map((field) => ({ title: field, field, width: field === "label" ? 260 : 120 })) });
    await new Promise((done) => table.on("tableBuilt", done));
  },
  create(from, count) { shown = lines(from, count); return table.replaceData(shown); },
  append(from, count) { return table.addData(lines(from, count)); },
  update_every_tenth() { return table.updateData(shown.filter((_, n) => n % 10 === 0).map((row) => ({ id: row.id, label: row.label + " !!!" }))); },
  select(n) { table.deselectRow(); table.selectRow(shown[n].id); },
  swap(one, other) { const [a, b] = [table.getRow(shown[one].id), table.getRow(shown[other].id)]; const next = b.getNextRow(); b.move(a, true); a.move(next, true); },
  remove(n) { return table.deleteRow(shown[n].id); },
};
const painted = () => new Promise((done) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = done; channel.port2.postMessage(0); }));
const grids = { opbook, plain, tabulator: wide };
window.bench = {
  mount: (editable) => opbook.mount(editable), wide: () => wide.mount(), painted,
  async run(grid, name, args) {
    const started = performance.now();
    await grids[grid][name](...args);
    await painted();
    return performance.now() - started;
  },
};
window.ready = true;
</script></html>`;

interface Bench {
  mount(editable: boolean): void;
  wide(): Promise<void>;
  painted(): Promise<void>;
  run(grid: string, name: string, args: number[]): Promise<number>;
}
declare const bench: Bench;

const percentile = (values: number[], share: number) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? NaN;

/** Serves the page and what it loads. */
async function serve(): Promise<{ url: string; server: Http }> {
  const files: Record<string, [string, () => string | Buffer]> = {
    "/": ["text/html", () => PAGE],
    "/opbook.js": ["text/javascript", () => readFileSync(join(module, "grid_page.js"))],
    "/opbook.wasm": ["application/wasm", () => readFileSync(join(module, "grid_page_bg.wasm"))],
    "/tabulator.js": ["text/javascript", () => readFileSync(join(tabulator, "js/tabulator.min.js"))],
    "/tabulator.css": ["text/css", () => readFileSync(join(tabulator, "css/tabulator.min.css"))],
  };
  const server = createServer((request, answer) => {
    const file = files[request.url ?? ""];
    answer.writeHead(file ? 200 : 404, { "content-type": file?.[0] ?? "text/plain" });
    answer.end(file?.[1]() ?? "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

type Operation = [name: string, before: [string, number[]][], measured: [string, number[]]];
const OPERATIONS: Operation[] = [
  ["create 1,000", [["create", [0, 0]]], ["create", [0, 1000]]],
  ["create 10,000", [["create", [0, 0]]], ["create", [0, 10_000]]],
  ["replace 1,000", [["create", [0, 1000]]], ["create", [1000, 1000]]],
  ["update every 10th of 10,000", [["create", [0, 10_000]]], ["update_every_tenth", []]],
  ["select a row", [["create", [0, 1000]]], ["select", [5]]],
  ["swap rows", [["create", [0, 1000]]], ["swap", [1, 998]]],
  ["remove a row", [["create", [0, 1000]]], ["remove", [4]]],
  ["append 1,000 to 10,000", [["create", [0, 10_000]]], ["append", [10_000, 1000]]],
];

test("operations over rows", async ({ page }) => {
  test.skip(module === "", "OPBOOK_BENCH_GRID names the built module (scripts/bench)");
  test.setTimeout(600_000);
  const { url, server } = await serve();
  try {
    await page.goto(url);
    await page.waitForFunction("window.ready");
    await page.evaluate(async () => {
      bench.mount(false);
      await bench.wide();
    });
    const GRIDS = ["opbook", "plain", "tabulator"];
    console.log("\ngrid operations, call to frame, median in ms (opbook and Tabulator draw what is visible, the plain table all)");
    console.log(`  ${"".padEnd(30)}${GRIDS.map((grid) => grid.padStart(11)).join("")}   opbook:plain  opbook:tabulator`);
    for (const [name, before, [operation, args]] of OPERATIONS) {
      const times: Record<string, number[]> = {};
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const grid of GRIDS) {
          const time = await page.evaluate(
            async ({ grid, before, operation, args }) => {
              for (const [name, args] of before) await bench.run(grid, name, args);
              await bench.painted();
              return bench.run(grid, operation, args);
            },
            { grid, before, operation, args },
          );
          (times[grid] ??= []).push(time);
        }
      }
      const [own, plain, wide] = GRIDS.map((grid) => percentile(times[grid] ?? [], 0.5)) as [number, number, number];
      console.log(
        `  ${name.padEnd(30)}${[own, plain, wide].map((time) => time.toFixed(1).padStart(11)).join("")}   ${(own / plain).toFixed(2).padStart(12)}  ${(own / wide).toFixed(2).padStart(16)}`,
      );
    }
  } finally {
    server.close();
  }
});

/** Times from a key's own time stamp to the frame after it. */
async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { painted: times });
    document.addEventListener("keydown", (event) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(null);
      });
    }, true);
  });
}

test("keys in cells", async ({ page }) => {
  test.skip(module === "", "OPBOOK_BENCH_GRID names the built module (scripts/bench)");
  const { url, server } = await serve();
  try {
    console.log("\nkey to painted frame in an editable grid");
    for (const rows of [1000, 10_000]) {
      await page.goto(url);
      await page.waitForFunction("window.ready");
      await page.evaluate((rows) => {
        document.getElementById("plain")?.remove();
        document.getElementById("tabulator")?.remove();
        bench.mount(true);
        return bench.run("opbook", "create", [0, rows]);
      }, rows);
      await page.locator("input.cell-input").focus();
      await press(page, "ArrowRight");
      await watchKeys(page);
      const measured = async (name: string, keys: string[], rounds: number, pause = 0) => {
        for (let round = 0; round < rounds; round += 1) {
          for (const key of keys) await page.keyboard.press(key);
          await page.waitForTimeout(pause);
        }
        const times = await page.evaluate(() => (window as unknown as { painted: number[] }).painted.splice(0));
        console.log(`  ${String(rows).padStart(6)} rows, ${name.padEnd(26)} p50 ${percentile(times, 0.5).toFixed(1)} ms  p99 ${percentile(times, 0.99).toFixed(1)} ms  (${times.length} keys)`);
        expect(times.length).toBeGreaterThan(50);
      };
      await measured("walking down, key held", ["ArrowDown"], 200, REPEAT_MS);
      await measured("walking down, no pause", ["ArrowDown"], 200);
      await measured("paging and jumping", ["PageDown", "PageDown", "PageUp", "Control+End", "Control+Home"], 20);
      await measured("typing and leaving the row", ["a", "b", "c", "ArrowDown"], 60);
    }
  } finally {
    server.close();
  }
});

test("pasting 1,000 × 12", async ({ page, context }) => {
  const server = await Server.start();
  try {
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
    await signIn(page, "donglan", "donglan-2026", server.url);
    await openList(page, 1, server.url);
    const line = (n: number) => `M-${n}\t8542399000\t集成电路\tS${n}\t千克\t\t\t1,234.50\t１０\t3\t￥2.5\t`;
    await copyText(page, `${Array.from({ length: 1000 }, (_, n) => line(n + 1)).join("\r\n")}\r\n`);
    await press(page, "ArrowRight");
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await page.evaluate(() => {
        Object.assign(window, { shown: undefined });
        document.addEventListener("paste", (event) => {
          const look = () => {
            if (document.activeElement?.id.endsWith("-paste")) Object.assign(window, { shown: performance.now() - event.timeStamp });
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }, { capture: true, once: true });
      });
      await press(page, "Control+v");
      // Not waitForFunction: the page's own policy forbids what it does with a string.
      const shown = () => page.evaluate(() => (window as unknown as { shown?: number }).shown ?? 0);
      await expect.poll(shown, { intervals: [50] }).toBeGreaterThan(0);
      times.push(await shown());
      await press(page, "Escape");
      await expect(page.locator("dialog[open]")).toHaveCount(0);
    }
    console.log(`\npaste of 1,000 × 12 cells: key to the preview with its button focused  p50 ${percentile(times, 0.5).toFixed(0)} ms  worst ${Math.max(...times).toFixed(0)} ms`);
  } finally {
    await server.dispose();
  }
});
