// 未同步: what this browser has and the server does not is listed, compared, discarded after a question, and carried to another
// browser as a file that only its user opens. Without it a clerk has to guess what a broken computer still held.

import { readFile, writeFile } from "node:fs/promises";
import { type Browser, type Page, expect } from "@playwright/test";
import { test as away } from "../support/away.ts";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, gridRows, newBook, signIn, typeExport } from "../support/filing.ts";
import { draftNames, readyToLeave } from "../support/journal.ts";
import { activate, answer, press, reach, retype } from "../support/keyboard.ts";

const test = away.extend<{ other: Page }>({
  other: async ({ browser }: { browser: Browser }, use: (page: Page) => Promise<void>) => {
    const context = await browser.newContext();
    await use(await context.newPage());
    await context.close();
  },
});

const LINES = '.unsynced [role="grid"] [role="row"][aria-rowindex]:not([aria-rowindex="1"])';
const button = (page: Page, name: string) => page.locator(".unsynced").getByRole("button", { name, exact: true });

/** Opens 未同步 from the menu, with the keys in its list. */
async function openScreen(page: Page): Promise<void> {
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "未同步", exact: true }));
  await expect(page.getByRole("heading", { name: "未同步", level: 1 })).toBeVisible();
}

/** Puts the keys on the first line. */
async function onFirstLine(page: Page): Promise<void> {
  await reach(page, page.locator('.unsynced [role="grid"]'));
  await press(page, "ArrowDown");
  await expect(button(page, "打开")).toBeEnabled();
}

/** 导出为文件; the path of the file. */
async function exported(page: Page, path: string): Promise<string> {
  const file = page.waitForEvent("download");
  await activate(page, button(page, "导出为文件"));
  const download = await file;
  expect(download.suggestedFilename()).toMatch(/^未同步-\d{12}\.opbook$/);
  await download.saveAs(path);
  return path;
}

async function bringIn(page: Page, path: string): Promise<void> {
  const asked = page.waitForEvent("filechooser");
  await activate(page, button(page, "从文件导入"));
  await (await asked).setFiles(path);
}

test("what waits is listed, compared, carried away as a file, discarded, and goes on at another computer", async ({ away, own, other }, info) => {
  test.slow();
  const page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  await expect(page.getByText("已存服务器", { exact: true })).toBeVisible();
  await openScreen(page);
  await expect(page.getByText("全部内容都在服务器上。")).toBeVisible();
  await away.kill();
  await newBook(page);
  await fillHead(page, { contractNo: "HT-CARRY" });
  await expect(page.getByText("待同步 1", { exact: true })).toBeVisible();
  await typeExport(page, "8542311100", "C-1", "10", "2");
  await expect(page.getByText("待同步 2", { exact: true })).toBeVisible();
  await press(page, "Alt+1");
  await reach(page, field(page, "企业内部编号"));
  await retype(page, "NB-CARRY");
  await press(page, "Enter");
  await expect(page.getByText(/^已存本机 \d\d:\d\d$/)).toBeVisible();
  await page.waitForTimeout(500);

  // The mark leads there, by mouse as well.
  await page.getByRole("button", { name: "待同步 2" }).click();
  await expect(page.locator(LINES)).toHaveCount(1);
  await expect(page.locator(LINES)).toContainText("2次：表头");
  await expect(page.locator(LINES)).toContainText("表头1项");
  await expectNoAxeViolations(page, "what waits");
  await onFirstLine(page);
  await activate(page, button(page, "对照"));
  const dialog = page.locator("dialog[open]");
  await expect(dialog.getByText("服务器上还没有此单据。")).toBeVisible();
  await expect(dialog.getByRole("row").filter({ hasText: "出境加工合同号" })).toContainText("HT-CARRY");
  await expect(dialog.getByRole("row").filter({ hasText: "企业内部编号" })).toContainText("NB-CARRY");
  await expectNoAxeViolations(page, "compared");
  await page.screenshot({ path: info.outputPath("compared.png") });
  await press(page, "Escape");
  await expect(dialog).toHaveCount(0);

  const path = await exported(page, info.outputPath("carried.opbook"));
  const written = (await readFile(path)).toString("latin1");
  expect(written).toContain('"login":"donglan"');
  expect(written, "what was typed is not in the clear").not.toMatch(/HT-CARRY|NB-CARRY|C-1/);
  await page.screenshot({ path: info.outputPath("listed.png") });

  // Open, it cannot be discarded from here: what is typed there would come back.
  await activate(page, button(page, "丢弃"));
  await expect(page.getByText(/已打开：请先关闭它的页签/)).toBeVisible();
  await press(page, "Alt+PageDown");
  await expect(page.locator(".document:visible")).toBeVisible();
  await press(page, "Alt+w");
  await activate(page, page.locator("dialog[open]").getByRole("button", { name: "确定" }));
  await expect(page.locator(".document")).toHaveCount(0);
  await expect(page.locator(LINES)).toContainText("2次：表头");
  await onFirstLine(page);
  await activate(page, button(page, "丢弃"));
  await expect(dialog.getByRole("button", { name: "取消" })).toBeFocused();
  await press(page, "Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.locator(LINES)).toHaveCount(1);
  await activate(page, button(page, "丢弃"));
  await activate(page, dialog.getByRole("button", { name: "确定" }));
  await expect(page.getByText("全部内容都在服务器上。")).toBeVisible();
  await expect(page.getByText(/^待同步 \d/)).toHaveCount(0);

  // Another browser, the server back: somebody else gets nothing, its user all of it.
  await away.restart();
  await signIn(other, "haihe", "haihe-2026", away.url);
  await openScreen(other);
  await bringIn(other, path);
  await expect(other.getByText(/该文件属于用户donglan/)).toBeVisible();
  await activate(other, other.getByRole("button", { name: "退出" }));
  await expect(field(other, "用户名")).toBeVisible();
  await signIn(other, "donglan", "donglan-2026", away.url);
  await openScreen(other);
  const broken = info.outputPath("broken.opbook");
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
  await writeFile(broken, bytes);
  await bringIn(other, broken);
  await expect(other.getByText(/文件已损坏/)).toBeVisible();
  await writeFile(broken, "PK a workbook");
  await bringIn(other, broken);
  await expect(other.getByText(/这不是本系统/)).toBeVisible();
  await expect(other.locator(LINES)).toHaveCount(0);
  await bringIn(other, path);
  await expect(other.getByText(/已导入1份单据的内容/)).toBeVisible();
  await expect(other.locator(LINES)).toHaveCount(1);
  await expect(other.getByRole("button", { name: "未保存 1" })).toBeVisible();
  // Twice is once.
  await bringIn(other, path);
  await expect(other.locator(LINES)).toHaveCount(1);
  await onFirstLine(other);
  await press(other, "Enter");
  await expect(field(other, "出境加工合同号")).toHaveValue("HT-CARRY");
  await expect(field(other, "企业内部编号")).toHaveValue("NB-CARRY");
  // A row of the list came, too, so the list is in front.
  await expect(other.getByText(/已恢复列表中未保存的1行/)).toBeVisible();
  await press(other, "Alt+1");
  await reach(other, field(other, "企业内部编号"));
  await press(other, "Control+s");
  await expect(other.getByText("暂存成功！")).toBeVisible();
  await press(other, "Alt+2");
  await expect(gridRows(other)).toHaveCount(1);
  await reach(other, gridRows(other).first().getByRole("textbox").first());
  await press(other, "Control+s");
  await expect(other.getByText("已存服务器", { exact: true })).toBeVisible({ timeout: 15_000 });
  await expect.poll(async () => draftNames(other)).toEqual([]);
  await other.reload();
  await expect(other.locator(".document-status")).toBeVisible();
  await press(other, "Alt+2");
  await expect(gridRows(other)).toHaveCount(1);
});

test("a file and what is typed here: other fields stay from both, the same ones are asked about", async ({ away, own }, info) => {
  test.slow();
  const page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await newBook(page);
  await fillHead(page, { contractNo: "HT-STORED" });
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await press(page, "Alt+1");
  await reach(page, field(page, "出境加工合同号"));
  await retype(page, "HT-FILE");
  await press(page, "Enter");
  await reach(page, field(page, "企业内部编号"));
  await retype(page, "NB-FILE");
  await press(page, "Enter");
  await page.waitForTimeout(500);
  await openScreen(page);
  await onFirstLine(page);
  await activate(page, button(page, "对照"));
  const dialog = page.locator("dialog[open]");
  const row = dialog.getByRole("row").filter({ hasText: "出境加工合同号" });
  await expect(row).toContainText("HT-FILE");
  await expect(row).toContainText("HT-STORED");
  await press(page, "Escape");
  await expect(dialog).toHaveCount(0);
  const path = await exported(page, info.outputPath("typed.opbook"));
  await bringIn(page, path);
  await expect(page.getByText(/已打开，没有导入任何内容/)).toBeVisible();

  // Typed on here in one of the two fields.
  await press(page, "Alt+PageUp");
  await reach(page, field(page, "出境加工合同号"));
  await retype(page, "HT-HERE");
  await press(page, "Enter");
  await page.waitForTimeout(500);
  const address = page.url();
  await own.kill();
  const again = await own.start();
  await signIn(again, "donglan", "donglan-2026", away.url);
  await openScreen(again);
  await expect(again.locator(LINES)).toHaveCount(1);
  const asked = again.locator("dialog[open]");
  for (const [way, left] of [["取消", "HT-HERE"], ["保留本机的", "HT-HERE"], ["采用文件的", "HT-FILE"]] as const) {
    await bringIn(again, path);
    await expect(asked.getByRole("row").filter({ hasText: "出境加工合同号" })).toContainText("HT-HERE");
    await expect(asked.getByRole("row").filter({ hasText: "企业内部编号" })).toHaveCount(0);
    await answer(again, asked.getByRole("button", { name: way }));
    await expect(asked).toHaveCount(0);
    await onFirstLine(again);
    await activate(again, button(again, "对照"));
    await expect(asked.getByRole("row").filter({ hasText: "出境加工合同号" })).toContainText(left);
    await press(again, "Escape");
    await expect(asked).toHaveCount(0);
  }
  await again.goto(address);
  await expect(field(again, "出境加工合同号")).toHaveValue("HT-FILE");
  await expect(field(again, "企业内部编号")).toHaveValue("NB-FILE");
});

test("a save at which the server fails is told of, listed with the reason, and stored once the server is mended", async ({ away, own }) => {
  test.slow();
  const page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  await away.kill();
  await newBook(page);
  await fillHead(page, { contractNo: "HT-FAULT" });
  await expect(page.getByText("待同步 1", { exact: true })).toBeVisible();
  const message = { zh: "服务器暂时无法处理", en: "The server cannot do this" };
  await page.context().route("**/api/document/save_head", (route) =>
    route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify({ kind: "internal", message }) }));
  await away.restart();
  await expect(page.getByText(/有暂存内容服务器处理出错，仍保留在本机，将自动重试/).first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "待同步 1" }).click();
  await expect(page.locator(LINES)).toContainText("服务器出错：服务器暂时无法处理");
  await page.context().unroute("**/api/document/save_head");
  await expect(page.getByText("全部内容都在服务器上。")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^待同步 \d/)).toHaveCount(0);
});
