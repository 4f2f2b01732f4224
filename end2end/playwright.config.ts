// How the end-to-end tests run: Debian's Chromium, a server of their own, no second tries.

import { defineConfig } from "@playwright/test";
import { CHROMIUM, SWITCHES } from "./support/chromium.ts";

export default defineConfig({
  outputDir: "test-results",
  // One process per core of the smallest machine these run on.
  workers: 2,
  // A test that fails now and then tells of a fault that users meet now and then.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  reporter: [["list"]],
  projects: [
    { name: "tests", testDir: "tests" },
    {
      name: "bench",
      testDir: "bench",
      testMatch: "**/*.bench.ts",
      outputDir: "test-results/bench",
      workers: 1,
      timeout: 300_000,
    },
  ],
  use: {
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    viewport: { width: 1440, height: 900 },
    actionTimeout: 10_000,
    // It keeps the program in every new context anew, which costs more than the test; offline.spec.ts has it, in browsers of
    // its own.
    serviceWorkers: "block",
    screenshot: "only-on-failure",
    // A trace takes pictures around every key, which costs as much as the test: only where one is wanted.
    trace: process.env.OPBOOK_E2E_TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: CHROMIUM,
      args: SWITCHES,
    },
  },
});
