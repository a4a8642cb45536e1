/** Waiting for something to become true, with a bound: the failure says what was waited for and how it stood. */

const POLL_MS = 10;

/** Polls until `look` returns something other than undefined, and returns it. @throws Error after `limitMs` of real time. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 15_000,
  standing: () => unknown = () => "",
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end)
      throw new Error(`waited ${limitMs} ms for ${what} in vain: ${JSON.stringify(standing())}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** {@link until} for a condition. */
export async function untilTrue(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs?: number,
  standing?: () => unknown,
): Promise<void> {
  await until(what, async () => ((await holds()) ? true : undefined), limitMs, standing);
}
