/** Chromium for whoever wants to look at pages: tests, and measurements. */
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumPath, withoutChromium } from "./chromium.js";

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

export const LAUNCH_LIMIT_MS = 30_000;

/** For a click or the like to become possible; less than a test may take, so that it says what was missing. */
const ACTION_LIMIT_MS = 10_000;

/** How a page is seen; by default on a desktop screen in dark. */
export interface PageLook {
  /** CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "dark" | "light";
}

/** A browser, and the errors of its pages. */
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
