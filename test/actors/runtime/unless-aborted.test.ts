import { expect, test } from "vitest";
import { unlessAborted } from "../../../src/actors/runtime/unless-aborted.js";

const never = new Promise<never>(() => undefined);

test("work that ends first is what comes of it, for better or worse", async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
  await expect(unlessAborted(Promise.reject(new Error("boom")), signal)).rejects.toThrow("boom");
});

test("an abort ends the wait at once, before it began as well", async () => {
  const abort = new AbortController();
  const waiting = unlessAborted(never, abort.signal);
  abort.abort();
  expect(await waiting).toBeUndefined();
  expect(await unlessAborted(never, abort.signal)).toBeUndefined();
});

test("a failure after the abort is nobody's", async () => {
  const abort = new AbortController();
  let fail = (): void => undefined;
  const work = new Promise<never>((_, reject) => {
    fail = () => reject(new Error("late"));
  });
  const waiting = unlessAborted(work, abort.signal);
  abort.abort();
  fail();
  expect(await waiting).toBeUndefined();
});
