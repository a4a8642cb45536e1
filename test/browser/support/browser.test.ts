/** The harness itself: it finds a browser or says what is missing, and an error on a page does not go unnoticed. */
import { describe, expect, test } from "vitest";
import { describeInBrowser, screenshot, untilAttribute } from "./browser.js";
import { chromiumPath, withoutChromium } from "./chromium.js";
import { launchBrowser } from "./launch-browser.js";

describe("without Chromium", () => {
  test("what is missing is said, with where it was looked for and what to do", () => {
    const env = { TRADE_CANVAS_CHROMIUM: "/nowhere/chromium" };
    expect(chromiumPath(env)).toBeUndefined();
    expect(withoutChromium(env)).toMatch(/skipped: .*\/nowhere\/chromium.*apt-get install chromium/);
  });
});

describeInBrowser("a browser", (browser) => {
  test("shows a page, waits for an attribute and makes a picture", async () => {
    const page = await browser.newPage();
    await page.setContent(
      `<p id="it">waiting</p><script>setTimeout(() => { it.dataset.state = "there" }, 50)</script>`,
    );
    expect(await untilAttribute(page.locator("#it"), "data-state", (state) => state === "there")).toBe("there");
    await screenshot(page, "harness");
  });

  test("is told which errors are part of the test", async () => {
    browser.expectErrors(/wanted/);
    const page = await browser.newPage();
    await page.setContent(`<script>console.error("wanted")</script>`);
  });

  test("has no memory of the test before", async () => {
    const first = await browser.newPage();
    const second = await browser.newPage();
    await first.context().addCookies([{ name: "a", value: "1", url: "http://127.0.0.1:1" }]);
    expect(await second.context().cookies()).toEqual([]);
  });

  test("hands over what went wrong on its pages", async () => {
    const launched = await launchBrowser();
    try {
      const page = await launched.newPage();
      await page.setContent(`<script>console.error("said"); throw new Error("thrown")</script>`);
      const errors = await launched.closePages();
      expect(errors.join("\n")).toMatch(/said/);
      expect(errors.join("\n")).toMatch(/thrown/);
    } finally {
      await launched.close();
    }
  });
});
