/** Reads of the daemon that are tried again until they succeed or are not wanted any more. */
import { ClientError } from "../../../src/client/errors.js";

/** Pauses between attempts grow from the first to the last, in milliseconds. */
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 10_000;

/** What stands in the way of a read, in words, and when it is tried again; undefined: nothing any more. */
export type ProblemTold = (problem: string | undefined, retryInMs: number) => void;

/**
 * Reads until there is an answer. @param told of each failure, and when there is none any more.
 * @returns undefined when the signal has ended it.
 * @throws ClientError of a request that will never succeed: refused with a 4xx that time does not change.
 */
export async function readUntilDone<Answer>(
  read: () => Promise<Answer>,
  signal: AbortSignal,
  told: ProblemTold,
): Promise<Answer | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const answer = await read();
      if (signal.aborted) return undefined;
      told(undefined, 0);
      return answer;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof ClientError) || isFinal(error)) throw error;
      const waitMs = Math.max(pauseMs, (error.retryAfterS ?? 0) * 1000);
      told(error.message, waitMs);
      await pause(waitMs, signal);
      pauseMs = Math.min(LAST_PAUSE_MS, pauseMs * 2);
    }
  }
  return undefined;
}

/** Resolves after a time, or when the signal ends it. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}

/** Refusals that another time may change: a request that came too late or too often, ledgers that lag. */
const PASSING: readonly number[] = [408, 409, 429];

function isFinal({ code, status = 0 }: ClientError): boolean {
  return code === "aborted" || (code === "refused" && status >= 400 && status < 500 && !PASSING.includes(status));
}
