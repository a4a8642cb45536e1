import { describe, expect, test } from "vitest";
import { fixedPause, Guardrail, type RetryPolicy } from "../../../src/actors/breaker/retry-policy.js";
import type { SeriesStanding, SeriesVerdict } from "../../../src/actors/feed/exchange-port.js";
import { Link, type LinkState } from "../../../src/actors/ingest/link.js";
import type { Clock } from "../../../src/clock/clock.js";
import { parseSeriesId } from "../../../src/market/series-id.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { candleAt } from "../../support/candles.js";
import { FakeExchange } from "../../support/fake-exchange.js";
import { openable, RecordingLog, SERIES, T0 } from "../series/world.js";

const UNPROVEN: LinkState = { attached: "unproven" };
const LIVE: LinkState = { attached: "live" };

/** A link on an exchange that the test plays; `retry` is spied upon. */
function createLink(options: { readonly retry?: (clock: Clock) => RetryPolicy; readonly waitMs?: number } = {}) {
  const clock = new SimulatedClock(T0 * 1000);
  const exchange = new FakeExchange(clock);
  const log = new RecordingLog();
  const told: string[] = [];
  const inner = options.retry?.(clock) ?? fixedPause;
  const retry: RetryPolicy = {
    attempt: () => {
      const waitMs = inner.attempt();
      told.push(`attempt ${waitMs}`);
      return waitMs;
    },
    succeeded: () => {
      told.push("succeeded");
      inner.succeeded();
    },
    failed: (reason) => {
      told.push(`failed ${reason}`);
      return inner.failed(reason);
    },
    snapshot: () => inner.snapshot(),
  };
  const link = new Link({
    series: parseSeriesId(SERIES),
    exchange,
    retry,
    clock,
    log,
    waitMs: options.waitMs ?? 0,
    onAttaching: () => told.push("attaching"),
    onRefused: () => told.push("refused"),
    onSubscribed: () => told.push("subscribed"),
    onKline: ({ candle }) => told.push(`kline ${candle.time - T0}`),
  });
  const advance = (ms: number) => clock.advanceSettled(ms);
  const kline = () => exchange.forming(SERIES, candleAt(T0));
  return { clock, exchange, log, told, link, advance, kline };
}

/** A link that is live. */
async function liveLink(retry?: (clock: Clock) => RetryPolicy) {
  const parts = createLink(retry === undefined ? {} : { retry });
  parts.link.start();
  await parts.advance(0);
  parts.kline();
  parts.told.length = 0;
  return parts;
}

describe("link", () => {
  test("asks the breaker, verifies, attaches, and is live with the first candle", async () => {
    const { link, told, advance, kline, exchange, log } = createLink();
    expect(link.state).toBe("waiting");
    link.start();
    await advance(0);
    expect(link.state).toEqual(UNPROVEN);
    expect(exchange.calls).toEqual([`verify ${SERIES}`, `attach ${SERIES}`]);
    expect(told).toEqual(["attempt 0", "attaching", "subscribed"]);
    kline();
    expect(link.state).toEqual(LIVE);
    expect(log.of("feed.live")).toHaveLength(1);
  });

  test("RS-F1 reports success with the first candle only: not for a connection, not for an acknowledgement", async () => {
    const { link, told, advance, kline } = createLink();
    link.start();
    await advance(60_000);
    expect(told).not.toContain("succeeded");
    kline();
    kline();
    expect(told.slice(3)).toEqual(["succeeded", "kline 0", "kline 0"]);
  });

  test("RS-F2 counts a lost connection as one failure, and attaches again after the breaker's pause", async () => {
    const { link, told, advance, exchange } = await liveLink();
    exchange.lose(SERIES, "connection lost (1006)");
    expect(link.state).toBe("waiting");
    expect(told).toEqual(["failed connection lost (1006)"]);
    await advance(1_999);
    expect(exchange.isAttached(SERIES)).toBe(false);
    await advance(1);
    expect(link.state).toEqual(UNPROVEN);
    expect(told.slice(1)).toEqual(["attempt 0", "attaching", "subscribed"]);
  });

  test("must prove itself again after every loss", async () => {
    const { link, told, advance, exchange, kline } = await liveLink();
    exchange.lose(SERIES);
    await advance(2_000);
    kline();
    expect(link.state).toEqual(LIVE);
    expect(told.filter((what) => what === "succeeded")).toHaveLength(1);
  });

  test("RS-F3 waits out an open breaker, asks again, and lets a single probe through", async () => {
    const breaker: { guardrail?: Guardrail } = {};
    const { link, told, advance, exchange } = await liveLink((clock) => {
      breaker.guardrail = new Guardrail(clock, { crashBudget: 2 });
      return breaker.guardrail;
    });
    const state = () => breaker.guardrail?.state;
    exchange.lose(SERIES);
    await advance(1_000);
    exchange.lose(SERIES);
    expect(state()).toBe("open");
    await advance(29_999);
    expect(exchange.isAttached(SERIES)).toBe(false);
    await advance(1);
    expect([state(), link.state]).toEqual(["half_open", UNPROVEN]);
    exchange.lose(SERIES);
    expect(state()).toBe("open");
    await advance(29_999);
    expect(exchange.isAttached(SERIES)).toBe(false);
    await advance(1);
    exchange.forming(SERIES, candleAt(T0));
    expect([state(), link.state]).toEqual(["closed", LIVE]);
    expect(told.filter((what) => what.startsWith("failed"))).toHaveLength(3);
  });

  test("a breaker that demands waiting is asked again when the wait is over", async () => {
    const waits = [5_000, 3_000, 0];
    const { link, told, advance } = createLink({ retry: () => ({ ...fixedPause, attempt: () => waits.shift() ?? 0 }) });
    link.start();
    await advance(4_999);
    expect(told).toEqual(["attempt 5000"]);
    await advance(3_001);
    expect(told).toEqual(["attempt 5000", "attempt 3000", "attempt 0", "attaching", "subscribed"]);
  });

  test("after a crash the first attempt waits as long as it is told", async () => {
    const { link, advance, told } = createLink({ waitMs: 4_000 });
    link.start();
    await advance(3_999);
    expect(told).toEqual([]);
    await advance(1);
    expect(link.state).toEqual(UNPROVEN);
  });
});

describe("verification", () => {
  const unusable: SeriesVerdict = { type: "unusable", reason: "NOPE/USDT is not listed on binance futures" };

  test("RS-F4 a series that the exchange will not serve is not attached, and looked up again after ten minutes", async () => {
    const { link, told, advance, exchange, log } = createLink();
    exchange.verdict = () => unusable;
    link.start();
    await advance(0);
    expect([link.state, exchange.isAttached(SERIES)]).toEqual(["refused", false]);
    expect(told).toEqual(["attempt 0", "refused"]);
    expect(log.of("feed.refused")[0]?.fields).toMatchObject({ reason: unusable.type && unusable.reason });
    await advance(10 * 60_000 - 1);
    expect(exchange.calls).toHaveLength(1);
    exchange.verdict = () => ({ type: "usable" });
    await advance(1);
    expect(link.state).toEqual(UNPROVEN);
  });

  test.each<[string, () => SeriesVerdict]>([
    ["could not be asked for", () => ({ type: "unverified", later: new Promise(() => undefined) })],
    [
      "failed",
      () => {
        throw new Error("no list");
      },
    ],
  ])("a series whose listing %s is attached on trust", async (_what, verdict) => {
    const { link, advance, exchange } = createLink();
    exchange.verdict = verdict;
    link.start();
    await advance(0);
    expect(link.state).toEqual(UNPROVEN);
  });

  test("what was attached on trust is refused when the list has come and lacks it, and kept when it has it", async () => {
    for (const standing of [{ type: "usable" }, { type: "unusable", reason: "not listed" }] as const) {
      let tell: (standing: SeriesStanding) => void = () => undefined;
      const later = new Promise<SeriesStanding>((resolve) => {
        tell = resolve;
      });
      const { link, advance, exchange, told, kline } = createLink();
      exchange.verdict = () => ({ type: "unverified", later });
      link.start();
      await advance(0);
      kline();
      tell(standing);
      await advance(0);
      const served = standing.type === "usable";
      expect(link.state).toEqual(served ? LIVE : "refused");
      expect(exchange.isAttached(SERIES)).toBe(served);
      expect(told.includes("refused")).toBe(!served);
      link.stop();
    }
  });
});

describe("stop", () => {
  const states: [string, (parts: ReturnType<typeof createLink>) => Promise<void>][] = [
    ["while waiting", async ({ link }) => link.start()],
    [
      "while verifying",
      async ({ link, exchange, advance }) => {
        exchange.verdict = () => new Promise(() => undefined);
        link.start();
        await advance(0);
        expect(link.state).toBe("verifying");
      },
    ],
    [
      "when refused",
      async ({ link, exchange, advance }) => {
        exchange.verdict = () => ({ type: "unusable", reason: "no" });
        link.start();
        await advance(0);
        expect(link.state).toBe("refused");
      },
    ],
    [
      "when attached",
      async ({ link, advance }) => {
        link.start();
        await advance(0);
        expect(link.state).toEqual(UNPROVEN);
      },
    ],
    [
      "when live",
      async ({ link, advance, kline }) => {
        link.start();
        await advance(0);
        kline();
        expect(link.state).toEqual(LIVE);
      },
    ],
  ];

  test.each(states)("ends the link %s: detached, silent, without a timer", async (_when, bring) => {
    const parts = createLink();
    await bring(parts);
    parts.link.stop();
    parts.told.length = 0;
    parts.link.stop();
    await parts.advance(60 * 60_000);
    expect(parts.exchange.isAttached(SERIES)).toBe(false);
    expect(parts.told).toEqual([]);
    expect(parts.clock.pendingTimers).toBe(0);
  });

  test("a verdict that comes after the stop attaches nothing", async () => {
    const { link, exchange, advance } = createLink();
    const gate = openable();
    exchange.verdict = () => gate.promise.then(() => ({ type: "usable" }));
    link.start();
    await advance(0);
    link.stop();
    gate.open();
    await advance(0);
    expect(exchange.isAttached(SERIES)).toBe(false);
  });
});
