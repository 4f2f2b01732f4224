// Accessibility: axe's rules on the page as it stands, in both languages, light and dark.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Page, expect } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PREFERENCES = "**/api/account/save_preferences";
const THEMES = ["light", "dark"] as const;

/** Fails with the rule and the elements for each thing axe finds; `state` names what is on the screen. The page
 * is left in the language and the colours it had, and the focus where it was. */
export async function expectNoAxeViolations(page: Page, state = "page", options: RunOptions = {}): Promise<void> {
  await page.evaluate(source);
  // What is looked at is no choice of the user's: the server, which other tests share, does not hear of it.
  await page.route(PREFERENCES, (route) => route.fulfill({ json: null }));
  // What is being read anew is drawn pale for a moment.
  await page.locator("[aria-busy=true]").first().waitFor({ state: "hidden", timeout: 3_000 }).catch(() => undefined);
  const found: string[] = [];
  // There and back; the page has no other language before it knows who is there.
  for (const _ of ["as it is", "the other"]) {
    for (const theme of THEMES) found.push(...(await violations(page, theme, options)));
    if (!(await switchLanguage(page))) break;
  }
  await page.unroute(PREFERENCES);
  expect(found, `axe on ${state}`).toEqual([]);
}

/** Presses the button of the top bar as it is, also from behind a dialog; false where there is none. */
export async function switchLanguage(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const button = document.querySelector<HTMLElement>("[data-action^='切换语言']");
    button?.click();
    return button !== null;
  });
}

async function violations(page: Page, theme: string, options: RunOptions): Promise<string[]> {
  const { lang, results } = await page.evaluate(
    async ({ theme, options }) => {
      const root = document.documentElement;
      const before = root.dataset.theme;
      root.dataset.theme = theme;
      // Colours on their way from one to the other have no contrast of their own.
      for (let frame = 0; frame < 10; frame += 1) {
        await new Promise(requestAnimationFrame);
        const moving = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
        if (frame > 1 && moving.length === 0) break;
        await Promise.allSettled(moving.map((one) => one.finished));
      }
      const axe = (window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe;
      const results = await axe.run(options);
      if (before === undefined) delete root.dataset.theme;
      else root.dataset.theme = before;
      return { lang: root.lang, results };
    },
    { theme, options: { resultTypes: ["violations"], ...options } as RunOptions },
  );
  return results.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${lang}, ${theme}, ${violation.id}: ${node.target.join(" ")}\n    ${node.failureSummary ?? ""}`,
    ),
  );
}
