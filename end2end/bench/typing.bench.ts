// What a key costs: from the key's own time stamp to the frame that shows it, in the head form, in the row form
// and in a cell of a book with 1,000 and 10,000 rows (5,000 in each list), beside a bare <input> in the same page at the same moment.

import type { Page } from "@playwright/test";
import { field, signIn } from "../support/filing.ts";
import { press, reach } from "../support/keyboard.ts";
import { activeInput, openList, toColumn } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const ROWS = (process.env.OPBOOK_BENCH_ROWS ?? "1000,10000").split(",").map(Number);
const LIST = 5_000;
const KEYS = 200;
const WORD = "abcdefghij";

const percentile = (values: number[], share: number) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? NaN;

/** Times of keys struck at the control that has the focus. */
async function typed(page: Page): Promise<number[]> {
  await page.evaluate(() => ((window as unknown as { painted: number[] }).painted.length = 0));
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press(WORD[key % WORD.length] as string);
    if (key % 20 === 19) {
      await press(page, "Control+A");
      await press(page, "Delete");
    }
  }
  return page.evaluate(() => (window as unknown as { painted: number[] }).painted.slice());
}

/** The same keys in a bare input beside the form, then back. */
async function bare(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.id = "bare";
    document.querySelector(".tab-panel:not([hidden]) .page")?.append(input);
    input.focus();
  });
  const times = await typed(page);
  await page.evaluate(() => document.getElementById("bare")?.remove());
  return times;
}

async function compare(page: Page, name: string, focus: () => Promise<void>): Promise<void> {
  const [ours, reference]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    await focus();
    ours.push(...(await typed(page)));
    reference.push(...(await bare(page)));
  }
  const line = (values: number[]) => `p50 ${percentile(values, 0.5).toFixed(1)} ms  p99 ${percentile(values, 0.99).toFixed(1)} ms`;
  const ratio = (share: number) => (percentile(ours, share) / percentile(reference, share)).toFixed(2);
  console.log(`${name}\n  opbook        ${line(ours)}\n  bare <input>  ${line(reference)}\n  ratio         p50 ${ratio(0.5)}  p99 ${ratio(0.99)}`);
  expect(ours.length).toBeGreaterThan(KEYS);
}

for (const rows of ROWS) {
  test(`key to paint, ${rows} rows`, async ({ page }) => {
    test.setTimeout(1_200_000);
    const server = await Server.start();
    try {
      await signIn(page, "donglan", "donglan-2026", server.url);
      // Half of them in each list: a list ends at 5,000.
      await openList(page, Math.min(rows, LIST), server.url, rows - Math.min(rows, LIST));
      await expect(page.locator(".section-tab[aria-selected=true] .section-count")).toHaveText(String(Math.min(rows, LIST)));
      await page.evaluate(() => {
        const times: number[] = [];
        Object.assign(window, { painted: times });
        document.addEventListener("input", (event) => {
          if ((event as InputEvent).inputType !== "insertText") return;
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
            channel.port2.postMessage(null);
          });
        });
      });
      console.log(`\n${rows} rows`);
      await press(page, "Alt+1");
      await compare(page, "head form, text field", () => reach(page, field(page, "出境加工合同号")));
      await press(page, "Alt+2");
      await compare(page, "row form, text field", () => reach(page, field(page, "规格型号")));
      await compare(page, "cell of the list", async () => {
        await reach(page, activeInput(page));
        await toColumn(page, "spec_model");
      });
      await press(page, "Escape");
      await compare(page, "row form, combo box", () => reach(page, field(page, "申报计量单位").or(field(page, "币制")).first()));
    } finally {
      await server.dispose();
    }
  });
}
