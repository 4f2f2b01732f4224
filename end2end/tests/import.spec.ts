// 导入 without a mouse: a company's own workbook, what is wrong in it, replacing, stopping.
// The workbooks are those of tests/sheet.rs, written by openpyxl.

import { resolve } from "node:path";
import { type Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { fillHead, gridRows, newBook, signIn } from "../support/filing.ts";
import { activate, press, reach } from "../support/keyboard.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

const sheets = resolve(import.meta.dirname, "../../tests/fixtures/sheets");
const dialog = (page: Page) => page.getByRole("dialog", { name: "导入" });
const button = (page: Page, name: string) => dialog(page).getByRole("button", { name, exact: true });

async function savedBook(page: Page): Promise<void> {
  await signIn(page);
  await newBook(page);
  await fillHead(page);
  await expect(page.getByText("暂存成功！")).toBeVisible();
}

/** Opens the dialog, chooses a file and has it checked. */
async function check(page: Page, name: string): Promise<void> {
  if (!(await dialog(page).isVisible())) await press(page, "Alt+i");
  await reach(page, dialog(page).getByLabel("导入文件"));
  await dialog(page).getByLabel("导入文件").setInputFiles(resolve(sheets, name));
  await activate(page, button(page, "上传并核对"));
}

test("a company's own workbook becomes the rows of a book", async ({ page }) => {
  await savedBook(page);
  await press(page, "Alt+i");
  await activate(page, button(page, "上传并核对"));
  await expect(dialog(page).getByRole("alert")).toHaveText("请先选择要导入的模板文件！");
  await expectNoAxeViolations(page, "import dialog");

  await check(page, "company.xlsx");
  await expect(dialog(page)).toContainText("出口货物：工作表“出口货物”，3行");
  await expect(dialog(page)).toContainText("全部行都可以导入。");
  await expect(dialog(page)).toContainText("我司备注");
  await expectNoAxeViolations(page, "report without faults");
  // Nothing is stored before the decision.
  await press(page, "Escape");
  await expect(dialog(page)).toBeHidden();
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(0);

  await check(page, "company.xlsx");
  await activate(page, button(page, "确认导入"));
  await expect(page.getByText("导入成功！新增5项")).toBeVisible();
  await expect(dialog(page)).toBeHidden();
  await expect(gridRows(page)).toHaveCount(3);
  await expect(page.locator(".document-summary")).toContainText("6,280");

  // The same once more is noticed; replacing says what it will do before it does it.
  await check(page, "company.xlsx");
  await expect(dialog(page)).toContainText("存在重复数据！");
  await expect(button(page, "确认导入")).toBeDisabled();
  await activate(page, button(page, "重新选择文件"));
  await check(page, "replace.xlsx");
  await reach(page, dialog(page).getByRole("radio", { name: /追加到表体末尾/ }));
  await press(page, "ArrowDown");
  await expect(dialog(page).getByRole("radio", { name: /按商品料号替换/ })).toBeChecked();
  await expect(dialog(page)).toContainText("新增1项，替换2项，相同跳过0项，有误1行");
  await activate(page, button(page, "只导入正确的行"));
  await expect(gridRows(page)).toHaveCount(4);
});

test("every fault is shown by its cell, and the wrong rows come back as a workbook", async ({ page }) => {
  await savedBook(page);
  await check(page, "bad.xlsx");
  await expect(dialog(page)).toContainText("有误的数据：10行");
  const line = dialog(page).getByRole("row", { name: /B3/ });
  await expect(line).toContainText("8.54E+09");
  await expect(line).toContainText("科学计数法");
  await expectNoAxeViolations(page, "report with faults");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    activate(page, dialog(page).getByRole("link", { name: /下载有误的行/ })),
  ]);
  expect(download.suggestedFilename()).toBe("bad-有误的行.xlsx");
  await activate(page, button(page, "只导入正确的行"));
  await expect(dialog(page)).toContainText("新增2项");
  await activate(page, button(page, "关闭").last());
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(2);
});

test("what cannot be read is said, and an upload can be stopped", async ({ page }) => {
  await savedBook(page);
  await check(page, "password.xlsx");
  await expect(dialog(page).getByRole("alert")).toContainText("打开密码");
  await check(page, "page.xls");
  await expect(dialog(page).getByRole("alert")).toContainText("网页");

  // A line so slow that nothing comes back.
  await page.route("**/import_upload*", () => undefined);
  await check(page, "company.xlsx");
  await expect(dialog(page).getByRole("progressbar")).toBeVisible();
  await activate(page, button(page, "停止"));
  await expect(button(page, "上传并核对")).toBeVisible();
  await page.unroute("**/import_upload*");
  await check(page, "one.xlsx");
  await activate(page, button(page, "确认导入"));
  await expect(page.getByText("导入成功！新增1项")).toBeVisible();
});

test("storing can be stopped: the book is as it was, or has all of it", async ({ page }) => {
  test.slow();
  await savedBook(page);
  await check(page, "company.xlsx");
  // It never reaches the server.
  await page.route("**/import_apply", () => undefined);
  await activate(page, button(page, "确认导入"));
  await expect(dialog(page)).toContainText("正在写入数据");
  await expectNoAxeViolations(page, "rows being stored");
  await activate(page, button(page, "停止"));
  await expect(page.getByText("已停止导入，数据没有改变。")).toBeVisible();
  await expect(button(page, "上传并核对")).toBeVisible();
  await press(page, "Escape");
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(0);

  // It is stored, only the answer does not come: then stopping is too late, and says what there is.
  await page.unroute("**/import_apply");
  await check(page, "company.xlsx");
  let stored = false;
  await page.route("**/import_apply", async (route) => {
    if (stored) return route.continue();
    await route.fetch();
    stored = true;
  });
  await activate(page, button(page, "确认导入"));
  await expect.poll(() => stored).toBe(true);
  await activate(page, button(page, "停止"));
  await expect(page.getByText("导入成功！新增5项")).toBeVisible();
  await expect(dialog(page)).toBeHidden();
  await expect(gridRows(page)).toHaveCount(3);

  // The list goes out as a workbook, which is the same list when it comes back.
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    activate(page, page.getByRole("button", { name: "导出", exact: true })),
  ]);
  expect(download.suggestedFilename()).toMatch(/^出口货物-.+\.xlsx$/);
  await page.unroute("**/import_apply");
  await check(page, await download.path());
  await expect(dialog(page)).toContainText("新增0项，替换0项，相同跳过3项，有误0行");
});
