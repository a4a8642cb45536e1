import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { WireGap } from "../../../src/client/answers/feed.js";
import { ClientError } from "../../../src/client/errors.js";
import { LiveSeries } from "../../../web/src/live/live-series.js";
import type { Picture } from "../../../web/src/model/picture.js";
import { candle, minutes } from "../candle.js";
import { FakeSource } from "./fake-source.js";

const SERIES = "binance:futures:BTC/USDT:1m";
const GAP: WireGap = {
  ...{ id: 1, state: "repairing", cause: "reconnect", from_time: 180, to_time: 240, detected_at_ms: 0, attempts: 0 },
  ...{ last_attempt_at_ms: null, last_error: null, resolved_at_ms: null, checked_at_ms: null, absent: [] },
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets what is asked be answered, and this much time pass. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

interface Opened {
  readonly source: FakeSource;
  readonly live: LiveSeries;
  readonly pictures: Picture[];
  readonly problems: (string | undefined)[];
  readonly failures: unknown[];
  readonly times: () => readonly number[];
}

async function opened(source: FakeSource): Promise<Opened> {
  const [pictures, problems, failures]: [Picture[], (string | undefined)[], unknown[]] = [[], [], []];
  const live = new LiveSeries(source, SERIES, {
    picture: (picture) => pictures.push(picture),
    connection: () => {},
    problem: (text) => problems.push(text),
    failed: (error) => failures.push(error),
  });
  onTestFinished(() => live.end());
  live.start();
  await pass();
  const times = () => live.picture.candles.map(({ candle_time }) => candle_time / 60);
  return { source, live, pictures, problems, failures, times };
}

function stored(count: number): FakeSource {
  const source = new FakeSource();
  source.stored = minutes(0, count);
  return source;
}

test("shows the newest candles with their drawing, and follows from the last of them", async () => {
  const { source, live } = await opened(stored(2_500));
  expect(live.picture.candles).toHaveLength(2_000);
  expect(live.picture.drawnTime).toBe(2_499 * 60);
  expect(source.follows.map(({ options }) => options)).toEqual([{ since: 2_499 * 60, gaps: true }]);
});

test("a close is shown at once, and its drawing when it has come", async () => {
  const { source, live, pictures } = await opened(stored(2_000));
  source.stored = minutes(0, 2_001);
  source.feed.closed?.([candle(2_000 * 60)]);
  expect([pictures.at(-1)?.candles.length, pictures.at(-1)?.drawnTime]).toEqual([2_001, 1_999 * 60]);
  await pass();
  expect(live.picture.drawnTime).toBe(2_000 * 60);
});

test("a drawing of a candle that the feed has not brought yet waits for it", async () => {
  const source = stored(2_000);
  source.drawnTo = 2_000 * 60;
  const { live } = await opened(source);
  expect(live.picture.drawnTime).toBeNull();
  source.feed.closed?.([candle(2_000 * 60)]);
  expect(live.picture.drawnTime).toBe(2_000 * 60);
});

test("a drawing that lags is asked for again a few times, and then with the next close", async () => {
  const source = stored(2_000);
  source.drawnTo = 60;
  const { live } = await opened(source);
  await pass(60_000);
  const asked = source.draws.length;
  expect(asked).toBeGreaterThan(3);
  expect(asked).toBeLessThan(15);
  expect(live.picture.drawnTime).toBe(60);
  await pass(60_000);
  expect(source.draws).toHaveLength(asked);
  source.drawnTo = null;
  source.stored = minutes(0, 2_001);
  source.feed.closed?.([candle(2_000 * 60)]);
  await pass();
  expect(live.picture.drawnTime).toBe(2_000 * 60);
});

test("with a daemon that is away it tries again, and says so", async () => {
  const source = stored(2_000);
  source.failure = new ClientError("unreachable", "no daemon answers at http://127.0.0.1:1");
  const { live, problems } = await opened(source);
  expect(problems.at(-1)).toMatch(/no daemon answers/);
  expect(live.picture.candles).toEqual([]);
  source.failure = undefined;
  await pass(1_000);
  expect(live.picture.candles).toHaveLength(2_000);
  expect(problems.at(-1)).toBeUndefined();
});

test("what trying again does not mend is handed over", async () => {
  const source = stored(1);
  const refusal = { status: 401, detail: "token_missing", retryAfterS: undefined };
  source.failure = new ClientError("refused", "401 token_missing", { refusal });
  const { failures } = await opened(source);
  expect(failures.length).toBeGreaterThan(0);
  expect(failures[0]).toBe(source.failure);
});

test("a short history is read again, as it may be on its way", async () => {
  const source = new FakeSource();
  source.stored = minutes(100, 102);
  const { times } = await opened(source);
  source.stored = minutes(0, 102);
  source.feed.closed?.([candle(102 * 60)]);
  await pass(3_000);
  expect(times()).toHaveLength(103);
  expect([times()[0], times().at(-1)]).toEqual([0, 102]);
});

describe("a candle that the exchange has corrected", () => {
  const corrected = (source: FakeSource, at: number) => {
    source.stored = source.stored.map((one) => (one.candle_time === at * 60 ? { ...one, close: 77 } : one));
  };
  const closeOf = ({ live }: Opened, at: number) =>
    live.picture.candles.find(({ candle_time }) => candle_time === at * 60)?.close;

  test("is shown as it is stored, within half a minute", async () => {
    const page = await opened(stored(2_000));
    corrected(page.source, 1_900);
    expect(closeOf(page, 1_900)).not.toBe(77);
    await pass(30_000);
    expect(closeOf(page, 1_900)).toBe(77);
    expect(page.times()).toHaveLength(2_000);
  });

  test("far back is shown when what follows from it is computed anew", async () => {
    const page = await opened(stored(2_000));
    corrected(page.source, 100);
    page.source.feed.notice?.({ event: "factor.rebuild", message: "", data: {} });
    await pass();
    expect(closeOf(page, 100)).toBe(77);
  });

  test("is looked for without a picture or a question when there is none, and not while the daemon is away", async () => {
    const { source, pictures } = await opened(stored(2_000));
    const [shown, draws, reads] = [pictures.length, source.draws.length, source.reads];
    await pass(60_000);
    expect([pictures.length, source.draws.length, source.reads]).toEqual([shown, draws, reads + 2]);
    source.feed.state?.({ name: "waiting", reason: "lost", attempt: 1, retry_in_ms: 1 });
    await pass(60_000);
    expect(source.reads).toBe(reads + 2);
  });
});

describe("holes", () => {
  test("are those of the ledger, and go when they are repaired, with the candles that came late", async () => {
    const source = new FakeSource();
    source.stored = [...minutes(0, 3), ...minutes(5, 7)];
    source.ledger = [GAP];
    const { live, times } = await opened(source);
    expect(live.picture.gaps.map(({ from_time, to_time }) => [from_time, to_time])).toEqual([[180, 240]]);
    source.stored = minutes(0, 7);
    source.feed.record?.({ ...GAP, state: "repaired" });
    expect(live.picture.gaps).toEqual([]);
    await pass();
    expect(times()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("are those that the feed tells of", async () => {
    const { source, live } = await opened(stored(3));
    source.feed.gap?.({ expected_next_time: 180, actual_time: 300 });
    source.feed.closed?.([candle(300)]);
    expect(live.picture.gaps.map(({ from_time, to_time }) => [from_time, to_time])).toEqual([[180, 240]]);
  });
});

test("factors that were computed anew are read anew", async () => {
  const { source } = await opened(stored(2_000));
  source.version = 7;
  source.feed.closed?.([candle(2_000 * 60)]);
  await pass(60_000);
  expect(source.draws.at(-1)?.cursor_version_id).toBe(7);
  source.feed.notice?.({ event: "factor.rebuild", message: "", data: {} });
  await pass();
  expect(source.draws.at(-1)?.cursor_version_id).toBe(0);
});

describe("going back beyond the first candle", () => {
  test("reads what is before it, as long as there is something, with its drawing", async () => {
    const source = new FakeSource();
    source.stored = minutes(1, 5_001);
    source.version = 9;
    const { live, times } = await opened(source);
    expect(times()[0]).toBe(3_001);
    live.readOlder();
    live.readOlder();
    await pass();
    expect([times()[0], times().length]).toEqual([1_001, 4_000]);
    expect(source.draws.at(-1)).toMatchObject({ cursor_version_id: 0, window_candles: 4_000 });
    live.readOlder();
    await pass();
    expect([times()[0], times().length]).toEqual([1, 5_000]);
    live.readOlder();
    await pass();
    const asked = source.reads;
    live.readOlder();
    await pass();
    expect(source.reads).toBe(asked);
  });

  test("ends where the chart has all it takes", async () => {
    const { live } = await opened(stored(40_000));
    for (let i = 0; i < 20; i++) {
      live.readOlder();
      await pass();
    }
    expect(live.picture.candles).toHaveLength(18_000);
    expect(live.picture.candles.at(-1)?.candle_time).toBe(39_999 * 60);
  });
});

describe("after the daemon was away", () => {
  const away = { name: "waiting", reason: "lost", attempt: 1, retry_in_ms: 1 } as const;

  test("what the feed does not tell is asked for", async () => {
    const { source, live } = await opened(stored(2_000));
    source.feed.state?.(away);
    source.ledger = [{ ...GAP, from_time: 120_000, to_time: 120_060 }];
    source.feed.state?.({ name: "open" });
    await pass();
    expect(source.follows).toHaveLength(1);
    expect(live.picture.gaps).toHaveLength(1);
  });

  test("a daemon on another store is shown from its beginning", async () => {
    const { source, live, times } = await opened(stored(2_000));
    source.feed.state?.(away);
    source.stored = minutes(10, 20);
    source.feed.state?.({ name: "open" });
    await pass();
    expect(times()).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(live.picture.drawnTime).toBe(19 * 60);
    expect(source.follows.map(({ ended }) => ended)).toEqual([true, false]);
  });
});

test("nothing is shown or asked after the end", async () => {
  const { source, live, pictures } = await opened(stored(3));
  live.end();
  const shown = pictures.length;
  source.stored = minutes(0, 9);
  await pass(60_000);
  expect(pictures).toHaveLength(shown);
  expect(source.follows[0]?.ended).toBe(true);
});
