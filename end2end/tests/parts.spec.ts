// The program comes in parts: each of them opens, one that does not come says so where it would be and can be asked for
// again with nothing typed lost, and a page whose release is gone starts anew or asks.

import type { Page, Route } from "@playwright/test";
import { expectNoAxeViolations } from "../support/axe.ts";
import { field, fillHead, newBook, savedBook, signIn } from "../support/filing.ts";
import { activate, answer, press, reach, retype, type } from "../support/keyboard.ts";
import { Server } from "../support/server.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

const FRAME = "**/pkg/*/split_frame.wasm";
const WORK = "**/pkg/*/split_work.wasm";
const DIALOGS = "**/pkg/*/split_dialogs.wasm";
const MISSING = "这一部分程序没有加载完成，请检查网络后重试。";
const menu = (page: Page) => page.getByRole("navigation").getByRole("button", { name: "出境加工账册(备案/变更)" });
const notice = (page: Page) => page.locator(".type-ahead-box");
const failed = (page: Page) => page.locator(".block.failed:visible");

/** Ways in which a file does not come; each tells of itself in the console, by the script that fetches it. */
const FAULTS: Record<string, (route: Route) => Promise<void>> = {
  aborted: (route) => route.abort(),
  unavailable: (route) => route.fulfill({ status: 503, body: "later" }),
  truncated: async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.body()).subarray(0, 5_000) });
  },
};

test("every part comes, once, under an address that is kept for ever", async ({ page }) => {
  const asked: string[] = [];
  page.on("response", (answer) => {
    const file = /\/pkg\/[0-9a-f]{16}\/(.+\.wasm)$/.exec(answer.url())?.[1];
    if (!file) return;
    asked.push(file);
    expect(answer.status(), file).toBe(200);
    expect(answer.headers()["cache-control"], file).toContain("immutable");
  });
  await page.goto("/");
  await expect(field(page, "用户名")).toBeVisible();
  // Before the sign-in nothing of the documents is fetched.
  await page.waitForTimeout(1_500);
  expect(asked).not.toContain("split_work.wasm");
  asked.length = 0;
  await signIn(page);
  // Nothing is opened, and it comes all the same: the line may go later.
  await expect.poll(() => asked).toContain("split_work.wasm");
  await expect.poll(() => asked).toContain("split_dialogs.wasm");
  await page.context().setOffline(true);
  await newBook(page);
  await press(page, "Alt+i");
  await expect(page.getByRole("dialog", { name: "导入" })).toBeVisible();
  await press(page, "Escape");
  await activate(page, page.getByRole("navigation").getByRole("button", { name: "出境加工账册查询" }));
  await expect(page.getByRole("grid")).toBeVisible();
  await activate(page, page.getByRole("banner").getByRole("button", { name: "沈知远" }));
  await expect(page.getByRole("heading", { name: "账户", level: 1 })).toBeVisible();
  await page.context().setOffline(false);
  expect(asked.length).toBe(new Set(asked).size);
});

test.describe("a part that does not come", () => {
  test.use({ tolerated: /Failed to fetch|WebAssembly|HTTP status code|ERR_|CompileError|TypeError/ });

  for (const [how, fault] of Object.entries(FAULTS)) {
    test(`says so in its place and comes when it can (${how})`, async ({ page }) => {
      await page.route(WORK, fault);
      await signIn(page);
      await activate(page, menu(page));
      await expect(failed(page)).toContainText(MISSING);
      await expect(page.getByRole("tab", { name: "新账册备案" })).toBeVisible();
      if (how === "aborted") await expectNoAxeViolations(page, "a part that did not come");
      // In vain once more.
      await activate(page, failed(page).getByRole("button", { name: "重试" }));
      await expect(failed(page)).toContainText(MISSING);
      // The idle page asks for the part as well: an answer that is just being cut off is waited for.
      await page.unrouteAll({ behavior: "wait" });
      await activate(page, failed(page).getByRole("button", { name: "重试" }));
      await expect(field(page, "企业内部编号")).toBeFocused();
      await expect(failed(page)).toHaveCount(0);
    });
  }

  test("keeps what is typed for it until it is there", async ({ page }) => {
    await page.route(WORK, async (route) => {
      await new Promise((done) => setTimeout(done, 800));
      // The file is asked for by who waits for it and by the idle page: one of them may still be on its way below.
      await route.abort().catch(() => {});
    });
    await signIn(page);
    await activate(page, menu(page));
    await type(page, "NB-PART");
    await press(page, "Enter");
    await type(page, "2300");
    await press(page, "Enter");
    await expect(notice(page)).toContainText("NB-PART⏎2300⏎");
    await page.unroute(WORK);
    await page.route(WORK, async (route) => {
      await new Promise((done) => setTimeout(done, 800));
      await route.continue();
    });
    await press(page, "Alt+r");
    // Struck while it is on its way a second time.
    await type(page, "HT-PART");
    await expect(field(page, "企业内部编号")).toHaveValue("NB-PART");
    await expect(field(page, "主管海关")).toHaveValue(/^2300-/);
    await expect(page.locator("input:focus")).toHaveValue("HT-PART");
  });

  test("of the dialogs is said, and tried again with the next wish", async ({ page }) => {
    await page.route(DIALOGS, (route) => route.abort());
    await savedBook(page, "HT-DIALOGS");
    const dialog = page.locator("dialog[open]");
    for (let time = 0; time < 2; time += 1) {
      await press(page, "Alt+m");
      await expect(page.getByText(MISSING).last()).toBeVisible();
      await expect(dialog).toHaveCount(0);
    }
    await page.unrouteAll({ behavior: "wait" });
    // Another than the one that was wished for in vain.
    await press(page, "Alt+i");
    await expect(dialog).toHaveCount(1);
    await expect(dialog).toContainText("导入");
    await press(page, "Escape");
    await press(page, "Alt+m");
    await expect(dialog).toContainText("常用模板");
  });

  test("of the frame says so after the sign-in", async ({ page }) => {
    await page.route(FRAME, (route) => route.abort());
    await page.goto("/");
    await expect(field(page, "用户名")).toBeFocused();
    await type(page, "donglan");
    await press(page, "Tab");
    await type(page, "donglan-2026");
    await press(page, "Enter");
    await expect(failed(page)).toContainText(MISSING);
    await page.unroute(FRAME);
    await activate(page, failed(page).getByRole("button", { name: "重试" }));
    await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
  });
});

test.describe("a page whose release is gone", () => {
  test.use({ tolerated: /WebAssembly|HTTP status code|TypeError/ });
  const gone = (route: Route) => route.fulfill({ status: 404, body: "" });

  test("starts anew by itself when nothing is typed, once", async ({ page }) => {
    await page.route(WORK, gone);
    await signIn(page);
    const again = page.waitForEvent("load");
    await activate(page, menu(page));
    await again;
    // Still gone: no circle, it says so and waits.
    await expect(failed(page)).toContainText(MISSING);
    await expect(page.locator(".outdated")).toContainText("系统已更新");
    await page.unroute(WORK);
    await activate(page, failed(page).getByRole("button", { name: "重试" }));
    await expect(field(page, "企业内部编号")).toBeVisible();
  });

  test("goes on with a newer server that it fits, is told of it, and starts anew when that suits", async ({ page }) => {
    test.slow();
    const server = await Server.start();
    try {
      await signIn(page, "donglan", "donglan-2026", server.url);
      await newBook(page);
      await retype(page, "NB-OLD-PAGE");
      await press(page, "Enter");
      // The server comes back as another build, which knows nothing of this page's files.
      await page.route("**/opbook.js", (route) => (route.request().method() === "HEAD" ? gone(route) : route.continue()));
      await server.restart();
      const bar = page.locator(".outdated");
      await expect(bar).toContainText("可以继续录入", { timeout: 30_000 });
      await expectNoAxeViolations(page, "a newer build is there");
      // It waits. What is typed goes on and is stored.
      await expect(field(page, "主管海关")).toBeFocused();
      await reach(page, field(page, "企业内部编号"), "Shift+Tab");
      await fillHead(page, { contractNo: "HT-OLD-PAGE" });
      await expect(page.getByText("暂存成功！")).toBeVisible();
      await press(page, "Alt+1");
      await reach(page, field(page, "备注"));
      await type(page, "更新之前录入");
      await page.unroute("**/opbook.js");
      await activate(page, bar.getByRole("button", { name: "重新加载" }));
      const question = page.getByRole("dialog", { name: "提示" });
      await expect(question).toContainText("系统已更新，本页需要重新加载");
      const again = page.waitForEvent("load");
      await answer(page, question.getByRole("button", { name: "重新加载" }));
      await again;
      await expect(field(page, "备注")).toHaveValue("更新之前录入");
      await expect(field(page, "出境加工合同号")).toHaveValue("HT-OLD-PAGE");
      await expect(bar).toHaveCount(0);
    } finally {
      await server.dispose();
    }
  });

  test("asks when something is typed, and brings it back", async ({ page }) => {
    test.slow();
    await savedBook(page, "HT-GONE");
    await page.evaluate(() => sessionStorage.removeItem("opbook.left"));
    await press(page, "Alt+1");
    await reach(page, field(page, "备注"));
    await type(page, "还没有暂存");
    // What the server refuses as too old is the same thing.
    await page.route("**/api/document/list", (route) => route.fulfill({
      status: 426, contentType: "application/json",
      body: JSON.stringify({ kind: "client_too_old", message: { zh: "页面已过时", en: "outdated" } }),
    }));
    await activate(page, page.getByRole("navigation").getByRole("button", { name: "出境加工账册查询" }));
    const question = page.getByRole("dialog", { name: "提示" });
    await expect(question).toContainText("系统已更新，本页需要重新加载");
    await expectNoAxeViolations(page, "an outdated page asks");
    await page.waitForTimeout(500);
    await press(page, "Escape");
    await expect(question).toBeHidden();
    await expect(page.locator(".outdated")).toContainText("系统已更新");
    await page.unroute("**/api/document/list");
    const again = page.waitForEvent("load");
    await activate(page, page.getByRole("button", { name: "重新加载" }));
    await again;
    await expect(page.getByRole("tab", { name: "出境加工账册查询" })).toBeVisible();
    await expect(page.locator(".outdated")).toHaveCount(0);
    await press(page, "Alt+PageUp");
    await expect(field(page, "备注")).toHaveValue("还没有暂存");
  });
});
