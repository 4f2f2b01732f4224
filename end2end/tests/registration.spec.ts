// 报关单批量登记: a list of entries that customs let pass elsewhere, from the menu to the ledger. If it fails, they are typed
// one by one, or somebody registers what they have not seen.

import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook } from "../support/entry.ts";
import { field, gridRows, listed, signIn } from "../support/filing.ts";
import { activate } from "../support/keyboard.ts";
import { expect, test } from "../support/test.ts";
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";

const HEADINGS = "报关单号,备案号,进出口日期,监管方式,币制,征免,备案序号,成交数量,成交单位,总价";

function file(lines: string[]): { name: string; mimeType: string; buffer: Buffer } {
  return { name: "报关单清单.csv", mimeType: "text/csv", buffer: Buffer.from([HEADINGS, ...lines].join("\n")) };
}

const chooser = (page: Page) => page.getByLabel("报关单清单");
const check = (page: Page) => page.getByRole("button", { name: "上传并核对" });
const outcomes = (page: Page) => page.getByRole("region", { name: "文件中的报关单" }).getByRole("row");

test("a list of entries is checked, registered once and booked", async ({ page }) => {
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const serial = String(Date.now()).slice(-8);
  const [out, back, wrong] = [`2300202601${serial}`, `2300202611${serial}`, `2300202602${serial}`];
  const lines = [
    `${out},${bookNo},2026-11-20,1427,USD,3,1,100,007,250`,
    `${out},${bookNo},2026-11-20,1427,USD,3,2,10,007,25.5`,
    `${back},${bookNo},2026-11-25,1427,USD,全免,1,40,007,160`,
    `${back},${bookNo},2026-11-25,1427,USD,照章征税,1,0.1,007,20`,
  ];

  await activate(page, page.getByRole("navigation").getByRole("button", { name: "报关单批量登记" }));
  await expect(page.getByRole("heading", { name: "报关单批量登记" })).toBeVisible();
  await expectNoAxeViolations(page, "registration");
  // Nothing chosen: said, and nothing sent.
  await check(page).click();
  await expect(page.locator(".registration .notice-error")).toContainText("请先选择");
  await chooser(page).setInputFiles(file([...lines, `${wrong},${bookNo},2026-11-21,1427,USD,3,77,1,007,3`]));
  await check(page).click();
  await expect(page.getByRole("status").filter({ hasText: "共3份报关单" })).toContainText("将登记2份");
  await expect(outcomes(page).filter({ hasText: wrong })).toContainText("有误");
  await expect(page.getByRole("region", { name: "有误的数据" })).toContainText("备案序号77不在账册");
  await expectNoAxeViolations(page, "registration");
  if (process.env.OPBOOK_PICTURES !== undefined) {
    await page.screenshot({ path: `${process.env.OPBOOK_PICTURES}/registration.png`, fullPage: true });
  }
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: /下载有误的报关单/ }).click();
  expect((await download).suggestedFilename()).toBe("报关单清单-有误的报关单.xlsx");

  // Mended, and chosen anew.
  await page.getByRole("button", { name: "重新选择文件" }).click();
  await chooser(page).setInputFiles(file(lines));
  await check(page).click();
  await expect(page.getByRole("status").filter({ hasText: "共2份报关单" })).toContainText("将登记2份");
  await activate(page, page.getByRole("button", { name: "确认登记" }));
  await expect(page.locator(".registration .notice").filter({ hasText: "已登记并核注2份" })).toBeVisible();

  // They are in the list of both directions, and in the ledger.
  await page.getByRole("main").getByRole("button", { name: "报关单查询" }).click();
  await field(page, "报关单号").fill(serial);
  await page.getByRole("button", { name: "查询", exact: true }).click();
  await expect.poll(() => listed(page)).toBe(2);
  if (process.env.OPBOOK_PICTURES !== undefined) {
    await page.screenshot({ path: `${process.env.OPBOOK_PICTURES}/entries.png`, fullPage: true });
  }
  await gridRows(page).filter({ hasText: back }).click();
  await page.getByRole("button", { name: "台账" }).click();
  await expect(page.locator(".ledger-figures")).toContainText("已核注出口金额275.5 USD");
  await expect(page.locator(".ledger-figures")).toContainText("尚可用全免金额115.5 USD");

  // Registered by mistake: withdrawn from where the list opens it, and mended.
  await page.getByRole("tab", { name: "报关单查询" }).click();
  await gridRows(page).filter({ hasText: back }).dblclick();
  await page.getByRole("button", { name: "撤销登记" }).click();
  await page.getByRole("button", { name: "确定" }).click();
  await expect(page.locator(".document-status:visible")).toContainText("暂存");
  await expect(field(page, "登记报关单号")).toBeEditable();
  await page.keyboard.press("Control+Shift+Enter");
  await page.getByRole("button", { name: "确定" }).click();
  await expect(page.locator(".document-status:visible")).toContainText("海关终审通过");

  // The same file once more: known, all of it.
  await page.getByRole("tab", { name: "报关单批量登记" }).click();
  await page.getByRole("button", { name: "重新选择文件" }).click();
  await chooser(page).setInputFiles(file(lines));
  await check(page).click();
  await expect(page.getByRole("status").filter({ hasText: "共2份报关单" })).toContainText("已有跳过2份");
  await expect(page.getByRole("button", { name: "确认登记" })).toBeDisabled();
  // A reload opens the page where it was.
  await page.reload();
  await expect(page.getByRole("heading", { name: "报关单批量登记" })).toBeVisible();
});

test("the template is filled in and registered", async ({ page }) => {
  await signIn(page);
  await page.getByRole("navigation").getByRole("button", { name: "报关单批量登记" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "报关单批量登记模板.xlsx" }).click();
  const template = readFileSync(await (await download).path());
  // As it comes: no line is filled in, and that is said.
  await chooser(page).setInputFiles({ name: "模板.xlsx", mimeType: "application/octet-stream", buffer: template });
  await check(page).click();
  await expect(page.locator(".registration .notice-error")).toContainText("文件中没有数据");
});
