/** Which of two connections has brought what. F10; feed bound B3. */
import { describe, expect, test } from "vitest";
import { HandOver } from "../../../src/actors/endpoint/hand-over.js";

const STREAMS = ["a", "b", "c"] as const;

/** A hand-over that began at 0, with all streams acknowledged on the successor. */
function acknowledged(): HandOver {
  const handOver = new HandOver(STREAMS, 0);
  for (const stream of STREAMS) handOver.acknowledged(stream);
  return handOver;
}

describe("a hand-over", () => {
  test("is complete when the successor has brought every stream, and not before", () => {
    const handOver = acknowledged();
    for (const [index, stream] of STREAMS.entries()) {
      expect(handOver.complete).toBe(false);
      handOver.delivered("old", stream, 100 * index);
      handOver.delivered("successor", stream, 100 * index + 50);
    }
    expect([handOver.complete, handOver.behind(1_000_000)]).toEqual([true, []]);
  });

  test("of no stream is complete; one that nobody wants any longer is of no concern", () => {
    expect(new HandOver([], 0).complete).toBe(true);
    const handOver = acknowledged();
    handOver.delivered("old", "a", 100);
    for (const stream of STREAMS) handOver.drop(stream);
    expect([handOver.complete, handOver.behind(1_000_000)]).toEqual([true, []]);
  });

  test("of what neither connection brings nothing is known", () => {
    expect([acknowledged().complete, acknowledged().behind(1_000_000)]).toEqual([false, []]);
  });

  test("what only the old one brings is behind five seconds later, until the successor brings it too", () => {
    const handOver = acknowledged();
    handOver.delivered("old", "b", 1_000);
    handOver.delivered("old", "b", 5_000);
    expect([handOver.behind(5_999), handOver.behind(6_000)]).toEqual([[], ["b"]]);
    handOver.delivered("successor", "b", 7_000);
    handOver.delivered("old", "b", 8_000);
    expect(handOver.behind(60_000)).toEqual([]);
  });

  test("nothing is expected of the successor before the exchange has acknowledged it, or ten seconds have passed", () => {
    const handOver = new HandOver(STREAMS, 0);
    handOver.delivered("old", "a", 9_999);
    expect(handOver.behind(60_000)).toEqual([]);
    handOver.delivered("old", "a", 10_000);
    expect(handOver.behind(60_000)).toEqual(["a"]);
  });
});
