// What storing a row by the form costs the one who types: from Enter in its last field to the frame in which the next
// empty form has the focus, in a small book and in one of 5,000 + 5,000 rows, with how much of it was waiting for the server.
// And what storing 1,000 pasted rows costs, from the yes to the last of them stored.

import type { Page } from "@playwright/test";
import { field, signIn, typeExport } from "../support/filing.ts";
import { press, reach } from "../support/keyboard.ts";
import { copyText, openList } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const STORED = Number(process.env.OPBOOK_BENCH_STORED ?? 30);
const BOOKS: [number, number][] = [[10, 10], [4_900, 5_000]];

const percentile = (values: number[], share: number) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? NaN;

interface Measured {
  whole: number[];
  server: number[];
}

/** Notes, for each row, the time from its last Enter to the painted new form, and of its request. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const measured: Measured = { whole: [], server: [] };
    Object.assign(window, { measured });
    let struck = 0;
    window.addEventListener("keydown", (event) => {
      if (event.key === "Enter") struck = event.timeStamp;
    }, true);
    document.addEventListener("focusin", (event) => {
      const input = event.target as HTMLInputElement;
      if (!input.id.endsWith("-material_no") || !(event.relatedTarget as HTMLElement | null)?.id.endsWith("-remark")) return;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => measured.whole.push(performance.now() - struck);
        channel.port2.postMessage(null);
      });
    });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (/save_row/.test(entry.name)) measured.server.push(entry.duration);
    }).observe({ type: "resource" });
  });
}

for (const [exports, reimports] of BOOKS) {
  test(`storing a row by the form, ${exports} + ${reimports} rows`, async ({ page }) => {
    test.setTimeout(1_200_000);
    const server = await Server.start();
    try {
      await signIn(page, "donglan", "donglan-2026", server.url);
      await openList(page, exports, server.url, reimports);
      await reach(page, field(page, "商品料号"));
      await watch(page);
      for (let row = 1; row <= STORED; row += 1) {
        await typeExport(page, "8542399000", `T-${row}`, "10", "2.5");
        await expect(page.locator(".section-tab[aria-selected=true] .section-count")).toHaveText(String(exports + row));
        await page.waitForTimeout(100);
      }
      const { whole, server: waited } = await page.evaluate(() => (window as unknown as { measured: Measured }).measured);
      expect(whole.length).toBe(STORED);
      const line = (values: number[]) => `p50 ${percentile(values, 0.5).toFixed(0)} ms  p90 ${percentile(values, 0.9).toFixed(0)} ms`;
      console.log(`\n${exports} + ${reimports} rows: Enter to the next empty form  ${line(whole)}`);
      console.log(`  of that waiting for the server  ${line(waited)}`);
    } finally {
      await server.dispose();
    }
  });
}

test("storing 1,000 pasted rows", async ({ page, context }) => {
  test.setTimeout(300_000);
  const server = await Server.start();
  try {
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
    await signIn(page, "donglan", "donglan-2026", server.url);
    const line = (n: number) => `M-${n}\t8542399000\t集成电路\tS${n}\t千克\t\t\t1234.5\t10\t3\t2.5`;
    const times: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      await openList(page, 1, server.url);
      await copyText(page, `${Array.from({ length: 1000 }, (_, n) => line(n + 1)).join("\r\n")}\r\n`);
      await press(page, "ArrowRight");
      await press(page, "Control+v");
      const preview = page.getByRole("dialog", { name: "粘贴预览" });
      await expect(preview).toBeVisible();
      await page.evaluate(() => {
        let struck = 0;
        Object.assign(window, { stored: 0 });
        window.addEventListener("keydown", (event) => { struck = event.timeStamp; }, { capture: true, once: true });
        const look = () => {
          const count = document.querySelector(".section-tab[aria-selected=true] .section-count")?.textContent;
          const waiting = document.querySelector(".grid-row.draft");
          if (struck > 0 && count === "1000" && !waiting) Object.assign(window, { stored: performance.now() - struck });
          else requestAnimationFrame(look);
        };
        look();
      });
      await press(page, "Enter");
      const stored = () => page.evaluate(() => (window as unknown as { stored: number }).stored);
      await expect.poll(stored, { intervals: [50], timeout: 60_000 }).toBeGreaterThan(0);
      times.push(await stored());
    }
    console.log(`\n1,000 pasted rows: the yes to the last stored  p50 ${percentile(times, 0.5).toFixed(0)} ms  worst ${Math.max(...times).toFixed(0)} ms`);
  } finally {
    await server.dispose();
  }
});
