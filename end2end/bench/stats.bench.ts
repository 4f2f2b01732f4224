// 统计 of a million ledger lines in the browser: from the choice to the frame that shows the figures. Beside it the server's answer
// alone, asked by the same page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signIn } from "../support/filing.ts";
import { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const OPERATOR = "3205246018";
const ROUNDS = 20;
/** What is added up by, and the first heading of its list. */
const BY = [
  ["month", "月份"],
  ["partner", "境外加工企业"],
  ["country", "加工国(地区)"],
  ["commodity", "商品编号"],
  ["book", "账册编号"],
] as const;

const percentile = (values: number[], share: number) =>
  [...values].sort((one, other) => one - other)[Math.floor((values.length - 1) * share)] ?? NaN;
const shown = (values: number[]) => `p50 ${percentile(values, 0.5).toFixed(0)} ms  p99 ${percentile(values, 0.99).toFixed(0)} ms`;

test("statistics", async ({ page }) => {
  const server = await Server.start();
  try {
    const sql = readFileSync(join(import.meta.dirname, "../../benches/both/million_lines.sql"), "utf8");
    await server.script(sql.replaceAll("$1", `'${OPERATOR}'`));
    await signIn(page, "donglan", "donglan-2026", server.url);
    await page.goto(`${server.url}/stats`);
    await page.getByLabel("起始月份").fill("2026-01");
    await page.getByLabel("截止月份").fill("2026-09");
    await page.getByLabel("截止月份").press("Enter");
    await expect(page.locator(".stats-totals")).toContainText("6,170,000");
    for (const [by, heading] of BY) {
      const [drawn, answered]: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        const times = await page.evaluate(
          async ({ by, heading, operator }) => {
            const choose = document.querySelector<HTMLSelectElement>("#stats-by")!;
            const pick = async (value: string, label: string) => {
              const begun = performance.now();
              choose.value = value;
              choose.dispatchEvent(new Event("change", { bubbles: true }));
              for (;;) {
                await new Promise(requestAnimationFrame);
                const list = [...document.querySelectorAll(".stats [role=grid]")].find((grid) =>
                  grid.querySelector("[role=columnheader]")?.textContent?.includes(label),
                );
                const figure = list?.querySelector("[role=gridcell]")?.textContent ?? "";
                if (figure.trim() !== "") return performance.now() - begun;
              }
            };
            await (by === "book" ? pick("month", "月份") : pick("book", "账册编号"));
            const drawn = await pick(by, heading);
            const begun = performance.now();
            const asked = { operator_code: "", from: "2026-01", to: "2026-09", by };
            const headers = { "Content-Type": "application/json", Accept: "application/json" };
            const answer = await fetch("/api/stats/get", { method: "POST", headers, body: JSON.stringify({ asked }) });
            if (!answer.ok) throw new Error(`${operator}: ${await answer.text()}`);
            await answer.json();
            return { drawn, answered: performance.now() - begun };
          },
          { by, heading, operator: OPERATOR },
        );
        drawn.push(times.drawn);
        answered.push(times.answered);
      }
      const ratio = (percentile(drawn, 0.5) / percentile(answered, 0.5)).toFixed(2);
      console.log(`statistics by ${by}: drawn ${shown(drawn)}; the answer alone ${shown(answered)}; ratio ${ratio}`);
    }
  } finally {
    await server.dispose();
  }
});
