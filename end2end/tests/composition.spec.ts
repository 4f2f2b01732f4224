// Input methods. Chromium's own composition is driven through its debugging protocol; the event orders of
// other browsers are replayed as events. What would be lost: the first letter, the word, or a filing that
// is saved by the Enter that only chose a candidate. docs/input-methods.md is the list for real machines.

import type { Page } from "@playwright/test";
import { field, newBook, signIn } from "../support/filing.ts";
import { press, reach } from "../support/keyboard.ts";
import { InputMethod, activeInput, expectPlace, openList, stored, toColumn } from "../support/list.ts";
import { expect, keyboardTest as test } from "../support/test.ts";

/** Replays events at the focused control, with the value they leave behind. */
async function replay(page: Page, steps: { type: string; init?: Record<string, unknown>; value?: string }[]): Promise<void> {
  await page.evaluate((all) => {
    const target = document.activeElement as HTMLInputElement;
    for (const { type, init, value } of all) {
      if (value !== undefined) target.value = value;
      const options = { bubbles: true, cancelable: true, ...init };
      const event = type.startsWith("composition")
        ? new CompositionEvent(type, options)
        : type === "input"
          ? new InputEvent(type, options)
          : new KeyboardEvent(type, options);
      target.dispatchEvent(event);
    }
  }, steps);
}

const saved = (page: Page) => page.locator(".toast");

test("a code typed through an input method is looked up once, when it is complete", async ({ page }) => {
  let lookUps = 0;
  await page.route("**/api/account/enterprise", (route) => {
    lookUps += 1;
    return route.continue();
  });
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "经营单位代码"));
  const ime = await InputMethod.of(page);
  for (const part of ["３２０５", "３２０５２４６", "３２０５２４６０１８"]) await ime.compose(part);
  await ime.key("Enter");
  await expect(field(page, "经营单位代码")).toHaveValue("３２０５２４６０１８");
  await expect(field(page, "经营单位代码")).toBeFocused();
  expect(lookUps).toBe(0);
  await ime.commit("３２０５２４６０１８");
  expect(lookUps).toBe(0);
  await press(page, "Enter");
  await expect(field(page, "经营单位名称")).toHaveValue(/东澜/);
  await expect(field(page, "经营单位代码")).toHaveValue("3205246018");
  expect(lookUps).toBe(1);
});

test("a search by name begins after the composition, not with its letters", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "币制"));
  const box = page.locator(":focus");
  const ime = await InputMethod.of(page);
  for (const part of ["m", "me", "mei'y"]) {
    await ime.compose(part);
    await expect(box).toHaveAttribute("aria-expanded", "false");
  }
  await expect(box).toHaveValue("mei'y");
  await ime.commit("美元");
  await expect(box).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByRole("option").first()).toContainText("美元");
  await press(page, "Enter");
  await expect(field(page, "币制")).toHaveValue(/-美元$/);
});

test("the Enter that chooses a candidate in the last field saves nothing", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "备注"));
  const ime = await InputMethod.of(page);
  await ime.compose("bei'zhu");
  await ime.key("Enter");
  await ime.key("ArrowDown");
  await ime.key("Tab");
  await expect(field(page, "备注")).toBeFocused();
  await ime.commit("备注一");
  await expect(field(page, "备注")).toHaveValue("备注一");
  await expect(saved(page)).toHaveCount(0);
  // Now Enter means Enter: the head is checked and refused, since nothing else is filled in.
  await press(page, "Enter");
  await expect(saved(page).first()).toContainText("未能暂存");
});

test("Safari ends the composition before the Enter that ended it", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "备注"));
  await replay(page, [
    { type: "keydown", init: { key: "b", keyCode: 229, isComposing: false } },
    { type: "compositionstart" },
    { type: "input", init: { isComposing: true, data: "b" }, value: "b" },
    { type: "compositionend", init: { data: "备" }, value: "备" },
    { type: "input", init: { isComposing: false, data: "备" }, value: "备" },
    { type: "keydown", init: { key: "Enter", code: "Enter", keyCode: 229, isComposing: false } },
  ]);
  await expect(field(page, "备注")).toHaveValue("备");
  await expect(field(page, "备注")).toBeFocused();
  await expect(saved(page)).toHaveCount(0);
  await press(page, "Enter");
  await expect(saved(page).first()).toContainText("未能暂存");
});

test("an input method that never says that it is done does not block the keys", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "经营单位代码"));
  await replay(page, [
    { type: "compositionstart" },
    { type: "input", init: { isComposing: true, data: "3" }, value: "3" },
    { type: "input", init: { isComposing: false, data: "3205246018" }, value: "3205246018" },
  ]);
  await press(page, "Enter");
  await expect(field(page, "经营单位名称")).toHaveValue(/东澜/);
  await expect(field(page, "加工单位代码")).toBeFocused();
  // Left in the middle of a composition: what stands there is kept, and the next field is its own.
  await replay(page, [{ type: "compositionstart" }, { type: "input", init: { isComposing: true, data: "x" }, value: "x" }]);
  await press(page, "Tab");
  await type229(page, "350");
  await expect(page.locator(":focus")).toHaveValue("350");
});

test("in a cell of a list too: Safari's order, no end of the composition, and leaving in the middle of one", async ({ page }) => {
  await signIn(page);
  const id = await openList(page, 2);
  await toColumn(page, "goods_name");
  await replay(page, [
    { type: "keydown", init: { key: "z", keyCode: 229, isComposing: false } },
    { type: "compositionstart" },
    { type: "input", init: { isComposing: true, data: "z" }, value: "z" },
    { type: "compositionend", init: { data: "中文" }, value: "中文" },
    { type: "input", init: { isComposing: false, data: "中文" }, value: "中文" },
    { type: "keydown", init: { key: "Enter", code: "Enter", keyCode: 229, isComposing: false } },
  ]);
  await expectPlace(page, "1 goods_name");
  await expect(activeInput(page)).toHaveValue("中文");
  await press(page, "Enter");
  await expectPlace(page, "1 spec_model");
  await replay(page, [
    { type: "compositionstart" },
    { type: "input", init: { isComposing: true, data: "g" }, value: "g" },
    { type: "input", init: { isComposing: false, data: "规格" }, value: "规格" },
  ]);
  await press(page, "ArrowDown");
  await expectPlace(page, "2 spec_model");
  const row = async (at: number) => (await stored(page, id))[at]?.content;
  await expect.poll(() => row(0)).toMatchObject({ goods_name: "中文", spec_model: "规格" });
  // What stands in the cell when the keys go elsewhere is kept.
  await replay(page, [{ type: "compositionstart" }, { type: "input", init: { isComposing: true, data: "x" }, value: "x" }]);
  await press(page, "Tab");
  await expect.poll(() => row(1)).toMatchObject({ spec_model: "x" });
});

/** Keys that claim to belong to an input method although there is none. */
async function type229(page: Page, text: string): Promise<void> {
  for (const letter of text) {
    await replay(page, [{ type: "keydown", init: { key: letter, keyCode: 229 } }]);
    await page.keyboard.insertText(letter);
  }
}

test("key code 229 without an input method runs no command and swallows no text", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "主管海关"));
  await type229(page, "2300");
  await expect(field(page, "主管海关")).toHaveValue("2300");
  await expect(page.getByRole("option").first()).toContainText("2300");
  await replay(page, [{ type: "keydown", init: { key: "Enter", code: "Enter", keyCode: 229 } }]);
  await expect(field(page, "主管海关")).toBeFocused();
  await press(page, "Enter");
  await expect(field(page, "主管海关")).toHaveValue(/^2300-/);
});

test("while composing no command fires and nothing is written into the field", async ({ page }) => {
  await signIn(page);
  await newBook(page);
  await reach(page, field(page, "主管海关"));
  const ime = await InputMethod.of(page);
  await ime.compose("nan'jing");
  for (const init of [
    { key: "s", code: "KeyS", ctrlKey: true },
    { key: "k", code: "KeyK", ctrlKey: true },
    { key: "w", code: "KeyW", altKey: true },
    { key: "2", code: "Digit2", altKey: true },
    { key: "F1", code: "F1" },
    { key: "F8", code: "F8" },
    { key: "Escape", code: "Escape" },
  ]) {
    await replay(page, [{ type: "keydown", init: { ...init, isComposing: true } }]);
  }
  await expect(page.locator("dialog[open]")).toHaveCount(0);
  await expect(saved(page)).toHaveCount(0);
  await expect(field(page, "主管海关")).toBeFocused();
  // The language changes under the composition: all labels do, the field being composed in does not.
  await page.evaluate(() => (document.querySelector("[data-action^='切换语言']") as HTMLElement).click());
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await expect(page.locator(":focus")).toHaveValue("nan'jing");
  await ime.commit("南京");
  await expect(page.locator(":focus")).toHaveValue("南京");
  await page.evaluate(() => (document.querySelector("[data-action^='切换语言']") as HTMLElement).click());
  await expect(page.getByRole("button", { name: "退出" })).toBeVisible();
});
