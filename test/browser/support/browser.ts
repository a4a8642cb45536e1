/**
 * Tests in a browser: one Chromium per test file, and a context of its own for every page, so that no test sees what another
 * has left. An error on a page fails the test that opened it.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { ROOT } from "../../support/root.js";
import { until } from "../../support/until.js";
import { withoutChromium } from "./chromium.js";
import { LAUNCH_LIMIT_MS, type LaunchedBrowser, launchBrowser, type PageLook } from "./launch-browser.js";

/** Screenshots of the newest run: `<name>.png`. Not under version control. */
const SCREENS = new URL("test/output/screens/", ROOT);

export interface TestBrowser {
  /** An empty page; it is closed when the test has ended. */
  newPage(look?: PageLook): Promise<Page>;
  /** Errors whose text matches are part of the running test, such as those of a daemon that was stopped on purpose. */
  expectErrors(pattern: RegExp): void;
}

/** {@link describe} for tests that need a browser; skipped where there is none. */
export function describeInBrowser(name: string, tests: (browser: TestBrowser) => void): void {
  describe.skipIf(withoutChromium() !== undefined)(name, () => {
    let launched: LaunchedBrowser | undefined;
    let expected: RegExp[] = [];
    beforeAll(async () => {
      launched = await launchBrowser();
    }, LAUNCH_LIMIT_MS);
    afterAll(() => launched?.close());
    afterEach(async () => {
      const errors = (await launched?.closePages()) ?? [];
      const unexpected = errors.filter((error) => !expected.some((pattern) => pattern.test(error)));
      expected = [];
      if (unexpected.length > 0) throw new Error(`the page had errors:\n${unexpected.join("\n")}`);
    });
    tests({
      newPage: async (look) => {
        if (launched === undefined) throw new Error("a page is opened inside of a test only");
        return launched.newPage(look);
      },
      expectErrors: (pattern) => expected.push(pattern),
    });
  });
}

/** Waits until an attribute of the element is what is asked for, and returns it. @throws Error after `limitMs` of real time. */
export async function untilAttribute(
  element: Locator,
  name: string,
  holds: (value: string) => boolean,
  limitMs?: number,
): Promise<string> {
  let seen: string | null = null;
  const look = async () => {
    // No waiting of playwright's own: an element that is not there yet is like an attribute that is not.
    seen = (await element.count()) === 1 ? await element.getAttribute(name) : null;
    return seen !== null && holds(seen) ? seen : undefined;
  };
  return until(`${name} of ${element}`, look, limitMs, () => seen);
}

/** Keeps what the page shows as `test/output/screens/<name>.png`, for a human to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, SCREENS)), animations: "disabled" });
}
