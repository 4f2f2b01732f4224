// A page that hears nothing of what others change: as behind a proxy that lets no stream through, or in the second before the word
// comes. What two people do to each other is tested so; what they see of each other is tested in hints.spec.

import type { Page } from "@playwright/test";

/** Lets no hint through. Before the page is opened. */
export async function deaf(page: Page): Promise<void> {
  await page.context().route("**/hints?*", (route) => route.abort());
}
