// 报核 as the manual has it, button by button: 新增, 暂存 before the rows, the rows of its three lists, 删除, 打印, 导入. If one
// fails, a line of a write-off is lost or stays where it should be gone, and customs closes the book with wrong figures.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook, bookedEntry } from "../support/entry.ts";
import { field, gridRows, signIn, typeAlong } from "../support/filing.ts";
import { activate, answer, enter, press, reach, retype } from "../support/keyboard.ts";
import { newId, post } from "../support/list.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

/** A person reads a question before answering it. */
const PAUSE_MS = 1_000;
const MENU = "出境加工账册报核";
const BOOK = "出境加工账册编号";

const whole = (page: Page, name: string) => page.locator(".action-bar:visible").getByRole("button", { name, exact: true });
const inBar = (page: Page, name: string) => page.locator(".goods .section-bar:visible").getByRole("button", { name, exact: true });
const status = (page: Page) => page.locator(".document-status:visible");
const dialog = (page: Page) => page.locator("dialog[open]");
const menu = (page: Page, name: string) => page.getByRole("navigation").getByRole("button", { name, exact: true });
const quick = (page: Page) => page.locator("input.quick:visible");

interface Read {
  meta: { version: number };
  head: Record<string, string>;
  lists: { section: string; rows: { seq: number; content: Record<string, string> }[] }[];
}

const read = async (page: Page, id: string) => (await post(page, "document/get", { id })) as Read;
/** One value of each row of a list, as the server has it. */
const stored = async (page: Page, id: string, section: string, key: string) =>
  (await read(page, id)).lists.find((list) => list.section === section)?.rows.map((row) => row.content[key]) ?? [];

/** A write-off of a book, as a draft, opened in the browser. */
async function draft(page: Page, book_no: string, more: Record<string, string> = {}): Promise<string> {
  const id = newId();
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
  const head = { book_no, decl_type: "1", closes: "0", period_to: day, declarant_code: "3205246018", ...more };
  await post(page, "document/save_head", { request: { id, kind: "writeoff", base: 0, head } });
  await page.goto(`/writeoff/${id}`);
  await expect(field(page, BOOK)).toHaveValue(book_no);
  return id;
}

/** Rows of 核报报关单 that are typed and saved by Enter. */
async function typeEntries(page: Page, numbers: string[]): Promise<void> {
  await press(page, "Alt+2");
  await reach(page, field(page, "报关单号"));
  for (const [at, number] of numbers.entries()) {
    await typeAlong(page, [number]);
    await expect(gridRows(page)).toHaveCount(at + 1);
  }
}

/** A workbook as a declarant fills it: sheets of text, without any style. */
function workbook(sheets: Record<string, string[][]>): Buffer {
  const names = Object.keys(sheets);
  const cell = (text: string, row: number, column: number) =>
    `<c r="${String.fromCharCode(65 + column)}${row + 1}" t="inlineStr"><is><t>${text}</t></is></c>`;
  const sheet = (rows: string[][]) =>
    `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows
      .map((cells, row) => `<row r="${row + 1}">${cells.map((text, column) => cell(text, row, column)).join("")}</row>`)
      .join("")}</sheetData></worksheet>`;
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const packed = "http://schemas.openxmlformats.org/package/2006";
  const types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const files: Record<string, string> = {
    "[Content_Types].xml": `<Types xmlns="${packed}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>${names
      .map((_, at) => `<Override PartName="/xl/worksheets/sheet${at + 1}.xml" ContentType="${types}.worksheet+xml"/>`)
      .join("")}</Types>`,
    "_rels/.rels": `<Relationships xmlns="${packed}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets>${names
      .map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`)
      .join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${packed}/relationships">${names
      .map((_, at) => `<Relationship Id="rId${at + 1}" Type="${office}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`)
      .join("")}</Relationships>`,
  };
  names.forEach((name, at) => (files[`xl/worksheets/sheet${at + 1}.xml`] = sheet(sheets[name] ?? [])));
  return zip(files);
}

/** The check sum of a file in a zip. */
function crc32(data: Buffer): number {
  let sum = ~0;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

/** Files laid into a zip as they are. */
function zip(files: Record<string, string>): Buffer {
  const [bodies, places]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x0800, 2); // names are UTF-8
    about.writeUInt32LE(0x00210000, 6); // a day
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const body = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), about, path, data]);
    bodies.push(body);
    places.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), about, place, path]));
    at += body.length;
  }
  const table = Buffer.concat(places);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(places.length, 8);
  end.writeUInt16LE(places.length, 10);
  end.writeUInt32LE(table.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, table, end]);
}

test("新增 begins in the number of the book, and no row can be typed before 暂存", async ({ page }) => {
  test.setTimeout(90_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await activate(page, menu(page, MENU));
  await expect(field(page, BOOK)).toBeFocused();
  // What the manual opens after the number is open from the start; what follows from it is grey.
  for (const name of ["申报单位代码", "报核截止日期", "备注"]) await expect(field(page, name)).toBeEditable();
  for (const name of ["申报单位社会信用代码", "申报单位名称", "报核开始日期", "经营单位代码"]) {
    await expect(field(page, name)).not.toBeEditable();
  }
  await expect(whole(page, "导入")).toBeDisabled();
  for (const [key, first] of [["Alt+2", "报关单号"], ["Alt+3", "商品序号"], ["Alt+4", "商品序号"]] as const) {
    await press(page, key);
    await expect(field(page, first)).not.toBeEditable();
    for (const name of ["新增", "删除"]) await expect(inBar(page, name)).toBeDisabled();
  }
  await expectNoAxeViolations(page, "lists of a write-off that is not stored");

  await press(page, "Alt+1");
  await enter(page, field(page, BOOK), bookNo);
  await press(page, "Enter");
  await expect(field(page, "经营单位名称")).toHaveValue("东澜精密电子（苏州）有限公司");
  await expect(field(page, "申报单位名称")).toHaveValue("东澜精密电子（苏州）有限公司");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await expect(whole(page, "导入")).toBeEnabled();
  await press(page, "Alt+2");
  await expect(field(page, "报关单号")).toBeEditable();
  await expect(inBar(page, "新增")).toBeEnabled();

  // The blue 新增: another one, in a tab of its own.
  await activate(page, whole(page, "新增"));
  await expect(field(page, BOOK)).toBeFocused();
  await expect(field(page, BOOK)).toHaveValue("");
});

test("rows of 核报报关单: 新增 empties the form, 快速查询 and 显示全部", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const id = await draft(page, bookNo);
  const numbers = ["230020260000000101", "230020260000000102", "230020260000000203"];
  await typeEntries(page, numbers);
  await expect(page.locator("input.quick:visible")).toHaveAttribute("placeholder", "序号、报关单号");

  // 新增: what is typed and not saved is asked about; then the form is empty.
  await reach(page, field(page, "报关单号"));
  await retype(page, "2300");
  await activate(page, inBar(page, "新增"));
  await expect(dialog(page)).toContainText("表单中有一项尚未保存");
  await answer(page, dialog(page).getByRole("button", { name: "放弃", exact: true }));
  await expect(dialog(page)).toHaveCount(0);
  await expect(field(page, "报关单号")).toHaveValue("");
  await expect(field(page, "报关单号")).toBeFocused();

  // 快速查询 by a part of the number, by its button.
  await enter(page, quick(page), "00000001");
  await activate(page, inBar(page, "快速查询"));
  await expect(gridRows(page)).toHaveCount(2);
  await enter(page, quick(page), "203");
  await activate(page, inBar(page, "快速查询"));
  await expect(gridRows(page)).toHaveCount(1);
  await expect(gridRows(page)).toContainText(["230020260000000203"]);
  await activate(page, inBar(page, "显示全部"));
  await expect(gridRows(page)).toHaveCount(3);
  await expect(quick(page)).toHaveValue("");
  expect(await stored(page, id, "entries", "entry_no")).toEqual(numbers);
});

mouseTest("a chosen line of each list goes by 删除, after its question, and not by 取消", async ({ page }) => {
  mouseTest.setTimeout(150_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "10", total_price: "25" });
  await bookedEntry(page, bookNo, "export", { goods_seq: "2", qty: "4", total_price: "10" });
  await bookedEntry(page, bookNo, "import", { goods_seq: "1", qty: "2", original_value: "5", fee_processing: "1" });
  const id = await draft(page, bookNo);
  await whole(page, "按台账生成").click();
  await expect(page.locator(".toaster")).toContainText("已按台账生成");
  for (const [key, section, label, before] of [
    ["Alt+2", "entries", "核报报关单", 3],
    ["Alt+3", "exports", "出口货物", 2],
    ["Alt+4", "reimports", "复进口货物", 1],
  ] as const) {
    await press(page, key);
    await expect(gridRows(page)).toHaveCount(before);
    await gridRows(page).first().getByRole("gridcell").nth(2).click();
    await expect(page.getByRole("heading", { name: "修改第1项" }).and(page.locator(":visible"))).toBeVisible();
    await inBar(page, "删除").click();
    await expect(dialog(page)).toContainText(`是否删除${label}第1项`);
    await dialog(page).getByRole("button", { name: "取消", exact: true }).click();
    await expect(dialog(page)).toHaveCount(0);
    await expect(gridRows(page)).toHaveCount(before);
    await inBar(page, "删除").click();
    await expect(dialog(page)).toContainText(`是否删除${label}第1项`);
    await dialog(page).getByRole("button", { name: "确定", exact: true }).click();
    await expect(page.getByText("删除成功！").first()).toBeVisible();
    await expect(gridRows(page)).toHaveCount(before - 1);
    expect((await stored(page, id, section, "entry_no")).length).toBe(before - 1);
  }
});

test("商品序号 and Enter fills in the rest, and Enter in 备注 saves the row, in both lists of goods", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "10", total_price: "25" });
  await bookedEntry(page, bookNo, "import", { goods_seq: "2", qty: "2", original_value: "5", fee_processing: "1" });
  const id = await draft(page, bookNo);
  await press(page, "Alt+3");
  await activate(page, inBar(page, "新增"));
  await expect(field(page, "商品序号")).toBeFocused();
  await typeAlong(page, ["1"]);
  await expect(field(page, "商品编码")).toHaveValue(/^8542399000/);
  await expect(field(page, "商品名称")).toHaveValue("集成电路");
  await expect(field(page, "规格型号")).toHaveValue("S-1000");
  await expect(field(page, "本期出口数量")).toHaveValue("10");
  await expect(field(page, "本期出口金额")).toHaveValue("25");
  await enter(page, field(page, "备注"), "出口核对");
  await press(page, "Enter");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(field(page, "商品序号")).toBeFocused();
  await expect(field(page, "商品序号")).toHaveValue("");
  expect(await stored(page, id, "exports", "remark")).toEqual(["出口核对"]);

  await press(page, "Alt+4");
  await activate(page, inBar(page, "新增"));
  await expect(field(page, "商品序号")).toBeFocused();
  await typeAlong(page, ["2"]);
  await expect(field(page, "商品编码")).toHaveValue(/^8542399000/);
  await expect(field(page, "商品名称")).toHaveValue("集成电路");
  await expect(field(page, "规格型号")).toHaveValue("T-2");
  await expect(field(page, "本期复进口数量")).toHaveValue("2");
  await expect(field(page, "本期全免金额")).toHaveValue("5");
  await expect(field(page, "本期征税金额")).toHaveValue("1");
  await enter(page, field(page, "备注"), "复进口核对");
  await press(page, "Enter");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(field(page, "商品序号")).toHaveValue("");
  expect(await stored(page, id, "reimports", "remark")).toEqual(["复进口核对"]);
  expect(await stored(page, id, "reimports", "qty")).toEqual(["2"]);
});

test("a whole write-off is deleted after its question, and not once customs has it", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "10", total_price: "25" });
  const id = await draft(page, bookNo, { internal_no: "MW-DEL" });
  await reach(page, whole(page, "删除"), "Shift+Tab");
  await press(page, "Enter");
  await expect(dialog(page)).toContainText("是否删除当前数据");
  await expect(dialog(page)).toContainText("不可恢复");
  await press(page, "Escape");
  await expect(dialog(page)).toHaveCount(0);
  expect((await read(page, id)).head["internal_no"]).toBe("MW-DEL");
  await reach(page, whole(page, "删除"), "Shift+Tab");
  await press(page, "Enter");
  await answer(page, dialog(page).getByRole("button", { name: "确定", exact: true }));
  await expect(page.getByText("删除成功！")).toBeVisible();
  await expect(status(page)).toHaveCount(0);

  // The book is free for another one; declared, it stays.
  await draft(page, bookNo);
  await press(page, "Alt+b");
  await expect(page.locator(".toaster")).toContainText("已按台账生成");
  await expect(whole(page, "删除")).toBeEnabled();
  await press(page, "Control+Shift+Enter");
  await expect(dialog(page)).toContainText("是否确认申报");
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
  await expect(status(page)).toContainText("海关终审通过");
  await expect(whole(page, "删除")).toBeDisabled();
  await expect(whole(page, "删除")).toHaveAttribute("title", /暂存、申报失败或海关退单/);
  await expect(whole(page, "暂存")).toBeDisabled();
});

test("打印 of a write-off is a PDF of what was saved, as a draft and when it is approved", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const number = await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "10", total_price: "25" });
  await activate(page, menu(page, MENU));
  await expect(whole(page, "打印")).toBeDisabled();
  const id = await draft(page, bookNo, { remark: "核对无误" });
  const paper = async () => {
    const opened = page.waitForEvent("popup");
    const answered = page.context().waitForEvent("response", (response) => response.url().includes("/print/document/"));
    await activate(page, whole(page, "打印"));
    const response = await answered;
    await (await opened).close();
    expect(response.url()).toContain(id);
    expect(response.headers()["content-type"]).toBe("application/pdf");
    const again = await page.request.get(response.url());
    return execFileSync("pdftotext", ["-raw", "-enc", "UTF-8", "-", "-"], { input: await again.body(), encoding: "utf8" }).replace(/\s+/g, "");
  };
  const drafted = await paper();
  for (const words of [bookNo, "核对无误", "数据状态暂存", "未审核通过仅供核对"]) expect(drafted).toContain(words);
  await press(page, "Alt+b");
  await expect(page.locator(".toaster")).toContainText("已按台账生成");
  await press(page, "Control+Shift+Enter");
  await expect(dialog(page)).toContainText("是否确认申报");
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
  await expect(status(page)).toContainText("海关终审通过");
  const approved = await paper();
  for (const words of [bookNo, number, "S-1000", "数据状态海关终审通过"]) expect(approved).toContain(words);
  expect(approved).not.toContain("未审核通过仅供核对");
});

test("导入 of a write-off: its template, and a workbook with the three lists", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const id = await draft(page, bookNo);
  await press(page, "Alt+i");
  const box = page.getByRole("dialog", { name: "导入" });
  for (const list of ["核报报关单", "出口货物", "复进口货物"]) await expect(box).toContainText(list);
  const [template] = await Promise.all([
    page.waitForEvent("download"),
    activate(page, box.getByRole("link")),
  ]);
  expect(template.suggestedFilename()).toMatch(/报核.*\.xlsx$/);
  expect(readFileSync(await template.path()).subarray(0, 2).toString()).toBe("PK");
  await expectNoAxeViolations(page, "import of a write-off");

  await reach(page, box.getByLabel("导入文件"));
  await box.getByLabel("导入文件").setInputFiles({
    name: "报核.xlsx",
    mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    buffer: workbook({
      // As the template has it: one column.
      核报报关单: [["*报关单号"], ["230020260000000301"], ["230020260000000302"]],
      出口货物: [["商品序号", "本期出口数量", "本期出口金额", "备注"], ["1", "7", "17.5", "导入的出口"]],
      复进口货物: [["商品序号", "本期复进口数量", "本期全免金额", "本期征税金额", "备注"], ["2", "3", "6", "1", "导入的复进口"]],
    }),
  });
  await activate(page, box.getByRole("button", { name: "上传并核对", exact: true }));
  await expect(box).toContainText("全部行都可以导入。");
  expect(await stored(page, id, "entries", "entry_no")).toEqual([]);
  await activate(page, box.getByRole("button", { name: "确认导入", exact: true }));
  await expect(page.getByText("导入成功！新增4项")).toBeVisible();
  await expect(box).toBeHidden();
  expect(await stored(page, id, "entries", "entry_no")).toEqual(["230020260000000301", "230020260000000302"]);
  expect(await stored(page, id, "exports", "remark")).toEqual(["导入的出口"]);
  expect(await stored(page, id, "reimports", "qty")).toEqual(["3"]);
  // What the number of the goods fills in came along.
  expect(await stored(page, id, "reimports", "spec_model")).toEqual(["T-2"]);
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(2);
});
