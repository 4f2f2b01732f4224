// What is refused: each with its message, and nothing of what was typed is lost.

import type { Page } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, gridRows, newBook, savedBook, signIn, typeOneOfEach } from "../support/filing.ts";
import { withoutStore } from "../support/journal.ts";
import { deaf } from "../support/hints.ts";
import { activate, answer, enter, press, reach, retype, type } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { activeInput, openList, stored, toColumn } from "../support/list.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

/** Signed in, with a stored book of so many export rows open at its list. */
async function openSaved(page: Page, rows: number): Promise<string> {
  await signIn(page);
  return openList(page, rows);
}

test("an unknown customs code stays where it was typed, with the reason", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await enter(page, field(page, "经营单位代码"), "9999999999");
  await press(page, "Enter");
  await expect(field(page, "经营单位代码")).toHaveAttribute("aria-invalid", "true");
  await expect(field(page, "经营单位代码")).toHaveValue("9999999999");
  await expect(field(page, "经营单位代码")).toBeFocused();
  await expect(page.getByText(/9999999999/).last()).toBeVisible();
  await expectNoAxeViolations(page, "unknown party");
  // 暂存 without the two parties is refused too, and keeps the rest.
  await enter(page, field(page, "出境加工合同号"), "HT-KEEP");
  await press(page, "Control+s");
  await expect(field(page, "加工单位代码")).toHaveAttribute("aria-invalid", "true");
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-KEEP");
});

test("a row before the head is locked, and the screen says why", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await press(page, "Alt+2");
  await expect(page.getByText("请先暂存表头").first()).toBeVisible();
  await expect(field(page, "商品编码")).toHaveAttribute("readonly", "");
  await expect(page.getByRole("toolbar", { name: "出口货物" }).getByRole("button", { name: "新增" })).toBeDisabled();
  await expectNoAxeViolations(page, "locked rows");
});

test("of several entries that fit none is taken unasked", async ({ page }) => {
  await savedBook(page, "HT-SEVERAL");
  await press(page, "Alt+2");
  const code = field(page, "商品编码");
  await reach(page, code);
  await type(page, "8542");
  await expect(page.getByRole("listbox")).toBeVisible();
  for (const key of ["Enter", "Tab"]) {
    await press(page, key);
    await expect(code).toBeFocused();
    await expect(code).toHaveValue("8542");
    await expect(page.getByText("“8542”有19个匹配项").first()).toBeVisible();
  }
  await expectNoAxeViolations(page, "several entries");
  // Longer than a burst: what follows is an answer.
  await page.waitForTimeout(1_000);
  await press(page, "ArrowDown", 2);
  await press(page, "Enter");
  await expect(code).toHaveValue("8542311910");
  await expect(field(page, "商品名称")).toHaveValue(/安全芯片/);
  await expect(code).not.toHaveAttribute("aria-invalid", "true");
  // Back over it, and away.
  await press(page, "Shift+Tab");
  await retype(page, "85");
  await press(page, "Shift+Tab");
  await expect(code).toHaveValue("85");
  await expect(code).toHaveAttribute("aria-invalid", "true");
});

test("bad values of a row are named at their field and kept", async ({ page }) => {
  await savedBook(page, "HT-BAD");
  await press(page, "Alt+2");
  await reach(page, field(page, "商品编码"));
  await type(page, "854");
  await expect(page.getByText("请至少输入四位商品编码").first()).toBeVisible();
  await press(page, "Tab");
  await expect(field(page, "商品编码")).toHaveValue("854");
  await expect(field(page, "商品编码")).toHaveAttribute("aria-invalid", "true");
  for (const [typed, message] of [
    ["0", "不能为0"],
    ["12345678901234", "整数最多13位"],
    ["abc", "输入格式错误"],
  ] as const) {
    await reach(page, field(page, "申报数量"));
    await retype(page, typed);
    await press(page, "Tab");
    await expect(field(page, "申报数量")).toHaveValue(typed);
    await expect(page.getByText(message).first()).toBeVisible();
    await expect(field(page, "申报数量")).toHaveAttribute("aria-invalid", "true");
  }
  await expectNoAxeViolations(page, "row with faults");
  await reach(page, field(page, "申报数量"));
  await retype(page, "１，２３４．５０");
  await press(page, "Tab");
  await expect(field(page, "申报数量")).toHaveValue("1234.5");
  await reach(page, field(page, "商品编码"));
  await retype(page, "8542999999");
  await press(page, "Tab");
  await expect(field(page, "商品编码")).toHaveValue("8542999999");
  await reach(page, field(page, "备注"));
  await retype(page, "长".repeat(10_000));
  await press(page, "Tab");
  await expect(page.getByText("最多255个字").first()).toBeVisible();
  expect((await field(page, "备注").inputValue()).length).toBe(10_000);
  await expect(gridRows(page)).toHaveCount(0);
});

test("markup is text, and a declaration without rows is refused with the way on", async ({ page }) => {
  await savedBook(page, "<script>alert(1)</script>");
  await press(page, "Alt+1");
  await expect(field(page, "出境加工合同号")).toHaveValue("<script>alert(1)</script>");
  await press(page, "Control+Shift+Enter");
  await expect(page.getByText("出口货物至少录入一项").first()).toBeVisible();
  await expectNoAxeViolations(page, "findings");
});

test("more than a year is refused at the date", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo: "HT-LONG", validTo: "+13m" });
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await typeOneOfEach(page);
  await press(page, "Control+Shift+Enter");
  await expect(field(page, "结束有效日期")).toBeFocused();
  await expect(page.getByText("不得超过一年").first()).toBeVisible();
});

test("a declared book can be neither deleted nor edited", async ({ page }) => {
  await savedBook(page, "HT-STATE");
  await typeOneOfEach(page);
  await press(page, "Control+Shift+Enter");
  await expect(page.locator("dialog[open]")).toContainText("是否确认申报");
  await press(page, "Enter");
  await expect(page.locator(".document-status")).toContainText("海关终审通过");
  const bar = page.getByRole("toolbar", { name: "整票操作" });
  await expect(bar.getByRole("button", { name: "删除" })).toBeDisabled();
  await expect(bar.getByRole("button", { name: "暂存" })).toBeDisabled();
});

test("a book of another enterprise is not shown, and the page says so", async ({ page, browser, server }) => {
  await savedBook(page, "HT-SECRET");
  const address = page.url();
  expect(address).toContain("/filing/");
  const other = await browser.newContext({ baseURL: server.url });
  const stranger = await other.newPage();
  await signIn(stranger, "haihe", "haihe-2026");
  await stranger.goto(address);
  await expect(stranger.getByText("您无权进行该项操作").first()).toBeVisible();
  await expect(stranger.getByText("HT-SECRET")).toHaveCount(0);
  await other.close();
});

test("a session that ends in the middle of work opens the login over the page, and the work is still there", async ({ page, context }) => {
  await savedBook(page, "HT-SESSION");
  await press(page, "Alt+1");
  await enter(page, field(page, "出境加工合同号"), "HT-STILL-HERE");
  await context.clearCookies();
  await press(page, "Control+s");
  const dialog = page.locator("dialog[open]");
  await expect(dialog.getByLabel("密码")).toBeVisible();
  await expectNoAxeViolations(page, "login over the page");
  await reach(page, dialog.getByLabel("用户名"));
  await retype(page, "donglan");
  await reach(page, dialog.getByLabel("密码"));
  await type(page, "donglan-2026");
  await press(page, "Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-STILL-HERE");
});

test("a second call that is refused meanwhile takes nothing from the login over the page", async ({ page, context }) => {
  let refuse = () => {};
  const refused = new Promise<void>((done) => (refuse = done));
  await savedBook(page, "HT-SESSION-2");
  await page.route("**/api/document/list", async (route) => {
    await refused;
    await route.fulfill({
      status: 401, contentType: "application/json",
      body: JSON.stringify({ kind: "signed_out", message: { zh: "未登录", en: "signed out" } }),
    });
  });
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "出境加工账册查询" }));
  await press(page, "Alt+PageUp");
  await press(page, "Alt+1");
  await enter(page, field(page, "备注"), "还在");
  await context.clearCookies();
  await press(page, "Control+s");
  const password = page.locator("dialog[open]").getByLabel("密码");
  await expect(password).toBeFocused();
  await type(page, "donglan");
  const answered = page.waitForResponse("**/api/document/list");
  refuse();
  await answered;
  await page.waitForTimeout(200);
  await expect(password).toBeFocused();
  await type(page, "-2026");
  await expect(password).toHaveValue("donglan-2026");
  await page.unroute("**/api/document/list");
  await press(page, "Enter");
  await expect(page.getByText("暂存成功！").last()).toBeVisible();
});

test("two people on one book: the second sees what differs and chooses", async ({ page, browser, server }) => {
  await deaf(page);
  await savedBook(page, "HT-TWO");
  await press(page, "Alt+1");
  const address = page.url();
  const other = await browser.newContext({ baseURL: server.url });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026");
  await colleague.goto(address);
  await reach(colleague, field(colleague, "出境加工合同号"));
  await retype(colleague, "HT-THEIRS");
  await press(colleague, "Control+s");
  await expect(colleague.getByText("暂存成功！")).toBeVisible();
  await enter(page, field(page, "出境加工合同号"), "HT-MINE");
  await press(page, "Control+s");
  const dialog = page.locator("dialog[open]");
  await expect(dialog).toContainText("HT-THEIRS");
  await expect(dialog).toContainText("HT-MINE");
  await expectNoAxeViolations(page, "conflict");
  await activate(page, dialog.getByRole("button", { name: /保留我的/ }));
  await expect(dialog).toHaveCount(0);
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-MINE");
  await colleague.reload();
  await expect(field(colleague, "出境加工合同号")).toHaveValue("HT-MINE");
  await other.close();
});

test("two people at different places of one book: neither loses what is typed or stored", async ({ page, browser, server }) => {
  await deaf(page);
  test.slow();
  const id = await openSaved(page, 2);
  const other = await browser.newContext({ baseURL: server.url });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026");
  await colleague.goto(`/filing/${id}`);
  await reach(colleague, field(colleague, "出境加工合同号"));
  await retype(colleague, "HT-THEIRS");
  await press(colleague, "Control+s");
  await expect(colleague.getByText("暂存成功！")).toBeVisible();

  // A row of mine is stored: the head is as the colleague left it, on my screen as well.
  await reach(page, activeInput(page));
  await toColumn(page, "spec_model");
  await type(page, "MINE");
  await press(page, "Enter");
  await press(page, "ArrowDown");
  await expect.poll(async () => (await stored(page, id))[0]?.content["spec_model"]).toBe("MINE");
  await press(page, "Alt+1");
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-THEIRS");

  // I type in the head, the colleague stores another field of it and a row, I store the same row: that asks. My head is still
  // being typed, and saving it keeps both.
  await enter(page, field(page, "备注"), "我的备注");
  await retype(colleague, "HT-THEIRS-2");
  await press(colleague, "Control+s");
  await expect(colleague.locator(".sync")).toHaveText("在线");
  await press(colleague, "Alt+2");
  await reach(colleague, activeInput(colleague));
  await toColumn(colleague, "spec_model");
  await press(colleague, "ArrowDown");
  await type(colleague, "THEIRS");
  await press(colleague, "Enter");
  await press(colleague, "ArrowUp");
  await expect.poll(async () => (await stored(page, id))[1]?.content["spec_model"]).toBe("THEIRS");
  await press(page, "Alt+2");
  await reach(page, activeInput(page));
  await toColumn(page, "spec_model");
  await press(page, "Control+ArrowDown");
  await type(page, "MINE-TOO");
  await press(page, "Enter");
  await press(page, "ArrowUp");
  const dialog = page.locator("dialog[open]");
  await expect(dialog).toContainText("THEIRS");
  await activate(page, dialog.getByRole("button", { name: /采用对方的/ }));
  await expect(dialog).toHaveCount(0);
  await expect.poll(async () => (await stored(page, id))[1]?.content["spec_model"]).toBe("THEIRS");
  await press(page, "Alt+1");
  await expect(field(page, "备注")).toHaveValue("我的备注");
  await press(page, "Control+s");
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-THEIRS-2");
  await expect(field(page, "备注")).toHaveValue("我的备注");
  await expect(page.locator(".merged")).toContainText("出境加工合同号：HT-THEIRS → HT-THEIRS-2");
  await colleague.reload();
  await expect(field(colleague, "备注")).toHaveValue("我的备注");
  await other.close();
});

test("a row that somebody deletes under one's fingers stays as a new one", async ({ page, browser, server }) => {
  await deaf(page);
  const id = await openSaved(page, 2);
  await reach(page, activeInput(page));
  await toColumn(page, "spec_model");
  await type(page, "MINE");
  const other = await browser.newContext({ baseURL: server.url });
  const colleague = await other.newPage();
  await signIn(colleague, "tonghe", "tonghe-2026");
  await colleague.goto(`/filing/${id}`);
  await reach(colleague, field(colleague, "主管海关"));
  await press(colleague, "Alt+2");
  await reach(colleague, activeInput(colleague));
  await press(colleague, "Control+Delete");
  await expect.poll(async () => (await stored(colleague, id)).length).toBe(1);
  await other.close();
  await press(page, "Enter");
  await press(page, "ArrowDown");
  await expect(page.getByText("1行已被他人删除").first()).toBeVisible();
  await expect(page.getByText("作为新行保留").first()).toBeVisible();
  await expect(gridRows(page)).toHaveCount(2);
  await reach(page, activeInput(page));
  await press(page, "Control+s");
  // The very row that was deleted comes back under its own number.
  await expect.poll(async () => (await stored(page, id)).map(({ content }) => content["spec_model"])).toEqual(["MINE", "S-2"]);
});

test("a book that cannot be read now can be tried again", async ({ page, context }) => {
  // With a store, what was kept of it would be shown.
  await withoutStore(page);
  const id = await openSaved(page, 1);
  await context.route("**/api/document/get", (route) => route.abort());
  await page.goto(`/filing/${id}`);
  await expect(page.getByText("连接不上服务器").first()).toBeVisible();
  await expectNoAxeViolations(page, "book without a server");
  await context.unroute("**/api/document/get");
  await activate(page, page.getByRole("button", { name: "重试" }).first());
  await expect(page.locator(".document-status")).toContainText("暂存");
});

test("half a code is not accepted because something arrives behind it", async ({ page }) => {
  let arrive = () => {};
  const arrived = new Promise<void>((done) => (arrive = done));
  await page.route("**/api/attachment/list", async (route) => {
    await arrived;
    await route.continue();
  });
  await savedBook(page, "HT-HALF");
  await press(page, "Alt+1");
  await reach(page, field(page, "主管海关"));
  await retype(page, "23");
  const answer = page.waitForResponse("**/api/attachment/list");
  arrive();
  await answer;
  await page.waitForTimeout(300);
  await expect(field(page, "主管海关")).toHaveValue("23");
  await type(page, "04");
  await press(page, "Tab");
  await expect(field(page, "主管海关")).toHaveValue(/^2304/);
});

test("a row that is half typed is not given up for another one without a word", async ({ page }) => {
  await openSaved(page, 1);
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  await type(page, "M-HALF");
  await press(page, "Alt+n");
  const question = page.locator("dialog[open]");
  await expect(question).toContainText("尚未保存");
  await expectNoAxeViolations(page, "half a row");
  await press(page, "Escape");
  await expect(field(page, "商品料号")).toHaveValue("M-HALF");
  // It cannot be stored as it is: it stays, and the field at fault has the focus.
  await press(page, "Alt+n");
  await activate(page, question.getByRole("button", { name: "保存" }));
  await expect(field(page, "商品编码")).toBeFocused();
  await expect(field(page, "商品料号")).toHaveValue("M-HALF");
  // After the pause that ends a burst: until then keys are held back, as they are behind every refusal.
  await page.waitForTimeout(1_000);
  await press(page, "Alt+n");
  await activate(page, question.getByRole("button", { name: "放弃" }));
  await expect(field(page, "商品料号")).toHaveValue("");
  await expect(field(page, "商品料号")).toBeFocused();
  await expect(gridRows(page)).toHaveCount(1);
  // A new row nobody typed in is nothing to store, and no fault.
  await press(page, "Control+Enter");
  await expect(field(page, "商品编码")).not.toHaveAttribute("aria-invalid", "true");
});

test("text kept while customs had the book comes back when it is returned", async ({ page, browser }) => {
  test.slow();
  const server = await Server.start({ env: { OPBOOK_CUSTOMS_DELAY_MS: "5000" } });
  const other = await browser.newContext({ baseURL: server.url });
  try {
    await signIn(page, "donglan", "donglan-2026", server.url);
    await newBook(page);
    // Too short for the simulated customs.
    await fillHead(page, { contractNo: "HT-KEPT", processDesc: "封装" });
    await expect(page.getByText("暂存成功！")).toBeVisible();
    await typeOneOfEach(page);
    await press(page, "Alt+1");
    await enter(page, field(page, "备注"), "还没有暂存的备注");
    await page.waitForTimeout(1_000);

    const colleague = await other.newPage();
    await signIn(colleague, "tonghe", "tonghe-2026");
    await colleague.goto(new URL(page.url()).pathname);
    await reach(colleague, field(colleague, "出境加工合同号"));
    await press(colleague, "Control+Shift+Enter");
    await expect(colleague.locator("dialog[open]")).toContainText("是否确认申报");
    await answer(colleague, colleague.getByRole("dialog").getByRole("button", { name: "确定" }));
    await expect(colleague.getByText("申报成功！")).toBeVisible();
    await page.reload();
    await expect(page.getByText("可修改时会自动恢复").first()).toBeVisible();
    await expect(field(page, "备注")).toHaveValue("");
    await expect(page.locator(".document-status")).toContainText("海关退单", { timeout: 40_000 });
    await expect(field(page, "备注")).toHaveValue("还没有暂存的备注");
    await expect(field(page, "备注")).toBeEditable();
    // The rules find nothing, which is no word of customs: its reason stays in view when something else is saved.
    const checks = page.locator(".findings:visible");
    await expect(checks).toContainText("海关退回的原因如下");
    await press(page, "Control+s");
    await expect(page.getByText("暂存成功！").last()).toBeVisible();
    await expect(checks).toContainText("海关：");
    await expect(checks).not.toContainText("没有问题，可以申报");
    // It is a draft again by then; who opens it tomorrow is told the same.
    await page.reload();
    await expect(checks).toContainText("海关退回的原因如下");
    await expect(checks).toContainText("海关：");
  } finally {
    await other.close();
    await server.dispose();
  }
});
