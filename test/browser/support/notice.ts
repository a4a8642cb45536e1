/** Says once, at the start of a run, that the tests in a browser are skipped. */
import { withoutChromium } from "./chromium.js";

/** Called by vitest before any test runs. */
export function setup(): void {
  const notice = withoutChromium();
  if (notice !== undefined) process.stderr.write(`\nNOTE: ${notice}\n\n`);
}
