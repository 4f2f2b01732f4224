// What others change is on the screen within a second, under what is being typed, without a reload and without asking; one tab of
// a browser listens for all. Without it a clerk works on what a colleague changed long ago, or two hundred open pages ask all day.

import type { Browser, Page } from "@playwright/test";
import { declareEntry, readyBook } from "../support/entry.ts";
import { field, signIn } from "../support/filing.ts";
import { deaf } from "../support/hints.ts";
import { answer, enter, press, reach, type } from "../support/keyboard.ts";
import { activeInput, goods, newId, openList, post, stored, toColumn } from "../support/list.ts";
import { Line } from "../support/line.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

/** A colleague in a browser of their own. */
async function colleague(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, locale: "zh-CN" });
  const page = await context.newPage();
  await signIn(page, "tonghe", "tonghe-2026", url);
  return page;
}

/** Stores the head of a filing with another 备注. */
async function storeRemark(page: Page, id: string, remark: string): Promise<void> {
  const { meta, head } = (await post(page, "document/get", { id })) as { meta: { version: number; head_version: number }; head: Record<string, string> };
  const request = { id, kind: "filing", base: meta.head_version, head: { ...head, remark }, was: { remark: head["remark"] ?? "" } };
  await post(page, "document/save_head", { request });
}

/** Addresses the page asks of the server from now on. */
function asked(page: Page): string[] {
  const all: string[] = [];
  page.on("request", (request) => {
    const path = new URL(request.url()).pathname;
    if (path.startsWith("/api/") || path === "/hints") all.push(path);
  });
  return all;
}

/** A page that hears: the stream is open. */
async function hearing(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.getEntriesByType("resource").some((one) => one.name.includes("split_dialogs")));
  await page.waitForTimeout(1_000);
}

test("what a colleague stores through another process is on the screen within a second, under what is typed", async ({ page, browser, server }) => {
  test.setTimeout(120_000);
  const there = await Server.start({ env: { OPBOOK_DATA: server.data } });
  try {
    await signIn(page);
    const id = await openList(page, 3);
    await press(page, "Alt+1");
    await hearing(page);
    const other = await colleague(browser, there.url);
    let slowest = 0;
    for (let round = 1; round <= 5; round += 1) {
      await storeRemark(other, id, `第${round}次`);
      const done = Date.now();
      await expect(field(page, "备注")).toHaveValue(`第${round}次`);
      slowest = Math.max(slowest, Date.now() - done);
    }
    console.log(`on the other screen at most ${slowest} ms after it was stored`);

    // The keys are in a cell, half a word typed.
    await press(page, "Alt+2");
    await reach(page, activeInput(page));
    await toColumn(page, "spec_model");
    await type(page, "HALF");
    const [row] = await stored(other, id);
    const put = { row_id: row!.id, base: row!.version, seq: 0, content: { ...row!.content, goods_name: "对方的品名" }, was: { goods_name: row!.content["goods_name"] } };
    const added = { row_id: crypto.randomUUID(), base: 0, seq: 0, content: goods(9) };
    await post(other, "document/save_rows", { request: { document_id: id, section: "exports", puts: [put, added], removes: [] } });
    await expect(page.getByRole("gridcell", { name: "对方的品名" })).toBeVisible();
    await expect(page.getByRole("gridcell", { name: "M-9", exact: true })).toBeVisible();
    // Nothing was written under the fingers, and what is typed goes on.
    await expect(activeInput(page)).toHaveValue("HALF");
    await type(page, "-WORD");
    await press(page, "ArrowDown");
    await expect.poll(async () => (await stored(page, id))[0]?.content["spec_model"]).toBe("HALF-WORD");
    expect((await stored(page, id))[0]?.content["goods_name"]).toBe("对方的品名");

    // The form: what is typed in one field stays, the others follow.
    await press(page, "Alt+1");
    await enter(page, field(page, "联系人"), "王五");
    await storeRemark(other, id, "在您录入时");
    await expect(field(page, "备注")).toHaveValue("在您录入时");
    await expect(field(page, "联系人")).toHaveValue("王五");
    // The same field: what is typed stays, and the question comes when it is saved, however often the other stored.
    await enter(page, field(page, "备注"), "我的备注");
    for (const remark of ["对方的备注", "对方的备注二"]) {
      await storeRemark(other, id, remark);
      await page.waitForTimeout(1_500);
    }
    await press(page, "Control+s");
    const question = page.locator("dialog[open]");
    await expect(question.locator("tbody tr")).toHaveCount(1);
    await expect(question).toContainText("对方的备注二");
    await answer(page, question.getByRole("button", { name: "全部采用对方的" }));
    await expect(page.getByText("暂存成功！").last()).toBeVisible();
    await expect(field(page, "备注")).toHaveValue("对方的备注二");
    await expect(field(page, "联系人")).toHaveValue("王五");
    await other.context().close();
  } finally {
    await there.dispose();
  }
});

mouseTest("a list shows what others made of its lines, and a page that hears nothing still learns what customs decided", async ({ page, browser, server }) => {
  mouseTest.setTimeout(120_000);
  await signIn(page);
  const id = newId();
  const head = { operator_code: "3205246018", processor_code: "3502166027", currency: "USD", internal_no: "NB-LISTED" };
  await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
  await page.getByRole("navigation").getByRole("button", { name: "出境加工账册查询", exact: true }).click();
  const line = page.locator(".query-list:visible").getByRole("row").filter({ hasText: "NB-LISTED" });
  await expect(line).toHaveCount(1);
  await hearing(page);
  const other = await colleague(browser, server.url);
  const { meta } = (await post(other, "document/get", { id })) as { meta: { head_version: number } };
  await post(other, "document/save_head", { request: { id, kind: "filing", base: meta.head_version, head: { ...head, internal_no: "NB-RELISTED" }, was: { internal_no: "NB-LISTED" } } });
  await expect(page.locator(".query-list:visible").getByRole("row").filter({ hasText: "NB-RELISTED" })).toHaveCount(1);
  await other.context().close();

  const quiet = await browser.newContext({ baseURL: server.url, locale: "zh-CN" });
  const without = await quiet.newPage();
  await deaf(without);
  await signIn(without);
  await without.goto(`/filing/${await readyBook(without)}`);
  await expect(field(without, "备注")).toBeVisible();
  await hearing(without);
  const calls = asked(without);
  // A document that customs does not have is not asked about, whatever is heard.
  await without.waitForTimeout(3_000);
  expect(calls.filter((path) => path.startsWith("/api/"))).toEqual([]);
  await reach(without, field(without, "备注"));
  await declareEntry(without);
  await expect(without.getByText(/海关终审通过/).first()).toBeVisible({ timeout: 15_000 });
  await quiet.close();
});

test("an idle page asks nothing, one tab listens for all of a browser, and another goes on when that is closed", async ({ page, context }) => {
  test.setTimeout(180_000);
  const first = asked(page);
  await signIn(page);
  const id = await openList(page, 1);
  await hearing(page);
  const second = await context.newPage();
  const others = asked(second);
  await second.goto(`/filing/${id}`);
  await expect(field(second, "备注")).toBeVisible();
  await hearing(second);
  expect(first).toContain("/hints");
  expect(others, "one stream for both").not.toContain("/hints");
  const third = await context.newPage();
  await third.goto("/todo");
  await hearing(third);
  // Longer than the shortest of all the pauses after which pages used to ask.
  const before = [first.length, others.length];
  const resting = asked(third);
  await page.waitForTimeout(8_000);
  expect([first.slice(before[0]), others.slice(before[1]), resting]).toEqual([[], [], []]);

  await press(page, "Alt+1");
  await enter(page, field(page, "备注"), "从另一页签");
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await expect(field(second, "备注")).toHaveValue("从另一页签");
  // The tab that listens goes; the next one takes over.
  await page.close();
  await expect.poll(() => others.filter((path) => path === "/hints").length + resting.filter((path) => path === "/hints").length).toBe(1);
  await storeRemark(third, id, "之后");
  await expect(field(second, "备注")).toHaveValue("之后");
});

mouseTest("what changed while the line to the hints was cut is on the screen when it is back, in documents and in lists", async ({ browser, server }) => {
  mouseTest.setTimeout(120_000);
  const line = await Line.to(server.url);
  const near = await browser.newContext({ baseURL: line.url, locale: "zh-CN" });
  try {
    const page = await near.newPage();
    await signIn(page, "donglan", "donglan-2026", line.url);
    const id = newId();
    const head = { operator_code: "3205246018", processor_code: "3502166027", currency: "USD", internal_no: "NB-LINE" };
    await post(page, "document/save_head", { request: { id, kind: "filing", base: 0, head } });
    await page.getByRole("navigation").getByRole("button", { name: "出境加工账册查询", exact: true }).click();
    const shown = (number: string) => page.locator(".query-list:visible").getByRole("row").filter({ hasText: number });
    await expect(shown("NB-LINE")).toHaveCount(1);
    await expect.poll(() => line.listening).toBe(1);
    await hearing(page);
    const other = await colleague(browser, server.url);
    const store = async (change: Record<string, string>): Promise<void> => {
      const { meta, head: before } = (await post(other, "document/get", { id })) as { meta: { head_version: number }; head: Record<string, string> };
      const was = Object.fromEntries(Object.keys(change).map((key) => [key, before[key] ?? ""]));
      await post(other, "document/save_head", { request: { id, kind: "filing", base: meta.head_version, head: { ...before, ...change }, was } });
    };

    // The list: nothing is heard of the change, and nothing more changes afterwards.
    line.cut();
    await expect.poll(() => line.listening).toBe(0);
    await store({ internal_no: "NB-MEANWHILE" });
    await page.waitForTimeout(1_500);
    await expect(shown("NB-MEANWHILE")).toHaveCount(0);
    line.mend();
    await expect(shown("NB-MEANWHILE")).toHaveCount(1, { timeout: 20_000 });

    // A document that is being typed in.
    await page.goto(`${line.url}/filing/${id}`);
    await expect(field(page, "备注")).toBeVisible();
    await expect.poll(() => line.listening).toBe(1);
    await hearing(page);
    await field(page, "联系人").fill("王五");
    line.cut();
    await expect.poll(() => line.listening).toBe(0);
    await store({ remark: "断线时改的" });
    await page.waitForTimeout(1_500);
    await expect(field(page, "备注")).toHaveValue("");
    line.mend();
    await expect(field(page, "备注")).toHaveValue("断线时改的", { timeout: 20_000 });
    await expect(field(page, "联系人")).toHaveValue("王五");
    await other.context().close();
  } finally {
    await near.close();
    line.close();
  }
});
