// Matching commodity codes in the browser, key by key: the match alone, and from the key to the
// painted list. Beside it, in the same page, plain JavaScript filtering the same table.

import { field, fillHead, newBook, signIn } from "../support/filing.ts";
import { press, reach } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const QUERIES = ["85423100", "84821020", "61091000", "90189099", "集成电路", "轴承", "印刷电路", "jcdl", "qczc", "玻璃纤维"];
const ROUNDS = 10;

const percentile = (values: number[], share: number) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? NaN;
const shown = (values: number[]) => `p50 ${percentile(values, 0.5).toFixed(3)} ms  p99 ${percentile(values, 0.99).toFixed(3)} ms`;

test("commodity codes", async ({ page }) => {
  const server = await Server.start();
  try {
    await signIn(page, "donglan", "donglan-2026", server.url);
    await newBook(page);
    await fillHead(page);
    await expect(page.getByText("暂存成功！")).toBeVisible();
    await press(page, "Alt+2");
    await reach(page, field(page, "商品编码"));
    await page.evaluate(() => {
      const times: number[] = [];
      Object.assign(window, { painted: times });
      // From the key's own time stamp to the frame after the one that drew the list.
      document.addEventListener("input", (event) => {
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
          channel.port2.postMessage(null);
        });
      });
    });
    // The index is built at the first search: not what a key costs.
    await page.keyboard.type("8542");
    await press(page, "Backspace", 4);
    await page.evaluate(() => {
      performance.clearMeasures("opbook:match");
      (window as unknown as { painted: number[] }).painted.length = 0;
    });
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const query of QUERIES) {
        for (const key of query) {
          if (/[\x20-\x7e]/.test(key)) await page.keyboard.press(key);
          else await page.keyboard.insertText(key);
        }
        await press(page, "Control+A");
        await press(page, "Delete");
      }
    }
    const { matches, painted } = await page.evaluate(() => ({
      matches: performance.getEntriesByName("opbook:match").map((entry) => entry.duration),
      painted: (window as unknown as { painted: number[] }).painted,
    }));
    const reference = await page.evaluate(
      async ({ queries, rounds }) => {
        const versions = (await (await fetch("/codes")).json()) as Record<string, string>;
        const text = await (await fetch(`/codes/commodity/${versions["commodity"]}`)).text();
        const entries = text.split("\n").filter(Boolean).map((line) => line.split("\t"));
        const times: number[] = [];
        for (let round = 0; round < rounds; round += 1) {
          for (const query of queries) {
            for (let length = 1; length <= query.length; length += 1) {
              const typed = query.slice(0, length);
              const started = performance.now();
              entries.filter(([code, name, , initials]) => code!.startsWith(typed) || name!.includes(typed) || initials!.includes(typed)).slice(0, 50);
              times.push(performance.now() - started);
            }
          }
        }
        return { size: entries.length, times };
      },
      { queries: QUERIES, rounds: ROUNDS },
    );
    console.log(`\nmatching over ${reference.size} codes, ${matches.length} keys`);
    console.log(`  opbook, the match     ${shown(matches)}`);
    console.log(`  filter() beside it    ${shown(reference.times)}`);
    console.log(`  ratio                 p50 ${(percentile(matches, 0.5) / percentile(reference.times, 0.5)).toFixed(2)}  p99 ${(percentile(matches, 0.99) / percentile(reference.times, 0.99)).toFixed(2)}`);
    console.log(`  key to painted list   ${shown(painted)}`);
    expect(matches.length).toBeGreaterThan(100);
  } finally {
    await server.dispose();
  }
});
