// How Chromium is started, by Playwright and by browsers of a test's own.

export const CHROMIUM = process.env.OPBOOK_TEST_CHROMIUM ?? "/usr/bin/chromium";

export const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
