// The `test` of all specs: a server per worker, a page that may not complain, and, as
// `keyboardTest`, the same without a mouse.

import { type Page, test as base, expect } from "@playwright/test";
import { withoutMouse } from "./keyboard.ts";
import { oldSite, servesOldPages } from "./old_pages.ts";
import { Server } from "./server.ts";

interface PerTest {
  /** What the page may log although it is an error: `test.use({ tolerated: /…/ })`. */
  tolerated: RegExp;
  /** Fails the test when the page logged an error, threw, or ran into its own content policy. */
  quietPage: void;
}
interface PerWorker {
  /** Shared by the tests of a worker; a test that stops or kills starts its own with `Server.start`. */
  server: Server;
}

/** After a route is set, the browser goes on for a moment to send requests past it: waits until one is held. */
function routesThatHold(page: Page): void {
  const route = page.route.bind(page);
  const isProbe = (url: URL) => url.search === "?held";
  page.route = async (...which) => {
    const undo = await route(...which);
    if (page.url().startsWith("http")) {
      await route(isProbe, (probe) => probe.fulfill({ body: "held" }));
      await expect.poll(() => page.evaluate(async () => (await fetch("/health/live?held")).text())).toBe("held");
      await page.unroute(isProbe);
    }
    return undo;
  };
}

export const test = base.extend<PerTest, PerWorker>({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.dispose();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  tolerated: [/(?!)/, { option: true }],
  quietPage: [
    async ({ page, context, tolerated }, use) => {
      if (oldSite) await servesOldPages(context);
      routesThatHold(page);
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
      page.on("console", (message) => {
        // A refused call is logged by the browser itself; whether it was right is the test's to say.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          complaints.push(message.text());
        }
      });
      await use();
      expect(complaints.filter((line) => !tolerated.test(line)), "the page complained").toEqual([]);
    },
    { auto: true },
  ],
});

export const keyboardTest = test.extend({
  page: async ({ page }, use) => {
    const giveBack = withoutMouse(page);
    await use(page);
    giveBack();
  },
});

export { expect };
