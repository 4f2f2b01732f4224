// The program while the server is away: it opens, shows what it kept, and loses nothing that is typed.

import { type Browser, type Page, expect } from "@playwright/test";
import { AWAY, signInAgain, storedFiling, test } from "../support/away.ts";
import { expectNoAxeViolations } from "../support/axe.ts";
import { OwnBrowser } from "../support/browser.ts";
import { colleagueSaves, field, fillHead, gridRows, newBook, signIn, typeExport } from "../support/filing.ts";
import { draftNames, journalNames, readyToLeave } from "../support/journal.ts";
import { activate, press, reach, retype, type } from "../support/keyboard.ts";
import type { Server } from "../support/server.ts";

test("a browser that is killed opens without the server, goes on, and loses nothing", async ({ away, own }) => {
  test.slow();
  let page = await own.start();
  const address = await storedFiling(page, away, "HT-AWAY");
  await readyToLeave(page, 1);
  await press(page, "Alt+1");
  await reach(page, field(page, "出境加工合同号"));
  await retype(page, "HT-TRAIN");
  await press(page, "Enter");
  await expect(page.getByText(/^已存本机 \d\d:\d\d$/)).toBeVisible();
  await away.kill();
  await page.waitForTimeout(500);
  await own.kill();

  // Cold: no server, no window, no session.
  page = await own.start();
  await page.goto(address);
  await expect(page.getByText(AWAY)).toBeVisible();
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-TRAIN");
  await expect(page.getByText("离线", { exact: true })).toBeVisible();
  await expectNoAxeViolations(page, "a document without the server");
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(1);
  await press(page, "Alt+1");
  await reach(page, field(page, "生产工艺说明"));
  await retype(page, "离线时改的说明");
  await press(page, "Tab");
  await expect(page.getByText(/^已存本机/)).toBeVisible();
  await page.waitForTimeout(500);
  await own.kill();

  // The start page offers what opens without the server.
  page = await own.start();
  await page.goto(away.url);
  await expect(page.getByRole("heading", { name: "未保存的内容" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "离线可打开的单据" })).toBeVisible();
  await expectNoAxeViolations(page, "the start page without the server");
  await activate(page, page.locator(".kept-documents").last().getByRole("button"));
  await expect(field(page, "生产工艺说明")).toHaveValue("离线时改的说明");
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-TRAIN");

  // The server is back: it asks who it is, and the work goes on where it was.
  await away.restart();
  await signInAgain(page);
  await expect(page.getByText(AWAY)).toHaveCount(0);
  await expect(field(page, "生产工艺说明")).toHaveValue("离线时改的说明");
  await reach(page, field(page, "生产工艺说明"));
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await expect(page.getByText(/^已存本机/)).toHaveCount(0);
  await expect.poll(async () => draftNames(page)).toEqual([]);
  await page.reload();
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-TRAIN");
  await expect(field(page, "生产工艺说明")).toHaveValue("离线时改的说明");
});

test("a filing begun without the server: rows, corrections, a killed browser, and the server has it all once", async ({ away, own }) => {
  test.slow();
  let page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  await away.kill();
  await newBook(page);
  await fillHead(page, { contractNo: "HT-OFFLINE" });
  await expect(page.getByText("已存本机，连上服务器后自动暂存").first()).toBeVisible();
  await expect(page.getByText("待同步 1", { exact: true })).toBeVisible();
  for (const row of ["A-1", "A-2", "A-3"]) await typeExport(page, "8542311100", row, "10", "2");
  await expect(gridRows(page)).toHaveCount(3);
  await expect(page.getByText("待同步 4", { exact: true })).toBeVisible();
  const address = page.url();
  await own.kill();

  // The last row was finished a moment before: it is there, and goes on.
  page = await own.start();
  await page.goto(address);
  await expect(page.getByText(AWAY)).toBeVisible();
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(3);
  await reach(page, field(page, "商品料号"));
  await typeExport(page, "8542311100", "A-4", "7", "2");
  await expect(gridRows(page)).toHaveCount(4);
  await expect(page.getByText("待同步 5", { exact: true })).toBeVisible();
  await expectNoAxeViolations(page, "saves that wait");

  // 申报 does not wait for the server: it says so.
  await press(page, "Control+Shift+Enter");
  await expect(page.getByText("服务器连接不上，不能申报").first()).toBeVisible();

  await away.restart();
  await signInAgain(page);
  await expect(page.getByText(/^待同步/)).toHaveCount(0, { timeout: 20_000 });
  await expect(page.getByText(AWAY)).toHaveCount(0);
  await expect(gridRows(page)).toHaveCount(4);
  await page.reload();
  await expect(page.locator(".document-status")).toBeVisible();
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(4);
  const { texts } = await journalNames(page);
  expect(texts.filter((name) => /^(wait|draft)\./.test(name))).toEqual([]);
  const listed = await page.evaluate(async () => {
    const list = { list: "filing", operator_code: "3205246018", page_size: 50 };
    const answer = await fetch("/api/document/list", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query: list }) });
    return ((await answer.json()) as { lines: { head: Record<string, string> }[] }).lines.map(({ head }) => head["contract_no"]);
  });
  expect(listed.filter((number) => number === "HT-OFFLINE"), "stored once").toHaveLength(1);
});

/** The server is back, and a colleague stores HT-THEIRS before this browser hears of it. */
async function backAfterColleague(page: Page, away: Server, browser: Browser, address: string): Promise<void> {
  await page.context().setOffline(true);
  await away.restart();
  await colleagueSaves(browser, away.url, address, "HT-THEIRS");
  await page.context().setOffline(false);
}

test("what a colleague changed meanwhile is not overwritten: it is typed text again, with the question", async ({ away, own, browser }) => {
  test.slow();
  const page = await own.start();
  const address = await storedFiling(page, away, "HT-BOTH");
  await readyToLeave(page, 1);
  await press(page, "Alt+1");
  await reach(page, field(page, "出境加工合同号"));
  await away.kill();
  await retype(page, "HT-OURS");
  await press(page, "Control+s");
  await expect(page.getByText("待同步 1", { exact: true })).toBeVisible();
  await backAfterColleague(page, away, browser, address);
  await expect(page.getByText("在离线时暂存的内容未能存到服务器").first()).toBeVisible({ timeout: 20_000 });
  const question = page.locator("dialog[open]");
  await expect(question).toContainText("HT-THEIRS");
  await expect(question).toContainText("HT-OURS");
  await activate(page, question.getByRole("button", { name: "保留我的" }));
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-OURS");
  await reach(page, field(page, "出境加工合同号"));
  await press(page, "Control+s");
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await expect(page.getByText(/^待同步/)).toHaveCount(0);
});

test("what waits and what a colleague changed meanwhile in another field come together, and that is said", async ({ away, own, browser }) => {
  test.slow();
  const page = await own.start();
  const address = await storedFiling(page, away, "HT-BOTH");
  await readyToLeave(page, 1);
  await press(page, "Alt+1");
  await reach(page, field(page, "备注"));
  await away.kill();
  await type(page, "路上写的");
  await press(page, "Control+s");
  await expect(page.getByText("待同步 1", { exact: true })).toBeVisible();
  // A second one, that goes on from the first.
  await retype(page, "路上写的，改过");
  await press(page, "Control+s");
  await expect(page.getByText("待同步 2", { exact: true })).toBeVisible();
  await backAfterColleague(page, away, browser, address);
  await expect(page.getByText(/^待同步/)).toHaveCount(0, { timeout: 20_000 });
  await expect(page.locator(".merged")).toContainText("HT-THEIRS", { timeout: 20_000 });
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-THEIRS");
  await expect(field(page, "备注")).toHaveValue("路上写的，改过");
  await expect(page.locator("dialog[open]")).toHaveCount(0);
});

test("after 退出, and on a shared computer, nothing opens without the server", async ({ away, own }) => {
  test.slow();
  let page = await own.start();
  await storedFiling(page, away, "HT-LEFT");
  await readyToLeave(page, 1);
  await activate(page, page.getByRole("button", { name: "退出" }));
  await expect(field(page, "用户名")).toBeVisible();
  expect((await journalNames(page)).users).toEqual([]);
  await away.kill();
  await page.goto(away.url);
  await expect(page.getByText("连接不上服务器").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "退出" })).toHaveCount(0);
  await expectNoAxeViolations(page, "nobody is known without the server");

  // Said at the sign-in: what is typed is kept, and only who signs in sees it.
  await away.restart();
  await activate(page, page.getByRole("button", { name: "重试" }));
  await expect(field(page, "用户名")).toBeVisible();
  await page.getByLabel("公用电脑").check();
  await expectNoAxeViolations(page, "sign-in on a shared computer");
  await field(page, "用户名").fill("donglan");
  await field(page, "密码").fill("donglan-2026");
  await press(page, "Enter");
  await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
  await newBook(page);
  await retype(page, "NB-SHARED");
  await press(page, "Enter");
  await expect(page.getByText(/^已存本机/)).toBeVisible();
  expect((await journalNames(page)).users).toEqual([]);
  await page.waitForTimeout(300);
  await own.kill();
  page = await own.start();

  // Somebody else at the same computer sees nothing of it.
  await signIn(page, "haihe", "haihe-2026", away.url);
  await expect(page.getByRole("heading", { name: "从这里开始" })).toBeVisible();
  await page.waitForTimeout(500);
  await expect(page.getByRole("heading", { name: "未保存的内容" })).toHaveCount(0);
  await activate(page, page.getByRole("button", { name: "退出" }));
  await expect(field(page, "用户名")).toBeVisible();

  await signIn(page, "donglan", "donglan-2026", away.url);
  await expect(page.getByRole("heading", { name: "未保存的内容" })).toBeVisible();
  await activate(page, page.locator(".kept-documents").getByRole("button").first());
  await expect(field(page, "企业内部编号")).toHaveValue("NB-SHARED");
});

test("without TLS, without a store, without room: the server keeps what is not saved", async ({ away }) => {
  test.slow();
  const port = new URL(away.url).port;
  const insecure = await OwnBrowser.make("--host-resolver-rules=MAP opbook.test 127.0.0.1");
  const cases: { name: string; url: string; says: RegExp; spoil?: () => void }[] = [
    { name: "no TLS", url: `http://opbook.test:${port}`, says: /不是通过 https 打开的/ },
    { name: "no store", url: away.url, says: /浏览器不允许本页保存数据/, spoil: () => void Object.defineProperty(window, "indexedDB", { value: null }) },
    { name: "no room", url: away.url, says: /本机空间不足/, spoil: () => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (value, key) {
        if (String(key).startsWith("draft.")) throw new DOMException("full", "QuotaExceededError");
        return put.call(this, value, key);
      };
    } },
    { name: "newer", url: away.url, says: /浏览器不允许本页保存数据/, spoil: () => {
      // A page of a later release was here: asked for the first shape, the browser refuses.
      indexedDB.open("opbook", 9);
    } },
  ];
  try {
    for (const [at, one] of cases.entries()) {
      const page = await insecure.start();
      if (one.spoil) await page.addInitScript(one.spoil);
      await signIn(page, "donglan", "donglan-2026", one.url);
      await newBook(page);
      await retype(page, `NB-SERVER-${at}`);
      await press(page, "Enter");
      await expect(page.getByText(/^未保存的内容已存服务器 \d\d:\d\d$/), one.name).toBeVisible();
      await expect(page.locator(".kept"), one.name).toHaveAttribute("title", one.says);
      await insecure.kill();
      const again = await insecure.start();
      if (one.spoil) await again.addInitScript(one.spoil);
      await signIn(again, "donglan", "donglan-2026", one.url);
      await activate(again, again.locator(".kept-documents").getByRole("button").first());
      await expect(field(again, "企业内部编号"), one.name).toHaveValue(`NB-SERVER-${at}`);
      // Closed with a yes, it is forgotten there, too.
      await press(again, "Alt+w");
      const question = again.locator("dialog[open]");
      await activate(again, question.getByRole("button", { name: "确定" }));
      await expect(again.locator(".document")).toHaveCount(0);
      await again.waitForTimeout(1_500);
      // 退出 with a yes drops what is open while the server still knows who asks.
      await newBook(again);
      await retype(again, "NB-DROPPED");
      await press(again, "Enter");
      await expect(again.getByText(/^未保存的内容已存服务器/), one.name).toBeVisible();
      await activate(again, again.getByRole("button", { name: "退出" }));
      await activate(again, again.locator("dialog[open]").getByRole("button", { name: "确定" }));
      await expect(field(again, "用户名")).toBeVisible();
      await signIn(again, "donglan", "donglan-2026", one.url);
      await expect(again.getByRole("heading", { name: "从这里开始" })).toBeVisible();
      await again.waitForTimeout(500);
      await expect(again.locator(".kept-documents"), one.name).toHaveCount(0);
      await insecure.kill();
    }
  } finally {
    await insecure.dispose();
  }
});

/** How often the browser is killed: 500 times for a proof (CONTRIBUTING.md). */
const KILLS = Number(process.env.OPBOOK_TEST_BROWSER_KILLS ?? 5);
/** What may be lost of what was typed, and what a busy machine adds between a key and its arrival on the page, in ms. */
const AT_MOST = 500;
const SLACK = Number(process.env.OPBOOK_TEST_BROWSER_SLACK ?? 300);

/** What a text was once a key had been struck. */
interface Struck {
  text: string;
  at: number;
}

/** A row as it is typed, key by key, until the browser is gone. */
class Typist {
  readonly material: Struck[] = [];
  readonly spec: Struck[] = [];
  finished: number | undefined;

  constructor(
    private readonly page: Page,
    private readonly row: number,
  ) {}

  private async text(text: string, into?: Struck[]): Promise<void> {
    await this.page.keyboard.press("Control+A");
    for (let end = 1; end <= text.length; end += 1) {
      await this.page.keyboard.press(text.charAt(end - 1));
      into?.push({ text: text.slice(0, end), at: Date.now() });
      await this.page.waitForTimeout(Math.random() * 30);
    }
    await this.page.keyboard.press("Enter");
  }

  async type(): Promise<void> {
    const letters = Array.from({ length: 14 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
    await this.text(material(this.row), this.material);
    await this.text("8542311100");
    await press(this.page, "Enter");
    await this.text(letters, this.spec);
    for (const value of ["007", "10", "10", "0.5", "2"]) await this.text(value);
    await press(this.page, "Enter", 4);
    this.finished = Date.now();
  }

  /** How long before the end the first key was struck that is gone; 0 when none is. */
  lost(back: { material: string; spec: string }, killed: number): number {
    const gone = [
      ...this.material.filter(({ text }) => !back.material.startsWith(text)),
      ...this.spec.filter(({ text }) => !back.spec.startsWith(text)),
    ].filter(({ at }) => at < killed);
    return gone.length === 0 ? 0 : killed - Math.min(...gone.map(({ at }) => at));
  }
}

function material(row: number): string {
  return `m-${String(row).padStart(4, "0")}`;
}

for (const begun of ["before", "after"] as const) test(`a browser killed at any moment of a filing begun ${begun} the server went: no row lost, none twice`, async ({ away, own }) => {
  const kills = Math.ceil(KILLS / 2);
  test.setTimeout(180_000 + kills * 30_000);
  let page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  if (begun === "after") await away.kill();
  await newBook(page);
  await fillHead(page, { contractNo: "HT-KILLED" });
  await expect(page.getByText(begun === "after" ? "待同步 1" : "暂存成功！", { exact: true })).toBeVisible();
  const address = page.url();
  await press(page, "Alt+2");
  // Where it still is, the server is killed between any two keys of a row.
  await reach(page, field(page, "商品料号"));
  const beginning = [new Typist(page, 0), new Typist(page, 1), new Typist(page, 2)];
  const gone = new Promise((done) => setTimeout(done, 500 + Math.random() * 5_000)).then(() => away.kill());
  for (const typist of beginning) await typist.type();
  await gone;
  await expect(gridRows(page)).toHaveCount(beginning.length);
  await expect(page.getByText(/^待同步 \d+$/)).toBeVisible();
  const waiting = async () => Number((await page.getByText(/^待同步 \d+$/).innerText()).split(" ")[1]);
  /** Finished rows that do not wait: the server has them. One less where the head waits, too. */
  const there = beginning.length - (await waiting());
  let row = beginning.length;
  const losses: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    await reach(page, field(page, "商品料号"));
    const typists: Typist[] = [];
    let runs = true;
    const typing = (async () => {
      for (let next = row; runs; next += 1) {
        const typist = new Typist(page, next);
        typists.push(typist);
        await typist.type();
      }
    })().catch(() => undefined);
    await new Promise((done) => setTimeout(done, 300 + Math.random() * 6_000));
    const killed = Date.now();
    await own.kill();
    runs = false;
    await typing;

    page = await own.start();
    await page.goto(address);
    await expect(page.getByText(AWAY)).toBeVisible();
    await press(page, "Alt+2");
    await expect(field(page, "商品料号")).toBeVisible();
    const stored = there + (await waiting());
    const finished = row + typists.filter((typist) => (typist.finished ?? killed) < killed - AT_MOST - SLACK).length;
    expect(stored, `kill ${kill}: finished rows`).toBeGreaterThanOrEqual(finished);
    expect(stored, `kill ${kill}: no row twice`).toBeLessThanOrEqual(row + typists.length);
    const open = typists[stored - row];
    const back = { material: await field(page, "商品料号").inputValue(), spec: await field(page, "规格型号").inputValue() };
    losses.push(open ? open.lost(back, killed) : 0);
    row = stored;
  }
  losses.sort((one, other) => one - other);
  console.log(`browser killed ${kills} times while ${row} rows were typed; ms of typing lost: ${losses.join(" ")}`);
  expect(losses.at(-1)).toBeLessThanOrEqual(AT_MOST + SLACK);

  await away.restart();
  await signInAgain(page);
  await expect(page.getByText(/^待同步/)).toHaveCount(0, { timeout: 60_000 });
  const id = address.split("/").at(-1);
  const materials = await page.evaluate(async (id) => {
    const answer = await fetch("/api/document/get", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ id }) });
    const { lists } = (await answer.json()) as { lists: { section: string; rows: { content: Record<string, string> }[] }[] };
    return lists.find(({ section }) => section === "exports")?.rows.map(({ content }) => content["material_no"]);
  }, id);
  expect(materials).toEqual(Array.from({ length: row }, (_, at) => material(at)));
});
