// 统计: what the ledger has is added up on the screen, drawn, exported and printed; months nobody can understand are refused.

import { expectNoAxeViolations, switchLanguage } from "../support/axe.ts";
import { approvedBook, bookedEntry } from "../support/entry.ts";
import { gridRows, signIn } from "../support/filing.ts";
import { activate, enter, press, reach } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

const PICTURES = process.env.OPBOOK_PICTURES;

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

test("the figures of a book are added up, drawn, exported and printed", async ({ page }) => {
  test.setTimeout(120_000);
  const server = await Server.start();
  onTestFinished = () => server.dispose();
  await signIn(page, "donglan", "donglan-2026", server.url);
  const { bookNo } = await approvedBook(page);
  await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "300", unit_price: "2", total_price: "600" });
  await bookedEntry(page, bookNo, "import", { goods_seq: "1", qty: "100", original_value: "250", fee_processing: "12.5" });
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "统计", exact: true }));
  const row = gridRows(page).filter({ hasText: bookNo });
  for (const figure of ["600", "250", "12.5", "350"]) await expect(row.getByRole("gridcell").filter({ hasText: new RegExp(`^${figure}$`) })).toHaveCount(1);
  await expect(page.locator(".stats-group")).toHaveCount(1);
  await expect(page.locator(".stats-totals")).toContainText("境外余额");
  await expectNoAxeViolations(page, "statistics");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/stats.png` });

  const exported = page.waitForEvent("download");
  await activate(page, page.getByRole("toolbar", { name: "统计" }).getByRole("button", { name: "导出", exact: true }));
  expect((await exported).suggestedFilename()).toMatch(/^统计-按账册-.*\.xlsx$/);
  const printed = page.context().waitForEvent("page");
  await press(page, "Control+p");
  const paper = await printed;
  expect(new URL(paper.url()).pathname).toBe("/print/stats");
  await paper.close();

  // By month, in the way people type it.
  await enter(page, page.getByLabel("起始月份"), "202611");
  await enter(page, page.getByLabel("截止月份"), "2026年11月");
  await reach(page, page.getByLabel("统计方式"));
  await press(page, "ArrowDown");
  await expect(gridRows(page).filter({ hasText: "2026-11" })).toContainText("350");
  await expect(page.getByLabel("截止月份")).toHaveValue("2026-11");
  // What cannot be understood is refused, and no figure of before stands below it.
  await enter(page, page.getByLabel("起始月份"), "去年");
  await press(page, "Enter");
  await expect(page.locator(".block.failed:visible").first()).toContainText("统计月份不正确");
  await expect(gridRows(page).filter({ hasText: "2026-11" })).toHaveCount(0);
  await enter(page, page.getByLabel("起始月份"), "2026/1");
  await press(page, "Enter");
  await expect(gridRows(page).filter({ hasText: "2026-11" })).toHaveCount(1);
  await switchLanguage(page);
  await expect(page.locator(".stats")).toContainText("Still abroad");
  await expectNoAxeViolations(page, "statistics in English");
  await switchLanguage(page);
});
