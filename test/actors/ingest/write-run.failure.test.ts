import { describe, expect, test } from "vitest";
import { type RunPolicy, runPolicies } from "../../../src/actors/ingest/policy.js";
import { PipelineError, PublishError } from "../../../src/actors/ingest/run-result.js";
import { StoreError } from "../../../src/storage/errors.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { boom, minute, SERIES, startSeries } from "../series/world.js";

const { http, stream, backfill } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });
const legacy = runPolicies({ pipelineV2: false, wsPipelinePublish: false });

/** A series with two candles and level ledgers, and what a run does to it. */
async function settledSeries(parts: Parameters<typeof startSeries>[0] = {}) {
  const world = await startSeries(parts);
  await world.ingest(candleSeries(minute(0), 2), http);
  world.store.commits.length = 0;
  world.published.contents.length = 0;
  /** The error of a run that must fail. */
  const failure = async (candles: Parameters<typeof world.ingest>[0], policy: RunPolicy): Promise<PipelineError> => {
    const error: unknown = await world.ingest(candles, policy).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PipelineError);
    return error as PipelineError;
  };
  return { ...world, failure };
}

describe("a factor that fails", () => {
  test("RS-W7 costs no candle: the candles are stored alone, the run fails, nothing of it is published", async () => {
    const { failure, ledgers, stored, heads, published } = await settledSeries();
    ledgers.beforeStep = boom;
    const error = await failure([candleAt(minute(2))], http);
    expect(error).toMatchObject({
      step: "factor.ingest_closed",
      series: SERIES,
      causeText: "boom",
      compensated: false,
      message: `ingest_pipeline_failed:factor.ingest_closed:${SERIES}:boom`,
      detail: `ingest_pipeline_failed:factor.ingest_closed:${SERIES}`,
    });
    expect(stored()).toEqual([0, 1, 2].map(minute));
    expect(heads()).toEqual({ candles: minute(2), factor: minute(1), overlay: minute(1) });
    expect(published.contents).toEqual([]);
  });

  test.each([
    ["the stream", stream],
    ["the legacy HTTP path", legacy.http],
    ["the legacy stream", legacy.stream],
  ])("RS-W8 is noted in the steps and the run goes on, for %s", async (_name, policy) => {
    const { ingest, ledgers, stored, published } = await settledSeries();
    ledgers.beforeStep = boom;
    const result = await ingest([candleAt(minute(2))], policy);
    expect(result.steps.map(({ ok, error }) => [ok, error])).toEqual([
      [true, null],
      [false, "boom"],
    ]);
    expect(result.steps[1]?.name).toMatch(/^factor\.ingest_closed/);
    expect(stored()).toHaveLength(3);
    expect(published.closedTimes()).toEqual([minute(2)]);
  });

  test("RS-W9 catches up by itself once it works, without another run", async () => {
    const { ingest, ledgers, heads, advance, published } = await settledSeries();
    let failures = 1;
    ledgers.beforeStep = () => {
      failures -= 1;
      if (failures >= 0) boom();
    };
    await ingest([candleAt(minute(2))], stream);
    await advance(1_000);
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
    expect(published.closedTimes()).toEqual([minute(2)]);
  });
});

describe("an overlay that fails", () => {
  test("leaves candles and factor ledger stored, and fails the run with its own step", async () => {
    const { failure, ledgers, heads, published, settle } = await settledSeries();
    ledgers.beforeRender = boom;
    const error = await failure([candleAt(minute(2))], http);
    expect(error.message).toBe(`ingest_pipeline_failed:overlay.ingest_closed:${SERIES}:boom`);
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(1) });
    expect(published.contents).toEqual([]);
    ledgers.heal();
    await settle();
  });

  test("catches up by itself once it works", async () => {
    const { ingest, ledgers, heads, advance } = await settledSeries();
    let failures = 1;
    ledgers.beforeRender = () => {
      failures -= 1;
      if (failures >= 0) boom();
    };
    const result = await ingest([candleAt(minute(2))], stream);
    expect(result.steps.map(({ ok }) => ok)).toEqual([true, true, false]);
    await advance(1_000);
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
  });
});

describe("a store that fails", () => {
  test("RS-W10 fails the run whatever its policy: nothing is stored, published, or remembered", async () => {
    const { failure, ingest, store, stored, heads, published, debug } = await settledSeries();
    const seen = debug.events().length;
    for (const policy of [http, stream, legacy.http, backfill]) {
      store.before = () => {
        throw new StoreError("commit_failed", "the disk is full");
      };
      const error = await failure(candleSeries(minute(2), 3), policy);
      expect(error.message).toBe(`ingest_pipeline_failed:store.upsert_many_closed:${SERIES}:the disk is full`);
      expect(error.compensated).toBe(false);
    }
    store.before = () => undefined;
    expect(stored()).toEqual([0, 1].map(minute));
    expect(published.contents).toEqual([]);
    expect(debug.events()).toHaveLength(seen);
    // Memory is not ahead of the store: the next run folds only its own candle.
    await ingest([candleAt(minute(2))], http);
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
    expect(debug.events().at(-2)?.data).toMatchObject({ candles_read: 1, up_to_candle_time: minute(2) });
  });
});

describe("a publisher that fails", () => {
  test.each([
    ["strict", http],
    ["base_strict", legacy.stream],
  ])("RS-W11 fails a run with publish policy %s after the candles are stored", async (_name, policy) => {
    const { ingest, published, heads } = await settledSeries();
    published.before = boom;
    const running = ingest([candleAt(minute(2))], policy);
    await expect(running).rejects.toThrow(PublishError);
    await expect(running).rejects.toThrow("boom");
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
    published.before = () => undefined;
  });

  test("is passed over by best effort, for candles and for notices", async () => {
    const { ingest, published, settle } = await startSeries();
    published.before = boom;
    const first = await ingest([candleAt(minute(0))], stream);
    expect(first.rebuilt).toBe(true);
    published.before = () => undefined;
    await settle();
    await ingest([candleAt(minute(1))], stream);
    expect(published.closedTimes()).toContain(minute(1));
  });

  test("base_strict is strict for candles and best effort for notices", async () => {
    const { ingest, published } = await startSeries();
    published.before = ({ type }) => {
      if (type === "rebuilt") boom();
    };
    const result = await ingest([candleAt(minute(0))], legacy.stream);
    expect([result.rebuilt, published.closedTimes()]).toEqual([true, [minute(0)]]);
    published.before = () => undefined;
  });
});

describe("compensation", () => {
  const heldBack = { parts: { compensateNewCandles: true } };

  test("RS-W12 holds back the new candles of a failed run and keeps what it updated", async () => {
    const { failure, ledgers, store, stored, heads, advance } = await settledSeries(heldBack);
    ledgers.beforeStep = boom;
    const error = await failure([candleAt(minute(1), 77), ...candleSeries(minute(2), 2)], http);
    expect(error.compensation).toEqual({ overlayReset: false, candleRows: 2, error: null });
    expect(error.compensated).toBe(true);
    expect(error.message).toBe(`ingest_pipeline_failed:factor.ingest_closed:${SERIES}:boom:compensated:candle_rows:2`);
    expect(stored()).toEqual([0, 1].map(minute));
    expect(store.read(SERIES, { limit: 1 }).candles()).toEqual([candleAt(minute(1), 77)]);
    // The ledgers had folded it as it was before.
    expect(heads()).toEqual({ candles: minute(1), factor: null, overlay: null });
    ledgers.heal();
    await advance(1_000);
    expect(heads()).toEqual({ candles: minute(1), factor: minute(1), overlay: minute(1) });
  });

  test("a factor result whose candles are held back is forgotten with them", async () => {
    const { failure, ingest, ledgers, heads, settle, debug } = await settledSeries(heldBack);
    ledgers.beforeRender = boom;
    const error = await failure([candleAt(minute(2))], http);
    expect(error.message).toBe(`ingest_pipeline_failed:overlay.ingest_closed:${SERIES}:boom:compensated:candle_rows:1`);
    expect(heads()).toEqual({ candles: minute(1), factor: minute(1), overlay: minute(1) });
    ledgers.heal();
    await settle();
    await ingest([candleAt(minute(2))], http);
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
    expect(debug.events().at(-2)?.data).toMatchObject({ candles_read: 1 });
  });

  test("a run of updates alone holds nothing back", async () => {
    const { failure, ledgers } = await settledSeries(heldBack);
    ledgers.beforeStep = boom;
    const error = await failure([candleAt(minute(1), 5)], http);
    expect([error.compensated, error.message]).toEqual([
      false,
      `ingest_pipeline_failed:factor.ingest_closed:${SERIES}:boom`,
    ]);
  });

  test("RS-W13 an overlay failure resets the drawing, which is then drawn anew", async () => {
    const { failure, ledgers, store, heads, advance } = await settledSeries({ parts: { compensateOverlay: true } });
    ledgers.beforeRender = boom;
    const error = await failure([candleAt(minute(2))], http);
    expect(error.message).toBe(`ingest_pipeline_failed:overlay.ingest_closed:${SERIES}:boom:compensated:overlay_reset`);
    expect(store.ledger(SERIES, "overlay").head).toBeNull();
    ledgers.heal();
    await advance(1_000);
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
  });

  test("both together name both; a factor failure does not reset the drawing", async () => {
    const parts = { compensateNewCandles: true, compensateOverlay: true };
    const { failure, ledgers, heads } = await settledSeries({ parts });
    ledgers.beforeStep = boom;
    const byFactor = await failure([candleAt(minute(2))], http);
    expect(byFactor.compensation).toEqual({ overlayReset: false, candleRows: 1, error: null });
    expect(heads().overlay).toBe(minute(1));
    ledgers.heal();
    ledgers.beforeRender = boom;
    const byOverlay = await failure([candleAt(minute(2))], http);
    expect(byOverlay.message).toBe(
      `ingest_pipeline_failed:overlay.ingest_closed:${SERIES}:boom:compensated:overlay_reset:candle_rows:1`,
    );
  });

  test("a run whose failure is swallowed compensates nothing", async () => {
    const parts = { compensateNewCandles: true, compensateOverlay: true };
    const { ingest, ledgers, stored, store } = await settledSeries({ parts });
    ledgers.beforeRender = boom;
    await ingest([candleAt(minute(2))], stream);
    expect(stored()).toHaveLength(3);
    expect(store.ledger(SERIES, "overlay").head).not.toBeNull();
  });
});

test("a compensation that itself failed is told in the error's text", () => {
  const compensation = { overlayReset: false, candleRows: 0, error: "the disk is full" };
  const error = new PipelineError("factor.ingest_closed", SERIES, "boom", compensation);
  expect(error.message).toBe(
    `ingest_pipeline_failed:factor.ingest_closed:${SERIES}:boom:compensation_error:the disk is full`,
  );
});

describe("a ledger that fails from the first candle on", () => {
  test.each([
    ["noted", stream],
    ["told", http],
  ] as const)(
    "RS-W27 begins with that candle once it works, however many there are by then (%s)",
    async (_how, policy) => {
      const base = await startSeries();
      const world = await startSeries({ parts: { factor: { ...base.parts.factor, rebuildKeepCandles: 100 } } });
      base.ledgers.beforeStep = boom;
      await world.ingest(candleSeries(minute(0), 300), policy).catch(() => undefined);
      expect(world.heads()).toEqual({ candles: minute(299), factor: null, overlay: null });
      base.ledgers.heal();
      await world.advance(2_000);
      expect(world.store.ledger(SERIES, "factor").head).toMatchObject({ count: 300, origin: null });
      expect(world.heads().overlay).toBe(minute(299));
    },
  );
});

describe("a drawing that is to be forgotten", () => {
  test("stays, and nothing crashes, when that cannot be stored", async () => {
    const { tree, store, heads, ingest, log, failure } = await settledSeries();
    store.before = boom;
    await expect((await tree()).resetOverlay()).rejects.toMatchObject({
      name: "PipelineError",
      detail: `ingest_pipeline_failed:overlay.reset_series:${SERIES}`,
    });
    expect((await failure([candleAt(minute(2))], http)).step).toBe("store.upsert_many_closed");
    store.before = () => undefined;
    await ingest([candleAt(minute(2))], http);
    expect(heads().overlay).toBe(minute(2));
    expect(log.of("actor.crashed")).toEqual([]);
  });
});
