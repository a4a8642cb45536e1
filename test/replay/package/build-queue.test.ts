import { expect, test } from "vitest";
import { BuildQueue } from "../../../src/replay/package/build-queue.js";

const never = new AbortController().signal;

/** A piece of work that ends when it is told to. */
function work() {
  let end = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { done, end };
}

test("one at a time, in order, also when one of them fails", async () => {
  const queue = new BuildQueue();
  const order: string[] = [];
  const first = work();
  const runs = [
    queue.run(never, async () => {
      order.push("first begins");
      await first.done;
      order.push("first ends");
      throw new Error("broken");
    }),
    queue.run(never, async () => order.push("second")),
    queue.run(never, async () => order.push("third")),
  ];
  await Promise.resolve();
  expect(order).toEqual(["first begins"]);
  first.end();
  const ends = await Promise.allSettled(runs);
  expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(order).toEqual(["first begins", "first ends", "second", "third"]);
});

test("who is told to end leaves the queue, and who comes when it is full is refused", async () => {
  const queue = new BuildQueue(1);
  const first = work();
  const running = queue.run(never, () => first.done);
  const leaving = new AbortController();
  const waiting = queue.run(leaving.signal, async () => undefined);
  await expect(queue.run(never, async () => undefined)).rejects.toMatchObject({ code: "build_queue_full" });
  leaving.abort();
  await expect(waiting).rejects.toMatchObject({ code: "build_aborted" });
  const next = queue.run(never, async () => "done");
  await expect(queue.run(leaving.signal, async () => undefined)).rejects.toMatchObject({ code: "build_queue_full" });
  first.end();
  await running;
  expect(await next).toBe("done");
  await expect(queue.run(leaving.signal, async () => undefined)).rejects.toMatchObject({ code: "build_aborted" });
  expect(await queue.run(never, async () => "free")).toBe("free");
});
