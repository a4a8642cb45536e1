import { describe, expect, test } from "vitest";
import { runPolicies } from "../../../src/actors/ingest/policy.js";
import { storedCloses } from "../../../src/ledger/restore.js";
import { candleAt, candleSeries } from "../../support/candles.js";
import { storedLines } from "../../support/ledger-check.js";
import { tempFolder } from "../../support/temp.js";
import { minute, OTHER, openable, SERIES, startSeries } from "../series/world.js";

const { http, batchPublished, batchSilent, stream, refresh } = runPolicies({
  pipelineV2: true,
  wsPipelinePublish: true,
});

describe("a run", () => {
  test("RS-W1 commits candles, factor head and overlay head together, in one commit", async () => {
    const { ingest, store, heads } = await startSeries();
    await ingest(candleSeries(minute(0), 3), http);
    expect(store.commits).toHaveLength(1);
    expect(store.commits[0]).toMatchObject({
      series: SERIES,
      upsert: candleSeries(minute(0), 3),
      ledgers: { factor: { type: "advanced" }, overlay: { type: "advanced" } },
    });
    expect(heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
    await ingest([candleAt(minute(3))], http);
    expect(store.commits).toHaveLength(2);
    expect(heads()).toEqual({ candles: minute(3), factor: minute(3), overlay: minute(3) });
  });

  test("RS-D1 is answered and published only after its commit is on disk", async () => {
    const { ingest, store, published, settle } = await startSeries();
    const gate = openable();
    store.before = () => gate.promise;
    let answered = false;
    const running = ingest([candleAt(minute(0))], http).then(() => {
      answered = true;
    });
    await settle();
    expect([answered, published.contents]).toEqual([false, []]);
    gate.open();
    await running;
    expect(published.closedTimes()).toEqual([minute(0)]);
  });

  test("RS-D2 whose answer was given is there when the store is opened again", async () => {
    const folder = tempFolder();
    const first = await startSeries({ folder });
    await first.ingest(candleSeries(minute(0), 3), http);
    await first.stop();
    await first.store.close();
    const second = await startSeries({ folder });
    expect(second.stored()).toEqual([0, 1, 2].map(minute));
    expect(second.heads()).toEqual({ candles: minute(2), factor: minute(2), overlay: minute(2) });
  });

  test("RS-D3 is stored whole or not at all, candles and ledgers alike", async () => {
    const { ingest, heads, stored, published } = await startSeries();
    await ingest([candleAt(minute(0))], http);
    const unstorable = { ...candleAt(minute(2)), close: Number.NaN };
    await expect(ingest([candleAt(minute(1)), unstorable, candleAt(minute(3))], http)).rejects.toMatchObject({
      step: "store.upsert_many_closed",
    });
    expect(stored()).toEqual([minute(0)]);
    expect(heads()).toEqual({ candles: minute(0), factor: minute(0), overlay: minute(0) });
    expect(published.closedTimes()).toEqual([minute(0)]);
  });

  test("RS-W2 of one series never interleaves with another; another series does not wait", async () => {
    const { ingest, store, published, settle } = await startSeries();
    const gate = openable();
    store.before = ({ series }) => (series === SERIES ? gate.promise : undefined);
    const runs = [0, 1, 2].map((n) => ingest([candleAt(minute(n))], http));
    await settle();
    expect(store.commits.map(({ upsert }) => upsert?.map(({ time }) => time))).toEqual([[minute(0)]]);
    await ingest([candleAt(minute(0))], http, OTHER);
    gate.open();
    await Promise.all(runs);
    expect(published.closedTimes()).toEqual([minute(0), minute(1), minute(2)]);
    expect(store.commits.filter(({ series }) => series === SERIES)).toHaveLength(3);
  });

  test("RS-W3 takes candles in any order and repeated: ascending, one per time, the last given", async () => {
    const { ingest, stored, store, published } = await startSeries();
    const given = [candleAt(minute(2)), candleAt(minute(0), 1), candleAt(minute(1)), candleAt(minute(0), 2)];
    const result = await ingest(given, batchPublished);
    expect(result.candles).toEqual([candleAt(minute(0), 2), candleAt(minute(1)), candleAt(minute(2))]);
    expect(stored()).toEqual([minute(0), minute(1), minute(2)]);
    expect(published.closed()).toEqual(result.candles);
    await ingest([candleAt(minute(0), 3)], http);
    expect(store.read(SERIES, { limit: 10 }).candles()[0]).toEqual(candleAt(minute(0), 3));
    expect(stored()).toHaveLength(3);
  });

  test("without candles and with level ledgers commits and publishes nothing", async () => {
    const { ingest, store, published } = await startSeries();
    await ingest([candleAt(minute(0))], http);
    const result = await ingest([], refresh);
    expect(store.commits).toHaveLength(1);
    expect(published.of()).toHaveLength(2);
    expect(result).toMatchObject({ candles: [], rebuilt: false });
    expect(result.steps.map(({ name }) => name)).toEqual([
      `factor.ingest_closed:${SERIES}`,
      `overlay.ingest_closed:${SERIES}`,
    ]);
  });

  test("names its steps as its policy wants them, with their durations", async () => {
    const { ingest, advance } = await startSeries();
    await advance(1);
    const withSeries = await ingest([candleAt(minute(0))], http);
    const plain = await ingest(
      [candleAt(minute(1))],
      runPolicies({ pipelineV2: false, wsPipelinePublish: false }).http,
    );
    const names = ["store.upsert_many_closed", "factor.ingest_closed", "overlay.ingest_closed"];
    expect(withSeries.steps.map(({ name }) => name)).toEqual(names.map((name) => `${name}:${SERIES}`));
    expect(plain.steps.map(({ name }) => name)).toEqual(names);
    for (const step of plain.steps) expect(step).toMatchObject({ ok: true, error: null, durationMs: 0 });
  });

  test("publishes a single candle as such and several as a batch, or always a batch, or nothing", async () => {
    const { ingest, published } = await startSeries();
    await ingest([candleAt(minute(0))], http);
    await ingest(candleSeries(minute(1), 2), batchPublished);
    await ingest([candleAt(minute(3))], { ...stream, grouping: "batch" });
    await ingest([candleAt(minute(4))], batchSilent);
    const grouping = published.of().flatMap((content) => (content.type === "closed" ? [content.grouping] : []));
    expect(grouping).toEqual(["single", "batch", "batch"]);
    expect(published.closedTimes()).toEqual([0, 1, 2, 3].map(minute));
  });

  test("tells the debug stream what the ledgers did", async () => {
    const { ingest, debug, parts } = await startSeries();
    await ingest(candleSeries(minute(0), 2), http);
    expect(debug.events()).toMatchObject([
      {
        event: "factor.fingerprint.rebuild",
        series_id: SERIES,
        data: { fingerprint: parts.factor.engine.fingerprint, keep_candles: 2_000, trimmed_rows: 0 },
      },
      {
        event: "write.factor.ingest_done",
        series_id: SERIES,
        data: { up_to_candle_time: minute(1), candles_read: 2, duration_ms: 0 },
      },
      { event: "write.overlay.ingest_done", series_id: SERIES, data: { up_to_candle_time: minute(1) } },
    ]);
  });

  test("tells the debug stream how much was drawn", async () => {
    const { ingest, debug, store, parts } = await startSeries();
    await ingest(candleSeries(minute(0), 60), http);
    const { data } = debug.events().find(({ event }) => event === "write.overlay.ingest_done") ?? { data: {} };
    const engine = parts.factor.engine;
    const fold = engine.begin(60, storedCloses(store, SERIES));
    const picture = parts.overlay.engine.begin(60);
    const lasting = candleSeries(minute(0), 60).flatMap((candle) => picture.draw(fold.step(candle)));
    const drawn = [...lasting, ...picture.live()];
    const ofKind = (kind: string): number => drawn.filter((instruction) => instruction.kind === kind).length;
    const points = drawn.flatMap(({ instruction_id: id, definition }) =>
      id === "pen.confirmed" && definition.type === "polyline" ? definition.points : [],
    );
    expect(data).toEqual({
      up_to_candle_time: minute(59),
      cutoff_time: minute(59) - parts.overlay.engine.windowCandles * 60,
      factor_rows: storedLines(store, SERIES, "factor").length,
      marker_defs: ofKind("marker"),
      pen_points: points.length,
      polyline_defs: ofKind("polyline"),
      db_changes: 1,
      duration_ms: 0,
    });
    expect(ofKind("marker")).toBeGreaterThan(5);
    expect(points.length).toBeGreaterThan(3);
  });
});
