// Type-ahead in the real browser: rows typed without looking, 40 ms a key, at a server that takes 300 ms
// for everything and fails now and then. What is stored must equal what was typed, key for key: a key that
// lands in the next field is a wrong quantity on a declaration.
// OPBOOK_E2E_ROWS sets the number of rows, OPBOOK_E2E_SEED repeats a run; scripts/type-ahead-soak types 2,000.

import type { Page, Route } from "@playwright/test";
import { field, fillHead, gridRows, newBook, savedBook, signIn } from "../support/filing.ts";
import { withoutStore } from "../support/journal.ts";
import { press, reach } from "../support/keyboard.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

const ROWS = Number(process.env.OPBOOK_E2E_ROWS ?? 60);
const SEED = Number(process.env.OPBOOK_E2E_SEED ?? Date.now() % 1_000_000);
const KEY_MS = 40;
const ANSWER_MS = 300;
const FAILING = 0.1;
/** Longer than the pause after which the program takes typing for a new thought. */
const NOTICED_MS = 1_000;
/** Shorter than that pause: from here on a gap may have counted as one. Matters where a pause means mending. */
const STALL_MS = 500;

/** Numbers that a seed repeats (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Strikes keys in an even beat, whatever the page does; `\n` is Enter. When the machine itself stalled for so long
 * that the program takes it for a pause, `afterStall` does what a person does who pauses. */
async function strike(page: Page, keys: string, afterStall?: () => Promise<void>): Promise<void> {
  let last = Date.now();
  for (const key of keys) {
    if (afterStall && Date.now() - last > STALL_MS) await afterStall();
    last = Date.now();
    await page.keyboard.press(key === "\n" ? "Enter" : key);
    await new Promise((done) => setTimeout(done, last + KEY_MS - Date.now()));
  }
}

/** A slow server that fails at random; the function says how often it did. */
async function slowAndUnsure(page: Page, address: string, chance: () => number): Promise<() => number> {
  let failed = 0;
  await page.route(address, async (route) => {
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    if (chance() < FAILING) {
      failed += 1;
      await route.abort();
    } else await route.continue();
  });
  return () => failed;
}

const notice = (page: Page) => page.locator(".type-ahead-box");

/** Waits until nothing is under way; when the queue stopped, does as a person does: looks, and lets it try again. */
async function settle(page: Page): Promise<void> {
  for (;;) {
    await expect(page.locator(".field.busy, .sync.saving")).toHaveCount(0);
    if ((await notice(page).count()) === 0) return;
    await press(page, "Alt+r");
    await page.waitForTimeout(200);
  }
}

test("rows typed ahead of a slow and unsure server are stored as typed", async ({ page }) => {
  test.setTimeout(120_000 + ROWS * 15_000);
  const seed = SEED + test.info().repeatEachIndex;
  const chance = random(seed);
  console.log(`type-ahead: ${ROWS} rows, seed ${seed}`);
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo: `HT-AHEAD-${seed}` });
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  const failures = await slowAndUnsure(page, "**/api/document/save_rows", chance);
  const typed: string[] = [];
  const started = Date.now();
  let keys = 0;
  let stops = 0;
  for (let row = 1; row <= ROWS; row += 1) {
    const code = chance() < 0.5 ? "8541290000" : "8534001000";
    const quantity = String(1 + Math.floor(chance() * 99_999));
    const price = `${1 + Math.floor(chance() * 99)}.${1 + Math.floor(chance() * 9)}`;
    const line = [`M${row}`, code, "", `S${row}`, "007", quantity, quantity, "", price, "", "", "", ""].join("\n") + "\n";
    typed.push([`M${row}`, code, `S${row}`, quantity, price].join(" "));
    keys += line.length;
    await strike(page, line);
    if ((await notice(page).count()) > 0) {
      stops += 1;
      await settle(page);
    }
  }
  await settle(page);
  const count = page.locator(".section-tab[aria-selected=true] .section-count");
  await expect(async () => {
    // The last row may have failed with nothing typed behind it: then it still stands in the form.
    if ((await count.innerText()) !== String(ROWS)) await press(page, "Enter");
    await page.waitForTimeout(ANSWER_MS);
    await settle(page);
    await expect(count).toHaveText(String(ROWS), { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  // What was not answered waits, and is sent again.
  await expect(page.getByText(/^待同步/)).toHaveCount(0, { timeout: 120_000 });
  const id = /filing\/([0-9a-f-]+)/.exec(page.url())?.[1];
  const stored = await page.evaluate(async (book) => {
    const answer = await fetch("/api/document/get", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ id: book }) });
    const { lists } = (await answer.json()) as { lists: { section: string; rows: { content: Record<string, string> }[] }[] };
    const rows = lists.find((list) => list.section === "exports")?.rows ?? [];
    return rows.map(({ content }) =>
      ["material_no", "hs_code", "spec_model", "qty", "unit_price"].map((key) => content[key]).join(" "),
    );
  }, id);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`type-ahead: ${keys} keys in ${seconds} s, ${failures()} saves failed, ${stops} stops mended, ${stored.length} rows stored`);
  expect(stored).toEqual(typed);
  expect(await gridRows(page).count()).toBeGreaterThan(0);
});

test("look-ups that fail at random stop the queue where they fail, and lose nothing", async ({ page }) => {
  test.setTimeout(180_000);
  const chance = random(SEED + 1);
  await signIn(page);
  await newBook(page);
  const failures = await slowAndUnsure(page, "**/api/account/enterprise", () => chance() / 3);
  for (let round = 0; round < 6; round += 1) {
    await reach(page, field(page, "经营单位代码"));
    const [one, two] = round % 2 === 0 ? ["3205246018", "3502166027"] : ["3502166027", "3205246018"];
    await strike(page, `${one}\n${two}\n${one}\n\nHT${round}\n20260901\n`, () => settle(page));
    await page.waitForTimeout(ANSWER_MS + 200);
    await settle(page);
    await expect(async () => {
      await settle(page);
      await expect(field(page, "合同签订日期")).toHaveValue("2026-09-01", { timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await expect(field(page, "经营单位代码")).toHaveValue(one);
    await expect(field(page, "加工单位代码")).toHaveValue(two);
    await expect(field(page, "申报单位代码")).toHaveValue(one);
    await expect(field(page, "出境加工合同号")).toHaveValue(`HT${round}`);
    await reach(page, field(page, "合同签订日期"));
    await press(page, "Control+a");
    await press(page, "Delete");
    await press(page, "Alt+1");
  }
  console.log(`type-ahead: ${failures()} look-ups failed`);
});

test("keys that were held back are still there when trying again fails too", async ({ page }) => {
  await withoutStore(page);
  await signIn(page);
  await newBook(page);
  let failing = 2;
  await page.route("**/api/account/enterprise", async (route) => {
    await new Promise((done) => setTimeout(done, 2 * ANSWER_MS));
    failing -= 1;
    await (failing >= 0 ? route.abort() : route.continue());
  });
  await reach(page, field(page, "经营单位代码"));
  await strike(page, "3205246018\n3502166027\n");
  await expect(notice(page)).toContainText("3502166027⏎");
  for (const left of [1, 0]) {
    await page.waitForTimeout(NOTICED_MS);
    await press(page, "Enter");
    if (left > 0) await expect.poll(() => failing).toBe(0);
    await page.waitForTimeout(ANSWER_MS);
    await expect(notice(page)).toContainText("3502166027⏎");
  }
  await expect(field(page, "加工单位代码")).toBeFocused();
  await press(page, "Alt+r");
  await expect(field(page, "加工单位代码")).toHaveValue("3502166027");
  await expect(field(page, "申报单位代码")).toBeFocused();
});

test("what failed is tried again before the keys behind it are entered", async ({ page }) => {
  await withoutStore(page);
  await signIn(page);
  await newBook(page);
  let failing = 3;
  const sometimes = async (route: Route) => {
    failing -= 1;
    // At once: the answer is there before the next key is struck.
    await (failing >= 0 ? route.abort() : route.continue());
  };
  await page.route("**/api/account/enterprise", sometimes);
  await reach(page, field(page, "经营单位代码"));
  await strike(page, "3205246018\n3502166027\n");
  await expect(notice(page)).toContainText("3502166027⏎");
  await expect(field(page, "经营单位代码")).toHaveValue("3205246018");
  await expect(field(page, "经营单位代码")).toBeFocused();
  for (const _ of ["fails again", "and again"]) {
    await press(page, "Alt+r");
    await expect(notice(page)).toContainText("3502166027⏎");
    await expect(field(page, "经营单位代码")).toHaveValue("3205246018");
  }
  await press(page, "Alt+r");
  await expect(notice(page)).toHaveCount(0);
  await expect(field(page, "加工单位代码")).toHaveValue("3502166027");
  await expect(field(page, "申报单位代码")).toBeFocused();
  await expect(field(page, "经营单位名称")).toHaveValue(/东澜/);

  // A row that the network swallowed: the next one, typed behind it, does not end in its remark.
  await press(page, "Alt+1");
  await fillHead(page, { contractNo: "HT-AGAIN" });
  await expect(page.getByText("暂存成功！")).toBeVisible();
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  failing = 1;
  await page.route("**/api/document/save_rows", sometimes);
  const line = ["M1", "8534001000", "", "S1", "007", "7", "7", "", "2", "", "", "", ""].join("\n");
  await strike(page, `${line}\nM2\n`);
  await expect(notice(page)).toContainText("M2⏎");
  await press(page, "Alt+r");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(field(page, "商品料号")).toHaveValue("M2");
  await expect(field(page, "商品编码")).toBeFocused();
});

test("after a row that the network swallowed, what is typed is the next row, however late it is typed", async ({ page }) => {
  await withoutStore(page);
  await savedBook(page, "HT-LATE");
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  let failing = 2;
  await page.route("**/api/document/save_rows", async (route) => {
    failing -= 1;
    await (failing >= 0 ? route.abort() : route.continue());
  });
  const line = ["M1", "8534001000", "", "S1", "007", "7", "7", "", "2", "", "", "", ""].join("\n");
  await strike(page, `${line}\n`);
  await expect.poll(() => failing).toBe(1);
  const remark = field(page, "备注");
  await expect(remark).toBeFocused();
  await page.waitForTimeout(NOTICED_MS);
  await strike(page, "M");
  await page.waitForTimeout(NOTICED_MS);
  await strike(page, "X");
  await page.waitForTimeout(NOTICED_MS);
  await press(page, "Backspace");
  await page.waitForTimeout(NOTICED_MS);
  await strike(page, "2\n");
  await expect(notice(page)).toContainText("MX⌫2⏎");
  await expect(remark).toHaveValue("");
  // They are in no field and in no draft: the page does not go without a question.
  const asks = () => page.evaluate(() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true })));
  expect(await asks()).toBe(true);
  await press(page, "Alt+r");
  await expect.poll(() => failing).toBe(0);
  await expect(notice(page)).toContainText("MX⌫2⏎");
  await press(page, "Alt+r");
  await expect(gridRows(page)).toHaveCount(1);
  await expect(field(page, "商品料号")).toHaveValue("M2");
  await expect(field(page, "商品编码")).toBeFocused();
  expect(await asks()).toBe(false);

  // Enter alone tries again; who moves within the field means the field.
  failing = 2;
  await strike(page, ["8534001000", "", "S2", "007", "7", "7", "", "2", "", "", "", "", ""].join("\n"));
  await expect.poll(() => failing).toBe(1);
  await expect(remark).toBeFocused();
  await page.waitForTimeout(NOTICED_MS);
  await press(page, "Enter");
  await expect.poll(() => failing).toBe(0);
  await expect(page.locator(".field.busy, .sync.saving")).toHaveCount(0);
  await page.waitForTimeout(NOTICED_MS);
  await press(page, "Home");
  await strike(page, "ok");
  await expect(remark).toHaveValue("ok");
  await expect(notice(page)).toHaveCount(0);
  await press(page, "Enter");
  await expect(gridRows(page)).toHaveCount(2);
});

test("what is typed behind the head goes into the first row", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await fillHead(page, { contractNo: "HT-ON" });
  await strike(page, "M1\n");
  await expect(field(page, "商品料号")).toHaveValue("M1");
  await expect(field(page, "商品编码")).toBeFocused();
});

test("what is typed behind a head that the network swallowed waits for the first row, however late it is typed", async ({ page }) => {
  await withoutStore(page);
  await signIn(page);
  await newBook(page);
  let failing = 1;
  await page.route("**/api/document/save_head", async (route) => {
    failing -= 1;
    await (failing >= 0 ? route.abort() : route.continue());
  });
  await fillHead(page, { contractNo: "HT-LATER" });
  await expect.poll(() => failing).toBe(0);
  await expect(field(page, "备注")).toBeFocused();
  await page.waitForTimeout(NOTICED_MS);
  await strike(page, "M1\n");
  await expect(notice(page)).toContainText("M1⏎");
  await expect(field(page, "备注")).toHaveValue("");
  await press(page, "Alt+r");
  await expect(field(page, "商品料号")).toHaveValue("M1");
  await expect(field(page, "商品编码")).toBeFocused();
});

test("a row that is refused at once holds back what is typed of the next one", async ({ page }) => {
  await savedBook(page, "HT-BURST");
  await press(page, "Alt+2");
  await reach(page, field(page, "商品料号"));
  // The code is forgotten: Enter in 备注 cannot store the row, and the next row is under the fingers already.
  const line = (code: string) => ["M1", code, "N1", "S1", "007", "7", "7", "", "2", "", "", "", ""].join("\n") + "\n";
  await strike(page, `${line("")}M2\n`);
  await expect(field(page, "商品编码")).toBeFocused();
  await expect(field(page, "商品编码")).toHaveValue("");
  await expect(notice(page)).toContainText("M2⏎");
  await page.waitForTimeout(NOTICED_MS);
  await strike(page, "8534001000");
  await press(page, "Control+Enter");
  await expect(gridRows(page)).toHaveCount(1);
  await press(page, "Alt+r");
  await expect(field(page, "商品料号")).toHaveValue("M2");
  await expect(field(page, "商品编码")).toBeFocused();
});
