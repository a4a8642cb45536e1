import { expect, onTestFinished, test } from "vitest";
import { measureLoopDelay } from "../../src/observability/loop-delay.js";

/** Keeps the event loop from turning for so long. */
function block(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test("turns that take long show in the mean lateness, and only in the reading after them", async () => {
  const delay = measureLoopDelay();
  onTestFinished(() => delay.stop());
  await turn();
  for (let count = 0; count < 10; count += 1) {
    block(100);
    await turn();
  }
  const late = delay.read();
  expect(late).toBeGreaterThan(40);
  expect(delay.read(), "no turn has ended since").toBeUndefined();
});
