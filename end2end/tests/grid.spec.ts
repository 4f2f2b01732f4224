// Typing into a list itself, without a mouse: cells, blocks, the clipboard, undo, input methods.

import { expectNoAxeViolations } from "../support/axe.ts";
import { field, gridRows, signIn } from "../support/filing.ts";
import { deaf } from "../support/hints.ts";
import { answer, press, reach, type } from "../support/keyboard.ts";
import {
  InputMethod, activeInput, copied, copyText, expectPlace, goods, grid, openList, stored, toColumn,
} from "../support/list.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });
test.beforeEach(async ({ page }) => signIn(page));

const preview = (page: import("@playwright/test").Page) => page.getByRole("dialog", { name: "粘贴预览" });
const total = async (page: import("@playwright/test").Page, id: string) => (await stored(page, id)).length;

test("cells are typed into, the row is stored when it is left, and undone with Ctrl+Z", async ({ page }) => {
  const id = await openList(page, 5);
  await expectPlace(page, "1 seq");
  await expect(activeInput(page)).toHaveAttribute("readonly", "");
  await press(page, "ArrowRight");
  await press(page, "ArrowDown");
  await expectPlace(page, "2 material_no");

  // Typing replaces, Esc brings back, F2 edits what is there.
  await page.keyboard.type("X");
  await expect(activeInput(page)).toHaveValue("X");
  await press(page, "Escape");
  await expect(activeInput(page)).toHaveValue("M-2");
  await press(page, "F2");
  await page.keyboard.type("b");
  await press(page, "Enter");
  await expectPlace(page, "2 hs_code");
  await expect(page.locator(".grid-row.draft")).toHaveCount(1);

  // Four digits and the list, as in the form; the name follows, as whichever table is there says it.
  await page.keyboard.type("8541");
  await expect(page.getByRole("listbox")).toBeVisible();
  await press(page, "ArrowDown");
  await press(page, "Enter");
  await expectPlace(page, "2 goods_name");
  await expect(activeInput(page)).toHaveValue(/^二极管/);
  // A name instead of a code.
  await toColumn(page, "declare_unit");
  await page.keyboard.insertText("千克");
  await press(page, "Tab");
  // The code says the legal units: grey, and passed over.
  await expectPlace(page, "2 qty");
  await press(page, "ArrowLeft");
  await expectPlace(page, "2 legal_unit2");
  await expect(activeInput(page)).toHaveAttribute("readonly");
  await press(page, "ArrowRight");
  // Full-width digits.
  await page.keyboard.insertText("１，２００");
  await press(page, "ArrowDown");
  await expectPlace(page, "3 qty");
  await expect(page.locator(".grid-row.draft")).toHaveCount(0);
  const row = (await stored(page, id))[1]?.content;
  expect(row).toMatchObject({ material_no: "M-2b", goods_name: expect.stringMatching(/^二极管/), declare_unit: "035", qty: "1200", total_price: "3000" });
  expect(row?.["hs_code"]).toMatch(/^8541/);

  // Four cells were typed: four steps back, the keys where each of them was.
  for (const key of ["qty", "declare_unit", "hs_code", "material_no"]) {
    await press(page, "Control+z");
    await expectPlace(page, `2 ${key}`);
  }
  await expect.poll(async () => (await stored(page, id))[1]?.content).toMatchObject(goods(2));
  await press(page, "Control+y");
  await expect.poll(async () => (await stored(page, id))[1]?.content["material_no"]).toBe("M-2b");
});

test("what cannot be stored stays in its cell and says what to do", async ({ page }) => {
  const id = await openList(page, 2);
  await toColumn(page, "hs_code");
  await page.keyboard.type("qqqq9");
  await press(page, "Enter");
  await expectPlace(page, "1 hs_code");
  await expect(activeInput(page)).toHaveValue("qqqq9");
  await expect(activeInput(page)).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(".grid-fault.shown")).toContainText("无匹配项");
  await expectNoAxeViolations(page, "grid with a faulty cell");
  await press(page, "ArrowDown");
  await expect(page.getByRole("alert").filter({ hasText: "该行未保存" }).first()).toBeVisible();
  expect((await stored(page, id))[0]?.content).toMatchObject(goods(1));
  await press(page, "F8");
  await expectPlace(page, "1 hs_code");
  await press(page, "Delete");
  await page.keyboard.type("8542399000");
  await press(page, "Enter");
  await press(page, "ArrowDown");
  await expect(page.locator(".grid-row.draft")).toHaveCount(0);
  await expect(page.locator(".grid-fault.shown")).toHaveCount(0);
});

test("grey cells can be read and copied, never typed into; Tab leaves the grid", async ({ page }) => {
  const id = await openList(page, 1);
  await toColumn(page, "total_price");
  await page.keyboard.type("9");
  await press(page, "Delete");
  await expect(activeInput(page)).toHaveValue("2.5");
  await press(page, "Control+c");
  expect(await copied(page)).toBe("2.5");
  await press(page, "Tab");
  await expect(grid(page).locator(":focus")).toHaveCount(0);
  await press(page, "Shift+Tab");
  await expectPlace(page, "1 total_price");
  expect((await stored(page, id))[0]?.content["total_price"]).toBe("2.5");
});

test("rows are added, filled down, deleted and brought back", async ({ page }) => {
  const id = await openList(page, 4);
  await press(page, "Control+Insert");
  await expectPlace(page, "5 material_no");
  await page.keyboard.type("NEW");
  await press(page, "Tab");
  await page.keyboard.type("8542399000");
  await press(page, "Tab");
  await expectPlace(page, "5 goods_name");
  await press(page, "Control+s");
  await expect.poll(() => total(page, id)).toBe(5);
  await expect(page.locator(".grid-row.draft")).toHaveCount(0);

  // Ctrl+D: one cell from above, a block from its first row.
  await toColumn(page, "spec_model");
  await press(page, "Control+d");
  await expect.poll(async () => (await stored(page, id))[4]?.content["spec_model"]).toBe("S-4");
  await press(page, "Control+Home");
  await toColumn(page, "spec_model");
  await press(page, "Shift+ArrowDown", 4);
  await press(page, "Control+d");
  const specs = async () => (await stored(page, id)).map((row) => row.content["spec_model"]);
  await expect.poll(specs).toEqual(["S-1", "S-1", "S-1", "S-1", "S-1"]);
  // What is struck while the undo is under way is for the list too, in a grey column as well.
  await page.route("**/api/document/save_rows", async (route) => {
    await new Promise((done) => setTimeout(done, 500));
    await route.continue();
  });
  await press(page, "Control+z");
  // Ctrl+Delete without a question; the numbers come back too.
  await press(page, "Control+Home");
  await press(page, "ArrowDown");
  await press(page, "Shift+ArrowDown");
  await press(page, "Control+Delete");
  await expect.poll(async () => (await stored(page, id)).map((row) => row.seq)).toEqual([1, 4, 5]);
  await expect.poll(specs).toEqual(["S-1", "S-4", "S-4"]);
  await expectPlace(page, "2 seq");
  await press(page, "Control+z");
  await expect.poll(async () => (await stored(page, id)).map((row) => row.seq)).toEqual([1, 2, 3, 4, 5]);
  await expect.poll(specs).toEqual(["S-1", "S-2", "S-3", "S-4", "S-4"]);
  await page.unroute("**/api/document/save_rows");
  await expect(gridRows(page)).toHaveCount(5);
  // A new row nobody typed into leaves no trace.
  await press(page, "Control+Insert");
  await expectPlace(page, "6 material_no");
  await press(page, "ArrowUp");
  await expect(gridRows(page)).toHaveCount(5);
});

test("a block is copied in full and pasted elsewhere", async ({ page }) => {
  const id = await openList(page, 3);
  await toColumn(page, "material_no");
  await press(page, "Shift+ArrowRight", 2);
  await press(page, "Shift+ArrowDown");
  await expect(grid(page).locator('[aria-selected="true"][role="gridcell"]')).toHaveCount(6);
  await expectNoAxeViolations(page, "grid with a block");
  await press(page, "Control+c");
  expect(await copied(page)).toBe("M-1\t8542399000\t集成电路\r\nM-2\t8542399000\t集成电路\r\n");
  await press(page, "Control+End");
  await toColumn(page, "material_no");
  await press(page, "Control+v");
  await expect(preview(page)).toContainText("共2行，其中新增1行；正确6格，有误0格");
  await expectNoAxeViolations(page, "paste preview");
  await press(page, "Enter");
  await expect.poll(async () => (await stored(page, id)).map((row) => row.content["material_no"])).toEqual(["M-1", "M-2", "M-1", "M-2"]);
  await press(page, "Control+a");
  await press(page, "Control+c");
  expect((await copied(page)).split("\r\n")).toHaveLength(5);
});

test("a wide block is refused, a bad one is shown cell by cell, nothing is changed", async ({ page }) => {
  const id = await openList(page, 2);
  await toColumn(page, "remark");
  await copyText(page, "a\tb\r\n");
  await press(page, "Control+v");
  await expect(page.getByRole("alert").filter({ hasText: "从光标起只有1列" }).first()).toBeVisible();

  await toColumn(page, "hs_code");
  await copyText(page, "8.53E+09\t名称\tS\t千克\t035\t\t一百\r\n8542399000\t名称\tS\t公斤克\t035\t\t1,5\r\n");
  await press(page, "Control+v");
  await expect(preview(page)).toContainText("有误4格");
  await expect(preview(page)).toContainText("科学计数法");
  await expect(preview(page)).toContainText("千位分隔符");
  await expect(preview(page)).toContainText("“公斤克”不在计量单位表中");
  await expectNoAxeViolations(page, "paste preview with bad cells");
  await press(page, "Enter");
  await expect(preview(page)).toBeHidden();
  expect((await stored(page, id)).map((row) => row.content)).toMatchObject([goods(1), goods(2)]);
});

test("a block with bad cells is pasted and marked where that is wanted, mended with F8, undone in one step", async ({ page }) => {
  const id = await openList(page, 2);
  await toColumn(page, "spec_model");
  const block = "A\t千克\r\nB\t公斤克\r\n\t\r\nC\t007\r\nD\t一二三\r\n";
  await copyText(page, block);
  const specs = async () => (await stored(page, id)).map((row) => row.content["spec_model"]);
  const paste = async () => {
    await press(page, "Control+v");
    await expect(preview(page)).toContainText("共4行，其中新增2行");
    // Counted as they were copied: the blank row between makes no new one, and has its number.
    await expect(preview(page).getByRole("rowheader", { name: "5", exact: true }).first()).toBeVisible();
    await reach(page, preview(page).getByRole("button", { name: "粘贴并标红" }));
    await press(page, "Enter");
    await expect(preview(page)).toBeHidden();
    await expect(page.getByText("有误并标红").last()).toBeVisible();
  };
  await paste();
  // The first row is good and stored; the wrong ones wait in red, the keys at the first of them.
  await expect.poll(async () => (await specs())[0]).toBe("A");
  expect((await specs())[1]).toBe("S-2");
  await expect(page.locator(".grid-row.draft").first()).toBeVisible();
  await expectPlace(page, "2 declare_unit");
  await expect(activeInput(page)).toHaveValue("公斤克");
  await expect(activeInput(page)).toHaveAttribute("aria-invalid", "true");
  await expectNoAxeViolations(page, "pasted and marked");
  await press(page, "Control+z");
  await expect.poll(specs).toEqual(["S-1", "S-2"]);
  await expect(gridRows(page)).toHaveCount(2);
  await expect(page.locator(".grid-row.draft")).toHaveCount(0);

  await press(page, "Control+Home");
  await toColumn(page, "spec_model");
  await paste();
  await page.keyboard.type("035");
  await press(page, "Enter");
  await press(page, "F8");
  await expect(activeInput(page)).toHaveAttribute("aria-invalid", "true");
});

test("one copied row fills the rows that are selected; what is being typed is kept", async ({ page }) => {
  const id = await openList(page, 3);
  await toColumn(page, "spec_model");
  await press(page, "Shift+ArrowDown", 2);
  await copyText(page, "ONE\t035\r\n");
  await press(page, "Control+v");
  await expect(preview(page)).toContainText("共3行，其中新增0行；正确6格");
  await press(page, "Enter");
  const column = async (key: string) => (await stored(page, id)).map((row) => row.content[key]);
  await expect.poll(() => column("spec_model")).toEqual(["ONE", "ONE", "ONE"]);
  expect(await column("declare_unit")).toEqual(["035", "035", "035"]);

  // A block pasted over a cell that is being typed in: the typing is taken over first, as a step of its own.
  await press(page, "Control+Home");
  await toColumn(page, "material_no");
  await page.keyboard.type("TYPED");
  await copyText(page, "P\t8542399000\r\nQ\t8542399000\r\n");
  await press(page, "Control+v");
  await expect(preview(page)).toContainText("共2行");
  await press(page, "Escape");
  await expect(activeInput(page)).toHaveValue("TYPED");
  await press(page, "ArrowDown");
  await expect.poll(() => column("material_no")).toEqual(["TYPED", "M-2", "M-3"]);
});

test("Enter goes down where the user chose so, and past the last row to a new one in the same column", async ({ page }) => {
  await page.goto("/account");
  await reach(page, page.getByLabel("表格中按回车"));
  const kept = page.waitForResponse("**/api/account/save_preferences");
  await press(page, "ArrowDown");
  await kept;
  try {
    const id = await openList(page, 2);
    await toColumn(page, "spec_model");
    await page.keyboard.type("A");
    await press(page, "Enter");
    await expectPlace(page, "2 spec_model");
    await page.keyboard.type("B");
    await press(page, "Shift+Enter");
    await expectPlace(page, "1 spec_model");
    await press(page, "ArrowDown");
    await expect.poll(async () => (await stored(page, id)).map((row) => row.content["spec_model"])).toEqual(["A", "B"]);
    await press(page, "F2");
    await press(page, "Enter");
    await expectPlace(page, "3 spec_model");
    // Tab goes on to the right all the same.
    await page.keyboard.type("C");
    await press(page, "Tab");
    await expectPlace(page, "3 declare_unit");
    // Out of a row that could not be stored Enter leads to what is wrong in it.
    await page.keyboard.type("035");
    await press(page, "Enter");
    await expectPlace(page, "3 hs_code");
  } finally {
    await page.goto("/account");
    await reach(page, page.getByLabel("表格中按回车"));
    const back = page.waitForResponse("**/api/account/save_preferences");
    await press(page, "ArrowUp");
    await back;
  }
});

function deleteRows(page: import("@playwright/test").Page) {
  return page.getByRole("toolbar", { name: "出口货物" }).getByRole("button", { name: "删除" });
}

test("rows are ticked by Insert, for 删除 and 存为模板", async ({ page }) => {
  const id = await openList(page, 4);
  await press(page, "ArrowDown");
  await press(page, "Insert");
  await expectPlace(page, "3 seq");
  await press(page, "Shift+ArrowDown");
  await press(page, "Insert");
  await expect(grid(page).locator('[role="row"].selected')).toHaveCount(3);
  await press(page, "Insert");
  await expect(grid(page).locator('[role="row"].selected')).toHaveCount(1);
  await expectNoAxeViolations(page, "ticked rows");
  await reach(page, deleteRows(page), "Shift+Tab");
  await press(page, "Enter");
  // The question names the row, and a key too many deletes nothing.
  await expect(page.locator("dialog[open]")).toContainText("是否删除出口货物第2项（8542399000 ");
  await press(page, "Enter");
  await expect(page.locator("dialog[open]")).toHaveCount(0);
  await expect.poll(async () => (await stored(page, id)).map((row) => row.seq)).toEqual([1, 2, 3, 4]);
  await press(page, "Enter");
  await answer(page, page.locator("dialog[open]").getByRole("button", { name: "确定" }));
  await expect.poll(async () => (await stored(page, id)).map((row) => row.seq)).toEqual([1, 3, 4]);
  await expect(page.locator(".toaster").getByRole("button", { name: "撤销删除" })).toBeVisible();
  await expectNoAxeViolations(page, "an offer in a message");
  await press(page, "Alt+z");
  await expect.poll(async () => (await stored(page, id)).map((row) => row.seq)).toEqual([1, 2, 3, 4]);
});

test("删除 while a new row is typed deletes no other row", async ({ page }) => {
  const id = await openList(page, 2);
  await press(page, "Alt+n");
  await type(page, "M-NEW");
  await press(page, "Enter");
  await reach(page, deleteRows(page), "Shift+Tab");
  await press(page, "Enter");
  await expect(page.locator(".toaster")).toContainText("请先选择要删除的数据");
  await expect(page.locator("dialog[open]")).toHaveCount(0);
  await expect(field(page, "商品料号")).toHaveValue("M-NEW");
  expect((await stored(page, id)).map((row) => row.seq)).toEqual([1, 2]);
});

test("what the keys of a list do is in the palette and in the list of keys", async ({ page }) => {
  const id = await openList(page, 3);
  await press(page, "F1");
  const dialog = page.locator("dialog[open]");
  for (const line of ["F2", "Ctrl+D", "Ctrl+Insert", "Ctrl+Delete", "Ctrl+Z", "Insert", "Alt+Shift+→"]) {
    await expect(dialog.getByText(line, { exact: true }).first()).toBeVisible();
  }
  await press(page, "Escape");
  await toColumn(page, "spec_model");
  await press(page, "ArrowDown");
  const palette = page.getByRole("combobox", { name: /输入命令/ });
  await press(page, "Control+k");
  await expect(palette).toBeFocused();
  await page.keyboard.type("xxtc"); // 向下填充
  await expect(page.getByRole("option").first()).toContainText("Ctrl+D");
  await press(page, "Enter");
  await expect.poll(async () => (await stored(page, id))[1]?.content["spec_model"]).toBe("S-1");
  await expectPlace(page, "2 spec_model");
  await press(page, "Control+k");
  await expect(palette).toBeFocused();
  await page.keyboard.insertText("选择显示列");
  await press(page, "Enter");
  await expect(page.locator(".menu-panel")).toBeVisible();
  await press(page, "Escape");
});

test("a thousand rows of twelve columns from Excel, undone in one step", async ({ page }) => {
  test.slow();
  const id = await openList(page, 0);
  // 料号 编码 名称 规格 申报单位 法定单位 第二单位 数量 法定数量 第二数量 单价 总价(灰)
  const line = (n: number) =>
    [`0${n}`, n % 2 ? "8542399000" : "0101210090", n === 5 ? '"两行\n名称""X"""' : "集成电路", `S${n}`, n % 3 ? "千克" : "007-个", "", "", "1,234.50", "１０", "3", "￥2.5", "x"].join("\t");
  const rows = Array.from({ length: 1000 }, (_, n) => line(n + 1));
  await copyText(page, `\t\t\t\t\t\t\t\t\t\t\t\r\n${rows.join("\r\n")}\r\n`);
  await expect(grid(page)).toBeFocused();
  // Into a list without rows: the block begins in the first column that can be typed into, behind 商品序号.
  await press(page, "Control+v");
  await expect(preview(page)).toContainText("有误0格", { timeout: 20_000 });
  await expect(preview(page)).toContainText("灰色列由系统返填，不粘贴：申报总价");
  await press(page, "Enter");
  await expect.poll(() => total(page, id), { timeout: 20_000 }).toBe(1000);
  const content = (await stored(page, id)).map((row) => row.content);
  expect(content[0]).toMatchObject({ material_no: "01", qty: "1234.5", legal_qty: "10", unit_price: "2.5", declare_unit: "035" });
  expect(content[4]).toMatchObject({ goods_name: '两行 名称"X"' });
  expect(content[1]).toMatchObject({ hs_code: "0101210090" });
  await expect.poll(() => grid(page).getAttribute("aria-rowcount")).not.toBe("1");
  await press(page, "Control+z");
  await expect.poll(() => total(page, id), { timeout: 20_000 }).toBe(0);
});

for (const hears of [false, true]) test(`somebody else's change is not undone, ${hears ? "heard of before" : "not heard of"}`, async ({ page, browser, server }) => {
  test.slow();
  if (!hears) await deaf(page);
  const id = await openList(page, 2);
  await toColumn(page, "spec_model");
  await page.keyboard.type("MINE");
  await press(page, "ArrowDown");
  await expect.poll(async () => (await stored(page, id))[0]?.content["spec_model"]).toBe("MINE");

  const other = await browser.newContext({ baseURL: server.url, locale: "zh-CN" });
  const second = await other.newPage();
  await signIn(second);
  await second.goto(`/filing/${id}`);
  await reach(second, field(second, "主管海关"));
  await press(second, "Alt+2");
  await reach(second, activeInput(second));
  await toColumn(second, "spec_model");
  await second.keyboard.type("THEIRS");
  await press(second, "ArrowDown");
  await expect.poll(async () => (await stored(page, id))[0]?.content["spec_model"]).toBe("THEIRS");
  await other.close();

  if (hears) await expect(page.getByRole("gridcell", { name: "THEIRS" })).toBeVisible();
  await press(page, "Control+z");
  if (hears) {
    await expect(page.getByText("为不覆盖他人的内容，未执行")).toBeVisible();
  } else {
    await expect(page.getByText("他人已修改同一数据")).toBeVisible();
    await press(page, "Escape");
  }
  expect((await stored(page, id))[0]?.content["spec_model"]).toBe("THEIRS");
});

test("an input method loses no letter in a cell, and its Enter is its own", async ({ page }) => {
  const id = await openList(page, 2);
  const method = await InputMethod.of(page);
  await toColumn(page, "goods_name");
  // The first letter of a composition is the first key struck in the cell.
  await method.compose("z");
  await expect(activeInput(page)).toHaveValue("z");
  await method.compose("zhong");
  await expectPlace(page, "1 goods_name");
  await method.commit("中文名称");
  await expect(activeInput(page)).toHaveValue("中文名称");
  await press(page, "Enter");
  await expectPlace(page, "1 spec_model");
  await method.compose("g");
  await method.commit("规格");
  await press(page, "ArrowDown");
  await expect.poll(async () => (await stored(page, id))[0]?.content).toMatchObject({ goods_name: "中文名称", spec_model: "规格" });

  // In a coded cell nothing is searched before the composition is over.
  await toColumn(page, "declare_unit");
  await method.compose("qian");
  await expect(page.getByRole("listbox")).toBeHidden();
  await method.commit("千克");
  await expect(page.getByRole("listbox")).toBeVisible();
  await press(page, "Enter");
  await press(page, "ArrowUp");
  await expect.poll(async () => (await stored(page, id))[1]?.content["declare_unit"]).toBe("035");
});

test("focus survives sorting and far scrolling; widths, order and sorting are kept", async ({ page }) => {
  await openList(page, 200);
  await toColumn(page, "qty");
  await press(page, "Control+ArrowDown");
  await expectPlace(page, "200 qty");
  await press(page, "Control+ArrowUp");
  await press(page, "ArrowUp");
  const heading = (name: string) => grid(page).getByRole("columnheader", { name });
  await expect(heading("申报数量")).toBeFocused();
  await press(page, "Enter");
  await press(page, "Enter");
  await expect(heading("申报数量")).toHaveAttribute("aria-sort", "descending");
  const before = await heading("申报数量").evaluate((cell) => cell.clientWidth);
  await press(page, "Alt+Shift+ArrowRight", 3);
  await expect.poll(() => heading("申报数量").evaluate((cell) => cell.clientWidth)).toBeGreaterThan(before);
  const kept = page.waitForResponse("**/api/account/save_preferences");
  await press(page, "Control+Shift+ArrowLeft");
  await kept;
  await expect(heading("申报数量")).toBeFocused();
  await press(page, "ArrowDown");
  await expectPlace(page, "1 qty");
  await expect(activeInput(page)).toHaveValue("200");
  // Stored while sorted: the row goes elsewhere, the keys go with those who stay.
  await page.keyboard.type("0.5");
  await press(page, "ArrowDown");
  await expect(activeInput(page)).toHaveValue("199");
  await expect(page.locator(".grid-row.draft")).toHaveCount(0);
  await page.reload();
  await reach(page, field(page, "主管海关"));
  await press(page, "Alt+2");
  await expect(heading("申报数量")).toHaveAttribute("aria-sort", "descending");
  // Back as it came, by the keys: the user is every test's.
  await reach(page, page.getByRole("button", { name: "选择显示列" }), "Shift+Tab");
  await press(page, "Enter");
  await reach(page, page.getByRole("button", { name: "恢复默认" }), "ArrowDown");
  const reset = page.waitForResponse("**/api/account/save_preferences");
  await press(page, "Enter");
  await reset;
  await expect(heading("申报数量")).toHaveAttribute("aria-sort", "none");
});
