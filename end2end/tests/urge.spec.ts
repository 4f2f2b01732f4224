// 催核: what customs urges stands in 催核查询, with its receipts and with what became of the short message; nothing of it can be
// changed.

import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook } from "../support/entry.ts";
import { gridRows, signIn } from "../support/filing.ts";
import { activate, press, reach } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

const PICTURES = process.env.OPBOOK_PICTURES;

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

test("an urging of customs is listed, read, and shows its receipts and its short message", async ({ page }) => {
  test.setTimeout(90_000);
  const server = await Server.start();
  onTestFinished = () => server.dispose();
  await signIn(page, "donglan", "donglan-2026", server.url);
  const { bookNo } = await approvedBook(page);
  await server.command("customs", "urge", bookNo, "--content", "账册即将到期，请报核");
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "出境加工账册催核查询", exact: true }));
  await expect(async () => {
    await activate(page, page.getByRole("button", { name: "查询", exact: true }));
    await expect(gridRows(page)).toContainText("未设置短信网关，仅登记", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  // Nothing left the house, so nothing says that it was sent.
  await expect(gridRows(page)).toContainText("未发送");
  await expect(gridRows(page)).toContainText(`${bookNo}C001`);
  await expect(gridRows(page)).toContainText("账册即将到期，请报核");
  await expect(page.getByRole("button", { name: "修改", exact: true })).toHaveCount(0);
  await expectNoAxeViolations(page, "query of urgings");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/urge-query.png` });

  await reach(page, page.getByRole("grid").and(page.locator(":visible")));
  await press(page, "ArrowDown");
  await activate(page, page.getByRole("button", { name: "查看回执", exact: true }));
  const receipts = page.locator("dialog[open]");
  await expect(receipts).toContainText("催核");
  await expect(receipts).toContainText("短信仅登记，未发送");
  await expectNoAxeViolations(page, "receipts of an urging");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/urge-receipts.png` });
  await press(page, "Escape");

  await activate(page, page.getByRole("button", { name: "查看明细", exact: true }));
  await expect(page.locator(".document-status:visible")).toContainText("海关通知");
  await expect(page.getByLabel("催核内容", { exact: true })).toHaveValue("账册即将到期，请报核");
  await expect(page.getByRole("toolbar").getByRole("button", { name: "暂存", exact: true })).toHaveCount(0);
  await expectNoAxeViolations(page, "an urging");
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/urge.png` });
  // The book says so, too, wherever its figures stand.
  await press(page, "Alt+l");
  await expect(page.locator(".ledger-figures:visible")).toContainText("已催核");
});
