/** Where Chromium is, and what is said when it is not there. */
import { existsSync } from "node:fs";

/** The path of Debian's package; another one is named by the variable. */
const DEBIAN = "/usr/bin/chromium";

/** The browser to test with; undefined when this machine has none. */
export function chromiumPath(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const path = env.TRADE_CANVAS_CHROMIUM ?? DEBIAN;
  return existsSync(path) ? path : undefined;
}

/** Why nothing is tested in a browser here, and what to do about it; undefined when it is. */
export function withoutChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (chromiumPath(env) !== undefined) return undefined;
  const looked = env.TRADE_CANVAS_CHROMIUM ?? DEBIAN;
  return `the tests in a browser are skipped: there is no Chromium at ${looked}. Install it (Debian: apt-get install chromium), or name it in TRADE_CANVAS_CHROMIUM.`;
}
