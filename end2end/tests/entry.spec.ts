// 通关 without a mouse: a book is sent out and comes back, the split is made to the cent, the ledger knows before customs
// does, and what would run over is stopped twice: in the page, and past it by the server.

import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook, declareEntry, fillExportHead, fillImportHead, newEntry } from "../support/entry.ts";
import { field, gridRows, signIn, typeAlong } from "../support/filing.ts";
import { activate, press, reach, retype } from "../support/keyboard.ts";
import { post } from "../support/list.ts";
import { expect, keyboardTest as test } from "../support/test.ts";
import type { Page } from "@playwright/test";

const PICTURES = process.env.OPBOOK_PICTURES;

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

const status = (page: Page) => page.locator(".document-status:visible");
const balance = (page: Page) => page.locator(".facts.balance:visible");
const question = (page: Page) => page.locator("dialog[open]");

/** One export row: Enter in 备案序号 fills the goods of the book. */
async function typeExportRow(page: Page, goods: string, qty: string): Promise<void> {
  await reach(page, field(page, "备案序号"));
  await typeAlong(page, [goods, "", "", "", qty, "", "", "", "", "0.5", "", "", "", "32013", ""]);
}

/** One row that came back: what was sent out of it, and the processing fee. */
async function typeImportRow(page: Page, goods: string, qty: string, value: string, fee: string): Promise<void> {
  await reach(page, field(page, "备案序号"));
  await typeAlong(page, [goods, "", "", "", qty, "", value, fee, "", "", "", "", "", "0.5", "", "", "", "32013", ""]);
}

/** An export entry of goods and quantity, declared and let pass. */
async function exported(page: Page, bookNo: string, goods: string, qty: string): Promise<void> {
  await newEntry(page, "出口");
  await fillExportHead(page, bookNo);
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await press(page, "Alt+2");
  await typeExportRow(page, goods, qty);
  await expect(gridRows(page)).toHaveCount(1);
  await declareEntry(page);
  await expect(status(page)).toContainText("海关终审通过");
}

test("a book is sent out, comes back in two lines to the cent, and what would run over is stopped", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await exported(page, bookNo, "1", "300"); // 750
  await exported(page, bookNo, "2", "100"); // 250
  await expect(balance(page)).toContainText("已核注出口金额1,000 USD");

  await newEntry(page, "进口");
  await fillImportHead(page, bookNo, "100");
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await press(page, "Alt+2");
  await typeImportRow(page, "1", "40", "100", "10");
  await expect(gridRows(page)).toHaveCount(1);
  await typeImportRow(page, "2", "30", "100", "20.5");
  await expect(gridRows(page)).toHaveCount(2);
  await typeImportRow(page, "3", "10", "100", "0.01");
  await expect(gridRows(page)).toHaveCount(3);
  await picture(page, "entry-rows");

  // The two lines of each, one below the other; the freight of 100.00 is shared 33.34, 33.33, 33.33.
  await press(page, "Alt+3");
  await expect(gridRows(page)).toHaveCount(6);
  const lines = await gridRows(page).allInnerTexts();
  const shown = lines.map((line) => line.split(/\s*\n\s*/));
  expect(shown.map((line) => line.slice(0, 2))).toEqual([["1", "1"], ["2", "1"], ["3", "2"], ["4", "2"], ["5", "3"], ["6", "3"]]);
  for (const [at, figures] of [
    [0, ["40", "2.5", "100", "3-全免"]], [1, ["0.1", "433.4", "43.34", "1-照章征税"]],
    [3, ["0.1", "538.3", "53.83", "1-照章征税"]], [5, ["0.1", "333.4", "33.34", "1-照章征税"]],
  ] as const) {
    for (const figure of figures) expect(shown[at], lines[at]).toContain(figure);
  }
  await expectNoAxeViolations(page);
  await picture(page, "entry-declared");

  await declareEntry(page);
  await expect(status(page)).toContainText("海关终审通过");
  await expect(balance(page)).toContainText("已核注进口免税金额300 USD");
  await expect(balance(page)).toContainText("尚可用全免金额700 USD");

  // From a figure to its lines to the 报关单.
  await press(page, "Alt+L");
  await expect(page.getByRole("heading", { name: `台账 ${bookNo}` })).toBeVisible();
  await expect(page.locator(".ledger-figures")).toContainText("已核注征税金额130.51 USD");
  await expectNoAxeViolations(page);
  await picture(page, "ledger");
  const goods = page.getByRole("grid", { name: "商品", exact: true }).and(page.locator(":visible"));
  await reach(page, goods);
  await press(page, "ArrowDown", 3);
  await press(page, "Enter");
  await expect(page.locator("#ledger-lines h2")).toHaveText("复进口全免 商品序号1 的明细");
  const ledger = page.getByRole("grid", { name: "台账明细" });
  await expect(ledger.getByText("核注")).toBeVisible();
  await reach(page, ledger);
  await press(page, "Enter");
  await expect(status(page)).toContainText("海关终审通过");
  await expect(page.getByRole("tab", { selected: true }).first()).toContainText("进口报关单");

  // A re-import that would go over: told with the three figures before anybody declares.
  await newEntry(page, "进口");
  await fillImportHead(page, bookNo);
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await press(page, "Alt+2");
  await typeImportRow(page, "1", "40", "700.01", "10");
  await expect(gridRows(page)).toHaveCount(1);
  const checks = page.locator(".document-side:visible");
  for (const figure of ["全免金额不得超过已出口报关单金额", "已核注出口金额1000", "已用全免金额300", "本次全免金额700.01", "尚可用700"]) {
    await expect(checks).toContainText(figure);
  }
  await picture(page, "entry-over");
  await press(page, "Control+Shift+Enter");
  await expect(page.locator(".toaster").getByText("还有1处需要修改才能申报")).toBeVisible();
  // Past the page, the server refuses it under the book's lock.
  const id = new URL(page.url()).pathname.split("/")[2];
  const { meta } = (await post(page, "document/get", { id })) as { meta: { version: number } };
  const forced = await page.evaluate(async (step) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/document/declare", { method: "POST", headers, body: JSON.stringify({ step }) });
    return { status: answer.status, text: await answer.text() };
  }, { id, base: meta.version });
  expect(forced.status).toBe(422);
  expect(forced.text).toContain("700.01");
});

test("a registered entry is booked at once, and taken back by its own button", async ({ page }) => {
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await newEntry(page, "出口");
  // 单据来源 2, and the number customs gave elsewhere.
  await typeAlong(page, [bookNo, "", "2", `230020260${String(Date.now()).slice(-9)}`]);
  await typeAlong(page, ["2300", "2300", "20261120", "Mekong Packaging", "2", "COSCO 001E", "BL-1"]);
  await typeAlong(page, ["3205246018", "", "", "HT-2026-001", "VNM", "VNM", "", "", "22", "3", "12", "10", "3"]);
  await press(page, "Control+Enter");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await press(page, "Alt+2");
  await typeExportRow(page, "1", "10");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(page.getByRole("button", { name: "登记", exact: true })).toBeVisible();
  await declareEntry(page, "是否确认登记");
  await expect(page.getByText("登记成功！")).toBeVisible();
  await expect(balance(page)).toContainText("已核注出口金额25 USD");
  await activate(page, page.getByRole("button", { name: "撤销登记" }));
  await expect(question(page)).toContainText("是否撤销");
  await page.waitForTimeout(600);
  await press(page, "Enter");
  await expect(status(page)).toContainText("暂存");
  await expect(balance(page)).toContainText("已核注出口金额0 USD");
});

test("what the book fills is seen at once, also in the field the keys come to", async ({ page }) => {
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await newEntry(page, "出口");
  await retype(page, "P23009W99999");
  await press(page, "Enter");
  await expect(page.getByText("不是贵单位可办理的账册").first()).toBeVisible();
  await expect(field(page, "备案号")).toBeFocused();
  // Who reads why it was refused pauses before typing on.
  await page.waitForTimeout(1_000);
  await fillExportHead(page, bookNo);
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await expect(field(page, "账册币制")).toHaveValue("USD-美元");
  await press(page, "Alt+2");
  for (const key of ["Enter", "Tab"]) {
    await reach(page, field(page, "备案序号"));
    await retype(page, key === "Enter" ? "1" : "2");
    await press(page, key);
    await expect(field(page, "商品编号")).toBeFocused();
    await expect(field(page, "商品编号")).toHaveValue(/^8542399000/);
    await expect(field(page, "规格型号")).toHaveValue(key === "Enter" ? "S-1000" : "S-500");
  }
});
