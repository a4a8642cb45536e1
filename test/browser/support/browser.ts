/**
 * Tests in a browser: one Chromium per test file, and a context of its own for every page, so that no test sees what another
 * has left. An error on a page fails the test that opened it.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { ROOT } from "../../support/root.js";
import { until } from "../../support/until.js";
import { chromiumPath, withoutChromium } from "./chromium.js";

/** Screenshots of the newest run: `<name>.png`. Not under version control. */
const SCREENS = new URL("test/output/screens/", ROOT);

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

const LAUNCH_LIMIT_MS = 30_000;

/** For a click or the like to become possible; less than a test may take, so that it says what was missing. */
const ACTION_LIMIT_MS = 10_000;

/** How a page is seen; by default on a desktop screen in dark. */
export interface PageLook {
  /** CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "dark" | "light";
}

export interface TestBrowser {
  /** An empty page; it is closed when the test has ended. */
  newPage(look?: PageLook): Promise<Page>;
  /** Errors whose text matches are part of the running test, such as those of a daemon that was stopped on purpose. */
  expectErrors(pattern: RegExp): void;
}

/** {@link launchBrowser}, for what is not a test. */
export interface LaunchedBrowser {
  newPage(look?: PageLook): Promise<Page>;
  /** Closes all pages, and hands over the errors that they had. */
  closePages(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Starts a browser with a fresh profile. @throws Error when there is no Chromium. */
export async function launchBrowser(): Promise<LaunchedBrowser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error(withoutChromium());
  const browser = await chromium.launch({ executablePath, args: [...FLAGS], timeout: LAUNCH_LIMIT_MS });
  const contexts: BrowserContext[] = [];
  const errors: string[] = [];
  return {
    newPage: async (look = {}) => {
      const context = await browser.newContext(contextOf(look));
      contexts.push(context);
      context.setDefaultTimeout(ACTION_LIMIT_MS);
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(error.stack ?? String(error)));
      page.on("console", (said) => {
        if (said.type() === "error") errors.push(`${said.text()} (${said.location().url})`);
      });
      page.on("crash", () => errors.push("the page has crashed"));
      return page;
    },
    closePages: async () => {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
      return errors.splice(0);
    },
    close: () => browser.close(),
  };
}

function contextOf({ width = 1280, height = 800, scheme = "dark" }: PageLook) {
  return { viewport: { width, height }, colorScheme: scheme, timezoneId: "UTC", locale: "en-GB" } as const;
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
