// Single cases of working without the server: a clock that is set, many documents that wait, a sign-out that the server does not hear.

import { type Page, expect } from "@playwright/test";
import { AWAY, signInAgain, test } from "../support/away.ts";
import { field, fillHead, gridRows, newBook, signIn, typeExport } from "../support/filing.ts";
import { journalNames, readyToLeave } from "../support/journal.ts";
import { activate, answer, press, reach } from "../support/keyboard.ts";

test("a clock that goes back a day and forth changes neither the order nor the number of what is stored", async ({ away, own }) => {
  test.slow();
  let page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  await away.kill();
  const DAY = 86_400_000;
  const setClock = (to: Page, by: number) => to.clock.setFixedTime(new Date(Date.now() + by));
  await newBook(page);
  await fillHead(page, { contractNo: "HT-CLOCK" });
  await expect(page.getByText("待同步 1", { exact: true })).toBeVisible();
  await setClock(page, DAY);
  await typeExport(page, "8542311100", "T-1", "1", "2");
  await expect(page.getByText("待同步 2", { exact: true })).toBeVisible();
  await setClock(page, -DAY);
  await typeExport(page, "8542311100", "T-2", "2", "2");
  await expect(page.getByText("待同步 3", { exact: true })).toBeVisible();
  const address = page.url();
  await own.kill();
  // The computer starts with a clock that is a day behind: what is typed now comes after all that.
  page = await own.start();
  await setClock(page, -DAY);
  await page.goto(address);
  await expect(page.getByText(AWAY)).toBeVisible();
  await press(page, "Alt+2");
  await expect(gridRows(page)).toHaveCount(2);
  await reach(page, field(page, "商品料号"));
  await typeExport(page, "8542311100", "T-3", "3", "2");
  await expect(page.getByText("待同步 4", { exact: true })).toBeVisible();
  await away.restart();
  await signInAgain(page);
  await expect(page.getByText(/^待同步 \d/)).toHaveCount(0, { timeout: 20_000 });
  await expect(page.getByText("已恢复为未保存的内容")).toHaveCount(0);
  expect(await specs(page)).toEqual(["T-1", "T-2", "T-3"]);
});

/** 规格型号 of the rows of the open filing, as the server has them. */
async function specs(page: Page): Promise<(string | undefined)[]> {
  const id = /filing\/([0-9a-f-]+)/.exec(page.url())?.[1];
  return page.evaluate(async (id) => {
    const answer = await fetch("/api/document/get", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ id }) });
    const { lists } = (await answer.json()) as { lists: { section: string; rows: { content: Record<string, string> }[] }[] };
    return (lists.find((list) => list.section === "exports")?.rows ?? []).map((row) => row.content["spec_model"]);
  }, id);
}

/** How many documents wait: ten for a proof (CONTRIBUTING.md). */
const DOCUMENTS = Number(process.env.OPBOOK_TEST_WAITING ?? 3);

test("documents that waited for an hour are all stored when the server is back, each once", async ({ away, own }) => {
  test.setTimeout(60_000 + DOCUMENTS * 30_000);
  const page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  await away.kill();
  const numbers = Array.from({ length: DOCUMENTS }, (_, at) => `HT-HOUR-${at + 1}`);
  for (const [at, contractNo] of numbers.entries()) {
    await newBook(page);
    await fillHead(page, { contractNo });
    await expect(page.getByText(`待同步 ${2 * at + 1}`, { exact: true })).toBeVisible();
    await typeExport(page, "8542311100", `H-${at + 1}`, "10", "2");
    await expect(page.getByText(`待同步 ${2 * at + 2}`, { exact: true })).toBeVisible();
  }
  // An hour later the page still looks for the server, and the session may be over or not.
  await page.clock.setFixedTime(new Date(Date.now() + 3_600_000));
  await away.restart();
  await expect(async () => {
    if (await page.locator("dialog.relogin").count()) await signInAgain(page);
    await expect(page.getByText(/^待同步 \d/)).toHaveCount(0);
  }).toPass({ timeout: 60_000 });
  const listed = await page.evaluate(async () => {
    const list = { list: "filing", operator_code: "3205246018", page_size: 50 };
    const answer = await fetch("/api/document/list", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query: list }) });
    return ((await answer.json()) as { lines: { head: Record<string, string> }[] }).lines.map(({ head }) => `${head["contract_no"]} ${head["export_count"]}`);
  });
  expect(listed.sort()).toEqual(numbers.map((number) => `${number} 1`).sort());
});

test("who signs out while the server is away is signed out here at once, and there before anybody opens the program again", async ({ away, own }) => {
  const page = await own.start();
  await signIn(page, "donglan", "donglan-2026", away.url);
  await readyToLeave(page, 0);
  await away.kill();
  await activate(page, page.getByRole("button", { name: "退出" }));
  const question = page.locator("dialog[open]");
  await expect(question).toContainText("只能先在本机退出");
  await answer(page, question.getByRole("button", { name: "确定" }));
  await expect(page.getByRole("button", { name: "重试" })).toBeVisible();
  expect((await journalNames(page)).users, "the key is gone").toEqual([]);
  // The browser still has the cookie, and the server the session: neither lets anybody in.
  await away.restart();
  await activate(page, page.getByRole("button", { name: "重试" }));
  await expect(field(page, "用户名")).toBeVisible();
  await page.reload();
  await expect(field(page, "用户名")).toBeVisible();
});
