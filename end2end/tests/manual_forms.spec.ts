// Buttons, keys and forms as the manual has them: 新增, Enter in a code, the star, grey fields, the list 复进口货物, 快速查询,
// 选择显示列, the menu, the tabs, 申报 of what was just typed, 验证码. If one fails, somebody who learned from the manual presses
// what it names and nothing happens, or something is declared that nobody typed.

import { resolve } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook } from "../support/entry.ts";
import { field, gridRows, newBook, savedBook, signIn, typeAlong, typeReimport } from "../support/filing.ts";
import { activate, enter, press, reach, retype, type } from "../support/keyboard.ts";
import { goods, newId, openList, post, stored } from "../support/list.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

/** A person reads a question or a refusal before going on. */
const PAUSE_MS = 1_000;

const whole = (page: Page, name: string) => page.locator(".action-bar:visible").getByRole("button", { name, exact: true });
const inBar = (page: Page, name: string) => page.locator(".goods .section-bar:visible").getByRole("button", { name, exact: true });
const status = (page: Page) => page.locator(".document-status:visible");
const dialog = (page: Page) => page.locator("dialog[open]");
const tabs = (page: Page) => page.locator(".tabs [role=tab]");
const menu = (page: Page, name: string) => page.getByRole("navigation").getByRole("button", { name, exact: true });
const heading = (page: Page, name: string) => page.getByRole("columnheader", { name, exact: true }).and(page.locator(":visible"));
/** The label of a field, with its star. */
const label = (page: Page, name: string) =>
  page.locator(".field-label:visible").filter({ has: page.getByText(name, { exact: true }) });

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

/** Where what is chosen is kept with the user, who is the other tests' as well. */
async function ownServer(page: Page, env: Record<string, string> = {}): Promise<Server> {
  const server = await Server.start({ env });
  onTestFinished = () => server.dispose();
  await page.goto(server.url);
  return server;
}

/** A filing with a row in each list, stored and ready to be declared. */
async function ready(page: Page, contract_no: string): Promise<string> {
  const id = newId();
  const head = {
    operator_code: "3205246018", processor_code: "3502166027", declarant_code: "3205246018", declarant_type: "1",
    master_customs: "2300", contract_no, foreign_processor_name: "Mekong Packaging", process_country: "VNM",
    currency: "USD", contact_name: "沈知远", contact_mobile: "13800138000", process_desc: "晶圆出境封装、测试后复运进境",
  };
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
  const { dest_country: _, ...back } = goods(100);
  const rows = { exports: goods(1000), reimports: { ...back, spec_model: "T-1", original_value: "400", fee_processing: "50" } };
  for (const [section, content] of Object.entries(rows)) {
    const puts = [{ row_id: crypto.randomUUID(), base: 0, seq: 0, content }];
    await post(page, "document/save_rows", { request: { document_id: id, section, puts, removes: [] } });
  }
  return id;
}

/** Red, green and blue of a colour of an element. */
async function colour(element: Locator, property: "color" | "backgroundColor"): Promise<[number, number, number]> {
  const [red = 0, green = 0, blue = 0] = await element.evaluate((node, property) => {
    const canvas = document.createElement("canvas").getContext("2d")!;
    canvas.fillStyle = getComputedStyle(node)[property];
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  }, property);
  return [red, green, blue];
}

test("the blue 新增 begins another filing beside the one that is typed, and 导入 is grey before 暂存", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await retype(page, "MF-NEW-1");
  await press(page, "Enter");
  await expect(whole(page, "导入")).toBeDisabled();
  await activate(page, whole(page, "新增"));
  await expect(tabs(page)).toHaveCount(2);
  await expect(field(page, "企业内部编号")).toBeFocused();
  await expect(field(page, "企业内部编号")).toHaveValue("");
  await press(page, "Alt+PageUp");
  await expect(field(page, "企业内部编号")).toHaveValue("MF-NEW-1");
  await enter(page, field(page, "经营单位代码"), "3205246018");
  await enter(page, field(page, "加工单位代码"), "3502166027");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await expect(whole(page, "导入")).toBeEnabled();
});

test("Enter in 申报单位代码 fills in its credit code and name, and a code that is none empties them", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  // The user's own stands there first.
  await expect(field(page, "申报单位代码")).toHaveValue("3205246018");
  await enter(page, field(page, "申报单位代码"), "3122980015");
  await press(page, "Enter");
  await expect(field(page, "申报单位类型")).toBeFocused();
  await expect(field(page, "申报单位社会信用代码")).toHaveValue("91310115MA1K4W8D3G");
  await expect(field(page, "申报单位名称")).toHaveValue("通和报关（上海）有限公司");
  await enter(page, field(page, "加工单位代码"), "4403160D52");
  await press(page, "Enter");
  await expect(field(page, "加工单位社会信用代码")).toHaveValue("91440300MA5E9R2G5A");
  await expect(field(page, "加工单位名称")).toHaveValue("澄岳光电（深圳）有限公司");
  await reach(page, field(page, "申报单位代码"));
  await retype(page, "9999999999");
  await press(page, "Enter");
  await expect(field(page, "申报单位代码")).toHaveAttribute("aria-invalid", "true");
  await expect(field(page, "申报单位代码")).toBeFocused();
  await expect(field(page, "申报单位名称")).toHaveValue("");
  await page.waitForTimeout(PAUSE_MS);
});

test("Tab passes over what is grey, and Backspace empties the field it comes to", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  // 统一编号, 账册编号, 申报类型 and 变更次数 stand between.
  await press(page, "Tab");
  await expect(field(page, "主管海关")).toBeFocused();
  await press(page, "Tab");
  await expect(field(page, "经营单位代码")).toBeFocused();
  await press(page, "Tab");
  await expect(field(page, "加工单位代码")).toBeFocused();
  await press(page, "Shift+Tab", 3);
  await expect(field(page, "企业内部编号")).toBeFocused();
  const passed = new Set<string>();
  for (let steps = 0; steps < 40; steps += 1) {
    const [grey, key] = await page.evaluate(() => {
      const here = document.activeElement;
      return [here?.hasAttribute("readonly") === true, here?.getAttribute("data-key") ?? ""] as const;
    });
    expect(grey, key).toBe(false);
    passed.add(key);
    if (key === "remark") break;
    await press(page, "Tab");
  }
  expect(passed).toContain("remark");
  expect([...passed].filter((key) => key !== "").length).toBeGreaterThan(15);

  for (const [name, value, key] of [
    ["出境加工合同号", "HT-MF-一二三", "Tab"],
    ["主管海关", "2300", "Tab"],
    ["合同签订日期", "20260901", "Enter"],
  ] as const) {
    await enter(page, field(page, name), value);
    await press(page, key);
    await expect(field(page, name)).not.toHaveValue("");
    await press(page, "Shift+Tab");
    await expect(field(page, name)).toBeFocused();
    await press(page, "Backspace");
    await expect(field(page, name), name).toHaveValue("");
    await press(page, "Tab");
    await expect(field(page, name), name).toHaveValue("");
  }
});

test("a red star stands before what is required, and the colours of buttons say what they act on", async ({ page }) => {
  await signIn(page);
  await openList(page, 1);
  const starred = async (name: string, count: number) => expect(label(page, name).locator(".star"), name).toHaveCount(count);
  for (const name of ["商品编码", "商品名称", "申报数量", "申报单价", "最终目的国(地区)"]) await starred(name, 1);
  for (const name of ["商品料号", "备注", "申报总价"]) await starred(name, 0);
  for (const name of ["新增", "保存本行", "快速查询", "显示全部"]) {
    expect(await colour(inBar(page, name), "backgroundColor"), name).toEqual([255, 255, 255]);
  }
  for (const name of ["新增", "暂存", "申报", "导入", "打印"]) {
    const [red, , blue] = await colour(whole(page, name), "backgroundColor");
    expect(blue - red, `${name} is blue`).toBeGreaterThan(60);
  }
  const [red, green, blue] = await colour(whole(page, "删除"), "color");
  expect(red - Math.max(green, blue), "删除 is red").toBeGreaterThan(60);
  expect(await colour(whole(page, "删除"), "backgroundColor")).toEqual([255, 255, 255]);
  await press(page, "Alt+1");
  for (const name of ["主管海关", "经营单位代码", "加工单位代码", "出境加工合同号", "手机号码"]) await starred(name, 1);
  for (const name of ["企业内部编号", "统一编号", "账册编号", "加工种类", "备注"]) await starred(name, 0);
  await expect(label(page, "主管海关").locator(".star")).toHaveText("*");
  const star = await colour(label(page, "主管海关").locator(".star"), "color");
  expect(star[0] - Math.max(star[1], star[2]), "the star is red").toBeGreaterThan(60);
  await expect(field(page, "经营单位代码")).toHaveAttribute("aria-required", "true");
});

mouseTest("复进口货物: 新增, 商品编码 from four digits, Enter in 备注, and 删除 of the chosen rows", async ({ page }) => {
  mouseTest.slow();
  await savedBook(page, "HT-MF-BACK");
  const id = new URL(page.url()).pathname.split("/")[2]!;
  await press(page, "Alt+3");
  await inBar(page, "新增").click();
  await expect(field(page, "商品料号")).toBeFocused();
  await press(page, "Tab");
  await expect(field(page, "商品编码")).toBeFocused();
  await type(page, "854");
  await expect(page.getByText("请至少输入四位商品编码").first()).toBeVisible();
  await type(page, "2");
  await expect(page.getByRole("listbox")).toBeVisible();
  await press(page, "ArrowDown", 2);
  await press(page, "Enter");
  await expect(field(page, "商品编码")).toHaveValue(/^8542\d{6}/);
  await expect(field(page, "商品名称")).not.toHaveValue("");

  // 新增 asks about what is typed, and empties the form.
  await inBar(page, "新增").click();
  await expect(dialog(page)).toContainText("表单中有一项尚未保存");
  await dialog(page).getByRole("button", { name: "放弃", exact: true }).click();
  await expect(field(page, "商品编码")).toHaveValue("");
  await expect(field(page, "商品名称")).toHaveValue("");
  await expect(field(page, "商品料号")).toBeFocused();
  await typeReimport(page, "8542311100", "MF-A", "1", "10");
  await expect(gridRows(page)).toHaveCount(1);
  await typeReimport(page, "8542311100", "MF-B", "2", "20");
  await expect(gridRows(page)).toHaveCount(2);

  await gridRows(page).filter({ hasText: "MF-A" }).getByText("MF-A", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "修改第1项" }).and(page.locator(":visible"))).toBeVisible();
  await inBar(page, "删除").click();
  await expect(dialog(page)).toContainText("是否删除复进口货物第1项");
  await dialog(page).getByRole("button", { name: "取消", exact: true }).click();
  await expect(gridRows(page)).toHaveCount(2);
  await inBar(page, "删除").click();
  await dialog(page).getByRole("button", { name: "确定", exact: true }).click();
  await expect(page.getByText("删除成功！")).toBeVisible();
  await expect(gridRows(page)).toHaveCount(1);
  const { lists } = (await post(page, "document/get", { id })) as {
    lists: { section: string; rows: { content: Record<string, string> }[] }[];
  };
  const left = lists.find((list) => list.section === "reimports")?.rows.map((row) => row.content["spec_model"]);
  expect(left).toEqual(["MF-B"]);
});

test("the button 快速查询 shows what fits, and 显示全部 the rest again", async ({ page }) => {
  await signIn(page);
  const id = await openList(page, 12);
  const quick = page.locator("input.quick:visible");
  await enter(page, quick, "S-11");
  await activate(page, inBar(page, "快速查询"));
  await expect(gridRows(page)).toHaveCount(1);
  await expect(gridRows(page)).toContainText(["S-11"]);
  await enter(page, quick, "没有的名称");
  await activate(page, inBar(page, "快速查询"));
  await expect(page.getByText("没有符合快速查询条件的数据")).toBeVisible();
  await activate(page, inBar(page, "显示全部"));
  await expect(gridRows(page)).toHaveCount(12);
  await expect(quick).toHaveValue("");
  expect((await stored(page, id)).length).toBe(12);
});

test("选择显示列: a box that is ticked shows its column, also the next time", async ({ page }) => {
  test.setTimeout(90_000);
  const server = await ownServer(page);
  await signIn(page, "donglan", "donglan-2026", server.url);
  await openList(page, 2, server.url);
  const chooser = page.locator(".goods:visible").getByRole("button", { name: "选择显示列" });
  const box = (name: string) => page.locator(".menu-panel").getByLabel(name, { exact: true });
  const kept = () => page.waitForResponse("**/api/account/save_preferences");
  await expect(heading(page, "规格型号")).toHaveCount(1);
  await activate(page, chooser);
  await expect(box("规格型号")).toBeChecked();
  await reach(page, box("规格型号"), "ArrowDown");
  let saved = kept();
  await press(page, "Space");
  await saved;
  await expect(box("规格型号")).not.toBeChecked();
  await expect(heading(page, "规格型号")).toHaveCount(0);
  await press(page, "Escape");
  await page.reload();
  await expect(status(page)).toBeVisible();
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(2);
  await expect(heading(page, "商品名称")).toHaveCount(1);
  await expect(heading(page, "规格型号")).toHaveCount(0);
  await activate(page, chooser);
  await reach(page, box("规格型号"), "ArrowDown");
  saved = kept();
  await press(page, "Space");
  await saved;
  await expect(heading(page, "规格型号")).toHaveCount(1);
  await expectNoAxeViolations(page, "choice of columns");
});

test("折叠菜单 leaves the icons, which still open what they stand for, and stays so", async ({ page }) => {
  const server = await ownServer(page);
  await signIn(page, "donglan", "donglan-2026", server.url);
  const bar = page.locator(".side-menu");
  const width = async () => (await bar.boundingBox())!.width;
  expect(await width()).toBeGreaterThan(150);
  const kept = page.waitForResponse("**/api/account/save_preferences");
  await activate(page, page.getByRole("button", { name: "折叠菜单", exact: true }));
  await kept;
  await expect(page.getByRole("button", { name: "展开菜单", exact: true })).toHaveAttribute("aria-expanded", "false");
  expect(await width()).toBeLessThan(60);
  await expectNoAxeViolations(page, "folded menu");
  await activate(page, menu(page, "出境加工账册查询"));
  await expect(page.getByRole("heading", { name: "出境加工账册查询" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "展开菜单", exact: true })).toBeVisible();
  expect(await width()).toBeLessThan(60);
  await activate(page, page.getByRole("button", { name: "展开菜单", exact: true }));
  await expect(page.getByRole("button", { name: "折叠菜单", exact: true })).toHaveAttribute("aria-expanded", "true");
  expect(await width()).toBeGreaterThan(150);
});

mouseTest("‹ and › move the strip of tabs", async ({ page }) => {
  mouseTest.slow();
  await page.setViewportSize({ width: 1024, height: 800 });
  await signIn(page);
  for (let count = 0; count < 9; count += 1) {
    await menu(page, "出境加工账册(备案/变更)").click();
    await expect(tabs(page)).toHaveCount(count + 1);
  }
  const [left, right] = [page.getByRole("button", { name: "页签左移" }), page.getByRole("button", { name: "页签右移" })];
  await expect(tabs(page).nth(8)).toBeInViewport();
  await expect(tabs(page).nth(0)).not.toBeInViewport();
  for (let steps = 0; steps < 12; steps += 1) await left.click();
  await expect(tabs(page).nth(0)).toBeInViewport();
  await expect(tabs(page).nth(8)).not.toBeInViewport();
  // The strip moves, not the choice.
  await expect(tabs(page).nth(8)).toHaveAttribute("aria-selected", "true");
  for (let steps = 0; steps < 12; steps += 1) await right.click();
  await expect(tabs(page).nth(8)).toBeInViewport();
});

mouseTest("the menu 关闭页签 closes the others, and all, after asking about what is not saved", async ({ page }) => {
  await signIn(page);
  for (const [count, name] of ["出境加工账册查询", "出境加工账册报核查询", "出境加工账册(备案/变更)"].entries()) {
    await menu(page, name).click();
    await expect(tabs(page)).toHaveCount(count + 1);
  }
  const choose = async (name: string) => {
    await page.getByRole("button", { name: "关闭页签", exact: true }).click();
    await page.getByRole("button", { name, exact: true }).click();
  };
  await choose("关闭其他页签");
  await expect(tabs(page)).toHaveCount(1);
  await expect(tabs(page)).toContainText(["新账册备案"]);
  await menu(page, "出境加工账册查询").click();
  await expect(tabs(page)).toHaveCount(2);
  await tabs(page).first().click();
  await field(page, "企业内部编号").fill("MF-CLOSE");
  await field(page, "主管海关").click();
  await choose("关闭全部页签");
  await expect(dialog(page)).toContainText("有未暂存的内容");
  await dialog(page).getByRole("button", { name: "取消", exact: true }).click();
  await expect(tabs(page)).toHaveCount(2);
  await expect(field(page, "企业内部编号")).toHaveValue("MF-CLOSE");
  await choose("关闭全部页签");
  await dialog(page).getByRole("button", { name: "确定", exact: true }).click();
  await expect(tabs(page)).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "从这里开始" })).toBeVisible();
});

test("申报 straight after typing stores what was typed, in the head and in a row, and declares that", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const id = await ready(page, "HT-MF-DECLARE");
  await page.goto(`/filing/${id}`);
  await enter(page, field(page, "联系人"), "陈一新");
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  await typeAlong(page, ["M-2", "8542399000", "", "S-2", "007", "20", "20", "1", "3", "", "", ""]);
  // The last field still has the focus, and nobody pressed 暂存.
  await expect(field(page, "备注")).toBeFocused();
  await type(page, "申报前录入");
  await press(page, "Control+Shift+Enter");
  await expect(dialog(page)).toContainText("是否确认申报");
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
  await expect(status(page)).toContainText("海关终审通过");
  const { head } = (await post(page, "document/get", { id })) as { head: Record<string, string> };
  expect(head["contact_name"]).toBe("陈一新");
  expect((await stored(page, id)).map(({ content }) => `${content["spec_model"]} ${content["remark"] ?? ""}`.trim())).toEqual([
    "S-1000", "S-2 申报前录入",
  ]);
});

test("a workbook is imported into a change, and its rows are marked as added", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const { id } = await approvedBook(page);
  await page.goto(`/filing/${id}`);
  await activate(page, whole(page, "变更"));
  await expect(dialog(page)).toContainText("是否确认变更该数据？");
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
  await expect(status(page)).toContainText("暂存");
  await expect(field(page, "变更次数")).toHaveValue("1");
  await press(page, "Alt+i");
  const box = page.getByRole("dialog", { name: "导入" });
  await reach(page, box.getByLabel("导入文件"));
  await box.getByLabel("导入文件").setInputFiles(resolve(import.meta.dirname, "../../tests/fixtures/sheets/company.xlsx"));
  await activate(page, box.getByRole("button", { name: "上传并核对", exact: true }));
  await expect(box).toContainText("全部行都可以导入。");
  await activate(page, box.getByRole("button", { name: "确认导入", exact: true }));
  await expect(page.getByText("导入成功！新增5项")).toBeVisible();
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(5);
  await expect(gridRows(page).filter({ hasText: "增加" })).toHaveCount(3);
});

test("an export entry has 1427, 299 and 全免 by itself; another 商品编号 than the book's is a hint and no refusal", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const entry = async (way: "export" | "import", row: Record<string, string>) => {
    const id = newId();
    const head = { manual_no: bookNo, origin: "1", master_customs: "2300", currency: "USD", share_by: "1" };
    await post(page, "document/save_head", { request: { id, kind: `entry_${way}`, base: 0, head } });
    const puts = [{ row_id: crypto.randomUUID(), base: 0, seq: 0, content: { goods_seq: "1", unit: "007", ...row } }];
    await post(page, "document/save_rows", { request: { document_id: id, section: "items", puts, removes: [] } });
    await page.goto(`/entry_${way}/${id}`);
    await expect(field(page, "监管方式")).toHaveValue(/^1427/);
    await expect(field(page, "监管方式")).not.toBeEditable();
    await expect(field(page, "征免性质")).toHaveValue(/^299/);
  };
  await entry("export", { hs_code: "8542399000", goods_name: "集成电路", qty: "10", total_price: "25" });
  await press(page, "Alt+3");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(gridRows(page)).toContainText(["3-全免"]);

  await entry("import", { hs_code: "8541290000", goods_name: "晶体管", qty: "1", original_value: "2", fee_processing: "1" });
  const checks = page.locator(".document-side:visible");
  await expect(checks).toContainText("商品编号8541290000与账册备案的8542399000不同；按实际报验状态填报即可");
  await press(page, "Alt+3");
  await expect(gridRows(page)).toHaveCount(2);
  await expect(gridRows(page).first()).toContainText("8541290000");
});

test("验证码: a picture is asked for, another one on demand, and a wrong answer is said and asked anew", async ({ page }) => {
  await ownServer(page, { OPBOOK_CAPTCHA: "on" });
  const [user, password, code] = [field(page, "用户名"), field(page, "密码"), field(page, "验证码")];
  const picture = page.getByRole("img", { name: "验证码图片" });
  await expect(user).toBeFocused();
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBeGreaterThan(100);
  await expectNoAxeViolations(page, "login with a captcha");
  const first = await picture.getAttribute("src");
  await activate(page, page.getByRole("button", { name: "换一张", exact: true }));
  await expect(picture).not.toHaveAttribute("src", first!);
  await reach(page, user, "Shift+Tab");
  await type(page, "donglan");
  await press(page, "Tab");
  await type(page, "donglan-2026");
  await press(page, "Enter");
  await expect(page.getByRole("alert").filter({ hasText: "请输入图片中的验证码" })).toBeVisible();
  await expect(code).toBeFocused();
  // None of its letters is ever drawn.
  const second = await picture.getAttribute("src");
  await type(page, "00000");
  await press(page, "Enter");
  await expect(page.getByRole("alert").filter({ hasText: "验证码不正确或已过期" })).toBeVisible();
  await expect(picture).not.toHaveAttribute("src", second!);
  await expect(code).toBeFocused();
  await expect(code).toHaveValue("");
  await expect(user).toHaveValue("donglan");
  await expect(password).toHaveValue("donglan-2026");
  await expect(page.getByRole("button", { name: "退出" })).toHaveCount(0);
});
