/** The state of a series: each of them, and which one wins. Spec: binance-protocol §8 item 10. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ConnectionFacts,
  FEED_STATES,
  type FeedFacts,
  feedState,
  LIVE_DEADLINE_MS,
} from "../../../src/actors/feed/feed-state.js";

const NOW = 1_000_000;

const connection: ConnectionFacts = { id: 3, state: "open", ageMs: 500_000, dataAgeMs: 100, lagMs: 50, streams: 2 };
const silent = { heardMs: null, finalMs: null, lagMs: null, stalledMs: null, quietMs: null, absentMs: null };

/** A series that is live, changed. */
function facts(change: Partial<FeedFacts> = {}, stream: Partial<FeedFacts["stream"]> = {}): FeedFacts {
  return {
    link: { state: "attached" },
    connection,
    stream: { ...silent, heardMs: NOW - 1_000, finalMs: NOW - 30_000, lagMs: 40, ...stream },
    heldFinals: 0,
    ...change,
  };
}

const stateOf = (change?: Partial<FeedFacts>, stream?: Partial<FeedFacts["stream"]>) =>
  feedState(facts(change, stream), NOW);

describe("a series is", () => {
  test("live while its last candle is younger than its deadline", () => {
    expect(stateOf()).toEqual({ state: "live" });
    expect(stateOf({}, { heardMs: NOW - LIVE_DEADLINE_MS })).toEqual({ state: "live" });
  });

  test("stalled when it is older, and nobody has said why", () => {
    expect(stateOf({}, { heardMs: NOW - LIVE_DEADLINE_MS - 1 })).toEqual({
      state: "stalled",
      reason: "nothing comes, and REST has not said why",
    });
  });

  test("stalled when REST has what the stream does not bring, however young its last candle is", () => {
    expect(stateOf({}, { stalledMs: NOW - 10 })).toEqual({
      state: "stalled",
      reason: "REST has what the stream does not bring",
    });
  });

  test("quiet when REST agrees that there is nothing", () => {
    expect(stateOf({}, { heardMs: NOW - 500_000, quietMs: NOW - 20_000 })).toEqual({
      state: "quiet",
      verifiedMs: NOW - 20_000,
    });
  });

  test("halted when the exchange does not have the newest candle either", () => {
    expect(stateOf({}, { heardMs: NOW - 500_000, absentMs: NOW - 20_000 })).toMatchObject({ state: "halted" });
  });

  test("repairing while finals wait behind a hole", () => {
    expect(stateOf({ heldFinals: 2 })).toEqual({ state: "repairing", reason: "2 finals wait behind a hole" });
  });

  test("invalid when the exchange does not serve it", () => {
    const link = { state: "refused", reason: "BTC/USDT is not listed" } as const;
    expect(stateOf({ link, connection: null })).toEqual({ state: "invalid", reason: "BTC/USDT is not listed" });
  });

  test.each<[string, Partial<FeedFacts>]>([
    ["about to be attached", { link: { state: "waiting", reason: null } }],
    ["connection lost (1006)", { link: { state: "waiting", reason: "connection lost (1006)" } }],
    ["looking up the symbol", { link: { state: "verifying" } }],
    ["waiting for a connection", { connection: null }],
    ["waiting for a connection", { connection: { ...connection, state: "dialing" } }],
    ["waiting for the first candle", { connection: { ...connection, ageMs: LIVE_DEADLINE_MS }, stream: silent }],
  ])("down: %s", (reason, change) => {
    expect(stateOf(change)).toEqual({ state: "down", reason });
  });

  test("down while its actors do not run", () => {
    expect(feedState(undefined, NOW)).toEqual({ state: "down", reason: "the series is being restarted" });
  });

  test("stalled when a connection that is long open has never brought anything (F03)", () => {
    expect(stateOf({ stream: silent })).toMatchObject({ state: "stalled" });
  });

  test.each(["renewing", "retiring", "successor"] as const)("live on a connection that is %s", (state) => {
    expect(stateOf({ connection: { ...connection, state } })).toEqual({ state: "live" });
  });
});

/** In order: what stands further up wins over everything below it. */
const PRECEDENCE: readonly [FeedFacts["link"]["state"] | keyof typeof silent | "held" | "unconnected", string][] = [
  ["refused", "invalid"],
  ["waiting", "down"],
  ["unconnected", "down"],
  ["held", "repairing"],
  ["stalledMs", "stalled"],
  ["absentMs", "halted"],
  ["quietMs", "quiet"],
];

test("of several that are true the gravest is told", () => {
  for (const [first, expected] of PRECEDENCE) {
    const rest = PRECEDENCE.slice(PRECEDENCE.findIndex(([name]) => name === first)).map(([name]) => name);
    const link: FeedFacts["link"] = rest.includes("refused")
      ? { state: "refused", reason: null }
      : { state: rest.includes("waiting") ? "waiting" : "attached", reason: null };
    const state = stateOf(
      { link, connection: rest.includes("unconnected") ? null : connection, heldFinals: rest.includes("held") ? 1 : 0 },
      Object.fromEntries(rest.filter((name) => name.endsWith("Ms")).map((name) => [name, NOW - 5])),
    );
    expect([first, state.state]).toEqual([first, expected]);
  }
});

test("whatever is known, there is one state, and every state but live and quiet has its reason", () => {
  const at = fc.option(fc.integer({ min: 0, max: NOW }), { nil: null });
  const stream = fc.record({ heardMs: at, finalMs: at, lagMs: at, stalledMs: at, quietMs: at, absentMs: at });
  const link = fc.constantFrom<FeedFacts["link"]>(
    { state: "waiting", reason: null },
    { state: "verifying" },
    { state: "refused", reason: null },
    { state: "attached" },
  );
  const connected = fc.constantFrom(null, connection, { ...connection, state: "dialing" as const });
  const any = fc.record({ link, stream, connection: connected, heldFinals: fc.integer({ min: 0, max: 3 }) });
  fc.assert(
    fc.property(any, (known) => {
      const state = feedState(known, NOW);
      expect(FEED_STATES).toContain(state.state);
      if ("reason" in state) expect(state.reason).not.toBe("");
      if (state.state === "live") expect(NOW - (known.stream.heardMs ?? 0)).toBeLessThanOrEqual(LIVE_DEADLINE_MS);
    }),
  );
});
