// From a cell into the form with the mouse: what was typed stays in the cell, and what is typed next goes where somebody
// pressed. If it fails, a quantity is overwritten by what was meant for another field.

import { field, gridRows, signIn } from "../support/filing.ts";
import { openList, stored } from "../support/list.ts";
import { expect, test } from "../support/test.ts";

for (const way of ["a double click", "F2"] as const) {
  test(`a click into the form leaves a cell that was opened by ${way}`, async ({ page }) => {
    await signIn(page);
    const id = await openList(page, 3);
    const cell = gridRows(page).first().getByRole("gridcell").filter({ hasText: /^S-1$/ });
    await (way === "F2" ? cell.click() : cell.dblclick());
    if (way === "F2") await page.keyboard.press("F2");
    await page.keyboard.press("End");
    await page.keyboard.type("-Z");
    await field(page, "商品料号").click();
    await expect(field(page, "商品料号")).toBeFocused();
    await page.keyboard.type("Q9");
    await expect(field(page, "商品料号")).toHaveValue(/Q9$/);
    await expect.poll(async () => (await stored(page, id))[0]?.content["spec_model"]).toMatch(/-Z$/);
    expect((await stored(page, id))[0]?.content["spec_model"]).not.toContain("Q9");
  });
}
