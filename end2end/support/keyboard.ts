// Work without a mouse: every way of pointing throws, and so does everything that reaches or fills a
// control without keys. What is left is what a person at a keyboard can do.

import { type Locator, type Page, expect } from "@playwright/test";

const POINTING = ["click", "dblclick", "tap", "hover", "check", "uncheck", "setChecked", "dragTo"] as const;
const SHORTCUTS = ["fill", "clear", "focus", "selectOption", "selectText", "dispatchEvent"] as const;

/** Takes the mouse away from a page; the returned function gives it back. */
export function withoutMouse(page: Page): () => void {
  const undo: (() => void)[] = [];
  const forbid = (object: object, names: readonly string[]) => {
    for (const name of names) {
      const had = Object.getOwnPropertyDescriptor(object, name);
      Object.defineProperty(object, name, {
        configurable: true,
        value: () => {
          throw new Error(`${name}() is not for the keyboard: use keys (support/keyboard.ts)`);
        },
      });
      undo.push(() => {
        if (had) Object.defineProperty(object, name, had);
        else Reflect.deleteProperty(object, name);
      });
    }
  };
  // Locators are made anew at each use: their prototype is the one place.
  forbid(Object.getPrototypeOf(page.locator("body")) as object, [...POINTING, ...SHORTCUTS]);
  forbid(page, [...POINTING.filter((name) => name !== "dragTo"), "dragAndDrop", "fill", "focus", "selectOption", "dispatchEvent"]);
  forbid(page.mouse, ["click", "dblclick", "down", "up", "move", "wheel"]);
  forbid(page.touchscreen, ["tap"]);
  return () => {
    for (const step of undo.reverse()) step();
  };
}

/** Types into whatever has the focus; Chinese arrives as an input method would deliver it. */
export async function type(page: Page, text: string): Promise<void> {
  for (const run of text.match(/[\x20-\x7e]+|[^\x20-\x7e]+/g) ?? []) {
    if (/^[\x20-\x7e]/.test(run)) await page.keyboard.type(run);
    else await page.keyboard.insertText(run);
  }
}

/** Replaces the content of the field that has the focus. */
export async function retype(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+A");
  if (text === "") await page.keyboard.press("Delete");
  else await type(page, text);
}

/** Presses a key one or more times. */
export async function press(page: Page, key: string, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
}

/** Walks with Tab (or another key) until the control has the focus; fails when a round does not reach it. */
export async function reach(page: Page, control: Locator, key = "Tab", limit = 120): Promise<void> {
  await expect(control).toBeVisible();
  for (let steps = 0; steps <= limit; steps += 1) {
    if (await hasFocus(control)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${limit} × ${key} does not reach ${control.toString()}`);
}

/** Reaches a field and replaces its content. */
export async function enter(page: Page, control: Locator, text: string): Promise<void> {
  await reach(page, control);
  await retype(page, text);
}

/** Reaches a button or link and presses Enter. */
export async function activate(page: Page, control: Locator): Promise<void> {
  await reach(page, control);
  await page.keyboard.press("Enter");
}

/** Answers the question on the screen by one of its buttons. One that destroys has its focus on 取消; one that came
 * by itself takes no Enter before the typing has paused. */
export async function answer(page: Page, button: Locator): Promise<void> {
  await reach(page, button, "Shift+Tab");
  await page.waitForTimeout(500);
  await page.keyboard.press("Enter");
}

async function hasFocus(control: Locator): Promise<boolean> {
  return control.evaluate((element) => element === element.ownerDocument.activeElement);
}
