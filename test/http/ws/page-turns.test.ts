import { expect, test } from "vitest";
import { PageTurns } from "../../../src/http/ws/page-turns.js";
import { settledPromises } from "../../../src/sim/simulated-clock.js";

/** Turns of an event loop that go on when they are told to. */
class Loop {
  readonly #callbacks: (() => void)[] = [];

  readonly immediate = (callback: () => void): void => void this.#callbacks.push(callback);

  get isIdle(): boolean {
    return this.#callbacks.length === 0;
  }

  async turn(): Promise<void> {
    for (const callback of this.#callbacks.splice(0)) callback();
    await settledPromises();
  }
}

test("one has each turn, in the order in which they have come; who comes alone does not wait", async () => {
  const loop = new Loop();
  const turns = new PageTurns(loop);
  const had: number[] = [];
  const take = (who: number) => void turns.take().then(() => had.push(who));
  for (const who of [1, 2, 3]) take(who);
  await settledPromises();
  expect(had).toEqual([1]);
  await loop.turn();
  expect(had).toEqual([1, 2]);
  take(4);
  await loop.turn();
  expect(had).toEqual([1, 2, 3]);
  await loop.turn();
  expect(had).toEqual([1, 2, 3, 4]);
  await loop.turn();
  expect(loop.isIdle).toBe(true);
  take(5);
  await settledPromises();
  expect(had).toEqual([1, 2, 3, 4, 5]);
});
