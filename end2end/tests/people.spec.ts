// 系统管理: an enterprise keeps its own users, each with a role, and lets agents act for it. Without it everybody may declare, and
// nobody can be shut out without a shell on the server.

import { type Browser, type Page, expect } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, newBook, signIn, typeOneOfEach } from "../support/filing.ts";
import { activate, answer, press, reach, retype, type } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { keyboardTest as test, test as mouseTest } from "../support/test.ts";

const OWN = "3205246018";
const button = (page: Page, name: string) => page.locator(".tab-panel:not([hidden]), dialog[open]").getByRole("button", { name, exact: true });
const dialog = (page: Page) => page.locator("dialog[open]");
const menu = (page: Page, name: string) => page.getByRole("navigation").getByRole("button", { name, exact: true });
const list = (page: Page, name: string) => page.locator(".people").getByRole("grid", { name, exact: true });
const line = (page: Page, name: string, text: string) => list(page, name).getByRole("row").filter({ hasText: text });

/** A browser of somebody else. */
async function another(browser: Browser, server: Server): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, locale: "zh-CN" });
  return context.newPage();
}

async function openPeople(page: Page): Promise<void> {
  await activate(page, menu(page, "系统管理"));
  await expect(page.getByRole("heading", { name: "系统管理", level: 1 })).toBeVisible();
}

/** Walks to a line of a list of the page. */
async function onLine(page: Page, name: string, text: string): Promise<void> {
  await reach(page, list(page, name));
  await press(page, "Home");
  for (let step = 0; step < 20; step += 1) {
    if ((await list(page, name).locator(".grid-row.active").innerText().catch(() => "")).includes(text)) return;
    await press(page, "ArrowDown");
    await page.waitForTimeout(50);
  }
  throw new Error(`no line with ${text}`);
}

/** Adds a user with a role, 0 to 3; the link. */
async function addUser(page: Page, login: string, name: string, role: string): Promise<string> {
  await activate(page, button(page, "新增用户"));
  await expect(dialog(page).getByLabel("用户名")).toBeFocused();
  for (const value of [login, name, role, "0"]) {
    await retype(page, value);
    await press(page, "Enter");
  }
  await expect(dialog(page).getByRole("heading", { name: "登录链接" })).toBeVisible();
  const link = await dialog(page).getByLabel("登录链接").inputValue();
  expect(link).toMatch(/\/join#[0-9a-f]{64}$/);
  await press(page, "Escape");
  await expect(line(page, "用户", login)).toContainText("待设置密码");
  return link;
}

/** Chooses a password by a link. */
async function join(page: Page, link: string, login: string, password: string): Promise<void> {
  await page.goto(link);
  await expect(field(page, "新密码")).toBeFocused();
  await expect(page.getByLabel("用户名")).toHaveValue(login);
  await type(page, password);
  await press(page, "Tab");
  await type(page, password);
  await press(page, "Enter");
  await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
  expect(page.url(), "the token is out of the address").not.toContain("#");
}

test("an administrator invites a clerk, who enters and cannot declare, and a declarant, who does", async ({ page, browser, server }) => {
  test.setTimeout(180_000);
  await signIn(page);
  await openPeople(page);
  await expectNoAxeViolations(page, "系统管理");
  await expect(page.locator(".people-own")).toContainText("东澜精密电子");
  const toClerk = await addUser(page, "lu", "陆小", "2");
  const toDeclarant = await addUser(page, "shen", "申大", "3");

  const clerk = await another(browser, server);
  await join(clerk, toClerk, "lu", "a-long-password-of-lu");
  await expect(menu(clerk, "系统管理")).toHaveCount(0);
  await expect(menu(clerk, "报关单批量登记")).toHaveCount(0);
  await newBook(clerk);
  await fillHead(clerk, { contractNo: "HT-BY-CLERK" });
  await expect(clerk.getByText("暂存成功！")).toBeVisible();
  await typeOneOfEach(clerk);
  await expect(button(clerk, "申报")).toHaveCount(0);
  await expect(clerk.getByRole("toolbar", { name: "整票操作" }).getByRole("button", { name: "删除" })).toBeVisible();
  await press(clerk, "Control+Shift+Enter");
  await expect(clerk.getByText("您对该企业没有“申报”权限，如有需要请联系本企业管理员。")).toBeVisible();
  const address = clerk.url();
  const id = address.split("/").at(-1)!;
  // Not by going around the screen either.
  const answered = await clerk.evaluate(async (id) => {
    const call = (path: string, body: unknown) => fetch(`/api/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const { meta } = (await (await call("document/get", { id })).json()) as { meta: { version: number } };
    const answer = await call("document/declare", { step: { id, base: meta.version } });
    return [answer.status, ((await answer.json()) as { message: { zh: string } }).message.zh];
  }, id);
  expect(answered[0]).toBe(403);
  expect(answered[1]).toContain("您没有“申报”权限");

  const declarant = await another(browser, server);
  await join(declarant, toDeclarant, "shen", "a-long-password-of-shen");
  await declarant.goto(address);
  await reach(declarant, field(declarant, "出境加工合同号"));
  await press(declarant, "Control+Shift+Enter");
  await answer(declarant, dialog(declarant).getByRole("button", { name: "确定" }));
  await expect(declarant.getByText(/^申报成功！/)).toBeVisible();
  await expect(declarant.locator(".document-status")).toContainText(/海关终审通过/, { timeout: 15_000 });

  // A link is good once.
  const late = await another(browser, server);
  await late.goto(toClerk);
  await expect(late.getByText("该链接已使用过或已过期")).toBeVisible();
  await activate(late, late.getByRole("button", { name: "去登录" }));
  await expect(field(late, "用户名")).toBeFocused();
  for (const one of [clerk, declarant, late]) await one.context().close();
});

test("roles change and users are shut out at once; a reader is shown nothing to press that would be refused", async ({ page, browser, server }) => {
  test.setTimeout(180_000);
  await signIn(page);
  await openPeople(page);
  const link = await addUser(page, "du", "杜二", "2");
  const other = await another(browser, server);
  await join(other, link, "du", "a-long-password-of-du");
  await newBook(other);
  await fillHead(other, { contractNo: "HT-OF-DU" });
  await expect(other.getByText("暂存成功！")).toBeVisible();
  const address = other.url();

  // From 录入员 to 查询员 while the clerk types.
  await press(other, "Alt+1");
  await reach(other, field(other, "联系人"));
  await retype(other, "未存联系人");
  await onLine(page, "用户", "du");
  await press(page, "Enter");
  await expect(dialog(page).getByLabel("姓名")).toBeFocused();
  await press(page, "Enter");
  await retype(page, "1");
  await press(page, "Enter", 2);
  await expect(page.getByText("已保存，立即生效。")).toBeVisible();
  await expect(line(page, "用户", "杜二")).toContainText("查询员");
  await press(other, "Control+s");
  await expect(other.getByText(/您没有“录入”权限，未作任何改动/).first()).toBeVisible();
  await expect(field(other, "联系人"), "what was typed stays").toHaveValue("未存联系人");

  await other.goto(address);
  await expect(field(other, "出境加工合同号")).toBeVisible();
  await expect(menu(other, "出境加工账册(备案/变更)")).toHaveCount(0);
  for (const name of ["新增", "暂存", "删除", "申报", "导入", "复制", "常用模板"]) await expect(button(other, name), name).toHaveCount(0);
  await expect(button(other, "打印")).toBeVisible();
  await expect(field(other, "出境加工合同号")).toHaveAttribute("readonly", "");
  await expectNoAxeViolations(other, "a filing as a reader sees it");

  // 停用: out at the next call, and not in again.
  await onLine(page, "用户", "du");
  await activate(page, button(page, "停用"));
  await reach(page, dialog(page).getByRole("button", { name: "确定" }));
  await press(page, "Enter");
  await expect(line(page, "用户", "杜二")).toContainText("已停用");
  await activate(other, menu(other, "出境加工账册查询"));
  await expect(other.locator("dialog.relogin")).toBeVisible();
  await type(other, "a-long-password-of-du");
  await press(other, "Enter");
  await expect(other.getByText("用户名或密码不正确，请重新录入")).toBeVisible();
  await other.context().close();

  // The only administrator stays one.
  await onLine(page, "用户", "沈知远");
  await press(page, "Enter");
  await expect(dialog(page).getByLabel("姓名")).toBeFocused();
  await press(page, "Enter", 2);
  await retype(page, "0");
  await press(page, "Enter");
  await expect(dialog(page).getByText("这是本企业唯一可用的管理员")).toBeVisible();
});

mouseTest("an agent acts for an enterprise from the acceptance to the end, and what it was typing stays", async ({ page, browser, server }) => {
  mouseTest.setTimeout(180_000);
  // 海禾 lets 东澜 enter for it.
  await signIn(page, "haihe", "haihe-2026");
  await menu(page, "系统管理").click();
  await button(page, "新增委托").click();
  await dialog(page).getByLabel("代理企业海关注册编码").fill(OWN);
  await page.keyboard.press("Enter");
  await expect(dialog(page).getByLabel("代理企业名称")).toHaveValue("东澜精密电子（苏州）有限公司");
  await dialog(page).getByLabel("委托范围").fill("2");
  await page.keyboard.press("Enter");
  await dialog(page).getByLabel("截止日期").fill("20200101");
  await button(page, "发出委托").click();
  await expect(dialog(page).getByText(/截止日期(已过|不能早于起始日期)/)).toBeVisible();
  await dialog(page).getByLabel("截止日期").fill("+1y");
  await button(page, "发出委托").click();
  await expect(page.getByText("委托已发出，对方管理员在其“系统管理”中接受后生效。")).toBeVisible();
  await expect(line(page, "委托", "东澜")).toContainText("待对方接受");

  const agent = await another(browser, server);
  await signIn(agent, "donglan", "donglan-2026", server.url);
  await menu(agent, "出境加工账册查询").click();
  await expect(agent.locator("#query-operator option")).toHaveCount(1);
  await menu(agent, "系统管理").click();
  await line(agent, "委托", "海禾").click();
  await button(agent, "接受委托").click();
  await dialog(agent).getByRole("button", { name: "确定" }).click();
  await expect(line(agent, "委托", "海禾")).toContainText("有效");

  // The list asks for the new principal, too, without a reload.
  await menu(agent, "出境加工账册查询").click();
  await expect(agent.locator("#query-operator option")).toHaveCount(2);
  await newBook(agent);
  await fillHead(agent, { operator: "3502166027", contractNo: "HT-FOR-HAIHE" });
  await expect(agent.getByText("暂存成功！")).toBeVisible();
  await expect(button(agent, "申报"), "entering is all that was delegated").toHaveCount(0);
  await agent.keyboard.press("Alt+1");
  await field(agent, "备注").fill("代理录入中");

  await line(page, "委托", "东澜").click();
  await button(page, "终止委托").click();
  await dialog(page).getByRole("button", { name: "确定" }).click();
  await expect(line(page, "委托", "东澜")).toContainText("已终止");
  await agent.keyboard.press("Control+s");
  await expect(agent.getByText(/未获经营单位3502166027授权|您无权进行该项操作/).first()).toBeVisible();
  await expect(field(agent, "备注")).toHaveValue("代理录入中");
  await agent.context().close();
});

mouseTest("the operator of the service registers an enterprise and its first administrator; a password that was set has to be changed", async ({ page, browser }) => {
  mouseTest.setTimeout(120_000);
  const server = await Server.start();
  try {
    const link = await server.command("user", "add", "yunying", "--enterprise", "3122980015", "--role", "operator", "--link");
    await join(page, `${server.url}/join${/#[0-9a-f]{64}/.exec(link)![0]}`, "yunying", "a-long-password-of-yunying");
    await expect(menu(page, "出境加工账册(备案/变更)")).toHaveCount(0);
    await menu(page, "系统管理").click();
    await expectNoAxeViolations(page, "系统管理 of the operator");
    await expect(list(page, "用户")).toHaveCount(0);
    await button(page, "登记企业").click();
    await dialog(page).getByLabel("海关注册编码").fill("3205246026");
    await dialog(page).getByLabel("统一社会信用代码").fill("91320594MA1N7K3Q4N");
    await dialog(page).getByLabel("企业名称").fill("新登电子有限公司");
    await button(page, "保存").click();
    await expect(line(page, "企业", "新登电子有限公司")).toContainText("一般信用企业");
    await line(page, "企业", "新登电子有限公司").click();
    await button(page, "新增管理员").click();
    await dialog(page).getByLabel("用户名").fill("xindeng");
    await dialog(page).getByLabel("姓名").fill("新登");
    await button(page, "保存").click();
    const invitation = await dialog(page).getByLabel("登录链接").inputValue();
    await page.keyboard.press("Escape");
    await page.getByLabel("编码或名称").fill("新登");
    await button(page, "查找企业").click();
    await expect(line(page, "企业", "新登电子有限公司")).toContainText("1");

    const admin = await another(browser, server);
    await join(admin, invitation, "xindeng", "a-long-password-of-xindeng");
    await expect(admin.getByRole("button", { name: "管理用户、委托和企业" })).toBeVisible();
    await admin.context().close();

    // Somebody else knows the password: it is changed before anything is shown.
    await server.fed("set-by-somebody\n", "user", "passwd", "donglan-lr", "--password-stdin");
    const clerk = await another(browser, server);
    await clerk.goto("/");
    await clerk.getByLabel("用户名").fill("donglan-lr");
    await clerk.getByLabel("密码", { exact: true }).fill("set-by-somebody");
    await clerk.getByRole("button", { name: "登录", exact: true }).click();
    await expect(clerk.getByText("您的密码由管理员设置，请先改为只有您自己知道的密码。")).toBeVisible();
    await expectNoAxeViolations(clerk, "a password to be changed");
    await clerk.getByLabel("新密码", { exact: true }).fill("my-own-password");
    await clerk.getByLabel("确认新密码").fill("another-one");
    await clerk.getByRole("button", { name: "设置密码并登录" }).click();
    await expect(clerk.getByText("两次输入的新密码不一致，请重新输入")).toBeVisible();
    await clerk.getByLabel("确认新密码").fill("my-own-password");
    await clerk.getByRole("button", { name: "设置密码并登录" }).click();
    await expect(clerk.getByRole("button", { name: "退出" })).toBeVisible();
    await clerk.context().close();
  } finally {
    await server.dispose();
  }
});
