// 报核 without a mouse, in both languages: made from the ledger, a difference explained, what does not come back accounted for
// with its paper, returned by customs, mended and approved; and a book that is closed takes nothing more.

import { expectNoAxeViolations } from "../support/axe.ts";
import { approvedBook, bookedEntry } from "../support/entry.ts";
import { field, gridRows, signIn, typeAlong } from "../support/filing.ts";
import { activate, press, reach, retype } from "../support/keyboard.ts";
import { activeInput, toColumn } from "../support/list.ts";
import { pdf } from "../support/papers.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";
import { en, zh } from "../support/words.ts";
import type { Page } from "@playwright/test";

const PICTURES = process.env.OPBOOK_PICTURES;

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

/** Words of a write-off in both languages. */
const SAY = {
  zh: {
    menu: "出境加工账册报核", bookNo: "出境加工账册编号", operator: "经营单位名称", closes: "是否结案", entryNo: "报关单号", made: "已按台账生成",
    goods: "商品序号", remark: "备注", unreturned: "未复运数量", unexplained: "请在备注说明原因", left: "请在复进口货物中录入未复运数量和处理方式",
    paper: "随附单证类型", files: "选择随附单据文件", upload: "上传", uploaded: "已上传", returned: "海关退单", closed: "已核销结案，不能再报核",
    change: "变更", changeSure: "是否确认变更该数据", noChange: "已核销结案，不能变更", entry: "出境加工报关单(出口)", noEntry: "已核销结案，不能再通关",
    query: "出境加工账册报核查询", yes: "是", receipts: "查看回执", show: "查询", kept: "盘亏",
  },
  en: {
    menu: "Account book write-off", bookNo: "Book no.", operator: "Operator name", closes: "Close the book", entryNo: "Entry no.",
    made: "Made from the ledger", goods: "Book item", remark: "Remark", unreturned: "Not returned", unexplained: "say why in the remark",
    left: "what is not returned", paper: "Kind", files: "Choose the files to attach", upload: "Upload", uploaded: "Uploaded",
    returned: "Returned by customs", closed: "is written off and closed", change: "Change", changeSure: "Change this book?",
    noChange: "it cannot be changed", entry: "Customs entry (export)", noEntry: "is written off and closed", query: "Write-off query", yes: "Yes",
    receipts: "Receipts", show: "Query", kept: "lo",
  },
} as const;

/** A person reads why something was refused before typing on. */
const PAUSE_MS = 1_000;

const question = (page: Page) => page.locator("dialog[open]");
const status = (page: Page) => page.locator(".document-status:visible");
const checks = (page: Page) => page.locator(".document-side:visible");
const toasts = (page: Page) => page.locator(".toaster");
const menu = (page: Page, name: string) => page.getByRole("navigation").getByRole("button", { name, exact: true });
/** A whole value in a row of the list that is open. */
const inList = (page: Page, value: string, row = 0) =>
  gridRows(page).nth(row).getByRole("gridcell").filter({ hasText: new RegExp(`^\\s*${value}\\s*$`) });

async function answered(page: Page, words: string): Promise<void> {
  await expect(question(page)).toContainText(words);
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
}

/** Types into a cell of a row of the open list and saves it. */
async function typeInCell(page: Page, key: string, value: string): Promise<void> {
  await reach(page, activeInput(page));
  await press(page, "Control+Home");
  await toColumn(page, key);
  await page.keyboard.type(value);
  await press(page, "Enter");
  await press(page, "Control+s");
}

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

for (const language of ["zh", "en"] as const) {
  const [words, say] = [language === "zh" ? zh : en, SAY[language]];
  const name = (picture: string) => `${picture}${language === "zh" ? "" : "-en"}`;
  test(`a book is written off from its ledger, returned, mended and closed, in ${language}`, async ({ page }) => {
    test.setTimeout(180_000);
    // Of its own: the language is kept with the user.
    const server = await Server.start();
    onTestFinished = () => server.dispose();
    if (language === "en") {
      await page.goto(server.url);
      await activate(page, page.getByRole("button", { name: "English" }));
      await reach(page, field(page, words.user));
      await typeAlong(page, ["donglan", "donglan-2026"]);
      await expect(page.getByRole("button", { name: words.signOut })).toBeVisible();
    } else {
      await signIn(page, "donglan", "donglan-2026", server.url);
    }
    const { id: filing, bookNo } = await approvedBook(page);
    const sent = [
      await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "300", total_price: "750" }),
      await bookedEntry(page, bookNo, "export", { goods_seq: "2", qty: "100", total_price: "250" }),
    ];
    const back = await bookedEntry(page, bookNo, "import", { goods_seq: "1", qty: "40", original_value: "600", fee_processing: "30" });

    // Enter in the number of the book fills in its data; 按台账生成 saves the head and makes the three lists.
    await activate(page, menu(page, say.menu));
    await reach(page, field(page, say.bookNo));
    await typeAlong(page, [bookNo]);
    await expect(field(page, say.operator)).toHaveValue(/\S/);
    await picture(page, name("writeoff-head"));
    await press(page, "Alt+b");
    await expect(toasts(page)).toContainText(say.made);
    await expect(gridRows(page)).toHaveCount(3);
    for (const number of [...sent, back]) await expect(gridRows(page).filter({ hasText: number })).toHaveCount(1);
    await expectNoAxeViolations(page, "entries of a write-off");
    await picture(page, name("writeoff-entries"));
    await press(page, "Alt+3");
    await expect(gridRows(page)).toHaveCount(2);
    await expect(gridRows(page).first()).toContainText("300");
    await expectNoAxeViolations(page, "goods of a write-off");
    await picture(page, name("writeoff-exports"));

    // One quantity is not what the ledger has: it is said, and asked why.
    await typeInCell(page, "qty", "299");
    await expect(inList(page, "-1")).toHaveCount(1);
    await expect(checks(page)).toContainText(say.unexplained);
    await typeInCell(page, "remark", say.kept);
    await expect(checks(page)).not.toContainText(say.unexplained);

    // The book is to end: what does not come back.
    await press(page, "Alt+1");
    await reach(page, field(page, say.closes));
    await retype(page, "1");
    await press(page, "Enter");
    await press(page, "Control+s");
    await expect(toasts(page).getByText(words.saved).last()).toBeVisible();
    await expect(checks(page)).toContainText(say.left);
    await press(page, "Alt+4");
    await typeInCell(page, "unreturned_qty", "60");
    await typeInCell(page, "disposal", "1");
    await expect(checks(page)).not.toContainText(say.left);
    await picture(page, name("writeoff-reimports"));
    await press(page, "Control+Shift+Enter");
    await expect(field(page, say.paper)).toBeFocused();
    await retype(page, "06");
    await press(page, "Enter");
    await page.locator(".tab-panel:not([hidden])").getByLabel(say.files).setInputFiles({ name: "未复运说明.pdf", mimeType: "application/pdf", buffer: pdf("WHY") });
    await press(page, "Control+Enter");
    await expect(gridRows(page)).toHaveCount(1);
    await activate(page, page.getByRole("button", { name: say.upload, exact: true }));
    await expect(gridRows(page)).toContainText(say.uploaded);

    // Customs wants more of a reason; the cursor goes to where it is missing.
    await press(page, "Control+Shift+Enter");
    await answered(page, words.declare);
    await expect(status(page)).toContainText(say.returned);
    await expect(async () => {
      await press(page, "F8");
      await expect(field(page, say.remark)).toBeFocused({ timeout: 500 });
    }).toPass();
    await picture(page, name("writeoff-returned"));
    await retype(page, "仓库盘点短少一件，已核实");
    await press(page, "Enter");
    await expect(gridRows(page).first()).toContainText("已核实");
    await press(page, "Control+Shift+Enter");
    await answered(page, words.declare);
    await expect(status(page)).toContainText(words.approved);
    await expectNoAxeViolations(page, "a book that is written off");
    await picture(page, name("writeoff-approved"));

    // The book is closed: no second write-off, no change, no entry.
    await activate(page, menu(page, say.menu));
    await reach(page, field(page, say.bookNo));
    await typeAlong(page, [bookNo]);
    await press(page, "Control+s");
    await expect(page.getByText(say.closed).first()).toBeVisible();
    await page.goto(`${server.url}/filing/${filing}`);
    await activate(page, page.getByRole("toolbar").getByRole("button", { name: say.change, exact: true }).and(page.locator(":visible")));
    await answered(page, say.changeSure);
    await expect(toasts(page)).toContainText(say.noChange);
    await activate(page, menu(page, say.entry));
    await expect(page.locator(".document-status:visible")).toBeVisible();
    await typeAlong(page, [bookNo]);
    await press(page, "Control+s");
    await expect(checks(page)).toContainText(say.noEntry);

    // 报核查询, with its receipts.
    await activate(page, menu(page, say.query));
    await expect(gridRows(page)).toHaveCount(1);
    await expect(gridRows(page)).toContainText(bookNo);
    await expectNoAxeViolations(page, "query of write-offs");
    await picture(page, name("writeoff-query"));
    await press(page, "Escape");
  });
}

test("an entry number and Enter is a line; a wrong number is told, found again and deleted", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  const { bookNo } = await approvedBook(page);
  const number = await bookedEntry(page, bookNo, "export", { goods_seq: "1", qty: "10", total_price: "25" });
  await activate(page, menu(page, "出境加工账册报核"));
  await reach(page, field(page, "出境加工账册编号"));
  await typeAlong(page, [bookNo]);
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await press(page, "Alt+2");
  await reach(page, field(page, "报关单号"));
  await typeAlong(page, [number, "530420260123456789"]);
  await expect(gridRows(page)).toHaveCount(2);
  await expect(inList(page, "25")).toHaveCount(1);
  await expect(checks(page)).toContainText("530420260123456789不在台账中");
  await expect(checks(page)).toContainText("正常报核须有出口货物或复进口货物");

  // 商品序号 and Enter fills in the rest, and the figures of the ledger.
  await press(page, "Alt+3");
  await reach(page, field(page, "商品序号"));
  await typeAlong(page, ["1"]);
  await expect(field(page, "商品名称")).toHaveValue("集成电路");
  await expect(field(page, "本期出口数量")).toHaveValue("10");
  await expect(field(page, "账面金额")).toHaveValue("25");
  await reach(page, field(page, "备注"));
  await press(page, "Enter");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(checks(page)).not.toContainText("正常报核须有");

  // 快速查询 and 显示全部, then the wrong one goes.
  await press(page, "Alt+2");
  await reach(page, page.locator('input[placeholder^="序号"]:visible'));
  await retype(page, "530420");
  await press(page, "Enter");
  await expect(gridRows(page)).toHaveCount(1);
  await reach(page, activeInput(page));
  await press(page, "Control+Delete");
  await expect(page.getByText("530420260123456789不在台账中")).toHaveCount(0);
});
