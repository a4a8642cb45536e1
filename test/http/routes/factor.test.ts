import { describe, expect, test } from "vitest";
import { OverlayEngine, STANDARD_RENDERERS } from "../../../src/overlays/engine.js";
import type { Renderer } from "../../../src/overlays/renderer.js";
import { type CandleRow, loadVector } from "../../factors/model/vectors.js";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import type { HealthBody, SlicesBody } from "../../support/ledger-answers.js";
import { tempFolder } from "../../support/temp.js";
import { expectQueryIsChecked } from "../query-checks.js";
import { call, ingestAll } from "../request.js";
import { SERIES, startVectorDaemon, type VectorDaemon } from "../vector-daemon.js";

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const SLICES = "/api/factor/slices";
const HEALTH = "/api/factor/health";

async function slices(daemon: VectorDaemon, at_time: number, window_candles = 2_000): Promise<SlicesBody> {
  return (await daemon.ask(SLICES, { at_time, window_candles })).json as unknown as SlicesBody;
}

describe("catalog", () => {
  test("names the factors in their order, their features, and what shows by default", async () => {
    const { url } = await startTestDaemon();
    const answer = await call(url, "/api/factor/catalog");
    expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
    const factor = (key: string, label: string, ...sub_features: object[]) => {
      return { key, label, default_visible: true, sub_features };
    };
    const feature = (key: string, label: string, default_visible = true) => ({ key, label, default_visible });
    const expected = {
      schema_version: 1,
      factors: [
        factor("pivot", "Pivot", feature("pivot.major", "Major"), feature("pivot.minor", "Minor", false)),
        factor(
          "pen",
          "Pen",
          feature("pen.confirmed", "Confirmed"),
          feature("pen.extending", "Extending"),
          feature("pen.candidate", "Candidate"),
        ),
        factor("zhongshu", "Zhongshu", feature("zhongshu.alive", "Alive"), feature("zhongshu.dead", "Dead")),
        factor(
          "anchor",
          "Anchor",
          feature("anchor.current", "Current"),
          feature("anchor.history", "History"),
          feature("anchor.switch", "Switches"),
        ),
        factor("sr", "SR", feature("sr.active", "Active"), feature("sr.broken", "Broken", false)),
      ],
    };
    expect([answer.status, answer.text]).toEqual([200, JSON.stringify(expected)]);
  });

  test("takes no parameters, and does not mind any", async () => {
    const { url } = await startTestDaemon();
    expect((await call(url, "/api/factor/catalog?series_id=&x=1")).status).toBe(200);
  });
});

describe("slices", () => {
  test("every query parameter is checked", async () => {
    const daemon = await startTestDaemon();
    await expectQueryIsChecked(daemon, SLICES, [
      { name: "at_time", min: 0, required: true },
      { name: "window_candles", min: 1, max: 5_000 },
    ]);
  });

  test("a series without candles, unknown or not even an id, has nothing to show", async () => {
    const { url } = await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_READ_STRICT_MODE: "1" } });
    for (const series of [
      SERIES,
      "binance:spot:NONE/USDT:1m",
      "BTC",
      "a:b:c:1M",
      "a::c:1m",
      'quo"te:b:c:1m',
      "漢:b:c:1d",
    ]) {
      const answer = await call(url, `${SLICES}?series_id=${encodeURIComponent(series)}&at_time=77`);
      expect([answer.status, answer.text], series).toEqual([
        200,
        `{"schema_version":1,"series_id":${JSON.stringify(series)},"at_time":77,"candle_id":null,"factors":[],"snapshots":{}}`,
      ]);
    }
  });

  test("speak of the stored candle at or before the time asked for", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed([
      [100, 1, 2, 0.5, 1.5, 10],
      [163, 1, 2, 0.5, 1.5, 10],
    ]);
    for (const [at_time, aligned] of [
      [100, 100],
      [162, 100],
      [163, 163],
      [Number.MAX_SAFE_INTEGER, 163],
    ] as const) {
      const body = await slices(daemon, at_time);
      expect([body.at_time, body.candle_id]).toEqual([aligned, `${SERIES}:${aligned}`]);
    }
    expect(await slices(daemon, 99)).toMatchObject({ at_time: 99, candle_id: null });
  });

  test("the series id may be encoded or not, and is echoed", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 6));
    const raw = await call(daemon.url, `${SLICES}?series_id=${SERIES}&at_time=360`);
    const encoded = await call(daemon.url, `${SLICES}?series_id=${encodeURIComponent(SERIES)}&at_time=360`);
    expect(raw.text).toBe(encoded.text);
    expect(raw.json.series_id).toBe(SERIES);
  });

  test("are the same text whenever they are asked, before and after reads at other times and of other series", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const ask = async (at_time: number) => (await daemon.ask(SLICES, { at_time })).text;
    const first = await ask(1_500);
    await ask(2_640);
    await ask(300);
    await call(daemon.url, `${SLICES}?series_id=binance:spot:OTHER/USDT:1m&at_time=1500`);
    expect(await ask(1_500)).toBe(first);
  });

  test("a window cuts the history by the time at which things became known, both ends included; heads stay", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feedBatch(candles);
    const whole = await slices(daemon, 2_640);
    expect(whole.factors).toEqual(["pivot", "pen", "zhongshu", "anchor", "sr"]);
    for (const window of [1, 3, 10, 38, 44]) {
      const cut = await slices(daemon, 2_640, window);
      const start = 2_640 - window * 60;
      expect(cut.factors).toEqual(whole.factors);
      for (const name of whole.factors) {
        expect(cut.snapshots[name]?.head).toEqual(whole.snapshots[name]?.head);
        expect(cut.snapshots[name]?.meta).toEqual(whole.snapshots[name]?.meta);
        for (const [bucket, items] of Object.entries(whole.snapshots[name]?.history ?? {})) {
          if (name === "anchor" && bucket === "anchors") continue;
          const inside = items.filter(({ visible_time }) => (visible_time ?? 0) >= start);
          expect(cut.snapshots[name]?.history[bucket], `${bucket} in ${window}`).toEqual(inside);
        }
      }
    }
    // A pivot became known at 360: the window of 38 candles begins there, and holds it.
    expect((await slices(daemon, 2_640, 38)).snapshots.pivot?.history.major?.[0]?.visible_time).toBe(360);
    expect((await slices(daemon, 2_640, 37)).snapshots.pivot?.history.major?.[0]?.visible_time).toBeGreaterThan(360);
  });

  test("a ledger that lags is 409 for strict reads, and only for candles that it has not taken in", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 6));
    await daemon.daemon.app.store.commit({ series: SERIES, upsert: [candleAt(420)] });
    const lagging = await daemon.ask(SLICES, { at_time: 420 });
    expect([lagging.status, lagging.text]).toEqual([409, '{"detail":"ledger_out_of_sync:factor"}']);
    expect((await daemon.ask(SLICES, { at_time: 419 })).status).toBe(200);
  });
});

describe("health", () => {
  const health = async (daemon: VectorDaemon): Promise<HealthBody> => {
    return (await daemon.ask(HEALTH)).json as unknown as HealthBody;
  };
  const storeOnly = async ({ daemon }: VectorDaemon, ...times: number[]): Promise<void> => {
    await daemon.app.store.commit({ series: SERIES, upsert: times.map((time) => candleAt(time)) });
  };

  test("the series id is checked, and must be one", async () => {
    const daemon = await startTestDaemon();
    await expectQueryIsChecked(daemon, HEALTH, []);
    for (const [series, detail] of [
      ["BTC/USDT", "series_id must be '{exchange}:{market}:{symbol}:{timeframe}'"],
      ["a:b::1m", "invalid series_id (empty component)"],
      ["a:b:c:1M", "unsupported timeframe unit: 'M'"],
      ["a:b:c:0d", "invalid timeframe: '0d'"],
    ] as const) {
      const answer = await call(daemon.url, `${HEALTH}?series_id=${encodeURIComponent(series)}`);
      expect([answer.status, answer.json], series).toEqual([400, { detail }]);
    }
  });

  test("gray without candles, green when both ledgers are up to date, member by member", async () => {
    const daemon = await startVectorDaemon();
    const nothing = { seconds: null, candles: null };
    expect((await daemon.ask(HEALTH)).text).toBe(
      text({ heads: [null, null, null], delay: nothing }, "gray", "no_store_head"),
    );
    await daemon.feed(candles.slice(0, 3));
    const none = { seconds: 0, candles: 0 };
    expect((await daemon.ask(HEALTH)).text).toBe(text({ heads: [180, 180, 180], delay: none }, "green", "up_to_date"));
  });

  test("yellow for one candle, red for more", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(candles.slice(0, 3));
    await storeOnly(daemon, 240);
    const one = { seconds: 60, candles: 1 };
    expect((await daemon.ask(HEALTH)).text).toBe(
      text({ heads: [240, 180, 180], delay: one }, "yellow", "lagging_one_candle"),
    );
    await storeOnly(daemon, 301);
    const many = { seconds: 121, candles: 3 };
    expect((await daemon.ask(HEALTH)).text).toBe(
      text({ heads: [301, 180, 180], delay: many }, "red", "lagging_many_candles"),
    );
  });

  test("red while a ledger has no head: never written, switched off, or of other settings", async () => {
    const never = await startVectorDaemon();
    await storeOnly(never, 60);
    expect(await health(never)).toMatchObject({ status: "red", status_reason: "missing_factor_overlay_head" });
    const overlayOff = await startVectorDaemon({ TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" });
    await overlayOff.feed(candles.slice(0, 1));
    expect(await health(overlayOff)).toMatchObject({
      status: "red",
      status_reason: "missing_overlay_head",
      factor_head_time: 60,
    });
    const bothOff = await startVectorDaemon({
      TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0",
      TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0",
    });
    await bothOff.feed(candles.slice(0, 1));
    expect(await health(bothOff)).toMatchObject({ status: "red", status_reason: "missing_factor_overlay_head" });
  });

  test("with the factors switched off there is nothing to draw, so the drawing is not what is missing", async () => {
    const daemon = await startVectorDaemon({ TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" });
    await daemon.feed(candles.slice(0, 2));
    expect(await health(daemon)).toMatchObject({
      status: "red",
      status_reason: "missing_factor_head",
      factor_head_time: null,
      overlay_head_time: 120,
      overlay_delay_seconds: 0,
      max_delay_candles: 0,
    });
  });

  test("a ledger of other settings is not read until it was computed anew, or at all times if that is switched off", async () => {
    const env = { TRADE_CANVAS_DB_PATH: tempFolder() };
    const before = await startVectorDaemon(env);
    await before.feed(candles.slice(0, 10));
    await before.daemon.app.stop();
    const changed = { ...env, TRADE_CANVAS_FACTOR_LOGIC_VERSION: "2" };
    const kept = await startVectorDaemon({ ...changed, TRADE_CANVAS_ENABLE_FACTOR_FINGERPRINT_REBUILD: "0" });
    expect(await health(kept)).toMatchObject({ status: "green", factor_head_time: 600 });
    expect((await kept.ask(SLICES, { at_time: 600 })).status).toBe(200);
    await kept.daemon.app.stop();
    const waiting = await startVectorDaemon(changed);
    expect(await health(waiting)).toMatchObject({ status: "red", status_reason: "missing_factor_overlay_head" });
    expect((await waiting.ask(SLICES, { at_time: 600 })).status).toBe(409);
    await waiting.feed(candles.slice(10, 11));
    expect(await health(waiting)).toMatchObject({ status: "green", factor_head_time: 660, overlay_head_time: 660 });
  });

  test("a drawing of other settings is not read, while the factors are", async () => {
    const env = { TRADE_CANVAS_DB_PATH: tempFolder() };
    const before = await startVectorDaemon(env);
    await before.feed(candles);
    const asItWas = await slices(before, 2_640);
    await before.daemon.app.stop();
    const changed = await startVectorDaemon({ ...env, TRADE_CANVAS_OVERLAY_WINDOW_CANDLES: "100" });
    expect(await health(changed)).toMatchObject({ status: "red", status_reason: "missing_overlay_head" });
    expect(await slices(changed, 2_640)).toEqual(asItWas);
    expect((await changed.ask("/api/draw/delta")).status).toBe(409);
  });

  test("what another drawing has left behind is not taken up by reads of the factors", async () => {
    const env = { TRADE_CANVAS_DB_PATH: tempFolder() };
    const before = await startTestDaemon({ env });
    await ingestAll(before.url, SERIES, [100, 160, 220]);
    await before.app.stop();
    // Its state is not what the stored drawing has.
    const counting: Renderer<{ frames: number }> = {
      name: "counting",
      initial: () => ({ frames: 0 }),
      draw: (state) => {
        state.frames += 1;
      },
      renew: () => undefined,
      live: () => [],
    };
    const engine = new OverlayEngine({ windowCandles: 100, renderers: [...STANDARD_RENDERERS, counting] });
    const daemon = await startTestDaemon({ env, parts: { overlay: { engine, enabled: true } } });
    const answer = await call(daemon.url, `${SLICES}?series_id=${SERIES}&at_time=220`);
    expect([answer.status, answer.json.candle_id]).toEqual([200, `${SERIES}:220`]);
    await ingestAll(daemon.url, SERIES, [280]);
    expect((await call(daemon.url, `/api/frame/live?series_id=${SERIES}`)).status).toBe(200);
  });

  test("health is counted in candles of the series' timeframe", async () => {
    const daemon = await startTestDaemon();
    const series = "binance:spot:BTC/USDT:5m";
    await ingestAll(daemon.url, series, [300]);
    await daemon.app.store.commit({ series, upsert: [candleAt(1_000)] });
    const answer = await call(daemon.url, `${HEALTH}?series_id=${series}`);
    expect(answer.json).toMatchObject({ timeframe_seconds: 300, max_delay_seconds: 700, max_delay_candles: 3 });
  });
});

interface Standing {
  /** Of the store, the factor ledger and the drawing. */
  readonly heads: readonly [number | null, number | null, number | null];
  /** Of both ledgers. */
  readonly delay: { readonly seconds: number | null; readonly candles: number | null };
}

/** The answer to the letter, when both ledgers stand alike. */
function text({ heads: [store, factor, overlay], delay }: Standing, status: string, reason: string): string {
  const delays = ["factor", "overlay", "max"].flatMap((name) => [
    [`${name}_delay_seconds`, delay.seconds],
    [`${name}_delay_candles`, delay.candles],
  ]);
  return JSON.stringify({
    series_id: SERIES,
    timeframe_seconds: 60,
    store_head_time: store,
    factor_head_time: factor,
    overlay_head_time: overlay,
    ...Object.fromEntries(delays),
    status,
    status_reason: reason,
  });
}
