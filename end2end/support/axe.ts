// Accessibility: axe's rules on the page as it stands.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Page, expect } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails with the rule and the elements for each thing axe finds; `state` names what is on the screen. */
export async function expectNoAxeViolations(page: Page, state = "page", options: RunOptions = {}): Promise<void> {
  await page.evaluate(source);
  const results = await page.evaluate(
    (runOptions) => (window as unknown as { axe: { run(o: RunOptions): Promise<AxeResults> } }).axe.run(runOptions),
    { resultTypes: ["violations"], ...options } as RunOptions,
  );
  const found = results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")}\n    ${node.failureSummary ?? ""}`),
  );
  expect(found, `axe on ${state}`).toEqual([]);
}
