// Filing a book as a trained clerk does: values and Enter, in the order of the form. No mouse.

import { type Browser, type Page, expect } from "@playwright/test";
import { activate, press, reach, retype, type } from "./keyboard.ts";
import { type Words, zh } from "./words.ts";

/** A control of the open form, by its label. */
export function field(page: Page, label: string) {
  return page.getByLabel(label, { exact: true }).and(page.locator("input:visible, textarea:visible, select:visible"));
}

/** Types each value into the field that has the focus and presses Enter; "" just moves on. */
export async function typeAlong(page: Page, values: string[]): Promise<void> {
  for (const value of values) {
    if (value !== "") await retype(page, value);
    await page.keyboard.press("Enter");
  }
}

export interface HeadValues {
  operator?: string;
  validTo?: string;
  processDesc?: string;
  contractNo?: string;
}

/** Signs in with the keyboard. */
export async function signIn(page: Page, login = "donglan", password = "donglan-2026", url = "/"): Promise<void> {
  await page.goto(url);
  await expect(field(page, "用户名")).toBeFocused();
  await type(page, login);
  await press(page, "Tab");
  await type(page, password);
  await press(page, "Enter");
  await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
}

/** Opens a new filing from the menu. */
export async function newBook(page: Page, words: Words = zh): Promise<void> {
  await activate(page, page.getByRole("navigation").getByRole("button", { name: words.menuBook }));
  await expect(field(page, words.internalNo)).toBeVisible();
  await reach(page, field(page, words.internalNo));
}

/** Fills the head from its first field on; Enter in 备注 saves it. */
export async function fillHead(page: Page, values: HeadValues = {}): Promise<void> {
  await typeAlong(page, [
    "", // 企业内部编号: given by the server
    "2300", // 主管海关
    values.operator ?? "3205246018",
    "3502166027", // 加工单位代码
    "3205246018", // 申报单位代码
    "", // 申报单位类型
    values.contractNo ?? "HT-2026-001",
    "20260901", // 合同签订日期
    values.validTo ?? "+6m",
    "Mekong Packaging Co., Ltd",
    "VNM",
    "", // 加工种类
    "2300", // 出口口岸
    "2300", // 复进口口岸
    "USD",
    "12,500.50",
    "沈知远",
    "13800138000",
    values.processDesc ?? "晶圆出境封装、测试后复运进境，形态为集成电路",
    "", // 备注
  ]);
}

/** Somebody of the same enterprise, at another browser, stores another contract number in a filing. */
export async function colleagueSaves(browser: Browser, server: string, address: string, contractNo: string): Promise<void> {
  const other = await browser.newContext({ baseURL: server });
  const colleague = await other.newPage();
  await signIn(colleague, "donglan", "donglan-2026", address);
  await reach(colleague, field(colleague, "出境加工合同号"));
  await retype(colleague, contractNo);
  await press(colleague, "Control+s");
  await expect(colleague.getByText("暂存成功！")).toBeVisible();
  await other.close();
}

/** Signed in, with a new filing whose head is stored. */
export async function savedBook(page: Page, contractNo: string): Promise<void> {
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo });
  await expect(page.getByText("暂存成功！")).toBeVisible();
}

/** Types one export row, from 商品料号 to 备注; ends in the next new row. `code`: what is typed to find the goods. */
export async function typeExport(page: Page, code: string, spec: string, qty: string, price: string): Promise<void> {
  await typeAlong(page, ["M-1", code, "", spec, "007", qty, qty, "0.5", price, "", "", "", ""]);
}

/** Types one re-import row. */
export async function typeReimport(page: Page, code: string, spec: string, qty: string, original: string): Promise<void> {
  await typeAlong(page, ["M-9", code, "", spec, "007", qty, qty, "0.5", "9.9", "", "", original, "30", "5.5", "2", "0.5", "1", ""]);
}

/** One row in each list, from wherever the keys are; ends in the next new row of 复进口货物. */
export async function typeOneOfEach(page: Page, spec = "A", qty = "1", original = "1"): Promise<void> {
  for (const list of ["Alt+2", "Alt+3"]) {
    await press(page, list);
    await reach(page, field(page, "商品料号"));
    await (list === "Alt+2" ? typeExport(page, "8542311100", spec, qty, "2") : typeReimport(page, "8542311100", `${spec}T`, qty, original));
    await expect(gridRows(page)).toHaveCount(1);
  }
}

/** The rows of the list that is open. */
export function gridRows(page: Page) {
  return page.locator('[role="grid"]:visible [role="row"][aria-rowindex]:not([aria-rowindex="1"])');
}

/** How many the open query list found in all; of its lines only those of one page, and of these only those in view, are
 * there to be counted. */
export async function listed(page: Page): Promise<number> {
  const found = /共(\d+)条/.exec(await page.locator(".query-list:visible").innerText())?.[1];
  expect(found, "the list says how many it found").toBeDefined();
  return Number(found);
}
