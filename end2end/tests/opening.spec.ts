// Keys struck while a document opens: they wait, and act on what opens and on nothing else. Lost, they are missing on
// a declaration; in the document before, they change one that was finished.

import type { Page } from "@playwright/test";
import { field, gridRows, newBook, savedBook } from "../support/filing.ts";
import { activate, press, reach, type } from "../support/keyboard.ts";
import { expect, keyboardTest as test, test as mouseTest } from "../support/test.ts";

const ANSWER_MS = 700;
const material = (page: Page) => field(page, "商品料号");
const notice = (page: Page) => page.locator(".type-ahead-box");
const tabs = (page: Page) => page.locator(".tabs [role=tab]");

/** Lets an answer of the server come late. */
async function slow(page: Page, path: string): Promise<void> {
  await page.route(`**/api/${path}`, async (route) => {
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    await route.continue();
  });
}

/** Lets a request fail after a while; the function lets it pass again. */
async function failing(page: Page, path: string): Promise<() => Promise<void>> {
  await page.route(`**/api/${path}`, async (route) => {
    await new Promise((done) => setTimeout(done, ANSWER_MS));
    await route.abort();
  });
  return () => page.unroute(`**/api/${path}`);
}

/** Chooses 复制 and strikes keys at once, as who knows what comes: on to the exports, and a first row. */
async function copyAndTypeOn(page: Page): Promise<void> {
  await activate(page, page.getByRole("button", { name: "复制", exact: true }));
  const question = page.getByRole("dialog", { name: "请选择" });
  await reach(page, question.getByRole("button", { name: "不复制随附单据", exact: true }));
  await press(page, "Enter");
  await press(page, "Alt+2");
  await type(page, "M-77");
  await press(page, "Enter");
}

/** The copy is in front and has what was typed; the book before has nothing of it. */
async function expectTypedInCopy(page: Page, from: string): Promise<void> {
  await expect(material(page)).toHaveValue("M-77");
  expect(page.url()).not.toBe(from);
  await expect(tabs(page)).toHaveCount(2);
  await press(page, "Alt+PageUp");
  await expect.poll(() => page.url()).toBe(from);
  await expect(tabs(page).first().locator(".tab-dirty")).toHaveCount(0);
  await press(page, "Alt+2");
  await expect(material(page)).toHaveValue("");
}

test("keys struck after 复制 act on the copy, however late the server answers", async ({ page }) => {
  test.slow();
  await savedBook(page, "HT-OPEN-1");
  const from = page.url();
  await slow(page, "document/copy");
  await slow(page, "document/get");
  await copyAndTypeOn(page);
  await expectTypedInCopy(page, from);
});

test.describe("when the server cannot be reached", () => {
  test.use({ tolerated: /Failed to fetch/ });

  test("keys struck for a copy that cannot be read are shown, and entered when it can", async ({ page }) => {
    test.slow();
    await savedBook(page, "HT-OPEN-2");
    const from = page.url();
    const repair = await failing(page, "document/get");
    await copyAndTypeOn(page);
    await expect(notice(page)).toContainText("[Alt+2]M-77⏎");
    await expect(page.locator(".tab-panel:visible").getByRole("button", { name: "重试" })).toBeVisible();
    // Again, and again in vain: nothing is lost of it.
    await press(page, "Alt+r");
    await expect(notice(page)).toHaveCount(0);
    await expect(notice(page)).toContainText("[Alt+2]M-77⏎");
    await repair();
    await press(page, "Alt+r");
    await expectTypedInCopy(page, from);
    await expect(notice(page)).toHaveCount(0);
  });

  test("keys struck for a copy that failed change nothing in the book it was made of", async ({ page }) => {
    test.slow();
    await savedBook(page, "HT-OPEN-3");
    const from = page.url();
    const repair = await failing(page, "document/copy");
    await copyAndTypeOn(page);
    await expect(notice(page)).toContainText("[Alt+2]M-77⏎");
    expect(page.url()).toBe(from);
    await expect(tabs(page)).toHaveCount(1);
    await repair();
    await press(page, "Alt+r");
    await expectTypedInCopy(page, from);
  });
});

test("a book opened from the list, and a new one, take the keys that follow at once", async ({ page }) => {
  test.slow();
  await savedBook(page, "HT-OPEN-4");
  await newBook(page);
  // Struck while the next one opens, without a look at the screen.
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "出境加工账册(备案/变更)" }));
  await type(page, "NB-2");
  await press(page, "Enter");
  await type(page, "2300");
  await press(page, "Enter");
  await expect(tabs(page)).toHaveCount(3);
  await expect(field(page, "企业内部编号")).toHaveValue("NB-2");
  await expect(field(page, "主管海关")).toHaveValue(/^2300-/);
  await press(page, "Alt+PageUp");
  await expect(field(page, "企业内部编号")).toHaveValue("");

  await page.goto("/filing");
  await expect(gridRows(page).first()).toBeVisible();
  await reach(page, page.getByRole("grid"));
  await press(page, "Home");
  await slow(page, "document/get");
  await press(page, "Enter");
  await press(page, "Alt+2");
  await type(page, "M-78");
  await press(page, "Enter");
  await expect(material(page)).toHaveValue("M-78");
});

mouseTest("keys struck for a tab that is closed, or left, while it opens are in no other", async ({ page }) => {
  mouseTest.slow();
  await savedBook(page, "HT-OPEN-5");
  const from = page.url();
  await slow(page, "document/get");
  for (const leave of ["close", "click"] as const) {
    await copyAndTypeOn(page);
    await expect(tabs(page)).toHaveCount(2);
    await expect(page.locator(".tab-panel:visible")).toContainText("正在读取数据");
    if (leave === "close") await tabs(page).nth(1).locator(".tab-close").click();
    else await tabs(page).first().click();
    await expect(notice(page)).toContainText("[Alt+2]M-77⏎");
    await expect.poll(() => page.url()).toBe(from);
    // The answer that still comes changes nothing.
    await page.waitForTimeout(ANSWER_MS + 200);
    await expect(material(page)).toHaveValue("");
    await expect(tabs(page).first().locator(".tab-dirty")).toHaveCount(0);
    await notice(page).getByRole("button", { name: "丢弃" }).click();
  }
  // With nothing struck, nothing is said.
  await tabs(page).nth(1).click();
  await expect(field(page, "出境加工合同号")).toHaveValue("HT-OPEN-5");
  await expect(notice(page)).toHaveCount(0);
});

test("keys struck faster than a section is drawn are in the section", async ({ page }) => {
  test.slow();
  await savedBook(page, "HT-OPEN-6");
  const keys = await page.context().newCDPSession(page);
  const event = (type: string, rest: object) => keys.send("Input.dispatchKeyEvent", { type: type as "keyDown", ...rest });
  // Nothing is waited for between the keys, as with a hand that is faster than the screen.
  const strike = (number: number, word: string) => [
    event("rawKeyDown", { key: String(number), code: `Digit${number}`, modifiers: 1, windowsVirtualKeyCode: 48 + number }),
    event("keyUp", { key: String(number), code: `Digit${number}`, modifiers: 1, windowsVirtualKeyCode: 48 + number }),
    ...[...word].map((letter) => event("keyDown", { key: letter, text: letter })),
  ];
  for (let round = 0; round < 12; round += 1) {
    await Promise.all([...strike(2, `M${round}-`), ...strike(3, `R${round}-`), ...strike(1, `N${round}-`)]);
  }
  await expect(field(page, "企业内部编号")).toHaveValue("N11-");
  await press(page, "Alt+2");
  await expect(material(page)).toHaveValue("M11-");
  await press(page, "Alt+3");
  await expect(material(page)).toHaveValue("R11-");
});
