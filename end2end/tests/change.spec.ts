// 变更, without a mouse: an approved book is changed, extended, returned by customs, mended and approved; what is in
// force stays what it is until then. And what two people, or a wrong key, make of it.

import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, gridRows, newBook, signIn, typeExport, typeReimport } from "../support/filing.ts";
import { activate, answer, enter, press, reach, retype } from "../support/keyboard.ts";
import { activeInput, post, toColumn } from "../support/list.ts";
import { pdf } from "../support/papers.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";
import { type Words, en, zh } from "../support/words.ts";
import type { Page } from "@playwright/test";

const PICTURES = process.env.OPBOOK_PICTURES;

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

/** Words of a change in both languages. */
const CHANGE = {
  zh: {
    change: "变更", sure: "是否确认变更该数据", draft: "暂存", differences: "变更对比", history: "变更记录", restore: "恢复",
    deleted: "删除", returned: "海关退单", validTo: "结束有效日期", returnHint: "原出口货物价值", inForce: "现行",
    added: "增加", changed: "修改", query: "查询", paper: "随附单证类型", save: "暂存", remove: "删除",
    material: "商品料号", files: "选择随附单据文件", upload: "上传", uploaded: "已上传", choose: "文件选择",
  },
  en: {
    change: "Change", sure: "Change this book?", draft: "Draft", differences: "Differences", history: "History", restore: "Take back",
    deleted: "Deleted", returned: "Returned by customs", validTo: "Valid until", returnHint: "Original value", inForce: "In force",
    added: "Added", changed: "Changed", query: "Query", paper: "Kind", save: "Save", remove: "Delete",
    material: "Material no.", files: "Choose the files to attach", upload: "Upload", uploaded: "Uploaded", choose: "Choose files",
  },
} as const;

/** A person reads why something was refused before typing on; a burst of keys is kept for what comes behind it. */
const PAUSE_MS = 1_000;

const question = (page: Page) => page.locator("dialog[open]");
const status = (page: Page) => page.locator(".document-status:visible");

/** A book with two exports and one re-import that customs approved. */
async function approvedBook(page: Page, contractNo: string, words: Words = zh): Promise<string> {
  await newBook(page, words);
  await fillHead(page, { contractNo });
  await expect(page.locator(".toaster").getByText(words.saved)).toBeVisible();
  await press(page, "Alt+2");
  await reach(page, field(page, words.materialNo));
  await typeExport(page, "8542311100", "BGA-256", "1,000", "2.5");
  await expect(gridRows(page)).toHaveCount(1);
  await typeExport(page, "8541100000", "TO-220", "500", "1.25");
  await expect(gridRows(page)).toHaveCount(2);
  await press(page, "Alt+3");
  await reach(page, field(page, words.materialNo));
  await typeReimport(page, "8542311100", "BGA-256T", "1000", "2500");
  await expect(gridRows(page)).toHaveCount(1);
  await declared(page, words);
  await expect(status(page)).toContainText(words.approved);
  return /P2300\dW\d{5}/.exec(await page.locator(".document-summary:visible").innerText())?.[0] ?? "";
}

async function declared(page: Page, words: Words): Promise<void> {
  await press(page, "Control+Shift+Enter");
  await expect(question(page)).toContainText(words.declare);
  // What a change changes is asked of the server first: a question that comes by itself takes no Enter of a burst.
  await page.waitForTimeout(PAUSE_MS);
  await press(page, "Enter");
}

/** 变更 of the approved book on the screen; the draft is open afterwards. */
async function begin(page: Page, language: keyof typeof CHANGE): Promise<void> {
  const say = CHANGE[language];
  await activate(page, page.getByRole("toolbar").getByRole("button", { name: say.change, exact: true }).and(page.locator(":visible")));
  await expect(question(page)).toContainText(say.sure);
  await press(page, "Enter");
  await expect(status(page)).toContainText(say.draft);
  await expect(page.getByRole("tab", { selected: true }).first()).toContainText(language === "zh" ? "变更1" : "change 1");
}

let onTestFinished: () => Promise<void> = async () => {};
test.afterEach(async () => {
  await onTestFinished();
  onTestFinished = async () => {};
});

/** A day so many months later that every month has. */
function monthsAfter(date: string, months: number): string {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, 28))).toISOString().slice(0, 10);
}

for (const language of ["zh", "en"] as const) {
  const [words, say] = [language === "zh" ? zh : en, CHANGE[language]];
  test(`an approved book is changed, returned, mended and approved, in ${language}`, async ({ page }) => {
    test.setTimeout(180_000);
    // Of its own: the language is kept with the user.
    const server = await Server.start();
    onTestFinished = () => server.dispose();
    if (language === "en") {
      await page.goto(server.url);
      await activate(page, page.getByRole("button", { name: "English" }));
      await reach(page, field(page, words.user));
      await page.keyboard.type("donglan");
      await press(page, "Tab");
      await page.keyboard.type("donglan-2026");
      await press(page, "Enter");
      await expect(page.getByRole("button", { name: words.signOut })).toBeVisible();
    } else {
      await signIn(page, "donglan", "donglan-2026", server.url);
    }
    const number = await approvedBook(page, `HT-${language}`, words);
    expect(number).toHaveLength(12);
    await begin(page, language);

    // The head, and an extension.
    await press(page, "Alt+1");
    await enter(page, field(page, words.contractNo), `HT-${language}-B`);
    const end = field(page, say.validTo);
    const before = await end.inputValue();
    const later = monthsAfter(before, 3);
    await enter(page, end, later);
    await press(page, "Control+s");
    await expect(page.locator(".toaster").getByText(words.saved).last()).toBeVisible();

    // One row changed in the list, one deleted and taken back and deleted again, one added.
    await press(page, "Alt+2");
    await reach(page, activeInput(page));
    await press(page, "Control+Home");
    await toColumn(page, "qty");
    await page.keyboard.type("10");
    await press(page, "Control+s");
    await expect(gridRows(page).first()).toContainText(say.changed);
    await press(page, "ArrowDown");
    await press(page, "Control+Delete");
    await expect(gridRows(page).nth(1)).toContainText(say.deleted);
    await expect(gridRows(page).nth(1)).toHaveClass(/struck/);
    await press(page, "Control+z");
    await expect(gridRows(page).nth(1)).not.toContainText(say.deleted);
    await press(page, "Control+Delete");
    await expect(gridRows(page).nth(1)).toContainText(say.deleted);
    await activate(page, page.getByRole("button", { name: say.restore, exact: true }).and(page.locator(":visible")));
    await expect(gridRows(page).nth(1)).not.toContainText(say.deleted);
    await reach(page, activeInput(page));
    await press(page, "Control+Delete");
    await expect(gridRows(page).nth(1)).toContainText(say.deleted);
    await reach(page, field(page, words.materialNo));
    await typeExport(page, "8534001000", "FR4", "200", "3");
    await expect(gridRows(page)).toHaveCount(3);
    await expect(gridRows(page).nth(2)).toContainText(say.added);
    // The number of the deleted row is not given again.
    await expect(gridRows(page).nth(2)).toContainText(/^3/);
    await picture(page, `change-rows${language === "zh" ? "" : "-en"}`);
    await expectNoAxeViolations(page, "rows of a change");

    // An extension asks for its paper before customs does.
    await press(page, "Control+Shift+Enter");
    await expect(page.locator(".toaster")).toContainText(language === "zh" ? "还有1处" : "1 things must be mended");
    await reach(page, field(page, say.paper));
    await retype(page, "04");
    await press(page, "Enter");
    await page.locator(".tab-panel:not([hidden])").getByLabel(say.files).setInputFiles({ name: "延期说明.pdf", mimeType: "application/pdf", buffer: pdf("WHY") });
    await press(page, "Control+Enter");
    await expect(gridRows(page)).toHaveCount(1);
    await activate(page, page.getByRole("button", { name: say.upload, exact: true }));
    await expect(gridRows(page)).toContainText(say.uploaded);

    // 变更对比, by its key.
    await press(page, "Alt+g");
    const shown = question(page).locator('[role="row"][aria-rowindex]');
    await expect(shown.filter({ hasText: `HT-${language}-B` })).toContainText(`HT-${language}`);
    await expect(shown.filter({ hasText: later })).toContainText(before);
    await picture(page, `change-differences${language === "zh" ? "" : "-en"}`);
    await expectNoAxeViolations(page, "differences");
    await press(page, "Escape");

    // The question of 申报 shows them once more. Customs returns it: the re-import is worth more than what leaves.
    await press(page, "Control+Shift+Enter");
    await expect(question(page)).toContainText(words.declare);
    await expect(question(page).getByRole("row", { name: new RegExp(`HT-${language}-B`) })).toBeVisible();
    await expect(question(page).getByRole("row", { name: /延期说明\.pdf/ })).toBeVisible();
    await picture(page, `change-question${language === "zh" ? "" : "-en"}`);
    await page.waitForTimeout(PAUSE_MS);
    await press(page, "Enter");
    await expect(status(page)).toContainText(say.returned);
    await expect(async () => {
      await press(page, "F8");
      await expect(field(page, say.returnHint)).toBeFocused({ timeout: 500 });
    }).toPass();
    await press(page, "Alt+2");
    await reach(page, activeInput(page));
    await press(page, "Control+Home");
    await toColumn(page, "qty");
    await page.keyboard.type("990");
    await press(page, "Control+s");
    await expect(gridRows(page).first()).toContainText("990");
    await declared(page, words);
    await expect(status(page)).toContainText(words.approved);
    await expect(page.locator(".document-summary:visible")).toContainText(number);

    // 变更记录 shows both; only the new one is in force.
    await activate(page, page.getByRole("button", { name: say.history, exact: true }).and(page.locator(":visible")));
    const versions = question(page).locator('[role="row"][aria-rowindex]:not([aria-rowindex="1"])');
    await expect(versions).toHaveCount(2);
    await expect(versions.filter({ hasText: say.inForce })).toHaveCount(1);
    await expect(versions.first()).toContainText(say.inForce);
    await picture(page, `change-history${language === "zh" ? "" : "-en"}`);
    await expectNoAxeViolations(page, "history of a book");
    await press(page, "Escape");

    // So does the query list.
    await page.goto(`${server.url}/filing`);
    await enter(page, field(page, words.bookNo), number);
    await activate(page, page.getByRole("button", { name: words.query, exact: true }));
    await expect(gridRows(page)).toHaveCount(2);
    await expect(gridRows(page).filter({ hasText: say.inForce })).toHaveCount(1);
    await expect(gridRows(page).filter({ hasText: say.inForce })).toContainText(later);
  });
}

test("what a change may not do is said, each with its reason", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  await approvedBook(page, "HT-NO");
  const approved = /filing\/([0-9a-f-]{36})/.exec(page.url())?.[1];
  await begin(page, "zh");

  // Nothing changed.
  await press(page, "Control+Shift+Enter");
  await expect(page.locator(".findings:visible, .document-side:visible").first()).toContainText("没有变更内容，无需申报");

  // The currency; seven months.
  await press(page, "Alt+1");
  await reach(page, field(page, "币制"));
  await retype(page, "CNY");
  await press(page, "Enter");
  await press(page, "Control+s");
  await expect(page.getByText("账册的币制不能变更").first()).toBeVisible();
  await page.waitForTimeout(PAUSE_MS);
  await reach(page, field(page, "币制"));
  await retype(page, "USD");
  await press(page, "Enter");
  await press(page, "Alt+1");
  const end = field(page, "结束有效日期");
  await enter(page, end, monthsAfter(await end.inputValue(), 7));
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await press(page, "Control+Shift+Enter");
  await expect(page.getByText("延期不得超过6个月").first()).toBeVisible();

  // A second change while one is open.
  await page.goto(`/filing/${approved}`);
  await activate(page, page.getByRole("toolbar").getByRole("button", { name: "变更", exact: true }).and(page.locator(":visible")));
  await expect(question(page)).toContainText("是否确认变更该数据");
  await press(page, "Enter");
  await expect(page.locator(".toaster")).toContainText(/已有.*变更/);
});

test("deleting the draft of a change leaves the book as it was", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  await approvedBook(page, "HT-DROP");
  const approved = /filing\/([0-9a-f-]{36})/.exec(page.url())?.[1];
  await begin(page, "zh");
  await press(page, "Alt+1");
  await enter(page, field(page, "联系人"), "别人");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await activate(page, page.locator(".action-bar:visible").getByRole("button", { name: "删除", exact: true }));
  await answer(page, question(page).getByRole("button", { name: "确定" }));
  await expect(page.getByText("删除成功！")).toBeVisible();
  const document = (await post(page, "document/get", { id: approved })) as { meta: { in_force: boolean }; head: Record<string, string> };
  expect(document.meta.in_force).toBe(true);
  expect(document.head.contact_name).toBe("沈知远");
  // And it can be changed again.
  await page.goto(`/filing/${approved}`);
  await begin(page, "zh");
});

test("who edits a change that a colleague deletes is told so, and keeps what is typed", async ({ page, browser, server }) => {
  test.setTimeout(120_000);
  await signIn(page);
  await approvedBook(page, "HT-TWO");
  await begin(page, "zh");
  const draft = /filing\/([0-9a-f-]{36})/.exec(page.url())?.[1];
  await press(page, "Alt+1");
  await enter(page, field(page, "联系人"), "两个人");
  const other = await browser.newContext({ baseURL: server.url });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026");
  const { meta } = (await post(colleague, "document/get", { id: draft })) as { meta: { version: number } };
  await post(colleague, "document/delete", { step: { id: draft, base: meta.version } });
  await other.close();
  await press(page, "Control+s");
  await expect(page.locator(".toaster")).toContainText("删除");
  await expect(field(page, "联系人")).toHaveValue("两个人");
});
