// Pages of an earlier build at the server of this one, as for whoever has a page open while the server is updated:
// OPBOOK_TEST_OLD_SITE names the folder of that build's web files (scripts/contract).

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext } from "@playwright/test";

export const oldSite = process.env.OPBOOK_TEST_OLD_SITE ?? "";

/** Gives the pages of a context the program of the earlier build; everything else is the server's. */
export async function servesOldPages(context: BrowserContext): Promise<void> {
  const build = readdirSync(join(oldSite, "pkg")).find((name) => /^[0-9a-f]{16}$/.test(name));
  if (!build) throw new Error(`no build in ${oldSite}`);
  await context.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(oldSite, pathname);
    if (pathname.startsWith(`/pkg/${build}/`) && existsSync(file)) return route.fulfill({ path: file });
    if (route.request().resourceType() !== "document") return route.fallback();
    const answer = await route.fetch();
    const html = await answer.text();
    return route.fulfill({ response: answer, body: html.replaceAll(/\/pkg\/[0-9a-f]{16}\//g, `/pkg/${build}/`) });
  });
}
